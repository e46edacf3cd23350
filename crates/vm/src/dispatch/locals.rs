//! Locals: cells of the return stack that instructions reach wherever they lie in the frame.

use super::{handler, next};

/// The number in the instruction's high half.
macro_rules! cells {
    ($ip:ident) => {
        (*$ip >> 16) as usize
    };
}

// One and two cells have instructions of their own; three and four are common, and done without the
// loop.
handler!(locals (ip sp tos rp core budget) {
    let count = cells!(ip);
    if count != 3 && count != 4 {
        return any_locals(ip, sp, tos, rp, core, budget);
    }
    let below = *sp.sub(3);
    let (first, rp) = (sp.sub(count), rp.sub(count));
    *rp = tos;
    *rp.add(1) = *sp.sub(1);
    *rp.add(2) = *sp.sub(2);
    if count == 4 {
        *rp.add(3) = below;
    }
    next!(ip.add(1), first, *first, rp, core, budget)
});

handler!(#[inline(never)] any_locals (ip sp tos rp core budget) {
    let count = cells!(ip);
    *sp = tos;
    // The stacks grow towards each other, so what is nearest to one's end is to the other's, too.
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
