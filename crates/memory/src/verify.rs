//! Verification: that the words of a heap are a heap, whatever bytes they are.
//!
//! One pass from the oldest object to the youngest. The bit of an object in its chunk's bit map is
//! set once the object has been checked, and a reference must lead to a set bit; so every reference
//! leads to the start of a sound, older object, and there are no cycles. What is checked of each
//! object is what the code of this crate relies on. Whether a map's entries lie where the hashes of
//! their keys say is not: a map in which they do not answers wrongly, but harms nobody.

use core::cell::Cell;
use core::fmt;

use crate::arena::{Arena, Core};
use crate::heap::{
    CHUNK_WORDS, Chain, FIRST_CHUNK, Heap, LARGEST_CHUNK, first_object, marks_words,
};
use crate::object::{Header, Kind, node_level, relaxed_children};
use crate::root::Roots;
use crate::rrb::{TOP_LEVEL, WIDTH, capacity, children_of, level_of};
use crate::scratch;
use crate::session::{Object, bytes_of};
use crate::simple::SIMPLE_BYTES;
use crate::tree::{self, Node};
use crate::trie::{LEVELS, Shape, kinds, level_of_node};
use crate::value::{INLINE_INTEGERS, Value};
use crate::vector::in_trie;

/// What is wrong with a heap, and where in the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeapError {
    /// Bytes from the base of the arena; 0 if the heap's own words are wrong.
    pub at: u64,
    /// What is wrong there.
    pub reason: &'static str,
}

impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "heap, arena offset {:#x}: {}", self.at, self.reason)
    }
}

impl core::error::Error for HeapError {}

impl Heap {
    /// Checks the heap, every object in it, and the roots.
    ///
    /// # Errors
    /// Says what is wrong and where, whatever the bytes.
    pub fn verify<R: Roots + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        roots: &R,
    ) -> Result<(), HeapError> {
        self.check(&mut arena.core, tree::SEALED, roots)
    }

    /// Verifies a heap from a loaded image and takes possession of its chunks, once: a second heap
    /// that claims one of them is refused.
    ///
    /// # Errors
    /// As [`Heap::verify`], also if somebody has taken possession of one of the chunks. Nothing is
    /// taken possession of then.
    pub fn adopt<R: Roots + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        roots: &R,
    ) -> Result<(), HeapError> {
        self.check(&mut arena.core, tree::UNCLAIMED, roots)
    }

    fn check<R: Roots + ?Sized>(
        &self,
        core: &mut Core,
        state: u8,
        roots: &R,
    ) -> Result<(), HeapError> {
        let chains = [
            (&self.old, tree::CHECKING_OLD),
            (&self.nursery, tree::CHECKING),
        ];
        let mut taken = [0; 2];
        let mut scratch_taken = 0;
        let mut result = self.check_words();
        for ((chain, checking), taken) in chains.into_iter().zip(&mut taken) {
            result = result.and_then(|()| take_chunks(chain, core, state, checking, taken));
        }
        result =
            result.and_then(|()| take_scratch(core, self.scratch.get(), state, &mut scratch_taken));
        for (chain, _) in chains {
            result = result.and_then(|()| check_objects(chain, core));
        }
        let held = self.scratch_held.get();
        result = result.and_then(|()| check_scratch(core, self.scratch.get(), scratch_taken, held));
        result = result.and_then(|()| check_roots(core, roots));
        let lists = chains
            .into_iter()
            .zip(taken)
            .map(|((chain, _), taken)| (chain.first.get(), taken))
            .chain([(self.scratch.get(), scratch_taken)]);
        for (mut at, taken) in lists {
            for _ in 0..taken {
                if let Some(node) = core.find(at) {
                    at = core.words(node)[0];
                    core.set_state(node, if result.is_ok() { tree::SEALED } else { state });
                }
            }
        }
        result
    }

    fn check_words(&self) -> Result<(), HeapError> {
        let next_size = self.next_size.get();
        if !next_size.is_power_of_two() || !(FIRST_CHUNK..=LARGEST_CHUNK).contains(&next_size) {
            return Err(HeapError {
                at: 0,
                reason: "the size of the next chunk is none that a heap has",
            });
        }
        if self.live.get() > self.old.used() {
            return Err(HeapError {
                at: 0,
                reason: "more was alive once than there is",
            });
        }
        Ok(())
    }
}

/// Checks the chunks of a chain, clears their bit maps, and sets the state of each from `state` to
/// `checking`; counts in `taken` for how many it did.
fn take_chunks(
    chain: &Chain,
    core: &mut Core,
    state: u8,
    checking: u8,
    taken: &mut u64,
) -> Result<(), HeapError> {
    if chain.first.get() == 0 && !chain.is_empty() {
        return Err(HeapError {
            at: 0,
            reason: "a chain without chunks is not empty",
        });
    }
    let mut older = 0;
    let mut at = chain.first.get();
    let (mut closed, mut held) = (0, 0);
    while at != 0 {
        let error = |reason| Err(HeapError { at, reason });
        let node = core
            .find(at)
            .filter(|node| node.state == state && node.block().offset == at);
        let Some(node) = node.filter(|node| node.block().size >= FIRST_CHUNK) else {
            return error("no chunk of this heap begins here");
        };
        let size = node.block().size;
        let words = core.words(node);
        let next = words[0];
        let end = if next == 0 {
            chain.bump.get()
        } else {
            words[2]
        };
        if words[1] != older || words[3] != size {
            return error("the header of the chunk does not fit its place");
        }
        let objects = first_object(at, size);
        if !end.is_multiple_of(8) || end < objects || end > at + size {
            return error("the objects do not end inside the chunk");
        }
        core.words_mut(node)[CHUNK_WORDS as usize..][..marks_words(size) as usize].fill(0);
        core.set_state(node, checking);
        *taken += 1;
        held += size;
        if next == 0 {
            let found = [at, at + size, u64::from(node.order), closed, *taken, held];
            let Chain {
                last,
                limit,
                order,
                closed,
                chunks,
                held,
                ..
            } = chain;
            if found != [last, limit, order, closed, chunks, held].map(Cell::get) {
                return error("the chain of chunks does not end as the heap says");
            }
        }
        closed += end - objects;
        older = at;
        at = next;
    }
    Ok(())
}

/// Checks the headers of the scratch blocks, and sets the state of each from `state` to one in
/// which it is nobody else's; counts in `taken` for how many it did.
fn take_scratch(core: &mut Core, mut at: u64, state: u8, taken: &mut u64) -> Result<(), HeapError> {
    let mut before = 0;
    while at != 0 {
        let error = |reason| Err(HeapError { at, reason });
        let node = core
            .find(at)
            .filter(|node| node.state == state && node.block().offset == at);
        let Some(node) = node else {
            return error("no scratch block of this heap begins here");
        };
        let [next, previous, size, raw, count] = match core.words(node).first_chunk() {
            Some(header) => *header,
            None => return error("a scratch block is too small"),
        };
        let room = node.block().size / 8 - scratch::HEADER as u64;
        if previous != before || size != node.block().size {
            return error("the header of the scratch block does not fit its place");
        }
        if raw > room || count > room - raw {
            return error("the scratch block holds more than there is room for");
        }
        core.set_state(node, tree::CHECKING_SCRATCH);
        *taken += 1;
        before = at;
        at = next;
    }
    Ok(())
}

/// Checks the values in the first `taken` scratch blocks, which take `held` bytes.
fn check_scratch(core: &Core, mut at: u64, taken: u64, held: u64) -> Result<(), HeapError> {
    let mut found = 0;
    let mut checker = Checker {
        core,
        last_found: None,
    };
    for _ in 0..taken {
        let Some(node) = core.find(at) else { break };
        let words = core.words(node);
        found += words[2];
        let first = scratch::HEADER + words[3] as usize;
        for word in &words[first..first + words[4] as usize] {
            let value = Value::from_word(*word);
            let checked = match value {
                Value::HOLE => Ok(()),
                _ if value.is_reference() => checker.target(value).map(|_| ()),
                _ => checker.value(value),
            };
            checked.map_err(|reason| HeapError { at, reason })?;
        }
        at = words[0];
    }
    if found != held {
        return Err(HeapError {
            at: 0,
            reason: "the scratch blocks do not take what the heap says",
        });
    }
    Ok(())
}

/// Checks the objects of a chain, all of whose chunks have been taken.
fn check_objects(chain: &Chain, core: &mut Core) -> Result<(), HeapError> {
    let mut last_found = None;
    let mut chunk = chain.first.get();
    for _ in 0..chain.chunks.get() {
        let Some(node) = core.find(chunk) else { break };
        let words = core.words(node);
        let next = words[0];
        let end = (if next == 0 {
            chain.bump.get()
        } else {
            words[2]
        } - chunk) as usize
            / 8;
        let mut index = (first_object(0, node.block().size) / 8) as usize;
        while index < end {
            let at = chunk + 8 * index as u64;
            let error = |reason| HeapError { at, reason };
            let words = core.words(node);
            let header = Header::from_word(words[index]);
            let kind = header
                .kind()
                .ok_or(error("this is not the header of an object"))?;
            let Some(payload) = words[..end].get(index + 1..index + 1 + header.words()) else {
                return Err(error("the object is longer than its chunk is filled"));
            };
            let mut checker = Checker { core, last_found };
            checker
                .check(kind, Object { header, payload })
                .map_err(error)?;
            last_found = checker.last_found;
            core.words_mut(node)[CHUNK_WORDS as usize + index / 64] |= 1 << (index % 64);
            index += 1 + header.words();
        }
        chunk = next;
    }
    Ok(())
}

fn check_roots<R: Roots + ?Sized>(core: &Core, roots: &R) -> Result<(), HeapError> {
    let mut checker = Checker {
        core,
        last_found: None,
    };
    let mut result = Ok(());
    roots.each(&mut |root| {
        if let (Ok(()), Err(reason)) = (result, checker.value(root.0)) {
            result = Err(HeapError {
                at: root.0.offset(),
                reason,
            });
        }
    });
    result
}

/// Looks up what references lead to, and checks objects one by one.
struct Checker<'c> {
    core: &'c Core,
    /// The chunk found last: references often lead to the same one.
    last_found: Option<Node>,
}

type Check = Result<(), &'static str>;

impl<'c> Checker<'c> {
    fn check(&mut self, kind: Kind, object: Object<'_>) -> Check {
        match kind {
            Kind::Integer => check_integer(object),
            Kind::Bytes => check_bytes(object),
            Kind::Record => self.record(object),
            Kind::Vector => self.vector(object),
            Kind::VectorLeaf => self.leaf(object),
            Kind::VectorBranch => self.branch(object),
            Kind::VectorRelaxed => self.relaxed(object),
            Kind::Map => self.trie::<2>(object),
            Kind::MapNode => self.trie_node::<2>(object),
            Kind::MapCollision => self.collision::<2>(object),
            Kind::Float => check_float(object),
            Kind::Text => check_text(object),
            Kind::Set => self.trie::<1>(object),
            Kind::SetNode => self.trie_node::<1>(object),
            Kind::SetCollision => self.collision::<1>(object),
            Kind::Key => self.stored_key(object),
        }
    }

    /// The object that a reference leads to, if it has been checked already.
    fn target(&mut self, value: Value) -> Result<Object<'c>, &'static str> {
        if !value.is_well_formed() || !value.is_reference() {
            return Err("a word here is not a reference");
        }
        let chunk = value.chunk();
        let node = match self.last_found {
            Some(node) if node.block().offset == chunk => node,
            _ => self
                .core
                .find(chunk)
                .ok_or("a reference leads out of the heap")?,
        };
        let checking = if value.is_old() {
            tree::CHECKING_OLD
        } else {
            tree::CHECKING
        };
        if node.state != checking || node.block().offset != chunk || node.order != value.order() {
            return Err("a reference leads out of the heap");
        }
        self.last_found = Some(node);
        let words = self.core.words(node);
        let index = ((value.offset() - chunk) / 8) as usize;
        if words[CHUNK_WORDS as usize + index / 64] >> (index % 64) & 1 == 0 {
            return Err("a reference does not lead to an older object");
        }
        let header = Header::from_word(words[index]);
        if value.is_stored_key() != header.is(Kind::Key) {
            return Err("a reference does not tell rightly whether it leads to a stored key");
        }
        Ok(Object {
            header,
            payload: &words[index + 1..index + 1 + header.words()],
        })
    }

    /// A word that a program may hold.
    fn value(&mut self, value: Value) -> Check {
        if !value.is_well_formed() {
            return Err("a word here is not a value");
        }
        if value.is_reference() {
            match self.target(value)?.header.kind() {
                Some(
                    Kind::Integer
                    | Kind::Float
                    | Kind::Text
                    | Kind::Bytes
                    | Kind::Record
                    | Kind::Vector
                    | Kind::Set
                    | Kind::Map,
                ) => {}
                _ => return Err("a value is a part of a collection"),
            }
        }
        Ok(())
    }

    fn values(&mut self, words: &[u64]) -> Check {
        words
            .iter()
            .try_for_each(|word| self.value(Value::from_word(*word)))
    }

    /// A key as it is stored: a simple value, or an object of kind [`Kind::Key`].
    fn key(&mut self, value: Value) -> Check {
        if !value.is_reference() {
            return self.value(value);
        }
        let object = self.target(value)?;
        match object.header.kind() {
            Some(Kind::Key | Kind::Integer | Kind::Float) => Ok(()),
            Some(Kind::Text | Kind::Bytes) if object.payload.len() <= SIMPLE_BYTES / 8 => Ok(()),
            _ => Err("a key that takes long to hash is stored without its hash"),
        }
    }

    fn stored_key(&mut self, object: Object<'_>) -> Check {
        if object.payload.len() != 2 || object.header.number() != 0 {
            return Err("a stored key does not have its two words");
        }
        let key = object.value(1);
        if !key.is_reference() {
            return Err("a key that needs no hash is stored with one");
        }
        self.value(key)
    }

    fn record(&mut self, object: Object<'_>) -> Check {
        if object.header.number() > u64::from(u16::MAX) {
            return Err("a record's type has more than 16 bits");
        }
        self.values(object.payload)
    }

    fn vector(&mut self, object: Object<'_>) -> Check {
        let Some(tail) = object
            .payload
            .len()
            .checked_sub(1)
            .filter(|tail| *tail <= WIDTH)
        else {
            return Err("a vector has no root, or too long a tail");
        };
        let length = object.header.number();
        if length < tail as u64 || (tail == 0 && length > 0) {
            return Err("a vector's tail does not fit its length");
        }
        self.values(&object.payload[1..])?;
        let count = in_trie(object);
        if count == 0 {
            return if object.value(0) == Value::NIL {
                Ok(())
            } else {
                Err("a short vector has a trie")
            };
        }
        if self.node_size(object.value(0))? == count {
            Ok(())
        } else {
            Err("a vector's trie does not have the elements its length asks for")
        }
    }

    fn leaf(&mut self, object: Object<'_>) -> Check {
        let length = object.payload.len();
        if length == 0 || length > WIDTH || object.header.number() != node_level(0, length == WIDTH)
        {
            return Err("a vector's leaf is empty, too long, or does not say whether it is full");
        }
        self.values(object.payload)
    }

    fn branch(&mut self, object: Object<'_>) -> Check {
        let level = branch_level(object)?;
        let Some((last, rest)) = object.payload.split_last() else {
            return Err("a vector's node is empty");
        };
        if rest.len() >= WIDTH {
            return Err("a vector's node is too wide");
        }
        for child in rest {
            if !self.child_of(*child, level)?.1 {
                return Err("a vector's node has a gap");
            }
        }
        let (child, full) = self.child_of(*last, level)?;
        if child.header.is(Kind::VectorRelaxed) {
            return Err("a vector's regular node has a relaxed one below");
        }
        if object.header.number() != node_level(level, full && rest.len() + 1 == WIDTH) {
            return Err("a vector's node does not say whether it is full");
        }
        Ok(())
    }

    fn relaxed(&mut self, object: Object<'_>) -> Check {
        let level = branch_level(object)?;
        let words = object.payload.len();
        let count = relaxed_children(words);
        if count == 0 || count > WIDTH || words != count + count.div_ceil(2) {
            return Err("a vector's node is empty or too wide");
        }
        if object.header.number() != node_level(level, false) {
            return Err("a vector's relaxed node says it is full");
        }
        let mut sum = 0;
        for (index, child) in children_of(object).iter().enumerate() {
            self.child_of(*child, level)?;
            sum += self.node_size(Value::from_word(*child))?;
            if object.payload[index / 2] >> (32 * (index % 2)) & 0xFFFF_FFFF != sum {
                return Err("a vector's node does not have the sizes it says");
            }
        }
        if !count.is_multiple_of(2) && object.payload[count / 2] >> 32 != 0 {
            return Err("the padding of a vector's sizes is not zero");
        }
        Ok(())
    }

    /// A child of a node of `level`, and whether it is full.
    fn child_of(&mut self, child: u64, level: u32) -> Result<(Object<'c>, bool), &'static str> {
        let child = self.target(Value::from_word(child))?;
        let fits = match child.header.kind() {
            Some(Kind::VectorLeaf) => level == 1,
            Some(Kind::VectorBranch | Kind::VectorRelaxed) => level_of(child) + 1 == level,
            _ => false,
        };
        if fits {
            Ok((child, child.header.number() & 1 != 0))
        } else {
            Err("a vector's node has a child of another level")
        }
    }

    /// How many elements the node of a vector has, all of which has been checked.
    fn node_size(&mut self, node: Value) -> Result<u64, &'static str> {
        let mut size = 0;
        let mut node = self.target(node)?;
        loop {
            let words = node.payload.len();
            match node.header.kind() {
                Some(Kind::VectorLeaf) => return Ok(size + words as u64),
                Some(Kind::VectorRelaxed) => {
                    let last = relaxed_children(words) - 1;
                    let sizes = node.payload[last / 2] >> (32 * (last % 2));
                    return Ok(size + (sizes & 0xFFFF_FFFF));
                }
                Some(Kind::VectorBranch) => {
                    size += (words as u64 - 1) * capacity(level_of(node) - 1);
                    node = self.target(node.value(words - 1))?;
                }
                _ => return Err("a vector's trie is no node of a vector"),
            }
        }
    }

    fn trie<const W: usize>(&mut self, object: Object<'_>) -> Check {
        let shape = self.node::<W>(object, 0)?;
        let entries = u64::from(shape.entries.count_ones());
        let count = object.header.number();
        if count < entries || (shape.children == 0 && count != entries) {
            return Err("a map or set does not have the entries it counts");
        }
        Ok(())
    }

    fn trie_node<const W: usize>(&mut self, object: Object<'_>) -> Check {
        let level = level_of_node(object.header.number());
        if level == 0 || level >= LEVELS as u64 {
            return Err("a node of a map or set is too deep");
        }
        let shape = self.node::<W>(object, level)?;
        if object.header.number() != shape.node_number(level as usize) {
            return Err("a node of a map or set does not have the entries it counts");
        }
        if shape.words() == 1 || (shape.children == 0 && shape.words() == 1 + W) {
            return Err("a node of a map or set has fewer than two entries");
        }
        Ok(())
    }

    /// The entries and children of a root or of a node of `level`.
    fn node<const W: usize>(
        &mut self,
        object: Object<'_>,
        level: u64,
    ) -> Result<Shape<W>, &'static str> {
        if object.payload.is_empty() {
            return Err("a node of a map or set has no bit maps");
        }
        let shape = Shape::<W>::of(object);
        if shape.words() != object.payload.len() || shape.entries & shape.children != 0 {
            return Err("a node of a map or set does not fit its bit maps");
        }
        let (entries, children) = object.payload.split_at(shape.first_child());
        self.entries::<W>(&entries[1..])?;
        for child in children {
            let child = self.target(Value::from_word(*child))?;
            let fits = if level + 1 == LEVELS as u64 {
                child.header.is(kinds::<W>().collision)
            } else {
                child.header.is(kinds::<W>().node)
                    && level_of_node(child.header.number()) == level + 1
            };
            if !fits {
                return Err("a node of a map or set has a child of another level");
            }
        }
        Ok(shape)
    }

    fn entries<const W: usize>(&mut self, words: &[u64]) -> Check {
        words.chunks_exact(W).try_for_each(|entry| {
            self.key(Value::from_word(entry[0]))?;
            self.values(&entry[1..])
        })
    }

    fn collision<const W: usize>(&mut self, object: Object<'_>) -> Check {
        if object.header.number() != 0
            || object.payload.len() < 2 * W
            || !object.payload.len().is_multiple_of(W)
        {
            return Err("a collision node has fewer than two entries");
        }
        self.entries::<W>(object.payload)
    }
}

/// The level of a node of a vector that is no leaf.
fn branch_level(object: Object<'_>) -> Result<u32, &'static str> {
    let level = level_of(object);
    if level == 0 || level > TOP_LEVEL {
        return Err("a vector's node is too high");
    }
    Ok(level)
}

fn check_float(object: Object<'_>) -> Check {
    match object.payload {
        [bits] if Value::inline_float(*bits).is_none() && object.header.number() == 0 => Ok(()),
        _ => Err("a boxed float that would fit without a box"),
    }
}

fn check_text(object: Object<'_>) -> Check {
    check_bytes(object)?;
    match core::str::from_utf8(bytes_of(object)) {
        Ok(_) => Ok(()),
        Err(_) => Err("text that is not UTF-8"),
    }
}

fn check_integer(object: Object<'_>) -> Check {
    match object.payload {
        [word] if !INLINE_INTEGERS.contains(&(*word as i64)) && object.header.number() == 0 => {
            Ok(())
        }
        _ => Err("a boxed integer that would fit without a box"),
    }
}

fn check_bytes(object: Object<'_>) -> Check {
    let padding = object.header.number();
    let last = object.payload.last().copied().unwrap_or(0);
    let kept = if padding == 0 {
        u64::MAX
    } else {
        u64::MAX.checked_shr(8 * padding as u32).unwrap_or(0)
    };
    if padding > 7 || (padding > 0 && object.payload.is_empty()) || last & !kept != 0 {
        return Err("the padding of bytes is not zero");
    }
    Ok(())
}
