//! `Value`: one 64-bit word that is anything a program can hold.
//!
//! The low three bits are the tag.
//!
//! | tag | meaning | the other bits |
//! |---|---|---|
//! | 000 | immediate: nil, false, true, a character, an infinity, NaN | bits 3 to 7 say which, the rest is its payload |
//! | 001, 100, 101 | float that tags itself | see below |
//! | 010 | integer of 61 bits | two's complement |
//! | 011 | reference to an object in a heap | offset from the base of the arena, an order (below) |
//! | 110 | reference to a code object | its [`CodeRef`](crate::CodeRef) in bits 3 to 34 |
//! | 111 | name of an atom (bit 3 clear) or of a capability (bit 3 set) | the name in bits 4 to 63 |
//!
//! Self-tagged floats (Melançon, Serrano, Feeley: "Float Self-Tagging", OOPSLA 2024) rotate the
//! sign and the top of the exponent to the bottom; both zeros, every magnitude between 2^-255 and
//! 2^257, and those below 2^-767 then end in 011, 100 or 000, and adding one moves them to the
//! three tags kept here, so that the all-zero word stays nil. NaN (there is one,
//! 7FF8000000000000) and the infinities are immediates. Every other float is boxed.
//!
//! A reference also carries, in bits 32 to 36, the order of the chunk that holds the object (256
//! bytes times 2 to that power), in bits 37 and 38 where the object was put when it was made or
//! moved ([`Residence`]), and in bit 39 whether it is a stored key. Chunks are aligned to their size,
//! so the collector finds an object's chunk and mark bit from the reference alone, and knows what it
//! can leave alone. All references to an object are equal at all times.

/// The word. Not public: outside this crate a value is a [`Local`](crate::Local) or a
/// [`Root`](crate::Root).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Value(u64);

const TAG: u64 = 0b111;
const INTEGER: u64 = 0b010;
const REFERENCE: u64 = 0b011;
const CODE: u64 = 0b110;
const NAME: u64 = 0b111;
/// Bit 0 to 7: which tags floats have.
const FLOAT_TAGS: u64 = 0b0011_0010;
/// Bit 0 to 7: which floats, by their lowest three bits after the rotation, tag themselves.
const SELF_TAGGED: u64 = 0b0001_1001;
/// How far floats are rotated to the left.
const ROTATION: u32 = 4;

/// Bits 3 to 7 of an immediate that is a character.
const CHARACTER: u64 = 3 << 3;
/// Bits 0 to 7: the tag of an immediate, and which it is.
const IMMEDIATE: u64 = 0xFF;

/// The bits of the one NaN.
pub(crate) const NAN: u64 = 0x7FF8_0000_0000_0000;
const INFINITY: u64 = 0x7FF0_0000_0000_0000;
const SIGN: u64 = 1 << 63;

/// Names of atoms and capabilities are below this.
pub(crate) const NAME_LIMIT: u64 = 1 << 60;

const ORDER_SHIFT: u32 = 32;
const OFFSET: u64 = 0xFFFF_FFF8;
const RESIDENCE_SHIFT: u32 = 37;
const OLD: u64 = 1 << RESIDENCE_SHIFT;
const SHARED: u64 = 1 << (RESIDENCE_SHIFT + 1);
const KEY: u64 = 1 << 39;

/// Where an object was put when it was made or last moved. Sealing moves nothing, so what is in a
/// nursery or an old chunk by this may have been shared since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub(crate) enum Residence {
    /// In the nursery of a heap.
    Nursery = 0,
    /// In an old chunk of a heap.
    Old = 1,
    /// Where the collection of the shared space puts what it finds alive.
    Shared = 3,
}

impl Residence {
    /// The residence that a word stands for, if it is one.
    pub(crate) const fn from_word(word: u64) -> Option<Residence> {
        match word {
            0 => Some(Residence::Nursery),
            1 => Some(Residence::Old),
            3 => Some(Residence::Shared),
            _ => None,
        }
    }
}

/// Integers in this range are inline, all others are boxed, so each has one form.
pub(crate) const INLINE_INTEGERS: core::ops::RangeInclusive<i64> = i64::MIN >> 3..=i64::MAX >> 3;

impl Value {
    pub(crate) const NIL: Value = Value(0);
    pub(crate) const FALSE: Value = Value(1 << 3);
    pub(crate) const TRUE: Value = Value(2 << 3);
    const POSITIVE_INFINITY: Value = Value(4 << 3);
    const NEGATIVE_INFINITY: Value = Value(5 << 3);
    const NAN: Value = Value(6 << 3);
    /// Marks a place without a value inside this crate; no value of a program.
    pub(crate) const HOLE: Value = Value(31 << 3);

    pub(crate) const fn from_word(word: u64) -> Value {
        Value(word)
    }

    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    /// The inline form of an integer; none if it has to be boxed.
    #[inline]
    pub(crate) const fn inline_integer(integer: i64) -> Option<Value> {
        let word = (integer as u64) << 3 | INTEGER;
        if word as i64 >> 3 == integer {
            Some(Value(word))
        } else {
            None
        }
    }

    #[inline]
    pub(crate) const fn as_inline_integer(self) -> Option<i64> {
        if self.0 & TAG == INTEGER {
            Some(self.0 as i64 >> 3)
        } else {
            None
        }
    }

    /// The inline form of the float with these bits, of which every NaN is one; none if it has to
    /// be boxed.
    #[inline]
    pub(crate) const fn inline_float(bits: u64) -> Option<Value> {
        let rotated = bits.rotate_left(ROTATION);
        if SELF_TAGGED >> (rotated & TAG) & 1 != 0 {
            return Some(Value(rotated + 1));
        }
        match bits {
            INFINITY => Some(Value::POSITIVE_INFINITY),
            _ if bits == INFINITY | SIGN => Some(Value::NEGATIVE_INFINITY),
            _ if bits & !SIGN > INFINITY => Some(Value::NAN),
            _ => None,
        }
    }

    /// The bits of an inline float.
    #[inline]
    pub(crate) const fn as_inline_float(self) -> Option<u64> {
        if FLOAT_TAGS >> (self.0 & TAG) & 1 != 0 {
            return Some((self.0 - 1).rotate_right(ROTATION));
        }
        match self {
            Value::POSITIVE_INFINITY => Some(INFINITY),
            Value::NEGATIVE_INFINITY => Some(INFINITY | SIGN),
            Value::NAN => Some(NAN),
            _ => None,
        }
    }

    #[inline]
    pub(crate) const fn character(character: char) -> Value {
        Value((character as u64) << 8 | CHARACTER)
    }

    #[inline]
    pub(crate) const fn as_character(self) -> Option<char> {
        if self.0 & IMMEDIATE == CHARACTER && self.0 >> 40 == 0 {
            char::from_u32((self.0 >> 8) as u32)
        } else {
            None
        }
    }

    /// The name of an atom or of a capability; `name` is below [`NAME_LIMIT`].
    #[inline]
    pub(crate) const fn name(name: u64, capability: bool) -> Value {
        Value(name << 4 | (capability as u64) << 3 | NAME)
    }

    /// A name, and whether it is one of a capability.
    #[inline]
    pub(crate) const fn as_name(self) -> Option<(u64, bool)> {
        if self.0 & TAG == NAME {
            Some((self.0 >> 4, self.0 & 8 != 0))
        } else {
            None
        }
    }

    #[inline]
    pub(crate) const fn reference(
        offset: u64,
        order: u32,
        residence: Residence,
        key: bool,
    ) -> Value {
        let key = if key { KEY } else { 0 };
        let residence = (residence as u64) << RESIDENCE_SHIFT;
        Value(offset | REFERENCE | (order as u64) << ORDER_SHIFT | residence | key)
    }

    /// Whether this refers to a [stored key](crate::object::Kind::Key).
    #[inline]
    pub(crate) const fn is_stored_key(self) -> bool {
        self.0 & (KEY | TAG) == KEY | REFERENCE
    }

    #[inline]
    pub(crate) const fn is_reference(self) -> bool {
        self.0 & TAG == REFERENCE
    }

    /// Whether this is a reference to an object that was made in a nursery.
    #[inline]
    pub(crate) const fn is_nursery_reference(self) -> bool {
        self.0 & (TAG | OLD | SHARED) == REFERENCE
    }

    /// Whether this is a reference to an object that a collection of the shared space did not put
    /// where it is.
    #[inline]
    pub(crate) const fn is_private_reference(self) -> bool {
        self.0 & (TAG | SHARED) == REFERENCE
    }

    /// Where the object was put; meaningful for well-formed references only.
    #[inline]
    pub(crate) const fn residence(self) -> Option<Residence> {
        Residence::from_word(self.0 >> RESIDENCE_SHIFT & 3)
    }

    /// Offset of the object; meaningful for references only.
    #[inline]
    pub(crate) const fn offset(self) -> u64 {
        self.0 & OFFSET
    }

    /// Offset of the chunk that holds the object; meaningful for references only.
    #[inline]
    pub(crate) const fn chunk(self) -> u64 {
        self.0 & OFFSET & !((crate::arena::MINIMUM_BLOCK << self.order()) - 1)
    }

    /// Order of the chunk that holds the object; meaningful for references only.
    #[inline]
    pub(crate) const fn order(self) -> u32 {
        (self.0 >> ORDER_SHIFT) as u32 & 0x1F
    }

    pub(crate) const fn code(code: u32) -> Value {
        Value((code as u64) << 3 | CODE)
    }

    pub(crate) const fn as_code(self) -> Option<u32> {
        if self.0 & TAG == CODE {
            Some((self.0 >> 3) as u32)
        } else {
            None
        }
    }

    /// Whether this word is a value of some kind, as far as the word itself tells.
    pub(crate) const fn is_well_formed(self) -> bool {
        match self.0 & TAG {
            INTEGER | NAME => true,
            CODE => self.0 >> 35 == 0,
            REFERENCE => {
                self.0 >> (ORDER_SHIFT + 8) == 0 && self.order() <= 24 && self.residence().is_some()
            }
            _ => {
                matches!(self, Value::NIL | Value::FALSE | Value::TRUE)
                    || self.as_inline_float().is_some()
                    || self.as_character().is_some()
            }
        }
    }
}
