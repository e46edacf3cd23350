//! Watching a program run: a profile of its instructions, a trace of its calls.
//!
//! While an instance is watched, every entry of the dispatch's table leads out of it, so that instructions
//! are run one by one and looked at in between. Otherwise the table is as it always is, and
//! nothing is any slower for this being possible. What is charged is the same: the
//! handlers are the same, and so are the safepoints.
//!
//! **Profile.** How often each instruction ran, and its cost units: those of its row of the instruction
//! table (or the table of primitives) and what a primitive charged by length. The same sums are kept for
//! each function, and how often it was called. An instruction that had to be begun again, for room or
//! after a collection, counts once.
//!
//! **Trace.** The latest calls, returns and throws, or the latest instructions, with the top of the data
//! stack.
//!
//! Both live in blocks of the instance. Their words may be any: each is checked on use. Places in code
//! are in them as arena offsets, but leave this file only as functions.

use crate::Trap;
use crate::backtrace::is_call;
use crate::definition::function_header;
use crate::dispatch::{self, Exit};
use crate::machine::{Machine, Outcome};
use core::slice;
use stele_bytecode::instruction::Op;
use stele_memory::{Block, CodeRef};

/// What is to be recorded while a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Watching {
    /// Nothing: it runs at full speed.
    Off = 0,
    /// How often each instruction runs, and what it costs.
    Profile = 1,
    /// Calls, returns and throws.
    Calls = 2,
    /// Instructions.
    Steps = 3,
}

/// The state of watching, part of an instance's control block.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Watch {
    /// A [`Watching`]; anything else is off.
    pub(crate) mode: u64,
    /// Counters, by place: a hash table of [`ENTRY`] words each.
    counters: Block,
    /// Entries in use.
    used: u64,
    /// Executions and cost units altogether.
    total: [u64; 2],
    /// The latest events, [`EVENT`] words each.
    events: Block,
    /// Events there were.
    happened: u64,
    /// Number of the first function that a trace shows.
    first: u64,
}

impl Watch {
    pub(crate) const NONE: Self = Self {
        mode: 0,
        counters: Block::NONE,
        used: 0,
        total: [0; 2],
        events: Block::NONE,
        happened: 0,
        first: 0,
    };

    /// The blocks it owns, or none.
    pub(crate) fn blocks(&self) -> [Block; 2] {
        [self.counters, self.events]
    }
}

/// Words of a counter: key, executions, cost units.
const ENTRY: usize = 3;

/// Counters there is room for at first, and at most.
const FIRST_ENTRIES: usize = 1 << 10;
const MOST_ENTRIES: usize = 1 << 16;

/// Kinds of counters, in the low bits of their keys; the rest is an arena offset.
const INSTRUCTION: u64 = 1;
const FUNCTION: u64 = 2;
const CALLS: u64 = 3;
const KIND: u64 = 3;

/// Words of an event: kind, function, caller or word, return stack depth, data stack depth, the top cells.
const EVENT: usize = 8;

/// Events that are kept.
pub const EVENTS: u64 = 512;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum EventKind {
    /// A function was called by an instruction that names it.
    Called = 1,
    /// A function was called by its word's token, as a value, or in place of its caller.
    Executed = 2,
    /// A function returned.
    Returned = 3,
    /// Something was thrown.
    Thrown = 4,
    /// An instruction ran.
    Step = 5,
}

/// An event, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The function that was called or returned, or that the instruction is in.
    pub function: CodeRef,
    /// The function that it was called from or returned to, the code that was thrown, or the word of the
    /// instruction.
    pub other: u64,
    /// Cells on the return stack.
    pub return_depth: u64,
    /// Cells on the data stack.
    pub depth: u64,
    /// The three topmost of them, the top first; 0 for those that are not there.
    pub cells: [i64; 3],
}

/// What a profile says of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionProfile {
    /// The function.
    pub function: CodeRef,
    /// Its number in order of creation.
    pub id: u32,
    /// Times it was called.
    pub calls: u64,
    /// Instructions it ran.
    pub executions: u64,
    /// What they cost.
    pub cost: u64,
}

impl Machine<'_, '_> {
    /// Begins to record, what was recorded before being forgotten; or ends it, and keeps that. A trace
    /// leaves out what only functions below the number `first` have to do with.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`] if there is no room for the record.
    pub fn set_watching(&mut self, watching: Watching, first: u32) -> Result<(), Trap> {
        match watching {
            Watching::Off => {}
            Watching::Profile => self.new_counters(FIRST_ENTRIES)?,
            Watching::Calls | Watching::Steps => self.new_events()?,
        }
        let watch = &mut self.block_mut().watch;
        watch.mode = watching as u64;
        watch.first = first.into();
        self.obey_watch();
        Ok(())
    }

    /// Makes the dispatch leave before every instruction, or not, as the control block says.
    pub(crate) fn obey_watch(&mut self) {
        let watched = (1..=3).contains(&self.block().watch.mode);
        if self.core.watched != watched {
            self.core.watched = watched;
            self.core.table = if watched {
                dispatch::leaving_table()
            } else {
                dispatch::table()
            };
        }
    }

    /// Runs the next instruction and records it.
    pub(crate) fn watched_step(&mut self) -> Result<Option<Outcome>, Trap> {
        let place = self.instruction_offset();
        // SAFETY: the instruction pointer leads to an instruction of verified code.
        let word = unsafe { *self.core.registers.ip };
        // SAFETY: as in `run_slice`.
        unsafe { dispatch::step(self.core) };
        let exit = self.core.exit;
        let before = self.cost();
        let result = if exit == Exit::Stepped {
            Ok(None)
        } else {
            self.turn()
        };
        let charged = match exit {
            Exit::Primitive => self.cost().saturating_sub(before),
            _ => 0,
        };
        // What left for room, a collection or its next slice begins again where it was.
        let ran = matches!(exit, Exit::Stepped | Exit::Preempted | Exit::Halt);
        let done = ran || result.is_err() || self.instruction_offset() != place;
        // A primitive that ended the watch, or began another, is no part of it.
        match self.block().watch.mode {
            1 => self.count(place, word, u64::from(done), charged)?,
            2 if done => self.note_call(place, word, result.err()),
            3 if done => self.note_step(place),
            _ => {}
        }
        result
    }

    fn instruction_offset(&self) -> u64 {
        // SAFETY: both lie in the arena.
        let offset = unsafe {
            let ip = self.core.registers.ip.cast::<u8>();
            ip.offset_from(self.core.base)
        };
        offset.cast_unsigned() as u64
    }

    /// Adds to the counters of an instruction and its function.
    fn count(&mut self, place: u64, word: u32, times: u64, charged: u64) -> Result<(), Trap> {
        let op = Op::decode(word).unwrap_or(Op::Invalid);
        let primitive = match op {
            Op::Primitive => self.primitives().get((word >> 16) as usize),
            _ => None,
        };
        let fixed = op.cost() + primitive.map_or(0, |primitive| primitive.effect.cost);
        let cost = times * u64::from(fixed) + charged;
        let total = &mut self.block_mut().watch.total;
        total[0] = total[0].saturating_add(times);
        total[1] = total[1].saturating_add(cost);
        self.add(place | INSTRUCTION, times, cost)?;
        if let Some((function, _)) = self.code_at(place) {
            self.add(function.offset() | FUNCTION, times, cost)?;
        }
        if let Some((callee, _)) = self.callee(op).filter(|_| times > 0) {
            self.add(callee.offset() | CALLS, 1, 0)?;
        }
        Ok(())
    }

    /// The function that is about to begin, if `op`, which has just run, has called it.
    fn callee(&self, op: Op) -> Option<(CodeRef, EventKind)> {
        let kind = match op {
            Op::Call => EventKind::Called,
            op if is_call(op) => EventKind::Executed,
            Op::TailCall | Op::TailCallClosure => EventKind::Executed,
            _ => return None,
        };
        let (function, word) = self.code_at(self.instruction_offset())?;
        (word == 0).then_some((function, kind))
    }

    fn note_call(&mut self, place: u64, word: u32, trap: Option<Trap>) {
        let op = Op::decode(word).unwrap_or(Op::Invalid);
        let Some((function, _)) = self.code_at(place) else {
            return;
        };
        if let Some(trap) = trap {
            self.note(EventKind::Thrown, function, trap.0.cast_unsigned());
        } else if let Some((callee, kind)) = self.callee(op) {
            if self.is_of_interest(function) || self.is_of_interest(callee) {
                self.note(kind, callee, function.0.into());
            }
        } else if op == Op::Return
            && let Some((to, _)) = self.code_at(self.instruction_offset())
            && (self.is_of_interest(function) || self.is_of_interest(to))
        {
            self.note(EventKind::Returned, function, to.0.into());
        }
    }

    fn note_step(&mut self, place: u64) {
        if let Some((function, word)) = self.code_at(place)
            && self.is_of_interest(function)
        {
            self.note(EventKind::Step, function, word as u64);
        }
    }

    /// Whether a function is one of those that a trace is to show.
    fn is_of_interest(&self, function: CodeRef) -> bool {
        let header = function_header(self.arena, function);
        header.is_some_and(|header| u64::from(header.id) >= self.block().watch.first)
    }

    fn note(&mut self, kind: EventKind, function: CodeRef, other: u64) {
        self.spill();
        let [a, b, c] = [0, 1, 2].map(|below| self.peek(below).unwrap_or(0).cast_unsigned());
        let depths = [self.return_depth() as u64, self.depth() as u64];
        let function = function.0.into();
        let event = [kind as u64, function, other, depths[0], depths[1], a, b, c];
        let happened = self.block().watch.happened;
        let at = (happened % EVENTS) as usize * EVENT;
        let block = self.block().watch.events;
        if let Some(place) = self.words_of_block(block).get_mut(at..at + EVENT) {
            place.copy_from_slice(&event);
            self.block_mut().watch.happened = happened.wrapping_add(1);
        }
    }

    /// Events there were since the trace began; the last [`EVENTS`] of them are kept.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.block().watch.happened
    }

    /// An event that is kept, by its number from 0.
    pub fn event(&mut self, number: u64) -> Option<Event> {
        let watch = self.block().watch;
        let kept = number < watch.happened && watch.happened - number <= EVENTS;
        let at = (number % EVENTS) as usize * EVENT;
        let words = self.words_of_block(watch.events);
        let words: [u64; EVENT] = words.get(at..at + EVENT)?.try_into().ok()?;
        let kind = [
            EventKind::Called,
            EventKind::Executed,
            EventKind::Returned,
            EventKind::Thrown,
            EventKind::Step,
        ]
        .into_iter()
        .find(|kind| *kind as u64 == words[0])?;
        kept.then_some(Event {
            kind,
            function: CodeRef(u32::try_from(words[1]).ok()?),
            other: words[2],
            return_depth: words[3],
            depth: words[4],
            cells: [words[5], words[6], words[7]].map(u64::cast_signed),
        })
    }

    /// Of the functions that the profile has, the one with the highest cost below `after`, which is a
    /// cost and, for those that cost the same, a number; the lower number is first.
    pub fn profile_after(&mut self, after: Option<(u64, u32)>) -> Option<FunctionProfile> {
        let entries = self.counters().len() / ENTRY;
        self.charge(entries as u64 / 16);
        let mut best: Option<FunctionProfile> = None;
        for index in 0..entries {
            let [key, executions, cost] = self.counter(index)?;
            if key & KIND != FUNCTION {
                continue;
            }
            let function = CodeRef(u32::try_from((key & !KIND) / 8).ok()?);
            let Some(header) = function_header(self.arena, function) else {
                continue;
            };
            let id = header.id;
            let comes_after = |(before, number)| cost < before || cost == before && id > number;
            let is_first =
                best.is_none_or(|best| cost > best.cost || cost == best.cost && id < best.id);
            if after.is_none_or(comes_after) && is_first {
                best = Some(FunctionProfile {
                    function,
                    id,
                    calls: 0,
                    executions,
                    cost,
                });
            }
        }
        let mut best = best?;
        best.calls = self.look_up(best.function.offset() | CALLS)[0];
        Some(best)
    }

    /// Executions and cost units of all that was profiled.
    #[must_use]
    pub fn profile_total(&self) -> [u64; 2] {
        self.block().watch.total
    }

    /// How often the instruction at a word of a function ran, and what that cost.
    pub fn profile_of(&mut self, function: CodeRef, word: u64) -> [u64; 2] {
        let first = function.offset() + crate::whereabouts::FIRST_INSTRUCTION;
        self.look_up(first.saturating_add(word.saturating_mul(4)) | INSTRUCTION)
    }

    fn counters(&mut self) -> &mut [u64] {
        let block = self.block().watch.counters;
        let words = self.words_of_block(block);
        let entries = (words.len() / ENTRY).next_power_of_two();
        let entries = if entries * ENTRY > words.len() {
            entries / 2
        } else {
            entries
        };
        &mut words[..entries * ENTRY]
    }

    fn counter(&mut self, index: usize) -> Option<[u64; ENTRY]> {
        let words = self.counters();
        words.get(index * ENTRY..)?.first_chunk::<ENTRY>().copied()
    }

    /// Executions and cost under a key; zeroes if there is no counter.
    fn look_up(&mut self, key: u64) -> [u64; 2] {
        let counters = self.counters();
        let found = find(counters, key).map(|at| [counters[at + 1], counters[at + 2]]);
        found.unwrap_or_default()
    }

    fn add(&mut self, key: u64, times: u64, cost: u64) -> Result<(), Trap> {
        let counters = self.counters();
        let entries = counters.len() / ENTRY;
        let Some(at) = find(counters, key) else {
            return Ok(());
        };
        let new = counters[at] == 0;
        counters[at] = key;
        counters[at + 1] = counters[at + 1].saturating_add(times);
        counters[at + 2] = counters[at + 2].saturating_add(cost);
        if !new {
            return Ok(());
        }
        let watch = &mut self.block_mut().watch;
        watch.used = watch.used.saturating_add(1);
        if watch.used > entries as u64 / 2 && entries < MOST_ENTRIES {
            self.grow_counters(entries * 2)?;
        }
        Ok(())
    }

    /// Moves the counters to a table with room for more.
    fn grow_counters(&mut self, entries: usize) -> Result<(), Trap> {
        let old = self.block().watch.counters;
        let bytes = (entries * ENTRY * 8) as u64;
        let new = self.arena.allocate_sealed(bytes, "profile");
        let new = new.map_err(|_| Trap::OUT_OF_MEMORY)?;
        self.block_mut().watch.counters = new;
        let mut at = 0;
        while let Some(entry) = self.words_of_block(old).get(at..at + ENTRY) {
            let entry = [entry[0], entry[1], entry[2]];
            let counters = self.counters();
            if let Some(place) = find(counters, entry[0]).filter(|_| entry[0] != 0) {
                counters[place..place + ENTRY].copy_from_slice(&entry);
            }
            at += ENTRY;
        }
        self.free(old);
        Ok(())
    }

    fn new_counters(&mut self, entries: usize) -> Result<(), Trap> {
        let old = self.block().watch.counters;
        let bytes = (entries * ENTRY * 8) as u64;
        let new = self.arena.allocate_sealed(bytes, "profile");
        let watch = &mut self.block_mut().watch;
        watch.counters = new.map_err(|_| Trap::OUT_OF_MEMORY)?;
        watch.used = 0;
        watch.total = [0; 2];
        self.free(old);
        Ok(())
    }

    fn new_events(&mut self) -> Result<(), Trap> {
        if self.block().watch.events == Block::NONE {
            let bytes = EVENTS * EVENT as u64 * 8;
            let new = self.arena.allocate_sealed(bytes, "trace");
            self.block_mut().watch.events = new.map_err(|_| Trap::OUT_OF_MEMORY)?;
        }
        self.block_mut().watch.happened = 0;
        Ok(())
    }

    fn free(&mut self, block: Block) {
        if block != Block::NONE {
            // SAFETY: the block was the watch's alone, which has another now.
            let _ = unsafe { self.arena.free_sealed(block) };
        }
    }

    /// A block of the watch as words; none if there is no block.
    fn words_of_block(&mut self, block: Block) -> &mut [u64] {
        if block == Block::NONE {
            return &mut [];
        }
        // SAFETY: the block is the watch's alone, initialised, aligned to 256 bytes and of that size; the
        // machine is borrowed as long as the words are.
        unsafe {
            let start = self.core.base.add(block.offset as usize);
            slice::from_raw_parts_mut(start.cast::<u64>(), block.size as usize / 8)
        }
    }
}

/// Where the counter under `key` is, or an empty one for it; `None` if the table is full of others.
fn find(counters: &[u64], key: u64) -> Option<usize> {
    let entries = counters.len() / ENTRY;
    let mask = entries.checked_sub(1)?;
    let hash = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize;
    (0..entries.min(MOST_PROBES))
        .map(|step| (hash.wrapping_add(step) & mask) * ENTRY)
        .find(|at| counters[*at] == key || counters[*at] == 0)
}

/// Counters that are looked at for one key.
const MOST_PROBES: usize = 256;
