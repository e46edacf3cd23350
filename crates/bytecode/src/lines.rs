//! The line table of a function: which place in which source each instruction came from.
//!
//! A table is a run of bytes. Each of its entries says that the code from one word on, up to the
//! word of the next entry, came from one position. An entry is a few unsigned LEB128 numbers, most
//! of them of one byte:
//!
//! 1. the distance in words from the entry before (from the first word of the code for the first
//!    entry), doubled, plus one if the source is another than in the entry before;
//! 2. the number of that source, if it is another; the first entry counts from source 0;
//! 3. the distance in lines, zigzag encoded (0, −1, 1, −2 … as 0, 1, 2, 3 …); the first entry
//!    counts from line 0;
//! 4. the column.
//!
//! There is one encoding for a table and one only: words ascend, neighbouring entries differ in
//! their position, no number is longer than it must be. [`Lines::read`] refuses everything else, so
//! a table may come from anywhere. An [`Encoder`] writes entry by entry and keeps nothing but the
//! last one; [`Lines::encoder`] goes on where a table ends.

use crate::function::MAX_WORDS;

/// A place in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Number of the source among those that are known; 0 is the first.
    pub source: u32,
    /// Line, as the source's language counts.
    pub line: u32,
    /// Column, as the source's language counts.
    pub column: u32,
}

/// An entry: the code from `word` on came from `position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// First word of the code, counted from the first instruction.
    pub word: u32,
    /// Where it came from.
    pub position: Position,
}

/// Longest entry, in bytes: four numbers, the longest of 33 bits.
pub const MAX_ENTRY: usize = 4 * LONGEST;

/// Longest number, in bytes.
const LONGEST: usize = 5;

/// Why bytes are no line table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinesError {
    /// Byte of the table at which the wrong entry or number begins.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl core::fmt::Display for LinesError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "malformed line table at byte {}: {}",
            self.offset, self.reason
        )
    }
}

/// A line table whose form has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    bytes: &'a [u8],
}

impl<'a> Lines<'a> {
    /// The table of a function of which no position is known.
    pub const EMPTY: Self = Self { bytes: &[] };

    /// Checks the table of a function of `words` words of code.
    ///
    /// # Errors
    /// The first entry that breaks the form, or that lies outside the code.
    pub fn read(bytes: &'a [u8], words: u32) -> Result<Self, LinesError> {
        let mut reader = Reader::new(bytes);
        while reader.at < bytes.len() {
            let offset = reader.at;
            if reader.entry()?.word >= words {
                return Err(LinesError {
                    offset,
                    reason: "the entry lies behind the code",
                });
            }
        }
        Ok(Self { bytes })
    }

    /// The bytes of the table.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The entries, in order of their words.
    pub fn iter(&self) -> impl Iterator<Item = Line> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        // Each entry has been read before.
        core::iter::from_fn(move || reader.entry().ok())
    }

    /// Where the instruction that begins at `word`, or goes on there, came from; `None` before the
    /// first entry.
    #[must_use]
    pub fn position(&self, word: u32) -> Option<Position> {
        self.iter()
            .take_while(|line| line.word <= word)
            .last()
            .map(|line| line.position)
    }

    /// An encoder that goes on behind the last entry.
    #[must_use]
    pub fn encoder(&self) -> Encoder {
        Encoder {
            last: self.iter().last(),
        }
    }
}

/// One entry as bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry {
    bytes: [u8; MAX_ENTRY],
    length: usize,
}

impl Entry {
    /// The bytes, which are to be put behind those of the table; empty if there is nothing to add.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    fn byte(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }
}

/// Writes a table, an entry at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Encoder {
    last: Option<Line>,
}

impl Encoder {
    /// An encoder of a table that is still empty.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// The entry that says that the code from `line.word` on came from `line.position`.
    ///
    /// It is empty if the table says so already, if the function cannot have that word, and if the word does not
    /// lie behind that of the last entry: a builder that makes one instruction of two has taken
    /// the later one back, and the earlier one's position stands for both.
    pub fn append(&mut self, line: Line) -> Entry {
        let mut entry = Entry::default();
        let superfluous = self
            .last
            .is_some_and(|last| line.word <= last.word || line.position == last.position);
        if superfluous || line.word as usize >= MAX_WORDS {
            return entry;
        }
        let (word, before) = self
            .last
            .map_or((0, Position::default()), |last| (last.word, last.position));
        let position = line.position;
        let moved = position.source != before.source;
        entry.number(u64::from(line.word - word) << 1 | u64::from(moved));
        if moved {
            entry.number(u64::from(position.source));
        }
        entry.number(zigzag(i64::from(position.line) - i64::from(before.line)));
        entry.number(u64::from(position.column));
        self.last = Some(line);
        entry
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    last: Option<Line>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            last: None,
        }
    }

    fn entry(&mut self) -> Result<Line, LinesError> {
        let offset = self.at;
        let bad = |reason| LinesError { offset, reason };
        let (word, before) = self
            .last
            .map_or((0, Position::default()), |last| (last.word, last.position));
        let step = self.number()?;
        let word = u64::from(word) + (step >> 1);
        let word = u32::try_from(word)
            .ok()
            .filter(|word| (*word as usize) < MAX_WORDS)
            .ok_or(bad("the entry lies behind the longest code"))?;
        let source = if step & 1 == 1 {
            self.short()?
        } else {
            before.source
        };
        if step & 1 == 1 && source == before.source {
            return Err(bad("the entry changes the source to the same"));
        }
        let line = i64::from(before.line) + unzigzag(self.number()?);
        let line = u32::try_from(line).map_err(|_| bad("the line is out of range"))?;
        let column = self.short()?;
        let position = Position {
            source,
            line,
            column,
        };
        if let Some(last) = self.last {
            if last.word == word {
                return Err(bad("two entries are for one word"));
            }
            if last.position == position {
                return Err(bad("two entries in a row have one position"));
            }
        }
        let line = Line { word, position };
        self.last = Some(line);
        Ok(line)
    }

    fn short(&mut self) -> Result<u32, LinesError> {
        let offset = self.at;
        u32::try_from(self.number()?).map_err(|_| LinesError {
            offset,
            reason: "the number is out of range",
        })
    }

    /// A number of at most 35 bits.
    fn number(&mut self) -> Result<u64, LinesError> {
        let offset = self.at;
        let mut number = 0;
        for place in 0..LONGEST {
            let Some(byte) = self.bytes.get(self.at) else {
                return Err(LinesError {
                    offset,
                    reason: "the table is cut off",
                });
            };
            self.at += 1;
            number |= u64::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                if *byte == 0 && place > 0 {
                    return Err(LinesError {
                        offset,
                        reason: "the number is longer than it must be",
                    });
                }
                return Ok(number);
            }
        }
        Err(LinesError {
            offset,
            reason: "the number is out of range",
        })
    }
}

/// Small numbers of both signs as small numbers without one.
fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
