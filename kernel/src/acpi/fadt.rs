//! The fixed description table: the registers that every ACPI machine has.

use super::{Table, u16_at, u32_at, u64_at};

const PM_TIMER_BLOCK: usize = 76;
const FLAGS: usize = 112;
const ARM_BOOT_FLAGS: usize = 129;
const EXTENDED_PM_TIMER_BLOCK: usize = 208;

/// Where the first port of each block is said, and where its length, or 0 for a single port: the SMI
/// command, events, controls, timer, general-purpose events.
const PORT_BLOCKS: [(usize, usize); 9] = [
    (48, 0),
    (56, 88),
    (60, 88),
    (64, 89),
    (68, 89),
    (72, 90),
    (76, 91),
    (80, 92),
    (84, 93),
];

/// Flag: the power-management timer counts in 32 bits rather than 24.
const WIDE_TIMER: u32 = 1 << 8;

/// Arm boot flag: firmware answers PSCI calls.
const PSCI: u16 = 1 << 0;
/// Arm boot flag: it does so through `HVC` rather than `SMC`.
const PSCI_BY_HVC: u16 = 1 << 1;

/// How firmware is called on arm64 (PSCI, DEN 0022).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduit {
    /// By `HVC`: a hypervisor answers.
    Hypervisor,
    /// By `SMC`: secure firmware answers.
    SecureMonitor,
}

/// Address space of a generic address: I/O ports.
const IO_SPACE: u8 = 1;

/// The fixed description table (ACPI 6.5, 5.2.9).
#[derive(Clone, Copy, Debug)]
pub struct Fadt<'memory> {
    table: Table<'memory>,
}

impl<'memory> Fadt<'memory> {
    /// Reads the table as a fixed description.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The I/O port of the power-management timer, if the machine has one there.
    #[must_use]
    pub fn pm_timer_port(&self) -> Option<u16> {
        let bytes = self.table.bytes;
        let extended = bytes
            .get(EXTENDED_PM_TIMER_BLOCK)
            .filter(|space| **space == IO_SPACE)
            .and_then(|_| u64_at(bytes, EXTENDED_PM_TIMER_BLOCK + 4));
        [extended, u32_at(bytes, PM_TIMER_BLOCK).map(u64::from)]
            .into_iter()
            .flatten()
            .find(|port| *port != 0)
            .and_then(|port| u16::try_from(port).ok())
    }

    /// The bits that the power-management timer counts in, as a mask.
    #[must_use]
    pub fn pm_timer_mask(&self) -> u32 {
        match u32_at(self.table.bytes, FLAGS) {
            Some(flags) if flags & WIDE_TIMER != 0 => u32::MAX,
            _ => 0x00FF_FFFF,
        }
    }

    /// The runs of I/O ports, first and number, that power management and its events use.
    pub fn port_blocks(&self) -> impl Iterator<Item = (u16, u8)> + use<'memory> {
        let bytes = self.table.bytes;
        let lengths = PORT_BLOCKS.iter().map(move |(block, length)| {
            let length = match length {
                0 => 1,
                at => bytes.get(*at).copied().unwrap_or(0),
            };
            (u32_at(bytes, *block).unwrap_or(0), length)
        });
        lengths
            .filter_map(|(port, length)| Some((u16::try_from(port).ok()?, length)))
            .filter(|(port, length)| *port != 0 && *length != 0)
    }

    /// How firmware's power functions are called on arm64, if it has any.
    #[must_use]
    pub fn psci_conduit(&self) -> Option<Conduit> {
        let flags = u16_at(self.table.bytes, ARM_BOOT_FLAGS)?;
        match (flags & PSCI != 0, flags & PSCI_BY_HVC != 0) {
            (false, _) => None,
            (true, true) => Some(Conduit::Hypervisor),
            (true, false) => Some(Conduit::SecureMonitor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn fadt(bytes: &[u8]) -> Fadt<'_> {
        Fadt::new(Table {
            name: Signature::FADT,
            bytes,
        })
    }

    #[test]
    fn the_timer_is_found_in_either_place() {
        let mut bytes = vec![0; 244];
        assert_eq!(fadt(&bytes).pm_timer_port(), None);
        bytes[PM_TIMER_BLOCK..PM_TIMER_BLOCK + 4].copy_from_slice(&0x608_u32.to_le_bytes());
        assert_eq!(fadt(&bytes).pm_timer_port(), Some(0x608));
        bytes[EXTENDED_PM_TIMER_BLOCK] = IO_SPACE;
        bytes[EXTENDED_PM_TIMER_BLOCK + 4..EXTENDED_PM_TIMER_BLOCK + 12]
            .copy_from_slice(&0xB008_u64.to_le_bytes());
        assert_eq!(fadt(&bytes).pm_timer_port(), Some(0xB008));
        assert_eq!(fadt(&bytes[..80]).pm_timer_port(), Some(0x608));
        assert_eq!(fadt(&bytes[..36]).pm_timer_port(), None);
    }

    #[test]
    fn blocks_of_ports_have_their_lengths() {
        let mut bytes = vec![0; 244];
        assert_eq!(fadt(&bytes).port_blocks().count(), 0);
        bytes[48] = 0xB2;
        bytes[56..58].copy_from_slice(&0x600_u16.to_le_bytes());
        bytes[88] = 4;
        bytes[80..82].copy_from_slice(&0x620_u16.to_le_bytes());
        let blocks: Vec<_> = fadt(&bytes).port_blocks().collect();
        assert_eq!(blocks, [(0xB2, 1), (0x600, 4)]);
        assert_eq!(fadt(&bytes[..60]).port_blocks().count(), 1);
    }

    #[test]
    fn firmware_says_how_it_is_called() {
        let mut bytes = vec![0; 276];
        assert_eq!(fadt(&bytes).psci_conduit(), None);
        bytes[ARM_BOOT_FLAGS] = 1;
        assert_eq!(fadt(&bytes).psci_conduit(), Some(Conduit::SecureMonitor));
        bytes[ARM_BOOT_FLAGS] = 3;
        assert_eq!(fadt(&bytes).psci_conduit(), Some(Conduit::Hypervisor));
        assert_eq!(fadt(&bytes[..130]).psci_conduit(), None);
    }

    #[test]
    fn the_timer_is_narrow_unless_the_flag_says_otherwise() {
        let mut bytes = vec![0; 244];
        assert_eq!(fadt(&bytes).pm_timer_mask(), 0x00FF_FFFF);
        bytes[FLAGS + 1] = 1;
        assert_eq!(fadt(&bytes).pm_timer_mask(), u32::MAX);
    }
}
