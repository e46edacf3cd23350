//! Sources by number: what the position of a word, or of an instruction, refers to.
//!
//! A root of the instance holds a vector: first a map from names to numbers, then the names, so that
//! the n-th source has number n. Number 0 is the console, which has no name. Names stay when
//! a marker takes back the words that came from them.

use super::system::leave_string;
use crate::layout::NAME_LIMIT;
use stele_memory::{OutOfMemory, Refusal, Session};
use stele_vm::words::needs_space;
use stele_vm::{Machine, Step, Trap};

/// Which root holds the sources.
const SOURCES_ROOT: usize = 4;

/// Worst case of adding a name: the vector twice (at first its map is put into it), the map, the name
/// in either of them, its number.
const ADD_BYTES: usize = 3 * Session::worst_case_vector_push()
    + Session::worst_case_map_insert()
    + Session::worst_case_bytes(NAME_LIMIT as usize)
    + Session::worst_case_integer();

fn full(_: OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

fn refused(_: Refusal) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// The number of the source called `name`, which has one from then on; or which step to take first, if
/// there is no room yet.
///
/// # Errors
/// [`Trap::OUT_OF_MEMORY`].
pub(crate) fn number_of(
    machine: &mut Machine<'_, '_>,
    name: &[u8],
) -> Result<Result<i64, Step>, Trap> {
    let (mut session, roots) = machine.session();
    if let Err(need) = session.reserve(ADD_BYTES) {
        return needs_space(&need).map(Err);
    }
    let mut sources = session.load(&roots[SOURCES_ROOT]);
    if session.is_nil(sources) {
        let numbers = session.map().map_err(full)?;
        let empty = session.vector().map_err(full)?;
        sources = session.vector_push(empty, numbers).map_err(refused)?;
    }
    let numbers = session.vector_get(sources, 0);
    let numbers = numbers.ok_or(Trap::OUT_OF_MEMORY)?;
    let known = session.map_get_bytes(numbers, name);
    if let Some(number) = known.and_then(|number| session.as_integer(number)) {
        return Ok(Ok(number));
    }
    let number = session.vector_len(sources).unwrap_or(0);
    let number = i64::try_from(number).map_err(|_| Trap::OUT_OF_MEMORY)?;
    let key = session.bytes(name).map_err(full)?;
    let value = session.integer(number).map_err(full)?;
    let numbers = session.map_insert(numbers, key, value).map_err(refused)?;
    let sources = session.vector_set(sources, 0, numbers).map_err(refused)?;
    let sources = session.vector_push(sources, key).map_err(refused)?;
    session.store(&mut roots[SOURCES_ROOT], sources);
    Ok(Ok(number))
}

/// The name of source `number`, cut to what `buffer` takes; empty for the console, and for a number
/// that no source has.
pub(crate) fn name_of<'a>(
    machine: &mut Machine<'_, '_>,
    number: i64,
    buffer: &'a mut [u8; NAME_LIMIT as usize],
) -> &'a [u8] {
    let (session, roots) = machine.session();
    let sources = session.load(&roots[SOURCES_ROOT]);
    let place = u64::try_from(number).ok().filter(|place| *place > 0);
    let name = place.and_then(|place| session.vector_get(sources, place));
    let name = name.and_then(|name| session.as_bytes(name));
    let name = name.unwrap_or_default();
    let kept = name.len().min(buffer.len());
    buffer[..kept].copy_from_slice(&name[..kept]);
    &buffer[..kept]
}

/// `( c-addr u -- n )`: the number of the source of that name. Of a long name only the
/// first [`NAME_LIMIT`] bytes count.
pub(super) fn number(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let bytes = machine.bytes(address, length)?;
    let mut name = [0; NAME_LIMIT as usize];
    let kept = bytes.len().min(name.len());
    name[..kept].copy_from_slice(&bytes[..kept]);
    match number_of(machine, &name[..kept])? {
        Err(step) => Ok(step),
        Ok(number) => {
            machine.pop()?;
            machine.poke(0, number)?;
            Ok(Step::Done)
        }
    }
}

/// `( n -- c-addr u )`: the name of source n.
pub(super) fn name(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = machine.peek(0)?;
    let mut name = [0; NAME_LIMIT as usize];
    let name = name_of(machine, number, &mut name);
    machine.pop()?;
    leave_string(machine, name)
}
