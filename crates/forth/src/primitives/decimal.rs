//! The exact decimal digits of a float.
//!
//! A float is a whole number times a power of two, so it has finitely many digits: up to 309 before
//! the point, and 1,074 behind it. The library finds such digits one by one, each with a number of a
//! thousand bits, a millisecond for all of them; a primitive may not take so long. Here such a number
//! is multiplied, or divided, once for every [`GROUP_DIGITS`].

/// Words that hold all bits of a float before the point, or all behind it.
const WORDS: usize = 17;

/// Digits found at a time: as many as half a word holds whatever they are, so that dividing by what
/// they count to needs no number longer than a word.
const GROUP_DIGITS: usize = 9;

/// What so many digits count to.
const GROUP: u64 = 10_u64.pow(GROUP_DIGITS as u32);

/// Most groups: two before the point, and all that are behind it; those before it alone are fewer.
const MOST_GROUPS: usize = 2 + 1074_usize.div_ceil(GROUP_DIGITS);

/// Most groups of a number without a fraction.
const INTEGER_GROUPS: usize = 309_usize.div_ceil(GROUP_DIGITS);

/// Bits of a float's significand that are stored.
const SIGNIFICAND: u32 = f64::MANTISSA_DIGITS - 1;

/// All digits of a float.
pub(super) struct Decimal {
    digits: [u8; MOST_GROUPS * GROUP_DIGITS],
    /// Where the first that is not zero stands.
    start: usize,
    /// Where they end.
    end: usize,
    /// How many of them stand before the point.
    point: usize,
}

impl Decimal {
    /// The digits of the magnitude of a finite float.
    pub(super) fn of(float: f64) -> Self {
        let bits = float.abs().to_bits();
        let fraction = bits & ((1 << SIGNIFICAND) - 1);
        let (significand, power) = match (bits >> SIGNIFICAND) as i32 {
            0 => (fraction, -1074),
            exponent => (fraction | 1 << SIGNIFICAND, exponent - 1075),
        };
        let mut decimal = Self {
            digits: [0; MOST_GROUPS * GROUP_DIGITS],
            start: 0,
            end: 0,
            point: 0,
        };
        match u32::try_from(power) {
            Ok(power) => decimal.add_integer(significand, power),
            Err(_) => decimal.add_fraction(significand, power.unsigned_abs()),
        }
        let digits = &decimal.digits[..decimal.end];
        decimal.start = digits.iter().take_while(|digit| **digit == 0).count();
        decimal
    }

    /// Groups of digits that had to be found.
    pub(super) fn groups(&self) -> u64 {
        (self.end / GROUP_DIGITS) as u64
    }

    /// Fills `out` with the first digits, as characters, rounded to the nearest, of two the even one;
    /// says how many digits would stand before the point. Of zero that is one.
    pub(super) fn write(&self, out: &mut [u8]) -> i64 {
        out.fill(b'0');
        let digits = &self.digits[self.start..self.end];
        if digits.is_empty() {
            return 1;
        }
        let (kept, rest) = digits.split_at(out.len().min(digits.len()));
        for (place, digit) in out.iter_mut().zip(kept) {
            *place = b'0' + digit;
        }
        let before = self.point as i64 - self.start as i64;
        let odd = kept.last().is_some_and(|digit| digit % 2 == 1);
        before + i64::from(is_nearer_above(rest, odd) && carries(out))
    }

    /// Adds the digits of `significand` times two to the `power`.
    fn add_integer(&mut self, significand: u64, power: u32) {
        let mut number = placed(significand, power);
        let mut groups = [0; INTEGER_GROUPS];
        let mut count = 0;
        while number.iter().any(|word| *word != 0) {
            groups[count] = divide(&mut number);
            count += 1;
        }
        for group in groups[..count].iter().rev() {
            self.add_group(*group);
        }
        self.point = self.end;
    }

    /// Adds the digits of `significand` divided by two to the `power`, which is at least one.
    fn add_fraction(&mut self, significand: u64, power: u32) {
        let integer = significand.checked_shr(power).unwrap_or(0);
        self.add_group(integer / GROUP);
        self.add_group(integer % GROUP);
        self.point = self.end;
        let behind = significand - integer.checked_shl(power).unwrap_or(0);
        let mut number = placed(behind, WORDS as u32 * u64::BITS - power);
        while number.iter().any(|word| *word != 0) {
            let group = multiply(&mut number);
            self.add_group(group);
        }
    }

    fn add_group(&mut self, group: u64) {
        let places = &mut self.digits[self.end..self.end + GROUP_DIGITS];
        let mut rest = group;
        for place in places.iter_mut().rev() {
            *place = (rest % 10) as u8;
            rest /= 10;
        }
        self.end += GROUP_DIGITS;
    }
}

/// Whether what follows a digit makes the next greater one the nearer, or, in the middle, the even.
fn is_nearer_above(rest: &[u8], odd: bool) -> bool {
    match rest.split_first() {
        Some((5, more)) => odd || more.iter().any(|digit| *digit != 0),
        Some((first, _)) => *first > 5,
        None => false,
    }
}

/// Adds one in the last place; true if there is a digit more then, the last of which is dropped.
fn carries(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit != b'9' {
            *digit += 1;
            return false;
        }
        *digit = b'0';
    }
    match digits.first_mut() {
        Some(first) => {
            *first = b'1';
            true
        }
        None => false,
    }
}

/// A number of many words, the least significant first: `significand` moved up by so many bits.
fn placed(significand: u64, bits: u32) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    let moved = u128::from(significand) << (bits % u64::BITS);
    let place = (bits / u64::BITS) as usize;
    for (word, half) in words[place..].iter_mut().zip([moved, moved >> u64::BITS]) {
        *word = half as u64;
    }
    words
}

/// Divides a number by [`GROUP`]; leaves the remainder.
fn divide(number: &mut [u64; WORDS]) -> u64 {
    let mut rest = 0;
    for word in number.iter_mut().rev() {
        let upper = rest << 32 | *word >> 32;
        let lower = (upper % GROUP) << 32 | *word & 0xFFFF_FFFF;
        *word = ((upper / GROUP) << 32) | (lower / GROUP);
        rest = lower % GROUP;
    }
    rest
}

/// Multiplies a number by [`GROUP`]; leaves what goes beyond its words.
fn multiply(number: &mut [u64; WORDS]) -> u64 {
    let mut carry = 0;
    for word in number {
        let product = u128::from(*word) * u128::from(GROUP) + u128::from(carry);
        *word = product as u64;
        carry = (product >> u64::BITS) as u64;
    }
    carry
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Decimal;
    use std::string::String;
    use std::{format, vec};

    /// Digits and the place of the point.
    fn written(float: f64, count: usize) -> (String, i64) {
        let mut out = vec![0; count];
        let point = Decimal::of(float).write(&mut out);
        (String::from_utf8(out).expect("they are digits"), point)
    }

    #[test]
    fn the_digits_are_exact() {
        assert_eq!(written(0.1, 20).0, "10000000000000000555");
        assert_eq!(written(1e23, 24), ("999999999999999916113920".into(), 23));
        assert_eq!(written(1e22, 23).0, "10000000000000000000000");
        assert_eq!(written(0.0, 3), ("000".into(), 1));
    }

    #[test]
    fn they_are_rounded_to_the_nearest_and_of_two_to_the_even_one() {
        assert_eq!(written(0.125, 2), ("12".into(), 0));
        assert_eq!(written(0.375, 2), ("38".into(), 0));
        assert_eq!(written(9.99, 2), ("10".into(), 2));
        assert_eq!(written(0.5, 0), (String::new(), 0));
    }

    #[test]
    fn the_longest_numbers_have_room() {
        let greatest_small = f64::from_bits((1 << 52) - 1);
        let odd_small = f64::from_bits(0x000F_5555_5555_5555);
        for float in [
            f64::MAX,
            f64::MIN_POSITIVE,
            greatest_small,
            odd_small,
            f64::from_bits(1),
        ] {
            for count in [1, 17, 300, 309, 751, 766, 767, 800] {
                let library = format!("{float:.*e}", count - 1);
                let (digits, power) = library.split_once('e').expect("there is a power");
                let power: i64 = power.parse().expect("it is a number");
                let expected = (digits.replace('.', ""), power + 1);
                assert_eq!(written(float, count), expected, "{count} digits of {float}");
            }
        }
    }
}
