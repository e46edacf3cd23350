//! Ending: the emulator through semihosting, the machine through PSCI.
//!
//! Source: PSCI (DEN 0022) 5.1; semihosting for AArch64 (IHI 0100), `SYS_EXIT_EXTENDED`.
use core::{
    arch::asm,
    sync::atomic::{AtomicU8, Ordering},
};

use super::cpu;
use crate::acpi::Conduit;

const NO_CONDUIT: u8 = 0;
const HYPERVISOR: u8 = 1;
const SECURE_MONITOR: u8 = 2;

/// How firmware is called. A static because a restart may be asked for from any context.
static CONDUIT: AtomicU8 = AtomicU8::new(NO_CONDUIT);

/// Notes how firmware is called.
pub(super) fn init(conduit: Option<Conduit>) {
    let number = match conduit {
        None => NO_CONDUIT,
        Some(Conduit::Hypervisor) => HYPERVISOR,
        Some(Conduit::SecureMonitor) => SECURE_MONITOR,
    };
    CONDUIT.store(number, Ordering::Relaxed);
}

fn conduit() -> Option<Conduit> {
    match CONDUIT.load(Ordering::Relaxed) {
        HYPERVISOR => Some(Conduit::Hypervisor),
        SECURE_MONITOR => Some(Conduit::SecureMonitor),
        _ => None,
    }
}

/// Ends the emulator with `code` as its exit status; halts if that has no effect.
///
/// Only for an emulator with semihosting on: anywhere else `HLT` is an undefined instruction, which
/// is reported as such.
pub fn exit_emulator(code: u32) -> ! {
    const SYS_EXIT_EXTENDED: u64 = 0x20;
    /// `ADP_Stopped_ApplicationExit`: the reason that carries an exit status.
    const APPLICATION_EXIT: u64 = 0x2_0026;
    let block = [APPLICATION_EXIT, u64::from(code)];
    // SAFETY: the parameter block lives across the instruction, and the emulator only reads it.
    unsafe {
        asm!(
            "hlt #0xF000",
            inout("x0") SYS_EXIT_EXTENDED => _,
            in("x1") block.as_ptr(),
            options(nostack),
        );
    }
    cpu::halt()
}

/// Resets the machine; halts if firmware has no way to.
pub fn restart() -> ! {
    const SYSTEM_RESET: u32 = 0x8400_0009;
    match conduit() {
        // SAFETY: firmware says that it answers `HVC`. By the SMC calling convention (DEN 0028) it
        // may change x0 to x17, which are declared; a reset does not come back.
        Some(Conduit::Hypervisor) => unsafe {
            asm!("hvc #0", inout("w0") SYSTEM_RESET => _, clobber_abi("C"), options(nostack));
        },
        // SAFETY: as above, for `SMC`.
        Some(Conduit::SecureMonitor) => unsafe {
            asm!("smc #0", inout("w0") SYSTEM_RESET => _, clobber_abi("C"), options(nostack));
        },
        None => {}
    }
    cpu::halt()
}
