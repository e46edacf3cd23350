//! Records: some values under a type, a number on which their users agree.

use crate::machine::Machine;
use crate::values::progress::{Open, reserve};
use crate::{Step, Trap};
use stele_memory::{SYSTEM_RECORDS, Session, ValueKind};

/// Most fields of a record that a program makes.
const MOST_FIELDS: usize = 64;

/// `( type n -- ) ( V: x1 … xn -- record )`
pub(super) fn record(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (kind, count) = (machine.peek(1)?, machine.peek(0)?);
    let depth = machine.value_depth();
    machine.reserve_values(1)?;
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let Ok(kind) = u16::try_from(kind) else {
        return Err(progress.fail(
            Trap::NUMERIC_ARGUMENT,
            format_args!("a record's type is a number from 0 to 65535, not {kind}"),
        ));
    };
    if SYSTEM_RECORDS.contains(&kind) {
        return Err(progress.fail(
            Trap::NUMERIC_ARGUMENT,
            format_args!("records of type {kind} are the system's own"),
        ));
    }
    let Some(count) = usize::try_from(count)
        .ok()
        .filter(|count| *count <= MOST_FIELDS)
    else {
        return Err(progress.fail(
            Trap::NUMERIC_ARGUMENT,
            format_args!("a record has from 0 to {MOST_FIELDS} fields, not {count}"),
        ));
    };
    if count > depth {
        return Err(Trap::VALUE_STACK_UNDERFLOW);
    }
    reserve!(session, Session::worst_case_record(count));
    let mut fields = [session.nil(); MOST_FIELDS];
    for (index, field) in fields[..count].iter_mut().enumerate() {
        *field = session.load(stack.peek(count - 1 - index)?);
    }
    let record = session.record(kind, &fields[..count]);
    let record = record.map_err(|_| Trap::OUT_OF_MEMORY)?;
    for _ in 0..count {
        stack.pop(&session)?;
    }
    stack.push(&session, record)?;
    machine.charge(count as u64 / 4);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( V: record -- ) ( -- type )`
pub(super) fn kind(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let kind = session
        .record_type(value)
        .filter(|_| session.kind(value) == ValueKind::Record);
    let kind = kind.ok_or_else(|| progress.wrong_kind(&session, value, "a record"))?;
    stack.pop(&session)?;
    machine.push(kind.into())?;
    Ok(Step::Done)
}
