//! Timers of known rate. A timer that is not there, or stands still, is not offered.

use x86_64::instructions::port::Port;

use crate::{
    acpi::{self, Fadt, Signature, Tables},
    mm::address_space::{DirectMap, Memory},
    time::Scale,
};

/// A timer that counts up at a known rate.
pub(super) trait Timer {
    /// What a count is.
    fn scale(&self) -> Scale;

    /// The bits it counts in.
    fn mask(&self) -> u32;

    /// Where it is.
    fn read(&self) -> u32;
}

/// A timer that a clock can follow.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reference {
    Hpet(Hpet),
    PmTimer(PowerManagementTimer),
}

impl Reference {
    /// Its name on the command line.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Hpet(_) => "hpet",
            Self::PmTimer(_) => "pm-timer",
        }
    }
}

impl Timer for Reference {
    fn scale(&self) -> Scale {
        match self {
            Self::Hpet(timer) => timer.scale(),
            Self::PmTimer(timer) => timer.scale(),
        }
    }

    fn mask(&self) -> u32 {
        match self {
            Self::Hpet(timer) => timer.mask(),
            Self::PmTimer(timer) => timer.mask(),
        }
    }

    fn read(&self) -> u32 {
        match self {
            Self::Hpet(timer) => timer.read(),
            Self::PmTimer(timer) => timer.read(),
        }
    }
}

/// True if the timer moves.
fn runs(timer: &impl Timer) -> bool {
    /// A count of the slowest of these timers takes 0.84 us, and a read hardly less.
    const PATIENCE: usize = 10_000;
    let first = timer.read();
    (0..PATIENCE).any(|_| timer.read() != first)
}

/// The high precision event timer (IA-PC HPET specification 1.0a, 2.3). Of its counter only the low
/// half is read: two reads for the whole could miss a carry, and one of 64 bits is not possible on
/// every machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hpet {
    /// Where the registers are mapped.
    registers: *const u32,
    scale: Scale,
}

// SAFETY: the registers are mapped for good, and reading the counter has no effect.
unsafe impl Send for Hpet {}
// SAFETY: likewise.
unsafe impl Sync for Hpet {}

impl Hpet {
    /// Register offsets, in words of 32 bits.
    const PERIOD: usize = 1;
    const CONFIGURATION: usize = 4;
    const COUNTER: usize = 0xF0 / 4;

    /// Configuration: count.
    const ENABLE: u32 = 1 << 0;
    /// Configuration: replace the interrupts of the interval timer and the real-time clock.
    const LEGACY: u32 = 1 << 1;

    /// The longest period the specification allows, in femtoseconds.
    const LONGEST_PERIOD: u32 = 100_000_000;

    /// Maps the timer's registers and lets it count.
    pub(super) fn find(rsdp: u64, memory: &mut Memory) -> Option<Self> {
        let tables = Tables::new(&DirectMap, rsdp).ok()?;
        let table = acpi::Hpet::new(tables.find(Signature::HPET).ok()?);
        let registers = memory
            .map_device(table.address()?, 1024)
            .ok()?
            .cast::<u32>();
        // SAFETY: the firmware says that the timer is there, and its registers are mapped; reading
        // these has no effect.
        let (period, state) = unsafe {
            (
                registers.add(Self::PERIOD).read_volatile(),
                registers.add(Self::CONFIGURATION).read_volatile(),
            )
        };
        if !(1..=Self::LONGEST_PERIOD).contains(&period) {
            return None;
        }
        // SAFETY: the timer counts from now on and raises no interrupt of its own accord: its
        // comparators stay as they are, and every line of the interrupt controllers is masked.
        unsafe {
            registers
                .add(Self::CONFIGURATION)
                .write_volatile((state & !Self::LEGACY) | Self::ENABLE);
        }
        let timer = Self {
            registers,
            scale: Scale::of_period_fs(period),
        };
        runs(&timer).then_some(timer)
    }
}

impl Timer for Hpet {
    fn scale(&self) -> Scale {
        self.scale
    }

    fn mask(&self) -> u32 {
        u32::MAX
    }

    fn read(&self) -> u32 {
        // SAFETY: `find` mapped the registers for good; reading the counter has no effect.
        unsafe { self.registers.add(Self::COUNTER).read_volatile() }
    }
}

/// The ACPI power-management timer (ACPI 6.5, 4.8.3.3).
#[derive(Clone, Copy, Debug)]
pub(super) struct PowerManagementTimer {
    port: u16,
    mask: u32,
}

impl PowerManagementTimer {
    const RATE: u64 = 3_579_545;

    pub(super) fn find(rsdp: u64) -> Option<Self> {
        let tables = Tables::new(&DirectMap, rsdp).ok()?;
        let fadt = Fadt::new(tables.find(Signature::FADT).ok()?);
        let timer = Self {
            port: fadt.pm_timer_port()?,
            mask: fadt.pm_timer_mask(),
        };
        runs(&timer).then_some(timer)
    }
}

impl Timer for PowerManagementTimer {
    fn scale(&self) -> Scale {
        Scale::of_frequency(Self::RATE)
    }

    fn mask(&self) -> u32 {
        self.mask
    }

    fn read(&self) -> u32 {
        // SAFETY: the firmware says that the timer is there; reading it has no effect.
        unsafe { Port::<u32>::new(self.port).read() & self.mask }
    }
}

/// Channel 2 of the interval timer (Intel 8254), which no interrupt hangs on.
#[derive(Debug)]
pub(super) struct IntervalTimer;

impl IntervalTimer {
    const RATE: u64 = 1_193_182;

    /// Lets it count down from 65535, once around in 55 ms.
    pub(super) fn start() -> Self {
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

impl Timer for IntervalTimer {
    fn scale(&self) -> Scale {
        Scale::of_frequency(Self::RATE)
    }

    fn mask(&self) -> u32 {
        0xFFFF
    }

    fn read(&self) -> u32 {
        // SAFETY: latches the count of channel 2 and reads it, low byte first.
        let count = unsafe {
            Port::<u8>::new(0x43).write(0x80);
            let mut channel = Port::<u8>::new(0x42);
            let low = channel.read();
            u16::from_le_bytes([low, channel.read()])
        };
        // It counts down.
        u32::from(count.wrapping_neg())
    }
}
