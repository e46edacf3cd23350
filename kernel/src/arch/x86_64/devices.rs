//! Device registers for programs: memory and I/O ports.

use core::{arch::x86_64::__cpuid, ptr};

use stele_hal::{AddressSpace, DeviceRegion, Width};
use x86_64::instructions::port::{PortReadOnly, PortWriteOnly};

use crate::devices::inventory::{Item, Refusal};

/// Every global system interrupt is a device's.
pub fn is_device_interrupt(_number: u32) -> bool {
    true
}

/// This processor has I/O ports.
pub const HAS_PORTS: bool = true;

/// What the system keeps whatever the firmware's tables name: ports, and the one run of memory where a
/// write is an interrupt, of any kind, or a reset of the processor (Intel SDM volume 3A, 10.11.1).
///
/// Sources: the chipset's port map (Intel 82801IB data sheet, 9.3), QEMU's `fw_cfg` specification.
pub const FIXED: &[Item] = &[
    kept("DMA controller", 0x00, 0x20),
    driven("interrupt controller", 0x20, 2),
    driven("interval timer", 0x40, 4),
    driven("keyboard controller's data", 0x60, 1),
    driven("keyboard controller's command", 0x64, 1),
    kept("DMA pages", 0x81, 0x0F),
    driven("reset and A20 gate", 0x92, 1),
    driven("second interrupt controller", 0xA0, 2),
    kept("second DMA controller", 0xC0, 0x20),
    driven("emulator's exit", 0xF4, 4),
    driven("second serial port", 0x2F8, 8),
    driven("serial port", 0x3F8, 8),
    driven("interrupt triggers", 0x4D0, 2),
    kept("emulator's configuration", 0x510, 0x0C),
    kept("PCI configuration, reset", 0xCF8, 8),
    Item {
        region: DeviceRegion {
            space: AddressSpace::Memory,
            start: 0xFEE0_0000,
            length: 1 << 20,
        },
        ..driven("interrupt messages", 0, 0)
    },
];

const fn driven(name: &'static str, start: u64, length: u64) -> Item {
    Item {
        region: DeviceRegion {
            space: AddressSpace::Ports,
            start,
            length,
        },
        name,
        refusal: Refusal::Driven,
    }
}

const fn kept(name: &'static str, start: u64, length: u64) -> Item {
    Item {
        refusal: Refusal::ReachesMemory,
        ..driven(name, start, length)
    }
}

/// One past the highest physical address that page tables can name (CPUID 8000_0008h, EAX bits 7:0).
pub fn physical_address_limit() -> u64 {
    let bits = __cpuid(0x8000_0008).eax & 0xFF;
    1_u64.checked_shl(bits).unwrap_or(u64::MAX)
}

/// Reads a register. Nothing answering looks like all ones on this architecture.
///
/// # Safety
/// `address` is a port, or mapped as a device's; reading there does no harm to the system.
pub unsafe fn read_register(space: AddressSpace, address: u64, width: Width) -> Option<u64> {
    let pointer = ptr::with_exposed_provenance::<u8>(address as usize);
    let port = address as u16;
    // SAFETY: the caller vouches for the address; one in memory is aligned to the width.
    unsafe {
        Some(match (space, width) {
            (AddressSpace::Memory, Width::Byte) => pointer.read_volatile().into(),
            (AddressSpace::Memory, Width::Word) => pointer.cast::<u16>().read_volatile().into(),
            (AddressSpace::Memory, Width::Double) => pointer.cast::<u32>().read_volatile().into(),
            (AddressSpace::Memory, Width::Quad) => pointer.cast::<u64>().read_volatile(),
            (AddressSpace::Ports, Width::Byte) => PortReadOnly::<u8>::new(port).read().into(),
            (AddressSpace::Ports, Width::Word) => PortReadOnly::<u16>::new(port).read().into(),
            (AddressSpace::Ports, Width::Double) => PortReadOnly::<u32>::new(port).read().into(),
            (AddressSpace::Ports, Width::Quad) => return None,
        })
    }
}

/// Writes a register; true, for nobody tells whether something answered.
///
/// # Safety
/// As for [`read_register`], and writing this value there does no harm to the system.
pub unsafe fn write_register(space: AddressSpace, address: u64, width: Width, value: u64) -> bool {
    let pointer = ptr::with_exposed_provenance_mut::<u8>(address as usize);
    let port = address as u16;
    // SAFETY: as for `read_register`.
    unsafe {
        match (space, width) {
            (AddressSpace::Memory, Width::Byte) => pointer.write_volatile(value as u8),
            (AddressSpace::Memory, Width::Word) => {
                pointer.cast::<u16>().write_volatile(value as u16)
            }
            (AddressSpace::Memory, Width::Double) => {
                pointer.cast::<u32>().write_volatile(value as u32)
            }
            (AddressSpace::Memory, Width::Quad) => pointer.cast::<u64>().write_volatile(value),
            (AddressSpace::Ports, Width::Byte) => PortWriteOnly::<u8>::new(port).write(value as u8),
            (AddressSpace::Ports, Width::Word) => {
                PortWriteOnly::<u16>::new(port).write(value as u16)
            }
            (AddressSpace::Ports, Width::Double) => {
                PortWriteOnly::<u32>::new(port).write(value as u32)
            }
            (AddressSpace::Ports, Width::Quad) => return false,
        }
    }
    true
}
