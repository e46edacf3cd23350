//! Why an operation on values failed, in words: the throw code says what kind of thing went wrong,
//! this text names the value it went wrong with.
//!
//! It is kept until something else fails with words, or with the same code and none, so that a program
//! that catches and throws again loses nothing, and shown where the code is ([`Machine::explanation`]).

use crate::Trap;
use crate::machine::Machine;
use crate::values::progress::Progress;
use core::fmt::{self, Write};
use stele_memory::{LEAST_PRINT_ROOM, Local, Printing, Refusal, Session, ValueKind};

/// Bytes of text that are kept.
const LIMIT: usize = 160;

/// Bytes that a value is shown in, and units of work for that.
const SHOWN: usize = 40;
const SHOWN_UNITS: u64 = 64;

/// A failure in words.
#[repr(C)]
pub(crate) struct Fault {
    /// The throw code it belongs to; 0 if there was none.
    code: i64,
    /// 1 if what failed has not ended yet, 0 if it has thrown the code.
    fresh: u64,
    length: u64,
    text: [u8; LIMIT],
}

impl Fault {
    /// Nothing has failed.
    pub(crate) const NONE: Self = Self {
        code: 0,
        fresh: 0,
        length: 0,
        text: [0; LIMIT],
    };

    /// Something has failed with `trap`: unless it has just said why, an older failure's words of the same code
    /// are not what went wrong.
    pub(crate) fn arrives(&mut self, trap: Trap) {
        if self.fresh == 0 && self.code == trap.0 {
            self.code = 0;
        }
        self.fresh = 0;
    }
}

impl Write for Fault {
    /// What does not fit is cut.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = (self.length as usize).min(LIMIT);
        let mut end = text.len().min(LIMIT - start);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text[start..start + end].copy_from_slice(&text.as_bytes()[..end]);
        self.length = (start + end) as u64;
        Ok(())
    }
}

impl Progress {
    /// Says in words why `trap` is about to be thrown.
    pub(crate) fn fail(&mut self, trap: Trap, words: fmt::Arguments<'_>) -> Trap {
        self.fault.code = trap.0;
        self.fault.fresh = 1;
        self.fault.length = 0;
        // Writing to a fault cannot fail: what does not fit is cut.
        let _ = self.fault.write_fmt(words);
        trap
    }

    /// A value is of another kind than is needed.
    pub(crate) fn wrong_kind(
        &mut self,
        session: &Session<'_>,
        value: Local<'_>,
        needed: &str,
    ) -> Trap {
        if session.is_nil(value) {
            return self.fail(
                Trap::WRONG_KIND,
                format_args!("{needed} is needed, not nil"),
            );
        }
        let kind = name_of_kind(session.kind(value));
        let shown = Shown::new(session, value);
        self.fail(
            Trap::WRONG_KIND,
            format_args!("{needed} is needed, and {shown} is {kind}"),
        )
    }

    /// A value has no place `index`.
    pub(crate) fn no_place(&mut self, kind: ValueKind, index: i64, length: u64) -> Trap {
        let kind = name_of_kind(kind);
        self.fail(
            Trap::NO_SUCH_PLACE,
            format_args!("no place {index} in {kind} of {length}"),
        )
    }

    /// A collection of `length` has no such key.
    pub(crate) fn no_key(
        &mut self,
        session: &Session<'_>,
        key: Local<'_>,
        kind: ValueKind,
        length: u64,
    ) -> Trap {
        let (shown, kind) = (Shown::new(session, key), name_of_kind(kind));
        self.fail(
            Trap::NO_SUCH_KEY,
            format_args!("no {shown} in {kind} of {length}"),
        )
    }

    /// What the memory refused to do with `value`.
    pub(crate) fn refused(
        &mut self,
        session: &Session<'_>,
        value: Local<'_>,
        refusal: Refusal,
    ) -> Trap {
        match refusal {
            Refusal::OutOfMemory(_) => Trap::OUT_OF_MEMORY,
            Refusal::WrongKind(needed) => self.wrong_kind(session, value, needed),
            Refusal::OutOfRange { index, length } => {
                self.no_place(session.kind(value), index.cast_signed(), length)
            }
            Refusal::NoSpace | Refusal::SameAtomTwice => {
                self.fail(Trap::WRONG_KIND, format_args!("{refusal}"))
            }
        }
    }
}

impl Machine<'_, '_> {
    /// What went wrong, in words, when an operation on values last failed, if it was this that it
    /// threw.
    #[must_use]
    pub fn explanation(&self, trap: Trap) -> Option<&str> {
        let fault = &self.block().progress.fault;
        let text = fault.text.get(..fault.length as usize)?;
        let text = core::str::from_utf8(text).ok()?;
        (trap.0 != 0 && fault.code == trap.0 && !text.is_empty()).then_some(text)
    }
}

/// A kind, as a noun with its article.
pub(crate) fn name_of_kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Nil => "nil",
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer => "an integer",
        ValueKind::Float => "a float",
        ValueKind::Character => "a character",
        ValueKind::Text => "text",
        ValueKind::Bytes => "bytes",
        ValueKind::Atom => "an atom",
        ValueKind::Capability => "a capability",
        ValueKind::Code => "code",
        ValueKind::Vector => "a vector",
        ValueKind::Record => "a record",
        ValueKind::Set => "a set",
        ValueKind::Map => "a map",
    }
}

/// The beginning of a value's text form.
pub(super) struct Shown {
    text: [u8; SHOWN + LEAST_PRINT_ROOM],
    length: usize,
    whole: bool,
}

impl Shown {
    pub(super) fn new(session: &Session<'_>, value: Local<'_>) -> Self {
        let mut text = [0; SHOWN + LEAST_PRINT_ROOM];
        let mut printing = Printing::new();
        let mut units = SHOWN_UNITS;
        let printed = session.print_step(&mut printing, value, &mut text, &mut units);
        session.end_printing(&mut printing);
        let (length, whole) = printed.unwrap_or((0, false));
        Self {
            text,
            length,
            whole: whole && length <= SHOWN,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.get(..self.length.min(SHOWN)).unwrap_or_default();
        let text = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        f.write_str(text)?;
        if self.whole {
            Ok(())
        } else {
            f.write_str("…")
        }
    }
}
