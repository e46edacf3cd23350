//! Floats, characters, text and names.

use crate::arena::OutOfMemory;
use crate::number::Number;
use crate::object::{Kind, size_of_object};
use crate::session::{Local, Refusal, Session, bytes_of};
use crate::simple::{Seen, Simple};
use crate::value::{NAME_LIMIT, Value};

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueKind {
    /// Nil.
    Nil,
    /// True or false.
    Boolean,
    /// An integer.
    Integer,
    /// A float.
    Float,
    /// A character: a Unicode scalar value.
    Character,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// The name of an atom.
    Atom,
    /// The name of a capability.
    Capability,
    /// A reference to a code object.
    Code,
    /// A vector.
    Vector,
    /// A record.
    Record,
    /// A set.
    Set,
    /// A map.
    Map,
}

impl Session<'_> {
    /// What the value is.
    #[must_use]
    pub fn kind(&self, local: Local<'_>) -> ValueKind {
        let Some(object) = self.object(local.value) else {
            return match self.see(local.value) {
                Seen::Simple(Simple::Number(Number::Integer(_))) => ValueKind::Integer,
                Seen::Simple(Simple::Number(Number::Float(_))) => ValueKind::Float,
                _ if self.as_boolean(local).is_some() => ValueKind::Boolean,
                _ if self.as_character(local).is_some() => ValueKind::Character,
                _ if self.as_atom(local).is_some() => ValueKind::Atom,
                _ if self.as_capability(local).is_some() => ValueKind::Capability,
                _ if self.as_code(local).is_some() => ValueKind::Code,
                _ => ValueKind::Nil,
            };
        };
        match object.header.kind() {
            Some(Kind::Integer) => ValueKind::Integer,
            Some(Kind::Float) => ValueKind::Float,
            Some(Kind::Text) => ValueKind::Text,
            Some(Kind::Bytes) => ValueKind::Bytes,
            Some(Kind::Vector) => ValueKind::Vector,
            Some(Kind::Set) => ValueKind::Set,
            Some(Kind::Map) => ValueKind::Map,
            _ => ValueKind::Record,
        }
    }

    /// A float; every NaN becomes 7FF8000000000000.
    ///
    /// # Errors
    /// If it needs a box and there is no room for it.
    #[inline]
    pub fn float(&self, float: f64) -> Result<Local<'_>, OutOfMemory> {
        self.float_from_bits(float.to_bits())
    }

    /// The float with the bits of an IEEE binary64, as [`Session::float`].
    ///
    /// # Errors
    /// As [`Session::float`].
    #[inline]
    pub fn float_from_bits(&self, bits: u64) -> Result<Local<'_>, OutOfMemory> {
        match Value::inline_float(bits) {
            Some(value) => Ok(Local::new(value)),
            None => {
                let (local, payload) = self.make(Kind::Float, 0, 1)?;
                payload[0] = bits;
                Ok(local)
            }
        }
    }

    /// The float; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_float(&self, local: Local<'_>) -> Option<f64> {
        self.as_float_bits(local).map(f64::from_bits)
    }

    /// The bits of the float; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_float_bits(&self, local: Local<'_>) -> Option<u64> {
        local.value.as_inline_float().or_else(|| {
            let object = self
                .object(local.value)
                .filter(|object| object.header.is(Kind::Float))?;
            Some(object.payload[0])
        })
    }

    /// A character.
    #[inline]
    #[must_use]
    pub fn character(&self, character: char) -> Local<'_> {
        Local::new(Value::character(character))
    }

    /// The character; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_character(&self, local: Local<'_>) -> Option<char> {
        local.value.as_character()
    }

    /// The name of a capability; none if it is 2^60 or more.
    #[inline]
    #[must_use]
    pub fn capability(&self, name: u64) -> Option<Local<'_>> {
        (name < NAME_LIMIT).then(|| Local::new(Value::name(name, true)))
    }

    /// The name of the capability; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_capability(&self, local: Local<'_>) -> Option<u64> {
        match local.value.as_name() {
            Some((name, true)) => Some(name),
            _ => None,
        }
    }

    /// Text.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn text(&self, text: &str) -> Result<Local<'_>, OutOfMemory> {
        self.make_bytes(Kind::Text, text.as_bytes())
    }

    /// The text; none if this is something else.
    #[must_use]
    pub fn as_text<'a>(&'a self, local: Local<'a>) -> Option<&'a str> {
        let object = self
            .object(local.value)
            .filter(|object| object.header.is(Kind::Text))?;
        // SAFETY: text is made from a `str` or verified to be one, and never written after.
        Some(unsafe { core::str::from_utf8_unchecked(bytes_of(object)) })
    }

    /// Two texts, or two strings of bytes, as one.
    ///
    /// # Errors
    /// If there is no room for it, or if they are not both text or both bytes.
    pub fn joined<'a>(&'a self, first: Local<'a>, second: Local<'a>) -> Result<Local<'a>, Refusal> {
        let (a, b, text) = match (self.as_text(first), self.as_text(second)) {
            (Some(a), Some(b)) => (a.as_bytes(), b.as_bytes(), true),
            _ => {
                let bytes = (self.as_bytes(first), self.as_bytes(second));
                let (Some(a), Some(b)) = bytes else {
                    return Err(Refusal::WrongKind(
                        "text beside text, or bytes beside bytes",
                    ));
                };
                (a, b, false)
            }
        };
        let bytes = a.iter().chain(b).copied();
        Ok(self.bytes_of_length(a.len() + b.len(), bytes, text)?)
    }

    /// What a float can need at most, in bytes, for [`Session::reserve`].
    #[must_use]
    pub const fn worst_case_float() -> usize {
        size_of_object(1)
    }
}
