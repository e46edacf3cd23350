//! Capabilities: what the instance holds, and giving it up.

use super::listing::Line;
use core::fmt::Write;
use stele_vm::devices::Bound;
use stele_vm::{Capability, Machine, Step, Trap};

/// `( cap -- )`: says in a line what a capability is and who has it.
pub(super) fn print(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.pop()?.cast_unsigned();
    let mut line = Line::new();
    // Writing into a line cannot fail: what does not fit is cut.
    let _ = match Capability::of_name(name) {
        Some(capability) => {
            let state = if machine.is_revoked(capability) {
                "revoked"
            } else if machine.holds(capability) {
                "held"
            } else {
                "not held"
            };
            let (word, allows) = (capability.word(), capability.allows());
            writeln!(line, "{name} {word}: {allows} ({state})")
        }
        None => match machine.bound(name).ok_or(Trap::NO_CAPABILITY)? {
            Bound::Region(region) => writeln!(line, "{name} device: {region}"),
            Bound::Interrupt(number) => writeln!(line, "{name} interrupt: {number}"),
        },
    };
    machine.write(line.as_bytes());
    Ok(Step::Done)
}

/// `( cap1 -- cap2 )`: the next name after cap1 that the instance holds; 0 if there is none.
pub(super) fn next(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.peek(0)?.cast_unsigned();
    let root = Capability::ALL
        .into_iter()
        .find(|root| *root as u64 > name && machine.holds(*root));
    let next = match root {
        Some(root) => root as u64,
        None => machine.next_bound(name).unwrap_or(0),
    };
    machine.poke(0, next.cast_signed())?;
    Ok(Step::Done)
}

/// `( cap -- )`: gives a capability up, for everybody and for good.
pub(super) fn revoke(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = machine.peek(0)?.cast_unsigned();
    match Capability::of_name(name) {
        Some(capability) => machine.revoke(capability)?,
        None => match machine.bound(name).ok_or(Trap::NO_CAPABILITY)? {
            Bound::Region(_) => machine.unmap_device(name)?,
            Bound::Interrupt(_) => machine.detach_interrupt(name)?,
        },
    }
    machine.pop()?;
    Ok(Step::Done)
}
