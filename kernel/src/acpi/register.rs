//! How tables name a register: by address space, width and address.

use super::u64_at;

/// Bytes of a generic address.
const LENGTH: usize = 12;

/// Where a register is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// In physical memory.
    Memory,
    /// At an I/O port.
    Port,
    /// In the configuration space of a PCI device on bus 0; the address holds device (bits 32 to
    /// 36), function (16 to 18) and offset (0 to 15).
    Pci,
}

/// A register (ACPI 6.5, 5.2.3.2, "generic address structure").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Where it is.
    pub space: Space,
    /// Its address there.
    pub address: u64,
}

impl Register {
    /// The generic address at `offset` of `bytes`; nothing if it is absent, zero, or in a space that
    /// the kernel does not reach.
    pub(super) fn at(bytes: &[u8], offset: usize) -> Option<Self> {
        let bytes = bytes.get(offset..)?.get(..LENGTH)?;
        let space = match bytes.first()? {
            0 => Space::Memory,
            1 => Space::Port,
            2 => Space::Pci,
            _ => return None,
        };
        let address = u64_at(bytes, 4).filter(|address| *address != 0)?;
        Some(Self { space, address })
    }

    /// The address in memory; nothing if it is not there, or cannot be that of a register of `width`
    /// bytes.
    #[must_use]
    pub fn memory(self, width: usize) -> Option<u64> {
        let fits = self.address.is_multiple_of(width as u64);
        (fits && self.space == Space::Memory).then_some(self.address)
    }

    /// The I/O port; nothing if it is no port, or there is none of that number.
    #[must_use]
    pub fn port(self) -> Option<u16> {
        match self.space {
            Space::Port => u16::try_from(self.address).ok(),
            Space::Memory | Space::Pci => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_is_read_with_its_space() {
        let bytes = [0, 1, 16, 0, 2, 0x04, 0x06, 0, 0, 0, 0, 0, 0];
        let port = Register::at(&bytes, 1).unwrap();
        assert_eq!((port.space, port.address), (Space::Port, 0x604));
        assert_eq!(port.port(), Some(0x604));
        let memory = [0, 8, 0, 0, 0, 0, 0, 0xFE, 0, 0, 0, 0];
        let memory = Register::at(&memory, 0).unwrap();
        assert_eq!((memory.space, memory.address), (Space::Memory, 0xFE00_0000));
        assert_eq!((memory.port(), port.memory(1)), (None, None));
        assert_eq!(memory.memory(4), Some(0xFE00_0000));
        let odd = Register {
            address: 0xFE00_0001,
            ..memory
        };
        assert_eq!((odd.memory(2), odd.memory(1)), (None, Some(0xFE00_0001)));
    }

    #[test]
    fn absent_zero_and_foreign_registers_are_none() {
        let mut foreign = [0; 12];
        foreign[0] = 0x7F;
        foreign[4] = 1;
        for bytes in [&[0; 12][..], &foreign, &[1; 11], &[]] {
            assert_eq!(Register::at(bytes, 0), None);
        }
        assert_eq!(Register::at(&[1; 12], 20), None);
        let far = Register {
            space: Space::Port,
            address: 0x1_0000,
        };
        assert_eq!(far.port(), None);
    }
}
