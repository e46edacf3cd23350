//! The table of PCI Express configuration spaces that are mapped in memory.

use super::{HEADER, Table, u64_at};

/// Offset of the first entry.
const ENTRIES: usize = HEADER + 8;
/// Length of each.
const ENTRY: usize = 16;
/// Bytes of configuration space for each bus.
const BUS: u64 = 1 << 20;

/// The table (PCI Firmware Specification 3.3, 4.1.2).
#[derive(Clone, Copy, Debug)]
pub struct Mcfg<'memory> {
    table: Table<'memory>,
}

/// The configuration space of some buses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PciConfiguration {
    /// Physical address of the first bus's.
    pub address: u64,
    /// Length in bytes.
    pub length: u64,
}

impl<'memory> Mcfg<'memory> {
    /// Reads the table as a list of configuration spaces.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The configuration spaces. What makes no sense is left out.
    pub fn ranges(self) -> impl Iterator<Item = PciConfiguration> + use<'memory> {
        let entries = self.table.bytes.get(ENTRIES..).unwrap_or(&[]);
        entries.chunks_exact(ENTRY).filter_map(|entry| {
            let (base, first, last) = (u64_at(entry, 0)?, *entry.get(10)?, *entry.get(11)?);
            let buses = u64::from(last).checked_sub(u64::from(first))? + 1;
            // The address is that of bus 0, whether or not that is one of them.
            let address = base.checked_add(u64::from(first) * BUS)?;
            let length = buses * BUS;
            address.checked_add(length)?;
            Some(PciConfiguration { address, length })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn ranges(list: &[u8]) -> Vec<PciConfiguration> {
        let mut bytes = vec![0; ENTRIES];
        bytes.extend_from_slice(list);
        let table = Table {
            name: Signature::MCFG,
            bytes: &bytes,
        };
        Mcfg::new(table).ranges().collect()
    }

    fn entry(base: u64, first: u8, last: u8) -> Vec<u8> {
        let mut entry = base.to_le_bytes().to_vec();
        entry.extend([0, 0, first, last, 0, 0, 0, 0]);
        entry
    }

    #[test]
    fn each_bus_has_a_mebibyte_from_its_number_on() {
        let list = [entry(0xB000_0000, 0, 255), entry(0x4010_0000_0000, 2, 2)].concat();
        let expected = [
            PciConfiguration {
                address: 0xB000_0000,
                length: 0x1000_0000,
            },
            PciConfiguration {
                address: 0x4010_0020_0000,
                length: 0x10_0000,
            },
        ];
        assert_eq!(ranges(&list), expected);
    }

    #[test]
    fn nonsense_is_left_out() {
        assert_eq!(ranges(&entry(0xB000_0000, 3, 2)), []);
        assert_eq!(ranges(&entry(u64::MAX - 5, 0, 9)), []);
        assert_eq!(ranges(&entry(0xB000_0000, 0, 0)[..15]), []);
        assert_eq!(ranges(&[]), []);
    }
}
