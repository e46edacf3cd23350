//! Entries as arm64 reads them (Arm ARM, DDI 0487, D8.3 "translation table descriptor formats"),
//! for EL1 with a 4 KiB granule.

use crate::{Access, Backing, Entry, Format, PageSize};

/// The arm64 entry format. Pages are for EL1 alone and global, and EL0 may execute none of them.
#[derive(Clone, Copy, Debug)]
pub enum Aarch64 {}

/// What `MAIR_EL1` must hold for this format's entries to mean what they say: attribute 0 is normal
/// write-back memory, attribute 1 is device memory (nGnRE: no gathering, no reordering, early write
/// acknowledgement allowed), attribute 2 is normal memory that is not cached.
pub const MEMORY_ATTRIBUTES: u64 = 0xFF | 0x04 << 8 | 0x44 << 16;

const VALID: u64 = 1 << 0;
/// A table in the upper levels, a page in the lowest; without it, an upper entry is a large page.
const TABLE_OR_PAGE: u64 = 1 << 1;
/// Which attribute: bits 4 to 2.
const ATTRIBUTE: u64 = 0b111 << 2;
const DEVICE: u64 = 1 << 2;
const NOT_CACHED: u64 = 2 << 2;
const READ_ONLY: u64 = 1 << 7;
const INNER_SHAREABLE: u64 = 0b11 << 8;
const ACCESSED: u64 = 1 << 10;
const NEVER_EXECUTE_AT_EL1: u64 = 1 << 53;
const NEVER_EXECUTE_AT_EL0: u64 = 1 << 54;
const ADDRESS: u64 = 0x0000_FFFF_FFFF_F000;

impl Format for Aarch64 {
    fn page(frame: u64, size: PageSize, access: Access, backing: Backing) -> u64 {
        let rights = match access {
            Access::Read => READ_ONLY | NEVER_EXECUTE_AT_EL1,
            Access::ReadWrite => NEVER_EXECUTE_AT_EL1,
            Access::ReadExecute => READ_ONLY,
        };
        let caching = match backing {
            Backing::Memory => INNER_SHAREABLE,
            Backing::Device => DEVICE,
            Backing::WriteCombining => NOT_CACHED,
        };
        let kind = if size == PageSize::Small {
            TABLE_OR_PAGE
        } else {
            0
        };
        frame | VALID | kind | rights | caching | ACCESSED | NEVER_EXECUTE_AT_EL0
    }

    fn table(frame: u64) -> u64 {
        frame | VALID | TABLE_OR_PAGE
    }

    fn decode(entry: u64, size: Option<PageSize>) -> Entry {
        let table_or_page = entry & TABLE_OR_PAGE != 0;
        match size {
            _ if entry & VALID == 0 => Entry::Empty,
            None | Some(PageSize::Large | PageSize::Huge) if table_or_page => {
                Entry::Table(entry & ADDRESS)
            }
            // A root entry that is no table, and a lowest entry that is no page, are reserved: the
            // processor treats both as invalid.
            None => Entry::Empty,
            Some(PageSize::Small) if !table_or_page => Entry::Empty,
            Some(size) => Entry::Page {
                frame: entry & ADDRESS & !(size.bytes() - 1),
                access: Access::from_rights(
                    entry & READ_ONLY == 0,
                    entry & NEVER_EXECUTE_AT_EL1 == 0,
                ),
                backing: match entry & ATTRIBUTE {
                    0 => Backing::Memory,
                    NOT_CACHED => Backing::WriteCombining,
                    _ => Backing::Device,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_decodes_to_what_was_asked_for() {
        for size in [PageSize::Small, PageSize::Large, PageSize::Huge] {
            for access in [Access::Read, Access::ReadWrite, Access::ReadExecute] {
                for backing in Backing::ALL {
                    let frame = 5 * size.bytes();
                    assert_eq!(
                        Aarch64::decode(Aarch64::page(frame, size, access, backing), Some(size)),
                        Entry::Page {
                            frame,
                            access: Some(access),
                            backing
                        }
                    );
                }
            }
        }
        assert_eq!(Aarch64::decode(0, Some(PageSize::Small)), Entry::Empty);
        assert_eq!(
            Aarch64::decode(Aarch64::table(0x7000), None),
            Entry::Table(0x7000)
        );
    }

    #[test]
    fn an_entry_writable_and_executable_is_seen_as_such() {
        let entry = VALID | TABLE_OR_PAGE | ACCESSED | 0x3000;
        let Entry::Page { access, .. } = Aarch64::decode(entry, Some(PageSize::Small)) else {
            panic!("a valid entry of the lowest table is a page");
        };
        assert_eq!(access, None);
    }

    #[test]
    fn reserved_entries_map_nothing() {
        assert_eq!(Aarch64::decode(VALID, None), Entry::Empty);
        assert_eq!(Aarch64::decode(VALID, Some(PageSize::Small)), Entry::Empty);
    }

    #[test]
    fn no_page_is_executable_at_el0() {
        for access in [Access::Read, Access::ReadWrite, Access::ReadExecute] {
            let entry = Aarch64::page(0x1000, PageSize::Small, access, Backing::Memory);
            assert_ne!(entry & NEVER_EXECUTE_AT_EL0, 0);
        }
    }
}
