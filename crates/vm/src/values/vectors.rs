//! What has a length: vectors, and text and bytes as far as they are like them.

use crate::machine::Machine;
use crate::values::progress::{Open, out_of_memory, reserve, size as size_of};
use crate::values::text::{self, BYTES_PER_UNIT};
use crate::{Step, Trap};
use stele_memory::{OutOfMemory, Refusal, SYSTEM_RECORDS, Session, ValueKind};

/// Elements that one run gathers.
const PIECE: u64 = 1024;

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// `( V: x -- ) ( -- u )`: elements, entries, members, fields; of text and bytes the bytes.
pub(super) fn size(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let Some(size) = size_of(&session, value) else {
        return Err(progress.wrong_kind(&session, value, "something that has parts"));
    };
    stack.pop(&session)?;
    machine.push(size.cast_signed())?;
    Ok(Step::Done)
}

/// `( from to -- ) ( V: x1 -- x2 )`: the part from place `from` up to, not including, place `to`,
/// of a vector, of bytes, or of text, where places are bytes and a character cannot be cut.
pub(super) fn slice(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (from, to) = (machine.peek(1)?, machine.peek(0)?);
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let (kind, length) = (session.kind(value), size_of(&session, value).unwrap_or(0));
    let sliced = matches!(kind, ValueKind::Vector | ValueKind::Text | ValueKind::Bytes);
    if !sliced {
        return Err(progress.wrong_kind(&session, value, "a vector, text or bytes"));
    }
    let wrong = match (u64::try_from(from), u64::try_from(to)) {
        (Ok(from), Ok(to)) if to <= length && from <= to => None,
        (Ok(from), Ok(to)) if to <= length && from > to => Some(from.cast_signed()),
        (Err(_), _) => Some(from),
        _ => Some(to),
    };
    if let Some(index) = wrong {
        return Err(progress.no_place(kind, index, length));
    }
    let (from, to) = (from.unsigned_abs(), to.unsigned_abs());
    let bytes = if kind == ValueKind::Vector {
        reserve!(session, Session::worst_case_vector_slice());
        let value = session.load(stack.peek(0)?);
        let part = session
            .vector_slice(value, from, to)
            .map_err(|_| Trap::OUT_OF_MEMORY)?;
        stack.poke(&session, 0, part)?;
        0
    } else {
        let bytes = to - from;
        reserve!(session, Session::worst_case_bytes(bytes as usize));
        let value = session.load(stack.peek(0)?);
        let range = from as usize..to as usize;
        let part = if let Some(text) = session.as_text(value) {
            let Some(part) = text.get(range) else {
                return Err(progress.fail(
                    Trap::NO_SUCH_PLACE,
                    format_args!("no character begins or ends at both {from} and {to}"),
                ));
            };
            session.text(part).map_err(full)?
        } else {
            let all = session.as_bytes(value).unwrap_or_default();
            session.bytes(&all[range]).map_err(full)?
        };
        stack.poke(&session, 0, part)?;
        bytes
    };
    machine.charge(bytes / BYTES_PER_UNIT);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( V: x1 x2 -- x3 )`: two vectors, two texts or two strings of bytes as one.
pub(super) fn concat(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (kind, lengths) = {
        let Open {
            session,
            stack,
            progress,
            ..
        } = machine.open_values();
        let (first, second) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        let kind = session.kind(first);
        let needed = match kind {
            ValueKind::Vector => "a vector",
            ValueKind::Text => "text",
            ValueKind::Bytes => "bytes",
            _ => return Err(progress.wrong_kind(&session, first, "a vector, text or bytes")),
        };
        if session.kind(second) != kind {
            return Err(progress.wrong_kind(&session, second, needed));
        }
        let lengths = [first, second].map(|value| size_of(&session, value).unwrap_or(0));
        (kind, lengths)
    };
    let length = lengths[0].saturating_add(lengths[1]);
    if kind != ValueKind::Vector {
        text::limit(machine, length)?;
    }
    machine.begin_operation();
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let bytes = if kind == ValueKind::Vector {
        // The worst case of all is far from what two vectors ever need.
        reserve!(session, Session::worst_case_vector_slice());
        let (first, second) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        match session.vector_concat(first, second) {
            Ok(both) => stack.poke(&session, 1, both)?,
            Err(Refusal::OutOfMemory(error)) => {
                return out_of_memory(progress, &error);
            }
            Err(refusal) => return Err(progress.refused(&session, first, refusal)),
        }
        0
    } else {
        reserve!(session, Session::worst_case_bytes(length as usize));
        let (first, second) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        let both = session
            .joined(first, second)
            .map_err(|_| Trap::OUT_OF_MEMORY)?;
        stack.poke(&session, 1, both)?;
        length
    };
    stack.pop(&session)?;
    machine.charge(bytes / BYTES_PER_UNIT);
    Ok(Step::Done)
}

/// `( V: -- vector )`
pub(super) fn empty(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_vector_push());
    let vector = session.vector().map_err(full)?;
    stack.push(&session, vector)?;
    Ok(Step::Done)
}

/// `( n -- ) ( V: x1 … xn -- vector )`
pub(super) fn gather(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let count = machine.peek(0)?;
    let count = usize::try_from(count).map_err(|_| Trap::NUMERIC_ARGUMENT)?;
    if count > machine.value_depth() {
        return Err(Trap::VALUE_STACK_UNDERFLOW);
    }
    if !machine.pay(count as u64) {
        return Ok(Step::Again);
    }
    machine.reserve_values(usize::from(count == 0))?;
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, PIECE as usize / 8 * Session::worst_case_record(1));
    let end = (progress.growing.len() + PIECE).min(count as u64);
    while progress.growing.len() < end {
        let below = count - 1 - progress.growing.len() as usize;
        let element = session.load(stack.peek(below)?);
        let pushed = session.vector_transient_push(&mut progress.growing, element);
        if let Err(refusal) = pushed {
            return match refusal {
                Refusal::OutOfMemory(error) => out_of_memory(progress, &error),
                _ => Err(Trap::WRONG_KIND),
            };
        }
    }
    if end < count as u64 {
        return Ok(machine.tire(PIECE));
    }
    let vector = match session.vector_freeze(&mut progress.growing) {
        Ok(vector) => vector,
        Err(error) => return out_of_memory(progress, &error),
    };
    // In the place of the first of what it was made of, if that was anything.
    if let Some(above) = count.checked_sub(1) {
        stack.poke(&session, above, vector)?;
        for _ in 0..above {
            stack.pop(&session)?;
        }
    } else {
        stack.push(&session, vector)?;
    }
    machine.pop()?;
    Ok(Step::Done)
}

/// `( n -- ) ( V: x1 -- x2 )`: the element, the byte or the field at place n, counted from 0.
pub(super) fn nth(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let index = machine.peek(0)?;
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let (kind, length) = (session.kind(value), size_of(&session, value).unwrap_or(0));
    let place = u64::try_from(index).ok();
    let element = match kind {
        ValueKind::Vector => place.and_then(|place| session.vector_get(value, place)),
        ValueKind::Record => place
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| session.field(value, place)),
        ValueKind::Bytes => {
            let bytes = session.as_bytes(value).unwrap_or_default();
            let byte = usize::try_from(index).ok().and_then(|at| bytes.get(at));
            match byte {
                Some(byte) => Some(session.integer((*byte).into()).map_err(full)?),
                None => None,
            }
        }
        _ => return Err(progress.wrong_kind(&session, value, "a vector, a record or bytes")),
    };
    let element = element.ok_or_else(|| progress.no_place(kind, index, length))?;
    stack.poke(&session, 0, element)?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( n -- ) ( V: x1 x -- x2 )`: a vector or a record with x at place n.
pub(super) fn put_nth(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let index = machine.peek(0)?;
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let fields = session
        .record_len(session.load(stack.peek(1)?))
        .unwrap_or(0);
    let record = Session::worst_case_record(fields);
    reserve!(session, Session::worst_case_vector_push().max(record));
    let (value, element) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let (kind, length) = (session.kind(value), size_of(&session, value).unwrap_or(0));
    let place = u64::try_from(index).ok().filter(|place| *place < length);
    if session
        .record_type(value)
        .is_some_and(|kind| SYSTEM_RECORDS.contains(&kind))
    {
        let needed = "a vector or a record that a program made";
        return Err(progress.wrong_kind(&session, value, needed));
    }
    let changed = match (kind, place) {
        (ValueKind::Vector | ValueKind::Record, None) => {
            return Err(progress.no_place(kind, index, length));
        }
        (ValueKind::Vector, Some(place)) => session.vector_set(value, place, element),
        (ValueKind::Record, Some(place)) => session.with_field(value, place as usize, element),
        _ => return Err(progress.wrong_kind(&session, value, "a vector or a record")),
    };
    let changed = changed.map_err(|refusal| progress.refused(&session, value, refusal))?;
    stack.poke(&session, 1, changed)?;
    stack.pop(&session)?;
    machine.charge(fields as u64 / 4);
    machine.pop()?;
    Ok(Step::Done)
}

/// `( V: vector1 x -- vector2 )`: with x at its end.
pub(super) fn push(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_vector_push());
    let (vector, element) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let longer = session.vector_push(vector, element);
    let longer = longer.map_err(|refusal| progress.refused(&session, vector, refusal))?;
    stack.poke(&session, 1, longer)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}

/// `( V: vector1 -- vector2 x )`: takes the last element off.
pub(super) fn pop(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_vector_push());
    let vector = session.load(stack.peek(0)?);
    let Some(length) = session.vector_len(vector) else {
        return Err(progress.wrong_kind(&session, vector, "a vector"));
    };
    let last = length.checked_sub(1);
    let element = last.and_then(|last| session.vector_get(vector, last));
    let (Some(last), Some(element)) = (last, element) else {
        return Err(progress.fail(
            Trap::NO_SUCH_PLACE,
            format_args!("an empty vector has no last element"),
        ));
    };
    let shorter = session.vector_truncate(vector, last);
    let shorter = shorter.map_err(|refusal| progress.refused(&session, vector, refusal))?;
    stack.poke(&session, 0, shorter)?;
    stack.push(&session, element)?;
    Ok(Step::Done)
}
