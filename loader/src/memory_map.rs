//! The firmware's memory map made plain: sorted, without overlaps, in the kernel's terms.

use stele_bootinfo::{Framebuffer, PixelFormat, Region, RegionKind};
use stele_paging::PAGE_SIZE;

/// UEFI memory types (UEFI 2.10, table 7.6).
mod uefi_type {
    pub(super) const LOADER_CODE: u32 = 1;
    pub(super) const LOADER_DATA: u32 = 2;
    pub(super) const BOOT_SERVICES_CODE: u32 = 3;
    pub(super) const BOOT_SERVICES_DATA: u32 = 4;
    pub(super) const CONVENTIONAL: u32 = 7;
    pub(super) const ACPI_RECLAIM: u32 = 9;
    pub(super) const ACPI_NVS: u32 = 10;
    pub(super) const MMIO: u32 = 11;
    pub(super) const MMIO_PORT_SPACE: u32 = 12;
}

/// What the kernel may do with memory that the firmware gives this type, once boot services are left.
///
/// All of the loader's own allocations are of type "loader data", and they hold what the kernel
/// still needs. Its code is not needed any more when the kernel hands out memory.
#[must_use]
pub const fn kind_of(uefi_type: u32) -> RegionKind {
    match uefi_type {
        uefi_type::LOADER_CODE
        | uefi_type::BOOT_SERVICES_CODE
        | uefi_type::BOOT_SERVICES_DATA
        | uefi_type::CONVENTIONAL => RegionKind::Usable,
        uefi_type::LOADER_DATA => RegionKind::Kernel,
        uefi_type::ACPI_RECLAIM => RegionKind::AcpiTables,
        uefi_type::ACPI_NVS => RegionKind::FirmwareData,
        uefi_type::MMIO | uefi_type::MMIO_PORT_SPACE => RegionKind::Device,
        _ => RegionKind::Reserved,
    }
}

/// True for memory that is RAM and belongs into the direct physical map.
#[must_use]
pub const fn is_ram(kind: RegionKind) -> bool {
    match kind {
        RegionKind::Usable
        | RegionKind::Kernel
        | RegionKind::AcpiTables
        | RegionKind::FirmwareData => true,
        RegionKind::Reserved | RegionKind::Device => false,
    }
}

/// One entry of the firmware's map as a region in whole pages; nothing if it is empty or impossible.
#[must_use]
pub fn region(start: u64, pages: u64, uefi_type: u32) -> Option<Region> {
    let end = start.checked_add(pages.checked_mul(PAGE_SIZE)?)?;
    let kind = kind_of(uefi_type);
    // A page that is only partly free is not free.
    let (start, end) = if kind == RegionKind::Usable {
        (
            start.checked_next_multiple_of(PAGE_SIZE)?,
            end / PAGE_SIZE * PAGE_SIZE,
        )
    } else {
        (
            start / PAGE_SIZE * PAGE_SIZE,
            end.checked_next_multiple_of(PAGE_SIZE)?,
        )
    };
    (start < end).then(|| Region {
        start,
        length: end - start,
        kind,
        reserved: 0,
    })
}

/// The memory of the screen as a region in whole pages, which is a device's wherever it lies;
/// nothing if there is no screen or its place is impossible.
#[must_use]
pub fn screen(framebuffer: &Framebuffer) -> Option<Region> {
    if framebuffer.format == PixelFormat::None {
        return None;
    }
    let start = framebuffer.address / PAGE_SIZE * PAGE_SIZE;
    let end = framebuffer
        .address
        .checked_add(framebuffer.size)?
        .checked_next_multiple_of(PAGE_SIZE)?;
    (start < end).then(|| Region {
        start,
        length: end - start,
        kind: RegionKind::Device,
        reserved: 0,
    })
}

/// Writes `regions`, which may be in any order and overlap, to `out` in order of address: without
/// overlaps, neighbours of the same kind joined. Returns how many it wrote.
///
/// Where regions overlap, the kind that allows least wins. What does not fit into `out` is left out,
/// from the highest address down: memory that is not listed is not used.
pub fn normalise(regions: impl Iterator<Item = Region> + Clone, out: &mut [Region]) -> usize {
    let mut count = 0_usize;
    let mut at = 0;
    while let Some(next) = next_boundary(regions.clone(), at) {
        let covering = regions
            .clone()
            .filter(|region| region.start <= at && at < region.start + region.length)
            .max_by_key(|region| restriction(region.kind));
        if let Some(Region { kind, .. }) = covering {
            let joins = count
                .checked_sub(1)
                .and_then(|last| out.get_mut(last))
                .filter(|last| last.kind == kind && last.start + last.length == at);
            if let Some(last) = joins {
                last.length += next - at;
            } else if let Some(free) = out.get_mut(count) {
                *free = Region {
                    start: at,
                    length: next - at,
                    kind,
                    reserved: 0,
                };
                count += 1;
            } else {
                return count;
            }
        }
        at = next;
    }
    count
}

/// The lowest address above `at` where a region begins or ends.
fn next_boundary(regions: impl Iterator<Item = Region>, at: u64) -> Option<u64> {
    regions
        .flat_map(|region| [region.start, region.start + region.length])
        .filter(|boundary| *boundary > at)
        .min()
}

/// Larger for kinds that allow less.
const fn restriction(kind: RegionKind) -> u8 {
    match kind {
        RegionKind::Usable => 0,
        RegionKind::AcpiTables => 1,
        RegionKind::Kernel => 2,
        RegionKind::FirmwareData => 3,
        RegionKind::Device => 4,
        RegionKind::Reserved => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RegionKind::{AcpiTables, Device, Kernel, Reserved, Usable};

    const fn r(start: u64, end: u64, kind: RegionKind) -> Region {
        Region {
            start,
            length: end - start,
            kind,
            reserved: 0,
        }
    }

    fn normalised(regions: &[Region]) -> Vec<(u64, u64, RegionKind)> {
        let mut out = [r(0, 0, Reserved); 16];
        let count = normalise(regions.iter().copied(), &mut out);
        out[..count]
            .iter()
            .map(|o| (o.start, o.start + o.length, o.kind))
            .collect()
    }

    #[test]
    fn regions_are_sorted_and_equal_neighbours_joined() {
        let map = [
            r(0x5000, 0x6000, Kernel),
            r(0x2000, 0x3000, Usable),
            r(0x1000, 0x2000, Usable),
        ];
        assert_eq!(
            normalised(&map),
            [(0x1000, 0x3000, Usable), (0x5000, 0x6000, Kernel)]
        );
    }

    #[test]
    fn where_regions_overlap_the_kind_that_allows_least_wins() {
        let map = [
            r(0x0, 0x9000, Usable),
            r(0x2000, 0x4000, Reserved),
            r(0x3000, 0x5000, AcpiTables),
            r(0x8000, 0xA000, Device),
        ];
        assert_eq!(
            normalised(&map),
            [
                (0x0, 0x2000, Usable),
                (0x2000, 0x4000, Reserved),
                (0x4000, 0x5000, AcpiTables),
                (0x5000, 0x8000, Usable),
                (0x8000, 0xA000, Device),
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_top() {
        let map = [
            r(0x1000, 0x2000, Usable),
            r(0x3000, 0x4000, Usable),
            r(0x5000, 0x6000, Usable),
        ];
        let mut out = [r(0, 0, Reserved); 2];
        assert_eq!(normalise(map.into_iter(), &mut out), 2);
        assert_eq!(out[1].start, 0x3000);
    }

    #[test]
    fn free_memory_shrinks_to_whole_pages_and_other_memory_grows() {
        let (conventional, unusable) = (7, 8);
        assert_eq!(
            region(0x1800, 2, conventional),
            Some(r(0x2000, 0x3000, Usable))
        );
        assert_eq!(
            region(0x1800, 2, unusable),
            Some(r(0x1000, 0x4000, Reserved))
        );
    }

    #[test]
    fn a_screen_in_the_middle_of_free_memory_is_cut_out_of_it() {
        let framebuffer = |address, size, format| Framebuffer {
            address,
            size,
            width: 1,
            height: 1,
            stride: 1,
            format,
        };
        let region = |address, size| screen(&framebuffer(address, size, PixelFormat::Bgrx));
        let inside = region(0x3800, 0x1000).unwrap();
        assert_eq!(
            normalised(&[r(0x1000, 0x9000, Usable), inside]),
            [
                (0x1000, 0x3000, Usable),
                (0x3000, 0x5000, Device),
                (0x5000, 0x9000, Usable)
            ]
        );
        assert_eq!(
            screen(&framebuffer(0x3800, 0x1000, PixelFormat::None)),
            None
        );
        assert_eq!(region(0x3000, 0), None);
        assert_eq!(region(u64::MAX - 5, 10), None);
        assert_eq!(region(u64::MAX - 5, 1), None);
    }

    #[test]
    fn empty_and_impossible_entries_are_dropped() {
        assert_eq!(region(0x1000, 0, 7), None);
        assert_eq!(region(0x1000, u64::MAX, 7), None);
        assert_eq!(region(u64::MAX - 0xFFF, 1, 7), None);
    }
}
