//! The lane of the value stack: its depth, carried along every path beside those of the cells.
//!
//! The depth is counted from where a *value region* began: at a `check-values`, or, as long as the
//! function has met none, at its entry. It is unknown after whatever leaves as many values as only
//! running tells. What takes or leaves values must stand in the region of a `check-values`, which
//! declares what the region needs and has room for. A call moves the depth by the callee's change
//! and is not covered: the callee looks for itself, and the places it found are still there when it
//! has returned.
//!
//! A function of static change is one value region: if it touches the stack itself, its first
//! instruction is the one `check-values`, and paths meet at equal depths. In any other, the depth is
//! unknown at the entry, wherever a jump leads and behind every branch, so each block checks for
//! itself, where it first takes or leaves a value.

use super::pass::{ENTRY, Pass};
use super::slot::{ENTRY_VALUES, NEEDS_VALUES, TARGET};
use super::{CodeError, Mode, ValueEffect};
use crate::function::Delta;
use crate::instruction::Op;

/// Depth of the value stack on arrival at an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Values {
    /// Position of the region's `check-values` plus two, 1 for the entry's, 0 if the depth is
    /// unknown.
    pub(super) region: u32,
    /// Values above those that lay there where the region began; negative for fewer.
    pub(super) depth: i32,
}

impl Values {
    /// Only running tells.
    pub(super) const UNKNOWN: Self = Self {
        region: 0,
        depth: 0,
    };

    /// At the entry, before any `check-values`.
    const AT_ENTRY: Self = Self {
        region: ENTRY,
        depth: 0,
    };

    /// Where the region of a `check-values` at `at` begins.
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

impl Pass<'_> {
    pub(super) fn is_value_dynamic(&self) -> bool {
        self.value_delta == Some(Delta::Dynamic)
    }

    /// What was marked while the function was taken for static does not hold any more.
    fn become_value_dynamic(&mut self) {
        self.value_delta = Some(Delta::Dynamic);
        self.changed = true;
        self.values_marked = false;
        for slot in self.slots.iter_mut() {
            slot.flags &= !(NEEDS_VALUES | ENTRY_VALUES);
        }
    }

    /// The depth with which the function begins.
    pub(super) fn values_at_entry(&self) -> Values {
        if self.is_value_dynamic() {
            Values::UNKNOWN
        } else {
            Values::AT_ENTRY
        }
    }

    /// The depth behind a branch that is not taken.
    pub(super) fn values_behind_branch(&self, values: Values) -> Values {
        if self.is_value_dynamic() {
            Values::UNKNOWN
        } else {
            values
        }
    }

    /// The depth with which the instruction at `to` begins, if control arrives there with `values`.
    pub(super) fn values_on_arrival(&self, to: usize, values: Values) -> Values {
        let flags = self.slots[to].flags;
        let is_check = Op::decode(self.code[to]) == Some(Op::CheckValues);
        if to == 0 && !self.is_value_dynamic() {
            // A static function begins here once; what jumps here must come with what it began with.
            let begins = is_check || flags & ENTRY_VALUES != 0;
            return if begins && values == Values::AT_ENTRY {
                Values::checked(0)
            } else {
                values
            };
        }
        if is_check || flags & NEEDS_VALUES != 0 {
            Values::checked(to)
        } else if self.is_value_dynamic() && flags & TARGET != 0 {
            Values::UNKNOWN
        } else {
            values
        }
    }

    /// The depth to keep at the instruction at `to`.
    pub(super) fn kept_values(&self, to: usize, values: Values) -> Result<(u16, i16), CodeError> {
        let region = u16::try_from(values.region).map_err(|_| CodeError::Length(to))?;
        Ok((region, fit(to, values.depth)?))
    }

    /// Deals with a place where paths meet at different depths of the value stack.
    pub(super) fn values_disagree(&mut self, at: usize) -> Result<(), CodeError> {
        if self.mode == Mode::Verify {
            return Err(CodeError::ValueDepth(at));
        }
        // A mark of this very round changes what arrives: the next round tells.
        if !self.is_value_dynamic() && !self.values_just_marked {
            self.become_value_dynamic();
        }
        Ok(())
    }

    /// Applies what a callee leaves.
    pub(super) fn values_after_call(
        &self,
        at: usize,
        values: Values,
        delta: Delta,
    ) -> Result<Values, CodeError> {
        match delta {
            Delta::Static(change) => values.moved(at, change),
            Delta::Dynamic | Delta::Never => Ok(Values::UNKNOWN),
        }
    }

    /// Applies the effect of an instruction or a primitive, which the region has to cover.
    pub(super) fn use_values(
        &mut self,
        at: usize,
        values: Values,
        effect: ValueEffect,
    ) -> Result<Values, CodeError> {
        let change = match effect.delta {
            Delta::Static(change) => change,
            Delta::Dynamic | Delta::Never => 0,
        };
        let takes = i32::from(effect.need).max(-i32::from(change));
        let room = i32::from(effect.room).max(i32::from(change));
        let values = if takes == 0 && room == 0 {
            values
        } else {
            self.cover_values(at, values, takes, room)?
        };
        self.values_after_call(at, values, effect.delta)
    }

    /// Sees to it that a region is there and declares that `takes` values below the present depth
    /// and `room` above it are there; returns the depth in that region.
    fn cover_values(
        &mut self,
        at: usize,
        values: Values,
        takes: i32,
        room: i32,
    ) -> Result<Values, CodeError> {
        match values.region {
            0 | ENTRY if self.mode == Mode::Verify => return Err(CodeError::Values(at)),
            // The whole round goes on as it began; the next one begins with the region.
            ENTRY => {
                self.mark_values(0, ENTRY_VALUES);
                return Ok(values);
            }
            0 => {
                self.mark_values(at, NEEDS_VALUES);
                return Ok(Values::checked(at));
            }
            _ => {}
        }
        let operand = values.region as usize - 1;
        if Op::decode(self.code[operand - 1]) != Some(Op::CheckValues) {
            // It is only marked yet.
            return Ok(values);
        }
        let need = declarable(at, takes - values.depth)?;
        let room = declarable(at, values.depth + room)?;
        let declared = self.code[operand];
        let (declared_need, declared_room) = (declared & 0xFFFF, declared >> 16);
        if need <= declared_need && room <= declared_room {
            return Ok(values);
        }
        if self.mode == Mode::Verify {
            return Err(CodeError::NotCovered(at));
        }
        self.code[operand] = need.max(declared_need) | room.max(declared_room) << 16;
        Ok(values)
    }

    fn mark_values(&mut self, at: usize, mark: u16) {
        if self.slots[at].flags & mark == 0 {
            self.slots[at].flags |= mark;
            self.values_marked = true;
            self.values_just_marked = true;
            self.changed = true;
        }
    }

    /// Learns from a `return`, or holds it to what is known.
    pub(super) fn return_values(&mut self, at: usize, values: Values) -> Result<(), CodeError> {
        if self.is_value_dynamic() {
            return Ok(());
        }
        let entry = values.region == ENTRY || values.region == Values::checked(0).region;
        let found = if entry {
            Delta::Static(fit(at, values.depth)?)
        } else {
            Delta::Dynamic
        };
        match self.value_delta {
            Some(known) if known == found => Ok(()),
            Some(_) if self.mode == Mode::Verify => Err(CodeError::ValueEffect(at)),
            None if entry => {
                self.value_delta = Some(found);
                self.changed |= self.recursive;
                Ok(())
            }
            _ => {
                self.become_value_dynamic();
                Ok(())
            }
        }
    }
}

/// A number of values as a `check-values` declares it; none where fewer than none are meant.
fn declarable(at: usize, values: i32) -> Result<u32, CodeError> {
    let values = u32::try_from(values).unwrap_or(0);
    if values < 0x7FFF {
        Ok(values)
    } else {
        Err(CodeError::TooDeep(at))
    }
}
