//! Listings of code: one instruction as a line of text.

use super::dictionary;
use crate::layout::NAME_LIMIT;
use core::fmt::{self, Write};
use stele_bytecode::builder::target_of;
use stele_bytecode::instruction::{Op, Operands};
use stele_memory::CodeRef;
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
    let word = |index: usize| {
        let word = bytes.get(index.checked_mul(4)?..)?.first_chunk()?;
        Some(u32::from_le_bytes(*word))
    };
    let Some(first) = word(at) else {
        return Ok(None);
    };
    let op = Op::decode(first).ok_or(Trap::INVALID_CODE)?;
    let second = word(at + 1).unwrap_or(0);
    let third = word(at + 2).unwrap_or(0);
    let target = target_of(&[first, second], 0).or_else(|| {
        let distance = i64::from(second.cast_signed());
        usize::try_from(i64::try_from(at).ok()? + distance).ok()
    });
    // Writing into a line cannot fail: what does not fit is cut.
    let _ = write!(line, "{at:5}  {}", op.mnemonic());
    match op.operands() {
        Operands::None => {}
        Operands::Short => {
            let _ = write!(line, " {}", first.cast_signed() >> 16);
        }
        Operands::Int => {
            let _ = write!(line, " {}", second.cast_signed());
        }
        Operands::Cell => {
            let _ = write!(
                line,
                " {}",
                (u64::from(second) | u64::from(third) << 32).cast_signed()
            );
        }
        Operands::BranchShort => {
            let _ = write!(
                line,
                " {} {}",
                first.cast_signed() >> 16,
                target.unwrap_or(0)
            );
        }
        Operands::Jump | Operands::Branch => {
            let _ = write!(line, " {}", target.unwrap_or(0));
        }
        Operands::Check => {
            let _ = write!(line, " {} {}", second & 0xFFFF, second >> 16);
        }
        Operands::Primitive => {
            let name = super::PRIMITIVES
                .get((first >> 16) as usize)
                .map_or("?", |primitive| primitive.name);
            let _ = write!(line, " {name}");
        }
        Operands::Function => {
            line.push(b" ");
            function_name(machine, CodeRef(second), line)?;
        }
        Operands::Token => {
            line.push(b" ");
            let mut buffer = [0; NAME_LIMIT as usize];
            line.push(dictionary::name_of(
                machine,
                i64::from(second),
                &mut buffer,
            )?);
        }
    }
    let next = at + op.words();
    Ok((next < length).then_some(next))
}

/// The name of the latest word that runs a function, or its number.
fn function_name(
    machine: &mut Machine<'_, '_>,
    code: CodeRef,
    line: &mut Line,
) -> Result<(), Trap> {
    let count = dictionary::count(machine);
    for token in (0.max(count - SEARCHED)..count).rev() {
        let (_, found, _) = dictionary::look(machine, token)?;
        if found == Some(code) {
            let mut buffer = [0; NAME_LIMIT as usize];
            line.push(dictionary::name_of(machine, token, &mut buffer)?);
            return Ok(());
        }
    }
    let id = machine.header(code).map_or(0, |header| header.id);
    let _ = write!(line, "function {id}");
    Ok(())
}
