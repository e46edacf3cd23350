//! Processors.

use core::fmt;

/// The processor this code runs on.
pub trait Cpu {
    /// The processor's number as the platform gives it: the local APIC's on x86-64, the four
    /// affinity bytes on arm64, the logical processor of the moment on Linux.
    fn id(&self) -> u32;

    /// Processors that run the system; those that are present and not started do not count.
    fn count(&self) -> u32;

    /// Tells the processor that this code is waiting for another core or a device in a loop.
    fn relax(&mut self) {
        core::hint::spin_loop();
    }

    /// Sleeps until an interrupt or new input may have changed something; may return early.
    fn wait_for_interrupt(&mut self);

    /// Sleeps until [`Time::now_ns`](crate::Time::now_ns) has come to `due_ns`, an interrupt may have changed something, or
    /// a person interrupts; not for new input, which may lie there unread. May return early.
    fn wait_until(&mut self, due_ns: u64);

    /// Reports `cause` as one that the system cannot go on after, and ends it. Only instances end the
    /// system this way, so `cause` tells which one it was and where it was.
    fn panic(&mut self, cause: fmt::Arguments<'_>) -> !;
}
