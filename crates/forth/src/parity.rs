//! The parity hash: one number for everything a program can tell apart.
//!
//! It covers stacks, data space, dictionary, functions, output and cost, and nothing of where they
//! lie: a function counts by its number in order of creation, not by its place. Equal hashes on
//! three hosts mean three equal runs.

use crate::layout::NAME_LIMIT;
use crate::primitives::{count_words, look, name_of};
use stele_bytecode::function::Header;
use stele_bytecode::instruction::{Op, Operands};
use stele_memory::CodeRef;
use stele_vm::data::START;
use stele_vm::{Machine, Trap};

/// FNV-1a over words.
struct Hash(u64);

impl Hash {
    fn word(&mut self, word: u64) {
        for byte in word.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// The hash of `machine`'s instance, its data space counting up to `here`.
///
/// # Errors
/// [`Trap::INVALID_ADDRESS`] if `here` lies outside data space.
pub(crate) fn hash(machine: &mut Machine<'_, '_>, here: i64) -> Result<u64, Trap> {
    let mut hash = Hash(0xCBF2_9CE4_8422_2325);
    hash.word(machine.cost());
    hash.word(machine.output_hash());
    hash.word(machine.depth() as u64);
    for below in 0..machine.depth() {
        hash.word(machine.peek(below)?.cast_unsigned());
    }
    hash.word(machine.return_depth() as u64);
    let length = here.checked_sub(START).ok_or(Trap::INVALID_ADDRESS)?;
    hash.bytes(machine.bytes(START, length)?);
    for token in 0..count_words(machine) {
        let mut name = [0; NAME_LIMIT as usize];
        hash.bytes(name_of(machine, token, &mut name)?);
        let (flags, code, body) = look(machine, token)?;
        hash.word(flags);
        hash.word(body.cast_unsigned());
        hash.word(number_of(machine, code));
    }
    let mut next = machine.first_function();
    while let Some(function) = next {
        hash_function(machine, function, &mut hash);
        next = machine.next_function(function);
    }
    Ok(hash.0)
}

/// What stands for a function: its number plus one, 0 for none.
fn number_of(machine: &Machine<'_, '_>, code: Option<CodeRef>) -> u64 {
    code.and_then(|code| machine.header(code))
        .map_or(0, |header| u64::from(header.id) + 1)
}

fn hash_function(machine: &Machine<'_, '_>, function: CodeRef, hash: &mut Hash) {
    let Some(header) = machine.header(function) else {
        return;
    };
    for word in Header::encode(&header) {
        hash.word(u64::from(word));
    }
    let Some(code) = machine.code(function) else {
        return;
    };
    let word = |at: usize| {
        let bytes = code.get(at * 4..at * 4 + 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    let mut at = 0;
    while let Some(first) = word(at) {
        let Some(op) = Op::decode(first) else { return };
        hash.word(u64::from(first));
        for index in at + 1..at + op.words() {
            let operand = word(index).unwrap_or(0);
            let counted = match op.operands() {
                Operands::Function => number_of(machine, Some(CodeRef(operand))),
                _ => u64::from(operand),
            };
            hash.word(counted);
        }
        at += op.words();
    }
}
