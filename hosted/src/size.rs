//! Sizes as they are typed: `2000000`, `4096K`, `512M`, `2G`.

use std::fmt;
use std::str::FromStr;

/// Smallest arena that can be asked for, in bytes: the system needs about a quarter of it.
pub(crate) const MINIMUM: u64 = 1 << 20;
/// Largest arena that can be asked for, in bytes.
pub(crate) const MAXIMUM: u64 = 4 << 30;

/// Size of the arena in bytes, between [`MINIMUM`] and [`MAXIMUM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemorySize(u64);

impl MemorySize {
    /// The size in bytes.
    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

/// Units by the letter that names them.
const UNITS: [(char, u64); 3] = [('G', 1 << 30), ('M', 1 << 20), ('K', 1 << 10)];

impl FromStr for MemorySize {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let unit = UNITS
            .iter()
            .find(|(letter, _)| text.ends_with([*letter, letter.to_ascii_lowercase()]));
        let (digits, unit) = unit.map_or((text, 1), |(_, unit)| (&text[..text.len() - 1], *unit));
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SizeError::NotASize);
        }
        // Digits alone fail to be a number only by being too many.
        let bytes = digits
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(unit))
            .ok_or(SizeError::OutOfRange)?;
        if (MINIMUM..=MAXIMUM).contains(&bytes) {
            Ok(Self(bytes))
        } else {
            Err(SizeError::OutOfRange)
        }
    }
}

impl fmt::Display for MemorySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit)| self.0.is_multiple_of(*unit));
        match unit {
            Some((letter, unit)) => write!(f, "{}{letter}", self.0 / unit),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Why a text is no size for the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SizeError {
    /// It is not a number with an optional unit.
    NotASize,
    /// It is below [`MINIMUM`] or above [`MAXIMUM`].
    OutOfRange,
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASize => f.write_str("give a number of bytes, or one with K, M or G: 64M"),
            Self::OutOfRange => write!(
                f,
                "give at least {} and at most {}",
                MemorySize(MINIMUM),
                MemorySize(MAXIMUM)
            ),
        }
    }
}

impl std::error::Error for SizeError {}

#[cfg(test)]
mod tests {
    use super::{MemorySize, SizeError};

    fn bytes(text: &str) -> Result<u64, SizeError> {
        text.parse().map(MemorySize::bytes)
    }

    #[test]
    fn units_are_powers_of_1024_in_either_case() {
        assert_eq!(bytes("2000000"), Ok(2_000_000));
        assert_eq!(bytes("2000K"), Ok(2000 << 10));
        assert_eq!(bytes("2000k"), Ok(2000 << 10));
        assert_eq!(bytes("3M"), Ok(3 << 20));
        assert_eq!(bytes("2g"), Ok(2 << 30));
    }

    #[test]
    fn the_limits_are_in_and_one_past_them_is_out() {
        assert_eq!(bytes("1048575"), Err(SizeError::OutOfRange));
        assert_eq!(bytes("1048576"), Ok(1 << 20));
        assert_eq!(bytes("1M"), Ok(1 << 20));
        assert_eq!(bytes("4G"), Ok(4 << 30));
        assert_eq!(bytes("4294967296"), Ok(4 << 30));
        assert_eq!(bytes("4294967297"), Err(SizeError::OutOfRange));
        assert_eq!(bytes("18446744073709551616"), Err(SizeError::OutOfRange));
        assert_eq!(bytes("18446744073709551615G"), Err(SizeError::OutOfRange));
    }

    #[test]
    fn anything_else_is_not_a_size() {
        for text in [
            "", "M", "-1M", "+1M", "1.5G", "64 M", "64MB", "0x10000", "六",
        ] {
            assert_eq!(bytes(text), Err(SizeError::NotASize), "{text:?}");
        }
    }

    #[test]
    fn a_size_is_shown_in_the_largest_unit_that_fits() {
        for text in ["2000001", "2001K", "64M", "4G"] {
            let size: MemorySize = text.parse().expect("it is a size");
            assert_eq!(size.to_string(), text);
        }
    }
}
