//! Time: the core's clock, its tick, its timers.
//!
//! [`clock`] turns a counter into nanoseconds (docs/design/0009-clocks-and-timers.md has the reasons);
//! [`scale`] is its arithmetic. `timers` drives the core's queue of timers and its tick from one
//! hardware timer, and exists on the bare machine alone.

pub mod clock;
pub mod scale;
#[cfg(target_os = "none")]
pub mod timers;

pub use clock::Clock;
pub use scale::Scale;

/// Ticks per second while the core has something to do.
pub const TICK_HZ: u64 = 100;

/// From one tick to the next, in nanoseconds.
pub const TICK_NS: u64 = 1_000_000_000 / TICK_HZ;

/// The same while the core sleeps: seldom enough to cost nothing, often enough that no reference of a
/// clock wraps around unseen (the narrowest does in 4.69 s).
pub const IDLE_TICK_NS: u64 = 1_000_000_000;
