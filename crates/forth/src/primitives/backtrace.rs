//! Backtraces: the frames of what was thrown last and nobody handled, one by one.

use super::dictionary;
use stele_vm::{Machine, Step, Trap};

/// `( -- )`: goes back to the innermost frame.
pub(super) fn begin(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.begin_frames()?;
    Ok(Step::Done)
}

/// `( -- source line xt )`: the next frame: the word, 0 if it is forgotten, and where it was; -1 after
/// the last.
pub(super) fn next(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (source, line, token) = match machine.next_frame()? {
        None => (0, 0, -1),
        Some(frame) => {
            let (token, position) = dictionary::place_of(machine, &frame);
            (position.source.into(), position.line.into(), token)
        }
    };
    for cell in [source, line, token] {
        machine.push(cell)?;
    }
    Ok(Step::Done)
}

/// `( -- )`: forgets the frames.
pub(super) fn end(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.drop_backtrace();
    Ok(Step::Done)
}
