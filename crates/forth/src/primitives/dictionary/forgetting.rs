//! Going back to an earlier dictionary: MARKER and FORGET.
//!
//! A marker keeps the dictionary as it was, which costs nothing, since it is a value. FORGET has no such
//! copy: it takes the words away again, from the youngest on, one in each run.

use super::names::Folded;
use super::{SET_BYTES, full, give_up_definition, lists, name_of, refused, reserve};
use crate::layout::{NAME_LIMIT, ORDER, ORDER_LIMIT, user};
use stele_memory::Session;
use stele_vm::words::{WORDS_ROOT, Word, flags};
use stele_vm::{Machine, Step, Trap};

/// Which root holds the dictionaries that markers return to.
const MARKERS_ROOT: usize = 2;

/// Type tag of what a marker keeps.
const MARKER_RECORD: u16 = 2;

/// Cells of data space that a marker keeps: where the free part begins, the latest word, and
/// everything about the search order.
const KEPT_CELLS: usize = 4 + ORDER_LIMIT as usize;

/// Which of the instance's words holds the first token that can be forgotten.
pub(super) const FENCE: usize = 12;

/// No word is the latest.
pub(crate) const NO_TOKEN: i64 = -1;

/// Worst case of keeping a dictionary.
const MARK_BYTES: usize = Session::worst_case_record(2 + KEPT_CELLS)
    + KEPT_CELLS * Session::worst_case_integer()
    + 2 * Session::worst_case_vector_push();

/// Makes the words there are the system's own, which cannot be forgotten.
pub(crate) fn seal(machine: &mut Machine<'_, '_>) {
    let count = super::count(machine);
    machine.set_user(FENCE, count.unsigned_abs());
}

/// Addresses of the cells that a marker keeps.
fn kept_cells() -> impl Iterator<Item = i64> {
    let single = [user::HERE, user::LATEST, user::CURRENT, user::ORDER_COUNT];
    let order = (0..ORDER_LIMIT).map(|place| ORDER + 8 * place);
    single.into_iter().chain(order)
}

/// `( -- n )`: keeps the dictionary as it is, for a marker; n is its number.
pub(crate) fn mark(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let mut cells = [0; KEPT_CELLS];
    for (cell, address) in cells.iter_mut().zip(kept_cells()) {
        *cell = machine.cell(address)?;
    }
    reserve!(machine, MARK_BYTES);
    let (session, roots) = machine.session();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let markers = if session.is_nil(markers) {
        session.vector().map_err(full)?
    } else {
        markers
    };
    let number = session.vector_len(markers).unwrap_or(0);
    let mut fields = [session.nil(); 2 + KEPT_CELLS];
    fields[0] = session.load(&roots[WORDS_ROOT]);
    fields[1] = session.load(&roots[lists::LISTS_ROOT]);
    for (field, cell) in fields[2..].iter_mut().zip(cells) {
        *field = session.integer(cell).map_err(full)?;
    }
    let record = session.record(MARKER_RECORD, &fields).map_err(full)?;
    let markers = session.vector_push(markers, record).map_err(refused)?;
    session.store(&mut roots[MARKERS_ROOT], markers);
    machine.push(i64::try_from(number).unwrap_or(i64::MAX))?;
    Ok(Step::Done)
}

/// `( n -- )`: returns to the dictionary that was kept under that number.
pub(crate) fn restore(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let number = u64::try_from(machine.peek(0)?).map_err(|_| Trap::STALE_TOKEN)?;
    refuse_to_change_pinned(machine, number)?;
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let kept = session
        .vector_get(markers, number)
        .ok_or(Trap::STALE_TOKEN)?;
    let field = |index| session.field(kept, index).ok_or(Trap::STALE_TOKEN);
    let mut cells = [0; KEPT_CELLS];
    for (index, cell) in cells.iter_mut().enumerate() {
        *cell = session
            .as_integer(field(2 + index)?)
            .ok_or(Trap::STALE_TOKEN)?;
    }
    let (words, names) = (field(0)?, field(1)?);
    let fewer = session.vector_truncate(markers, number).map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    session.store(&mut roots[lists::LISTS_ROOT], names);
    session.store(&mut roots[MARKERS_ROOT], fewer);
    for (cell, address) in cells.into_iter().zip(kept_cells()) {
        machine.set_cell(address, cell)?;
    }
    let next = super::count(machine);
    machine.forget_access(next);
    machine.pop()?;
    Ok(Step::Done)
}

/// Refuses a kept dictionary in which a word that is pinned now is not, or is another.
fn refuse_to_change_pinned(machine: &mut Machine<'_, '_>, number: u64) -> Result<(), Trap> {
    let mut next = 0;
    while let Some(token) = machine.next_pinned(next) {
        if !is_the_same(machine, number, token)? {
            machine.refuse_pinned(token)?;
        }
        machine.charge(1);
        next = token + 1;
    }
    Ok(())
}

/// True if a word is in a kept dictionary what it is now.
fn is_the_same(machine: &mut Machine<'_, '_>, number: u64, token: i64) -> Result<bool, Trap> {
    let (session, roots) = machine.reading();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let kept = session.vector_get(markers, number);
    let kept = kept.and_then(|kept| session.field(kept, 0));
    let kept = kept.ok_or(Trap::STALE_TOKEN)?;
    let now = session.load(&roots[WORDS_ROOT]);
    let read = |words| Word::read(&session, words, token);
    let properties = |word: &Word<'_>| (word.list, word.flags, word.code, word.body);
    Ok(match (read(kept), read(now)) {
        (Some(kept), Some(now)) => properties(&kept) == properties(&now),
        _ => false,
    })
}

/// Number of dictionaries that are kept.
pub(crate) fn marker_count(machine: &mut Machine<'_, '_>) -> u64 {
    let (session, roots) = machine.reading();
    session
        .vector_len(session.load(&roots[MARKERS_ROOT]))
        .unwrap_or(0)
}

/// `( xt -- )`: takes this word and all younger ones away, with the word lists made since, and gives back
/// the data space used since.
pub(crate) fn forget(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let token = machine.peek(0)?;
    let fence = machine.user(FENCE).cast_signed();
    if token < fence {
        return Err(Trap::INVALID_FORGET);
    }
    if let Some(pinned) = machine.next_pinned(token) {
        machine.refuse_pinned(pinned)?;
    }
    let youngest = super::count(machine) - 1;
    if youngest >= token {
        let step = take_away(machine, youngest)?;
        return Ok(if step == Step::Done {
            Step::Again
        } else {
            step
        });
    }
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let dropped = lists::drop_younger(&session, roots, token)?;
    if dropped > 0 {
        machine.charge(dropped.unsigned_abs());
        return Ok(Step::Again);
    }
    lists::mend_order(machine)?;
    machine.forget_access(token);
    let latest = if token > fence { token - 1 } else { NO_TOKEN };
    machine.set_cell(user::LATEST, latest)?;
    machine.pop()?;
    Ok(Step::Done)
}

/// Takes the youngest word away.
fn take_away(machine: &mut Machine<'_, '_>, token: i64) -> Result<Step, Trap> {
    let mut buffer = [0; NAME_LIMIT as usize];
    let folded = Folded::new(name_of(machine, token, &mut buffer)?).ok_or(Trap::NAME_TOO_LONG)?;
    reserve!(machine, 2 * SET_BYTES + lists::PUBLISH_BYTES);
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    let here = word.here;
    if word.list != 0 {
        lists::withdraw(&session, roots, &word, &folded, token)?;
    }
    if word.flags & flags::MARKER != 0 {
        let markers = session.load(&roots[MARKERS_ROOT]);
        let markers = session
            .vector_truncate(markers, word.body.unsigned_abs())
            .map_err(refused)?;
        session.store(&mut roots[MARKERS_ROOT], markers);
    }
    let words = session
        .vector_truncate(words, token.unsigned_abs())
        .map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    machine.charge(32);
    machine.set_cell(user::HERE, here)?;
    Ok(Step::Done)
}
