//! Why code was refused.

use super::Lane;

/// Why code was refused; every variant carries the word at which it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// No code at all, or more than [`MAX_WORDS`](crate::function::MAX_WORDS).
    Length(usize),
    /// The word begins no instruction of the table, or has bits set that must be zero.
    NotAnInstruction(usize),
    /// The instruction's operands lie beyond the end.
    Truncated(usize),
    /// A jump leads outside the function or between instructions.
    BadTarget(usize),
    /// The last instruction would run on past the end.
    FallsOffEnd(usize),
    /// It takes return stack cells that this function did not put there.
    ReturnStack(usize),
    /// Paths meet, or return, with different numbers of cells on the return stack.
    ReturnDepth(usize),
    /// Paths meet at different data stack depths and no `check` stands there.
    Depth(usize),
    /// The declared need or room does not cover this instruction.
    NotCovered(usize),
    /// A declared cost is not the path's.
    Cost(usize),
    /// It names a function or primitive that does not exist.
    Unknown(usize),
    /// A `catch-enter` without its `catch-exit` behind it, or the other way round.
    Handler(usize),
    /// Returns leave different depths although the function is declared static.
    Effect(usize),
    /// It takes or leaves values, or floats, where no check of that lane has looked whether they
    /// are there, or fit.
    NotChecked(Lane, usize),
    /// Paths meet at different depths of a lane's stack although the function's change is static.
    LaneDepth(Lane, usize),
    /// A return leaves another depth of a lane's stack than the function declares.
    LaneChange(Lane, usize),
    /// The function does not take what a `closure` makes it be called with, or does not leave one value.
    Closure(usize),
    /// A `suspend` in a function that is not one that can be put away, or where nothing leads, or that
    /// does not declare what is put away.
    Suspend(usize),
    /// The stack grows beyond what one function may use (32,766 cells).
    TooDeep(usize),
}

impl CodeError {
    /// The word at which the code went wrong, counted from its start.
    #[must_use]
    pub fn position(self) -> usize {
        match self {
            Self::Length(at)
            | Self::NotAnInstruction(at)
            | Self::Truncated(at)
            | Self::BadTarget(at)
            | Self::FallsOffEnd(at)
            | Self::ReturnStack(at)
            | Self::ReturnDepth(at)
            | Self::Depth(at)
            | Self::NotCovered(at)
            | Self::Cost(at)
            | Self::Unknown(at)
            | Self::Handler(at)
            | Self::Effect(at)
            | Self::NotChecked(_, at)
            | Self::LaneDepth(_, at)
            | Self::LaneChange(_, at)
            | Self::Closure(at)
            | Self::Suspend(at)
            | Self::TooDeep(at) => at,
        }
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Length(_) => "the code is empty or too long",
            Self::NotAnInstruction(_) => "this is no instruction",
            Self::Truncated(_) => "the instruction is cut off",
            Self::BadTarget(_) => "the jump does not land on an instruction of its function",
            Self::FallsOffEnd(_) => "the code runs on past its end",
            Self::ReturnStack(_) => "it takes what this function did not put on the return stack",
            Self::ReturnDepth(_) => "the return stack is unbalanced here",
            Self::Depth(_) => "paths meet at different stack depths without a check",
            Self::NotCovered(_) => "the declared need or room does not cover this",
            Self::Cost(_) => "the declared cost is not the path's",
            Self::Unknown(_) => "it names a function or primitive that does not exist",
            Self::Handler(_) => "a handler's beginning and end do not stand together",
            Self::Effect(_) => "the declared stack effect does not hold",
            Self::NotChecked(Lane::Values, _) => {
                "it takes or leaves values that nothing has checked"
            }
            Self::NotChecked(Lane::Floats, _) => {
                "it takes or leaves floats that nothing has checked"
            }
            Self::LaneDepth(Lane::Values, _) => "paths meet at different value stack depths",
            Self::LaneDepth(Lane::Floats, _) => "paths meet at different float stack depths",
            Self::LaneChange(Lane::Values, _) => {
                "the declared change of the value stack does not hold"
            }
            Self::LaneChange(Lane::Floats, _) => {
                "the declared change of the float stack does not hold"
            }
            Self::Closure(_) => {
                "the function does not take the arguments and captured values and leave one value"
            }
            Self::Suspend(_) => "the call cannot be suspended here, or not with what is declared",
            Self::TooDeep(_) => "the function uses more stack than a function may",
        }
    }
}

impl core::fmt::Display for CodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "at code word {}: {}", self.position(), self.reason())
    }
}
