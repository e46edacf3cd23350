//! arm64: the kernel's part that knows the processor, the GIC, the generic timer and the PL011.
//!
//! The kernel runs at EL1 on `SP_EL0`; exceptions are handled on stacks of their own on `SP_EL1`.
//! `TTBR1_EL1` holds the only translation tables: the lower half of the address space, the null page
//! with it, is not translated at all. Nothing here knows what the kernel is for.
//!
//! Read in this order: `local.rs` (what a core finds in its registers), `stacks.rs`, `vectors.rs` and
//! `exceptions.rs` (what happens on an exception), with `syndrome.rs` and `registers.rs` (how it is
//! told); `cpu.rs` and `translation.rs` (the processor's switches); `firmware.rs` (where the devices
//! are), `gic.rs`, `timer.rs`, `serial.rs`, `interrupts.rs` (the devices); `devices.rs` (registers for
//! programs); `power.rs`, `provoke.rs`, `test_interrupt.rs`.

mod cpu;
mod devices;
mod exceptions;
mod firmware;
mod gic;
mod interrupts;
mod local;
mod power;
mod provoke;
mod registers;
mod serial;
mod stacks;
mod syndrome;
mod test_interrupt;
mod timer;
mod translation;
mod vectors;

pub use cpu::{
    core_id, cpu_init, disable_interrupts, enable_interrupts, halt, interrupts_enabled,
    largest_page, wait_for_interrupt,
};
pub use devices::{
    FIXED, HAS_PORTS, is_device_interrupt, physical_address_limit, read_register, write_register,
};
pub use gic::{connect_interrupt, set_interrupt_masked};
pub use interrupts::{HalError, hal_init};
pub use local::current_core;
pub use power::{exit_emulator, power_off, restart};
pub use provoke::provoke;
pub use registers::{Registers, capture_registers};
pub use serial::{drain_serial, open_log, resume_input, write_log, write_serial};
pub use stacks::guard_pages;
pub use test_interrupt::{raise_spurious_interrupts, raise_test_interrupt, test_interrupt};
pub use timer::{choose_clock, counter, sample_clock, set_timer};
pub use translation::{
    PageFormat, drop_identity_map, flush_page, page_table_root, publish_mappings,
};

use crate::per_core::PerCore;
use firmware::Firmware;

/// First call, on the boot stack, interrupts off: makes `core` this core's context, finds the serial
/// port for polled output, starts the clock.
pub fn early_init(core: &'static PerCore, rsdp: u64) {
    local::install(core);
    core.clock.start(counter(), timer::frequency());
    let firmware = Firmware::new(rsdp);
    if let Some(port) = firmware.serial_port() {
        serial::use_if_mapped(port.address);
    }
}
