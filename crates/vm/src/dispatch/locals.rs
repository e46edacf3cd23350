//! Locals: cells of the return stack that instructions reach wherever they lie in the frame.

use super::{handler, next};

/// The number in the instruction's high half.
macro_rules! cells {
    ($ip:ident) => {
        (*$ip >> 16) as usize
    };
}

handler!(locals (ip sp tos rp core budget) {
    let count = cells!(ip);
    *sp = tos;
    // Both stacks grow towards each other, so that what comes last here is nearest there too.
    let (first, rp) = (sp.sub(count), rp.sub(count));
    for index in 0..count {
        *rp.add(index) = *sp.sub(index);
    }
    next!(ip.add(1), first, *first, rp, core, budget)
});

handler!(local_fetch (ip sp tos rp core budget) {
    *sp = tos;
    next!(ip.add(1), sp.add(1), *rp.add(cells!(ip)), rp, core, budget)
});

handler!(local_store (ip sp tos rp core budget) {
    *rp.add(cells!(ip)) = tos;
    next!(ip.add(1), sp.sub(1), *sp.sub(1), rp, core, budget)
});

handler!(return_drop (ip sp tos rp core budget) {
    next!(ip.add(1), sp, tos, rp.add(cells!(ip)), core, budget)
});
