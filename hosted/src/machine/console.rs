//! Standard input and output as the console.

use stele_hal::{Console, Input};

use super::LinuxMachine;

impl Console for LinuxMachine {
    fn write(&mut self, bytes: &[u8]) {
        self.output.write(bytes);
    }

    fn read(&mut self) -> Input {
        self.input.next()
    }

    fn has_input(&mut self) -> bool {
        self.input.is_ready()
    }

    fn take_interrupt(&mut self) -> bool {
        let interrupted = self.signals.take_interrupt();
        // The terminal has dropped what was typed ahead of Ctrl-C; so do we.
        if interrupted && self.terminal.is_some() {
            self.input.discard();
        }
        interrupted
    }
}
