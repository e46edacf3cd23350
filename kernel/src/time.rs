//! Time since entry, from a counter that runs at a constant rate.

use core::sync::atomic::{AtomicU64, Ordering};

/// Timer interrupts per second.
pub const TICK_HZ: u64 = 100;

const NANOSECONDS: u128 = 1_000_000_000;

/// Scales a counter to nanoseconds since it was started.
///
/// A counter's nanoseconds are `ticks × multiplier / 2^32`, in 128 bits, so nothing overflows before
/// the result itself does, after 584 years.
#[derive(Debug)]
pub struct Clock {
    origin: AtomicU64,
    frequency: AtomicU64,
    multiplier: AtomicU64,
}

impl Clock {
    /// A clock that stands at zero until [`start`](Self::start).
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a stopped clock is no sensible default"
    )]
    pub const fn new() -> Self {
        Self {
            origin: AtomicU64::new(0),
            frequency: AtomicU64::new(0),
            multiplier: AtomicU64::new(0),
        }
    }

    /// Starts the clock: zero was when the counter stood at `origin`, and it runs at `frequency` Hz.
    /// A frequency of zero leaves the clock standing.
    pub fn start(&self, origin: u64, frequency: u64) {
        let multiplier = (NANOSECONDS << 32)
            .checked_div(u128::from(frequency))
            .unwrap_or(0);
        self.origin.store(origin, Ordering::Relaxed);
        self.frequency.store(frequency, Ordering::Relaxed);
        // A counter below 0.24 Hz would not fit; no such counter exists.
        self.multiplier.store(
            u64::try_from(multiplier).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    /// Counts per second; zero while the clock stands.
    pub fn frequency(&self) -> u64 {
        self.frequency.load(Ordering::Relaxed)
    }

    /// Nanoseconds from the origin to the moment when the counter stood at `counter`; zero for
    /// moments before it.
    pub fn nanoseconds(&self, counter: u64) -> u64 {
        let ticks = counter.saturating_sub(self.origin.load(Ordering::Relaxed));
        let scaled =
            (u128::from(ticks) * u128::from(self.multiplier.load(Ordering::Relaxed))) >> 32;
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_counts_is_a_second() {
        for frequency in [1_000_000, 62_500_000, 2_399_999_983, 5_000_000_000] {
            let clock = Clock::new();
            clock.start(77, frequency);
            let second = clock.nanoseconds(77 + frequency);
            assert!(
                second.abs_diff(1_000_000_000) <= 2,
                "{frequency} Hz gave {second} ns"
            );
        }
    }

    #[test]
    fn a_century_of_counts_does_not_overflow() {
        let clock = Clock::new();
        clock.start(0, 3_000_000_000);
        let century = 100 * 365 * 86_400;
        let seconds = clock.nanoseconds(3_000_000_000 * century) / 1_000_000_000;
        assert!(seconds.abs_diff(century) <= 2);
    }

    #[test]
    fn a_stopped_clock_and_a_time_before_the_origin_read_zero() {
        let clock = Clock::new();
        assert_eq!(clock.nanoseconds(u64::MAX), 0);
        clock.start(1000, 0);
        assert_eq!(clock.nanoseconds(2000), 0);
        clock.start(1000, 1_000_000_000);
        assert_eq!(clock.nanoseconds(999), 0);
    }
}
