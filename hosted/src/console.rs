//! The machine that the system sees: standard input and output, and a clock.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, poll};
use stele_hal::{Console, Cpu, Input, Time};

use crate::failure::Failure;
use crate::input::InputBuffer;
use crate::output::Output;
use crate::signals::Signals;
use crate::size::MemorySize;

/// Linux as the system's machine.
pub(crate) struct LinuxConsole {
    input: InputBuffer,
    output: Output,
    signals: Signals,
    /// Whether a person types the input.
    typed: bool,
    /// What the system's region was asked to be.
    memory: MemorySize,
    started: Instant,
}

impl LinuxConsole {
    /// The console of a process that is told of its signals by `signals`; `typed` if standard
    /// input is a terminal. The system has `memory`.
    pub(crate) fn new(signals: Signals, typed: bool, memory: MemorySize) -> Self {
        Self {
            input: InputBuffer::new(),
            output: Output::new(),
            signals,
            typed,
            memory,
            started: Instant::now(),
        }
    }

    /// What is to be done now and then while the program computes.
    ///
    /// # Errors
    /// [`Failure::Write`] if output could not be written since the last call.
    pub(crate) fn between_turns(&mut self) -> Result<(), Failure> {
        self.output.flush_if_due();
        self.check()
    }

    /// Writes what is left, ending the last line on a terminal.
    ///
    /// # Errors
    /// [`Failure::Write`] if it cannot be written.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.output.finish();
        self.check()
    }

    /// How much memory the system has.
    pub(crate) fn memory(&self) -> MemorySize {
        self.memory
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.output
            .take_failure()
            .map_or(Ok(()), |error| Err(Failure::Write(error)))
    }
}

impl Console for LinuxConsole {
    fn write(&mut self, bytes: &[u8]) {
        self.output.write(bytes);
    }

    fn read(&mut self) -> Input {
        self.input.next()
    }

    fn take_interrupt(&mut self) -> bool {
        let interrupted = self.signals.take_interrupt();
        // The terminal has dropped what was typed ahead of Ctrl-C; so do we.
        if interrupted && self.typed {
            self.input.discard();
        }
        interrupted
    }
}

impl Time for LinuxConsole {
    fn now_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Cpu for LinuxConsole {
    fn wait_for_interrupt(&mut self) {
        self.output.flush();
        let stdin = io::stdin();
        let mut events = vec![PollFd::new(self.signals.wake(), PollFlags::IN)];
        if !self.input.is_closed() {
            events.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
        }
        // An error is at most an interruption by a signal: the caller looks again in any case.
        let _ = poll(&mut events, None);
        self.signals.clear_wake();
    }
}
