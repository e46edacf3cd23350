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

/// Replaces two words of an image, each by a random one, by one of `fill`, or by another of its own.
fn replace_two_words(image: &mut [u8], random: &mut u64, fill: u8) {
    for _ in 0..2 {
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let to = (*random >> 33) as usize % (image.len() / 8) * 8;
        let from = (*random >> 13) as usize % (image.len() / 8) * 8;
        match *random >> 62 {
            0 => image[to..to + 8].copy_from_slice(&random.to_le_bytes()),
            1 => image[to..to + 8].fill(fill),
            _ => image.copy_within(from..from + 8, to),
        }
    }
}
