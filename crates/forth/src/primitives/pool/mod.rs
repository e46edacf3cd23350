//! The pool: the part of data space that ALLOCATE gives out.
//!
//! Data space is divided when the first piece is allocated: the dictionary keeps what it has and room
//! to grow, all above is the pool's. Which pieces are in use is written down in values of the instance
//! ([`blocks`]), outside data space, so that a program can overwrite what it stores there and
//! nothing else.

mod blocks;

use crate::layout::user;
use blocks::{Blocks, GRANULE};
use stele_vm::data::START;
use stele_vm::words::needs_space;
use stele_vm::{Machine, Step, Trap};

/// Which root holds the bookkeeping.
const POOL_ROOT: usize = 12;

/// Which of the instance's words holds the pool's first address; 0 while there is no pool.
const POOL_START: usize = 22;

/// Most bytes that the dictionary keeps for what it has not used yet.
const DICTIONARY_ROOM: i64 = 4 << 20;

/// First address that the dictionary cannot have.
pub(super) fn dictionary_limit(machine: &Machine<'_, '_>) -> i64 {
    let limit = data_limit(machine);
    match i64::try_from(machine.user(POOL_START)) {
        Ok(0) | Err(_) => limit,
        Ok(start) => limit.min(start),
    }
}

/// What a program can find out about the pool.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extent {
    /// Its first address; 0 if there is none.
    pub(crate) start: i64,
    /// The first address above the last piece in use.
    pub(crate) top: i64,
    /// Pieces between the two, in use and free.
    pub(crate) count: u64,
}

/// Where the pool lies.
pub(crate) fn extent(machine: &mut Machine<'_, '_>) -> Extent {
    let Some(start) = start(machine) else {
        return Extent::default();
    };
    let (session, roots) = machine.session();
    Blocks::load(&session, &roots[POOL_ROOT]).map_or(Extent::default(), |blocks| Extent {
        start,
        top: blocks.top(),
        count: blocks.count(),
    })
}

/// `( u -- a-addr ior )`
pub(super) fn allocate(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Some(bytes) = granules(machine.peek(0)?) else {
        return answer_address(machine, None);
    };
    if let Some(step) = reserve(machine)? {
        return match step {
            Step::Done => answer_address(machine, None),
            step => Ok(step),
        };
    }
    let pool = match start(machine) {
        Some(pool) => pool,
        None => divide(machine)?,
    };
    let (session, roots) = machine.session();
    let blocks = Blocks::load(&session, &roots[POOL_ROOT]);
    let place = blocks.map(|blocks| blocks.place_for(bytes));
    // Without bookkeeping there is nothing in the pool yet.
    let place = place.unwrap_or((pool, 0));
    if !fits(machine, place.0, bytes.max(place.1)) {
        return answer_address(machine, None);
    }
    let (session, roots) = machine.session();
    let blocks = match Blocks::load(&session, &roots[POOL_ROOT]) {
        Some(blocks) => Some(blocks),
        None => Blocks::none(&session, pool),
    };
    let blocks = blocks.and_then(|blocks| blocks.occupy(place, bytes));
    if blocks
        .and_then(|blocks| blocks.store(&mut roots[POOL_ROOT]))
        .is_none()
    {
        return answer_address(machine, None);
    }
    machine.set_user(POOL_START, pool.cast_unsigned());
    answer_address(machine, Some(place.0))
}

/// `( a-addr -- ior )`
pub(super) fn free(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    if let Some(step) = reserve(machine)? {
        return match step {
            Step::Done => Err(Trap::OUT_OF_MEMORY),
            step => Ok(step),
        };
    }
    let address = machine.peek(0)?;
    let (session, roots) = machine.session();
    let freed = Blocks::load(&session, &roots[POOL_ROOT]).and_then(|blocks| {
        let size = blocks.used(address)?;
        blocks.release(address, size)?.store(&mut roots[POOL_ROOT])
    });
    machine.poke(0, if freed.is_some() { 0 } else { Trap::FREE.0 })?;
    Ok(Step::Done)
}

/// `( a-addr u -- a-addr u n )`: makes a piece longer or shorter where it lies. n is 0 if that is done,
/// negative if there is no such piece or it would be too long, else the bytes the piece has: another
/// place is to be looked for.
pub(super) fn resize(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, bytes) = (machine.peek(1)?, granules(machine.peek(0)?));
    if let Some(step) = reserve(machine)? {
        return match step {
            Step::Done => answer(machine, Trap::RESIZE.0),
            step => Ok(step),
        };
    }
    let Some(bytes) = bytes else {
        return answer(machine, Trap::RESIZE.0);
    };
    let (session, roots) = machine.session();
    let blocks = Blocks::load(&session, &roots[POOL_ROOT]);
    let found = blocks.and_then(|blocks| {
        let size = blocks.used(address)?;
        Some((size, blocks.room_at(address, size)))
    });
    let Some((size, room)) = found else {
        return answer(machine, Trap::RESIZE.0);
    };
    // The last piece of the pool has what lies above.
    let stays = match room {
        Some(room) => room >= bytes,
        None => fits(machine, address, bytes),
    };
    if !stays {
        return answer(machine, size);
    }
    let (session, roots) = machine.session();
    let resized = Blocks::load(&session, &roots[POOL_ROOT])
        .and_then(|blocks| blocks.resize(address, size, room, bytes))
        .and_then(|blocks| blocks.store(&mut roots[POOL_ROOT]));
    answer(machine, if resized.is_some() { 0 } else { Trap::RESIZE.0 })
}

fn answer(machine: &mut Machine<'_, '_>, number: i64) -> Result<Step, Trap> {
    machine.push(number)?;
    Ok(Step::Done)
}

fn answer_address(machine: &mut Machine<'_, '_>, address: Option<i64>) -> Result<Step, Trap> {
    machine.poke(0, address.unwrap_or(0))?;
    answer(
        machine,
        if address.is_some() {
            0
        } else {
            Trap::ALLOCATE.0
        },
    )
}

/// The bytes that a piece of `bytes` takes; `None` for more than any pool has.
fn granules(bytes: i64) -> Option<i64> {
    let bytes = u64::try_from(bytes).ok()?.max(1);
    let rounded = bytes.checked_next_multiple_of(GRANULE.cast_unsigned())?;
    i64::try_from(rounded).ok()
}

/// Reserves room for what an operation may write down; says which step to take if there is none:
/// to collect, or, as `Done`, nothing that helps.
fn reserve(machine: &mut Machine<'_, '_>) -> Result<Option<Step>, Trap> {
    let (mut session, _) = machine.session();
    match session.reserve(blocks::WORST_CASE) {
        Ok(()) => Ok(None),
        Err(need) => match needs_space(&need) {
            Ok(step) => Ok(Some(step)),
            Err(Trap::OUT_OF_MEMORY) => Ok(Some(Step::Done)),
            Err(trap) => Err(trap),
        },
    }
}

/// The pool's first address, if there is a pool.
fn start(machine: &Machine<'_, '_>) -> Option<i64> {
    i64::try_from(machine.user(POOL_START))
        .ok()
        .filter(|start| *start != 0)
}

/// Where the pool of an instance is to begin that has none yet.
fn divide(machine: &Machine<'_, '_>) -> Result<i64, Trap> {
    let here = machine.cell(user::HERE)?;
    let left = data_limit(machine).saturating_sub(here).max(0);
    let start = here.saturating_add((left / 2).min(DICTIONARY_ROOM));
    let start = start.checked_add(GRANULE - 1).map(|end| end & -GRANULE);
    start.ok_or(Trap::INVALID_ADDRESS)
}

/// Sees to it that data space goes as far as a piece there would; false if it cannot.
fn fits(machine: &mut Machine<'_, '_>, address: i64, bytes: i64) -> bool {
    let end = address.checked_add(bytes);
    end.is_some_and(|end| machine.grow_data(end).is_ok())
}

/// First address that data space cannot have.
fn data_limit(machine: &Machine<'_, '_>) -> i64 {
    START.saturating_add_unsigned(machine.data_limit())
}
