//! Which clock the machine has.
//!
//! The time-stamp counter is cheap to read and of constant rate if the processor says so; then it is
//! all that is needed, once it is known how fast it runs. Otherwise a device is the clock and the
//! counter only goes on from one comparison to the next (`time::clock`): the HPET, or else the ACPI
//! power-management timer. Early in the boot, before device registers can be mapped, the counter
//! alone is the clock.
//!
//! Read on in `reference.rs`: the timers of known rate.

mod reference;

use core::arch::x86_64::__cpuid;

use spin::Once;

use self::reference::{Hpet, IntervalTimer, PowerManagementTimer, Reference, Timer};
use super::counter;
use crate::{
    command_line::ClockSource, console::note, mm::address_space::Memory, per_core::PerCore,
};

/// How long the counter is measured when that is all that will ever be known of it: 20 ms. The error
/// is that of reading both at the same moment, under a microsecond: 50 millionths.
const THOROUGH_NS: u64 = 20_000_000;

/// How long it is measured when a reference corrects it later.
const QUICK_NS: u64 = 2_000_000;

/// What the clock follows. A static because there is one in the machine and interrupt handlers read
/// it; nothing is in it if the counter alone is the clock.
static FOLLOWED: Once<Reference> = Once::new();

/// Counts per second of the time-stamp counter, found quickly; 0 if nothing that needs no mapping can
/// tell.
pub(super) fn frequency(rsdp: u64) -> u64 {
    stated_frequency()
        .or_else(|| measure(&PowerManagementTimer::find(rsdp)?, QUICK_NS))
        .or_else(|| measure(&IntervalTimer::start(), QUICK_NS))
        .unwrap_or(0)
}

/// Chooses the clock: what `wish` names if the machine has it, otherwise the best it has. Returns its
/// name.
pub fn choose_clock(
    core: &PerCore,
    memory: &mut Memory,
    rsdp: u64,
    wish: Option<ClockSource>,
) -> &'static str {
    let hpet = Hpet::find(rsdp, memory).map(Reference::Hpet);
    let pm_timer = || PowerManagementTimer::find(rsdp).map(Reference::PmTimer);
    let wished = match wish {
        Some(ClockSource::Hpet) => hpet,
        Some(ClockSource::PmTimer) => pm_timer(),
        Some(ClockSource::Tsc) | None => None,
    };
    let best = || hpet.or_else(pm_timer);
    if let (Some(wish), None) = (wish, wished)
        && wish != ClockSource::Tsc
    {
        note(
            core,
            format_args!("clock={wish}: this machine has no such timer that works"),
        );
    }
    if let Some(reference) = wished {
        return follow(core, reference);
    }
    if is_invariant() || wish == Some(ClockSource::Tsc) {
        if !is_invariant() {
            note(
                core,
                format_args!(
                    "clock=tsc: obeyed, but this processor does not promise that its counter is constant"
                ),
            );
        }
        return count_alone(core, best());
    }
    match best() {
        Some(reference) => follow(core, reference),
        None => {
            note(
                core,
                format_args!(
                    "no clock of constant rate (invariant counter, HPET, ACPI timer): \
                     relying on the time-stamp counter as it ran at the start"
                ),
            );
            count_alone(core, None)
        }
    }
}

/// Compares the clock with what it follows.
pub fn sample_clock(core: &PerCore) {
    if let Some(reference) = FOLLOWED.get() {
        let (value, counter) = simultaneous(reference, 3);
        core.clock.sample(counter, value);
    }
}

/// The counter is the clock; its rate is what the processor says, or what `reference` measures.
fn count_alone(core: &PerCore, reference: Option<Reference>) -> &'static str {
    if stated_frequency().is_none()
        && let Some(frequency) = reference.and_then(|reference| measure(&reference, THOROUGH_NS))
    {
        core.clock.change_frequency(counter(), frequency);
    }
    "tsc"
}

/// The reference is the clock.
fn follow(core: &PerCore, reference: Reference) -> &'static str {
    if core.clock.frequency() == 0
        && let Some(frequency) = measure(&reference, QUICK_NS)
    {
        core.clock.change_frequency(counter(), frequency);
    }
    let reference = FOLLOWED.call_once(|| reference);
    let (value, counter) = simultaneous(reference, 3);
    core.clock
        .follow(reference.scale(), reference.mask(), counter, value);
    reference.name()
}

/// Whether the counter keeps its rate in every state of the processor (Intel SDM volume 3B, 18.17.1:
/// CPUID 8000_0007h, EDX bit 8).
fn is_invariant() -> bool {
    const POWER_MANAGEMENT: u32 = 0x8000_0007;
    __cpuid(0x8000_0000).eax >= POWER_MANAGEMENT && __cpuid(POWER_MANAGEMENT).edx & (1 << 8) != 0
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

/// The counter's rate, measured against `timer` for `wanted_ns`; nothing if the timer stands still.
fn measure<T: Timer>(timer: &T, wanted_ns: u64) -> Option<u64> {
    /// How often a timer is read before it counts as standing still, for each millisecond that is
    /// wanted. A read takes about a microsecond.
    const PATIENCE: u64 = 1 << 16;
    let (first, counter_first) = simultaneous(timer, 5);
    let elapsed = |now: u32| {
        timer
            .scale()
            .nanoseconds(u64::from(now.wrapping_sub(first) & timer.mask()))
    };
    let patience = PATIENCE * wanted_ns.div_ceil(1_000_000);
    (0..patience).find(|_| elapsed(timer.read()) >= wanted_ns)?;
    let (last, counter_last) = simultaneous(timer, 5);
    let counted = u128::from(counter_last.checked_sub(counter_first)?);
    (counted * 1_000_000_000)
        .checked_div(u128::from(elapsed(last)))?
        .try_into()
        .ok()
}

/// The timer and the counter at the same moment, as nearly as can be: of several readings the one
/// that took the shortest, so that a pause of the emulator in between does not count.
fn simultaneous<T: Timer>(timer: &T, readings: usize) -> (u32, u64) {
    (0..readings)
        .map(|_| {
            let before = counter();
            let value = timer.read();
            let after = counter();
            (after.wrapping_sub(before), value, before.midpoint(after))
        })
        .min_by_key(|(took, _, _)| *took)
        .map_or((0, 0), |(_, value, middle)| (value, middle))
}
