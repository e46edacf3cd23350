//! The machine as the arbiter sees it: the traits of `stele-hal`, a file each; that of devices is in
//! [`crate::devices`].

mod console;
mod cpu;
mod files;
mod interrupt;
mod memory;
mod time;

use crate::{devices::DeviceTable, mm::address_space::Memory, per_core::PerCore};

/// The core this runs on, with its console and clock, and the machine's memory.
#[derive(Debug)]
pub struct Machine {
    /// The core's context.
    pub core: &'static PerCore,
    /// Physical memory and the page tables.
    pub memory: Memory,
    /// What programs use of the machine's devices.
    pub devices: DeviceTable,
}

impl Machine {
    /// The machine around this core; its devices are initialised.
    pub const fn new(core: &'static PerCore, memory: Memory, devices: DeviceTable) -> Self {
        Self {
            core,
            memory,
            devices,
        }
    }
}
