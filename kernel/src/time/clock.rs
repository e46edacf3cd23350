//! The core's clock: nanoseconds since entry, from a counter that is cheap to read.
//!
//! A counter of constant rate is all that a clock needs: [`Clock::start`] and no more. The time-stamp
//! counter of a processor that does not promise a constant rate is cheap too, while the timers that
//! keep their rate (HPET, ACPI timer) are devices, and reading a device costs far more. There the
//! device is the reference: [`Clock::sample`] compares the two now and then, and in between the
//! counter goes on from the last comparison at the rate it was last seen to have.
//!
//! - The clock never goes back, in whatever context it is read: a comparison that finds it ahead of
//!   its reference slows it down until the reference has caught up, and one that finds it behind moves
//!   it on.
//! - A comparison older than [`HORIZON_NS`] is not relied on: whoever reads then has to compare first.
//! - So right after a comparison the clock is off by at most the resolution of the reference, if it was
//!   not ahead; and in between by at most what the counter's rate has changed by since, times the time
//!   since, of which there is no more than the horizon.

use core::sync::atomic::{AtomicU64, Ordering, fence};

use super::Scale;

/// How long the counter alone is relied on, by its own account, in nanoseconds.
pub const HORIZON_NS: u64 = 20_000_000;

/// A shorter time than this between two comparisons says nothing about the counter's rate.
const SHORTEST_MEASUREMENT_NS: u64 = 1_000_000;

/// Nanoseconds since entry.
///
/// One core reads and compares; a comparison is made with interrupts off. Readers see a whole
/// comparison or read again: `version` is odd while one is being entered.
#[derive(Debug)]
pub struct Clock {
    version: AtomicU64,
    /// The counter at the last comparison, the nanoseconds then, and the scale since.
    counter: AtomicU64,
    nanoseconds: AtomicU64,
    scale: AtomicU64,
    /// Counts after which the next comparison is due.
    horizon: AtomicU64,
    /// The counter's own scale, without the slowing down.
    rate: AtomicU64,
    reference: Reference,
}

/// A timer of known rate that the clock is compared with.
#[derive(Debug)]
struct Reference {
    scale: AtomicU64,
    /// Its bits, as a mask.
    mask: AtomicU64,
    /// Its counts since the beginning, whatever its width.
    counts: AtomicU64,
    /// The clock's nanoseconds at its count 0.
    origin: AtomicU64,
}

/// The last comparison is too old: compare, then read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

impl Clock {
    /// A clock that stands at zero until [`start`](Self::start).
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a stopped clock is no sensible default"
    )]
    pub const fn new() -> Self {
        Self {
            version: AtomicU64::new(0),
            counter: AtomicU64::new(0),
            nanoseconds: AtomicU64::new(0),
            scale: AtomicU64::new(0),
            horizon: AtomicU64::new(u64::MAX),
            rate: AtomicU64::new(0),
            reference: Reference {
                scale: AtomicU64::new(0),
                mask: AtomicU64::new(0),
                counts: AtomicU64::new(0),
                origin: AtomicU64::new(0),
            },
        }
    }

    /// Starts the clock: zero was when the counter stood at `origin`, and it runs at `frequency` Hz.
    /// A frequency of zero leaves the clock standing.
    pub fn start(&self, origin: u64, frequency: u64) {
        self.publish(origin, 0, Scale::of_frequency(frequency), u64::MAX);
        self.rate
            .store(Scale::of_frequency(frequency).bits(), Ordering::Relaxed);
    }

    /// Goes on at another rate from the moment when the counter stands at `counter`.
    pub fn change_frequency(&self, counter: u64, frequency: u64) {
        let scale = Scale::of_frequency(frequency);
        self.publish(counter, self.nanoseconds(counter), scale, u64::MAX);
        self.rate.store(scale.bits(), Ordering::Relaxed);
    }

    /// From now on the clock follows a timer of this scale that counts in the bits of `mask`. It
    /// stands at `reference` while the counter stands at `counter`.
    pub fn follow(&self, scale: Scale, mask: u32, counter: u64, reference: u32) {
        let now = self.nanoseconds(counter);
        let own = &self.reference;
        let counts = u64::from(reference & mask);
        own.scale.store(scale.bits(), Ordering::Relaxed);
        own.mask.store(u64::from(mask), Ordering::Relaxed);
        own.counts.store(counts, Ordering::Relaxed);
        // Before the origin the reference may have counted longer than the clock: hence wrapping.
        own.origin.store(
            now.wrapping_sub(scale.nanoseconds(counts)),
            Ordering::Relaxed,
        );
        let rate = self.rate();
        self.publish(counter, now, rate, rate.counts(HORIZON_NS));
    }

    /// True if the clock follows a reference.
    pub fn follows(&self) -> bool {
        self.reference.mask.load(Ordering::Relaxed) != 0
    }

    /// The time now; `counter` reads the counter. Any context.
    ///
    /// # Errors
    /// [`Stale`], if the clock follows a reference and was not compared with it lately.
    #[inline]
    pub fn read(&self, counter: impl Fn() -> u64) -> Result<u64, Stale> {
        loop {
            let version = self.version.load(Ordering::Acquire);
            let base = self.counter.load(Ordering::Relaxed);
            let nanoseconds = self.nanoseconds.load(Ordering::Relaxed);
            let scale = Scale::from_bits(self.scale.load(Ordering::Relaxed));
            let horizon = self.horizon.load(Ordering::Relaxed);
            // Read in between, so that count and comparison belong together.
            let counts = counter().saturating_sub(base);
            fence(Ordering::Acquire);
            if version & 1 != 0 || self.version.load(Ordering::Relaxed) != version {
                continue;
            }
            if counts > horizon {
                return Err(Stale);
            }
            return Ok(nanoseconds.saturating_add(scale.nanoseconds(counts)));
        }
    }

    /// The time when the counter stood at `counter`, by the last comparison, however old; zero for
    /// moments before the clock was started. Any context, the panic path included.
    pub fn nanoseconds(&self, counter: u64) -> u64 {
        let counts = counter.saturating_sub(self.counter.load(Ordering::Relaxed));
        let scale = Scale::from_bits(self.scale.load(Ordering::Relaxed));
        self.nanoseconds
            .load(Ordering::Relaxed)
            .saturating_add(scale.nanoseconds(counts))
    }

    /// Compares the clock with its reference, which stands at `reference` while the counter stands at
    /// `counter`. Interrupts are off. Between two comparisons the reference must not go all the way
    /// around.
    pub fn sample(&self, counter: u64, reference: u32) {
        let own = &self.reference;
        let mask = own.mask.load(Ordering::Relaxed);
        let scale = Scale::from_bits(own.scale.load(Ordering::Relaxed));
        let before = own.counts.load(Ordering::Relaxed);
        let passed = u64::from(reference).wrapping_sub(before) & mask;
        let counts = before + passed;
        own.counts.store(counts, Ordering::Relaxed);
        let truth = own
            .origin
            .load(Ordering::Relaxed)
            .wrapping_add(scale.nanoseconds(counts));

        let passed = scale.nanoseconds(passed);
        let counted = counter.saturating_sub(self.counter.load(Ordering::Relaxed));
        let mut rate = self.rate();
        if passed >= SHORTEST_MEASUREMENT_NS
            && let Some(measured) = Scale::measured(passed, counted)
        {
            rate = rate.towards(measured);
            self.rate.store(rate.bits(), Ordering::Relaxed);
        }
        // Nobody has read beyond the horizon, so the clock is not taken to have gone beyond it.
        let horizon = self.horizon.load(Ordering::Relaxed);
        let reached = self.counter.load(Ordering::Relaxed).saturating_add(horizon);
        let ahead = self.nanoseconds(counter.min(reached)).saturating_sub(truth);
        // At most half the speed is taken away, so that the clock goes on in any case.
        let slower = rate.fraction(HORIZON_NS - ahead.min(HORIZON_NS / 2), HORIZON_NS);
        self.publish(
            counter,
            truth.saturating_add(ahead),
            slower,
            rate.counts(HORIZON_NS),
        );
    }

    /// Counts per second of the counter; zero while the clock stands.
    pub fn frequency(&self) -> u64 {
        self.rate().frequency()
    }

    /// The counter's scale.
    pub fn rate(&self) -> Scale {
        Scale::from_bits(self.rate.load(Ordering::Relaxed))
    }

    fn publish(&self, counter: u64, nanoseconds: u64, scale: Scale, horizon: u64) {
        let version = self.version.load(Ordering::Relaxed);
        self.version
            .store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        self.counter.store(counter, Ordering::Relaxed);
        self.nanoseconds.store(nanoseconds, Ordering::Relaxed);
        self.scale.store(scale.bits(), Ordering::Relaxed);
        self.horizon.store(horizon, Ordering::Relaxed);
        self.version
            .store(version.wrapping_add(2), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn a_clock_of_constant_rate_never_needs_a_comparison() {
        let clock = Clock::new();
        clock.start(77, 1_000_000_000);
        assert_eq!(clock.read(|| 76), Ok(0));
        assert_eq!(clock.read(|| 1077), Ok(1000));
        assert!(clock.read(|| u64::MAX).is_ok());
        assert!(!clock.follows());
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

    #[test]
    fn another_rate_goes_on_where_the_clock_stands() {
        let clock = Clock::new();
        clock.start(0, 1_000_000_000);
        clock.change_frequency(500, 2_000_000_000);
        assert_eq!(clock.nanoseconds(500), 500);
        assert_eq!(clock.nanoseconds(700), 600);
        assert_eq!(clock.frequency(), 2_000_000_000);
    }

    #[test]
    fn an_old_comparison_is_not_relied_on() {
        let clock = Clock::new();
        clock.start(0, 1_000_000_000);
        clock.follow(Scale::of_frequency(1_000_000_000), u32::MAX, 0, 0);
        assert_eq!(clock.read(|| HORIZON_NS), Ok(HORIZON_NS));
        assert_eq!(clock.read(|| HORIZON_NS + 10), Err(Stale));
        clock.sample(HORIZON_NS + 10, HORIZON_NS as u32 + 10);
        assert_eq!(clock.read(|| HORIZON_NS + 10), Ok(HORIZON_NS + 10));
    }

    /// A 24-bit timer at 3.58 MHz, a counter at 3 GHz that is believed to run at 2 GHz.
    #[test]
    fn a_wrong_rate_is_found_out_and_a_narrow_reference_wraps_around() {
        const RATE: u64 = 3_579_545;
        let clock = Clock::new();
        clock.start(0, 2_000_000_000);
        clock.follow(Scale::of_frequency(RATE), 0x00FF_FFFF, 0, 0);
        let mut last = 0;
        // 20 s in steps of 10 ms: the reference goes around four times.
        for step in 1..2000_u64 {
            let ns = step * 10_000_000;
            let reference = ns * RATE / 1_000_000_000;
            clock.sample(ns * 3, reference as u32 & 0x00FF_FFFF);
            let now = clock.read(|| ns * 3).unwrap();
            assert!(now > last);
            last = now;
            if step > 100 {
                assert!(now.abs_diff(ns) < 2_000, "{now} after {ns} ns");
            }
        }
        assert!(clock.frequency().abs_diff(3_000_000_000) < 300_000);
    }

    /// A piece of time in which the counter has one rate: its length, counts per 1000 ns, whether the
    /// clock is compared at its end.
    fn pieces() -> impl Strategy<Value = Vec<(u64, u64, bool)>> {
        vec((1..20_000_000_u64, 500..4_000_u64, any::<bool>()), 1..300)
    }

    proptest! {
        #[test]
        fn the_clock_never_goes_back_and_stays_near_its_reference(pieces in pieces()) {
            let clock = Clock::new();
            clock.start(0, 1_000_000_000);
            clock.follow(Scale::of_frequency(1_000_000_000), u32::MAX, 0, 0);
            let (mut truth, mut counter, mut last) = (0, 0, 0);
            let (mut ahead, mut since) = (0, 0);
            for (length, rate, compare) in pieces {
                // Read in the middle, then at the end of the piece.
                for half in [length / 2, length - length / 2] {
                    truth += half;
                    since += half;
                    counter += half * rate / 1000;
                    let now = match clock.read(|| counter) {
                        Ok(now) => now,
                        Err(Stale) => {
                            clock.sample(counter, truth as u32);
                            since = 0;
                            clock.read(|| counter).unwrap()
                        }
                    };
                    prop_assert!(now >= last, "{} after {}", now, last);
                    last = now;
                    // Behind by no more than the time since the comparison, ahead by no more than
                    // before and one horizon.
                    prop_assert!(now + since + 1 >= truth, "{} at {}, {} since", now, truth, since);
                    prop_assert!(now <= truth + ahead + HORIZON_NS + 1);
                }
                if compare {
                    clock.sample(counter, truth as u32);
                    since = 0;
                }
                if since == 0 {
                    ahead = clock.nanoseconds(counter).saturating_sub(truth);
                }
            }
        }
    }
}
