//! Objects: a header word and a payload of words.
//!
//! | bits of the header | meaning |
//! |---|---|
//! | 0 | always one |
//! | 1 to 5 | kind |
//! | 6 to 34 | words in the payload |
//! | 35 to 63 | a number whose meaning depends on the kind |

/// What an object is, and what its payload and the number in its header hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// An integer outside the inline range: one word.
    Integer = 1,
    /// A string of bytes; the number says how many bytes of the last word are padding, all zero.
    Bytes = 2,
    /// A fixed number of values; the number is the record's type.
    Record = 3,
    /// A vector: the root of its tree or nil, then the 1 to 32 values of its tail (none if it is
    /// empty); the number is its length.
    Vector = 4,
    /// 1 to 32 values of a vector; the number is as for branches, of level 0.
    VectorLeaf = 5,
    /// 1 to 32 nodes of a vector, all of the level below, and all but the last of them full; the
    /// number is made by [`node_level`].
    VectorBranch = 6,
    /// A map: its root node, with the number of entries as the number.
    Map = 7,
    /// A node of a map: the bit maps of its entries (low half) and of its children (high half),
    /// the entries (key, value) in order of bit, the children in the reverse order of bit. The
    /// number is its level, and above that the number of its entries.
    MapNode = 8,
    /// Entries (key, value) whose keys have the same hash, in order of key.
    MapCollision = 9,
    /// A float that does not tag itself: its bits.
    Float = 10,
    /// Text in UTF-8; the number is as for bytes.
    Text = 11,
    /// A set: as a map, with entries of one word.
    Set = 12,
    /// A node of a set.
    SetNode = 13,
    /// Members of a set whose hashes are the same, in order.
    SetCollision = 14,
    /// A key of a map or a member of a set that takes long to hash: its hash, then itself.
    Key = 15,
    /// 1 to 32 nodes of a vector, all of the level below, of any size: how many elements the first,
    /// the first two, … of them have, each in 32 bits (and 32 bits of zero if they are odd), then
    /// the nodes; the number is as for branches, never full.
    VectorRelaxed = 16,
}

/// A header word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Header(u64);

/// The bits that are always one and that tell the kind.
const KIND: u64 = 0x3F;
const KIND_SHIFT: u32 = 1;
const WORDS_SHIFT: u32 = 6;
const NUMBER_SHIFT: u32 = 35;
const FIELD: u64 = (1 << 29) - 1;

/// Limit of the payload's words and of the number, exclusive.
pub(crate) const LIMIT: u64 = FIELD + 1;

impl Header {
    /// `words` and `number` are below [`LIMIT`]; callers refuse more.
    #[inline]
    pub(crate) const fn new(kind: Kind, words: usize, number: u64) -> Header {
        debug_assert!((words as u64) < LIMIT && number < LIMIT);
        Header(
            1 | (kind as u64) << KIND_SHIFT
                | (words as u64) << WORDS_SHIFT
                | number << NUMBER_SHIFT,
        )
    }

    #[inline]
    pub(crate) const fn from_word(word: u64) -> Header {
        Header(word)
    }

    #[inline]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    #[inline]
    pub(crate) const fn is(self, kind: Kind) -> bool {
        self.0 & KIND == 1 | (kind as u64) << KIND_SHIFT
    }

    /// The kind; none for a word that is no header.
    pub(crate) const fn kind(self) -> Option<Kind> {
        if self.0 & 1 == 0 {
            return None;
        }
        Some(match self.0 >> KIND_SHIFT & 0x1F {
            1 => Kind::Integer,
            2 => Kind::Bytes,
            3 => Kind::Record,
            4 => Kind::Vector,
            5 => Kind::VectorLeaf,
            6 => Kind::VectorBranch,
            7 => Kind::Map,
            8 => Kind::MapNode,
            9 => Kind::MapCollision,
            10 => Kind::Float,
            11 => Kind::Text,
            12 => Kind::Set,
            13 => Kind::SetNode,
            14 => Kind::SetCollision,
            15 => Kind::Key,
            16 => Kind::VectorRelaxed,
            _ => return None,
        })
    }

    /// Words in the payload.
    #[inline]
    pub(crate) const fn words(self) -> usize {
        (self.0 >> WORDS_SHIFT & FIELD) as usize
    }

    /// The number whose meaning depends on the kind.
    #[inline]
    pub(crate) const fn number(self) -> u64 {
        self.0 >> NUMBER_SHIFT
    }

    /// Bytes that the object takes, header included.
    #[inline]
    pub(crate) const fn size(self) -> u64 {
        8 + 8 * self.words() as u64
    }

    /// Index of the first word of the payload that is a value; the words from there on all are.
    #[inline]
    pub(crate) const fn first_value(self) -> usize {
        match self.0 >> KIND_SHIFT & 0x1F {
            1 | 2 | 10 | 11 => self.words(),
            7 | 8 | 12 | 13 | 15 => 1,
            16 => self.words() - relaxed_children(self.words()),
            _ => 0,
        }
    }
}

/// How many children a relaxed node of so many words has: two words of them come with one of sizes.
#[inline]
pub(crate) const fn relaxed_children(words: usize) -> usize {
    2 * words / 3
}

/// The number in the header of a vector's node: its level, and whether it holds all it can.
pub(crate) const fn node_level(level: u32, full: bool) -> u64 {
    (level as u64) << 1 | full as u64
}

/// Bytes for an object with so many words of payload.
pub(crate) const fn size_of_object(words: usize) -> usize {
    8 + 8 * words
}
