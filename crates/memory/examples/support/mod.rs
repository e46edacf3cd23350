//! What the experiments share: the clock, and numbers that look random.

use rustix::time::{ClockId, clock_gettime};

/// What can go wrong: the arena is too small.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Nanoseconds of processor time of this thread so far, which other work on the machine touches only
/// through the caches.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    (time.tv_sec * 1_000_000_000 + time.tv_nsec) as u64
}

/// SplitMix64's output function: a number that looks random, always the same.
pub(crate) fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}
