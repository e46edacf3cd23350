//! All functions of a world, one by one: each is held to the rules, and what the rules say of the
//! places where the instance stopped is kept for [`super::frames`].

use crate::control_block::System;
use crate::definition::{Linked, function_header};
use crate::dispatch::CODE_HEADER;
use crate::functions;
use crate::primitive::Primitive;
use crate::scratch::{Plain, with_table};
use crate::verify::RestoreError;
use stele_bytecode::analysis::{
    Callees, Declared, LANES, Lane, Mode, Region, Slot, analyse, entry_check,
};
use stele_bytecode::builder::may_inline;
use stele_bytecode::function::{Delta, HEADER_WORDS, Header};
use stele_bytecode::instruction::Op;
use stele_memory::{Arena, CodeRef, CodeSpace};

/// Bytes from a code reference to the function's first instruction.
pub(super) const FIRST_INSTRUCTION: u64 = CODE_HEADER as u64 + 4 * HEADER_WORDS as u64;

/// Words of the longest instruction.
const LONGEST: usize = 4;

/// What the verifier found at an instruction of a function, if it can be reached.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Found {
    /// The function, as a [`CodeRef`].
    pub(super) function: u32,
    /// Cells of both stacks that the instruction's region may take above what lay there where it
    /// began, the function's return address not counted.
    pub(super) room: u32,
    /// Data cells that must have lain there where the region began.
    pub(super) need: u16,
    /// Data cells above those.
    pub(super) depth: i16,
    /// Return stack cells of the function's own.
    pub(super) own: u16,
    /// 1 if the region began at the function's entry, 0 if at a `check`.
    pub(super) entry: u16,
    /// What the function declares that it leaves.
    leaves: Leaves,
    /// Of the stacks beside that of the cells, by the number of their lane.
    pub(super) lanes: [FoundLane; LANES],
}

/// What a function leaves more than it found, as it declares: of cells, and by lane.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Leaves {
    cells: Change,
    lanes: [Change; LANES],
}

/// A [`Delta`] in plain numbers.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Change {
    by: i16,
    /// One of the kinds below.
    kind: u16,
}

/// It is the number that stands with it.
const NUMBER: u16 = 1;
/// Only running tells.
const UNKNOWN: u16 = 2;
/// There is none, for what changes it never returns.
const NEVER: u16 = 3;

impl Change {
    fn of(delta: Delta) -> Self {
        let (by, kind) = match delta {
            Delta::Static(change) => (change, NUMBER),
            Delta::Dynamic => (0, UNKNOWN),
            Delta::Never => (0, NEVER),
        };
        Self { by, kind }
    }

    fn delta(self) -> Delta {
        match self.kind {
            NUMBER => Delta::Static(self.by),
            UNKNOWN => Delta::Dynamic,
            _ => Delta::Never,
        }
    }
}

/// What is left more than was found: of cells, and by lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Left {
    pub(super) cells: Delta,
    pub(super) lanes: [Delta; LANES],
}

impl Leaves {
    fn left(&self) -> Left {
        Left {
            cells: self.cells.delta(),
            lanes: self.lanes.map(Change::delta),
        }
    }
}

/// What the verifier found of a lane's stack at an instruction.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct FoundLane {
    /// Items that must have lain there where the lane's region began.
    pub(super) need: u16,
    /// Items above those for which there must be room.
    pub(super) room: u16,
    /// Items above those that lay there, when the instruction begins.
    pub(super) depth: i16,
    /// 1 if the depth is known, 0 if not: then the other numbers are 0.
    pub(super) known: u16,
    /// 1 if the region began at the entry of a function of static change.
    pub(super) entry: u16,
    /// Makes the size a multiple of four.
    reserved: u16,
}

impl FoundLane {
    fn new(lane: Lane, header: &Header, code: &[u32], slot: Slot) -> Self {
        let (check, entry) = match slot.lane_region(lane) {
            None => return Self::default(),
            Some(Region::Entry) => (0, true),
            Some(Region::Check(check)) => (code[check + 1], entry_check(code, lane) == Some(check)),
        };
        let entry = entry && matches!(lane.of_header(header), Delta::Static(_));
        Self {
            need: check as u16,
            room: (check >> 16) as u16,
            depth: slot.lane_depth(lane),
            known: 1,
            entry: entry.into(),
            reserved: 0,
        }
    }
}

impl Found {
    fn new(function: CodeRef, header: &Header, code: &[u32], slot: Slot) -> Option<Self> {
        let (need, room, entry) = match slot.region()? {
            // The entry's room counts the return address.
            Region::Entry => (header.need, header.room - 1, 1),
            Region::Check(check) => (code[check + 1] as u16, code[check + 1] >> 16, 0),
        };
        Some(Self {
            function: function.0,
            room,
            need,
            depth: slot.depth(),
            own: slot.return_depth(),
            entry,
            leaves: Leaves {
                cells: Change::of(header.delta),
                lanes: Lane::ALL.map(|lane| Change::of(lane.of_header(header))),
            },
            lanes: Lane::ALL.map(|lane| FoundLane::new(lane, header, code, slot)),
        })
    }

    /// What the function leaves.
    pub(super) fn left(&self) -> Left {
        self.leaves.left()
    }
}

/// What can stand before a place that a frame returns to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    /// A call of a function that leaves this.
    Function(Left),
    /// A call of whatever a word, or a function value, does; a `check` follows.
    Word,
    /// As `Word`, with a handler's record under it.
    Guarded,
    /// As `Function`, with a handler's record under it whose depths what follows relies on.
    Tried(Left),
}

/// An address that a cell of the return stack holds, and what is known of it.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Site {
    address: u32,
    /// One of the kinds below; 0 if no call ends at the address.
    kind: u32,
    /// What is called leaves this.
    callee: Leaves,
    /// What was found at the call itself.
    found: Found,
}

// SAFETY: `repr(C)`, made of numbers.
unsafe impl Plain for Site {}

const FUNCTION: u32 = 1;
const WORD: u32 = 2;
const GUARDED: u32 = 3;
const TRIED: u32 = 4;

impl Site {
    fn call(&self) -> Option<Call> {
        match self.kind {
            FUNCTION => Some(Call::Function(self.callee.left())),
            WORD => Some(Call::Word),
            GUARDED => Some(Call::Guarded),
            TRIED => Some(Call::Tried(self.callee.left())),
            _ => None,
        }
    }
}

/// The instruction that an instance is to go on with.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    /// Its arena offset.
    pub(super) address: u64,
    /// What it is and what was found there; `None` if there is none.
    pub(super) found: Option<(Op, Found)>,
}

/// The places of code that an instance refers to.
pub(super) struct Places<'a> {
    pub(super) stop: Stop,
    /// In order of address.
    sites: &'a mut [Site],
}

impl<'a> Places<'a> {
    /// No places.
    pub(super) fn none() -> Self {
        Self::new(0, &[], &mut [])
    }

    /// The instruction at `stop`, and all that `cells` may lead to; `sites` has one entry for each
    /// cell.
    pub(super) fn new(stop: u64, cells: &[[u8; 8]], sites: &'a mut [Site]) -> Self {
        let addresses = cells.iter().map(|cell| u64::from_le_bytes(*cell));
        let mut count = 0;
        for (site, address) in sites
            .iter_mut()
            .zip(addresses.filter_map(|address| u32::try_from(address).ok()))
        {
            site.address = address;
            count += 1;
        }
        let sites = &mut sites[..count];
        sites.sort_unstable_by_key(|site| site.address);
        Self {
            stop: Stop {
                address: stop,
                found: None,
            },
            sites,
        }
    }

    /// What a frame that returns to `address` called, and what was found at that call.
    pub(super) fn call_before(&self, address: u64) -> Option<(Call, Found)> {
        let address = u32::try_from(address).ok()?;
        let first = self.sites.partition_point(|site| site.address < address);
        let site = self
            .sites
            .get(first)
            .filter(|site| site.address == address)?;
        Some((site.call()?, site.found))
    }

    /// Keeps what was found at those places that lie in `function`.
    fn note(
        &mut self,
        function: CodeRef,
        header: &Header,
        code: &[u32],
        slots: &[Slot],
        callees: &dyn Callees,
    ) {
        let start = function.offset() + FIRST_INSTRUCTION;
        let end = start + 4 * code.len() as u64;
        let index = |address: u64| {
            let bytes = address.checked_sub(start)?;
            bytes.is_multiple_of(4).then_some(bytes as usize / 4)
        };
        let found = |at: usize| Found::new(function, header, code, slots[at]);
        if let Some(at) = index(self.stop.address).filter(|at| *at < code.len())
            && slots[at].starts_instruction()
        {
            self.stop.found = Op::decode(code[at]).zip(found(at));
        }
        let first = self
            .sites
            .partition_point(|site| u64::from(site.address) <= start);
        let sites = self.sites[first..].iter_mut();
        for site in sites.take_while(|site| u64::from(site.address) < end) {
            let Some(at) = index(site.address.into()).and_then(|next| before(code, slots, next))
            else {
                continue;
            };
            let Some((op, found)) = Op::decode(code[at]).zip(found(at)) else {
                continue;
            };
            site.found = found;
            let called = match op {
                Op::Call => callees.function(code[at + 1]),
                _ => None,
            };
            // What takes a function value or a suspended call counts from before it was taken.
            site.callee = Leaves {
                cells: Change::of(called.map_or(Delta::Static(0), |effect| effect.delta)),
                lanes: Lane::ALL.map(|lane| {
                    let own = op.lane_of(lane, code[at]);
                    Change::of(called.map_or(own.delta, |effect| effect.lane(lane).delta))
                }),
            };
            site.kind = match op {
                Op::Call | Op::CallClosure | Op::CallSpread | Op::Resume => FUNCTION,
                Op::CallWord | Op::Execute | Op::Apply => WORD,
                Op::CatchEnter => GUARDED,
                Op::TryEnter => TRIED,
                _ => 0,
            };
        }
    }
}

/// Where the instruction before the one at `next` begins.
fn before(code: &[u32], slots: &[Slot], next: usize) -> Option<usize> {
    let starts = |at: &usize| slots[*at].starts_instruction();
    let at = (next.saturating_sub(LONGEST)..next).rev().find(starts)?;
    let words = Op::decode(code[at])?.words();
    (at + words == next).then_some(at)
}

/// Holds every function of the code space to the rules, and keeps in `places` what was found there.
pub(super) fn verify_functions(
    arena: &mut Arena<'_>,
    system: &System,
    primitives: &[Primitive],
    places: &mut Places<'_>,
) -> Result<(), RestoreError> {
    let longest = system.code.iterate(arena).filter_map(|function| {
        let words = CodeSpace::bytes(arena, function)?.len() / 4;
        words.checked_sub(HEADER_WORDS)
    });
    let longest = longest.max().unwrap_or(0);
    let what = "the verifier's table";
    with_table(arena, longest, what, |arena, code| {
        with_table(arena, longest, what, |arena, slots| {
            let mut next = system.code.iterate(arena).next();
            let mut number = 0;
            while let Some(function) = next {
                let callees = Linked { arena, primitives };
                if functions::by_number(arena, system, number.into()) != Some(function) {
                    let reason = "the table of functions does not lead here";
                    return Err(RestoreError::State(function.offset(), reason));
                }
                verify_function(&callees, function, number, code, slots, places)?;
                CodeSpace::freeze(arena, function);
                next = CodeSpace::next(arena, function);
                number += 1;
            }
            verify_halt(arena, system)
        })
    })??
}

fn verify_function(
    callees: &Linked<'_, '_>,
    function: CodeRef,
    number: u32,
    code: &mut [u32],
    slots: &mut [Slot],
    places: &mut Places<'_>,
) -> Result<(), RestoreError> {
    let wrong = |reason| Err(RestoreError::State(function.offset(), reason));
    let bytes = CodeSpace::bytes(callees.arena, function).unwrap_or_default();
    let Some(header) = function_header(callees.arena, function) else {
        let unwritten = bytes.iter().all(|byte| *byte == 0);
        return if unwritten {
            Ok(())
        } else {
            wrong("this is not the header of a function")
        };
    };
    let (words, rest) = bytes.as_chunks::<4>();
    let length = header.length as usize;
    if words.len() != HEADER_WORDS + length || !rest.is_empty() {
        return wrong("the function is not as long as its header says");
    }
    if header.id != number {
        return wrong("the function's number is not its place in the order of creation");
    }
    let code = &mut code[..length];
    for (word, bytes) in code.iter_mut().zip(&words[HEADER_WORDS..]) {
        *word = u32::from_le_bytes(*bytes);
    }
    let declared = Declared::of_header(&header);
    analyse(code, slots, callees, Mode::Verify, declared)
        .map_err(|error| RestoreError::Function(function.offset(), error))?;
    if header.inline && !may_inline(code) {
        return wrong("the function says that it may be copied, and is too long or has jumps");
    }
    places.note(function, &header, code, slots, callees);
    Ok(())
}

/// The first function of a world is the one that all others end in.
fn verify_halt(arena: &Arena<'_>, system: &System) -> Result<(), RestoreError> {
    let first = system.code.iterate(arena).next();
    let at = first.map(|function| function.offset() + FIRST_INSTRUCTION);
    let halts = first.and_then(|function| {
        let bytes = CodeSpace::bytes(arena, function)?;
        let word = bytes.get(4 * HEADER_WORDS..)?.first_chunk::<4>()?;
        Some(Op::decode(u32::from_le_bytes(*word)) == Some(Op::Halt))
    });
    if at == Some(system.halt) && halts == Some(true) {
        Ok(())
    } else {
        let reason = "instances do not end here";
        Err(RestoreError::State(system.halt, reason))
    }
}
