//! The persistent map, from any value to any value: a [trie](crate::trie) with entries of two words.
//!
//! Keys are governed by [equality](Session::equal): 1 and 1.0 are one key, and the key that was
//! there first stays.

use crate::arena::OutOfMemory;
use crate::hash;
use crate::lookup::Lookup;
use crate::object::Kind;
use crate::session::{Local, Object, Refusal, Session};
use crate::simple::{SIMPLE_BYTES, Simple};
use crate::trie::{Place, SimpleKey, Sought, TrieCursor, WORST_CASE, Walk, WordKey};
use crate::value::Value;

const W: usize = 2;

/// The entries of a map, up to the next safepoint.
#[derive(Clone)]
pub struct MapEntries<'a> {
    session: &'a Session<'a>,
    walk: Walk<'a, W>,
}

impl<'a> Iterator for MapEntries<'a> {
    /// Key and value.
    type Item = (Local<'a>, Local<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let [key, value] = self.walk.next()?;
        let key = self.session.key_of(Value::from_word(*key));
        Some((key, Local::new(Value::from_word(*value))))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, start: B, mut f: F) -> B {
        let session = self.session;
        self.walk.fold(start, |all, [key, value]| {
            let key = session.key_of(Value::from_word(*key));
            f(all, (key, Local::new(Value::from_word(*value))))
        })
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

    /// The value under `key`; none if there is none, or if this is no map. A compound key takes
    /// as long as it is large: [`Session::lookup_step`] can be interrupted.
    ///
    /// # Errors
    /// Compound keys may need scratch blocks; if there is no room for them.
    #[inline]
    pub fn map_get<'a>(
        &'a self,
        map: Local<'a>,
        key: Local<'_>,
    ) -> Result<Option<Local<'a>>, OutOfMemory> {
        let Some(root) = self.as_map(map) else {
            return Ok(None);
        };
        let Some(integer) = key.value.as_inline_integer() else {
            let found = self.find_key::<W>(map, root, key.value)?;
            return Ok(found.map(|(node, at)| Local::new(node.value(at + 1))));
        };
        let found = match self.place::<W>(root, hash::hash_inline(integer)) {
            Place::Entry(node, at) => {
                let stored = node.value(at);
                if stored == key.value {
                    Some((node, at))
                } else if stored.as_inline_integer().is_some() {
                    None
                } else {
                    WordKey(key.value)
                        .compare(self, stored)
                        .is_eq()
                        .then_some((node, at))
                }
            }
            Place::Nowhere => None,
            Place::Collision(node) => {
                let at = WordKey(key.value).search::<W>(self, node);
                at.ok().map(|at| (node, at))
            }
        };
        Ok(found.map(|(node, at)| Local::new(node.value(at + 1))))
    }

    /// The value under a key of bytes, as [`Session::map_get`], without making the key.
    #[must_use]
    pub fn map_get_bytes<'a>(&'a self, map: Local<'a>, key: &[u8]) -> Option<Local<'a>> {
        self.get_string(map, key, Simple::Bytes(key), hash::hash_bytes(key, false))
    }

    /// The value under a key of text, as [`Session::map_get`], without making the key.
    #[must_use]
    pub fn map_get_text<'a>(&'a self, map: Local<'a>, key: &str) -> Option<Local<'a>> {
        let bytes = key.as_bytes();
        self.get_string(
            map,
            bytes,
            Simple::Text(bytes),
            hash::hash_bytes(bytes, true),
        )
    }

    /// The map with `value` under `key`. A key that was there already stays as it is. A compound
    /// key takes as long as it is large, as in [`Session::map_get`].
    ///
    /// # Errors
    /// If there is no room for it, or if this is no map.
    pub fn map_insert<'a>(
        &'a self,
        map: Local<'a>,
        key: Local<'a>,
        value: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.map_object(map)?;
        let entry = [key.value.word(), value.value.word()];
        let inserted = match key.value.as_inline_integer() {
            Some(integer) => {
                let sought = WordKey(key.value);
                self.trie_insert::<W>(root, hash::hash_inline(integer), sought, entry)?
            }
            None => self.insert_key::<W>(map, root, entry)?,
        };
        Ok(inserted.map_or(map, Local::new))
    }

    /// The map without `key`; the map itself if the key is not there. A compound key takes as long
    /// as it is large, as in [`Session::map_get`].
    ///
    /// # Errors
    /// If there is no room for it, or if this is no map.
    pub fn map_remove<'a>(&'a self, map: Local<'a>, key: Local<'_>) -> Result<Local<'a>, Refusal> {
        let root = self.map_object(map)?;
        let removed = self.remove_key::<W>(map, root, key.value)?;
        Ok(removed.map_or(map, Local::new))
    }

    /// As [`Session::map_get`], after the search for the key in this very map is done.
    #[must_use]
    pub fn map_get_found<'a>(&'a self, map: Local<'a>, lookup: &Lookup) -> Option<Local<'a>> {
        let (node, at) = self.found::<W>(self.as_map(map)?, lookup)?;
        Some(Local::new(node.value(at + 1)))
    }

    /// As [`Session::map_insert`], after the search for `key` in this very map is done.
    ///
    /// # Errors
    /// As [`Session::map_insert`].
    pub fn map_insert_found<'a>(
        &'a self,
        map: Local<'a>,
        lookup: &Lookup,
        key: Local<'a>,
        value: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.map_object(map)?;
        let entry = [key.value.word(), value.value.word()];
        let inserted = self.insert_found::<W>(root, lookup, entry)?;
        Ok(inserted.map_or(map, Local::new))
    }

    /// As [`Session::map_remove`], after the search for the key in this very map is done.
    ///
    /// # Errors
    /// As [`Session::map_remove`].
    pub fn map_remove_found<'a>(
        &'a self,
        map: Local<'a>,
        lookup: &Lookup,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.map_object(map)?;
        let removed = self.remove_found::<W>(root, lookup)?;
        Ok(removed.map_or(map, Local::new))
    }

    /// The next entry of a walk, and the cursor for the one after it; none at the end. A walk
    /// starts with [`TrieCursor::default`] and visits every entry once, in an order that depends on
    /// the keys alone.
    #[must_use]
    pub fn map_next<'a>(
        &'a self,
        map: Local<'a>,
        cursor: TrieCursor,
    ) -> Option<(Local<'a>, Local<'a>, TrieCursor)> {
        let (node, at, next) = self.trie_next::<W>(self.as_map(map)?, cursor)?;
        Some((
            self.key_of(node.value(at)),
            Local::new(node.value(at + 1)),
            next,
        ))
    }

    /// The entries of a map in the order of [`Session::map_next`]; nothing if this is no map.
    #[must_use]
    pub fn map_entries<'a>(&'a self, map: Local<'a>) -> MapEntries<'a> {
        MapEntries {
            session: self,
            walk: Walk::new(self, self.as_map(map)),
        }
    }

    /// What [`Session::map_insert`] and [`Session::map_remove`] can need at most, in bytes, unless
    /// more than 16 keys of the map have the same 64-bit hash. (Beyond that they may have to ask
    /// the arena, and can be refused.) The same for sets.
    #[must_use]
    pub const fn worst_case_map_insert() -> usize {
        WORST_CASE
    }

    #[inline]
    pub(crate) fn as_map<'a>(&'a self, local: Local<'a>) -> Option<Object<'a>> {
        self.object(local.value)
            .filter(|object| object.header.is(Kind::Map))
    }

    fn map_object<'a>(&'a self, local: Local<'a>) -> Result<Object<'a>, Refusal> {
        self.as_map(local).ok_or(Refusal::WrongKind("a map"))
    }

    /// The key, from how it is stored.
    #[inline]
    pub(crate) fn key_of(&self, stored: Value) -> Local<'_> {
        if stored.is_stored_key() {
            Local::new(self.target(stored).value(1))
        } else {
            Local::new(stored)
        }
    }

    fn get_string<'a>(
        &'a self,
        map: Local<'a>,
        bytes: &[u8],
        simple: Simple<'_>,
        hash: u64,
    ) -> Option<Local<'a>> {
        debug_assert!(bytes.len() <= SIMPLE_BYTES || hash != hash::NO_HASH);
        let (node, at) = self.trie_find::<W>(self.as_map(map)?, hash, SimpleKey(simple))?;
        Some(Local::new(node.value(at + 1)))
    }
}
