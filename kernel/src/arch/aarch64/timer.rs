//! The generic timer: a counter that needs no calibration, and the periodic tick.
//!
//! The virtual timer is used because every level above EL1 leaves it to EL1.
//! Source: Arm ARM (DDI 0487) D12 "the Generic Timer in AArch64 state".
use core::arch::asm;

use crate::time::TICK_HZ;

/// Reads the counter; never decreases.
#[must_use]
pub fn counter() -> u64 {
    let count: u64;
    // SAFETY: reads a register with no side effect. The `isb` keeps the read from being taken ahead
    // of what comes before it in the program.
    unsafe {
        asm!("isb", "mrs {}, cntvct_el0", out(reg) count, options(nomem, nostack, preserves_flags));
    }
    count
}

/// The counter's frequency in Hz as firmware set it; 0 if it did not.
pub(super) fn frequency() -> u64 {
    let frequency: u64;
    // SAFETY: reads a register with no side effect.
    unsafe {
        asm!("mrs {}, cntfrq_el0", out(reg) frequency, options(nomem, nostack, preserves_flags));
    }
    frequency
}

/// Starts the periodic interrupt; the first comes one period from now.
pub(super) fn start_tick() {
    const ENABLE: u64 = 1;
    set_compare(counter().wrapping_add(period()));
    // SAFETY: decides only whether an interrupt that this kernel handles is raised.
    unsafe {
        asm!("msr cntv_ctl_el0, {}", "isb", in(reg) ENABLE, options(nostack, preserves_flags));
    }
}

/// Answers one timer interrupt: moves the comparator past now, which lowers the interrupt line.
///
/// The new moment is a whole number of periods after the old one, so the tick does not drift; periods
/// that passed while interrupts were masked are skipped.
pub(super) fn next_tick() {
    let due: u64;
    // SAFETY: reads a register with no side effect.
    unsafe {
        asm!("mrs {}, cntv_cval_el0", out(reg) due, options(nomem, nostack, preserves_flags));
    }
    let period = period();
    let missed = counter().saturating_sub(due) / period;
    set_compare(due.wrapping_add((missed + 1).wrapping_mul(period)));
}

/// Counts between two interrupts; at least 1.
fn period() -> u64 {
    (frequency() / TICK_HZ).max(1)
}

/// Sets the counter value from which on the virtual timer asks for an interrupt.
fn set_compare(value: u64) {
    // SAFETY: decides only when an interrupt that this kernel handles is raised. The `isb` makes the
    // line's new level visible before the end of interrupt that follows.
    unsafe {
        asm!("msr cntv_cval_el0, {}", "isb", in(reg) value, options(nostack, preserves_flags));
    }
}
