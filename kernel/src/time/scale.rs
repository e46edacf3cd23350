//! Counts of a counter as nanoseconds, and back.

/// The nanoseconds of one count, as a fixed-point number with 32 bits behind the point.
///
/// All products are of 128 bits, so no count and no rate overflows before the result does; a result
/// that does not fit is the largest number there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(u64);

const NANOSECONDS: u128 = 1_000_000_000;

impl Scale {
    /// Of a counter that stands still.
    pub const ZERO: Self = Self(0);

    /// Of a counter that runs at `frequency` Hz; one of 0 Hz stands still.
    #[must_use]
    pub fn of_frequency(frequency: u64) -> Self {
        // A counter below 0.24 Hz would not fit; no such counter exists.
        Self(saturate(
            (NANOSECONDS << 32)
                .checked_div(u128::from(frequency))
                .unwrap_or(0),
        ))
    }

    /// Of a counter of which one count takes `period` femtoseconds.
    #[must_use]
    pub fn of_period_fs(period: u32) -> Self {
        Self(saturate((u128::from(period) << 32) / 1_000_000))
    }

    /// Of a counter that counts `counts` in `nanoseconds`; nothing if it does not count.
    #[must_use]
    pub fn measured(nanoseconds: u64, counts: u64) -> Option<Self> {
        (u128::from(nanoseconds) << 32)
            .checked_div(u128::from(counts))
            .map(|scale| Self(saturate(scale)))
    }

    /// The bits of the fixed-point number, to be kept in an atomic.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The scale that [`bits`](Self::bits) gave.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Nanoseconds in `counts`, rounded down.
    #[must_use]
    pub const fn nanoseconds(self, counts: u64) -> u64 {
        let product = counts as u128 * self.0 as u128;
        if product >> 96 != 0 {
            return u64::MAX;
        }
        (product >> 32) as u64
    }

    /// Counts in `nanoseconds`, rounded up; the largest number there is if the counter stands still.
    #[must_use]
    pub fn counts(self, nanoseconds: u64) -> u64 {
        if self.0 == 0 {
            return u64::MAX;
        }
        saturate((u128::from(nanoseconds) << 32).div_ceil(u128::from(self.0)))
    }

    /// Counts per second, rounded; 0 if the counter stands still.
    #[must_use]
    pub fn frequency(self) -> u64 {
        if self.0 == 0 {
            return 0;
        }
        let scale = u128::from(self.0);
        saturate(((NANOSECONDS << 32) + scale / 2) / scale)
    }

    /// `parts` parts of `whole`; the same if `whole` is 0.
    #[must_use]
    pub fn fraction(self, parts: u64, whole: u64) -> Self {
        let product = u128::from(self.0) * u128::from(parts);
        Self(
            product
                .checked_div(u128::from(whole))
                .map_or(self.0, saturate),
        )
    }

    /// A quarter of the way to `other`.
    #[must_use]
    pub fn towards(self, other: Self) -> Self {
        Self(saturate((3 * u128::from(self.0) + u128::from(other.0)) / 4))
    }
}

fn saturate(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_second_of_counts_is_a_second() {
        for frequency in [1_000_000, 62_500_000, 2_399_999_983, 5_000_000_000] {
            let scale = Scale::of_frequency(frequency);
            let second = scale.nanoseconds(frequency);
            assert!(
                second.abs_diff(1_000_000_000) <= 2,
                "{frequency} Hz gave {second} ns"
            );
            assert!(scale.frequency().abs_diff(frequency) <= frequency / 100_000_000);
        }
    }

    #[test]
    fn a_century_of_counts_does_not_overflow() {
        let century = 100 * 365 * 86_400;
        let counts = 3_000_000_000 * century;
        let seconds = Scale::of_frequency(3_000_000_000).nanoseconds(counts) / 1_000_000_000;
        assert!(seconds.abs_diff(century) <= 2);
    }

    #[test]
    fn a_counter_that_stands_still_gives_no_time() {
        assert_eq!(Scale::of_frequency(0), Scale::ZERO);
        assert_eq!(Scale::ZERO.nanoseconds(u64::MAX), 0);
        assert_eq!(Scale::ZERO.counts(1), u64::MAX);
        assert_eq!(Scale::ZERO.frequency(), 0);
        assert_eq!(Scale::measured(5, 0), None);
    }

    #[test]
    fn femtoseconds_and_hertz_agree() {
        // The HPET of QEMU: 10 ns a count.
        assert_eq!(
            Scale::of_period_fs(10_000_000),
            Scale::of_frequency(100_000_000)
        );
    }

    proptest! {
        #[test]
        fn nothing_overflows(counts: u64, bits: u64, ns: u64) {
            let scale = Scale::from_bits(bits);
            let exact = (u128::from(counts) * u128::from(bits)) >> 32;
            prop_assert_eq!(u128::from(scale.nanoseconds(counts)), exact.min(u128::from(u64::MAX)));
            let counted = scale.counts(ns);
            if counted < u64::MAX {
                prop_assert!(scale.nanoseconds(counted) >= ns);
            }
        }
    }
}
