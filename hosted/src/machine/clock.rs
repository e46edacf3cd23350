//! The clock.

use stele_hal::Time;

use super::LinuxMachine;

impl Time for LinuxMachine {
    fn now_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
