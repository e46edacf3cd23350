//! Floats: what moves them about, arithmetic, and what goes to and from cells and data space.
//!
//! Like the value stack's, the float stack's top is in the core. Results are those of
//! [`crate::float`].

use super::memory::{bound, cell, store_bound};
use super::{Core, handler, leave, next};
use crate::arithmetic::flag;
use crate::float;

handler!(check_floats (ip sp tos rp core budget) {
    let declared = *ip.add(1);
    let floats = &(*core).floats;
    if floats.depth() < (declared & 0xFFFF) as usize {
        leave!(float_underflow, ip, sp, tos, rp, core, budget)
    }
    let room = (declared >> 16) as usize;
    if floats.free() < room {
        (*core).operand = room as u64;
        leave!(grow_floats, ip, sp, tos, rp, core, budget)
    }
    next!(ip.add(2), sp, tos, rp, core, budget)
});

/// Takes floats and leaves floats, nothing else: `$top` is where the next float would go.
macro_rules! floats {
    ($name:ident |$top:ident| $body:block) => {
        handler!($name (ip sp tos rp core budget) {
            let $top: *mut f64 = (*core).floats.top;
            (*core).floats.top = $body;
            next!(ip.add(1), sp, tos, rp, core, budget)
        });
    };
}

floats!(
    fdup | top | {
        top.write(*top.sub(1));
        top.add(1)
    }
);
floats!(fdrop | top | { top.sub(1) });
floats!(
    fswap | top | {
        top.sub(1).swap(top.sub(2));
        top
    }
);
floats!(
    fover | top | {
        top.write(*top.sub(2));
        top.add(1)
    }
);
floats!(
    fnip | top | {
        top.sub(2).write(*top.sub(1));
        top.sub(1)
    }
);
floats!(
    ftuck | top | {
        let (below, upper) = (*top.sub(2), *top.sub(1));
        top.sub(2).write(upper);
        top.sub(1).write(below);
        top.write(upper);
        top.add(1)
    }
);
floats!(
    frot | top | {
        let first = *top.sub(3);
        top.sub(3).write(*top.sub(2));
        top.sub(2).write(*top.sub(1));
        top.sub(1).write(first);
        top
    }
);

/// Takes one float and leaves one.
macro_rules! unary {
    ($($name:ident $function:ident;)*) => { $(
        floats!($name |top| {
            let place = top.sub(1);
            *place = float::$function(*place);
            top
        });
    )* };
}

/// Takes two floats and leaves one.
macro_rules! binary {
    ($($name:ident $function:ident;)*) => { $(
        floats!($name |top| {
            let place = top.sub(2);
            *place = float::$function(*place, *top.sub(1));
            top.sub(1)
        });
    )* };
}

unary! {
    fnegate negate;
    fabs magnitude;
    fsqrt square_root;
}

binary! {
    fadd add;
    fsub subtract;
    fmul multiply;
    fdiv divide;
    fmin minimum;
    fmax maximum;
}

/// Takes one float, or two, and leaves a cell.
macro_rules! to_cell {
    ($name:ident $takes:literal |$top:ident| $cell:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let $top: *mut f64 = (*core).floats.top;
            let cell: u64 = $cell;
            (*core).floats.top = $top.sub($takes);
            *sp = tos;
            next!(ip.add(1), sp.add(1), cell, rp, core, budget)
        });
    };
}

to_cell!(fless 2 |top| flag(*top.sub(2) < *top.sub(1)));
to_cell!(fless_equal 2 |top| flag(*top.sub(2) <= *top.sub(1)));
to_cell!(fequal 2 |top| flag(*top.sub(2) == *top.sub(1)));
to_cell!(fzero_less 1 |top| flag(*top.sub(1) < 0.0));
to_cell!(fzero_equal 1 |top| flag(*top.sub(1) == 0.0));
to_cell!(f_to_s 1 |top| float::to_integer(*top.sub(1)).cast_unsigned());
to_cell!(f_to_bits 1 |top| (*top.sub(1)).to_bits());

/// Takes a cell and leaves a float.
macro_rules! from_cell {
    ($name:ident |$cell:ident| $float:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let $cell = tos;
            put(core, $float);
            next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
        });
    };
}

from_cell!(s_to_f | cell | float::from_integer(cell.cast_signed()));
from_cell!(bits_to_f | cell | float::from_bits(cell));

/// Puts a float on the stack.
///
/// # Safety
/// The core is attached, and its float stack has room for one more.
#[inline]
unsafe fn put(core: *mut Core, float: f64) {
    // SAFETY: the caller's promise.
    unsafe {
        (*core).floats.top.write(float);
        (*core).floats.top = (*core).floats.top.add(1);
    }
}

handler!(d_to_f (ip sp tos rp core budget) {
    let double = u128::from(*sp.sub(1)) | u128::from(tos) << 64;
    put(core, float::from_double(double.cast_signed()));
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(f_to_d (ip sp tos rp core budget) {
    let top = (*core).floats.top.sub(1);
    (*core).floats.top = top;
    let double = float::to_double(*top).cast_unsigned();
    *sp = tos;
    *sp.add(1) = double as u64;
    next!(ip.add(1), sp.add(2), (double >> 64) as u64, rp, core, budget)
});

handler!(float (ip sp tos rp core budget) {
    put(core, ip.add(1).cast::<f64>().read_unaligned());
    next!(ip.add(3), sp, tos, rp, core, budget)
});

handler!(fdepth (ip sp tos rp core budget) {
    *sp = tos;
    next!(ip.add(1), sp.add(1), (*core).floats.depth() as u64, rp, core, budget)
});

handler!(fpick (ip sp tos rp core budget) {
    let floats = &(*core).floats;
    if tos >= floats.depth() as u64 {
        leave!(float_underflow, ip, sp, tos, rp, core, budget)
    }
    put(core, *floats.top.sub(1 + tos as usize));
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(f_fetch (ip sp tos rp core budget) {
    bound!(tos, load_cell, ip, sp, tos, rp, core, budget);
    put(core, float::from_bits(cell!(core, tos).read_unaligned()));
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(f_store (ip sp tos rp core budget) {
    store_bound!(tos, store_cell, ip, sp, tos, rp, core, budget);
    let top = (*core).floats.top.sub(1);
    cell!(core, tos).write_unaligned((*top).to_bits());
    (*core).floats.top = top;
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});
