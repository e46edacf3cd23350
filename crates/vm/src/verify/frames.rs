//! The stacks of a stopped instance, frame by frame.
//!
//! # What must hold
//! The verifier has found, for each instruction that can be reached, the return cells of the
//! function's own, the region the instruction belongs to, and the data cells above those that lay
//! there where the region began (its *base*).
//!
//! - **Return stack**, from the top: the running function's own cells, then a return address: the
//!   instruction behind a call in some function. (Which function it called says nothing of the one
//!   above it: that may have come in its place by a tail call.) Then that function's own cells as they were at its call, and so on, down to the address of
//!   `halt`, and nothing below it. So every return leads to an instruction of a function whose own
//!   cells are then on top.
//! - **Handlers**: the two cells below the return address of a guarded call are its record. The
//!   control block names the innermost record, each record the next, the last none; and these are
//!   all there are. The depths that a record keeps fit, with room for the code of a throw.
//! - **Data stack** at the instruction to go on with: its region's base holds what the region needs,
//!   and above it there is room for what the region may take. At a `check` that is for the `check`
//!   to find out.
//! - **Data stack** below suspended frames: behind a call of dynamic effect, or of a word, stands a
//!   `check`, which relies on nothing. A function of static effect returns only from the region it
//!   entered with, so the base of that region and its effect tell how deep the stack will be when it
//!   returns. Its caller counts on the effect of the function that it called: the two together tell
//!   the depth at the call, which must satisfy the caller's region as above. So a function that may
//!   leave anything cannot stand above a caller that counts on something. A function of static effect that
//!   has passed a `check` can no longer return; a throw may end it, and then its callers go with
//!   it, down to a handler.
//! - **Data stack** behind a `try-exit`: the same, and whichever way the call ends: the depth that the record
//!   keeps is that at the call.
//! - **Value stack** and **float stack**: the same, apart from cells and from each other. The base of
//!   a region of their lane holds what the region needs and leaves the room it asked for; one that
//!   began at an entry without a check needs nothing, but its base is a depth, not below zero. A
//!   caller whose depth is unknown relies on nothing.

use crate::control_block::ControlBlock;
use crate::stacks::MAX_CELLS;
use crate::unwind::Depths;
use crate::verify::RestoreError;
use crate::verify::functions::{Call, FIRST_INSTRUCTION, Found, FoundLane, Places};
use stele_bytecode::analysis::{LANES, Lane};
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::Op;
use stele_memory::{Arena, Block, CodeRef};

/// Where both stacks lie and how much is on them.
#[derive(Clone, Copy)]
pub(super) struct Stacks {
    /// Offset of the control block.
    control: u64,
    block: Block,
    cells: usize,
    depth: usize,
    return_depth: usize,
    handler: u64,
    /// The stacks beside them, by the number of their lane.
    lanes: [Side; LANES],
}

/// How much is on a stack beside that of the cells.
#[derive(Clone, Copy)]
struct Side {
    depth: u64,
    /// Items that its block has room for.
    places: u64,
}

impl Side {
    fn new(depth: u64, block: Block) -> Self {
        Self {
            depth,
            places: block.size / 8,
        }
    }

    /// Whether the stack holds what a region relies on, if its base is `base`.
    fn satisfies(self, found: &FoundLane, base: i64) -> bool {
        let taken = base + i64::from(found.room);
        let holds = base >= i64::from(found.need) && taken <= self.places as i64;
        found.known == 0 || holds
    }
}

/// What is wrong with a lane's stack at the instruction to go on with.
fn too_little(lane: Lane) -> &'static str {
    match lane {
        Lane::Values => "the value stack does not hold what the next instructions take",
        Lane::Floats => "the float stack does not hold what the next instructions take",
    }
}

/// What is wrong with a lane's stack where a call returns to.
fn too_little_left(lane: Lane) -> &'static str {
    match lane {
        Lane::Values => "the value stack does not hold what the caller relies on",
        Lane::Floats => "the float stack does not hold what the caller relies on",
    }
}

impl Stacks {
    /// The stacks of an instance whose control block lies at `at`.
    pub(super) fn of(control: &ControlBlock, at: u64) -> Result<Self, RestoreError> {
        let cells = control.stacks.size / 8;
        // Between them lies the cell that belongs to neither.
        let used = control.depth.checked_add(control.return_depth);
        let used = used.and_then(|used| used.checked_add(1));
        if cells > MAX_CELLS as u64 || used.is_none_or(|used| used > cells) {
            let reason = "the stacks hold more than their block";
            return Err(RestoreError::State(at, reason));
        }
        Ok(Self {
            control: at,
            block: control.stacks,
            cells: cells as usize,
            depth: control.depth as usize,
            return_depth: control.return_depth as usize,
            handler: control.handler,
            lanes: [
                Side::new(control.value_depth, control.values),
                Side::new(control.float_depth, control.floats),
            ],
        })
    }

    /// The cells of the return stack, the top first.
    pub(super) fn return_cells<'a>(&self, arena: &'a Arena<'_>) -> &'a [[u8; 8]] {
        let cells = arena.bytes(self.block).unwrap_or_default();
        let cells = cells.as_chunks::<8>().0;
        &cells[cells.len().saturating_sub(self.return_depth)..]
    }

    /// Where the cell lies that has `below` return cells below it.
    fn place(&self, below: usize) -> u64 {
        self.block.offset + 8 * (self.cells - 1 - below) as u64
    }

    /// Whether both stacks hold what a region relies on, if its base is `base` and `below` return
    /// cells lie below the function's own.
    fn satisfy(&self, found: &Found, base: i64, below: usize) -> bool {
        let taken = base + below as i64 + i64::from(found.room);
        base >= i64::from(found.need) && taken < self.cells as i64
    }
}

/// How deep a stack is when a call returns that has not returned yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// So deep.
    At(i64),
    /// Only running tells.
    Unknown,
    /// It will not return.
    Never,
}

impl Exit {
    /// When a function returns that leaves `delta`, if `entry` is how deep the stack was where the
    /// region began that it was entered with and is still in.
    fn of(delta: Delta, entry: Option<i64>) -> Self {
        match (delta, entry) {
            (Delta::Static(change), Some(entry)) => Self::At(entry + i64::from(change)),
            // What has left that region, and leaves a known number, can only be ended by a throw.
            (Delta::Static(_), None) | (Delta::Never, _) => Self::Never,
            (Delta::Dynamic, _) => Self::Unknown,
        }
    }

    /// How deep the stack was at the call of what leaves `delta`; `None` if nothing relies on it.
    fn before(self, delta: Delta) -> Result<Option<i64>, ()> {
        match (delta, self) {
            (Delta::Static(change), Self::At(depth)) => Ok(Some(depth - i64::from(change))),
            (Delta::Static(_), Self::Unknown) => Err(()),
            // Behind a call of what never returns there is no code that may run.
            (Delta::Never, Self::At(_) | Self::Unknown) => Err(()),
            _ => Ok(None),
        }
    }
}

/// Where the regions began that an instruction belongs to, where that is known.
struct Bases {
    cells: Option<i64>,
    lanes: [Option<i64>; LANES],
}

/// How deep the stacks are when a call returns that has not returned yet.
struct Exits {
    cells: Exit,
    lanes: [Exit; LANES],
}

impl Exits {
    /// Of a function that runs, or waits for a call of its own, at `found`.
    fn of(found: &Found, bases: &Bases) -> Self {
        let left = found.left();
        let lanes = Lane::ALL.map(|lane| lane as usize).map(|lane| {
            let entry = bases.lanes[lane].filter(|_| found.lanes[lane].entry == 1);
            match left.cells {
                // What never returns says nothing of its lanes.
                Delta::Never => Exit::Never,
                _ => Exit::of(left.lanes[lane], entry),
            }
        });
        Self {
            cells: Exit::of(left.cells, bases.cells.filter(|_| found.entry == 1)),
            lanes,
        }
    }
}

/// Goes through the frames of an instance.
pub(super) fn walk(
    stacks: &Stacks,
    cells: &[[u8; 8]],
    places: &Places<'_>,
    halt: u64,
) -> Result<(), RestoreError> {
    let stop = places.stop;
    let wrong = |at, reason| Err(RestoreError::State(at, reason));
    let stopped = stop
        .found
        .filter(|(op, _)| !matches!(op, Op::CatchExit | Op::TryExit));
    let Some((op, found)) = stopped else {
        return wrong(stop.address, "the instance cannot have stopped here");
    };
    let mut frames = Frames {
        stacks,
        cells,
        below: stacks.return_depth,
        handler: stacks.handler,
    };
    frames.drop_own(&found)?;
    let base = stacks.depth as i64 - i64::from(found.depth);
    if op != Op::Check && !stacks.satisfy(&found, base, frames.below) {
        return wrong(
            stacks.control,
            "the data stack does not hold what the next instructions take",
        );
    }
    let mut bases = Bases {
        cells: Some(base),
        lanes: [None; LANES],
    };
    for lane in Lane::ALL {
        let (side, found) = (stacks.lanes[lane as usize], &found.lanes[lane as usize]);
        let base = side.depth as i64 - i64::from(found.depth);
        if op != lane.check() && !side.satisfies(found, base) {
            return wrong(stacks.control, too_little(lane));
        }
        bases.lanes[lane as usize] = Some(base);
    }
    let mut exits = Exits::of(&found, &bases);
    let mut function = CodeRef(found.function);
    while frames.below > 0 {
        let (at, address) = frames.pop();
        if address == halt && frames.below == 0 {
            return frames.end();
        }
        let Some((call, found)) = places.call_before(address) else {
            return wrong(
                at,
                "the return stack holds something else than a return address",
            );
        };
        let record = match call {
            Call::Guarded | Call::Tried(..) => Some(frames.drop_record()?),
            Call::Function(..) | Call::Word => None,
        };
        frames.drop_own(&found)?;
        let bases = frames.bases(at, call, record.as_ref(), &found, &exits)?;
        exits = Exits::of(&found, &bases);
        function = CodeRef(found.function);
    }
    // Where an instance begins and ends.
    if function.offset() + FIRST_INSTRUCTION == halt {
        return frames.end();
    }
    wrong(
        stacks.control,
        "the return stack ends before the first function's return address",
    )
}

/// How deep a stack was at the call of what leaves `delta`; where a record keeps that, it has to be so.
fn depth_before(exit: Exit, delta: Delta, kept: Option<u64>) -> Result<Option<i64>, ()> {
    let before = exit.before(delta)?;
    let Some(kept) = kept else {
        return Ok(before);
    };
    let kept = i64::try_from(kept).map_err(|_| ())?;
    match before {
        Some(before) if before != kept => Err(()),
        _ => Ok(Some(kept)),
    }
}

/// The part of the return stack that has not been gone through.
struct Frames<'a> {
    stacks: &'a Stacks,
    cells: &'a [[u8; 8]],
    /// Cells left.
    below: usize,
    /// Cells that must be left at the next handler's record; 0 if there is none.
    handler: u64,
}

impl Frames<'_> {
    /// Takes the top cell: where it lies and what it holds.
    fn pop(&mut self) -> (u64, u64) {
        let cell = self.cells[self.cells.len() - self.below];
        self.below -= 1;
        (self.stacks.place(self.below), u64::from_le_bytes(cell))
    }

    /// Drops a function's own cells.
    fn drop_own(&mut self, found: &Found) -> Result<(), RestoreError> {
        let left = self.below.checked_sub(found.own.into());
        let reason = "the return stack does not hold a function's own cells";
        self.below = left.ok_or(RestoreError::State(self.stacks.control, reason))?;
        Ok(())
    }

    /// Drops a handler's record, which must be the next; the depths that it keeps.
    fn drop_record(&mut self) -> Result<Depths, RestoreError> {
        if self.handler != self.below as u64 || self.below < 2 {
            let at = self.stacks.control;
            return Err(RestoreError::State(
                at,
                "the handlers are not those of the guarded calls",
            ));
        }
        let (_, outer) = self.pop();
        let (at, depths) = self.pop();
        let depths = Depths::unpack(depths);
        let taken = depths.cells + self.below as u64 + 1;
        let [values, floats] = self.stacks.lanes.map(|side| side.places);
        if taken >= self.stacks.cells as u64 || depths.values > values || depths.floats > floats {
            return Err(RestoreError::State(
                at,
                "the depths that a handler keeps do not fit",
            ));
        }
        self.handler = outer;
        Ok(depths)
    }

    /// Where the regions began that the caller at `found` is in, from how deep the stacks will be when its
    /// call returns; sees to it that they hold what it relies on.
    fn bases(
        &self,
        at: u64,
        call: Call,
        record: Option<&Depths>,
        found: &Found,
        exits: &Exits,
    ) -> Result<Bases, RestoreError> {
        let mut bases = Bases {
            cells: None,
            lanes: [None; LANES],
        };
        let left = match call {
            Call::Function(left) | Call::Tried(left) => left,
            Call::Word | Call::Guarded => return Ok(bases),
        };
        // Whichever way a call ends that is tried, the depths are those that the record keeps.
        let kept = record.filter(|_| matches!(call, Call::Tried(_)));
        let kept_lanes = kept.map(|kept| [kept.values, kept.floats]);
        let wrong = |reason| RestoreError::State(at, reason);
        let missing = "the data stack does not hold what the caller relies on";
        let depth = depth_before(exits.cells, left.cells, kept.map(|kept| kept.cells));
        bases.cells = depth
            .map_err(|()| wrong(missing))?
            .map(|depth| depth - i64::from(found.depth));
        if let Some(base) = bases.cells
            && !self.stacks.satisfy(found, base, self.below)
        {
            return Err(wrong(missing));
        }
        for lane in Lane::ALL {
            let index = lane as usize;
            let (side, found) = (self.stacks.lanes[index], &found.lanes[index]);
            if found.known == 0 || left.cells == Delta::Never {
                continue;
            }
            let kept = kept_lanes.map(|lanes| lanes[index]);
            let missing = || wrong(too_little_left(lane));
            let depth = depth_before(exits.lanes[index], left.lanes[index], kept);
            let base = depth
                .map_err(|()| missing())?
                .map(|depth| depth - i64::from(found.depth));
            if base.is_some_and(|base| !side.satisfies(found, base)) {
                return Err(missing());
            }
            bases.lanes[index] = base;
        }
        Ok(bases)
    }

    /// Sees to it that no handler is left.
    fn end(&self) -> Result<(), RestoreError> {
        if self.handler == 0 {
            return Ok(());
        }
        let at = self.stacks.control;
        Err(RestoreError::State(
            at,
            "a handler's record is not under a guarded call",
        ))
    }
}
