//! Exit statuses of the emulator under the command-line word `qemu-exit`.
//!
//! All odd, because QEMU's exit device on x86-64 can produce no others; none is 1, which is QEMU's
//! own failure.

/// BYE with status 0.
pub const SUCCESS: u32 = 33;

/// BYE with another status.
pub const FAILURE: u32 = 35;

/// A panic, or an exception in the kernel.
pub const PANIC: u32 = 65;
