//! Sources within sources: where input came from before the one that is interpreted, and goes on
//! when it ends.
//!
//! All of them share one buffer for their line, so what is put aside is that line with the cells that
//! say how far it is interpreted. It is kept as a value, innermost first: a record of what lies
//! below and the bytes. Of a file nothing is kept but its id.

use crate::layout::{MAX_NESTED, TEXT_BUFFER, TEXT_LIMIT, user};
use stele_memory::{OutOfMemory, Session};
use stele_vm::words::needs_space;
use stele_vm::{Machine, Step, Trap};

/// Which root holds the sources that were put aside.
pub(crate) const NESTING_ROOT: usize = 9;

/// Type tag of a source that was put aside.
const SOURCE_RECORD: u16 = 9;

/// The cells that say where input comes from.
const CELLS: [i64; 10] = [
    user::SOURCE_NUMBER,
    user::SOURCE_ADDRESS,
    user::SOURCE_LENGTH,
    user::SOURCE_ID,
    user::TO_IN,
    user::LINE,
    user::LINE_START,
    user::BLOCK,
    user::FILE,
    user::TEXT_LENGTH,
];

/// Bytes that the cells take, before the line.
const CELL_BYTES: usize = CELLS.len() * 8;

/// Bytes of the longest source.
const MOST: usize = CELL_BYTES + TEXT_LIMIT as usize;

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// The state of a source as bytes.
struct Kept {
    bytes: [u8; MOST],
    length: usize,
}

impl Kept {
    fn of(machine: &Machine<'_, '_>) -> Result<Self, Trap> {
        let mut kept = Self {
            bytes: [0; MOST],
            length: CELL_BYTES,
        };
        for (place, address) in kept.bytes.chunks_exact_mut(8).zip(CELLS) {
            place.copy_from_slice(&machine.cell(address)?.to_le_bytes());
        }
        let length = machine.cell(user::TEXT_LENGTH)?.clamp(0, TEXT_LIMIT);
        let line = machine.bytes(TEXT_BUFFER, length)?;
        kept.length += line.len();
        kept.bytes[CELL_BYTES..kept.length].copy_from_slice(line);
        Ok(kept)
    }

    fn restore(&self, machine: &mut Machine<'_, '_>) -> Result<(), Trap> {
        let (cells, line) = self.bytes[..self.length].split_at(CELL_BYTES.min(self.length));
        for (place, address) in cells.chunks_exact(8).zip(CELLS) {
            machine.bytes_mut(address, 8)?.copy_from_slice(place);
        }
        let length = i64::try_from(line.len()).unwrap_or(0);
        machine
            .bytes_mut(TEXT_BUFFER, length)?
            .copy_from_slice(line);
        Ok(())
    }
}

/// Cost units of keeping a line or bringing it back.
fn cost(kept: &Kept) -> u64 {
    kept.length as u64 / 8
}

/// `( -- )`: puts the source aside that is interpreted, to begin another.
pub(super) fn push(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let nested = machine.cell(user::NESTED)?;
    if nested >= MAX_NESTED {
        return Err(Trap::SOURCES_NESTED);
    }
    let kept = Kept::of(machine)?;
    let (mut session, roots) = machine.session();
    let worst = Session::worst_case_bytes(MOST) + Session::worst_case_record(2);
    if let Err(need) = session.reserve(worst) {
        return needs_space(&need);
    }
    let bytes = session.bytes(&kept.bytes[..kept.length]).map_err(full)?;
    let fields = [session.load(&roots[NESTING_ROOT]), bytes];
    let record = session.record(SOURCE_RECORD, &fields).map_err(full)?;
    session.store(&mut roots[NESTING_ROOT], record);
    machine.charge(cost(&kept));
    machine.set_cell(user::NESTED, nested.max(0) + 1)?;
    machine.set_cell(user::FILE, 0)?;
    machine.set_cell(user::TEXT_LENGTH, 0)?;
    Ok(Step::Done)
}

/// `( -- )`: goes back to the source that was put aside last; to none if there is none.
pub(super) fn pop(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (session, roots) = machine.session();
    let innermost = session.load(&roots[NESTING_ROOT]);
    let outer = session.field(innermost, 0);
    let bytes = session.field(innermost, 1);
    let bytes = bytes.and_then(|bytes| session.as_bytes(bytes));
    let Some((outer, bytes)) = outer.zip(bytes) else {
        machine.set_cell(user::NESTED, 0)?;
        return Ok(Step::Done);
    };
    let mut kept = Kept {
        bytes: [0; MOST],
        length: bytes.len().min(MOST),
    };
    kept.bytes[..kept.length].copy_from_slice(&bytes[..kept.length]);
    session.store(&mut roots[NESTING_ROOT], outer);
    kept.restore(machine)?;
    machine.charge(cost(&kept));
    let nested = machine.cell(user::NESTED)?;
    machine.set_cell(user::NESTED, nested.saturating_sub(1))?;
    Ok(Step::Done)
}

/// `( n -- flag )`: whether the source of this number is being interpreted, or was put aside.
pub(super) fn is_open(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = machine.peek(0)?;
    let mut found = machine.cell(user::SOURCE_NUMBER)? == number;
    let (session, roots) = machine.session();
    let mut source = session.load(&roots[NESTING_ROOT]);
    for _ in 0..MAX_NESTED {
        let bytes = session.field(source, 1);
        let bytes = bytes.and_then(|bytes| session.as_bytes(bytes));
        let own = bytes.and_then(|bytes| bytes.first_chunk().copied());
        found |= own.map(i64::from_le_bytes) == Some(number);
        let Some(outer) = session.field(source, 0) else {
            break;
        };
        source = outer;
    }
    machine.poke(0, -i64::from(found))?;
    Ok(Step::Done)
}
