//! The processor.

use core::fmt;

use stele_hal::{Action, Cpu};

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

    fn wait_until(&mut self, due_ns: u64) {
        let wait = due_ns.saturating_sub(timers::now_ns(self.core));
        if wait == 0 {
            return;
        }
        screen::show();
        let nothing = Action {
            function: |_| {},
            argument: 0,
        };
        // Where no timer is free the next tick ends the sleep.
        let timer = timers::start_one_shot(self.core, wait, nothing);
        timers::sleep(self.core);
        if let Ok(timer) = timer {
            // It is not there any more if it has fired.
            let _ = timers::cancel(self.core, timer);
        }
    }

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        panic::stop_for_program(cause, &arch::capture_registers())
    }
}
