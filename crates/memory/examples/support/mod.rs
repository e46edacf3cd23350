//! What the experiments share.

/// What can go wrong: the arena is too small.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// SplitMix64's output function: a number that looks random, always the same.
pub(crate) fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}
