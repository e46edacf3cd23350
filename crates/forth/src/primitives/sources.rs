//! Where input lines come from: the texts given at start, and a check of those typed.

use super::system::leave_string;
use crate::layout::{NAME_LIMIT, TEXT_BUFFER, TEXT_LIMIT, user};
use crate::texts::Text;
use stele_vm::{Machine, Step, Trap};

/// Which of the instance's words holds the offset of the current text, plus one.
const TEXT: usize = 1;
/// Which one holds how much of it has been read.
const READ: usize = 2;

/// The current text, if there is one.
fn current<'a>(machine: &'a Machine<'_, '_>) -> Option<Text<'a>> {
    let offset = usize::try_from(machine.user(TEXT).checked_sub(1)?).ok()?;
    Text::read(machine.texts(), offset)
}

/// `( -- flag )`: goes on to the next text; false after the last.
pub(super) fn next_text(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let next = match current(machine) {
        Some(text) => text.end,
        None if machine.user(TEXT) == 0 => 0,
        None => usize::MAX,
    };
    let found = Text::read(machine.texts(), next).is_some();
    machine.set_user(TEXT, (next as u64).saturating_add(1));
    machine.set_user(READ, 0);
    machine.set_cell(user::LINE, 0)?;
    machine.set_cell(user::TEXT_LENGTH, 0)?;
    machine.push(-i64::from(found))?;
    Ok(Step::Done)
}

/// `( -- flag )`: makes the next line of the current text the input line; false after the last.
pub(super) fn refill_text(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let read = usize::try_from(machine.user(READ)).unwrap_or(usize::MAX);
    let Some(line) = current(machine).and_then(|text| text.line(read, TEXT_LIMIT as usize)) else {
        machine.push(0)?;
        return Ok(Step::Done);
    };
    let mut copy = [0; TEXT_LIMIT as usize];
    let length = line.bytes.len();
    let copied = copy
        .get_mut(..length)
        .map(|copy| copy.copy_from_slice(line.bytes));
    let next = line.next as u64;
    let number = machine.cell(user::LINE)?.wrapping_add(1);
    machine.set_cell(user::LINE, number)?;
    machine.set_cell(user::LINE_START, i64::try_from(read).unwrap_or(0))?;
    if copied.is_none() {
        machine.set_cell(user::SOURCE_LENGTH, 0)?;
        return Err(Trap::LINE_TOO_LONG);
    }
    machine.set_user(READ, next);
    machine.charge(length as u64 / 8);
    let line = &copy[..length];
    let length = i64::try_from(length).unwrap_or(0);
    machine
        .bytes_mut(TEXT_BUFFER, length)?
        .copy_from_slice(line);
    machine.set_cell(user::SOURCE_ADDRESS, TEXT_BUFFER)?;
    machine.set_cell(user::SOURCE_LENGTH, length)?;
    machine.set_cell(user::TEXT_LENGTH, length)?;
    machine.set_cell(user::TO_IN, 0)?;
    expect_utf8(machine, TEXT_BUFFER, length)?;
    machine.push(-1)?;
    Ok(Step::Done)
}

/// `( u -- )`: goes back to where in the current text a line began.
pub(super) fn text_back(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let start = machine.pop()?;
    machine.set_user(READ, start.cast_unsigned());
    Ok(Step::Done)
}

/// `( c-addr u -- )`: refuses a line of input that is not UTF-8.
pub(super) fn check_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    if length > TEXT_LIMIT {
        return Err(Trap::LINE_TOO_LONG);
    }
    machine.charge(length.unsigned_abs() / 8);
    expect_utf8(machine, address, length)?;
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// Refuses a string that is not UTF-8, and makes the report point at its first wrong byte.
fn expect_utf8(machine: &mut Machine<'_, '_>, address: i64, length: i64) -> Result<(), Trap> {
    let Err(error) = core::str::from_utf8(machine.bytes(address, length)?) else {
        return Ok(());
    };
    let valid = i64::try_from(error.valid_up_to()).unwrap_or(length);
    machine.set_cell(user::NAME_ADDRESS, address + valid)?;
    machine.set_cell(user::NAME_LENGTH, 0)?;
    Err(Trap::INVALID_UTF8)
}

/// `( -- c-addr u )`: the name of the current text.
pub(super) fn text_name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let mut name = [0; NAME_LIMIT as usize];
    let length = match current(machine) {
        Some(text) => {
            let taken = &text.name[..text.name.len().min(NAME_LIMIT as usize)];
            name[..taken.len()].copy_from_slice(taken);
            taken.len()
        }
        None => 0,
    };
    leave_string(machine, &name[..length])
}
