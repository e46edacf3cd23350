//! The multiple APIC description table: which interrupt controllers there are.

use super::{HEADER, Table, u16_at, u32_at, u64_at};

/// Offset of the first entry.
const ENTRIES: usize = HEADER + 8;

/// The table (ACPI 6.5, 5.2.12).
#[derive(Clone, Copy, Debug)]
pub struct Madt<'memory> {
    table: Table<'memory>,
}

/// The level of a signal that means "interrupt".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// As the bus has it (ISA: high).
    Bus,
    /// High.
    High,
    /// Low.
    Low,
}

/// Whether a change or a state means "interrupt".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// As the bus has it (ISA: edge).
    Bus,
    /// A change to the active level.
    Edge,
    /// The active level, as long as it lasts.
    Level,
}

/// One entry that the kernel uses. Entries of other kinds are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadtEntry {
    /// A processor with a local APIC.
    LocalApic {
        /// The APIC's number.
        apic: u8,
        /// The processor works.
        enabled: bool,
    },
    /// A processor with a local APIC of a number above 254.
    LocalX2Apic {
        /// The APIC's number.
        apic: u32,
        /// The processor works.
        enabled: bool,
    },
    /// An I/O APIC.
    IoApic {
        /// Physical address of its registers.
        address: u32,
        /// The first global interrupt number it serves.
        first: u32,
    },
    /// An ISA interrupt that arrives under another number, or with another signal.
    Override {
        /// The ISA interrupt.
        isa: u8,
        /// Its global interrupt number.
        global: u32,
        /// Its polarity.
        polarity: Polarity,
        /// Its trigger mode.
        trigger: Trigger,
    },
    /// Where the local APICs' registers are, instead of where the table's head says.
    LocalApicAddress(u64),
    /// A processor with a GIC CPU interface.
    GicCpu {
        /// The processor's affinity, as in `MPIDR_EL1`.
        affinity: u64,
        /// Physical address of its own redistributor; 0 if the redistributors are listed by range.
        redistributor: u64,
        /// The processor works.
        enabled: bool,
    },
    /// The GIC's distributor.
    GicDistributor {
        /// Physical address of its registers.
        address: u64,
        /// The architecture's version; 0 if the registers are to be asked.
        version: u8,
    },
    /// A range of GIC redistributors, one after the other.
    GicRedistributors {
        /// Physical address of the first one's registers.
        address: u64,
        /// Length of the range in bytes.
        length: u32,
    },
    /// A GIC's translation service, which turns messages of devices into interrupts.
    GicTranslation {
        /// Physical address of its registers.
        address: u64,
    },
}

impl<'memory> Madt<'memory> {
    /// Reads the table as a description of interrupt controllers.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// Physical address of the local APICs' registers, unless an entry says otherwise; nothing on a
    /// machine that has none.
    #[must_use]
    pub fn local_apic(self) -> Option<u64> {
        u32_at(self.table.bytes, HEADER)
            .map(u64::from)
            .filter(|address| *address != 0)
    }

    /// The entries, in order. An entry whose length does not fit ends the list.
    pub fn entries(self) -> impl Iterator<Item = MadtEntry> + use<'memory> {
        let mut rest = self.table.bytes.get(ENTRIES..).unwrap_or(&[]);
        core::iter::from_fn(move || {
            let length = usize::from(*rest.get(1)?);
            let (entry, next) = rest.split_at_checked(length).filter(|_| length >= 2)?;
            rest = next;
            Some(decode(entry))
        })
        .flatten()
    }
}

fn decode(entry: &[u8]) -> Option<MadtEntry> {
    match entry.first()? {
        0 => Some(MadtEntry::LocalApic {
            apic: *entry.get(3)?,
            enabled: u32_at(entry, 4)? & 1 != 0,
        }),
        1 => Some(MadtEntry::IoApic {
            address: u32_at(entry, 4)?,
            first: u32_at(entry, 8)?,
        }),
        2 => {
            let flags = u16_at(entry, 8)?;
            Some(MadtEntry::Override {
                isa: *entry.get(3)?,
                global: u32_at(entry, 4)?,
                polarity: match flags & 3 {
                    1 => Polarity::High,
                    3 => Polarity::Low,
                    _ => Polarity::Bus,
                },
                trigger: match (flags >> 2) & 3 {
                    1 => Trigger::Edge,
                    3 => Trigger::Level,
                    _ => Trigger::Bus,
                },
            })
        }
        5 => Some(MadtEntry::LocalApicAddress(u64_at(entry, 4)?)),
        9 => Some(MadtEntry::LocalX2Apic {
            apic: u32_at(entry, 4)?,
            enabled: u32_at(entry, 8)? & 1 != 0,
        }),
        11 => Some(MadtEntry::GicCpu {
            affinity: u64_at(entry, 68)?,
            redistributor: u64_at(entry, 60)?,
            enabled: u32_at(entry, 12)? & 1 != 0,
        }),
        12 => Some(MadtEntry::GicDistributor {
            address: u64_at(entry, 8)?,
            version: *entry.get(20)?,
        }),
        14 => Some(MadtEntry::GicRedistributors {
            address: u64_at(entry, 4)?,
            length: u32_at(entry, 12)?,
        }),
        15 => Some(MadtEntry::GicTranslation {
            address: u64_at(entry, 8)?,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn entries(list: &[u8]) -> Vec<MadtEntry> {
        let mut bytes = vec![0; ENTRIES];
        bytes.extend_from_slice(list);
        Madt::new(Table {
            name: Signature::MADT,
            bytes: &bytes,
        })
        .entries()
        .collect()
    }

    #[test]
    fn known_entries_are_read_and_others_skipped() {
        let list = [
            &[0, 8, 0, 3, 1, 0, 0, 0][..],
            &[9, 4, 0, 0],
            &[1, 12, 0, 0, 0, 0, 0xC0, 0xFE, 24, 0, 0, 0],
            &[2, 10, 0, 9, 9, 0, 0, 0, 0x0D, 0],
        ]
        .concat();
        assert_eq!(
            entries(&list),
            [
                MadtEntry::LocalApic {
                    apic: 3,
                    enabled: true
                },
                MadtEntry::IoApic {
                    address: 0xFEC0_0000,
                    first: 24
                },
                MadtEntry::Override {
                    isa: 9,
                    global: 9,
                    polarity: Polarity::High,
                    trigger: Trigger::Level
                },
            ]
        );
    }

    #[test]
    fn the_parts_of_a_gic_are_read() {
        let mut cpu = vec![11, 80];
        cpu.resize(80, 0);
        cpu[12] = 1;
        cpu[61] = 0x10;
        cpu[69] = 1;
        let mut distributor = vec![12, 24];
        distributor.resize(24, 0);
        distributor[11] = 8;
        distributor[20] = 3;
        let redistributors = [14, 16, 0, 0, 0, 0, 0x0A, 8, 0, 0, 0, 0, 0, 0, 0xF6, 0];
        let mut translation = vec![15, 20];
        translation.resize(20, 0);
        translation[10..12].copy_from_slice(&[8, 8]);
        let list = [&cpu[..], &distributor, &redistributors, &translation].concat();
        assert_eq!(
            entries(&list),
            [
                MadtEntry::GicCpu {
                    affinity: 0x100,
                    redistributor: 0x1000,
                    enabled: true,
                },
                MadtEntry::GicDistributor {
                    address: 0x0800_0000,
                    version: 3
                },
                MadtEntry::GicRedistributors {
                    address: 0x080A_0000,
                    length: 0x00F6_0000
                },
                MadtEntry::GicTranslation {
                    address: 0x0808_0000
                },
            ]
        );
        for cut in [20, 75] {
            assert_eq!(
                entries(&[&[11, cut][..], &vec![0; usize::from(cut) - 2]].concat()),
                []
            );
        }
    }

    #[test]
    fn a_length_that_does_not_fit_ends_the_list() {
        for bad in [&[0, 0][..], &[0, 1], &[0], &[0, 200, 0, 0], &[1, 3, 0]] {
            assert_eq!(entries(bad), []);
        }
    }
}
