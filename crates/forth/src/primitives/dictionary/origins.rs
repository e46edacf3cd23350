//! Where words come from, and which word a function belongs to.

use super::FENCE;
use stele_bytecode::lines::Position;
use stele_memory::{Local, Session};
use stele_vm::backtrace::Frame;
use stele_vm::origin::{FIXED_BYTES, INSTRUCTION_BYTES, ORIGIN_LIMIT, Origin};
use stele_vm::words::{WORDS_ROOT, Word};
use stele_vm::{Machine, Step, Trap};

/// Worst case of the origin of a definition of `words` words of code.
pub(super) fn origin_bytes(words: u64) -> usize {
    let words = usize::try_from(words).unwrap_or(usize::MAX);
    let bytes = words.saturating_mul(INSTRUCTION_BYTES);
    Session::worst_case_bytes(bytes.saturating_add(FIXED_BYTES).min(ORIGIN_LIMIT))
}

/// The origin of a word, if it has one.
fn origin<'s>(session: &'s Session<'_>, word: &Word<'s>) -> Option<Origin<'s>> {
    session.as_bytes(word.origin).and_then(Origin::read)
}

/// A copy of the origin of a word; empty if it has none.
pub(crate) fn origin_of<'a>(
    machine: &mut Machine<'_, '_>,
    token: i64,
    out: &'a mut [u8; ORIGIN_LIMIT],
) -> &'a [u8] {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token);
    let bytes = word.and_then(|word| session.as_bytes(word.origin));
    let bytes = bytes.unwrap_or_default();
    let kept = bytes.len().min(out.len());
    out[..kept].copy_from_slice(&bytes[..kept]);
    &out[..kept]
}

/// Where the definition of a word begins; line 0 of the console if nobody knows.
pub(crate) fn position_of(machine: &mut Machine<'_, '_>, token: i64) -> Result<Position, Trap> {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    Ok(origin(&session, &word).map_or(Position::default(), |origin| origin.position))
}

/// The word that a frame's function belongs to, 0 if there is none any more; and where in a source the
/// frame is.
pub(crate) fn place_of(machine: &mut Machine<'_, '_>, frame: &Frame) -> (i64, Position) {
    let (session, roots) = machine.session();
    let words = session.load(&roots[WORDS_ROOT]);
    let token = youngest_before(&session, words, frame.id);
    let word = Word::read(&session, words, token);
    let found = word.and_then(|word| {
        let origin = origin(&session, &word)?;
        let lines = origin.lines(frame.id, frame.words);
        let position = lines.and_then(|lines| lines.position(frame.word));
        let own = lines.is_some() || word.code == Some(frame.function);
        own.then_some((token, position.unwrap_or(origin.position)))
    });
    found.unwrap_or((0, Position::default()))
}

/// The youngest word that was made when there was no function yet of number `id` or above. Words and
/// functions are both numbered as they are made, so halving finds it.
fn youngest_before(session: &Session<'_>, words: Local<'_>, id: u32) -> i64 {
    let count = session.vector_len(words).unwrap_or(0);
    // The word made `low`-th is one of those, the one made `high`-th is not.
    let (mut low, mut high) = (0, i64::try_from(count).unwrap_or(0));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let word = Word::read(session, words, middle);
        let origin = word.as_ref().and_then(|word| origin(session, word));
        if origin.is_some_and(|origin| origin.functions <= id) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// `( xt -- source line column )`: where the definition of the word begins.
pub(crate) fn word_place(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let Position {
        source,
        line,
        column,
    } = position_of(machine, token)?;
    machine.poke(0, source.into())?;
    machine.push(line.into())?;
    machine.push(column.into())?;
    Ok(Step::Done)
}

/// `( xt -- flag )`: whether the word is one of the system's own.
pub(crate) fn is_own(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let own = token.cast_unsigned() < machine.user(FENCE);
    machine.poke(0, -i64::from(own))?;
    Ok(Step::Done)
}
