//! The high precision event timer's description table: where its registers are.

use super::{Table, u64_at};

const ADDRESS_SPACE: usize = 40;
const ADDRESS: usize = 44;

/// Address space of a generic address: memory.
const MEMORY: u8 = 0;

/// The table (IA-PC HPET specification 1.0a, 3.2.4).
#[derive(Clone, Copy, Debug)]
pub struct Hpet<'memory> {
    table: Table<'memory>,
}

impl<'memory> Hpet<'memory> {
    /// Reads the table as a description of the timer.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// Physical address of the registers.
    #[must_use]
    pub fn address(&self) -> Option<u64> {
        let bytes = self.table.bytes;
        bytes
            .get(ADDRESS_SPACE)
            .filter(|space| **space == MEMORY)
            .and_then(|_| u64_at(bytes, ADDRESS))
            .filter(|address| *address != 0 && address.is_multiple_of(1024))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    #[test]
    fn the_address_is_read_if_it_is_one_of_memory() {
        let address = |bytes: &[u8]| {
            Hpet::new(Table {
                name: Signature::HPET,
                bytes,
            })
            .address()
        };
        let mut bytes = vec![0; 56];
        assert_eq!(address(&bytes), None);
        bytes[ADDRESS..ADDRESS + 8].copy_from_slice(&0xFED0_0000_u64.to_le_bytes());
        assert_eq!(address(&bytes), Some(0xFED0_0000));
        assert_eq!(address(&bytes[..50]), None);
        assert_eq!(address(&bytes[..38]), None);
        bytes[ADDRESS] = 4;
        assert_eq!(address(&bytes), None);
        bytes[ADDRESS] = 0;
        bytes[ADDRESS_SPACE] = 1;
        assert_eq!(address(&bytes), None);
    }
}
