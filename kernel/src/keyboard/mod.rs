//! Keyboards: every key becomes the bytes that a terminal would send for it, so that a program sees
//! no difference between a keyboard and the serial port.
//!
//! Read in this order: `keys.rs` (scan codes to bytes, US layout), `evdev.rs` (the numbers that virtio
//! keyboards use), `virtio.rs` (the device) with `pci.rs` (how it is found). The PS/2 keyboard of the
//! PC is in `arch/x86_64/ps2.rs`.
//!
//! Keys are repeated by the device. Its lights are not lit.

pub mod evdev;
mod keys;
#[cfg(target_os = "none")]
mod pci;
#[cfg(target_os = "none")]
mod virtio;

pub use keys::{Bytes, Keys};
#[cfg(target_os = "none")]
pub use virtio::init;
