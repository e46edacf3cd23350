//! Function values and suspended calls: what `closure` and `suspend` must keep to, so that whoever
//! calls or resumes what they make can rely on it.
//!
//! - A `closure` names a function that takes no cells, and of values the arguments and the captured
//!   ones, and leaves no cells, one value and the floats as they were; or one whose effect only
//!   running tells, or that never returns.
//! - A `suspend` stands where something leads, in a function that looks at nothing but its own values and leaves
//!   one: it needs no cells and leaves none, has nothing to do with floats, and needs as many values as it takes away, less the one
//!   it leaves. Then all that lies above what its caller had is its own: what it declares to put
//!   away is the whole of that.

use super::pass::{ENTRY, Pass};
use super::slot::START;
use super::{CodeError, Effect, Lane, LaneEffect, Mode, Region, SELF, Slot};
use crate::function::Delta;
use crate::instruction::Op;

/// Most values that a function value captures.
pub const MAX_CAPTURED: u16 = 62;

/// Most arguments that a function value is called with.
pub const MAX_ARGUMENTS: u16 = 255;

/// Most cells and values together that are put away with a suspended call.
pub const MAX_SUSPENDED: u32 = 240;

impl Pass<'_> {
    /// The effect of the `closure` at `at`, if its function is one that it may name.
    pub(super) fn closure_effect(&self, at: usize) -> Result<LaneEffect, CodeError> {
        let (operand, shape) = (self.code[at + 1], self.code[at + 2]);
        let captured = (shape >> 16) as u16;
        if captured > MAX_CAPTURED || shape as u16 > MAX_ARGUMENTS {
            return Err(CodeError::Closure(at));
        }
        // A function that names itself is looked at when it is known what it does.
        if operand != SELF || self.mode == Mode::Verify {
            let callee = self.callees.function(operand);
            let callee = callee.ok_or(CodeError::Unknown(at))?;
            self.closure_fits(at, &callee)?;
        }
        Ok(LaneEffect::of(captured, 1))
    }

    /// Refuses the `closure` at `at` if a function of these effects is not one that it may name.
    fn closure_fits(&self, at: usize, callee: &Effect) -> Result<(), CodeError> {
        let shape = self.code[at + 2];
        let taken = i64::from(shape & 0xFFFF) + i64::from(shape >> 16);
        let fits = match (callee.delta, callee.values.delta, callee.floats.delta) {
            (Delta::Static(cells), Delta::Static(values), Delta::Static(floats)) => {
                cells == 0 && i64::from(values) == 1 - taken && floats == 0
            }
            _ => true,
        };
        if callee.need == 0 && fits {
            Ok(())
        } else {
            Err(CodeError::Closure(at))
        }
    }

    /// Holds each `closure` by which the function that is built names itself to what was found of it.
    pub(super) fn closures_of_itself(&self) -> Result<(), CodeError> {
        if self.is_marked() {
            return Ok(());
        }
        let [values, floats] = self
            .lanes
            .map(|lane| LaneEffect::of_function(lane.delta.unwrap_or(Delta::Static(0))));
        let itself = Effect {
            need: self.declared.need,
            delta: self.delta.unwrap_or(Delta::Never),
            room: 0,
            cost: 0,
            values,
            floats,
        };
        for (at, slot) in self.slots.iter().enumerate() {
            let is_closure =
                slot.flags & START != 0 && Op::decode(self.code[at]) == Some(Op::Closure);
            if is_closure && slot.is_reached() && self.code[at + 1] == SELF {
                self.closure_fits(at, &itself)?;
            }
        }
        Ok(())
    }

    /// Fills in, or holds the code to, what each `suspend` puts away, once depths are final.
    pub(super) fn suspends(&mut self) -> Result<(), CodeError> {
        if self.is_marked() {
            return Ok(());
        }
        for at in 0..self.code.len() {
            let slot = self.slots[at];
            if slot.flags & START == 0 || Op::decode(self.code[at]) != Some(Op::Suspend) {
                continue;
            }
            let away = self.put_away(slot).ok_or(CodeError::Suspend(at))?;
            let [returns, cells, values] = away;
            if returns + cells + values > MAX_SUSPENDED {
                return Err(CodeError::TooDeep(at));
            }
            let words = [Op::Suspend as u32 | returns << 16, cells | values << 16];
            if self.mode == Mode::Verify && self.code[at..at + 2] != words {
                return Err(CodeError::Suspend(at));
            }
            self.code[at..at + 2].copy_from_slice(&words);
        }
        Ok(())
    }

    /// What a call of this function has on the return, the data and the value stack at `slot`, without the
    /// value on top; `None` if it cannot be put away there.
    fn put_away(&self, slot: Slot) -> Option<[u32; 3]> {
        let [values, floats] = self.lanes.map(|lane| lane.delta);
        let Some(Delta::Static(change)) = values else {
            return None;
        };
        let arguments = 1 - i32::from(change);
        let checked = Op::decode(self.code[0]) == Some(Op::CheckValues);
        let needed = i32::from(self.code.get(1).copied()? as u16);
        let own = self.declared.need == 0
            && self.delta == Some(Delta::Static(0))
            && floats == Some(Delta::Static(0))
            && checked
            && needed == arguments;
        let entered = u32::from(slot.region) == ENTRY
            && slot.lane_region(Lane::Values) == Some(Region::Check(0))
            && slot.lane_region(Lane::Floats) == Some(Region::Entry)
            && slot.lane_depth(Lane::Floats) == 0;
        if !own || !entered {
            return None;
        }
        let values = arguments + i32::from(slot.lane_depth(Lane::Values)) - 1;
        Some([
            slot.return_depth.into(),
            u32::try_from(slot.depth).ok()?,
            u32::try_from(values).ok()?,
        ])
    }
}
