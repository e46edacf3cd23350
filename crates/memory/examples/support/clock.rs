//! The clock of the experiments.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of processor time of this thread so far, which other work on the machine touches only
/// through the caches.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    (time.tv_sec * 1_000_000_000 + time.tv_nsec) as u64
}
