//! What the analysis remembers of each word of code.

use super::lane::{LANES, Lane};
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
    /// Data stack depth relative to the region's start.
    pub(super) depth: i16,
    /// The depths of the other stacks, by the number of their lane.
    pub(super) lanes: [LaneSlot; LANES],
    /// Return stack cells of this function.
    pub(super) return_depth: u16,
    /// [`START`] and the other marks.
    pub(super) flags: u16,
}

/// What the analysis remembers of one lane at one word of code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(super) struct LaneSlot {
    /// Position of the region's check plus two, 1 for the entry's, 0 if the depth is unknown.
    pub(super) region: u16,
    /// Depth relative to the region's start.
    pub(super) depth: i16,
}

/// The word is the first of an instruction.
pub(super) const START: u16 = 1;
/// A `check` must be put before this instruction.
pub(super) const NEEDS_CHECK: u16 = 2;
/// A jump leads to this word.
pub(super) const TARGET: u16 = 4;

/// The check of a lane must be put before this instruction.
const fn needs(lane: Lane) -> u16 {
    8 << (2 * lane as u16)
}

/// The check of a lane must be put before this instruction, the first, where no jump leads to.
const fn at_entry(lane: Lane) -> u16 {
    16 << (2 * lane as u16)
}

impl Slot {
    /// True if the builder must put a `check` before the instruction that starts here.
    #[must_use]
    pub fn needs_check(&self) -> bool {
        self.flags & NEEDS_CHECK != 0
    }

    /// True if the builder must put the check of a lane before the instruction that starts here.
    #[must_use]
    pub fn needs_lane(&self, lane: Lane) -> bool {
        self.flags & (needs(lane) | at_entry(lane)) != 0
    }

    /// True if the lane's check must be put before this instruction, where jumps lead to as well.
    pub(super) fn needs_here(&self, lane: Lane) -> bool {
        self.flags & needs(lane) != 0
    }

    /// True if the lane's check must be put before this instruction as the function's entry.
    pub(super) fn needs_at_entry(&self, lane: Lane) -> bool {
        self.flags & at_entry(lane) != 0
    }

    /// Marks the lane's check as missing before this instruction; false if it is marked already.
    pub(super) fn mark_here(&mut self, lane: Lane) -> bool {
        self.mark(needs(lane))
    }

    /// Marks the lane's check as missing at the function's entry; false if it is marked already.
    pub(super) fn mark_at_entry(&mut self, lane: Lane) -> bool {
        self.mark(at_entry(lane))
    }

    fn mark(&mut self, mark: u16) -> bool {
        let missing = self.flags & mark == 0;
        self.flags |= mark;
        missing
    }

    /// Forgets what is missing in a lane.
    pub(super) fn unmark(&mut self, lane: Lane) {
        self.flags &= !(needs(lane) | at_entry(lane));
    }

    /// The instructions that must be put before this one, the last first.
    pub(crate) fn missing(&self) -> impl Iterator<Item = Op> {
        let flags = self.flags;
        let here = Lane::ALL.map(|lane| (needs(lane), lane.check()));
        let entry = Lane::ALL.map(|lane| (at_entry(lane), lane.check()));
        here.into_iter()
            .chain([(NEEDS_CHECK, Op::Check)])
            .chain(entry)
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
        region(self.region)
    }

    /// The region of a lane that the instruction belongs to; `None` if that stack's depth is unknown,
    /// or the instruction cannot be reached.
    #[must_use]
    pub fn lane_region(&self, lane: Lane) -> Option<Region> {
        region(self.lanes[lane as usize].region).filter(|_| self.is_reached())
    }

    /// Items above those that were on a lane's stack where its region began, when this instruction
    /// begins; negative for fewer.
    #[must_use]
    pub fn lane_depth(&self, lane: Lane) -> i16 {
        self.lanes[lane as usize].depth
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

/// The region that slots keep as a number.
fn region(kept: u16) -> Option<Region> {
    match kept {
        0 => None,
        ENTRY_REGION => Some(Region::Entry),
        check => Some(Region::Check(usize::from(check) - 2)),
    }
}

/// Where a region begins; what it needs is declared there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// At the function's entry: its header declares need and room, the room with one cell more for
    /// the return address. Of values and floats it declares nothing.
    Entry,
    /// At the `check`, or that of a lane, at this code word.
    Check(usize),
}

/// Tells each slot how many instructions are to be put before it, in place of its path's cost; returns
/// how many there are. A jump to an instruction lands on those that are put before it, but behind
/// what belongs to the entry.
pub(crate) fn count_marks(slots: &mut [Slot]) -> usize {
    let mut marks = 0;
    for slot in slots {
        let count = |marks: [bool; LANES]| marks.into_iter().map(u32::from).sum::<u32>();
        marks += count(Lane::ALL.map(|lane| slot.needs_at_entry(lane)));
        slot.path = marks;
        marks += u32::from(slot.needs_check());
        marks += count(Lane::ALL.map(|lane| slot.needs_here(lane)));
    }
    marks as usize
}
