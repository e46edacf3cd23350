//! Literals, and what only moves cells about.

use super::{handler, leave, next};

/// Leaves a number, the instruction being `$words` long.
macro_rules! push {
    ($name:ident $words:literal ($ip:ident $sp:ident $rp:ident $core:ident) $value:expr) => {
        handler!($name ($ip $sp tos $rp $core budget) {
            let value: u64 = $value;
            *$sp = tos;
            next!($ip.add($words), $sp.add(1), value, $rp, $core, budget)
        });
    };
}

push!(short 1 (ip sp rp core) i64::from((*ip).cast_signed() >> 16).cast_unsigned());
push!(int 2 (ip sp rp core) i64::from((*ip.add(1)).cast_signed()).cast_unsigned());
push!(cell 3 (ip sp rp core) u64::from(*ip.add(1)) | u64::from(*ip.add(2)) << 32);
push!(i 1 (ip sp rp core) (*rp).wrapping_add(*rp.add(1)));
push!(j 1 (ip sp rp core) (*rp.add(2)).wrapping_add(*rp.add(3)));
push!(i_cells 1 (ip sp rp core) (*rp).wrapping_add(*rp.add(1)) << 3);
push!(i_int 2 (ip sp rp core)
    (*rp).wrapping_add(*rp.add(1)).wrapping_add(i64::from((*ip.add(1)).cast_signed()).cast_unsigned()));
push!(i_cells_int 2 (ip sp rp core)
    ((*rp).wrapping_add(*rp.add(1)) << 3).wrapping_add(i64::from((*ip.add(1)).cast_signed()).cast_unsigned()));
push!(r_fetch 1 (ip sp rp core) *rp);
push!(depth 1 (ip sp rp core) sp.offset_from((*core).stack).cast_unsigned() as u64);
push!(over 1 (ip sp rp core) *sp.sub(1));

handler!(r_from_swap (ip sp tos rp core budget) {
    *sp = *rp;
    next!(ip.add(1), sp.add(1), tos, rp.add(1), core, budget)
});

handler!(drop (ip sp tos rp core budget) {
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(dup (ip sp tos rp core budget) {
    *sp = tos;
    next!(ip.add(1), sp.add(1), tos, rp, core, budget)
});

handler!(swap (ip sp tos rp core budget) {
    let below = *sp.sub(1);
    *sp.sub(1) = tos;
    next!(ip.add(1), sp, below, rp, core, budget)
});

handler!(nip (ip sp tos rp core budget) {
    next!(ip.add(1), sp.sub(1), tos, rp, core, budget)
});

handler!(tuck (ip sp tos rp core budget) {
    *sp = *sp.sub(1);
    *sp.sub(1) = tos;
    next!(ip.add(1), sp.add(1), tos, rp, core, budget)
});

handler!(rot (ip sp tos rp core budget) {
    let first = *sp.sub(2);
    *sp.sub(2) = *sp.sub(1);
    *sp.sub(1) = tos;
    next!(ip.add(1), sp, first, rp, core, budget)
});

handler!(minus_rot (ip sp tos rp core budget) {
    let second = *sp.sub(1);
    *sp.sub(1) = *sp.sub(2);
    *sp.sub(2) = tos;
    next!(ip.add(1), sp, second, rp, core, budget)
});

handler!(two_drop (ip sp tos rp core budget) {
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(two_dup (ip sp tos rp core budget) {
    *sp = tos;
    *sp.add(1) = *sp.sub(1);
    next!(ip.add(1), sp.add(2), tos, rp, core, budget)
});

handler!(two_swap (ip sp tos rp core budget) {
    let (a, b, c) = (*sp.sub(3), *sp.sub(2), *sp.sub(1));
    *sp.sub(3) = c;
    *sp.sub(2) = tos;
    *sp.sub(1) = a;
    next!(ip.add(1), sp, b, rp, core, budget)
});

handler!(two_over (ip sp tos rp core budget) {
    let (a, b) = (*sp.sub(3), *sp.sub(2));
    *sp = tos;
    *sp.add(1) = a;
    next!(ip.add(1), sp.add(2), b, rp, core, budget)
});

handler!(question_dup (ip sp tos rp core budget) {
    if tos == 0 {
        next!(ip.add(1), sp, tos, rp, core, budget)
    }
    *sp = tos;
    next!(ip.add(1), sp.add(1), tos, rp, core, budget)
});

handler!(pick (ip sp tos rp core budget) {
    // The picked cell must lie below the index itself.
    let depth = sp.offset_from((*core).stack).cast_unsigned() as u64;
    if tos >= depth.wrapping_sub(1) {
        leave!(underflow, ip, sp, tos, rp, core, budget)
    }
    let picked = *sp.sub(1 + tos as usize);
    next!(ip.add(1), sp, picked, rp, core, budget)
});

handler!(to_r (ip sp tos rp core budget) {
    let rp = rp.sub(1);
    *rp = tos;
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(r_from (ip sp tos rp core budget) {
    *sp = tos;
    next!(ip.add(1), sp.add(1), *rp, rp.add(1), core, budget)
});

handler!(two_to_r (ip sp tos rp core budget) {
    let rp = rp.sub(2);
    *rp.add(1) = *sp.sub(1);
    *rp = tos;
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(two_r_from (ip sp tos rp core budget) {
    *sp = tos;
    *sp.add(1) = *rp.add(1);
    next!(ip.add(1), sp.add(2), *rp, rp.add(2), core, budget)
});

handler!(two_r_fetch (ip sp tos rp core budget) {
    *sp = tos;
    *sp.add(1) = *rp.add(1);
    next!(ip.add(1), sp.add(2), *rp, rp, core, budget)
});

handler!(unloop (ip sp tos rp core budget) {
    next!(ip.add(1), sp, tos, rp.add(2), core, budget)
});

handler!(dup_to_r (ip sp tos rp core budget) {
    let rp = rp.sub(1);
    *rp = tos;
    next!(ip.add(1), sp, tos, rp, core, budget)
});
