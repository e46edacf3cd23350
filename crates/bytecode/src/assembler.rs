//! The assembler: functions written as text become words of code.
//!
//! The text is what [`crate::listing`] prints, a line for each function, label and instruction:
//!
//! ```text
//! // The greater of two numbers, signed.
//! function greater need 2 delta -1 room 5 cost 3
//!     2dup
//!     jump-unless-less first 2 2
//!     nip
//!     return
//! first:
//!     drop
//!     return
//! ```
//!
//! - `function NAME`, then any of `need N`, `delta D` (a number, `dynamic` or `never`),
//!   `values V` (the change of the value stack: a number or `dynamic`), `floats F` (that of the float
//!   stack), `room R`, `cost C`, `inline`; what is left out is 0, and room 1.
//! - `NAME:` names the place of the next instruction for the jumps of its function.
//! - An instruction is its mnemonic and its operands. Numbers are decimal, or hexadecimal after `$`; floats are
//!   decimal with an optional exponent after `e`, or `inf`, `-inf`, `NaN`.
//!   Functions, primitives and words are named as the caller's [`Symbols`] know them, or numbered as
//!   `#12`; the very function is called `self` in a call and a closure. A jump names a label, or a distance in words
//!   with its sign, then the costs it declares, which may be left out. What a check needs,
//!   and the room, may be left out, too; both are 0 then. For code that inference completes.
//! - `word $DEADBEEF` puts a word as it is.
//! - `//` and what follows it is a comment.
//!
//! [`Assembler::function`] goes over each function's lines twice, once for the labels and once for
//! the code, and needs no memory but the caller's.

use crate::analysis::SELF;
use crate::function::{Delta, Header};
use crate::instruction::{NAN, Op, Operands};
use core::fmt;
use core::str::{Lines, SplitWhitespace};

/// What names in the text stand for.
pub trait Symbols {
    /// Operand of the function of that name.
    fn function(&self, name: &str) -> Option<u32>;
    /// Number of the primitive of that name.
    fn primitive(&self, name: &str) -> Option<u16>;
    /// Token of the word of that name.
    fn token(&self, name: &str) -> Option<u32>;
}

/// A label of the function being assembled; the caller provides room for as many as it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label<'t> {
    name: &'t str,
    place: usize,
}

/// A function read from text; its code is in the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assembled<'t> {
    /// Its name.
    pub name: &'t str,
    /// What it declares; the length is that of the code, the number 0.
    pub header: Header,
    /// The line its first line is, counted from 1.
    pub line: usize,
}

/// What is wrong with a text, and in which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssemblyError<'t> {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: Reason<'t>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason<'t> {
    /// Something stands before the first `function`.
    OutsideFunction(&'t str),
    /// `function` without a name.
    UnnamedFunction,
    /// A function has no property of that name.
    UnknownProperty(&'t str),
    /// No instruction is called that.
    UnknownInstruction(&'t str),
    /// Something is missing at the end of the line.
    Missing(&'static str),
    /// Something is left over at the end of the line.
    LeftOver(&'t str),
    /// The text is not what is expected there, or a number out of its range.
    Unfit {
        /// What stands there.
        text: &'t str,
        /// What should.
        expected: &'static str,
    },
    /// The function has no label of that name.
    UnknownLabel(&'t str),
    /// The function has that label twice.
    DuplicateLabel(&'t str),
    /// No function, primitive or word is called that.
    UnknownName {
        /// The name.
        name: &'t str,
        /// What it should name.
        kind: &'static str,
    },
    /// The function has more labels than the caller has room for.
    TooManyLabels(usize),
    /// The function has more words of code than the caller has room for.
    TooLong(usize),
}

impl fmt::Display for AssemblyError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OutsideFunction(text) => {
                write!(f, "\"{text}\" stands before the first function")
            }
            Self::UnnamedFunction => write!(f, "the function has no name"),
            Self::UnknownProperty(text) => write!(
                f,
                "\"{text}\" is no property of a function; it has need, delta, values, floats, room, cost and inline"
            ),
            Self::UnknownInstruction(text) => write!(f, "no instruction is called \"{text}\""),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::LeftOver(text) => {
                write!(
                    f,
                    "\"{text}\" is left over; an instruction has its own line"
                )
            }
            Self::Unfit { text, expected } => {
                write!(f, "\"{text}\" stands where {expected} is expected")
            }
            Self::UnknownLabel(name) => write!(f, "the function has no label \"{name}\""),
            Self::DuplicateLabel(name) => {
                write!(f, "the function has the label \"{name}\" already")
            }
            Self::UnknownName { name, kind } => write!(f, "no {kind} is called \"{name}\""),
            Self::TooManyLabels(room) => {
                write!(
                    f,
                    "the function has more labels than the {room} there is room for"
                )
            }
            Self::TooLong(room) => {
                write!(
                    f,
                    "the function is longer than the {room} words there is room for"
                )
            }
        }
    }
}

impl core::error::Error for AssemblyError<'_> {}

/// A line that says something: its number and its parts.
#[derive(Clone)]
struct Line<'t> {
    number: usize,
    first: &'t str,
    rest: Parts<'t>,
}

/// The lines of a text that say something.
#[derive(Clone)]
struct Source<'t> {
    lines: Lines<'t>,
    number: usize,
}

impl<'t> Source<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            lines: text.lines(),
            number: 0,
        }
    }
}

impl<'t> Iterator for Source<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        loop {
            let text = self.lines.next()?;
            self.number += 1;
            let mut rest = Parts {
                parts: text.split_whitespace(),
                line: self.number,
            };
            if let Some(first) = rest.next() {
                return Some(Line {
                    number: self.number,
                    first,
                    rest,
                });
            }
        }
    }
}

/// The parts of one line up to a comment.
#[derive(Clone)]
struct Parts<'t> {
    parts: SplitWhitespace<'t>,
    line: usize,
}

impl<'t> Iterator for Parts<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let part = self.parts.next().filter(|part| !part.starts_with("//"));
        if part.is_none() {
            self.parts = "".split_whitespace();
        }
        part
    }
}

type Outcome<'t, T> = Result<T, AssemblyError<'t>>;

impl<'t> Parts<'t> {
    fn error(&self, reason: Reason<'t>) -> AssemblyError<'t> {
        AssemblyError {
            line: self.line,
            reason,
        }
    }

    fn expect(&mut self, what: &'static str) -> Outcome<'t, &'t str> {
        self.next().ok_or(self.error(Reason::Missing(what)))
    }

    /// A number within `least` and `most`; `None` if the line ends here.
    fn optional(
        &mut self,
        expected: &'static str,
        least: i64,
        most: i64,
    ) -> Outcome<'t, Option<i64>> {
        let Some(text) = self.next() else {
            return Ok(None);
        };
        parse(text)
            .filter(|number| (least..=most).contains(number))
            .map(Some)
            .ok_or(self.error(Reason::Unfit { text, expected }))
    }

    fn number(&mut self, expected: &'static str, least: i64, most: i64) -> Outcome<'t, i64> {
        self.optional(expected, least, most)?
            .ok_or(self.error(Reason::Missing(expected)))
    }

    /// A cost, which inference fills in if it is left out.
    fn cost(&mut self) -> Outcome<'t, u32> {
        let cost = self.optional("a cost of 32 bits", 0, i64::from(u32::MAX))?;
        Ok(cost.unwrap_or(0) as u32)
    }

    fn end(mut self) -> Outcome<'t, ()> {
        match self.next() {
            None => Ok(()),
            Some(text) => Err(self.error(Reason::LeftOver(text))),
        }
    }
}

/// A decimal number with or without sign, or a hexadecimal one of up to 64 bits after `$`.
fn parse(text: &str) -> Option<i64> {
    match text.strip_prefix('$') {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            Some(u64::from_str_radix(digits, 16).ok()?.cast_signed())
        }
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// Reads the functions of a text, one after the other.
pub struct Assembler<'t> {
    source: Source<'t>,
}

impl<'t> Assembler<'t> {
    /// An assembler at the beginning of `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self {
            source: Source::new(text),
        }
    }

    /// Names of the functions in `text`, in order, for [`Symbols`] that number them.
    pub fn names(text: &'t str) -> impl Iterator<Item = &'t str> {
        Source::new(text)
            .filter(|line| line.first == "function")
            .filter_map(|mut line| line.rest.next())
    }

    /// Reads the next function: its code into `code`, from the beginning; `None` after the last.
    ///
    /// # Errors
    /// The first thing wrong with the function's text, and its line.
    pub fn function(
        &mut self,
        symbols: &dyn Symbols,
        labels: &mut [Label<'t>],
        code: &mut [u32],
    ) -> Outcome<'t, Option<Assembled<'t>>> {
        let Some(first) = self.source.next() else {
            return Ok(None);
        };
        let line = first.number;
        let (name, mut header) = read_header(first)?;
        let labels = read_labels(self.source.clone(), labels)?;
        let mut body = Body {
            symbols,
            labels,
            code,
            at: 0,
        };
        while let Some(line) = self.body_line() {
            if !is_label(line.first) {
                body.instruction(line)?;
            }
        }
        header.length = u32::try_from(body.at).unwrap_or(u32::MAX);
        Ok(Some(Assembled { name, header, line }))
    }

    /// The next line, unless another function begins there.
    fn body_line(&mut self) -> Option<Line<'t>> {
        let mut ahead = self.source.clone();
        let line = ahead.next().filter(|line| line.first != "function")?;
        self.source = ahead;
        Some(line)
    }
}

fn is_label(text: &str) -> bool {
    text.len() > 1 && text.ends_with(':')
}

fn read_header<'t>(line: Line<'t>) -> Outcome<'t, (&'t str, Header)> {
    let mut parts = line.rest;
    if line.first != "function" {
        return Err(parts.error(Reason::OutsideFunction(line.first)));
    }
    let name = parts.next().ok_or(parts.error(Reason::UnnamedFunction))?;
    let mut header = Header {
        entry_cost: 0,
        room: 1,
        need: 0,
        delta: Delta::Static(0),
        value_delta: Delta::Static(0),
        float_delta: Delta::Static(0),
        length: 0,
        id: 0,
        inline: false,
    };
    while let Some(property) = parts.next() {
        let words = i64::from(u32::MAX);
        match property {
            "need" => {
                header.need = parts.number("a need of 16 bits", 0, i64::from(u16::MAX))? as u16
            }
            "room" => header.room = parts.number("a room of 32 bits", 0, words)? as u32,
            "cost" => header.entry_cost = parts.number("a cost of 32 bits", 0, words)? as u32,
            "delta" => header.delta = read_delta(&mut parts, true)?,
            "values" => header.value_delta = read_delta(&mut parts, false)?,
            "floats" => header.float_delta = read_delta(&mut parts, false)?,
            "inline" => header.inline = true,
            _ => return Err(parts.error(Reason::UnknownProperty(property))),
        }
    }
    Ok((name, header))
}

/// A change of depth, which may be `never` as well where `never` says so.
fn read_delta<'t>(parts: &mut Parts<'t>, never: bool) -> Outcome<'t, Delta> {
    let expected = if never {
        "a change of depth of 16 bits, dynamic or never"
    } else {
        "a change of depth of 16 bits or dynamic"
    };
    let text = parts.expect("the change of depth")?;
    match text {
        "dynamic" => Ok(Delta::Dynamic),
        "never" if never => Ok(Delta::Never),
        _ => text
            .parse()
            .ok()
            // The least two numbers stand for the other two in a header.
            .filter(|change| *change > i16::MIN + 1)
            .map(Delta::Static)
            .ok_or(parts.error(Reason::Unfit { text, expected })),
    }
}

/// Finds the labels of the function whose lines `source` is at.
fn read_labels<'t, 'l>(
    source: Source<'t>,
    labels: &'l mut [Label<'t>],
) -> Outcome<'t, &'l [Label<'t>]> {
    let room = labels.len();
    let (mut found, mut at) = (0, 0);
    for line in source {
        if line.first == "function" {
            break;
        }
        let Some(name) = line.first.strip_suffix(':').filter(|name| !name.is_empty()) else {
            at += if line.first == "word" {
                1
            } else {
                // What is no instruction is found out when its line is assembled.
                Op::from_mnemonic(line.first).map_or(0, Op::words)
            };
            continue;
        };
        if labels[..found].iter().any(|label| label.name == name) {
            return Err(line.rest.error(Reason::DuplicateLabel(name)));
        }
        let error = line.rest.error(Reason::TooManyLabels(room));
        line.rest.end()?;
        *labels.get_mut(found).ok_or(error)? = Label { name, place: at };
        found += 1;
    }
    Ok(&labels[..found])
}

/// The code of a function as far as it has been assembled.
struct Body<'t, 'b> {
    symbols: &'b dyn Symbols,
    labels: &'b [Label<'t>],
    code: &'b mut [u32],
    at: usize,
}

impl<'t> Body<'t, '_> {
    fn instruction(&mut self, line: Line<'t>) -> Outcome<'t, ()> {
        let mut parts = line.rest;
        if line.first == "word" {
            let word = parts.number("a word of 32 bits", 0, i64::from(u32::MAX))?;
            return self.put(parts, &[word as u32]);
        }
        let op = Op::from_mnemonic(line.first)
            .ok_or(parts.error(Reason::UnknownInstruction(line.first)))?;
        let first = op as u32;
        match op.operands() {
            Operands::None => self.put(parts, &[first]),
            Operands::Short => {
                let number = short(&mut parts)?;
                self.put(parts, &[first | number << 16])
            }
            Operands::Cells => {
                let cells = parts.number("a number of cells", 0, u16::MAX.into())?;
                self.put(parts, &[first | (cells as u32) << 16])
            }
            Operands::Int => {
                let number = parts.number(
                    "a number of 32 bits",
                    i64::from(i32::MIN),
                    i64::from(i32::MAX),
                )?;
                self.put(parts, &[first, number as u32])
            }
            Operands::Constant => {
                let words = i64::from(u32::MAX);
                let number = parts.number("the number of a constant", 0, words)?;
                self.put(parts, &[first, number as u32])
            }
            Operands::Cell => {
                let number = parts.number("a number of 64 bits", i64::MIN, i64::MAX)?;
                self.put(parts, &[first, number as u32, (number >> 32) as u32])
            }
            Operands::Float => {
                let expected = "a float";
                let text = parts.expect(expected)?;
                let float: Option<f64> = text.parse().ok();
                let float = float.ok_or(parts.error(Reason::Unfit { text, expected }))?;
                let bits = if float.is_nan() { NAN } else { float.to_bits() };
                self.put(parts, &[first, bits as u32, (bits >> 32) as u32])
            }
            Operands::Check => {
                let cells = i64::from(u16::MAX);
                let need = parts.optional("a need of 16 bits", 0, cells)?.unwrap_or(0);
                let room = parts.optional("a room of 16 bits", 0, cells)?.unwrap_or(0);
                self.put(parts, &[first, (need | room << 16) as u32])
            }
            Operands::Values => {
                let values = parts.number("a number of values", 0, u16::MAX.into())?;
                self.put(parts, &[first | (values as u32) << 16])
            }
            Operands::Closure => {
                let function = self.reference(op, &mut parts)?;
                let most = u16::MAX.into();
                let arguments = parts.number("a number of arguments", 0, most)?;
                let captured = parts.number("a number of captured values", 0, most)?;
                let shape = (arguments | captured << 16) as u32;
                self.put(parts, &[first, function, shape])
            }
            Operands::Suspend => {
                let most = u16::MAX.into();
                let mut away = [0; 3];
                for count in &mut away {
                    let found = parts.optional("a number of cells or values", 0, most)?;
                    *count = found.unwrap_or(0) as u32;
                }
                let [returns, cells, values] = away;
                let cost = parts.cost()?;
                self.put(parts, &[first | returns << 16, cells | values << 16, cost])
            }
            Operands::Function | Operands::Token | Operands::Primitive => {
                let operand = self.reference(op, &mut parts)?;
                if op.words() == 1 {
                    self.put(parts, &[first | operand << 16])
                } else {
                    self.put(parts, &[first, operand])
                }
            }
            Operands::Jump => {
                let distance = self.target(&mut parts)?;
                let cost = parts.cost()?;
                self.put(parts, &[first, distance, cost])
            }
            Operands::Branch | Operands::BranchShort => {
                let high = match op.operands() {
                    Operands::BranchShort => short(&mut parts)?,
                    _ => 0,
                };
                let distance = self.target(&mut parts)?;
                let costs = [parts.cost()?, parts.cost()?];
                self.put(parts, &[first | high << 16, distance, costs[0], costs[1]])
            }
        }
    }

    /// The operand of a call, a primitive or a token: a name or a number.
    fn reference(&self, op: Op, parts: &mut Parts<'t>) -> Outcome<'t, u32> {
        let (kind, most) = match op.operands() {
            Operands::Primitive => ("primitive", i64::from(u16::MAX)),
            Operands::Token => ("word", i64::from(u32::MAX)),
            _ => ("function", i64::from(u32::MAX)),
        };
        let name = parts.expect(kind)?;
        if op.names_function() && op != Op::Function && name == "self" {
            return Ok(SELF);
        }
        let known = match op.operands() {
            Operands::Primitive => self.symbols.primitive(name).map(u32::from),
            Operands::Token => self.symbols.token(name),
            _ => self.symbols.function(name),
        };
        let numbered = || {
            let number = parse(name.strip_prefix('#')?)?;
            (0..=most).contains(&number).then_some(number as u32)
        };
        known
            .or_else(numbered)
            .ok_or(parts.error(Reason::UnknownName { name, kind }))
    }

    /// The distance to a target: a label, or the distance itself with its sign.
    fn target(&self, parts: &mut Parts<'t>) -> Outcome<'t, u32> {
        let text = parts.expect("the target")?;
        if text.starts_with(['+', '-']) {
            let distance: Option<i32> = text.parse().ok();
            let expected = "a label or a distance of 32 bits";
            return distance
                .map(i32::cast_unsigned)
                .ok_or(parts.error(Reason::Unfit { text, expected }));
        }
        let label = self.labels.iter().find(|label| label.name == text);
        let place = label.ok_or(parts.error(Reason::UnknownLabel(text)))?.place;
        Ok((place as u32).wrapping_sub(self.at as u32))
    }

    fn put(&mut self, parts: Parts<'t>, words: &[u32]) -> Outcome<'t, ()> {
        let error = parts.error(Reason::TooLong(self.code.len()));
        parts.end()?;
        self.code
            .get_mut(self.at..self.at + words.len())
            .ok_or(error)?
            .copy_from_slice(words);
        self.at += words.len();
        Ok(())
    }
}

/// A number for the high half of an instruction's first word.
fn short<'t>(parts: &mut Parts<'t>) -> Outcome<'t, u32> {
    let number = parts.number(
        "a number of 16 bits",
        i64::from(i16::MIN),
        i64::from(i16::MAX),
    )?;
    Ok(u32::from((number as i16).cast_unsigned()))
}
