//! What functions and their locals are called: for people and their tools, not for running.
//!
//! A symbol is a name as in other parts, but of 0 to 255 bytes, and a list of locals: a name of 1 to
//! 255 bytes, the kind in 8 bits, then place, first word and end in 32 bits each.

use super::ModuleError;
use super::read::Reader;

/// What a function and its locals are called.
#[derive(Clone, Copy, Debug)]
pub struct ModuleSymbol<'a> {
    /// The function's name; empty if it has none.
    pub name: &'a [u8],
    pub(super) locals: &'a [u8],
}

/// Where a local variable lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LocalKind {
    /// A cell of the return stack; places count the function's own cells from its entry.
    Cell = 0,
    /// A value of the value stack; places count up from the lowest value that the function was
    /// called with.
    Value = 1,
}

/// A local variable of a function, while its code runs that lies from `first` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleLocal<'a> {
    /// Its name, 1 to 255 bytes.
    pub name: &'a [u8],
    /// On which stack it lies.
    pub kind: LocalKind,
    /// Its place there.
    pub place: u32,
    /// First word of the code in which it exists.
    pub first: u32,
    /// First word behind that code.
    pub end: u32,
}

impl<'a> ModuleSymbol<'a> {
    /// The function's locals, in order.
    pub fn locals(&self) -> impl Iterator<Item = ModuleLocal<'a>> + use<'a> {
        let mut reader = Reader {
            bytes: self.locals,
            at: 0,
        };
        // Each has been read before.
        core::iter::from_fn(move || reader.local(u32::MAX).ok())
    }
}

impl<'a> Reader<'a> {
    /// What a function of so many words and its locals are called.
    pub(super) fn symbol(&mut self, length: u32) -> Result<ModuleSymbol<'a>, ModuleError> {
        let name = self.short_bytes()?;
        let offset = self.at;
        let count = self.u32()?;
        if count > super::MAX_ITEMS {
            return Err(ModuleError {
                offset,
                reason: "the function has more locals than one may have",
            });
        }
        let start = self.at;
        for _ in 0..count {
            self.local(length)?;
        }
        Ok(ModuleSymbol {
            name,
            locals: &self.bytes[start..self.at],
        })
    }

    fn local(&mut self, length: u32) -> Result<ModuleLocal<'a>, ModuleError> {
        let offset = self.at;
        let bad = |reason| ModuleError { offset, reason };
        let name = self.name()?;
        let kind = match self.take(1)?[0] {
            0 => LocalKind::Cell,
            1 => LocalKind::Value,
            _ => return Err(bad("the local lies on no stack")),
        };
        let (place, first, end) = (self.u32()?, self.u32()?, self.u32()?);
        if first > end || end > length {
            return Err(bad("the local exists outside of its function"));
        }
        Ok(ModuleLocal {
            name,
            kind,
            place,
            first,
            end,
        })
    }
}
