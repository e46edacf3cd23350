//! Extended characters: code points of Unicode, in memory as UTF-8.
//!
//! What is not UTF-8 is refused with -77 by whatever would have to know where the character ends.

use stele_vm::{Machine, Step, Trap};
use unicode_width::UnicodeWidthChar;

/// Bytes of the longest character.
const LONGEST: i64 = 4;

/// Bytes of the character that begins with this one, if any does.
fn length_of(first: u8) -> Option<i64> {
    match first {
        0..=0x7F => Some(1),
        0xC2..=0xDF => Some(2),
        0xE0..=0xEF => Some(3),
        0xF0..=0xF4 => Some(4),
        _ => None,
    }
}

/// The character that bytes begin with, and how many they are.
fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let length = usize::try_from(length_of(*bytes.first()?)?).ok()?;
    let text = core::str::from_utf8(bytes.get(..length)?).ok()?;
    Some((text.chars().next()?, length))
}

/// The character at `address`, which has at most `limit` bytes, and how many it has.
fn at(machine: &Machine<'_, '_>, address: i64, limit: i64) -> Result<(char, i64), Trap> {
    let first = machine.bytes(address, 1)?;
    let length = first.first().and_then(|first| length_of(*first));
    let length = length.filter(|length| *length <= limit);
    let bytes = machine.bytes(address, length.ok_or(Trap::MALFORMED_XCHAR)?)?;
    let (character, _) = decode(bytes).ok_or(Trap::MALFORMED_XCHAR)?;
    Ok((character, length.unwrap_or(1)))
}

/// The character of that code point.
fn character(x: i64) -> Result<char, Trap> {
    let character = u32::try_from(x).ok().and_then(char::from_u32);
    character.ok_or(Trap::MALFORMED_XCHAR)
}

fn size_of(character: char) -> i64 {
    i64::try_from(character.len_utf8()).unwrap_or(LONGEST)
}

/// `( xc-addr u -- xchar n )`: the character there, which has at most u bytes, and how many it has.
pub(super) fn fetch(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, limit) = (machine.peek(1)?, machine.peek(0)?);
    let (character, length) = at(machine, address, limit)?;
    machine.poke(1, u32::from(character).into())?;
    machine.poke(0, length)?;
    Ok(Step::Done)
}

/// `( xchar xc-addr u -- n )`: stores the character if it has at most u bytes; how many were stored.
pub(super) fn store(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (x, address, limit) = (machine.peek(2)?, machine.peek(1)?, machine.peek(0)?);
    let character = character(x)?;
    let mut buffer = [0; LONGEST as usize];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    let fits = (0..=LONGEST).contains(&limit) && size_of(character) <= limit || limit > LONGEST;
    let stored = if fits { size_of(character) } else { 0 };
    if fits {
        machine.bytes_mut(address, stored)?.copy_from_slice(bytes);
    }
    machine.pop()?;
    machine.pop()?;
    machine.poke(0, stored)?;
    Ok(Step::Done)
}

/// `( xchar -- n )`: bytes that the character has.
pub(super) fn size(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let size = size_of(character(machine.peek(0)?)?);
    machine.poke(0, size)?;
    Ok(Step::Done)
}

/// `( xc-addr u -- n )`: bytes of the character that ends before the address, of which at most u are
/// looked at.
pub(super) fn before(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, limit) = (machine.peek(1)?, machine.peek(0)?);
    let mut found = Err(Trap::MALFORMED_XCHAR);
    for back in 1..=limit.min(LONGEST) {
        let start = address.checked_sub(back).ok_or(Trap::INVALID_ADDRESS)?;
        let byte = machine.bytes(start, 1)?;
        if byte.first().is_some_and(|byte| !continues(*byte)) {
            let (_, length) = at(machine, start, back)?;
            if length == back {
                found = Ok(length);
            }
            break;
        }
    }
    let length = found?;
    machine.pop()?;
    machine.poke(0, length)?;
    Ok(Step::Done)
}

/// A byte that continues a character rather than beginning one.
fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// `( xc-addr u1 -- xc-addr u2 )`: the string without what follows its last whole character.
pub(super) fn without_garbage(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let bytes = machine.bytes(address, length)?;
    let kept = i64::try_from(whole_length(bytes)).unwrap_or(length);
    machine.poke(0, kept)?;
    Ok(Step::Done)
}

/// Bytes up to the end of the last whole character, if there is one among the last four; else
/// those before the last four.
fn whole_length(bytes: &[u8]) -> usize {
    let looked_at = bytes.len().min(LONGEST as usize);
    let begins = (1..=looked_at).find(|back| !continues(bytes[bytes.len() - back]));
    let Some(back) = begins else {
        return bytes.len() - looked_at;
    };
    let start = bytes.len() - back;
    start + decode(&bytes[start..]).map_or(0, |(_, length)| length)
}

/// `( xchar -- n )`: columns that the character takes (Unicode Standard Annex 11); none if it is a
/// control character or is drawn over the one before.
pub(super) fn width(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let columns = character(machine.peek(0)?)?.width().unwrap_or(0);
    machine.poke(0, i64::try_from(columns).unwrap_or(0))?;
    Ok(Step::Done)
}

/// `( xchar -- )`: writes the character.
pub(super) fn emit(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let character = character(machine.peek(0)?)?;
    machine.pop()?;
    let mut buffer = [0; LONGEST as usize];
    machine.write(character.encode_utf8(&mut buffer).as_bytes());
    Ok(Step::Done)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{decode, length_of, whole_length};
    use proptest::prelude::any;
    use proptest::{collection, proptest};
    use std::string::String;
    use std::vec::Vec;

    #[test]
    fn every_character_is_decoded_as_it_was_encoded() {
        for character in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(decode(bytes), Some((character, bytes.len())));
            let length = length_of(bytes[0]).map(|length| length as usize);
            assert_eq!(length, Some(bytes.len()));
            let cut = &bytes[..bytes.len() - 1];
            assert_eq!(decode(cut), None);
            assert_eq!(whole_length(cut), 0);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded_as_the_first_character_or_not_at_all(
            bytes in collection::vec(any::<u8>(), 0..8)
        ) {
            let whole = (1..=bytes.len().min(4)).find_map(|length| {
                core::str::from_utf8(&bytes[..length]).ok()
            });
            let expected = whole.and_then(|text| Some((text.chars().next()?, text.len())));
            assert_eq!(decode(&bytes), expected);
        }

        #[test]
        fn garbage_is_what_follows_the_last_whole_character(
            text in any::<String>(), garbage in collection::vec(0x80..=0xBF_u8, 0..3)
        ) {
            let mut bytes: Vec<u8> = text.as_bytes().to_vec();
            assert_eq!(whole_length(&bytes), bytes.len());
            let last = text.chars().next_back().map_or(0, char::len_utf8);
            bytes.extend(&garbage);
            // Where the last character is further back than four bytes, it is not looked for.
            if last > 0 && last + garbage.len() <= 4 {
                assert_eq!(whole_length(&bytes), text.len());
            }
            bytes.truncate(text.len());
            bytes.push(0xF0);
            assert_eq!(whole_length(&bytes), text.len());
        }
    }
}
