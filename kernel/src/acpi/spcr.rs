//! The serial port console redirection table: which serial port firmware talks to a person through.

use super::{Register, Table, u32_at};

const INTERFACE: usize = 36;
const ADDRESS: usize = 40;
const INTERRUPT_KIND: usize = 52;
const INTERRUPT: usize = 54;

/// Interrupt kind: a GIC's.
const GIC: u8 = 1 << 3;

/// The table (Microsoft, "Serial Port Console Redirection Table", revision 2 and later).
#[derive(Clone, Copy, Debug)]
pub struct Spcr<'memory> {
    table: Table<'memory>,
}

/// A serial port whose registers are in physical memory and which is an Arm PL011 or an SBSA generic
/// UART, which is a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pl011 {
    /// Physical address of its registers.
    pub address: u64,
    /// Its interrupt's number at the GIC, if it has one.
    pub interrupt: Option<u32>,
}

impl<'memory> Spcr<'memory> {
    /// Reads the table as a description of the serial console.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The console, if it is a PL011 or SBSA generic UART.
    #[must_use]
    pub fn pl011(&self) -> Option<Pl011> {
        let bytes = self.table.bytes;
        if !is_pl011(*bytes.get(INTERFACE)?) {
            return None;
        }
        let address = Register::at(bytes, ADDRESS)?.memory(size_of::<u32>())?;
        let interrupt = bytes
            .get(INTERRUPT_KIND)
            .filter(|kind| **kind & GIC != 0)
            .and_then(|_| u32_at(bytes, INTERRUPT));
        Some(Pl011 { address, interrupt })
    }
}

/// True if a serial port of this subtype is a PL011, or as much of one as is used (Microsoft, "Debug
/// Port Table 2", table 3).
pub(super) fn is_pl011(subtype: u8) -> bool {
    const PL011: u8 = 0x03;
    const SBSA_32_BIT: u8 = 0x0D;
    const SBSA: u8 = 0x0E;
    matches!(subtype, PL011 | SBSA_32_BIT | SBSA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn pl011(bytes: &[u8]) -> Option<Pl011> {
        Spcr::new(Table {
            name: Signature::SPCR,
            bytes,
        })
        .pl011()
    }

    fn qemu() -> Vec<u8> {
        let mut bytes = vec![0; 80];
        bytes[INTERFACE] = 3;
        bytes[ADDRESS + 4..ADDRESS + 12].copy_from_slice(&0x0900_0000_u64.to_le_bytes());
        bytes[INTERRUPT_KIND] = GIC;
        bytes[INTERRUPT] = 33;
        bytes
    }

    #[test]
    fn the_console_of_qemu_is_found() {
        let expected = Pl011 {
            address: 0x0900_0000,
            interrupt: Some(33),
        };
        assert_eq!(pl011(&qemu()), Some(expected));
    }

    #[test]
    fn a_port_without_a_gic_interrupt_has_none() {
        let mut bytes = qemu();
        bytes[INTERRUPT_KIND] = 1;
        assert_eq!(
            pl011(&bytes),
            Some(Pl011 {
                address: 0x0900_0000,
                interrupt: None
            })
        );
        assert_eq!(
            pl011(&qemu()[..INTERRUPT]),
            Some(Pl011 {
                address: 0x0900_0000,
                interrupt: None
            })
        );
    }

    #[test]
    fn other_ports_and_short_tables_are_none() {
        let mut other = qemu();
        other[INTERFACE] = 0;
        let mut input_output = qemu();
        input_output[ADDRESS] = 1;
        let mut odd = qemu();
        odd[ADDRESS + 4] = 2;
        let mut nowhere = qemu();
        nowhere[ADDRESS + 7] = 0;
        for bytes in [
            &other[..],
            &input_output,
            &odd,
            &nowhere,
            &qemu()[..ADDRESS + 11],
            &qemu()[..36],
        ] {
            assert_eq!(pl011(bytes), None);
        }
    }
}
