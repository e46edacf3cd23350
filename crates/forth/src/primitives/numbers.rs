//! The text form of integers (Forth-2012, 3.4.1.3 and 6.1.0570).

/// A number that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// A single-cell number.
    Single(i64),
    /// A double-cell number: one written with a point at its end.
    Double(i128),
}

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
/// base (`#` ten, `$` sixteen, `%` two), and a point at the end of a double. Numbers that do not fit
/// wrap, as arithmetic does.
pub(super) fn recognise(text: &[u8], base: i64) -> Option<Number> {
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

/// The character of `'x'`.
fn quoted(text: &[u8]) -> Option<char> {
    let inner = text.strip_prefix(b"'")?.strip_suffix(b"'")?;
    let mut characters = core::str::from_utf8(inner).ok()?.chars();
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
