//! The trie of vectors: nodes of 1 to 32 children, with or without their sizes.
//!
//! A node whose children are all full but the last, and none of them relaxed, is *regular*
//! ([`Kind::VectorBranch`]): an index leads through it by its digits. Any other node is *relaxed*
//! ([`Kind::VectorRelaxed`]) and holds the sizes of its children, added up.
//!
//! Two tries are joined along the right edge of the one and the left edge of the other, from the
//! leaves up. On each level the nodes along the seam are merged until they are at most two more than
//! they would have to be, so every trie stays about as flat as a regular one.

use crate::arena::OutOfMemory;
use crate::object::{Kind, node_level, relaxed_children};
use crate::session::{Object, Session};
use crate::value::Value;

pub(crate) const BITS: u32 = 5;
pub(crate) const WIDTH: usize = 1 << BITS;
/// Highest level of a node. With nodes of at least 30 children, level 6 holds more elements than a
/// vector can have.
pub(crate) const TOP_LEVEL: u32 = 6;
/// How many nodes more than necessary a join leaves on a level.
const EXTRA: usize = 2;

/// The level of a node; leaves have level 0.
#[inline]
pub(crate) fn level_of(node: Object<'_>) -> u32 {
    (node.header.number() >> 1) as u32
}

/// How many elements a node of `level` can hold.
#[inline]
pub(crate) const fn capacity(level: u32) -> u64 {
    1 << (BITS * (level + 1))
}

/// Which child of a regular node of `level` holds the element at `index`.
#[inline]
pub(crate) fn digit(index: u64, level: u32) -> usize {
    (index >> (BITS * level)) as usize & (WIDTH - 1)
}

/// The children of a node that is no leaf.
#[inline]
pub(crate) fn children_of(node: Object<'_>) -> &[u64] {
    &node.payload[node.header.first_value()..]
}

/// The sizes of the first, the first two, … children of a relaxed node.
#[inline]
fn size_up_to(node: Object<'_>, child: usize) -> u64 {
    node.payload[child / 2] >> (32 * (child % 2)) & 0xFFFF_FFFF
}

/// The word of a node that is no leaf which leads to the element at `index` of it, and the index of
/// the element in the child.
#[inline]
pub(crate) fn child_at(node: Object<'_>, index: u64) -> (usize, u64) {
    let level = level_of(node);
    if node.header.is(Kind::VectorBranch) {
        return (digit(index, level), index & (capacity(level - 1) - 1));
    }
    let count = relaxed_children(node.payload.len());
    // The child is never further left than it would be in a regular node.
    let mut child = digit(index, level).min(count - 1);
    while child + 1 < count && size_up_to(node, child) <= index {
        child += 1;
    }
    let before = match child {
        0 => 0,
        _ => size_up_to(node, child - 1),
    };
    (
        node.payload.len() - count + child,
        index.saturating_sub(before),
    )
}

/// Some nodes of one level in a row, with their sizes.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) count: usize,
    nodes: [u64; Row::MOST],
    sizes: [u64; Row::MOST],
}

impl Row {
    /// Most nodes along a seam: all but one child of two nodes, and what the level below left.
    pub(crate) const MOST: usize = 2 * (WIDTH - 1) + 4;

    pub(crate) const EMPTY: Row = Row {
        count: 0,
        nodes: [0; Row::MOST],
        sizes: [0; Row::MOST],
    };

    pub(crate) fn push(&mut self, node: u64, size: u64) {
        // There is always room, see `MOST`; a forged heap may have larger nodes.
        if self.count < Row::MOST {
            self.nodes[self.count] = node;
            self.sizes[self.count] = size;
            self.count += 1;
        }
    }

    fn take(&mut self, other: &Row, range: core::ops::Range<usize>) {
        for index in range {
            self.push(other.nodes[index], other.sizes[index]);
        }
    }
}

impl Session<'_> {
    /// How many elements a node holds.
    pub(crate) fn node_size<'a>(&'a self, mut node: Object<'a>) -> u64 {
        let mut size = 0;
        loop {
            let level = level_of(node);
            if level == 0 {
                return size + node.payload.len() as u64;
            }
            if node.header.is(Kind::VectorRelaxed) {
                return size + size_up_to(node, relaxed_children(node.payload.len()) - 1);
            }
            size += (node.payload.len() as u64 - 1) * capacity(level - 1);
            node = self.target(node.value(node.payload.len() - 1));
        }
    }

    /// The children of a node that is no leaf, with their sizes.
    fn row_of(&self, node: Object<'_>) -> Row {
        let mut row = Row::EMPTY;
        let children = children_of(node);
        let relaxed = node.header.is(Kind::VectorRelaxed);
        let full = capacity(level_of(node) - 1);
        let mut before = 0;
        for (index, child) in children.iter().enumerate() {
            let size = if relaxed {
                let up_to = size_up_to(node, index);
                let size = up_to.saturating_sub(before);
                before = up_to;
                size
            } else if index + 1 < children.len() {
                full
            } else {
                self.node_size(self.target(Value::from_word(*child)))
            };
            row.push(*child, size);
        }
        row
    }

    /// A node of `level` above the nodes of `row` in `range`.
    pub(crate) fn node_above(
        &self,
        level: u32,
        row: &Row,
        range: core::ops::Range<usize>,
    ) -> Result<Value, OutOfMemory> {
        let (nodes, sizes) = (&row.nodes[range.clone()], &row.sizes[range]);
        let full = capacity(level - 1);
        let (last, rest) = match sizes.split_last() {
            Some((last, rest)) => (*last, rest),
            None => return Ok(Value::NIL),
        };
        let last_node = self.target(Value::from_word(nodes[nodes.len() - 1]));
        let regular =
            rest.iter().all(|size| *size == full) && !last_node.header.is(Kind::VectorRelaxed);
        if regular {
            let number = node_level(level, nodes.len() == WIDTH && last == full);
            let (node, payload) = self.make(Kind::VectorBranch, number, nodes.len())?;
            payload.copy_from_slice(nodes);
            return Ok(node.value);
        }
        let words = nodes.len().div_ceil(2);
        let number = node_level(level, false);
        let (node, payload) = self.make(Kind::VectorRelaxed, number, words + nodes.len())?;
        payload[..words].fill(0);
        let mut sum = 0;
        for (index, size) in sizes.iter().enumerate() {
            sum += size;
            payload[index / 2] |= sum << (32 * (index % 2));
        }
        payload[words..].copy_from_slice(nodes);
        Ok(node.value)
    }

    /// The trie with one more leaf at its end; `root` is nil if there is none yet.
    pub(crate) fn append_leaf(&self, root: Value, leaf: Value) -> Result<Value, OutOfMemory> {
        if !root.is_reference() {
            return Ok(leaf);
        }
        let leaf_size = self.target(leaf).payload.len() as u64;
        let root_node = self.target(root);
        let top = level_of(root_node);
        // The right edge, and the lowest node of it that has room for a child.
        let mut path = [root_node; TOP_LEVEL as usize + 1];
        let mut node = root_node;
        let mut lowest = None;
        for level in (1..=top).rev() {
            path[level as usize] = node;
            let children = children_of(node);
            if children.len() < WIDTH {
                lowest = Some(level);
            }
            node = self.target(Value::from_word(children[children.len() - 1]));
        }
        let chain = |level: u32| {
            (1..=level).try_fold(leaf, |node, level| {
                let mut row = Row::EMPTY;
                row.push(node.word(), leaf_size);
                self.node_above(level, &row, 0..1)
            })
        };
        let Some(lowest) = lowest else {
            if top == TOP_LEVEL {
                return Err(self.refuse("a vector in more levels", 0));
            }
            let mut row = Row::EMPTY;
            row.push(root.word(), self.node_size(root_node));
            row.push(chain(top)?.word(), leaf_size);
            return self.node_above(top + 1, &row, 0..2);
        };
        let mut row = self.row_of(path[lowest as usize]);
        row.push(chain(lowest - 1)?.word(), leaf_size);
        let mut changed = self.node_above(lowest, &row, 0..row.count)?;
        for level in lowest + 1..=top {
            row = self.row_of(path[level as usize]);
            row.nodes[row.count - 1] = changed.word();
            row.sizes[row.count - 1] += leaf_size;
            changed = self.node_above(level, &row, 0..row.count)?;
        }
        Ok(changed)
    }

    /// The trie of the first `count` elements, which end with a leaf; nil of none.
    pub(crate) fn keep_first(&self, root: Value, count: u64) -> Result<Value, OutOfMemory> {
        if count == 0 {
            return Ok(Value::NIL);
        }
        let mut node = self.target(root);
        let top = level_of(node);
        let mut path = [(node, 0); TOP_LEVEL as usize + 1];
        let mut index = count - 1;
        for level in (1..=top).rev() {
            let (word, below) = child_at(node, index);
            path[level as usize] = (node, word - node.header.first_value());
            node = self.target(node.value(word));
            index = below;
        }
        let mut size = node.payload.len() as u64;
        let mut changed = None;
        for (level, (node, child)) in path.iter().enumerate().take(top as usize + 1).skip(1) {
            let children = children_of(*node);
            if changed.is_none() && *child + 1 == children.len() {
                size = self.node_size(*node);
                continue;
            }
            let mut row = self.row_of(*node);
            row.count = *child + 1;
            if let Some(changed) = changed {
                row.nodes[*child] = Value::word(changed);
                row.sizes[*child] = size;
            }
            size = row.sizes[..row.count].iter().sum();
            changed = Some(self.node_above(level as u32, &row, 0..row.count)?);
        }
        Ok(self.without_single_roots(changed.unwrap_or(root)))
    }

    /// The trie without the first `count` elements, of which it has more.
    pub(crate) fn drop_first(&self, root: Value, count: u64) -> Result<Value, OutOfMemory> {
        let mut node = self.target(root);
        let top = level_of(node);
        let mut path = [(node, 0); TOP_LEVEL as usize + 1];
        let mut index = count;
        for level in (1..=top).rev() {
            let (word, below) = child_at(node, index);
            path[level as usize] = (node, word - node.header.first_value());
            node = self.target(node.value(word));
            index = below;
        }
        let rest = node.payload.get(index as usize..).unwrap_or_default();
        let mut size = rest.len() as u64;
        let mut changed = self.make_leaf(rest)?;
        for (level, (node, child)) in path.iter().enumerate().take(top as usize + 1).skip(1) {
            let mut row = self.row_of(*node);
            row.nodes[*child] = changed.word();
            row.sizes[*child] = size;
            size = row.sizes[*child..row.count].iter().sum();
            changed = self.node_above(level as u32, &row, *child..row.count)?;
        }
        Ok(self.without_single_roots(changed))
    }

    /// The highest node below `root`, or itself, that has more than one child.
    pub(crate) fn without_single_roots(&self, mut root: Value) -> Value {
        loop {
            let node = self.target(root);
            if level_of(node) == 0 || children_of(node).len() > 1 {
                return root;
            }
            root = Value::from_word(children_of(node)[0]);
        }
    }

    /// The elements of one trie, then those of another.
    pub(crate) fn join(&self, left: Value, right: Value) -> Result<Value, OutOfMemory> {
        let left_edge = self.edge(left, |children| children.len() - 1);
        let right_edge = self.edge(right, |_| 0);
        let left_top = level_of(self.target(left));
        let right_top = level_of(self.target(right));
        let top = left_top.max(right_top);
        // What is left of the level below: nodes that belong together.
        let mut seam = Row::EMPTY;
        for edge in [&left_edge, &right_edge] {
            let (leaf, value) = edge[0];
            seam.push(value.word(), leaf.payload.len() as u64);
        }
        for level in 1..=top {
            let mut row = Row::EMPTY;
            if level <= left_top {
                let all = self.row_of(left_edge[level as usize].0);
                row.take(&all, 0..all.count - 1);
            }
            row.take(&seam, 0..seam.count);
            if level <= right_top {
                let all = self.row_of(right_edge[level as usize].0);
                row.take(&all, 1..all.count);
            }
            let row = self.merge(level - 1, &row)?;
            seam = Row::EMPTY;
            for start in (0..row.count).step_by(WIDTH) {
                let range = start..(start + WIDTH).min(row.count);
                let size = row.sizes[range.clone()].iter().sum();
                seam.push(self.node_above(level, &row, range)?.word(), size);
            }
        }
        if seam.count == 1 {
            return Ok(Value::from_word(seam.nodes[0]));
        }
        if top == TOP_LEVEL {
            return Err(self.refuse("a vector in more levels", 0));
        }
        let row = self.merge(top, &seam)?;
        if row.count == 1 {
            return Ok(Value::from_word(row.nodes[0]));
        }
        self.node_above(top + 1, &row, 0..row.count)
    }

    /// The nodes of an edge by level, each with its reference; `which` says which child leads on.
    fn edge(
        &self,
        mut value: Value,
        which: impl Fn(&[u64]) -> usize,
    ) -> [(Object<'_>, Value); TOP_LEVEL as usize + 1] {
        let mut node = self.target(value);
        let mut edge = [(node, value); TOP_LEVEL as usize + 1];
        for level in (1..=level_of(node)).rev() {
            edge[level as usize] = (node, value);
            let children = children_of(node);
            value = Value::from_word(children[which(children)]);
            node = self.target(value);
        }
        edge[0] = (node, value);
        edge
    }

    /// The nodes of `level` in `row`, merged until they are at most [`EXTRA`] more than necessary.
    fn merge(&self, level: u32, row: &Row) -> Result<Row, OutOfMemory> {
        // How many slots (children or elements) each node has, and is to have.
        let mut slots = [0; Row::MOST];
        for (slots, node) in slots.iter_mut().zip(&row.nodes[..row.count]) {
            *slots = self.slots(*node);
        }
        let needed = slots.iter().sum::<usize>().div_ceil(WIDTH);
        let mut plan = slots;
        let mut count = row.count;
        let most = if row.count <= EXTRA {
            1.max(needed)
        } else {
            needed + EXTRA
        };
        while count > most {
            let mut at = plan[..count]
                .iter()
                .position(|slots| *slots < WIDTH - EXTRA / 2)
                .unwrap_or(count);
            if at + 1 >= count {
                break;
            }
            // The slots of this node go to its right neighbours, as far as that takes.
            let mut moving = plan[at];
            while moving > 0 && at + 1 < count {
                let both = moving + plan[at + 1];
                plan[at] = both.min(WIDTH);
                moving = both - plan[at];
                at += 1;
            }
            if moving > 0 {
                // It went to the end: what is left stays a node of its own.
                plan[at] = moving;
                break;
            }
            plan.copy_within(at + 1..count, at);
            count -= 1;
            plan[count] = 0;
        }
        self.follow(level, row, &slots, &plan[..count])
    }

    fn slots(&self, node: u64) -> usize {
        let node = self.target(Value::from_word(node));
        if level_of(node) == 0 {
            node.payload.len()
        } else {
            children_of(node).len()
        }
    }

    /// The nodes of `row`, which have `slots`, with their slots shared out as `plan` says.
    fn follow(
        &self,
        level: u32,
        row: &Row,
        slots: &[usize; Row::MOST],
        plan: &[usize],
    ) -> Result<Row, OutOfMemory> {
        let mut merged = Row::EMPTY;
        // The old node that comes next, and how many of its slots are used already.
        let (mut old, mut used) = (0, 0);
        for wanted in plan {
            if used == 0 && old < row.count && slots[old] == *wanted {
                merged.push(row.nodes[old], row.sizes[old]);
                old += 1;
                continue;
            }
            let mut words = [0; WIDTH];
            let mut above = Row::EMPTY;
            let mut filled = 0;
            while filled < *wanted && old < row.count {
                let node = self.target(Value::from_word(row.nodes[old]));
                let length = (*wanted - filled).min(slots[old] - used);
                if level == 0 {
                    words[filled..filled + length]
                        .copy_from_slice(&node.payload[used..used + length]);
                } else {
                    above.take(&self.row_of(node), used..used + length);
                }
                filled += length;
                used += length;
                if used == slots[old] {
                    (old, used) = (old + 1, 0);
                }
            }
            if level == 0 {
                let leaf = self.make_leaf(&words[..filled])?;
                merged.push(leaf.word(), filled as u64);
            } else {
                let size = above.sizes[..above.count].iter().sum();
                let node = self.node_above(level, &above, 0..above.count)?;
                merged.push(node.word(), size);
            }
        }
        Ok(merged)
    }
}
