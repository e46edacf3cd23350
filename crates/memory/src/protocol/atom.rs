//! One atom: reading its word and replacing it.
//!
//! A reader never waits and never writes. A writer that comes upon an undecided transaction waits
//! for it, and after [`PATIENCE`](Words::PATIENCE) turns calls it off: so a thread that the
//! operating system took the processor from in the middle of a commit holds nobody up.
//!
//! Each operation takes effect in one moment between its beginning and its end. For a load of a
//! value that is the load of the word; for a swap and for a comparison that succeeded, the
//! exchange. Reading through a descriptor is argued at [`load`].

use core::sync::atomic::Ordering;

use super::descriptor::{self, Named, Status, is_descriptor};
use super::{AtomicWord, Words};

/// The value of the atom whose word is at `atom`.
#[inline(always)]
pub fn load<W: Words>(words: &W, atom: u64) -> u64 {
    let word = words.word(atom).load(Ordering::SeqCst);
    if is_descriptor(word) {
        return read_through(words, word);
    }
    word
}

/// The value of an atom in whose word a descriptor was found.
///
/// When the name was found, the atom had the value that the status then gave it. If the status read
/// now is the same, the load took effect when the name was found; a status that is not committed
/// was not committed then either. If it was undecided then and is committed now, the transaction
/// took effect in between, with the name still in place, and the load right after it.
#[cold]
fn read_through<W: Words>(words: &W, name: u64) -> u64 {
    let named = Named::of(name);
    named.value(words, descriptor::status(words, named.descriptor))
}

/// Makes `new` the value of the atom whose word is at `atom`; answers the value it had.
pub fn swap<W: Words>(words: &W, atom: u64, new: u64) -> u64 {
    let mut found = words.word(atom).load(Ordering::SeqCst);
    loop {
        if is_descriptor(found) {
            found = remove(words, atom, found);
            continue;
        }
        match replace(words, atom, found, new) {
            Ok(()) => return found,
            Err(other) => found = other,
        }
    }
}

/// Makes `new` the value of the atom whose word is at `atom` if its value is `current`.
///
/// # Errors
/// The value it has otherwise; that never waits for anybody.
#[inline]
pub fn compare_exchange<W: Words>(words: &W, atom: u64, current: u64, new: u64) -> Result<(), u64> {
    match replace(words, atom, current, new) {
        Err(found) if is_descriptor(found) => exchange_behind(words, atom, found, current, new),
        other => other,
    }
}

/// [`compare_exchange`] where `found` names a descriptor.
#[cold]
fn exchange_behind<W: Words>(
    words: &W,
    atom: u64,
    mut found: u64,
    current: u64,
    new: u64,
) -> Result<(), u64> {
    while is_descriptor(found) {
        // As a load: the value differs in the moment in which that takes effect.
        let value = read_through(words, found);
        if value != current {
            return Err(value);
        }
        remove(words, atom, found);
        match replace(words, atom, current, new) {
            Ok(()) => return Ok(()),
            Err(other) => found = other,
        }
    }
    Err(found)
}

/// Puts the value of the atom into its word, if a descriptor is there, and answers the value. For
/// the collector, while all other threads are stopped: transactions that are not decided by then
/// never will be, and are called off.
pub fn settle<W: Words>(words: &W, atom: u64) -> u64 {
    let mut found = words.word(atom).load(Ordering::SeqCst);
    while is_descriptor(found) {
        let named = Named::of(found);
        let decided = descriptor::decide(words, named.descriptor, false);
        found = finish(words, atom, found, decided);
    }
    found
}

/// Gets a descriptor out of the atom's way; answers what is in the word now, which may be anything.
pub(super) fn remove<W: Words>(words: &W, atom: u64, name: u64) -> u64 {
    let named = Named::of(name);
    let mut turn = 0;
    let status = loop {
        match descriptor::status(words, named.descriptor) {
            Status::Undecided if turn < W::PATIENCE => {
                words.pause(turn);
                turn += 1;
            }
            Status::Undecided => break descriptor::decide(words, named.descriptor, false),
            decided => break decided,
        }
    };
    finish(words, atom, name, status)
}

/// Replaces the name of a descriptor by the value that its decision gave the atom, unless somebody
/// did; answers what is in the word now.
///
/// No name comes back to a word that it was taken from: its owner installs it there once. So a
/// slow finisher cannot hit a later transaction.
pub(super) fn finish<W: Words>(words: &W, atom: u64, name: u64, decided: Status) -> u64 {
    let value = Named::of(name).value(words, decided);
    match replace(words, atom, name, value) {
        Ok(()) => value,
        Err(found) => found,
    }
}

/// Exchanges the word, or answers the one that was there instead.
#[inline(always)]
pub(super) fn replace<W: Words>(words: &W, atom: u64, current: u64, new: u64) -> Result<(), u64> {
    words
        .word(atom)
        .compare_exchange(current, new, Ordering::SeqCst, Ordering::SeqCst)
        .map(drop)
}
