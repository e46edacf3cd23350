//! The processor.

use core::fmt;

use stele_hal::Cpu;

use super::Machine;
use crate::{arch, panic, screen};

impl Cpu for Machine {
    fn id(&self) -> u32 {
        arch::core_id()
    }

    fn count(&self) -> u32 {
        1
    }

    fn wait_for_interrupt(&mut self) {
        screen::show();
        arch::wait_for_interrupt(|| !self.core.is_woken());
        self.core.stay_awake();
    }

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        panic::stop(cause, &arch::capture_registers())
    }
}
