//! The parity hash: one number for how a run has gone so far.
//!
//! It covers the data stack, the value stack, the float stack, data space up to HERE, every word, word list
//! and function with the values in it, the log of the open transaction, the sources that were put aside,
//! the blocks in memory, what every atom holds that can be reached from any of
//! these values, all output, the capabilities held and the cost, and nothing of where they lie: a
//! function counts by its number in order of creation, not by its place, an atom by its number, and a
//! value by what it is, not by how it is stored. What is not in it shows in what is: an address that
//! leaked, or one unit of cost more, changes it. It is taken piece by piece, so that PARITY can be
//! stopped like any program.

use core::ops::ControlFlow::{self, Break, Continue};

use crate::layout::{NAME_LIMIT, user};
use crate::primitives::{
    BLOCKS_ROOT, NESTING_ROOT, hash_of_list, list_count, marker_count, name_of, next_token,
    origin_of, pool_extent, read_word,
};
use stele_bytecode::function::Header;
use stele_bytecode::instruction::{Op, Operands};
use stele_memory::CodeRef;
use stele_vm::data::START;
use stele_vm::origin::ORIGIN_LIMIT;
use stele_vm::{Machine, Step, Trap};

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

/// Where the hash starts (FNV-1a's offset basis).
pub(crate) const START_VALUE: u64 = 0xCBF2_9CE4_8422_2325;

/// How far the hash has come: which part, and how much of it. Parts in order: totals, data stack,
/// data space, words, word lists with access to words, functions, values, floats.
#[derive(Clone, Copy)]
struct Stage {
    part: i64,
    done: i64,
}

impl Stage {
    const PART: i64 = 1 << 40;

    fn from_cell(cell: i64) -> Self {
        Self {
            part: cell.div_euclid(Self::PART),
            done: cell.rem_euclid(Self::PART),
        }
    }

    /// What follows if `done` of the part's `all` are done.
    fn then(self, done: i64, all: i64) -> i64 {
        if done < all {
            self.part * Self::PART + done
        } else {
            (self.part + 1) * Self::PART
        }
    }
}

/// Which of the instance's words holds the place of the function that is next.
const FUNCTION: usize = 4;

/// Roots whose values are not in the hash by another way and that a program can see: the sources that
/// were put aside, and the blocks in memory.
const KEPT_ROOTS: &[usize] = &[NESTING_ROOT, BLOCKS_ROOT];

/// Cells, bytes, words and words of code that one run takes in.
const CELLS: i64 = 2048;
const BYTES: i64 = 16384;
const WORDS: i64 = 64;
const CODE_WORDS: u64 = 4096;

/// What comes of one step: the hash with the stage that follows, -1 at the end; or how the primitive
/// ends to be run again, since the values take longer.
pub(crate) type Taken = ControlFlow<Step, (u64, i64)>;

/// Takes the next piece of the instance into `hash`. The topmost `own` cells of the stack are the
/// caller's and do not count.
///
/// # Errors
/// [`Trap::INVALID_ADDRESS`] if HERE lies outside data space; [`Trap::OUT_OF_MEMORY`] if there is no
/// room to hash the values in.
pub(crate) fn step(
    machine: &mut Machine<'_, '_>,
    hash: u64,
    stage: i64,
    own: usize,
) -> Result<Taken, Trap> {
    let mut hash = Hash(hash);
    let stage = Stage::from_cell(stage);
    let next = match stage.part {
        0 => {
            hash.word(machine.cost());
            hash.word(machine.output_hash());
            hash.word(machine.authority());
            hash.word((machine.depth().saturating_sub(own)) as u64);
            hash.word(machine.value_depth() as u64);
            hash.word(marker_count(machine));
            let pool = pool_extent(machine);
            for number in [pool.start, pool.top, pool.count.cast_signed()] {
                hash.word(number.cast_unsigned());
            }
            hash.word(machine.float_depth() as u64);
            stage.then(0, 0)
        }
        1 => hash_stack(machine, &mut hash, stage, own)?,
        2 => hash_data(machine, &mut hash, stage)?,
        3 => hash_words(machine, &mut hash, stage)?,
        4 => hash_lists(machine, &mut hash, stage),
        5 => hash_functions(machine, &mut hash, stage),
        6 => match machine.hash_values(KEPT_ROOTS)? {
            Break(step) => return Ok(Break(step)),
            Continue(values) => {
                hash.word(values);
                stage.then(0, 0)
            }
        },
        7 => hash_floats(machine, &mut hash, stage)?,
        _ => -1,
    };
    Ok(Continue((hash.0, next)))
}

fn hash_stack(
    machine: &mut Machine<'_, '_>,
    hash: &mut Hash,
    stage: Stage,
    own: usize,
) -> Result<i64, Trap> {
    let all = i64::try_from(machine.depth().saturating_sub(own)).unwrap_or(0);
    let end = all.min(stage.done + CELLS);
    for below in stage.done..end {
        let below = usize::try_from(below)
            .unwrap_or(usize::MAX)
            .saturating_add(own);
        hash.word(machine.peek(below)?.cast_unsigned());
    }
    machine.charge((end - stage.done).unsigned_abs());
    Ok(stage.then(end, all))
}

fn hash_floats(machine: &mut Machine<'_, '_>, hash: &mut Hash, stage: Stage) -> Result<i64, Trap> {
    let all = i64::try_from(machine.float_depth()).unwrap_or(0);
    let end = all.min(stage.done + CELLS);
    for below in stage.done..end {
        let below = usize::try_from(below).unwrap_or(usize::MAX);
        hash.word(machine.peek_float(below)?.to_bits());
    }
    machine.charge((end - stage.done).unsigned_abs());
    Ok(if end < all { stage.then(end, all) } else { -1 })
}

fn hash_data(machine: &mut Machine<'_, '_>, hash: &mut Hash, stage: Stage) -> Result<i64, Trap> {
    let here = machine.cell(user::HERE)?;
    let dictionary = here.checked_sub(START).ok_or(Trap::INVALID_ADDRESS)?;
    let pool = pool_extent(machine);
    // What was allocated follows as if it lay behind the dictionary.
    let (from, left) = if stage.done < dictionary {
        (START + stage.done, dictionary - stage.done)
    } else {
        let done = stage.done - dictionary;
        (
            pool.start.saturating_add(done),
            pool.top.saturating_sub(pool.start).saturating_sub(done),
        )
    };
    let piece = left.clamp(0, BYTES);
    hash.bytes(machine.bytes(from, piece)?);
    machine.charge(piece.unsigned_abs() / 8);
    let all = dictionary.saturating_add(pool.top.saturating_sub(pool.start));
    Ok(stage.then(stage.done + piece, all))
}

fn hash_words(machine: &mut Machine<'_, '_>, hash: &mut Hash, stage: Stage) -> Result<i64, Trap> {
    let all = next_token(machine);
    let end = all.min(stage.done + WORDS);
    for token in stage.done.max(1)..end {
        let mut name = [0; NAME_LIMIT as usize];
        hash.bytes(name_of(machine, token, &mut name)?);
        let word = read_word(machine, token)?;
        hash.word(word.flags);
        for number in [word.list, word.body, word.here, word.shadows] {
            hash.word(number.cast_unsigned());
        }
        hash.word(number_of(machine, word.code));
        let mut origin = [0; ORIGIN_LIMIT];
        let origin = origin_of(machine, token, &mut origin);
        hash.bytes(origin);
        machine.charge(origin.len() as u64 / 16);
    }
    machine.charge((end - stage.done).unsigned_abs() * 16);
    Ok(stage.then(end, all))
}

/// The word lists, then who may use which words. Which words a list has, the words say.
fn hash_lists(machine: &mut Machine<'_, '_>, hash: &mut Hash, stage: Stage) -> i64 {
    let all = list_count(machine);
    let end = all.min(stage.done + WORDS);
    for list in stage.done..end {
        for number in hash_of_list(machine, list + 1) {
            hash.word(number.cast_unsigned());
        }
    }
    machine.charge((end - stage.done).unsigned_abs() * 4);
    if end == all {
        let mut words = 0;
        machine.each_access_word(|word| {
            hash.word(word);
            words += 1;
        });
        machine.charge(words / 4);
    }
    let first = machine.first_function().map_or(0, |function| function.0);
    machine.set_user(FUNCTION, u64::from(first));
    stage.then(end, all)
}

fn hash_functions(machine: &mut Machine<'_, '_>, hash: &mut Hash, stage: Stage) -> i64 {
    let mut words = 0;
    let mut place = u32::try_from(machine.user(FUNCTION)).unwrap_or(0);
    while place != 0 && words < CODE_WORDS {
        let function = CodeRef(place);
        hash_function(machine, function, hash);
        words += machine
            .code(function)
            .map_or(0, |code| code.len() as u64 / 4);
        place = machine.next_function(function).map_or(0, |next| next.0);
    }
    machine.charge(words / 16);
    machine.set_user(FUNCTION, u64::from(place));
    stage.then(i64::from(place == 0), 1)
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
                Operands::Closure if index == at + 1 => number_of(machine, Some(CodeRef(operand))),
                _ => u64::from(operand),
            };
            hash.word(counted);
        }
        at += op.words();
    }
}
