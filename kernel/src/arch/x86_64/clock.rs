//! How fast the time-stamp counter runs.
//!
//! The processor says so itself where it can (CPUID 15h); otherwise the counter is compared with a
//! timer of known rate, the ACPI power-management timer or, where there is none, the interval timer
//! that every PC has. All loops are bounded: a timer that stands still is passed over.

use core::arch::x86_64::__cpuid;

use x86_64::instructions::port::Port;

use super::counter;
use crate::{
    acpi::{Fadt, Signature, Tables},
    mm::address_space::DirectMap,
};

/// Length of a measurement as a fraction of a second: 1/500, 2 ms.
const MEASUREMENTS_PER_SECOND: u64 = 500;

/// How often a timer is read before it counts as standing still. A read takes about a microsecond.
const PATIENCE: usize = 1 << 17;

/// Counts per second; 0 if nothing on this machine can tell.
pub(super) fn frequency(rsdp: u64) -> u64 {
    stated_frequency()
        .or_else(|| against(&PowerManagementTimer::find(rsdp)?))
        .or_else(|| against(&IntervalTimer::start()))
        .unwrap_or(0)
}

/// Crystal frequency times ratio, where both are given (Intel SDM volume 2A, CPUID leaf 15h).
fn stated_frequency() -> Option<u64> {
    if __cpuid(0).eax < 0x15 {
        return None;
    }
    let leaf = __cpuid(0x15);
    let crystal = u64::from(leaf.ecx);
    (crystal != 0 && leaf.ebx != 0)
        .then(|| (crystal * u64::from(leaf.ebx)).checked_div(u64::from(leaf.eax)))
        .flatten()
}

/// A timer of known rate.
trait Reference {
    /// Counts per second.
    const RATE: u64;

    /// How far it has run since it was at `since`, in counts.
    fn elapsed(&self, since: u32) -> u64;

    /// Where it is.
    fn read(&self) -> u32;
}

/// The counter's rate, measured against `timer`; nothing if the timer stands still.
fn against<R: Reference>(timer: &R) -> Option<u64> {
    let (first, counter_first) = simultaneous(timer);
    let wanted = R::RATE / MEASUREMENTS_PER_SECOND;
    (0..PATIENCE).find(|_| timer.elapsed(first) >= wanted)?;
    let (last, counter_last) = simultaneous(timer);
    let elapsed = timer.elapsed(first).checked_sub(timer.elapsed(last))?;
    let counted = u128::from(counter_last.checked_sub(counter_first)?);
    (counted * u128::from(R::RATE))
        .checked_div(u128::from(elapsed))?
        .try_into()
        .ok()
}

/// The timer and the counter at the same moment, as nearly as can be: of several readings the one
/// that took the shortest, so that a pause of the emulator in between does not count.
fn simultaneous<R: Reference>(timer: &R) -> (u32, u64) {
    (0..5)
        .map(|_| {
            let before = counter();
            let value = timer.read();
            let after = counter();
            (after.wrapping_sub(before), value, before.midpoint(after))
        })
        .min_by_key(|(took, _, _)| *took)
        .map_or((0, 0), |(_, value, middle)| (value, middle))
}

/// The ACPI power-management timer (ACPI 6.5, 4.8.3.3).
struct PowerManagementTimer {
    port: u16,
    mask: u32,
}

impl PowerManagementTimer {
    fn find(rsdp: u64) -> Option<Self> {
        let tables = Tables::new(&DirectMap, rsdp).ok()?;
        let fadt = Fadt::new(tables.find(Signature::FADT).ok()?);
        Some(Self {
            port: fadt.pm_timer_port()?,
            mask: fadt.pm_timer_mask(),
        })
    }
}

impl Reference for PowerManagementTimer {
    const RATE: u64 = 3_579_545;

    fn read(&self) -> u32 {
        // SAFETY: the firmware says that the timer is there; reading it has no effect.
        unsafe { Port::<u32>::new(self.port).read() & self.mask }
    }

    fn elapsed(&self, since: u32) -> u64 {
        u64::from(self.read().wrapping_sub(since) & self.mask)
    }
}

/// Channel 2 of the interval timer (Intel 8254), which no interrupt hangs on.
struct IntervalTimer;

impl IntervalTimer {
    /// Lets it count down from 65535, once around in 55 ms.
    fn start() -> Self {
        // SAFETY: port 61h: gate of channel 2 open, speaker off; port 43h: channel 2, both bytes,
        // mode 2, binary; port 42h: the start value 0, which means 65536.
        unsafe {
            let mut gate = Port::<u8>::new(0x61);
            let state = gate.read();
            gate.write((state & !0x02) | 0x01);
            Port::<u8>::new(0x43).write(0xB4);
            let mut channel = Port::<u8>::new(0x42);
            channel.write(0);
            channel.write(0);
        }
        Self
    }
}

impl Reference for IntervalTimer {
    const RATE: u64 = 1_193_182;

    fn read(&self) -> u32 {
        // SAFETY: latches the count of channel 2 and reads it, low byte first.
        unsafe {
            Port::<u8>::new(0x43).write(0x80);
            let mut channel = Port::<u8>::new(0x42);
            let low = channel.read();
            u32::from(u16::from_le_bytes([low, channel.read()]))
        }
    }

    fn elapsed(&self, since: u32) -> u64 {
        // It counts down.
        u64::from(since.wrapping_sub(self.read()) & 0xFFFF)
    }
}
