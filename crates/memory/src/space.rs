//! The shared space: what outlives the heap it came from, and the table of atoms.
//!
//! One arena has at most one space, and all its heaps share through it. Its objects are those that a
//! [collection of everything](crate::shared) found alive; those sealed since then are still in
//! the chunks of their heaps.
//!
//! An atom is an entry of 32 bytes in a sealed block of the arena, which stays where it is for ever:
//!
//! | word | meaning |
//! |---|---|
//! | 0 | its value, or the name of a [descriptor](crate::protocol::descriptor) |
//! | 1 | its number, never given twice; 0 if the entry is free |
//! | 2 | its generation: how many atoms had the entry before |
//! | 3 | of a free entry, the offset of the next one by place, or 0; for the collector |
//!
//! The first entry of a block is its header: the offset of the next block by place or 0, its size
//! in bytes, 0, 0.
//!
//! The name of an atom holds place and generation of the entry, so whoever has a name is at the
//! entry by one addition. No program sees that: names are ordered, hashed and printed by number.
//! A name cannot be made but by making an atom, and the collector frees those atoms whose names
//! nobody can reach; so an atom lives as long as anybody can name it, whoever made it.

use core::cell::Cell;

use crate::arena::{Block, Core, OutOfMemory, Source};
use crate::heap::{Chain, Heap, sum};
use crate::tree;
use crate::value::Value;

/// Bytes of an entry.
pub(crate) const ENTRY: u64 = 32;
/// Bytes of an entry before the word with its number, its generation, its link.
pub(crate) const NUMBER: u64 = 8;
pub(crate) const GENERATION: u64 = 16;
pub(crate) const LINK: u64 = 24;
/// Bits of a name that tell the place of the entry, in entries; the generation is above them.
const PLACE_BITS: u32 = 27;
/// An entry that has reached this generation is not used again.
pub(crate) const LAST_GENERATION: u64 = (1 << (60 - PLACE_BITS)) - 1;

/// Sizes of blocks of atoms, in bytes; each is as large as all before it, within these bounds.
const FIRST_BLOCK: u64 = 256;
const LARGEST_BLOCK: u64 = 64 << 10;

/// A collection is due when heaps have shared as many bytes of chunks since the last one as that
/// left, but not before they have shared this many …
pub const LEAST_SHARED: u64 = 1 << 20;
/// … and when as many atoms were made as it left, but not before so many.
pub(crate) const LEAST_ATOMS: u64 = 1024;

/// The state of a shared space, in plain words that are saved and loaded as they are. It lives
/// wherever its owner wants, as a [`Heap`] does.
#[repr(C)]
#[derive(Debug)]
pub struct Space {
    /// What collections of the space have left.
    pub(crate) chain: Chain,
    /// Offset of the block of atoms with the lowest place, or 0.
    pub(crate) blocks: Cell<u64>,
    /// Bytes of all blocks of atoms.
    pub(crate) blocks_held: Cell<u64>,
    /// Offset of the free entry with the lowest place, or 0.
    pub(crate) free: Cell<u64>,
    /// Number of the last atom made.
    pub(crate) last_number: Cell<u64>,
    /// How many atoms there are, those that nobody can name included.
    pub(crate) atoms: Cell<u64>,
    /// What the last collection left: bytes of chunks, and atoms.
    pub(crate) left: [Cell<u64>; 2],
    /// Not zero if a collection is due whatever has been shared.
    pub(crate) collect_next: Cell<u64>,
    /// What collections have done so far.
    pub(crate) work: Work,
}

/// What the collections of a space have done so far, in amounts of work, which are the same on
/// every machine.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Work {
    /// How many there were.
    pub(crate) collections: Cell<u64>,
    /// Objects that they copied because they are alive.
    pub(crate) objects: Cell<u64>,
    /// Bytes of these objects.
    pub(crate) bytes: Cell<u64>,
    /// Bytes that the largest of them copied.
    pub(crate) largest: Cell<u64>,
    /// Bytes of objects that were dead.
    pub(crate) freed: Cell<u64>,
    /// Atoms that nobody could name any more.
    pub(crate) atoms_freed: Cell<u64>,
}

/// How full a space is, and what its collections have done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpaceStatistics {
    /// Number of chunks that collections have left.
    pub chunks: u64,
    /// Bytes of the arena that these chunks take.
    pub held: u64,
    /// Bytes of objects in these chunks, dead ones included.
    pub used: u64,
    /// How many atoms there are, those that nobody can name any more included.
    pub atoms: u64,
    /// Bytes of the arena that the table of atoms takes.
    pub atoms_held: u64,
    /// Number of collections of the shared space so far.
    pub collections: u64,
    /// Objects that all of them copied because they were alive: their pauses are in proportion.
    pub objects_copied: u64,
    /// Bytes of these objects.
    pub bytes_copied: u64,
    /// Bytes that the largest collection copied: the longest pause is in proportion.
    pub largest_copied: u64,
    /// Bytes of objects that were dead.
    pub bytes_freed: u64,
    /// Atoms freed because nobody could name them any more.
    pub atoms_freed: u64,
}

impl Space {
    /// A space without objects and atoms.
    #[must_use]
    pub const fn empty() -> Space {
        Space {
            chain: Chain::empty(),
            blocks: Cell::new(0),
            blocks_held: Cell::new(0),
            free: Cell::new(0),
            last_number: Cell::new(0),
            atoms: Cell::new(0),
            left: [const { Cell::new(0) }; 2],
            collect_next: Cell::new(0),
            work: Work {
                collections: Cell::new(0),
                objects: Cell::new(0),
                bytes: Cell::new(0),
                largest: Cell::new(0),
                freed: Cell::new(0),
                atoms_freed: Cell::new(0),
            },
        }
    }

    /// How full the space is, and what its collections have done so far.
    #[must_use]
    pub fn statistics(&self) -> SpaceStatistics {
        SpaceStatistics {
            chunks: self.chain.chunks.get(),
            held: self.chain.held.get(),
            used: self.chain.used(),
            atoms: self.atoms.get(),
            atoms_held: self.blocks_held.get(),
            collections: self.work.collections.get(),
            objects_copied: self.work.objects.get(),
            bytes_copied: self.work.bytes.get(),
            largest_copied: self.work.largest.get(),
            bytes_freed: self.work.freed.get(),
            atoms_freed: self.work.atoms_freed.get(),
        }
    }

    /// Whether so much has been shared since the last collection that another is due. Each heap is
    /// looked at by itself, so that sharing counts nothing that others count too.
    pub(crate) fn collection_due(&self, heap: &Heap) -> bool {
        let [held, atoms] = &self.left;
        let shared = sum([heap.shared.held.get(), self.chain.held.get()]);
        let made = self.atoms.get().saturating_sub(atoms.get());
        self.collect_next.get() != 0
            || shared.saturating_sub(held.get()) > held.get().max(LEAST_SHARED)
            || (made > atoms.get().max(LEAST_ATOMS) && self.free.get() == 0)
    }

    /// Makes an atom whose word is `word`; the offset of its entry.
    ///
    /// # Safety
    /// The space belongs to the arena of `core` and `heap`.
    pub(crate) unsafe fn make_atom(
        &self,
        core: &mut Core,
        heap: &Heap,
        word: Value,
    ) -> Result<u64, OutOfMemory> {
        if self.free.get() == 0 {
            self.add_block(core, heap)?;
        }
        let at = self.free.get();
        let number = self.last_number.get() + 1;
        // SAFETY: the first free entry is the space's.
        unsafe {
            self.free.set(core.word(at + LINK));
            core.set_word(at, word.word());
            core.set_word(at + NUMBER, number);
            core.set_word(at + LINK, 0);
        }
        self.last_number.set(number);
        self.atoms.set(self.atoms.get() + 1);
        Ok(at)
    }

    /// Adds a block of free entries; there are none.
    pub(crate) fn add_block(&self, core: &mut Core, heap: &Heap) -> Result<(), OutOfMemory> {
        let what = "a table of atoms";
        let size = self.blocks_held.get().clamp(FIRST_BLOCK, LARGEST_BLOCK);
        let size = size.next_power_of_two();
        let block = match core.allocate(size, what, tree::SEALED, Source::Ordinary) {
            Err(_) => core.allocate(FIRST_BLOCK, what, tree::SEALED, Source::Ordinary)?,
            Ok(block) => block,
        };
        if !heap.can_be_collected_when_full(core) {
            if let Ok(node) = core.exact(block) {
                core.release(node);
            }
            return Err(core.refuse(what, block.size));
        }
        let Block { offset, size } = block;
        // SAFETY: the block is new, so all of it is zero and the space's to write; the others are the
        // space's as well.
        unsafe {
            let (mut before, mut next) = (0, self.blocks.get());
            while next != 0 && next < offset {
                (before, next) = (next, core.word(next));
            }
            if before == 0 {
                self.blocks.set(offset);
            } else {
                core.set_word(before, offset);
            }
            core.set_word(offset, next);
            core.set_word(offset + 8, size);
            for at in (offset + ENTRY..offset + size).step_by(ENTRY as usize) {
                let next = at + ENTRY;
                let next = if next == offset + size { 0 } else { next };
                core.set_word(at + LINK, next);
            }
        }
        self.blocks_held.set(self.blocks_held.get() + size);
        self.free.set(offset + ENTRY);
        Ok(())
    }
}

/// The name of the atom whose entry is at `at`, in its present generation.
pub(crate) fn name_of(at: u64, generation: u64) -> Value {
    Value::name((generation << PLACE_BITS) | (at / ENTRY), false)
}

/// Place and generation that the name of an atom holds; none if this is something else.
#[inline]
pub(crate) fn place_of(value: Value) -> Option<(u64, u64)> {
    match value.as_name() {
        Some((name, false)) => Some(((name & ((1 << PLACE_BITS) - 1)) * ENTRY, name >> PLACE_BITS)),
        _ => None,
    }
}
