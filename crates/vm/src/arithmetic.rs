//! Division in every form, with its undefined cases defined: by zero traps, and so does a quotient
//! that does not fit.
//!
//! Cells come and go as unsigned words; each function says how it reads them. All leave the
//! remainder first and the quotient second, as the words of the language do.
//!
//! Most double-cell dividends fit into one cell, where dividing takes a tenth of the time: each
//! division looks for that first.

use crate::Trap;

/// The standard's flags: all bits set, or none.
#[inline]
#[must_use]
pub fn flag(condition: bool) -> u64 {
    u64::from(condition).wrapping_neg()
}

type Division = Result<(u64, u64), Trap>;

/// Signed single by single, floored.
///
/// # Errors
/// [`Trap::DIVISION_BY_ZERO`]; [`Trap::OUT_OF_RANGE`] for the least number by -1.
#[inline]
pub fn divide(dividend: u64, divisor: u64) -> Division {
    let (a, b) = (dividend.cast_signed(), divisor.cast_signed());
    if b == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let Some(quotient) = a.checked_div(b) else {
        return Err(Trap::OUT_OF_RANGE);
    };
    let remainder = a - quotient * b;
    if remainder != 0 && (remainder < 0) != (b < 0) {
        return Ok((
            (remainder + b).cast_unsigned(),
            (quotient - 1).cast_unsigned(),
        ));
    }
    Ok((remainder.cast_unsigned(), quotient.cast_unsigned()))
}

/// Signed a × b ÷ c with a double-cell product, floored.
///
/// # Errors
/// As [`divide_floored`].
#[inline]
pub fn scale(a: u64, b: u64, c: u64) -> Division {
    if let Some(product) = a.cast_signed().checked_mul(b.cast_signed()) {
        return divide(product.cast_unsigned(), c);
    }
    let product = i128::from(a.cast_signed()) * i128::from(b.cast_signed());
    divide_floored(product.cast_unsigned(), c)
}

/// Signed double by single, floored: the remainder has the divisor's sign.
///
/// # Errors
/// [`Trap::DIVISION_BY_ZERO`]; [`Trap::OUT_OF_RANGE`] if the quotient is no single cell.
#[inline]
pub fn divide_floored(dividend: u128, divisor: u64) -> Division {
    match i64::try_from(dividend.cast_signed()) {
        Ok(single) => divide(single.cast_unsigned(), divisor),
        Err(_) => divide_wide_floored(dividend, divisor),
    }
}

#[inline(never)]
fn divide_wide_floored(dividend: u128, divisor: u64) -> Division {
    let (a, b) = (dividend.cast_signed(), i128::from(divisor.cast_signed()));
    if b == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let Some(mut quotient) = a.checked_div(b) else {
        return Err(Trap::OUT_OF_RANGE);
    };
    let mut remainder = a - quotient * b;
    if remainder != 0 && (remainder < 0) != (b < 0) {
        remainder += b;
        quotient -= 1;
    }
    fit(remainder, quotient)
}

/// Signed double by single, symmetric: the remainder has the dividend's sign.
///
/// # Errors
/// [`Trap::DIVISION_BY_ZERO`]; [`Trap::OUT_OF_RANGE`] if the quotient is no single cell.
#[inline]
pub fn divide_symmetric(dividend: u128, divisor: u64) -> Division {
    let Ok(a) = i64::try_from(dividend.cast_signed()) else {
        return divide_wide_symmetric(dividend, divisor);
    };
    let b = divisor.cast_signed();
    if b == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let quotient = a.checked_div(b).ok_or(Trap::OUT_OF_RANGE)?;
    let remainder = a - quotient * b;
    Ok((remainder.cast_unsigned(), quotient.cast_unsigned()))
}

#[inline(never)]
fn divide_wide_symmetric(dividend: u128, divisor: u64) -> Division {
    let (a, b) = (dividend.cast_signed(), i128::from(divisor.cast_signed()));
    if b == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let Some(quotient) = a.checked_div(b) else {
        return Err(Trap::OUT_OF_RANGE);
    };
    fit(a - quotient * b, quotient)
}

/// Unsigned double by single.
///
/// # Errors
/// [`Trap::DIVISION_BY_ZERO`]; [`Trap::OUT_OF_RANGE`] if the quotient is no single cell.
#[inline]
pub fn divide_unsigned(dividend: u128, divisor: u64) -> Division {
    if divisor == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    match u64::try_from(dividend) {
        Ok(single) => Ok((single % divisor, single / divisor)),
        Err(_) => divide_wide_unsigned(dividend, divisor),
    }
}

#[inline(never)]
fn divide_wide_unsigned(dividend: u128, divisor: u64) -> Division {
    let divisor = u128::from(divisor);
    let quotient = u64::try_from(dividend / divisor).map_err(|_| Trap::OUT_OF_RANGE)?;
    Ok(((dividend % divisor) as u64, quotient))
}

fn fit(remainder: i128, quotient: i128) -> Division {
    let quotient = i64::try_from(quotient).map_err(|_| Trap::OUT_OF_RANGE)?;
    Ok((remainder as u64, quotient.cast_unsigned()))
}
