//! Locals: cells of the return stack that code being built names by position.
//!
//! What builds code does not know how many cells will lie above a local where it is used. It counts
//! from the function's entry instead, and inference, which knows the depth of the return stack
//! everywhere, makes a distance from the top of that. Finished code has distances only, so the rule is
//! that of every other instruction: it reaches no further than the function's own cells.

use super::pass::Pass;
use super::slot::START;
use super::{CodeError, Mode};
use crate::instruction::Op;

/// Set in the operand of a `local@` or a `local!` that names its local by position.
const BY_POSITION: u32 = 1 << 31;

/// The first word of `op`, a `local@` or a `local!`, that names the local of that position: 0 is the
/// cell that the function put on the return stack first.
pub(crate) fn by_position(op: Op, position: u16) -> u32 {
    op as u32 | BY_POSITION | u32::from(position) << 16
}

/// The position that a first word names, if it does.
fn position(word: u32) -> Option<u16> {
    let op = Op::decode(word)?;
    let names = matches!(op, Op::LocalFetch | Op::LocalStore) && word & BY_POSITION != 0;
    names.then_some(((word & !BY_POSITION) >> 16) as u16)
}

/// The word with the distance from the top in place of the position; `None` if no such cell is there.
fn with_distance(word: u32, position: u16, return_depth: i32) -> Option<u32> {
    let distance = return_depth - 1 - i32::from(position);
    let distance = u16::try_from(distance).ok()?;
    Some(word & 0xFF | u32::from(distance) << 16)
}

impl Pass<'_> {
    /// The first word of the instruction at `at`, its operand a distance.
    pub(super) fn resolved(&self, at: usize, return_depth: i32) -> Result<u32, CodeError> {
        let word = self.code[at];
        match position(word) {
            Some(position) if self.mode == Mode::Infer => {
                with_distance(word, position, return_depth).ok_or(CodeError::ReturnStack(at))
            }
            _ => Ok(word),
        }
    }

    /// Makes distances of all positions, once depths are final. Where nothing leads, any will do.
    pub(super) fn resolve_locals(&mut self) {
        if self.is_marked() {
            return;
        }
        for (word, slot) in self.code.iter_mut().zip(&*self.slots) {
            if slot.flags & START == 0 {
                continue;
            }
            if let Some(position) = position(*word) {
                let depth = i32::from(slot.return_depth);
                *word = with_distance(*word, position, depth).unwrap_or(*word & 0xFF);
            }
        }
    }
}
