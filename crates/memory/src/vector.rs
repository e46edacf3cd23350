//! The persistent vector: a radix-balanced trie of 32-way nodes, and a tail.
//!
//! The last 1 to 32 elements lie in the vector object itself, so a push mostly copies one small
//! object and a vector of up to 32 elements is one object; the others are in the leaves of a trie.
//! A vector that was only pushed to has full leaves, and an index alone leads to an element. After a
//! concatenation or a slice, nodes may have children of any size and then carry their sizes (Bagwell,
//! Rompf: "RRB-Trees: Efficient Immutable Vectors", 2011; Stucki, Rompf, Ureche, Bagwell: "RRB
//! Vector", ICFP 2015): [`rrb`](crate::rrb). The shape can be seen by nobody.

use crate::arena::OutOfMemory;
use crate::object::{Kind, LIMIT, node_level, size_of_object};
use crate::rrb::{BITS, Row, TOP_LEVEL, WIDTH, child_at, level_of};
use crate::session::{Local, Object, Refusal, Session};
use crate::value::Value;

/// The elements of a vector, from both ends, up to the next safepoint.
#[derive(Clone)]
pub struct VectorElements<'a> {
    session: &'a Session<'a>,
    vector: Option<Object<'a>>,
    /// Elements that lie in one row and come next from the front.
    front: &'a [u64],
    /// Elements that lie in one row and come next from the back.
    back: &'a [u64],
    /// Indexes of the elements between them.
    rest: core::ops::Range<u64>,
}

impl<'a> Iterator for VectorElements<'a> {
    type Item = Local<'a>;

    #[inline]
    fn next(&mut self) -> Option<Local<'a>> {
        if self.front.is_empty() && !self.fetch_front() {
            let (element, back) = self.back.split_first()?;
            self.back = back;
            return Some(Local::new(Value::from_word(*element)));
        }
        let (element, front) = self.front.split_first()?;
        self.front = front;
        Some(Local::new(Value::from_word(*element)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest = self.rest.end - self.rest.start;
        let length = self.front.len() + self.back.len() + rest as usize;
        (length, Some(length))
    }
}

impl DoubleEndedIterator for VectorElements<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.back.is_empty() && !self.fetch_back() {
            let (element, front) = self.front.split_last()?;
            self.front = front;
            return Some(Local::new(Value::from_word(*element)));
        }
        let (element, back) = self.back.split_last()?;
        self.back = back;
        Some(Local::new(Value::from_word(*element)))
    }
}

impl ExactSizeIterator for VectorElements<'_> {}

impl VectorElements<'_> {
    fn fetch_front(&mut self) -> bool {
        let Some(vector) = self.vector.filter(|_| !self.rest.is_empty()) else {
            return false;
        };
        let run = self.session.vector_run(vector, self.rest.start);
        let most = (self.rest.end - self.rest.start) as usize;
        self.front = &run[..run.len().min(most)];
        self.rest.start += self.front.len() as u64;
        !self.front.is_empty()
    }

    fn fetch_back(&mut self) -> bool {
        let Some(vector) = self.vector.filter(|_| !self.rest.is_empty()) else {
            return false;
        };
        let (leaf, at) = self.session.vector_leaf(vector, self.rest.end - 1);
        let most = (self.rest.end - self.rest.start) as usize;
        let run = leaf.get(..=at).unwrap_or_default();
        self.back = &run[run.len() - run.len().min(most)..];
        self.rest.end -= self.back.len() as u64;
        !self.back.is_empty()
    }
}

impl Session<'_> {
    /// The empty vector.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn vector(&self) -> Result<Local<'_>, OutOfMemory> {
        self.make_vector(Value::NIL, 0, &[])
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
        let in_trie = in_trie(vector);
        if index >= in_trie {
            let word = vector.payload.get((index - in_trie) as usize + 1)?;
            return Some(Local::new(Value::from_word(*word)));
        }
        let root = vector.value(0);
        let mut node = self.target(root);
        if node.header.is(Kind::VectorRelaxed) {
            return self.get_relaxed(root, index);
        }
        // The digits of the index, the next one uppermost.
        let mut level = level_of(node);
        let mut digits = index << (64 - BITS - BITS * level);
        if level == 1 {
            // As in the loop below, for the most common height.
            // SAFETY: as below.
            let word = unsafe { node.word_at((digits >> (64 - BITS)) as usize) };
            let leaf = self.target(Value::from_word(word));
            // SAFETY: as below.
            let word = unsafe { leaf.word_at(index as usize & (WIDTH - 1)) };
            return Some(Local::new(Value::from_word(word)));
        }
        loop {
            // SAFETY: in a regular trie with more than `index` elements each digit of `index` is
            // that of a child or an element there is; so tries are built, and so they are verified.
            let word = unsafe { node.word_at((digits >> (64 - BITS)) as usize) };
            if level == 0 {
                return Some(Local::new(Value::from_word(word)));
            }
            node = self.target(Value::from_word(word));
            digits <<= BITS;
            level -= 1;
        }
    }

    /// The elements of a vector in order; nothing if this is no vector.
    #[must_use]
    pub fn vector_elements<'a>(&'a self, vector: Local<'a>) -> VectorElements<'a> {
        let vector = self.as_vector(vector);
        VectorElements {
            session: self,
            vector,
            front: &[],
            back: &[],
            rest: 0..vector.map_or(0, |vector| vector.header.number()),
        }
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
        let leaf = self.make_leaf(&object.payload[1..])?;
        let root = self.append_leaf(object.value(0), leaf)?;
        Ok(self.make_vector(root, length, &[element.value.word()])?)
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
        let in_trie = in_trie(object);
        if index >= in_trie {
            let (local, payload) = self.copy(object)?;
            payload[1 + (index - in_trie) as usize] = element.value.word();
            return Ok(local);
        }
        // The nodes on the way, and which word of each leads on.
        let mut path = [(object, 0); TOP_LEVEL as usize + 2];
        let mut depth = 0;
        let mut node = self.target(object.value(0));
        let mut index = index;
        while level_of(node) > 0 && depth < TOP_LEVEL as usize {
            let (word, below) = child_at(node, index);
            depth += 1;
            path[depth] = (node, word);
            node = self.target(node.value(word));
            index = below;
        }
        let (leaf, payload) = self.copy(node)?;
        payload[index as usize] = element.value.word();
        let mut changed = leaf.value;
        for (node, word) in path[..=depth].iter().rev() {
            let (node, payload) = self.copy(*node)?;
            payload[*word] = changed.word();
            changed = node.value;
        }
        Ok(Local::new(changed))
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
        let in_trie = in_trie(object);
        if length >= object.header.number() {
            return Ok(vector);
        }
        if length == 0 {
            return Ok(self.vector()?);
        }
        if length > in_trie {
            let tail = &object.payload[1..=(length - in_trie) as usize];
            return Ok(self.make_vector(object.value(0), in_trie, tail)?);
        }
        let (leaf, last) = self.find_leaf(self.target(object.value(0)), length - 1);
        let tail = leaf.get(..=last).unwrap_or_default();
        let count = length - tail.len() as u64;
        let root = self.keep_first(object.value(0), count)?;
        Ok(self.make_vector(root, count, tail)?)
    }

    /// The elements of the vector from index `from` up to, not including, index `to`.
    ///
    /// # Errors
    /// If there is no room for it, if this is no vector, or if it has no such range.
    pub fn vector_slice<'a>(
        &'a self,
        vector: Local<'a>,
        from: u64,
        to: u64,
    ) -> Result<Local<'a>, Refusal> {
        let length = self.vector_object(vector)?.header.number();
        if to > length || from > to {
            let index = if to > length { to } else { from };
            return Err(Refusal::OutOfRange { index, length });
        }
        if from == to {
            return Ok(self.vector()?);
        }
        let shorter = self.vector_truncate(vector, to)?;
        if from == 0 {
            return Ok(shorter);
        }
        let object = self.vector_object(shorter)?;
        let in_trie = in_trie(object);
        if from >= in_trie {
            let tail = &object.payload[1 + (from - in_trie) as usize..];
            return Ok(self.make_vector(Value::NIL, 0, tail)?);
        }
        let root = self.drop_first(object.value(0), from)?;
        Ok(self.make_vector(root, in_trie - from, &object.payload[1..])?)
    }

    /// The elements of `first`, then those of `second`.
    ///
    /// # Errors
    /// If there is no room for them, or if one is no vector.
    pub fn vector_concat<'a>(
        &'a self,
        first: Local<'a>,
        second: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let (a, b) = (self.vector_object(first)?, self.vector_object(second)?);
        let (a_length, b_length) = (a.header.number(), b.header.number());
        if a_length == 0 {
            return Ok(second);
        }
        if b_length == 0 {
            return Ok(first);
        }
        if a_length + b_length >= LIMIT {
            let bytes = 8 * (a_length + b_length);
            return Err(self.refuse("a longer vector", bytes).into());
        }
        let (a_tail, b_tail) = (&a.payload[1..], &b.payload[1..]);
        if in_trie(b) > 0 {
            let leaf = self.make_leaf(a_tail)?;
            let left = self.append_leaf(a.value(0), leaf)?;
            let root = self.join(left, b.value(0))?;
            return Ok(self.make_vector(root, a_length + in_trie(b), b_tail)?);
        }
        let mut both = [0; 2 * WIDTH];
        let length = a_tail.len() + b_tail.len();
        both[..a_tail.len()].copy_from_slice(a_tail);
        both[a_tail.len()..length].copy_from_slice(b_tail);
        if length <= WIDTH {
            return Ok(self.make_vector(a.value(0), in_trie(a), &both[..length])?);
        }
        let leaf = self.make_leaf(&both[..WIDTH])?;
        let root = self.append_leaf(a.value(0), leaf)?;
        Ok(self.make_vector(root, in_trie(a) + WIDTH as u64, &both[WIDTH..length])?)
    }

    /// What [`Session::vector_push`], [`Session::vector_set`] and [`Session::vector_truncate`] can
    /// need at most, in bytes.
    #[must_use]
    pub const fn worst_case_vector_push() -> usize {
        // A vector object, a leaf, and a node with its sizes on each level.
        2 * size_of_object(1 + WIDTH) + TOP_LEVEL as usize * size_of_object(WIDTH + WIDTH / 2)
    }

    /// What [`Session::vector_slice`] can need at most, in bytes.
    #[must_use]
    pub const fn worst_case_vector_slice() -> usize {
        2 * Session::worst_case_vector_push()
    }

    /// What [`Session::vector_concat`] can need at most, in bytes; it mostly needs less than
    /// [`Session::worst_case_vector_push`].
    #[must_use]
    pub const fn worst_case_vector_concat() -> usize {
        Session::worst_case_vector_push()
            + (TOP_LEVEL as usize + 1) * Row::MOST * size_of_object(WIDTH + WIDTH / 2)
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

    /// A vector of a trie with `count` elements and a tail.
    pub(crate) fn make_vector(
        &self,
        root: Value,
        count: u64,
        tail: &[u64],
    ) -> Result<Local<'_>, OutOfMemory> {
        let length = count + tail.len() as u64;
        let (local, payload) = self.make(Kind::Vector, length, 1 + tail.len())?;
        payload[0] = root.word();
        payload[1..].copy_from_slice(tail);
        Ok(local)
    }

    /// A leaf with these elements.
    pub(crate) fn make_leaf(&self, elements: &[u64]) -> Result<Value, OutOfMemory> {
        let number = node_level(0, elements.len() == WIDTH);
        let (leaf, payload) = self.make(Kind::VectorLeaf, number, elements.len())?;
        payload.copy_from_slice(elements);
        Ok(leaf.value)
    }

    /// The elements from `index` on that lie in one row with it; none beyond the end.
    pub(crate) fn vector_run<'a>(&'a self, vector: Object<'a>, index: u64) -> &'a [u64] {
        let (leaf, at) = self.vector_leaf(vector, index);
        leaf.get(at..).unwrap_or_default()
    }

    /// The row of elements that holds the one at `index`, and where in it that is.
    fn vector_leaf<'a>(&'a self, vector: Object<'a>, index: u64) -> (&'a [u64], usize) {
        let in_trie = in_trie(vector);
        if index >= in_trie {
            let tail = vector.payload.get(1..).unwrap_or_default();
            return (tail, (index - in_trie) as usize);
        }
        self.find_leaf(self.target(vector.value(0)), index)
    }

    /// An element of the trie of a vector, whatever its nodes are like.
    #[cold]
    #[inline(never)]
    fn get_relaxed(&self, root: Value, index: u64) -> Option<Local<'_>> {
        let (leaf, at) = self.find_leaf(self.target(root), index);
        leaf.get(at).map(|word| Local::new(Value::from_word(*word)))
    }

    /// The leaf below `node` that holds the element at `index` of the node, and where in it that is.
    pub(crate) fn find_leaf<'a>(
        &'a self,
        mut node: Object<'a>,
        mut index: u64,
    ) -> (&'a [u64], usize) {
        while level_of(node) > 0 {
            let (word, below) = child_at(node, index);
            node = self.target(node.value(word));
            index = below;
        }
        (node.payload, index as usize)
    }
}

/// How many elements of a vector are in its trie.
#[inline]
pub(crate) fn in_trie(vector: Object<'_>) -> u64 {
    vector.header.number() + 1 - vector.payload.len() as u64
}
