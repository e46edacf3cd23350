//! The first PCI bus, as far as finding a device on it goes.
//!
//! Configuration space is memory (ECAM), at the address that the MCFG table states. Devices behind
//! bridges are not looked for.

use core::{fmt, ptr};

use stele_bootinfo::PHYSICAL_MAP;
use stele_paging::MapError;
use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction};

use crate::{
    acpi::{AcpiError, Mcfg, Signature, Tables},
    mm::address_space::{DirectMap, Memory},
};

/// Bytes of a bus's configuration space.
const BUS: u64 = 1 << 20;

/// The configuration space of one bus.
#[derive(Debug)]
pub(super) struct Ecam {
    /// Virtual address of its first byte.
    start: usize,
    bus: u8,
}

/// Why there is no bus to look at.
#[derive(Debug)]
pub(super) enum Missing {
    /// The firmware names none.
    Table(AcpiError),
    /// Its configuration space cannot be mapped.
    Map(MapError),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(error) => error.fmt(f),
            Self::Map(error) => write!(f, "its registers cannot be mapped ({error:?})"),
        }
    }
}

impl Ecam {
    /// The first bus of segment 0, mapped.
    pub(super) fn first_bus(memory: &mut Memory, rsdp: u64) -> Result<Self, Missing> {
        let table = Tables::new(&DirectMap, rsdp)
            .and_then(|tables| tables.find(Signature::MCFG))
            .map_err(Missing::Table)?;
        let segment = Mcfg::new(table)
            .segments()
            .find(|segment| segment.number == 0)
            .ok_or(Missing::Table(AcpiError::BadLength(Signature::MCFG)))?;
        let bus = segment.first_bus;
        let address = segment
            .address
            .checked_add(u64::from(bus) * BUS)
            .ok_or(Missing::Map(MapError::OutOfRange(segment.address)))?;
        memory.map_device(address, BUS).map_err(Missing::Map)?;
        Ok(Self {
            start: (PHYSICAL_MAP + address) as usize,
            bus,
        })
    }

    /// The bus's number.
    pub(super) fn bus(&self) -> u8 {
        self.bus
    }

    /// The register at byte `offset`; nothing for a function of another bus.
    fn register(&self, function: DeviceFunction, offset: u8) -> Option<*mut u32> {
        if function.bus != self.bus || function.device >= 32 || function.function >= 8 {
            return None;
        }
        let function = usize::from(function.device) << 15 | usize::from(function.function) << 12;
        Some(ptr::with_exposed_provenance_mut(
            self.start + (function | usize::from(offset & !3)),
        ))
    }
}

impl ConfigurationAccess for Ecam {
    fn read_word(&self, function: DeviceFunction, offset: u8) -> u32 {
        // What does not exist reads as all ones, here as on the bus itself.
        self.register(function, offset)
            .map_or(u32::MAX, |register| {
                // SAFETY: `first_bus` mapped the bus's configuration space; reading a register of the
                // header or the capabilities has no effect.
                unsafe { register.read_volatile() }
            })
    }

    fn write_word(&mut self, function: DeviceFunction, offset: u8, value: u32) {
        if let Some(register) = self.register(function, offset) {
            // SAFETY: as for reading. Only the driver of a device writes: it sizes the device's
            // regions, and turns on decoding and bus mastering.
            unsafe { register.write_volatile(value) };
        }
    }

    unsafe fn unsafe_clone(&self) -> Self {
        Self { ..*self }
    }
}
