//! Interrupts, of which there are none but the timers': a Linux program has no devices.

use stele_hal::{Handler, Interrupt, InterruptError, Saved};

use super::LinuxMachine;

impl Interrupt for LinuxMachine {
    fn enable(&mut self) {
        debug_assert!(!self.in_interrupt, "a timer's action cannot get here");
        self.interrupts_enabled = true;
        self.run_timers();
    }

    fn disable(&mut self) -> Saved {
        let enabled = std::mem::replace(&mut self.interrupts_enabled, false);
        Saved { enabled }
    }

    fn restore(&mut self, saved: Saved) {
        if saved.enabled {
            self.enable();
        }
    }

    fn in_interrupt_context(&self) -> bool {
        self.in_interrupt
    }

    fn register(&mut self, number: u32, _handler: Handler) -> Result<(), InterruptError> {
        Err(InterruptError::NoSuchInterrupt(number))
    }

    fn unregister(&mut self, number: u32) -> Result<(), InterruptError> {
        Err(InterruptError::NotRegistered(number))
    }

    fn mask(&mut self, number: u32) -> Result<(), InterruptError> {
        Err(InterruptError::NotRegistered(number))
    }

    fn unmask(&mut self, number: u32) -> Result<(), InterruptError> {
        Err(InterruptError::NotRegistered(number))
    }
}

#[cfg(test)]
mod tests {
    use stele_hal::{Interrupt, InterruptError};

    use super::super::tests::machine;

    #[test]
    fn every_interrupt_is_refused_by_number() {
        let mut machine = machine();
        assert_eq!(
            machine.register(4, |_| ()),
            Err(InterruptError::NoSuchInterrupt(4))
        );
        let unknown = Err(InterruptError::NotRegistered(4));
        assert_eq!(machine.unregister(4), unknown);
        assert_eq!(machine.mask(4), unknown);
        assert_eq!(machine.unmask(4), unknown);
    }

    #[test]
    fn enabling_twice_is_enabling_once() {
        let mut machine = machine();
        machine.enable();
        machine.enable();
        assert!(machine.disable().enabled);
        assert!(!machine.in_interrupt_context());
    }
}
