//! Taking the input line apart.

use super::numbers::{self, Float};
use super::places;
use crate::layout::{BLOCK_LINE, WORD_BUFFER, WORD_LIMIT, user};
use stele_bytecode::places::Place;
use stele_vm::{Machine, SLICE, Step, Trap};

/// Digits that one run of `(>number)` converts; a number written with more is none.
const PIECE: usize = 256;

/// Longest string that can be the input line, in bytes: as much as one run may look through.
const LINE_LIMIT: i64 = SLICE as i64 * BYTES_PER_UNIT;

/// Bytes looked through for one unit of cost.
const BYTES_PER_UNIT: i64 = 16;

/// The rest of the input line: its address and length, and `>IN`.
fn rest(machine: &Machine<'_, '_>) -> Result<(i64, i64, i64), Trap> {
    let address = machine.cell(user::SOURCE_ADDRESS)?;
    let length = machine.cell(user::SOURCE_LENGTH)?.max(0);
    machine.bytes(address, length)?;
    if length > LINE_LIMIT {
        return Err(Trap::LINE_TOO_LONG);
    }
    let at = machine.cell(user::TO_IN)?.clamp(0, length);
    let address = address.checked_add(at).ok_or(Trap::INVALID_ADDRESS)?;
    Ok((address, length - at, at))
}

/// Blanks and control characters separate words.
fn is_blank(byte: u8) -> bool {
    byte <= b' '
}

/// Whether `byte` is the delimiter `char`; a space stands for every blank.
fn delimits(char: i64, byte: u8) -> bool {
    if char == i64::from(b' ') {
        is_blank(byte)
    } else {
        char == i64::from(byte)
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `( char "text<char>" -- c-addr u )`
pub(super) fn parse(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let char = machine.pop()?;
    let (address, length, at) = rest(machine)?;
    let line = machine.bytes(address, length)?;
    let mut buffer = [0; 4];
    let extended = u32::try_from(char).ok().filter(|char| *char > 0x7F);
    let (end, width) = match extended.and_then(char::from_u32) {
        Some(character) => {
            let encoded = character.encode_utf8(&mut buffer).as_bytes();
            let mut places = line.windows(encoded.len());
            (places.position(|place| place == encoded), encoded.len())
        }
        None => (line.iter().position(|byte| delimits(char, *byte)), 1),
    };
    let parsed = end.map_or(length, count);
    let skipped = end.map_or(0, |_| count(width));
    machine.charge(parsed.unsigned_abs() / BYTES_PER_UNIT as u64);
    machine.set_cell(user::TO_IN, at + parsed + skipped)?;
    machine.push(address)?;
    machine.push(parsed)?;
    Ok(Step::Done)
}

/// `( "<blanks>name<blank>" -- c-addr u )`
pub(super) fn parse_name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length, at) = rest(machine)?;
    let line = machine.bytes(address, length)?;
    let blanks = line
        .iter()
        .position(|byte| !is_blank(*byte))
        .unwrap_or(line.len());
    let name = line[blanks..]
        .iter()
        .position(|byte| is_blank(*byte))
        .unwrap_or(line.len() - blanks);
    let end = (blanks + name + 1).min(line.len());
    let (blanks, name, end) = (count(blanks), count(name), count(end));
    machine.charge(end.unsigned_abs() / BYTES_PER_UNIT as u64);
    machine.set_cell(user::TO_IN, at + end)?;
    machine.set_cell(user::NAME_ADDRESS, address + blanks)?;
    machine.set_cell(user::NAME_LENGTH, name)?;
    // The lines of a block are its input together, so where in it a name stands tells which is meant.
    if name > 0 && machine.cell(user::BLOCK)? != 0 {
        machine.set_cell(user::LINE, (at + blanks) / BLOCK_LINE)?;
    }
    if machine.is_defining() {
        let position = places::in_line(machine, at + blanks)?;
        machine.set_place(Place::new(position));
    }
    machine.push(address + blanks)?;
    machine.push(name)?;
    Ok(Step::Done)
}

/// `( char "<chars>text<char>" -- c-addr )`: leaves a counted string in a buffer of its own.
pub(super) fn word(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let char = machine.pop()?;
    let (address, length, at) = rest(machine)?;
    let line = machine.bytes(address, length)?;
    let start = line
        .iter()
        .position(|byte| !delimits(char, *byte))
        .unwrap_or(line.len());
    let word = line[start..]
        .iter()
        .position(|byte| delimits(char, *byte))
        .unwrap_or(line.len() - start);
    let end = (start + word + 1).min(line.len());
    let (start, word, end) = (count(start), count(word), count(end));
    if word > WORD_LIMIT {
        return Err(Trap::PARSED_STRING_OVERFLOW);
    }
    machine.charge(end.unsigned_abs() / BYTES_PER_UNIT as u64);
    machine.set_cell(user::TO_IN, at + end)?;
    machine.bytes_mut(WORD_BUFFER, 1)?[0] = word as u8;
    machine.copy_bytes(address + start, WORD_BUFFER + 1, word)?;
    // Old programs expect a blank behind the string, which is not counted.
    machine.bytes_mut(WORD_BUFFER + 1 + word, 1)?[0] = b' ';
    machine.push(WORD_BUFFER)?;
    Ok(Step::Done)
}

/// `( ud1 c-addr1 u1 -- ud2 c-addr2 u2 )`: converts digits as long as there are any.
pub(super) fn to_number(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let base = machine.cell(user::BASE)?;
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    machine.bytes(address, length)?;
    let mut value = double(machine.peek(3)?, machine.peek(2)?);
    let piece = length.min(count(PIECE));
    let text = machine.bytes(address, piece)?;
    let digits = numbers::accumulate(text, base, &mut value);
    let all = count(digits) == piece && piece < length;
    let digits = count(digits);
    machine.charge(digits.unsigned_abs());
    machine.poke(3, value as i64)?;
    machine.poke(2, (value >> 64) as i64)?;
    machine.poke(1, address + digits)?;
    machine.poke(0, length - digits)?;
    Ok(if all { Step::Again } else { Step::Done })
}

/// `( c-addr u -- lo hi kind )`: reads a whole number; kind is 1 for a single, 2 for a double, 3 for
/// a float, whose bits are lo, 0 for none.
pub(super) fn number(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let base = machine.cell(user::BASE)?;
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let text = machine.bytes(address, length)?;
    let text = if text.len() <= PIECE { text } else { &[] };
    let (value, kind) = match numbers::recognise(text, base) {
        Some(numbers::Number::Single(value)) => (i128::from(value), 1),
        Some(numbers::Number::Double(value)) => (value, 2),
        Some(numbers::Number::Float(Float::Is(float))) => (i128::from(float.to_bits()), 3),
        Some(numbers::Number::Float(Float::TooLarge)) => return Err(Trap::FLOAT_OUT_OF_RANGE),
        None => (0, 0),
    };
    machine.charge(length.unsigned_abs().min(255));
    machine.poke(1, value as i64)?;
    machine.poke(0, (value >> 64) as i64)?;
    machine.push(kind)?;
    Ok(Step::Done)
}

fn double(low: i64, high: i64) -> u128 {
    u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64
}
