//! Words of loom, laid out as a few atoms and behind them room for each thread's descriptors.

use std::sync::atomic::Ordering;

use loom::sync::Arc;
use stele_memory::protocol::commit::{self, Failure};
use stele_memory::protocol::descriptor::{self, Change};
use stele_memory::protocol::{AtomicWord, Words, atom};

/// A word of loom.
pub(crate) struct LoomWord(loom::sync::atomic::AtomicU64);

impl AtomicWord for LoomWord {
    fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }

    fn store(&self, word: u64, order: Ordering) {
        self.0.store(word, order);
    }

    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.0.compare_exchange(current, new, success, failure)
    }
}

impl LoomWord {
    pub(crate) fn new(word: u64) -> LoomWord {
        LoomWord(loom::sync::atomic::AtomicU64::new(word))
    }
}

/// Words that are waited for as long as it takes, or not at all.
pub(crate) struct LoomWords<const PATIENCE: u32>(Vec<LoomWord>);

impl<const PATIENCE: u32> Words for LoomWords<PATIENCE> {
    type Word = LoomWord;

    const PATIENCE: u32 = PATIENCE;

    fn word(&self, offset: u64) -> &LoomWord {
        &self.0[offset as usize / 8]
    }

    fn pause(&self, _: u32) {
        loom::thread::yield_now();
    }
}

/// Most changes of a transaction here.
const CHANGES: usize = 3;

/// A word that is a value: an integer as the arena has it, so never a descriptor.
pub(crate) fn integer(integer: u64) -> u64 {
    integer << 3 | 0b010
}

/// The number in a word that is a value.
pub(crate) fn number(word: u64) -> u64 {
    assert!(!descriptor::is_descriptor(word));
    word >> 3
}

/// Some atoms, and room for `transactions` descriptors.
pub(crate) struct Atoms<const PATIENCE: u32> {
    words: LoomWords<PATIENCE>,
    atoms: usize,
}

/// Waits as long as it takes.
pub(crate) const PATIENT: u32 = u32::MAX;
/// Calls off at once what is in the way.
pub(crate) const IMPATIENT: u32 = 0;

impl<const PATIENCE: u32> Atoms<PATIENCE> {
    pub(crate) fn new(values: &[u64], transactions: usize) -> Arc<Self> {
        let room = transactions * descriptor::words(CHANGES);
        let words = values.iter().map(|value| integer(*value));
        let words = words.chain((0..room).map(|_| 0)).map(LoomWord::new);
        Arc::new(Atoms {
            words: LoomWords(words.collect()),
            atoms: values.len(),
        })
    }

    pub(crate) fn load(&self, index: usize) -> u64 {
        number(atom::load(&self.words, 8 * index as u64))
    }

    pub(crate) fn swap(&self, index: usize, value: u64) -> u64 {
        number(atom::swap(&self.words, 8 * index as u64, integer(value)))
    }

    pub(crate) fn settle(&self, index: usize) -> u64 {
        number(atom::settle(&self.words, 8 * index as u64))
    }

    pub(crate) fn exchange(&self, index: usize, current: u64, new: u64) -> Result<(), u64> {
        let at = 8 * index as u64;
        atom::compare_exchange(&self.words, at, integer(current), integer(new)).map_err(number)
    }

    /// Writes the descriptor number `transaction` without committing it.
    pub(crate) fn prepare(&self, transaction: usize, changes: &[(usize, u64, u64)]) -> u64 {
        let at = 8 * (self.atoms + transaction * descriptor::words(CHANGES)) as u64;
        let changes = changes.iter().map(|(index, old, new)| Change {
            atom: 8 * *index as u64,
            old: integer(*old),
            new: integer(*new),
        });
        descriptor::write(&self.words, at, changes);
        at
    }

    /// A transaction with the descriptor number `transaction`, of atoms with their old and new
    /// values; each descriptor serves once.
    pub(crate) fn commit(
        &self,
        transaction: usize,
        changes: &[(usize, u64, u64)],
    ) -> Result<(), Failure> {
        commit::commit(&self.words, self.prepare(transaction, changes))
    }

    /// Whether no word of an atom names a descriptor any more.
    pub(crate) fn is_settled(&self) -> bool {
        let words = &self.words.0[..self.atoms];
        let mut words = words.iter().map(|word| word.load(Ordering::Relaxed));
        words.all(|word| !descriptor::is_descriptor(word))
    }
}

/// Runs `test` in every order, with at most `switches` switches of threads that could have gone on.
pub(crate) fn explore(switches: usize, test: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(switches);
    builder.check(test);
}
