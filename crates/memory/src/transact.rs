//! Transactions: several atoms change in one moment, all or none.
//!
//! First each atom is compared with what is expected of it. What was found identical is remembered,
//! and [`commit`](crate::protocol::commit) asks for these very values, so that nothing has to be
//! compared while it takes effect. If an atom has another value by then, that is compared, and so
//! on.

use core::cmp::Ordering;

use crate::atom::Atom;
use crate::compare::{Comparison, Question};
use crate::object::{Kind, size_of_object};
use crate::protocol::commit::{Failure, commit};
use crate::protocol::descriptor::{self, Change, MAXIMUM_CHANGES};
use crate::scratch::Scratch;
use crate::session::{Local, Refusal, Session};
use crate::value::Value;

/// A transaction that may be interrupted, as a [`Comparison`] may be. Whoever gives one up before it
/// is done ends it with [`Session::end_transaction`].
#[repr(C)]
#[derive(Debug, Default)]
pub struct Transaction {
    comparison: Comparison,
    /// What the atoms held when they were compared, in the order of the changes; a hole for those
    /// that are still to be compared.
    seen: Scratch,
    /// Which change is being compared.
    index: u64,
}

impl Transaction {
    /// A transaction that has not begun.
    #[must_use]
    pub const fn new() -> Transaction {
        Transaction {
            comparison: Comparison::new(),
            seen: Scratch::NONE,
            index: 0,
        }
    }
}

/// What a transaction does to one atom.
#[derive(Clone, Copy, Debug)]
pub struct AtomChange<'a> {
    /// The atom.
    pub atom: Atom<'a>,
    /// What it must hold: something identical to this.
    pub expected: Local<'a>,
    /// What it holds afterwards. For an atom that is only to be read in the same moment, the same
    /// as `expected`.
    pub new: Local<'a>,
}

impl Session<'_> {
    /// Changes several atoms in one moment if in that moment each holds something identical to what
    /// is expected of it; says whether they did.
    ///
    /// # Errors
    /// If there is no room; if an atom is there twice; if there are more than 65,536 changes. Nothing
    /// has been changed then.
    pub fn atoms_transact(&self, changes: &[AtomChange<'_>]) -> Result<bool, Refusal> {
        let mut transaction = Transaction::new();
        loop {
            let mut units = u64::MAX;
            let change = |index: usize| changes[index];
            let count = changes.len();
            let step = self.atoms_transact_step(&mut transaction, count, change, &mut units)?;
            if let Some(done) = step {
                return Ok(done);
            }
        }
    }

    /// Goes on with [`Session::atoms_transact`] of the changes that `change` answers for 0 up to
    /// `count`, for at most `units` units of work, from which it takes what it did; none if it is
    /// not done: also if somebody else stored something in between. The changes are the same at each
    /// step.
    ///
    /// # Errors
    /// As [`Session::atoms_transact`]; the transaction then begins anew.
    pub fn atoms_transact_step<'a>(
        &'a self,
        transaction: &mut Transaction,
        count: usize,
        change: impl Fn(usize) -> AtomChange<'a>,
        units: &mut u64,
    ) -> Result<Option<bool>, Refusal> {
        let step = self.transact(transaction, count, change, units);
        if !matches!(step, Ok(None)) {
            self.end_transaction(transaction);
        }
        step
    }

    /// Gives a transaction up.
    pub fn end_transaction(&self, transaction: &mut Transaction) {
        self.end_comparison(&mut transaction.comparison);
        self.close_scratch(&mut transaction.seen);
        transaction.index = 0;
    }

    /// What a step of a transaction over so many atoms can need at most, in bytes, for
    /// [`Session::reserve`].
    #[must_use]
    pub const fn worst_case_transaction(changes: usize) -> usize {
        size_of_object(descriptor::words(changes))
    }

    fn transact<'a>(
        &'a self,
        transaction: &mut Transaction,
        count: usize,
        change: impl Fn(usize) -> AtomChange<'a>,
        units: &mut u64,
    ) -> Result<Option<bool>, Refusal> {
        if count > MAXIMUM_CHANGES {
            return Err(Refusal::OutOfRange {
                index: count as u64,
                length: MAXIMUM_CHANGES as u64,
            });
        }
        match self.compare_all(transaction, count, &change, units)? {
            Some(true) => {}
            other => return Ok(other),
        }
        *units = units.saturating_sub(count as u64);
        let seen = |index| match self.view(&transaction.seen) {
            Some(view) => view.get(index),
            None => change(index).expected.value,
        };
        match self.commit_changes(count, &change, seen)? {
            Ok(()) => return Ok(Some(true)),
            Err(Failure::Changed { .. }) => transaction.index = 0,
            Err(Failure::CalledOff) => {}
        }
        // Another try needs another descriptor, so it comes with the next step.
        Ok(None)
    }

    /// Goes on comparing each atom with what is expected of it; if all are identical, what they held
    /// is in `seen`, or they hold the very values expected and there is no `seen`.
    fn compare_all<'a>(
        &'a self,
        transaction: &mut Transaction,
        count: usize,
        change: impl Fn(usize) -> AtomChange<'a>,
        units: &mut u64,
    ) -> Result<Option<bool>, Refusal> {
        let holds = |index| self.atom_load(change(index).atom).value;
        if transaction.seen.is_none() {
            if (0..count).all(|index| holds(index) == change(index).expected.value) {
                return Ok(Some(true));
            }
            transaction.seen = self.open_scratch(0, count)?;
            if let Some(view) = self.view(&transaction.seen) {
                view.fill(count, Value::HOLE);
            }
        }
        while (transaction.index as usize) < count {
            let index = transaction.index as usize;
            let Some(seen) = self.view(&transaction.seen) else {
                return Ok(Some(false));
            };
            let (held, expected) = (holds(index), change(index).expected.value);
            if held != seen.get(index) {
                self.end_comparison(&mut transaction.comparison);
                seen.set(index, held);
            }
            let question = Question::Identical;
            let comparison = &mut transaction.comparison;
            match self.compare_step(question, comparison, held, expected, units)? {
                None => return Ok(None),
                Some(Ordering::Equal) => transaction.index += 1,
                Some(_) => return Ok(Some(false)),
            }
        }
        Ok(Some(true))
    }

    /// Changes the atoms if each holds the very value that it was seen to hold.
    fn commit_changes<'a>(
        &'a self,
        count: usize,
        change: impl Fn(usize) -> AtomChange<'a>,
        seen: impl Fn(usize) -> Value,
    ) -> Result<Result<(), Failure>, Refusal> {
        let words = descriptor::words(count);
        let (local, payload) = self.make(Kind::Bytes, 0, words)?;
        let (changes, _) = payload[2..].as_chunks_mut::<3>();
        for (index, words) in changes.iter_mut().enumerate() {
            let AtomChange { atom, new, .. } = change(index);
            *words = [atom.at, seen(index).word(), new.value.word()];
        }
        changes.sort_unstable_by_key(|[atom, ..]| *atom);
        if changes.windows(2).any(|pair| pair[0][0] == pair[1][0]) {
            return Err(Refusal::SameAtomTwice);
        }
        let first: *const [u64; 3] = changes.as_ptr();
        // SAFETY: the changes lie in the object that was just made; each is read before it is
        // written again, as it is.
        let sorted = (0..count).map(|index| unsafe { first.add(index).read() });
        let at = local.value.offset() + 8;
        let region = self.region();
        descriptor::write(
            &region,
            at,
            sorted.map(|[atom, old, new]| Change { atom, old, new }),
        );
        // Shares the new values, and the descriptor: others may look into it even when it is done.
        self.seal();
        Ok(commit(&region, at))
    }
}
