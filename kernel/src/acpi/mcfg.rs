//! The table of memory-mapped configuration space: where the registers of PCI devices are.

use super::{HEADER, Table, u64_at};

/// Bytes after the header that mean nothing.
const RESERVED: usize = 8;

/// Bytes of an entry.
const ENTRY: usize = 16;

/// Bytes of a bus's configuration space, of which its address is a multiple.
const BUS: u64 = 1 << 20;

/// The table (PCI firmware specification 3.3, 4.1.2).
#[derive(Clone, Copy, Debug)]
pub struct Mcfg<'memory> {
    table: Table<'memory>,
}

/// The configuration space of some buses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Physical address of what would be bus 0: 1 MiB a bus, 4 KiB a function.
    pub address: u64,
    /// Number of the group of buses; most machines have group 0 alone.
    pub number: u16,
    /// The first bus.
    pub first_bus: u8,
    /// The last bus.
    pub last_bus: u8,
}

impl Segment {
    /// Physical address of the first bus's, and length in bytes; nothing if there is no such address.
    #[must_use]
    pub fn range(self) -> Option<(u64, u64)> {
        let (first, last) = (u64::from(self.first_bus), u64::from(self.last_bus));
        let length = (last.checked_sub(first)? + 1) * BUS;
        let start = self.address.checked_add(first * BUS)?;
        start.checked_add(length)?;
        Some((start, length))
    }
}

impl<'memory> Mcfg<'memory> {
    /// Reads the table as a list of segments.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The segments, those left out that make no sense.
    pub fn segments(self) -> impl Iterator<Item = Segment> + 'memory {
        let entries = self.table.bytes.get(HEADER + RESERVED..).unwrap_or(&[]);
        entries.chunks_exact(ENTRY).filter_map(|entry| {
            let segment = Segment {
                address: u64_at(entry, 0)?,
                number: u16::from_le_bytes([entry[8], entry[9]]),
                first_bus: entry[10],
                last_bus: entry[11],
            };
            let aligned = segment.address.is_multiple_of(BUS);
            let sound = segment.address != 0 && aligned && segment.first_bus <= segment.last_bus;
            sound.then_some(segment)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn segments(bytes: &[u8]) -> Vec<Segment> {
        let name = Signature::MCFG;
        Mcfg::new(Table { name, bytes }).segments().collect()
    }

    #[test]
    fn each_entry_is_a_segment() {
        let mut bytes = vec![0; HEADER + RESERVED];
        bytes.extend(0x40_1000_0000_u64.to_le_bytes());
        bytes.extend([0, 0, 0, 255, 0, 0, 0, 0]);
        bytes.extend(0xB000_0000_u64.to_le_bytes());
        bytes.extend([1, 0, 2, 7, 0, 0, 0, 0]);
        let found = segments(&bytes);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].address, found[0].last_bus), (0x40_1000_0000, 255));
        assert_eq!((found[1].number, found[1].first_bus), (1, 2));
        assert_eq!(found[0].range(), Some((0x40_1000_0000, 256 << 20)));
        assert_eq!(found[1].range(), Some((0xB020_0000, 6 << 20)));
        let address = u64::MAX - (BUS - 1);
        assert_eq!(
            Segment {
                address,
                ..found[0]
            }
            .range(),
            None
        );
    }

    #[test]
    fn what_is_cut_short_or_makes_no_sense_is_no_segment() {
        assert_eq!(segments(&[]), []);
        assert_eq!(segments(&[0; HEADER]), []);
        assert_eq!(segments(&[0; HEADER + RESERVED + ENTRY]), []);
        assert_eq!(segments(&[1; HEADER + RESERVED + ENTRY - 1]), []);
        let mut backwards = vec![0; HEADER + RESERVED];
        backwards.extend([0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 9, 8, 0, 0, 0, 0]);
        assert_eq!(segments(&backwards), []);
        let mut odd = vec![0; HEADER + RESERVED];
        odd.extend([1, 0, 16, 0, 0, 0, 0, 0, 0, 0, 8, 9, 0, 0, 0, 0]);
        assert_eq!(segments(&odd), []);
    }
}
