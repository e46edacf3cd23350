//! The persistent vector: a radix-balanced trie of 32-way nodes, and a tail.
//!
//! All elements but the last 1 to 32 are in leaves of 32; the rest lie in the vector object itself,
//! so a push mostly copies one small object and a vector of up to 32 elements is one object. The
//! shape depends on the length alone.

use crate::arena::OutOfMemory;
use crate::object::{Kind, LIMIT, node_level, size_of_object};
use crate::session::{Local, Object, Refusal, Session};
use crate::value::Value;

const BITS: u32 = 5;
const WIDTH: usize = 1 << BITS;
/// Highest level of a node: 32^6 is more than [`LIMIT`].
pub(crate) const TOP_LEVEL: u32 = 5;

/// The elements of a vector, up to the next safepoint.
#[derive(Clone)]
pub struct VectorElements<'a> {
    session: &'a Session<'a>,
    vector: Option<Object<'a>>,
    /// The elements next to come from the front, in one row.
    run: &'a [u64],
    /// Index of the first element after the run.
    next: u64,
}

impl<'a> Iterator for VectorElements<'a> {
    type Item = Local<'a>;

    #[inline]
    fn next(&mut self) -> Option<Local<'a>> {
        if self.run.is_empty() {
            self.run = self.session.vector_run(self.vector?, self.next);
            self.next += self.run.len() as u64;
        }
        let (element, rest) = self.run.split_first()?;
        self.run = rest;
        Some(Local::new(Value::from_word(*element)))
    }
}

impl Session<'_> {
    /// The elements of a vector in order; nothing if this is no vector.
    #[must_use]
    pub fn vector_elements<'a>(&'a self, vector: Local<'a>) -> VectorElements<'a> {
        VectorElements {
            session: self,
            vector: self.as_vector(vector),
            run: &[],
            next: 0,
        }
    }

    /// The empty vector.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn vector(&self) -> Result<Local<'_>, OutOfMemory> {
        let (local, payload) = self.make(Kind::Vector, 0, 1)?;
        payload[0] = Value::NIL.word();
        Ok(local)
    }

    /// Number of elements; none if this is no vector.
    #[inline]
    #[must_use]
    pub fn vector_len(&self, vector: Local<'_>) -> Option<u64> {
        Some(self.as_vector(vector)?.header.number())
    }

    /// The element at `index`, counted from 0; none if there is no such element or this is no
    /// vector.
    #[inline]
    #[must_use]
    pub fn vector_get<'a>(&'a self, vector: Local<'a>, index: u64) -> Option<Local<'a>> {
        let vector = self.as_vector(vector)?;
        let length = vector.header.number();
        if index >= length {
            return None;
        }
        let in_trie = in_trie(length);
        let value = if index >= in_trie {
            vector.value(1 + (index - in_trie) as usize)
        } else {
            let mut node = self.target(vector.value(0));
            for level in (1..=root_level(in_trie)).rev() {
                node = self.target(node.value(digit(index, level)));
            }
            node.value(digit(index, 0))
        };
        Some(Local::new(value))
    }

    /// The vector with one more element at its end.
    ///
    /// # Errors
    /// If there is no room for it, or if this is no vector.
    pub fn vector_push<'a>(
        &'a self,
        vector: Local<'a>,
        element: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let object = self.vector_object(vector)?;
        let length = object.header.number();
        if length + 1 == LIMIT {
            return Err(self.refuse("a longer vector", 8 * LIMIT).into());
        }
        let words = object.payload.len();
        if words <= WIDTH {
            let (local, payload) = self.make(Kind::Vector, length + 1, words + 1)?;
            payload[..words].copy_from_slice(object.payload);
            payload[words] = element.value.word();
            return Ok(local);
        }
        let (leaf, elements) = self.make(Kind::VectorLeaf, node_level(0, true), WIDTH)?;
        elements.copy_from_slice(&object.payload[1..]);
        let root = self.append_leaf(object.value(0), in_trie(length), leaf.value)?;
        let (local, payload) = self.make(Kind::Vector, length + 1, 2)?;
        payload[0] = root.word();
        payload[1] = element.value.word();
        Ok(local)
    }

    /// The vector with another element at `index`.
    ///
    /// # Errors
    /// If there is no room for it, if this is no vector, or if it has no such element.
    pub fn vector_set<'a>(
        &'a self,
        vector: Local<'a>,
        index: u64,
        element: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let object = self.vector_object(vector)?;
        let length = object.header.number();
        if index >= length {
            return Err(Refusal::OutOfRange { index, length });
        }
        let in_trie = in_trie(length);
        if index >= in_trie {
            let (local, payload) = self.copy(object)?;
            payload[1 + (index - in_trie) as usize] = element.value.word();
            return Ok(local);
        }
        let level = root_level(in_trie);
        let path = self.path(object.value(0), level, index);
        let mut changed = element.value;
        for level in 0..=level {
            let (node, payload) = self.copy(path[level as usize])?;
            payload[digit(index, level)] = changed.word();
            changed = node.value;
        }
        let (local, payload) = self.copy(object)?;
        payload[0] = changed.word();
        Ok(local)
    }

    /// The first `length` elements of the vector; the vector itself if it has no more.
    ///
    /// # Errors
    /// If there is no room for it, or if this is no vector.
    pub fn vector_truncate<'a>(
        &'a self,
        vector: Local<'a>,
        length: u64,
    ) -> Result<Local<'a>, Refusal> {
        let object = self.vector_object(vector)?;
        let old_length = object.header.number();
        if length >= old_length {
            return Ok(vector);
        }
        let (old_trie, new_trie) = (in_trie(old_length), in_trie(length));
        let tail = (length - new_trie) as usize;
        if old_trie == new_trie {
            let (local, payload) = self.make(Kind::Vector, length, 1 + tail)?;
            payload.copy_from_slice(&object.payload[..1 + tail]);
            return Ok(local);
        }
        let level = root_level(old_trie);
        let leaf = self.path(object.value(0), level, length.saturating_sub(1))[0];
        let root = self.cut(object.value(0), level, new_trie)?;
        let (local, payload) = self.make(Kind::Vector, length, 1 + tail)?;
        payload[0] = root.word();
        payload[1..].copy_from_slice(&leaf.payload[..tail]);
        Ok(local)
    }

    /// What [`Session::vector_push`], [`Session::vector_set`] and [`Session::vector_truncate`] can
    /// need at most, in bytes.
    #[must_use]
    pub const fn worst_case_vector_push() -> usize {
        // A vector object, a leaf, and a node on each level above it.
        (2 + TOP_LEVEL as usize) * size_of_object(1 + WIDTH)
    }

    /// The elements from `index` on that lie in one row with it; none beyond the end.
    pub(crate) fn vector_run<'a>(&'a self, vector: Object<'a>, index: u64) -> &'a [u64] {
        let length = vector.header.number();
        if index >= length {
            return &[];
        }
        let in_trie = in_trie(length);
        if index >= in_trie {
            return vector
                .payload
                .get(1 + (index - in_trie) as usize..)
                .unwrap_or_default();
        }
        let mut node = self.target(vector.value(0));
        for level in (1..=root_level(in_trie)).rev() {
            node = self.target(node.value(digit(index, level)));
        }
        node.payload.get(digit(index, 0)..).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn as_vector<'a>(&'a self, local: Local<'a>) -> Option<Object<'a>> {
        self.object(local.value)
            .filter(|object| object.header.is(Kind::Vector))
    }

    #[inline]
    fn vector_object<'a>(&'a self, local: Local<'a>) -> Result<Object<'a>, Refusal> {
        self.as_vector(local).ok_or(Refusal::WrongKind("a vector"))
    }

    /// The nodes from the leaf that holds `index` (first) to the root of level `level`.
    fn path(&self, root: Value, level: u32, index: u64) -> [Object<'_>; TOP_LEVEL as usize + 1] {
        let mut node = self.target(root);
        let mut path = [node; TOP_LEVEL as usize + 1];
        for level in (1..=level).rev() {
            path[level as usize] = node;
            node = self.target(node.value(digit(index, level)));
        }
        path[0] = node;
        path
    }

    /// The root of a trie with one more leaf, from that of one with `count` elements.
    fn append_leaf(&self, root: Value, count: u64, leaf: Value) -> Result<Value, OutOfMemory> {
        if count == 0 {
            return Ok(leaf);
        }
        let top = root_level(count);
        if count == capacity(top) {
            let chain = self.chain(top, leaf)?;
            return self.branch(top + 1, &[root.word()], chain);
        }
        // The new leaf hangs below the lowest node of the right edge that has room for a child.
        let path = self.path(root, top, count - 1);
        let mut level = 1;
        while count.is_multiple_of(capacity(level)) {
            level += 1;
        }
        let chain = self.chain(level - 1, leaf)?;
        let mut node = self.branch(level, path[level as usize].payload, chain)?;
        for level in level + 1..=top {
            let old = path[level as usize].payload;
            node = self.branch(level, &old[..old.len() - 1], node)?;
        }
        Ok(node)
    }

    /// The root of the first `count` elements of a trie whose root has level `level`.
    fn cut(&self, mut root: Value, level: u32, count: u64) -> Result<Value, OutOfMemory> {
        if count == 0 {
            return Ok(Value::NIL);
        }
        let top = root_level(count);
        for _ in top..level {
            root = self.target(root).value(0);
        }
        let path = self.path(root, top, count - 1);
        let mut node = root;
        let mut changed = false;
        for level in 1..=top {
            let old = path[level as usize];
            let last = digit(count - 1, level);
            let child = if changed { node } else { old.value(last) };
            changed |= last + 1 < old.payload.len();
            if changed {
                node = self.branch(level, &old.payload[..last], child)?;
            }
        }
        Ok(if changed { node } else { root })
    }

    /// A node of `level` with the children `first` and then `last`.
    fn branch(&self, level: u32, first: &[u64], last: Value) -> Result<Value, OutOfMemory> {
        let full = first.len() + 1 == WIDTH && self.target(last).header.number() & 1 != 0;
        let (node, payload) =
            self.make(Kind::VectorBranch, node_level(level, full), first.len() + 1)?;
        payload[..first.len()].copy_from_slice(first);
        payload[first.len()] = last.word();
        Ok(node.value)
    }

    /// A node of `level` above nothing but `leaf`.
    fn chain(&self, level: u32, leaf: Value) -> Result<Value, OutOfMemory> {
        (1..=level).try_fold(leaf, |node, level| self.branch(level, &[], node))
    }
}

/// How many of `length` elements are in the trie.
#[inline]
pub(crate) fn in_trie(length: u64) -> u64 {
    length.saturating_sub(1) & !(WIDTH as u64 - 1)
}

/// The level of the root of a trie with `count` elements, which are at least one.
#[inline]
pub(crate) fn root_level(count: u64) -> u32 {
    ((count - 1) | 1).ilog2() / BITS
}

/// How many elements a node of `level` can hold.
pub(crate) fn capacity(level: u32) -> u64 {
    1 << (BITS * (level + 1))
}

/// Which child of a node of `level` holds the element at `index`.
#[inline]
pub(crate) fn digit(index: u64, level: u32) -> usize {
    (index >> (BITS * level)) as usize & (WIDTH - 1)
}
