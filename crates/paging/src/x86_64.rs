//! Entries as x86-64 reads them (Intel SDM volume 3A, 4.5 "4-level paging").

use crate::{Access, Backing, Entry, Format, PageSize};

/// The x86-64 entry format. Pages are supervisor-only and not global; caching follows the page
/// attribute table's power-on values (PCD and PWT together mean uncached), but for its entry 4, which
/// is [`WRITE_COMBINING_ENTRY`] and must be set to [`WRITE_COMBINING`]. Until then it means what the
/// memory type ranges say, which is slower and as correct.
#[derive(Clone, Copy, Debug)]
pub enum X86_64 {}

const PRESENT: u64 = 1 << 0;
const WRITABLE: u64 = 1 << 1;
const WRITE_THROUGH: u64 = 1 << 3;
const CACHE_DISABLE: u64 = 1 << 4;
const LARGE: u64 = 1 << 7;
const NO_EXECUTE: u64 = 1 << 63;
/// The bit that selects the upper four entries of the page attribute table: where a small page's
/// entry has it, and where a large one's.
const UPPER_ATTRIBUTES: u64 = 1 << 7;
const UPPER_ATTRIBUTES_LARGE: u64 = 1 << 12;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// The entry of the page attribute table (`IA32_PAT`) that write-combining pages select.
pub const WRITE_COMBINING_ENTRY: usize = 4;

/// What that entry must hold (Intel SDM volume 3A, table 12-10).
pub const WRITE_COMBINING: u8 = 0x01;

fn upper_attributes(size: PageSize) -> u64 {
    if size == PageSize::Small {
        UPPER_ATTRIBUTES
    } else {
        UPPER_ATTRIBUTES_LARGE
    }
}

impl Format for X86_64 {
    fn page(frame: u64, size: PageSize, access: Access, backing: Backing) -> u64 {
        let rights = match access {
            Access::Read => NO_EXECUTE,
            Access::ReadWrite => WRITABLE | NO_EXECUTE,
            Access::ReadExecute => 0,
        };
        let caching = match backing {
            Backing::Memory => 0,
            Backing::Device => WRITE_THROUGH | CACHE_DISABLE,
            Backing::WriteCombining => upper_attributes(size),
        };
        let large = if size == PageSize::Small { 0 } else { LARGE };
        frame | PRESENT | rights | caching | large
    }

    fn table(frame: u64) -> u64 {
        frame | PRESENT | WRITABLE
    }

    fn decode(entry: u64, size: Option<PageSize>) -> Entry {
        if entry & PRESENT == 0 {
            return Entry::Empty;
        }
        match size {
            None => Entry::Table(entry & ADDRESS),
            Some(PageSize::Large | PageSize::Huge) if entry & LARGE == 0 => {
                Entry::Table(entry & ADDRESS)
            }
            Some(size) => Entry::Page {
                // In a large page's entry, bit 12 selects caching, so the mask covers it too.
                frame: entry & ADDRESS & !(size.bytes() - 1),
                access: Access::from_rights(entry & WRITABLE != 0, entry & NO_EXECUTE == 0),
                backing: if entry & CACHE_DISABLE != 0 {
                    Backing::Device
                } else if entry & upper_attributes(size) != 0 {
                    Backing::WriteCombining
                } else {
                    Backing::Memory
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
                        X86_64::decode(X86_64::page(frame, size, access, backing), Some(size)),
                        Entry::Page {
                            frame,
                            access: Some(access),
                            backing
                        }
                    );
                }
            }
        }
        assert_eq!(X86_64::decode(0, Some(PageSize::Small)), Entry::Empty);
        assert_eq!(
            X86_64::decode(X86_64::table(0x7000), None),
            Entry::Table(0x7000)
        );
    }

    #[test]
    fn an_entry_writable_and_executable_is_seen_as_such() {
        let entry = PRESENT | WRITABLE | 0x3000;
        let Entry::Page { access, .. } = X86_64::decode(entry, Some(PageSize::Small)) else {
            panic!("a present entry of the lowest table is a page");
        };
        assert_eq!(access, None);
    }
}
