//! The hardware abstraction layer: what the arbiter needs of the machine below it.
//!
//! Traits only, and a leaf: this crate depends on nothing and holds no state. The bare-metal kernel
//! and the Linux program implement the same traits, and nothing above this seam knows which it is on.
//!
//! Three subjects, one trait each: [`Console`], [`Time`], [`Cpu`]; [`Hal`] is all of them together.
#![no_std]
#![forbid(unsafe_code)]

/// The byte stream a person (or a pipe) sits at.
///
/// Bytes are UTF-8 by convention, but any byte may pass in either direction.
pub trait Console {
    /// Writes all of `bytes`, waiting for the device where it must.
    ///
    /// A device that has gone away swallows the bytes: output is never an error to a program.
    fn write(&mut self, bytes: &[u8]);

    /// Takes the next byte of input if one is there; never waits.
    fn read(&mut self) -> Input;

    /// True once for each time the user asked to interrupt (Ctrl-C) since the last call.
    ///
    /// The request travels outside the byte stream, so it is seen even when nobody reads input.
    fn take_interrupt(&mut self) -> bool;
}

/// What [`Console::read`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One byte.
    Byte(u8),
    /// Nothing yet; more may come.
    Empty,
    /// The stream has ended and nothing will ever come.
    Closed,
}

/// The machine's clocks.
pub trait Time {
    /// Nanoseconds since the system was entered; never decreases, and does not overflow for 580 years.
    fn now_ns(&self) -> u64;
}

/// The processor this code runs on.
pub trait Cpu {
    /// Sleeps until an interrupt or new input may have changed something; may return early.
    fn wait_for_interrupt(&mut self);
}

/// All of the machine.
pub trait Hal: Console + Time + Cpu {}

impl<T: Console + Time + Cpu> Hal for T {}
