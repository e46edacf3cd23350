//! What is checked of each object: all that the code of this crate relies on.

use crate::arena::Core;
use crate::object::{Header, Kind, node_level, relaxed_children};
use crate::rrb::{TOP_LEVEL, WIDTH, capacity, children_of, level_of};
use crate::session::{Object, bytes_of};
use crate::simple::SIMPLE_BYTES;
use crate::space::place_of;
use crate::tree::Node;
use crate::trie::{LEVELS, Shape, kinds, level_of_node};
use crate::value::{INLINE_INTEGERS, Value};
use crate::vector::in_trie;
use crate::verify::atoms;
use crate::verify::chunks::{OWNER, SEALED_WORD, checking, is_checked};

/// Looks up what references lead to, and checks objects one by one.
pub(super) struct Checker<'c> {
    core: &'c Core,
    /// Who may refer to what is not sealed: the heap whose chunks have this number, or anybody.
    owner: Option<u64>,
    /// The chunk found last: references often lead to the same one.
    last_found: Option<Node>,
}

pub(super) type Check = Result<(), &'static str>;

impl<'c> Checker<'c> {
    /// Checks what belongs to the heap with this number, or to anybody; `last_found` is a guess.
    pub(super) fn new(core: &'c Core, owner: Option<u64>, last_found: Option<Node>) -> Self {
        Checker {
            core,
            owner,
            last_found,
        }
    }

    /// The chunk that was found last.
    pub(super) fn last_found(&self) -> Option<Node> {
        self.last_found
    }

    /// Checks an object all of whose references lead to objects that have been checked.
    pub(super) fn check(&mut self, kind: Kind, object: Object<'_>) -> Check {
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

    /// The chunk that a reference leads to, and the index of a word in it.
    pub(super) fn place(&mut self, value: Value) -> Result<(Node, usize), &'static str> {
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
        let checking = value.residence().map(checking);
        if Some(node.state) != checking
            || node.block().offset != chunk
            || node.order != value.order()
        {
            return Err("a reference leads out of the heap");
        }
        self.last_found = Some(node);
        Ok((node, ((value.offset() - chunk) / 8) as usize))
    }

    /// The object that a reference leads to, if it has been checked already.
    pub(super) fn target(&mut self, value: Value) -> Result<Object<'c>, &'static str> {
        let (node, index) = self.place(value)?;
        let words = self.core.words(node);
        if !is_checked(words, index) {
            return Err("a reference does not lead to an older object");
        }
        if value.offset() >= words[SEALED_WORD]
            && self.owner.is_some_and(|owner| owner != words[OWNER])
        {
            return Err("a reference leads to what another heap has not shared");
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
    pub(super) fn value(&mut self, value: Value) -> Check {
        if !value.is_well_formed() {
            return Err("a word here is not a value");
        }
        if let Some((at, generation)) = place_of(value)
            && !atoms::is_atom(self.core, at, generation)
        {
            return Err("a name of an atom that is none");
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
