//! Loads and stores in data space, each within its bounds.

use super::{handler, leave, next};

/// Leaves with a bad-address trap unless `$addr` is below `$bound`; the run loop tells why exactly.
macro_rules! bound {
    ($addr:expr, $bound:ident, $ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {
        if $addr.wrapping_sub($crate::dispatch::DATA_START) >= (*$core).$bound {
            leave!(bad_address, $ip, $sp, $tos, $rp, $core, $budget)
        }
    };
}

/// As `bound`, for stores: they also fail where loads do not, while the space is shared.
macro_rules! store_bound {
    ($addr:expr, $bound:ident, $ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {
        if $addr.wrapping_sub($crate::dispatch::DATA_START) >= (*$core).$bound {
            leave!(store, $ip, $sp, $tos, $rp, $core, $budget)
        }
    };
}

/// The cell at a checked address; cells need no alignment.
macro_rules! cell {
    ($core:expr, $addr:expr) => {
        (*$core).data.wrapping_add($addr as usize).cast::<u64>()
    };
}

pub(super) use {bound, cell, store_bound};

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

handler!(swap_store (ip sp tos rp core budget) {
    let addr = *sp.sub(1);
    store_bound!(addr, store_cell, ip, sp, tos, rp, core, budget);
    cell!(core, addr).write_unaligned(tos);
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(swap_byte_store (ip sp tos rp core budget) {
    let addr = *sp.sub(1);
    store_bound!(addr, store_byte, ip, sp, tos, rp, core, budget);
    *byte!(core, addr) = tos as u8;
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

/// The number in the second word.
macro_rules! int {
    ($ip:expr) => {
        i64::from((*$ip.add(1)).cast_signed()).cast_unsigned()
    };
}

/// Loads from the address `$addr` and leaves what is there in place of `$takes` cells.
macro_rules! load {
    ($name:ident $words:literal $bound:ident $place:ident ($ip:ident $sp:ident $tos:ident $rp:ident) pushing $addr:expr) => {
        handler!($name ($ip $sp $tos $rp core budget) {
            let addr: u64 = $addr;
            bound!(addr, $bound, $ip, $sp, $tos, $rp, core, budget);
            let x = u64::from($place!(core, addr).read_unaligned());
            *$sp = $tos;
            next!($ip.add($words), $sp.add(1), x, $rp, core, budget)
        });
    };
    ($name:ident $words:literal $bound:ident $place:ident ($ip:ident $sp:ident $tos:ident $rp:ident) replacing $addr:expr) => {
        handler!($name ($ip $sp $tos $rp core budget) {
            let addr: u64 = $addr;
            bound!(addr, $bound, $ip, $sp, $tos, $rp, core, budget);
            let x = u64::from($place!(core, addr).read_unaligned());
            next!($ip.add($words), $sp, x, $rp, core, budget)
        });
    };
}

load!(over_fetch 1 load_cell cell (ip sp tos rp) pushing *sp.sub(1));
load!(fetch_at 2 load_cell cell (ip sp tos rp) pushing int!(ip));
load!(i_fetch 2 load_cell cell (ip sp tos rp) pushing (*rp).wrapping_add(*rp.add(1)).wrapping_add(int!(ip)));
load!(i_add_byte_fetch 1 load_byte byte (ip sp tos rp)
    replacing tos.wrapping_add(*rp).wrapping_add(*rp.add(1)));
load!(i_add_fetch 1 load_cell cell (ip sp tos rp)
    replacing tos.wrapping_add(*rp).wrapping_add(*rp.add(1)));
load!(fetch_off 2 load_cell cell (ip sp tos rp) replacing tos.wrapping_add(int!(ip)));
load!(byte_fetch_off 2 load_byte byte (ip sp tos rp) replacing tos.wrapping_add(int!(ip)));
load!(i_byte_fetch 2 load_byte byte (ip sp tos rp) pushing (*rp).wrapping_add(*rp.add(1)).wrapping_add(int!(ip)));
load!(i_cell_fetch 2 load_cell cell (ip sp tos rp)
    pushing ((*rp).wrapping_add(*rp.add(1)) << 3).wrapping_add(int!(ip)));

handler!(store_at (ip sp tos rp core budget) {
    let addr = int!(ip);
    store_bound!(addr, store_cell, ip, sp, tos, rp, core, budget);
    cell!(core, addr).write_unaligned(tos);
    next!(ip.add(2), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(plus_store_at (ip sp tos rp core budget) {
    let addr = int!(ip);
    store_bound!(addr, store_cell, ip, sp, tos, rp, core, budget);
    let place = cell!(core, addr);
    place.write_unaligned(place.read_unaligned().wrapping_add(tos));
    next!(ip.add(2), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(byte_store_off (ip sp tos rp core budget) {
    let addr = tos.wrapping_add(int!(ip));
    store_bound!(addr, store_byte, ip, sp, tos, rp, core, budget);
    *byte!(core, addr) = *sp.sub(1) as u8;
    next!(ip.add(2), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(i_byte_store (ip sp tos rp core budget) {
    let addr = (*rp).wrapping_add(*rp.add(1)).wrapping_add(int!(ip));
    store_bound!(addr, store_byte, ip, sp, tos, rp, core, budget);
    *byte!(core, addr) = tos as u8;
    next!(ip.add(2), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(i_store (ip sp tos rp core budget) {
    let addr = (*rp).wrapping_add(*rp.add(1)).wrapping_add(int!(ip));
    store_bound!(addr, store_cell, ip, sp, tos, rp, core, budget);
    cell!(core, addr).write_unaligned(tos);
    next!(ip.add(2), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(add_at (ip sp tos rp core budget) {
    let addr = int!(ip);
    bound!(addr, load_cell, ip, sp, tos, rp, core, budget);
    let x = cell!(core, addr).read_unaligned();
    next!(ip.add(2), sp, tos.wrapping_add(x), rp, core, budget)
});

handler!(i_cell_store (ip sp tos rp core budget) {
    let addr = ((*rp).wrapping_add(*rp.add(1)) << 3).wrapping_add(int!(ip));
    store_bound!(addr, store_cell, ip, sp, tos, rp, core, budget);
    cell!(core, addr).write_unaligned(tos);
    next!(ip.add(2), sp.sub(1), *sp.sub(1), rp, core, budget)
});
