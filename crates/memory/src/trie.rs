//! The trie of maps and sets: a compressed hash-array mapped prefix tree (CHAMP; Steindorfer,
//! Vinju: "Optimizing Hash-Array Mapped Tries", OOPSLA 2015).
//!
//! A node holds its entries in order of five bits of the hash, from the uppermost bits down, and
//! from its end its children in the same order: so one count of bits leads to either. An entry always lies as high as it can, entries with equal hashes in a collision
//! node in order of key; so the shape, and the order in which a trie is walked, depend on the
//! contents alone. The root node is the map or set itself. An entry has `W` words: 2 in a map, 1 in
//! a set; the first is the key.
//!
//! A key that takes more than a step to hash is stored together with its hash, in an object of kind
//! [`Kind::Key`], so no operation on a trie has to hash a key that is in it.

use core::cmp::Ordering;

use crate::arena::OutOfMemory;
use crate::hash::NO_HASH;
use crate::object::{Kind, LIMIT, size_of_object};
use crate::session::{Object, Session, bytes_of};
use crate::simple::{Seen, Simple};
use crate::value::Value;

const BITS: u32 = 5;
/// Levels of nodes that a 64-bit hash can tell apart; collision nodes are one level below.
pub(crate) const LEVELS: usize = 13;
/// Keys with the same hash for which there is room in the worst case that is reserved.
const COLLIDING: usize = 16;
/// Most words of a node's payload.
const NODE_WORDS: usize = 1 + 2 * 32;

/// What an insertion or removal can need at most, in bytes, with up to [`COLLIDING`] equal hashes.
pub(crate) const WORST_CASE: usize =
    LEVELS * size_of_object(NODE_WORDS) + size_of_object(2 * COLLIDING) + size_of_object(2);

/// Where in the number of a node's header the number of its entries begins.
const ENTRIES_SHIFT: u32 = 8;

/// The level of a node, from the number in its header.
pub(crate) const fn level_of_node(number: u64) -> u64 {
    number & ((1 << ENTRIES_SHIFT) - 1)
}

/// The kinds of objects of a trie.
pub(crate) struct Kinds {
    pub(crate) root: Kind,
    pub(crate) node: Kind,
    pub(crate) collision: Kind,
}

/// The kinds for entries of `W` words.
pub(crate) const fn kinds<const W: usize>() -> Kinds {
    if W == 1 {
        Kinds {
            root: Kind::Set,
            node: Kind::SetNode,
            collision: Kind::SetCollision,
        }
    } else {
        Kinds {
            root: Kind::Map,
            node: Kind::MapNode,
            collision: Kind::MapCollision,
        }
    }
}

/// A key that is sought in a trie, after its hash has led to a place.
pub(crate) trait Sought: Copy {
    /// The key beside a stored one whose hash may be the same: equal if they are equal.
    fn compare(self, session: &Session<'_>, stored: Value) -> Ordering;

    /// Where the key is among the entries of a collision node, or else would be.
    fn search<const W: usize>(
        self,
        session: &Session<'_>,
        node: Object<'_>,
    ) -> Result<usize, usize>;
}

/// A sought key that is a value and can be compared in one step.
#[derive(Clone, Copy)]
pub(crate) struct WordKey(pub(crate) Value);

impl Sought for WordKey {
    #[inline]
    fn compare(self, session: &Session<'_>, stored: Value) -> Ordering {
        if stored == self.0 {
            return Ordering::Equal;
        }
        match session.see(self.0) {
            Seen::Simple(simple) => SimpleKey(simple).compare(session, stored),
            // Not simple, against what this is for: then nothing is equal to it.
            Seen::Compound(..) => Ordering::Greater,
        }
    }

    fn search<const W: usize>(
        self,
        session: &Session<'_>,
        node: Object<'_>,
    ) -> Result<usize, usize> {
        search::<W>(session, node, self)
    }
}

/// A sought key that can be compared in one step, and need not be a value.
#[derive(Clone, Copy)]
pub(crate) struct SimpleKey<'k>(pub(crate) Simple<'k>);

impl Sought for SimpleKey<'_> {
    fn compare(self, session: &Session<'_>, stored: Value) -> Ordering {
        match (session.see(stored), self.0) {
            (Seen::Simple(stored), sought) => sought.compare::<false>(stored),
            (Seen::Compound(_, object), Simple::Text(bytes)) if object.header.is(Kind::Text) => {
                bytes.cmp(bytes_of(object))
            }
            (Seen::Compound(_, object), Simple::Bytes(bytes)) if object.header.is(Kind::Bytes) => {
                bytes.cmp(bytes_of(object))
            }
            (Seen::Compound(rank, _), sought) => sought.rank().cmp(&rank),
        }
    }

    fn search<const W: usize>(
        self,
        session: &Session<'_>,
        node: Object<'_>,
    ) -> Result<usize, usize> {
        search::<W>(session, node, self)
    }
}

fn search<const W: usize>(
    session: &Session<'_>,
    node: Object<'_>,
    sought: impl Sought,
) -> Result<usize, usize> {
    for at in (0..node.payload.len()).step_by(W) {
        match sought.compare(session, node.value(at)) {
            Ordering::Greater => {}
            Ordering::Equal => return Ok(at),
            Ordering::Less => return Err(at),
        }
    }
    Err(node.payload.len())
}

/// A node on the way to a key, and which word of its payload leads on.
#[derive(Clone, Copy)]
struct Step<'a> {
    node: Object<'a>,
    child: usize,
}

/// What a removal leaves of a subtree.
enum Left<const W: usize> {
    Node(Value),
    /// One entry, which moves up into the parent.
    Entry([u64; W]),
}

/// The bit maps of a node, and where things are in its payload.
#[derive(Clone, Copy)]
pub(crate) struct Shape<const W: usize> {
    pub(crate) entries: u32,
    pub(crate) children: u32,
}

impl<const W: usize> Shape<W> {
    #[inline]
    pub(crate) fn of(node: Object<'_>) -> Shape<W> {
        Shape {
            entries: node.payload[0] as u32,
            children: (node.payload[0] >> 32) as u32,
        }
    }

    #[inline]
    pub(crate) fn word(self) -> u64 {
        u64::from(self.entries) | u64::from(self.children) << 32
    }

    /// Index of the first word of the entry for `bit`.
    #[inline]
    fn entry(self, bit: u32) -> usize {
        1 + W * (self.entries & (bit - 1)).count_ones() as usize
    }

    /// Index of the first word of the children.
    #[inline]
    pub(crate) fn first_child(self) -> usize {
        1 + W * self.entries.count_ones() as usize
    }

    /// Index of the word of the child for `bit` in a payload of so many words.
    #[inline]
    fn child(self, bit: u32, words: usize) -> usize {
        words - 1 - (self.children & (bit - 1)).count_ones() as usize
    }

    /// Words of the payload.
    #[inline]
    pub(crate) fn words(self) -> usize {
        self.first_child() + self.children.count_ones() as usize
    }

    /// The number in the header of a node of `depth` other than the root: besides its level, how
    /// many entries it has, which spares walks a count.
    #[inline]
    pub(crate) fn node_number(self, depth: usize) -> u64 {
        depth as u64 | u64::from(self.entries.count_ones()) << ENTRIES_SHIFT
    }
}

/// Where a sought key is or would be.
pub(crate) enum Place<'a> {
    /// No entry has a hash that begins like this.
    Nowhere,
    /// The one entry whose hash begins like this is at this index of this node.
    Entry(Object<'a>, usize),
    /// The entries with this very hash.
    Collision(Object<'a>),
}

impl Session<'_> {
    /// Where an entry with this hash is, if it is in the trie.
    #[inline]
    pub(crate) fn place<'a, const W: usize>(
        &'a self,
        mut node: Object<'a>,
        mut hash: u64,
    ) -> Place<'a> {
        loop {
            let shape = Shape::<W>::of(node);
            let bit = 1 << (hash >> 59);
            if shape.entries & bit != 0 {
                return Place::Entry(node, shape.entry(bit));
            }
            if shape.children & bit == 0 {
                return Place::Nowhere;
            }
            // SAFETY: the bit is set, so the payload has a word for the child.
            let child = unsafe { node.word_at(shape.child(bit, node.payload.len())) };
            node = self.target(Value::from_word(child));
            if node.header.is(const { kinds::<W>().collision }) {
                return Place::Collision(node);
            }
            hash <<= BITS;
        }
    }

    /// The node and index of the entry of a key with this hash.
    #[inline]
    pub(crate) fn trie_find<'a, const W: usize>(
        &'a self,
        root: Object<'a>,
        hash: u64,
        sought: impl Sought,
    ) -> Option<(Object<'a>, usize)> {
        match self.place::<W>(root, hash) {
            Place::Entry(node, at) if sought.compare(self, node.value(at)).is_eq() => {
                Some((node, at))
            }
            Place::Collision(node) => {
                let at = sought.search::<W>(self, node).ok()?;
                Some((node, at))
            }
            _ => None,
        }
    }

    /// The trie with an entry; none if it is in it as it is. A key that was there already stays.
    pub(crate) fn trie_insert<const W: usize>(
        &self,
        root: Object<'_>,
        hash: u64,
        sought: impl Sought,
        entry: [u64; W],
    ) -> Result<Option<Value>, OutOfMemory> {
        let count = root.header.number();
        if count + 1 == LIMIT {
            return Err(self.refuse("a larger map or set", 8 * W as u64 * LIMIT));
        }
        let (path, depth, node) = self.descend::<W>(root, hash);
        let (count, node) = if node.header.is(kinds::<W>().collision) {
            match sought.search::<W>(self, node) {
                Ok(at) => match self.replace::<W>(node, at, entry)? {
                    Some(node) => (count, node),
                    None => return Ok(None),
                },
                Err(at) => {
                    let words = node.payload.len() + W;
                    let (local, payload) = self.make(kinds::<W>().collision, 0, words)?;
                    splice(payload, node.payload, at, 0, &entry);
                    (count + 1, local.value)
                }
            }
        } else {
            let bit = bit(hash, depth);
            let shape = Shape::<W>::of(node);
            let at = shape.entry(bit);
            if shape.entries & bit == 0 {
                let shape = Shape {
                    entries: shape.entries | bit,
                    ..shape
                };
                let (local, payload) = self.make_node::<W>(depth, count + 1, shape)?;
                splice(payload, node.payload, at, 0, &entry);
                payload[0] = shape.word();
                (count + 1, local.value)
            } else {
                let order = sought.compare(self, node.value(at));
                if order.is_eq() {
                    match self.replace::<W>(node, at, entry)? {
                        Some(node) => (count, node),
                        None => return Ok(None),
                    }
                } else {
                    let mut old = [0; W];
                    old.copy_from_slice(&node.payload[at..at + W]);
                    let child = self.split::<W>(depth + 1, old, entry, hash, order)?;
                    let shape = Shape {
                        entries: shape.entries & !bit,
                        children: shape.children | bit,
                    };
                    let (local, payload) = self.make_node::<W>(depth, count + 1, shape)?;
                    let to = shape.child(bit, payload.len());
                    payload[0] = shape.word();
                    payload[1..at].copy_from_slice(&node.payload[1..at]);
                    payload[at..to].copy_from_slice(&node.payload[at + W..to + W]);
                    payload[to] = child.word();
                    payload[to + 1..].copy_from_slice(&node.payload[to + W..]);
                    (count + 1, local.value)
                }
            }
        };
        self.rebuild::<W>(&path[..depth], count, node).map(Some)
    }

    /// The trie without a key; none if the key is not in it.
    pub(crate) fn trie_remove<const W: usize>(
        &self,
        root: Object<'_>,
        hash: u64,
        sought: impl Sought,
    ) -> Result<Option<Value>, OutOfMemory> {
        let count = root.header.number().saturating_sub(1);
        let (path, depth, node) = self.descend::<W>(root, hash);
        let mut left: Left<W> = if node.header.is(kinds::<W>().collision) {
            let Ok(at) = sought.search::<W>(self, node) else {
                return Ok(None);
            };
            if node.payload.len() == 2 * W {
                Left::Entry(entry_at::<W>(node, W - at))
            } else {
                let words = node.payload.len() - W;
                let (local, payload) = self.make(kinds::<W>().collision, 0, words)?;
                splice(payload, node.payload, at, W, &[]);
                Left::Node(local.value)
            }
        } else {
            let bit = bit(hash, depth);
            let shape = Shape::<W>::of(node);
            let at = shape.entry(bit);
            if shape.entries & bit == 0 || sought.compare(self, node.value(at)).is_ne() {
                return Ok(None);
            }
            if depth > 0 && shape.children == 0 && node.payload.len() == 1 + 2 * W {
                Left::Entry(entry_at::<W>(node, 2 + W - at))
            } else {
                let shape = Shape {
                    entries: shape.entries & !bit,
                    ..shape
                };
                let (local, payload) = self.make_node::<W>(depth, count, shape)?;
                splice(payload, node.payload, at, W, &[]);
                payload[0] = shape.word();
                Left::Node(local.value)
            }
        };
        for depth in (0..depth).rev() {
            let Step { node, child } = path[depth];
            left = match left {
                Left::Node(new) => Left::Node(self.with_child::<W>(node, child, count, new)?),
                // Nothing but this entry would be left of the node: it moves up once more.
                Left::Entry(entry) if depth > 0 && node.payload.len() == 2 => Left::Entry(entry),
                Left::Entry(entry) => {
                    let bit = bit(hash, depth);
                    let shape = Shape::<W>::of(node);
                    let shape = Shape {
                        entries: shape.entries | bit,
                        children: shape.children & !bit,
                    };
                    let at = shape.entry(bit);
                    let (local, payload) = self.make_node::<W>(depth, count, shape)?;
                    payload[0] = shape.word();
                    payload[1..at].copy_from_slice(&node.payload[1..at]);
                    payload[at..at + W].copy_from_slice(&entry);
                    payload[at + W..child + W].copy_from_slice(&node.payload[at..child]);
                    payload[child + W..].copy_from_slice(&node.payload[child + 1..]);
                    Left::Node(local.value)
                }
            };
        }
        match left {
            Left::Node(root) => Ok(Some(root)),
            // A root is never replaced by an entry.
            Left::Entry(_) => Ok(None),
        }
    }

    /// The hash of a key in a trie: at hand, or found in one step.
    pub(crate) fn stored_hash(&self, stored: Value) -> u64 {
        self.hash_at_once(stored).unwrap_or(NO_HASH - 1)
    }

    /// Follows `hash` down from `root` to the node where its entry is or would be. Returns the
    /// steps above that node, how many they are, and the node.
    #[inline]
    fn descend<'a, const W: usize>(
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
        while !node.header.is(const { kinds::<W>().collision }) {
            let shape = Shape::<W>::of(node);
            let bit = bit(hash, depth);
            if shape.children & bit == 0 {
                break;
            }
            let child = shape.child(bit, node.payload.len());
            path[depth] = Step { node, child };
            node = self.target(node.value(child));
            depth += 1;
        }
        (path, depth, node)
    }

    /// A node of `depth`, at depth 0 the map or set itself.
    pub(crate) fn make_node<const W: usize>(
        &self,
        depth: usize,
        count: u64,
        shape: Shape<W>,
    ) -> Result<(crate::Local<'_>, &mut [u64]), OutOfMemory> {
        let (kind, number) = if depth == 0 {
            (kinds::<W>().root, count)
        } else {
            (kinds::<W>().node, shape.node_number(depth))
        };
        self.make(kind, number, shape.words())
    }

    /// The node with all but the key of the entry at `at` replaced; none if nothing changes.
    fn replace<const W: usize>(
        &self,
        node: Object<'_>,
        at: usize,
        entry: [u64; W],
    ) -> Result<Option<Value>, OutOfMemory> {
        if node.payload[at + 1..at + W] == entry[1..] {
            return Ok(None);
        }
        let (local, payload) = self.copy(node)?;
        payload[at + 1..at + W].copy_from_slice(&entry[1..]);
        Ok(Some(local.value))
    }

    /// The node with another child; if it is the root, with `count` entries.
    #[inline]
    fn with_child<const W: usize>(
        &self,
        node: Object<'_>,
        child: usize,
        count: u64,
        new: Value,
    ) -> Result<Value, OutOfMemory> {
        let (local, payload) = if node.header.is(const { kinds::<W>().root }) {
            let made = self.make(kinds::<W>().root, count, node.payload.len())?;
            made.1.copy_from_slice(node.payload);
            made
        } else {
            self.copy(node)?
        };
        payload[child] = new.word();
        Ok(local.value)
    }

    /// The root in which `node` has taken the place to which the steps lead.
    fn rebuild<const W: usize>(
        &self,
        path: &[Step<'_>],
        count: u64,
        node: Value,
    ) -> Result<Value, OutOfMemory> {
        path.iter().rev().try_fold(node, |new, step| {
            self.with_child::<W>(step.node, step.child, count, new)
        })
    }

    /// A node of `depth` that holds two entries whose hashes agree above it; `order` is that of the
    /// new key beside the old.
    fn split<const W: usize>(
        &self,
        depth: usize,
        old: [u64; W],
        new: [u64; W],
        new_hash: u64,
        order: Ordering,
    ) -> Result<Value, OutOfMemory> {
        let old_hash = self.stored_hash(Value::from_word(old[0]));
        let mut parted = depth;
        while parted < LEVELS && bit(old_hash, parted) == bit(new_hash, parted) {
            parted += 1;
        }
        let (old_bit, new_bit) = (bit(old_hash, parted), bit(new_hash, parted));
        let old_first = if parted < LEVELS {
            old_bit < new_bit
        } else {
            order.is_gt()
        };
        let (one, two) = if old_first { (old, new) } else { (new, old) };
        let (local, entries) = if parted < LEVELS {
            let shape = Shape::<W> {
                entries: old_bit | new_bit,
                children: 0,
            };
            let number = shape.node_number(parted);
            let (local, payload) = self.make(kinds::<W>().node, number, shape.words())?;
            payload[0] = shape.word();
            (local, &mut payload[1..])
        } else {
            self.make(kinds::<W>().collision, 0, 2 * W)?
        };
        entries[..W].copy_from_slice(&one);
        entries[W..].copy_from_slice(&two);
        (depth..parted).rev().try_fold(local.value, |child, depth| {
            let shape = Shape::<W> {
                entries: 0,
                children: bit(new_hash, depth),
            };
            let (local, payload) = self.make_node::<W>(depth, 0, shape)?;
            payload.copy_from_slice(&[shape.word(), child.word()]);
            Ok(local.value)
        })
    }
}

/// The bit for `hash` in the bit maps of a node of `depth`.
#[inline]
pub(crate) fn bit(hash: u64, depth: usize) -> u32 {
    1 << (hash.checked_shl(BITS * depth as u32).unwrap_or(0) >> 59)
}

/// The entry at `at` of a node.
fn entry_at<const W: usize>(node: Object<'_>, at: usize) -> [u64; W] {
    let mut entry = [0; W];
    entry.copy_from_slice(&node.payload[at..at + W]);
    entry
}

/// Fills `to` with `from`, in which the `removed` words at `at` are replaced by `inserted`.
#[inline]
fn splice(to: &mut [u64], from: &[u64], at: usize, removed: usize, inserted: &[u64]) {
    let after = at + inserted.len();
    to[..at].copy_from_slice(&from[..at]);
    to[at..after].copy_from_slice(inserted);
    to[after..].copy_from_slice(&from[at + removed..]);
}

/// Where a walk through a map or a set is, as plain data that may be kept across safepoints.
///
/// Five bits for each of the 13 levels say which entry or child of the node comes next, 32 bits
/// above them which entry of a collision node; the highest bit marks the end.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrieCursor {
    /// The cursor's words; any values are a cursor, though perhaps one that finds nothing.
    pub words: [u64; 2],
}

/// In the upper word of a cursor: the walk is over.
const END: u64 = 1 << 63;

impl Session<'_> {
    /// The node and index of the entry at a cursor, and the cursor of the one after it.
    pub(crate) fn trie_next<'a, const W: usize>(
        &'a self,
        root: Object<'a>,
        cursor: TrieCursor,
    ) -> Option<(Object<'a>, usize, TrieCursor)> {
        if cursor.words[1] & END != 0 {
            return None;
        }
        let mut node = root;
        let mut position = u128::from(cursor.words[0]) | u128::from(cursor.words[1]) << 64;
        // At each level: whether to the right of the cursor there is something.
        let mut more = [false; LEVELS];
        let mut depth = 0;
        let at = loop {
            if node.header.is(const { kinds::<W>().collision }) {
                let index = (position >> (BITS as usize * LEVELS)) as u32 as usize;
                if W * index >= node.payload.len() {
                    return None;
                }
                if W * index + W < node.payload.len() {
                    position += 1 << (BITS as usize * LEVELS);
                    return Some((node, W * index, at_position(position)));
                }
                position &= (1 << (BITS as usize * LEVELS)) - 1;
                break W * index;
            }
            let shape = Shape::<W>::of(node);
            let (entries, children) = (shape.entries.count_ones(), shape.children.count_ones());
            let index = (position >> (BITS * depth as u32)) as u32 & 31;
            if index >= entries + children {
                return None;
            }
            more[depth] = index + 1 < entries + children;
            depth += 1;
            if index < entries {
                break 1 + W * index as usize;
            }
            let child = node.payload.len() - 1 - (index - entries) as usize;
            node = self.target(node.value(child));
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
        Some((node, at, at_position(next)))
    }
}

fn at_position(position: u128) -> TrieCursor {
    TrieCursor {
        words: [position as u64, (position >> 64) as u64],
    }
}

/// A walk through a trie up to the next safepoint: faster than a cursor.
#[derive(Clone)]
pub(crate) struct Walk<'a, const W: usize> {
    session: &'a Session<'a>,
    /// What is left of the entries of a node.
    entries: &'a [u64],
    /// What is left of the children of the nodes on the way.
    children: [&'a [u64]; LEVELS + 1],
    depth: usize,
}

impl<'a, const W: usize> Walk<'a, W> {
    pub(crate) fn new(session: &'a Session<'_>, root: Option<Object<'a>>) -> Walk<'a, W> {
        let mut walk = Walk {
            session,
            entries: &[],
            children: [&[]; LEVELS + 1],
            depth: 0,
        };
        if let Some(root) = root {
            walk.enter(root);
        }
        walk
    }

    #[inline]
    fn enter(&mut self, node: Object<'a>) {
        if node.header.is(const { kinds::<W>().collision }) {
            self.entries = node.payload;
            return;
        }
        let entries = if node.header.is(const { kinds::<W>().root }) {
            Shape::<W>::of(node).first_child()
        } else {
            1 + W * (node.header.number() >> ENTRIES_SHIFT) as usize
        };
        let (entries, children) = node.payload.split_at(entries);
        self.entries = &entries[1..];
        if !children.is_empty() {
            self.children[self.depth] = children;
            self.depth += 1;
        }
    }
}

impl<'a, const W: usize> Iterator for Walk<'a, W> {
    type Item = &'a [u64; W];

    #[inline]
    fn next(&mut self) -> Option<&'a [u64; W]> {
        loop {
            if let Some((entry, rest)) = self.entries.split_first_chunk::<W>() {
                self.entries = rest;
                return Some(entry);
            }
            let top = self.depth.checked_sub(1)?;
            let (child, rest) = self.children[top].split_last()?;
            self.children[top] = rest;
            if rest.is_empty() {
                self.depth = top;
            }
            self.enter(self.session.target(Value::from_word(*child)));
        }
    }

    /// Node by node, which is faster than entry by entry.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, start: B, mut f: F) -> B {
        let mut all = start;
        loop {
            for entry in self.entries.as_chunks::<W>().0 {
                all = f(all, entry);
            }
            self.entries = &[];
            let Some(top) = self.depth.checked_sub(1) else {
                return all;
            };
            let Some((child, rest)) = self.children[top].split_last() else {
                return all;
            };
            self.children[top] = rest;
            if rest.is_empty() {
                self.depth = top;
            }
            self.enter(self.session.target(Value::from_word(*child)));
        }
    }
}
