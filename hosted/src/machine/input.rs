//! Standard input, read in large pieces and never waited for.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use stele_hal::Input;

/// Bytes that are read at once.
const CAPACITY: usize = 64 << 10;

/// Standard input.
pub(super) struct InputBuffer {
    bytes: Vec<u8>,
    /// Bytes of `bytes` already taken.
    taken: usize,
    closed: bool,
}

impl InputBuffer {
    /// Standard input with nothing read.
    pub(super) fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(CAPACITY),
            taken: 0,
            closed: false,
        }
    }

    /// Takes the next byte if there is one.
    pub(super) fn next(&mut self) -> Input {
        self.look();
        match self.bytes.get(self.taken) {
            Some(byte) => {
                self.taken += 1;
                Input::Byte(*byte)
            }
            None if self.closed => Input::Closed,
            None => Input::Empty,
        }
    }

    /// True if [`next`](Self::next) would answer a byte, or that there is no more.
    pub(super) fn is_ready(&mut self) -> bool {
        self.look();
        self.closed || self.taken < self.bytes.len()
    }

    /// Reads more if all has been taken.
    fn look(&mut self) {
        if self.taken == self.bytes.len() && !self.closed {
            self.fill();
        }
    }

    /// Forgets what was read and not yet taken.
    pub(super) fn discard(&mut self) {
        self.taken = self.bytes.len();
    }

    /// True when nothing more can be read.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Reads what is there.
    fn fill(&mut self) {
        self.bytes.clear();
        self.taken = 0;
        let stdin = io::stdin();
        let stdin = stdin.as_fd();
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        if !matches!(poll(&mut ready, Some(&Timespec::default())), Ok(1..)) {
            return;
        }
        match rustix::io::read(stdin, rustix::buffer::spare_capacity(&mut self.bytes)) {
            // Nothing although there is something to read: the end.
            Ok(0) => self.closed = true,
            Ok(_) | Err(Errno::INTR | Errno::AGAIN) => {}
            // A terminal that has gone away is at its end.
            Err(_) => self.closed = true,
        }
    }
}
