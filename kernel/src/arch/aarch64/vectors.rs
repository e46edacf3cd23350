//! The exception vectors: sixteen entries, one stack per kind, one frame layout.
//!
//! The kernel runs at EL1 on `SP_EL0`, so every exception enters with `SPSel` 1 on a stack that the
//! interrupted code could not have damaged or exhausted: a kernel stack that ran into its guard page
//! can still be reported. Each entry takes its stack from the core's [`ExceptionStacks`], found
//! through `TPIDR_EL1`; `TPIDR_EL0` and `TPIDRRO_EL0` are scratch that only these entries use.
//!
//! An exception taken while another is being handled (the `SPx` group) is always fatal and goes to a
//! stack of its own, so even a fault inside the fault handler is reported.
//! Source: Arm ARM (DDI 0487) D1.3.
use core::arch::{asm, global_asm};
use core::mem::offset_of;

use super::local::{ExceptionStacks, Handled, Local};

/// The interrupted code's registers, as the entry saves them.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Frame {
    /// `x0` to `x30`.
    pub(super) general: [u64; 31],
    /// The stack pointer that was in use.
    pub(super) stack_pointer: u64,
    /// Where execution was: `ELR_EL1`.
    pub(super) program_counter: u64,
    /// Processor state: `SPSR_EL1`.
    pub(super) state: u64,
    /// What happened: `ESR_EL1`.
    pub(super) syndrome: u64,
    /// Where it happened: `FAR_EL1`.
    pub(super) fault_address: u64,
}

impl Frame {
    /// All registers zero.
    pub(super) const EMPTY: Self = Self {
        general: [0; 31],
        stack_pointer: 0,
        program_counter: 0,
        state: 0,
        syndrome: 0,
        fault_address: 0,
    };
}

const FRAME_SIZE: usize = size_of::<Frame>();
const STACKS: usize = offset_of!(Local, stacks);
const HANDLED: usize = offset_of!(Local, handled);
const _: () = assert!(
    FRAME_SIZE.is_multiple_of(16),
    "the stack pointer must stay 16-byte aligned"
);

/// What an entry of the table is for; the numbers are the entry's place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A fault in kernel code.
    Synchronous,
    /// An interrupt.
    Interrupt,
    /// A fast interrupt, which nothing here ever unmasks.
    FastInterrupt,
    /// A late error of the memory system.
    SystemError,
    /// Anything at all while an exception was being handled.
    Nested,
    /// From EL0, where nothing ever runs.
    LowerLevel,
}

impl Kind {
    /// The kind of table entry `index`, 0 to 15.
    pub(super) fn of(index: u64) -> Self {
        match index {
            0 => Self::Synchronous,
            1 => Self::Interrupt,
            2 => Self::FastInterrupt,
            3 => Self::SystemError,
            4..=7 => Self::Nested,
            _ => Self::LowerLevel,
        }
    }
}

global_asm!(
    r#"
    .pushsection .text.vectors, "ax"

    // One table entry: note what is being handled, unless a handler was interrupted; choose the stack,
    // save x0 to x3 and the interrupted stack pointer, and leave the entry's number in x0. At most 32
    // instructions.
    .macro ENTRY index, stack, interrupted_sp
    .balign 128
    msr     tpidrro_el0, x0
    msr     tpidr_el0, x1
    mrs     x0, tpidr_el1
    .ifc \interrupted_sp, sp
    mov     x1, sp
    .else
    mov     x1, #\index
    str     x1, [x0, #{handled_entry}]
    mrs     x1, elr_el1
    str     x1, [x0, #{handled_pc}]
    mrs     x1, esr_el1
    str     x1, [x0, #{handled_syndrome}]
    mrs     x1, \interrupted_sp
    .endif
    ldr     x0, [x0, #\stack]
    mov     sp, x0
    sub     sp, sp, #{frame}
    stp     x2, x3, [sp, #16]
    str     x1, [sp, #{sp_at}]
    mrs     x0, tpidrro_el0
    mrs     x1, tpidr_el0
    stp     x0, x1, [sp]
    mov     x0, #\index
    b       1f
    .endm

    .balign 2048
    .global stele_vectors
    .type stele_vectors, %function
stele_vectors:
    // Current level on SP_EL0: kernel code.
    ENTRY 0, {synchronous}, sp_el0
    ENTRY 1, {interrupt}, sp_el0
    ENTRY 2, {interrupt}, sp_el0
    ENTRY 3, {system_error}, sp_el0
    // Current level on SP_EL1: an exception was being handled.
    ENTRY 4, {nested}, sp
    ENTRY 5, {nested}, sp
    ENTRY 6, {nested}, sp
    ENTRY 7, {nested}, sp
    // Lower level, 64 and 32 bits: nothing runs there.
    ENTRY 8, {nested}, sp_el0
    ENTRY 9, {nested}, sp_el0
    ENTRY 10, {nested}, sp_el0
    ENTRY 11, {nested}, sp_el0
    ENTRY 12, {nested}, sp_el0
    ENTRY 13, {nested}, sp_el0
    ENTRY 14, {nested}, sp_el0
    ENTRY 15, {nested}, sp_el0

    .balign 128
1:
    stp     x4, x5, [sp, #16 * 2]
    stp     x6, x7, [sp, #16 * 3]
    stp     x8, x9, [sp, #16 * 4]
    stp     x10, x11, [sp, #16 * 5]
    stp     x12, x13, [sp, #16 * 6]
    stp     x14, x15, [sp, #16 * 7]
    stp     x16, x17, [sp, #16 * 8]
    stp     x18, x19, [sp, #16 * 9]
    stp     x20, x21, [sp, #16 * 10]
    stp     x22, x23, [sp, #16 * 11]
    stp     x24, x25, [sp, #16 * 12]
    stp     x26, x27, [sp, #16 * 13]
    stp     x28, x29, [sp, #16 * 14]
    str     x30, [sp, #16 * 15]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [sp, #{pc_at}]
    mrs     x2, esr_el1
    mrs     x3, far_el1
    stp     x2, x3, [sp, #{syndrome_at}]
    mov     x1, x0
    mov     x0, sp
    bl      {handler}
    // Interrupts come back, and faults that were recovered from. SP_EL1 needs no repair: the next entry sets it afresh.
    ldp     x2, x3, [sp, #{pc_at}]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #16 * 2]
    ldp     x6, x7, [sp, #16 * 3]
    ldp     x8, x9, [sp, #16 * 4]
    ldp     x10, x11, [sp, #16 * 5]
    ldp     x12, x13, [sp, #16 * 6]
    ldp     x14, x15, [sp, #16 * 7]
    ldp     x16, x17, [sp, #16 * 8]
    ldp     x18, x19, [sp, #16 * 9]
    ldp     x20, x21, [sp, #16 * 10]
    ldp     x22, x23, [sp, #16 * 11]
    ldp     x24, x25, [sp, #16 * 12]
    ldp     x26, x27, [sp, #16 * 13]
    ldp     x28, x29, [sp, #16 * 14]
    ldr     x30, [sp, #16 * 15]
    ldp     x0, x1, [sp]
    eret
    .global stele_vectors_end
stele_vectors_end:
    .size stele_vectors, . - stele_vectors

    .purgem ENTRY
    .popsection
    "#,
    frame = const FRAME_SIZE,
    sp_at = const offset_of!(Frame, stack_pointer),
    pc_at = const offset_of!(Frame, program_counter),
    syndrome_at = const offset_of!(Frame, syndrome),
    synchronous = const STACKS + offset_of!(ExceptionStacks, synchronous),
    interrupt = const STACKS + offset_of!(ExceptionStacks, interrupt),
    system_error = const STACKS + offset_of!(ExceptionStacks, system_error),
    nested = const STACKS + offset_of!(ExceptionStacks, nested),
    handled_entry = const HANDLED + offset_of!(Handled, entry),
    handled_pc = const HANDLED + offset_of!(Handled, program_counter),
    handled_syndrome = const HANDLED + offset_of!(Handled, syndrome),
    handler = sym super::exceptions::handle,
);

/// Puts the vectors in force; from here on a fault reports itself.
pub(super) fn install() {
    // SAFETY: the table below is complete, and its stacks are found through `TPIDR_EL1`, which
    // `local::install` has set. System errors (`A`) are let through from here on: a late error then
    // stops the machine with a report, and not much later for a reason nobody can see.
    unsafe {
        asm!(
            "adrp {t}, stele_vectors",
            "add {t}, {t}, :lo12:stele_vectors",
            "msr vbar_el1, {t}",
            "isb",
            "msr daifclr, #0b0100",
            t = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// True if `address` is in the vectors: an exception that struck there lost the frame of another.
pub(super) fn contains(address: u64) -> bool {
    unsafe extern "C" {
        static stele_vectors: u8;
        static stele_vectors_end: u8;
    }
    let start = (&raw const stele_vectors).addr() as u64;
    let end = (&raw const stele_vectors_end).addr() as u64;
    (start..end).contains(&address)
}
