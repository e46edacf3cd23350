//! What the system keeps to itself: devices that the kernel drives, and devices through which a
//! program could reach memory that is not its own.
//!
//! Found in the firmware's tables and a fixed list of the architecture's, so that it is the same list
//! that `DEVICES` shows. What the kernel has mapped itself is refused even if a table is missing
//! (`Memory::map_device` keeps a list); what reaches memory and only a damaged table names is not,
//! and the boot says which table that is.

use core::fmt::{self, Display};

use stele_bootinfo::Framebuffer;
use stele_hal::{AddressSpace, DeviceError, DeviceRegion};

use crate::acpi::{
    Fadt, Hpet, Madt, MadtEntry, Mcfg, PhysicalMemory, Segment, Signature, Spcr, Tables,
};

/// Bytes of a page, which is what one device's registers at least lie in.
const PAGE: u64 = 4096;

/// Something the system keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where.
    pub region: DeviceRegion,
    /// What it is.
    pub name: &'static str,
    /// Why programs cannot have it.
    pub refusal: Refusal,
}

/// Why programs cannot have a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The kernel drives it.
    Driven,
    /// It can be told to read and write any memory.
    ReachesMemory,
}

impl Refusal {
    /// As the trait of devices has it.
    #[must_use]
    pub const fn error(self) -> DeviceError {
        match self {
            Self::Driven => DeviceError::InUse,
            Self::ReachesMemory => DeviceError::Kept,
        }
    }
}

impl Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refusal = match self.refusal {
            Refusal::Driven => "driven by the kernel",
            Refusal::ReachesMemory => "kept: it can reach any memory",
        };
        write!(f, "{}: {}; {refusal}", self.name, self.region)
    }
}

/// Calls `see` for everything the system keeps, until that returns false.
///
/// `fixed` is what is kept whatever the tables say.
pub fn for_each<M: PhysicalMemory>(
    memory: &M,
    rsdp: u64,
    framebuffer: &Framebuffer,
    fixed: &[Item],
    see: &mut dyn FnMut(Item) -> bool,
) {
    let mut go_on = true;
    let mut tell = |item: Item| {
        if item.region.length > 0 && go_on {
            go_on = see(item);
        }
    };
    for item in fixed {
        tell(*item);
    }
    tell(driven("framebuffer", framebuffer.address, framebuffer.size));
    let Ok(tables) = Tables::new(memory, rsdp) else {
        return;
    };
    if let Ok(table) = tables.find(Signature::MADT) {
        for entry in Madt::new(table).entries() {
            controller(entry, &mut tell);
        }
        if let Some(address) = Madt::new(table).local_apic() {
            tell(driven("local APIC", address, PAGE));
        }
    }
    if let Ok(table) = tables.find(Signature::SPCR)
        && let Some(port) = Spcr::new(table).pl011()
    {
        tell(driven("serial port", port.address, PAGE));
    }
    if let Ok(table) = tables.find(Signature::HPET)
        && let Some(address) = Hpet::new(table).address()
    {
        tell(driven("HPET", address, 1024));
    }
    if let Ok(table) = tables.find(Signature::MCFG) {
        for (start, length) in Mcfg::new(table).segments().filter_map(Segment::range) {
            tell(kept("PCI configuration", start, length));
        }
    }
    if let Ok(table) = tables.find(Signature::FADT) {
        for (address, length) in Fadt::new(table).port_blocks() {
            let power = driven("ACPI power management", address.into(), length.into());
            tell(Item {
                region: DeviceRegion {
                    space: AddressSpace::Ports,
                    ..power.region
                },
                ..power
            });
        }
    }
}

/// The parts of interrupt controllers.
fn controller(entry: MadtEntry, tell: &mut impl FnMut(Item)) {
    match entry {
        MadtEntry::IoApic { address, .. } => tell(driven("I/O APIC", address.into(), PAGE)),
        MadtEntry::LocalApicAddress(address) => tell(driven("local APIC", address, PAGE)),
        MadtEntry::GicDistributor { address, .. } => {
            tell(driven("GIC distributor", address, 0x1_0000));
        }
        MadtEntry::GicRedistributors { address, length } => {
            tell(driven("GIC redistributors", address, length.into()));
        }
        MadtEntry::GicCpu { redistributor, .. } if redistributor != 0 => {
            tell(driven("GIC redistributor", redistributor, 0x4_0000));
        }
        // Its tables and commands lie in memory, wherever it is told.
        MadtEntry::GicTranslation { address } => {
            tell(kept("GIC translation service", address, 0x2_0000));
        }
        _ => {}
    }
}

const fn driven(name: &'static str, start: u64, length: u64) -> Item {
    Item {
        region: DeviceRegion {
            space: AddressSpace::Memory,
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
