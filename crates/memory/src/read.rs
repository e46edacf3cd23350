//! Reading values from text: all that [`print`](crate::print) writes, and EDN's white space (commas
//! too) and comments (`;` to the end of the line).
//!
//! A reader is a loop over tokens with a stack of unfinished collections in a scratch block. It can
//! be interrupted between any two tokens, and while the key of a map is looked up. A string is read
//! in one go, so there is a [longest](LONGEST_READ).

use core::fmt;

use crate::arena::OutOfMemory;
use crate::code::CodeRef;
use crate::lookup::Lookup;
use crate::print::NAMED;
use crate::scratch::Scratch;
use crate::session::{Local, Refusal, SYSTEM_RECORDS, Session};
use crate::value::{NAME_LIMIT, Value};

/// Most bytes of a text, or of bytes, that is read.
pub const LONGEST_READ: usize = 256 << 10;
/// Most bytes that a byte of text takes in its form.
const LONGEST_ESCAPE: usize = 6;

/// A text being read: plain words that may be kept anywhere, also across collections and in a saved
/// arena. Whoever gives one up before it is done ends it with [`Session::end_reading`].
#[repr(C)]
#[derive(Debug, Default)]
pub struct Reading {
    /// Frames of [`FRAME`] values each; when a value is being added to the topmost, it comes last.
    stack: Scratch,
    lookup: Lookup,
    /// Where the next token begins.
    at: u64,
    /// Where the token that is being dealt with began.
    token: u64,
    /// Whether a value waits to be added to the topmost frame.
    adding: u64,
}

impl Reading {
    /// Nothing has been read yet.
    #[must_use]
    pub const fn new() -> Reading {
        Reading {
            stack: Scratch::NONE,
            lookup: Lookup::new(),
            at: 0,
            token: 0,
            adding: 0,
        }
    }

    /// Bytes from the start of the text to the end of what has been read.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.at
    }
}

/// Why a text cannot be read, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// Bytes from the start of the text.
    pub at: u64,
    /// What is wrong there.
    pub reason: ReadReason,
}

/// What is wrong with a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadReason {
    /// The text ends where a value is needed.
    NothingToRead,
    /// The text ends inside this.
    Unfinished(&'static str),
    /// A byte that begins no value.
    Unexpected(u8),
    /// This closes something that is not open.
    Unmatched(char),
    /// A word that is no value: not `nil`, `true` or `false`, nor a number.
    UnknownWord,
    /// Digits that are no number as numbers are written here.
    MalformedNumber,
    /// A number beyond 64 bits.
    NumberTooLarge,
    /// A character that has no such name.
    UnknownCharacter,
    /// An escape that means nothing.
    UnknownEscape,
    /// Bytes that are not UTF-8.
    NotText,
    /// A tag that is not one of `#stele/…`.
    UnknownTag,
    /// What follows a tag is not this.
    WrongTagged(&'static str),
    /// The name of an atom: who may use an atom has been given its name as a value.
    NameOfAtom,
    /// A record of a type that only the system makes.
    SystemRecord,
    /// A map with a key but no value.
    KeyWithoutValue,
    /// A key or a member that is equal to an earlier one.
    Duplicate,
    /// A text, or bytes, longer than [`LONGEST_READ`].
    TooLong,
    /// More text after the value.
    MoreText,
    /// There is no room for the value.
    OutOfMemory(OutOfMemory),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text, byte {}: ", self.at)?;
        match self.reason {
            ReadReason::NothingToRead => f.write_str("a value is needed here; the text ends"),
            ReadReason::Unfinished(what) => write!(f, "the text ends inside {what}; close it"),
            ReadReason::Unexpected(byte) if byte.is_ascii_graphic() => {
                write!(f, "`{}` begins no value", char::from(byte))
            }
            ReadReason::Unexpected(byte) => write!(f, "the byte {byte:#04x} begins no value"),
            ReadReason::Unmatched(bracket) => write!(f, "`{bracket}` closes nothing that is open"),
            ReadReason::UnknownWord => f.write_str("this word is no value; put text in quotes"),
            ReadReason::MalformedNumber => f.write_str("this is not how a number is written"),
            ReadReason::NumberTooLarge => f.write_str("this number does not fit in 64 bits"),
            ReadReason::UnknownCharacter => f.write_str("there is no character of this name"),
            ReadReason::UnknownEscape => {
                f.write_str("there is no such escape; `\\\\` is a backslash")
            }
            ReadReason::NotText => f.write_str("these bytes are not UTF-8"),
            ReadReason::UnknownTag => f.write_str("there is no such tag"),
            ReadReason::NameOfAtom => {
                f.write_str("an atom cannot be named by its number; get its name from who has it")
            }
            ReadReason::SystemRecord => {
                f.write_str("records of this type are made by running code, not by reading text")
            }
            ReadReason::WrongTagged(needed) => write!(f, "this tag needs {needed} behind it"),
            ReadReason::KeyWithoutValue => f.write_str("the last key of this map has no value"),
            ReadReason::Duplicate => f.write_str("an equal key or member came before"),
            ReadReason::TooLong => write!(f, "at most {LONGEST_READ} bytes are read in one piece"),
            ReadReason::MoreText => f.write_str("there is more text behind the value"),
            ReadReason::OutOfMemory(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ReadError {}

impl From<OutOfMemory> for ReadReason {
    fn from(error: OutOfMemory) -> ReadReason {
        ReadReason::OutOfMemory(error)
    }
}

impl From<Refusal> for ReadReason {
    fn from(refusal: Refusal) -> ReadReason {
        match refusal {
            Refusal::OutOfMemory(error) => ReadReason::OutOfMemory(error),
            // The reader adds to collections of its own, of the right kind.
            _ => ReadReason::Unfinished("a collection that was tampered with"),
        }
    }
}

/// Values of a frame: what it is, the collection so far, and a key that waits for its value.
const FRAME: usize = 3;

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened {
    Vector = 0,
    Map = 1,
    Set = 2,
    Bytes = 3,
    Atom = 4,
    Capability = 5,
    Code = 6,
    Record = 7,
}

const TAGS: [(&[u8], Opened); 5] = [
    (b"#stele/bytes", Opened::Bytes),
    (b"#stele/atom", Opened::Atom),
    (b"#stele/capability", Opened::Capability),
    (b"#stele/code", Opened::Code),
    (b"#stele/record", Opened::Record),
];

impl Opened {
    fn of(value: Value) -> Opened {
        match value.as_inline_integer() {
            Some(0) => Opened::Vector,
            Some(1) => Opened::Map,
            Some(2) => Opened::Set,
            Some(3) => Opened::Bytes,
            Some(4) => Opened::Atom,
            Some(5) => Opened::Capability,
            Some(6) => Opened::Code,
            _ => Opened::Record,
        }
    }

    fn closing(self) -> Option<char> {
        match self {
            Opened::Vector => Some(']'),
            Opened::Map | Opened::Set => Some('}'),
            _ => None,
        }
    }

    /// As a user calls it.
    fn name(self) -> &'static str {
        match self {
            Opened::Vector => "a vector",
            Opened::Map => "a map",
            Opened::Set => "a set",
            _ => "a tagged element",
        }
    }
}

/// What a token is.
enum Token {
    Value(Value),
    Open(Opened),
    Close(char),
}

/// Reasons with the place, which is that of the token unless it is told.
type Read<T> = Result<T, ReadReason>;

impl Session<'_> {
    /// The value that `text` is the form of, with nothing but white space around it.
    ///
    /// # Errors
    /// Says what is wrong and where, whatever the bytes.
    pub fn read(&self, text: &[u8]) -> Result<Local<'_>, ReadError> {
        let mut reading = Reading::new();
        loop {
            let step = self.read_step(&mut reading, text, &mut { u64::MAX });
            if let Some(value) = step.inspect_err(|_| self.end_reading(&mut reading))? {
                let at = blank(text, reading.at as usize);
                return if at == text.len() {
                    Ok(value)
                } else {
                    Err(ReadError {
                        at: at as u64,
                        reason: ReadReason::MoreText,
                    })
                };
            }
        }
    }

    /// Goes on with reading one value from `text`, for at most `units` units of work (but always a
    /// whole string), from which it takes what it did; none if it is not done. The text is the same
    /// at each step; [`Reading::position`] says how far it has been read.
    ///
    /// # Errors
    /// As [`Session::read`]; if there was no room, it can go on after a collection.
    pub fn read_step(
        &self,
        reading: &mut Reading,
        text: &[u8],
        units: &mut u64,
    ) -> Result<Option<Local<'_>>, ReadError> {
        match self.read_tokens(reading, text, units) {
            Ok(None) => Ok(None),
            Ok(Some(value)) => {
                let at = reading.at;
                self.end_reading(reading);
                reading.at = at;
                Ok(Some(Local::new(value)))
            }
            Err(reason) => {
                let at = reading.token;
                if !matches!(reason, ReadReason::OutOfMemory(_)) {
                    self.end_reading(reading);
                }
                Err(ReadError { at, reason })
            }
        }
    }

    /// Gives reading up.
    pub fn end_reading(&self, reading: &mut Reading) {
        self.close_scratch(&mut reading.stack);
        self.end_lookup(&mut reading.lookup);
        *reading = Reading::new();
    }

    fn read_tokens(
        &self,
        reading: &mut Reading,
        text: &[u8],
        units: &mut u64,
    ) -> Read<Option<Value>> {
        loop {
            if *units == 0 {
                return Ok(None);
            }
            if reading.adding != 0 {
                match self.add(reading, units)? {
                    Added::Complete(value) => return Ok(Some(value)),
                    // Charged at the end, so that a lookup always gets on.
                    Added::Inside => *units = units.saturating_sub(1),
                    Added::NotYet => return Ok(None),
                }
                continue;
            }
            *units -= 1;
            let at = blank(text, reading.at as usize);
            reading.token = at as u64;
            let depth = self.depth(reading);
            if at >= text.len() {
                return Err(match self.top(reading) {
                    Some((opened, _)) if depth > 0 => ReadReason::Unfinished(opened.name()),
                    _ => ReadReason::NothingToRead,
                });
            }
            let limit = match self.top(reading) {
                // Two digits a byte.
                Some((Opened::Bytes, _)) if depth > 0 => 2 * LONGEST_READ,
                _ => LONGEST_READ,
            };
            let (token, end) = self.token(text, at, limit)?;
            *units = units.saturating_sub((end - at) as u64 / 64);
            match token {
                Token::Value(value) => self.push_scratch(&mut reading.stack, &[value])?,
                Token::Open(opened) => {
                    let empty = match opened {
                        Opened::Vector => self.vector()?.value,
                        Opened::Map => self.map()?.value,
                        Opened::Set => self.set()?.value,
                        _ => Value::NIL,
                    };
                    let marker = Value::inline_integer(opened as i64).unwrap_or(Value::NIL);
                    self.push_scratch(&mut reading.stack, &[marker, empty, Value::HOLE])?;
                }
                Token::Close(closing) => self.close(reading, closing)?,
            }
            reading.adding = u64::from(!matches!(token, Token::Open(_)));
            reading.at = end as u64;
        }
    }

    /// How many frames are open.
    fn depth(&self, reading: &Reading) -> usize {
        self.view(&reading.stack)
            .map_or(0, |view| view.count() / FRAME)
    }

    /// The topmost frame: what it is, and where it begins.
    fn top(&self, reading: &Reading) -> Option<(Opened, usize)> {
        let view = self.view(&reading.stack)?;
        let first = (view.count() / FRAME).checked_sub(1)? * FRAME;
        Some((Opened::of(view.get(first)), first))
    }

    /// Makes the topmost frame a value that waits to be added.
    fn close(&self, reading: &mut Reading, closing: char) -> Read<()> {
        let Some((opened, first)) = self.top(reading) else {
            return Err(ReadReason::Unmatched(closing));
        };
        if opened.closing() != Some(closing) {
            return Err(ReadReason::Unmatched(closing));
        }
        if let Some(view) = self.view(&reading.stack) {
            if view.get(first + 2) != Value::HOLE {
                return Err(ReadReason::KeyWithoutValue);
            }
            let value = view.get(first + 1);
            view.truncate(first);
            view.push(value);
        }
        Ok(())
    }

    /// Adds the value that waits to the topmost frame.
    fn add(&self, reading: &mut Reading, units: &mut u64) -> Read<Added> {
        let Some(view) = self.view(&reading.stack) else {
            return Err(ReadReason::NothingToRead);
        };
        let last = view.count().saturating_sub(1);
        let value = view.get(last);
        let Some(first) = (last / FRAME).checked_sub(1).map(|frame| frame * FRAME) else {
            return Ok(Added::Complete(value));
        };
        let opened = Opened::of(view.get(first));
        let (so_far, key) = (view.get(first + 1), view.get(first + 2));
        let (collection, local) = (Local::new(so_far), Local::new(value));
        let mut key_now = Value::HOLE;
        let added = match opened {
            Opened::Vector => self.vector_push(collection, local)?.value,
            Opened::Map if key == Value::HOLE => {
                key_now = value;
                so_far
            }
            Opened::Map => {
                let key = Local::new(key);
                if !self.lookup_step(&mut reading.lookup, collection, key, units)? {
                    return Ok(Added::NotYet);
                }
                if self.map_get_found(collection, &reading.lookup).is_some() {
                    return Err(ReadReason::Duplicate);
                }
                let larger = self.map_insert_found(collection, &reading.lookup, key, local)?;
                self.end_lookup(&mut reading.lookup);
                larger.value
            }
            Opened::Set => {
                if !self.lookup_step(&mut reading.lookup, collection, local, units)? {
                    return Ok(Added::NotYet);
                }
                if self.set_get_found(collection, &reading.lookup).is_some() {
                    return Err(ReadReason::Duplicate);
                }
                let larger = self.set_insert_found(collection, &reading.lookup, local)?;
                self.end_lookup(&mut reading.lookup);
                larger.value
            }
            tag => {
                // The element takes the place of its tag, and is added in turn.
                let element = self.tagged(tag, local)?;
                view.truncate(first);
                view.push(element);
                return Ok(Added::Inside);
            }
        };
        view.truncate(last);
        view.set(first + 1, added);
        view.set(first + 2, key_now);
        reading.adding = 0;
        Ok(Added::Inside)
    }

    /// The element that a tag makes of a value.
    fn tagged(&self, tag: Opened, value: Local<'_>) -> Read<Value> {
        let number = |limit: u64| {
            let integer = self.as_integer(value).and_then(|it| u64::try_from(it).ok());
            integer.filter(|integer| *integer < limit)
        };
        let needs = ReadReason::WrongTagged;
        match tag {
            Opened::Bytes => {
                let digits = self.as_text(value).map(str::as_bytes);
                self.bytes_from_digits(digits.ok_or(needs("text of hexadecimal digits"))?)
            }
            Opened::Atom => Err(ReadReason::NameOfAtom),
            Opened::Capability => {
                let name = number(NAME_LIMIT).ok_or(needs("a number below 2^60"))?;
                Ok(Value::name(name, true))
            }
            Opened::Code => {
                let code = number(1 << 32).ok_or(needs("a number below 2^32"))?;
                Ok(self.code(CodeRef(code as u32)).value)
            }
            _ => {
                let needs = needs("a vector that begins with a type below 65536");
                let mut fields = self.vector_elements(value);
                let kind = fields.next().and_then(|kind| self.as_integer(kind));
                let kind = kind
                    .and_then(|kind| u16::try_from(kind).ok())
                    .ok_or(needs)?;
                if SYSTEM_RECORDS.contains(&kind) {
                    return Err(ReadReason::SystemRecord);
                }
                Ok(self.record_of(kind, fields)?.value)
            }
        }
    }

    fn bytes_from_digits(&self, digits: &[u8]) -> Read<Value> {
        let malformed = ReadReason::WrongTagged("an even number of hexadecimal digits");
        let (pairs, rest) = digits.as_chunks::<2>();
        let byte = |pair: &[u8; 2]| {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)
        };
        if !rest.is_empty() || pairs.iter().any(|pair| byte(pair).is_none()) {
            return Err(malformed);
        }
        let bytes = pairs.iter().map(|pair| byte(pair).unwrap_or(0));
        Ok(self.bytes_of_length(pairs.len(), bytes, false)?.value)
    }

    /// The token that begins at `at`, and where it ends; a string has `limit` bytes at most.
    fn token(&self, text: &[u8], at: usize, limit: usize) -> Read<(Token, usize)> {
        let rest = &text[at..];
        let first = rest[0];
        let one = |token| Ok((token, at + 1));
        match first {
            b'[' => one(Token::Open(Opened::Vector)),
            b'{' => one(Token::Open(Opened::Map)),
            b']' | b'}' => one(Token::Close(char::from(first))),
            b'#' if rest.get(1) == Some(&b'{') => Ok((Token::Open(Opened::Set), at + 2)),
            b'"' => {
                let (value, length) = self.string(rest, limit)?;
                Ok((Token::Value(value), at + length))
            }
            b'\\' => {
                let length = 1 + first_character(&rest[1..])?.len_utf8();
                let length = length + word_length(&rest[length..]);
                let value = Value::character(named_character(&rest[1..length])?);
                Ok((Token::Value(value), at + length))
            }
            _ => {
                let word = &rest[..word_length(rest)];
                if word.is_empty() {
                    return Err(ReadReason::Unexpected(first));
                }
                Ok((self.word(word)?, at + word.len()))
            }
        }
    }

    fn word(&self, word: &[u8]) -> Read<Token> {
        let value = match word {
            b"nil" => Value::NIL,
            b"true" => Value::TRUE,
            b"false" => Value::FALSE,
            b"##NaN" => self.float(f64::NAN)?.value,
            b"##Inf" => self.float(f64::INFINITY)?.value,
            b"##-Inf" => self.float(f64::NEG_INFINITY)?.value,
            [b'#', ..] => {
                let tag = TAGS.iter().find(|(tag, _)| *tag == word);
                return tag.map_or(Err(ReadReason::UnknownTag), |(_, tag)| {
                    Ok(Token::Open(*tag))
                });
            }
            [b'0'..=b'9', ..] | [b'+' | b'-', b'0'..=b'9', ..] => self.number(word)?,
            [0x80..=0xFF, ..] if core::str::from_utf8(word).is_err() => {
                return Err(ReadReason::NotText);
            }
            _ => return Err(ReadReason::UnknownWord),
        };
        Ok(Token::Value(value))
    }

    fn number(&self, word: &[u8]) -> Read<Value> {
        let unsigned = word.strip_prefix(b"+").unwrap_or(word);
        let digits = unsigned.strip_prefix(b"-").unwrap_or(unsigned);
        let text = core::str::from_utf8(unsigned).map_err(|_| ReadReason::MalformedNumber)?;
        if digits.iter().all(u8::is_ascii_digit) {
            let integer = text.parse().map_err(|_| ReadReason::NumberTooLarge)?;
            return Ok(self.integer(integer)?.value);
        }
        if !is_float(digits) {
            return Err(ReadReason::MalformedNumber);
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(self.float(float)?.value),
            Ok(_) => Err(ReadReason::NumberTooLarge),
            Err(_) => Err(ReadReason::MalformedNumber),
        }
    }

    /// The text whose form begins with the quote at the start of `rest`, and the form's length.
    fn string(&self, rest: &[u8], limit: usize) -> Read<(Value, usize)> {
        let mut plain = true;
        let mut end = 1;
        loop {
            if end > LONGEST_ESCAPE * limit + 1 {
                return Err(ReadReason::TooLong);
            }
            match rest.get(end) {
                None => return Err(ReadReason::Unfinished("text")),
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    end += 2;
                }
                Some(_) => end += 1,
            }
        }
        let inside = &rest[1..end];
        let inside = core::str::from_utf8(inside).map_err(|_| ReadReason::NotText)?;
        if plain {
            if inside.len() > limit {
                return Err(ReadReason::TooLong);
            }
            return Ok((self.text(inside)?.value, end + 1));
        }
        let mut length = 0;
        for character in Unescaped(inside) {
            length += character?.len_utf8();
        }
        if length > limit {
            return Err(ReadReason::TooLong);
        }
        let bytes = Unescaped(inside)
            .map_while(Result::ok)
            .flat_map(|character| {
                let mut buffer = [0; 4];
                let length = character.encode_utf8(&mut buffer).len();
                buffer.into_iter().take(length)
            });
        let text = self.bytes_of_length(length, bytes, true)?;
        Ok((text.value, end + 1))
    }
}

/// What became of a value that waited.
enum Added {
    /// Nothing is open: it is what was to be read.
    Complete(Value),
    /// It is part of the topmost frame.
    Inside,
    /// It takes longer than there were units for.
    NotYet,
}

/// Where white space and comments that begin at `at` end.
fn blank(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b';' => {
                let rest = &text[at..];
                let line = rest.iter().position(|byte| *byte == b'\n');
                at += line.unwrap_or(rest.len());
            }
            _ if is_blank(*byte) => at += 1,
            _ => break,
        }
    }
    at
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

/// How many bytes of a word `rest` begins with.
fn word_length(rest: &[u8]) -> usize {
    let ends = |byte: &u8| is_blank(*byte) || b"()[]{}\";\\".contains(byte) || *byte < b' ';
    rest.iter().position(ends).unwrap_or(rest.len())
}

/// Digits, a fraction perhaps, an exponent perhaps; one of the two there is.
fn is_float(digits: &[u8]) -> bool {
    fn skip(rest: &[u8]) -> Option<&[u8]> {
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then(|| &rest[count..])
    }
    let Some(mut rest) = skip(digits) else {
        return false;
    };
    if let [b'.', fraction @ ..] = rest {
        match skip(fraction) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            skip(exponent).is_some_and(<[u8]>::is_empty)
        }
        _ => false,
    }
}

fn first_character(rest: &[u8]) -> Read<char> {
    if rest.is_empty() {
        return Err(ReadReason::Unfinished("a character"));
    }
    let start = &rest[..rest.len().min(4)];
    let valid = match core::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default(),
    };
    valid.chars().next().ok_or(ReadReason::NotText)
}

/// The character that stands behind a backslash, itself or by its name.
fn named_character(name: &[u8]) -> Read<char> {
    let name = core::str::from_utf8(name).map_err(|_| ReadReason::NotText)?;
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Ok(character);
    }
    if let Some((_, character)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Ok(*character);
    }
    let digits = name.strip_prefix('u').ok_or(ReadReason::UnknownCharacter)?;
    code_point(digits)
        .filter(|_| digits.len() == 4)
        .ok_or(ReadReason::UnknownCharacter)
}

/// The character with this number, in hexadecimal digits.
fn code_point(digits: &str) -> Option<char> {
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok()?;
    char::from_u32(number).filter(|_| hexadecimal)
}

/// The characters that the inside of a quoted text stands for.
struct Unescaped<'t>(&'t str);

impl Iterator for Unescaped<'_> {
    type Item = Read<char>;

    fn next(&mut self) -> Option<Read<char>> {
        let mut characters = self.0.chars();
        let first = characters.next()?;
        if first != '\\' {
            self.0 = characters.as_str();
            return Some(Ok(first));
        }
        let escape = characters.next();
        self.0 = characters.as_str();
        Some(match escape {
            Some('"') => Ok('"'),
            Some('\\') => Ok('\\'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let character = self.0.get(..4).and_then(code_point);
                self.0 = self.0.get(4..).unwrap_or_default();
                character.ok_or(ReadReason::UnknownEscape)
            }
            _ => Err(ReadReason::UnknownEscape),
        })
    }
}
