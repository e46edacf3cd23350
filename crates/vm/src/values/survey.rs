//! All values of the instance in one hash: what the parity hash knows of them.
//!
//! These are the value stack from its top down, the values in code, the log of the open transaction,
//! what the language keeps and names, what was thrown last, and then what each atom holds that can be
//! reached from them, through other atoms as well, each
//! once. It is one operation, so that what it has found is kept as that of any other: it may be
//! stopped between two steps, saved and verified.

use crate::control_block::THROWN_ROOT;
use crate::machine::Machine;
use crate::value_stack::ValueStack;
use crate::values::progress::{
    CONSTANTS, LOG, Open, Progress, VALUE_ROOTS, WORK, out_of_memory, weight,
};
use crate::{Step, Trap};
use core::ops::ControlFlow::{self, Break, Continue};
use stele_memory::{Local, Root, Session};

/// Cost units for each value, beside its weight.
const COST_OF_VALUE: u64 = 4;

/// The value that is next; none behind that of the last atom that was met.
fn next_value<'a>(
    session: &'a Session<'_>,
    stack: &ValueStack<'_>,
    progress: &Progress,
    roots: &[Root; VALUE_ROOTS],
    kept: &[usize],
) -> Result<Option<Local<'a>>, Trap> {
    let (place, depth) = (progress.place, stack.depth() as u64);
    Ok(match place.checked_sub(depth) {
        None => Some(session.load(stack.peek(place as usize)?)),
        Some(0) => Some(session.load(&roots[CONSTANTS])),
        Some(1) => Some(session.load(&roots[LOG])),
        Some(2) => Some(session.load(&stack.kept()[THROWN_ROOT])),
        Some(more) => match kept.get(more as usize - 3) {
            Some(root) => stack.kept().get(*root).map(|root| session.load(root)),
            None => session.exact_hash_met(&progress.exact, more - 3 - kept.len() as u64),
        },
    })
}

impl Machine<'_, '_> {
    /// Goes on with the hash of all values of the instance, those in the roots `kept` of its language
    /// among them, which tells apart all that is not identical, for a primitive that does nothing else in that run: it ends as it is told, and is
    /// run again, until the hash is there.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`].
    pub fn hash_values(&mut self, kept: &[usize]) -> Result<ControlFlow<Step, u64>, Trap> {
        self.begin_operation();
        let mut units = WORK;
        while units > 0 {
            let Open {
                session,
                stack,
                progress,
                roots,
            } = self.open_values();
            let Some(value) = next_value(&session, &stack, progress, roots, kept)? else {
                return Ok(Continue(session.finish_exact_hash(&mut progress.exact)));
            };
            let due = COST_OF_VALUE.saturating_add(weight(&session, value));
            if !self.pay(due) {
                return Ok(Break(Step::Again));
            }
            // So that one run does not charge for more values than it has units either.
            units = units.saturating_sub(COST_OF_VALUE);
            if let Break(step) = self.take_in(&mut units, kept)? {
                return Ok(Break(step));
            }
        }
        Ok(Break(self.tire(WORK)))
    }

    /// Takes the value that is next into the hash.
    fn take_in(&mut self, units: &mut u64, kept: &[usize]) -> Result<ControlFlow<Step>, Trap> {
        let Open {
            session,
            stack,
            progress,
            roots,
        } = self.open_values();
        let Some(value) = next_value(&session, &stack, progress, roots, kept)? else {
            return Ok(Continue(()));
        };
        match session.exact_hash_step(&mut progress.exact, value, units) {
            Ok(true) => {
                progress.place += 1;
                progress.pay_anew();
                Ok(Continue(()))
            }
            Ok(false) => Ok(Break(self.tire(WORK))),
            Err(error) => out_of_memory(progress, &error).map(Break),
        }
    }
}
