//! Word access control, as programs see it: [`stele_vm::access`] decides.

use super::dictionary;
use super::listing::Line;
use core::fmt::Write;
use stele_vm::access::{Access, Event};
use stele_vm::words::flags;
use stele_vm::{Machine, Step, Trap};

/// What is under control when a program names a word: the word meant, if that is a synonym. A word whose
/// definition has not ended is none yet.
fn word_meant(machine: &mut Machine<'_, '_>, token: i64) -> Result<i64, Trap> {
    let (properties, _, body) = dictionary::look(machine, token)?;
    if properties & flags::HIDDEN != 0 {
        return Err(Trap::STALE_TOKEN);
    }
    let synonym = properties & flags::SYNONYM != 0;
    Ok(if synonym { body } else { token })
}

/// `( xt1 -- xt2 )`: the token under which access to a word is kept.
pub(super) fn id(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let meant = word_meant(machine, token)?;
    machine.poke(0, meant)?;
    Ok(Step::Done)
}

/// `( xt n -- x )`: 0 mode, 1 time to live, 2 allowed, 3 pinned, 4 number of checks.
pub(super) fn read(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (token, part) = (machine.peek(1)?, machine.peek(0)?);
    let meant = word_meant(machine, token)?;
    let access = machine.access(meant);
    let cell = match part {
        0 => i64::from(!access.strict),
        1 => access.ttl.cast_signed(),
        2 => -i64::from(access.allowed),
        3 => -i64::from(access.pinned),
        4 => access.checks.cast_signed(),
        _ => return Err(Trap::NUMERIC_ARGUMENT),
    };
    machine.pop()?;
    machine.poke(0, cell)?;
    Ok(Step::Done)
}

/// `( x xt n -- )`: changes part n, numbered as in [`read`]: the first three can be.
pub(super) fn write(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (cell, token, part) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    let meant = word_meant(machine, token)?;
    let event = match (part, cell) {
        (0, 0 | 1) | (1, _) => Event::Mode,
        (2, 0) => Event::Disallowed,
        (2, _) => Event::Allowed,
        _ => return Err(Trap::NUMERIC_ARGUMENT),
    };
    machine.change_access(meant, event, |access| match part {
        0 => access.strict = cell == 0,
        1 => access.ttl = cell.cast_unsigned(),
        _ => access.allowed = cell != 0,
    })?;
    for _ in 0..3 {
        machine.pop()?;
    }
    Ok(Step::Done)
}

/// `( xt -- )`: pins a word.
pub(super) fn pin(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let meant = word_meant(machine, token)?;
    machine.pin(meant)?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( xt1 xt2 -- )`: gives xt2 the access that xt1 has.
pub(super) fn inherit(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (from, to) = (machine.peek(1)?, machine.peek(0)?);
    let from = word_meant(machine, from)?;
    let to = word_meant(machine, to)?;
    let Access {
        strict,
        ttl,
        allowed,
        ..
    } = machine.access(from);
    machine.change_access(to, Event::Inherited, |access| {
        access.strict = strict;
        access.ttl = ttl;
        access.allowed = allowed;
    })?;
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( xt -- flag )`: true if the word is under control.
pub(super) fn is_controlled(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let controlled = machine.is_controlled(token);
    machine.poke(0, -i64::from(controlled))?;
    Ok(Step::Done)
}

/// `( n -- flag )`: writes the n-th line of the audit log, counted from the oldest kept; false if there is none.
pub(super) fn print_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let index = machine.peek(0)?.cast_unsigned();
    let found = machine.audit_line(index);
    if let Some(entry) = &found {
        let mut line = Line::new();
        let event = entry.event().map_or("", Event::text);
        // Writing into a line cannot fail: what does not fit is cut.
        let _ = write!(line, "{:>12}  {event}: ", entry.cost);
        line.push(entry.name());
        line.push(b"\n");
        machine.write(line.as_bytes());
    }
    machine.poke(0, -i64::from(found.is_some()))?;
    Ok(Step::Done)
}
