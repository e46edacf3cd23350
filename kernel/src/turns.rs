//! What one core notes of the arbiter's turns: how many, and whether one never ends.
//!
//! A turn ends by itself when its quantum is spent, after some milliseconds at most. If a defect keeps
//! one from ending, nothing else would ever run again and nobody would know why; so the tick, which
//! comes by interrupt, counts how often it has struck in the same turn. It counts ticks and not time,
//! because a machine that was stopped for a while, as emulated ones are, has lost time and no ticks.

use core::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::{
    context::{Act, assert_allowed},
    time::TICK_HZ,
};

/// Ticks in one turn that mean that it will never end: ten seconds' worth.
const PATIENCE: u64 = 10 * TICK_HZ;

/// The turns of one core.
#[derive(Debug)]
pub struct Turns {
    /// Turns given.
    pub given: AtomicU64,
    /// Turns that ended because their quantum was spent.
    pub preempted: AtomicU64,
    /// Ticks that struck while a turn was under way.
    pub ticks: AtomicU64,
    under_way: AtomicBool,
    /// Ticks in the turn that is under way.
    ticks_in_this: AtomicU64,
    patience: AtomicU64,
}

impl fmt::Display for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [given, preempted, ticks] =
            [&self.given, &self.preempted, &self.ticks].map(|count| count.load(Ordering::Relaxed));
        write!(
            f,
            "{given} turns, {preempted} ended by their quantum, {ticks} ticks struck in turns"
        )
    }
}

/// A turn that does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Ticks that have struck in it.
    ticks: u64,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "watchdog: a turn does not end: {} ticks of {} ms have struck in it, and its quantum is a \
             few milliseconds; this is a defect of the kernel or the interpreter",
            self.ticks,
            1000 / TICK_HZ
        )
    }
}

impl Turns {
    /// No turns.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "made once per core, in a static"
    )]
    pub const fn new() -> Self {
        Self {
            given: AtomicU64::new(0),
            preempted: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            under_way: AtomicBool::new(false),
            ticks_in_this: AtomicU64::new(0),
            patience: AtomicU64::new(PATIENCE),
        }
    }

    /// Notes a turn from its beginning to its end; `preempted` tells from what it returned whether
    /// its quantum was spent.
    pub fn note<T>(&self, turn: impl FnOnce() -> T, preempted: impl FnOnce(&T) -> bool) -> T {
        assert_allowed(Act::Turn);
        self.given.fetch_add(1, Ordering::Relaxed);
        self.ticks_in_this.store(0, Ordering::Relaxed);
        self.under_way.store(true, Ordering::Release);
        let result = turn();
        self.under_way.store(false, Ordering::Release);
        if preempted(&result) {
            self.preempted.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    /// True during a turn that comes after at least `turns` turns whose quantum was spent.
    pub fn is_long_under_way(&self, turns: u64) -> bool {
        self.under_way.load(Ordering::Acquire) && self.preempted.load(Ordering::Relaxed) >= turns
    }

    /// A tick has struck.
    ///
    /// # Errors
    /// The turn under way has had so many that it will not end.
    pub fn tick(&self) -> Result<(), Stuck> {
        if !self.under_way.load(Ordering::Acquire) {
            return Ok(());
        }
        self.ticks.fetch_add(1, Ordering::Relaxed);
        let ticks = self.ticks_in_this.fetch_add(1, Ordering::Relaxed) + 1;
        if ticks > self.patience.load(Ordering::Relaxed) {
            return Err(Stuck { ticks });
        }
        Ok(())
    }

    /// Has a turn count as stuck after this many ticks.
    pub fn set_patience(&self, ticks: u64) {
        self.patience.store(ticks, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }

    #[test]
    fn turns_and_the_ticks_in_them_are_counted() {
        let turns = Turns::new();
        assert_eq!(turns.tick(), Ok(()));
        for preempted in [true, false, true] {
            turns.note(|| assert_eq!(turns.tick(), Ok(())), |()| preempted);
        }
        assert_eq!(turns.tick(), Ok(()));
        assert_eq!(count(&turns.given), 3);
        assert_eq!(count(&turns.preempted), 2);
        assert_eq!(count(&turns.ticks), 3);
        assert!(!turns.is_long_under_way(0));
        turns.note(
            || {
                assert!(turns.is_long_under_way(2));
                assert!(!turns.is_long_under_way(3));
            },
            |()| false,
        );
    }

    #[test]
    fn a_turn_is_stuck_one_tick_after_patience_is_at_its_end() {
        let turns = Turns::new();
        turns.set_patience(5);
        for _ in 0..2 {
            turns.note(
                || {
                    for _ in 0..5 {
                        assert_eq!(turns.tick(), Ok(()));
                    }
                },
                |()| false,
            );
        }
        turns.note(
            || {
                for _ in 0..5 {
                    assert_eq!(turns.tick(), Ok(()));
                }
                let stuck = turns.tick().unwrap_err();
                assert!(
                    stuck
                        .to_string()
                        .starts_with("watchdog: a turn does not end: 6 ticks")
                );
            },
            |()| false,
        );
    }
}
