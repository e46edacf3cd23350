//! Text and bytes: from data space and to it.

use crate::machine::Machine;
use crate::values::progress::{Open, reserve};
use crate::{SLICE, Step, Trap};
use stele_memory::{LONGEST_READ, Session};

/// Bytes handled for one unit of cost.
pub(super) const BYTES_PER_UNIT: u64 = 64;

/// Longest text, or bytes, that a program can make: what one run may copy.
pub(super) const LONGEST: u64 = SLICE * BYTES_PER_UNIT;
const _: () = assert!(
    LONGEST == LONGEST_READ as u64,
    "no longer text can be read than made"
);

/// Bytes of text that one run writes to the console.
const PIECE: usize = 1024;

/// Refuses what would be too long for one run.
pub(super) fn limit(machine: &mut Machine<'_, '_>, length: u64) -> Result<(), Trap> {
    if length <= LONGEST {
        return Ok(());
    }
    let progress = machine.open_values().progress;
    Err(progress.fail(
        Trap::TOO_LONG,
        format_args!("at most {LONGEST} bytes, not {length}"),
    ))
}

/// `( c-addr u -- ) ( V: -- text )`
pub(super) fn text(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    make(machine, true)
}

/// `( c-addr u -- ) ( V: -- bytes )`
pub(super) fn bytes(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    make(machine, false)
}

fn make(machine: &mut Machine<'_, '_>, text: bool) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    machine.bytes(address, length)?;
    limit(machine, length.unsigned_abs())?;
    let (open, bytes) = machine.open_with_bytes(address, length)?;
    let Open {
        mut session,
        mut stack,
        ..
    } = open;
    reserve!(session, Session::worst_case_bytes(bytes.len()));
    let value = if text {
        let text = core::str::from_utf8(bytes).map_err(|_| Trap::INVALID_UTF8)?;
        session.text(text)
    } else {
        session.bytes(bytes)
    };
    stack.push(&session, value.map_err(|_| Trap::OUT_OF_MEMORY)?)?;
    machine.charge(length.unsigned_abs() / BYTES_PER_UNIT);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( c-addr u1 -- u2 ) ( V: text -- )`: copies as many bytes as there is room for, for text whole
/// characters; u2 is how many it has. Text or bytes.
pub(super) fn contents(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, room) = (machine.peek(1)?, machine.peek(0)?);
    let (open, to) = machine.open_with_bytes_mut(address, room)?;
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = open;
    let value = session.load(stack.peek(0)?);
    let (bytes, end) = if let Some(text) = session.as_text(value) {
        (text.as_bytes(), text.floor_char_boundary(to.len()))
    } else if let Some(bytes) = session.as_bytes(value) {
        (bytes, bytes.len().min(to.len()))
    } else {
        return Err(progress.wrong_kind(&session, value, "text or bytes"));
    };
    to[..end].copy_from_slice(&bytes[..end]);
    let (copied, length) = (end as u64, bytes.len() as u64);
    stack.pop(&session)?;
    machine.charge(copied / BYTES_PER_UNIT);
    machine.pop()?;
    machine.poke(0, length.cast_signed())?;
    Ok(Step::Done)
}

/// `( V: text -- )`: writes what it says to the console.
pub(super) fn type_out(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let Some(text) = session.as_text(value) else {
        return Err(progress.wrong_kind(&session, value, "text"));
    };
    let rest = text.as_bytes().get(progress.place as usize..);
    let rest = rest.unwrap_or_default();
    let piece = &rest[..rest.len().min(PIECE)];
    let mut out = [0; PIECE];
    out[..piece.len()].copy_from_slice(piece);
    let (written, left) = (piece.len(), rest.len() - piece.len());
    progress.place += written as u64;
    if left == 0 {
        stack.pop(&session)?;
    }
    machine.charge(written as u64 / 4);
    machine.write(&out[..written]);
    Ok(if left == 0 { Step::Done } else { Step::Again })
}
