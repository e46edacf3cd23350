//! Looking a key up in a map or a set, in steps of bounded length, whatever the key.
//!
//! Most keys are simple: then everything is done in one step. A compound key is hashed first, then
//! compared with the key that has the same hash, if there is one.

use core::cmp::Ordering;

use crate::arena::OutOfMemory;
use crate::compare::{Comparison, Question};
use crate::hashing::Hashing;
use crate::object::Kind;
use crate::session::{Local, Object, Refusal, Session};
use crate::simple::Seen;
use crate::trie::{Place, Sought, WordKey};
use crate::value::Value;

/// A search for a key that may be interrupted, as a [`Comparison`] may be. Whoever gives one up
/// before it is done ends it with [`Session::end_lookup`].
#[repr(C)]
#[derive(Debug, Default)]
pub struct Lookup {
    hashing: Hashing,
    comparison: Comparison,
    phase: u64,
    hash: u64,
    /// In a collision node, index of the entry that is being looked at.
    candidate: u64,
    /// Of the key beside the last one it was compared with: 0 equal, 1 less, 2 greater.
    order: u64,
}

/// No hash yet.
const BEGIN: u64 = 0;
/// The key has been hashed.
const HASHED: u64 = 1;
/// It is known whether the key is there, and where it is or would be.
const DONE: u64 = 2;

impl Lookup {
    /// A search that has not begun.
    #[must_use]
    pub const fn new() -> Lookup {
        Lookup {
            hashing: Hashing::new(),
            comparison: Comparison::new(),
            phase: BEGIN,
            hash: 0,
            candidate: 0,
            order: 1,
        }
    }

    fn resolved(&self) -> Resolved {
        Resolved {
            at: self.candidate as usize,
            order: match self.order {
                0 => Ordering::Equal,
                1 => Ordering::Less,
                _ => Ordering::Greater,
            },
        }
    }
}

/// The result of a finished lookup.
#[derive(Clone, Copy)]
struct Resolved {
    at: usize,
    order: Ordering,
}

impl Sought for Resolved {
    fn compare(self, _: &Session<'_>, _: Value) -> Ordering {
        self.order
    }

    fn search<const W: usize>(self, _: &Session<'_>, node: Object<'_>) -> Result<usize, usize> {
        let at = (W * self.at).min(node.payload.len());
        if self.order.is_eq() && at < node.payload.len() {
            Ok(at)
        } else {
            Err(at)
        }
    }
}

/// A key as it is stored: itself, or with its hash if that takes more than a step to find.
pub(crate) fn stored_form(
    session: &Session<'_>,
    key: Value,
    hash: u64,
) -> Result<Value, OutOfMemory> {
    if let Seen::Simple(_) = session.see(key) {
        return Ok(key);
    }
    let (local, payload) = session.make(Kind::Key, 0, 2)?;
    payload[0] = hash;
    payload[1] = key.word();
    Ok(local.value)
}

/// The root of a map or a set, with the words of an entry.
const MAP: usize = 2;
const SET: usize = 1;

impl Session<'_> {
    /// Goes on with looking `key` up in a map or a set, for at most `units` units of work, from
    /// which it takes what it did; says whether it is done. Map and key are the same at each step.
    ///
    /// # Errors
    /// If there is no room for scratch blocks (the search then begins anew), or if `collection` is
    /// neither map nor set.
    pub fn lookup_step(
        &self,
        lookup: &mut Lookup,
        collection: Local<'_>,
        key: Local<'_>,
        units: &mut u64,
    ) -> Result<bool, Refusal> {
        let root = self
            .object(collection.value)
            .filter(|object| object.header.is(Kind::Map) || object.header.is(Kind::Set))
            .ok_or(Refusal::WrongKind("a map or a set"))?;
        if lookup.phase == BEGIN {
            match self.hash_step(&mut lookup.hashing, key, units)? {
                Some(hash) => lookup.hash = hash,
                None => return Ok(false),
            }
            lookup.phase = HASHED;
        }
        if lookup.phase == HASHED {
            let done = if root.header.is(Kind::Map) {
                self.locate::<MAP>(lookup, root, key.value, units)?
            } else {
                self.locate::<SET>(lookup, root, key.value, units)?
            };
            if !done {
                return Ok(false);
            }
            lookup.phase = DONE;
        }
        Ok(true)
    }

    fn locate<const W: usize>(
        &self,
        lookup: &mut Lookup,
        root: Object<'_>,
        key: Value,
        units: &mut u64,
    ) -> Result<bool, OutOfMemory> {
        match self.place::<W>(root, lookup.hash) {
            Place::Nowhere => lookup.order = 1,
            Place::Entry(node, at) => {
                let stored = node.value(at);
                if self.stored_hash(stored) == lookup.hash {
                    return self.compare_stored(lookup, key, stored, units);
                }
                lookup.order = 1;
            }
            Place::Collision(node) => {
                while let Some(stored) = node.payload.get(W * lookup.candidate as usize) {
                    let stored = Value::from_word(*stored);
                    if !self.compare_stored(lookup, key, stored, units)? {
                        return Ok(false);
                    }
                    if lookup.order < 2 {
                        return Ok(true);
                    }
                    lookup.candidate += 1;
                }
            }
        }
        Ok(true)
    }

    fn compare_stored(
        &self,
        lookup: &mut Lookup,
        key: Value,
        stored: Value,
        units: &mut u64,
    ) -> Result<bool, OutOfMemory> {
        let comparison = &mut lookup.comparison;
        match self.compare_step(Question::WeakOrder, comparison, key, stored, units)? {
            Some(order) => {
                lookup.order = match order {
                    Ordering::Equal => 0,
                    Ordering::Less => 1,
                    Ordering::Greater => 2,
                };
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Gives a search up.
    pub fn end_lookup(&self, lookup: &mut Lookup) {
        self.end_hashing(&mut lookup.hashing);
        self.end_comparison(&mut lookup.comparison);
        *lookup = Lookup::new();
    }

    /// Looks a key up in as many steps as it takes.
    fn look_up(&self, collection: Local<'_>, key: Local<'_>) -> Result<Lookup, OutOfMemory> {
        let mut lookup = Lookup::new();
        loop {
            match self.lookup_step(&mut lookup, collection, key, &mut { u64::MAX }) {
                Ok(true) => return Ok(lookup),
                Err(Refusal::OutOfMemory(error)) => return Err(error),
                // The other refusals are about `collection`, which callers have looked at.
                Ok(false) | Err(_) => {}
            }
        }
    }

    /// The entry of a key that is looked up at once.
    pub(crate) fn find_key<'a, const W: usize>(
        &'a self,
        collection: Local<'a>,
        root: Object<'a>,
        key: Value,
    ) -> Result<Option<(Object<'a>, usize)>, OutOfMemory> {
        if let Some(hash) = self.hash_at_once(key) {
            return Ok(self.trie_find::<W>(root, hash, WordKey(key)));
        }
        let lookup = self.look_up(collection, Local::new(key))?;
        Ok(self.trie_find::<W>(root, lookup.hash, lookup.resolved()))
    }

    /// The collection with an entry, whose key is looked up at once; none if it is in it as it is.
    pub(crate) fn insert_key<const W: usize>(
        &self,
        collection: Local<'_>,
        root: Object<'_>,
        mut entry: [u64; W],
    ) -> Result<Option<Value>, OutOfMemory> {
        let key = Value::from_word(entry[0]);
        if let Some(hash) = self.hash_at_once(key) {
            return self.trie_insert::<W>(root, hash, WordKey(key), entry);
        }
        let lookup = self.look_up(collection, Local::new(key))?;
        entry[0] = stored_form(self, key, lookup.hash)?.word();
        self.trie_insert::<W>(root, lookup.hash, lookup.resolved(), entry)
    }

    /// The collection without a key, which is looked up at once; none if it is not in it.
    pub(crate) fn remove_key<const W: usize>(
        &self,
        collection: Local<'_>,
        root: Object<'_>,
        key: Value,
    ) -> Result<Option<Value>, OutOfMemory> {
        if let Some(hash) = self.hash_at_once(key) {
            return self.trie_remove::<W>(root, hash, WordKey(key));
        }
        let lookup = self.look_up(collection, Local::new(key))?;
        self.trie_remove::<W>(root, lookup.hash, lookup.resolved())
    }

    /// The entry that a finished search has found.
    pub(crate) fn found<'a, const W: usize>(
        &'a self,
        root: Object<'a>,
        lookup: &Lookup,
    ) -> Option<(Object<'a>, usize)> {
        if lookup.phase != DONE {
            return None;
        }
        self.trie_find::<W>(root, lookup.hash, lookup.resolved())
    }

    /// The collection with an entry at the place that a finished search has found.
    pub(crate) fn insert_found<const W: usize>(
        &self,
        root: Object<'_>,
        lookup: &Lookup,
        mut entry: [u64; W],
    ) -> Result<Option<Value>, OutOfMemory> {
        entry[0] = stored_form(self, Value::from_word(entry[0]), lookup.hash)?.word();
        self.trie_insert::<W>(root, lookup.hash, lookup.resolved(), entry)
    }

    /// The collection without the entry that a finished search has found.
    pub(crate) fn remove_found<const W: usize>(
        &self,
        root: Object<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Value>, OutOfMemory> {
        self.trie_remove::<W>(root, lookup.hash, lookup.resolved())
    }
}
