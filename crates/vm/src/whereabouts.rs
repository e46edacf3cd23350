//! Where an instance is: which word it is in, and which words called that one.
//!
//! For reports of what went wrong, not for programs: the answer names places in code, which differ
//! from machine to machine. It is found without allocating and with every place in code and on the
//! stacks checked, so that it can be asked for when the system is about to stop for good, in the
//! middle of whatever it was doing. A word so short that it is copied into its callers is not seen:
//! its caller is named.

use core::fmt;

use crate::backtrace::is_call;
use crate::control_block::{ControlBlock, Life, System};
use crate::definition::function_header;
use crate::dispatch::{CODE_HEADER, Core, Exit};
use crate::machine::{Machine, Processor};
use crate::words::{WORDS_ROOT, Word};
use crate::world::World;
use stele_bytecode::function::HEADER_WORDS;
use stele_bytecode::instruction::Op;
use stele_memory::{Arena, CodeRef, CodeSpace, Session};

/// Bytes from a code reference to the function's first instruction.
pub(crate) const FIRST_INSTRUCTION: u64 = CODE_HEADER as u64 + 4 * HEADER_WORDS as u64;

/// Words that are named at most, the innermost first.
const MOST: usize = 16;

/// Bytes of a name that are kept.
const NAME: usize = 31;

/// Where an instance is.
#[derive(Clone, Copy, Debug)]
pub struct Whereabouts {
    /// The instance.
    id: u64,
    life: Option<Life>,
    /// The place is that of this moment; otherwise that of its last safepoint.
    exact: bool,
    calls: [Call; MOST],
    /// How many of them there are.
    count: usize,
    /// There are more than that.
    more: bool,
}

/// One word on the way to where an instance is.
#[derive(Clone, Copy, Debug)]
struct Call {
    name: [u8; NAME],
    /// Length of the whole name; 0 if no word runs the function, or names could not be read.
    length: usize,
    /// The function's number.
    function: u32,
}

const NO_CALL: Call = Call {
    name: [0; NAME],
    length: 0,
    function: 0,
};

impl Whereabouts {
    fn of(arena: &mut Arena<'_>, system: u64, vm: u64, core: &Core) -> Self {
        let base = arena.base().as_ptr();
        // SAFETY: the world has its system's block and its instances' control blocks at these
        // offsets, and has borrowed the arena to us.
        let (system, control) = unsafe {
            let system = base.add(system as usize).cast::<System>();
            (&*system, &*base.add(vm as usize).cast::<ControlBlock>())
        };
        let life = Life::from_word(control.life);
        let stacks_end = control.stacks.offset + control.stacks.size;
        let (instruction, top) = if life == Some(Life::Running) {
            let offset = |address: usize| address.wrapping_sub(base.addr()) as u64;
            let registers = &core.registers;
            (offset(registers.ip.addr()), offset(registers.rp.addr()))
        } else {
            let held = control.return_depth.saturating_mul(8);
            (control.instruction, stacks_end.saturating_sub(held))
        };
        let mut here = Self {
            id: control.id,
            life,
            exact: core.exit != Exit::Running || life != Some(Life::Running),
            calls: [NO_CALL; MOST],
            count: 0,
            more: false,
        };
        let functions = Functions {
            arena,
            code: &system.code,
        };
        let innermost = functions.at(instruction).map(|(function, _)| function);
        let mut found = [CodeRef(0); MOST];
        for function in innermost.into_iter().chain(functions.callers(control, top)) {
            here.more = here.count == MOST;
            if here.more {
                break;
            }
            found[here.count] = function;
            let header = function_header(functions.arena, function);
            here.calls[here.count].function = header.map_or(0, |header| header.id);
            here.count += 1;
        }
        if !core.collecting {
            here.name(arena, vm, &found);
        }
        here
    }

    /// Gives the functions found the names of the first words that run them.
    fn name(&mut self, arena: &mut Arena<'_>, vm: u64, found: &[CodeRef; MOST]) {
        let base = arena.base().as_ptr();
        // SAFETY: as in `of`; heap and roots are different fields. No collection of this heap is
        // under way, so its roots lead to whole values.
        let (session, roots) = unsafe {
            let control = &mut *base.add(vm as usize).cast::<ControlBlock>();
            (Session::new(arena, &mut control.heap), &control.roots)
        };
        let words = session.load(&roots[WORDS_ROOT]);
        let count = session.vector_len(words).unwrap_or(0);
        for token in 0..i64::try_from(count).unwrap_or(0) {
            let Some(word) = Word::read(&session, words, token) else {
                continue;
            };
            let name = session.as_bytes(word.name).unwrap_or_default();
            for (call, function) in self.calls[..self.count].iter_mut().zip(found) {
                if word.code == Some(*function) && call.length == 0 {
                    let kept = name.len().min(NAME);
                    call.name[..kept].copy_from_slice(&name[..kept]);
                    call.length = name.len();
                }
            }
        }
    }
}

/// The functions of a world.
pub(crate) struct Functions<'a, 'r> {
    pub(crate) arena: &'a Arena<'r>,
    pub(crate) code: &'a CodeSpace,
}

impl<'a> Functions<'a, '_> {
    /// The function that has an instruction at `offset` of the arena, and which word of its code
    /// that is.
    pub(crate) fn at(&self, offset: u64) -> Option<(CodeRef, usize)> {
        let function = self.code.containing(self.arena, offset)?;
        let start = function.offset() + FIRST_INSTRUCTION;
        let bytes = offset.checked_sub(start)?;
        bytes
            .is_multiple_of(4)
            .then_some((function, bytes as usize / 4))
    }

    /// The functions that the cells of the return stack return to, the top first, which lies at
    /// `top`. A cell that happens to hold such an address but was put there by the program counts as
    /// well: telling them apart takes the verifier.
    fn callers(&self, control: &ControlBlock, top: u64) -> impl Iterator<Item = CodeRef> {
        let bytes = self.arena.bytes(control.stacks).unwrap_or_default();
        let below = top.checked_sub(control.stacks.offset);
        let cells = below.and_then(|below| bytes.get(usize::try_from(below).ok()?..));
        let cells = cells.unwrap_or_default().as_chunks::<8>().0;
        let addresses = cells.iter().map(|cell| u64::from_le_bytes(*cell));
        addresses.filter_map(|address| {
            let (function, at) = self.at(address)?;
            self.follows_a_call(function, at).then_some(function)
        })
    }

    /// Whether the instruction before the one at word `at` calls something.
    fn follows_a_call(&self, function: CodeRef, at: usize) -> bool {
        let bytes = CodeSpace::bytes(self.arena, function).unwrap_or_default();
        let code = bytes.as_chunks::<4>().0;
        // Calls have one word or two.
        [1, 2].into_iter().any(|words| {
            let place = (HEADER_WORDS + at).checked_sub(words);
            let place = place.filter(|place| *place >= HEADER_WORDS);
            let word = place.and_then(|place| code.get(place));
            let op = word.and_then(|word| Op::decode(u32::from_le_bytes(*word)));
            op.is_some_and(|op| op.words() == words && is_call(op))
        })
    }
}

impl World<'_> {
    /// Where the instance `id` is, which `processor` ran last; `None` if there is none.
    pub fn whereabouts(&mut self, processor: &Processor, id: u64) -> Option<Whereabouts> {
        let vm = self.instance(id)?;
        let (arena, system) = (&mut self.arena, self.system);
        Some(Whereabouts::of(arena, system, vm, &processor.core))
    }
}

impl Machine<'_, '_> {
    /// Where the instance is that this core is attached to.
    pub fn whereabouts(&mut self) -> Whereabouts {
        Whereabouts::of(self.arena, self.system, self.vm, self.core)
    }
}

/// Several lines, without a line end after the last.
impl fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match self.life {
            Some(Life::Running) => write!(f, "VM[{id}] was running")?,
            Some(Life::Waiting) => write!(f, "No VM was running; VM[{id}] was waiting for input")?,
            Some(Life::Created | Life::Ready) => {
                write!(f, "No VM was running; VM[{id}] was ready to run")?;
            }
            Some(Life::Dead) => write!(f, "No VM was running; VM[{id}] had ended")?,
            None => {
                return write!(
                    f,
                    "What VM[{id}] was doing is unknown: its state is damaged"
                );
            }
        }
        let seen = if self.exact { "" } else { "last seen " };
        let mut relation = "in";
        let mut start = format_args!(", {seen}");
        for call in &self.calls[..self.count] {
            write!(f, "{start}{relation} {call}")?;
            relation = "called by";
            start = format_args!("\n  ");
        }
        if self.more {
            f.write_str("\n  and so on")?;
        }
        Ok(())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.length == 0 {
            return write!(f, "a function without a name, number {}", self.function);
        }
        let kept = self.length.min(NAME);
        f.write_str("the word ")?;
        // What is cut may be cut in the middle of a character, which is then left out.
        for chunk in self.name[..kept].utf8_chunks() {
            f.write_str(chunk.valid())?;
        }
        f.write_str(if self.length > NAME { "…" } else { "" })
    }
}
