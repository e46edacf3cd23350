//! The abstract interpretation itself: depths carried along every path.

use super::form::{Ending, clear_checks, is_exit, jump_target, measure_paths};
use super::lane::{Depth, LANES, Lane, LaneState};
use super::slot::LaneSlot;
use super::slot::{NEEDS_CHECK, START};
use super::{Analysed, Callees, CodeError, Declared, Effect, LaneEffect, Mode, SELF, Slot};
use crate::function::Delta;
use crate::instruction::{Flow, Op};

/// Depths on arrival at an instruction.
#[derive(Clone, Copy)]
struct State {
    region: u32,
    depth: i32,
    return_depth: i32,
    /// By the number of the lane.
    lanes: [Depth; LANES],
}

pub(super) const ENTRY: u32 = 1;

/// Rounds after which a function that calls itself has no static effect: one until the effect is
/// known, one until the need is, and if that still grows it always will.
const MOST_STATIC_ROUNDS: usize = 8;

pub(super) struct Pass<'a> {
    pub(super) code: &'a mut [u32],
    pub(super) slots: &'a mut [Slot],
    pub(super) callees: &'a dyn Callees,
    pub(super) mode: Mode,
    pub(super) declared: Declared,
    /// The function's own effect as far as it is known.
    pub(super) delta: Option<Delta>,
    /// What is known of each lane as a whole.
    pub(super) lanes: [LaneState; LANES],
    /// Something was learnt in this round that makes another one necessary.
    pub(super) changed: bool,
    /// The function has been seen to call itself.
    pub(super) recursive: bool,
    /// What the function was found to need in the round before, for calls of itself.
    own_need: u16,
    /// Some instruction has been seen to stand in a region other than the entry's.
    dynamic: bool,
    marked: bool,
    /// The instruction reached last that has not been stepped through, plus one, or
    /// 0; each leads to the next by what later is its path's cost.
    pending: u32,
}

impl<'a> Pass<'a> {
    /// An analysis about to begin, in which every instruction's first word is marked.
    pub(super) fn new(
        code: &'a mut [u32],
        slots: &'a mut [Slot],
        callees: &'a dyn Callees,
        mode: Mode,
        declared: Declared,
    ) -> Self {
        Self {
            code,
            slots,
            callees,
            mode,
            declared,
            delta: (mode == Mode::Verify).then_some(declared.delta),
            lanes: Lane::ALL.map(|lane| LaneState::new(mode, lane.of_declared(&declared))),
            changed: false,
            recursive: false,
            own_need: 0,
            dynamic: false,
            marked: false,
            pending: 0,
        }
    }

    /// Goes over the whole function.
    pub(super) fn run(mut self, ending: &Ending) -> Result<Analysed, CodeError> {
        match self.mode {
            Mode::Infer => self.run_to_fixpoint()?,
            Mode::Verify if self.declared.room == 0 => return Err(CodeError::NotCovered(0)),
            Mode::Verify => self.follow_paths()?,
        }
        if self.slots[ending.last].is_reached() && ending.falls {
            return Err(CodeError::FallsOffEnd(ending.last));
        }
        measure_paths(self.code, self.slots, self.callees)?;
        self.costs()?;
        self.suspends()?;
        if self.mode == Mode::Infer {
            self.closures_of_itself()?;
            self.resolve_locals();
        }
        let entry_cost = self.slots[0].path;
        if self.mode == Mode::Verify && entry_cost != self.declared.entry_cost {
            return Err(CodeError::Cost(0));
        }
        let delta = self.delta.unwrap_or(Delta::Never);
        let [value_delta, float_delta] = self
            .lanes
            .map(|lane| lane.delta.unwrap_or(Delta::Static(0)));
        let declared = Declared {
            delta,
            value_delta,
            float_delta,
            entry_cost,
            ..self.declared
        };
        Ok(Analysed {
            declared,
            marked: self.is_marked(),
        })
    }

    /// A check of some kind is missing somewhere.
    pub(super) fn is_marked(&self) -> bool {
        self.marked || self.lanes.iter().any(|lane| lane.marked)
    }
}

impl Pass<'_> {
    /// Infers: follows all paths, and again until that teaches nothing new.
    ///
    /// One round settles code that does not call itself. Further ones serve recursion, whose effect
    /// shows only where it ends, and places where a check is missing, after which depths are
    /// computed anew.
    fn run_to_fixpoint(&mut self) -> Result<(), CodeError> {
        for round in 0..(1 + LANES) * (self.code.len() + MOST_STATIC_ROUNDS + 2) {
            self.changed = false;
            for lane in &mut self.lanes {
                lane.just_marked = false;
            }
            self.forget_depths();
            self.follow_paths()?;
            self.changed |= self.recursive && self.declared.need != self.own_need;
            self.own_need = self.declared.need;
            let settled = !self.changed;
            if settled && (!self.dynamic || self.is_dynamic()) {
                return Ok(());
            }
            if settled || (round >= MOST_STATIC_ROUNDS && !self.is_dynamic()) {
                self.become_dynamic();
            }
        }
        // Each round but the last few marks a place, in one lane or another, so this is not reached.
        Err(CodeError::TooDeep(0))
    }

    /// Steps through each instruction that can be reached, once: what the first arrival finds stays,
    /// and every other has to agree.
    fn follow_paths(&mut self) -> Result<(), CodeError> {
        let entry = State {
            region: ENTRY,
            depth: 0,
            return_depth: 0,
            lanes: Lane::ALL.map(|lane| self.depth_at_entry(lane)),
        };
        self.arrive(0, 0, entry)?;
        while let Some(at) = self.pending.checked_sub(1) {
            self.pending = self.slots[at as usize].path;
            self.step(at as usize)?;
        }
        Ok(())
    }

    fn is_dynamic(&self) -> bool {
        self.delta == Some(Delta::Dynamic)
    }

    fn become_dynamic(&mut self) {
        self.delta = Some(Delta::Dynamic);
        self.own_need = 0;
        self.changed = true;
    }

    /// Drops what depends on depths but keeps the marks and the effect, so that the next round starts
    /// from what was learnt.
    fn forget_depths(&mut self) {
        for slot in self.slots.iter_mut() {
            slot.region = 0;
        }
        clear_checks(self.code);
        self.declared = Declared::unknown();
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
        let mut lanes = [LaneSlot::default(); LANES];
        for (kept, lane) in lanes.iter_mut().zip(Lane::ALL) {
            let depth = self.depth_on_arrival(lane, to, state.lanes[lane as usize]);
            (kept.region, kept.depth) = self.kept_depth(to, depth)?;
        }
        if slot.region == 0 {
            let slot = &mut self.slots[to];
            slot.region = u16::try_from(state.region).map_err(|_| CodeError::Length(to))?;
            slot.lanes = lanes;
            slot.depth = i16::try_from(state.depth).map_err(|_| CodeError::TooDeep(to))?;
            slot.return_depth =
                u16::try_from(state.return_depth).map_err(|_| CodeError::ReturnStack(from))?;
            let place = u32::try_from(to).map_err(|_| CodeError::Length(to))?;
            slot.path = core::mem::replace(&mut self.pending, place + 1);
            return Ok(());
        }
        if i32::from(slot.return_depth) != state.return_depth {
            return Err(CodeError::ReturnDepth(to));
        }
        if u32::from(slot.region) != state.region || i32::from(slot.depth) != state.depth {
            self.missing_check(to)?;
        }
        for lane in Lane::ALL {
            if slot.lanes[lane as usize] != lanes[lane as usize] {
                self.depths_disagree(lane, to)?;
            }
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
            self.changed = true;
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
            region: slot.region.into(),
            depth: i32::from(slot.depth),
            return_depth: i32::from(slot.return_depth),
            lanes: slot.lanes.map(|kept| Depth {
                region: kept.region.into(),
                depth: kept.depth.into(),
            }),
        };
        if op == Op::Check || Lane::is_check(op) {
            return self.arrive(at, next, state);
        }
        let stack = op.stack_of(self.resolved(at, state.return_depth)?);
        self.cover(at, state, state.depth - i32::from(stack.takes), 0)?;
        if state.return_depth < i32::from(stack.return_takes) {
            return Err(CodeError::ReturnStack(at));
        }
        let before = state;
        state.depth += i32::from(stack.leaves) - i32::from(stack.takes);
        state.return_depth += i32::from(stack.return_leaves) - i32::from(stack.return_takes);
        let above = state.depth.max(before.depth) + state.return_depth.max(before.return_depth);
        self.cover(at, state, state.depth, above)?;
        match op {
            Op::Closure => {
                let values = self.closure_effect(at)?;
                self.use_lanes(at, &mut state, |lane| match lane {
                    Lane::Values => values,
                    Lane::Floats => LaneEffect::NONE,
                })?;
            }
            _ => {
                let first = self.code[at];
                self.use_lanes(at, &mut state, |lane| op.lane_of(lane, first))?;
            }
        }
        match op.flow() {
            Flow::Next | Flow::Suspend => self.arrive(at, next, state),
            Flow::Unknown if op.calls_unknown() => {
                state.lanes = [Depth::UNKNOWN; LANES];
                self.arrive_unknown(at, next, state)
            }
            Flow::Unknown => self.arrive_unknown(at, next, state),
            Flow::Jump => self.arrive_jump(at, state),
            Flow::Branch => self.step_branch(op, at, next, before, state),
            Flow::Call => self.step_call(at, next, state),
            Flow::Tail if op == Op::TailCall => self.step_tail_call(at, state),
            Flow::Tail => self.step_return(at, state),
            Flow::Primitive => {
                let number = (self.code[at] >> 16) as u16;
                let effect = self
                    .callees
                    .primitive(number)
                    .ok_or(CodeError::Unknown(at))?;
                self.use_lanes(at, &mut state, |lane| effect.lane(lane))?;
                self.apply(at, next, state, effect)
            }
            Flow::End if op == Op::Return => self.step_return(at, state),
            Flow::End => Ok(()),
        }
    }

    /// Applies what an instruction or a primitive does to the stacks beside that of the cells.
    fn use_lanes(
        &mut self,
        at: usize,
        state: &mut State,
        effect: impl Fn(Lane) -> LaneEffect,
    ) -> Result<(), CodeError> {
        for lane in Lane::ALL {
            let effect = effect(lane);
            if effect != LaneEffect::NONE {
                let depth = &mut state.lanes[lane as usize];
                *depth = self.use_lane(lane, at, *depth, effect)?;
            }
        }
        Ok(())
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
        let lanes =
            Lane::ALL.map(|lane| self.depth_behind_branch(lane, passed.lanes[lane as usize]));
        self.arrive(at, next, State { lanes, ..passed })
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
        if Op::decode(self.code[target]).is_some_and(is_exit) {
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

    fn step_call(&mut self, at: usize, next: usize, mut state: State) -> Result<(), CodeError> {
        let Some(effect) = self.callee_effect(at)? else {
            // Until another path shows what the function leaves, nothing is known to follow its own
            // call.
            return self.cover(at, state, state.depth - i32::from(self.own_need), 0);
        };
        for lane in Lane::ALL {
            let depth = &mut state.lanes[lane as usize];
            *depth = self.depth_after_call(at, *depth, effect.lane(lane).delta)?;
        }
        self.apply(at, next, state, effect)
    }

    /// Applies the effect of a callee on the cells.
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
        for lane in Lane::ALL {
            self.return_lane(lane, at, state.lanes[lane as usize])?;
        }
        let found = self.change_by(at, state)?;
        self.return_cells(at, found)
    }

    /// A call of what returns to this function's caller: the function leaves what that leaves.
    fn step_tail_call(&mut self, at: usize, state: State) -> Result<(), CodeError> {
        if state.return_depth != 0 {
            return Err(CodeError::ReturnDepth(at));
        }
        let Some(effect) = self.callee_effect(at)? else {
            return self.cover(at, state, state.depth - i32::from(self.own_need), 0);
        };
        self.cover(at, state, state.depth - i32::from(effect.need), 0)?;
        let found = match effect.delta {
            Delta::Never => return Ok(()),
            Delta::Dynamic => Delta::Dynamic,
            Delta::Static(change) => {
                let depth = state.depth + i32::from(change);
                self.cover(at, state, depth, depth)?;
                self.change_by(at, State { depth, ..state })?
            }
        };
        for lane in Lane::ALL {
            let depth = state.lanes[lane as usize];
            let depth = self.depth_after_call(at, depth, effect.lane(lane).delta)?;
            self.return_lane(lane, at, depth)?;
        }
        self.return_cells(at, found)
    }

    /// The effect of the function that a call at `at` names; `None` as long as that is the function
    /// itself and no path has shown what it leaves.
    fn callee_effect(&mut self, at: usize) -> Result<Option<Effect>, CodeError> {
        let operand = self.code[at + 1];
        if operand != SELF || self.mode == Mode::Verify {
            let effect = self.callees.function(operand);
            return effect.map(Some).ok_or(CodeError::Unknown(at));
        }
        self.recursive = true;
        let Some(delta) = self.delta else {
            return Ok(None);
        };
        if delta == Delta::Dynamic && u32::from(self.slots[at].region) == ENTRY {
            // What the entry needs must not depend on itself.
            self.missing_check(at)?;
        }
        let [values, floats] = self
            .lanes
            .map(|lane| LaneEffect::of_function(lane.delta.unwrap_or(Delta::Static(0))));
        Ok(Some(Effect {
            need: self.own_need,
            delta,
            room: 0,
            cost: 0,
            values,
            floats,
        }))
    }

    /// The function's change if it is left in `state`.
    fn change_by(&self, at: usize, state: State) -> Result<Delta, CodeError> {
        if state.region != ENTRY {
            return Ok(Delta::Dynamic);
        }
        let change = i16::try_from(state.depth).map_err(|_| CodeError::TooDeep(at))?;
        Ok(Delta::Static(change))
    }

    /// Learns from a way out of the function, or holds it to what is known.
    fn return_cells(&mut self, at: usize, found: Delta) -> Result<(), CodeError> {
        match self.delta {
            Some(known) if known == found || known == Delta::Dynamic => Ok(()),
            None => {
                self.delta = Some(found);
                // What calls itself, or branches in a dynamic function, has to be looked at again.
                self.changed |= self.recursive || found == Delta::Dynamic;
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
            if op.names_function() {
                self.function_exists(op, at)?;
            }
            if op == Op::Suspend {
                let next = self.slots.get(at + op.words());
                let next = next.ok_or(CodeError::FallsOffEnd(at))?.path;
                self.declare_cost(at, at + 2, next)?;
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
        let looked_up = op != Op::Function && self.slots[at].is_reached();
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
