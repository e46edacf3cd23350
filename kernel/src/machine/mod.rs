//! The machine as the arbiter sees it: the traits of `stele-hal`, a file each.

mod console;
mod cpu;
mod interrupt;
mod memory;
mod time;

use crate::{mm::address_space::Memory, per_core::PerCore};

/// The core this runs on, with its console and clock, and the machine's memory.
#[derive(Debug)]
pub struct Machine {
    /// The core's context.
    pub core: &'static PerCore,
    /// Physical memory and the page tables.
    pub memory: Memory,
}

impl Machine {
    /// The machine around this core; its devices are initialised.
    pub const fn new(core: &'static PerCore, memory: Memory) -> Self {
        Self { core, memory }
    }
}
