//! The firmware's date and time as one number.

/// A date and a time of day in some time zone.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second.
    pub second: u8,
    /// The nanosecond.
    pub nanosecond: u32,
    /// Minutes that UTC is ahead of it (UEFI 2.10, 8.3.1).
    pub zone: i16,
}

impl Moment {
    /// Nanoseconds since 1970-01-01 00:00 UTC; nothing for moments before that, or after 2554.
    #[must_use]
    pub fn unix_ns(self) -> Option<u64> {
        // Years begin in March here, so that a leap day is the last of its year, and months are 153
        // days for every five of them.
        let (year, month) = match self.month {
            0..=2 => (i64::from(self.year) - 1, i64::from(self.month) + 9),
            _ => (i64::from(self.year), i64::from(self.month) - 3),
        };
        let before_year =
            year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let day = before_year + (month * 153 + 2) / 5 + i64::from(self.day) - 1 - DAYS_TO_1970;
        let minute = (day * 24 + i64::from(self.hour)) * 60 + i64::from(self.minute);
        let second = (minute + i64::from(self.zone)) * 60 + i64::from(self.second);
        u64::try_from(second)
            .ok()?
            .checked_mul(1_000_000_000)?
            .checked_add(u64::from(self.nanosecond))
    }
}

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: u16, month: u8, day: u8) -> Moment {
        Moment {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            zone: 0,
        }
    }

    fn seconds(moment: Moment) -> Option<u64> {
        moment.unix_ns().map(|ns| ns / 1_000_000_000)
    }

    #[test]
    fn days_that_are_known() {
        assert_eq!(at(1970, 1, 1).unix_ns(), Some(0));
        assert_eq!(seconds(at(2000, 2, 29)), Some(951_782_400));
        assert_eq!(seconds(at(2000, 3, 1)), Some(951_868_800));
        assert_eq!(seconds(at(2026, 11, 20)), Some(1_795_132_800));
        assert_eq!(seconds(at(2100, 3, 1)), Some(4_107_542_400));
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut expected = 0;
        for year in 1970..2200 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, length) in (1..).zip(lengths) {
                for day in 1..=length + u8::from(leap && month == 2) {
                    assert_eq!(seconds(at(year, month, day)), Some(expected * 86_400));
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn a_time_zone_is_added_to_come_to_utc() {
        let noon = Moment {
            hour: 12,
            minute: 30,
            second: 5,
            nanosecond: 7,
            ..at(2026, 11, 20)
        };
        let utc = 1_795_132_800_000_000_000 + 45_005_000_000_007;
        assert_eq!(noon.unix_ns(), Some(utc));
        let east = Moment { zone: -60, ..noon };
        assert_eq!(east.unix_ns(), Some(utc - 3_600_000_000_000));
    }

    #[test]
    fn moments_that_do_not_fit_are_none() {
        assert_eq!(at(1969, 12, 31).unix_ns(), None);
        assert_eq!(at(2555, 1, 1).unix_ns(), None);
        assert_eq!(at(9999, 12, 31).unix_ns(), None);
    }
}
