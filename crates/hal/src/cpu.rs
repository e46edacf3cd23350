//! Processors.

/// The processor this code runs on.
pub trait Cpu {
    /// Sleeps until an interrupt or new input may have changed something; may return early.
    fn wait_for_interrupt(&mut self);
}
