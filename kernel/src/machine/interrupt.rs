//! Interrupts.

use stele_hal::{Handler, Interrupt, InterruptError, Saved};

use super::Machine;
use crate::{
    arch,
    context::{Act, assert_allowed},
    interrupts,
};

impl Interrupt for Machine {
    fn enable(&mut self) {
        assert_allowed(Act::EnableInterrupts);
        arch::enable_interrupts();
    }

    fn disable(&mut self) -> Saved {
        let enabled = arch::interrupts_enabled();
        arch::disable_interrupts();
        Saved { enabled }
    }

    fn restore(&mut self, saved: Saved) {
        if saved.enabled {
            self.enable();
        }
    }

    fn in_interrupt_context(&self) -> bool {
        self.core.in_interrupt()
    }

    fn register(&mut self, number: u32, handler: Handler) -> Result<(), InterruptError> {
        interrupts::register(self.core, number, handler)
    }

    fn unregister(&mut self, number: u32) -> Result<(), InterruptError> {
        interrupts::unregister(self.core, number)
    }

    fn mask(&mut self, number: u32) -> Result<(), InterruptError> {
        interrupts::mask(self.core, number)
    }

    fn unmask(&mut self, number: u32) -> Result<(), InterruptError> {
        interrupts::unmask(self.core, number)
    }
}
