//! Word records: what an execution token stands for.
//!
//! A token indexes the instance's vector of records; no word has token 0. A record is a value; changing a word
//! (IMMEDIATE, DOES>, IS) makes a new vector with a new record in its place, so whoever holds the
//! old vector (a fork, a marker) is not touched.

use crate::Trap;
use stele_memory::{CodeRef, Local, NeedSpace, OutOfMemory, Session};

/// Which root holds the vector of records.
pub const WORDS_ROOT: usize = 0;

/// Type tag of a word record.
pub const WORD_RECORD: u16 = 1;

/// Properties of a word; bits of its record's flags.
pub mod flags {
    /// Executed also while compiling.
    pub const IMMEDIATE: u64 = 1;
    /// Has no interpretation semantics.
    pub const COMPILE_ONLY: u64 = 2;
    /// Leaves its body before its code runs.
    pub const BODY: u64 = 4;
    /// Made by CREATE: has a data field, and DOES> may replace its code.
    pub const CREATED: u64 = 8;
    /// Its body is an execution token that IS replaces.
    pub const DEFERRED: u64 = 16;
    /// Its body is the address of a cell that TO sets.
    pub const VALUE: u64 = 32;
    /// Its body never changes: compiled as a number.
    pub const CONSTANT: u64 = 64;
    /// Not found by name until its definition ends.
    pub const HIDDEN: u64 = 128;
    /// Its body numbers the dictionary to return to.
    pub const MARKER: u64 = 256;
    /// With [`VALUE`]: what its body is the address of is two cells.
    pub const DOUBLE: u64 = 512;
    /// With [`DEFERRED`]: another name of the word that its body is the token of.
    pub const SYNONYM: u64 = 1024;
    /// Its body is the number of the word list that it stands for.
    pub const VOCABULARY: u64 = 2048;
    /// With [`VALUE`]: what its body is the address of is a float.
    pub const FLOAT: u64 = 4096;
}

/// A word record, read.
#[derive(Clone, Copy)]
pub struct Word<'s> {
    /// Name as it was typed.
    pub name: Local<'s>,
    /// Number of the word list it belongs to; 0 for none.
    pub list: i64,
    /// Bits of [`flags`], 32 of them.
    pub flags: u64,
    /// What running it runs; nothing for words that only leave their body.
    pub code: Option<CodeRef>,
    /// Data address, constant, or token, as the flags say.
    pub body: i64,
    /// Where the free part of data space began when the word was made; 0 if that was no address.
    pub here: i64,
    /// The word that its name led to before it, in its list; 0 if there was none.
    pub shadows: i64,
    /// Where its definition and its code came from: bytes as [`crate::origin`] has them, or nil.
    pub origin: Local<'s>,
}

/// Worst case of making a word record, in bytes of the heap: three of its fields are integers.
pub const WORD_BYTES: usize = Session::worst_case_record(6) + 3 * Session::worst_case_integer();

/// Two numbers of 32 bits in one integer, so that a record is no longer than it must be: there may be a
/// million. Neither can be longer: a world has at most 4 GiB. What is no such number becomes 0.
fn packed(high: i64, low: i64) -> i64 {
    let part = |number| u32::try_from(number).unwrap_or(0);
    i64::from(part(high)) << 32 | i64::from(part(low))
}

/// The two numbers.
fn unpacked(integer: i64) -> (i64, i64) {
    (integer >> 32 & 0xFFFF_FFFF, integer & 0xFFFF_FFFF)
}

impl<'s> Word<'s> {
    /// Reads the record of `token` in `words`; `None` if there is none.
    #[must_use]
    pub fn read(session: &'s Session<'_>, words: Local<'s>, token: i64) -> Option<Self> {
        let record = session.vector_get(words, u64::try_from(token).ok()?)?;
        if session.record_type(record) != Some(WORD_RECORD) {
            return None;
        }
        let integer = |index| {
            session
                .field(record, index)
                .and_then(|value| session.as_integer(value))
        };
        let (list, flags) = unpacked(integer(1)?);
        let (shadows, here) = unpacked(integer(4)?);
        Some(Self {
            name: session.field(record, 0)?,
            list,
            flags: flags.cast_unsigned(),
            code: session
                .field(record, 2)
                .and_then(|value| session.as_code(value)),
            body: integer(3)?,
            here,
            shadows,
            origin: session.field(record, 5)?,
        })
    }

    /// Makes the record.
    ///
    /// # Errors
    /// If the heap has no room.
    pub fn write(&self, session: &'s Session<'_>) -> Result<Local<'s>, OutOfMemory> {
        let code = self
            .code
            .map_or_else(|| session.nil(), |code| session.code(code));
        let fields = [
            self.name,
            session.integer(packed(self.list, self.flags.cast_signed()))?,
            code,
            session.integer(self.body)?,
            session.integer(packed(self.shadows, self.here))?,
            self.origin,
        ];
        session.record(WORD_RECORD, &fields)
    }
}

/// Turns a failed reservation into what the primitive that made it must return.
///
/// # Errors
/// [`Trap::OUT_OF_MEMORY`] where collecting would not help.
pub fn needs_space(need: &NeedSpace) -> Result<crate::Step, Trap> {
    match need {
        NeedSpace::Collect => Ok(crate::Step::Collect),
        NeedSpace::OutOfMemory(_) => Err(Trap::OUT_OF_MEMORY),
    }
}
