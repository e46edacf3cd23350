//! The rendezvous: how one thread comes to be the only one that runs.
//!
//! One word: in bit 0 whether a stop is asked for, above it the number of threads that run. A
//! thread runs between [`enter`](Rendezvous::enter) and [`leave`](Rendezvous::leave); in between it
//! looks at [`stop_requested`](Rendezvous::stop_requested) at its safepoints and, if so,
//! [parks](Rendezvous::park). One that is about to wait for something else leaves and enters again
//! when it comes back, so nobody waits for it.
//!
//! ```text
//! one thread:    try_stop ── wait_for_others ══ alone ══ resume
//! the others:    … stop_requested ── park ─────────────────┘ …
//! ```
//!
//! Whoever leaves or parks releases what it wrote, and [`wait_for_others`](Rendezvous::wait_for_others)
//! acquires it; [`resume`](Rendezvous::resume) releases what was done alone, and entering acquires
//! it. All changes of the word are exchanges, so each one carries on the releases before it.

use core::sync::atomic::Ordering;

use super::AtomicWord;

/// The word. It belongs to the threads, not to the arena: an image has no threads.
#[derive(Debug)]
pub struct Rendezvous<A> {
    state: A,
}

const STOP: u64 = 1;
const ONE: u64 = 2;

impl<A: AtomicWord> Rendezvous<A> {
    /// `word` must be 0: nobody runs, and no stop is asked for.
    #[must_use]
    pub const fn new(word: A) -> Rendezvous<A> {
        Rendezvous { state: word }
    }

    /// Begins to run. While there is a stop, waits until it is over by calling `pause` with the
    /// number of the turn.
    pub fn enter(&self, pause: impl Fn(u32)) {
        let mut turn = 0;
        while !self.try_enter() {
            pause(turn);
            turn = turn.saturating_add(1);
        }
    }

    /// Begins to run, unless there is a stop.
    #[must_use]
    pub fn try_enter(&self) -> bool {
        self.exchange(|state| (state & STOP == 0).then_some(state + ONE))
    }

    /// Ends running.
    pub fn leave(&self) {
        self.exchange(|state| Some(state - ONE));
    }

    /// Whether somebody wants to be alone. A hint that costs a plain load: it comes without delay
    /// worth mentioning, and nothing is read on the strength of it.
    #[inline(always)]
    pub fn stop_requested(&self) -> bool {
        self.state.load(Ordering::Relaxed) & STOP != 0
    }

    /// Lets whoever wants to be alone go ahead, and comes back when that is over.
    pub fn park(&self, pause: impl Fn(u32)) {
        self.leave();
        self.enter(pause);
    }

    /// Asks all others to stop, for a thread that runs; from then on it does not count as running.
    /// False if another was faster: then [park](Rendezvous::park), and look whether the stop is
    /// still worth asking for.
    #[must_use]
    pub fn try_stop(&self) -> bool {
        self.exchange(|state| (state & STOP == 0).then_some((state - ONE) | STOP))
    }

    /// After [`try_stop`](Rendezvous::try_stop): waits until nobody runs.
    pub fn wait_for_others(&self, pause: impl Fn(u32)) {
        let mut turn = 0;
        while self.state.load(Ordering::Acquire) != STOP {
            pause(turn);
            turn = turn.saturating_add(1);
        }
    }

    /// Ends the stop; the thread runs again.
    pub fn resume(&self) {
        self.exchange(|state| Some((state & !STOP) + ONE));
    }

    /// Exchanges the word for what `change` makes of it; false when it makes nothing.
    fn exchange(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while let Some(new) = change(state) {
            let done = self
                .state
                .compare_exchange(state, new, Ordering::AcqRel, Ordering::Relaxed);
            match done {
                Ok(_) => return true,
                Err(found) => state = found,
            }
        }
        false
    }
}
