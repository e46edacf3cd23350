//! Loads and stores in data space, each within its bounds.

use super::{DATA_START, handler, leave, next};
use crate::Trap;
use crate::dispatch::Exit;

/// Leaves with a bad-address trap unless `$addr` is below `$bound`; the run loop tells why exactly.
macro_rules! bound {
    ($addr:expr, $bound:ident, $ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {
        if $addr.wrapping_sub(DATA_START) >= (*$core).$bound {
            leave!(
                Exit::Trap(Trap::INVALID_ADDRESS),
                $ip,
                $sp,
                $tos,
                $rp,
                $core,
                $budget
            )
        }
    };
}

/// As `bound`, for stores: they also fail where loads do not, while the space is shared.
macro_rules! store_bound {
    ($addr:expr, $bound:ident, $ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {
        if $addr.wrapping_sub(DATA_START) >= (*$core).$bound {
            leave!(Exit::Store, $ip, $sp, $tos, $rp, $core, $budget)
        }
    };
}

/// The cell at a checked address; cells need no alignment.
macro_rules! cell {
    ($core:expr, $addr:expr) => {
        (*$core).data.wrapping_add($addr as usize).cast::<u64>()
    };
}

/// The byte at a checked address.
macro_rules! byte {
    ($core:expr, $addr:expr) => {
        (*$core).data.wrapping_add($addr as usize)
    };
}

handler!(fetch (ip sp tos rp core budget) {
    bound!(tos, load_cell, ip, sp, tos, rp, core, budget);
    let x = cell!(core, tos).read_unaligned();
    next!(ip.add(1), sp, x, rp, core, budget)
});

handler!(dup_fetch (ip sp tos rp core budget) {
    bound!(tos, load_cell, ip, sp, tos, rp, core, budget);
    let x = cell!(core, tos).read_unaligned();
    *sp = tos;
    next!(ip.add(1), sp.add(1), x, rp, core, budget)
});

handler!(add_fetch (ip sp tos rp core budget) {
    let addr = (*sp.sub(1)).wrapping_add(tos);
    bound!(addr, load_cell, ip, sp, tos, rp, core, budget);
    let x = cell!(core, addr).read_unaligned();
    next!(ip.add(1), sp.sub(1), x, rp, core, budget)
});

handler!(byte_fetch (ip sp tos rp core budget) {
    bound!(tos, load_byte, ip, sp, tos, rp, core, budget);
    let x = u64::from(*byte!(core, tos));
    next!(ip.add(1), sp, x, rp, core, budget)
});

handler!(add_byte_fetch (ip sp tos rp core budget) {
    let addr = (*sp.sub(1)).wrapping_add(tos);
    bound!(addr, load_byte, ip, sp, tos, rp, core, budget);
    let x = u64::from(*byte!(core, addr));
    next!(ip.add(1), sp.sub(1), x, rp, core, budget)
});

handler!(two_fetch (ip sp tos rp core budget) {
    bound!(tos, load_cell, ip, sp, tos, rp, core, budget);
    let after = tos.wrapping_add(8);
    bound!(after, load_cell, ip, sp, tos, rp, core, budget);
    *sp = cell!(core, after).read_unaligned();
    let x = cell!(core, tos).read_unaligned();
    next!(ip.add(1), sp.add(1), x, rp, core, budget)
});

handler!(store (ip sp tos rp core budget) {
    store_bound!(tos, store_cell, ip, sp, tos, rp, core, budget);
    cell!(core, tos).write_unaligned(*sp.sub(1));
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(byte_store (ip sp tos rp core budget) {
    store_bound!(tos, store_byte, ip, sp, tos, rp, core, budget);
    *byte!(core, tos) = *sp.sub(1) as u8;
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(plus_store (ip sp tos rp core budget) {
    store_bound!(tos, store_cell, ip, sp, tos, rp, core, budget);
    let place = cell!(core, tos);
    place.write_unaligned(place.read_unaligned().wrapping_add(*sp.sub(1)));
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(two_store (ip sp tos rp core budget) {
    let after = tos.wrapping_add(8);
    store_bound!(tos, store_cell, ip, sp, tos, rp, core, budget);
    store_bound!(after, store_cell, ip, sp, tos, rp, core, budget);
    cell!(core, tos).write_unaligned(*sp.sub(1));
    cell!(core, after).write_unaligned(*sp.sub(2));
    next!(ip.add(1), sp.sub(3), *sp.sub(3), rp, core, budget)
});
