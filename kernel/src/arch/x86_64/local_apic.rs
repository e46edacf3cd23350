//! This core's interrupt controller, the local APIC (Intel SDM volume 3A, chapter 10).
//!
//! It is reached through model-specific registers where the processor can (x2APIC mode), otherwise
//! through memory. (The `x2apic` crate would have to keep its register addresses somewhere; here they
//! follow from one model-specific register, so handlers need no state.)

use core::{arch::x86_64::__cpuid, ptr, sync::atomic::Ordering};

use stele_bootinfo::PHYSICAL_MAP;
use x86_64::registers::model_specific::Msr;

use super::interrupts::SPURIOUS;
use crate::{
    mm::address_space::Memory,
    per_core::PerCore,
    time::{
        Scale,
        timers::{now_ns, sample},
    },
};

/// Registers, by their number in x2APIC mode; in memory they are 16 bytes apart.
#[derive(Clone, Copy)]
enum Register {
    Id = 0x02,
    TaskPriority = 0x08,
    EndOfInterrupt = 0x0B,
    SpuriousVector = 0x0F,
    /// The first of eight, 32 vectors each.
    InService = 0x10,
    InterruptCommand = 0x30,
    TimerVector = 0x32,
    LocalInterrupt0 = 0x35,
    LocalInterrupt1 = 0x36,
    ErrorVector = 0x37,
    TimerInitial = 0x38,
    TimerCurrent = 0x39,
    TimerDivide = 0x3E,
}

const APIC_BASE: u32 = 0x1B;
const APIC_BASE_ENABLE: u64 = 1 << 11;
const APIC_BASE_X2: u64 = 1 << 10;
const APIC_BASE_ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;
const FIRST_X2_REGISTER: u32 = 0x800;

const SOFTWARE_ENABLE: u32 = 1 << 8;
const MASKED: u32 = 1 << 16;
const NON_MASKABLE: u32 = 4 << 8;
const DIVIDE_BY_16: u32 = 0b0011;

/// How long the timer is measured against the clock, in nanoseconds.
const MEASUREMENT: u64 = 1_000_000;

/// The local APIC of the core this runs on.
#[derive(Clone, Copy, Debug)]
pub(super) enum LocalApic {
    /// Registers in memory, from this physical address on.
    Memory(u64),
    /// Model-specific registers.
    X2,
}

impl LocalApic {
    /// The one of this core, in the mode it is in.
    pub(super) fn current() -> Self {
        // SAFETY: every x86-64 processor has this register; reading it has no effect.
        let base = unsafe { Msr::new(APIC_BASE).read() };
        if base & APIC_BASE_X2 != 0 {
            Self::X2
        } else {
            Self::Memory(base & APIC_BASE_ADDRESS)
        }
    }

    /// Turns it on with every local interrupt masked but the non-maskable one, so that interrupts of
    /// other controllers can be delivered. Returns nothing if there is no memory for its mapping.
    pub(super) fn enable(memory: &mut Memory) -> Option<Self> {
        let mut register = Msr::new(APIC_BASE);
        // SAFETY: sets the global enable bit, then, where the processor has it, x2APIC mode, in the
        // order that is allowed (Intel SDM volume 3A, 10.12.5); nothing uses the APIC yet.
        unsafe {
            let base = register.read() | APIC_BASE_ENABLE;
            register.write(base);
            if __cpuid(1).ecx & (1 << 21) != 0 {
                register.write(base | APIC_BASE_X2);
            }
        }
        let apic = Self::current();
        if let Self::Memory(base) = apic {
            memory.map_device(base, 4096).ok()?;
        }
        apic.write(Register::TimerVector, MASKED);
        apic.write(Register::LocalInterrupt0, MASKED);
        apic.write(Register::LocalInterrupt1, NON_MASKABLE);
        apic.write(Register::ErrorVector, MASKED);
        apic.write(Register::TaskPriority, 0);
        apic.write(
            Register::SpuriousVector,
            SOFTWARE_ENABLE | u32::from(SPURIOUS),
        );
        Some(apic)
    }

    /// Its number, by which other controllers address it.
    pub(super) fn id(self) -> u32 {
        let id = self.read(Register::Id);
        match self {
            Self::Memory(_) => id >> 24,
            Self::X2 => id,
        }
    }

    /// The interrupt being served is done.
    pub(super) fn end_of_interrupt(self) {
        self.write(Register::EndOfInterrupt, 0);
    }

    /// True while the interrupt with this vector has been delivered and not ended.
    pub(super) fn in_service(self, vector: u8) -> bool {
        let word = self.read_nth(Register::InService, u32::from(vector / 32));
        word & (1 << (vector % 32)) != 0
    }

    /// Sends this core the interrupt with this vector.
    pub(super) fn interrupt_self(self, vector: u8) {
        const TO_SELF: u32 = 0b01 << 18;
        self.write(Register::InterruptCommand, TO_SELF | u32::from(vector));
    }

    /// Has the timer interrupt as `vector`.
    pub(super) fn connect_timer(self, vector: u8) {
        self.write(Register::TimerVector, u32::from(vector));
    }

    /// Holds the timer's interrupt back, or lets it come.
    pub(super) fn set_timer_masked(self, masked: bool) {
        let entry = self.read(Register::TimerVector) & !MASKED;
        self.write(Register::TimerVector, entry | (u32::from(masked) * MASKED));
    }

    /// Measures how fast the timer counts against the core's clock: counts per second; nothing if
    /// either stands still.
    pub(super) fn timer_frequency(self, core: &PerCore) -> Option<u64> {
        let entry = self.read(Register::TimerVector);
        self.write(Register::TimerVector, entry | MASKED);
        self.write(Register::TimerDivide, DIVIDE_BY_16);
        self.write(Register::TimerInitial, u32::MAX);
        let (first, start) = self.simultaneous(core);
        // A clock at 10 GHz that is read once per cycle would still pass the time in this many steps.
        (0..10_000_000).find(|_| now_ns(core) - start >= MEASUREMENT)?;
        let (last, end) = self.simultaneous(core);
        self.write(Register::TimerInitial, 0);
        self.write(Register::TimerVector, entry);
        // It counts down.
        let counted = u64::from(first.wrapping_sub(last));
        let frequency = u128::from(counted) * 1_000_000_000 / u128::from(end - start);
        u64::try_from(frequency).ok().filter(|rate| *rate > 0)
    }

    /// The timer's count and the time at the same moment, as nearly as can be.
    fn simultaneous(self, core: &PerCore) -> (u32, u64) {
        // The clock is at its most exact right after it was compared.
        sample(core);
        (0..5)
            .map(|_| {
                let before = now_ns(core);
                let count = self.read(Register::TimerCurrent);
                let after = now_ns(core);
                (after - before, count, before.midpoint(after))
            })
            .min_by_key(|(took, _, _)| *took)
            .map_or((0, 0), |(_, count, middle)| (count, middle))
    }

    fn read(self, register: Register) -> u32 {
        self.read_nth(register, 0)
    }

    /// Reads the register that is `offset` after `register`, and part of it.
    fn read_nth(self, register: Register, offset: u32) -> u32 {
        let number = register as u32 + offset;
        match self {
            // SAFETY: `enable` mapped the registers; none of those in `Register` has an effect when
            // read.
            Self::Memory(base) => unsafe { address(base, number).read_volatile() },
            // SAFETY: in x2APIC mode these registers exist.
            Self::X2 => unsafe { Msr::new(FIRST_X2_REGISTER + number).read() as u32 },
        }
    }

    fn write(self, register: Register, value: u32) {
        match self {
            // SAFETY: `enable` mapped the registers; the values are those that its methods choose.
            Self::Memory(base) => unsafe { address(base, register as u32).write_volatile(value) },
            // SAFETY: in x2APIC mode these registers exist.
            Self::X2 => unsafe {
                Msr::new(FIRST_X2_REGISTER + register as u32).write(u64::from(value));
            },
        }
    }
}

/// Has the timer interrupt once, `wait_ns` nanoseconds from now, or earlier if it cannot wait so long.
pub fn set_timer(core: &PerCore, wait_ns: u64) {
    let scale = Scale::of_frequency(core.timer_frequency.load(Ordering::Relaxed));
    let counts = u32::try_from(scale.counts(wait_ns)).unwrap_or(u32::MAX);
    LocalApic::current().write(Register::TimerInitial, counts);
}

fn address(base: u64, number: u32) -> *mut u32 {
    ptr::with_exposed_provenance_mut((PHYSICAL_MAP + base + u64::from(number) * 16) as usize)
}
