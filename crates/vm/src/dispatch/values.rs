//! What moves values about, and integers between the stacks.
//!
//! The value stack's top is in the core, not in a register: code that uses cells alone does not pay
//! for it.

use super::{handler, leave, next};
use stele_memory::Root;

handler!(check_values (ip sp tos rp core budget) {
    let declared = *ip.add(1);
    let values = &(*core).values;
    if values.depth() < (declared & 0xFFFF) as usize {
        leave!(value_underflow, ip, sp, tos, rp, core, budget)
    }
    let room = (declared >> 16) as usize;
    if values.free() < room {
        (*core).operand = room as u64;
        leave!(grow_values, ip, sp, tos, rp, core, budget)
    }
    next!(ip.add(2), sp, tos, rp, core, budget)
});

/// Moves values only: `$top` is where the next value would go.
macro_rules! values {
    ($name:ident |$top:ident| $body:block) => {
        handler!($name (ip sp tos rp core budget) {
            let $top: *mut Root = (*core).values.top;
            (*core).values.top = $body;
            next!(ip.add(1), sp, tos, rp, core, budget)
        });
    };
}

values!(
    vdup | top | {
        top.write(top.sub(1).read());
        top.add(1)
    }
);
values!(vdrop | top | { top.sub(1) });
values!(
    vswap | top | {
        top.sub(1).swap(top.sub(2));
        top
    }
);
values!(
    vover | top | {
        top.write(top.sub(2).read());
        top.add(1)
    }
);
values!(
    vnip | top | {
        top.sub(2).write(top.sub(1).read());
        top.sub(1)
    }
);
values!(
    vtuck | top | {
        let (below, upper) = (top.sub(2).read(), top.sub(1).read());
        top.sub(2).write(upper.clone());
        top.sub(1).write(below);
        top.write(upper);
        top.add(1)
    }
);
values!(
    vrot | top | {
        let first = top.sub(3).read();
        top.sub(3).write(top.sub(2).read());
        top.sub(2).write(top.sub(1).read());
        top.sub(1).write(first);
        top
    }
);

/// As `values`, with the number in the instruction's high half.
macro_rules! counted {
    ($name:ident |$top:ident, $count:ident| $body:block) => {
        handler!($name (ip sp tos rp core budget) {
            let $top: *mut Root = (*core).values.top;
            let $count = (*ip >> 16) as usize;
            (*core).values.top = $body;
            next!(ip.add(1), sp, tos, rp, core, budget)
        });
    };
}

counted!(
    vlocal | top,
    above | {
        top.write(top.sub(1 + above).read());
        top.add(1)
    }
);
counted!(
    vlocal_store | top,
    above | {
        let value = top.sub(1);
        value.sub(1 + above).write(value.read());
        value
    }
);
counted!(
    vslide | top,
    dropped | {
        let place = top.sub(1 + dropped);
        place.write(top.sub(1).read());
        place.add(1)
    }
);

handler!(vdepth (ip sp tos rp core budget) {
    *sp = tos;
    next!(ip.add(1), sp.add(1), (*core).values.depth() as u64, rp, core, budget)
});

handler!(vpick (ip sp tos rp core budget) {
    if tos >= (*core).values.depth() as u64 {
        leave!(value_underflow, ip, sp, tos, rp, core, budget)
    }
    let top = (*core).values.top;
    top.write(top.sub(1 + tos as usize).read());
    (*core).values.top = top.add(1);
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(to_v (ip sp tos rp core budget) {
    let Some(value) = Root::integer(tos.cast_signed()) else {
        leave!(box_integer, ip, sp, tos, rp, core, budget)
    };
    (*core).values.top.write(value);
    (*core).values.top = (*core).values.top.add(1);
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(v_from (ip sp tos rp core budget) {
    let top = (*core).values.top.sub(1);
    let Some(integer) = (*top).as_integer() else {
        leave!(unbox_integer, ip, sp, tos, rp, core, budget)
    };
    (*core).values.top = top;
    *sp = tos;
    next!(ip.add(1), sp.add(1), integer.cast_unsigned(), rp, core, budget)
});

handler!(constant (ip sp tos rp core budget) {
    (*core).operand = u64::from(*ip.add(1));
    leave!(constant, ip, sp, tos, rp, core, budget)
});

/// Calculates with two integers that need no objects, if the result needs none either.
macro_rules! calculate {
    ($name:ident |$a:ident, $b:ident| $result:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let top = (*core).values.top;
            let integers = ((*top.sub(2)).as_integer(), (*top.sub(1)).as_integer());
            let result = match integers {
                (Some($a), Some($b)) => $result,
                _ => None,
            };
            let Some(result) = result.and_then(Root::integer) else {
                leave!($name, ip, sp, tos, rp, core, budget)
            };
            top.sub(2).write(result);
            (*core).values.top = top.sub(1);
            next!(ip.add(1), sp, tos, rp, core, budget)
        });
    };
}

calculate!(v_add | a, b | a.checked_add(b));
calculate!(v_sub | a, b | a.checked_sub(b));
calculate!(v_mul | a, b | a.checked_mul(b));
calculate!(v_div | a, b | a.checked_div(b));
calculate!(v_rem | a, b | a.checked_rem(b));
