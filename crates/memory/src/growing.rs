//! Vectors while they are being built: pushed to in place.
//!
//! The scratch block of a growing vector has a row of up to 32 words for each level of the trie to
//! be: elements in the lowest, nodes in the others. A full row becomes a node in the row above (the
//! lowest when the next element comes), so a push writes one word, and now and then a node that stays
//! as it is. What is left at the end is one node for each level. The raw words count what is in the
//! rows.

use core::cell::Cell;

use crate::arena::OutOfMemory;
use crate::object::{Kind, LIMIT, node_level};
use crate::rrb::{Row, TOP_LEVEL, WIDTH, capacity};
use crate::scratch::{Scratch, View};
use crate::session::{Local, Refusal, Session};
use crate::value::Value;

const ROWS: usize = TOP_LEVEL as usize + 1;

/// A vector while it is being built. Plain words that may be kept anywhere, also across collections
/// and in a saved arena; whoever gives one up ends it with [`Session::end_vector_transient`].
#[repr(C)]
#[derive(Debug, Default)]
pub struct VectorTransient {
    rows: Scratch,
    length: u64,
}

impl VectorTransient {
    /// An empty vector.
    #[must_use]
    pub const fn new() -> VectorTransient {
        VectorTransient {
            rows: Scratch::NONE,
            length: 0,
        }
    }

    /// Number of elements.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.length
    }

    /// Whether there are no elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// How many words the row of `level` has.
#[inline]
fn row_length(view: &View<'_>, level: usize) -> usize {
    view.raw.get(level).map_or(0, Cell::get).min(WIDTH as u64) as usize
}

fn row_words(view: &View<'_>, level: usize) -> ([u64; WIDTH], usize) {
    let words = core::array::from_fn(|index| view.get(WIDTH * level + index).word());
    (words, row_length(view, level))
}

#[inline]
fn add_to_row(view: &View<'_>, level: usize, value: Value) {
    let length = row_length(view, level);
    view.set(WIDTH * level + length, value);
    if let Some(count) = view.raw.get(level) {
        count.set(length as u64 + 1);
    }
}

impl Session<'_> {
    /// Adds an element to a vector being built.
    ///
    /// # Errors
    /// If there is no room for it; the vector is as before then.
    #[inline]
    pub fn vector_transient_push(
        &self,
        transient: &mut VectorTransient,
        element: Local<'_>,
    ) -> Result<(), Refusal> {
        if let Some(view) = self.view(&transient.rows)
            && row_length(&view, 0) < WIDTH
        {
            add_to_row(&view, 0, element.value);
        } else {
            self.push_to_full(transient, element.value)?;
        }
        transient.length += 1;
        Ok(())
    }

    #[cold]
    fn push_to_full(&self, transient: &mut VectorTransient, element: Value) -> Result<(), Refusal> {
        if transient.length + 1 >= LIMIT {
            return Err(self.refuse("a longer vector", 8 * LIMIT).into());
        }
        if self.view(&transient.rows).is_none() {
            transient.rows = self.open_scratch(ROWS, ROWS * WIDTH)?;
            transient.length = 0;
            if let Some(view) = self.view(&transient.rows) {
                view.fill(ROWS * WIDTH, Value::NIL);
            }
        }
        let Some(view) = self.view(&transient.rows) else {
            return Err(self.refuse("a vector being built", 0).into());
        };
        self.flush(&view)?;
        if row_length(&view, 0) == WIDTH {
            self.flush_row(&view, 0)?;
            self.flush(&view)?;
        }
        add_to_row(&view, 0, element);
        Ok(())
    }

    /// Makes nodes of all rows of nodes that are full.
    fn flush(&self, view: &View<'_>) -> Result<(), OutOfMemory> {
        while let Some(full) = (1..ROWS - 1).find(|level| row_length(view, *level) == WIDTH) {
            // Those above first, so that there is room for the new node.
            let full = (full..ROWS - 1).take_while(|level| row_length(view, *level) == WIDTH);
            if let Some(highest) = full.last() {
                self.flush_row(view, highest)?;
            }
        }
        Ok(())
    }

    /// Makes a node of a full row, in the row above it, which has room.
    fn flush_row(&self, view: &View<'_>, level: usize) -> Result<(), OutOfMemory> {
        let (words, _) = row_words(view, level);
        let node = if level == 0 {
            self.make_leaf(&words)?
        } else {
            let number = node_level(level as u32, true);
            let (node, payload) = self.make(Kind::VectorBranch, number, WIDTH)?;
            payload.copy_from_slice(&words);
            node.value
        };
        add_to_row(view, level + 1, node);
        if let Some(count) = view.raw.get(level) {
            count.set(0);
        }
        for index in 0..WIDTH {
            view.set(WIDTH * level + index, Value::NIL);
        }
        Ok(())
    }

    /// The element at `index` of a vector being built; none if there is no such element.
    #[must_use]
    pub fn vector_transient_get(
        &self,
        transient: &VectorTransient,
        mut index: u64,
    ) -> Option<Local<'_>> {
        let view = self.view(&transient.rows)?;
        for level in (0..ROWS).rev() {
            // How many elements each word of this row stands for.
            let each = capacity(level as u32) / WIDTH as u64;
            let covered = row_length(&view, level) as u64 * each;
            if index >= covered {
                index -= covered;
                continue;
            }
            let word = view.get(WIDTH * level + (index / each) as usize);
            if level == 0 {
                return Some(Local::new(word));
            }
            let (leaf, at) = self.find_leaf(self.object(word)?, index % each);
            return leaf.get(at).map(|word| Local::new(Value::from_word(*word)));
        }
        None
    }

    /// The vector that was built, which is empty then.
    ///
    /// # Errors
    /// If there is no room for it; what is being built is as before then.
    pub fn vector_freeze(&self, transient: &mut VectorTransient) -> Result<Local<'_>, OutOfMemory> {
        let Some(view) = self.view(&transient.rows) else {
            return self.vector();
        };
        self.flush(&view)?;
        // What is below the row in turn, and how many elements it has.
        let mut below: Option<(Value, u64)> = None;
        for level in 1..ROWS {
            let (words, length) = row_words(&view, level);
            if length == 0 && below.is_none() {
                continue;
            }
            let each = capacity(level as u32 - 1);
            let mut row = Row::EMPTY;
            for word in &words[..length] {
                row.push(*word, each);
            }
            let mut size = length as u64 * each;
            if let Some((node, count)) = below {
                row.push(node.word(), count);
                size += count;
            }
            below = Some((self.node_above(level as u32, &row, 0..row.count)?, size));
        }
        let (root, count) = below.unwrap_or((Value::NIL, 0));
        let root = if count == 0 {
            root
        } else {
            self.without_single_roots(root)
        };
        let (tail, length) = row_words(&view, 0);
        let vector = self.make_vector(root, count, &tail[..length])?.value;
        self.end_vector_transient(transient);
        Ok(Local::new(vector))
    }

    /// Gives a vector being built up.
    pub fn end_vector_transient(&self, transient: &mut VectorTransient) {
        self.close_scratch(&mut transient.rows);
        *transient = VectorTransient::new();
    }
}
