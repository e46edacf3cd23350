//! Numbers compared by what they are worth: integers and floats exactly, never by rounding one to
//! the other. Floats are handled as their bits, so nothing here needs floating-point registers.

use core::cmp::Ordering;

use crate::value::NAN;

/// A number of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Integer(i64),
    /// The bits of an IEEE binary64, of which there is one NaN.
    Float(u64),
}

const SIGN: u64 = 1 << 63;
/// Bits of a float below its exponent.
const FRACTION: u32 = 52;
const BIAS: i32 = 1023;

impl Number {
    /// Which of the two is worth more. NaN is worth as much as itself and more than all else, so
    /// that numbers are totally ordered and a NaN can be found again in a map.
    pub(crate) fn compare(self, other: Number) -> Ordering {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
            (Number::Float(a), Number::Float(b)) => order_of(a).cmp(&order_of(b)),
            (Number::Integer(a), Number::Float(b)) => compare_mixed(a, b),
            (Number::Float(a), Number::Integer(b)) => compare_mixed(b, a).reverse(),
        }
    }

    /// As [`Number::compare`], and among equals integers come before floats, -0.0 before 0.0: so
    /// only identical numbers are equal.
    pub(crate) fn compare_totally(self, other: Number) -> Ordering {
        let tie = |number| match number {
            Number::Integer(_) => 0,
            Number::Float(SIGN) => 1,
            Number::Float(_) => 2,
        };
        self.compare(other).then_with(|| tie(self).cmp(&tie(other)))
    }

    /// The integer that is worth as much, if there is one of 64 bits.
    pub(crate) fn as_integer(self) -> Option<i64> {
        match self {
            Number::Integer(integer) => Some(integer),
            Number::Float(bits) => match split(bits) {
                Split::Near(integer, false) => Some(integer),
                _ => None,
            },
        }
    }
}

/// Where floats stand in order: as signed integers, both zeros at zero.
fn order_of(bits: u64) -> i64 {
    if bits & SIGN == 0 {
        bits as i64
    } else {
        -((bits & !SIGN) as i64)
    }
}

/// What a float is in terms of integers.
enum Split {
    /// An integer, to which a fraction of the float's sign may come.
    Near(i64, bool),
    /// Beyond all integers of 64 bits, or NaN.
    Beyond,
}

fn split(bits: u64) -> Split {
    let exponent = (bits >> FRACTION) as i32 & 0x7FF;
    let power = exponent - BIAS;
    let mantissa = bits & ((1 << FRACTION) - 1) | 1 << FRACTION;
    let negative = bits & SIGN != 0;
    let signed = |magnitude: u64| {
        if negative {
            (magnitude as i64).wrapping_neg()
        } else {
            magnitude as i64
        }
    };
    match power {
        _ if bits & !SIGN == 0 => Split::Near(0, false),
        ..=-1 => Split::Near(0, true),
        0..=51 => {
            let below = FRACTION - power as u32;
            let fraction = mantissa & ((1 << below) - 1) != 0;
            Split::Near(signed(mantissa >> below), fraction)
        }
        52..=62 => Split::Near(signed(mantissa << (power - 52)), false),
        63 if negative && mantissa == 1 << FRACTION => Split::Near(i64::MIN, false),
        _ => Split::Beyond,
    }
}

fn compare_mixed(integer: i64, bits: u64) -> Ordering {
    let negative = bits & SIGN != 0;
    match split(bits) {
        Split::Beyond if negative && bits != NAN => Ordering::Greater,
        Split::Beyond => Ordering::Less,
        Split::Near(near, fraction) => integer.cmp(&near).then(match (fraction, negative) {
            (false, _) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (true, true) => Ordering::Greater,
        }),
    }
}
