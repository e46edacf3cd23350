//! A core at work on one VM instance: the run loop around the dispatch.
//!
//! [`Machine::attach`] loads an instance's registers, [`Machine::run`] runs it for a quantum, and
//! dropping back to the arbiter stores everything again. Between two instructions all of an
//! instance's state is in its control block and its blocks of the arena; nothing of it is in Rust.

use crate::control_block::{ControlBlock, Life, ROOTS, System};
use crate::definition::function_header;
use crate::devices::{Bindings, Door};
use crate::dispatch::{self, Core, DATA_START, Exit, REMEMBERED, Registers, Remembered};
use crate::primitive::{Awaited, Primitive, Step};
use crate::side_stack::{self, SideStack};
use crate::usage::Pauses;
use crate::value_stack::InstanceRoots;
use crate::words::{WORDS_ROOT, Word, flags};
use crate::world::World;
use crate::{Trap, stacks};
use core::ptr;
use stele_bytecode::function::{Delta, HEADER_WORDS, Header};
use stele_hal::{Input, Outside};
use stele_memory::{Arena, Block, CodeRef, CodeSpace, Root, Session};

/// What one core needs to run instances, kept between quanta.
pub struct Processor {
    pub(crate) core: Core,
}

impl Processor {
    /// A core that runs nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let registers = Registers {
            ip: ptr::null(),
            sp: ptr::null_mut(),
            tos: 0,
            rp: ptr::null_mut(),
            budget: 0,
        };
        Self {
            core: Core {
                table: dispatch::table(),
                base: ptr::null_mut(),
                data: ptr::null_mut(),
                load_byte: 0,
                load_cell: 0,
                store_byte: 0,
                store_cell: 0,
                stack: ptr::null_mut(),
                values: SideStack::NONE,
                floats: SideStack::NONE,
                pauses: Pauses::NONE,
                remembered: Remembered::nothing(),
                registers,
                operand: 0,
                exit: Exit::Running,
                collecting: false,
                watched: false,
            },
        }
    }
}

impl Default for Processor {
    fn default() -> Self {
        Self::new()
    }
}

/// How a quantum ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The quantum is used up.
    Preempted,
    /// The instance waits for something from outside.
    Waiting(Awaited),
    /// It asked to end the system, with this exit code.
    Bye(u8),
    /// It asked to begin the system anew.
    Cold,
    /// It said that the system cannot go on, with a message in its data space, and is still where it
    /// said so.
    Panic {
        /// The message's address.
        address: i64,
        /// Its length in bytes.
        length: i64,
    },
    /// It came to its end, or to a trap that nothing in it handles.
    Ended(Option<Trap>),
}

/// Whether a primitive that took a stack from one depth to another and ended with `step` has kept to
/// the `delta` it declares.
fn holds(step: Step, delta: Delta, before: usize, after: usize) -> bool {
    match (step, delta) {
        (Step::Done, Delta::Static(change)) => {
            before.checked_add_signed(change.into()) == Some(after)
        }
        (Step::Done, Delta::Dynamic) => true,
        (Step::Done, Delta::Never) => false,
        _ => before == after,
    }
}

/// What a word's token leads to.
pub(crate) struct Target {
    code: Option<CodeRef>,
    body: Option<i64>,
    /// True if a word on the way there is under access control.
    controlled: bool,
}

/// A core attached to an instance.
pub struct Machine<'m, 'r> {
    pub(crate) core: &'m mut Core,
    pub(crate) arena: &'m mut Arena<'r>,
    pub(crate) system: u64,
    pub(crate) vm: u64,
    primitives: &'r [Primitive],
    pub(crate) outside: &'m mut dyn Outside,
    pub(crate) bindings: &'m mut Bindings,
    /// Budget at the beginning of this slice.
    slice: i64,
}

impl<'m, 'r> Machine<'m, 'r> {
    /// Attaches `processor` to an instance of `world`, whose way outside is `door`; `None` if there is no instance `id`, or if it
    /// is dead.
    pub fn attach(
        processor: &'m mut Processor,
        world: &'m mut World<'r>,
        id: u64,
        door: Door<'m>,
    ) -> Option<Self> {
        let vm = world.instance(id)?;
        if world.life(id) == Some(Life::Dead) {
            return None;
        }
        let (system, primitives) = (world.system, world.primitives);
        let mut machine = Self {
            core: &mut processor.core,
            arena: &mut world.arena,
            system,
            vm,
            primitives,
            outside: door.outside,
            bindings: door.bindings,
            slice: 0,
        };
        machine.load();
        Some(machine)
    }

    /// Runs the instance for `quantum` cost units, or until something else ends its turn.
    pub fn run(&mut self, quantum: u32) -> Outcome {
        let block = self.block_mut();
        block.balance = block
            .balance
            .saturating_add(i64::from(quantum))
            .min(i64::from(quantum));
        let balance = block.balance;
        self.run_for(balance)
    }

    /// Runs the instance to the very next place where it may be stopped.
    pub fn run_to_safepoint(&mut self) -> Outcome {
        self.run_for(0)
    }

    /// Runs for `units`, or for the allowance if that is less.
    fn run_for(&mut self, units: i64) -> Outcome {
        if self.block().life == Life::Dead as u64 {
            return Outcome::Ended(None);
        }
        self.block_mut().life = Life::Running as u64;
        let slice = units.min(self.block().allowance);
        self.core.registers.budget = slice;
        self.slice = slice;
        let outcome = self.run_slice();
        // A program that bounded itself has shortened the slice.
        let used = self.slice.saturating_sub(self.core.registers.budget);
        self.slice = self.core.registers.budget;
        self.store();
        let block = self.block_mut();
        block.consumed = block.consumed.saturating_add(used.cast_unsigned());
        block.balance = block.balance.saturating_sub(used);
        if block.allowance != i64::MAX {
            block.allowance = block.allowance.saturating_sub(used);
        }
        block.life = match outcome {
            Outcome::Preempted => Life::Ready,
            Outcome::Waiting(_) => Life::Waiting,
            Outcome::Bye(_) | Outcome::Cold | Outcome::Ended(_) => Life::Dead,
            Outcome::Panic { .. } => Life::Running,
        } as u64;
        if outcome != Outcome::Preempted || block.allowance >= 0 {
            return outcome;
        }
        if block.handler == 0 {
            // Between two handlers nobody can be told; the next one is, at its first safepoint.
            block.allowance = 0;
            return outcome;
        }
        block.allowance = i64::MAX;
        match self.interrupt(Trap::BUDGET_SPENT) {
            Ok(()) => Outcome::Preempted,
            Err(trap) => Outcome::Ended(Some(trap)),
        }
    }

    fn run_slice(&mut self) -> Outcome {
        if self.core.registers.budget < 0 {
            return Outcome::Preempted;
        }
        loop {
            // SAFETY: `load` and everything since has kept the core's pointers in step with the
            // control block; only verified code is ever made part of the code space's functions,
            // and execution began, and went on, at the depths verified for it.
            unsafe { dispatch::run(self.core) };
            match self.turn() {
                Ok(None) => {}
                Ok(Some(outcome)) => return outcome,
                Err(trap) => {
                    if !matches!(self.core.exit, Exit::Throw | Exit::ThrowValue) {
                        self.block_mut().progress.fault.arrives(trap);
                    }
                    if self.core.exit != Exit::ThrowValue {
                        self.forget_thrown();
                    }
                    if let Err(trap) = self.throw(trap) {
                        return Outcome::Ended(Some(trap));
                    }
                }
            }
        }
    }

    /// Does what the dispatch ended for.
    pub(crate) fn turn(&mut self) -> Result<Option<Outcome>, Trap> {
        match self.core.exit {
            Exit::Running => Ok(None),
            Exit::Preempted => Ok(Some(Outcome::Preempted)),
            Exit::Grow => {
                let room = usize::try_from(self.core.operand).unwrap_or(usize::MAX);
                stacks::grow(self, room)?;
                Ok(None)
            }
            Exit::GrowValues => {
                let room = usize::try_from(self.core.operand).unwrap_or(usize::MAX);
                side_stack::grow::<Root>(self, room)?;
                Ok(None)
            }
            Exit::GrowFloats => {
                let room = usize::try_from(self.core.operand).unwrap_or(usize::MAX);
                side_stack::grow::<f64>(self, room)?;
                Ok(None)
            }
            Exit::BoxInteger => self.box_integer().map(|()| None),
            Exit::UnboxInteger => self.unbox_integer().map(|()| None),
            Exit::Constant => self.push_constant().map(|()| None),
            Exit::Calculate(op) => self.calculate(op).map(|()| None),
            Exit::Closure => self.make_function_value().map(|()| None),
            Exit::CallValue(calling) => self.call_value(calling),
            Exit::Suspend => self.suspend().map(|()| None),
            Exit::Resume => self.resume(),
            Exit::ThrowValue => Err(self.take_thrown()),
            Exit::Store => Err(self.store_trap()),
            Exit::Trap(trap) => Err(trap),
            Exit::Throw => Err(Trap(self.core.operand.cast_signed())),
            Exit::Halt => Ok(Some(Outcome::Ended(None))),
            Exit::Caught => {
                self.leave_handler();
                Ok(None)
            }
            Exit::Execute => {
                let token = self.core.operand;
                let target = self.resolve(token.cast_signed())?;
                self.remember(token, &target);
                self.enter(&target, false)
            }
            Exit::Catch => self.catch(self.core.operand.cast_signed()),
            Exit::Primitive => self.run_primitive(),
            Exit::Stepped => self.watched_step(),
        }
    }

    fn run_primitive(&mut self) -> Result<Option<Outcome>, Trap> {
        self.spill();
        let number = usize::try_from(self.core.operand).unwrap_or(usize::MAX);
        let primitive = self.primitives.get(number).ok_or(Trap::INVALID_CODE)?;
        let effect = &primitive.effect;
        let (depth, value_depth) = (self.depth(), self.value_depth());
        let float_depth = self.float_depth();
        let step = (primitive.run)(self);
        self.fill();
        let step = step?;
        let kept = holds(step, effect.delta, depth, self.depth())
            && holds(step, effect.values.delta, value_depth, self.value_depth())
            && holds(step, effect.floats.delta, float_depth, self.float_depth());
        let ends = matches!(step, Step::Bye(_) | Step::Cold | Step::Panic { .. });
        if !kept && !ends {
            // The code around it was verified for what the primitive declares, no more.
            return Err(Trap::INVALID_CODE);
        }
        match step {
            Step::Done => {
                self.end_operation();
                // SAFETY: a primitive is one word of verified code, which never ends with one.
                self.core.registers.ip = unsafe { self.core.registers.ip.add(1) };
                Ok(None)
            }
            Step::Again if self.core.registers.budget < 0 => Ok(Some(Outcome::Preempted)),
            Step::Again => Ok(None),
            Step::Wait(awaited) => Ok(Some(Outcome::Waiting(awaited))),
            Step::Collect => {
                self.collect_for_primitive()?;
                Ok(None)
            }
            Step::Bye(code) => Ok(Some(Outcome::Bye(code))),
            Step::Cold => Ok(Some(Outcome::Cold)),
            Step::Panic { address, length } => Ok(Some(Outcome::Panic { address, length })),
        }
    }

    /// What the word of `token` does.
    pub(crate) fn resolve(&mut self, token: i64) -> Result<Target, Trap> {
        let mut token = token;
        let mut controlled = false;
        // A deferred word may lead to another; a circle of them leads nowhere.
        for _ in 0..64 {
            controlled |= self.use_word(token)?;
            let (session, roots) = self.open_session();
            let words = session.load(&roots[WORDS_ROOT]);
            let word = Word::read(&session, words, token).ok_or(Trap::STALE_TOKEN)?;
            if word.flags & flags::DEFERRED == 0 {
                let body = (word.flags & flags::BODY != 0).then_some(word.body);
                return Ok(Target {
                    code: word.code,
                    body,
                    controlled,
                });
            }
            token = word.body;
        }
        Err(Trap::RECURSION)
    }

    /// Remembers what a token leads to, if that is a function and nothing else, and no
    /// word that is under access control.
    fn remember(&mut self, token: u64, target: &Target) {
        let (Some(code), None) = (target.code, target.body) else {
            return;
        };
        if !target.controlled && self.header(code).is_some() {
            let start = code.offset() as usize + dispatch::CODE_HEADER;
            let header = self.core.base.wrapping_add(start).cast_const().cast();
            self.core.remembered[token as usize % REMEMBERED] = Remembered { token, header };
        }
    }

    /// Calls a word, the next instruction being the one to return to; `guarded` puts a handler's
    /// record under the call.
    pub(crate) fn enter(
        &mut self,
        target: &Target,
        guarded: bool,
    ) -> Result<Option<Outcome>, Trap> {
        let header = match target.code {
            Some(code) => Some(self.header(code).ok_or(Trap::INVALID_CODE)?),
            None => None,
        };
        let pushed = usize::from(target.body.is_some());
        let (need, room) = header.map_or((0, 1), |header| {
            (usize::from(header.need), header.room as usize)
        });
        if self.depth() + pushed < need {
            return Err(Trap::STACK_UNDERFLOW);
        }
        stacks::ensure(self, room + pushed + if guarded { 2 } else { 0 })?;
        if guarded {
            self.push_handler();
        }
        self.spill();
        if let Some(body) = target.body {
            self.push_unchecked(body);
        }
        self.fill();
        let (Some(code), Some(header)) = (target.code, header) else {
            return Ok(None);
        };
        // SAFETY: room for the return address was ensured; `code` is a function of the code space.
        unsafe {
            let start = self.code_start(code);
            let registers = &mut self.core.registers;
            registers.rp = registers.rp.sub(1);
            *registers.rp = registers
                .ip
                .cast::<u8>()
                .offset_from(self.core.base)
                .cast_unsigned() as u64;
            registers.ip = start;
        }
        self.core.registers.budget -= i64::from(header.entry_cost);
        Ok((self.core.registers.budget < 0).then_some(Outcome::Preempted))
    }

    /// The header of a function; `None` if there is no function at `code`.
    #[must_use]
    pub fn header(&self, code: CodeRef) -> Option<Header> {
        function_header(self.arena, code)
    }

    /// The code of a function, little-endian words without the header.
    #[must_use]
    pub fn code(&self, code: CodeRef) -> Option<&[u8]> {
        CodeSpace::bytes(self.arena, code)?.get(HEADER_WORDS * 4..)
    }

    /// First instruction of a function.
    ///
    /// # Safety
    /// `code` must be a function of this arena's code space.
    pub(crate) unsafe fn code_start(&self, code: CodeRef) -> *const u32 {
        // SAFETY: the caller's promise: header and code lie inside the arena.
        unsafe {
            self.core
                .base
                .add(code.offset() as usize + dispatch::CODE_HEADER)
                .cast::<u32>()
                .add(HEADER_WORDS)
        }
    }

    /// Collects what is due: the private heap, or the space that the instances share as well.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`] if there is no room for the copies; nothing has changed then.
    pub fn collect(&mut self) -> Result<(), Trap> {
        self.collect_some(false)
    }

    /// Frees everything that nothing refers to, in the private heap and in the shared space.
    ///
    /// # Errors
    /// As [`Machine::collect`].
    pub fn collect_everything(&mut self) -> Result<(), Trap> {
        self.collect_some(true)
    }

    fn collect_some(&mut self, everything: bool) -> Result<(), Trap> {
        let before = self.outside.now_ns();
        let block = self.block_pointer();
        self.core.collecting = true;
        // SAFETY: the control block lies in the arena, apart from every block the heap uses, and is
        // reached only through this machine; its roots and its value stack are all the roots there
        // are, and the value stack's block is nobody else's. The space lies in the system's block, apart
        // from all that it manages, and this instance's heap is the only one that shares through it.
        let collected = unsafe {
            let block = &mut *block;
            let mut roots = InstanceRoots {
                kept: &mut block.roots,
                values: self.live_values(),
                operations: &mut block.value_roots,
            };
            let space = &(*self.system_pointer()).space;
            let mut session = Session::with_space(self.arena, &mut block.heap, space);
            if everything {
                session.collect_everything(&mut roots)
            } else {
                session.collect(&mut roots)
            }
        };
        self.core.collecting = false;
        let after = self.outside.now_ns();
        self.core.pauses.add(after.saturating_sub(before));
        collected.map(drop).map_err(|_| Trap::OUT_OF_MEMORY)
    }

    /// A session on the private heap, and the roots beside it, which may be changed.
    pub fn session(&mut self) -> (Session<'_>, &mut [Root; ROOTS]) {
        self.core.remembered = Remembered::nothing();
        self.open_session()
    }

    /// As [`Machine::session`], for those who only read: what tokens led to is still remembered.
    pub fn reading(&mut self) -> (Session<'_>, &[Root; ROOTS]) {
        let (session, roots) = self.open_session();
        (session, roots)
    }

    /// As [`Machine::session`], for those who leave the dictionary as it is.
    pub(crate) fn open_session(&mut self) -> (Session<'_>, &mut [Root; ROOTS]) {
        let block = self.block_pointer();
        // SAFETY: as in `collect_some`; heap and roots are different fields.
        unsafe {
            let block = &mut *block;
            let space = &(*self.system_pointer()).space;
            let session = Session::with_space(self.arena, &mut block.heap, space);
            (session, &mut block.roots)
        }
    }

    /// Hash of everything the instances of this world wrote to the console (FNV-1a).
    pub fn output_hash(&mut self) -> u64 {
        self.system_mut().output_hash
    }

    /// Functions made so far in this world; the number of the next.
    pub fn functions(&mut self) -> u32 {
        u32::try_from(self.system_mut().functions).unwrap_or(u32::MAX)
    }

    /// The function of this world that was made first.
    #[must_use]
    pub fn first_function(&self) -> Option<CodeRef> {
        // SAFETY: the system's block is apart from everything the machine writes here.
        let system = unsafe {
            &*self
                .arena
                .base()
                .as_ptr()
                .add(self.system as usize)
                .cast::<System>()
        };
        system.code.iterate(self.arena).next()
    }

    /// The function that was made after `code`.
    #[must_use]
    pub fn next_function(&self, code: CodeRef) -> Option<CodeRef> {
        CodeSpace::next(self.arena, code)
    }

    /// One of the words that the language keeps for itself; 0 beyond the last.
    #[must_use]
    pub fn user(&self, index: usize) -> u64 {
        self.block().user.get(index).copied().unwrap_or(0)
    }

    /// Sets one of the words that the language keeps for itself, [`crate::control_block::USER_WORDS`] in number.
    pub fn set_user(&mut self, index: usize, word: u64) {
        if let Some(place) = self.block_mut().user.get_mut(index) {
            *place = word;
        }
    }

    /// The source texts given at start, as the language packs them.
    #[must_use]
    pub fn texts(&self) -> &[u8] {
        let block: Block = self.block().texts;
        self.arena.bytes(block).unwrap_or_default()
    }

    /// Writes to the console, and into the record of what was written.
    pub fn write(&mut self, bytes: &[u8]) {
        let system = self.system_mut();
        for byte in bytes {
            system.output_hash =
                (system.output_hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        self.outside.write(bytes);
    }

    /// Writes to the console what is no output of the program: how its output looks there.
    pub fn write_unrecorded(&mut self, bytes: &[u8]) {
        self.outside.write(bytes);
    }

    /// Charges `units` beside the fixed cost.
    pub fn charge(&mut self, units: u64) {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        self.core.registers.budget = self.core.registers.budget.saturating_sub(units);
    }

    /// Bounds the cost units that may be used from here on before the program is stopped with
    /// [`Trap::BUDGET_SPENT`]; `None` lifts the bound.
    pub fn set_allowance(&mut self, units: Option<u64>) {
        let used = self.slice.saturating_sub(self.core.registers.budget);
        let Some(units) = units else {
            self.block_mut().allowance = i64::MAX;
            return;
        };
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        // What this slice has used is taken off the allowance when it ends, so it is added first;
        // and the slice must not go on beyond what is allowed.
        self.block_mut().allowance = units.saturating_add(used).min(i64::MAX - 1);
        let beyond = self.core.registers.budget.saturating_sub(units).max(0);
        self.core.registers.budget -= beyond;
        self.slice -= beyond;
    }

    /// Ends the slice `units` earlier, without charging them.
    pub(crate) fn shorten_slice(&mut self, units: u64) {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        self.core.registers.budget = self.core.registers.budget.saturating_sub(units);
        self.slice = self.slice.saturating_sub(units);
    }

    /// Cost units charged since the instance's birth.
    #[must_use]
    pub fn cost(&self) -> u64 {
        let charged = self.slice.saturating_sub(self.core.registers.budget);
        self.block()
            .consumed
            .saturating_add(charged.cast_unsigned())
    }

    /// Takes a byte of input, if there is one.
    pub fn take_input(&mut self) -> Input {
        match u8::try_from(core::mem::take(&mut self.block_mut().pending).wrapping_sub(1)) {
            Ok(byte) => Input::Byte(byte),
            Err(_) => self.outside.read(),
        }
    }

    /// True if [`Machine::take_input`] would find something: a byte, which is kept for it, or the end.
    pub fn has_input(&mut self) -> bool {
        if self.block().pending != 0 {
            return true;
        }
        match self.outside.read() {
            Input::Byte(byte) => {
                self.block_mut().pending = u64::from(byte) + 1;
                true
            }
            Input::Closed => true,
            Input::Empty => false,
        }
    }

    pub(crate) fn primitives(&self) -> &'r [Primitive] {
        self.primitives
    }

    pub(crate) fn system_mut(&mut self) -> &mut System {
        // SAFETY: the machine has borrowed the world, and is borrowed exclusively itself.
        unsafe { &mut *self.system_pointer() }
    }

    pub(crate) fn system_ref(&self) -> &System {
        // SAFETY: the world has its system's block there, and the machine has borrowed the world.
        unsafe { &*self.system_pointer() }
    }

    pub(crate) fn system_pointer(&self) -> *mut System {
        // SAFETY: the world has its system's block there.
        unsafe { self.arena.base().as_ptr().add(self.system as usize).cast() }
    }

    pub(crate) fn block_pointer(&self) -> *mut ControlBlock {
        // SAFETY: the world has named this offset as an instance's control block.
        unsafe { self.arena.base().as_ptr().add(self.vm as usize).cast() }
    }

    pub(crate) fn block(&self) -> &ControlBlock {
        // SAFETY: as above; the machine is the only way to it while attached.
        unsafe { &*self.block_pointer() }
    }

    pub(crate) fn block_mut(&mut self) -> &mut ControlBlock {
        // SAFETY: as above, and `self` is borrowed exclusively.
        unsafe { &mut *self.block_pointer() }
    }

    /// Loads the registers from the control block.
    fn load(&mut self) {
        self.core.base = self.arena.base().as_ptr();
        self.core.remembered = Remembered::nothing();
        self.core.exit = Exit::Running;
        self.obey_watch();
        self.map_stacks();
        side_stack::map::<Root>(self, self.block().value_depth as usize);
        side_stack::map::<f64>(self, self.block().float_depth as usize);
        self.map_data();
        let (instruction, depth, return_depth) = {
            let block = self.block();
            (
                block.instruction as usize,
                block.depth as usize,
                block.return_depth as usize,
            )
        };
        // SAFETY: the control block says where its instance stopped; depths fit its stacks.
        unsafe {
            self.core.registers.ip = self.core.base.add(instruction).cast();
            self.core.registers.sp = self.core.stack.add(depth);
            self.core.registers.rp = stacks::end(self).sub(return_depth);
        }
        self.fill();
    }

    /// Empties all stacks and forgets handlers.
    pub(crate) fn reset_stacks(&mut self) {
        self.core.registers.sp = self.core.stack;
        self.core.registers.rp = stacks::end(self);
        self.core.values.top = self.core.values.bottom;
        self.core.floats.top = self.core.floats.bottom;
        self.fill();
        self.block_mut().handler = 0;
    }

    /// Stores the registers in the control block.
    pub(crate) fn store(&mut self) {
        self.spill();
        // SAFETY: both pointers lie in the arena.
        let instruction = unsafe {
            self.core
                .registers
                .ip
                .cast::<u8>()
                .offset_from(self.core.base)
                .cast_unsigned() as u64
        };
        let (depth, return_depth) = (self.depth() as u64, self.return_depth() as u64);
        let (value_depth, float_depth) = (self.value_depth() as u64, self.float_depth() as u64);
        let block = self.block_mut();
        block.instruction = instruction;
        block.depth = depth;
        block.return_depth = return_depth;
        block.value_depth = value_depth;
        block.float_depth = float_depth;
    }

    /// Points the core at the stack segment.
    pub(crate) fn map_stacks(&mut self) {
        let offset = self.block().stacks.offset as usize;
        // SAFETY: the segment is a block of the arena.
        self.core.stack = unsafe { self.core.base.add(offset).cast() };
    }

    /// Points the core at the data space and tells it the bounds.
    pub(crate) fn map_data(&mut self) {
        let (offset, length, writable) = {
            let block = self.block();
            (
                block.data.offset as usize,
                block.data_length,
                block.data_writable,
            )
        };
        self.core.data = self
            .core
            .base
            .wrapping_add(offset)
            .wrapping_sub(DATA_START as usize);
        self.core.load_byte = length;
        self.core.load_cell = length.saturating_sub(7);
        self.core.store_byte = writable;
        self.core.store_cell = writable.saturating_sub(7);
    }

    /// Why a store failed: the address, or data space that may not be written.
    fn store_trap(&self) -> Trap {
        let block = self.block();
        if block.data_writable == block.data_length {
            Trap::INVALID_ADDRESS
        } else {
            Trap::READ_ONLY
        }
    }
}
