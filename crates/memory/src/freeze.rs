//! Freezing: a trie made from a table whose entries lie in order of their hashes.
//!
//! One pass over the entries with one open node for each level. How many digits the hash of an entry
//! shares with those of its neighbours says at which level it lies and which nodes are complete
//! before it comes. Complete nodes become objects from the bottom up, as the heap wants them.

use crate::arena::OutOfMemory;
use crate::hash::NO_HASH;
use crate::scratch::{Scratch, View};
use crate::session::{Local, Session};
use crate::transient::Transient;
use crate::trie::{LEVELS, Shape, bit, kinds};
use crate::value::Value;

/// How far freezing has come: plain words.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Freezing {
    /// Between two steps: the open nodes, [`ROW`] values for each, their bit maps as raw words.
    nodes: Scratch,
    /// The next slot of the table.
    next: u64,
    /// The deepest open node.
    depth: u64,
    /// The hash of the entry before.
    before: u64,
}

impl Freezing {
    pub(crate) const fn new() -> Freezing {
        Freezing {
            nodes: Scratch::NONE,
            next: 0,
            depth: 0,
            before: NO_HASH,
        }
    }
}

/// Words of an open node: up to 32 entries of up to two words, then up to 32 children.
const ROW: usize = CHILDREN + 32;
/// Where its children begin.
const CHILDREN: usize = 64;

/// The open nodes during a step.
struct Open<const W: usize> {
    shapes: [Shape<W>; LEVELS],
    words: [[u64; ROW]; LEVELS],
}

impl<const W: usize> Open<W> {
    fn new() -> Open<W> {
        Open {
            shapes: [Shape::<W> {
                entries: 0,
                children: 0,
            }; LEVELS],
            words: [[0; ROW]; LEVELS],
        }
    }

    #[inline]
    fn add_entry(&mut self, depth: usize, hash: u64, entry: [Value; W]) {
        let at = W * self.shapes[depth].entries.count_ones() as usize;
        for (word, value) in self.words[depth][at..].iter_mut().zip(entry) {
            *word = value.word();
        }
        self.shapes[depth].entries |= bit(hash, depth);
    }

    #[inline]
    fn add_child(&mut self, depth: usize, hash: u64, child: Value) {
        let at = CHILDREN + self.shapes[depth].children.count_ones() as usize;
        // A full row is found only in a forged table.
        if let Some(word) = self.words[depth].get_mut(at) {
            *word = child.word();
        }
        self.shapes[depth].children |= bit(hash, depth);
    }
}

impl Session<'_> {
    /// Goes on with making the map or set that was built, for at most `units` units of work, from
    /// which it takes what it did; none if it is not done. A change to what is being built meanwhile
    /// lets it begin anew. What is being built is empty when it is done.
    ///
    /// # Errors
    /// If there is no room; it can go on after a collection.
    pub fn freeze_step<const W: usize>(
        &self,
        transient: &mut Transient<W>,
        units: &mut u64,
    ) -> Result<Option<Local<'_>>, OutOfMemory> {
        let Some(table) = self.view(&transient.table) else {
            let (local, payload) = self.make(kinds::<W>().root, 0, 1)?;
            payload[0] = 0;
            return Ok(Some(local));
        };
        let freezing = &mut transient.freezing;
        let mut open = Open::<W>::new();
        self.resume(freezing, &mut open);
        let step = self.freeze_entries(&table, transient.count, freezing, &mut open, units);
        if let Ok(Some(root)) = step {
            // A table that was being made larger has a second block.
            self.end_transient(transient);
            return Ok(Some(Local::new(root)));
        }
        if let Err(error) = self.park(freezing, &open) {
            self.end_freezing(freezing);
            return Err(error);
        }
        step.map(|_| None)
    }

    /// Lets freezing begin anew.
    #[inline]
    pub(crate) fn end_freezing(&self, freezing: &mut Freezing) {
        if !freezing.nodes.is_none() {
            self.close_scratch(&mut freezing.nodes);
        }
        *freezing = Freezing::new();
    }

    fn freeze_entries<const W: usize>(
        &self,
        table: &View<'_>,
        count: u64,
        freezing: &mut Freezing,
        open: &mut Open<W>,
        units: &mut u64,
    ) -> Result<Option<Value>, OutOfMemory> {
        let mut at = next_entry(table, freezing.next as usize);
        while let Some(hash) = table.raw.get(at).map(core::cell::Cell::get) {
            if *units == 0 {
                freezing.next = at as u64;
                return Ok(None);
            }
            *units -= 1;
            freezing.next = at as u64;
            let shared = shared_digits(freezing.before, hash);
            self.close_below(open, freezing, shared)?;
            let mut end = next_entry(table, at + 1);
            let mut next_hash = table.raw.get(end).map_or(NO_HASH, core::cell::Cell::get);
            if next_hash == hash {
                while next_hash == hash {
                    end = next_entry(table, end + 1);
                    next_hash = table.raw.get(end).map_or(NO_HASH, core::cell::Cell::get);
                }
                let collision = self.make_collision::<W>(table, at, end)?;
                open.add_child(LEVELS - 1, hash, collision);
                freezing.depth = LEVELS as u64 - 1;
            } else {
                let shared_next = if next_hash == NO_HASH {
                    0
                } else {
                    shared_digits(hash, next_hash)
                };
                let depth = shared.max(shared_next);
                let entry = core::array::from_fn(|word| table.get(W * at + word));
                open.add_entry(depth, hash, entry);
                freezing.depth = depth as u64;
            }
            freezing.before = hash;
            at = end;
            freezing.next = at as u64;
        }
        self.close_below(open, freezing, 0)?;
        self.complete(open, 0, count).map(Some)
    }

    /// Completes the open nodes below `depth`.
    #[inline]
    fn close_below<const W: usize>(
        &self,
        open: &mut Open<W>,
        freezing: &mut Freezing,
        depth: usize,
    ) -> Result<(), OutOfMemory> {
        while freezing.depth as usize > depth {
            let at = (freezing.depth as usize).min(LEVELS - 1);
            let node = self.complete(open, at, 0)?;
            open.shapes[at] = Shape::<W> {
                entries: 0,
                children: 0,
            };
            open.add_child(at - 1, freezing.before, node);
            freezing.depth = at as u64 - 1;
        }
        Ok(())
    }

    /// The object of the open node of `depth`.
    #[inline]
    fn complete<const W: usize>(
        &self,
        open: &Open<W>,
        depth: usize,
        count: u64,
    ) -> Result<Value, OutOfMemory> {
        let shape = open.shapes[depth];
        let (local, payload) = self.make_node::<W>(depth, count, shape)?;
        let (entries, children) = payload.split_at_mut(shape.first_child());
        entries[0] = shape.word();
        let row = &open.words[depth];
        entries[1..].copy_from_slice(&row[..shape.first_child() - 1]);
        for (to, child) in children.iter_mut().rev().zip(&row[CHILDREN..]) {
            *to = *child;
        }
        Ok(local.value)
    }

    /// The collision node of the entries from `at` to `end`, which are in order of key.
    fn make_collision<const W: usize>(
        &self,
        table: &View<'_>,
        at: usize,
        end: usize,
    ) -> Result<Value, OutOfMemory> {
        let slots = (at..end).filter(|slot| is_entry(table, *slot));
        let (local, payload) = self.make(kinds::<W>().collision, 0, W * slots.clone().count())?;
        for (entry, slot) in payload.chunks_exact_mut(W).zip(slots) {
            for (word, to) in entry.iter_mut().enumerate() {
                *to = table.get(W * slot + word).word();
            }
        }
        Ok(local.value)
    }

    fn resume<const W: usize>(&self, freezing: &Freezing, open: &mut Open<W>) {
        let Some(view) = self.view(&freezing.nodes) else {
            return;
        };
        for (depth, (shape, row)) in open.shapes.iter_mut().zip(&mut open.words).enumerate() {
            let word = view.raw.get(depth).map_or(0, core::cell::Cell::get);
            *shape = Shape::<W> {
                entries: word as u32,
                children: (word >> 32) as u32,
            };
            for (index, to) in row.iter_mut().enumerate() {
                *to = view.get(depth * ROW + index).word();
            }
        }
    }

    fn park<const W: usize>(
        &self,
        freezing: &mut Freezing,
        open: &Open<W>,
    ) -> Result<(), OutOfMemory> {
        if self.view(&freezing.nodes).is_none() {
            freezing.nodes = self.open_scratch(LEVELS, LEVELS * ROW)?;
        }
        if let Some(view) = self.view(&freezing.nodes) {
            view.fill(LEVELS * ROW, Value::NIL);
            for (depth, (shape, row)) in open.shapes.iter().zip(&open.words).enumerate() {
                if let Some(word) = view.raw.get(depth) {
                    word.set(shape.word());
                }
                let entries = W * shape.entries.count_ones() as usize;
                let children = CHILDREN + shape.children.count_ones() as usize;
                for index in (0..entries).chain(CHILDREN..children) {
                    view.set(depth * ROW + index, Value::from_word(row[index]));
                }
            }
        }
        Ok(())
    }
}

fn is_entry(table: &View<'_>, slot: usize) -> bool {
    table
        .raw
        .get(slot)
        .is_some_and(|hash| hash.get() != NO_HASH)
}

/// The first slot from `at` on that holds an entry, or the end.
#[inline]
fn next_entry(table: &View<'_>, mut at: usize) -> usize {
    while table.raw.get(at).is_some_and(|hash| hash.get() == NO_HASH) {
        at += 1;
    }
    at
}

/// How many digits two different hashes share; none with no hash.
#[inline]
fn shared_digits(a: u64, b: u64) -> usize {
    if a == NO_HASH {
        return 0;
    }
    ((a ^ b).leading_zeros() / 5) as usize
}
