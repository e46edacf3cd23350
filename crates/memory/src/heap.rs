//! A heap: chunks of the arena filled from bottom to top with objects.
//!
//! Objects are built bottom-up and never change, so an object refers only to objects that lie
//! before it: in an older chunk, or lower in its own. The collector keeps that order. So there are
//! no cycles, marking needs one pass from the youngest object to the oldest and no stack, and one
//! pass from the oldest to the youngest verifies everything.
//!
//! New objects go to the *nursery*. A collection of the nursery alone moves what is alive to the
//! *old* chunks; since no old object refers to a younger one, it needs neither a write barrier nor
//! a remembered set. From time to time old chunks are collected too.
//!
//! What others may refer to is *sealed* where it lies ([`seal`](crate::seal)): chunks in the chain
//! of shared ones, and the lower part of the nursery's oldest chunk. A collection of this heap
//! leaves it alone. By age, then, come: shared chunks, the sealed part of the nursery, old chunks,
//! the rest of the nursery.
//!
//! A chunk is a sealed block of the arena:
//!
//! | word | meaning |
//! |---|---|
//! | 0 | offset of the next younger chunk of its chain, or 0 |
//! | 1 | offset of the next older chunk of its chain, or 0 |
//! | 2 | offset of the first byte after its last object (for the youngest its [`Chain`] knows) |
//! | 3 | its size in bytes |
//! | 4 | offset of the first byte that is not sealed; for a shared chunk its end |
//! | 5 | the [`Residence`] of its objects |
//! | 6, 7 | how far it has been verified, and on whose behalf; otherwise 0 |
//! | 8 … | one bit for each word of the chunk: marks of the collector, starts of objects while verifying |

use core::cell::Cell;

use crate::arena::{Arena, Block, Core, MINIMUM_BLOCK, OutOfMemory, Source};
use crate::object::{Header, Kind};
use crate::tree;
use crate::value::{Residence, Value};

/// Size of a heap's first chunk, in bytes.
pub const FIRST_CHUNK: u64 = 512;
/// Size up to which the chunks of a heap double, in bytes; a larger object gets a larger chunk.
pub const LARGEST_CHUNK: u64 = 64 << 10;
/// A nursery is due for collection when it holds as many bytes of objects as the old chunks do,
/// but not before it holds this many …
pub const LEAST_NURSERY: u64 = 64 << 10;
/// … and at the latest when it holds this many.
pub const LARGEST_NURSERY: u64 = 1 << 20;

/// Words of a chunk's header.
pub(crate) const CHUNK_WORDS: u64 = 8;
/// Byte of a chunk's header where it says how far it is sealed.
pub(crate) const SEALED_UNTIL: u64 = 32;
/// Byte of a chunk's header where it says what its references look like.
pub(crate) const RESIDENCE: u64 = 40;

/// Instead of a number of bytes: an entry for an atom.
pub(crate) const AN_ATOM: u64 = u64::MAX;

/// The state of a heap, in plain words that are saved and loaded as they are. It lives wherever
/// its owner wants, usually in a VM's control block inside the arena.
#[repr(C)]
#[derive(Debug)]
pub struct Heap {
    /// Where new objects go.
    pub(crate) nursery: Chain,
    /// What collections have left.
    pub(crate) old: Chain,
    /// What is sealed, but for the sealed part of the nursery.
    pub(crate) shared: Chain,
    /// Bytes of objects in the sealed part of the nursery's oldest chunk.
    pub(crate) sealed: Cell<u64>,
    /// Bytes of objects that the last collection of everything left.
    pub(crate) live: Cell<u64>,
    /// Size of the next chunk of the nursery.
    pub(crate) next_size: Cell<u64>,
    /// Not zero if the next collection is to be one of everything.
    pub(crate) everything_next: Cell<u64>,
    /// What a collection of everything has been asked for because there was no room for it, if none
    /// has been found since: so many bytes, or [`AN_ATOM`]; else 0.
    pub(crate) asked: Cell<u64>,
    /// Number of collections so far, of whatever extent.
    pub(crate) collections: Cell<u64>,
    /// Offset of the first [scratch block](crate::scratch), or 0.
    pub(crate) scratch: Cell<u64>,
    /// Bytes of all scratch blocks.
    pub(crate) scratch_held: Cell<u64>,
}

/// Some chunks in order of age, of which the youngest is being filled.
#[repr(C)]
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Offset of the oldest chunk, or 0.
    pub(crate) first: Cell<u64>,
    /// Offset of the youngest chunk, the one being filled, or 0.
    pub(crate) last: Cell<u64>,
    /// Where the next object goes.
    pub(crate) bump: Cell<u64>,
    /// End of the youngest chunk.
    pub(crate) limit: Cell<u64>,
    /// Order of the youngest chunk.
    pub(crate) order: Cell<u64>,
    /// Bytes of objects in all chunks but the youngest.
    pub(crate) closed: Cell<u64>,
    /// Number of chunks.
    pub(crate) chunks: Cell<u64>,
    /// Bytes of blocks in all chunks.
    pub(crate) held: Cell<u64>,
}

/// How full a heap is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeapStatistics {
    /// Number of chunks.
    pub chunks: u64,
    /// Bytes of the arena that the chunks take.
    pub held: u64,
    /// Bytes of objects in the nursery that are not sealed, dead ones included.
    pub nursery: u64,
    /// Bytes of objects in the old chunks, dead ones included.
    pub old: u64,
    /// Bytes of objects that are sealed, dead ones included.
    pub shared: u64,
    /// Number of collections so far.
    pub collections: u64,
    /// Bytes of the arena that unfinished operations hold in scratch blocks.
    pub scratch: u64,
}

impl Heap {
    /// A heap without objects and without chunks: the first is acquired with the first object.
    #[must_use]
    pub const fn empty() -> Heap {
        Heap {
            nursery: Chain::empty(),
            old: Chain::empty(),
            shared: Chain::empty(),
            sealed: Cell::new(0),
            live: Cell::new(0),
            next_size: Cell::new(FIRST_CHUNK),
            everything_next: Cell::new(0),
            asked: Cell::new(0),
            collections: Cell::new(0),
            scratch: Cell::new(0),
            scratch_held: Cell::new(0),
        }
    }

    /// How full the heap is.
    #[must_use]
    pub fn statistics(&self) -> HeapStatistics {
        let chains = [&self.nursery, &self.old, &self.shared];
        HeapStatistics {
            chunks: sum(chains.map(|chain| chain.chunks.get())),
            held: self.held(),
            nursery: self.nursery_used(),
            old: self.old.used(),
            shared: self.shared.used().saturating_add(self.sealed.get()),
            collections: self.collections.get(),
            scratch: self.scratch_held.get(),
        }
    }

    /// Frees every chunk and ends all unfinished operations; the heap is empty then.
    ///
    /// # Safety
    /// `arena` is the one this heap has its chunks from, and no root into this heap, atom or other
    /// heap that refers to its objects is used again.
    pub unsafe fn release(&mut self, arena: &mut Arena<'_>) {
        self.drop_all_scratch(&mut arena.core);
        for chain in [&self.nursery, &self.old, &self.shared] {
            free_chunks(&mut arena.core, chain.first.get());
        }
        *self = Heap::empty();
    }

    /// Notes that a collection of the shared space has taken all objects away.
    pub(crate) fn begin_anew(&self) {
        for word in [&self.sealed, &self.live, &self.everything_next] {
            word.set(0);
        }
        let collections = self.collections.get();
        self.collections.set(collections.saturating_add(1));
    }

    /// Bytes of objects, dead ones included.
    pub(crate) fn used(&self) -> u64 {
        sum([&self.nursery, &self.old, &self.shared].map(Chain::used))
    }

    /// Bytes of objects in the nursery that are not sealed, dead ones included.
    pub(crate) fn nursery_used(&self) -> u64 {
        self.nursery.used().saturating_sub(self.sealed.get())
    }

    /// Bytes of the blocks of all chunks.
    fn held(&self) -> u64 {
        sum([&self.nursery, &self.old, &self.shared].map(|chain| chain.held.get()))
    }

    /// Whether the nursery is so full that a collection is due.
    pub(crate) fn collection_due(&self) -> bool {
        self.nursery_used() > self.old.used().clamp(LEAST_NURSERY, LARGEST_NURSERY)
    }

    /// Whether the arena has the room to collect all there is in it, and `more` bytes, at once. What
    /// is shared, and what other heaps have, is counted by the chunks that hold it.
    pub(crate) fn can_be_collected(&self, core: &Core, more: u64) -> bool {
        let own = [&self.nursery, &self.old];
        let own_held = sum(own.map(|chain| chain.held.get()));
        let others_held = core.chunks_held().saturating_sub(own_held);
        let needed = sum([sum(own.map(Chain::used)), others_held, more]);
        // What is free may be in small pieces: copies may need more chunks, and smaller ones.
        let margin = needed / 16 + 2 * FIRST_CHUNK;
        let statistics = core.statistics();
        sum([needed, margin]) <= sum([statistics.free, statistics.reserve])
    }

    /// As [`Heap::can_be_collected`], for whoever takes room for something else: what is left of the
    /// nursery's youngest chunk is filled without asking again.
    pub(crate) fn can_be_collected_when_full(&self, core: &Core) -> bool {
        let Chain { limit, bump, .. } = &self.nursery;
        self.can_be_collected(core, limit.get().saturating_sub(bump.get()))
    }

    /// Acquires a chunk of the nursery with room for `bytes`. Refuses, changing nothing, when the
    /// arena would then lack the room to collect this heap.
    pub(crate) fn grow(&self, core: &mut Core, bytes: u64) -> Result<(), OutOfMemory> {
        let what = "a heap chunk";
        let mut size = self.next_size.get();
        let block = loop {
            let block = acquire(core, size, bytes, what, Source::Ordinary)?;
            if self.can_be_collected(core, room(block.size)) {
                break block;
            }
            free(core, block);
            size = block.size / 2;
            if size < FIRST_CHUNK || room(size) < bytes {
                return Err(core.refuse(what, bytes));
            }
        };
        self.next_size.set((size * 2).min(LARGEST_CHUNK));
        self.nursery.append(core, block, Residence::Nursery);
        Ok(())
    }
}

impl Chain {
    pub(crate) const fn empty() -> Chain {
        Chain {
            first: Cell::new(0),
            last: Cell::new(0),
            bump: Cell::new(0),
            limit: Cell::new(0),
            order: Cell::new(0),
            closed: Cell::new(0),
            chunks: Cell::new(0),
            held: Cell::new(0),
        }
    }

    /// Takes over the words of `other`.
    pub(crate) fn become_chain(&self, other: &Chain) {
        for (to, from) in self.words().into_iter().zip(other.words()) {
            to.set(from.get());
        }
    }

    fn words(&self) -> [&Cell<u64>; 8] {
        let Chain {
            first,
            last,
            bump,
            limit,
            order,
            closed,
            chunks,
            held,
        } = self;
        [first, last, bump, limit, order, closed, chunks, held]
    }

    /// Whether every word is as in an empty chain.
    pub(crate) fn is_empty(&self) -> bool {
        self.words().iter().all(|word| word.get() == 0)
    }

    /// Bytes of objects, dead ones included.
    pub(crate) fn used(&self) -> u64 {
        let last = self.last.get();
        if last == 0 {
            return 0;
        }
        // Saturating, because anybody may look at a heap that nobody has verified yet.
        let size = self.limit.get().saturating_sub(last);
        let open = self
            .bump
            .get()
            .saturating_sub(last)
            .saturating_sub(first_object(0, size));
        self.closed.get().saturating_add(open)
    }

    /// Takes `bytes` (a multiple of 8) for an object; none if the youngest chunk lacks the room.
    #[inline]
    pub(crate) fn take(&self, bytes: u64) -> Option<u64> {
        let at = self.bump.get();
        if self.limit.get() - at < bytes {
            return None;
        }
        self.bump.set(at + bytes);
        Some(at)
    }

    /// The reference to the object at `at` in the youngest chunk.
    #[inline]
    pub(crate) fn reference(&self, at: u64, header: Header, residence: Residence) -> Value {
        let order = self.order.get() as u32;
        Value::reference(at, order, residence, header.is(Kind::Key))
    }

    /// Notes in the youngest chunk where its objects end.
    pub(crate) fn close(&self, core: &mut Core) {
        let last = self.last.get();
        if last != 0 {
            // SAFETY: the youngest chunk is this heap's.
            unsafe { core.set_word(last + 16, self.bump.get()) };
        }
    }

    /// Makes `block` the youngest chunk.
    pub(crate) fn append(&self, core: &mut Core, block: Block, residence: Residence) {
        let last = self.last.get();
        self.closed.set(self.used());
        self.close(core);
        // SAFETY: `block` was just acquired for this heap, and `last` is its youngest chunk or 0:
        // the words of their headers are this heap's to write.
        unsafe {
            if last == 0 {
                self.first.set(block.offset);
            } else {
                core.set_word(last, block.offset);
            }
            core.set_word(block.offset + 8, last);
            core.set_word(block.offset + 24, block.size);
            core.set_word(block.offset + RESIDENCE, residence as u64);
        }
        core.count_chunk(block.size, true);
        self.fill(block, first_object(block.offset, block.size));
        self.chunks.set(self.chunks.get() + 1);
        self.held.set(self.held.get() + block.size);
    }

    /// In an empty chain, makes `block` the only chunk, whose next object goes to `bump`.
    pub(crate) fn begin(&self, block: Block, bump: u64) {
        self.first.set(block.offset);
        self.chunks.set(1);
        self.held.set(block.size);
        self.fill(block, bump);
    }

    /// Makes `block` the chunk being filled, whose next object goes to `bump`.
    pub(crate) fn fill(&self, block: Block, bump: u64) {
        self.last.set(block.offset);
        self.bump.set(bump);
        self.limit.set(block.offset + block.size);
        self.order
            .set(u64::from((block.size / MINIMUM_BLOCK).trailing_zeros()));
    }

    /// Frees the chunks appended since the chain was as `before`, and what was taken since.
    pub(crate) fn roll_back(&self, core: &mut Core, before: &Chain) {
        let last = before.last.get();
        if last == 0 {
            free_chunks(core, self.first.get());
        } else {
            // SAFETY: `last` is a chunk of this chain.
            unsafe {
                free_chunks(core, core.word(last));
                core.set_word(last, 0);
            }
        }
        self.become_chain(before);
    }
}

/// Acquires a block for a chunk with room for `bytes`, of `preferred` size if possible: larger if
/// `bytes` need it, smaller if the arena has nothing better.
pub(crate) fn acquire(
    core: &mut Core,
    preferred: u64,
    bytes: u64,
    what: &'static str,
    source: Source,
) -> Result<Block, OutOfMemory> {
    let mut least = FIRST_CHUNK;
    while room(least) < bytes {
        least *= 2;
    }
    let mut size = preferred.max(least);
    loop {
        match core.allocate(size, what, tree::SEALED, source) {
            Err(_) if size > least => size /= 2,
            other => return other,
        }
    }
}

/// Bytes for objects in a chunk of `size` bytes.
pub(crate) fn room(size: u64) -> u64 {
    size - first_object(0, size)
}

/// Where the first object of the chunk at `chunk` goes.
pub(crate) fn first_object(chunk: u64, size: u64) -> u64 {
    chunk + 8 * (CHUNK_WORDS + marks_words(size))
}

/// Words of the chunk's bit map.
pub(crate) fn marks_words(size: u64) -> u64 {
    size / 8 / 64
}

/// Offset of the word of a chunk's bit map that holds the bit of the object at `object`, and the
/// bit.
#[inline]
pub(crate) fn mark_of(chunk: u64, object: u64) -> (u64, u64) {
    let index = (object - chunk) / 8;
    (chunk + 8 * (CHUNK_WORDS + index / 64), 1 << (index % 64))
}

/// Frees the chunks from `chunk` to the youngest.
pub(crate) fn free_chunks(core: &mut Core, mut chunk: u64) {
    while chunk != 0 {
        // SAFETY: `chunk` is a chunk of a heap, whose header is initialised.
        let (next, size) = unsafe { (core.word(chunk), core.word(chunk + 24)) };
        core.count_chunk(size, false);
        free(
            core,
            Block {
                offset: chunk,
                size,
            },
        );
        chunk = next;
    }
}

fn free(core: &mut Core, block: Block) {
    if let Ok(node) = core.exact(block) {
        core.release(node);
    }
}

/// The sum; saturating, because anybody may look at a heap that nobody has verified yet.
pub(crate) fn sum<const N: usize>(parts: [u64; N]) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}
