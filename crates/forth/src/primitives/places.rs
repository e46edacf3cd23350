//! Where in which source something stands.

use crate::layout::user;
use stele_bytecode::lines::Position;
use stele_vm::origin::{FIXED_BYTES, OriginWriter};
use stele_vm::{Machine, Trap};

/// The place of the byte at `offset` of the input line; of the line, if it has no such byte.
pub(super) fn in_line(machine: &Machine<'_, '_>, offset: i64) -> Result<Position, Trap> {
    // A string that a program gave to EVALUATE stands in no line; the line that did so is known.
    let evaluated = machine.cell(user::SOURCE_ID)? < 0;
    let inside = (0..machine.cell(user::SOURCE_LENGTH)?).contains(&offset);
    let column = if inside && !evaluated { offset + 1 } else { 0 };
    Ok(Position {
        source: number(machine.cell(user::SOURCE_NUMBER)?),
        line: number(machine.cell(user::LINE)?),
        column: number(column),
    })
}

/// The place of the word that was parsed last.
pub(super) fn current(machine: &Machine<'_, '_>) -> Result<Position, Trap> {
    let name = machine.cell(user::NAME_ADDRESS)?;
    in_line(
        machine,
        name.wrapping_sub(machine.cell(user::SOURCE_ADDRESS)?),
    )
}

/// The origin of a word made now and here, put together in `out`.
pub(super) fn origin<'a>(
    machine: &mut Machine<'_, '_>,
    out: &'a mut [u8; FIXED_BYTES],
) -> Result<OriginWriter<'a>, Trap> {
    let position = current(machine)?;
    Ok(OriginWriter::new(machine.functions(), position, out))
}

/// A cell as a number of a position; 0 if it is none.
fn number(cell: i64) -> u32 {
    u32::try_from(cell).unwrap_or(0)
}
