//! Fixed point: numbers of 48 bits before and 16 behind the point, in a cell (Q48.16).
//!
//! Results are rounded to the nearest number, a half upwards; what is too large for a cell becomes the largest
//! or the smallest number there is. Every host gets the same bits, for nothing here is floating point.
//! Logarithm and exponential are computed with 120 bits behind the point, so their error is less
//! than 0.5 + 2^-32 units of the last place.

use stele_vm::{Machine, Step, Trap};

/// Bits behind the point.
const POINT: u32 = 16;

/// Numbers that one run of a primitive over an array takes in.
const PIECE: i64 = 2048;

/// The cell nearest to a number.
fn saturate(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

/// Replaces the two top cells by what an operation makes of them.
fn binary(
    machine: &mut Machine<'_, '_>,
    operation: impl FnOnce(i64, i64) -> Result<i64, Trap>,
) -> Result<Step, Trap> {
    let result = operation(machine.peek(1)?, machine.peek(0)?)?;
    machine.pop()?;
    machine.poke(0, result)?;
    Ok(Step::Done)
}

/// Replaces the top cell by what an operation makes of it.
fn unary(
    machine: &mut Machine<'_, '_>,
    operation: impl FnOnce(i64) -> Result<i64, Trap>,
) -> Result<Step, Trap> {
    let result = operation(machine.peek(0)?)?;
    machine.poke(0, result)?;
    Ok(Step::Done)
}

/// `( q1 q2 -- q3 )`
pub(super) fn add(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    binary(machine, |a, b| Ok(a.saturating_add(b)))
}

/// `( q1 q2 -- q3 )`
pub(super) fn subtract(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    binary(machine, |a, b| Ok(a.saturating_sub(b)))
}

/// `( q1 q2 -- q3 )`
pub(super) fn multiply(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    binary(machine, |a, b| Ok(product(a, b)))
}

/// `( q1 q2 -- q3 )`
pub(super) fn divide(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    binary(machine, quotient)
}

/// `( n -- q )`
pub(super) fn from_integer(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    unary(machine, |n| Ok(saturate(i128::from(n) << POINT)))
}

/// `( q1 -- q2 )`: the square root.
pub(super) fn square_root(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    unary(machine, root)
}

/// `( q1 -- q2 )`: the natural logarithm.
pub(super) fn logarithm(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    unary(machine, log)
}

/// `( q1 -- q2 )`: e to the power of q1.
pub(super) fn exponential(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    unary(machine, |q| Ok(exp(q)))
}

/// `( a-addr1 u1 d1 -- a-addr2 0 d2 )`: adds u1 cells to a double-cell number.
pub(super) fn sum(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    over_cells(machine, 0, |sum, cell| {
        let sum = sum.cast_signed().wrapping_add(i128::from(cell));
        sum.cast_unsigned()
    })
}

/// `( a-addr1 u1 q ud1 -- a-addr2 0 q ud2 )`: adds the squares of the differences between q and u1
/// cells, as far as there is room.
pub(super) fn squares(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let mean = machine.peek(2)?;
    over_cells(machine, 1, |sum, cell| {
        let distance = u128::from(cell.abs_diff(mean));
        sum.saturating_add(distance.saturating_mul(distance))
    })
}

/// `( ud u -- q )`: a sum of squares of u differences, divided by u.
pub(super) fn mean_square(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let count = machine.peek(0)?.cast_unsigned().max(1);
    let sum = double(machine, 1)?;
    machine.pop()?;
    machine.pop()?;
    // Squares have twice the bits behind the point.
    let doubled = sum / (u128::from(count) << (POINT - 1));
    let mean = doubled.div_ceil(2);
    machine.poke(0, i64::try_from(mean).unwrap_or(i64::MAX))?;
    Ok(Step::Done)
}

/// Takes a piece of an array into the double-cell number on top, `below` cells above its address and
/// length, as `take` says.
fn over_cells(
    machine: &mut Machine<'_, '_>,
    below: usize,
    take: impl Fn(u128, i64) -> u128,
) -> Result<Step, Trap> {
    let (address, count) = (machine.peek(below + 3)?, machine.peek(below + 2)?);
    let bytes = count.checked_mul(8).ok_or(Trap::INVALID_ADDRESS)?;
    machine.bytes(address, bytes)?;
    let piece = count.clamp(0, PIECE);
    let mut number = double(machine, 0)?;
    for cell in machine.bytes(address, piece * 8)?.chunks_exact(8) {
        let cell = cell.try_into().map_or(0, i64::from_le_bytes);
        number = take(number, cell);
    }
    machine.charge(piece.unsigned_abs());
    machine.poke(below + 3, address + piece * 8)?;
    machine.poke(below + 2, count - piece)?;
    machine.poke(1, number as i64)?;
    machine.poke(0, (number >> 64) as i64)?;
    Ok(if piece < count {
        Step::Again
    } else {
        Step::Done
    })
}

/// The double-cell number that has `above` cells above it.
fn double(machine: &Machine<'_, '_>, above: usize) -> Result<u128, Trap> {
    let (low, high) = (machine.peek(above + 1)?, machine.peek(above)?);
    Ok(u128::from(low.cast_unsigned()) | u128::from(high.cast_unsigned()) << 64)
}

fn product(a: i64, b: i64) -> i64 {
    let exact = i128::from(a) * i128::from(b);
    saturate((exact + (1 << (POINT - 1))) >> POINT)
}

fn quotient(a: i64, b: i64) -> Result<i64, Trap> {
    if b == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let (a, b) = if b < 0 {
        (-i128::from(a), -i128::from(b))
    } else {
        (i128::from(a), i128::from(b))
    };
    Ok(saturate(((a << (POINT + 1)) + b).div_euclid(2 * b)))
}

fn root(q: i64) -> Result<i64, Trap> {
    let square = u128::try_from(q).map_err(|_| Trap::NUMERIC_ARGUMENT)? << POINT;
    let root = square.isqrt();
    // A half more is nearer from the square of root + 1/2 on, which is no integer.
    let nearest = root + u128::from(square - root * root > root);
    Ok(i64::try_from(nearest).unwrap_or(i64::MAX))
}

/// Bits behind the point of what logarithm and exponential compute with.
const FINE: u32 = 120;

/// 1 and the natural logarithm of 2 with so many bits.
const ONE: u128 = 1 << FINE;
const LN_2: u128 = 0x00B1_7217_F7D1_CF79_ABC9_E3B3_9803_F2F7;

/// The product of two numbers below 2^7, rounded down.
fn fine_product(a: u128, b: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low, b_high, b_low) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (crossed, carried) = (a_high * b_low).overflowing_add(a_low * b_high);
    let (low, carry) = (a_low * b_low).overflowing_add(crossed << 64);
    let high = a_high * b_high + (crossed >> 64) + (u128::from(carried) << 64) + u128::from(carry);
    high << (128 - FINE) | low >> FINE
}

/// ln(2^k m) = k ln 2 + 2 artanh((m − 1) / (m + 1)), for m from 1 to 2; the series converges by a
/// factor of nine or more.
fn log(q: i64) -> Result<i64, Trap> {
    let number = u64::try_from(q).ok().filter(|number| *number != 0);
    let number = number.ok_or(Trap::NUMERIC_ARGUMENT)?;
    let top = number.ilog2();
    let mantissa = u128::from(number) << (FINE - top);
    let ratio = fine_ratio(mantissa - ONE, mantissa + ONE);
    let square = fine_product(ratio, ratio);
    let (mut power, mut sum, mut divisor) = (ratio, 0, 1);
    while power != 0 {
        sum += power / divisor;
        power = fine_product(power, square);
        divisor += 2;
    }
    let exponent = i128::from(top) - i128::from(POINT);
    // At most 47 times ln 2, which leaves room.
    let whole = exponent * (LN_2 >> 2).cast_signed() + (sum >> 1).cast_signed();
    Ok(saturate(rounded(whole, FINE - 2)))
}

/// The quotient of two numbers, the first being the lesser, bit by bit.
fn fine_ratio(a: u128, b: u128) -> u128 {
    let (mut rest, mut quotient) = (a, 0);
    for _ in 0..FINE {
        rest <<= 1;
        quotient <<= 1;
        if rest >= b {
            rest -= b;
            quotient |= 1;
        }
    }
    quotient
}

/// A number of `bits` bits behind the point with [`POINT`] of them, to the nearest.
fn rounded(number: i128, bits: u32) -> i128 {
    let shift = bits - POINT;
    ((number >> (shift - 1)) + 1) >> 1
}

/// e^(k ln 2 + r) = 2^k e^r, for r from 0 to ln 2, by the power series.
fn exp(q: i64) -> i64 {
    // Beyond these the result is 0, or more than a cell holds.
    if q < -13 << POINT {
        return 0;
    }
    if q >= 33 << POINT {
        return i64::MAX;
    }
    let wanted = i128::from(q) << (FINE - POINT);
    let power = wanted.div_euclid(LN_2.cast_signed());
    let rest = wanted.rem_euclid(LN_2.cast_signed()).cast_unsigned();
    let (mut term, mut sum, mut number) = (ONE, 0, 1);
    while term != 0 {
        sum += term;
        term = fine_product(term, rest) / number;
        number += 1;
    }
    let shift = i128::from(FINE - POINT) - power;
    let nearest = match u32::try_from(shift) {
        Ok(shift @ 1..=127) => ((sum >> (shift - 1)) + 1) >> 1,
        _ => 0,
    };
    i64::try_from(nearest).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{exp, fine_product, log, product, quotient, root, saturate};
    use proptest::prelude::{Strategy, any, prop_oneof};
    use proptest::proptest;
    use stele_vm::Trap;

    const ULP: f64 = 65_536.0;

    /// Numbers of every size.
    fn number() -> impl Strategy<Value = i64> {
        (any::<i64>(), 0..64_u32).prop_map(|(number, shift)| number >> shift)
    }

    /// A positive number, mostly.
    fn positive() -> impl Strategy<Value = i64> {
        prop_oneof![8 => number().prop_map(|number| number.saturating_abs().max(1)), 1 => 1..100_000_i64]
    }

    /// Bits of a product of two 128-bit numbers from bit 120 on, digit by digit.
    fn slow_product(a: u128, b: u128) -> u128 {
        let digits = |number: u128| (0..8).map(move |at| number >> (16 * at) & 0xFFFF);
        let mut found = [0_u128; 17];
        for (i, a) in digits(a).enumerate() {
            for (j, b) in digits(b).enumerate() {
                found[i + j] += a * b;
            }
        }
        for at in 0..16 {
            found[at + 1] += found[at] >> 16;
            found[at] &= 0xFFFF;
        }
        (0..16).rev().fold(0, |sum: u128, at| {
            let bit = 16 * at as i32 - 120;
            sum | if bit >= 0 {
                found[at] << bit
            } else {
                found[at] >> -bit.max(-127)
            }
        })
    }

    proptest! {
        #[test]
        fn products_are_the_nearest(a in number(), b in number()) {
            let exact = i128::from(a) * i128::from(b);
            let found = i128::from(product(a, b));
            if (i128::from(i64::MIN) + 1..i128::from(i64::MAX)).contains(&found) {
                let error = (found << 16) - exact;
                assert!((-32_767..=32_768).contains(&error));
            } else {
                assert_eq!(found.signum(), exact.signum());
            }
        }

        #[test]
        fn quotients_are_the_nearest(a in number(), b in number().prop_filter("a divisor", |b| *b != 0)) {
            let found = i128::from(quotient(a, b).expect("it is no division by zero"));
            let exact = i128::from(a) << 16;
            if (i128::from(i64::MIN) + 1..i128::from(i64::MAX)).contains(&found) {
                let error = found * i128::from(b) - exact;
                assert!(2 * error.unsigned_abs() <= u128::from(b.unsigned_abs()));
            } else {
                assert_eq!(saturate(exact / i128::from(b)).signum(), (found.signum()) as i64);
            }
        }

        #[test]
        fn roots_are_the_nearest(q in positive()) {
            let square = i128::from(q) << 16;
            let found = i128::from(root(q).expect("it is positive"));
            // (found − 1/2)² ≤ square < (found + 1/2)², all times four.
            assert!((2 * found - 1).pow(2) <= 4 * square && 4 * square < (2 * found + 1).pow(2));
        }

        #[test]
        fn logarithms_are_the_nearest(q in positive()) {
            let exact = (q as f64 / ULP).ln() * ULP;
            let found = log(q).expect("it is positive") as f64;
            assert!((found - exact).abs() <= 0.5 + 1e-8, "{q}: {found} {exact}");
        }

        #[test]
        fn exponentials_are_the_nearest(q in -900_000..=2_135_026_i64) {
            let exact = (q as f64 / ULP).exp() * ULP;
            let found = exp(q) as f64;
            // What is compared with has 53 bits itself.
            assert!((found - exact).abs() <= 0.5 + 1e-8 + exact * 1e-14, "{q}: {found} {exact}");
        }

        #[test]
        fn fine_products_are_exact(a in any::<u128>(), b in any::<u128>(), shift in 2..120_u32) {
            let (a, b) = (a >> 1, b >> shift.max(7));
            assert_eq!(fine_product(a, b), slow_product(a, b));
        }

        #[test]
        fn an_exponential_undoes_a_logarithm(q in 1_i64 << 20..1 << 62) {
            // The logarithm's half unit becomes that part of the result.
            let back = exp(log(q).expect("it is positive"));
            let error = (i128::from(back) - i128::from(q)).unsigned_abs();
            assert!(error <= (q as u128 >> 16) + 2, "{q}: {back}");
        }
    }

    #[test]
    fn what_has_no_result_is_refused() {
        assert_eq!(quotient(1, 0), Err(Trap::DIVISION_BY_ZERO));
        assert_eq!(root(-1), Err(Trap::NUMERIC_ARGUMENT));
        assert_eq!(log(0), Err(Trap::NUMERIC_ARGUMENT));
        assert_eq!(log(-1), Err(Trap::NUMERIC_ARGUMENT));
    }

    #[test]
    fn what_is_too_large_is_the_largest() {
        assert_eq!(product(i64::MAX, i64::MAX), i64::MAX);
        assert_eq!(product(i64::MIN, i64::MAX), i64::MIN);
        assert_eq!(product(i64::MIN, i64::MIN), i64::MAX);
        assert_eq!(quotient(i64::MIN, 1), Ok(i64::MIN));
        assert_eq!(quotient(i64::MIN, -1), Ok(i64::MAX));
        assert_eq!([exp(i64::MAX), exp(i64::MIN)], [i64::MAX, 0]);
        assert_eq!(exp(0), 65_536);
        assert_eq!(
            [log(65_536), log(1), log(i64::MAX)],
            [Ok(0), Ok(-726_817), Ok(2_135_026)]
        );
    }
}
