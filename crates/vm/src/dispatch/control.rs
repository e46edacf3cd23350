//! Calls, jumps, counted loops, handlers.
//!
//! Costs are charged here and nowhere else: a call charges the callee's first path, a jump the path
//! it leads to. The budget is looked at on calls and on jumps backwards.

use super::{CODE_HEADER, REMEMBERED, handler, leave, next};
use stele_bytecode::function::HEADER_WORDS;

handler!(#[cold] invalid (ip sp tos rp core budget) {
    leave!(invalid_code, ip, sp, tos, rp, core, budget)
});

handler!(halt (ip sp tos rp core budget) {
    leave!(halt, ip, sp, tos, rp, core, budget)
});

handler!(r#return (ip sp tos rp core budget) {
    let ip = (*core).base.add(*rp as usize).cast::<u32>();
    next!(ip, sp, tos, rp.add(1), core, budget)
});

/// Bytes from one stack's end to the other's.
macro_rules! room_between {
    ($sp:expr, $rp:expr) => {
        $rp.byte_offset_from($sp).cast_unsigned()
    };
}

handler!(call (ip sp tos rp core budget) {
    let header = (*core).base.add(*ip.add(1) as usize * 8 + CODE_HEADER).cast::<u32>();
    let room = *header.add(1) as usize;
    if room_between!(sp, rp) <= room * 8 {
        (*core).operand = room as u64;
        leave!(grow, ip, sp, tos, rp, core, budget)
    }
    let budget = budget - i64::from(*header);
    let rp = rp.sub(1);
    *rp = ip.add(2).cast::<u8>().offset_from((*core).base).cast_unsigned() as u64;
    let ip = header.add(HEADER_WORDS);
    if budget < 0 {
        leave!(preempted, ip, sp, tos, rp, core, budget)
    }
    next!(ip, sp, tos, rp, core, budget)
});

/// Calls the function of a token that is remembered, if both stacks have what it needs; `$ip` is
/// what it returns to. Falls through otherwise.
macro_rules! call_remembered {
    ($token:expr, $ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {
        let entry = &(*$core).remembered[$token as usize % REMEMBERED];
        if entry.token == $token {
            let header = entry.header;
            let depth = $sp.offset_from((*$core).stack).cast_unsigned();
            let need = (*header.add(2) & 0xFFFF) as usize;
            let room = *header.add(1) as usize;
            if depth >= need && room_between!($sp, $rp) > room * 8 {
                let budget = $budget - i64::from(*header);
                let rp = $rp.sub(1);
                *rp = $ip.cast::<u8>().offset_from((*$core).base).cast_unsigned() as u64;
                let ip = header.add(HEADER_WORDS);
                if budget < 0 {
                    leave!(preempted, ip, $sp, $tos, rp, $core, budget)
                }
                next!(ip, $sp, $tos, rp, $core, budget)
            }
        }
    };
}

handler!(call_word (ip sp tos rp core budget) {
    let token = u64::from(*ip.add(1));
    call_remembered!(token, ip.add(2), sp, tos, rp, core, budget);
    (*core).operand = token;
    leave!(execute, ip.add(2), sp, tos, rp, core, budget)
});

handler!(execute (ip sp tos rp core budget) {
    let (token, sp, tos) = (tos, sp.sub(1), *sp.sub(1));
    call_remembered!(token, ip.add(1), sp, tos, rp, core, budget);
    (*core).operand = token;
    leave!(execute, ip.add(1), sp, tos, rp, core, budget)
});

handler!(primitive (ip sp tos rp core budget) {
    (*core).operand = u64::from(*ip >> 16);
    leave!(primitive, ip, sp, tos, rp, core, budget)
});

handler!(check (ip sp tos rp core budget) {
    let declared = *ip.add(1);
    let depth = sp.offset_from((*core).stack).cast_unsigned();
    if depth < (declared & 0xFFFF) as usize {
        leave!(underflow, ip, sp, tos, rp, core, budget)
    }
    let room = (declared >> 16) as usize;
    if room_between!(sp, rp) <= room * 8 {
        (*core).operand = room as u64;
        leave!(grow, ip, sp, tos, rp, core, budget)
    }
    next!(ip.add(2), sp, tos, rp, core, budget)
});

/// Goes to the target of the jump at `$ip`, looking at the budget if that lies behind.
macro_rules! take {
    ($ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {{
        let distance = (*$ip.add(1)).cast_signed();
        let budget = $budget - i64::from(*$ip.add(2));
        let target = $ip.offset(distance as isize);
        // The budget first: it is hardly ever spent, so one test that never fails is all this costs.
        if budget < 0 && distance <= 0 {
            leave!(preempted, target, $sp, $tos, $rp, $core, budget)
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
branch_two!(jump_if_less | a, b | a.cast_signed() < b.cast_signed());
branch_two!(jump_if_greater | a, b | a.cast_signed() > b.cast_signed());

/// A branch on the top cell and the number in the instruction, which takes the cell or, the second
/// name, only looks at it.
macro_rules! branch_short {
    ($taking:ident $looking:ident |$a:ident, $b:ident| $taken:expr) => {
        handler!($taking (ip sp tos rp core budget) {
            let ($a, $b) = (tos, i64::from((*ip).cast_signed() >> 16).cast_unsigned());
            let below = *sp.sub(1);
            if $taken {
                take!(ip, sp.sub(1), below, rp, core, budget)
            }
            pass!(ip, sp.sub(1), below, rp, core, budget)
        });
        handler!($looking (ip sp tos rp core budget) {
            let ($a, $b) = (tos, i64::from((*ip).cast_signed() >> 16).cast_unsigned());
            if $taken {
                take!(ip, sp, tos, rp, core, budget)
            }
            pass!(ip, sp, tos, rp, core, budget)
        });
    };
}

branch_short!(jump_unless_equal_short jump_dup_unless_equal_short |a, b| a != b);
branch_short!(jump_if_equal_short jump_dup_if_equal_short |a, b| a == b);
branch_short!(jump_unless_less_short jump_dup_unless_less_short |a, b| a.cast_signed() >= b.cast_signed());
branch_short!(jump_unless_greater_short jump_dup_unless_greater_short |a, b| a.cast_signed() <= b.cast_signed());
branch_short!(jump_unless_below_short jump_dup_unless_below_short |a, b| a >= b);
branch_short!(jump_unless_bits jump_dup_unless_bits |a, b| a & b == 0);
branch_short!(jump_if_bits jump_dup_if_bits |a, b| a & b != 0);

handler!(jump_if_dup_zero (ip sp tos rp core budget) {
    if tos == 0 {
        take!(ip, sp, tos, rp, core, budget)
    }
    pass!(ip, sp, tos, rp, core, budget)
});

handler!(jump_if_dup_not_zero (ip sp tos rp core budget) {
    if tos != 0 {
        take!(ip, sp, tos, rp, core, budget)
    }
    pass!(ip, sp, tos, rp, core, budget)
});

handler!(jump_taking_zero (ip sp tos rp core budget) {
    if tos == 0 {
        take!(ip, sp.sub(1), *sp.sub(1), rp, core, budget)
    }
    pass!(ip, sp, tos, rp, core, budget)
});

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
    leave!(catch, ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(catch_exit (ip sp tos rp core budget) {
    leave!(caught, ip, sp, tos, rp, core, budget)
});

handler!(throw (ip sp tos rp core budget) {
    if tos == 0 {
        next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
    }
    (*core).operand = tos;
    leave!(throw, ip, sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(raise (ip sp tos rp core budget) {
    (*core).operand = i64::from((*ip).cast_signed() >> 16).cast_unsigned();
    leave!(throw, ip, sp, tos, rp, core, budget)
});
