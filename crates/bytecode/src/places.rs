//! Where the instructions of a definition under construction came from.
//!
//! A [`Builder`](crate::builder::Builder) keeps a [`Place`] for every instruction it adds, in a table
//! beside the code, and moves the two together. When a function is finished, [`write_lines`] makes the
//! [line table](crate::lines) of it that stays.

use crate::instruction::Op;
use crate::lines::{Encoder, Entry, Line, Position};

/// A position in one word: what of its numbers does not fit is said as the largest that does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Place(u64);

const SOURCE_BITS: u32 = 20;
const LINE_BITS: u32 = 28;
const COLUMN_BITS: u32 = 16;

/// As much of `number` as `bits` bits can say.
fn cut(number: u32, bits: u32) -> u64 {
    u64::from(number).min((1 << bits) - 1)
}

impl Place {
    /// No place in particular: source, line and column are 0.
    pub const NONE: Self = Self(0);

    /// The place of a position.
    #[must_use]
    pub fn new(position: Position) -> Self {
        let Position {
            source,
            line,
            column,
        } = position;
        Self(
            cut(source, SOURCE_BITS) << (LINE_BITS + COLUMN_BITS)
                | cut(line, LINE_BITS) << COLUMN_BITS
                | cut(column, COLUMN_BITS),
        )
    }

    /// The position that it stands for.
    #[must_use]
    pub fn position(self) -> Position {
        let part = |shift: u32, bits: u32| (self.0 >> shift) as u32 & ((1 << bits) - 1);
        Position {
            source: part(LINE_BITS + COLUMN_BITS, SOURCE_BITS),
            line: part(COLUMN_BITS, LINE_BITS),
            column: part(0, COLUMN_BITS),
        }
    }
}

/// How much of the positions a table says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Columns,
    Lines,
}

/// Writes the line table of `code`, whose instructions came from `places`, to the beginning of `out`;
/// returns its length. If it does not fit, it says lines only, without columns; and if that does not fit
/// either, it says no position for the rest of the code.
#[must_use]
pub fn write_lines(code: &[u32], places: &[Place], out: &mut [u8]) -> usize {
    match write(code, places, Detail::Columns, out) {
        (length, true) => length,
        _ => write(code, places, Detail::Lines, out).0,
    }
}

/// Returns the length and whether that is all.
fn write(code: &[u32], places: &[Place], detail: Detail, out: &mut [u8]) -> (usize, bool) {
    let mut encoder = Encoder::new();
    let mut length = 0;
    let mut at = 0;
    let mut before = None;
    while let (Some(op), Some(place)) = (code.get(at).copied().and_then(Op::decode), places.get(at))
    {
        // Most instructions come from where the one before them came from.
        if before != Some(*place) {
            before = Some(*place);
            let mut position = place.position();
            if detail == Detail::Lines {
                position.column = 0;
            }
            let last = encoder;
            let entry = encoder.append(line_of(at, position));
            // Behind it there is always room for the entry that says that nothing more is known.
            if length + entry.bytes().len() + LONGEST_LAST > out.len() {
                encoder = last;
                let end = encoder.append(line_of(at, Position::default()));
                length += put(&end, &mut out[length..]);
                return (length, false);
            }
            length += put(&entry, &mut out[length..]);
        }
        at += op.words();
    }
    (length, true)
}

/// Longest entry that says that nothing is known: a step, source 0, back to line 0, column 0.
const LONGEST_LAST: usize = 3 + 1 + 5 + 1;

fn line_of(at: usize, position: Position) -> Line {
    Line {
        word: u32::try_from(at).unwrap_or(u32::MAX),
        position,
    }
}

/// Copies an entry if there is room; returns its length.
fn put(entry: &Entry, out: &mut [u8]) -> usize {
    let bytes = entry.bytes();
    match out.get_mut(..bytes.len()) {
        Some(out) => {
            out.copy_from_slice(bytes);
            bytes.len()
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{Place, write_lines};
    use crate::instruction::Op;
    use crate::lines::{Lines, Position};
    use std::vec;
    use std::vec::Vec;

    fn at(line: u32, column: u32) -> Position {
        Position {
            source: 3,
            line,
            column,
        }
    }

    #[test]
    fn a_place_keeps_its_position_and_cuts_what_it_cannot_say() {
        let position = at(70_000, 80);
        assert_eq!(Place::new(position).position(), position);
        let far = Place::new(Position {
            source: u32::MAX,
            line: u32::MAX,
            column: u32::MAX,
        });
        let Position {
            source,
            line,
            column,
        } = far.position();
        assert_eq!((source, line, column), (0xF_FFFF, 0xFFF_FFFF, 0xFFFF));
        assert_eq!(Place::NONE.position(), Position::default());
    }

    #[test]
    fn the_table_of_some_code_says_where_each_instruction_came_from() {
        let code = [Op::Dup as u32, Op::Int as u32, 7, Op::Drop as u32];
        let places = [at(1, 5), at(2, 1), at(9, 9), at(2, 1)].map(Place::new);
        let mut out = [0; 64];
        let length = write_lines(&code, &places, &mut out);
        let lines = Lines::read(&out[..length], 4).expect("it is a table");
        let found: Vec<_> = (0..4).map(|word| lines.position(word)).collect();
        // The third word is an operand; the last instruction adds nothing.
        let second = Some(at(2, 1));
        assert_eq!(found, [Some(at(1, 5)), second, second, second]);
        assert_eq!(lines.iter().count(), 2);
    }

    #[test]
    fn a_table_that_does_not_fit_says_less() {
        let code = vec![Op::Dup as u32; 100];
        let places: Vec<_> = (0..100)
            .map(|word| Place::new(at(1 + word / 10, word)))
            .collect();
        let table = |room: usize| {
            let mut out = vec![0; room];
            let length = write_lines(&code, &places, &mut out);
            out.truncate(length);
            let lines = Lines::read(&out, 100).expect("it is a table");
            [0, 55, 99].map(|word| lines.position(word))
        };
        let all = [at(1, 0), at(6, 55), at(10, 99)].map(Some);
        let lines = [at(1, 0), at(6, 0), at(10, 0)].map(Some);
        assert_eq!(table(1000), all);
        assert_eq!(table(50), lines);
        assert_eq!(table(20)[0], lines[0]);
        assert_eq!(table(20)[2], Some(Position::default()));
        assert_eq!(table(0), [None; 3]);
    }
}
