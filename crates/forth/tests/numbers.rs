//! Numbers read and printed in every base, beside a model that knows digits, 128-bit arithmetic and
//! the grammar of 3.4.1.3.

mod support;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use std::fmt::Write as _;
use stele_bytecode::module::Module;
use stele_forth::boot::core_words;
use support::{Session, cases, digits, double, single};

/// The digits of a number without sign.
fn unsigned_digits(u: u128, base: u32) -> String {
    let (high, low) = (u / u128::from(base), u % u128::from(base));
    let last = digits(low as i128, base);
    match high {
        0 => last,
        high => digits(high as i128, base) + &last,
    }
}

/// What a string of digits is worth, wrapped to 128 bits; `None` if something in it is no digit.
fn worth(text: &str, base: u32) -> Option<u128> {
    let mut characters = text.chars();
    characters.try_fold(0_u128, |so_far, character| {
        let digit = character.to_digit(36).filter(|digit| *digit < base)?;
        let raised = so_far.wrapping_mul(base.into());
        Some(raised.wrapping_add(digit.into()))
    })
}

/// What the interpreter makes of a word that is not in the dictionary.
fn read(text: &str, base: u32) -> Option<String> {
    let quoted: Vec<char> = text.chars().collect();
    if let ['\'', character, '\''] = quoted[..] {
        return Some(u32::from(character).to_string());
    }
    let (base, rest) = match text.split_at_checked(1)? {
        ("#", rest) => (10, rest),
        ("$", rest) => (16, rest),
        ("%", rest) => (2, rest),
        _ => (base, text),
    };
    let (negative, rest) = rest
        .strip_prefix('-')
        .map_or((false, rest), |rest| (true, rest));
    let (is_double, rest) = rest
        .strip_suffix('.')
        .map_or((false, rest), |rest| (true, rest));
    if rest.is_empty() {
        return None;
    }
    let magnitude = worth(rest, base)?;
    let value = if negative {
        magnitude.wrapping_neg()
    } else {
        magnitude
    };
    Some(if is_double {
        value.cast_signed().to_string()
    } else {
        (value as i64).to_string()
    })
}

/// Letters in either case, as `upper` says of each.
fn in_cases(text: &str, upper: u128) -> String {
    let letters = text.chars().enumerate();
    letters
        .map(|(place, letter)| match upper >> (place % 128) & 1 {
            0 => letter.to_ascii_lowercase(),
            _ => letter,
        })
        .collect()
}

fn is_word(text: &str) -> bool {
    let module = Module::read(core_words()).expect("the core words are sound");
    module
        .words()
        .any(|word| word.name.eq_ignore_ascii_case(text.as_bytes()))
}

/// Text that is a number or nearly one.
fn nearly_a_number() -> impl Strategy<Value = String> {
    let prefix =
        prop_oneof![3 => Just(""), 1 => Just("#"), 1 => Just("$"), 1 => Just("%"), 1 => Just("'")];
    let sign = prop_oneof![2 => Just(""), 1 => Just("-"), 1 => Just("+"), 1 => Just("--")];
    let body = prop_oneof![
        4 => "[0-9]{1,40}",
        2 => "[01]{1,130}",
        2 => "[0-9A-Fa-f]{1,34}",
        2 => "[0-9A-Za-z]{1,28}",
        1 => "[-#$%'.0-9a-zA-Z+,]{0,6}",
        1 => "[^\\x00-\\x20\\x7F\\\\\"(~]",
    ];
    let end =
        prop_oneof![3 => Just(""), 2 => Just("."), 1 => Just("'"), 1 => Just(".."), 1 => Just("-")];
    (prefix, sign, body, end).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}"))
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn single_numbers_are_printed_in_every_base(
        numbers in collection::vec((single(), 2..=36_u32, 0..80_usize), 40)
    ) {
        let mut session = Session::default();
        for (n, base, width) in numbers {
            let signed = digits(n.into(), base);
            let unsigned = unsigned_digits(n.cast_unsigned().into(), base);
            session.line(format!("{n} {base} BASE ! . DECIMAL"), signed.as_str());
            session.line(format!("{n} {base} BASE ! U. DECIMAL"), unsigned.as_str());
            let right = format!("{n} {base} BASE ! #{width} .R DECIMAL");
            session.line(right, format!("{signed:>width$}"));
            let right = format!("{n} {base} BASE ! #{width} U.R DECIMAL");
            session.line(right, format!("{unsigned:>width$}"));
        }
        session.check();
    }

    #[test]
    fn what_is_printed_is_read_again_in_either_case(
        numbers in collection::vec((single(), double(), 2..=36_u32, any::<u128>()), 30)
    ) {
        let mut session = Session::default();
        for (n, d, base, upper) in numbers {
            for (number, point, print) in [(i128::from(n), "", "."), (d, ".", "D.")] {
                let text = in_cases(&digits(number, base), upper);
                // A zero in front, lest digits alone should be the name of a word.
                let (sign, magnitude) = text.strip_prefix('-').map_or(("", &*text), |rest| ("-", rest));
                let line = format!("{base} BASE ! {sign}0{magnitude}{point} DECIMAL {print}");
                session.line(line, number.to_string());
            }
        }
        session.check();
    }

    #[test]
    fn a_prefix_says_the_base_whatever_base_is(
        numbers in collection::vec((single(), double(), 2..=36_u32), 30)
    ) {
        let mut session = Session::default();
        for (n, d, base) in numbers {
            for (prefix, of_prefix) in [('#', 10), ('$', 16), ('%', 2)] {
                let single = digits(n.into(), of_prefix);
                session.line(format!("{base} BASE ! {prefix}{single} DECIMAL ."), n.to_string());
                let double = digits(d, of_prefix);
                session.line(format!("{base} BASE ! {prefix}{double}. DECIMAL D."), d.to_string());
            }
        }
        session.check();
    }

    #[test]
    fn a_word_is_a_number_exactly_if_the_grammar_says_so(
        texts in collection::vec((nearly_a_number(), 2..=36_u32), 30)
    ) {
        let mut session = Session::default();
        session.line(
            ": TRY PARSE-NAME ['] EVALUATE CATCH DECIMAL ?DUP IF NIP NIP . EXIT THEN \
             DEPTH 1 = IF . ELSE D. THEN ;".to_owned(),
            "",
        );
        for (text, base) in texts {
            if text.is_empty() || is_word(&text) {
                continue;
            }
            let expected = read(&text, base).unwrap_or_else(|| "-13".to_owned());
            session.line(format!("{base} BASE ! TRY {text}"), expected);
        }
        session.check();
    }

    #[test]
    fn to_number_takes_digits_as_long_as_there_are_any(
        strings in collection::vec((double(), "[0-9A-Za-z]{0,60}[ -~]{0,12}", 2..=36_u32), 30)
    ) {
        let mut session = Session::default();
        for (start, text, base) in strings {
            let text = text.replace('"', "x");
            let end = text.find(|digit: char| digit.to_digit(36).is_none_or(|digit| digit >= base));
            let (taken, rest) = text.split_at(end.unwrap_or(text.len()));
            let raised = taken.chars().fold(start.cast_unsigned(), |so_far, digit| {
                let digit = digit.to_digit(36).expect("it is one");
                so_far.wrapping_mul(base.into()).wrapping_add(digit.into())
            });
            let line = format!("{start}. S\" {text}\" {base} BASE ! >NUMBER DECIMAL TYPE SPACE D.");
            session.line(line, format!("{rest} {}", raised.cast_signed()).trim_end());
        }
        session.check();
    }

    #[test]
    fn numbers_are_pictured_as_they_are_told_to_be(
        numbers in collection::vec((double(), 2..=36_u32, collection::vec(0..3_u8, 0..40)), 30)
    ) {
        let mut session = Session::default();
        for (d, base, picture) in numbers {
            let (mut words, mut expected) = (String::new(), String::new());
            let mut rest = d.unsigned_abs();
            for part in picture {
                let (word, shown) = match part {
                    0 => ("'-' HOLD ", "-".to_owned()),
                    1 => ("S\" a,\" HOLDS ", "a,".to_owned()),
                    _ => {
                        let digit = unsigned_digits(rest % u128::from(base), base);
                        rest /= u128::from(base);
                        ("# ", digit)
                    }
                };
                words.push_str(word);
                expected.insert_str(0, &shown);
            }
            expected.insert_str(0, &unsigned_digits(rest, base));
            if d < 0 {
                expected.insert(0, '-');
            }
            let mut line = format!("{d}. TUCK DABS {base} BASE ! <# ");
            let _ = write!(line, "{words}#S ROT SIGN #> DECIMAL TYPE");
            session.line(line, expected);
        }
        session.check();
    }
}
