//! What is done about an exception: an interrupt is answered, anything else ends in a panic that
//! explains it.

use core::{fmt, sync::atomic::Ordering};

use stele_bootinfo::{BOOT_STACK_BOTTOM, STACKS};
use stele_paging::PAGE_SIZE;

use super::{
    devices, interrupts,
    local::{current_core, handled},
    registers::Registers,
    stacks,
    syndrome::Syndrome,
    vectors::{self, Frame, Kind},
};
use crate::panic;

/// Called by the vectors with the interrupted code's registers and the number of the table entry.
/// Comes back for interrupts, and for accesses to devices that do not answer.
pub(super) extern "C" fn handle(frame: &mut Frame, entry: u64) {
    let kind = Kind::of(entry);
    if let (Kind::Interrupt, Some(core)) = (kind, current_core()) {
        return interrupts::handle(core);
    }
    let at = frame.program_counter;
    if kind == Kind::Synchronous
        && Syndrome(frame.syndrome).is_external_abort()
        && let Some(recovery) = devices::recovery(at)
    {
        frame.program_counter = recovery;
        return;
    }
    let began = if vectors::contains(at) {
        handled().program_counter.load(Ordering::Relaxed)
    } else {
        at
    };
    panic::stop(
        format_args!("{}", Explanation { kind, frame }),
        &Registers::of_exception(frame, began),
    )
}

struct Explanation<'frame> {
    kind: Kind,
    frame: &'frame Frame,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let syndrome = Syndrome(self.frame.syndrome);
        write_event(f, self.kind, syndrome, self.frame.program_counter)?;
        explain_access(f, syndrome, self.frame.fault_address)?;
        match self.kind {
            Kind::Nested => {
                let first = handled();
                f.write_str("\nIt struck while this was being handled: ")?;
                write_event(
                    f,
                    Kind::of(first.entry.load(Ordering::Relaxed)),
                    Syndrome(first.syndrome.load(Ordering::Relaxed)),
                    first.program_counter.load(Ordering::Relaxed),
                )
            }
            Kind::LowerLevel => f.write_str("\nIt came from EL0, where nothing ever runs."),
            _ => Ok(()),
        }
    }
}

/// Names what happened and where.
fn write_event(f: &mut fmt::Formatter<'_>, kind: Kind, syndrome: Syndrome, at: u64) -> fmt::Result {
    let name = match kind {
        Kind::Interrupt => return write!(f, "interrupt at {at:#018x}"),
        Kind::FastInterrupt => return write!(f, "unexpected fast interrupt at {at:#018x}"),
        Kind::SystemError => "system error",
        Kind::Synchronous | Kind::Nested | Kind::LowerLevel => syndrome.name(),
    };
    write!(f, "{name} (syndrome {:#x}) at {at:#018x}", syndrome.0)
}

/// Says which access failed and why, if that is what happened.
fn explain_access(f: &mut fmt::Formatter<'_>, syndrome: Syndrome, address: u64) -> fmt::Result {
    let Some(access) = syndrome.failed_access() else {
        return Ok(());
    };
    let attempt = access.attempt;
    if !access.address_is_known {
        return write!(f, "\nAn attempt to {attempt}, at an unknown address.");
    }
    let obstacle = access.obstacle;
    write!(
        f,
        "\nAn attempt to {attempt} at {address:#018x}, {obstacle}."
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
