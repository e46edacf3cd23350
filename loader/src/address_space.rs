//! The address space in which the kernel is entered.
//!
//! Three things and nothing else: all RAM at [`PHYSICAL_MAP`], never executable, and not writable where
//! the kernel's code and constants are; the kernel's segments at [`KERNEL_BASE`], each with its own rights; the boot stack, with nothing mapped below
//! it. (And, until the kernel drops it, the loader's own code at its own address.) The first page of the
//! address space is not mapped.

use stele_bootinfo::{
    BOOT_STACK_BOTTOM, BOOT_STACK_SIZE, Framebuffer, KERNEL_BASE, PHYSICAL_MAP, PixelFormat, Region,
};
use stele_paging::{Access, Backing, Format, MapError, Mapper, PAGE_SIZE, TableMemory};

use crate::{elf::Plan, memory_map::is_ram};

/// Maps all RAM among `regions`, which are sorted and do not overlap. The kernel's code and constants,
/// whose image lies at physical address `image`, can only be read there: no frame that is executable
/// is writable by another address.
///
/// # Errors
/// No memory for tables.
pub fn map_ram<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    regions: &[Region],
    plan: &Plan<'_>,
    image: u64,
) -> Result<(), MapError> {
    let mut map = |start: u64, end: u64, access| {
        if start == end {
            return Ok(());
        }
        mapper.map(
            PHYSICAL_MAP + start,
            start,
            end - start,
            access,
            Backing::Memory,
        )
    };
    let mut ram = regions
        .iter()
        .filter(|region| is_ram(region.kind))
        .peekable();
    while let Some(first) = ram.next() {
        let mut end = first.start + first.length;
        // Adjoining regions are mapped as one, so that large pages can span them.
        while let Some(next) = ram.next_if(|next| next.start == end) {
            end += next.length;
        }
        let mut at = first.start;
        for segment in plan.segments() {
            let start = image + segment.offset;
            if segment.access != Access::ReadWrite && (at..end).contains(&start) {
                map(at, start, Access::ReadWrite)?;
                at = start + segment.length;
                map(start, at, Access::Read)?;
            }
        }
        map(at, end, Access::ReadWrite)?;
    }
    Ok(())
}

/// Maps device registers, or whatever else is not RAM, where the direct map would have them. Pages
/// that are mapped already stay as they are.
///
/// # Errors
/// No memory for tables, or an address beyond what the direct map can hold.
pub fn map_device<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    start: u64,
    length: u64,
) -> Result<(), MapError> {
    map_uncached(mapper, start, length, Backing::Device)
}

fn map_uncached<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    start: u64,
    length: u64,
    backing: Backing,
) -> Result<(), MapError> {
    let first = start / PAGE_SIZE * PAGE_SIZE;
    let end = start
        .checked_add(length)
        .and_then(|end| end.checked_next_multiple_of(PAGE_SIZE))
        .ok_or(MapError::OutOfRange(start))?;
    let map = |mapper: &mut Mapper<F, M>, at: u64, length| {
        let address = PHYSICAL_MAP
            .checked_add(at)
            .ok_or(MapError::OutOfRange(at))?;
        mapper.map(address, at, length, Access::ReadWrite, backing)
    };
    match map(mapper, first, end - first) {
        Err(MapError::AlreadyMapped(_)) => {}
        other => return other,
    }
    for at in (first..end).step_by(PAGE_SIZE as usize) {
        match map(mapper, at, PAGE_SIZE) {
            Ok(()) | Err(MapError::AlreadyMapped(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Maps the screen's memory, if there is a screen.
///
/// # Errors
/// As [`map_device`].
pub fn map_framebuffer<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    framebuffer: &Framebuffer,
) -> Result<(), MapError> {
    match framebuffer.format {
        PixelFormat::None => Ok(()),
        PixelFormat::Rgbx | PixelFormat::Bgrx => map_uncached(
            mapper,
            framebuffer.address,
            framebuffer.size,
            Backing::WriteCombining,
        ),
    }
}

/// Maps the kernel, whose image lies at physical address `image`.
///
/// # Errors
/// No memory for tables.
pub fn map_kernel<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    plan: &Plan<'_>,
    image: u64,
) -> Result<(), MapError> {
    for segment in plan.segments() {
        // Page by page even where larger pages would fit: the kernel takes guard pages out.
        for page in (0..segment.length).step_by(PAGE_SIZE as usize) {
            let offset = segment.offset + page;
            mapper.map(
                KERNEL_BASE + offset,
                image + offset,
                PAGE_SIZE,
                segment.access,
                Backing::Memory,
            )?;
        }
    }
    Ok(())
}

/// Maps the boot stack, whose memory lies at physical address `stack`.
///
/// # Errors
/// No memory for tables.
pub fn map_stack<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    stack: u64,
) -> Result<(), MapError> {
    mapper.map(
        BOOT_STACK_BOTTOM,
        stack,
        BOOT_STACK_SIZE,
        Access::ReadWrite,
        Backing::Memory,
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use stele_bootinfo::RegionKind;
    use stele_paging::{Aarch64, ENTRIES, PageSize, X86_64};

    use super::*;
    use crate::elf::tests::{PARTS, file_of};

    #[derive(Default)]
    struct Tables(BTreeMap<u64, [u64; ENTRIES]>);

    impl TableMemory for Tables {
        fn read(&self, table: u64, index: usize) -> u64 {
            self.0[&table][index]
        }

        fn write(&mut self, table: u64, index: usize, entry: u64) {
            self.0.get_mut(&table).unwrap()[index] = entry;
        }

        fn allocate(&mut self) -> Option<u64> {
            let table = (self.0.len() as u64 + 1) * PAGE_SIZE;
            self.0.insert(table, [0; ENTRIES]);
            Some(table)
        }

        fn release(&mut self, table: u64) {
            self.0.remove(&table).unwrap();
        }
    }

    fn mapper<F: Format>() -> Mapper<F, Tables> {
        let mut tables = Tables::default();
        let root = tables.allocate().unwrap();
        Mapper::new(root, PageSize::Huge, tables)
    }

    const fn region(start: u64, end: u64, kind: RegionKind) -> Region {
        Region {
            start,
            length: end - start,
            kind,
            reserved: 0,
        }
    }

    const REGIONS: [Region; 4] = [
        region(0, 0xA_0000, RegionKind::Usable),
        region(0x10_0000, 0x80_0000, RegionKind::Usable),
        region(0x80_0000, 0x100_0000, RegionKind::Kernel),
        region(0xE000_0000, 0xF000_0000, RegionKind::Reserved),
    ];

    /// Where the kernel's image is: code in pages 0 and 1, data in pages 3 and 4.
    const IMAGE: u64 = 0x90_1000;

    fn check_whole_space<F: Format>() {
        let mut mapper = mapper::<F>();
        let file = file_of(&PARTS);
        let plan = Plan::new(&file, crate::elf::Machine::X86_64).unwrap();
        map_ram(&mut mapper, &REGIONS, &plan, IMAGE).unwrap();
        map_kernel(&mut mapper, &plan, IMAGE).unwrap();
        map_stack(&mut mapper, 0x20_0000).unwrap();
        map_device(&mut mapper, 0xFEC0_0010, 4).unwrap();
        let framebuffer = Framebuffer {
            address: 0xE020_0000,
            size: 0x40_1000,
            width: 1024,
            height: 768,
            stride: 1024,
            format: PixelFormat::Bgrx,
        };
        map_framebuffer(&mut mapper, &framebuffer).unwrap();

        let access = |at| mapper.translate(at).and_then(|found| found.access);
        assert_eq!(access(0), None);
        assert_eq!(access(PHYSICAL_MAP), Some(Access::ReadWrite));
        assert_eq!(access(PHYSICAL_MAP + 0xA_0000), None);
        assert_eq!(access(PHYSICAL_MAP + 0xFF_FFFF), Some(Access::ReadWrite));
        assert_eq!(access(PHYSICAL_MAP + 0xE000_0000), None);
        for offset in [0xE020_0000, 0xE060_0FFF] {
            let pixel = mapper.translate(PHYSICAL_MAP + offset).unwrap();
            assert_eq!(pixel.backing, Backing::WriteCombining);
            assert_eq!(pixel.access, Some(Access::ReadWrite));
        }
        assert_eq!(access(KERNEL_BASE), Some(Access::ReadExecute));
        assert_eq!(access(KERNEL_BASE + 0x3000), Some(Access::ReadWrite));
        assert_eq!(access(PHYSICAL_MAP + IMAGE - 1), Some(Access::ReadWrite));
        assert_eq!(access(PHYSICAL_MAP + IMAGE), Some(Access::Read));
        assert_eq!(access(PHYSICAL_MAP + IMAGE + 0x1FFF), Some(Access::Read));
        assert_eq!(
            access(PHYSICAL_MAP + IMAGE + 0x2000),
            Some(Access::ReadWrite)
        );
        assert_eq!(access(BOOT_STACK_BOTTOM - 1), None);
        assert_eq!(access(BOOT_STACK_BOTTOM), Some(Access::ReadWrite));
        assert_eq!(access(BOOT_STACK_BOTTOM + BOOT_STACK_SIZE), None);
        let device = mapper.translate(PHYSICAL_MAP + 0xFEC0_0010).unwrap();
        assert_eq!(
            (device.physical, device.backing),
            (0xFEC0_0010, Backing::Device)
        );
    }

    #[test]
    fn everything_is_where_the_kernel_expects_it() {
        check_whole_space::<X86_64>();
        check_whole_space::<Aarch64>();
    }

    #[test]
    fn ram_is_mapped_with_large_pages_across_regions() {
        let mut mapper = mapper::<X86_64>();
        let file = file_of(&PARTS);
        let plan = Plan::new(&file, crate::elf::Machine::X86_64).unwrap();
        map_ram(&mut mapper, &REGIONS, &plan, IMAGE).unwrap();
        for large in [0x60_0000, 0xA0_0000] {
            assert_eq!(
                mapper.translate(PHYSICAL_MAP + large).unwrap().size,
                PageSize::Large
            );
        }
    }

    #[test]
    fn mapping_a_device_leaves_alone_what_is_mapped_there() {
        let mut mapper = mapper::<X86_64>();
        map_device(&mut mapper, 0x5000, 0x1000).unwrap();
        map_device(&mut mapper, 0x4FFF, 0x2002).unwrap();
        for page in [0x4000, 0x5000, 0x6000, 0x7000] {
            assert_eq!(
                mapper.translate(PHYSICAL_MAP + page).unwrap().physical,
                page
            );
        }
        assert!(map_device(&mut mapper, u64::MAX - 5, 10).is_err());
        assert!(map_device(&mut mapper, 1 << 60, 10).is_err());
    }
}
