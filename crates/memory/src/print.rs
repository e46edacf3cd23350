//! The text form of values: EDN where that has a form, tagged elements for the rest.
//!
//! | value | text |
//! |---|---|
//! | nil, booleans | `nil` `true` `false` |
//! | integers | `42` `-7` |
//! | floats | `1.5` `-0.0` `1e300` `##NaN` `##Inf` `##-Inf`: the shortest digits that read back the same |
//! | characters | `\a` `\[` `\space` `\newline` `\return` `\tab` `\u0007` |
//! | text | `"…"` with `\"` `\\` `\n` `\r` `\t` `\u0007` |
//! | vectors, maps, sets | `[1 2]` `{1 2, 3 4}` `#{1 2}` |
//! | bytes | `#stele/bytes "00ff"` |
//! | names of capabilities | `#stele/capability 5` |
//! | names of atoms, by number; they cannot be read | `#stele/atom 5` |
//! | code | `#stele/code 5` |
//! | records | `#stele/record [type field field]` |
//!
//! [`read`](crate::read) reads all of it back. Entries and members come in the order of their trie,
//! which depends on them alone.

use core::fmt::{self, Write};

use crate::arena::OutOfMemory;
use crate::memo::Frames;
use crate::scalar::ValueKind;
use crate::scratch::Scratch;
use crate::session::{Local, Session};
use crate::trie::TrieCursor;
use crate::value::Value;

/// Bytes of room that printing needs to go on: no token but a string is longer.
pub const LEAST_PRINT_ROOM: usize = 64;
/// Room that is left free while a string is printed: for an escape and the final quote.
const MARGIN: usize = 8;

/// A value being printed: plain words that may be kept anywhere, also across collections and in a
/// saved arena. Whoever gives one up before it is done ends it with [`Session::end_printing`].
#[repr(C)]
#[derive(Debug)]
pub struct Printing {
    stack: Scratch,
}

impl Printing {
    /// Nothing has been printed yet.
    #[must_use]
    pub const fn new() -> Printing {
        Printing {
            stack: Scratch::NONE,
        }
    }
}

impl Default for Printing {
    fn default() -> Printing {
        Printing::new()
    }
}

/// A value and how far it has been printed.
#[derive(Clone, Copy)]
struct Frame {
    value: Value,
    phase: Phase,
    /// Index of the next element or byte, or the two words of a cursor.
    place: [u64; 2],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing of it.
    New = 0,
    /// The opening, or an entry.
    Open = 1,
    /// The key of the entry at the cursor.
    Key = 2,
}

impl Frame {
    fn new(value: Value) -> Frame {
        Frame {
            value,
            phase: Phase::New,
            place: [0; 2],
        }
    }

    fn words(&self) -> [Value; 6] {
        let integer = |word: u64| Value::inline_integer(word as i64).unwrap_or(Value::NIL);
        let [a, b] = self.place;
        [
            self.value,
            integer(self.phase as u64),
            integer(a & 0xFFFF_FFFF),
            integer(a >> 32),
            integer(b & 0xFFFF_FFFF),
            integer(b >> 32),
        ]
    }

    fn of(words: [Value; 6]) -> Frame {
        let integer = |word: Value| word.as_inline_integer().unwrap_or(0) as u64;
        Frame {
            value: words[0],
            phase: match integer(words[1]) {
                0 => Phase::New,
                1 => Phase::Open,
                _ => Phase::Key,
            },
            place: [
                integer(words[2]) | integer(words[3]) << 32,
                integer(words[4]) | integer(words[5]) << 32,
            ],
        }
    }

    fn cursor(&self) -> TrieCursor {
        TrieCursor { words: self.place }
    }
}

/// Where printed bytes go.
struct Out<'o> {
    bytes: &'o mut [u8],
    used: usize,
}

impl Out<'_> {
    fn room(&self) -> usize {
        self.bytes.len() - self.used
    }
}

impl Write for Out<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.used + text.len();
        let to = self.bytes.get_mut(self.used..end).ok_or(fmt::Error)?;
        to.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

/// What to do after a piece of a value has been printed.
enum Next {
    /// It is complete.
    Done,
    /// First print this, then go on.
    Descend(Value),
    /// Go on with it.
    Again,
}

/// A piece of printing, or an error that means the room was too small after all.
type Piece = Result<Next, fmt::Error>;

impl Session<'_> {
    /// Goes on with printing a value into `out`, for at most `units` units of work, from which it
    /// takes what it did. Returns how many bytes of `out` it filled, and whether the value is
    /// complete. The bytes of all steps together are UTF-8. `out` has at least
    /// [`LEAST_PRINT_ROOM`] bytes, or nothing is printed; the value is the same at each step.
    ///
    /// # Errors
    /// Deep values need scratch blocks; if there is no room for them. Printing then begins anew.
    pub fn print_step(
        &self,
        printing: &mut Printing,
        value: Local<'_>,
        out: &mut [u8],
        units: &mut u64,
    ) -> Result<(usize, bool), OutOfMemory> {
        let mut out = Out {
            bytes: out,
            used: 0,
        };
        let done = self.print_pieces(&mut printing.stack, value.value, &mut out, units);
        if !matches!(done, Ok(false)) {
            self.end_printing(printing);
        }
        done.map(|done| (out.used, done))
    }

    /// Gives printing up.
    pub fn end_printing(&self, printing: &mut Printing) {
        self.close_scratch(&mut printing.stack);
    }

    fn print_pieces(
        &self,
        stack: &mut Scratch,
        value: Value,
        out: &mut Out<'_>,
        units: &mut u64,
    ) -> Result<bool, OutOfMemory> {
        let mut frames = Frames::new();
        let mut frame = match frames.pop(self, stack) {
            Some(words) => Frame::of(words),
            None => Frame::new(value),
        };
        loop {
            if *units == 0 || out.room() < LEAST_PRINT_ROOM {
                frames.push(self, stack, frame.words())?;
                frames.park(self, stack)?;
                return Ok(false);
            }
            *units -= 1;
            match self.print_piece(&mut frame, out) {
                Ok(Next::Again) | Err(fmt::Error) => {}
                Ok(Next::Descend(inner)) => {
                    frames.push(self, stack, frame.words())?;
                    frame = Frame::new(inner);
                }
                Ok(Next::Done) => match frames.pop(self, stack) {
                    Some(words) => frame = Frame::of(words),
                    None => return Ok(true),
                },
            }
        }
    }

    fn print_piece(&self, frame: &mut Frame, out: &mut Out<'_>) -> Piece {
        let local = Local::new(frame.value);
        match self.kind(local) {
            ValueKind::Text => print_text(frame, self.as_text(local).unwrap_or_default(), out),
            ValueKind::Bytes => print_bytes(frame, self.as_bytes(local).unwrap_or_default(), out),
            ValueKind::Vector => {
                let element = |index| self.vector_get(local, index).map(|element| element.value);
                print_row(frame, "[", element, out)
            }
            ValueKind::Record => {
                if frame.phase == Phase::New {
                    let kind = self.record_type(local).unwrap_or(0);
                    write!(out, "#stele/record [{kind}")?;
                    frame.phase = Phase::Key;
                    return Ok(Next::Again);
                }
                let field = |index| self.field(local, index as usize).map(|field| field.value);
                print_row(frame, "", field, out)
            }
            ValueKind::Set => {
                let next = self.set_next(local, frame.cursor());
                let next = next.map(|(member, cursor)| (member.value, None, cursor));
                print_entry(frame, "#{", next, out)
            }
            ValueKind::Map => {
                let next = self.map_next(local, frame.cursor());
                let next = next.map(|(key, value, cursor)| (key.value, Some(value.value), cursor));
                print_entry(frame, "{", next, out)
            }
            _ => self.print_scalar(local, out).map(|()| Next::Done),
        }
    }

    fn print_scalar(&self, local: Local<'_>, out: &mut Out<'_>) -> fmt::Result {
        if let Some(integer) = self.as_integer(local) {
            return write!(out, "{integer}");
        }
        if let Some(float) = self.as_float(local) {
            return match float {
                _ if float.is_nan() => out.write_str("##NaN"),
                f64::INFINITY => out.write_str("##Inf"),
                f64::NEG_INFINITY => out.write_str("##-Inf"),
                _ => write!(out, "{float:?}"),
            };
        }
        if let Some(character) = self.as_character(local) {
            return print_character(character, out);
        }
        if let Some(atom) = self.as_atom(local) {
            return write!(out, "#stele/atom {}", self.atom_number(atom));
        }
        if let Some(name) = self.as_capability(local) {
            return write!(out, "#stele/capability {name}");
        }
        if let Some(code) = self.as_code(local) {
            return write!(out, "#stele/code {}", code.0);
        }
        out.write_str(match self.as_boolean(local) {
            Some(true) => "true",
            Some(false) => "false",
            None => "nil",
        })
    }
}

/// The next element of a row in brackets.
fn print_row(
    frame: &mut Frame,
    opening: &str,
    element: impl Fn(u64) -> Option<Value>,
    out: &mut Out<'_>,
) -> Piece {
    let index = frame.place[0];
    match (frame.phase, element(index)) {
        (Phase::New, _) => {
            out.write_str(opening)?;
            frame.phase = Phase::Open;
            Ok(Next::Again)
        }
        (_, None) => out.write_str("]").map(|()| Next::Done),
        (phase, Some(element)) => {
            // What follows something, here the type of a record, stands apart from it.
            if index > 0 || phase == Phase::Key {
                out.write_str(" ")?;
            }
            frame.place[0] += 1;
            Ok(Next::Descend(element))
        }
    }
}

/// The next member, key or value in braces.
fn print_entry(
    frame: &mut Frame,
    opening: &str,
    next: Option<(Value, Option<Value>, TrieCursor)>,
    out: &mut Out<'_>,
) -> Piece {
    if frame.phase == Phase::New {
        out.write_str(opening)?;
        frame.phase = Phase::Open;
        return Ok(Next::Again);
    }
    let Some((key, value, cursor)) = next else {
        return out.write_str("}").map(|()| Next::Done);
    };
    if let (Phase::Key, Some(value)) = (frame.phase, value) {
        out.write_str(" ")?;
        frame.phase = Phase::Open;
        frame.place = cursor.words;
        return Ok(Next::Descend(value));
    }
    if frame.place != [0; 2] {
        out.write_str(if value.is_some() { ", " } else { " " })?;
    }
    match value {
        Some(_) => frame.phase = Phase::Key,
        None => frame.place = cursor.words,
    }
    Ok(Next::Descend(key))
}

fn print_text(frame: &mut Frame, text: &str, out: &mut Out<'_>) -> Piece {
    if frame.phase == Phase::New {
        out.write_str("\"")?;
        frame.phase = Phase::Open;
    }
    let rest = text.get(frame.place[0] as usize..).unwrap_or_default();
    for character in rest.chars() {
        if out.room() < MARGIN {
            return Ok(Next::Again);
        }
        match character {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            '\0'..' ' | '\u{7F}'..'\u{A0}' => write!(out, "\\u{:04x}", character as u32),
            _ => out.write_char(character),
        }?;
        frame.place[0] += character.len_utf8() as u64;
    }
    out.write_str("\"").map(|()| Next::Done)
}

fn print_bytes(frame: &mut Frame, bytes: &[u8], out: &mut Out<'_>) -> Piece {
    if frame.phase == Phase::New {
        out.write_str("#stele/bytes \"")?;
        frame.phase = Phase::Open;
    }
    let rest = bytes.get(frame.place[0] as usize..).unwrap_or_default();
    for byte in rest {
        if out.room() < MARGIN {
            return Ok(Next::Again);
        }
        write!(out, "{byte:02x}")?;
        frame.place[0] += 1;
    }
    out.write_str("\"").map(|()| Next::Done)
}

/// The names of characters that would not be seen.
pub(crate) const NAMED: [(&str, char); 4] = [
    ("newline", '\n'),
    ("return", '\r'),
    ("space", ' '),
    ("tab", '\t'),
];

fn print_character(character: char, out: &mut Out<'_>) -> fmt::Result {
    if let Some((name, _)) = NAMED.iter().find(|(_, named)| *named == character) {
        return write!(out, "\\{name}");
    }
    let unseen = character.is_control() || character.is_whitespace();
    if unseen && character <= '\u{FFFF}' {
        write!(out, "\\u{:04x}", character as u32)
    } else {
        write!(out, "\\{character}")
    }
}
