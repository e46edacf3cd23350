//! Where in which source something stands.

use crate::layout::{BLOCK_LINE, user};
use stele_bytecode::lines::Position;
use stele_vm::origin::{FIXED_BYTES, OriginWriter};
use stele_vm::{Machine, Trap};

/// The place of the byte at `offset` of the input line; of the line, if it has no such byte.
pub(super) fn in_line(machine: &Machine<'_, '_>, offset: i64) -> Result<Position, Trap> {
    // A string that a program gave to EVALUATE stands in no line; the line that did so is known.
    let evaluated = machine.cell(user::SOURCE_ID)? < 0;
    let inside = (0..machine.cell(user::SOURCE_LENGTH)?).contains(&offset);
    let column = if inside && !evaluated {
        column(offset, machine.cell(user::BLOCK)?)
    } else {
        0
    };
    Ok(Position {
        source: number(machine.cell(user::SOURCE_NUMBER)?),
        line: number(machine.cell(user::LINE)?),
        column: number(column),
    })
}

/// The column, from 1, of the byte at `offset` of the input, which is that of block `block` if this is
/// not 0. A block has lines of 64 characters, though all of it is the input.
fn column(offset: i64, block: i64) -> i64 {
    let before = if block == 0 {
        offset
    } else {
        offset % BLOCK_LINE
    };
    before + 1
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

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn columns_of_a_block_count_from_the_beginning_of_its_line() {
        assert_eq!((column(0, 7), column(63, 7), column(64, 7)), (1, 64, 1));
        assert_eq!(column(64 * 15 + 5, 7), 6);
        assert_eq!((column(0, 0), column(64, 0)), (1, 65));
    }
}
