//! Listings of code: one instruction as a line of text.

use super::dictionary;
use crate::layout::NAME_LIMIT;
use core::fmt::{self, Write};
use stele_bytecode::instruction::Op;
use stele_bytecode::listing::{Names, Targets, whole_instruction, write_instruction};
use stele_memory::CodeRef;
use stele_vm::values::CONSTANT;
use stele_vm::{Machine, Trap};

/// A line of text of limited length; what does not fit is cut.
pub(super) struct Line {
    bytes: [u8; 320],
    length: usize,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; 320],
            length: 0,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = self.bytes.len() - self.length;
        let taken = &bytes[..bytes.len().min(room)];
        self.bytes[self.length..self.length + taken.len()].copy_from_slice(taken);
        self.length += taken.len();
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Most words that are looked through for the name of a function.
const SEARCHED: i64 = 2048;

/// Writes the instruction at `at` of the function `code` into `line`; returns where the next one
/// is, if there is one.
pub(super) fn instruction(
    machine: &mut Machine<'_, '_>,
    code: CodeRef,
    at: usize,
    line: &mut Line,
) -> Result<Option<usize>, Trap> {
    let bytes = machine.code(code).ok_or(Trap::INVALID_CODE)?;
    let length = bytes.len() / 4;
    let rest = bytes.chunks_exact(4).skip(at);
    let mut words = [0; LONGEST];
    let mut count = 0;
    for (word, bytes) in words.iter_mut().zip(rest) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        count += 1;
    }
    let before = at
        .checked_sub(1)
        .and_then(|at| bytes.chunks_exact(4).nth(at));
    let before = before.map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    let words = &words[..count];
    if words.is_empty() {
        return Ok(None);
    }
    // Writing into a line cannot fail: what does not fit is cut.
    let _ = write!(line, "{at:5}  ");
    let _ = write_instruction(
        words,
        at,
        Targets::Labels,
        &mut Dictionary { machine },
        line,
    );
    if let Some(number) = before.and_then(|before| constant(before, words[0])) {
        let _ = line
            .write_str("  ~")
            .and_then(|()| machine.write_constant(number, line));
    }
    let next = at + whole_instruction(words).map_or(1, Op::words);
    Ok((next < length).then_some(next))
}

/// The number of the value that an instruction leaves: it stands behind that number.
fn constant(before: u32, word: u32) -> Option<u64> {
    let primitive = super::PRIMITIVES.get((word >> 16) as usize)?;
    let leaves_value = Op::decode(word) == Some(Op::Primitive) && primitive.name == CONSTANT;
    (leaves_value && Op::decode(before) == Some(Op::Short)).then_some(u64::from(before >> 16))
}

/// Most words that an instruction has.
const LONGEST: usize = 4;

/// Names as the dictionary has them.
struct Dictionary<'a, 'm, 'r> {
    machine: &'a mut Machine<'m, 'r>,
}

impl Names for Dictionary<'_, '_, '_> {
    /// The name of the latest word that runs the function, or the function's number.
    fn function(&mut self, operand: u32, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        let code = CodeRef(operand);
        let count = dictionary::count(self.machine);
        self.machine.charge(count.min(SEARCHED).unsigned_abs());
        for token in (0.max(count - SEARCHED)..count).rev() {
            let found = dictionary::look(self.machine, token);
            if found.is_ok_and(|(_, found, _)| found == Some(code)) {
                return self.word(token, out);
            }
        }
        // The operand is an address, which differs from run to run; the number does not.
        let id = self.machine.header(code).map_or(0, |header| header.id);
        write!(out, "#{id}")?;
        Ok(true)
    }

    fn primitive(&mut self, number: u16, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        match super::PRIMITIVES.get(usize::from(number)) {
            None => Ok(false),
            Some(primitive) => out.write_str(primitive.name).map(|()| true),
        }
    }

    fn token(&mut self, token: u32, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        self.word(i64::from(token), out)
    }
}

impl Dictionary<'_, '_, '_> {
    fn word(&mut self, token: i64, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        let mut buffer = [0; NAME_LIMIT as usize];
        let Ok(name) = dictionary::name_of(self.machine, token, &mut buffer) else {
            return Ok(false);
        };
        for chunk in name.utf8_chunks() {
            out.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                out.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(true)
    }
}
