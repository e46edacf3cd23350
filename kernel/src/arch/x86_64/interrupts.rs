//! What a device's interrupt does.
//!
//! Handlers run with interrupts off, on the interrupt stack. They touch nothing but their device and
//! the atomics of [`PerCore`](crate::per_core::PerCore); they never allocate, wait or print.

use core::sync::atomic::Ordering;

use super::{current_core, local_apic::LocalApic, serial};

/// Where the legacy controllers' sixteen interrupts would arrive; they are masked, but can still
/// raise spurious ones.
pub(super) const LEGACY: u8 = 0x20;
/// The local timer.
pub(super) const TIMER: u8 = 0x40;
/// The first serial port.
pub(super) const SERIAL: u8 = 0x41;
/// An interrupt that vanished before it was delivered. Its low four bits are set, as old local APICs
/// insist.
pub(super) const SPURIOUS: u8 = 0xFF;

/// Serves the interrupt with this vector.
pub(super) fn handle(vector: u8) {
    const LEGACY_END: u8 = LEGACY + 16;
    let Some(core) = current_core() else { return };
    match vector {
        TIMER => core.tick(),
        SERIAL => serial::receive(core),
        // Neither expects an end of interrupt.
        LEGACY..LEGACY_END | SPURIOUS => {
            core.spurious.fetch_add(1, Ordering::Relaxed);
            return;
        }
        _ => {
            core.spurious.fetch_add(1, Ordering::Relaxed);
        }
    }
    LocalApic::current().end_of_interrupt();
}
