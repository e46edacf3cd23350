//! What is done about an exception: an interrupt is answered, anything else ends in a panic that
//! explains it.

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
    let kind = Kind::of(entry);
    match (kind, current_core()) {
        (Kind::Interrupt, Some(core)) => interrupts::handle(core),
        _ => panic::stop(
            format_args!("{}", Explanation { kind, frame }),
            &Registers::of_exception(frame),
        ),
    }
}

struct Explanation<'frame> {
    kind: Kind,
    frame: &'frame Frame,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let syndrome = Syndrome(self.frame.syndrome);
        let at = self.frame.program_counter;
        let name = match self.kind {
            Kind::Interrupt => "interrupt before anything could answer it",
            Kind::FastInterrupt => "fast interrupt, which nothing asks for",
            Kind::SystemError => "system error",
            Kind::Synchronous | Kind::Nested | Kind::LowerLevel => syndrome.name(),
        };
        write!(f, "{name} (syndrome {:#x}) at {at:#018x}", syndrome.0)?;
        match self.kind {
            Kind::Nested => {
                f.write_str("\nAn exception struck while another one was being handled.")?;
            }
            Kind::LowerLevel => f.write_str("\nIt came from EL0, where nothing ever runs.")?,
            _ => {}
        }
        let Some(access) = syndrome.failed_access() else {
            return Ok(());
        };
        if !access.address_is_known {
            return write!(
                f,
                "\nAn attempt to {}, at an unknown address.",
                access.attempt
            );
        }
        let address = self.frame.fault_address;
        write!(
            f,
            "\nAn attempt to {} at {address:#018x}, {}.",
            access.attempt, access.obstacle
        )?;
        if address < PAGE_SIZE {
            f.write_str("\nThat is a null pointer.")?;
        }
        match overflowed_stack(address) {
            Some(stack) => write!(
                f,
                "\nThat is the guard page of the {stack} stack: the stack overflowed."
            ),
            None => Ok(()),
        }
    }
}

/// The stack in whose guard `address` lies.
fn overflowed_stack(address: u64) -> Option<&'static str> {
    if (STACKS..BOOT_STACK_BOTTOM).contains(&address) {
        return Some("boot");
    }
    let page = address / PAGE_SIZE * PAGE_SIZE;
    stacks::ALL
        .into_iter()
        .find(|(stack, _)| stack.guard() == page)
        .map(|(_, name)| name)
}
