//! The verifier: abstract interpretation of a function's stack depths and costs.
//!
//! One pass serves two callers. The builder runs it with [`Mode::Infer`], which fills in what the
//! code declares of itself (checks, costs, effect); the loader of foreign code runs it with
//! [`Mode::Verify`], which refuses code whose declarations do not hold. What one mode produces the
//! other accepts, because they are the same rules.
//!
//! The rules:
//! - Every word belongs to an instruction of the table; unused bits are zero; jumps land on
//!   instructions of the same function; the last instruction does not fall off the end.
//! - Handlers are pairs: `catch-exit` stands behind every `catch-enter`, nowhere else, and nothing
//!   jumps there. So no instruction of a function can come upon a handler's record but these two.
//! - Every function and every primitive that it names exists; once linked, code names no [`SELF`].
//! - The depth of the return stack is static at every instruction, never reaches below the
//!   function's own cells, and is zero at `return`.
//! - The depth of the data stack is static within a *region*: the code reached from the entry, or
//!   from a `check`, without passing another `check`. Where two regions or two depths meet, and
//!   after anything of unknown effect, there stands a `check`.
//! - A region's declared need and room cover all its instructions, and a function's room also its
//!   return address.
//! - A jump declares the cost of the path it leads to: the sum of costs up to and including the
//!   next instruction that jumps, branches or ends.
//!
//! Inference keeps regions as small as they have to be. A function of static effect is one region,
//! and needs what its deepest path takes. In any other, each basic block is a region of its own, so
//! that no path is refused for what another would have taken.

use crate::function::{Delta, MAX_WORDS};
use crate::instruction::{Flow, Op, Operands};

/// What the analysis remembers of one word of code; the caller provides one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Slot {
    /// Position of the region's `check` plus two, 1 for the entry's region, 0 if not reached.
    region: u32,
    /// Cost of the path from here.
    path: u32,
    /// Data stack depth relative to the region's start.
    depth: i16,
    /// Return stack cells of this function.
    return_depth: u16,
    /// [`START`], [`NEEDS_CHECK`].
    flags: u32,
}

/// The word is the first of an instruction.
const START: u32 = 1;
/// A `check` must be put before this instruction.
const NEEDS_CHECK: u32 = 2;

impl Slot {
    /// True if the builder must put a `check` before the instruction that starts here.
    #[must_use]
    pub fn needs_check(&self) -> bool {
        self.flags & NEEDS_CHECK != 0
    }

    /// Marked instructions before this one, once [`count_marks`] has counted them.
    pub(crate) fn marks_before(&self) -> usize {
        self.path as usize
    }

    /// True if an instruction starts here.
    #[must_use]
    pub fn starts_instruction(&self) -> bool {
        self.flags & START != 0
    }

    /// The region the instruction belongs to; `None` if it cannot be reached.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        match self.region {
            0 => None,
            ENTRY => Some(Region::Entry),
            check => Some(Region::Check(check as usize - 2)),
        }
    }

    /// Cells on the data stack above those that were there where the region began, when this
    /// instruction begins; negative for fewer.
    #[must_use]
    pub fn depth(&self) -> i16 {
        self.depth
    }

    /// Cells of the function's own on the return stack when this instruction begins.
    #[must_use]
    pub fn return_depth(&self) -> u16 {
        self.return_depth
    }

    /// True if the instruction can be reached.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.region != 0
    }
}

/// Where a region begins; what it needs is declared there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// At the function's entry: its header declares need and room, the room with one cell more for
    /// the return address.
    Entry,
    /// At the `check` at this code word.
    Check(usize),
}

/// Tells each slot how many marked instructions come before it, in place of its path's cost; returns
/// how many there are.
pub(crate) fn count_marks(slots: &mut [Slot]) -> usize {
    let mut marks = 0;
    for slot in slots {
        slot.path = marks;
        marks += u32::from(slot.needs_check());
    }
    marks as usize
}

/// Effect of a function or a primitive, as its callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Cells that must be on the data stack.
    pub need: u16,
    /// Change of depth.
    pub delta: Delta,
    /// Cells above the entry depth that a primitive may use while it runs; 0 for functions, which
    /// check their own room.
    pub room: u16,
    /// Cost in units charged with the path; 0 for functions, which charge their own.
    pub cost: u32,
}

/// Answers what the code being analysed calls.
pub trait Callees {
    /// Effect of the function that an [`Operands::Function`] names; `None` if there is none.
    fn function(&self, operand: u32) -> Option<Effect>;
    /// Effect of a primitive by number; `None` if there is none.
    fn primitive(&self, number: u16) -> Option<Effect>;
}

/// Operand of a `call` to the very function being built.
pub const SELF: u32 = u32::MAX;

/// Whether declarations are filled in or held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Code is being built: raise declarations until they hold.
    Infer,
    /// Code comes from elsewhere: refuse what does not hold.
    Verify,
}

/// Why code was refused; every variant carries the word at which it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// No code at all, or more than [`MAX_WORDS`].
    Length(usize),
    /// The word begins no instruction of the table, or has bits set that must be zero.
    NotAnInstruction(usize),
    /// The instruction's operands lie beyond the end.
    Truncated(usize),
    /// A jump leads outside the function or between instructions.
    BadTarget(usize),
    /// The last instruction would run on past the end.
    FallsOffEnd(usize),
    /// It takes return stack cells that this function did not put there.
    ReturnStack(usize),
    /// Paths meet, or return, with different numbers of cells on the return stack.
    ReturnDepth(usize),
    /// Paths meet at different data stack depths and no `check` stands there.
    Depth(usize),
    /// The declared need or room does not cover this instruction.
    NotCovered(usize),
    /// A declared cost is not the path's.
    Cost(usize),
    /// It names a function or primitive that does not exist.
    Unknown(usize),
    /// A `catch-enter` without its `catch-exit` behind it, or the other way round.
    Handler(usize),
    /// Returns leave different depths although the function is declared static.
    Effect(usize),
    /// The stack grows beyond what one function may use (32,766 cells).
    TooDeep(usize),
}

impl CodeError {
    /// The word at which the code went wrong, counted from its start.
    #[must_use]
    pub fn position(self) -> usize {
        match self {
            Self::Length(at)
            | Self::NotAnInstruction(at)
            | Self::Truncated(at)
            | Self::BadTarget(at)
            | Self::FallsOffEnd(at)
            | Self::ReturnStack(at)
            | Self::ReturnDepth(at)
            | Self::Depth(at)
            | Self::NotCovered(at)
            | Self::Cost(at)
            | Self::Unknown(at)
            | Self::Handler(at)
            | Self::Effect(at)
            | Self::TooDeep(at) => at,
        }
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Length(_) => "the code is empty or too long",
            Self::NotAnInstruction(_) => "this is no instruction",
            Self::Truncated(_) => "the instruction is cut off",
            Self::BadTarget(_) => "the jump does not land on an instruction of its function",
            Self::FallsOffEnd(_) => "the code runs on past its end",
            Self::ReturnStack(_) => "it takes what this function did not put on the return stack",
            Self::ReturnDepth(_) => "the return stack is unbalanced here",
            Self::Depth(_) => "paths meet at different stack depths without a check",
            Self::NotCovered(_) => "the declared need or room does not cover this",
            Self::Cost(_) => "the declared cost is not the path's",
            Self::Unknown(_) => "it names a function or primitive that does not exist",
            Self::Handler(_) => "a handler's beginning and end do not stand together",
            Self::Effect(_) => "the declared stack effect does not hold",
            Self::TooDeep(_) => "the function uses more stack than a function may",
        }
    }
}

impl core::fmt::Display for CodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "at code word {}: {}", self.position(), self.reason())
    }
}

/// What is declared of a function as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Cells needed at entry.
    pub need: u16,
    /// Cells of room needed at entry.
    pub room: u32,
    /// Change of depth.
    pub delta: Delta,
    /// Cost of the path from the entry.
    pub entry_cost: u32,
}

/// Analyses `code`.
///
/// `slots` must be at least as long as `code`; its contents before do not matter. With
/// [`Mode::Verify`] `declared` must hold; with [`Mode::Infer`] it is where inference starts from
/// ([`Declared::unknown`]) and the result is what was found. Inference also writes checks' and
/// jumps' operands into `code`, and marks the slots of instructions that need a `check` before
/// them; if it marked any, the result says so and is not final.
///
/// # Errors
/// The first rule that does not hold, with its place.
pub fn analyse(
    code: &mut [u32],
    slots: &mut [Slot],
    callees: &dyn Callees,
    mode: Mode,
    declared: Declared,
) -> Result<Analysed, CodeError> {
    if code.is_empty() || code.len() > MAX_WORDS || slots.len() < code.len() {
        return Err(CodeError::Length(code.len()));
    }
    let slots = &mut slots[..code.len()];
    slots.fill(Slot::default());
    let ends_well = mark_instructions(code, slots)?;
    if mode == Mode::Infer {
        clear_checks(code);
    }
    let mut pass = Pass {
        code,
        slots,
        callees,
        mode,
        declared,
        delta: None,
        changed: false,
        recursive: false,
        dynamic: false,
        marked: false,
        restart: false,
        pending: 0,
    };
    if mode == Mode::Verify {
        pass.delta = Some(declared.delta);
        if declared.room == 0 {
            return Err(CodeError::NotCovered(0));
        }
    }
    match mode {
        Mode::Infer => pass.run_to_fixpoint()?,
        Mode::Verify => pass.run_once()?,
    }
    if pass.slots[ends_well.last].is_reached() && ends_well.falls {
        return Err(CodeError::FallsOffEnd(ends_well.last));
    }
    measure_paths(pass.code, pass.slots, callees)?;
    pass.costs()?;
    let entry_cost = pass.slots[0].path;
    if mode == Mode::Verify && entry_cost != declared.entry_cost {
        return Err(CodeError::Cost(0));
    }
    let declared = Declared {
        delta: pass.delta.unwrap_or(Delta::Never),
        entry_cost,
        ..pass.declared
    };
    Ok(Analysed {
        declared,
        marked: pass.marked,
    })
}

/// What [`analyse`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analysed {
    /// The function's need, room, effect and entry cost.
    pub declared: Declared,
    /// True if slots are marked as needing a `check`.
    pub marked: bool,
}

impl Declared {
    /// Where inference begins: nothing needed yet, room for the return address.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            need: 0,
            room: 1,
            delta: Delta::Static(0),
            entry_cost: 0,
        }
    }
}

/// Makes every check declare nothing; inference raises what they declare.
fn clear_checks(code: &mut [u32]) {
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        if op == Op::Check {
            code[at + 1] = 0;
        }
        at += op.words();
    }
}

/// How the code's last instruction goes on.
struct Ending {
    last: usize,
    falls: bool,
}

/// Marks each instruction's first word and checks that the words decode.
fn mark_instructions(code: &[u32], slots: &mut [Slot]) -> Result<Ending, CodeError> {
    let mut at = 0;
    let mut before = None;
    let mut ending = Ending {
        last: 0,
        falls: true,
    };
    while at < code.len() {
        let op = Op::decode(code[at]).ok_or(CodeError::NotAnInstruction(at))?;
        if (before == Some(Op::CatchEnter)) != (op == Op::CatchExit) {
            return Err(CodeError::Handler(at));
        }
        before = Some(op);
        let high_half_used = op.operands().uses_high_half();
        let spare = if high_half_used { 0xFF00 } else { 0xFFFF_FF00 };
        if code[at] & spare != 0 {
            return Err(CodeError::NotAnInstruction(at));
        }
        if at + op.words() > code.len() {
            return Err(CodeError::Truncated(at));
        }
        slots[at].flags |= START;
        ending = Ending {
            last: at,
            falls: !matches!(op.flow(), Flow::Jump | Flow::End),
        };
        at += op.words();
    }
    if before == Some(Op::CatchEnter) {
        return Err(CodeError::Handler(ending.last));
    }
    Ok(ending)
}

/// Computes, from the end backwards, what each instruction's path costs.
fn measure_paths(code: &[u32], slots: &mut [Slot], callees: &dyn Callees) -> Result<(), CodeError> {
    for at in (0..code.len()).rev() {
        if slots[at].flags & START == 0 {
            continue;
        }
        let Some(op) = Op::decode(code[at]) else {
            continue;
        };
        let own = match op.operands() {
            Operands::Primitive => {
                callees
                    .primitive((code[at] >> 16) as u16)
                    .ok_or(CodeError::Unknown(at))?
                    .cost
            }
            _ => op.cost(),
        };
        let rest = match op.flow() {
            Flow::Jump | Flow::Branch | Flow::End => 0,
            Flow::Next | Flow::Unknown | Flow::Call | Flow::Primitive => {
                slots.get(at + op.words()).map_or(0, |slot| slot.path)
            }
        };
        slots[at].path = own.saturating_add(rest);
    }
    Ok(())
}

/// The position a jump at `at` leads to, if it is an instruction of this code.
#[must_use]
pub fn jump_target(code: &[u32], at: usize) -> Option<usize> {
    let distance = i64::from(code.get(at + 1)?.cast_signed());
    let target = usize::try_from(i64::try_from(at).ok()? + distance).ok()?;
    (target < code.len()).then_some(target)
}

/// Depths on arrival at an instruction.
#[derive(Clone, Copy)]
struct State {
    region: u32,
    depth: i32,
    return_depth: i32,
}

const ENTRY: u32 = 1;

struct Pass<'a> {
    code: &'a mut [u32],
    slots: &'a mut [Slot],
    callees: &'a dyn Callees,
    mode: Mode,
    declared: Declared,
    /// The function's own effect as far as it is known.
    delta: Option<Delta>,
    /// Something was learnt in this sweep that an earlier instruction depends on.
    changed: bool,
    /// The function has been seen to call itself.
    recursive: bool,
    /// Some instruction has been seen to stand in a region other than the entry's.
    dynamic: bool,
    marked: bool,
    /// A check was found missing in this sweep, so the depths after it were not right.
    restart: bool,
    /// While verifying: the instruction reached last that has not been stepped through, plus one, or
    /// 0; each leads to the next by what later is its path's cost.
    pending: u32,
}

impl Pass<'_> {
    /// Steps through each instruction that can be reached, once: nothing is inferred, so what the
    /// first arrival finds is final, and every other has to agree.
    fn run_once(&mut self) -> Result<(), CodeError> {
        self.enter()?;
        while let Some(at) = self.pending.checked_sub(1) {
            self.pending = self.slots[at as usize].path;
            self.step(at as usize)?;
        }
        Ok(())
    }

    /// Records that control arrives at the entry.
    fn enter(&mut self) -> Result<(), CodeError> {
        let state = State {
            region: ENTRY,
            depth: 0,
            return_depth: 0,
        };
        self.arrive(0, 0, state)
    }

    /// Infers: sweeps forward over the code until a sweep learns nothing new.
    ///
    /// Forward edges settle in one sweep; further ones serve recursion, loops entered from below,
    /// and the marks of places where a check is missing, after which depths are computed anew.
    fn run_to_fixpoint(&mut self) -> Result<(), CodeError> {
        let mut sweeps = 0;
        loop {
            self.changed = false;
            self.enter()?;
            for at in 0..self.code.len() {
                if self.slots[at].flags & START != 0 && self.slots[at].is_reached() {
                    self.step(at)?;
                }
            }
            if core::mem::take(&mut self.restart) {
                self.forget_depths();
            }
            if !self.changed {
                if !self.dynamic || self.delta == Some(Delta::Dynamic) {
                    return Ok(());
                }
                self.become_dynamic();
            }
            sweeps += 1;
            if sweeps > 64 && self.delta != Some(Delta::Dynamic) {
                // A recursion whose need grows with each look has no static effect.
                self.become_dynamic();
            }
            if sweeps > self.code.len() + 128 {
                return Err(CodeError::TooDeep(0));
            }
        }
    }

    fn become_dynamic(&mut self) {
        self.delta = Some(Delta::Dynamic);
        self.declared = Declared::unknown();
        self.forget_depths();
    }

    /// Drops all depths but keeps the marks, so that the next sweep starts from what was learnt.
    fn forget_depths(&mut self) {
        for slot in self.slots.iter_mut() {
            slot.region = 0;
        }
        clear_checks(self.code);
        self.changed = true;
    }

    /// Records that control arrives at `to` from `from` in `state`.
    fn arrive(&mut self, from: usize, to: usize, state: State) -> Result<(), CodeError> {
        let Some(slot) = self.slots.get(to).copied() else {
            return Err(CodeError::FallsOffEnd(from));
        };
        if slot.flags & START == 0 {
            return Err(CodeError::BadTarget(from));
        }
        let is_check = Op::decode(self.code[to]) == Some(Op::Check);
        let state = if is_check || slot.needs_check() {
            State {
                region: u32::try_from(to).unwrap_or(u32::MAX - 2) + 2,
                depth: 0,
                ..state
            }
        } else {
            state
        };
        self.dynamic |= state.region != ENTRY;
        if slot.region == 0 {
            let slot = &mut self.slots[to];
            slot.region = state.region;
            slot.depth = i16::try_from(state.depth).map_err(|_| CodeError::TooDeep(to))?;
            slot.return_depth =
                u16::try_from(state.return_depth).map_err(|_| CodeError::ReturnStack(from))?;
            if self.mode == Mode::Verify {
                let place = u32::try_from(to).map_err(|_| CodeError::Length(to))?;
                slot.path = core::mem::replace(&mut self.pending, place + 1);
            }
            // A sweep moves forward only: what lies behind waits for the next.
            self.changed |= to <= from;
            return Ok(());
        }
        if i32::from(slot.return_depth) != state.return_depth {
            return Err(CodeError::ReturnDepth(to));
        }
        if slot.region != state.region || i32::from(slot.depth) != state.depth {
            return self.missing_check(to);
        }
        Ok(())
    }

    /// Deals with a place where a `check` ought to stand.
    fn missing_check(&mut self, at: usize) -> Result<(), CodeError> {
        if self.mode == Mode::Verify {
            return Err(CodeError::Depth(at));
        }
        if !self.slots[at].needs_check() {
            self.slots[at].flags |= NEEDS_CHECK;
            self.marked = true;
            self.restart = true;
        }
        Ok(())
    }

    /// Interprets one instruction over the depths.
    fn step(&mut self, at: usize) -> Result<(), CodeError> {
        let Some(op) = Op::decode(self.code[at]) else {
            return Err(CodeError::NotAnInstruction(at));
        };
        let next = at + op.words();
        let slot = self.slots[at];
        let mut state = State {
            region: slot.region,
            depth: i32::from(slot.depth),
            return_depth: i32::from(slot.return_depth),
        };
        if op == Op::Check {
            return self.arrive(at, next, state);
        }
        let stack = op.stack();
        self.cover(at, state, state.depth - i32::from(stack.takes), 0)?;
        if state.return_depth < i32::from(stack.return_takes) {
            return Err(CodeError::ReturnStack(at));
        }
        let before = state;
        state.depth += i32::from(stack.leaves) - i32::from(stack.takes);
        state.return_depth += i32::from(stack.return_leaves) - i32::from(stack.return_takes);
        let above = state.depth.max(before.depth) + state.return_depth.max(before.return_depth);
        self.cover(at, state, state.depth, above)?;
        match op.flow() {
            Flow::Next => self.arrive(at, next, state),
            Flow::Unknown => self.arrive_unknown(at, next, state),
            Flow::Jump => self.arrive_jump(at, state),
            Flow::Branch => self.step_branch(op, at, next, before, state),
            Flow::Call => self.step_call(at, next, state),
            Flow::Primitive => {
                let number = (self.code[at] >> 16) as u16;
                let effect = self
                    .callees
                    .primitive(number)
                    .ok_or(CodeError::Unknown(at))?;
                self.apply(at, next, state, effect)
            }
            Flow::End if op == Op::Return => self.step_return(at, state),
            Flow::End => Ok(()),
        }
    }

    /// Loops keep or drop their parameters depending on where they go.
    fn step_branch(
        &mut self,
        op: Op,
        at: usize,
        next: usize,
        before: State,
        after: State,
    ) -> Result<(), CodeError> {
        let (taken, passed) = match op {
            Op::QuestionDo => (
                State {
                    return_depth: before.return_depth,
                    ..after
                },
                after,
            ),
            Op::Loop | Op::PlusLoop => (
                after,
                State {
                    return_depth: after.return_depth - 2,
                    ..after
                },
            ),
            Op::JumpTakingZero => (
                State {
                    depth: after.depth - 1,
                    ..after
                },
                after,
            ),
            _ => (after, after),
        };
        self.arrive_jump(at, taken)?;
        self.begin_block(next)?;
        self.arrive(at, next, passed)
    }

    /// In a function of dynamic effect, every block that a branch leads to begins with a check.
    fn begin_block(&mut self, at: usize) -> Result<(), CodeError> {
        let dynamic = self.mode == Mode::Infer && self.delta == Some(Delta::Dynamic);
        let checked = self.code.get(at).copied().and_then(Op::decode) == Some(Op::Check);
        if dynamic && !checked && at < self.slots.len() {
            self.missing_check(at)
        } else {
            Ok(())
        }
    }

    fn arrive_jump(&mut self, at: usize, state: State) -> Result<(), CodeError> {
        let target = jump_target(self.code, at).ok_or(CodeError::BadTarget(at))?;
        if self.slots[target].flags & START == 0 {
            return Err(CodeError::BadTarget(at));
        }
        if Op::decode(self.code[target]) == Some(Op::CatchExit) {
            return Err(CodeError::Handler(at));
        }
        self.begin_block(target)?;
        self.arrive(at, target, state)
    }

    fn arrive_unknown(&mut self, at: usize, next: usize, state: State) -> Result<(), CodeError> {
        match self.code.get(next).copied().and_then(Op::decode) {
            None => Err(CodeError::FallsOffEnd(at)),
            Some(Op::Check) => self.arrive(at, next, state),
            Some(_) => {
                self.missing_check(next)?;
                self.arrive(at, next, state)
            }
        }
    }

    fn step_call(&mut self, at: usize, next: usize, state: State) -> Result<(), CodeError> {
        let operand = self.code[at + 1];
        if operand != SELF || self.mode == Mode::Verify {
            let effect = self
                .callees
                .function(operand)
                .ok_or(CodeError::Unknown(at))?;
            return self.apply(at, next, state, effect);
        }
        self.recursive = true;
        // Until another path shows what the function leaves, nothing is known to follow its own call.
        match self.delta {
            None => self.cover(at, state, state.depth - i32::from(self.declared.need), 0),
            Some(delta) => {
                let effect = Effect {
                    need: self.declared.need,
                    delta,
                    room: 0,
                    cost: 0,
                };
                self.apply(at, next, state, effect)
            }
        }
    }

    /// Applies the effect of a callee.
    fn apply(
        &mut self,
        at: usize,
        next: usize,
        state: State,
        effect: Effect,
    ) -> Result<(), CodeError> {
        let highest = state.depth + i32::from(effect.room) + state.return_depth;
        self.cover(at, state, state.depth - i32::from(effect.need), highest)?;
        match effect.delta {
            Delta::Dynamic => self.arrive_unknown(at, next, state),
            Delta::Never => Ok(()),
            Delta::Static(change) => {
                let depth = state.depth + i32::from(change);
                self.cover(at, state, depth, depth + state.return_depth)?;
                self.arrive(at, next, State { depth, ..state })
            }
        }
    }

    fn step_return(&mut self, at: usize, state: State) -> Result<(), CodeError> {
        if state.return_depth != 0 {
            return Err(CodeError::ReturnDepth(at));
        }
        let found = if state.region == ENTRY {
            Delta::Static(i16::try_from(state.depth).map_err(|_| CodeError::TooDeep(at))?)
        } else {
            Delta::Dynamic
        };
        match self.delta {
            Some(known) if known == found || known == Delta::Dynamic => Ok(()),
            None => {
                self.delta = Some(found);
                self.changed |= self.recursive;
                Ok(())
            }
            Some(_) if self.mode == Mode::Verify => Err(CodeError::Effect(at)),
            Some(_) => {
                self.become_dynamic();
                Ok(())
            }
        }
    }

    /// Sees to it that the region declares to need what reaching down to `lowest` takes, and room up
    /// to `highest`.
    fn cover(
        &mut self,
        at: usize,
        state: State,
        lowest: i32,
        highest: i32,
    ) -> Result<(), CodeError> {
        if lowest < 0 {
            self.raise_need(at, state.region, -lowest)?;
        }
        if highest > 0 {
            self.raise_room(at, state.region, highest)?;
        }
        Ok(())
    }

    fn raise_need(&mut self, at: usize, region: u32, need: i32) -> Result<(), CodeError> {
        let need = u16::try_from(need)
            .ok()
            .filter(|need| *need < 0x7FFF)
            .ok_or(CodeError::TooDeep(at))?;
        if region == ENTRY {
            if self.declared.need >= need {
                return Ok(());
            }
            if self.mode == Mode::Verify {
                return Err(CodeError::NotCovered(at));
            }
            self.declared.need = need;
            self.changed |= self.recursive;
            return Ok(());
        }
        let Some(word) = self.check_operand(region) else {
            return Ok(());
        };
        let declared = self.code[word] as u16;
        if declared >= need {
            return Ok(());
        }
        if self.mode == Mode::Verify {
            return Err(CodeError::NotCovered(at));
        }
        self.code[word] = self.code[word] & 0xFFFF_0000 | u32::from(need);
        Ok(())
    }

    fn raise_room(&mut self, at: usize, region: u32, room: i32) -> Result<(), CodeError> {
        let room = u16::try_from(room)
            .ok()
            .filter(|room| *room < 0x7FFF)
            .ok_or(CodeError::TooDeep(at))?;
        if region == ENTRY {
            // One cell more than the depths say: the return address.
            let room = u32::from(room) + 1;
            if self.declared.room >= room {
                return Ok(());
            }
            if self.mode == Mode::Verify {
                return Err(CodeError::NotCovered(at));
            }
            self.declared.room = room;
            return Ok(());
        }
        let Some(word) = self.check_operand(region) else {
            return Ok(());
        };
        if (self.code[word] >> 16) as u16 >= room {
            return Ok(());
        }
        if self.mode == Mode::Verify {
            return Err(CodeError::NotCovered(at));
        }
        self.code[word] = self.code[word] & 0xFFFF | u32::from(room) << 16;
        Ok(())
    }

    /// Where the operands of a region's `check` stand; none yet if it is only marked.
    fn check_operand(&self, region: u32) -> Option<usize> {
        let at = region as usize - 2;
        (Op::decode(self.code[at]) == Some(Op::Check)).then_some(at + 1)
    }

    /// Fills in, or holds the code to, the costs that jumps declare.
    fn costs(&mut self) -> Result<(), CodeError> {
        for at in 0..self.code.len() {
            if self.slots[at].flags & START == 0 {
                continue;
            }
            let Some(op) = Op::decode(self.code[at]) else {
                continue;
            };
            if op.operands() == Operands::Function {
                self.function_exists(op, at)?;
            }
            if !op.operands().jumps() {
                continue;
            }
            let target = jump_target(self.code, at).ok_or(CodeError::BadTarget(at))?;
            if self.slots[target].flags & START == 0 {
                return Err(CodeError::BadTarget(at));
            }
            self.declare_cost(at, at + 2, self.slots[target].path)?;
            if op.flow() == Flow::Branch {
                let next = self
                    .slots
                    .get(at + op.words())
                    .ok_or(CodeError::FallsOffEnd(at))?
                    .path;
                self.declare_cost(at, at + 3, next)?;
            }
        }
        Ok(())
    }

    /// Sees to it that also what is only named, or called where nothing leads, exists. A definition
    /// may still name what will be filled in.
    fn function_exists(&self, op: Op, at: usize) -> Result<(), CodeError> {
        let looked_up = op == Op::Call && self.slots[at].is_reached();
        if self.mode == Mode::Infer || looked_up {
            return Ok(());
        }
        let found = self.callees.function(self.code[at + 1]);
        found.map(|_| ()).ok_or(CodeError::Unknown(at))
    }

    fn declare_cost(&mut self, at: usize, word: usize, cost: u32) -> Result<(), CodeError> {
        if self.mode == Mode::Verify && self.code[word] != cost {
            return Err(CodeError::Cost(at));
        }
        self.code[word] = cost;
        Ok(())
    }
}
