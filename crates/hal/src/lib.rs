//! The hardware abstraction layer: what the system needs of the machine below it.
//!
//! A leaf that depends on nothing and holds no state: traits, and the one data structure that every
//! host needs to implement them ([`TimerQueue`]). The bare-metal kernel and the Linux program implement
//! the same traits, and nothing above this seam knows which it is on.
//!
//! One trait a subject, each with its errors in a file of its own: [`Console`], [`Time`] and
//! [`Timers`], [`Interrupt`], [`Memory`], [`Cpu`], [`Devices`], [`Files`]. [`Outside`] is all that programs reach,
//! [`Hal`] what the arbiter asks for, [`Nobody`] an outside where nothing is.
//! `docs/HAL.md` lists every function with its cost, the contexts that may call it, and what
//! interrupt context must not do.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod console;
mod cpu;
mod devices;
mod files;
mod interrupt;
mod memory;
mod nobody;
mod time;
mod timer_queue;

pub use console::{Console, Input};
pub use cpu::Cpu;
pub use devices::{
    AddressSpace, DeviceError, DeviceRegion, Devices, LONGEST_REGION, Line, MAX_LINES, MAX_REGIONS,
    Mapping, Report, Width,
};
pub use files::{
    Access, FileError, FileKind, Files, LONGEST_NAME, LineRead, MAX_FILES, OpenFile, Opening,
};
pub use interrupt::{Handler, Interrupt, InterruptError, MAX_HANDLERS, Saved};
pub use memory::{Allocation, Memory, MemoryError, Rights, Statistics};
pub use nobody::Nobody;
pub use time::{Action, MAX_TIMERS, SHORTEST_PERIOD_NS, Time, Timer, TimerError, Timers};
pub use timer_queue::TimerQueue;

/// The one door to whatever is outside a VM instance: bytes from and to the console, clocks, devices,
/// files.
///
/// Nothing that a program can see and that its own past does not determine comes to it by another
/// way, so a recorder that wraps an `Outside` and is itself one has every input of a run, and one
/// that plays them back repeats it.
pub trait Outside: Console + Time + Devices + Files {}

impl<T: Console + Time + Devices + Files> Outside for T {}

/// What the arbiter needs of a machine.
pub trait Hal: Outside + Cpu {}

impl<T: Outside + Cpu> Hal for T {}
