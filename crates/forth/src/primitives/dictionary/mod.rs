//! The dictionary: words by token, tokens by name.
//!
//! Two roots of the instance: the vector of word records, which the machine knows, and the vector of
//! word lists, each with a map from names in upper case to tokens. Both are values, so a marker is
//! little more than the two as they were. Which lists are searched, and which one new words go to,
//! are cells of data space ([`crate::layout::user::CURRENT`], [`crate::layout::ORDER`]): every number
//! found there is checked when it is used.
//!
//! Token 0 is no word's, so that 0 can say that there is none.
//!
//! Read `names`, this file (words by token), `lists` (tokens by name), `forgetting`, `origins`.

mod forgetting;
mod lists;
mod names;
mod origins;

use super::places;
use crate::layout::{NAME_LIMIT, user};
use stele_memory::{CodeRef, OutOfMemory, Refusal, Session};
use stele_vm::origin::FIXED_BYTES;
use stele_vm::words::{WORD_BYTES, WORDS_ROOT, Word, flags, needs_space};
use stele_vm::{Machine, Step, Trap};

use forgetting::FENCE;
pub(crate) use forgetting::{NO_TOKEN, forget, mark, marker_count, restore, seal};
pub(crate) use lists::{
    FORTH_LIST, create_lists, find, find_in, find_name_in, hash_of_list, hide, list_count, list_of,
    list_word, name_list, older, stand_for, word_list,
};
pub(crate) use names::{Folded, copy_name, distance, name_at, name_of, word_name};
pub(crate) use origins::{is_own, origin_of, place_of, position_of, word_place};

/// Which of the instance's words holds the token of the unfinished definition, plus one.
pub(super) const PENDING: usize = 0;

/// What a refused operation on the dictionary's values means to a program.
fn refused(refusal: Refusal) -> Trap {
    match refusal {
        Refusal::OutOfMemory(_) => Trap::OUT_OF_MEMORY,
        _ => Trap::STALE_TOKEN,
    }
}

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// Reserves room in the heap, or says what has to happen first.
macro_rules! reserve {
    ($machine:expr, $bytes:expr) => {{
        let (mut session, _) = $machine.session();
        let reserved: Result<(), stele_memory::NeedSpace> = session.reserve($bytes);
        if let Err(need) = reserved {
            return stele_vm::words::needs_space(&need);
        }
    }};
}
use reserve;

/// Gives up a definition that was left unfinished, or says what has to happen first: words made
/// inside one would not outlive its failure, while their names would.
macro_rules! give_up_definition {
    ($machine:expr) => {{
        let step = crate::primitives::compiler::discard($machine)?;
        if step != Step::Done {
            return Ok(step);
        }
    }};
}
use give_up_definition;

/// Worst case of replacing a record.
const SET_BYTES: usize = WORD_BYTES + Session::worst_case_vector_push();
/// Worst case of adding a word.
const ADD_BYTES: usize =
    SET_BYTES + Session::worst_case_bytes(NAME_LIMIT as usize) + lists::PUBLISH_BYTES;

/// A word on its way into the dictionary.
pub(crate) struct NewWord<'a> {
    pub(crate) name: &'a [u8],
    /// The word list it goes to; a word without a name goes to none.
    pub(crate) list: i64,
    pub(crate) flags: u64,
    pub(crate) code: Option<CodeRef>,
    pub(crate) body: i64,
    /// Where the free part of data space begins.
    pub(crate) here: i64,
    /// Where it comes from ([`stele_vm::origin`]).
    pub(crate) origin: &'a [u8],
}

/// Adds a word, found by its name unless it is hidden; says which step to take first if there is no room yet.
pub(crate) fn add(
    machine: &mut Machine<'_, '_>,
    new: &NewWord<'_>,
) -> Result<Result<i64, Step>, Trap> {
    let folded = Folded::new(new.name).ok_or(Trap::NAME_TOO_LONG)?;
    machine.refuse_pinned_name(new.name)?;
    let (mut session, roots) = machine.session();
    if let Err(need) = session.reserve(ADD_BYTES + Session::worst_case_bytes(new.origin.len())) {
        return needs_space(&need).map(Err);
    }
    let words = session.load(&roots[WORDS_ROOT]);
    let words = if session.is_nil(words) {
        let none = session.vector().map_err(full)?;
        session.vector_push(none, session.nil()).map_err(refused)?
    } else {
        words
    };
    let token = session
        .vector_len(words)
        .and_then(|length| i64::try_from(length).ok());
    let token = token.ok_or(Trap::STALE_TOKEN)?;
    let list = if folded.is_empty() { 0 } else { new.list };
    let shadows = if folded.is_empty() {
        0
    } else if new.flags & flags::HIDDEN == 0 {
        lists::publish(&session, roots, list, &folded, token)?
    } else {
        lists::check(&session, roots, list)?;
        0
    };
    let word = Word {
        name: session.bytes(new.name).map_err(full)?,
        list,
        flags: new.flags,
        code: new.code,
        body: new.body,
        here: new.here,
        shadows,
        origin: session.bytes(new.origin).map_err(full)?,
    };
    let record = word.write(&session).map_err(full)?;
    let words = session.vector_push(words, record).map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    Ok(Ok(token))
}

/// Replaces a word's record by what `change` makes of it.
pub(crate) fn change(
    machine: &mut Machine<'_, '_>,
    token: i64,
    change: impl FnOnce(&mut Word<'_>) -> Result<(), Trap>,
) -> Result<Step, Trap> {
    machine.refuse_pinned(token)?;
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let mut word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    change(&mut word)?;
    let record = word.write(&session).map_err(full)?;
    let words = session
        .vector_set(words, token.unsigned_abs(), record)
        .map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    Ok(Step::Done)
}

/// Reserves what [`reveal`] will need, and refuses what it cannot do.
pub(crate) fn prepare(machine: &mut Machine<'_, '_>, token: i64) -> Result<Step, Trap> {
    let mut buffer = [0; NAME_LIMIT as usize];
    let name = name_of(machine, token, &mut buffer)?;
    machine.refuse_pinned_name(name)?;
    let origin = origins::origin_bytes(machine.definition_length());
    reserve!(machine, SET_BYTES + lists::PUBLISH_BYTES + origin);
    Ok(Step::Done)
}

/// Ends a definition's privacy: gives the word its code, and its name to its word list.
///
/// The caller has seen to the room with [`prepare`].
pub(crate) fn reveal(
    machine: &mut Machine<'_, '_>,
    token: i64,
    code: CodeRef,
    origin: &[u8],
) -> Result<(), Trap> {
    let mut buffer = [0; NAME_LIMIT as usize];
    let folded = Folded::new(name_of(machine, token, &mut buffer)?).ok_or(Trap::NAME_TOO_LONG)?;
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let mut word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    word.flags &= !flags::HIDDEN;
    word.code = Some(code);
    word.origin = session.bytes(origin).map_err(full)?;
    if word.list != 0 {
        word.shadows = lists::publish(&session, roots, word.list, &folded, token)?;
    }
    let record = word.write(&session).map_err(full)?;
    let words = session
        .vector_set(words, token.unsigned_abs(), record)
        .map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    Ok(())
}

/// Drops all words from `token` on, none of which has been given a name.
pub(crate) fn truncate(machine: &mut Machine<'_, '_>, token: i64) -> Result<Step, Trap> {
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let words = session
        .vector_truncate(words, token.unsigned_abs())
        .map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    Ok(Step::Done)
}

/// What a word's record says, but for its name.
pub(crate) struct Record {
    pub(crate) list: i64,
    pub(crate) flags: u64,
    pub(crate) code: Option<CodeRef>,
    pub(crate) body: i64,
    pub(crate) here: i64,
    pub(crate) shadows: i64,
}

/// All of a word's record but its name.
pub(crate) fn read_word(machine: &mut Machine<'_, '_>, token: i64) -> Result<Record, Trap> {
    let (session, roots) = machine.reading();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    Ok(Record {
        list: word.list,
        flags: word.flags,
        code: word.code,
        body: word.body,
        here: word.here,
        shadows: word.shadows,
    })
}

/// Flags, code and body of a word.
pub(crate) fn look(
    machine: &mut Machine<'_, '_>,
    token: i64,
) -> Result<(u64, Option<CodeRef>, i64), Trap> {
    let (session, roots) = machine.reading();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    Ok((word.flags, word.code, word.body))
}

/// `( c-addr u flags body -- xt )`: adds a word to the list that new words go to.
pub(super) fn header(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let list = machine.cell(user::CURRENT)?;
    add_header(machine, list, 0)
}

/// `( c-addr u flags body wid -- xt )`: adds a word to a list.
pub(super) fn header_in(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let list = machine.peek(0)?;
    add_header(machine, list, 1)
}

/// Adds the word described below the `above` topmost cells, which are taken as well.
fn add_header(machine: &mut Machine<'_, '_>, list: i64, above: usize) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let (address, length) = (machine.peek(above + 3)?, machine.peek(above + 2)?);
    let (flags, body) = (machine.peek(above + 1)?, machine.peek(above)?);
    let mut name = [0; NAME_LIMIT as usize];
    let mut origin = [0; FIXED_BYTES];
    let origin = places::origin(machine, &mut origin)?;
    let new = NewWord {
        name: copy_name(machine, address, length, &mut name)?,
        list,
        flags: flags.cast_unsigned(),
        code: None,
        body,
        here: machine.cell(user::HERE)?,
        origin: origin.bytes(),
    };
    match add(machine, &new)? {
        Err(step) => Ok(step),
        Ok(token) => {
            for _ in 0..above + 4 {
                machine.pop()?;
            }
            machine.set_cell(user::LATEST, token)?;
            machine.push(token)?;
            Ok(Step::Done)
        }
    }
}

/// `( -- )`: makes the latest word immediate.
pub(super) fn immediate(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let latest = machine.cell(user::LATEST)?;
    change(machine, latest, |word| {
        word.flags |= flags::IMMEDIATE;
        Ok(())
    })
}

/// `( function -- )`: what DOES> compiles: the latest word, made by CREATE, runs this from now on.
pub(super) fn does(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let function = u32::try_from(machine.peek(0)?).map_err(|_| Trap::INVALID_CODE)?;
    let latest = machine.cell(user::LATEST)?;
    let changed = change(machine, latest, |word| {
        if word.flags & flags::CREATED == 0 {
            return Err(Trap::NOT_CREATED);
        }
        word.code = Some(CodeRef(function));
        Ok(())
    });
    if changed.is_err() {
        // CATCH may bring the cell back, and where functions lie is nobody's business.
        machine.poke(0, 0)?;
    }
    let step = changed?;
    if step == Step::Done {
        machine.pop()?;
    }
    Ok(step)
}

/// `( xt1 xt2 -- )`: word xt2 runs, after leaving its body, what word xt1 runs.
pub(super) fn set_code(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (source, target) = (machine.peek(1)?, machine.peek(0)?);
    let (_, code, _) = look(machine, source)?;
    let step = change(machine, target, |word| {
        word.code = code;
        Ok(())
    })?;
    if step == Step::Done {
        machine.pop()?;
        machine.pop()?;
    }
    Ok(step)
}

/// `( xt -- a-addr )`
pub(super) fn to_body(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    machine.use_word(token)?;
    let (flags, _, body) = look(machine, token)?;
    if flags & flags::CREATED == 0 {
        return Err(Trap::NOT_CREATED);
    }
    machine.poke(0, body)?;
    Ok(Step::Done)
}

/// `( xt -- flags )`
pub(super) fn word_flags(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let (flags, _, _) = look(machine, token)?;
    machine.poke(0, flags.cast_signed())?;
    Ok(Step::Done)
}

/// `( xt -- body )`
pub(super) fn word_body(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    machine.use_word(token)?;
    let (_, _, body) = look(machine, token)?;
    machine.poke(0, body)?;
    Ok(Step::Done)
}

/// `( body xt -- )`
pub(super) fn set_body(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (body, token) = (machine.peek(1)?, machine.peek(0)?);
    // A use is counted: nothing may have to be done again from here on.
    reserve!(machine, SET_BYTES);
    machine.use_word(token)?;
    let step = change(machine, token, |word| {
        word.body = body;
        Ok(())
    })?;
    if step == Step::Done {
        machine.pop()?;
        machine.pop()?;
    }
    Ok(step)
}

/// One more than the number of words, whether or not they can be found: the next token.
pub(crate) fn count(machine: &mut Machine<'_, '_>) -> i64 {
    let (session, roots) = machine.reading();
    let length = session
        .vector_len(session.load(&roots[WORDS_ROOT]))
        .unwrap_or(0);
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `( -- n )`
pub(super) fn word_count(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let count = count(machine);
    machine.push(count)?;
    Ok(Step::Done)
}
