//! What this core finds through `TPIDR_EL1`: its exception stacks and its kernel context.
use core::arch::asm;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::stacks;
use crate::per_core::PerCore;

/// The block behind `TPIDR_EL1`. The vectors read the stacks and write what is being handled.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Local {
    /// Where exceptions of each kind are handled.
    pub(super) stacks: ExceptionStacks,
    /// The last exception that did not strike in another one's handler.
    pub(super) handled: Handled,
    core: AtomicPtr<PerCore>,
}

/// Tops of a core's exception stacks, one per kind.
#[derive(Debug)]
#[repr(C)]
pub(super) struct ExceptionStacks {
    /// For synchronous exceptions: faults.
    pub(super) synchronous: AtomicPtr<u8>,
    /// For interrupts.
    pub(super) interrupt: AtomicPtr<u8>,
    /// For system errors, which may come at any moment.
    pub(super) system_error: AtomicPtr<u8>,
    /// For an exception inside an exception.
    pub(super) nested: AtomicPtr<u8>,
}

/// What is kept of an exception even if its registers cannot be saved.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Handled {
    /// The number of the entry in the vector table.
    pub(super) entry: AtomicU64,
    /// `ELR_EL1`: where it struck.
    pub(super) program_counter: AtomicU64,
    /// `ESR_EL1`.
    pub(super) syndrome: AtomicU64,
}

/// The boot core's block.
static BOOT: Local = Local {
    stacks: ExceptionStacks {
        synchronous: AtomicPtr::new(stacks::SYNCHRONOUS.top()),
        interrupt: AtomicPtr::new(stacks::INTERRUPT.top()),
        system_error: AtomicPtr::new(stacks::SYSTEM_ERROR.top()),
        nested: AtomicPtr::new(stacks::NESTED.top()),
    },
    handled: Handled {
        entry: AtomicU64::new(0),
        program_counter: AtomicU64::new(0),
        syndrome: AtomicU64::new(0),
    },
    core: AtomicPtr::new(core::ptr::null_mut()),
};

/// What was being handled when an exception struck inside a handler.
pub(super) fn handled() -> &'static Handled {
    &BOOT.handled
}

/// Makes `core` what [`current_core`] returns on this core from now on.
pub(super) fn install(core: &'static PerCore) {
    BOOT.core
        .store(core::ptr::from_ref(core).cast_mut(), Ordering::Release);
    let block = &raw const BOOT;
    // SAFETY: only this module and the vectors read the register, and both expect this block.
    unsafe { asm!("msr tpidr_el1, {}", in(reg) block, options(nostack, preserves_flags)) };
}

/// The context of the core this runs on; `None` before `early_init`.
#[must_use]
pub fn current_core() -> Option<&'static PerCore> {
    let block: *const Local;
    // SAFETY: reads a register with no side effect.
    unsafe {
        asm!("mrs {}, tpidr_el1", out(reg) block, options(nomem, nostack, preserves_flags));
    }
    // SAFETY: the loader hands over with the register zero, and only `install` changes it, to a
    // block that lives for ever.
    let core = unsafe { block.as_ref() }?.core.load(Ordering::Acquire);
    // SAFETY: stored by `install` from a `&'static PerCore`, or null.
    unsafe { core.as_ref() }
}

/// Makes the next synchronous exception fault again while its registers are saved: its stack is used
/// up from now on.
pub(super) fn use_up_fault_stack() {
    BOOT.stacks
        .synchronous
        .store(stacks::SYNCHRONOUS.bottom(), Ordering::Release);
}
