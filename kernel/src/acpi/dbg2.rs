//! The debug port table: ports for debuggers, of which one may be the only serial port that the
//! firmware names.

use super::spcr::is_pl011;
use super::{Pl011, Register, Table, u16_at, u32_at};

const FIRST_DEVICE: usize = 36;
const DEVICES: usize = 40;

/// Offsets within a device's entry.
mod device {
    pub(super) const LENGTH: usize = 1;
    pub(super) const REGISTERS: usize = 3;
    pub(super) const KIND: usize = 12;
    pub(super) const SUBKIND: usize = 14;
    pub(super) const ADDRESSES: usize = 18;
}

/// A serial port, as opposed to FireWire, USB or the network.
const SERIAL: u16 = 0x8000;

/// The table (Microsoft, "Debug Port Table 2", revision 0 and later).
#[derive(Clone, Copy, Debug)]
pub struct Dbg2<'memory> {
    table: Table<'memory>,
}

impl<'memory> Dbg2<'memory> {
    /// Reads the table as a list of debug ports.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The first serial port that is a PL011 or SBSA generic UART. The table knows no interrupts.
    #[must_use]
    pub fn pl011(&self) -> Option<Pl011> {
        let bytes = self.table.bytes;
        let mut rest = bytes.get(u32_at(bytes, FIRST_DEVICE)? as usize..)?;
        for _ in 0..u32_at(bytes, DEVICES)? {
            let length = usize::from(u16_at(rest, device::LENGTH)?);
            // An entry shorter than its own fixed part would be read for ever.
            let (entry, next) = rest.split_at_checked(length.max(1))?;
            rest = next;
            if let Some(address) = serial(entry) {
                return Some(Pl011 {
                    address,
                    interrupt: None,
                });
            }
        }
        None
    }
}

/// Physical address of a device's registers, if it is a serial port of the kind that is wanted.
fn serial(entry: &[u8]) -> Option<u64> {
    let registers = *entry.get(device::REGISTERS)?;
    let kind = u16_at(entry, device::KIND)?;
    let subkind = u8::try_from(u16_at(entry, device::SUBKIND)?).ok()?;
    if registers == 0 || kind != SERIAL || !is_pl011(subkind) {
        return None;
    }
    let addresses = usize::from(u16_at(entry, device::ADDRESSES)?);
    Register::at(entry, addresses)?.memory(size_of::<u32>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn pl011(bytes: &[u8]) -> Option<Pl011> {
        let table = Table {
            name: Signature::DBG2,
            bytes,
        };
        Dbg2::new(table).pl011()
    }

    fn entry(kind: u16, subkind: u16) -> Vec<u8> {
        let mut entry = vec![0; 22 + 12];
        entry[device::LENGTH] = 34;
        entry[device::REGISTERS] = 1;
        entry[device::KIND..][..2].copy_from_slice(&kind.to_le_bytes());
        entry[device::SUBKIND..][..2].copy_from_slice(&subkind.to_le_bytes());
        entry[device::ADDRESSES] = 22;
        entry[22 + 4..].copy_from_slice(&0x0900_0000_u64.to_le_bytes());
        entry
    }

    fn table(entries: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0; 44];
        bytes[FIRST_DEVICE] = 44;
        bytes[DEVICES] = entries.len() as u8;
        bytes.extend(entries.concat());
        bytes
    }

    #[test]
    fn the_first_serial_port_of_the_right_kind_is_found() {
        let usb = entry(0x8002, 0);
        let pc = entry(SERIAL, 0);
        let arm = entry(SERIAL, 3);
        let found = Pl011 {
            address: 0x0900_0000,
            interrupt: None,
        };
        assert_eq!(pl011(&table(&[usb.clone(), pc.clone(), arm])), Some(found));
        assert_eq!(pl011(&table(&[usb, pc])), None);
    }

    #[test]
    fn any_damage_is_an_answer_too() {
        let whole = table(&[entry(0x8002, 0), entry(SERIAL, 3)]);
        for at in 0..whole.len() {
            let _ = pl011(&whole[..at]);
            for value in 0..=255 {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let _ = pl011(&bytes);
            }
        }
        let mut endless = table(&[vec![0; 22]]);
        endless[DEVICES..DEVICES + 4].fill(0xFF);
        assert_eq!(pl011(&endless), None);
    }
}
