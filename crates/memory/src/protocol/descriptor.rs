//! Descriptors: what a transaction over several atoms is about to do, and whether it has happened.
//!
//! | word | meaning |
//! |---|---|
//! | 0 | status: undecided, committed or failed |
//! | 1 | number of changes |
//! | 2 + 3·i | offset of the value word of the i-th atom, in ascending order |
//! | 3 + 3·i | the word it must have |
//! | 4 + 3·i | the word it gets |
//!
//! Only the status is ever written again, once. A descriptor lies in the heap of the thread that
//! wrote it and is garbage when the transaction is over; it stays until the next stop of all
//! threads, so a reader that has just come across it can look into it without asking anybody.
//!
//! While a transaction takes effect, the value word of an atom names a descriptor and one of its
//! changes in place of a value:
//!
//! | bits | meaning |
//! |---|---|
//! | 0 to 7 | [`TAG`], which no value has |
//! | 8 to 31 | number of the change |
//! | 32 to 63 | offset of the descriptor |

use core::sync::atomic::Ordering;

use super::{AtomicWord, Words};

/// The lowest byte of a word that names a descriptor. No value has it: as an immediate it would be
/// of a sort that does not exist.
pub const TAG: u64 = 30 << 3;

/// Most changes that one descriptor can have.
pub const MAXIMUM_CHANGES: usize = 1 << 16;

/// What a transaction does to one atom: its word shall be `old`, and becomes `new`. For an atom
/// that is only to be read in the same moment both are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Offset of the value word, in bytes.
    pub atom: u64,
    /// The value that it must have.
    pub old: u64,
    /// The value that it gets.
    pub new: u64,
}

/// What has become of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// It has not happened, and may still.
    Undecided,
    /// It has happened.
    Committed,
    /// It will never happen.
    Failed,
}

const UNDECIDED: u64 = 0;
const COMMITTED: u64 = 1;
const FAILED: u64 = 2;

/// Words of a descriptor for so many changes.
#[must_use]
pub const fn words(changes: usize) -> usize {
    2 + 3 * changes
}

/// Whether a word of an atom names a descriptor; otherwise it is a value.
#[inline(always)]
#[must_use]
pub const fn is_descriptor(word: u64) -> bool {
    word & 0xFF == TAG
}

/// Writes a descriptor of `changes`, undecided, to the words from `at` on, a multiple of 8. Nobody
/// else can see them yet, so no order is needed: installing the descriptor releases them.
///
/// The changes are in strictly ascending order of offset, at most [`MAXIMUM_CHANGES`].
pub fn write<W: Words>(words: &W, at: u64, changes: impl ExactSizeIterator<Item = Change>) {
    debug_assert!(changes.len() <= MAXIMUM_CHANGES);
    let put = |index: u64, word: u64| words.word(at + 8 * index).store(word, Ordering::Relaxed);
    put(0, UNDECIDED);
    put(1, changes.len() as u64);
    for (index, Change { atom, old, new }) in (0..).zip(changes) {
        debug_assert!(!is_descriptor(old) && !is_descriptor(new));
        put(2 + 3 * index, atom);
        put(3 + 3 * index, old);
        put(4 + 3 * index, new);
    }
}

/// The word that names a change of a descriptor.
pub(super) fn name(descriptor: u64, change: u64) -> u64 {
    descriptor << 32 | change << 8 | TAG
}

/// A word that [`is_descriptor`], taken apart.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) descriptor: u64,
    change: u64,
}

impl Named {
    pub(super) fn of(word: u64) -> Named {
        Named {
            descriptor: word >> 32,
            change: word >> 8 & 0xFF_FFFF,
        }
    }

    /// The change. Whoever has read the name has acquired what was written before it was
    /// installed, and these words are never written again.
    pub(super) fn change<W: Words>(self, words: &W) -> Change {
        change(words, self.descriptor, self.change)
    }

    /// The value that the atom has by now, given the status.
    pub(super) fn value<W: Words>(self, words: &W, status: Status) -> u64 {
        let change = self.change(words);
        match status {
            Status::Committed => change.new,
            Status::Undecided | Status::Failed => change.old,
        }
    }
}

/// How many changes a descriptor has.
pub(super) fn changes<W: Words>(words: &W, descriptor: u64) -> u64 {
    words.word(descriptor + 8).load(Ordering::Relaxed)
}

/// A change of a descriptor.
pub(super) fn change<W: Words>(words: &W, descriptor: u64, index: u64) -> Change {
    let get = |place: u64| {
        let word = words.word(descriptor + 8 * (2 + 3 * index + place));
        word.load(Ordering::Relaxed)
    };
    Change {
        atom: get(0),
        old: get(1),
        new: get(2),
    }
}

/// What has become of the transaction of a descriptor.
pub(super) fn status<W: Words>(words: &W, descriptor: u64) -> Status {
    status_of(words.word(descriptor).load(Ordering::SeqCst))
}

/// Decides a transaction, unless somebody was faster; answers what it is decided to.
///
/// Committing releases all installations, which come before it in the owner's order: who acquires
/// the status also finds the descriptor, or what came after it, in every other atom of the
/// transaction.
pub(super) fn decide<W: Words>(words: &W, descriptor: u64, commit: bool) -> Status {
    let to = if commit { COMMITTED } else { FAILED };
    let word = words.word(descriptor);
    match word.compare_exchange(UNDECIDED, to, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => status_of(to),
        Err(found) => status_of(found),
    }
}

fn status_of(word: u64) -> Status {
    match word {
        COMMITTED => Status::Committed,
        FAILED => Status::Failed,
        _ => Status::Undecided,
    }
}
