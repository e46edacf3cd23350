//! The processor.

use core::fmt;

use stele_hal::Cpu;

use super::Machine;
use crate::{arch, panic, screen, time::timers};

impl Cpu for Machine {
    fn id(&self) -> u32 {
        arch::core_id()
    }

    fn count(&self) -> u32 {
        1
    }

    fn wait_for_interrupt(&mut self) {
        screen::show();
        timers::sleep(self.core);
    }

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        panic::stop_for_program(cause, &arch::capture_registers())
    }
}
