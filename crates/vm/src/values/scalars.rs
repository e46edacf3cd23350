//! Values that are made from one cell, and give it back.

use crate::machine::Machine;
use crate::values::progress::{Open, out_of_memory, reserve};
use crate::{Step, Trap, float};
use stele_memory::{Local, Session};

/// Puts the value that `make` makes of the cell on top of the data stack on the value stack.
fn from_cell(
    machine: &mut Machine<'_, '_>,
    make: impl for<'a> FnOnce(&'a Session<'_>, i64) -> Option<Local<'a>>,
    refuse: impl FnOnce(i64) -> (Trap, &'static str),
) -> Result<Step, Trap> {
    let cell = machine.peek(0)?;
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_integer());
    let Some(value) = make(&session, cell) else {
        let (trap, needed) = refuse(cell);
        return Err(progress.fail(trap, format_args!("{needed}, not {cell}")));
    };
    stack.push(&session, value)?;
    machine.pop()?;
    Ok(Step::Done)
}

/// Takes the top value and leaves the cell that `take` finds in it; `needed` says what it must be.
fn to_cell(
    machine: &mut Machine<'_, '_>,
    take: impl FnOnce(&Session<'_>, Local<'_>) -> Option<i64>,
    needed: &str,
) -> Result<Step, Trap> {
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let cell = take(&session, value).ok_or_else(|| progress.wrong_kind(&session, value, needed))?;
    stack.pop(&session)?;
    machine.push(cell)?;
    Ok(Step::Done)
}

/// What is refused by nothing.
fn never(_: i64) -> (Trap, &'static str) {
    (Trap::OUT_OF_MEMORY, "")
}

/// `( V: -- nil )`
pub(super) fn nil(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        session, mut stack, ..
    } = machine.open_values();
    stack.push(&session, session.nil())?;
    Ok(Step::Done)
}

/// `( flag -- ) ( V: -- boolean )`
pub(super) fn boolean(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    from_cell(
        machine,
        |session, cell| Some(session.boolean(cell != 0)),
        never,
    )
}

/// `( V: boolean -- ) ( -- flag )`
pub(super) fn as_boolean(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let flag = |session: &Session<'_>, value: Local<'_>| {
        session.as_boolean(value).map(|boolean| -i64::from(boolean))
    };
    to_cell(machine, flag, "a boolean")
}

/// `( u -- ) ( V: -- character )`
pub(super) fn character(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    from_cell(
        machine,
        |session, cell| {
            let character = u32::try_from(cell).ok().and_then(char::from_u32)?;
            Some(session.character(character))
        },
        |_| {
            (
                Trap::NUMERIC_ARGUMENT,
                "the number of a character is needed",
            )
        },
    )
}

/// `( V: character -- ) ( -- u )`
pub(super) fn as_character(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = |session: &Session<'_>, value: Local<'_>| {
        let character = session.as_character(value)?;
        Some(i64::from(u32::from(character)))
    };
    to_cell(machine, number, "a character")
}

/// `( F: r -- ) ( V: -- float )`
pub(super) fn from_float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let bits = machine.peek_float(0)?.to_bits();
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_float());
    let value = session.float_from_bits(bits);
    let value = match value {
        Ok(value) => value,
        Err(error) => return out_of_memory(progress, &error),
    };
    stack.push(&session, value)?;
    machine.pop_float()?;
    Ok(Step::Done)
}

/// `( V: float -- ) ( F: -- r )`
pub(super) fn as_float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let float = session.as_float(value);
    let float = float.ok_or_else(|| progress.wrong_kind(&session, value, "a float"))?;
    stack.pop(&session)?;
    machine.push_float(float)?;
    Ok(Step::Done)
}

/// `( V: integer -- float )`: the nearest there is, of two equally near the even one.
pub(super) fn integer_to_float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_float());
    let value = session.load(stack.peek(0)?);
    let Some(integer) = session.as_integer(value) else {
        return Err(progress.wrong_kind(&session, value, "an integer"));
    };
    let float = session.float(float::from_integer(integer));
    let float = float.map_err(|_| Trap::OUT_OF_MEMORY)?;
    stack.poke(&session, 0, float)?;
    Ok(Step::Done)
}

/// `( u -- ) ( V: -- capability )`: a name; whether the instance holds what it names is asked when
/// it is used.
pub(super) fn capability(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    from_cell(
        machine,
        |session, cell| session.capability(u64::try_from(cell).ok()?),
        |_| (Trap::NUMERIC_ARGUMENT, "a number below 2^60 is needed"),
    )
}

/// `( V: capability -- ) ( -- u )`
pub(super) fn as_capability(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = |session: &Session<'_>, value: Local<'_>| {
        session.as_capability(value).map(u64::cast_signed)
    };
    to_cell(machine, name, "a capability")
}

/// `( V: x -- ) ( -- n )`: the number of its kind, in the order of [`stele_memory::ValueKind`].
pub(super) fn kind(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number =
        |session: &Session<'_>, value: Local<'_>| Some(i64::from(session.kind(value) as u8));
    to_cell(machine, number, "a value")
}
