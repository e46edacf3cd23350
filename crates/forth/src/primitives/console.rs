//! Characters in and out.

use crate::boot::{COLOUR, MODE};
use stele_hal::Input;
use stele_vm::{Awaited, Machine, Step, Trap};

/// Bytes that one run of `(type)` writes.
const PIECE: i64 = 1024;

/// `( x -- )`: writes the character x, in UTF-8.
pub(super) fn emit(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let x = machine.pop()?;
    let mut buffer = [0; 4];
    // A byte above 127 is written as it is, so that text passed on byte by byte stays whole.
    match u32::try_from(x)
        .ok()
        .filter(|x| *x > 0xFF)
        .and_then(char::from_u32)
    {
        Some(character) => machine.write(character.encode_utf8(&mut buffer).as_bytes()),
        None => machine.write(&[x as u8]),
    }
    Ok(Step::Done)
}

/// `( c-addr u -- )`: writes a string, piece by piece.
pub(super) fn type_text(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    machine.bytes(address, length)?;
    let piece = length.min(PIECE);
    let mut buffer = [0; PIECE as usize];
    let bytes = machine.bytes(address, piece)?;
    let count = bytes.len();
    buffer[..count].copy_from_slice(bytes);
    machine.write(&buffer[..count]);
    machine.charge(piece.unsigned_abs() / 4);
    if piece == length {
        machine.pop()?;
        machine.pop()?;
        return Ok(Step::Done);
    }
    machine.poke(1, address + piece)?;
    machine.poke(0, length - piece)?;
    Ok(Step::Again)
}

/// `( n -- )`: how what is written next shall look: 0 plain, anything else like an error. Where the
/// console has no colours, nothing is written; where it has, the sequence is no output of the program
/// and not in the record of it, so that cost and parity are the same everywhere.
pub(super) fn look(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    /// Select graphic rendition (ECMA-48, 8.3.117).
    const PLAIN: &[u8] = b"\x1B[0m";
    const BOLD_RED: &[u8] = b"\x1B[1;31m";
    let error = machine.pop()? != 0;
    if machine.user(MODE) & COLOUR != 0 {
        machine.write_unrecorded(if error { BOLD_RED } else { PLAIN });
    }
    Ok(Step::Done)
}

/// `( -- char | -1 )`: waits for a byte of input; -1 at its end.
pub(super) fn key(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    match machine.take_input() {
        Input::Byte(byte) => machine.push(i64::from(byte))?,
        Input::Closed => machine.push(-1)?,
        Input::Empty => return Ok(Step::Wait(Awaited::Input)),
    }
    Ok(Step::Done)
}

/// `( -- flag )`: true if KEY would not wait.
pub(super) fn key_ready(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let ready = machine.has_input();
    machine.push(-i64::from(ready))?;
    Ok(Step::Done)
}
