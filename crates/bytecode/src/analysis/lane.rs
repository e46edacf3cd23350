//! The lanes of the value stack and of the float stack: their depths, carried along every path
//! beside those of the cells. The rules are the same for both, and neither knows of the other.
//!
//! A depth is counted from where a *region* of its lane began: at a `check-values` or
//! `check-floats`, or, as long as the function has met none, at its entry. It is unknown after
//! whatever leaves as many items as only running tells. What takes or leaves items must stand in the
//! region of a check, which declares what the region needs and has room for. A call moves the depth
//! by the callee's change and is not covered: the callee looks for itself, and the places it found
//! are still there when it has returned.
//!
//! A function of static change is one region: if it touches the stack itself, it begins with the one
//! check of the lane ([`entry_check`]), and paths meet at equal depths. In any other, the depth is
//! unknown at the entry, wherever a jump leads and behind every branch, so each block checks for
//! itself, where it first takes or leaves an item.

use super::pass::{ENTRY, Pass};
use super::slot::TARGET;
use super::{CodeError, Declared, LaneEffect, Mode};
use crate::function::{Delta, Header};
use crate::instruction::Op;

/// A stack beside that of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The value stack.
    Values,
    /// The float stack.
    Floats,
}

impl Lane {
    /// All there are, in the order of their numbers.
    pub const ALL: [Self; LANES] = [Self::Values, Self::Floats];

    /// The check of this lane.
    #[must_use]
    pub const fn check(self) -> Op {
        match self {
            Self::Values => Op::CheckValues,
            Self::Floats => Op::CheckFloats,
        }
    }

    /// True if `op` is the check of some lane.
    #[must_use]
    pub const fn is_check(op: Op) -> bool {
        matches!(op, Op::CheckValues | Op::CheckFloats)
    }

    /// The change that a function declares in this lane.
    #[must_use]
    pub const fn of_header(self, header: &Header) -> Delta {
        match self {
            Self::Values => header.value_delta,
            Self::Floats => header.float_delta,
        }
    }

    /// The change that is declared in this lane.
    pub(super) const fn of_declared(self, declared: &Declared) -> Delta {
        match self {
            Self::Values => declared.value_delta,
            Self::Floats => declared.float_delta,
        }
    }
}

/// How many lanes there are.
pub const LANES: usize = 2;

/// Where the check of a lane stands that belongs to the function's entry: before everything but the
/// check of the other lane.
#[must_use]
pub fn entry_check(code: &[u32], lane: Lane) -> Option<usize> {
    let mut at = 0;
    for _ in Lane::ALL {
        let op = code.get(at).copied().and_then(Op::decode)?;
        if op == lane.check() {
            return Some(at);
        }
        if !Lane::is_check(op) {
            return None;
        }
        at += op.words();
    }
    None
}

/// Depth of a lane's stack on arrival at an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Depth {
    /// Position of the region's check plus two, 1 for the entry's, 0 if the depth is unknown.
    pub(super) region: u32,
    /// Items above those that lay there where the region began; negative for fewer.
    pub(super) depth: i32,
}

impl Depth {
    /// Only running tells.
    pub(super) const UNKNOWN: Self = Self {
        region: 0,
        depth: 0,
    };

    /// At the entry, before any check of the lane.
    const AT_ENTRY: Self = Self {
        region: ENTRY,
        depth: 0,
    };

    /// Where the region of a check at `at` begins.
    fn checked(at: usize) -> Self {
        Self {
            region: u32::try_from(at).unwrap_or(u32::MAX - 2) + 2,
            depth: 0,
        }
    }

    /// The same region, `change` deeper.
    fn moved(self, at: usize, change: i16) -> Result<Self, CodeError> {
        if self == Self::UNKNOWN {
            return Ok(self);
        }
        let depth = self.depth + i32::from(change);
        fit(at, depth)?;
        Ok(Self { depth, ..self })
    }
}

/// A depth as it can be kept and declared.
fn fit(at: usize, depth: i32) -> Result<i16, CodeError> {
    let fits = depth.abs() < 0x7FFF;
    let depth = i16::try_from(depth).ok().filter(|_| fits);
    depth.ok_or(CodeError::TooDeep(at))
}

/// What the analysis knows of a lane as a whole.
#[derive(Clone, Copy)]
pub(super) struct LaneState {
    /// The function's change of the stack, as far as that is known.
    pub(super) delta: Option<Delta>,
    /// A check is missing somewhere.
    pub(super) marked: bool,
    /// This round found that it is.
    pub(super) just_marked: bool,
}

impl LaneState {
    /// What is known before the first round.
    pub(super) fn new(mode: Mode, declared: Delta) -> Self {
        Self {
            delta: (mode == Mode::Verify).then_some(declared),
            marked: false,
            just_marked: false,
        }
    }

    fn is_dynamic(&self) -> bool {
        self.delta == Some(Delta::Dynamic)
    }
}

impl Pass<'_> {
    fn lane(&self, lane: Lane) -> &LaneState {
        &self.lanes[lane as usize]
    }

    /// What was marked while the function was taken for static does not hold any more.
    fn become_lane_dynamic(&mut self, lane: Lane) {
        self.changed = true;
        self.lanes[lane as usize].delta = Some(Delta::Dynamic);
        self.lanes[lane as usize].marked = false;
        for slot in self.slots.iter_mut() {
            slot.unmark(lane);
        }
    }

    /// The depth with which the function begins.
    pub(super) fn depth_at_entry(&self, lane: Lane) -> Depth {
        if self.lane(lane).is_dynamic() {
            Depth::UNKNOWN
        } else {
            Depth::AT_ENTRY
        }
    }

    /// The depth behind a branch that is not taken.
    pub(super) fn depth_behind_branch(&self, lane: Lane, depth: Depth) -> Depth {
        if self.lane(lane).is_dynamic() {
            Depth::UNKNOWN
        } else {
            depth
        }
    }

    /// The depth with which the instruction at `to` begins, if control arrives there with `depth`.
    pub(super) fn depth_on_arrival(&self, lane: Lane, to: usize, depth: Depth) -> Depth {
        let slot = &self.slots[to];
        let dynamic = self.lane(lane).is_dynamic();
        let is_check = Op::decode(self.code[to]) == Some(lane.check());
        if !dynamic && (to == 0 || is_check && entry_check(self.code, lane) == Some(to)) {
            // A static function begins here once; what jumps here must come with what it began with.
            let begins = is_check || slot.needs_at_entry(lane);
            return if begins && depth == Depth::AT_ENTRY {
                Depth::checked(to)
            } else {
                depth
            };
        }
        if is_check || slot.needs_here(lane) {
            Depth::checked(to)
        } else if dynamic && slot.flags & TARGET != 0 {
            Depth::UNKNOWN
        } else {
            depth
        }
    }

    /// The depth to keep at the instruction at `to`.
    pub(super) fn kept_depth(&self, to: usize, depth: Depth) -> Result<(u16, i16), CodeError> {
        let region = u16::try_from(depth.region).map_err(|_| CodeError::Length(to))?;
        Ok((region, fit(to, depth.depth)?))
    }

    /// Deals with a place where paths meet at different depths of the lane's stack.
    pub(super) fn depths_disagree(&mut self, lane: Lane, at: usize) -> Result<(), CodeError> {
        if self.mode == Mode::Verify {
            return Err(CodeError::LaneDepth(lane, at));
        }
        // A mark of this very round changes what arrives: the next round tells.
        let state = self.lane(lane);
        if !state.is_dynamic() && !state.just_marked {
            self.become_lane_dynamic(lane);
        }
        Ok(())
    }

    /// Applies what a callee leaves.
    pub(super) fn depth_after_call(
        &self,
        at: usize,
        depth: Depth,
        delta: Delta,
    ) -> Result<Depth, CodeError> {
        match delta {
            Delta::Static(change) => depth.moved(at, change),
            Delta::Dynamic | Delta::Never => Ok(Depth::UNKNOWN),
        }
    }

    /// Applies the effect of an instruction or a primitive, which the region has to cover.
    pub(super) fn use_lane(
        &mut self,
        lane: Lane,
        at: usize,
        depth: Depth,
        effect: LaneEffect,
    ) -> Result<Depth, CodeError> {
        let change = match effect.delta {
            Delta::Static(change) => change,
            Delta::Dynamic | Delta::Never => 0,
        };
        let takes = i32::from(effect.need).max(-i32::from(change));
        let room = i32::from(effect.room).max(i32::from(change));
        let depth = if takes == 0 && room == 0 {
            depth
        } else {
            self.cover_lane(lane, at, depth, takes, room)?
        };
        self.depth_after_call(at, depth, effect.delta)
    }

    /// Sees to it that a region is there and declares that `takes` items below the present depth
    /// and `room` above it are there; returns the depth in that region.
    fn cover_lane(
        &mut self,
        lane: Lane,
        at: usize,
        depth: Depth,
        takes: i32,
        room: i32,
    ) -> Result<Depth, CodeError> {
        match depth.region {
            0 | ENTRY if self.mode == Mode::Verify => return Err(CodeError::NotChecked(lane, at)),
            // The whole round goes on as it began; the next one begins with the region.
            ENTRY => {
                let missing = self.slots[0].mark_at_entry(lane);
                self.note_mark(lane, missing);
                return Ok(depth);
            }
            0 => {
                let missing = self.slots[at].mark_here(lane);
                self.note_mark(lane, missing);
                return Ok(Depth::checked(at));
            }
            _ => {}
        }
        let operand = depth.region as usize - 1;
        if Op::decode(self.code[operand - 1]) != Some(lane.check()) {
            // It is only marked yet.
            return Ok(depth);
        }
        let need = declarable(at, takes - depth.depth)?;
        let room = declarable(at, depth.depth + room)?;
        let declared = self.code[operand];
        let (declared_need, declared_room) = (declared & 0xFFFF, declared >> 16);
        if need <= declared_need && room <= declared_room {
            return Ok(depth);
        }
        if self.mode == Mode::Verify {
            return Err(CodeError::NotCovered(at));
        }
        self.code[operand] = need.max(declared_need) | room.max(declared_room) << 16;
        Ok(depth)
    }

    fn note_mark(&mut self, lane: Lane, missing: bool) {
        if missing {
            let state = &mut self.lanes[lane as usize];
            state.marked = true;
            state.just_marked = true;
            self.changed = true;
        }
    }

    /// Learns from a `return`, or holds it to what is known.
    pub(super) fn return_lane(
        &mut self,
        lane: Lane,
        at: usize,
        depth: Depth,
    ) -> Result<(), CodeError> {
        if self.lane(lane).is_dynamic() {
            return Ok(());
        }
        // A check that is only marked begins its region at the first instruction.
        let check = entry_check(self.code, lane).unwrap_or(0);
        let entry = depth.region == ENTRY || depth.region == Depth::checked(check).region;
        let found = if entry {
            Delta::Static(fit(at, depth.depth)?)
        } else {
            Delta::Dynamic
        };
        match self.lane(lane).delta {
            Some(known) if known == found => Ok(()),
            Some(_) if self.mode == Mode::Verify => Err(CodeError::LaneChange(lane, at)),
            None if entry => {
                self.lanes[lane as usize].delta = Some(found);
                self.changed |= self.recursive;
                Ok(())
            }
            _ => {
                self.become_lane_dynamic(lane);
                Ok(())
            }
        }
    }
}

/// A number of items as a check declares it; none where fewer than none are meant.
fn declarable(at: usize, items: i32) -> Result<u32, CodeError> {
    let items = u32::try_from(items).unwrap_or(0);
    if items < 0x7FFF {
        Ok(items)
    } else {
        Err(CodeError::TooDeep(at))
    }
}
