//! Values in compiled code: code refers to them by number, in a vector that the instance keeps.

use crate::load::LoadError;
use crate::machine::Machine;
use crate::values::fault::Shown;
use crate::values::progress::{CONSTANTS, Open, Progress, RESULT, VALUE_ROOTS, reserve};
use crate::values::text_form::{READ_ROOM, READ_WORK, more_text};
use crate::{Step, Trap};
use core::fmt;
use stele_bytecode::instruction::Op;
use stele_memory::{Local, NeedSpace, ReadReason, Reading, Root, Session};

/// The name of the operation that code with a value in it has.
pub const CONSTANT: &str = "(constant)";

impl Machine<'_, '_> {
    /// Does `constant`.
    pub(crate) fn push_constant(&mut self) -> Result<(), Trap> {
        let number = self.core.operand.cast_signed();
        self.spill();
        let Open {
            session,
            mut stack,
            progress,
            roots,
        } = self.open_values();
        let constant = find(&session, progress, roots, number)?;
        stack.push(&session, constant)?;
        self.go_on(Op::Constant);
        Ok(())
    }

    /// How many values code refers to.
    pub(crate) fn constant_count(&mut self) -> u64 {
        let Open { session, roots, .. } = self.open_values();
        session
            .vector_len(session.load(&roots[CONSTANTS]))
            .unwrap_or(0)
    }

    /// Reads the value numbered `index` of a module from its text form, and keeps it for code to
    /// refer to.
    ///
    /// # Errors
    /// [`LoadError::Constant`] if it is no text of a value; [`Trap::OUT_OF_MEMORY`].
    pub(crate) fn add_constant(&mut self, index: u32, text: &str) -> Result<(), LoadError> {
        let mut reading = Reading::new();
        let read = self.read_constant(index, text, &mut reading);
        let Open { session, roots, .. } = self.open_values();
        session.end_reading(&mut reading);
        session.store(&mut roots[RESULT], session.nil());
        read
    }

    fn read_constant(
        &mut self,
        index: u32,
        text: &str,
        reading: &mut Reading,
    ) -> Result<(), LoadError> {
        let mut done = false;
        let mut collected = false;
        loop {
            let Open {
                mut session,
                progress,
                roots,
                ..
            } = self.open_values();
            match session.reserve(READ_ROOM) {
                Ok(()) if done => return Ok(append(&session, progress, roots).map(drop)?),
                Ok(()) => {}
                Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY.into()),
                Err(NeedSpace::Collect) => {
                    self.collect()?;
                    continue;
                }
            }
            match session.read_step(reading, text.as_bytes(), &mut { READ_WORK }) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    session.store(&mut roots[RESULT], value);
                    if let Some(error) = more_text(text.as_bytes(), reading.position()) {
                        return Err(LoadError::Constant(index, error));
                    }
                    done = true;
                }
                Err(error) if !matches!(error.reason, ReadReason::OutOfMemory(_)) => {
                    return Err(LoadError::Constant(index, error));
                }
                Err(_) if collected => return Err(Trap::OUT_OF_MEMORY.into()),
                Err(_) => {
                    collected = true;
                    self.collect_everything()?;
                }
            }
        }
    }

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

/// The value of that number.
fn find<'s>(
    session: &'s Session<'_>,
    progress: &mut Progress,
    roots: &[Root; VALUE_ROOTS],
    number: i64,
) -> Result<Local<'s>, Trap> {
    let constants = session.load(&roots[CONSTANTS]);
    let place = u64::try_from(number).ok();
    let constant = place.and_then(|place| session.vector_get(constants, place));
    constant.ok_or_else(|| {
        let length = session.vector_len(constants).unwrap_or(0);
        progress.fail(
            Trap::NO_SUCH_PLACE,
            format_args!("no constant {number} of {length}"),
        )
    })
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
    let constant = find(&session, progress, roots, number)?;
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
    reserve!(session, APPEND_ROOM);
    session.store(&mut roots[RESULT], session.load(stack.peek(0)?));
    let number = append(&session, progress, roots)?;
    session.store(&mut roots[RESULT], session.nil());
    stack.pop(&session)?;
    machine.push(number.cast_signed())?;
    Ok(Step::Done)
}

/// Bytes of the heap that [`append`] needs at most.
const APPEND_ROOM: usize = 2 * Session::worst_case_vector_push();
const _: () = assert!(
    APPEND_ROOM <= READ_ROOM,
    "what is reserved for reading serves for keeping, too"
);

/// Keeps what the operations' result is for code to refer to; returns its number.
fn append(
    session: &Session<'_>,
    progress: &mut Progress,
    roots: &mut [Root; VALUE_ROOTS],
) -> Result<u64, Trap> {
    let constants = session.load(&roots[CONSTANTS]);
    let constants = if session.is_nil(constants) {
        session.vector().map_err(|_| Trap::OUT_OF_MEMORY)?
    } else {
        constants
    };
    let number = session.vector_len(constants).unwrap_or(0);
    let more = session.vector_push(constants, session.load(&roots[RESULT]));
    let more = more.map_err(|refusal| progress.refused(session, constants, refusal))?;
    session.store(&mut roots[CONSTANTS], more);
    Ok(number)
}
