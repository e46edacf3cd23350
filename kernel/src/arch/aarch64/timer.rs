//! The generic timer: a counter that needs no calibration, and the interrupt it raises.
//!
//! The virtual timer is used because every level above EL1 leaves it to EL1.
//! Source: Arm ARM (DDI 0487) D12 "the Generic Timer in AArch64 state".
use core::arch::asm;

use crate::{
    command_line::ClockSource, console::note, mm::address_space::Memory, per_core::PerCore,
};

/// Reads the counter; never decreases on this core.
///
/// Without an `isb` the processor may read it ahead of what comes before in the program, but never
/// out of order with another read of it, nor across an exception's entry or return, which synchronise
/// (Arm ARM D24.1.2.2, D1.3). What this core reads in order, in whatever context, is therefore in order;
/// only what another core sees would need the barrier, which costs three times the read.
#[must_use]
pub fn counter() -> u64 {
    let count: u64;
    // SAFETY: reads a register with no side effect. Not `nomem`: it stays between the accesses to
    // memory before and after it in the program.
    unsafe {
        asm!("mrs {}, cntvct_el0", out(reg) count, options(nostack, preserves_flags, readonly));
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

/// Has the timer's interrupt come `wait_ns` nanoseconds from now, which also lowers its line.
pub fn set_timer(core: &PerCore, wait_ns: u64) {
    const ENABLE: u64 = 1;
    let due = counter().saturating_add(core.clock.rate().counts(wait_ns));
    // SAFETY: decides only when an interrupt that this kernel handles is raised. The `isb` makes the
    // line's new level visible before the end of interrupt that follows.
    unsafe {
        asm!(
            "msr cntv_cval_el0, {due}",
            "msr cntv_ctl_el0, {enable}",
            "isb",
            due = in(reg) due,
            enable = in(reg) ENABLE,
            options(nostack, preserves_flags),
        );
    }
}

/// There is one clock, the generic timer; returns its name.
pub fn choose_clock(
    core: &PerCore,
    _memory: &mut Memory,
    _rsdp: u64,
    wish: Option<ClockSource>,
) -> &'static str {
    if let Some(wish) = wish {
        note(
            core,
            format_args!("clock={wish}: this machine has one clock, the generic timer"),
        );
    }
    "generic timer"
}

/// The generic timer needs no reference.
pub fn sample_clock(_core: &PerCore) {}
