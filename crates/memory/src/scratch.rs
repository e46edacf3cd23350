//! Scratch blocks: where an unfinished operation keeps its values between two steps.
//!
//! A comparison, a hash, a text being printed or read, a collection being built: each may be
//! interrupted at any step, and what it holds must survive a collection, and being saved with the
//! arena. It keeps its values in a block of its own, which its heap knows: the collector treats
//! them as roots, and verification checks them.
//!
//! A scratch block is a sealed block of the arena:
//!
//! | word | meaning |
//! |---|---|
//! | 0 | offset of the next scratch block of the heap, or 0 |
//! | 1 | offset of the one before, or 0 |
//! | 2 | its size in bytes |
//! | 3 | how many raw words follow |
//! | 4 | how many values follow those |
//! | 5 … | the raw words, which the collector does not look at; then the values |

use core::cell::Cell;

use crate::arena::{Block, Core, OutOfMemory, Source};
use crate::heap::Heap;
use crate::session::Session;
use crate::tree;
use crate::value::Value;

/// Words of a block's header.
pub(crate) const HEADER: usize = 5;

/// Names a scratch block of a heap, or none. As plain words it may lie anywhere; that there is such
/// a block is checked on each use.
#[repr(transparent)]
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Scratch(u64);

/// The words of a scratch block. They are cells, so that even two handles forged to name the same
/// block do no more harm than mix their contents.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    count: &'a Cell<u64>,
    pub(crate) raw: &'a [Cell<u64>],
    /// All values that there is room for; the collector looks at the first [`View::count`].
    values: &'a [Cell<u64>],
}

impl View<'_> {
    /// How many values there are.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        (self.count.get() as usize).min(self.values.len())
    }

    /// How many there is room for.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.values.len()
    }

    /// The value at `index`; nil if there is none.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Value {
        match self.values.get(index) {
            Some(word) if index < self.count() => Value::from_word(word.get()),
            _ => Value::NIL,
        }
    }

    /// Writes the value at `index`, if there is one.
    #[inline]
    pub(crate) fn set(&self, index: usize, value: Value) {
        if index < self.count() {
            self.values[index].set(value.word());
        }
    }

    /// Adds a value; false if there is no room for one more.
    #[inline]
    pub(crate) fn push(&self, value: Value) -> bool {
        let count = self.count.get();
        match self.values.get(count as usize) {
            Some(word) => {
                word.set(value.word());
                self.count.set(count + 1);
                true
            }
            None => false,
        }
    }

    /// Makes them `count` values, all of them `value`, or as many as there is room for.
    pub(crate) fn fill(&self, count: usize, value: Value) {
        let count = count.min(self.values.len());
        for word in &self.values[..count] {
            word.set(value.word());
        }
        self.count.set(count as u64);
    }

    /// Keeps the first `count` values.
    pub(crate) fn truncate(&self, count: usize) {
        self.count.set(self.count().min(count) as u64);
    }

    /// The values, as words.
    #[inline]
    pub(crate) fn words(&self) -> &[Cell<u64>] {
        &self.values[..self.count()]
    }
}

impl Scratch {
    pub(crate) const NONE: Scratch = Scratch(0);

    pub(crate) const fn is_none(&self) -> bool {
        self.0 == 0
    }
}

impl Session<'_> {
    /// The words of a scratch block of this heap; none if there is no such block.
    pub(crate) fn view<'a>(&'a self, scratch: &'a Scratch) -> Option<View<'a>> {
        if scratch.is_none() {
            return None;
        }
        self.with_core(|core| {
            let mut at = self.heap.scratch.get();
            while at != scratch.0 {
                if at == 0 {
                    return None;
                }
                // SAFETY: `at` is a scratch block of this heap.
                at = unsafe { core.word(at) };
            }
            // SAFETY: the block is this heap's, so its header is sound: raw words and room for
            // values lie inside it, initialised. They are only ever seen as cells, and a block is
            // released only by the one operation whose handle is borrowed here.
            unsafe {
                let words = core.pointer(at).cast::<Cell<u64>>();
                let raw = core.word(at + 24) as usize;
                let room = (core.word(at + 16) / 8) as usize - HEADER - raw;
                Some(View {
                    count: &*words.add(4),
                    raw: core::slice::from_raw_parts(words.add(HEADER), raw),
                    values: core::slice::from_raw_parts(words.add(HEADER + raw), room),
                })
            }
        })
    }

    /// Opens a scratch block with `raw` zeroed words and room for at least `values` values, of
    /// which it has none yet.
    pub(crate) fn open_scratch(&self, raw: usize, values: usize) -> Result<Scratch, OutOfMemory> {
        let what = "a scratch block";
        let bytes = 8 * (HEADER + raw + values) as u64;
        self.with_core(|core| {
            let block = core.allocate(bytes, what, tree::SEALED, Source::Ordinary)?;
            // There must always be the room to collect everything.
            if !self.heap.can_be_collected_when_full(core) {
                if let Ok(node) = core.exact(block) {
                    core.release(node);
                }
                return Err(core.refuse(what, bytes));
            }
            // SAFETY: the block was just acquired, and the one it comes before is this heap's.
            unsafe {
                let next = self.heap.scratch.get();
                core.set_word(block.offset, next);
                core.set_word(block.offset + 16, block.size);
                core.set_word(block.offset + 24, raw as u64);
                if next != 0 {
                    core.set_word(next + 8, block.offset);
                }
            }
            self.heap.scratch.set(block.offset);
            let held = self.heap.scratch_held.get();
            self.heap.scratch_held.set(held.saturating_add(block.size));
            Ok(Scratch(block.offset))
        })
    }

    /// Frees a scratch block, if there is one.
    pub(crate) fn close_scratch(&self, scratch: &mut Scratch) {
        if self.view(scratch).is_some() {
            self.with_core(|core| self.heap.drop_scratch(core, scratch.0));
        }
        *scratch = Scratch::NONE;
    }

    /// Adds values to a scratch block without raw words, which is opened or made larger as needed.
    pub(crate) fn push_scratch(
        &self,
        scratch: &mut Scratch,
        values: &[Value],
    ) -> Result<(), OutOfMemory> {
        let old = self.view(scratch);
        let (count, room) = old.map_or((0, 0), |old| (old.count(), old.capacity()));
        if count + values.len() > room {
            let larger = self.open_scratch(0, (2 * room).max(values.len()).max(FIRST_ROOM))?;
            if let (Some(old), Some(new)) = (old, self.view(&larger)) {
                for word in old.words() {
                    new.push(Value::from_word(word.get()));
                }
            }
            self.close_scratch(scratch);
            *scratch = larger;
        }
        if let Some(view) = self.view(scratch) {
            for value in values {
                view.push(*value);
            }
        }
        Ok(())
    }
}

/// Values that a scratch block grown by pushing first has room for: all of 1 KiB.
const FIRST_ROOM: usize = 128 - HEADER;

impl Heap {
    /// Frees the scratch block at `at`, which is one of this heap.
    pub(crate) fn drop_scratch(&self, core: &mut Core, at: u64) {
        // SAFETY: the block is a scratch block of this heap, and so are its neighbours.
        unsafe {
            let (next, before) = (core.word(at), core.word(at + 8));
            if before == 0 {
                self.scratch.set(next);
            } else {
                core.set_word(before, next);
            }
            if next != 0 {
                core.set_word(next + 8, before);
            }
            let size = core.word(at + 16);
            let held = self.scratch_held.get();
            self.scratch_held.set(held.saturating_sub(size));
            if let Ok(node) = core.exact(Block { offset: at, size }) {
                core.release(node);
            }
        }
    }

    /// Frees all scratch blocks.
    pub(crate) fn drop_all_scratch(&self, core: &mut Core) {
        while self.scratch.get() != 0 {
            self.drop_scratch(core, self.scratch.get());
        }
    }
}

/// Calls `visit` with each reference and each name in the scratch blocks from `block` on; what it
/// returns takes the value's place.
///
/// # Safety
/// `block` is the first scratch block of a heap, or 0.
pub(crate) unsafe fn each_value(
    core: &mut Core,
    mut block: u64,
    mut visit: impl FnMut(&mut Core, Value) -> Value,
) {
    while block != 0 {
        // SAFETY: the block's header is sound, and its values lie inside it.
        unsafe {
            let first = block + 8 * (HEADER as u64 + core.word(block + 24));
            for index in 0..core.word(block + 32) {
                let at = first + 8 * index;
                let old = Value::from_word(core.word(at));
                if old.is_reference() || old.as_name().is_some() {
                    let new = visit(core, old);
                    core.set_word(at, new.word());
                }
            }
            block = core.word(block);
        }
    }
}
