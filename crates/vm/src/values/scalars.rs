//! Values that are made from one cell, and give it back.

use crate::machine::Machine;
use crate::values::progress::{Open, reserve};
use crate::{Step, Trap};
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

/// `( x -- ) ( V: -- float )`: x are the bits of an IEEE binary64.
pub(super) fn float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    from_cell(
        machine,
        |session, cell| session.float_from_bits(cell.cast_unsigned()).ok(),
        never,
    )
}

/// `( V: float -- ) ( -- x )`
pub(super) fn as_float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let bits = |session: &Session<'_>, value: Local<'_>| {
        session.as_float_bits(value).map(u64::cast_signed)
    };
    to_cell(machine, bits, "a float")
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
    let float = session.float_from_bits(nearest_float(integer));
    let float = float.map_err(|_| Trap::OUT_OF_MEMORY)?;
    stack.poke(&session, 0, float)?;
    Ok(Step::Done)
}

/// The bits of the binary64 nearest to an integer, ties to even, without the machine's own floats:
/// the kernel is built without them.
fn nearest_float(integer: i64) -> u64 {
    let magnitude = integer.unsigned_abs();
    if magnitude == 0 {
        return 0;
    }
    let sign = u64::from(integer < 0) << 63;
    let zeroes = magnitude.leading_zeros();
    // The highest bit to bit 63; the upper 53 bits are kept.
    let shifted = magnitude << zeroes;
    let (kept, rest) = (shifted >> 11, shifted & 0x7FF);
    let up = rest > 0x400 || rest == 0x400 && kept & 1 == 1;
    let exponent = u64::from(1023 + 63 - zeroes);
    // The hidden bit of the significand is one in the exponent's place, and so is a carry.
    sign | ((exponent << 52) + (kept - (1 << 52)) + u64::from(up))
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

#[cfg(test)]
mod tests {
    use super::nearest_float;

    #[test]
    fn integers_become_the_floats_that_the_processor_makes_of_them() {
        let mut integer = 1i64;
        for step in 0..2000i64 {
            for candidate in [integer, -integer, integer.wrapping_add(step), i64::MIN, 0] {
                #[expect(clippy::cast_precision_loss, reason = "the loss is what is tested")]
                let expected = (candidate as f64).to_bits();
                assert_eq!(nearest_float(candidate), expected, "{candidate}");
            }
            integer = integer.wrapping_mul(3).wrapping_add(step);
        }
        for odd in [(1i64 << 53) + 1, (1 << 54) + 2, (1 << 54) + 6, i64::MAX] {
            #[expect(clippy::cast_precision_loss, reason = "the loss is what is tested")]
            let expected = (odd as f64).to_bits();
            assert_eq!(nearest_float(odd), expected);
        }
    }
}
