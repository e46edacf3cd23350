//! Collections as vectors: for going through one in the order in which it is printed, or sorted.

use crate::machine::Machine;
use crate::values::progress::{Open, Progress, WORK, out_of_memory, reserve, size};
use crate::{Step, Trap};
use stele_memory::{Local, Refusal, Session, TrieCursor, ValueKind};

/// Parts that one run takes over.
const PIECE: usize = 512;

/// Most bytes that taking one over needs: an entry as a vector, and what a growing vector makes.
const PART: usize = Session::worst_case_record(3);

/// A part, and the cursor of the next one.
type Part<'a> = Option<(Local<'a>, TrieCursor)>;

/// `( V: x -- vector )`: the elements of a vector, the members of a set, the entries of a map as
/// vectors of key and value, the characters of text, the numbers of bytes.
pub(super) fn row(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open { session, stack, .. } = machine.open_values();
    if session.kind(session.load(stack.peek(0)?)) == ValueKind::Vector {
        return Ok(Step::Done);
    }
    gather(
        machine,
        "a collection, text or bytes",
        |session, value, cursor| {
            Ok(match session.kind(value) {
                ValueKind::Set => session.set_next(value, cursor),
                ValueKind::Map => match session.map_next(value, cursor) {
                    Some((key, value, next)) => {
                        let entry = session.vector_push(session.vector()?, key)?;
                        Some((session.vector_push(entry, value)?, next))
                    }
                    None => None,
                },
                ValueKind::Text => {
                    let text = session.as_text(value).unwrap_or_default();
                    let rest = text.get(cursor.words[0] as usize..).unwrap_or_default();
                    rest.chars().next().map(|character| {
                        let next = cursor.words[0] + character.len_utf8() as u64;
                        (
                            session.character(character),
                            TrieCursor { words: [next, 0] },
                        )
                    })
                }
                ValueKind::Bytes => {
                    let bytes = session.as_bytes(value).unwrap_or_default();
                    match bytes.get(cursor.words[0] as usize) {
                        Some(byte) => {
                            let next = TrieCursor {
                                words: [cursor.words[0] + 1, 0],
                            };
                            Some((session.integer((*byte).into())?, next))
                        }
                        None => None,
                    }
                }
                _ => return Err(Refusal::WrongKind("a collection, text or bytes")),
            })
        },
    )
}

/// `( V: map -- vector )`, also the members of a set.
pub(super) fn keys(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    gather(machine, "a map or a set", |session, value, cursor| {
        Ok(match session.kind(value) {
            ValueKind::Map => session
                .map_next(value, cursor)
                .map(|(key, _, next)| (key, next)),
            ValueKind::Set => session.set_next(value, cursor),
            _ => return Err(Refusal::WrongKind("a map or a set")),
        })
    })
}

/// `( V: map -- vector )`
pub(super) fn vals(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    gather(machine, "a map", |session, value, cursor| {
        if session.kind(value) != ValueKind::Map {
            return Err(Refusal::WrongKind("a map"));
        }
        let next = session.map_next(value, cursor);
        Ok(next.map(|(_, value, next)| (value, next)))
    })
}

/// Makes a vector of what `next` finds at each cursor.
fn gather(
    machine: &mut Machine<'_, '_>,
    needed: &str,
    next: impl for<'a> Fn(&'a Session<'_>, Local<'a>, TrieCursor) -> Result<Part<'a>, Refusal>,
) -> Result<Step, Trap> {
    machine.begin_operation();
    let due = {
        let Open { session, stack, .. } = machine.open_values();
        size(&session, session.load(stack.peek(0)?)).unwrap_or(0)
    };
    if !machine.pay(due) {
        return Ok(Step::Again);
    }
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, PIECE * PART + Session::worst_case_vector_push());
    let value = session.load(stack.peek(0)?);
    let mut taken = 0;
    let refused = loop {
        if taken == PIECE {
            break None;
        }
        match next(&session, value, progress.cursor) {
            Ok(None) => {
                break match session.vector_freeze(&mut progress.growing) {
                    Ok(vector) => {
                        stack.poke(&session, 0, vector)?;
                        return Ok(Step::Done);
                    }
                    Err(error) => Some(Refusal::OutOfMemory(error)),
                };
            }
            Ok(Some((part, cursor))) => {
                if let Err(refusal) = session.vector_transient_push(&mut progress.growing, part) {
                    break Some(refusal);
                }
                progress.cursor = cursor;
                taken += 1;
            }
            Err(refusal) => break Some(refusal),
        }
    };
    match refused {
        None => Ok(machine.tire(PIECE as u64)),
        Some(Refusal::OutOfMemory(error)) => out_of_memory(progress, &error),
        Some(_) => Err(progress.wrong_kind(&session, value, needed)),
    }
}

/// Bytes of the heap that are made sure of before a step of sorting: about what the elements leave that
/// it puts into the result, so that a collection that is due is not put off to the end of the memory.
const SORTING_ROOM: usize = WORK as usize * 80;

/// Cost units for sorting so many: as many as it compares at most.
fn sorting_cost(count: u64) -> u64 {
    count.saturating_mul(u64::from(u64::BITS - count.leading_zeros()))
}

/// `( V: x -- vector )`: elements, members or keys in the total order.
pub(super) fn sorted(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let due = {
        let Open {
            session,
            stack,
            progress,
            ..
        } = machine.open_values();
        let value = session.load(stack.peek(0)?);
        if !matches!(
            session.kind(value),
            ValueKind::Vector | ValueKind::Set | ValueKind::Map
        ) {
            return Err(progress.wrong_kind(&session, value, "a vector, a set or a map"));
        }
        sorting_cost(size(&session, value).unwrap_or(0))
    };
    if !machine.pay(due) {
        return Ok(Step::Again);
    }
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, SORTING_ROOM);
    let mut units = WORK;
    match sort(&session, progress, session.load(stack.peek(0)?), &mut units) {
        Ok(Some(sorted)) => {
            stack.poke(&session, 0, sorted)?;
            Ok(Step::Done)
        }
        Ok(None) => Ok(machine.tire(WORK)),
        Err(Refusal::OutOfMemory(error)) => out_of_memory(progress, &error),
        Err(_) => Err(Trap::WRONG_KIND),
    }
}

fn sort<'a>(
    session: &'a Session<'_>,
    progress: &mut Progress,
    value: Local<'a>,
    units: &mut u64,
) -> Result<Option<Local<'a>>, Refusal> {
    session.sort_step(&mut progress.sorting, value, units)
}
