//! Blocks in memory: where an instance keeps them that has no file of them.
//!
//! They are values, in a map from numbers to 1,024 bytes each, so they are saved with the instance. A
//! block that was never written is blank.

use crate::layout::{BLOCK_SIZE, MEMORY_BLOCKS};
use stele_memory::{OutOfMemory, Refusal, Session};
use stele_vm::words::needs_space;
use stele_vm::{Machine, Step, Trap};

/// Which root holds the blocks.
pub(crate) const BLOCKS_ROOT: usize = 15;

/// Bytes of a block.
const SIZE: usize = BLOCK_SIZE as usize;

/// Worst case of putting a block into the map, which may have to be made first.
const PUT_BYTES: usize = 2 * Session::worst_case_map_insert()
    + Session::worst_case_bytes(SIZE)
    + Session::worst_case_integer();

/// Cost units of copying a block.
const COST: u64 = BLOCK_SIZE as u64 / 8;

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

fn refused(_: Refusal) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// Refuses a number that no block in memory has.
fn check(number: i64) -> Result<i64, Trap> {
    if (0..MEMORY_BLOCKS).contains(&number) {
        Ok(number)
    } else {
        Err(Trap::BLOCK_NUMBER)
    }
}

/// `( a-addr u -- )`: copies block u to an address.
pub(super) fn read(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, number) = (machine.peek(1)?, check(machine.peek(0)?)?);
    let mut block = [b' '; SIZE];
    let (session, roots) = machine.session();
    let blocks = session.load(&roots[BLOCKS_ROOT]);
    let key = session.integer(number).map_err(full)?;
    let kept = session.map_get(blocks, key).map_err(full)?;
    let kept = kept.and_then(|kept| session.as_bytes(kept));
    if let Some(kept) = kept.and_then(|kept| kept.first_chunk()) {
        block = *kept;
    }
    machine
        .bytes_mut(address, BLOCK_SIZE)?
        .copy_from_slice(&block);
    machine.charge(COST);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( a-addr u -- )`: keeps what lies at an address as block u.
pub(super) fn write(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, number) = (machine.peek(1)?, check(machine.peek(0)?)?);
    let mut block = [0; SIZE];
    block.copy_from_slice(machine.bytes(address, BLOCK_SIZE)?);
    let (mut session, roots) = machine.session();
    if let Err(need) = session.reserve(PUT_BYTES) {
        return needs_space(&need);
    }
    let blocks = session.load(&roots[BLOCKS_ROOT]);
    let blocks = if session.is_nil(blocks) {
        session.map().map_err(full)?
    } else {
        blocks
    };
    let key = session.integer(number).map_err(full)?;
    let value = session.bytes(&block).map_err(full)?;
    let blocks = session.map_insert(blocks, key, value).map_err(refused)?;
    session.store(&mut roots[BLOCKS_ROOT], blocks);
    machine.charge(COST);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}
