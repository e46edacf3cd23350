//! Word lists: which token a name leads to, and in which lists a name is looked for.
//!
//! A list is a record of its map from names to tokens, how many words there were when it was made, and
//! the word that stands for it, if there is one. Its number is its place in the vector of lists, from 1.

use super::names::{Folded, name_at};
use super::{full, refused, reserve};
use crate::layout::{NAME_LIMIT, ORDER, ORDER_LIMIT, user};
use stele_memory::{Local, Root, Session};
use stele_vm::words::{WORDS_ROOT, Word, flags};
use stele_vm::{Machine, Step, Trap};

/// Which root holds the vector of word lists.
pub(super) const LISTS_ROOT: usize = 1;

/// The list of the standard's words and, at first, of a program's.
pub(crate) const FORTH_LIST: i64 = 1;

/// Type tag of a word list.
const LIST_RECORD: u16 = 3;

/// Worst case of making a list's record and putting it into the vector.
const LIST_BYTES: usize = Session::worst_case_record(3)
    + 2 * Session::worst_case_integer()
    + Session::worst_case_vector_push();

/// Worst case of making a name lead to a token, or no longer.
pub(super) const PUBLISH_BYTES: usize = LIST_BYTES
    + Session::worst_case_bytes(NAME_LIMIT as usize)
    + Session::worst_case_integer()
    + Session::worst_case_map_insert();

/// Words that one run of [`older`] looks at, and lists that one run of [`drop_younger`] does.
const LOOKED_AT: i64 = 256;

/// A word list, read.
struct List<'s> {
    /// Tokens by name.
    names: Local<'s>,
    /// The first token that was free when the list was made, or that of a word not finished then.
    birth: i64,
    /// The word that stands for the list; 0 for none.
    word: i64,
}

impl<'s> List<'s> {
    fn read(session: &'s Session<'_>, lists: Local<'s>, list: i64) -> Option<Self> {
        let record = session.vector_get(lists, index(list)?)?;
        if session.record_type(record) != Some(LIST_RECORD) {
            return None;
        }
        let integer = |field| session.as_integer(session.field(record, field)?);
        Some(Self {
            names: session.field(record, 0)?,
            birth: integer(1)?,
            word: integer(2)?,
        })
    }

    fn write(&self, session: &'s Session<'_>) -> Result<Local<'s>, Trap> {
        let fields = [
            self.names,
            session.integer(self.birth).map_err(full)?,
            session.integer(self.word).map_err(full)?,
        ];
        session.record(LIST_RECORD, &fields).map_err(full)
    }
}

/// The place of a list in the vector.
fn index(list: i64) -> Option<u64> {
    u64::try_from(list.checked_sub(1)?).ok()
}

/// Puts the changed record of a list into the vector.
fn store(
    session: &Session<'_>,
    root: &mut Root,
    list: i64,
    changed: &List<'_>,
) -> Result<(), Trap> {
    let lists = session.load(root);
    let index = index(list).ok_or(Trap::NO_SUCH_WORD_LIST)?;
    let record = changed.write(session)?;
    let lists = session.vector_set(lists, index, record).map_err(refused)?;
    session.store(root, lists);
    Ok(())
}

/// Makes a name lead to a token; returns the token that it led to, or 0.
pub(super) fn publish(
    session: &Session<'_>,
    roots: &mut [Root],
    list: i64,
    folded: &Folded,
    token: i64,
) -> Result<i64, Trap> {
    let lists = session.load(&roots[LISTS_ROOT]);
    let mut record = List::read(session, lists, list).ok_or(Trap::NO_SUCH_WORD_LIST)?;
    let before = session
        .map_get_bytes(record.names, folded.as_bytes())
        .and_then(|token| session.as_integer(token));
    let key = session.bytes(folded.as_bytes()).map_err(full)?;
    let value = session.integer(token).map_err(full)?;
    record.names = session
        .map_insert(record.names, key, value)
        .map_err(refused)?;
    store(session, &mut roots[LISTS_ROOT], list, &record)?;
    Ok(before.unwrap_or(0))
}

/// Makes a name that leads to a token lead to the one before again. Nothing changes if it leads to another
/// token.
pub(super) fn withdraw(
    session: &Session<'_>,
    roots: &mut [Root],
    word: &Word<'_>,
    folded: &Folded,
    token: i64,
) -> Result<(), Trap> {
    let lists = session.load(&roots[LISTS_ROOT]);
    let mut record = List::read(session, lists, word.list).ok_or(Trap::NO_SUCH_WORD_LIST)?;
    let found = session.map_get_bytes(record.names, folded.as_bytes());
    if found.and_then(|found| session.as_integer(found)) != Some(token) {
        return Ok(());
    }
    let key = session.bytes(folded.as_bytes()).map_err(full)?;
    record.names = if word.shadows == 0 {
        session.map_remove(record.names, key)
    } else {
        let before = session.integer(word.shadows).map_err(full)?;
        session.map_insert(record.names, key, before)
    }
    .map_err(refused)?;
    store(session, &mut roots[LISTS_ROOT], word.list, &record)
}

/// Refuses the number of a list that there is not.
pub(super) fn check(session: &Session<'_>, roots: &[Root], list: i64) -> Result<(), Trap> {
    let lists = session.load(&roots[LISTS_ROOT]);
    List::read(session, lists, list)
        .map(drop)
        .ok_or(Trap::NO_SUCH_WORD_LIST)
}

/// Sees to it that there are `count` lists; says which step to take first if there is no room yet.
pub(crate) fn create_lists(machine: &mut Machine<'_, '_>, count: i64) -> Result<Step, Trap> {
    while list_count(machine) < count {
        let step = create(machine)?;
        if step != Step::Done {
            return Ok(step);
        }
    }
    Ok(Step::Done)
}

/// Makes one more list.
fn create(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    // What is being defined may yet be given up, and its token become another word's.
    let unfinished = machine.user(super::PENDING).checked_sub(1);
    let birth = unfinished.map_or_else(|| super::count(machine), u64::cast_signed);
    reserve!(machine, 2 * LIST_BYTES);
    let (session, roots) = machine.session();
    let lists = session.load(&roots[LISTS_ROOT]);
    let lists = if session.is_nil(lists) {
        session.vector().map_err(full)?
    } else {
        lists
    };
    let list = List {
        names: session.map().map_err(full)?,
        birth,
        word: 0,
    };
    let record = list.write(&session)?;
    let lists = session.vector_push(lists, record).map_err(refused)?;
    session.store(&mut roots[LISTS_ROOT], lists);
    Ok(Step::Done)
}

/// Number of lists.
pub(crate) fn list_count(machine: &mut Machine<'_, '_>) -> i64 {
    let (session, roots) = machine.reading();
    let length = session.vector_len(session.load(&roots[LISTS_ROOT]));
    length
        .and_then(|length| i64::try_from(length).ok())
        .unwrap_or(0)
}

/// What a list adds to the parity hash beside its words: its age, and the word that stands for it.
pub(crate) fn hash_of_list(machine: &mut Machine<'_, '_>, list: i64) -> [i64; 2] {
    let (session, roots) = machine.session();
    let lists = session.load(&roots[LISTS_ROOT]);
    List::read(&session, lists, list).map_or([0; 2], |list| [list.birth, list.word])
}

/// Drops lists that were made when there was a word of this token already, [`LOOKED_AT`] at most; how many
/// those are. The caller has reserved [`LIST_BYTES`].
pub(super) fn drop_younger(
    session: &Session<'_>,
    roots: &mut [Root],
    token: i64,
) -> Result<i64, Trap> {
    let lists = session.load(&roots[LISTS_ROOT]);
    let all = session.vector_len(lists).unwrap_or(0);
    let all = i64::try_from(all).map_err(|_| Trap::NO_SUCH_WORD_LIST)?;
    let is_younger =
        |list: &i64| List::read(session, lists, *list).is_some_and(|list| list.birth > token);
    let candidates = ((all - LOOKED_AT).max(0) + 1..=all).rev();
    let younger = candidates.take_while(is_younger).count() as i64;
    let left = (all - younger).unsigned_abs();
    let lists = session.vector_truncate(lists, left).map_err(refused)?;
    session.store(&mut roots[LISTS_ROOT], lists);
    Ok(younger)
}

/// The lists of the search order, and how many there are.
fn order(machine: &Machine<'_, '_>) -> Result<([i64; ORDER_LIMIT as usize], usize), Trap> {
    let mut lists = [0; ORDER_LIMIT as usize];
    let count = machine.cell(user::ORDER_COUNT)?.clamp(0, ORDER_LIMIT) as usize;
    for (list, address) in lists[..count].iter_mut().zip((ORDER..).step_by(8)) {
        *list = machine.cell(address)?;
    }
    Ok((lists, count))
}

/// Takes lists that there are no longer out of the search order and from under new words.
pub(super) fn mend_order(machine: &mut Machine<'_, '_>) -> Result<(), Trap> {
    let known = 1..=list_count(machine);
    let (lists, count) = order(machine)?;
    let mut left = 0;
    for list in lists[..count].iter().filter(|list| known.contains(list)) {
        machine.set_cell(ORDER + 8 * left, *list)?;
        left += 1;
    }
    machine.set_cell(user::ORDER_COUNT, left)?;
    if !known.contains(&machine.cell(user::CURRENT)?) {
        machine.set_cell(user::CURRENT, FORTH_LIST)?;
    }
    Ok(())
}

/// The token a name leads to in one of `lists`, the first of them first, with its record's flags; and how
/// many lists that took.
fn search(
    machine: &mut Machine<'_, '_>,
    name: &Folded,
    searched: &[i64],
) -> Result<(Option<(i64, u64)>, usize), Trap> {
    let (session, roots) = machine.reading();
    let lists = session.load(&roots[LISTS_ROOT]);
    let words = session.load(&roots[WORDS_ROOT]);
    for (before, list) in searched.iter().enumerate() {
        // The record's first field; this is what the text interpreter does for every word.
        let record = index(*list).and_then(|index| session.vector_get(lists, index));
        let Some(names) = record.and_then(|record| session.field(record, 0)) else {
            continue;
        };
        let token = session.map_get_bytes(names, name.as_bytes());
        if let Some(token) = token.and_then(|token| session.as_integer(token)) {
            let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
            return Ok((Some((token, word.flags)), before + 1));
        }
    }
    Ok((None, searched.len()))
}

/// Looks for a name, and goes on from a synonym to the word it is one for.
fn look_up(
    machine: &mut Machine<'_, '_>,
    name: Option<&Folded>,
    searched: &[i64],
) -> Result<(i64, i64), Trap> {
    let Some(name) = name else {
        return Ok((0, 0));
    };
    let (found, searched) = search(machine, name, searched)?;
    machine.charge(4 * searched.saturating_sub(1) as u64);
    let Some((mut token, mut properties)) = found else {
        return Ok((0, 0));
    };
    if properties & flags::SYNONYM != 0 {
        let (_, _, meant) = super::look(machine, token)?;
        let (of_meant, _, _) = super::look(machine, meant)?;
        properties = of_meant | properties & flags::IMMEDIATE;
        token = meant;
    }
    let kind = 1 + i64::from(properties & flags::COMPILE_ONLY != 0);
    let sign = if properties & flags::IMMEDIATE != 0 {
        1
    } else {
        -1
    };
    Ok((token, sign * kind))
}

/// `( c-addr u -- xt flag )`: the word of that name in the search order. The flag is 0 if there is none; 1
/// if it is immediate, -1 if not; 2 or -2 if it must not be interpreted.
pub(crate) fn find(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let name = name_at(machine, address, length)?;
    let (lists, count) = order(machine)?;
    let (token, flag) = look_up(machine, name.as_ref(), &lists[..count])?;
    machine.poke(1, token)?;
    machine.poke(0, flag)?;
    Ok(Step::Done)
}

/// `( c-addr u wid -- xt flag )`: as `(find)`, in one list.
pub(crate) fn find_in(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length, list) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    refuse_unknown(machine, list)?;
    let name = name_at(machine, address, length)?;
    let (token, flag) = look_up(machine, name.as_ref(), &[list])?;
    machine.pop()?;
    machine.poke(1, token)?;
    machine.poke(0, flag)?;
    Ok(Step::Done)
}

/// `( c-addr u wid -- nt | 0 )`: the word of that name in one list, which may be a synonym.
pub(crate) fn find_name_in(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length, list) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    refuse_unknown(machine, list)?;
    let token = match name_at(machine, address, length)? {
        Some(name) => search(machine, &name, &[list])?
            .0
            .map_or(0, |(token, _)| token),
        None => 0,
    };
    machine.pop()?;
    machine.pop()?;
    machine.poke(0, token)?;
    Ok(Step::Done)
}

fn refuse_unknown(machine: &mut Machine<'_, '_>, list: i64) -> Result<(), Trap> {
    let (session, roots) = machine.reading();
    check(&session, roots, list)
}

/// True if a word can be found: it belongs to a list of the search order.
pub(super) fn is_in_order(machine: &mut Machine<'_, '_>, token: i64) -> Result<bool, Trap> {
    let (lists, count) = order(machine)?;
    let (session, roots) = machine.reading();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    Ok(word.flags & flags::HIDDEN == 0 && lists[..count].contains(&word.list))
}

/// `( xt -- wid | 0 )`: the list a word belongs to.
pub(crate) fn list_of(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let word = super::read_word(machine, token)?;
    machine.poke(0, word.list)?;
    Ok(Step::Done)
}

/// `( xt -- )`: hides a word, or shows it again. Refused if its name has got another meaning since: which
/// word a name led to before is known of words that can be found.
pub(crate) fn hide(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    if machine.user(super::PENDING).checked_sub(1) == Some(token.cast_unsigned()) {
        return Err(Trap::UNSUPPORTED);
    }
    machine.refuse_pinned(token)?;
    let mut buffer = [0; NAME_LIMIT as usize];
    let folded = Folded::new(super::name_of(machine, token, &mut buffer)?);
    let folded = folded.ok_or(Trap::NAME_TOO_LONG)?;
    reserve!(machine, super::SET_BYTES + PUBLISH_BYTES);
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let mut word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    let lists = session.load(&roots[LISTS_ROOT]);
    let list = List::read(&session, lists, word.list).ok_or(Trap::INVALID_NAME)?;
    let meant = session.map_get_bytes(list.names, folded.as_bytes());
    let meant = meant
        .and_then(|meant| session.as_integer(meant))
        .unwrap_or(0);
    let hidden = word.flags & flags::HIDDEN != 0;
    if meant != if hidden { word.shadows } else { token } {
        return Err(Trap::INVALID_NAME);
    }
    if hidden {
        publish(&session, roots, word.list, &folded, token)?;
    } else {
        withdraw(&session, roots, &word, &folded, token)?;
    }
    word.flags ^= flags::HIDDEN;
    let record = word.write(&session).map_err(full)?;
    let words = session
        .vector_set(words, token.unsigned_abs(), record)
        .map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    machine.pop()?;
    Ok(Step::Done)
}

/// `( -- wid )`: makes a new list.
pub(crate) fn word_list(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let step = create(machine)?;
    if step == Step::Done {
        let list = list_count(machine);
        machine.push(list)?;
    }
    Ok(step)
}

/// `( xt wid -- )`: makes a word stand for a list.
pub(crate) fn name_list(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (token, list) = (machine.peek(1)?, machine.peek(0)?);
    super::look(machine, token)?;
    let step = stand_for(machine, token, list)?;
    if step == Step::Done {
        machine.pop()?;
        machine.pop()?;
    }
    Ok(step)
}

/// Makes a word stand for a list.
pub(crate) fn stand_for(
    machine: &mut Machine<'_, '_>,
    token: i64,
    list: i64,
) -> Result<Step, Trap> {
    reserve!(machine, LIST_BYTES);
    let (session, roots) = machine.session();
    let lists = session.load(&roots[LISTS_ROOT]);
    let mut record = List::read(&session, lists, list).ok_or(Trap::NO_SUCH_WORD_LIST)?;
    record.word = token;
    store(&session, &mut roots[LISTS_ROOT], list, &record)?;
    Ok(Step::Done)
}

/// `( wid -- xt | 0 )`: the word that stands for a list.
pub(crate) fn list_word(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let list = machine.peek(0)?;
    let (session, roots) = machine.reading();
    let lists = session.load(&roots[LISTS_ROOT]);
    let record = List::read(&session, lists, list).ok_or(Trap::NO_SUCH_WORD_LIST)?;
    let word = record.word;
    machine.poke(0, word)?;
    Ok(Step::Done)
}

/// `( wid xt1 -- xt2 | 0 )`: the youngest word of a list that has a lower token than xt1.
pub(crate) fn older(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (list, token) = (machine.peek(1)?, machine.peek(0)?);
    refuse_unknown(machine, list)?;
    let start = token.min(super::count(machine));
    let end = (start - LOOKED_AT).max(1);
    let (session, roots) = machine.reading();
    let words = session.load(&roots[WORDS_ROOT]);
    let belongs = |token: &i64| {
        Word::read(&session, words, *token)
            .is_some_and(|word| word.list == list && word.flags & flags::HIDDEN == 0)
    };
    let found = (end..start).rev().find(belongs);
    let looked_at = start - found.unwrap_or(end);
    machine.charge(looked_at.max(0).unsigned_abs());
    if found.is_none() && end > 1 {
        machine.poke(0, end)?;
        return Ok(Step::Again);
    }
    machine.pop()?;
    machine.poke(0, found.unwrap_or(0))?;
    Ok(Step::Done)
}
