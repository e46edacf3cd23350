//! What threads do to the same words at the same time: the only place where that is decided.
//!
//! Everything else in this crate belongs to one thread, or is written before others can see it and
//! never again. Here are the exceptions: the value words of atoms ([`atom`], [`commit`]), the word
//! by which threads stop for a collection ([`rendezvous`]), and the lock of the block allocator
//! ([`lock`]).
//!
//! All of it is generic over [`Words`]: in the arena these are words of the processor, in
//! `tests/protocol` they are loom's, which tries the orders in which threads can run. Both run this
//! code, so what is checked is what is used.
//!
//! What this module never does: allocate, block in the operating system, touch a value that is not
//! a word of its own. It knows nothing of kinds of values: a word is a value or a descriptor.
//!
//! Read `mod` (the words), `descriptor`, `atom`, `commit`, `rendezvous`, `lock`.
//!
//! # Memory orders
//! Whoever publishes a word (`swap`, `compare_exchange`, the installing of a descriptor) has
//! written all that the word leads to before; the write of the word releases that, and the read of
//! it acquires it. That is all that memory safety needs, and all that loom relies on: it has no
//! order over different words but the one by release and acquire.
//!
//! Every access to the value word of an atom and to the status of a transaction is moreover
//! sequentially consistent, since atoms promise more than safety: operations on *different* atoms
//! take effect in one order, which agrees with every thread's own. With release and acquire alone
//! two threads that each swap an atom and then load the other's could both miss the other's swap.
//! The price is nothing: the load is `mov` on x86-64 and `ldar` on arm64, as for acquire, and the
//! exchanges are the same instructions too.

pub mod atom;
pub mod commit;
pub mod descriptor;
pub mod lock;
pub mod rendezvous;

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

/// A word that several threads may read and write at once.
pub trait AtomicWord {
    /// Reads the word.
    fn load(&self, order: Ordering) -> u64;

    /// Writes the word.
    fn store(&self, word: u64, order: Ordering);

    /// Writes `new` if the word is `current`; otherwise answers what it is. Never fails when it is.
    ///
    /// # Errors
    /// The word found, if it is not `current`.
    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64>;
}

/// Where the words are, and how a thread waits for another.
pub trait Words {
    /// The kind of word.
    type Word: AtomicWord;

    /// How many turns a writer waits for a transaction that has begun to take effect before it
    /// calls it off.
    const PATIENCE: u32;

    /// The word at `offset`, in bytes: the value word of an atom, or a word of a descriptor that
    /// such a word names.
    fn word(&self, offset: u64) -> &Self::Word;

    /// Waits a little, for the turn number `turn` of one wait, counted from 0.
    fn pause(&self, turn: u32);
}

impl AtomicWord for AtomicU64 {
    #[inline(always)]
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    #[inline(always)]
    fn store(&self, word: u64, order: Ordering) {
        self.store(word, order);
    }

    #[inline(always)]
    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.compare_exchange(current, new, success, failure)
    }
}

/// The words of an arena.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    base: NonNull<u8>,
    pause: fn(u32),
}

impl Region {
    /// The region that begins at `base`. `pause` is what [`Words::pause`] does: it may give the
    /// processor away; where there is one thread alone it is never called.
    ///
    /// # Safety
    /// As long as this or a copy of it is used, every offset given to a function of this module
    /// with it is that of an aligned, initialised word of the region, which while they may use it
    /// all threads access through this module only; and every word of an atom that is a descriptor
    /// by its form is one that [`descriptor::write`] wrote and that has not been freed since.
    #[must_use]
    pub const unsafe fn new(base: NonNull<u8>, pause: fn(u32)) -> Region {
        Region { base, pause }
    }
}

impl Words for Region {
    type Word = AtomicU64;

    const PATIENCE: u32 = 256;

    #[inline(always)]
    fn word(&self, offset: u64) -> &AtomicU64 {
        // SAFETY: the promise given to `new`: there is such a word, aligned, initialised, and no
        // plain access to it races with the ones made through this reference.
        unsafe { self.base.byte_add(offset as usize).cast().as_ref() }
    }

    fn pause(&self, turn: u32) {
        (self.pause)(turn);
    }
}
