//! The two equalities, the total order, the hash: of values of any depth, a slice at a time.

use crate::machine::Machine;
use crate::values::progress::{Open, Progress, WORK, out_of_memory, size, weight};
use crate::{Step, Trap};
use core::cmp::Ordering;
use stele_memory::{Local, OutOfMemory, Session, ValueKind};

/// `( V: x1 x2 -- ) ( -- flag )`: numbers by what they are worth.
pub(super) fn equal(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    compare(machine, true, |session, progress, a, b, units| {
        let equal = session.equal_step(&mut progress.comparison, a, b, units)?;
        Ok(equal.map(|equal| -i64::from(equal)))
    })
}

/// `( V: x1 x2 -- ) ( -- flag )`: the same kind and the same bits.
pub(super) fn identical(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    compare(machine, true, |session, progress, a, b, units| {
        let identical = session.identical_step(&mut progress.comparison, a, b, units)?;
        Ok(identical.map(|identical| -i64::from(identical)))
    })
}

/// `( V: x1 x2 -- ) ( -- n )`: -1 if x1 comes first in the total order, 1 if x2 does, 0 if they are
/// identical.
pub(super) fn order(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    compare(machine, false, |session, progress, a, b, units| {
        let order = session.order_step(&mut progress.comparison, a, b, units)?;
        Ok(order.map(|order| match order {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }))
    })
}

/// `( V: x1 x2 -- ) ( -- flag )`: whether x1 comes before x2: of numbers what they are worth, none of
/// them NaN; of text by its characters, of bytes.
pub(super) fn less(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    ordered(machine, |order| order == Ordering::Less)
}

/// `( V: x1 x2 -- ) ( -- flag )`: as [`less`], or equal.
pub(super) fn less_or_equal(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    ordered(machine, |order| order != Ordering::Greater)
}

/// What two values must be to come one before the other.
#[derive(PartialEq, Eq)]
enum Ordered {
    Number,
    NotANumber,
    Other(ValueKind),
}

fn ordered(machine: &mut Machine<'_, '_>, holds: impl Fn(Ordering) -> bool) -> Result<Step, Trap> {
    let (unordered, numbers) = {
        let Open {
            session,
            stack,
            progress,
            ..
        } = machine.open_values();
        let (a, b) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        let (left, right) = (sort_of(&session, a), sort_of(&session, b));
        let is_number = |sort: &Ordered| !matches!(sort, Ordered::Other(_));
        let needed = match &left {
            Ordered::Other(ValueKind::Text) => "text",
            Ordered::Other(ValueKind::Bytes) => "bytes",
            Ordered::Other(_) => return Err(progress.wrong_kind(&session, a, "a number or text")),
            _ => "a number",
        };
        if left != right && !(is_number(&left) && is_number(&right)) {
            return Err(progress.wrong_kind(&session, b, needed));
        }
        let unordered = left == Ordered::NotANumber || right == Ordered::NotANumber;
        (unordered, is_number(&left))
    };
    // Of numbers the total order puts an integer before a float that is worth as much. Numbers are
    // compared in one step, so one comparison serves for both.
    compare(machine, false, |session, progress, a, b, units| {
        if unordered {
            return Ok(Some(0));
        }
        let equal =
            numbers && session.equal_step(&mut progress.comparison, a, b, units)? == Some(true);
        let order = match equal {
            true => Some(Ordering::Equal),
            false => session.order_step(&mut progress.comparison, a, b, units)?,
        };
        Ok(order.map(|order| -i64::from(holds(order))))
    })
}

fn sort_of(session: &Session<'_>, value: Local<'_>) -> Ordered {
    match session.kind(value) {
        ValueKind::Integer => Ordered::Number,
        ValueKind::Float if session.as_float(value).is_some_and(f64::is_nan) => Ordered::NotANumber,
        ValueKind::Float => Ordered::Number,
        kind => Ordered::Other(kind),
    }
}

/// Two values are compared as far as the shorter goes, and not at all where that the one has more
/// parts settles it.
fn due(session: &Session<'_>, a: Local<'_>, b: Local<'_>, same_size: bool) -> u64 {
    let sizes = (size(session, a), size(session, b));
    if session.kind(a) != session.kind(b) || same_size && sizes.0 != sizes.1 {
        return 0;
    }
    weight(session, a).min(weight(session, b))
}

fn compare(
    machine: &mut Machine<'_, '_>,
    same_size: bool,
    step: impl Fn(
        &Session<'_>,
        &mut Progress,
        Local<'_>,
        Local<'_>,
        &mut u64,
    ) -> Result<Option<i64>, OutOfMemory>,
) -> Result<Step, Trap> {
    machine.begin_operation();
    let due = {
        let Open { session, stack, .. } = machine.open_values();
        let (a, b) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        due(&session, a, b, same_size)
    };
    if !machine.pay(due) {
        return Ok(Step::Again);
    }
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let mut units = WORK;
    let answer = {
        let (a, b) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        step(&session, progress, a, b, &mut units)
    };
    match answer {
        Ok(Some(answer)) => {
            stack.pop(&session)?;
            stack.pop(&session)?;
            machine.push(answer)?;
            Ok(Step::Done)
        }
        Ok(None) => Ok(machine.tire(WORK)),
        Err(error) => out_of_memory(progress, &error),
    }
}

/// `( V: x -- ) ( -- u )`: equal values have equal hashes.
pub(super) fn hash(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let due = {
        let Open { session, stack, .. } = machine.open_values();
        weight(&session, session.load(stack.peek(0)?))
    };
    if !machine.pay(due) {
        return Ok(Step::Again);
    }
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let mut units = WORK;
    let hash = {
        let value = session.load(stack.peek(0)?);
        session.hash_step(&mut progress.hashing, value, &mut units)
    };
    match hash {
        Ok(Some(hash)) => {
            stack.pop(&session)?;
            machine.push(hash.cast_signed())?;
            Ok(Step::Done)
        }
        Ok(None) => Ok(machine.tire(WORK)),
        Err(error) => out_of_memory(progress, &error),
    }
}
