//! Exceptions: each ends in a panic that explains it.

use core::{arch::asm, fmt, ptr};

use x86_64::{
    VirtAddr,
    instructions::tables::{lidt, sidt},
    registers::control::Cr2,
    structures::DescriptorTablePointer,
};

use super::{entry::TrapFrame, registers::Registers, stacks::Stack};
use crate::{
    command_line::Fault,
    fault::{FailedAccess, overflowed_stack},
    panic,
};

const PAGE_FAULT: u64 = 14;

/// Names of the exceptions (Intel SDM volume 3A, table 6-1).
const NAMES: [&str; 32] = [
    "divide error",
    "debug exception",
    "non-maskable interrupt",
    "breakpoint",
    "overflow",
    "bound range exceeded",
    "invalid opcode",
    "device not available",
    "double fault",
    "coprocessor segment overrun",
    "invalid TSS",
    "segment not present",
    "stack-segment fault",
    "general protection fault",
    "page fault",
    "reserved exception",
    "floating-point error",
    "alignment check",
    "machine check",
    "SIMD floating-point exception",
    "virtualization exception",
    "control protection exception",
    "reserved exception",
    "reserved exception",
    "reserved exception",
    "reserved exception",
    "reserved exception",
    "reserved exception",
    "hypervisor injection exception",
    "VMM communication exception",
    "security exception",
    "reserved exception",
];

/// Reports the exception and stops.
pub(super) fn report(frame: &TrapFrame) -> ! {
    panic::stop(
        format_args!("{}", Explanation(frame)),
        &Registers::of(frame),
    )
}

struct Explanation<'frame>(&'frame TrapFrame);

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TrapFrame {
            vector, error, rip, ..
        } = *self.0;
        let name = NAMES.get(vector as usize).unwrap_or(&"exception");
        write!(
            f,
            "{name} (vector {vector}, error code {error:#x}) at {rip:#018x}"
        )?;
        match vector {
            PAGE_FAULT => explain_page_fault(f, Cr2::read_raw(), error),
            8 => f.write_str(
                "\nAn exception struck while the processor was entering another one's handler.",
            ),
            10..=13 if error != 0 => explain_selector(f, error),
            13 => f.write_str(
                "\nThe instruction is not allowed, or its address is not one of 48 bits.",
            ),
            _ => Ok(()),
        }
    }
}

/// Error code of a page fault: Intel SDM volume 3A, 4.7.
fn explain_page_fault(f: &mut fmt::Formatter<'_>, address: u64, error: u64) -> fmt::Result {
    let attempt = match error {
        _ if error & 16 != 0 => "execute",
        _ if error & 2 != 0 => "write",
        _ => "read",
    };
    let obstacle = match error {
        _ if error & 8 != 0 => "whose table entry has reserved bits set",
        _ if error & 1 != 0 => "that does not allow it",
        _ => "where nothing is mapped",
    };
    let guards = Stack::ALL
        .into_iter()
        .map(|stack| (stack.guard(), stack.name()));
    let access = FailedAccess {
        attempt,
        address: Some(address),
        obstacle,
        overflowed: overflowed_stack(address, guards),
    };
    write!(f, "{access}")
}

/// Error code that names a selector: Intel SDM volume 3A, 6.13.
fn explain_selector(f: &mut fmt::Formatter<'_>, error: u64) -> fmt::Result {
    let index = (error >> 3) & 0x1FFF;
    match (error >> 1) & 3 {
        0 => write!(f, "\nThe segment is entry {index} of the segment table."),
        1 | 3 => write!(f, "\nThe handler is entry {index} of the vector table."),
        _ => write!(
            f,
            "\nThe segment is entry {index} of the local segment table."
        ),
    }
}

/// Has this fault, to see that it explains itself.
pub fn provoke(fault: Fault) {
    /// An address where nothing is mapped.
    const NOWHERE: u64 = 0xFFFF_F123_4567_8000;
    match fault {
        // SAFETY: nothing is mapped there, so the write changes nothing and faults.
        Fault::PageFault => unsafe {
            ptr::with_exposed_provenance_mut::<u64>(NOWHERE as usize).write_volatile(1);
        },
        // SAFETY: UD2 does nothing but raise the invalid-opcode exception.
        Fault::InvalidInstruction => unsafe { asm!("ud2") },
        // SAFETY: the address has more than 48 bits, so the read faults.
        Fault::Protection => unsafe {
            asm!("mov {0}, [{0}]", inout(reg) 0x1234_0000_0000_0000_u64 => _);
        },
        Fault::DoubleFault => double_fault(),
        Fault::Panic
        | Fault::PanicTwice
        | Fault::StackOverflow
        | Fault::AllocateInInterrupt
        | Fault::EndlessTurn
        | Fault::PanicInScreen => {}
    }
}

/// Cuts the vector table off behind the double fault's entry and causes a page fault: neither its
/// handler nor that of the protection fault which this raises can be called.
fn double_fault() {
    const ENTRIES: u16 = 9;
    let DescriptorTablePointer { base, .. } = sidt();
    // SAFETY: the table stays where it is, and the kernel does not survive what follows.
    unsafe {
        lidt(&DescriptorTablePointer {
            limit: ENTRIES * 16 - 1,
            base: VirtAddr::new(base.as_u64()),
        })
    };
    provoke(Fault::PageFault);
}
