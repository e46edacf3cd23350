//! Faults on purpose, to see that each explains itself.
use core::arch::asm;

use super::local;
use crate::command_line::Fault;

/// Has this fault; comes back if this architecture has no such fault.
pub fn provoke(fault: Fault) {
    /// An address where nothing is mapped.
    const NOWHERE: u64 = 0xFFFF_F123_4567_8000;
    match fault {
        Fault::Panic
        | Fault::PanicTwice
        | Fault::StackOverflow
        | Fault::AllocateInInterrupt
        | Fault::EndlessTurn
        | Fault::PanicInScreen => {}
        Fault::PageFault => write_to(NOWHERE),
        // Kernel code is mapped, but not for writing.
        Fault::Protection => write_to(provoke as *const () as u64),
        Fault::InvalidInstruction => undefined_instruction(),
        Fault::DoubleFault => {
            local::use_up_fault_stack();
            undefined_instruction();
        }
    }
}

/// Writes to an address that must not be written to.
fn write_to(address: u64) {
    // SAFETY: the store faults, and the fault ends the kernel; that is what the caller asks for.
    unsafe { asm!("str xzr, [{}]", in(reg) address, options(nostack, preserves_flags)) };
}

/// Executes an instruction that the architecture leaves undefined for good.
fn undefined_instruction() {
    // SAFETY: the instruction faults, and the fault ends the kernel; that is what the caller asks for.
    unsafe { asm!("udf #0", options(nostack, preserves_flags)) };
}
