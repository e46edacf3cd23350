//! The persistent map: a compressed hash-array mapped prefix tree (CHAMP; Steindorfer, Vinju:
//! "Optimizing Hash-Array Mapped Tries", OOPSLA 2015).
//!
//! Keys are integers and bytes. A node holds its entries, then its children, each ordered by five
//! bits of the hash. An entry always lies as high as it can, entries with equal hashes in a
//! collision node ordered by key; so the shape, and the order in which a map is walked, depend on
//! the contents alone. The root node is the map object itself.

use crate::arena::OutOfMemory;
use crate::hash::{Key, hash};
use crate::object::{Kind, LIMIT, size_of_object};
use crate::session::{Local, Object, Refusal, Session, key_of};
use crate::value::Value;

const BITS: u32 = 5;
/// Levels of nodes that a 64-bit hash can tell apart; collision nodes are one level below.
pub(crate) const LEVELS: usize = 13;
/// Keys with the same hash for which [`Session::worst_case_map_insert`] has room.
const COLLIDING: usize = 16;

/// Where a walk through a map is, as plain data that may be kept across safepoints.
///
/// Five bits for each of the 13 levels say which entry or child of the node comes next, 32 bits above them
/// which entry of a collision node; the highest bit marks the end.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MapCursor {
    /// The cursor's words; any values are a cursor, though perhaps one that finds nothing.
    pub words: [u64; 2],
}

/// In the upper word of a cursor: the walk is over.
const END: u64 = 1 << 63;

/// A node on the way to a key, and which word of its payload leads on.
#[derive(Clone, Copy)]
struct Step<'a> {
    node: Object<'a>,
    child: usize,
}

/// What a removal leaves of a subtree.
enum Left {
    Node(Value),
    /// One entry, which moves up into the parent.
    Entry(Value, Value),
}

/// The bit maps of a node, and where things are in its payload.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) entries: u32,
    pub(crate) children: u32,
}

impl Shape {
    #[inline]
    pub(crate) fn of(node: Object<'_>) -> Shape {
        Shape {
            entries: node.payload[0] as u32,
            children: (node.payload[0] >> 32) as u32,
        }
    }

    fn word(self) -> u64 {
        u64::from(self.entries) | u64::from(self.children) << 32
    }

    /// Index of the first word of the entry for `bit`.
    #[inline]
    fn entry(self, bit: u32) -> usize {
        1 + 2 * (self.entries & (bit - 1)).count_ones() as usize
    }

    /// Index of the word of the child for `bit`.
    #[inline]
    fn child(self, bit: u32) -> usize {
        1 + 2 * self.entries.count_ones() as usize
            + (self.children & (bit - 1)).count_ones() as usize
    }

    /// Words of the payload.
    pub(crate) fn words(self) -> usize {
        1 + 2 * self.entries.count_ones() as usize + self.children.count_ones() as usize
    }
}

impl Session<'_> {
    /// The empty map.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn map(&self) -> Result<Local<'_>, OutOfMemory> {
        let (local, payload) = self.make(Kind::Map, 0, 1)?;
        payload[0] = 0;
        Ok(local)
    }

    /// Number of entries; none if this is no map.
    #[inline]
    #[must_use]
    pub fn map_len(&self, map: Local<'_>) -> Option<u64> {
        Some(self.as_map(map)?.header.number())
    }

    /// The value under `key`; none if there is none, if this is no map, or if `key` is of a kind
    /// that cannot be a key.
    #[inline]
    #[must_use]
    pub fn map_get<'a>(&'a self, map: Local<'a>, key: Local<'_>) -> Option<Local<'a>> {
        self.get_in(self.as_map(map)?, self.key(key.value)?)
            .map(Local::new)
    }

    /// The value under a key of bytes, as [`Session::map_get`], without making the key.
    #[must_use]
    pub fn map_get_bytes<'a>(&'a self, map: Local<'a>, key: &[u8]) -> Option<Local<'a>> {
        self.get_in(self.as_map(map)?, Key::Bytes(key))
            .map(Local::new)
    }

    /// The map with `value` under `key`. A key that was there already stays as it is.
    ///
    /// # Errors
    /// If there is no room for it, if this is no map, or if `key` is neither integer nor bytes.
    pub fn map_insert<'a>(
        &'a self,
        map: Local<'a>,
        key: Local<'a>,
        value: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.map_object(map)?;
        let sought = self
            .key(key.value)
            .ok_or(Refusal::WrongKind("a key: an integer or bytes"))?;
        let entry = [key.value.word(), value.value.word()];
        let hash = hash(sought);
        let count = root.header.number();
        if count + 1 == LIMIT {
            return Err(self.refuse("a larger map", 16 * LIMIT).into());
        }
        let (path, depth, node) = self.descend(root, hash);
        let changed = if node.header.is(Kind::MapCollision) {
            match self.search(node, sought) {
                Ok(at) => match self.replace(node, at + 1, entry[1])? {
                    Some(node) => (count, node),
                    None => return Ok(map),
                },
                Err(at) => {
                    let words = node.payload.len() + 2;
                    let (local, payload) = self.make(Kind::MapCollision, 0, words)?;
                    splice(payload, node.payload, at, 0, &entry);
                    (count + 1, local.value)
                }
            }
        } else {
            let bit = bit(hash, depth);
            let shape = Shape::of(node);
            let at = shape.entry(bit);
            if shape.entries & bit == 0 {
                let shape = Shape {
                    entries: shape.entries | bit,
                    ..shape
                };
                let (local, payload) = self.make_node(depth, count + 1, shape)?;
                splice(payload, node.payload, at, 0, &entry);
                payload[0] = shape.word();
                (count + 1, local.value)
            } else if self.is_key(node.value(at), sought) {
                match self.replace(node, at + 1, entry[1])? {
                    Some(node) => (count, node),
                    None => return Ok(map),
                }
            } else {
                let old = [node.payload[at], node.payload[at + 1]];
                let child = self.split(depth + 1, old, entry, hash)?;
                let shape = Shape {
                    entries: shape.entries & !bit,
                    children: shape.children | bit,
                };
                let (local, payload) = self.make_node(depth, count + 1, shape)?;
                let to = shape.child(bit);
                payload[0] = shape.word();
                payload[1..at].copy_from_slice(&node.payload[1..at]);
                payload[at..to].copy_from_slice(&node.payload[at + 2..to + 2]);
                payload[to] = child.word();
                payload[to + 1..].copy_from_slice(&node.payload[to + 2..]);
                (count + 1, local.value)
            }
        };
        let (count, node) = changed;
        Ok(Local::new(self.rebuild(&path[..depth], count, node)?))
    }

    /// The map without `key`; the map itself if the key is not there.
    ///
    /// # Errors
    /// If there is no room for it, or if this is no map.
    pub fn map_remove<'a>(&'a self, map: Local<'a>, key: Local<'_>) -> Result<Local<'a>, Refusal> {
        let root = self.map_object(map)?;
        let Some(sought) = self.key(key.value) else {
            return Ok(map);
        };
        let hash = hash(sought);
        let count = root.header.number().saturating_sub(1);
        let (path, depth, node) = self.descend(root, hash);
        let mut left = if node.header.is(Kind::MapCollision) {
            let Ok(at) = self.search(node, sought) else {
                return Ok(map);
            };
            if node.payload.len() == 4 {
                let other = 2 - at;
                Left::Entry(node.value(other), node.value(other + 1))
            } else {
                let (local, payload) = self.make(Kind::MapCollision, 0, node.payload.len() - 2)?;
                splice(payload, node.payload, at, 2, &[]);
                Left::Node(local.value)
            }
        } else {
            let bit = bit(hash, depth);
            let shape = Shape::of(node);
            let at = shape.entry(bit);
            if shape.entries & bit == 0 || !self.is_key(node.value(at), sought) {
                return Ok(map);
            }
            if depth > 0 && shape.children == 0 && node.payload.len() == 5 {
                let other = 4 - at;
                Left::Entry(node.value(other), node.value(other + 1))
            } else {
                let shape = Shape {
                    entries: shape.entries & !bit,
                    ..shape
                };
                let (local, payload) = self.make_node(depth, count, shape)?;
                splice(payload, node.payload, at, 2, &[]);
                payload[0] = shape.word();
                Left::Node(local.value)
            }
        };
        for depth in (0..depth).rev() {
            let Step { node, child } = path[depth];
            left = match left {
                Left::Node(new) => Left::Node(self.with_child(node, child, count, new)?),
                // Nothing but this entry would be left of the node: it moves up once more.
                Left::Entry(key, value) if depth > 0 && node.payload.len() == 2 => {
                    Left::Entry(key, value)
                }
                Left::Entry(key, value) => {
                    let bit = bit(hash, depth);
                    let shape = Shape::of(node);
                    let shape = Shape {
                        entries: shape.entries | bit,
                        children: shape.children & !bit,
                    };
                    let at = shape.entry(bit);
                    let (local, payload) = self.make_node(depth, count, shape)?;
                    payload[0] = shape.word();
                    payload[1..at].copy_from_slice(&node.payload[1..at]);
                    payload[at] = key.word();
                    payload[at + 1] = value.word();
                    payload[at + 2..child + 2].copy_from_slice(&node.payload[at..child]);
                    payload[child + 2..].copy_from_slice(&node.payload[child + 1..]);
                    Left::Node(local.value)
                }
            };
        }
        match left {
            Left::Node(root) => Ok(Local::new(root)),
            Left::Entry(..) => Ok(map),
        }
    }

    /// The next entry of a walk, and the cursor for the one after it; none at the end. A walk
    /// starts with [`MapCursor::default`] and visits every entry once, in an order that depends on
    /// the keys alone.
    #[must_use]
    pub fn map_next<'a>(
        &'a self,
        map: Local<'a>,
        cursor: MapCursor,
    ) -> Option<(Local<'a>, Local<'a>, MapCursor)> {
        let mut node = self.as_map(map)?;
        if cursor.words[1] & END != 0 {
            return None;
        }
        let mut position = u128::from(cursor.words[0]) | u128::from(cursor.words[1]) << 64;
        // At each level: how far to the right of the cursor there is something.
        let mut more = [false; LEVELS];
        let mut depth = 0;
        let at = loop {
            if node.header.is(Kind::MapCollision) {
                let index = (position >> (BITS as usize * LEVELS)) as u32 as usize;
                if 2 * index >= node.payload.len() {
                    return None;
                }
                if 2 * index + 2 < node.payload.len() {
                    position += 1 << (BITS as usize * LEVELS);
                    return Some(self.step(node, 2 * index, position));
                }
                position &= (1 << (BITS as usize * LEVELS)) - 1;
                break 2 * index;
            }
            let shape = Shape::of(node);
            let (entries, children) = (shape.entries.count_ones(), shape.children.count_ones());
            let index = (position >> (BITS * depth as u32)) as u32 & 31;
            if index >= entries + children {
                return None;
            }
            more[depth] = index + 1 < entries + children;
            depth += 1;
            if index < entries {
                break 1 + 2 * index as usize;
            }
            node = self.target(node.value((1 + entries + index) as usize));
        };
        // On to the next place: as deep as possible, and from the start below it.
        while depth > 0 && !more[depth - 1] {
            depth -= 1;
            position &= !(31 << (BITS * depth as u32));
        }
        let next = match depth {
            0 => u128::from(END) << 64,
            _ => position + (1 << (BITS * (depth as u32 - 1))),
        };
        Some(self.step(node, at, next))
    }

    /// What [`Session::map_insert`] and [`Session::map_remove`] can need at most, in bytes, unless
    /// more than 16 keys of the map have the same 64-bit hash. (Beyond that they may have to ask
    /// the arena, and can be refused.)
    #[must_use]
    pub const fn worst_case_map_insert() -> usize {
        LEVELS * size_of_object(1 + 2 * 32) + size_of_object(2 * COLLIDING)
    }

    fn step<'a>(
        &'a self,
        node: Object<'a>,
        at: usize,
        next: u128,
    ) -> (Local<'a>, Local<'a>, MapCursor) {
        let next = MapCursor {
            words: [next as u64, (next >> 64) as u64],
        };
        (
            Local::new(node.value(at)),
            Local::new(node.value(at + 1)),
            next,
        )
    }

    #[inline]
    fn as_map<'a>(&'a self, local: Local<'a>) -> Option<Object<'a>> {
        self.object(local.value)
            .filter(|object| object.header.is(Kind::Map))
    }

    fn map_object<'a>(&'a self, local: Local<'a>) -> Result<Object<'a>, Refusal> {
        self.as_map(local).ok_or(Refusal::WrongKind("a map"))
    }

    /// The value as a key, if its kind can be one.
    #[inline]
    pub(crate) fn key(&self, value: Value) -> Option<Key<'_>> {
        if let Some(integer) = value.as_inline_integer() {
            return Some(Key::Integer(integer));
        }
        key_of(self.object(value)?)
    }

    #[inline]
    fn is_key(&self, stored: Value, sought: Key<'_>) -> bool {
        self.key(stored) == Some(sought)
    }

    #[inline]
    fn get_in<'a>(&'a self, mut node: Object<'a>, sought: Key<'_>) -> Option<Value> {
        let mut hash = hash(sought);
        loop {
            let shape = Shape::of(node);
            let bit = 1 << (hash & 31);
            if shape.entries & bit != 0 {
                let at = shape.entry(bit);
                return self
                    .is_key(node.value(at), sought)
                    .then(|| node.value(at + 1));
            }
            if shape.children & bit == 0 {
                return None;
            }
            node = self.target(node.value(shape.child(bit)));
            if node.header.is(Kind::MapCollision) {
                return self.search(node, sought).ok().map(|at| node.value(at + 1));
            }
            hash >>= BITS;
        }
    }

    /// Follows `hash` down from `root` to the node where its entry is or would be. Returns the
    /// steps above that node, how many they are, and the node.
    fn descend<'a>(
        &'a self,
        root: Object<'a>,
        hash: u64,
    ) -> ([Step<'a>; LEVELS], usize, Object<'a>) {
        let mut path = [Step {
            node: root,
            child: 0,
        }; LEVELS];
        let mut node = root;
        let mut depth = 0;
        while !node.header.is(Kind::MapCollision) {
            let shape = Shape::of(node);
            let bit = bit(hash, depth);
            if shape.children & bit == 0 {
                break;
            }
            let child = shape.child(bit);
            path[depth] = Step { node, child };
            node = self.target(node.value(child));
            depth += 1;
        }
        (path, depth, node)
    }

    /// Index of the entry with the key `sought` in a collision node, or where it would go.
    fn search(&self, node: Object<'_>, sought: Key<'_>) -> Result<usize, usize> {
        for at in (0..node.payload.len()).step_by(2) {
            match self.key(node.value(at)).cmp(&Some(sought)) {
                core::cmp::Ordering::Less => {}
                core::cmp::Ordering::Equal => return Ok(at),
                core::cmp::Ordering::Greater => return Err(at),
            }
        }
        Err(node.payload.len())
    }

    /// A node of `depth`, at depth 0 the map itself.
    fn make_node(
        &self,
        depth: usize,
        count: u64,
        shape: Shape,
    ) -> Result<(Local<'_>, &mut [u64]), OutOfMemory> {
        let (kind, number) = if depth == 0 {
            (Kind::Map, count)
        } else {
            (Kind::MapNode, depth as u64)
        };
        self.make(kind, number, shape.words())
    }

    /// The node with another word at `at`; none if it is the same word.
    fn replace(
        &self,
        node: Object<'_>,
        at: usize,
        word: u64,
    ) -> Result<Option<Value>, OutOfMemory> {
        if node.payload[at] == word {
            return Ok(None);
        }
        let (local, payload) = self.copy(node)?;
        payload[at] = word;
        Ok(Some(local.value))
    }

    /// The node with another child; if it is the map, with `count` entries.
    fn with_child(
        &self,
        node: Object<'_>,
        child: usize,
        count: u64,
        new: Value,
    ) -> Result<Value, OutOfMemory> {
        let (local, payload) = if node.header.is(Kind::Map) {
            let made = self.make(Kind::Map, count, node.payload.len())?;
            made.1.copy_from_slice(node.payload);
            made
        } else {
            self.copy(node)?
        };
        payload[child] = new.word();
        Ok(local.value)
    }

    /// The map in which `node` has taken the place to which the steps lead.
    fn rebuild(&self, path: &[Step<'_>], count: u64, node: Value) -> Result<Value, OutOfMemory> {
        path.iter().rev().try_fold(node, |new, step| {
            self.with_child(step.node, step.child, count, new)
        })
    }

    /// A node of `depth` that holds two entries whose hashes agree above it.
    fn split(
        &self,
        depth: usize,
        old: [u64; 2],
        new: [u64; 2],
        new_hash: u64,
    ) -> Result<Value, OutOfMemory> {
        let old_key = self.key(Value::from_word(old[0]));
        let old_hash = old_key.map_or(0, hash);
        let mut parted = depth;
        while parted < LEVELS && bit(old_hash, parted) == bit(new_hash, parted) {
            parted += 1;
        }
        let (old_bit, new_bit) = (bit(old_hash, parted), bit(new_hash, parted));
        let old_first = if parted < LEVELS {
            old_bit < new_bit
        } else {
            old_key < self.key(Value::from_word(new[0]))
        };
        let (one, two) = if old_first { (old, new) } else { (new, old) };
        let (local, entries) = if parted < LEVELS {
            let shape = Shape {
                entries: old_bit | new_bit,
                children: 0,
            };
            let (local, payload) = self.make(Kind::MapNode, parted as u64, shape.words())?;
            payload[0] = shape.word();
            (local, &mut payload[1..])
        } else {
            self.make(Kind::MapCollision, 0, 4)?
        };
        entries[..2].copy_from_slice(&one);
        entries[2..].copy_from_slice(&two);
        (depth..parted).rev().try_fold(local.value, |child, depth| {
            let shape = Shape {
                entries: 0,
                children: bit(new_hash, depth),
            };
            let (local, payload) = self.make(Kind::MapNode, depth as u64, shape.words())?;
            payload.copy_from_slice(&[shape.word(), child.word()]);
            Ok(local.value)
        })
    }
}

/// The bit for `hash` in the bit maps of a node of `depth`.
#[inline]
fn bit(hash: u64, depth: usize) -> u32 {
    1 << (hash.checked_shr(BITS * depth as u32).unwrap_or(0) & 31)
}

/// Fills `to` with `from`, in which the `removed` words at `at` are replaced by `inserted`.
#[inline]
fn splice(to: &mut [u64], from: &[u64], at: usize, removed: usize, inserted: &[u64]) {
    let after = at + inserted.len();
    to[..at].copy_from_slice(&from[..at]);
    to[at..after].copy_from_slice(inserted);
    to[after..].copy_from_slice(&from[at + removed..]);
}
