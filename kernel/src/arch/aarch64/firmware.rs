//! What the firmware's tables say about this machine's devices.
use core::fmt;

use crate::{
    acpi::{AcpiError, Dbg2, Gtdt, Madt, MadtEntry, Pl011, Signature, Spcr, Table, Tables, damage},
    mm::address_space::DirectMap,
};

/// The serial port of the QEMU "virt" machine and its imitators, which is also what the loader maps.
const USUAL_SERIAL_PORT: Pl011 = Pl011 {
    address: 0x0900_0000,
    interrupt: Some(33),
};

/// The virtual timer's interrupt where no table gives it: the base system architecture fixes it
/// (DEN 0094, PPI assignments).
const USUAL_VIRTUAL_TIMER: u32 = 27;

/// Length of one redistributor's registers at most: two frames, and two more in a GICv4.
const REDISTRIBUTOR_LENGTH: u64 = 0x4_0000;

/// Where an interrupt controller's registers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GicRegisters {
    /// Physical address of the distributor.
    pub(super) distributor: u64,
    /// Physical address of the first redistributor.
    pub(super) redistributors: u64,
    /// Length in bytes of the range that the redistributors lie in.
    pub(super) redistributors_length: u64,
}

/// Why no interrupt controller could be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GicMissing {
    /// The table that lists interrupt controllers cannot be read.
    Tables(AcpiError),
    /// The table lists no distributor.
    NoDistributor,
    /// The table lists no redistributor for the processor of this affinity.
    NoRedistributor(u64),
    /// The controller is of this version of the architecture, which has no redistributors.
    TooOld(u8),
}

impl fmt::Display for GicMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tables(error) => write!(f, "the interrupt controllers are unknown: {error}"),
            Self::NoDistributor => f.write_str("the firmware lists no GIC distributor"),
            Self::NoRedistributor(affinity) => write!(
                f,
                "the firmware lists no GIC redistributor for this core (affinity {affinity:#x})"
            ),
            Self::TooOld(version) => write!(
                f,
                "the interrupt controller is a GICv{version}, and GICv3 is needed \
                 (QEMU: -machine virt,gic-version=3)"
            ),
        }
    }
}

/// The machine's description.
#[derive(Clone, Copy, Debug)]
pub(super) struct Firmware {
    rsdp: u64,
}

impl Firmware {
    /// The description that the ACPI root pointer at `rsdp` leads to.
    pub(super) const fn new(rsdp: u64) -> Self {
        Self { rsdp }
    }

    /// The serial console, if it is one that the kernel can use. Where tables are damaged it is taken
    /// to be the usual one; a machine that says it has none, or another kind, has something else at
    /// that address.
    pub(super) fn serial_port(self) -> Option<Pl011> {
        let usual = match self.read(Signature::SPCR, |table| Spcr::new(table).pl011()) {
            Ok(Some(port)) => return Some(port),
            Ok(None) => None,
            Err(AcpiError::Missing(_)) if damage(&DirectMap, self.rsdp).next().is_none() => None,
            Err(_) => Some(USUAL_SERIAL_PORT),
        };
        let debug = self.read(Signature::DBG2, |table| Dbg2::new(table).pl011());
        let debug = debug.ok().flatten();
        debug.map(with_usual_interrupt).or(usual)
    }

    /// The virtual timer's interrupt number.
    pub(super) fn virtual_timer(self) -> u32 {
        self.read(Signature::GTDT, |table| Gtdt::new(table).virtual_timer())
            .ok()
            .flatten()
            .unwrap_or(USUAL_VIRTUAL_TIMER)
    }

    /// Where the registers of the GIC are, as far as the processor of `affinity` needs them.
    ///
    /// # Errors
    /// [`GicMissing`] says which part the firmware does not name.
    pub(super) fn gic(self, affinity: u64) -> Result<GicRegisters, GicMissing> {
        self.read(Signature::MADT, |table| {
            gic_registers(Madt::new(table).entries(), affinity)
        })
        .map_err(GicMissing::Tables)
        .flatten()
    }

    fn read<T>(
        self,
        name: Signature,
        meaning: impl FnOnce(Table<'_>) -> T,
    ) -> Result<T, AcpiError> {
        let tables = Tables::new(&DirectMap, self.rsdp)?;
        tables.find(name).map(meaning)
    }
}

/// The debug port table knows no interrupts, but the port may be one whose interrupt is known.
fn with_usual_interrupt(port: Pl011) -> Pl011 {
    if port.address == USUAL_SERIAL_PORT.address {
        USUAL_SERIAL_PORT
    } else {
        port
    }
}

fn gic_registers(
    entries: impl Iterator<Item = MadtEntry>,
    affinity: u64,
) -> Result<GicRegisters, GicMissing> {
    let (mut distributor, mut own, mut range) = (None, None, None);
    for entry in entries {
        match entry {
            MadtEntry::GicDistributor {
                version: version @ (1 | 2),
                ..
            } => {
                return Err(GicMissing::TooOld(version));
            }
            MadtEntry::GicDistributor { address, .. } => distributor = Some(address),
            MadtEntry::GicCpu {
                affinity: owner,
                redistributor,
                ..
            } if owner == affinity && redistributor != 0 => {
                own = Some((redistributor, REDISTRIBUTOR_LENGTH));
            }
            // The boot core's redistributor is in the first range.
            MadtEntry::GicRedistributors { address, length } if range.is_none() => {
                range = Some((address, u64::from(length)));
            }
            _ => {}
        }
    }
    let (redistributors, redistributors_length) =
        own.or(range).ok_or(GicMissing::NoRedistributor(affinity))?;
    Ok(GicRegisters {
        distributor: distributor.ok_or(GicMissing::NoDistributor)?,
        redistributors,
        redistributors_length,
    })
}
