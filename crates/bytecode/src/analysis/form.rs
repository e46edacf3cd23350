//! What needs no interpretation: where instructions begin, that they are whole, what paths cost.

use super::slot::{START, TARGET};
use super::{Callees, CodeError, Lane, Slot};
use crate::instruction::{Flow, Op, Operands, float_bits, is_float};

/// Makes every check declare nothing; inference raises what they declare.
pub(super) fn clear_checks(code: &mut [u32]) {
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        if op == Op::Check || Lane::is_check(op) {
            code[at + 1] = 0;
        }
        at += op.words();
    }
}

/// How the code's last instruction goes on.
pub(super) struct Ending {
    /// Where the last instruction begins.
    pub(super) last: usize,
    /// True if it goes on to what would be next.
    pub(super) falls: bool,
}

/// Marks each instruction's first word and every word that a jump leads to, and checks that the words
/// decode.
pub(super) fn mark_instructions(code: &[u32], slots: &mut [Slot]) -> Result<Ending, CodeError> {
    let mut at = 0;
    let mut before = None;
    let mut ending = Ending {
        last: 0,
        falls: true,
    };
    while at < code.len() {
        let op = Op::decode(code[at]).ok_or(CodeError::NotAnInstruction(at))?;
        if before.and_then(exit_of) != Some(op).filter(|op| is_exit(*op)) {
            return Err(CodeError::Handler(at));
        }
        before = Some(op);
        let high_half_used = op.operands().uses_high_half();
        let spare = if high_half_used { 0xFF00 } else { 0xFFFF_FF00 };
        if code[at] & spare != 0 {
            return Err(CodeError::NotAnInstruction(at));
        }
        if at + op.words() > code.len() {
            return Err(CodeError::Truncated(at));
        }
        if op.operands() == Operands::Float && !is_float(float_bits(code[at + 1], code[at + 2])) {
            return Err(CodeError::NotAnInstruction(at));
        }
        slots[at].flags |= START;
        if op.operands().jumps()
            && let Some(target) = jump_target(code, at)
        {
            slots[target].flags |= TARGET;
        }
        ending = Ending {
            last: at,
            falls: !matches!(op.flow(), Flow::Jump | Flow::Tail | Flow::End),
        };
        at += op.words();
    }
    if before.and_then(exit_of).is_some() {
        return Err(CodeError::Handler(ending.last));
    }
    Ok(ending)
}

/// What has to stand behind an instruction that puts a handler's record on the return stack.
fn exit_of(enter: Op) -> Option<Op> {
    match enter {
        Op::CatchEnter => Some(Op::CatchExit),
        Op::TryEnter => Some(Op::TryExit),
        _ => None,
    }
}

/// True for what takes a handler's record off.
pub(super) fn is_exit(op: Op) -> bool {
    matches!(op, Op::CatchExit | Op::TryExit)
}

/// Computes, from the end backwards, what each instruction's path costs.
pub(super) fn measure_paths(
    code: &[u32],
    slots: &mut [Slot],
    callees: &dyn Callees,
) -> Result<(), CodeError> {
    for at in (0..code.len()).rev() {
        if slots[at].flags & START == 0 {
            continue;
        }
        let Some(op) = Op::decode(code[at]) else {
            continue;
        };
        let own = match op.operands() {
            Operands::Primitive => {
                callees
                    .primitive((code[at] >> 16) as u16)
                    .ok_or(CodeError::Unknown(at))?
                    .cost
            }
            _ => op.cost(),
        };
        let rest = match op.ends_path() {
            true => 0,
            false => slots.get(at + op.words()).map_or(0, |slot| slot.path),
        };
        slots[at].path = own.saturating_add(rest);
    }
    Ok(())
}

/// The position a jump at `at` leads to, if it is an instruction of this code.
#[must_use]
pub fn jump_target(code: &[u32], at: usize) -> Option<usize> {
    let distance = i64::from(code.get(at + 1)?.cast_signed());
    let target = usize::try_from(i64::try_from(at).ok()? + distance).ok()?;
    (target < code.len()).then_some(target)
}
