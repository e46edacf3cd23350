//! Division in every form, with its undefined cases defined: by zero traps, and so does a quotient
//! that does not fit.
//!
//! Cells come and go as unsigned words; each function says how it reads them. All leave the
//! remainder first and the quotient second, as the words of the language do.
//!
//! Nearly every division is of one cell by another that is neither 0 nor -1, which takes a tenth of
//! the time of the others. The functions in [`quick`] do those and leave the rest to the full ones.

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
    let product = i128::from(a.cast_signed()) * i128::from(b.cast_signed());
    divide_floored(product.cast_unsigned(), c)
}

/// Signed double by single, floored: the remainder has the divisor's sign.
///
/// # Errors
/// [`Trap::DIVISION_BY_ZERO`]; [`Trap::OUT_OF_RANGE`] if the quotient is no single cell.
pub fn divide_floored(dividend: u128, divisor: u64) -> Division {
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
pub fn divide_symmetric(dividend: u128, divisor: u64) -> Division {
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
pub fn divide_unsigned(dividend: u128, divisor: u64) -> Division {
    let divisor = u128::from(divisor);
    if divisor == 0 {
        return Err(Trap::DIVISION_BY_ZERO);
    }
    let quotient = u64::try_from(dividend / divisor).map_err(|_| Trap::OUT_OF_RANGE)?;
    Ok(((dividend % divisor) as u64, quotient))
}

fn fit(remainder: i128, quotient: i128) -> Division {
    let quotient = i64::try_from(quotient).map_err(|_| Trap::OUT_OF_RANGE)?;
    Ok((remainder as u64, quotient.cast_unsigned()))
}

/// Divisions that one instruction of the processor does; `None` means that it takes the full
/// function to tell.
pub mod quick {
    /// What [`divide`](super::divide) gives.
    #[inline]
    #[must_use]
    pub fn divide(dividend: u64, divisor: u64) -> Option<(u64, u64)> {
        let (a, b) = (dividend.cast_signed(), divisor.cast_signed());
        if matches!(b, 0 | -1) {
            return None;
        }
        let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
        let down = remainder != 0 && (remainder ^ b) < 0;
        Some((
            remainder
                .wrapping_add(if down { b } else { 0 })
                .cast_unsigned(),
            quotient.wrapping_sub(i64::from(down)).cast_unsigned(),
        ))
    }

    /// What [`scale`](super::scale) gives.
    #[inline]
    #[must_use]
    pub fn scale(a: u64, b: u64, c: u64) -> Option<(u64, u64)> {
        let product = a.cast_signed().checked_mul(b.cast_signed())?;
        divide(product.cast_unsigned(), c)
    }

    /// What [`divide_floored`](super::divide_floored) gives.
    #[inline]
    #[must_use]
    pub fn divide_floored(dividend: u128, divisor: u64) -> Option<(u64, u64)> {
        let single = i64::try_from(dividend.cast_signed()).ok()?;
        divide(single.cast_unsigned(), divisor)
    }

    /// What [`divide_symmetric`](super::divide_symmetric) gives.
    #[inline]
    #[must_use]
    pub fn divide_symmetric(dividend: u128, divisor: u64) -> Option<(u64, u64)> {
        let (a, b) = (
            i64::try_from(dividend.cast_signed()).ok()?,
            divisor.cast_signed(),
        );
        if matches!(b, 0 | -1) {
            return None;
        }
        let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
        Some((remainder.cast_unsigned(), quotient.cast_unsigned()))
    }

    /// What [`divide_unsigned`](super::divide_unsigned) gives.
    #[inline]
    #[must_use]
    pub fn divide_unsigned(dividend: u128, divisor: u64) -> Option<(u64, u64)> {
        let single = u64::try_from(dividend).ok()?;
        Some((single.checked_rem(divisor)?, single.checked_div(divisor)?))
    }
}
