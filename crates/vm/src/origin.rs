//! Where words come from: what a word's record says of its source.
//!
//! An origin is a run of bytes: the number of functions there were before the word, as an unsigned
//! LEB128 number; where its definition begins, as three more (source, line, column); then, for each
//! function that its definition made, in the order they were made, the length of a
//! [line table](stele_bytecode::lines) in 16 bits and the table.
//!
//! Functions are numbered as they are made, and so are words, so the word that a function belongs to is
//! found by halving: see [`crate::whereabouts`].

use stele_bytecode::lines::{Lines, Position};

/// Longest origin, in bytes. What does not fit of its tables is left out.
pub const ORIGIN_LIMIT: usize = 4096;

/// Room that an instruction may take in an origin, in bytes.
pub const INSTRUCTION_BYTES: usize = 12;

/// Room for all of an origin that is not about an instruction.
pub const FIXED_BYTES: usize = 64;

/// Longest number, in bytes.
const LONGEST: usize = 5;

/// Puts an origin together.
pub struct OriginWriter<'a> {
    out: &'a mut [u8],
    length: usize,
}

impl<'a> OriginWriter<'a> {
    /// Begins an origin in `out`: the word was made when there were `functions` functions, and its
    /// definition begins at `position`.
    #[must_use]
    pub fn new(functions: u32, position: Position, out: &'a mut [u8]) -> Self {
        let mut writer = Self { out, length: 0 };
        for number in [functions, position.source, position.line, position.column] {
            writer.number(number);
        }
        writer
    }

    /// Adds a function whose line table `write` writes to the beginning of what it is given, returning
    /// its length.
    pub fn function(&mut self, write: impl FnOnce(&mut [u8]) -> usize) {
        let room = self.out.len().min(ORIGIN_LIMIT);
        let Some((head, table)) = self
            .out
            .get_mut(self.length..room)
            .and_then(|rest| rest.split_first_chunk_mut::<2>())
        else {
            return;
        };
        let length = write(table).min(table.len());
        *head = u16::try_from(length).unwrap_or(0).to_le_bytes();
        self.length += head.len() + length;
    }

    /// What has been put together.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.out[..self.length]
    }

    fn number(&mut self, number: u32) {
        let mut number = number;
        loop {
            let more = number >= 0x80;
            if let Some(byte) = self.out.get_mut(self.length) {
                *byte = number as u8 & 0x7F | u8::from(more) << 7;
                self.length += 1;
            }
            if !more {
                return;
            }
            number >>= 7;
        }
    }
}

/// An origin, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Functions there were before the word; the number of the first that its definition made, if it
    /// made one.
    pub functions: u32,
    /// Where its definition begins.
    pub position: Position,
    tables: &'a [u8],
}

impl<'a> Origin<'a> {
    /// Reads an origin; `None` if the bytes do not begin with one.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut number = || {
            let mut number = 0u32;
            for place in 0..LONGEST {
                let (byte, after) = rest.split_first()?;
                rest = after;
                number |= u32::from(byte & 0x7F).checked_shl(7 * place as u32)?;
                if byte & 0x80 == 0 {
                    return Some(number);
                }
            }
            None
        };
        let functions = number()?;
        let position = Position {
            source: number()?,
            line: number()?,
            column: number()?,
        };
        Some(Self {
            functions,
            position,
            tables: rest,
        })
    }

    /// The line table of the function numbered `id`, which has `words` words of code; `None` if the
    /// definition did not make it.
    #[must_use]
    pub fn lines(&self, id: u32, words: u32) -> Option<Lines<'a>> {
        let mut rest = self.tables;
        for _ in 0..id.checked_sub(self.functions)? {
            rest = split_table(rest)?.1;
        }
        let (table, _) = split_table(rest)?;
        Some(Lines::read(table, words).unwrap_or(Lines::EMPTY))
    }
}

/// The first table, and what follows it.
fn split_table(tables: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = tables.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{FIXED_BYTES, Origin, OriginWriter};
    use stele_bytecode::lines::{Encoder, Line, Position};

    const HERE: Position = Position {
        source: 2,
        line: 300,
        column: 9,
    };

    fn table(line: u32) -> impl FnOnce(&mut [u8]) -> usize {
        move |out| {
            let position = Position { line, ..HERE };
            let entry = Encoder::new().append(Line { word: 0, position });
            out[..entry.bytes().len()].copy_from_slice(entry.bytes());
            entry.bytes().len()
        }
    }

    #[test]
    fn an_origin_is_read_back() {
        let mut bytes = [0; FIXED_BYTES];
        let mut writer = OriginWriter::new(1000, HERE, &mut bytes);
        writer.function(table(301));
        writer.function(table(302));
        let origin = Origin::read(writer.bytes()).expect("it is one");
        assert_eq!((origin.functions, origin.position), (1000, HERE));
        let line = |id| {
            let lines = origin.lines(id, 1)?;
            lines.position(0).map(|position| position.line)
        };
        assert_eq!(
            [999, 1000, 1001, 1002].map(line),
            [None, Some(301), Some(302), None]
        );
    }

    #[test]
    fn an_origin_without_room_leaves_out_what_does_not_fit() {
        for room in 0..16 {
            let mut bytes = [0; 16];
            let mut writer = OriginWriter::new(1000, HERE, &mut bytes[..room]);
            writer.function(|out| out.len());
            assert!(writer.bytes().len() <= room);
            if let Some(origin) = Origin::read(writer.bytes()) {
                let _ = origin.lines(1000, 1);
            }
        }
    }

    #[test]
    fn any_bytes_are_an_origin_or_none() {
        let mut bytes = [0u8; 12];
        let mut state = 1u32;
        for _ in 0..20_000 {
            for byte in &mut bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
            if let Some(origin) = Origin::read(&bytes) {
                for id in [
                    0,
                    origin.functions,
                    origin.functions.wrapping_add(1),
                    u32::MAX,
                ] {
                    let _ = origin.lines(id, 4);
                }
            }
        }
    }
}
