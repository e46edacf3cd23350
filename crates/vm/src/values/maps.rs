//! Maps and sets: looking up, adding, removing, with keys of any kind; vectors by the number of a
//! place.

use crate::machine::Machine;
use crate::values::progress::{Open, Progress, WORK, out_of_memory, reserve, size, weight};
use crate::{Step, Trap};
use stele_memory::{Local, NeedSpace, OutOfMemory, Refusal, Session, ValueKind};

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// `( V: -- map )`
pub(super) fn empty_map(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_record(1));
    let map = session.map().map_err(full)?;
    stack.push(&session, map)?;
    Ok(Step::Done)
}

/// `( V: -- set )`
pub(super) fn empty_set(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        ..
    } = machine.open_values();
    reserve!(session, Session::worst_case_record(1));
    let set = session.set().map_err(full)?;
    stack.push(&session, set)?;
    Ok(Step::Done)
}

/// What the key on the value stack leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sought {
    /// A map or a set, in which the search is done.
    Trie(ValueKind),
    /// A place of a vector.
    Place(u64),
    /// No place of a vector.
    Nowhere,
}

/// Goes on with looking up the key that lies `key` below the top in the collection that lies
/// `collection` below it; a step to take first, or what was found out.
fn look_up(
    machine: &mut Machine<'_, '_>,
    collection: usize,
    key: usize,
    needed: &str,
    kinds: &[ValueKind],
) -> Result<Result<Sought, Step>, Trap> {
    machine.begin_operation();
    let (kind, place, due) = {
        let Open {
            session,
            stack,
            progress,
            ..
        } = machine.open_values();
        let (trie, key) = (
            session.load(stack.peek(collection)?),
            session.load(stack.peek(key)?),
        );
        let kind = session.kind(trie);
        if !kinds.contains(&kind) {
            return Err(progress.wrong_kind(&session, trie, needed));
        }
        let place = session
            .as_integer(key)
            .and_then(|place| u64::try_from(place).ok());
        (kind, place, weight(&session, key))
    };
    if kind == ValueKind::Vector {
        return Ok(Ok(place.map_or(Sought::Nowhere, Sought::Place)));
    }
    if !machine.pay(due) {
        return Ok(Err(Step::Again));
    }
    let Open {
        session,
        stack,
        progress,
        ..
    } = machine.open_values();
    let mut units = WORK;
    let done = {
        let (trie, key) = (
            session.load(stack.peek(collection)?),
            session.load(stack.peek(key)?),
        );
        session.lookup_step(&mut progress.lookup, trie, key, &mut units)
    };
    match done {
        Ok(true) => Ok(Ok(Sought::Trie(kind))),
        Ok(false) => Ok(Err(machine.tire(WORK))),
        Err(Refusal::OutOfMemory(error)) => out_of_memory(progress, &error).map(Err),
        Err(_) => Err(Trap::WRONG_KIND),
    }
}

/// Leaves the primitive if the search is to go on, or a step to be taken first.
macro_rules! found {
    ($machine:expr, $collection:literal, $key:literal, $needed:literal, $kinds:expr) => {
        match look_up($machine, $collection, $key, $needed, $kinds)? {
            Ok(sought) => sought,
            Err(step) => return Ok(step),
        }
    };
}

/// What can be looked up in, as [`ValueKind`]s and in words.
const ANY: &[ValueKind] = &[ValueKind::Map, ValueKind::Set, ValueKind::Vector];

/// The value that was found: under a key, at a place, or the member.
fn value_of<'a>(
    session: &'a Session<'_>,
    progress: &Progress,
    collection: Local<'a>,
    sought: Sought,
) -> Option<Local<'a>> {
    match sought {
        Sought::Trie(ValueKind::Map) => session.map_get_found(collection, &progress.lookup),
        Sought::Trie(_) => session.set_get_found(collection, &progress.lookup),
        Sought::Place(place) => session.vector_get(collection, place),
        Sought::Nowhere => None,
    }
}

/// `( V: collection key -- x )`
pub(super) fn get(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let sought = found!(machine, 1, 0, "a map, a set or a vector", ANY);
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let (collection, key) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let Some(value) = value_of(&session, progress, collection, sought) else {
        let (kind, length) = (session.kind(collection), size(&session, collection));
        let length = length.unwrap_or(0);
        return Err(match (kind, session.as_integer(key)) {
            (ValueKind::Vector, Some(index)) => progress.no_place(kind, index, length),
            (ValueKind::Vector, None) => {
                progress.wrong_kind(&session, key, "the number of a place")
            }
            _ => progress.no_key(&session, key, kind, length),
        });
    };
    stack.poke(&session, 1, value)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}

/// `( V: collection key x1 -- x2 )`: x1 if there is no such key.
pub(super) fn get_or(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let sought = found!(machine, 2, 1, "a map, a set or a vector", ANY);
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let (collection, other) = (session.load(stack.peek(2)?), session.load(stack.peek(0)?));
    let value = value_of(&session, progress, collection, sought).unwrap_or(other);
    stack.poke(&session, 2, value)?;
    stack.pop(&session)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}

/// `( V: collection key -- ) ( -- flag )`
pub(super) fn has(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let sought = found!(machine, 1, 0, "a map, a set or a vector", ANY);
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let collection = session.load(stack.peek(1)?);
    let found = value_of(&session, progress, collection, sought).is_some();
    stack.pop(&session)?;
    stack.pop(&session)?;
    machine.push(-i64::from(found))?;
    Ok(Step::Done)
}

/// What an insertion or a removal can need at most.
const CHANGE: usize = Session::worst_case_map_insert()
    + Session::worst_case_record(2)
    + Session::worst_case_vector_push();

/// `( V: collection1 key x -- collection2 )`: a map with x under key, a vector with x at a place.
pub(super) fn put(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let kinds = &[ValueKind::Map, ValueKind::Vector];
    let sought = found!(machine, 2, 1, "a map or a vector", kinds);
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    reserve!(session, CHANGE);
    let changed = {
        let collection = session.load(stack.peek(2)?);
        let (key, value) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
        let changed = match sought {
            Sought::Trie(_) => session.map_insert_found(collection, &progress.lookup, key, value),
            Sought::Place(place) => session.vector_set(collection, place, value),
            Sought::Nowhere => {
                let length = size(&session, collection).unwrap_or(0);
                return Err(match session.as_integer(key) {
                    Some(index) => progress.no_place(ValueKind::Vector, index, length),
                    None => progress.wrong_kind(&session, key, "the number of a place"),
                });
            }
        };
        changed.map_err(|refusal| progress.refused(&session, collection, refusal))?
    };
    stack.poke(&session, 2, changed)?;
    stack.pop(&session)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}

/// `( V: set1 x -- set2 )`
pub(super) fn insert(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    found!(machine, 1, 0, "a set", &[ValueKind::Set]);
    change(machine, |session, progress, set, member| {
        session.set_insert_found(set, &progress.lookup, member)
    })
}

/// `( V: collection1 key -- collection2 )`: a map or a set without the key.
pub(super) fn remove(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let kinds = &[ValueKind::Map, ValueKind::Set];
    let sought = found!(machine, 1, 0, "a map or a set", kinds);
    change(machine, |session, progress, collection, _| match sought {
        Sought::Trie(ValueKind::Map) => session.map_remove_found(collection, &progress.lookup),
        _ => session.set_remove_found(collection, &progress.lookup),
    })
}

/// Puts what `make` makes of the collection and the key in the place of both.
fn change(
    machine: &mut Machine<'_, '_>,
    make: impl for<'a> FnOnce(
        &'a Session<'_>,
        &Progress,
        Local<'a>,
        Local<'a>,
    ) -> Result<Local<'a>, Refusal>,
) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let reserved: Result<(), NeedSpace> = session.reserve(CHANGE);
    if let Err(need) = reserved {
        return crate::words::needs_space(&need);
    }
    let (collection, key) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let changed = make(&session, progress, collection, key);
    let changed = changed.map_err(|refusal| progress.refused(&session, collection, refusal))?;
    stack.poke(&session, 1, changed)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}
