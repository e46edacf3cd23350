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

#[cfg(test)]
mod tests {
    use stele_hal::{Console, Input};

    use super::super::tests::machine;

    #[test]
    fn there_is_input_exactly_when_reading_finds_something() {
        // Standard input of a test may be anything; the two must agree, whatever it is.
        let mut machine = machine();
        for _ in 0..3 {
            let promised = machine.has_input();
            assert_eq!(promised, machine.read() != Input::Empty);
        }
        assert!(!machine.take_interrupt());
        machine.write(b"");
    }
}
