//! The 256 interrupt entries and what they do before and after Rust runs.

use core::arch::naked_asm;

use super::{exceptions, interrupts};

/// Bytes from one entry to the next.
const ENTRY_SIZE: u64 = 16;

/// The first vector that is not an exception.
pub(super) const FIRST_INTERRUPT: u64 = 32;

/// The interrupted program's registers, as the entries push them.
#[derive(Debug)]
#[repr(C)]
pub(super) struct TrapFrame {
    /// R15 to R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX.
    pub(super) general: [u64; 15],
    pub(super) vector: u64,
    /// The processor's, or zero for vectors that have none.
    pub(super) error: u64,
    pub(super) rip: u64,
    pub(super) cs: u64,
    pub(super) rflags: u64,
    pub(super) rsp: u64,
    pub(super) ss: u64,
}

/// Address of the entry for `vector`.
pub(super) fn address(vector: u8) -> u64 {
    entries as *const () as u64 + u64::from(vector) * ENTRY_SIZE
}

/// All entries, one after the other: each makes the stack look the same, with an error code and the
/// vector's number, and goes on in [`common`].
#[unsafe(naked)]
extern "C" fn entries() {
    naked_asm!(
        ".set stele_vector, 0",
        ".rept 256",
        ".balign 16",
        // The vectors for which the processor pushes an error code (Intel SDM volume 3A, table 6-1,
        // and AMD APM volume 2, table 8-1, for 29 and 30).
        ".if !(stele_vector == 8 || (stele_vector >= 10 && stele_vector <= 14) \
            || stele_vector == 17 || stele_vector == 21 || stele_vector == 29 \
            || stele_vector == 30)",
        "push 0",
        ".endif",
        // push imm32, spelled out: the assembler would take the symbol for an address.
        ".byte 0x68",
        ".long stele_vector",
        "jmp {common}",
        ".set stele_vector, stele_vector + 1",
        ".endr",
        common = sym common,
    )
}

/// Completes the [`TrapFrame`], calls [`dispatch`] and returns to what was interrupted.
///
/// The processor aligns the stack to 16 bytes and pushes five words; with error code, vector and 15
/// registers that makes 22, so the call is aligned as the System V ABI wants it. Floating-point
/// registers are not saved: the kernel's Rust code does not touch them.
#[unsafe(naked)]
extern "C" fn common() {
    naked_asm!(
        "push rax",
        "push rbx",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push rbp",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "cld",
        "mov rdi, rsp",
        "call {dispatch}",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rbp",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rbx",
        "pop rax",
        "add rsp, 16",
        "iretq",
        dispatch = sym dispatch,
    )
}

extern "C" fn dispatch(frame: &TrapFrame) {
    if frame.vector < FIRST_INTERRUPT {
        exceptions::report(frame);
    }
    interrupts::handle(frame.vector as u8);
}
