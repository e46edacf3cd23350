//! Ending: the emulator through semihosting, the machine through PSCI.
//!
//! Source: PSCI (DEN 0022) 5.1; semihosting for AArch64 (IHI 0100), `SYS_EXIT_EXTENDED`.
use core::arch::asm;

use super::cpu;
use crate::{
    acpi::{Conduit, Register, Space},
    mm::address_space::direct,
    power::{Power, Registers},
};

/// PSCI functions.
mod function {
    pub(super) const SYSTEM_OFF: u32 = 0x8400_0008;
    pub(super) const SYSTEM_RESET: u32 = 0x8400_0009;
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

/// Switches the machine off, by the firmware or by the register it names; comes back if neither
/// does.
pub fn power_off(power: &Power) {
    cpu::disable_interrupts();
    call(power.conduit(), function::SYSTEM_OFF);
    power.switch_off(&mut Hardware);
}

/// Resets the machine, by the firmware or by the register it names; comes back if neither does.
pub fn restart(power: &Power) {
    cpu::disable_interrupts();
    call(power.conduit(), function::SYSTEM_RESET);
    power.reset(&mut Hardware);
}

/// Calls one of the firmware's power functions that take nothing and do not come back.
fn call(conduit: Option<Conduit>, function: u32) {
    match conduit {
        // SAFETY: firmware says that it answers `HVC`. By the SMC calling convention (DEN 0028) it
        // may change x0 to x17, which are declared.
        Some(Conduit::Hypervisor) => unsafe {
            asm!("hvc #0", inout("w0") function => _, clobber_abi("C"), options(nostack));
        },
        // SAFETY: as above, for `SMC`.
        Some(Conduit::SecureMonitor) => unsafe {
            asm!("smc #0", inout("w0") function => _, clobber_abi("C"), options(nostack));
        },
        None => {}
    }
}

/// The registers that the firmware's tables name for power: those in memory, as this architecture
/// has no ports.
struct Hardware;

impl Registers for Hardware {
    fn write_8(&mut self, register: Register, value: u8) {
        if register.space == Space::Memory {
            // SAFETY: the firmware names this register for power alone, and `boot` has mapped it.
            unsafe { direct::<u8>(register.address).write_volatile(value) };
        }
    }

    fn read_16(&mut self, register: Register) -> u16 {
        if register.space == Space::Memory {
            // SAFETY: as above; reading it has no effect.
            unsafe { direct::<u16>(register.address).read_volatile() }
        } else {
            0
        }
    }

    fn write_16(&mut self, register: Register, value: u16) {
        if register.space == Space::Memory {
            // SAFETY: as for `write_8`.
            unsafe { direct::<u16>(register.address).write_volatile(value) };
        }
    }
}
