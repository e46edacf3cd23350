//! ACPI tables, read from memory that may hold anything.
//!
//! Firmware tables are untrusted here: an address may lead nowhere, a length may be absurd, a
//! checksum wrong. Everything is read through [`PhysicalMemory`], which says no to what is not RAM,
//! and each failure names the table. (The `acpi` crate's handler has to map whatever address a table
//! contains and cannot refuse, so one damaged pointer would end in a page fault.)
//!
//! Layouts follow the ACPI specification 6.5, chapter 5. No AML is interpreted; two constants
//! are looked for in it (`aml.rs`).
//!
//! Read `Tables` here first, then `register.rs` (how tables name a register); `madt.rs`, `fadt.rs`,
//! `gtdt.rs`, `hpet.rs`, `mcfg.rs`, `spcr.rs` and `dbg2.rs` each give meaning to one table.

mod aml;
#[cfg(test)]
mod damage;
mod dbg2;
mod fadt;
mod gtdt;
mod hpet;
mod madt;
mod mcfg;
mod register;
mod spcr;

use core::fmt;

pub use aml::{SleepTypes, soft_off};
pub use dbg2::Dbg2;
pub use fadt::{Conduit, Fadt};
pub use gtdt::Gtdt;
pub use hpet::Hpet;
pub use madt::{Madt, MadtEntry, Polarity, Trigger};
pub use mcfg::{Mcfg, Segment};
pub use register::{Register, Space};
pub use spcr::{Pl011, Spcr};

/// Memory that firmware tables lie in.
pub trait PhysicalMemory {
    /// `length` bytes at physical address `address`; nothing if any of them is not RAM.
    fn bytes(&self, address: u64, length: u64) -> Option<&[u8]>;
}

/// A table's four-letter name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 4]);

impl Signature {
    /// Fixed description: power and timer registers.
    pub const FADT: Self = Self(*b"FACP");
    /// Interrupt controllers.
    pub const MADT: Self = Self(*b"APIC");
    /// The high precision event timer.
    pub const HPET: Self = Self(*b"HPET");
    /// Arm timers.
    pub const GTDT: Self = Self(*b"GTDT");
    /// Where PCI configuration space is.
    pub const MCFG: Self = Self(*b"MCFG");
    /// The serial console.
    pub const SPCR: Self = Self(*b"SPCR");
    /// Ports for debugging.
    pub const DBG2: Self = Self(*b"DBG2");
    /// The firmware's program for the operating system, in AML.
    pub const DSDT: Self = Self(*b"DSDT");
    /// More of that program.
    pub const SSDT: Self = Self(*b"SSDT");
    /// The root table.
    pub const XSDT: Self = Self(*b"XSDT");
    /// The root table of old, with narrow addresses.
    pub const RSDT: Self = Self(*b"RSDT");
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two tables are known by another name than the one they bear.
        match *self {
            Self::FADT => f.write_str("FADT"),
            Self::MADT => f.write_str("MADT"),
            Self(name) => write!(f, "{}", name.escape_ascii()),
        }
    }
}

/// What is wrong with the firmware's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcpiError {
    /// The firmware gave no root pointer.
    NoRootPointer,
    /// The root pointer has a wrong signature or checksum, or is not in RAM.
    BadRootPointer,
    /// There is no table of this name.
    Missing(Signature),
    /// At this address, where a table should be, is no RAM.
    Unreachable(u64),
    /// At this address, where a table should be, is something else.
    NoTable(u64),
    /// At the address of the second table lies the first.
    Misnamed(Signature, Signature),
    /// The table of this name is not wholly in RAM, shorter than its own header, or absurdly long.
    BadLength(Signature),
    /// The bytes of the table of this name do not add up to zero.
    BadChecksum(Signature),
}

impl fmt::Display for AcpiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRootPointer => f.write_str("ACPI: the firmware offers no tables"),
            Self::BadRootPointer => f.write_str("ACPI: the root pointer is damaged"),
            Self::Missing(name) => write!(f, "ACPI table {name}: there is none"),
            Self::Unreachable(address) => {
                write!(
                    f,
                    "ACPI: a table should be at {address:#x}, where no memory is"
                )
            }
            Self::NoTable(address) => {
                write!(
                    f,
                    "ACPI: a table should be at {address:#x}, where something else is"
                )
            }
            Self::Misnamed(found, wanted) => {
                write!(
                    f,
                    "ACPI table {wanted}: in its place lies one called {found}"
                )
            }
            Self::BadLength(name) => write!(f, "ACPI table {name}: its length is wrong"),
            Self::BadChecksum(name) => write!(f, "ACPI table {name}: its checksum is wrong"),
        }
    }
}

/// Bytes of the header that every table begins with.
const HEADER: usize = 36;

/// Bytes of a table at most, many times what any has: a damaged length must not have the kernel add up
/// all of memory.
const LONGEST: usize = 16 << 20;

/// The firmware's tables.
#[derive(Debug)]
pub struct Tables<'memory, M> {
    memory: &'memory M,
    /// The root table's list of addresses.
    entries: &'memory [u8],
    /// Bytes of each address in it.
    width: usize,
}

impl<'memory, M: PhysicalMemory> Tables<'memory, M> {
    /// The tables that the root pointer at physical address `rsdp` leads to. Where the root table is
    /// damaged, its predecessor with narrow addresses serves, if the firmware offers both.
    ///
    /// # Errors
    /// There is no root pointer, or it or every root table is damaged.
    pub fn new(memory: &'memory M, rsdp: u64) -> Result<Self, AcpiError> {
        let roots = Roots::new(memory, rsdp)?;
        let wide = roots
            .wide
            .and_then(|address| Self::of_root(memory, address, true));
        wide.or_else(|error| {
            let address = roots.narrow.ok_or(error)?;
            Self::of_root(memory, address, false).map_err(|_| error)
        })
    }

    fn of_root(memory: &'memory M, address: u64, wide: bool) -> Result<Self, AcpiError> {
        let (name, width) = if wide {
            (Signature::XSDT, 8)
        } else {
            (Signature::RSDT, 4)
        };
        let root = table_called(memory, address, name)?;
        Ok(Self {
            memory,
            entries: &root.bytes[HEADER..],
            width,
        })
    }

    /// The first table called `name`.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn find(&self, name: Signature) -> Result<Table<'memory>, AcpiError> {
        self.all(name)
            .next()
            .unwrap_or(Err(AcpiError::Missing(name)))
    }

    /// Every table called `name`, damaged ones as what is wrong with them.
    pub fn all(
        &self,
        name: Signature,
    ) -> impl Iterator<Item = Result<Table<'memory>, AcpiError>> + use<'_, 'memory, M> {
        self.addresses()
            .filter(move |address| self.memory.bytes(*address, 4) == Some(&name.0))
            .map(|address| table(self.memory, address))
    }

    /// The table at `address`, which another table names and calls `name`.
    ///
    /// # Errors
    /// It is damaged, or called something else.
    pub fn at(&self, address: u64, name: Signature) -> Result<Table<'memory>, AcpiError> {
        table_called(self.memory, address, name)
    }

    /// The tables with the firmware's program: the one that the fixed description names, and all that
    /// add to it; damaged ones as what is wrong with them.
    pub fn programs(
        &self,
    ) -> impl Iterator<Item = Result<Table<'memory>, AcpiError>> + use<'_, 'memory, M> {
        let first = self.find(Signature::FADT).and_then(|table| {
            let address = Fadt::new(table).dsdt();
            address.map_or(Err(AcpiError::Missing(Signature::DSDT)), |address| {
                self.at(address, Signature::DSDT)
            })
        });
        [first].into_iter().chain(self.all(Signature::SSDT))
    }

    /// The names of the tables that the root table lists, in order, of those that lie in RAM.
    pub fn names(&self) -> impl Iterator<Item = Signature> {
        let names = self
            .addresses()
            .filter_map(|address| self.memory.bytes(address, 4)?.first_chunk().copied());
        names.map(Signature)
    }

    /// Addresses of the tables that the root table lists. Firmware leaves places empty.
    fn addresses(&self) -> impl Iterator<Item = u64> + use<'memory, M> {
        let width = self.width;
        let entries = self.entries.chunks_exact(width);
        let addresses = entries.filter_map(move |entry| match width {
            8 => u64_at(entry, 0),
            _ => u32_at(entry, 0).map(u64::from),
        });
        addresses.filter(|address| *address != 0)
    }
}

/// Everything that is wrong with the tables that the root pointer at `rsdp` leads to, for the person:
/// the kernel does without what is damaged.
pub fn damage<M: PhysicalMemory>(memory: &M, rsdp: u64) -> impl Iterator<Item = AcpiError> {
    let roots = Roots::new(memory, rsdp);
    let root = match roots {
        Ok(roots) => roots
            .wide
            .and_then(|address| Tables::of_root(memory, address, true))
            .err(),
        Err(error) => Some(error),
    };
    let root = root.filter(|error| *error != AcpiError::Missing(Signature::XSDT));
    let tables = Tables::new(memory, rsdp);
    // Without any root table its own damage is all there is to say.
    let last = tables
        .as_ref()
        .err()
        .copied()
        .filter(|error| Some(*error) != root);
    let entries = tables.ok().into_iter().flat_map(move |tables| {
        let dsdt = tables.find(Signature::FADT).ok().and_then(|fadt| {
            let address = Fadt::new(fadt).dsdt()?;
            tables.at(address, Signature::DSDT).err()
        });
        let listed = tables
            .addresses()
            .filter_map(|address| table(memory, address).err());
        listed.chain(dsdt)
    });
    root.into_iter().chain(last).chain(entries)
}

/// Where the root pointer leads.
struct Roots {
    /// Address of the table with wide addresses; or why there is none.
    wide: Result<u64, AcpiError>,
    /// Address of the table with narrow addresses.
    narrow: Option<u64>,
}

impl Roots {
    fn new<M: PhysicalMemory>(memory: &M, rsdp: u64) -> Result<Self, AcpiError> {
        const REVISION: usize = 15;
        const RSDT: usize = 16;
        const XSDT: usize = 24;
        if rsdp == 0 {
            return Err(AcpiError::NoRootPointer);
        }
        let pointer = |length| {
            memory
                .bytes(rsdp, length)
                .filter(|bytes| bytes.starts_with(b"RSD PTR ") && adds_up(bytes))
                .ok_or(AcpiError::BadRootPointer)
        };
        let first = pointer(20)?;
        let narrow = u32_at(first, RSDT)
            .filter(|address| *address != 0)
            .map(u64::from);
        let missing = AcpiError::Missing(Signature::XSDT);
        let wide = if first.get(REVISION).is_some_and(|revision| *revision >= 2) {
            pointer(36).and_then(|bytes| u64_at(bytes, XSDT).filter(|it| *it != 0).ok_or(missing))
        } else {
            Err(missing)
        };
        Ok(Self { wide, narrow })
    }
}

/// One table, whole and with the right checksum.
#[derive(Clone, Copy, Debug)]
pub struct Table<'memory> {
    /// Its name.
    pub name: Signature,
    /// All of it, the header included: at least 36 bytes.
    pub bytes: &'memory [u8],
}

fn table_called<M: PhysicalMemory>(
    memory: &M,
    address: u64,
    name: Signature,
) -> Result<Table<'_>, AcpiError> {
    match table(memory, address)? {
        table if table.name == name => Ok(table),
        other => Err(AcpiError::Misnamed(other.name, name)),
    }
}

fn table<M: PhysicalMemory>(memory: &M, address: u64) -> Result<Table<'_>, AcpiError> {
    let header = memory.bytes(address, HEADER as u64);
    let (name, header) = header
        .and_then(|header| Some((Signature(*header.first_chunk()?), header)))
        .ok_or(AcpiError::Unreachable(address))?;
    if !name.0.iter().all(u8::is_ascii_graphic) {
        return Err(AcpiError::NoTable(address));
    }
    let bytes = u32_at(header, 4)
        .filter(|length| (HEADER..=LONGEST).contains(&(*length as usize)))
        .and_then(|length| memory.bytes(address, u64::from(length)))
        .ok_or(AcpiError::BadLength(name))?;
    if adds_up(bytes) {
        Ok(Table { name, bytes })
    } else {
        Err(AcpiError::BadChecksum(name))
    }
}

fn adds_up(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
        == 0
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes
        .get(offset..)?
        .first_chunk()
        .copied()
        .map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes
        .get(offset..)?
        .first_chunk()
        .copied()
        .map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes
        .get(offset..)?
        .first_chunk()
        .copied()
        .map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory from address 0x1000 on.
    #[derive(Debug)]
    pub(super) struct Ram(pub(super) Vec<u8>);

    const BASE: u64 = 0x1000;

    impl PhysicalMemory for Ram {
        fn bytes(&self, address: u64, length: u64) -> Option<&[u8]> {
            let start = usize::try_from(address.checked_sub(BASE)?).ok()?;
            self.0
                .get(start..start.checked_add(usize::try_from(length).ok()?)?)
        }
    }

    pub(super) fn with_checksum(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
        let sum = bytes
            .iter()
            .fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
        bytes[at] = bytes[at].wrapping_sub(sum);
        bytes
    }

    pub(super) fn table_bytes(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[..4].copy_from_slice(name);
        bytes[4..8].copy_from_slice(&((HEADER + body.len()) as u32).to_le_bytes());
        bytes.extend_from_slice(body);
        with_checksum(bytes, 9)
    }

    /// A root pointer at 0x1000, the root table at 0x1040, one table called TEST at 0x1080.
    fn firmware() -> Ram {
        let mut rsdp = vec![0; 36];
        rsdp[..8].copy_from_slice(b"RSD PTR ");
        rsdp[15] = 2;
        rsdp[20..24].copy_from_slice(&36_u32.to_le_bytes());
        rsdp[24..32].copy_from_slice(&(BASE + 0x40).to_le_bytes());
        let first = with_checksum(rsdp[..20].to_vec(), 8);
        rsdp[..20].copy_from_slice(&first);
        let mut memory = with_checksum(rsdp, 32);
        memory.resize(0x40, 0);
        memory.extend(table_bytes(b"XSDT", &(BASE + 0x80).to_le_bytes()));
        memory.resize(0x80, 0);
        memory.extend(table_bytes(b"TEST", b"body"));
        Ram(memory)
    }

    const TEST: Signature = Signature(*b"TEST");

    #[test]
    fn a_table_is_found_by_name() {
        let ram = firmware();
        let tables = Tables::new(&ram, BASE).unwrap();
        assert_eq!(&tables.find(TEST).unwrap().bytes[HEADER..], b"body");
        assert_eq!(tables.names().collect::<Vec<_>>(), [TEST]);
        let missing = tables.find(Signature(*b"NONE")).unwrap_err();
        assert_eq!(missing, AcpiError::Missing(Signature(*b"NONE")));
        assert_eq!(missing.to_string(), "ACPI table NONE: there is none");
    }

    #[test]
    fn an_old_root_pointer_leads_to_a_table_of_narrow_addresses() {
        let mut ram = firmware();
        ram.0[15] = 0;
        ram.0[16..20].copy_from_slice(&(BASE as u32 + 0x40).to_le_bytes());
        let first = with_checksum(ram.0[..20].to_vec(), 8);
        ram.0[..20].copy_from_slice(&first);
        let root = table_bytes(b"RSDT", &(BASE as u32 + 0x80).to_le_bytes());
        ram.0[0x40..0x40 + root.len()].copy_from_slice(&root);
        assert!(Tables::new(&ram, BASE).unwrap().find(TEST).is_ok());
    }

    #[test]
    fn a_root_pointer_that_leads_nowhere_is_refused() {
        let ram = firmware();
        assert_eq!(Tables::new(&ram, 0).unwrap_err(), AcpiError::NoRootPointer);
        for nowhere in [1, BASE + 8, u64::MAX - 4] {
            assert_eq!(
                Tables::new(&ram, nowhere).unwrap_err(),
                AcpiError::BadRootPointer
            );
        }
    }

    #[test]
    fn any_damaged_byte_is_refused_or_harmless() {
        for at in 0..firmware().0.len() {
            for bit in 0..8 {
                let mut ram = firmware();
                ram.0[at] ^= 1 << bit;
                if let Ok(tables) = Tables::new(&ram, BASE)
                    && let Ok(found) = tables.find(TEST)
                {
                    assert_eq!(&found.bytes[HEADER..], b"body", "byte {at}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn a_table_cut_short_is_refused() {
        let mut ram = firmware();
        ram.0.pop();
        let error = Tables::new(&ram, BASE).unwrap().find(TEST).unwrap_err();
        assert_eq!(error, AcpiError::BadLength(TEST));
        assert_eq!(damage(&ram, BASE).collect::<Vec<_>>(), [error]);
    }
}
