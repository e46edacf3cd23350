//! Verification: that the words of heaps are heaps, whatever bytes they are.
//!
//! The bit of an object in its chunk's bit map is set once the object has been checked, and a
//! reference must lead to a set bit; so every reference leads to the start of a sound, older object,
//! and there are no cycles. What is checked of each object is what the code of this crate relies on.
//! Whether a map's entries lie where the hashes of their keys say is not: a map in which they do not
//! answers wrongly, but harms nobody.
//!
//! Read `chunks`, `order`, `objects`, `scratch`, `atoms`.

mod atoms;
mod chunks;
mod objects;
mod order;
mod scratch;

use core::fmt;

use crate::arena::{Arena, Core};
use crate::heap::{FIRST_CHUNK, Heap, LARGEST_CHUNK};
use crate::root::Roots;
use crate::space::Space;
use crate::tree;
use crate::value::Residence;
use chunks::{ANYWHERE, Link, NEXT, OWNER, PROGRESS};
use objects::Checker;

/// What is wrong with a heap, and where in the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeapError {
    /// Bytes from the base of the arena; 0 if the heap's own words are wrong.
    pub at: u64,
    /// What is wrong there.
    pub reason: &'static str,
}

impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "heap, arena offset {:#x}: {}", self.at, self.reason)
    }
}

impl core::error::Error for HeapError {}

impl Heap {
    /// Checks the heap, every object in it, and the roots.
    ///
    /// # Errors
    /// Says what is wrong and where, whatever the bytes.
    pub fn verify<R: Roots + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        roots: &R,
    ) -> Result<(), HeapError> {
        All::of(&[self], None).check(&mut arena.core, tree::SEALED, roots)
    }

    /// Verifies a heap from a loaded image and takes possession of its chunks, once: a second heap
    /// that claims one of them is refused.
    ///
    /// # Errors
    /// As [`Heap::verify`], also if somebody has taken possession of one of the chunks. Nothing is
    /// taken possession of then.
    pub fn adopt<R: Roots + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        roots: &R,
    ) -> Result<(), HeapError> {
        All::of(&[self], None).check(&mut arena.core, tree::UNCLAIMED, roots)
    }

    /// The chain of sealed chunks, of old ones, and of the nursery.
    fn links(&self) -> [Link<'_>; 3] {
        let link = |chain, sealed, residences| Link {
            chain,
            sealed,
            residences,
        };
        [
            link(&self.shared, None, ANYWHERE),
            link(&self.old, Some(0), &[Residence::Old]),
            link(
                &self.nursery,
                Some(self.sealed.get()),
                &[Residence::Nursery],
            ),
        ]
    }

    fn check_words(&self) -> Result<(), HeapError> {
        let error = |reason| Err(HeapError { at: 0, reason });
        let next_size = self.next_size.get();
        if !next_size.is_power_of_two() || !(FIRST_CHUNK..=LARGEST_CHUNK).contains(&next_size) {
            return error("the size of the next chunk is none that a heap has");
        }
        if self.live.get() > self.old.used() {
            return error("more was alive once than there is");
        }
        if self.sealed.get() > self.nursery.used() {
            return error("more of the nursery is sealed than there is");
        }
        Ok(())
    }
}

impl Space {
    /// Checks the space, the heaps that share through it, every object and atom in them, and the
    /// roots, which may lead into any of them.
    ///
    /// # Errors
    /// Says what is wrong and where, whatever the bytes.
    pub fn verify<R: Roots + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        heaps: &[&Heap],
        roots: &R,
    ) -> Result<(), HeapError> {
        All::of(heaps, Some(self)).check(&mut arena.core, tree::SEALED, roots)
    }

    /// Verifies a space and the heaps that share through it from a loaded image, and takes
    /// possession of their blocks, once, as [`Heap::adopt`].
    ///
    /// Which of several heaps a root belongs to is not known here: a forged root may lead to what a
    /// heap other than its own has not shared. So with more than one heap, [collect](Space::collect)
    /// before a root is used with one of them: then all they hold is shared.
    ///
    /// # Errors
    /// As [`Space::verify`], also if somebody has taken possession of one of the blocks. Nothing is
    /// taken possession of then.
    pub fn adopt<R: Roots + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        heaps: &[&Heap],
        roots: &R,
    ) -> Result<(), HeapError> {
        All::of(heaps, Some(self)).check(&mut arena.core, tree::UNCLAIMED, roots)
    }

    /// The chain of chunks.
    fn link(&self) -> Link<'_> {
        Link {
            chain: &self.chain,
            sealed: None,
            residences: ANYWHERE,
        }
    }
}

/// Heaps that may share objects with each other, and the space through which they do.
struct All<'h> {
    heaps: &'h [&'h Heap],
    space: Option<&'h Space>,
}

impl<'h> All<'h> {
    fn of(heaps: &'h [&'h Heap], space: Option<&'h Space>) -> All<'h> {
        All { heaps, space }
    }

    /// All chains.
    fn links(&self) -> impl Iterator<Item = Link<'h>> + use<'h> {
        let heaps = self.heaps.iter().flat_map(|heap| heap.links());
        self.space.map(Space::link).into_iter().chain(heaps)
    }

    /// Checks them, and roots that may lead into any of them. Their blocks are in the state `state`,
    /// and end as sealed blocks if all is well.
    fn check<R: Roots + ?Sized>(
        &self,
        core: &mut Core,
        state: u8,
        roots: &R,
    ) -> Result<(), HeapError> {
        let mut taken = 0;
        let result = self
            .take(core, state, &mut taken)
            .and_then(|()| self.check_all(core))
            .and_then(|()| check_roots(core, roots));
        let left = if result.is_ok() { tree::SEALED } else { state };
        for link in self.links() {
            give_back(core, link.chain.first.get(), &mut taken, |core, node| {
                let words = core.words_mut(node);
                (words[PROGRESS], words[OWNER]) = (0, 0);
                core.set_state(node, left);
                if left != state {
                    core.count_chunk(node.block().size, true);
                }
            });
        }
        let scratch = self.heaps.iter().map(|heap| heap.scratch.get());
        let blocks = self.space.map(|space| space.blocks.get());
        for first in scratch.chain(blocks) {
            give_back(core, first, &mut taken, |core, node| {
                core.set_state(node, left);
            });
        }
        result
    }

    /// Checks the headers of all blocks, which thereby belong to one owner each; counts them in
    /// `taken`, in the order in which they are given back.
    fn take(&self, core: &mut Core, state: u8, taken: &mut u64) -> Result<(), HeapError> {
        for heap in self.heaps {
            heap.check_words()?;
        }
        for link in self.links() {
            chunks::take_chunks(core, link, state, taken)?;
        }
        for heap in self.heaps {
            scratch::take_scratch(core, heap.scratch.get(), state, taken)?;
        }
        match self.space {
            Some(space) => atoms::take_atoms(core, space, state, taken),
            None => Ok(()),
        }
    }

    /// Checks all objects: first what is sealed, wherever it is, then the rest of each heap.
    fn check_all(&self, core: &mut Core) -> Result<(), HeapError> {
        for link in self.links() {
            order::check_sealed(core, link)?;
        }
        if let Some(space) = self.space {
            atoms::check_values(core, space)?;
        }
        for (owner, heap) in self.heaps.iter().enumerate() {
            for link in heap.links() {
                order::check_private(core, link, owner as u64)?;
            }
            scratch::check_scratch(core, heap, owner as u64)?;
        }
        Ok(())
    }
}

/// Calls `visit` with the blocks of the list that begins at `at`, but with no more than are `taken`.
fn give_back(
    core: &mut Core,
    mut at: u64,
    taken: &mut u64,
    mut visit: impl FnMut(&mut Core, tree::Node),
) {
    while *taken > 0 && at != 0 {
        let Some(node) = core.find(at) else { return };
        at = core.words(node)[NEXT];
        visit(core, node);
        *taken -= 1;
    }
}

fn check_roots<R: Roots + ?Sized>(core: &Core, roots: &R) -> Result<(), HeapError> {
    let mut checker = Checker::new(core, None, None);
    let mut result = Ok(());
    roots.each(&mut |root| {
        if let (Ok(()), Err(reason)) = (result, checker.value(root.0)) {
            result = Err(HeapError {
                at: root.0.offset(),
                reason,
            });
        }
    });
    result
}
