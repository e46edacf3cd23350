//! Calls, jumps, counted loops, handlers.
//!
//! Costs are charged here and nowhere else: a call charges the callee's first path, a jump the path
//! it leads to. The budget is looked at on calls and on jumps backwards.

use super::{CODE_HEADER, handler, leave, next};
use crate::Trap;
use crate::dispatch::Exit;
use stele_bytecode::function::HEADER_WORDS;

handler!(#[cold] invalid (ip sp tos rp core budget) {
    leave!(Exit::Trap(Trap::INVALID_CODE), ip, sp, tos, rp, core, budget)
});

handler!(halt (ip sp tos rp core budget) {
    leave!(Exit::Halt, ip, sp, tos, rp, core, budget)
});

handler!(r#return (ip sp tos rp core budget) {
    let ip = (*core).base.add(*rp as usize).cast::<u32>();
    next!(ip, sp, tos, rp.add(1), core, budget)
});

handler!(call (ip sp tos rp core budget) {
    let header = (*core).base.add(*ip.add(1) as usize * 8 + CODE_HEADER).cast::<u32>();
    let room = *header.add(1) as usize;
    if rp.offset_from(sp).cast_unsigned() <= room {
        (*core).operand = room as u64;
        leave!(Exit::Grow, ip, sp, tos, rp, core, budget)
    }
    let budget = budget - i64::from(*header);
    let rp = rp.sub(1);
    *rp = ip.add(2).cast::<u8>().offset_from((*core).base).cast_unsigned() as u64;
    let ip = header.add(HEADER_WORDS);
    if budget < 0 {
        leave!(Exit::Preempted, ip, sp, tos, rp, core, budget)
    }
    next!(ip, sp, tos, rp, core, budget)
});

handler!(call_word (ip sp tos rp core budget) {
    (*core).operand = u64::from(*ip.add(1));
    leave!(Exit::Execute, ip.add(2), sp, tos, rp, core, budget)
});

handler!(execute (ip sp tos rp core budget) {
    (*core).operand = tos;
    leave!(Exit::Execute, ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(primitive (ip sp tos rp core budget) {
    (*core).operand = u64::from(*ip >> 16);
    leave!(Exit::Primitive, ip, sp, tos, rp, core, budget)
});

handler!(check (ip sp tos rp core budget) {
    let declared = *ip.add(1);
    let depth = sp.offset_from((*core).stack).cast_unsigned();
    if depth < (declared & 0xFFFF) as usize {
        leave!(Exit::Trap(Trap::STACK_UNDERFLOW), ip, sp, tos, rp, core, budget)
    }
    let room = (declared >> 16) as usize;
    if rp.offset_from(sp).cast_unsigned() <= room {
        (*core).operand = room as u64;
        leave!(Exit::Grow, ip, sp, tos, rp, core, budget)
    }
    next!(ip.add(2), sp, tos, rp, core, budget)
});

/// Goes to the target of the jump at `$ip`, looking at the budget if that lies behind.
macro_rules! take {
    ($ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {{
        let distance = (*$ip.add(1)).cast_signed();
        let budget = $budget - i64::from(*$ip.add(2));
        let target = $ip.offset(distance as isize);
        if distance <= 0 && budget < 0 {
            leave!(Exit::Preempted, target, $sp, $tos, $rp, $core, budget)
        }
        next!(target, $sp, $tos, $rp, $core, budget)
    }};
}

/// Goes past the branch at `$ip`.
macro_rules! pass {
    ($ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {{
        let budget = $budget - i64::from(*$ip.add(3));
        next!($ip.add(4), $sp, $tos, $rp, $core, budget)
    }};
}

handler!(jump (ip sp tos rp core budget) {
    take!(ip, sp, tos, rp, core, budget)
});

/// A branch on the top cell.
macro_rules! branch_one {
    ($name:ident |$a:ident| $taken:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let $a = tos.cast_signed();
            let below = *sp.sub(1);
            if $taken {
                take!(ip, sp.sub(1), below, rp, core, budget)
            }
            pass!(ip, sp.sub(1), below, rp, core, budget)
        });
    };
}

branch_one!(jump_if_zero | a | a == 0);
branch_one!(jump_if_not_zero | a | a != 0);
branch_one!(jump_unless_negative | a | a >= 0);

/// A branch on the top two cells.
macro_rules! branch_two {
    ($name:ident |$a:ident, $b:ident| $taken:expr) => {
        handler!($name (ip sp tos rp core budget) {
            let ($a, $b) = (*sp.sub(1), tos);
            let below = *sp.sub(2);
            if $taken {
                take!(ip, sp.sub(2), below, rp, core, budget)
            }
            pass!(ip, sp.sub(2), below, rp, core, budget)
        });
    };
}

branch_two!(jump_unless_equal | a, b | a != b);
branch_two!(jump_if_equal | a, b | a == b);
branch_two!(jump_unless_less | a, b | a.cast_signed() >= b.cast_signed());
branch_two!(
    jump_unless_greater | a,
    b | a.cast_signed() <= b.cast_signed()
);
branch_two!(jump_unless_below | a, b | a >= b);

/// Turns limit and start into the two cells of a loop: the index is their sum, and the one on top
/// overflows, as a signed number, exactly when the index crosses from below the limit to it.
macro_rules! loop_parameters {
    ($limit:expr, $start:expr) => {{
        let offset = $limit ^ (1 << 63);
        (offset, $start.wrapping_sub(offset))
    }};
}

handler!(r#do (ip sp tos rp core budget) {
    let (offset, biased) = loop_parameters!(*sp.sub(1), tos);
    let rp = rp.sub(2);
    *rp.add(1) = offset;
    *rp = biased;
    next!(ip.add(1), sp.sub(2), *sp.sub(2), rp, core, budget)
});

handler!(question_do (ip sp tos rp core budget) {
    let limit = *sp.sub(1);
    let below = *sp.sub(2);
    if limit == tos {
        take!(ip, sp.sub(2), below, rp, core, budget)
    }
    let (offset, biased) = loop_parameters!(limit, tos);
    let rp = rp.sub(2);
    *rp.add(1) = offset;
    *rp = biased;
    pass!(ip, sp.sub(2), below, rp, core, budget)
});

handler!(r#loop (ip sp tos rp core budget) {
    let (biased, crossed) = (*rp).cast_signed().overflowing_add(1);
    if crossed {
        pass!(ip, sp, tos, rp.add(2), core, budget)
    }
    *rp = biased.cast_unsigned();
    take!(ip, sp, tos, rp, core, budget)
});

handler!(plus_loop (ip sp tos rp core budget) {
    let (biased, crossed) = (*rp).cast_signed().overflowing_add(tos.cast_signed());
    let below = *sp.sub(1);
    if crossed {
        pass!(ip, sp.sub(1), below, rp.add(2), core, budget)
    }
    *rp = biased.cast_unsigned();
    take!(ip, sp.sub(1), below, rp, core, budget)
});

handler!(catch_enter (ip sp tos rp core budget) {
    (*core).operand = tos;
    leave!(Exit::Catch, ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(catch_exit (ip sp tos rp core budget) {
    leave!(Exit::Caught, ip, sp, tos, rp, core, budget)
});

handler!(throw (ip sp tos rp core budget) {
    if tos == 0 {
        next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
    }
    (*core).operand = tos;
    leave!(Exit::Throw, ip, sp, tos, rp, core, budget)
});

handler!(raise (ip sp tos rp core budget) {
    (*core).operand = i64::from((*ip).cast_signed() >> 16).cast_unsigned();
    leave!(Exit::Throw, ip, sp, tos, rp, core, budget)
});
