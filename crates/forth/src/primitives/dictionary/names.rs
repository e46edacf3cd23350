//! Names: how they are compared, copied, and how far one is from another.

use super::lists;
use crate::layout::{NAME_BUFFER, NAME_LIMIT};
use stele_vm::words::{WORDS_ROOT, Word};
use stele_vm::{Machine, Step, Trap};

/// Longest name that a misspelt one is compared with.
const COMPARED: usize = 31;

/// A name folded to upper case, so that the case of letters does not matter.
pub(crate) struct Folded {
    bytes: [u8; NAME_LIMIT as usize],
    length: usize,
}

impl Folded {
    pub(crate) fn new(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; NAME_LIMIT as usize];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        bytes.make_ascii_uppercase();
        Some(Self {
            bytes,
            length: name.len(),
        })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Copies a name from data space; `None` if it is too long for one.
pub(crate) fn name_at(
    machine: &Machine<'_, '_>,
    address: i64,
    length: i64,
) -> Result<Option<Folded>, Trap> {
    Ok(Folded::new(machine.bytes(address, length)?))
}

/// Copies a name out of data space.
///
/// # Errors
/// [`Trap::NAME_TOO_LONG`] beyond [`NAME_LIMIT`] bytes.
pub(crate) fn copy_name<'a>(
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

/// `( xt -- c-addr u )`: the name, in a buffer that the next name overwrites.
pub(crate) fn word_name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
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
    let (session, roots) = machine.reading();
    let words = session.load(&roots[WORDS_ROOT]);
    let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
    let name = session.as_bytes(word.name).unwrap_or_default();
    let copy = buffer.get_mut(..name.len()).ok_or(Trap::NAME_TOO_LONG)?;
    copy.copy_from_slice(name);
    Ok(copy)
}

/// `( c-addr u xt -- n )`: letters to change, add, drop or swap with the next to make the
/// string the word's name (Damerau 1964); large where either is empty, out of the search order or long.
pub(crate) fn distance(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.pop()?;
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let typed = name_at(machine, address, length)?;
    let mut buffer = [0; NAME_LIMIT as usize];
    let known = if lists::is_in_order(machine, token)? {
        Folded::new(name_of(machine, token, &mut buffer)?)
    } else {
        None
    };
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
