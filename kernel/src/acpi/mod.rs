//! ACPI tables, read from memory that may hold anything.
//!
//! Firmware tables are untrusted here: an address may lead nowhere, a length may be absurd, a
//! checksum wrong. Everything is read through [`PhysicalMemory`], which says no to what is not RAM,
//! and each failure names the table. (The `acpi` crate's handler has to map whatever address a table
//! contains and cannot refuse, so one damaged pointer would end in a page fault.)
//!
//! Layouts follow the ACPI specification 6.5, chapter 5. No AML is interpreted.
//!
//! Read `Tables` here first; `madt.rs`, `fadt.rs`, `gtdt.rs`, `hpet.rs` and `spcr.rs` each give meaning to one.

mod fadt;
mod gtdt;
mod hpet;
mod madt;
mod spcr;

use core::fmt;

pub use fadt::{Conduit, Fadt};
pub use gtdt::Gtdt;
pub use hpet::Hpet;
pub use madt::{Madt, MadtEntry, Polarity, Trigger};
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
    /// The serial console.
    pub const SPCR: Self = Self(*b"SPCR");
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// What is wrong with the firmware's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcpiError {
    /// The firmware gave no root pointer.
    NoRootPointer,
    /// The root pointer has a wrong signature or checksum, or is not in RAM.
    BadRootPointer,
    /// The root table is not in RAM, or has a wrong signature, length or checksum.
    BadRootTable,
    /// There is no table of this name.
    Missing(Signature),
    /// The table of this name is not wholly in RAM, or too short.
    Truncated(Signature),
    /// The bytes of the table of this name do not add up to zero.
    BadChecksum(Signature),
}

impl fmt::Display for AcpiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRootPointer => f.write_str("the firmware offers no ACPI tables"),
            Self::BadRootPointer => f.write_str("the ACPI root pointer is damaged"),
            Self::BadRootTable => f.write_str("the ACPI root table is damaged"),
            Self::Missing(name) => write!(f, "there is no ACPI table {name}"),
            Self::Truncated(name) => write!(f, "the ACPI table {name} is cut short"),
            Self::BadChecksum(name) => write!(f, "the ACPI table {name} has a wrong checksum"),
        }
    }
}

/// Bytes of the header that every table begins with.
const HEADER: usize = 36;

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
    /// The tables that the root pointer at physical address `rsdp` leads to.
    ///
    /// # Errors
    /// There is no root pointer, or it or the root table is damaged.
    pub fn new(memory: &'memory M, rsdp: u64) -> Result<Self, AcpiError> {
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
        let (address, width, name) = if first.get(REVISION).is_some_and(|revision| *revision >= 2) {
            (u64_at(pointer(36)?, XSDT), 8, Signature(*b"XSDT"))
        } else {
            (u32_at(first, RSDT).map(u64::from), 4, Signature(*b"RSDT"))
        };
        let root = address
            .and_then(|address| table(memory, address).ok())
            .filter(|root| root.name == name)
            .ok_or(AcpiError::BadRootTable)?;
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
        self.entries
            .chunks_exact(self.width)
            .filter_map(|entry| match self.width {
                8 => u64_at(entry, 0),
                _ => u32_at(entry, 0).map(u64::from),
            })
            .find(|address| self.memory.bytes(*address, 4) == Some(&name.0))
            .ok_or(AcpiError::Missing(name))
            .and_then(|address| table(self.memory, address))
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

fn table<M: PhysicalMemory>(memory: &M, address: u64) -> Result<Table<'_>, AcpiError> {
    const UNKNOWN: Signature = Signature(*b"????");
    let header = memory
        .bytes(address, HEADER as u64)
        .ok_or(AcpiError::Truncated(UNKNOWN))?;
    let name = header.first_chunk().copied().map_or(UNKNOWN, Signature);
    let bytes = u32_at(header, 4)
        .filter(|length| *length as usize >= HEADER)
        .and_then(|length| memory.bytes(address, u64::from(length)))
        .ok_or(AcpiError::Truncated(name))?;
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
        let missing = tables.find(Signature(*b"NONE")).unwrap_err();
        assert_eq!(missing, AcpiError::Missing(Signature(*b"NONE")));
        assert_eq!(missing.to_string(), "there is no ACPI table NONE");
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
        assert_eq!(error, AcpiError::Truncated(TEST));
    }
}
