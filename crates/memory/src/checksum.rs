//! The checksum of images: 64 bits, eight independent lanes of one word each.
//!
//! Every step is a bijection of its lane, for a given word as for a given state, so a change
//! confined to one word always changes the sum. It guards against damage, not against malice:
//! whoever can write an image can also write its sum, and verification has to stand without it.

/// The odd number 2^64 divided by the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Bytes taken in one step; everything summed is a multiple of this long.
pub(crate) const STEP: usize = 64;

/// A checksum in progress.
pub(crate) struct Checksum {
    lanes: [u64; 8],
}

impl Checksum {
    pub(crate) fn new() -> Checksum {
        Checksum {
            lanes: core::array::from_fn(|lane| MULTIPLIER.wrapping_mul(lane as u64 + 1)),
        }
    }

    /// Adds `bytes`, whose length is a multiple of [`STEP`]; a rest is not added.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len().is_multiple_of(STEP));
        let mut lanes = self.lanes;
        for step in bytes.as_chunks::<STEP>().0 {
            for (lane, word) in lanes.iter_mut().zip(step.as_chunks::<8>().0) {
                *lane = (*lane ^ u64::from_le_bytes(*word))
                    .wrapping_mul(MULTIPLIER)
                    .rotate_left(29);
            }
        }
        self.lanes = lanes;
    }

    pub(crate) fn finish(&self) -> u64 {
        let fold = |sum: u64, lane: &u64| (sum ^ lane).wrapping_mul(MULTIPLIER).rotate_left(31);
        let sum = self.lanes.iter().fold(0, fold);
        (sum ^ sum >> 32).wrapping_mul(MULTIPLIER)
    }
}
