//! Atoms: places whose value changes, one at a time or several in one moment.
//!
//! In a transaction nothing reaches an atom before its end. A log, a value that the instance keeps,
//! has what was seen of each atom and what it is to hold: a map from the atom's name to its place in
//! a vector of threes (atom, seen, new), the log of the transaction outside, and the handler under
//! which it was opened. Loads and stores go to the log. The end of an inner transaction hands its log
//! to the outer one; the end of the outermost compares every atom that was touched with what was seen
//! of it and changes all of them in one moment, or none. A throw to the handler, or past it, gives the
//! transaction up, wherever it comes from: a program could not, if it is interrupted again.

use crate::machine::Machine;
use crate::values::progress::{
    LOG, Open, Progress, VALUE_ROOTS, WORK, out_of_memory, reserve, size, weight,
};
use crate::{Step, Trap};
use stele_memory::{Atom, AtomChange, Local, NeedSpace, OutOfMemory, Refusal, Root, Session};

/// Cost units for each atom of a transaction at its end.
const COST_OF_CHANGE: u64 = 16;

/// What putting an atom into the log can need at most.
const LOG_ROOM: usize = Session::worst_case_map_insert()
    + 3 * Session::worst_case_vector_push()
    + Session::worst_case_integer()
    + Session::worst_case_record(4);

/// What loading and storing can need at most: nothing, unless a transaction is open.
fn log_room(session: &Session<'_>, roots: &[Root; VALUE_ROOTS]) -> usize {
    match session.is_nil(session.load(&roots[LOG])) {
        true => 0,
        false => LOG_ROOM,
    }
}

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// The atom that a value names.
fn named<'a>(
    session: &'a Session<'_>,
    progress: &mut Progress,
    value: Local<'a>,
) -> Result<Atom<'a>, Trap> {
    let atom = session.as_atom(value);
    atom.ok_or_else(|| progress.wrong_kind(session, value, "an atom"))
}

/// `( V: x -- atom )`
pub(super) fn make(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        ..
    } = machine.open_values();
    let reserved: Result<(), NeedSpace> = session.reserve_atom();
    if let Err(need) = reserved {
        return crate::words::needs_space(&need);
    }
    let atom = session.atom(session.load(stack.peek(0)?));
    let atom = atom.map_err(|_| Trap::OUT_OF_MEMORY)?;
    stack.poke(&session, 0, session.atom_name(atom))?;
    Ok(Step::Done)
}

/// Type of the record that a log is.
const LOG_RECORD: u16 = 3;

/// The transaction that is open.
#[derive(Clone, Copy)]
struct Log<'a> {
    places: Local<'a>,
    changes: Local<'a>,
    /// The log of the one outside; nil if this is the outermost.
    outer: Local<'a>,
    /// Depth of the return stack at the innermost handler's record when it was opened.
    handler: Local<'a>,
}

impl<'a> Log<'a> {
    /// The log that a value is; none if it is none.
    fn of(session: &'a Session<'_>, value: Local<'a>) -> Option<Self> {
        Some(Self {
            places: session.field(value, 0)?,
            changes: session.field(value, 1)?,
            outer: session.field(value, 2)?,
            handler: session.field(value, 3)?,
        })
    }

    /// The log of the transaction that is open; none if none is.
    fn open(session: &'a Session<'_>, roots: &[Root; VALUE_ROOTS]) -> Option<Self> {
        Self::of(session, session.load(&roots[LOG]))
    }

    /// Makes this the log of the transaction that is open.
    fn keep(
        &self,
        session: &'a Session<'_>,
        roots: &mut [Root; VALUE_ROOTS],
    ) -> Result<(), OutOfMemory> {
        let fields = [self.places, self.changes, self.outer, self.handler];
        session.store(&mut roots[LOG], session.record(LOG_RECORD, &fields)?);
        Ok(())
    }

    /// Where the log has the atom of this name: the first of its three places.
    fn place(&self, session: &'a Session<'_>, name: Local<'a>) -> Result<Option<u64>, OutOfMemory> {
        let place = session.map_get(self.places, name)?;
        let place = place.and_then(|place| session.as_integer(place));
        Ok(place.and_then(|place| u64::try_from(place).ok()))
    }

    /// The log after an atom was loaded, and was stored into if there is something new for it; with
    /// what the atom held until then.
    fn touch(
        self,
        session: &'a Session<'_>,
        atom: Atom<'a>,
        new: Option<Local<'a>>,
    ) -> Result<(Self, Local<'a>), Refusal> {
        let name = session.atom_name(atom);
        if let Some(place) = self.place(session, name)?
            && let Some(held) = session.vector_get(self.changes, place + 2)
        {
            let changes = match new {
                Some(new) => session.vector_set(self.changes, place + 2, new)?,
                None => self.changes,
            };
            return Ok((Self { changes, ..self }, held));
        }
        let held = session.atom_load(atom);
        let place = session.vector_len(self.changes).unwrap_or(0);
        let mut changes = self.changes;
        for part in [name, held, new.unwrap_or(held)] {
            changes = session.vector_push(changes, part)?;
        }
        let place = session.integer(place.cast_signed())?;
        let places = session.map_insert(self.places, name, place)?;
        let log = Self {
            places,
            changes,
            ..self
        };
        Ok((log, held))
    }
}

/// Loads what the atom of this name holds, and stores something new if there is: in the log, if a
/// transaction is open.
fn touch<'a>(
    session: &'a Session<'_>,
    progress: &mut Progress,
    roots: &mut [Root; VALUE_ROOTS],
    name: Local<'a>,
    new: Option<Local<'a>>,
) -> Result<Local<'a>, Trap> {
    let atom = named(session, progress, name)?;
    let Some(log) = Log::open(session, roots) else {
        return Ok(match new {
            Some(new) => session.atom_swap(atom, new),
            None => session.atom_load(atom),
        });
    };
    let touched = log.touch(session, atom, new);
    let (log, held) = touched.map_err(|refusal| progress.refused(session, name, refusal))?;
    log.keep(session, roots).map_err(full)?;
    Ok(held)
}

/// `( V: atom -- x )`
pub(super) fn load(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        roots,
    } = machine.open_values();
    reserve!(session, log_room(&session, roots));
    let name = session.load(stack.peek(0)?);
    let held = touch(&session, progress, roots, name, None)?;
    stack.poke(&session, 0, held)?;
    Ok(Step::Done)
}

/// `( V: x1 atom -- x2 )`: the atom holds x1, and held x2.
pub(super) fn exchange(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        roots,
    } = machine.open_values();
    reserve!(session, log_room(&session, roots));
    let (new, name) = (session.load(stack.peek(1)?), session.load(stack.peek(0)?));
    let held = touch(&session, progress, roots, name, Some(new))?;
    stack.poke(&session, 1, held)?;
    stack.pop(&session)?;
    Ok(Step::Done)
}

/// `( V: x1 x2 atom -- ) ( -- flag )`: the atom holds x2 if it held something identical to x1.
pub(super) fn compare_and_swap(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let due = {
        let Open {
            session,
            stack,
            progress,
            ..
        } = machine.open_values();
        named(&session, progress, session.load(stack.peek(0)?))?;
        weight(&session, session.load(stack.peek(2)?))
    };
    if !machine.pay(due) {
        return Ok(Step::Again);
    }
    let Open {
        mut session,
        mut stack,
        progress,
        roots,
    } = machine.open_values();
    // In a transaction the atom is put into the log, then changed there.
    reserve!(session, 2 * log_room(&session, roots));
    let in_transaction = Log::open(&session, roots).is_some();
    let mut units = WORK;
    let swapped = {
        let (expected, new) = (session.load(stack.peek(2)?), session.load(stack.peek(1)?));
        let name = session.load(stack.peek(0)?);
        let atom = named(&session, progress, name)?;
        if in_transaction {
            let held = touch(&session, progress, roots, name, None)?;
            let comparison = &mut progress.comparison;
            let same = session.identical_step(comparison, held, expected, &mut units);
            if let Ok(Some(true)) = same {
                touch(&session, progress, roots, name, Some(new))?;
            }
            same
        } else {
            let exchange = &mut progress.exchange;
            session.atom_compare_and_swap_step(exchange, atom, expected, new, &mut units)
        }
    };
    match swapped {
        Ok(Some(swapped)) => {
            for _ in 0..3 {
                stack.pop(&session)?;
            }
            machine.push(-i64::from(swapped))?;
            Ok(Step::Done)
        }
        Ok(None) => Ok(machine.tire(WORK)),
        Err(error) => out_of_memory(progress, &error),
    }
}

/// `( -- )`: opens a transaction: a part of the one that is open, or one that has touched nothing.
pub(super) fn begin(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let handler = machine.block().handler.cast_signed();
    let Open {
        mut session, roots, ..
    } = machine.open_values();
    reserve!(session, LOG_ROOM);
    let handler = session.integer(handler).map_err(full)?;
    let log = match Log::open(&session, roots) {
        Some(log) => Log {
            outer: session.load(&roots[LOG]),
            handler,
            ..log
        },
        None => Log {
            places: session.map().map_err(full)?,
            changes: session.vector().map_err(full)?,
            outer: session.nil(),
            handler,
        },
    };
    log.keep(&session, roots).map_err(full)?;
    Ok(Step::Done)
}

/// `( -- flag )`: ends the innermost open transaction. The outermost changes all atoms it has
/// touched; false if one of them does not hold any more what was seen of it, and then none is
/// changed.
pub(super) fn commit(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let count = {
        let Open {
            mut session,
            progress,
            roots,
            ..
        } = machine.open_values();
        reserve!(session, LOG_ROOM);
        let Some(log) = Log::open(&session, roots) else {
            let none = format_args!("no transaction is open");
            return Err(progress.fail(Trap::UNSUPPORTED, none));
        };
        match Log::of(&session, log.outer) {
            None => Some(size(&session, log.changes).unwrap_or(0) / 3),
            Some(Log { outer, handler, .. }) => {
                let log = Log {
                    outer,
                    handler,
                    ..log
                };
                log.keep(&session, roots).map_err(full)?;
                None
            }
        }
    };
    let Some(count) = count else {
        machine.push(-1)?;
        return Ok(Step::Done);
    };
    if !machine.pay(count.saturating_mul(COST_OF_CHANGE)) {
        return Ok(Step::Again);
    }
    let Open {
        mut session,
        progress,
        roots,
        ..
    } = machine.open_values();
    let count = count as usize;
    reserve!(session, Session::worst_case_transaction(count));
    let mut units = WORK;
    let committed = {
        let changes = Log::open(&session, roots).map_or(session.nil(), |log| log.changes);
        match change_at(&session, changes, 0) {
            None => Ok(Some(true)),
            Some(first) => {
                let change =
                    |index: usize| change_at(&session, changes, index as u64).unwrap_or(first);
                session.atoms_transact_step(&mut progress.transaction, count, change, &mut units)
            }
        }
    };
    match committed {
        Ok(None) => Ok(machine.tire(WORK)),
        Ok(Some(committed)) => {
            session.store(&mut roots[LOG], session.nil());
            machine.push(-i64::from(committed))?;
            Ok(Step::Done)
        }
        Err(Refusal::OutOfMemory(error)) => out_of_memory(progress, &error),
        Err(Refusal::OutOfRange { length, .. }) => Err(progress.fail(
            Trap::TOO_LONG,
            format_args!("a transaction touches at most {length} atoms, not {count}"),
        )),
        Err(_) => Err(Trap::OUT_OF_MEMORY),
    }
}

impl Machine<'_, '_> {
    /// Gives the transactions up that were opened under the handler whose record lies at this depth of
    /// the return stack, or under one inside it: what it handles has ended them.
    pub(crate) fn give_up_transactions(&mut self, handler: usize) {
        let Open { session, roots, .. } = self.open_values();
        while let Some(log) = Log::open(&session, roots) {
            let opened = session.as_integer(log.handler).unwrap_or(0);
            if usize::try_from(opened).is_ok_and(|opened| opened < handler) {
                break;
            }
            session.store(&mut roots[LOG], log.outer);
        }
    }
}

/// The change that the log has at number `index`.
fn change_at<'a>(
    session: &'a Session<'_>,
    changes: Local<'a>,
    index: u64,
) -> Option<AtomChange<'a>> {
    let part = |part: u64| session.vector_get(changes, 3 * index + part);
    Some(AtomChange {
        atom: session.as_atom(part(0)?)?,
        expected: part(1)?,
        new: part(2)?,
    })
}

/// `( V: atom -- ) ( -- u )`: its number.
pub(super) fn number(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let number = session.atom_number(named(&session, progress, value)?);
    stack.pop(&session)?;
    machine.push(number.cast_signed())?;
    Ok(Step::Done)
}
