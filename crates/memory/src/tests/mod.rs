//! Tests that look inside this crate; those that use it as others do are in `tests/`.
extern crate std;

mod collisions;
mod hash;
mod hostile;
mod hostile_sharing;
mod sizes;
mod tree;
mod worst_cases;

use core::cell::Cell;

std::thread_local! {
    static MASK: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// In this thread, lets only the bits of `mask` of every hash be told apart.
fn weaken_hashes(mask: u64) {
    MASK.set(mask);
}

/// Called by the hash in test builds.
pub(crate) fn weaken(hash: u64) -> u64 {
    hash & MASK.get()
}
