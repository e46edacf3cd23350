//! The persistent set: a [trie](crate::trie) with entries of one word, members governed by
//! [equality](Session::equal) as the keys of a map are.

use crate::arena::OutOfMemory;
use crate::lookup::Lookup;
use crate::object::Kind;
use crate::session::{Local, Object, Refusal, Session};
use crate::trie::{TrieCursor, Walk};
use crate::value::Value;

const W: usize = 1;

/// The members of a set, up to the next safepoint.
#[derive(Clone)]
pub struct SetMembers<'a> {
    session: &'a Session<'a>,
    walk: Walk<'a, W>,
}

impl<'a> Iterator for SetMembers<'a> {
    type Item = Local<'a>;

    #[inline]
    fn next(&mut self) -> Option<Local<'a>> {
        let [member] = self.walk.next()?;
        Some(self.session.key_of(Value::from_word(*member)))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, start: B, mut f: F) -> B {
        let session = self.session;
        self.walk.fold(start, |all, [member]| {
            f(all, session.key_of(Value::from_word(*member)))
        })
    }
}

impl Session<'_> {
    /// The empty set.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn set(&self) -> Result<Local<'_>, OutOfMemory> {
        let (local, payload) = self.make(Kind::Set, 0, 1)?;
        payload[0] = 0;
        Ok(local)
    }

    /// Number of members; none if this is no set.
    #[inline]
    #[must_use]
    pub fn set_len(&self, set: Local<'_>) -> Option<u64> {
        Some(self.as_set(set)?.header.number())
    }

    /// The member that is equal to `value`; none if there is none, or if this is no set. A compound
    /// value takes as long as it is large, as in [`Session::map_get`].
    ///
    /// # Errors
    /// As [`Session::map_get`].
    pub fn set_get<'a>(
        &'a self,
        set: Local<'a>,
        value: Local<'_>,
    ) -> Result<Option<Local<'a>>, OutOfMemory> {
        let Some(root) = self.as_set(set) else {
            return Ok(None);
        };
        let found = self.find_key::<W>(set, root, value.value)?;
        Ok(found.map(|(node, at)| self.key_of(node.value(at))))
    }

    /// The set with one more member; the set itself if an equal one is in it.
    ///
    /// # Errors
    /// If there is no room for it, or if this is no set.
    pub fn set_insert<'a>(
        &'a self,
        set: Local<'a>,
        member: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.set_object(set)?;
        let inserted = self.insert_key::<W>(set, root, [member.value.word()])?;
        Ok(inserted.map_or(set, Local::new))
    }

    /// The set without the member that is equal to `value`; the set itself if there is none.
    ///
    /// # Errors
    /// If there is no room for it, or if this is no set.
    pub fn set_remove<'a>(
        &'a self,
        set: Local<'a>,
        value: Local<'_>,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.set_object(set)?;
        let removed = self.remove_key::<W>(set, root, value.value)?;
        Ok(removed.map_or(set, Local::new))
    }

    /// As [`Session::set_get`], after the search for the value in this very set is done.
    #[must_use]
    pub fn set_get_found<'a>(&'a self, set: Local<'a>, lookup: &Lookup) -> Option<Local<'a>> {
        let (node, at) = self.found::<W>(self.as_set(set)?, lookup)?;
        Some(self.key_of(node.value(at)))
    }

    /// As [`Session::set_insert`], after the search for `member` in this very set is done.
    ///
    /// # Errors
    /// As [`Session::set_insert`].
    pub fn set_insert_found<'a>(
        &'a self,
        set: Local<'a>,
        lookup: &Lookup,
        member: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.set_object(set)?;
        let inserted = self.insert_found::<W>(root, lookup, [member.value.word()])?;
        Ok(inserted.map_or(set, Local::new))
    }

    /// As [`Session::set_remove`], after the search for the value in this very set is done.
    ///
    /// # Errors
    /// As [`Session::set_remove`].
    pub fn set_remove_found<'a>(
        &'a self,
        set: Local<'a>,
        lookup: &Lookup,
    ) -> Result<Local<'a>, Refusal> {
        let root = self.set_object(set)?;
        let removed = self.remove_found::<W>(root, lookup)?;
        Ok(removed.map_or(set, Local::new))
    }

    /// The next member of a walk, and the cursor for the one after it, as [`Session::map_next`].
    #[must_use]
    pub fn set_next<'a>(
        &'a self,
        set: Local<'a>,
        cursor: TrieCursor,
    ) -> Option<(Local<'a>, TrieCursor)> {
        let (node, at, next) = self.trie_next::<W>(self.as_set(set)?, cursor)?;
        Some((self.key_of(node.value(at)), next))
    }

    /// The members of a set in the order of [`Session::set_next`]; nothing if this is no set.
    #[must_use]
    pub fn set_members<'a>(&'a self, set: Local<'a>) -> SetMembers<'a> {
        SetMembers {
            session: self,
            walk: Walk::new(self, self.as_set(set)),
        }
    }

    #[inline]
    pub(crate) fn as_set<'a>(&'a self, local: Local<'a>) -> Option<Object<'a>> {
        self.object(local.value)
            .filter(|object| object.header.is(Kind::Set))
    }

    fn set_object<'a>(&'a self, local: Local<'a>) -> Result<Object<'a>, Refusal> {
        self.as_set(local).ok_or(Refusal::WrongKind("a set"))
    }
}
