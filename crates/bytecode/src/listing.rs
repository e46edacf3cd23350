//! Code as text: one instruction per line, the same text that [`crate::assembler`] reads.
//!
//! A function is listed as
//!
//! ```text
//! function NAME need 1 delta 0 room 2 cost 5
//!     dup
//!     jump-if-zero L7 1 4
//! L7:
//!     return
//! ```
//!
//! `values N` or `values dynamic` stands behind the `delta` of a function that changes the depth of
//! the value stack, `floats` with either behind that if it changes that of the float stack. Jumps name the label at their target, then the costs they declare. What is no instruction is
//! listed as a bare `word`, so that every code, sound or not, has a text. Operands that refer to
//! something outside the code are named by the caller's [`Names`], or by number as `#12`.

use crate::analysis::{SELF, jump_target};
use crate::function::{Delta, Header};
use crate::instruction::{Op, Operands, float_bits, is_float};
use core::fmt::{Error, Result, Write};

/// Names of what operands refer to. Each method writes a name, or nothing and returns false.
///
/// The names must be free of white space and differ from each other if the text is to be read back.
pub trait Names {
    /// Names a function by operand.
    ///
    /// # Errors
    /// Only those of `out`.
    fn function(&mut self, operand: u32, out: &mut dyn Write) -> core::result::Result<bool, Error>;
    /// Names a primitive by number.
    ///
    /// # Errors
    /// Only those of `out`.
    fn primitive(&mut self, number: u16, out: &mut dyn Write) -> core::result::Result<bool, Error>;
    /// Names a word by token.
    ///
    /// # Errors
    /// Only those of `out`.
    fn token(&mut self, token: u32, out: &mut dyn Write) -> core::result::Result<bool, Error>;
}

/// Knows no names: everything is listed by number.
pub struct Numbers;

impl Names for Numbers {
    fn function(&mut self, _: u32, _: &mut dyn Write) -> core::result::Result<bool, Error> {
        Ok(false)
    }

    fn primitive(&mut self, _: u16, _: &mut dyn Write) -> core::result::Result<bool, Error> {
        Ok(false)
    }

    fn token(&mut self, _: u32, _: &mut dyn Write) -> core::result::Result<bool, Error> {
        Ok(false)
    }
}

/// How a jump's target is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// As the label of its position: `L12`.
    Labels,
    /// As the distance in words from the jump: `+5`, `-3`.
    Distances,
}

/// The instruction that the first of `words` encodes whole and with no stray bits, if any.
#[must_use]
pub fn whole_instruction(words: &[u32]) -> Option<Op> {
    let first = *words.first()?;
    let op = Op::decode(first)?;
    let spare = if op.operands().uses_high_half() {
        0xFF00
    } else {
        0xFFFF_FF00
    };
    let whole = first & spare == 0 && op.words() <= words.len();
    let float = op.operands() == Operands::Float;
    (whole && (!float || is_float(float_bits(words[1], words[2])))).then_some(op)
}

/// Lists the instruction at the beginning of `words`, which stands at position `at` of its
/// function, without indentation or end of line.
///
/// `words` may end with the instruction or go on; if it is empty nothing is listed.
///
/// # Errors
/// Only those of `out`.
pub fn write_instruction(
    words: &[u32],
    at: usize,
    targets: Targets,
    names: &mut dyn Names,
    out: &mut dyn Write,
) -> Result {
    let Some(op) = whole_instruction(words) else {
        return match words.first() {
            Some(word) => write!(out, "word ${word:08X}"),
            None => Ok(()),
        };
    };
    out.write_str(op.mnemonic())?;
    let high = words[0] >> 16;
    match op.operands() {
        Operands::None => Ok(()),
        Operands::Short => write!(out, " {}", (high as u16).cast_signed()),
        Operands::Cells => write!(out, " {high}"),
        Operands::Int => write!(out, " {}", words[1].cast_signed()),
        Operands::Constant => write!(out, " {}", words[1]),
        Operands::Cell => {
            let number = u64::from(words[1]) | u64::from(words[2]) << 32;
            write!(out, " {}", number.cast_signed())
        }
        Operands::Float => write!(out, " {:?}", f64::from_bits(float_bits(words[1], words[2]))),
        Operands::Check => write!(out, " {} {}", words[1] & 0xFFFF, words[1] >> 16),
        Operands::Values => write!(out, " {high}"),
        Operands::Closure => {
            function(op, words[1], names, out)?;
            write!(out, " {} {}", words[2] & 0xFFFF, words[2] >> 16)
        }
        Operands::Suspend => {
            let (cells, values) = (words[1] & 0xFFFF, words[1] >> 16);
            write!(out, " {high} {cells} {values} {}", words[2])
        }
        Operands::Function => function(op, words[1], names, out),
        Operands::Primitive => named(out, high, |out| names.primitive(high as u16, out)),
        Operands::Token => named(out, words[1], |out| names.token(words[1], out)),
        Operands::Jump => {
            target(words[1], at, targets, out)?;
            write!(out, " {}", words[2])
        }
        Operands::Branch => {
            target(words[1], at, targets, out)?;
            write!(out, " {} {}", words[2], words[3])
        }
        Operands::BranchShort => {
            write!(out, " {}", (high as u16).cast_signed())?;
            target(words[1], at, targets, out)?;
            write!(out, " {} {}", words[2], words[3])
        }
    }
}

fn function(op: Op, operand: u32, names: &mut dyn Names, out: &mut dyn Write) -> Result {
    if operand == SELF && op != Op::Function {
        return out.write_str(" self");
    }
    named(out, operand, |out| names.function(operand, out))
}

fn named(
    out: &mut dyn Write,
    number: u32,
    name: impl FnOnce(&mut dyn Write) -> core::result::Result<bool, Error>,
) -> Result {
    out.write_str(" ")?;
    if name(out)? {
        Ok(())
    } else {
        write!(out, "#{number}")
    }
}

fn target(distance: u32, at: usize, targets: Targets, out: &mut dyn Write) -> Result {
    let distance = distance.cast_signed();
    match targets {
        Targets::Distances => write!(out, " {distance:+}"),
        Targets::Labels => {
            // Code is far shorter than what an i64 counts.
            let at = i64::try_from(at).unwrap_or(i64::MAX);
            write!(out, " L{}", at.saturating_add(i64::from(distance)))
        }
    }
}

/// Lists the first line of a function: its name and what its header declares.
///
/// # Errors
/// Only those of `out`.
pub fn write_header(name: &str, header: &Header, out: &mut dyn Write) -> Result {
    write!(out, "function {name} need {} delta ", header.need)?;
    write_delta(header.delta, out)?;
    if header.value_delta != Delta::Static(0) {
        out.write_str(" values ")?;
        write_delta(header.value_delta, out)?;
    }
    if header.float_delta != Delta::Static(0) {
        out.write_str(" floats ")?;
        write_delta(header.float_delta, out)?;
    }
    write!(out, " room {} cost {}", header.room, header.entry_cost)?;
    if header.inline {
        out.write_str(" inline")?;
    }
    out.write_char('\n')
}

fn write_delta(delta: Delta, out: &mut dyn Write) -> Result {
    match delta {
        Delta::Static(change) => write!(out, "{change}"),
        Delta::Dynamic => out.write_str("dynamic"),
        Delta::Never => out.write_str("never"),
    }
}

/// An instruction begins at this word.
const START: u8 = 1;
/// A jump leads to this word.
const TARGET: u8 = 2;

/// Lists a whole function.
///
/// `marks` is scratch as long as `code`; its contents do not matter.
///
/// # Errors
/// Those of `out`, and if `marks` is too short.
pub fn write_function(
    name: &str,
    header: &Header,
    code: &[u32],
    marks: &mut [u8],
    names: &mut dyn Names,
    out: &mut dyn Write,
) -> Result {
    let marks = marks.get_mut(..code.len()).ok_or(Error)?;
    mark(code, marks);
    write_header(name, header, out)?;
    let mut at = 0;
    while at < code.len() {
        if marks[at] & TARGET != 0 {
            writeln!(out, "L{at}:")?;
        }
        let targets = match jump_to(code, at) {
            Some(to) if marks[to] & START != 0 => Targets::Labels,
            _ => Targets::Distances,
        };
        out.write_str("    ")?;
        write_instruction(&code[at..], at, targets, names, out)?;
        out.write_char('\n')?;
        at += whole_instruction(&code[at..]).map_or(1, Op::words);
    }
    Ok(())
}

fn mark(code: &[u32], marks: &mut [u8]) {
    marks.fill(0);
    let mut at = 0;
    while at < code.len() {
        marks[at] |= START;
        if let Some(to) = jump_to(code, at) {
            marks[to] |= TARGET;
        }
        at += whole_instruction(&code[at..]).map_or(1, Op::words);
    }
}

/// Where the jump at `at` leads, if it is a jump and that lies inside the code.
fn jump_to(code: &[u32], at: usize) -> Option<usize> {
    whole_instruction(&code[at..])
        .filter(|op| op.operands().jumps())
        .and_then(|_| jump_target(code, at))
}
