//! Files of the host. What the host refuses comes back as a number, the ior, which is also the code to
//! throw; only what would go wrong on every host (addresses that are none) is thrown here.

use stele_hal::{Access, FileError, LONGEST_NAME, LineRead, Opening};
use stele_vm::{Awaited, Machine, Step, Trap};

/// Bytes that one run moves between a file and data space.
const PIECE: i64 = 4096;

/// Bytes for one unit of cost.
const BYTES_PER_UNIT: u64 = 8;

/// A name, out of the way of the machine.
pub(super) struct Name {
    bytes: [u8; LONGEST_NAME + 1],
    length: usize,
}

impl Name {
    /// The name at `address`; one that is too long is cut where the host refuses it.
    ///
    /// # Errors
    /// [`Trap::INVALID_ADDRESS`].
    pub(super) fn take(
        machine: &mut Machine<'_, '_>,
        address: i64,
        length: i64,
    ) -> Result<Self, Trap> {
        let text = machine.bytes(address, length)?;
        let length = text.len().min(LONGEST_NAME + 1);
        let mut bytes = [0; LONGEST_NAME + 1];
        bytes[..length].copy_from_slice(&text[..length]);
        machine.charge(length as u64 / BYTES_PER_UNIT);
        Ok(Self { bytes, length })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The ior of an operation that could give no more than this error, or succeeded.
fn ior(result: Result<(), FileError>, operation: Trap) -> i64 {
    match result {
        Ok(()) => 0,
        Err(error) => Trap::of_file(error, operation).0,
    }
}

/// Replaces the topmost `takes` cells by `leaves`.
fn answer(machine: &mut Machine<'_, '_>, takes: usize, leaves: &[i64]) -> Result<Step, Trap> {
    for _ in 0..takes {
        machine.pop()?;
    }
    for cell in leaves {
        machine.push(*cell)?;
    }
    Ok(Step::Done)
}

/// The file that a cell names.
fn file(cell: i64) -> u64 {
    cell.cast_unsigned()
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `( c-addr u fam flag -- fileid ior )`: opens a file, or with a true flag makes it anew.
pub(super) fn open(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (opening, operation) = match machine.peek(0)? {
        0 => (Opening::Existing, Trap::OPEN_FILE),
        _ => (Opening::Empty, Trap::CREATE_FILE),
    };
    let access = match machine.peek(1)? {
        0 => Access::Read,
        1 => Access::Write,
        2 => Access::ReadWrite,
        _ => return answer(machine, 4, &[0, Trap::NUMERIC_ARGUMENT.0]),
    };
    let (address, length) = (machine.peek(3)?, machine.peek(2)?);
    let name = Name::take(machine, address, length)?;
    match machine.open_file(name.as_bytes(), access, opening) {
        Ok(id) => answer(machine, 4, &[id.cast_signed(), 0]),
        Err(error) => answer(machine, 4, &[0, Trap::of_file(error, operation).0]),
    }
}

/// `( fileid -- ior )`
pub(super) fn close(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let closed = machine.close_file(file(machine.peek(0)?));
    answer(machine, 1, &[ior(closed, Trap::CLOSE_FILE)])
}

/// `( c-addr u1 fileid u -- u2 ior )`: reads bytes behind the u that were read already.
pub(super) fn read(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(3)?, machine.peek(2)?);
    let (id, done) = (file(machine.peek(1)?), machine.peek(0)?);
    machine.bytes_mut(address, length)?;
    let mut buffer = [0; PIECE as usize];
    let buffer = &mut buffer[..piece(length, done)];
    match machine.read_file(id, buffer) {
        Ok(read) => {
            let end = store(machine, address, done, &buffer[..read])?;
            if read == 0 || end == length {
                return answer(machine, 4, &[end, 0]);
            }
            machine.poke(0, end)?;
            Ok(Step::Again)
        }
        Err(FileError::NotReady) => Ok(Step::Wait(Awaited::File)),
        Err(error) => answer(machine, 4, &[done, Trap::of_file(error, Trap::READ_FILE).0]),
    }
}

/// `( c-addr u1 fileid u -- u2 flag ior )`: reads a line behind the u bytes of it that were read.
pub(super) fn read_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(3)?, machine.peek(2)?);
    let (id, done) = (file(machine.peek(1)?), machine.peek(0)?);
    machine.bytes_mut(address, length)?;
    let mut buffer = [0; PIECE as usize];
    let buffer = &mut buffer[..piece(length, done)];
    let (read, whole, last) = match machine.read_line(id, buffer) {
        Ok(LineRead::Whole(read)) => (read, true, false),
        Ok(LineRead::Part(read)) => (read, false, false),
        Ok(LineRead::Last(read)) => (read, false, true),
        Err(FileError::NotReady) => return Ok(Step::Wait(Awaited::File)),
        Err(error) => {
            let ior = Trap::of_file(error, Trap::READ_LINE).0;
            return answer(machine, 4, &[done, 0, ior]);
        }
    };
    let end = store(machine, address, done, &buffer[..read])?;
    if whole || last || end == length {
        let found = end > 0 || !last;
        return answer(machine, 4, &[end, -i64::from(found), 0]);
    }
    machine.poke(0, end)?;
    Ok(Step::Again)
}

/// Bytes that one run handles of a range of which some are done.
fn piece(length: i64, done: i64) -> usize {
    let left = length.saturating_sub(done.max(0));
    usize::try_from(left.clamp(0, PIECE)).unwrap_or(0)
}

/// Puts bytes behind those that are done; returns how many are now.
fn store(
    machine: &mut Machine<'_, '_>,
    address: i64,
    done: i64,
    bytes: &[u8],
) -> Result<i64, Trap> {
    let to = address.checked_add(done).ok_or(Trap::INVALID_ADDRESS)?;
    machine
        .bytes_mut(to, count(bytes.len()))?
        .copy_from_slice(bytes);
    machine.charge(bytes.len() as u64 / BYTES_PER_UNIT);
    Ok(done.saturating_add(count(bytes.len())))
}

/// `( c-addr u fileid -- ior )`
pub(super) fn write(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(2)?, machine.peek(1)?);
    let id = file(machine.peek(0)?);
    machine.bytes(address, length)?;
    let piece = length.min(PIECE);
    let mut buffer = [0; PIECE as usize];
    let bytes = machine.bytes(address, piece)?;
    let buffer = &mut buffer[..bytes.len()];
    buffer.copy_from_slice(bytes);
    match machine.write_file(id, buffer) {
        Ok(written) => {
            machine.charge(written as u64 / BYTES_PER_UNIT);
            let left = length - count(written);
            if left <= 0 {
                return answer(machine, 3, &[0]);
            }
            machine.poke(2, address + count(written))?;
            machine.poke(1, left)?;
            Ok(Step::Again)
        }
        Err(FileError::NotReady) => Ok(Step::Wait(Awaited::File)),
        Err(error) => answer(machine, 3, &[Trap::of_file(error, Trap::WRITE_FILE).0]),
    }
}

/// `( fileid -- ior )`
pub(super) fn flush(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let flushed = machine.flush_file(file(machine.peek(0)?));
    answer(machine, 1, &[ior(flushed, Trap::FLUSH_FILE)])
}

/// `( fileid -- ud ior )`
pub(super) fn position(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let position = machine.file_position(file(machine.peek(0)?));
    answer_number(machine, position, Trap::TELL_POSITION)
}

/// `( fileid -- ud ior )`
pub(super) fn size(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let size = machine.file_size(file(machine.peek(0)?));
    answer_number(machine, size, Trap::FILE_SIZE)
}

fn answer_number(
    machine: &mut Machine<'_, '_>,
    number: Result<u64, FileError>,
    operation: Trap,
) -> Result<Step, Trap> {
    match number {
        Ok(number) => answer(machine, 1, &[number.cast_signed(), 0, 0]),
        Err(error) => answer(machine, 1, &[0, 0, Trap::of_file(error, operation).0]),
    }
}

/// `( ud fileid -- ior )`: moves the position.
pub(super) fn reposition(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (low, high, id) = (machine.peek(2)?, machine.peek(1)?, file(machine.peek(0)?));
    let moved = match high {
        0 => machine.set_file_position(id, low.cast_unsigned()),
        // No file is that long, but whether there is one is told first.
        _ => machine.file_position(id).and(Err(FileError::Position)),
    };
    answer(machine, 3, &[ior(moved, Trap::REPOSITION_FILE)])
}

/// `( ud fileid -- ior )`: makes a file shorter or longer.
pub(super) fn resize(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (low, high, id) = (machine.peek(2)?, machine.peek(1)?, file(machine.peek(0)?));
    let resized = match high {
        0 => machine.set_file_size(id, low.cast_unsigned()),
        _ => machine.file_size(id).and(Err(FileError::NoSpace)),
    };
    answer(machine, 3, &[ior(resized, Trap::RESIZE_FILE)])
}

/// `( c-addr u -- ior )`
pub(super) fn delete(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let name = Name::take(machine, address, length)?;
    let deleted = machine.delete_file(name.as_bytes());
    answer(machine, 2, &[ior(deleted, Trap::DELETE_FILE)])
}

/// `( c-addr1 u1 c-addr2 u2 -- ior )`
pub(super) fn rename(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let old = (machine.peek(3)?, machine.peek(2)?);
    let new = (machine.peek(1)?, machine.peek(0)?);
    let old = Name::take(machine, old.0, old.1)?;
    let new = Name::take(machine, new.0, new.1)?;
    let renamed = machine.rename_file(old.as_bytes(), new.as_bytes());
    answer(machine, 4, &[ior(renamed, Trap::RENAME_FILE)])
}

/// `( c-addr u -- x ior )`: what there is under a name: 0 a file, 1 a directory, 2 anything else.
pub(super) fn status(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let name = Name::take(machine, address, length)?;
    match machine.file_kind(name.as_bytes()) {
        Ok(kind) => answer(machine, 2, &[kind as i64, 0]),
        Err(error) => answer(machine, 2, &[0, Trap::of_file(error, Trap::FILE_STATUS).0]),
    }
}
