//! The table of atoms of a space: its blocks, which entries are free, and the values of the others.
//!
//! That two atoms do not have the same number is not checked: such atoms would be mistaken for each
//! other in maps and by comparisons, but harm nobody.

use crate::arena::Core;
use crate::space::{ENTRY, LAST_GENERATION, Space};
use crate::tree::{self, Node};
use crate::value::{NAME_LIMIT, Value};
use crate::verify::HeapError;
use crate::verify::objects::Checker;
use crate::verify::order::NOBODY;

/// The words of an entry: value, number, generation, link.
type Entry = [u64; 4];

/// The entries of a block of atoms, each with its offset.
fn entries(core: &Core, node: Node) -> impl Iterator<Item = (u64, &Entry)> {
    let (entries, _) = core.words(node).as_chunks::<4>();
    let offsets = (node.block().offset..).step_by(ENTRY as usize);
    offsets.zip(entries).skip(1)
}

/// Checks the blocks of atoms and which entries are free, and sets the state of each block from
/// `state` to one in which it is nobody else's; counts in `taken` for how many it did.
pub(super) fn take_atoms(
    core: &mut Core,
    space: &Space,
    state: u8,
    taken: &mut u64,
) -> Result<(), HeapError> {
    let mut at = space.blocks.get();
    let mut free = space.free.get();
    let (mut atoms, mut held) = (0, 0);
    if space.last_number.get() >= NAME_LIMIT {
        return Err(HeapError {
            at: 0,
            reason: "there are more atoms than there are numbers",
        });
    }
    while at != 0 {
        let error = |at, reason| Err(HeapError { at, reason });
        let node = core
            .find(at)
            .filter(|node| node.state == state && node.block().offset == at);
        let Some(node) = node else {
            return error(at, "no block of atoms begins here");
        };
        let size = node.block().size;
        let [next, its_size, 0, 0] = core.words(node)[..4] else {
            return error(
                at,
                "the header of the block of atoms has more than it should",
            );
        };
        if its_size != size || (next != 0 && next <= at) {
            return error(
                at,
                "the header of the block of atoms does not fit its place",
            );
        }
        for (at, [value, number, generation, link]) in entries(core, node) {
            let generations = LAST_GENERATION + u64::from(*number == 0);
            if *generation >= generations || *number > space.last_number.get() {
                return error(at, "an atom has a number or a generation that none has");
            }
            if *number != 0 {
                if *link != 0 {
                    return error(at, "an atom is on a list");
                }
                atoms += 1;
            } else if *value != 0 {
                return error(at, "a free entry for atoms holds something");
            } else if *generation == LAST_GENERATION {
                if *link != 0 {
                    return error(at, "an entry that is used up is on a list");
                }
            } else if at != free {
                return error(
                    at,
                    "a free entry for atoms is not where it should be in the list",
                );
            } else {
                free = *link;
            }
        }
        core.set_state(node, tree::CHECKING_ATOMS);
        *taken += 1;
        held += size;
        at = next;
    }
    let found = [atoms, held, free];
    if found != [space.atoms.get(), space.blocks_held.get(), 0] {
        return Err(HeapError {
            at: 0,
            reason: "the table of atoms is not as full or as large as the space says",
        });
    }
    Ok(())
}

/// Checks the values of the atoms, whose blocks have been taken; what is sealed has been checked.
pub(super) fn check_values(core: &Core, space: &Space) -> Result<(), HeapError> {
    let mut checker = Checker::new(core, Some(NOBODY), None);
    let mut block = space.blocks.get();
    while let Some(node) = core.find(block).filter(|_| block != 0) {
        for (at, [value, number, ..]) in entries(core, node) {
            if *number != 0 {
                let checked = checker.value(Value::from_word(*value));
                checked.map_err(|reason| HeapError { at, reason })?;
            }
        }
        block = core.words(node)[0];
    }
    Ok(())
}

/// Whether there is an atom at `at` in this generation, in a block that is being checked.
pub(super) fn is_atom(core: &Core, at: u64, generation: u64) -> bool {
    let node = core
        .find(at)
        .filter(|node| node.state == tree::CHECKING_ATOMS);
    node.is_some_and(|node| {
        let words = core.words(node);
        let index = ((at - node.block().offset) / 8) as usize;
        index > 0 && words[index + 1] != 0 && words[index + 2] == generation
    })
}
