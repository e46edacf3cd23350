//! The text form: printing to the console or to data space, reading from data space.

use crate::machine::Machine;
use crate::values::progress::{Open, Progress, RESULT, WORK, out_of_memory, reserve};
use crate::{Step, Trap};
use stele_memory::{OutOfMemory, ReadError, ReadReason};

/// Bytes of text made in one step.
const PIECE: usize = 1024;

/// Bytes of text for one unit of cost.
const BYTES_PER_UNIT: u64 = 4;

/// Cost units for so many bytes of text, and for a step.
fn cost(bytes: usize) -> u64 {
    bytes as u64 / BYTES_PER_UNIT + 1
}

/// `( V: x -- )`: prints the text form.
pub(super) fn print(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let mut out = [0; PIECE];
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = machine.open_values();
    let mut units = WORK;
    let printed = {
        let value = session.load(stack.peek(0)?);
        session.print_step(&mut progress.printing, value, &mut out, &mut units)
    };
    let (length, done) = match printed {
        Ok(printed) => printed,
        Err(error) => return out_of_memory_in_print(progress, &error),
    };
    progress.place = progress.place.saturating_add(length as u64);
    if done {
        stack.pop(&session)?;
    }
    machine.charge(cost(length));
    machine.write(&out[..length]);
    Ok(if done { Step::Done } else { Step::Again })
}

/// Printing that runs out of memory begins anew, which it may only do if nothing has been seen yet.
fn out_of_memory_in_print(progress: &mut Progress, error: &OutOfMemory) -> Result<Step, Trap> {
    if progress.place > 0 {
        return Err(Trap::OUT_OF_MEMORY);
    }
    out_of_memory(progress, error)
}

/// `( c-addr u1 -- u2 ) ( V: x -- )`: puts the text form, which must fit, into u1 bytes; it has u2.
pub(super) fn write(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_operation();
    let (address, room) = (machine.peek(1)?, machine.peek(0)?);
    let (open, to) = machine.open_with_bytes_mut(address, room)?;
    let Open {
        session,
        mut stack,
        progress,
        ..
    } = open;
    // What is printed may be shorter than the room that printing wants.
    let mut out = [0; PIECE];
    let mut units = WORK;
    let printed = {
        let value = session.load(stack.peek(0)?);
        session.print_step(&mut progress.printing, value, &mut out, &mut units)
    };
    let (length, done) = match printed {
        Ok(printed) => printed,
        Err(error) => return out_of_memory_in_print(progress, &error),
    };
    let start = progress.place as usize;
    let Some(to) = to.get_mut(start..start.saturating_add(length)) else {
        return Err(progress.fail(
            Trap::TOO_LONG,
            format_args!("the text form does not fit in {room} bytes"),
        ));
    };
    to.copy_from_slice(&out[..length]);
    progress.place += length as u64;
    let written = progress.place;
    if done {
        stack.pop(&session)?;
    }
    machine.charge(cost(length));
    if !done {
        return Ok(Step::Again);
    }
    machine.pop()?;
    machine.poke(0, written.cast_signed())?;
    Ok(Step::Done)
}

/// Units of work in one step of reading, and bytes of the heap that are made sure of before it:
/// each token may leave a node or two.
pub(super) const READ_WORK: u64 = 256;
pub(super) const READ_ROOM: usize = 16 << 10;

/// `( c-addr u1 -- u2 ) ( V: -- x )`: reads the value that the text begins with, from its first u2
/// bytes.
pub(super) fn read(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    read_value(machine, false)
}

/// `( c-addr u -- ) ( V: -- x )`: reads the value that the whole text is the form of.
pub(super) fn read_all(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    read_value(machine, true)
}

/// What is wrong with a text of which one value, and no more, was to be read and which goes on
/// behind it.
pub(super) fn more_text(text: &[u8], position: u64) -> Option<ReadError> {
    let rest = text.get(position as usize..).unwrap_or_default();
    let more = rest.iter().position(|byte| *byte > b' ' && *byte != b',')?;
    Some(ReadError {
        at: position + more as u64,
        reason: ReadReason::MoreText,
    })
}

fn read_value(machine: &mut Machine<'_, '_>, whole: bool) -> Result<Step, Trap> {
    machine.begin_operation();
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let (open, text) = machine.open_with_bytes(address, length)?;
    let Open {
        mut session,
        progress,
        roots,
        ..
    } = open;
    // The place is one past the value once there is one.
    if progress.place == 0 {
        reserve!(session, READ_ROOM);
        let mut units = READ_WORK;
        let step = match session.read_step(&mut progress.reading, text, &mut units) {
            Ok(Some(value)) => {
                session.store(&mut roots[RESULT], value);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        let position = progress.reading.position();
        match step {
            Ok(true) => {
                if let Some(error) = more_text(text, position).filter(|_| whole) {
                    return Err(progress.fail(Trap::MALFORMED_TEXT, format_args!("{error}")));
                }
                progress.place = position + 1;
            }
            Ok(false) => {
                machine.pay(position / BYTES_PER_UNIT);
                return Ok(machine.tire(READ_WORK));
            }
            Err(error) => {
                return match error.reason {
                    ReadReason::OutOfMemory(full) => out_of_memory(progress, &full),
                    ReadReason::TooLong => {
                        Err(progress.fail(Trap::TOO_LONG, format_args!("{error}")))
                    }
                    _ => Err(progress.fail(Trap::MALFORMED_TEXT, format_args!("{error}"))),
                };
            }
        }
    }
    let position = machine.open_values().progress.place - 1;
    if !machine.pay(position / BYTES_PER_UNIT) {
        return Ok(Step::Again);
    }
    let Open {
        session,
        mut stack,
        roots,
        ..
    } = machine.open_values();
    stack.push(&session, session.load(&roots[RESULT]))?;
    machine.pop()?;
    if whole {
        machine.pop()?;
    } else {
        machine.poke(0, position.cast_signed())?;
    }
    Ok(Step::Done)
}
