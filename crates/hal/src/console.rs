//! The byte stream a person (or a pipe) sits at.

/// Input and output of bytes.
///
/// Bytes are UTF-8 by convention, but any byte may pass in either direction.
pub trait Console {
    /// Writes all of `bytes`, waiting for the device where it must.
    ///
    /// A device that has gone away swallows the bytes: output is never an error to a program.
    fn write(&mut self, bytes: &[u8]);

    /// Takes the next byte of input if one is there; never waits.
    fn read(&mut self) -> Input;

    /// True if [`read`](Self::read) would find something now: a byte, or the end of the stream.
    fn has_input(&mut self) -> bool;

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
