//! What is done about an exception: interrupts are answered, anything else is the end, with a report.
use core::fmt;

use stele_bootinfo::{BOOT_STACK_BOTTOM, STACKS};
use stele_paging::PAGE_SIZE;

use super::{
    interrupts,
    local::current_core,
    registers::Registers,
    stacks,
    syndrome::Syndrome,
    vectors::{Frame, Kind},
};
use crate::panic;

/// Called by the vectors with the interrupted code's registers and the number of the table entry.
/// Comes back for interrupts alone.
pub(super) extern "C" fn handle(frame: &Frame, entry: u64) {
    let cause = match (Kind::of(entry), current_core()) {
        (Kind::Interrupt, Some(core)) => return interrupts::handle(core),
        (Kind::Interrupt, None) => "interrupt before anything could answer it",
        (Kind::Synchronous, _) => "exception in the kernel",
        (Kind::FastInterrupt, _) => "fast interrupt (FIQ), which nothing has asked for",
        (Kind::SystemError, _) => "system error (SError)",
        (Kind::Nested, _) => "exception while another one was being handled",
        (Kind::LowerLevel, _) => "exception from EL0, where nothing runs",
    };
    let syndrome = Syndrome(frame.syndrome);
    let registers = Registers::of_exception(frame);
    let at = frame.program_counter;
    if syndrome.has_address() {
        let address = frame.fault_address;
        panic::stop(
            format_args!(
                "{cause}: {syndrome}\naddress {address:#x}{}, instruction at {at:#x}",
                Place(address)
            ),
            &registers,
        )
    }
    panic::stop(
        format_args!("{cause}: {syndrome}\ninstruction at {at:#x}"),
        &registers,
    )
}

/// What lies at an address, where that explains a fault; begins with a comma or is empty.
struct Place(u64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < PAGE_SIZE {
            return f.write_str(", in the null page: a null pointer was followed");
        }
        if (STACKS..BOOT_STACK_BOTTOM).contains(&self.0) {
            return f.write_str(", in the kernel stack's guard: the stack is used up");
        }
        for (stack, name) in stacks::ALL {
            if (stack.guard()..stack.guard() + PAGE_SIZE).contains(&self.0) {
                return write!(f, ", in the {name} stack's guard: the stack is used up");
            }
        }
        Ok(())
    }
}
