//! The scratch blocks of a heap: their headers, and the values they hold.

use crate::arena::Core;
use crate::heap::Heap;
use crate::scratch;
use crate::tree;
use crate::value::Value;
use crate::verify::HeapError;
use crate::verify::objects::Checker;

/// Checks the headers of the scratch blocks, and sets the state of each from `state` to one in
/// which it is nobody else's; counts in `taken` for how many it did.
pub(super) fn take_scratch(
    core: &mut Core,
    mut at: u64,
    state: u8,
    taken: &mut u64,
) -> Result<(), HeapError> {
    let mut before = 0;
    while at != 0 {
        let error = |reason| Err(HeapError { at, reason });
        let node = core
            .find(at)
            .filter(|node| node.state == state && node.block().offset == at);
        let Some(node) = node else {
            return error("no scratch block of this heap begins here");
        };
        let [next, previous, size, raw, count] = match core.words(node).first_chunk() {
            Some(header) => *header,
            None => return error("a scratch block is too small"),
        };
        let room = node.block().size / 8 - scratch::HEADER as u64;
        if previous != before || size != node.block().size {
            return error("the header of the scratch block does not fit its place");
        }
        if raw > room || count > room - raw {
            return error("the scratch block holds more than there is room for");
        }
        core.set_state(node, tree::CHECKING_SCRATCH);
        *taken += 1;
        before = at;
        at = next;
    }
    Ok(())
}

/// Checks the values in the scratch blocks of a heap, all of which have been taken.
pub(super) fn check_scratch(core: &Core, heap: &Heap, owner: u64) -> Result<(), HeapError> {
    let mut at = heap.scratch.get();
    let mut found = 0;
    let mut checker = Checker::new(core, Some(owner), None);
    while let Some(node) = core.find(at) {
        let words = core.words(node);
        found += words[2];
        let first = scratch::HEADER + words[3] as usize;
        for word in &words[first..first + words[4] as usize] {
            let value = Value::from_word(*word);
            let checked = match value {
                Value::HOLE => Ok(()),
                _ if value.is_reference() => checker.target(value).map(|_| ()),
                _ => checker.value(value),
            };
            checked.map_err(|reason| HeapError { at, reason })?;
        }
        at = words[0];
    }
    if found != heap.scratch_held.get() {
        return Err(HeapError {
            at: 0,
            reason: "the scratch blocks do not take what the heap says",
        });
    }
    Ok(())
}
