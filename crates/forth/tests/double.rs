//! Double-cell arithmetic, typed at an instance, beside a model: 128-bit numbers of Rust, a product
//! and quotient found bit by bit, and digits found by repeated division.

mod support;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use support::Session;

/// The floored quotient of a product, or nothing if it does not fit: the bits of `d` are taken in
/// from the most significant one down, so that nothing ever has more than 128 bits.
fn times_over(d: i128, n: i64, divisor: i64) -> Option<i128> {
    let (factor, divisor) = (
        u128::from(n.unsigned_abs()),
        u128::from(divisor.unsigned_abs()),
    );
    let (mut quotient, mut rest) = (0_u128, 0_u128);
    for bit in (0..128).rev() {
        rest = 2 * rest + (d.unsigned_abs() >> bit & 1) * factor;
        quotient = quotient.checked_mul(2)?.checked_add(rest / divisor)?;
        rest %= divisor;
    }
    if (d < 0) == (n < 0) || quotient == 0 && rest == 0 {
        return i128::try_from(quotient).ok();
    }
    let below = quotient.checked_add(u128::from(rest != 0))?;
    0_i128.checked_sub_unsigned(below)
}

/// A number in digits of `base`.
fn digits(d: i128, base: u32) -> String {
    let mut rest = d.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        let digit = (rest % u128::from(base)) as u32;
        digits.push(char::from_digit(digit, 36).expect("it is below 36"));
        rest /= u128::from(base);
    }
    let sign = if d < 0 { "-" } else { "" };
    sign.chars()
        .chain(digits.into_iter().rev())
        .collect::<String>()
        .to_ascii_uppercase()
}

fn double() -> impl Strategy<Value = i128> {
    let edges = [0, 1, -1, i128::MAX, i128::MIN].map(Just).to_vec();
    let powers =
        (0..128_u32, -1..2_i128).prop_map(|(bit, more)| (1_i128 << bit).wrapping_add(more));
    prop_oneof![
        1 => proptest::strategy::Union::new(edges),
        2 => powers.clone(),
        1 => powers.prop_map(i128::wrapping_neg),
        3 => (any::<i128>(), 0..128_u32).prop_map(|(bits, shift)| bits >> shift),
    ]
}

fn single() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
        2 => -3..4_i64,
        4 => (any::<i64>(), 0..64_u32).prop_map(|(bits, shift)| bits >> shift),
    ]
}

fn flag(flag: bool) -> &'static str {
    if flag { "-1" } else { "0" }
}

/// So many cases, or as many as PROPTEST_CASES says.
fn cases(count: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: wanted
            .and_then(|wanted| wanted.parse().ok())
            .unwrap_or(count),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn sums_wrap_and_comparisons_order(pairs in collection::vec((double(), double(), single()), 20)) {
        let mut session = Session::default();
        for (a, b, n) in pairs {
            session.line(format!("{a}. {b}. D+ D."), a.wrapping_add(b).to_string());
            session.line(format!("{a}. {b}. D- D."), a.wrapping_sub(b).to_string());
            session.line(format!("{a}. {n} M+ D."), a.wrapping_add(n.into()).to_string());
            session.line(format!("{a}. {b}. DMAX D."), a.max(b).to_string());
            session.line(format!("{a}. {b}. DMIN D."), a.min(b).to_string());
            session.line(format!("{a}. {b}. D< ."), flag(a < b));
            session.line(format!("{a}. {b}. DU< ."), flag(a.cast_unsigned() < b.cast_unsigned()));
            session.line(format!("{a}. {b}. D= ."), flag(a == b));
            session.line(format!("{a}. {a}. D= ."), "-1");
            session.line(format!("{a}. D0= ."), flag(a == 0));
            session.line(format!("{a}. D0< ."), flag(a < 0));
        }
        session.check();
    }

    #[test]
    fn one_operand_is_negated_halved_and_doubled(doubles in collection::vec(double(), 30)) {
        let mut session = Session::default();
        for d in doubles {
            session.line(format!("{d}. DNEGATE D."), d.wrapping_neg().to_string());
            session.line(format!("{d}. DABS D."), d.wrapping_abs().to_string());
            session.line(format!("{d}. D2* D."), d.wrapping_mul(2).to_string());
            session.line(format!("{d}. D2/ D."), d.div_euclid(2).to_string());
            session.line(format!("{d}. D>S ."), (d as i64).to_string());
        }
        session.check();
    }

    #[test]
    fn a_product_of_three_cells_is_divided_exactly(
        triples in collection::vec((double(), single(), 1..=i64::MAX, 0..63_u32), 40)
    ) {
        let mut session = Session::default();
        session.line(
            ": TRY ['] M*/ CATCH ?DUP IF . 2DROP 2DROP ELSE D. THEN ;".to_owned(),
            "",
        );
        for (d, n, divisor, shift) in triples {
            let divisor = (divisor >> shift).max(1);
            let quotient = times_over(d, n, divisor).map_or("-11".to_owned(), |q| q.to_string());
            session.line(format!("{d}. {n} {divisor} TRY"), quotient);
        }
        session.check();
    }

    #[test]
    fn numbers_are_read_and_printed_in_every_base(
        numbers in collection::vec((double(), 2..=36_u32), 40)
    ) {
        let mut session = Session::default();
        for (d, base) in numbers {
            let text = digits(d, base);
            session.line(format!("{d}. {base} BASE ! D. DECIMAL"), text.as_str());
            // A zero in front, lest digits alone should be the name of a word.
            let (sign, magnitude) = text.strip_prefix('-').map_or(("", text.as_str()), |m| ("-", m));
            let read = format!("{base} BASE ! {sign}0{magnitude}. DECIMAL D.");
            session.line(read, d.to_string());
            session.line(format!("{d}. 45 D.R"), format!("{d:>45}"));
        }
        session.check();
    }
}
