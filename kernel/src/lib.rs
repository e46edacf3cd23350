//! The bare-metal kernel: brings a machine up after the loader and runs the arbiter on it.
//!
//! It owns the processor, physical and virtual memory, the serial console and the timer, and offers
//! them through the traits of `stele-hal`. It knows nothing of words, dictionaries or programs: those
//! live in VM instances above the arbiter.
//!
//! Read in this order: `boot.rs` (the stages, top to bottom), `arch/mod.rs` (what each architecture
//! provides), `per_core.rs` (the context of one core), `mm` (physical frames, page tables, heap),
//! `acpi` (the firmware's tables), `power.rs` (off and restart), `screen` (text on the framebuffer),
//! `keyboard`, `console.rs`, `interrupts.rs`, `machine` (the HAL), `devices` (devices for programs),
//! `system.rs` (the arbiter on it), `panic.rs` and `fault.rs` (what is said when all is lost).
//!
//! Modules that need no machine are compiled and tested on the host as well; the others exist on the
//! bare machine alone. `README.md` in this folder says how the kernel is built and started.
#![cfg_attr(not(test), no_std)]

#[cfg(target_os = "none")]
extern crate alloc;

pub mod acpi;
pub mod command_line;
pub mod context;
pub mod devices;
pub mod exit;
pub mod fault;
pub mod input;
pub mod interrupt_routes;
pub mod interrupts;
pub mod keyboard;
pub mod mm;
pub mod per_core;
pub mod power;
pub mod screen;
pub mod stage;
pub mod symbols;
pub mod time;
pub mod turns;

#[cfg(target_os = "none")]
pub mod arch;
#[cfg(target_os = "none")]
pub mod boot;
#[cfg(target_os = "none")]
pub mod console;
#[cfg(target_os = "none")]
pub mod machine;
#[cfg(target_os = "none")]
pub mod panic;
#[cfg(target_os = "none")]
pub mod provoke;
#[cfg(target_os = "none")]
pub mod self_check;
#[cfg(target_os = "none")]
pub mod system;

// The architectures' folders exist on the bare machine alone; what needs no machine there is tested
// on the host all the same.
#[cfg(test)]
#[path = "arch/aarch64/syndrome.rs"]
mod aarch64_syndrome;
