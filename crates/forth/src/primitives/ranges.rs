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
    if end < STRINGS {
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
