//! Floats, typed at an instance, beside models: the arithmetic of this machine with one NaN, 128-bit
//! numbers of Rust, and decimal digits found by multiplying digit by digit.

mod support;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use support::{Session, typed};

/// Bits of the one NaN.
const NAN: u64 = 0x7FF8_0000_0000_0000;

/// Bits of a float: any, and those at which something may go wrong.
fn bits() -> impl Strategy<Value = u64> {
    let special = prop_oneof![
        Just(0),
        Just(1_u64 << 63),
        Just(1),
        Just(NAN),
        Just(0x7FF0_0000_0000_0001),
        Just(u64::MAX),
        Just(f64::INFINITY.to_bits()),
        Just(f64::NEG_INFINITY.to_bits()),
        Just(f64::MAX.to_bits()),
        Just(f64::MIN_POSITIVE.to_bits()),
        Just(f64::MIN_POSITIVE.to_bits() - 1),
        Just(f64::EPSILON.to_bits()),
        Just(2_f64.powi(53).to_bits()),
        Just(2_f64.powi(63).to_bits()),
        Just((-2_f64.powi(63)).to_bits()),
        Just(2_f64.powi(127).to_bits()),
        Just((-2_f64.powi(127)).to_bits()),
    ];
    let near = (-4000..4000_i32).prop_map(|eighths| (f64::from(eighths) / 8.0).to_bits());
    prop_oneof![2 => special, 2 => near, 3 => any::<u64>()]
}

fn finite() -> impl Strategy<Value = f64> {
    bits().prop_map(|bits| {
        let float = f64::from_bits(bits);
        if float.is_finite() { float } else { 1.5 }
    })
}

/// What leaves a float, as cells of a program.
fn pushed(bits: u64) -> String {
    format!("{} BITS>F", bits.cast_signed())
}

/// What `F>BITS U.` prints of it.
fn shown(float: f64) -> String {
    let bits = if float.is_nan() { NAN } else { float.to_bits() };
    bits.to_string()
}

fn flag(truth: bool) -> &'static str {
    if truth { "-1" } else { "0" }
}

/// The lesser, or the greater, where -0 comes before 0.
fn extreme(a: f64, b: f64, greatest: bool) -> f64 {
    if a.is_nan() || b.is_nan() {
        return f64::NAN;
    }
    let ordered = a.total_cmp(&b).is_lt();
    if ordered == greatest { b } else { a }
}

/// `F~` by the words of the standard.
fn close(a: f64, b: f64, by: f64) -> bool {
    if by > 0.0 {
        (a - b).abs() < by
    } else if by == 0.0 {
        shown(a) == shown(b)
    } else {
        (a - b).abs() < by.abs() * (a.abs() + b.abs())
    }
}

/// A number as decimal digits, the first the most significant, and how many of them stand before the
/// point; exactly, bit by bit.
fn decimal(float: f64) -> (Vec<u8>, i64) {
    let bits = float.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), bits >> 52 & 0x7FF);
    let (mut significand, power) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, exponent as i64 - 1075),
    };
    let mut digits = Vec::new();
    while significand > 0 {
        digits.push((significand % 10) as u8);
        significand /= 10;
    }
    // Half is five tenths.
    let (times, shift) = if power < 0 { (5, power) } else { (2, 0) };
    for _ in 0..power.abs() {
        let mut carry = 0;
        for digit in &mut digits {
            let product = *digit * times + carry;
            (*digit, carry) = (product % 10, product / 10);
        }
        if carry > 0 {
            digits.push(carry);
        }
    }
    digits.reverse();
    let before = digits.len() as i64 + shift;
    (digits, before)
}

/// The first `count` digits, rounded to the nearest, of two the even one, and where the point is.
fn rounded(float: f64, count: usize) -> (String, i64) {
    if float == 0.0 {
        return ("0".repeat(count), 1);
    }
    let (mut digits, mut before) = decimal(float);
    let rest = digits.split_off(count.min(digits.len()));
    digits.resize(count, 0);
    let (half, more) = match rest.split_first() {
        Some((first, more)) => (*first, more.iter().any(|digit| *digit != 0)),
        None => (0, false),
    };
    let odd = digits.last().is_some_and(|digit| digit % 2 == 1);
    if half > 5 || half == 5 && (more || odd) {
        let nines = digits.iter().rev().take_while(|digit| **digit == 9).count();
        let kept = count - nines;
        digits[kept..].fill(0);
        match kept.checked_sub(1) {
            Some(last) => digits[last] += 1,
            None => {
                digits[0] = 1;
                before += 1;
            }
        }
    }
    let text = digits
        .iter()
        .map(|digit| char::from(b'0' + digit))
        .collect();
    (text, before)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arithmetic_is_that_of_this_machine_with_one_nan(
        pairs in collection::vec((bits(), bits()), 1..20)
    ) {
        let mut session = Session::default();
        for (x, y) in pairs {
            let (a, b) = (f64::from_bits(x), f64::from_bits(y));
            let both = format!("{} {}", pushed(x), pushed(y));
            for (word, result) in [
                ("F+", a + b), ("F-", a - b), ("F*", a * b), ("F/", a / b), ("FMOD", a % b),
                ("FMIN", extreme(a, b, false)), ("FMAX", extreme(a, b, true)),
            ] {
                session.line(format!("{both} {word} F>BITS U."), shown(result));
            }
            for (word, result) in [
                ("F<", a < b), ("F<=", a <= b), ("F>", a > b), ("F>=", a >= b), ("F=", a == b), ("F<>", a != b),
            ] {
                session.line(format!("{both} {word} ."), flag(result));
            }
            let one = pushed(x);
            for (word, result) in [
                ("FNEGATE", -a), ("FABS", a.abs()), ("FSQRT", a.sqrt()), ("FLOOR", a.floor()),
                ("FTRUNC", a.trunc()), ("FROUND", a.round_ties_even()),
            ] {
                session.line(format!("{one} {word} F>BITS U."), shown(result));
            }
            for (word, result) in [("F0<", a < 0.0), ("F0=", a == 0.0), ("F0>", a > 0.0)] {
                session.line(format!("{one} {word} ."), flag(result));
            }
            let single = f64::from(a as f32);
            session.line(format!("{one} PAD SF! PAD SF@ F>BITS U."), shown(single));
            session.line(format!("{one} PAD F! PAD @ U. {} PAD ! PAD F@ F>BITS U.", x.cast_signed()), format!("{0} {0}", shown(a)));
        }
        session.check();
    }

    #[test]
    fn conversions_to_integers_saturate(numbers in collection::vec((bits(), any::<i128>(), 0..127_u32), 1..40)) {
        let mut session = Session::default();
        for (x, double, shift) in numbers {
            let float = f64::from_bits(x);
            session.line(format!("{} F>D D.", pushed(x)), (float as i128).to_string());
            session.line(format!("{} F>S .", pushed(x)), (float as i64).to_string());
            let double = double >> shift;
            session.line(format!("{double}. D>F F>BITS U."), shown(double as f64));
            session.line(format!("{} S>F F>BITS U.", double as i64), shown(double as i64 as f64));
        }
        session.check();
    }

    #[test]
    fn about_the_same_is_what_the_standard_says(
        threes in collection::vec((bits(), bits(), bits(), 0..4_u8), 1..40)
    ) {
        let mut session = Session::default();
        for (x, y, z, kind) in threes {
            // Often the second is a neighbour of the first.
            let y = if kind < 2 { x.wrapping_add(u64::from(kind)) } else { y };
            let [a, b, by] = [x, y, z].map(f64::from_bits);
            let line = format!("{} {} {} F~ .", pushed(x), pushed(y), pushed(z));
            session.line(line, flag(close(a, b, by)));
            let line = format!("{} {} -1E-15 F~ .", pushed(x), pushed(y));
            session.line(line, flag(close(a, b, -1e-15)));
        }
        session.check();
    }

    #[test]
    fn digits_are_the_exact_ones_rounded(
        floats in collection::vec((finite(), 1..40_usize, 0..4_u8), 1..16)
    ) {
        let mut session = Session::default();
        for (float, count, kind) in floats {
            // All the digits there are now and then.
            let count = if kind == 0 { 20 * count } else { count };
            let (digits, before) = rounded(float.abs(), count);
            let sign = flag(float.is_sign_negative());
            session.line(
                format!("{} HERE {count} REPRESENT . . . HERE {count} TYPE", pushed(float.to_bits())),
                format!("-1 {sign} {before} {digits}"),
            );
        }
        session.check();
    }

    #[test]
    fn what_is_printed_reads_back(floats in collection::vec(finite(), 1..20)) {
        let mut session = Session::default();
        session.line("17 SET-PRECISION".to_owned(), "");
        for float in &floats {
            let (whole, short) = (shown(*float), format!("{float:e}"));
            let short = if short.contains('.') { short } else { short.replace('e', ".e") };
            session.line(format!("{short} F>BITS U."), whole.clone());
            session.line(format!("S\" {float:?}\" >FLOAT . F>BITS U."), format!("-1 {whole}"));
        }
        session.check();
        for word in ["FS.", "FE.", "F."] {
            let mut program = "17 SET-PRECISION CR ".to_owned();
            for float in &floats {
                program += &format!("{} {word} CR\n", pushed(float.to_bits()));
            }
            let printed = typed(&program);
            for (line, float) in printed.lines().skip(1).zip(&floats) {
                let read: f64 = line.trim().parse().expect("Rust reads what is printed");
                assert_eq!(shown(read), shown(*float), "{word}");
            }
        }
    }
}
