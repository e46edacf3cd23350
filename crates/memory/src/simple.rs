//! Simple values: those whose comparison and hash need no more than one short step.
//!
//! All values are ordered by kind first: nil, booleans, numbers, characters, text, bytes, names of
//! atoms, names of capabilities, code, vectors, records, sets, maps. Within a kind: false before
//! true; numbers by what they are worth; characters by code point; text and bytes by their bytes,
//! which for text is the order of its code points; names and code by number. The compound kinds
//! are ordered by [`compare`](crate::compare).

use core::cmp::Ordering;

use crate::number::Number;
use crate::object::Kind;
use crate::session::{Object, Session, bytes_of};
use crate::value::Value;

/// Text and bytes of up to so many bytes are simple.
pub(crate) const SIMPLE_BYTES: usize = 1024;

/// A value that can be compared and hashed in one step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Simple<'a> {
    /// A value that is equal to no other word, and its rank.
    Word(u8, Value),
    Number(Number),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

/// The places of the kinds in the order of all values.
pub(crate) mod rank {
    pub(crate) const NIL: u8 = 0;
    pub(crate) const BOOLEAN: u8 = 1;
    pub(crate) const NUMBER: u8 = 2;
    pub(crate) const CHARACTER: u8 = 3;
    pub(crate) const TEXT: u8 = 4;
    pub(crate) const BYTES: u8 = 5;
    pub(crate) const ATOM: u8 = 6;
    pub(crate) const CAPABILITY: u8 = 7;
    pub(crate) const CODE: u8 = 8;
    pub(crate) const VECTOR: u8 = 9;
    pub(crate) const RECORD: u8 = 10;
    pub(crate) const SET: u8 = 11;
    pub(crate) const MAP: u8 = 12;
}

impl Simple<'_> {
    pub(crate) fn rank(self) -> u8 {
        match self {
            Simple::Word(rank, _) => rank,
            Simple::Number(_) => rank::NUMBER,
            Simple::Text(_) => rank::TEXT,
            Simple::Bytes(_) => rank::BYTES,
        }
    }

    /// The order of two simple values; if `TOTAL`, only identical ones are equal, otherwise numbers
    /// that are worth the same are too.
    pub(crate) fn compare<const TOTAL: bool>(self, other: Simple<'_>) -> Ordering {
        match (self, other) {
            (Simple::Number(a), Simple::Number(b)) if TOTAL => a.compare_totally(b),
            (Simple::Number(a), Simple::Number(b)) => a.compare(b),
            (Simple::Text(a), Simple::Text(b)) | (Simple::Bytes(a), Simple::Bytes(b)) => a.cmp(b),
            (Simple::Word(a_rank, a), Simple::Word(b_rank, b)) => {
                (a_rank, a.word()).cmp(&(b_rank, b.word()))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// What a value is, for comparison and hash.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'a> {
    Simple(Simple<'a>),
    /// An object that takes more than a step, and its rank.
    Compound(u8, Object<'a>),
}

impl Seen<'_> {
    pub(crate) fn rank(self) -> u8 {
        match self {
            Seen::Simple(simple) => simple.rank(),
            Seen::Compound(rank, _) => rank,
        }
    }
}

impl Session<'_> {
    /// What `value` is; of a stored key, what the key is.
    pub(crate) fn see(&self, value: Value) -> Seen<'_> {
        match self.object(value) {
            Some(object) => self.see_object(object),
            None => Seen::Simple(see_word(self.visible(value))),
        }
    }

    fn see_object<'a>(&'a self, mut object: Object<'a>) -> Seen<'a> {
        // A key is never the key of a key, so this comes to its end.
        while object.header.is(Kind::Key) {
            match self.object(object.value(1)) {
                Some(inner) => object = inner,
                None => return Seen::Simple(see_word(self.visible(object.value(1)))),
            }
        }
        let compound = |rank| Seen::Compound(rank, object);
        match object.header.kind() {
            Some(Kind::Integer) => {
                Seen::Simple(Simple::Number(Number::Integer(object.payload[0] as i64)))
            }
            Some(Kind::Float) => Seen::Simple(Simple::Number(Number::Float(object.payload[0]))),
            Some(Kind::Text) if object.payload.len() <= SIMPLE_BYTES / 8 => {
                Seen::Simple(Simple::Text(bytes_of(object)))
            }
            Some(Kind::Bytes) if object.payload.len() <= SIMPLE_BYTES / 8 => {
                Seen::Simple(Simple::Bytes(bytes_of(object)))
            }
            Some(Kind::Text) => compound(rank::TEXT),
            Some(Kind::Bytes) => compound(rank::BYTES),
            Some(Kind::Vector | Kind::VectorLeaf | Kind::VectorBranch | Kind::VectorRelaxed) => {
                compound(rank::VECTOR)
            }
            Some(Kind::Set | Kind::SetNode | Kind::SetCollision) => compound(rank::SET),
            Some(Kind::Map | Kind::MapNode | Kind::MapCollision) => compound(rank::MAP),
            Some(Kind::Record | Kind::Key) | None => compound(rank::RECORD),
        }
    }
}

/// What a value that is no reference is, if it is [as it shows](Session::visible).
pub(crate) fn see_word<'a>(value: Value) -> Simple<'a> {
    if let Some(integer) = value.as_inline_integer() {
        return Simple::Number(Number::Integer(integer));
    }
    if let Some(bits) = value.as_inline_float() {
        return Simple::Number(Number::Float(bits));
    }
    let rank = match value {
        Value::TRUE | Value::FALSE => rank::BOOLEAN,
        _ if value.as_character().is_some() => rank::CHARACTER,
        _ if value.as_code().is_some() => rank::CODE,
        _ => match value.as_name() {
            Some((_, false)) => rank::ATOM,
            Some((_, true)) => rank::CAPABILITY,
            None => rank::NIL,
        },
    };
    Simple::Word(rank, value)
}
