//! Devices on Linux: none to offer, but the system's clock, and a line or two about the machine.

use std::fmt;
use std::num::NonZero;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use stele_hal::{DeviceError, Devices, Report, Time};

use super::LinuxMachine;

impl Devices for LinuxMachine {
    fn wall_clock_ns(&mut self) -> Result<u64, DeviceError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        since
            .and_then(|since| u64::try_from(since.as_nanos()).ok())
            .ok_or(DeviceError::TimeUnknown)
    }

    fn report(&mut self, report: Report, number: u64, out: &mut dyn fmt::Write) -> bool {
        if number > 0 {
            return false;
        }
        let written = match report {
            Report::Devices => out.write_str("a Linux program: no devices to offer"),
            Report::MemoryMap => write!(out, "{} of memory from Linux", self.memory),
            Report::Cpus => {
                let count = thread::available_parallelism().map_or(1, NonZero::get);
                write!(out, "{count} from Linux, 1 of them runs the system")
            }
            Report::Machine => write!(out, "up for {} ms", self.now_ns() / 1_000_000),
        };
        written.is_ok()
    }
}
