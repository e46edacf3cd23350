//! The clock and the timers.

use stele_hal::{Action, Time, Timer, TimerError, Timers};

use super::Machine;
use crate::time::timers;

impl Time for Machine {
    fn now_ns(&self) -> u64 {
        timers::now_ns(self.core)
    }
}

impl Timers for Machine {
    fn start_periodic(&mut self, period_ns: u64, action: Action) -> Result<Timer, TimerError> {
        timers::start_periodic(self.core, period_ns, action)
    }

    fn start_one_shot(&mut self, delay_ns: u64, action: Action) -> Result<Timer, TimerError> {
        timers::start_one_shot(self.core, delay_ns, action)
    }

    fn cancel(&mut self, timer: Timer) -> Result<(), TimerError> {
        timers::cancel(self.core, timer)
    }
}
