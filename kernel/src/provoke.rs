//! Faults on purpose, to see that each explains itself.

use core::hint;

use crate::{arch, command_line::Fault};

/// Has the fault; comes back if this architecture has no such fault.
pub fn provoke(fault: Fault) {
    match fault {
        Fault::Panic => panic!("provoked by the command line"),
        Fault::StackOverflow => {
            recurse(0);
        }
        Fault::PageFault | Fault::InvalidInstruction | Fault::Protection | Fault::DoubleFault => {
            arch::provoke(fault)
        }
    }
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    let frame = hint::black_box([depth; 16]);
    recurse(depth + 1) + frame[0]
}
