//! The processor: its features switched on, its interrupt mask, its sleep.
use core::arch::asm;

use stele_paging::PageSize;

use super::vectors;
use crate::per_core::PerCore;

/// Puts the exception vectors in force and the floating-point unit on.
pub fn cpu_init(_core: &'static PerCore) {
    vectors::install();
    forbid_writable_code();
    enable_floating_point();
}

/// What the processor maps with one entry: 1 GiB, which comes with the 4 KiB granule.
#[must_use]
pub fn largest_page() -> PageSize {
    PageSize::Huge
}

/// `SCTLR_EL1.WXN`: what is writable is never executable, whatever its page-table entry says.
fn forbid_writable_code() {
    const WRITE_IMPLIES_EXECUTE_NEVER: u64 = 1 << 19;
    // SAFETY: takes away a right that no page of this kernel needs. The bit may be cached in
    // translations, hence the invalidation.
    unsafe {
        asm!(
            "mrs {t}, sctlr_el1",
            "orr {t}, {t}, {wxn}",
            "msr sctlr_el1, {t}",
            "isb",
            "tlbi vmalle1",
            "dsb nsh",
            "isb",
            t = out(reg) _,
            wxn = in(reg) WRITE_IMPLIES_EXECUTE_NEVER,
            options(nostack, preserves_flags),
        );
    }
}

/// Switches the floating-point unit on for EL1 with the defaults of IEEE 754: round to nearest even,
/// subnormals and NaN payloads kept, no traps.
///
/// Compiled kernel code contains no floating-point instruction, so interrupts need not save the
/// unit's registers; it is on for the number primitives, which are assembly.
fn enable_floating_point() {
    /// `CPACR_EL1.FPEN`: not trapped.
    const FPEN: u64 = 0b11 << 20;
    // SAFETY: nothing that runs depends on the unit's previous state. `FPCR` 0 clears RMode, FZ,
    // FZ16, DN and every trap enable.
    unsafe {
        asm!(
            "mrs {t}, cpacr_el1",
            "orr {t}, {t}, {fpen}",
            "msr cpacr_el1, {t}",
            "isb",
            // FPCR and FPSR, by number: the target has no floating point, nor names for its registers.
            "msr S3_3_C4_C4_0, xzr",
            "msr S3_3_C4_C4_1, xzr",
            t = out(reg) _,
            fpen = in(reg) FPEN,
            options(nomem, nostack, preserves_flags),
        );
    }
}

/// Stops interrupts from being taken on this core.
pub fn disable_interrupts() {
    // SAFETY: only delays interrupts. Not `nomem`: what follows must not move ahead of it.
    unsafe { asm!("msr daifset, #0b0010", options(nostack, preserves_flags)) };
}

/// Whether interrupts are taken on this core.
#[must_use]
pub fn interrupts_enabled() -> bool {
    /// `DAIF.I`: interrupts are held off.
    const MASKED: u64 = 1 << 7;
    let state: u64;
    // SAFETY: reads a register with no side effect. Not `nomem`: it must not move past a change.
    unsafe { asm!("mrs {}, daif", out(reg) state, options(nostack, preserves_flags)) };
    state & MASKED == 0
}

/// This core's affinity, its four bytes in one number (`MPIDR_EL1`: Aff3, Aff2, Aff1, Aff0).
#[must_use]
pub fn core_id() -> u32 {
    let affinity = affinity();
    ((affinity >> 8) as u32 & 0xFF00_0000) | (affinity as u32 & 0x00FF_FFFF)
}

/// This core's affinity: `MPIDR_EL1` without its flags.
pub(super) fn affinity() -> u64 {
    const AFFINITY: u64 = 0xFF_00FF_FFFF;
    let register: u64;
    // SAFETY: reads a register with no side effect.
    unsafe {
        asm!("mrs {}, mpidr_el1", out(reg) register, options(nomem, nostack, preserves_flags));
    }
    register & AFFINITY
}

/// Lets interrupts be taken on this core.
pub fn enable_interrupts() {
    // SAFETY: the vectors are in force and every enabled interrupt has a handler when this is first
    // called. Not `nomem`: what comes before must not move behind it.
    unsafe { asm!("msr daifclr, #0b0010", options(nostack, preserves_flags)) };
}

/// Sleeps until an interrupt if `idle()` is still true with interrupts off.
///
/// `WFI` ends for a pending interrupt even while interrupts are masked, so one that comes between the
/// question and the instruction still ends the sleep; it is taken when they are unmasked.
pub fn wait_for_interrupt(idle: impl FnOnce() -> bool) {
    disable_interrupts();
    if idle() {
        sleep();
    }
    enable_interrupts();
}

/// Stops this core for good.
pub fn halt() -> ! {
    disable_interrupts();
    loop {
        sleep();
    }
}

fn sleep() {
    // SAFETY: waits. The `dsb` lets earlier stores to devices finish first.
    unsafe { asm!("dsb sy", "wfi", options(nostack, preserves_flags)) };
}
