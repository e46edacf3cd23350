//! Backtraces: which words were active when something was thrown that nobody in the program handled.
//!
//! Unwinding destroys the frames that a report wants to show, so a throw first puts them aside. What it
//! keeps is raw, the return stack's cells and the place of the instruction, and costs little:
//!
//! - every throw keeps the topmost cells (at most `KEPT`) in the control block;
//! - a throw to the outermost handler, which is the prompt's, keeps the whole return stack in a block.
//!
//! A program that catches, cleans up and throws the same code again would hide where it came from. So
//! the first throw is not overwritten by a later one of the same code from lower down; whether that
//! really is the same error going on is found out when somebody asks: the later throw must come from
//! the very call of a function that was active at the first.
//!
//! [`Machine::next_frame`] goes through the frames, exactly: how many cells of the return stack are a
//! function's own, the analysis of its code says, so that no cell of the program's is taken for a return
//! address. Nothing found here differs from machine to machine.

use crate::Trap;
use crate::control_block::System;
use crate::definition::{Linked, function_header};
use crate::machine::Machine;
use crate::scratch::with_table;
use crate::stacks;
use crate::whereabouts::Functions;
use core::slice;
use stele_bytecode::analysis::{Declared, Mode, Slot, analyse};
use stele_bytecode::function::HEADER_WORDS;
use stele_bytecode::instruction::Op;
use stele_memory::{Arena, Block, CodeRef, CodeSpace};

/// Cells of the return stack that every throw keeps at most.
const KEPT: usize = 32;

/// Words of code analysed for one unit of cost.
const WORDS_PER_UNIT: u64 = 16;

/// Words of code that are analysed at most to find out whether an error was thrown again.
const MOST_WORDS: u64 = 1 << 15;

/// The throws that a backtrace is made from. Its words may be any: all are checked on use.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Backtrace {
    first: First,
    last: Last,
    walk: Walk,
}

/// A throw, with the topmost cells of the return stack.
#[derive(Clone, Copy)]
#[repr(C)]
struct First {
    code: u64,
    /// Arena offset of the instruction that threw.
    instruction: u64,
    /// Cells on the return stack; 0 if nothing was thrown yet.
    depth: u64,
    /// The topmost cells, the top first.
    cells: [u64; KEPT],
}

/// A throw to the outermost handler, with the whole return stack.
#[derive(Clone, Copy)]
#[repr(C)]
struct Last {
    instruction: u64,
    depth: u64,
    /// The cells, the top first.
    cells: Block,
    /// 1 if it may have thrown again what the first threw.
    again: u64,
}

/// How far somebody has gone through the frames.
#[derive(Clone, Copy)]
#[repr(C)]
struct Walk {
    /// 1 while the frames are the first throw's, 0 for the last's.
    first: u64,
    /// Where the next frame's function is: its instruction, or the one behind its call; 0 at the end.
    address: u64,
    /// 1 if it is the one behind a call.
    behind: u64,
    /// Cells left, those of the next frame's function on top.
    below: u64,
    /// The last address whose function was analysed,
    known: u64,
    /// and what was found: the word of the instruction, and the cells to take off.
    known_word: u64,
    known_own: u64,
}

impl Backtrace {
    pub(crate) const NONE: Self = Self {
        first: First {
            code: 0,
            instruction: 0,
            depth: 0,
            cells: [0; KEPT],
        },
        last: Last {
            instruction: 0,
            depth: 0,
            cells: Block::NONE,
            again: 0,
        },
        walk: Walk::NONE,
    };

    /// The block it owns, or none.
    pub(crate) fn block(&self) -> Block {
        self.last.cells
    }
}

impl Walk {
    const NONE: Self = Self {
        first: 0,
        address: 0,
        behind: 0,
        below: 0,
        known: 0,
        known_word: 0,
        known_own: 0,
    };

    fn from(first: bool, instruction: u64, depth: u64) -> Self {
        Self {
            first: first.into(),
            address: instruction,
            below: depth,
            ..Self::NONE
        }
    }
}

/// A function that was active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The function.
    pub function: CodeRef,
    /// Its number in order of creation.
    pub id: u32,
    /// Its length in words.
    pub words: u32,
    /// Word of the instruction that it was at: the one that threw, or the call of the function above.
    pub word: u32,
}

/// A frame as a walk needs it.
#[derive(Clone, Copy)]
struct Found {
    frame: Frame,
    /// Return stack cells below the function's own, its return address on top.
    below: u64,
}

impl Machine<'_, '_> {
    /// Keeps what unwinding to the handler whose record lies at `handler` is about to destroy.
    pub(crate) fn keep_frames(&mut self, trap: Trap, handler: usize) {
        let depth = self.return_depth() as u64;
        let code = trap.0.cast_unsigned();
        // SAFETY: both lie in the arena.
        let instruction = unsafe {
            let ip = self.core.registers.ip.cast::<u8>();
            ip.offset_from(self.core.base).cast_unsigned() as u64
        };
        let thrown = self.core.exit == crate::dispatch::Exit::Throw;
        // SAFETY: the cells of the return stack, the top first; they lie in the stacks segment, apart
        // from the control block. A handler's record names the one outside of it.
        let (cells, outermost) = unsafe {
            let cells = slice::from_raw_parts(self.core.registers.rp, depth as usize);
            (cells, *stacks::end(self).sub(handler) == 0)
        };
        let first = &mut self.block_mut().backtrace.first;
        let again = thrown && first.code == code && depth < first.depth;
        if !again {
            let kept = cells.len().min(KEPT);
            first.cells[..kept].copy_from_slice(&cells[..kept]);
            (first.code, first.instruction, first.depth) = (code, instruction, depth);
        }
        if outermost && trap != Trap::QUIT && trap != Trap::ABORT {
            self.keep_all(instruction, depth, again, cells);
        }
    }

    /// Keeps the whole return stack, or nothing if there is no room for it.
    fn keep_all(&mut self, instruction: u64, depth: u64, again: bool, cells: &[u64]) {
        self.drop_backtrace();
        let bytes = cells.len() * 8;
        let Ok(block) = self.arena.allocate_sealed(bytes as u64, "backtrace") else {
            return;
        };
        // SAFETY: the block is new, aligned and long enough, and apart from the stacks segment.
        unsafe {
            let to = self.core.base.add(block.offset as usize);
            to.copy_from_nonoverlapping(cells.as_ptr().cast(), bytes);
        }
        self.block_mut().backtrace.last = Last {
            instruction,
            depth,
            cells: block,
            again: again.into(),
        };
    }

    /// Forgets the throw that went to the outermost handler.
    pub fn drop_backtrace(&mut self) {
        let backtrace = &mut self.block_mut().backtrace;
        let block = backtrace.last.cells;
        backtrace.last = Backtrace::NONE.last;
        backtrace.walk = Walk::NONE;
        if block != Block::NONE {
            // SAFETY: the block was the backtrace's alone.
            let _ = unsafe { self.arena.free_sealed(block) };
        }
    }

    /// Goes back to the innermost frame of the throw that went to the outermost handler last.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`] if there is no room for the analysis.
    pub fn begin_frames(&mut self) -> Result<(), Trap> {
        let Backtrace { first, last, .. } = self.block().backtrace;
        self.block_mut().backtrace.walk = Walk::from(false, last.instruction, last.depth);
        if last.cells == Block::NONE {
            self.block_mut().backtrace.walk = Walk::NONE;
        } else if last.again == 1 {
            // Decided once: afterwards it is known.
            let again = self.thrown_again()?;
            let backtrace = &mut self.block_mut().backtrace;
            backtrace.last.again = if again { 2 } else { 0 };
        }
        let backtrace = &mut self.block_mut().backtrace;
        if backtrace.last.again == 2 {
            backtrace.walk = Walk::from(true, first.instruction, first.depth);
        } else if last.cells != Block::NONE {
            backtrace.walk = Walk::from(false, last.instruction, last.depth);
        }
        Ok(())
    }

    /// The next frame, from the innermost outwards; `None` after the last.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`] if there is no room for the analysis.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Trap> {
        let walk = self.block().backtrace.walk;
        let Some(found) = self.step()? else {
            return Ok(None);
        };
        if walk.first == 1 {
            let last = self.block().backtrace.last;
            let place = self.innermost(last)?;
            if place.is_some_and(|last| last.is_call_of(&found)) {
                // From here on the frames are those of the throw that came later.
                self.block_mut().backtrace.walk = Walk::from(false, last.instruction, last.depth);
                return Ok(self.step()?.map(|found| found.frame));
            }
        }
        Ok(Some(found.frame))
    }

    /// Whether the last throw came from a call of a function that was active at the first.
    fn thrown_again(&mut self) -> Result<bool, Trap> {
        let Backtrace { first, last, .. } = self.block().backtrace;
        let Some(place) = self.innermost(last)? else {
            return Ok(false);
        };
        self.block_mut().backtrace.walk = Walk::from(true, first.instruction, first.depth);
        let mut words = 0;
        while let Some(found) = self.step()? {
            if place.is_call_of(&found) {
                return Ok(true);
            }
            words += u64::from(found.frame.words);
            if words > MOST_WORDS {
                break;
            }
        }
        Ok(false)
    }

    /// The innermost frame of the last throw.
    fn innermost(&mut self, last: Last) -> Result<Option<Found>, Trap> {
        let kept = self.block().backtrace.walk;
        self.block_mut().backtrace.walk = Walk::from(false, last.instruction, last.depth);
        let found = self.step();
        self.block_mut().backtrace.walk = kept;
        found
    }

    /// Takes the next frame off.
    fn step(&mut self) -> Result<Option<Found>, Trap> {
        let walk = self.block().backtrace.walk;
        let (word, own) = if walk.known == walk.address && walk.behind == 1 {
            (walk.known_word, walk.known_own)
        } else {
            match self.locate(walk.address, walk.behind == 1)? {
                Some(located) => located,
                None => {
                    self.block_mut().backtrace.walk = Walk::NONE;
                    return Ok(None);
                }
            }
        };
        let found = self.frame_at(walk.address, word);
        let below = walk.below.checked_sub(own).filter(|below| *below > 0);
        let (Some(frame), Some(below)) = (found, below) else {
            self.block_mut().backtrace.walk = Walk::NONE;
            return Ok(None);
        };
        let address = self.kept_cell(walk.first == 1, below).unwrap_or(0);
        self.block_mut().backtrace.walk = Walk {
            first: walk.first,
            address,
            behind: 1,
            below: below - 1,
            known: if walk.behind == 1 { walk.address } else { 0 },
            known_word: word,
            known_own: own,
        };
        Ok(Some(Found { frame, below }))
    }

    /// The frame of the function around `address`, at one of its words.
    fn frame_at(&self, address: u64, word: u64) -> Option<Frame> {
        let (function, _) = self.code_at(address)?;
        let header = function_header(self.arena, function)?;
        Some(Frame {
            function,
            id: header.id,
            words: header.length,
            word: u32::try_from(word).ok()?,
        })
    }

    /// The kept return cell that has `below` cells with itself and those below it.
    fn kept_cell(&self, first: bool, below: u64) -> Option<u64> {
        let backtrace = &self.block().backtrace;
        if first {
            let index = backtrace.first.depth.checked_sub(below)?;
            return backtrace
                .first
                .cells
                .get(usize::try_from(index).ok()?)
                .copied();
        }
        let index = usize::try_from(backtrace.last.depth.checked_sub(below)?).ok()?;
        let bytes = self.arena.bytes(backtrace.last.cells)?;
        let cell = bytes.as_chunks::<8>().0.get(index)?;
        Some(u64::from_le_bytes(*cell))
    }

    /// The function around `address`, and which word of its code lies there.
    pub(crate) fn code_at(&self, address: u64) -> Option<(CodeRef, usize)> {
        // SAFETY: the system's block is apart from everything that is looked at here.
        let system: &System = unsafe { &*self.system_pointer() };
        let functions = Functions {
            arena: self.arena,
            code: &system.code,
        };
        // What the first function of all returns to is no word.
        functions.at(address).filter(|_| address != system.halt)
    }

    /// The word of the instruction at `address`, or of the call before it, and the return stack cells
    /// that lie above the function's return address there; `None` if there is no such place.
    fn locate(&mut self, address: u64, behind: bool) -> Result<Option<(u64, u64)>, Trap> {
        let Some((function, at)) = self.code_at(address) else {
            return Ok(None);
        };
        let Some(header) = function_header(self.arena, function) else {
            return Ok(None);
        };
        let length = header.length as usize;
        self.charge(length as u64 / WORDS_PER_UNIT + 8);
        let declared = Declared {
            need: header.need,
            room: header.room,
            delta: header.delta,
            value_delta: header.value_delta,
            float_delta: header.float_delta,
            entry_cost: header.entry_cost,
        };
        let primitives = self.primitives();
        let full = |_| Trap::OUT_OF_MEMORY;
        let what = "a backtrace";
        with_table(self.arena, length, what, |arena, code: &mut [u32]| {
            with_table(arena, length, what, |arena, slots: &mut [Slot]| {
                copy_code(arena, function, code);
                let linked = Linked { arena, primitives };
                analyse(code, slots, &linked, Mode::Verify, declared).ok()?;
                place_in(code, slots, at, behind)
            })
        })
        .map_err(full)?
        .map_err(full)
    }
}

impl Found {
    /// Whether both are the same call of the same function.
    fn is_call_of(&self, other: &Self) -> bool {
        self.frame.function == other.frame.function && self.below == other.below
    }
}

/// Copies a function's code, without its header.
fn copy_code(arena: &Arena<'_>, function: CodeRef, code: &mut [u32]) {
    let bytes = CodeSpace::bytes(arena, function).unwrap_or_default();
    let words = bytes.as_chunks::<4>().0;
    for (word, bytes) in code.iter_mut().zip(words.iter().skip(HEADER_WORDS)) {
        *word = u32::from_le_bytes(*bytes);
    }
}

/// The instruction at word `at` of analysed code, or the call that ends there, and the cells above the
/// return address.
fn place_in(code: &[u32], slots: &[Slot], at: usize, behind: bool) -> Option<(u64, u64)> {
    let place = if behind {
        let starts = |place: &usize| slots.get(*place).is_some_and(Slot::starts_instruction);
        (0..at).rev().take(4).find(starts)?
    } else {
        at
    };
    let slot = slots.get(place).filter(|slot| slot.starts_instruction())?;
    slot.region()?;
    let op = Op::decode(code[place])?;
    let record = match op {
        _ if behind && !is_call(op) => return None,
        Op::CatchEnter | Op::TryEnter if behind => 2,
        _ => 0,
    };
    Some((place as u64, u64::from(slot.return_depth()) + record))
}

/// Whether an instruction calls something that returns behind it.
pub(crate) fn is_call(op: Op) -> bool {
    let plain = matches!(op, Op::Call | Op::CallWord | Op::Execute | Op::Apply);
    let valued = matches!(op, Op::CallClosure | Op::CallSpread | Op::Resume);
    plain || valued || matches!(op, Op::CatchEnter | Op::TryEnter)
}
