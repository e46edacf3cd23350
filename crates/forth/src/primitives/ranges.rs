//! Operations on ranges of data space, a piece at a time.

use crate::layout::{STRINGS, user};
use stele_vm::{Machine, SLICE, Step, Trap};

/// Bytes for one unit of cost.
const BYTES_PER_UNIT: i64 = 8;

/// Bytes that one run handles.
const PIECE: i64 = SLICE as i64 * BYTES_PER_UNIT / 2;

/// `( from to u -- )`: copies as if through a buffer, from whichever end the overlap allows.
pub(super) fn move_bytes(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (from, to, length) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    machine.bytes(from, length)?;
    machine.bytes(to, length)?;
    let piece = length.min(PIECE);
    machine.charge((piece / BYTES_PER_UNIT).unsigned_abs());
    let backwards = from < to && to < from.saturating_add(length);
    let skip = if backwards { length - piece } else { 0 };
    machine.copy_bytes(from + skip, to + skip, piece)?;
    if !backwards {
        machine.poke(2, from + piece)?;
        machine.poke(1, to + piece)?;
    }
    finish(machine, length - piece)
}

/// `( c-addr u char -- )`
pub(super) fn fill(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length, char) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    machine.bytes(address, length)?;
    let piece = length.min(PIECE);
    machine.charge((piece / BYTES_PER_UNIT).unsigned_abs());
    machine.bytes_mut(address, piece)?.fill(char as u8);
    machine.poke(2, address + piece)?;
    machine.poke(1, length - piece)?;
    if piece < length {
        return Ok(Step::Again);
    }
    for _ in 0..3 {
        machine.pop()?;
    }
    Ok(Step::Done)
}

/// How many bytes are the same at the front of two strings.
fn common(a: &[u8], b: &[u8]) -> usize {
    let mut same = 0;
    while let (Some(a), Some(b)) = (a[same..].first_chunk(), b[same..].first_chunk()) {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return same + differing.trailing_zeros() as usize / 8;
        }
        same += 8;
    }
    let rest = a[same..].iter().zip(&b[same..]);
    same + rest.take_while(|(a, b)| a == b).count()
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `( c-addr1 c-addr2 u1 -- c-addr3 c-addr4 u2 )`: where two strings of the same length first
/// differ; u2 is what is left of them there, 0 if they are equal.
pub(super) fn mismatch(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (first, second, length) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    machine.bytes(first, length)?;
    machine.bytes(second, length)?;
    let piece = length.min(PIECE);
    let same = common(machine.bytes(first, piece)?, machine.bytes(second, piece)?);
    let same = count(same);
    machine.charge((same / BYTES_PER_UNIT).unsigned_abs());
    machine.poke(2, first + same)?;
    machine.poke(1, second + same)?;
    machine.poke(0, length - same)?;
    Ok(if same == piece && piece < length {
        Step::Again
    } else {
        Step::Done
    })
}

/// `( c-addr1 u1 c-addr2 u2 n -- c-addr3 u3 flag )`: finds the second string in the first; n bytes
/// are known to be there at its front. If flag is true, c-addr3 u3 is the first from the place on.
///
/// Each place is tried in turn, so at worst the work is the product of the lengths.
pub(super) fn search(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (text, length) = (machine.peek(4)?, machine.peek(3)?);
    let (pattern, size) = (machine.peek(2)?, machine.peek(1)?);
    let known = usize::try_from(machine.peek(0)?).map_err(|_| Trap::NUMERIC_ARGUMENT)?;
    let mut seeking = Seeking {
        text: machine.bytes(text, length)?,
        pattern: machine.bytes(pattern, size)?,
        at: 0,
        matched: known,
        looked_at: 0,
    };
    let found = seeking.run();
    let (at, matched, looked_at) = (seeking.at, seeking.matched, seeking.looked_at);
    machine.charge((count(looked_at) / BYTES_PER_UNIT).unsigned_abs());
    machine.poke(4, text + count(at))?;
    machine.poke(3, length - count(at))?;
    let Some(found) = found else {
        machine.poke(0, count(matched))?;
        return Ok(Step::Again);
    };
    machine.pop()?;
    machine.pop()?;
    machine.poke(0, -i64::from(found))?;
    Ok(Step::Done)
}

/// A search under way.
struct Seeking<'a> {
    text: &'a [u8],
    pattern: &'a [u8],
    /// The place being tried.
    at: usize,
    /// Bytes of the pattern that are known to be there.
    matched: usize,
    /// Bytes looked at in this run, and a unit's worth for each place.
    looked_at: usize,
}

impl Seeking<'_> {
    /// Whether the pattern is in the text, as far as one run can tell.
    fn run(&mut self) -> Option<bool> {
        let limit = PIECE.unsigned_abs() as usize;
        while self.looked_at < limit {
            let last = match self.text.len().checked_sub(self.pattern.len()) {
                Some(last) if self.at <= last => last,
                _ => return Some(false),
            };
            if self.matched == 0 && self.skip(last, limit) {
                continue;
            }
            let text = self.text.get(self.at + self.matched..).unwrap_or_default();
            let pattern = self.pattern.get(self.matched..).unwrap_or_default();
            let room = limit.saturating_sub(self.looked_at);
            let pattern = &pattern[..pattern.len().min(room)];
            let same = common(text, pattern);
            self.looked_at += same + BYTES_PER_UNIT.unsigned_abs() as usize;
            self.matched += same;
            if self.matched >= self.pattern.len() {
                return Some(true);
            }
            if same < pattern.len() {
                self.at += 1;
                self.matched = 0;
            }
        }
        None
    }

    /// Goes on to where the pattern's first byte is; true if that is not among the next places.
    fn skip(&mut self, last: usize, limit: usize) -> bool {
        let Some(first) = self.pattern.first() else {
            return false;
        };
        let places = &self.text[self.at..=last];
        let places = &places[..places.len().min(limit - self.looked_at)];
        let found = places.iter().position(|byte| byte == first);
        let skipped = found.unwrap_or(places.len());
        self.at += skipped;
        self.looked_at += skipped;
        found.is_none()
    }
}

/// Leaves the operands of an unfinished copy, or drops those of a finished one.
fn finish(machine: &mut Machine<'_, '_>, left: i64) -> Result<Step, Trap> {
    machine.poke(0, left)?;
    if left > 0 {
        return Ok(Step::Again);
    }
    for _ in 0..3 {
        machine.pop()?;
    }
    Ok(Step::Done)
}

/// `( n -- )`: reserves or releases data space.
pub(super) fn allot(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let bytes = machine.pop()?;
    let here = machine.cell(user::HERE)?;
    let end = here.checked_add(bytes).ok_or(Trap::DICTIONARY_OVERFLOW)?;
    if end < STRINGS || end > super::pool::dictionary_limit(machine) {
        return Err(Trap::DICTIONARY_OVERFLOW);
    }
    machine.grow_data(end)?;
    machine.set_cell(user::HERE, end)?;
    Ok(Step::Done)
}

/// `( xu … x0 u -- xu-1 … x0 xu )`: u is at most 4,095, so that one run is short.
pub(super) fn roll(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let index = machine.pop()?;
    let index = usize::try_from(index).map_err(|_| Trap::STACK_UNDERFLOW)?;
    if index >= machine.depth() {
        return Err(Trap::STACK_UNDERFLOW);
    }
    if index as u64 >= SLICE {
        return Err(Trap::NUMERIC_ARGUMENT);
    }
    machine.charge(index as u64);
    let rolled = machine.peek(index)?;
    for place in (0..index).rev() {
        let cell = machine.peek(place)?;
        machine.poke(place + 1, cell)?;
    }
    machine.poke(0, rolled)?;
    Ok(Step::Done)
}
