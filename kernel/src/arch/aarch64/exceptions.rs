//! What is done about an exception: an interrupt is answered, anything else ends in a panic that
//! explains it.

use core::{fmt, sync::atomic::Ordering};

use super::{
    devices, interrupts,
    local::{current_core, handled},
    registers::Registers,
    stacks,
    syndrome::Syndrome,
    vectors::{self, Frame, Kind},
};
use crate::{
    fault::{FailedAccess, overflowed_stack},
    panic,
};

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
    let address = access.address_is_known.then_some(address);
    let guards = || {
        stacks::ALL
            .into_iter()
            .map(|(stack, name)| (stack.guard(), name))
    };
    let access = FailedAccess {
        attempt: access.attempt,
        address,
        obstacle: access.obstacle,
        overflowed: address.and_then(|address| overflowed_stack(address, guards())),
    };
    write!(f, "{access}")
}
