//! The dictionary: words by token, tokens by name.
//!
//! Two roots of the instance: the vector of word records, which the machine knows, and a map from
//! names in upper case to tokens. Both are values, so a marker is nothing but the two as they were.

use super::places;
use crate::layout::{NAME_BUFFER, NAME_LIMIT, user};
use stele_bytecode::lines::Position;
use stele_memory::{CodeRef, NeedSpace, OutOfMemory, Refusal, Session};
use stele_vm::origin::{FIXED_BYTES, INSTRUCTION_BYTES, ORIGIN_LIMIT, Origin, OriginWriter};
use stele_vm::words::{WORDS_ROOT, Word, flags, needs_space};
use stele_vm::{Machine, Step, Trap};

/// Which root holds the map from names to tokens.
const NAMES_ROOT: usize = 1;

/// Which root holds the dictionaries that markers return to.
const MARKERS_ROOT: usize = 2;

/// Which of the instance's words holds the token of the unfinished definition, plus one.
pub(super) const PENDING: usize = 0;

/// Type tag of what a marker keeps.
const MARKER_RECORD: u16 = 2;

/// Longest name that a misspelt one is compared with.
const COMPARED: usize = 31;

/// A name folded to upper case, so that the case of letters does not matter.
struct Folded {
    bytes: [u8; NAME_LIMIT as usize],
    length: usize,
}

impl Folded {
    fn new(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; NAME_LIMIT as usize];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        bytes.make_ascii_uppercase();
        Some(Self {
            bytes,
            length: name.len(),
        })
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

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
        let reserved: Result<(), NeedSpace> = session.reserve($bytes);
        if let Err(need) = reserved {
            return needs_space(&need);
        }
    }};
}

/// Gives up a definition that was left unfinished, or says what has to happen first: words made
/// inside one would not outlive its failure, while their names would.
macro_rules! give_up_definition {
    ($machine:expr) => {{
        let step = super::compiler::discard($machine)?;
        if step != Step::Done {
            return Ok(step);
        }
    }};
}

/// Worst case of making a word record.
const RECORD_BYTES: usize = Session::worst_case_record(6) + 2 * Session::worst_case_integer();
/// Worst case of replacing a record.
const SET_BYTES: usize = RECORD_BYTES + Session::worst_case_vector_push();
/// Worst case of adding a word.
const ADD_BYTES: usize = SET_BYTES
    + Session::worst_case_bytes(FIXED_BYTES)
    + 2 * Session::worst_case_bytes(NAME_LIMIT as usize)
    + Session::worst_case_map_insert();

/// The token and record of a word on its way into the dictionary.
pub(crate) struct NewWord<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) flags: u64,
    pub(crate) code: Option<CodeRef>,
    pub(crate) body: i64,
    /// Where its definition begins.
    pub(crate) position: Position,
}

/// Adds a word, found by its name unless it is hidden; says which step to take first if there is no room yet.
pub(crate) fn add(
    machine: &mut Machine<'_, '_>,
    new: &NewWord<'_>,
) -> Result<Result<i64, Step>, Trap> {
    let folded = Folded::new(new.name).ok_or(Trap::NAME_TOO_LONG)?;
    let mut origin = [0; FIXED_BYTES];
    let origin = OriginWriter::new(machine.functions(), new.position, &mut origin);
    let (mut session, roots) = machine.session();
    if let Err(need) = session.reserve(ADD_BYTES) {
        return needs_space(&need).map(Err);
    }
    let words = session.load(&roots[WORDS_ROOT]);
    let words = if session.is_nil(words) {
        session.vector().map_err(full)?
    } else {
        words
    };
    let token = session
        .vector_len(words)
        .and_then(|length| i64::try_from(length).ok());
    let token = token.ok_or(Trap::STALE_TOKEN)?;
    let name = session.bytes(new.name).map_err(full)?;
    let word = Word {
        name,
        list: 0,
        flags: new.flags,
        code: new.code,
        body: new.body,
        origin: session.bytes(origin.bytes()).map_err(full)?,
    };
    let record = word.write(&session).map_err(full)?;
    let words = session.vector_push(words, record).map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    if new.flags & flags::HIDDEN == 0 && !new.name.is_empty() {
        publish(&session, &mut roots[NAMES_ROOT], &folded, token)?;
    }
    Ok(Ok(token))
}

/// Makes a name lead to a token.
fn publish(
    session: &Session<'_>,
    names: &mut stele_memory::Root,
    folded: &Folded,
    token: i64,
) -> Result<(), Trap> {
    let map = session.load(names);
    let map = if session.is_nil(map) {
        session.map().map_err(full)?
    } else {
        map
    };
    let key = session.bytes(folded.as_bytes()).map_err(full)?;
    let value = session.integer(token).map_err(full)?;
    let map = session.map_insert(map, key, value).map_err(refused)?;
    session.store(names, map);
    Ok(())
}

/// Replaces a word's record by what `change` makes of it.
pub(crate) fn change(
    machine: &mut Machine<'_, '_>,
    token: i64,
    change: impl FnOnce(&mut Word<'_>) -> Result<(), Trap>,
) -> Result<Step, Trap> {
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

/// Reserves what [`reveal`] will need.
pub(crate) fn prepare(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let origin = origin_bytes(machine.definition_length());
    reserve!(machine, SET_BYTES + ADD_BYTES + origin);
    Ok(Step::Done)
}

/// Worst case of the origin of a definition of `words` words of code.
fn origin_bytes(words: u64) -> usize {
    let words = usize::try_from(words).unwrap_or(usize::MAX);
    let bytes = words.saturating_mul(INSTRUCTION_BYTES);
    Session::worst_case_bytes(bytes.saturating_add(FIXED_BYTES).min(ORIGIN_LIMIT))
}

/// Where the definition of a word begins; the beginning of the console if nobody knows.
pub(crate) fn position_of(machine: &mut Machine<'_, '_>, token: i64) -> Result<Position, Trap> {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    let origin = session.as_bytes(word.origin).and_then(Origin::read);
    Ok(origin.map_or(Position::default(), |origin| origin.position))
}

/// Ends a definition's privacy: gives the word its code, and its name to the dictionary.
///
/// The caller has seen to the room with [`prepare`].
pub(crate) fn reveal(
    machine: &mut Machine<'_, '_>,
    token: i64,
    code: CodeRef,
    origin: &[u8],
) -> Result<(), Trap> {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let mut word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    word.flags &= !flags::HIDDEN;
    word.code = Some(code);
    word.origin = session.bytes(origin).map_err(full)?;
    let record = word.write(&session).map_err(full)?;
    let words = session
        .vector_set(words, token.unsigned_abs(), record)
        .map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    let mut buffer = [0; NAME_LIMIT as usize];
    let folded = Folded::new(name_of(machine, token, &mut buffer)?).ok_or(Trap::NAME_TOO_LONG)?;
    if folded.length > 0 {
        let (session, roots) = machine.session();
        publish(&session, &mut roots[NAMES_ROOT], &folded, token)?;
    }
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

/// Flags, code and body of a word.
pub(crate) fn look(
    machine: &mut Machine<'_, '_>,
    token: i64,
) -> Result<(u64, Option<CodeRef>, i64), Trap> {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    Ok((word.flags, word.code, word.body))
}

/// The token that a name leads to.
fn token_of(machine: &mut Machine<'_, '_>, name: &Folded) -> Option<i64> {
    let (session, roots) = machine.session();
    let names = session.load(&roots[NAMES_ROOT]);
    session.as_integer(session.map_get_bytes(names, name.as_bytes())?)
}

/// Copies a name from data space.
fn name_at(machine: &Machine<'_, '_>, address: i64, length: i64) -> Result<Option<Folded>, Trap> {
    Ok(Folded::new(machine.bytes(address, length)?))
}

/// `( c-addr u -- xt flag )`: 0 if there is no such word; 1 if it is immediate, -1 if not; 2 or -2
/// if it must not be interpreted.
pub(super) fn find(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let folded = name_at(machine, address, length)?;
    let token = folded.and_then(|folded| token_of(machine, &folded));
    let (token, flag) = match token {
        None => (0, 0),
        Some(token) => {
            let (flags, _, _) = look(machine, token)?;
            let kind = if flags & flags::COMPILE_ONLY != 0 {
                2
            } else {
                1
            };
            (
                token,
                if flags & flags::IMMEDIATE != 0 {
                    kind
                } else {
                    -kind
                },
            )
        }
    };
    machine.poke(1, token)?;
    machine.poke(0, flag)?;
    Ok(Step::Done)
}

/// `( c-addr u flags body -- xt )`: adds a word.
pub(super) fn header(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let (address, length) = (machine.peek(3)?, machine.peek(2)?);
    let (word_flags, body) = (machine.peek(1)?.cast_unsigned(), machine.peek(0)?);
    let mut name = [0; NAME_LIMIT as usize];
    let name = copy_name(machine, address, length, &mut name)?;
    let position = places::current(machine)?;
    match add(
        machine,
        &NewWord {
            name,
            flags: word_flags,
            code: None,
            body,
            position,
        },
    )? {
        Err(step) => Ok(step),
        Ok(token) => {
            for _ in 0..4 {
                machine.pop()?;
            }
            machine.set_cell(user::LATEST, token)?;
            machine.push(token)?;
            Ok(Step::Done)
        }
    }
}

/// Copies a name out of data space.
///
/// # Errors
/// [`Trap::NAME_TOO_LONG`] beyond [`NAME_LIMIT`] bytes.
pub(super) fn copy_name<'a>(
    machine: &Machine<'_, '_>,
    address: i64,
    length: i64,
    buffer: &'a mut [u8; NAME_LIMIT as usize],
) -> Result<&'a [u8], Trap> {
    let bytes = machine.bytes(address, length)?;
    let name = buffer.get_mut(..bytes.len()).ok_or(Trap::NAME_TOO_LONG)?;
    name.copy_from_slice(bytes);
    Ok(name)
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
    let (_, _, body) = look(machine, token)?;
    machine.poke(0, body)?;
    Ok(Step::Done)
}

/// `( body xt -- )`
pub(super) fn set_body(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (body, token) = (machine.peek(1)?, machine.peek(0)?);
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

/// `( xt -- c-addr u )`: the name, in a buffer that the next name overwrites.
pub(super) fn word_name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let mut buffer = [0; NAME_LIMIT as usize];
    let name = name_of(machine, token, &mut buffer)?;
    let length = i64::try_from(name.len()).unwrap_or(0);
    machine
        .bytes_mut(NAME_BUFFER, length)?
        .copy_from_slice(name);
    machine.poke(0, NAME_BUFFER)?;
    machine.push(length)?;
    Ok(Step::Done)
}

/// The name of a word.
pub(crate) fn name_of<'a>(
    machine: &mut Machine<'_, '_>,
    token: i64,
    buffer: &'a mut [u8; NAME_LIMIT as usize],
) -> Result<&'a [u8], Trap> {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    let name = session.as_bytes(word.name).unwrap_or_default();
    let copy = buffer.get_mut(..name.len()).ok_or(Trap::NAME_TOO_LONG)?;
    copy.copy_from_slice(name);
    Ok(copy)
}

/// Number of words, whether or not they can be found.
pub(crate) fn count(machine: &mut Machine<'_, '_>) -> i64 {
    let (session, roots) = machine.session();
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

/// `( c-addr u xt -- n )`: letters to change, add, drop or swap with the next to make the
/// string the word's name (Damerau 1964); large where either is empty, hidden or long.
pub(super) fn distance(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.pop()?;
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let typed = name_at(machine, address, length)?;
    let mut buffer = [0; NAME_LIMIT as usize];
    let known = Folded::new(name_of(machine, token, &mut buffer)?);
    let distance = match (typed, known) {
        (Some(typed), Some(known)) => edit_distance(typed.as_bytes(), known.as_bytes()),
        _ => None,
    };
    machine.pop()?;
    machine.poke(0, distance.map_or(i64::MAX, i64::from))?;
    Ok(Step::Done)
}

fn edit_distance(a: &[u8], b: &[u8]) -> Option<u8> {
    let comparable = |name: &[u8]| !name.is_empty() && name.len() <= COMPARED;
    let own = |name: &[u8]| name.len() > 1 && name[0] == b'(';
    if !comparable(a) || !comparable(b) || own(b) || a.len().abs_diff(b.len()) > 2 {
        return None;
    }
    let mut before = [0; COMPARED + 1];
    let mut above: [u8; COMPARED + 1] = core::array::from_fn(|index| index as u8);
    for i in 1..=a.len() {
        let mut row = [i as u8; COMPARED + 1];
        for j in 1..=b.len() {
            let changed = above[j - 1] + u8::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        (before, above) = (above, row);
    }
    Some(above[b.len()])
}

/// `( -- n )`: keeps the dictionary as it is, for a marker; n is its number.
pub(super) fn mark(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let here = machine.cell(user::HERE)?;
    let latest = machine.cell(user::LATEST)?;
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let markers = if session.is_nil(markers) {
        session.vector().map_err(full)?
    } else {
        markers
    };
    let number = session.vector_len(markers).unwrap_or(0);
    let fields = [
        session.load(&roots[WORDS_ROOT]),
        session.load(&roots[NAMES_ROOT]),
        session.integer(here).map_err(full)?,
        session.integer(latest).map_err(full)?,
    ];
    let record = session.record(MARKER_RECORD, &fields).map_err(full)?;
    let markers = session.vector_push(markers, record).map_err(refused)?;
    session.store(&mut roots[MARKERS_ROOT], markers);
    machine.push(i64::try_from(number).unwrap_or(i64::MAX))?;
    Ok(Step::Done)
}

/// `( n -- )`: returns to the dictionary that was kept under that number.
pub(super) fn restore(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    give_up_definition!(machine);
    let number = u64::try_from(machine.peek(0)?).map_err(|_| Trap::STALE_TOKEN)?;
    reserve!(machine, SET_BYTES);
    let (session, roots) = machine.session();
    let markers = session.load(&roots[MARKERS_ROOT]);
    let kept = session
        .vector_get(markers, number)
        .ok_or(Trap::STALE_TOKEN)?;
    let field = |index| session.field(kept, index).ok_or(Trap::STALE_TOKEN);
    let (words, names) = (field(0)?, field(1)?);
    let here = session.as_integer(field(2)?).ok_or(Trap::STALE_TOKEN)?;
    let latest = session.as_integer(field(3)?).ok_or(Trap::STALE_TOKEN)?;
    let fewer = session.vector_truncate(markers, number).map_err(refused)?;
    session.store(&mut roots[WORDS_ROOT], words);
    session.store(&mut roots[NAMES_ROOT], names);
    session.store(&mut roots[MARKERS_ROOT], fewer);
    machine.set_cell(user::HERE, here)?;
    machine.set_cell(user::LATEST, latest)?;
    machine.pop()?;
    Ok(Step::Done)
}
