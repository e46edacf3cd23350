//! The lock of the arena's block allocator.
//!
//! A chunk lasts for thousands of objects, so the lock is taken rarely and held shortly; whoever
//! finds it taken waits with its `pause`, which may give the processor to the holder.

use core::sync::atomic::Ordering;

use super::AtomicWord;

/// A word that is 1 while somebody holds the lock.
#[derive(Debug)]
pub struct Lock<A> {
    word: A,
}

/// Holds a lock until it is dropped.
#[derive(Debug)]
pub struct Held<'l, A: AtomicWord> {
    lock: &'l Lock<A>,
}

impl<A: AtomicWord> Lock<A> {
    /// `word` must be 0: nobody holds the lock.
    #[must_use]
    pub const fn new(word: A) -> Lock<A> {
        Lock { word }
    }

    /// Takes the lock; while another holds it, calls `pause` with the number of the turn.
    ///
    /// Taking acquires what the last holder did, which released it.
    pub fn take(&self, pause: impl Fn(u32)) -> Held<'_, A> {
        let mut turn = 0;
        while self
            .word
            .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            pause(turn);
            turn = turn.saturating_add(1);
        }
        Held { lock: self }
    }
}

impl<A: AtomicWord> Drop for Held<'_, A> {
    fn drop(&mut self) {
        self.lock.word.store(0, Ordering::Release);
    }
}
