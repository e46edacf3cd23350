//! What the analysis remembers of each word of code.

use super::pass::ENTRY;

/// What the analysis remembers of one word of code; the caller provides one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Slot {
    /// Position of the region's `check` plus two, 1 for the entry's region, 0 if not reached.
    pub(super) region: u32,
    /// Cost of the path from here.
    pub(super) path: u32,
    /// Data stack depth relative to the region's start.
    pub(super) depth: i16,
    /// Return stack cells of this function.
    pub(super) return_depth: u16,
    /// [`START`], [`NEEDS_CHECK`].
    pub(super) flags: u32,
}

/// The word is the first of an instruction.
pub(super) const START: u32 = 1;
/// A `check` must be put before this instruction.
pub(super) const NEEDS_CHECK: u32 = 2;

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
