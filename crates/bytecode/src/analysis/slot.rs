//! What the analysis remembers of each word of code.

use super::pass::ENTRY;
use crate::instruction::Op;

/// The entry's region, as slots keep it.
const ENTRY_REGION: u16 = ENTRY as u16;

/// What the analysis remembers of one word of code; the caller provides one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Slot {
    /// Cost of the path from here.
    pub(super) path: u32,
    /// Position of the region's `check` plus two, 1 for the entry's region, 0 if not reached.
    pub(super) region: u16,
    /// Position of the value region's `check-values` plus two, 1 for the entry's, 0 if the value
    /// stack's depth is unknown.
    pub(super) value_region: u16,
    /// Data stack depth relative to the region's start.
    pub(super) depth: i16,
    /// Value stack depth relative to the value region's start.
    pub(super) value_depth: i16,
    /// Return stack cells of this function.
    pub(super) return_depth: u16,
    /// [`START`] and the other marks.
    pub(super) flags: u16,
}

/// The word is the first of an instruction.
pub(super) const START: u16 = 1;
/// A `check` must be put before this instruction.
pub(super) const NEEDS_CHECK: u16 = 2;
/// A jump leads to this word.
pub(super) const TARGET: u16 = 4;
/// A `check-values` must be put before this instruction.
pub(super) const NEEDS_VALUES: u16 = 8;
/// A `check-values` must be put before this instruction, the first, where no jump leads to.
pub(super) const ENTRY_VALUES: u16 = 16;

impl Slot {
    /// True if the builder must put a `check` before the instruction that starts here.
    #[must_use]
    pub fn needs_check(&self) -> bool {
        self.flags & NEEDS_CHECK != 0
    }

    /// True if the builder must put a `check-values` before the instruction that starts here.
    #[must_use]
    pub fn needs_values(&self) -> bool {
        self.flags & (NEEDS_VALUES | ENTRY_VALUES) != 0
    }

    /// The instructions that must be put before this one, the last first.
    pub(crate) fn missing(&self) -> impl Iterator<Item = Op> {
        let flags = self.flags;
        [
            (NEEDS_VALUES, Op::CheckValues),
            (NEEDS_CHECK, Op::Check),
            (ENTRY_VALUES, Op::CheckValues),
        ]
        .into_iter()
        .filter_map(move |(mark, op)| (flags & mark != 0).then_some(op))
    }

    /// Instructions to be put before the place where a jump to this one lands, once
    /// [`count_marks`] has counted them.
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
            ENTRY_REGION => Some(Region::Entry),
            check => Some(Region::Check(usize::from(check) - 2)),
        }
    }

    /// The value region the instruction belongs to; `None` if the value stack's depth is unknown, or
    /// the instruction cannot be reached.
    #[must_use]
    pub fn value_region(&self) -> Option<Region> {
        match self.value_region {
            _ if self.region == 0 => None,
            0 => None,
            ENTRY_REGION => Some(Region::Entry),
            check => Some(Region::Check(usize::from(check) - 2)),
        }
    }

    /// Values above those that were on the value stack where the value region began, when this
    /// instruction begins; negative for fewer.
    #[must_use]
    pub fn value_depth(&self) -> i16 {
        self.value_depth
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
    /// the return address. Of values it declares nothing.
    Entry,
    /// At the `check`, or the `check-values`, at this code word.
    Check(usize),
}

/// Tells each slot how many instructions are to be put before it, in place of its path's cost; returns
/// how many there are. A jump to an instruction lands on those that are put before it, but behind
/// what belongs to the entry.
pub(crate) fn count_marks(slots: &mut [Slot]) -> usize {
    let mut marks = 0;
    for slot in slots {
        marks += u32::from(slot.flags & ENTRY_VALUES != 0);
        slot.path = marks;
        marks += u32::from(slot.flags & NEEDS_CHECK != 0);
        marks += u32::from(slot.flags & NEEDS_VALUES != 0);
    }
    marks as usize
}
