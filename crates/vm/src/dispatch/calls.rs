//! Calls of function values, tail calls, suspended calls: most of it is done outside of the dispatch,
//! where values are looked into.

use super::{CODE_HEADER, handler, leave, next};
use stele_bytecode::function::HEADER_WORDS;

handler!(tail_call (ip sp tos rp core budget) {
    let header = (*core).base.add(*ip.add(1) as usize * 8 + CODE_HEADER).cast::<u32>();
    let room = *header.add(1) as usize;
    if rp.byte_offset_from(sp).cast_unsigned() <= room * 8 {
        (*core).operand = room as u64;
        leave!(grow, ip, sp, tos, rp, core, budget)
    }
    let budget = budget - i64::from(*header);
    let ip = header.add(HEADER_WORDS);
    if budget < 0 {
        leave!(preempted, ip, sp, tos, rp, core, budget)
    }
    next!(ip, sp, tos, rp, core, budget)
});

/// Leaves the dispatch with the number in the instruction's high half.
macro_rules! leaving {
    ($name:ident $exit:ident) => {
        handler!($name (ip sp tos rp core budget) {
            (*core).operand = u64::from(*ip >> 16);
            leave!($exit, ip, sp, tos, rp, core, budget)
        });
    };
}

leaving!(closure closure);
leaving!(call_closure call_value);
leaving!(call_spread spread_value);
leaving!(apply apply_value);
leaving!(tail_call_closure tail_call_value);
leaving!(try_enter try_value);
leaving!(suspend suspend);
leaving!(resume resume);

handler!(throw_value (ip sp tos rp core budget) {
    let code = tos;
    let (sp, tos) = (sp.sub(1), *sp.sub(1));
    if code == 0 {
        (*core).values.top = (*core).values.top.sub(1);
        next!(ip.add(1), sp, tos, rp, core, budget)
    }
    (*core).operand = code;
    leave!(throw_value, ip, sp, tos, rp, core, budget)
});
