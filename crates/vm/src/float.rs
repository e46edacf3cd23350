//! What operations on floats give: the same bits on every host.
//!
//! A float is an IEEE 754 binary64, rounded to the nearest, of two the even one; nothing is
//! contracted, and no small number becomes zero. Of the many floats that are no number there is one,
//! [`stele_bytecode::instruction::NAN`]: every operation here leaves that or a number. Conversions
//! to integers go towards zero and to the nearest integer there is; what is no number becomes 0.
//!
//! Sum, product, quotient and their like are the processor's, or in the kernel, which has no
//! floating-point registers, those of the compiler's library; both are exact to the last bit.
//! Everything else comes from the crate libm, in plain arithmetic on every host.

use stele_bytecode::instruction::NAN;

/// The float itself, or the one that is no number.
#[inline]
#[must_use]
pub fn canonical(a: f64) -> f64 {
    if a.is_nan() { not_a_number() } else { a }
}

/// The one float that is no number; apart, so that there is a branch, hardly ever taken, and not a
/// choice that every result would have to wait for.
#[cold]
#[inline(never)]
fn not_a_number() -> f64 {
    f64::from_bits(NAN)
}

/// The float with these bits.
#[inline]
#[must_use]
pub fn from_bits(bits: u64) -> f64 {
    canonical(f64::from_bits(bits))
}

/// The float nearest to an IEEE 754 binary32 with these bits, which is exact.
#[inline]
#[must_use]
pub fn from_single_bits(bits: u32) -> f64 {
    canonical(f64::from(f32::from_bits(bits)))
}

/// The bits of the nearest IEEE 754 binary32.
#[inline]
#[must_use]
pub fn to_single_bits(a: f64) -> u32 {
    if a.is_nan() {
        0x7FC0_0000
    } else {
        (a as f32).to_bits()
    }
}

/// Operations of two floats on which nothing but the result may be no number.
macro_rules! arithmetic {
    ($( $(#[$doc:meta])* $name:ident |$a:ident, $b:ident| $value:expr; )*) => { $(
        $(#[$doc])*
        #[inline]
        #[must_use]
        pub fn $name($a: f64, $b: f64) -> f64 {
            canonical($value)
        }
    )* };
}

arithmetic! {
    /// Sum.
    add |a, b| a + b;
    /// Difference.
    subtract |a, b| a - b;
    /// Product.
    multiply |a, b| a * b;
    /// Quotient; of a number by zero an infinity, of zero by zero no number.
    divide |a, b| a / b;
    /// What is left of `a` when `b` has been taken from its magnitude as often as it goes, with the
    /// sign of `a`: exact.
    remainder |a, b| libm::fmod(a, b);
    /// `a` to the power of `b`.
    power |a, b| libm::pow(a, b);
    /// The angle of the point that lies `b` to the right of zero and `a` above it.
    arc_tangent_of |a, b| libm::atan2(a, b);
}

/// The lesser; -0 is less than 0. No number if either is none.
#[inline]
#[must_use]
pub fn minimum(a: f64, b: f64) -> f64 {
    if a < b {
        a
    } else if b < a {
        b
    } else if a == b {
        // Equal floats differ in the sign at most.
        f64::from_bits(a.to_bits() | b.to_bits())
    } else {
        f64::from_bits(NAN)
    }
}

/// The greater; 0 is greater than -0. No number if either is none.
#[inline]
#[must_use]
pub fn maximum(a: f64, b: f64) -> f64 {
    if a > b {
        a
    } else if b > a {
        b
    } else if a == b {
        f64::from_bits(a.to_bits() & b.to_bits())
    } else {
        f64::from_bits(NAN)
    }
}

/// Operations of one float on which nothing but the result may be no number.
macro_rules! functions {
    ($( $(#[$doc:meta])* $name:ident |$a:ident| $value:expr; )*) => { $(
        $(#[$doc])*
        #[inline]
        #[must_use]
        pub fn $name($a: f64) -> f64 {
            canonical($value)
        }
    )* };
}

functions! {
    /// The other sign.
    negate |a| -a;
    /// Without its sign.
    magnitude |a| a.abs();
    /// Square root, to the nearest float.
    square_root |a| libm::sqrt(a);
    /// The greatest integer that is not above it.
    floor |a| libm::floor(a);
    /// The integer next to it on the side of zero.
    truncate |a| libm::trunc(a);
    /// The nearest integer, of two the even one.
    round |a| libm::rint(a);
    /// e to its power.
    exponential |a| libm::exp(a);
    /// e to its power, less one.
    exponential_less_one |a| libm::expm1(a);
    /// Ten to its power.
    power_of_ten |a| libm::exp10(a);
    /// Natural logarithm.
    logarithm |a| libm::log(a);
    /// Natural logarithm of it and one.
    logarithm_of_one_more |a| libm::log1p(a);
    /// Decimal logarithm.
    decimal_logarithm |a| libm::log10(a);
    /// Sine of an angle in radians.
    sine |a| libm::sin(a);
    /// Cosine of an angle in radians.
    cosine |a| libm::cos(a);
    /// Tangent of an angle in radians.
    tangent |a| libm::tan(a);
    /// The angle of that sine.
    arc_sine |a| libm::asin(a);
    /// The angle of that cosine.
    arc_cosine |a| libm::acos(a);
    /// The angle of that tangent.
    arc_tangent |a| libm::atan(a);
    /// Hyperbolic sine.
    hyperbolic_sine |a| libm::sinh(a);
    /// Hyperbolic cosine.
    hyperbolic_cosine |a| libm::cosh(a);
    /// Hyperbolic tangent.
    hyperbolic_tangent |a| libm::tanh(a);
    /// The inverse of the hyperbolic sine.
    area_sine |a| libm::asinh(a);
    /// The inverse of the hyperbolic cosine.
    area_cosine |a| libm::acosh(a);
    /// The inverse of the hyperbolic tangent.
    area_tangent |a| libm::atanh(a);
}

/// The float nearest to an integer.
#[inline]
#[must_use]
pub fn from_integer(integer: i64) -> f64 {
    integer as f64
}

/// The float nearest to a double-cell number.
#[inline]
#[must_use]
pub fn from_double(double: i128) -> f64 {
    double as f64
}

/// The integer next to a float on the side of zero, or the nearest there is.
#[inline]
#[must_use]
pub fn to_integer(a: f64) -> i64 {
    a as i64
}

/// The double-cell number next to a float on the side of zero, or the nearest there is.
#[inline]
#[must_use]
pub fn to_double(a: f64) -> i128 {
    a as i128
}
