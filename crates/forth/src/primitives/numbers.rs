//! The text form of numbers: integers (Forth-2012, 3.4.1.3 and 6.1.0570) and floats (12.3.7 and
//! 12.6.1.0558).

use core::str;

/// A number that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// A single-cell number.
    Single(i64),
    /// A double-cell number: one written with a point at its end.
    Double(i128),
    /// A float: one written with an exponent, in base ten.
    Float(Float),
}

/// A float that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Float {
    /// The nearest to what is written, of two the even one.
    Is(f64),
    /// What is written lies beyond the largest.
    TooLarge,
}

/// Longest text that is read as a float.
pub(super) const FLOAT_LIMIT: usize = 1024;

/// Value of a digit in `base`, letters of either case counting from ten.
fn digit(byte: u8, base: i64) -> Option<u8> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        b'a'..=b'z' => byte - b'a' + 10,
        _ => return None,
    };
    (i64::from(value) < base).then_some(value)
}

/// Adds the digits at the front of `text` to `value`, wrapping; says how many there were.
pub(super) fn accumulate(text: &[u8], base: i64, value: &mut u128) -> usize {
    let mut digits = 0;
    while let Some(next) = text.get(digits).and_then(|byte| digit(*byte, base)) {
        let base = u128::from(base.cast_unsigned());
        *value = value.wrapping_mul(base).wrapping_add(u128::from(next));
        digits += 1;
    }
    digits
}

/// Reads `text` as a number: a character in quotes, or digits with an optional sign, an optional
/// base (`#` ten, `$` sixteen, `%` two), and a point at the end of a double; in base ten a float as
/// well. Integers that do not fit wrap, as arithmetic does.
pub(super) fn recognise(text: &[u8], base: i64) -> Option<Number> {
    integer(text, base).or_else(|| match base {
        10 => float(text).map(Number::Float),
        _ => None,
    })
}

fn integer(text: &[u8], base: i64) -> Option<Number> {
    if let Some(character) = quoted(text) {
        return Some(Number::Single(i64::from(u32::from(character))));
    }
    let (base, text) = match text.first()? {
        b'#' => (10, &text[1..]),
        b'$' => (16, &text[1..]),
        b'%' => (2, &text[1..]),
        _ => (base, text),
    };
    let (negative, text) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    let (is_double, text) = match text.split_last()? {
        (b'.', rest) => (true, rest),
        _ => (false, text),
    };
    let mut value = 0u128;
    if text.is_empty() || accumulate(text, base, &mut value) != text.len() {
        return None;
    }
    let value = if negative {
        value.wrapping_neg()
    } else {
        value
    };
    Some(if is_double {
        Number::Double(value.cast_signed())
    } else {
        Number::Single(value as i64)
    })
}

/// Splits off the decimal digits at the front.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(count)
}

/// Splits off a sign.
fn signed(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(usize::from(matches!(text.first(), Some(b'+' | b'-'))))
}

/// A float's text, taken apart.
struct Parts<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    /// What stands before the power of ten: a letter, a sign, or nothing.
    mark: Option<u8>,
    power_negative: bool,
    power: &'t [u8],
}

/// Takes a float's text apart: an optional sign, digits, a point and more digits or neither, and a
/// power of ten behind a letter, a sign or both, or none.
fn parts(text: &[u8]) -> Option<Parts<'_>> {
    let (sign, rest) = signed(text);
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => digits(rest),
        None => (&[][..], rest),
    };
    let mark = rest.first().copied();
    let rest = match mark {
        Some(b'E' | b'e' | b'D' | b'd') => &rest[1..],
        _ => rest,
    };
    let (power_sign, rest) = signed(rest);
    let (power, rest) = digits(rest);
    rest.is_empty().then_some(Parts {
        negative: sign == b"-",
        whole,
        fraction,
        mark,
        power_negative: power_sign == b"-",
        power,
    })
}

/// Reads a float as the text interpreter takes it: digits before the point if there is one, and `E`.
fn float(text: &[u8]) -> Option<Float> {
    let parts = parts(text)?;
    let marked = matches!(parts.mark, Some(b'E' | b'e'));
    (marked && !parts.whole.is_empty()).then(|| nearest(&parts))?
}

/// Reads a float as `>FLOAT` takes it: digits on either side of the point, any mark or none, and
/// blanks are zero.
pub(super) fn float_of_any_form(text: &[u8]) -> Option<Float> {
    if text.len() > FLOAT_LIMIT {
        return None;
    }
    if text.iter().all(|byte| *byte == b' ') {
        return Some(Float::Is(0.0));
    }
    let parts = parts(text)?;
    let empty = parts.whole.is_empty() && parts.fraction.is_empty();
    (!empty).then(|| nearest(&parts))?
}

/// The float nearest to what is written, of two the even one; `None` if it is longer than
/// [`FLOAT_LIMIT`].
fn nearest(parts: &Parts<'_>) -> Option<Float> {
    let sign = |negative: bool| if negative { &b"-"[..] } else { b"" };
    let power = if parts.power.is_empty() {
        b"0"
    } else {
        parts.power
    };
    let pieces = [
        sign(parts.negative),
        parts.whole,
        b".",
        parts.fraction,
        b"e",
        sign(parts.power_negative),
        power,
    ];
    let mut plain = [0; FLOAT_LIMIT + 4];
    let mut length = 0;
    for piece in pieces {
        let end = length + piece.len();
        plain.get_mut(length..end)?.copy_from_slice(piece);
        length = end;
    }
    let float: f64 = str::from_utf8(&plain[..length]).ok()?.parse().ok()?;
    Some(if float.is_finite() {
        Float::Is(float)
    } else {
        Float::TooLarge
    })
}

/// The character of `'x'`.
fn quoted(text: &[u8]) -> Option<char> {
    let inner = text.strip_prefix(b"'")?.strip_suffix(b"'")?;
    let mut characters = str::from_utf8(inner).ok()?.chars();
    let character = characters.next()?;
    characters.next().is_none().then_some(character)
}

#[cfg(test)]
mod tests {
    use super::{Number, recognise};

    #[test]
    fn digits_are_read_in_the_base_given() {
        assert_eq!(recognise(b"ff", 16), Some(Number::Single(255)));
        assert_eq!(recognise(b"ff", 10), None);
    }

    #[test]
    fn a_prefix_overrides_the_base() {
        assert_eq!(recognise(b"#10", 16), Some(Number::Single(10)));
        assert_eq!(recognise(b"$-10", 10), Some(Number::Single(-16)));
        assert_eq!(recognise(b"%101", 10), Some(Number::Single(5)));
    }

    #[test]
    fn a_point_at_the_end_makes_a_double() {
        assert_eq!(recognise(b"-1.", 10), Some(Number::Double(-1)));
        assert_eq!(recognise(b"1.5", 10), None);
    }

    #[test]
    fn a_quoted_character_is_its_number() {
        assert_eq!(recognise(b"'A'", 10), Some(Number::Single(65)));
        assert_eq!(recognise("'é'".as_bytes(), 10), Some(Number::Single(233)));
        assert_eq!(recognise(b"'AB'", 10), None);
    }

    #[test]
    fn signs_and_points_alone_are_no_numbers() {
        for text in [&b"-"[..], b".", b"-.", b"$", b"#-", b"--1", b"''", b"'"] {
            assert_eq!(recognise(text, 10), None, "{text:?}");
        }
    }
}
