//! Values in compiled code: code refers to them by number, in a vector that the instance keeps.

use crate::machine::Machine;
use crate::values::fault::Shown;
use crate::values::progress::{CONSTANTS, Open, reserve};
use crate::{Step, Trap};
use core::fmt;
use stele_memory::Session;

/// The name of the operation that code with a value in it has.
pub const CONSTANT: &str = "(constant)";

impl Machine<'_, '_> {
    /// Writes the beginning of the text form of a value that code refers to; nothing if there is no
    /// such value.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_constant(&mut self, number: u64, out: &mut dyn fmt::Write) -> fmt::Result {
        let Open { session, roots, .. } = self.open_values();
        let constants = session.load(&roots[CONSTANTS]);
        match session.vector_get(constants, number) {
            Some(value) => write!(out, "{}", Shown::new(&session, value)),
            None => Ok(()),
        }
    }
}

/// `( n -- ) ( V: -- x )`
pub(super) fn get(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = machine.peek(0)?;
    let Open {
        session,
        mut stack,
        progress,
        roots,
    } = machine.open_values();
    let constants = session.load(&roots[CONSTANTS]);
    let place = u64::try_from(number).ok();
    let Some(constant) = place.and_then(|place| session.vector_get(constants, place)) else {
        let length = session.vector_len(constants).unwrap_or(0);
        return Err(progress.fail(
            Trap::NO_SUCH_PLACE,
            format_args!("no constant {number} of {length}"),
        ));
    };
    stack.push(&session, constant)?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( V: x -- ) ( -- n )`: keeps x for code that is compiled.
pub(super) fn add(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        mut session,
        mut stack,
        progress,
        roots,
    } = machine.open_values();
    reserve!(session, 2 * Session::worst_case_vector_push());
    let constants = session.load(&roots[CONSTANTS]);
    let constants = if session.is_nil(constants) {
        session.vector().map_err(|_| Trap::OUT_OF_MEMORY)?
    } else {
        constants
    };
    let number = session.vector_len(constants).unwrap_or(0);
    let value = session.load(stack.peek(0)?);
    let more = session.vector_push(constants, value);
    let more = more.map_err(|refusal| progress.refused(&session, constants, refusal))?;
    session.store(&mut roots[CONSTANTS], more);
    stack.pop(&session)?;
    machine.push(number.cast_signed())?;
    Ok(Step::Done)
}
