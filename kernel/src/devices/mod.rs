//! Devices for programs: the kernel's side of the kernel words for hardware.
//!
//! Programs get registers and interrupts that the kernel does not use itself, and never memory.
//! Nothing here drives a device, and whether a program has the right to ask was decided above.
//!
//! What no check here can see is a device that reads and writes memory by itself when its registers
//! tell it to: whoever holds CAP_MMIO on a machine with such devices is trusted as the kernel is. The
//! known ways to program one that the firmware left idle are kept from programs (`inventory.rs`).
//!
//! Read in this order: `rules.rs` (what is memory), `inventory.rs` (what the system keeps),
//! `attached.rs` (counting interrupts), `reports.rs` (what is told about the machine), `access.rs`
//! (the trait [`stele_hal::Devices`] on all that).

#[cfg(target_os = "none")]
mod access;
pub mod attached;
pub mod inventory;
pub mod reports;
pub mod rules;

#[cfg(target_os = "none")]
pub use access::DeviceTable;
