//! The clock.

use stele_hal::Time;

use super::Machine;
use crate::arch;

impl Time for Machine {
    fn now_ns(&self) -> u64 {
        self.core.clock.nanoseconds(arch::counter())
    }
}
