//! Linux as the machine that the system sees: the traits of [`stele_hal`], a file each.
//!
//! Read [`console`] with [`input`] and [`output`], [`clock`], [`interrupt`], [`memory`], [`cpu`],
//! [`devices`], [`files`] with [`open_file`].

mod clock;
mod console;
mod cpu;
mod devices;
mod files;
mod input;
mod interrupt;
mod memory;
mod open_file;
mod output;

use std::sync::Arc;
use std::time::Instant;

use crate::failure::Failure;
use crate::reach::Reach;
use crate::signals::Signals;
use crate::size::MemorySize;
use crate::terminal::Terminal;
use files::FileTable;
use input::InputBuffer;
use memory::HandedOut;
use output::Output;
use stele_hal::TimerQueue;

/// Linux as the system's machine.
pub(crate) struct LinuxMachine {
    input: InputBuffer,
    output: Output,
    signals: Signals,
    /// Where a person types the input, if one does.
    terminal: Option<Arc<Terminal>>,
    /// What the system's region was asked to be.
    memory: MemorySize,
    started: Instant,
    timers: TimerQueue,
    interrupts_enabled: bool,
    in_interrupt: bool,
    handed_out: HandedOut,
    files: FileTable,
}

impl LinuxMachine {
    /// The machine of a process that is told of its signals by `signals`; `terminal` is standard
    /// input's, if it is one. The system has `memory`, and the files within `reach`.
    pub(crate) fn new(
        signals: Signals,
        terminal: Option<Arc<Terminal>>,
        memory: MemorySize,
        reach: Reach,
    ) -> Self {
        Self {
            input: InputBuffer::new(),
            output: Output::new(),
            signals,
            terminal,
            memory,
            started: Instant::now(),
            timers: TimerQueue::new(),
            interrupts_enabled: true,
            in_interrupt: false,
            handed_out: HandedOut::default(),
            files: FileTable::new(reach),
        }
    }

    /// What is to be done now and then while the program computes.
    ///
    /// # Errors
    /// [`Failure::Write`] if output could not be written since the last call.
    pub(crate) fn between_turns(&mut self) -> Result<(), Failure> {
        self.output.flush_if_due();
        self.run_timers();
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

    fn check(&mut self) -> Result<(), Failure> {
        self.output
            .take_failure()
            .map_or(Ok(()), |error| Err(Failure::Write(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::LinuxMachine;
    use crate::reach::Reach;
    use crate::signals::Signals;

    /// A machine without a terminal.
    pub(super) fn machine() -> LinuxMachine {
        let signals = Signals::listen(None).expect("Linux allows it");
        let size = "16M".parse().expect("it is a size");
        LinuxMachine::new(signals, None, size, Reach::Everything)
    }
}
