//! Double-cell arithmetic, typed at an instance, beside a model: 128-bit numbers of Rust, a product
//! and quotient found bit by bit, and digits found by repeated division.

mod support;

use proptest::{collection, proptest};
use support::{Session, cases, digits, double, flag, single};

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
