//! Arithmetic of values: integers of 64 bits, and floats as soon as one of the two is one.
//!
//! An integer result that does not fit is an error, and so is division by zero: integers never
//! wrap and never become floats by themselves. Quotients go towards zero and remainders have the
//! dividend's sign. With a float, the other operand becomes the nearest float and the operation is
//! that of [`crate::float`], which never fails. Bits are those of integers, in two's complement.

use crate::machine::Machine;
use crate::values::fault::Shown;
use crate::values::progress::{Open, Progress, reserve};
use crate::{Step, Trap, float};
use stele_bytecode::instruction::Op;
use stele_memory::{Local, NeedSpace, Session};

/// A number of a program.
#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Float(f64),
}

/// Why two numbers have no result: the throw code, and the operation in words.
struct Refused(Trap, &'static str);

/// An operation of two numbers.
pub(crate) struct Operation {
    integers: fn(i64, i64) -> Result<Number, Refused>,
    floats: fn(f64, f64) -> f64,
}

pub(crate) const SUM: Operation = Operation {
    integers: |a, b| fit(a.checked_add(b), "the sum"),
    floats: float::add,
};
pub(crate) const DIFFERENCE: Operation = Operation {
    integers: |a, b| fit(a.checked_sub(b), "the difference"),
    floats: float::subtract,
};
pub(crate) const PRODUCT: Operation = Operation {
    integers: |a, b| fit(a.checked_mul(b), "the product"),
    floats: float::multiply,
};
pub(crate) const QUOTIENT: Operation = Operation {
    integers: |a, b| match b {
        0 => Err(BY_ZERO),
        _ => fit(a.checked_div(b), "the quotient"),
    },
    floats: float::divide,
};
pub(crate) const REMAINDER: Operation = Operation {
    integers: |a, b| match b {
        0 => Err(BY_ZERO),
        // Of the least integer and -1 the quotient does not fit, but the remainder is zero.
        _ => Ok(Number::Integer(a.wrapping_rem(b))),
    },
    floats: float::remainder,
};
/// With a negative exponent integers, too, have a float as their power.
const POWER: Operation = Operation {
    integers: |a, b| match u32::try_from(b) {
        Ok(exponent) => fit(a.checked_pow(exponent), "the power"),
        Err(_) if b < 0 => {
            let (a, b) = (float::from_integer(a), float::from_integer(b));
            Ok(Number::Float(float::power(a, b)))
        }
        // What such an exponent leaves small stays what it is, but for the sign.
        Err(_) if (-1..=1).contains(&a) => Ok(Number::Integer(if b % 2 == 0 { a * a } else { a })),
        Err(_) => fit(None, "the power"),
    },
    floats: float::power,
};

const BY_ZERO: Refused = Refused(Trap::DIVISION_BY_ZERO, "division by zero");

fn fit(result: Option<i64>, what: &'static str) -> Result<Number, Refused> {
    let refused = Refused(Trap::INTEGER_OVERFLOW, what);
    result.map(Number::Integer).ok_or(refused)
}

impl Operation {
    fn apply(&self, a: Number, b: Number) -> Result<Number, Refused> {
        match (a, b) {
            (Number::Integer(a), Number::Integer(b)) => (self.integers)(a, b),
            _ => Ok(Number::Float((self.floats)(a.as_float(), b.as_float()))),
        }
    }
}

impl Number {
    fn of(session: &Session<'_>, value: Local<'_>) -> Option<Self> {
        if let Some(integer) = session.as_integer(value) {
            return Some(Self::Integer(integer));
        }
        let bits = session.as_float_bits(value)?;
        Some(Self::Float(float::from_bits(bits)))
    }

    fn as_float(self) -> f64 {
        match self {
            Self::Integer(integer) => float::from_integer(integer),
            Self::Float(float) => float,
        }
    }

    /// The value; `ROOM` has been reserved.
    fn value<'s>(self, session: &'s Session<'_>) -> Result<Local<'s>, Trap> {
        let value = match self {
            Self::Integer(integer) => session.integer(integer),
            Self::Float(float) => session.float_from_bits(float.to_bits()),
        };
        value.map_err(|_| Trap::OUT_OF_MEMORY)
    }
}

/// Bytes of the heap that a number takes at most.
const ROOM: usize = {
    let (integer, float) = (Session::worst_case_integer(), Session::worst_case_float());
    if integer > float { integer } else { float }
};

/// Says in words why two numbers have no result.
fn refuse(
    session: &Session<'_>,
    progress: &mut Progress,
    a: Local<'_>,
    b: Local<'_>,
    refused: &Refused,
) -> Trap {
    let Refused(trap, what) = refused;
    if *trap == Trap::DIVISION_BY_ZERO {
        let shown = Shown::new(session, a);
        return progress.fail(*trap, format_args!("{shown} divided by zero"));
    }
    let (a, b) = (Shown::new(session, a), Shown::new(session, b));
    progress.fail(
        *trap,
        format_args!("{what} of {a} and {b} does not fit in 64 bits"),
    )
}

/// The two numbers on top; says which of the values is none.
fn numbers(
    session: &Session<'_>,
    progress: &mut Progress,
    a: Local<'_>,
    b: Local<'_>,
) -> Result<(Number, Number), Trap> {
    match (Number::of(session, a), Number::of(session, b)) {
        (Some(a), Some(b)) => Ok((a, b)),
        (None, _) => Err(progress.wrong_kind(session, a, "a number")),
        (_, None) => Err(progress.wrong_kind(session, b, "a number")),
    }
}

/// Replaces the two values on top by what `operation` makes of them; there is `ROOM`.
fn replace(machine: &mut Machine<'_, '_>, operation: &Operation) -> Result<(), Trap> {
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let (a, b) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let (left, right) = numbers(&session, progress, a, b)?;
    let result = operation.apply(left, right);
    let result = result.map_err(|refused| refuse(&session, progress, a, b, &refused))?;
    stack.poke(&session, 1, result.value(&session)?)?;
    stack.pop(&session)?;
    Ok(())
}

impl Machine<'_, '_> {
    /// Does an instruction of arithmetic where the dispatch cannot: with floats, with large integers,
    /// or with what is no number.
    pub(crate) fn calculate(&mut self, op: Op) -> Result<(), Trap> {
        self.spill();
        loop {
            match self.open_values().session.reserve(ROOM) {
                Ok(()) => break,
                Err(NeedSpace::Collect) => self.collect()?,
                Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY),
            }
        }
        let operation = match op {
            Op::VAdd => &SUM,
            Op::VSub => &DIFFERENCE,
            Op::VMul => &PRODUCT,
            Op::VDiv => &QUOTIENT,
            _ => &REMAINDER,
        };
        replace(self, operation)?;
        self.go_on(op);
        Ok(())
    }
}

/// `( V: x1 x2 -- x3 )`: to the power of.
pub(super) fn power(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    reserve!(machine.open_values().session, ROOM);
    replace(machine, &POWER)?;
    Ok(Step::Done)
}

/// `( V: x1 -- x2 )`: the other sign.
pub(super) fn negate(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, ROOM);
    let value = session.load(stack.peek(0)?);
    let negated = match Number::of(&session, value) {
        None => return Err(progress.wrong_kind(&session, value, "a number")),
        Some(Number::Float(float)) => Number::Float(float::negate(float)),
        Some(Number::Integer(integer)) => {
            let negated = integer.checked_neg().ok_or_else(|| {
                progress.fail(
                    Trap::INTEGER_OVERFLOW,
                    format_args!("{integer} with the other sign does not fit in 64 bits"),
                )
            })?;
            Number::Integer(negated)
        }
    };
    stack.poke(&session, 0, negated.value(&session)?)?;
    Ok(Step::Done)
}

/// Replaces two integers by what `operation` makes of them.
fn bits(
    machine: &mut Machine<'_, '_>,
    operation: impl FnOnce(i64, i64) -> Option<i64>,
) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, ROOM);
    let (a, b) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let (left, right) = match (session.as_integer(a), session.as_integer(b)) {
        (Some(left), Some(right)) => (left, right),
        (None, _) => return Err(progress.wrong_kind(&session, a, "an integer")),
        (_, None) => return Err(progress.wrong_kind(&session, b, "an integer")),
    };
    let result = operation(left, right).ok_or_else(|| {
        progress.fail(
            Trap::SHIFT_RANGE,
            format_args!("a shift is by 0 to 63 places, not by {right}"),
        )
    })?;
    let result = Number::Integer(result).value(&session)?;
    stack.poke(&session, 1, result)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}

/// `( V: n1 n2 -- n3 )`: the bits that both have.
pub(super) fn and(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    bits(machine, |a, b| Some(a & b))
}

/// `( V: n1 n2 -- n3 )`: the bits that one of them has.
pub(super) fn or(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    bits(machine, |a, b| Some(a | b))
}

/// `( V: n1 n2 -- n3 )`: the bits that one of them has and the other has not.
pub(super) fn xor(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    bits(machine, |a, b| Some(a ^ b))
}

/// A number of places to shift by.
fn places(count: i64) -> Option<u32> {
    u32::try_from(count).ok().filter(|count| *count < i64::BITS)
}

/// `( V: n1 n2 -- n3 )`: n1 shifted left by n2 places; what leaves the 64 bits is lost.
pub(super) fn left(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    bits(machine, |a, b| Some(a << places(b)?))
}

/// `( V: n1 n2 -- n3 )`: n1 shifted right by n2 places, the sign kept.
pub(super) fn right(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    bits(machine, |a, b| Some(a >> places(b)?))
}
