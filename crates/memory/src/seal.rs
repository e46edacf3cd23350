//! Sealing: making what a heap holds shared, where it lies.
//!
//! Sharing one value shares all that its heap holds: nothing is copied or looked at. The old chunks
//! and all chunks of the nursery but the youngest join the shared chain; of the youngest, which goes
//! on being filled, the header says up to where it is sealed. Usually that chunk is the only one,
//! and sealing is two stores.
//!
//! The header is written before the reference that shares the value, which goes out with release
//! ordering. So whoever finds the reference finds the object sealed.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::arena::{Arena, Block, Core};
use crate::heap::{Chain, Heap, SEALED_UNTIL};
use crate::session::{Local, Session};
use crate::space::Space;
use crate::value::Value;

impl Session<'_> {
    /// Whether anybody may refer to the value: it is inline, or its object is sealed.
    #[inline]
    #[must_use]
    pub fn is_shared(&self, local: Local<'_>) -> bool {
        self.is_sealed(local.value)
    }

    #[inline]
    pub(crate) fn is_sealed(&self, value: Value) -> bool {
        if !value.is_private_reference() {
            return true;
        }
        let word = (value.chunk() + SEALED_UNTIL) as usize;
        // SAFETY: a reference names a chunk, of this heap or another, whose header is initialised.
        let until = unsafe { AtomicU64::from_ptr(self.base().add(word).cast()) };
        value.offset() < until.load(Ordering::Relaxed)
    }

    /// Makes the value one that anybody may refer to: seals the heap, unless it is shared already.
    #[inline]
    pub fn share(&self, local: Local<'_>) {
        if !self.is_sealed(local.value) {
            self.seal();
        }
    }

    /// Makes all that the heap holds shared, where it is. From then on only a collection of the
    /// shared space moves or frees it.
    #[inline]
    pub fn seal(&self) {
        let heap = self.heap;
        let (nursery, last) = (&heap.nursery, heap.nursery.last.get());
        if heap.old.first.get() == 0 && nursery.first.get() == last {
            if last != 0 {
                // SAFETY: the youngest chunk is this heap's.
                unsafe { seal_until(self.base(), last, nursery.bump.get()) };
                heap.sealed.set(nursery.used());
            }
        } else {
            self.with_core(|core| heap.seal_chunks(core));
        }
    }
}

/// Notes in the header of the chunk at `chunk` that what is below `until` is sealed.
///
/// # Safety
/// `chunk` is a chunk of the caller's heap in the arena at `base`.
#[inline]
unsafe fn seal_until(base: *mut u8, chunk: u64, until: u64) {
    // SAFETY: the word lies in the header of the chunk; others read it only so.
    let word = unsafe { AtomicU64::from_ptr(base.add((chunk + SEALED_UNTIL) as usize).cast()) };
    word.store(until, Ordering::Relaxed);
}

impl Heap {
    /// Seals all chunks.
    #[cold]
    pub(crate) fn seal_chunks(&self, core: &mut Core) {
        let nursery = &self.nursery;
        let youngest = nursery.last.get();
        self.share_chain(core, &self.old, 0);
        self.live.set(0);
        self.share_chain(core, nursery, youngest);
        if youngest != 0 {
            // SAFETY: the youngest chunk is this heap's.
            unsafe { seal_until(core.pointer(0), youngest, nursery.bump.get()) };
        }
        self.sealed.set(nursery.used());
    }

    /// Moves the chunks of `chain` to the shared chain, but for its youngest if that is `kept`.
    fn share_chain(&self, core: &mut Core, chain: &Chain, kept: u64) {
        let mut chunk = chain.first.get();
        chain.close(core);
        // SAFETY: the chunks of both chains are this heap's.
        unsafe {
            while chunk != kept {
                let next = core.word(chunk);
                let size = core.word(chunk + 24);
                let end = core.word(chunk + 16);
                seal_until(core.pointer(0), chunk, chunk + size);
                self.shared.join(
                    core,
                    Block {
                        offset: chunk,
                        size,
                    },
                    end,
                );
                chunk = next;
            }
            let (bump, size) = (chain.bump.get(), chain.limit.get().saturating_sub(kept));
            chain.become_chain(&Chain::empty());
            if kept != 0 {
                core.set_word(kept + 8, 0);
                chain.begin(Block { offset: kept, size }, bump);
            }
        }
    }
}

impl Space {
    /// Takes over what `heap` has shared, and frees the rest of it; the heap is empty then. What it
    /// shared lives on as long as anybody can reach it.
    ///
    /// # Safety
    /// `heap` shares through this space, `arena` is the one that both have their blocks from, and no
    /// root that holds what the heap has not shared is used again.
    pub unsafe fn inherit(&self, arena: &mut Arena<'_>, heap: &mut Heap) {
        let core = &mut arena.core;
        if heap.sealed.get() != 0 {
            // The sealed part of the nursery is all that is left of it then, and goes as well.
            heap.empty_nursery(core);
            heap.share_chain(core, &heap.nursery, 0);
        }
        let mut chunk = heap.shared.first.get();
        heap.shared.close(core);
        while chunk != 0 {
            // SAFETY: the chunks of both chains are the space's from now on.
            unsafe {
                let (next, end, size) = (
                    core.word(chunk),
                    core.word(chunk + 16),
                    core.word(chunk + 24),
                );
                self.chain.join(
                    core,
                    Block {
                        offset: chunk,
                        size,
                    },
                    end,
                );
                chunk = next;
            }
        }
        heap.shared.become_chain(&Chain::empty());
        // SAFETY: the caller's promise; nothing of it is shared.
        unsafe { heap.release(arena) };
    }
}

impl Chain {
    /// Makes a chunk of another chain, whose objects end at `end`, the youngest of this one.
    ///
    /// # Safety
    /// The chunk and this chain belong to the caller.
    pub(crate) unsafe fn join(&self, core: &mut Core, block: Block, end: u64) {
        let last = self.last.get();
        self.closed.set(self.used());
        // SAFETY: the caller's promise.
        unsafe {
            core.set_word(block.offset, 0);
            core.set_word(block.offset + 8, last);
            if last == 0 {
                self.first.set(block.offset);
            } else {
                core.set_word(last, block.offset);
            }
        }
        self.fill(block, end);
        self.chunks.set(self.chunks.get() + 1);
        self.held.set(self.held.get() + block.size);
    }
}
