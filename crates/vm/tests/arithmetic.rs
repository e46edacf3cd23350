//! Division in every form against what division is: `a = q × b + r`, the remainder smaller than the
//! divisor and of the right sign, and a named trap exactly where there is no such quotient.

mod support;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::proptest;
use stele_vm::Trap;
use stele_vm::arithmetic::{divide, divide_floored, divide_symmetric, divide_unsigned, scale};
use support::bytecode::cases;

/// Cells where something changes: limits, their neighbours, small numbers, powers of two.
const LIMITS: &[i64] = &[
    i64::MIN,
    i64::MIN + 1,
    i64::MIN / 2,
    -(1 << 32),
    -3,
    -2,
    -1,
    0,
    1,
    2,
    3,
    1 << 31,
    1 << 32,
    i64::MAX / 2,
    i64::MAX - 1,
    i64::MAX,
];

fn limits() -> impl Iterator<Item = i64> {
    LIMITS.iter().copied()
}

fn doubles() -> impl Iterator<Item = i128> {
    let products = limits().flat_map(|a| limits().map(move |b| i128::from(a) * i128::from(b)));
    let near = products.flat_map(|product| [-1, 0, 1].map(|near| product.wrapping_add(near)));
    near.chain([i128::MIN, i128::MIN + 1, i128::MAX - 1, i128::MAX])
}

/// A magnitude divided bit by bit, as on paper.
fn long_division(dividend: u128, divisor: u128) -> (u128, u128) {
    let (mut quotient, mut remainder) = (0_u128, 0_u128);
    for bit in (0..128).rev() {
        remainder = remainder << 1 | dividend >> bit & 1;
        if remainder >= divisor {
            remainder -= divisor;
            quotient |= 1 << bit;
        }
    }
    (quotient, remainder)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Floored,
    Symmetric,
}

/// Remainder and quotient of signed numbers.
fn expected(a: i128, b: i64, rounding: Rounding) -> Result<(u64, u64), Trap> {
    if b == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let (quotient, remainder) = long_division(a.unsigned_abs(), u128::from(b.unsigned_abs()));
    let opposite = (a < 0) != (b < 0);
    let down = opposite && remainder != 0 && rounding == Rounding::Floored;
    // The magnitude of what comes out, and whether that is negative.
    let quotient = quotient + u128::from(down);
    let most = if opposite { 1 << 63 } else { (1 << 63) - 1 };
    if quotient > most {
        return Err(Trap::OUT_OF_RANGE);
    }
    let signed = |magnitude: u128, negative: bool| {
        let magnitude = magnitude as u64;
        if negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        }
    };
    let remainder = match down {
        true => signed(u128::from(b.unsigned_abs()) - remainder, b < 0),
        false => signed(remainder, a < 0),
    };
    Ok((remainder, signed(quotient, opposite)))
}

fn cell(number: i64) -> u64 {
    number.cast_unsigned()
}

fn check_singles(a: i64, b: i64) {
    let found = divide(cell(a), cell(b));
    assert_eq!(
        found,
        expected(i128::from(a), b, Rounding::Floored),
        "{a} / {b}"
    );
}

fn check_scale(a: i64, b: i64, c: i64) {
    let product = i128::from(a) * i128::from(b);
    let found = scale(cell(a), cell(b), cell(c));
    assert_eq!(
        found,
        expected(product, c, Rounding::Floored),
        "{a} × {b} / {c}"
    );
}

fn check_doubles(a: i128, b: i64) {
    let dividend = a.cast_unsigned();
    let floored = divide_floored(dividend, cell(b));
    assert_eq!(
        floored,
        expected(a, b, Rounding::Floored),
        "{a} floored by {b}"
    );
    let symmetric = divide_symmetric(dividend, cell(b));
    assert_eq!(symmetric, expected(a, b, Rounding::Symmetric), "{a} by {b}");
    let divisor = cell(b);
    let unsigned = divide_unsigned(dividend, divisor);
    if divisor == 0 {
        assert_eq!(unsigned, Err(Trap::DIVISION_BY_ZERO));
        return;
    }
    let (quotient, remainder) = long_division(dividend, u128::from(divisor));
    let wanted = u64::try_from(quotient).map_err(|_| Trap::OUT_OF_RANGE);
    let wanted = wanted.map(|quotient| (remainder as u64, quotient));
    assert_eq!(unsigned, wanted, "{dividend} by {divisor}, unsigned");
}

#[test]
fn single_by_single_at_the_limits() {
    for a in limits() {
        for b in limits() {
            check_singles(a, b);
        }
    }
}

#[test]
fn scaling_at_the_limits() {
    for a in limits() {
        for b in limits() {
            for c in limits() {
                check_scale(a, b, c);
            }
        }
    }
}

#[test]
fn double_by_single_at_the_limits() {
    for a in doubles() {
        for b in limits() {
            check_doubles(a, b);
        }
    }
}

#[test]
fn the_largest_quotients_that_fit_and_the_least_that_do_not() {
    let most = i128::from(i64::MAX);
    let least = i128::from(i64::MIN);
    for b in limits().filter(|b| *b != 0) {
        let wide = i128::from(b);
        for quotient in [most, least] {
            let exact = quotient * wide;
            assert!(divide_floored(exact.cast_unsigned(), cell(b)).is_ok());
            assert!(divide_symmetric(exact.cast_unsigned(), cell(b)).is_ok());
        }
        for quotient in [most + 1, least - 1] {
            let exact = quotient * wide;
            let error = Err(Trap::OUT_OF_RANGE);
            assert_eq!(divide_floored(exact.cast_unsigned(), cell(b)), error);
            assert_eq!(divide_symmetric(exact.cast_unsigned(), cell(b)), error);
        }
    }
}

fn wide() -> impl Strategy<Value = i128> {
    prop_oneof![
        any::<i128>(),
        (any::<i64>(), any::<i64>()).prop_map(|(a, b)| i128::from(a) * i128::from(b)),
        any::<i64>().prop_map(i128::from),
        Just(i128::MIN),
    ]
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn any_single_by_any_single(a: i64, b: i64, small in -9..10_i64) {
        check_singles(a, b);
        check_singles(a, small);
    }

    #[test]
    fn any_scaling(a: i64, b: i64, c: i64, small in -9..10_i64) {
        check_scale(a, b, c);
        check_scale(a, small, c);
        check_scale(a, b, small);
    }

    #[test]
    fn any_double_by_any_single(a in wide(), b: i64, small in -9..10_i64) {
        check_doubles(a, b);
        check_doubles(a, small);
    }
}
