//! Ending: the machine by the firmware's registers or a PC's old ones, the emulator by its exit
//! device.

use core::arch::asm;

use qemu_exit::QEMUExit;
use x86_64::instructions::{interrupts as flag, port::Port};

use crate::{
    acpi::{Register, Space},
    mm::address_space::direct,
    power::{Power, Registers},
};

/// Port of QEMU's exit device, as `kernel/README.md` has it attached.
const EXIT_PORT: u16 = 0xF4;

/// Ends QEMU with this exit status, which is odd.
pub fn exit_emulator(status: u32) -> ! {
    // SAFETY: the command line promises the device at this port; without it the write goes nowhere.
    let device = unsafe { qemu_exit::X86::new(EXIT_PORT, crate::exit::SUCCESS) };
    // The device turns what is written into `2 × value + 1`.
    device.exit(status >> 1)
}

/// Switches the machine off; comes back if nothing does.
pub fn power_off(power: &Power) {
    flag::disable();
    power.switch_off(&mut Hardware);
}

/// Resets the machine: by the register that the firmware names, by the chipset's, by the keyboard
/// controller, and if none answers by a triple fault.
pub fn restart(power: &Power) {
    flag::disable();
    power.reset(&mut Hardware);
    // SAFETY: both ports do nothing but reset (register CF9h: bit 1 full reset, bit 2 do it; 8042
    // command FEh: pulse the reset line); nothing of the kernel has to survive. An interrupt with an
    // empty vector table cannot be delivered, which resets the processor.
    unsafe {
        let mut reset_control = Port::<u8>::new(0xCF9);
        reset_control.write(0x02);
        reset_control.write(0x06);
        Port::<u8>::new(0x64).write(0xFE);
        asm!("lidt [{empty}]", "int3", empty = in(reg) &[0_u16; 5], options(noreturn))
    }
}

/// The registers that the firmware's tables name for power.
struct Hardware;

impl Registers for Hardware {
    fn write_8(&mut self, register: Register, value: u8) {
        if let Some(port) = register.port() {
            // SAFETY: the firmware names this port for power alone.
            unsafe { Port::<u8>::new(port).write(value) };
        } else if register.space == Space::Pci {
            write_configuration(register.address, value);
        } else if register.space == Space::Memory {
            // SAFETY: the firmware names this register for power alone, and `boot` has mapped it.
            unsafe { direct::<u8>(register.address).write_volatile(value) };
        }
    }

    fn read_16(&mut self, register: Register) -> u16 {
        match (register.port(), register.space) {
            // SAFETY: the firmware names this port for power; reading it has no effect.
            (Some(port), _) => unsafe { Port::<u16>::new(port).read() },
            // SAFETY: as above, and `boot` has mapped it.
            (None, Space::Memory) => unsafe { direct::<u16>(register.address).read_volatile() },
            (None, _) => 0,
        }
    }

    fn write_16(&mut self, register: Register, value: u16) {
        match (register.port(), register.space) {
            // SAFETY: as for `write_8`.
            (Some(port), _) => unsafe { Port::<u16>::new(port).write(value) },
            // SAFETY: as for `write_8`.
            (None, Space::Memory) => unsafe {
                direct::<u16>(register.address).write_volatile(value);
            },
            (None, _) => {}
        }
    }
}

/// Writes a byte to a PCI device's configuration space (PCI 3.0, 3.2.2.3.2).
fn write_configuration(address: u64, value: u8) {
    const ENABLE: u32 = 1 << 31;
    let device = (address >> 32) as u32 & 0x1F;
    let function = (address >> 16) as u32 & 7;
    let offset = address as u32 & 0xFF;
    // SAFETY: the firmware names this register for resetting the machine.
    unsafe {
        Port::<u32>::new(0xCF8).write(ENABLE | device << 11 | function << 8 | offset & !3);
        Port::<u8>::new(0xCFC + (offset & 3) as u16).write(value);
    }
}
