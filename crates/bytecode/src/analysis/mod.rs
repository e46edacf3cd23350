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
//! - Handlers are pairs: `catch-exit` stands behind every `catch-enter`, `try-exit` behind every
//!   `try-enter`, nowhere else, and nothing jumps there. So no instruction of a function can come upon
//!   a handler's record but these.
//! - A tail call stands where the function has no cells of its own on the return stack; the function
//!   leaves what that leaves. The rules of function values and suspended calls are in `calls`.
//! - Every function and every primitive that it names exists; once linked, code names no [`SELF`].
//! - The depth of the return stack is static at every instruction, never reaches below the
//!   function's own cells, and is zero at `return`.
//! - The depth of the data stack is static within a *region*: the code reached from the entry, or
//!   from a `check`, without passing another `check`. Where two regions or two depths meet, and
//!   after anything of unknown effect, there stands a `check`.
//! - A region's declared need and room cover all its instructions, and a function's room also its
//!   return address.
//! - What takes or leaves values, or floats, stands in the region of a `check-values`, or a
//!   `check-floats`, whose declared need and room cover it. Calls are not covered, only counted. Where
//!   the depth of such a stack is unknown there is no region of its lane; in a function of static
//!   change it is known at every return, and equal wherever paths meet; in any other it is unknown at
//!   the entry and where blocks begin.
//! - A jump declares the cost of the path it leads to: the sum of costs up to and including the
//!   next instruction that jumps, branches or ends.
//!
//! Inference keeps regions as small as they have to be. A function of static effect is one region,
//! and needs what its deepest path takes. In any other, each basic block is a region of its own, so
//! that no path is refused for what another would have taken. The same holds of values and floats,
//! apart from cells and from each other: a function may be static in one and dynamic in another.
//!
//! Read this page, then `pass` (the interpretation), `lane` (the part of the stacks beside that of the
//! cells in it), `locals` (how code being built names them), `calls` (function values and suspended
//! calls), `form` (what is checked and measured without it), `slot` and `error`.

mod calls;
mod error;
mod form;
mod lane;
mod locals;
mod pass;
mod slot;

pub use calls::{MAX_ARGUMENTS, MAX_CAPTURED, MAX_SUSPENDED};
pub use error::CodeError;
pub use form::jump_target;
pub use lane::{LANES, Lane, entry_check};
pub(crate) use locals::by_position;
pub(crate) use slot::count_marks;
pub use slot::{Region, Slot};

use crate::function::{Delta, Header, MAX_WORDS};
use pass::Pass;

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
    /// Effect on the value stack.
    pub values: LaneEffect,
    /// Effect on the float stack.
    pub floats: LaneEffect,
}

impl Effect {
    /// The effect of a function with this header, as its callers see it.
    #[must_use]
    pub const fn of_function(header: &Header) -> Self {
        Self {
            need: header.need,
            delta: header.delta,
            room: 0,
            cost: 0,
            values: LaneEffect::of_function(header.value_delta),
            floats: LaneEffect::of_function(header.float_delta),
        }
    }

    /// The effect on the stack of a lane.
    #[must_use]
    pub const fn lane(&self, lane: Lane) -> LaneEffect {
        match lane {
            Lane::Values => self.values,
            Lane::Floats => self.floats,
        }
    }
}

/// Effect of a function or a primitive on the value stack, or on the float stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneEffect {
    /// Items that must be on the stack; 0 for functions, which check that themselves.
    pub need: u16,
    /// Change of depth. It says nothing of what never returns.
    pub delta: Delta,
    /// Items above the entry depth that a primitive may leave or use while it runs; 0 for
    /// functions, which check their own room.
    pub room: u16,
}

impl LaneEffect {
    /// The effect of what leaves the stack alone.
    pub const NONE: Self = Self::of(0, 0);

    /// The effect of a function of this change, as its callers see it.
    #[must_use]
    pub const fn of_function(delta: Delta) -> Self {
        Self {
            delta,
            ..Self::NONE
        }
    }

    /// The effect of a primitive that takes and leaves so many items, at most 32,767 of either.
    #[must_use]
    pub const fn of(takes: u16, leaves: u16) -> Self {
        Self {
            need: takes,
            delta: Delta::Static(leaves.cast_signed() - takes.cast_signed()),
            room: leaves.saturating_sub(takes),
        }
    }
}

/// Answers what the code being analysed calls.
pub trait Callees {
    /// Effect of the function that an [`Operands::Function`](crate::instruction::Operands::Function) names; `None` if there is none.
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

/// What is declared of a function as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Cells needed at entry.
    pub need: u16,
    /// Cells of room needed at entry.
    pub room: u32,
    /// Change of depth.
    pub delta: Delta,
    /// Change of the value stack's depth: static or dynamic.
    pub value_delta: Delta,
    /// Change of the float stack's depth: static or dynamic.
    pub float_delta: Delta,
    /// Cost of the path from the entry.
    pub entry_cost: u32,
}

/// Analyses `code`.
///
/// `slots` must be at least as long as `code`; its contents before do not matter. With
/// [`Mode::Verify`] `declared` must hold; with [`Mode::Infer`] it is where inference starts from
/// ([`Declared::unknown`]) and the result is what was found. Inference also writes checks' and
/// jumps' operands into `code`, and marks the slots of instructions that need a check before them; if it marked any, the result says so and is not final.
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
    let ending = form::mark_instructions(code, slots)?;
    Pass::new(code, slots, callees, mode, declared).run(&ending)
}

/// What [`analyse`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analysed {
    /// The function's need, room, effect and entry cost.
    pub declared: Declared,
    /// True if slots are marked as needing a check.
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
            value_delta: Delta::Static(0),
            float_delta: Delta::Static(0),
            entry_cost: 0,
        }
    }

    /// What a function's header declares.
    #[must_use]
    pub const fn of_header(header: &Header) -> Self {
        Self {
            need: header.need,
            room: header.room,
            delta: header.delta,
            value_delta: header.value_delta,
            float_delta: header.float_delta,
            entry_cost: header.entry_cost,
        }
    }
}
