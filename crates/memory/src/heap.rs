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
//! A chunk is a sealed block of the arena:
//!
//! | word | meaning |
//! |---|---|
//! | 0 | offset of the next younger chunk of its chain, or 0 |
//! | 1 | offset of the next older chunk of its chain, or 0 |
//! | 2 | offset of the first byte after its last object (for the youngest its [`Chain`] knows) |
//! | 3 | its size in bytes |
//! | 4 … | one bit for each word of the chunk: marks of the collector, starts of objects while verifying |

use core::cell::Cell;

use crate::arena::{Arena, Block, Core, MINIMUM_BLOCK, OutOfMemory, Source};
use crate::object::{Header, Kind};
use crate::tree;
use crate::value::Value;

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
pub(crate) const CHUNK_WORDS: u64 = 4;

/// The state of a heap, in plain words that are saved and loaded as they are. It lives wherever
/// its owner wants, usually in a VM's control block inside the arena.
#[repr(C)]
#[derive(Debug)]
pub struct Heap {
    /// Where new objects go.
    pub(crate) nursery: Chain,
    /// What collections have left.
    pub(crate) old: Chain,
    /// Bytes of objects that the last collection of everything left.
    pub(crate) live: Cell<u64>,
    /// Size of the next chunk of the nursery.
    pub(crate) next_size: Cell<u64>,
    /// Not zero if the next collection is to be one of everything.
    pub(crate) everything_next: Cell<u64>,
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
    /// Bytes of objects in the nursery, dead ones included.
    pub nursery: u64,
    /// Bytes of objects in the old chunks, dead ones included.
    pub old: u64,
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
            live: Cell::new(0),
            next_size: Cell::new(FIRST_CHUNK),
            everything_next: Cell::new(0),
            collections: Cell::new(0),
            scratch: Cell::new(0),
            scratch_held: Cell::new(0),
        }
    }

    /// How full the heap is.
    #[must_use]
    pub fn statistics(&self) -> HeapStatistics {
        let (nursery, old) = (&self.nursery, &self.old);
        HeapStatistics {
            chunks: nursery.chunks.get().saturating_add(old.chunks.get()),
            held: nursery.held.get().saturating_add(old.held.get()),
            nursery: nursery.used(),
            old: old.used(),
            collections: self.collections.get(),
            scratch: self.scratch_held.get(),
        }
    }

    /// Frees every chunk and ends all unfinished operations; the heap is empty then.
    ///
    /// # Safety
    /// `arena` is the one this heap has its chunks from, and no root into this heap is used again.
    pub unsafe fn release(&mut self, arena: &mut Arena<'_>) {
        self.drop_all_scratch(&mut arena.core);
        free_chunks(&mut arena.core, self.nursery.first.get());
        free_chunks(&mut arena.core, self.old.first.get());
        *self = Heap::empty();
    }

    /// Bytes of objects, dead ones included.
    pub(crate) fn used(&self) -> u64 {
        self.nursery.used().saturating_add(self.old.used())
    }

    /// Whether the nursery is so full that a collection is due.
    pub(crate) fn collection_due(&self) -> bool {
        self.nursery.used() > self.old.used().clamp(LEAST_NURSERY, LARGEST_NURSERY)
    }

    /// Whether a collection of everything could free anything.
    pub(crate) fn may_have_garbage(&self) -> bool {
        self.used() > self.live.get()
    }

    /// Acquires a chunk of the nursery with room for `bytes`. Refuses, changing nothing, when the
    /// arena would then lack the room to collect this heap.
    pub(crate) fn grow(&self, core: &mut Core, bytes: u64) -> Result<(), OutOfMemory> {
        let what = "a heap chunk";
        let size = self.next_size.get();
        let block = acquire(core, size, bytes, what, Source::Ordinary)?;
        let statistics = core.statistics();
        if statistics.free + statistics.reserve < self.used() + room(block.size) {
            free_chunk(core, block);
            return Err(core.refuse(what, bytes));
        }
        self.next_size.set((size * 2).min(LARGEST_CHUNK));
        self.nursery.append(core, block);
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
    pub(crate) fn reference(&self, at: u64, header: Header, old: bool) -> Value {
        Value::reference(at, self.order.get() as u32, old, header.is(Kind::Key))
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
    pub(crate) fn append(&self, core: &mut Core, block: Block) {
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
        }
        self.last.set(block.offset);
        self.bump.set(first_object(block.offset, block.size));
        self.limit.set(block.offset + block.size);
        self.order
            .set(u64::from((block.size / MINIMUM_BLOCK).trailing_zeros()));
        self.chunks.set(self.chunks.get() + 1);
        self.held.set(self.held.get() + block.size);
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
        free_chunk(
            core,
            Block {
                offset: chunk,
                size,
            },
        );
        chunk = next;
    }
}

fn free_chunk(core: &mut Core, block: Block) {
    if let Ok(node) = core.exact(block) {
        core.release(node);
    }
}
