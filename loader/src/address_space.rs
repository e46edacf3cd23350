//! The address space in which the kernel is entered.
//!
//! Three things and nothing else: all RAM at [`PHYSICAL_MAP`], never executable; the kernel's
//! segments at [`KERNEL_BASE`], each with its own rights; the boot stack, with nothing mapped below
//! it. The first page of the address space is not mapped.

use stele_bootinfo::{
    BOOT_STACK_BOTTOM, BOOT_STACK_SIZE, Framebuffer, KERNEL_BASE, PHYSICAL_MAP, PixelFormat, Region,
};
use stele_paging::{Access, Backing, Format, MapError, Mapper, PAGE_SIZE, TableMemory};

use crate::{elf::Plan, memory_map::is_ram};

/// Maps all RAM among `regions`, which are sorted and do not overlap.
///
/// # Errors
/// No memory for tables.
pub fn map_ram<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    regions: &[Region],
) -> Result<(), MapError> {
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
        let length = end - first.start;
        mapper.map(
            PHYSICAL_MAP + first.start,
            first.start,
            length,
            Access::ReadWrite,
            Backing::Memory,
        )?;
    }
    Ok(())
}

/// Maps device registers, or whatever else is not RAM, where the direct map would have them.
/// Pages that are mapped already stay as they are.
///
/// # Errors
/// No memory for tables, or an address beyond what the direct map can hold.
pub fn map_device<F: Format, M: TableMemory>(
    mapper: &mut Mapper<F, M>,
    start: u64,
    length: u64,
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
        mapper.map(address, at, length, Access::ReadWrite, Backing::Device)
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
        PixelFormat::Rgbx | PixelFormat::Bgrx => {
            map_device(mapper, framebuffer.address, framebuffer.size)
        }
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
