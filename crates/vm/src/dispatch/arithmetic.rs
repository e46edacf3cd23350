//! Arithmetic, logic and comparison on cells.

use super::{handler, leave, next};
use crate::Trap;
use crate::arithmetic::{self, flag};

/// Takes one cell and leaves one.
macro_rules! unary {
    ($name:ident |$a:ident| $value:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let $a = tos;
            next!(ip.add(1), sp, $value, rp, core, budget)
        });
    };
}

/// Takes two cells and leaves one.
macro_rules! binary {
    ($name:ident |$a:ident, $b:ident| $value:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let ($a, $b) = (*sp.sub(1), tos);
            next!(ip.add(1), sp.sub(1), $value, rp, core, budget)
        });
    };
}

unary!(negate | a | a.wrapping_neg());
unary!(abs | a | a.cast_signed().wrapping_abs().cast_unsigned());
unary!(one_plus | a | a.wrapping_add(1));
unary!(one_minus | a | a.wrapping_sub(1));
unary!(two_star | a | a << 1);
unary!(two_slash | a | (a.cast_signed() >> 1).cast_unsigned());
unary!(cell_plus | a | a.wrapping_add(8));
unary!(cells | a | a << 3);
unary!(invert | a | !a);
unary!(zero_equal | a | flag(a == 0));
unary!(zero_not_equal | a | flag(a != 0));
unary!(zero_less | a | (a.cast_signed() >> 63).cast_unsigned());
unary!(zero_greater | a | flag(a.cast_signed() > 0));

binary!(add | a, b | a.wrapping_add(b));
binary!(sub | a, b | a.wrapping_sub(b));
binary!(mul | a, b | a.wrapping_mul(b));
binary!(
    min | a,
    b | a.cast_signed().min(b.cast_signed()).cast_unsigned()
);
binary!(
    max | a,
    b | a.cast_signed().max(b.cast_signed()).cast_unsigned()
);
binary!(left_shift | a, b | if b < 64 { a << b } else { 0 });
binary!(right_shift | a, b | if b < 64 { a >> b } else { 0 });
binary!(and | a, b | a & b);
binary!(or | a, b | a | b);
binary!(xor | a, b | a ^ b);
binary!(equal | a, b | flag(a == b));
binary!(not_equal | a, b | flag(a != b));
binary!(less | a, b | flag(a.cast_signed() < b.cast_signed()));
binary!(greater | a, b | flag(a.cast_signed() > b.cast_signed()));
binary!(below | a, b | flag(a < b));
binary!(above | a, b | flag(a > b));
binary!(cells_add | a, b | a.wrapping_add(b << 3));

/// Takes a cell, and a number from the first word's high half or from the second word.
macro_rules! with_number {
    ($name:ident short |$a:ident, $n:ident| $value:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let ($a, $n) = (tos, *ip >> 16);
            next!(ip.add(1), sp, $value, rp, core, budget)
        });
    };
    ($name:ident int |$a:ident, $n:ident| $value:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let ($a, $n) = (tos, i64::from((*ip.add(1)).cast_signed()).cast_unsigned());
            next!(ip.add(2), sp, $value, rp, core, budget)
        });
    };
}

with_number!(int_and int | a, n | a & n);
with_number!(int_mul int | a, n | a.wrapping_mul(n));
with_number!(shift_left short | a, n | a.wrapping_shl(n));
with_number!(shift_right short | a, n | a.wrapping_shr(n));
with_number!(shift_signed short | a, n | a.cast_signed().wrapping_shr(n).cast_unsigned());

handler!(swap_short_add (ip sp tos rp core budget) {
    let number = i64::from((*ip).cast_signed() >> 16).cast_unsigned();
    let sum = (*sp.sub(1)).wrapping_add(number);
    *sp.sub(1) = tos;
    next!(ip.add(1), sp, sum, rp, core, budget)
});

handler!(under_short_add (ip sp tos rp core budget) {
    let number = i64::from((*ip).cast_signed() >> 16).cast_unsigned();
    *sp.sub(1) = (*sp.sub(1)).wrapping_add(number);
    next!(ip.add(1), sp, tos, rp, core, budget)
});

handler!(short_add (ip sp tos rp core budget) {
    let number = i64::from((*ip).cast_signed() >> 16).cast_unsigned();
    next!(ip.add(1), sp, tos.wrapping_add(number), rp, core, budget)
});

handler!(int_add (ip sp tos rp core budget) {
    let number = i64::from((*ip.add(1)).cast_signed()).cast_unsigned();
    next!(ip.add(2), sp, tos.wrapping_add(number), rp, core, budget)
});

handler!(i_cells_add (ip sp tos rp core budget) {
    let offset = (*rp).wrapping_add(*rp.add(1)) << 3;
    next!(ip.add(1), sp, tos.wrapping_add(offset), rp, core, budget)
});

handler!(r_from_add (ip sp tos rp core budget) {
    next!(ip.add(1), sp, tos.wrapping_add(*rp), rp.add(1), core, budget)
});

handler!(over_add (ip sp tos rp core budget) {
    next!(ip.add(1), sp, (*sp.sub(1)).wrapping_add(tos), rp, core, budget)
});

handler!(i_add (ip sp tos rp core budget) {
    let index = (*rp).wrapping_add(*rp.add(1));
    next!(ip.add(1), sp, tos.wrapping_add(index), rp, core, budget)
});

handler!(within (ip sp tos rp core budget) {
    let (a, low, high) = (*sp.sub(2), *sp.sub(1), tos);
    let inside = a.wrapping_sub(low) < high.wrapping_sub(low);
    next!(ip.add(1), sp.sub(2), flag(inside), rp, core, budget)
});

handler!(sign_extend (ip sp tos rp core budget) {
    *sp = tos;
    next!(ip.add(1), sp.add(1), (tos.cast_signed() >> 63).cast_unsigned(), rp, core, budget)
});

/// The double-cell number whose low cell lies at `$low`, its high cell being `$high`.
macro_rules! double {
    ($low:expr, $high:expr) => {
        u128::from($low) | u128::from($high) << 64
    };
}

handler!(d_add (ip sp tos rp core budget) {
    let sum = double!(*sp.sub(3), *sp.sub(2)).wrapping_add(double!(*sp.sub(1), tos));
    *sp.sub(3) = sum as u64;
    next!(ip.add(1), sp.sub(2), (sum >> 64) as u64, rp, core, budget)
});

handler!(d_sub (ip sp tos rp core budget) {
    let difference = double!(*sp.sub(3), *sp.sub(2)).wrapping_sub(double!(*sp.sub(1), tos));
    *sp.sub(3) = difference as u64;
    next!(ip.add(1), sp.sub(2), (difference >> 64) as u64, rp, core, budget)
});

handler!(d_negate (ip sp tos rp core budget) {
    let negated = double!(*sp.sub(1), tos).wrapping_neg();
    *sp.sub(1) = negated as u64;
    next!(ip.add(1), sp, (negated >> 64) as u64, rp, core, budget)
});

handler!(u_mul_wide (ip sp tos rp core budget) {
    let product = u128::from(*sp.sub(1)) * u128::from(tos);
    *sp.sub(1) = product as u64;
    next!(ip.add(1), sp, (product >> 64) as u64, rp, core, budget)
});

handler!(mul_wide (ip sp tos rp core budget) {
    let product = i128::from((*sp.sub(1)).cast_signed()) * i128::from(tos.cast_signed());
    *sp.sub(1) = product as u64;
    next!(ip.add(1), sp, (product >> 64) as u64, rp, core, budget)
});

/// A division: `$quick` gives remainder and quotient if it can, else `$full` does, in a way of its
/// own named `$rare`. `$takes` cells give way to those that are named at the end.
macro_rules! division {
    ($name:ident $rare:ident $takes:literal |$sp:ident, $tos:ident| $function:ident($($operand:expr),*), remainder quotient) => {
        division!(@handlers $name $rare |$sp, $tos| $function($($operand),*),
            |ip, rp, core, budget, remainder, quotient| {
                *$sp.sub($takes - 1) = remainder;
                next!(ip.add(1), $sp.sub($takes - 2), quotient, rp, core, budget)
            });
    };
    ($name:ident $rare:ident $takes:literal |$sp:ident, $tos:ident| $function:ident($($operand:expr),*), $one:ident of $remainder:tt $quotient:tt) => {
        division!(@handlers $name $rare |$sp, $tos| $function($($operand),*),
            |ip, rp, core, budget, $remainder, $quotient| {
                next!(ip.add(1), $sp.sub($takes - 1), $one, rp, core, budget)
            });
    };
    (@handlers $name:ident $rare:ident |$sp:ident, $tos:ident| $function:ident($($operand:expr),*),
        |$ip:ident, $rp:ident, $core:ident, $budget:ident, $remainder:tt, $quotient:tt| $leave:block) => {
        handler!($name ($ip $sp $tos $rp $core $budget) {
            if let Some(($remainder, $quotient)) = arithmetic::quick::$function($($operand),*) {
                $leave
            }
            return $rare($ip, $sp, $tos, $rp, $core, $budget);
        });
        handler!(#[cold] #[inline(never)] $rare ($ip $sp $tos $rp $core $budget) {
            match arithmetic::$function($($operand),*) {
                Ok(($remainder, $quotient)) => $leave,
                Err(Trap::DIVISION_BY_ZERO) => leave!(division_by_zero, $ip, $sp, $tos, $rp, $core, $budget),
                Err(_) => leave!(out_of_range, $ip, $sp, $tos, $rp, $core, $budget),
            }
        });
    };
}

division!(div div_rare 2 |sp, tos| divide(*sp.sub(1), tos), quotient of _ quotient);
division!(r#mod mod_rare 2 |sp, tos| divide(*sp.sub(1), tos), remainder of remainder _);
division!(div_mod div_mod_rare 2 |sp, tos| divide(*sp.sub(1), tos), remainder quotient);
division!(mul_div mul_div_rare 3 |sp, tos| scale(*sp.sub(2), *sp.sub(1), tos), quotient of _ quotient);
division!(mul_div_mod mul_div_mod_rare 3 |sp, tos| scale(*sp.sub(2), *sp.sub(1), tos), remainder quotient);
division!(u_div_wide u_div_wide_rare 3 |sp, tos| divide_unsigned(double!(*sp.sub(2), *sp.sub(1)), tos), remainder quotient);
division!(floor_div_wide floor_div_wide_rare 3 |sp, tos| divide_floored(double!(*sp.sub(2), *sp.sub(1)), tos), remainder quotient);
division!(symmetric_div_wide symmetric_div_wide_rare 3 |sp, tos| divide_symmetric(double!(*sp.sub(2), *sp.sub(1)), tos), remainder quotient);
