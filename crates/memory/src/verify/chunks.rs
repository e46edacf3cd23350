//! The chunks of a chain: their headers, and the state that they are in while they are checked.

use core::cell::Cell;

use crate::arena::Core;
use crate::heap::{CHUNK_WORDS, Chain, FIRST_CHUNK, first_object, marks_words};
use crate::tree;
use crate::value::Residence;
use crate::verify::HeapError;

/// Word of a chunk's header: its next younger neighbour.
pub(super) const NEXT: usize = 0;
/// Where its objects end.
pub(super) const END: usize = 2;
/// Up to where it is sealed.
pub(super) const SEALED_WORD: usize = 4;
/// How far its objects have been checked.
pub(super) const PROGRESS: usize = 6;
/// While sealed objects are checked, the chunk that waits for this one; later its heap's number.
pub(super) const OWNER: usize = 7;

/// A chain, and what must be true of its chunks.
#[derive(Clone, Copy)]
pub(super) struct Link<'h> {
    pub(super) chain: &'h Chain,
    /// The bytes of objects of its oldest chunk that are sealed; all of the chain, if none.
    pub(super) sealed: Option<u64>,
    /// What its chunks may have.
    pub(super) residences: &'static [Residence],
}

/// Where the objects of a sealed chunk may have been put.
pub(super) const ANYWHERE: &[Residence] = &[Residence::Nursery, Residence::Old, Residence::Shared];

/// The state of a chunk that is being checked and whose objects have this residence.
pub(super) fn checking(residence: Residence) -> u8 {
    match residence {
        Residence::Nursery => tree::CHECKING,
        Residence::Old => tree::CHECKING_OLD,
        Residence::Shared => tree::CHECKING_SHARED,
    }
}

/// Whether an object begins at the word at `index` of a chunk, and has been checked.
pub(super) fn is_checked(words: &[u64], index: usize) -> bool {
    words[CHUNK_WORDS as usize + index / 64] >> (index % 64) & 1 != 0
}

/// Checks the chunks of a chain, clears their bit maps, and sets the state of each from `state` to
/// one that tells the residence of its objects; counts in `taken` for how many it did.
pub(super) fn take_chunks(
    core: &mut Core,
    link: Link<'_>,
    state: u8,
    taken: &mut u64,
) -> Result<(), HeapError> {
    let chain = link.chain;
    if chain.first.get() == 0 && !chain.is_empty() {
        return Err(HeapError {
            at: 0,
            reason: "a chain without chunks is not empty",
        });
    }
    let mut older = 0;
    let mut at = chain.first.get();
    let (mut count, mut closed, mut held) = (0, 0, 0);
    while at != 0 {
        let error = |reason| Err(HeapError { at, reason });
        let node = core
            .find(at)
            .filter(|node| node.state == state && node.block().offset == at);
        let Some(node) = node.filter(|node| node.block().size >= FIRST_CHUNK) else {
            return error("no chunk of this heap begins here");
        };
        let size = node.block().size;
        let words = core.words_mut(node);
        let next = words[NEXT];
        if next == 0 {
            words[END] = chain.bump.get();
        }
        let end = words[END];
        if words[1] != older || words[3] != size {
            return error("the header of the chunk does not fit its place");
        }
        let objects = first_object(at, size);
        if !end.is_multiple_of(8) || end < objects || end > at + size {
            return error("the objects do not end inside the chunk");
        }
        let sealed = words[SEALED_WORD];
        let is_sealed_rightly = match link.sealed {
            None => sealed == at + size,
            // A chunk of which nothing is sealed may say so by 0.
            Some(bytes) => {
                let bytes = if older == 0 { bytes } else { 0 };
                sealed.max(objects) - objects == bytes && sealed <= end && sealed.is_multiple_of(8)
            }
        };
        if !is_sealed_rightly {
            return error("the chunk is not sealed as far as the heap says");
        }
        let residence = Residence::from_word(words[5]);
        let Some(residence) = residence.filter(|found| link.residences.contains(found)) else {
            return error("the objects of the chunk do not belong where they are");
        };
        words[PROGRESS] = progress(objects, 0);
        words[OWNER] = 0;
        words[CHUNK_WORDS as usize..][..marks_words(size) as usize].fill(0);
        core.set_state(node, checking(residence));
        *taken += 1;
        count += 1;
        held += size;
        if next == 0 {
            let found = [at, at + size, u64::from(node.order), closed, count, held];
            let Chain {
                last,
                limit,
                order,
                closed,
                chunks,
                held,
                ..
            } = chain;
            if found != [last, limit, order, closed, chunks, held].map(Cell::get) {
                return error("the chain of chunks does not end as the heap says");
            }
        }
        closed += end - objects;
        older = at;
        at = next;
    }
    Ok(())
}

/// How far a chunk has been checked: up to the object at an offset, of which this many values have
/// been looked at.
pub(super) const fn progress(object: u64, slots: usize) -> u64 {
    object << 29 | slots as u64
}

/// The object and the values that a word made by [`progress`] tells.
pub(super) const fn of_progress(word: u64) -> (u64, usize) {
    (word >> 29, (word & ((1 << 29) - 1)) as usize)
}
