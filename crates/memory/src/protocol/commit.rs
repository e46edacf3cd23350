//! Several atoms, all or none.
//!
//! The descriptor is put into each atom in turn, in order of offset, where the atom has the value
//! it must have; then the status is exchanged, which is the moment in which everything happens;
//! then the values take the places of the names. Until the status is committed readers see the old
//! values, from then on the new ones, in all atoms at once.
//!
//! The order of offset keeps two transactions from waiting for each other. A transaction that is
//! called off by somebody who lost patience has changed nothing and can be tried again, with
//! another descriptor: slow finishers may still hold this one's name.
//!
//! Atoms that are only read take part with the same old and new value, so a commit also proves that
//! all of them had these values in one moment.

use super::Words;
use super::atom::{finish, remove, replace};
use super::descriptor::{self, Change, Named, Status, is_descriptor};

/// Why a transaction did not happen; no atom has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// An atom had another value.
    Changed {
        /// Which change it was, counted from 0.
        change: usize,
        /// The value that the atom had.
        found: u64,
    },
    /// Another thread lost patience. Everything may still be as it must be: try again.
    CalledOff,
}

/// Lets the transaction happen whose descriptor was [written](descriptor::write) at `descriptor`
/// and has not been committed before.
///
/// # Errors
/// If it did not happen.
pub fn commit<W: Words>(words: &W, descriptor: u64) -> Result<(), Failure> {
    let changes = descriptor::changes(words, descriptor);
    let mut installed = 0;
    let mut failure = Failure::CalledOff;
    while installed < changes {
        match install(words, descriptor, installed) {
            Ok(()) => installed += 1,
            Err(reason) => {
                failure = reason;
                break;
            }
        }
    }
    let decided = descriptor::decide(words, descriptor, installed == changes);
    for index in 0..installed {
        let atom = descriptor::change(words, descriptor, index).atom;
        finish(words, atom, descriptor::name(descriptor, index), decided);
    }
    match decided {
        Status::Committed => Ok(()),
        Status::Failed | Status::Undecided => Err(failure),
    }
}

/// Puts the name of a change into its atom, if the atom has the value it must have.
fn install<W: Words>(words: &W, descriptor: u64, index: u64) -> Result<(), Failure> {
    let Change { atom, old, .. } = descriptor::change(words, descriptor, index);
    let changed = |found| Failure::Changed {
        change: index as usize,
        found,
    };
    let name = descriptor::name(descriptor, index);
    while let Err(found) = replace(words, atom, old, name) {
        if !is_descriptor(found) {
            return Err(changed(found));
        }
        // Not worth waiting for if the value is wrong already: as a load of it (see `atom::load`).
        let other = Named::of(found);
        let value = other.value(words, descriptor::status(words, other.descriptor));
        if value != old {
            return Err(changed(value));
        }
        remove(words, atom, found);
        if descriptor::status(words, descriptor) == Status::Failed {
            return Err(Failure::CalledOff);
        }
    }
    Ok(())
}
