//! The kernel's address space: the loader's page tables, taken over and changed from here on.
//!
//! Physical memory is reached through the direct map at [`PHYSICAL_MAP`], so a table is read and
//! written where the direct map has it.

use core::{fmt, ptr, slice};

use stele_bootinfo::{BootInfo, PHYSICAL_MAP, Region, RegionKind, STACKS};
use stele_paging::{
    Access, Backing, ENTRIES, MapError, Mapper, PAGE_SIZE, PageSize, TableMemory, Translation,
};

use super::frames::{FRAME_SIZE, FrameAllocator, FrameError, storage_words};
use crate::{
    acpi::PhysicalMemory,
    arch::{self, PageFormat},
    context::{Act, assert_allowed},
};

/// Physical memory and the tables that map it.
#[derive(Debug)]
pub struct Memory {
    /// The frames.
    pub frames: FrameAllocator<'static>,
    root: u64,
    /// What the kernel has mapped of devices to drive them, start and end.
    driven: [(u64, u64); MAX_DRIVEN],
}

/// Runs of registers that the kernel can drive.
const MAX_DRIVEN: usize = 64;

/// How many pages are mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// By size: 4 KiB, 2 MiB, 1 GiB.
    pub sizes: [u64; 3],
    /// By right: only to be read, to be written, to be executed.
    pub rights: [u64; 3],
    /// Those that lead to devices.
    pub devices: u64,
}

impl Census {
    fn count(&mut self, page: Translation) {
        self.sizes[match page.size {
            PageSize::Small => 0,
            PageSize::Large => 1,
            PageSize::Huge => 2,
        }] += 1;
        match page.access {
            Some(Access::Read) => self.rights[0] += 1,
            Some(Access::ReadWrite) => self.rights[1] += 1,
            Some(Access::ReadExecute) => self.rights[2] += 1,
            None => {}
        }
        self.devices += u64::from(page.backing != Backing::Memory);
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [small, large, huge] = self.sizes;
        let [read, write, execute] = self.rights;
        let devices = self.devices;
        write!(
            f,
            "{small} of 4 KiB, {large} of 2 MiB, {huge} of 1 GiB; {read} to be read only, \
             {write} to be written, {execute} to be executed; {devices} of devices"
        )
    }
}

/// What is wrong with an address space; each is a defect of the kernel or the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSpaceError {
    /// The frame behind this address is writable here and executable here or elsewhere.
    WritableCode(u64),
    /// Something is mapped at this address, which must stay empty.
    MustBeEmpty(u64),
    /// A change of the tables failed.
    Map(MapError),
}

impl fmt::Display for AddressSpaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WritableCode(address) => {
                write!(f, "the code behind {address:#x} can be overwritten there")
            }
            Self::MustBeEmpty(address) => {
                write!(
                    f,
                    "something is mapped at {address:#x}, which must stay empty"
                )
            }
            Self::Map(error) => error.fmt(f),
        }
    }
}

impl From<MapError> for AddressSpaceError {
    fn from(error: MapError) -> Self {
        Self::Map(error)
    }
}

/// Length of the direct map in bytes: physical addresses are below this.
const DIRECT_MAP_SIZE: u64 = 1 << 46;

/// A pointer to physical memory that the direct map covers.
pub fn direct<T>(physical: u64) -> *mut T {
    ptr::with_exposed_provenance_mut(PHYSICAL_MAP.wrapping_add(physical) as usize)
}

impl Memory {
    /// Takes stock of physical memory. The bitmaps go into the first usable region that holds them.
    ///
    /// # Errors
    /// No region is large enough.
    ///
    /// # Safety
    /// `info` is the loader's, unchanged, and its usable regions are mapped and used by nobody. At
    /// most one `Memory` may exist.
    pub unsafe fn new(info: &BootInfo, regions: &[Region]) -> Result<Self, FrameError> {
        let words = storage_words(regions);
        let frames = ((words * size_of::<u64>()) as u64).div_ceil(FRAME_SIZE);
        let home = regions
            .iter()
            .filter(|region| region.kind == RegionKind::Usable && region.start > 0)
            .find(|region| region.length / FRAME_SIZE >= frames)
            .ok_or(FrameError::Exhausted {
                asked: frames,
                alignment: FRAME_SIZE,
                free: 0,
                longest: 0,
            })?;
        // SAFETY: the caller vouches that this region is mapped and unused; it is long enough, its
        // start is page-aligned, and every bit pattern is a `u64`.
        let storage = unsafe { slice::from_raw_parts_mut(direct::<u64>(home.start), words) };
        let mut allocator = FrameAllocator::new(regions, storage);
        allocator.reserve(home.start, frames)?;
        Ok(Self {
            frames: allocator,
            root: info.page_table_root,
            driven: [(0, 0); MAX_DRIVEN],
        })
    }

    /// Takes over the loader's tables: nothing stays mapped in the lower half, and the guard pages
    /// of the exception stacks disappear.
    ///
    /// # Errors
    /// The tables are not as the loader is to leave them.
    pub fn take_over(&mut self) -> Result<(), AddressSpaceError> {
        arch::drop_identity_map(&mut self.mapper());
        for page in arch::guard_pages() {
            self.unmap(page, PAGE_SIZE)?;
        }
        Ok(())
    }

    /// Walks the live tables: no frame is writable and executable, be it by different addresses; the
    /// null page, the boot stack's guard and the exception stacks' guards are empty.
    ///
    /// # Errors
    /// The first offence found.
    pub fn check(&mut self) -> Result<Census, AddressSpaceError> {
        let boot_guard = stele_bootinfo::BOOT_STACK_BOTTOM - PAGE_SIZE;
        let mapper = self.mapper();
        for page in arch::guard_pages().chain([0, boot_guard]) {
            if mapper.translate(page).is_some() {
                return Err(AddressSpaceError::MustBeEmpty(page));
            }
        }
        // All code is the kernel's, in one run of frames; a hole in the run would only be checked too.
        let (mut code_start, mut code_end) = (u64::MAX, 0);
        mapper.for_each_page(&mut |_, found| {
            if found
                .access
                .is_none_or(|access| access == Access::ReadExecute)
            {
                code_start = code_start.min(found.physical);
                code_end = code_end.max(found.physical + found.size.bytes());
            }
        });
        let (mut offence, mut census) = (None, Census::default());
        mapper.for_each_page(&mut |page, found| {
            census.count(found);
            let is_code =
                found.physical < code_end && found.physical + found.size.bytes() > code_start;
            if is_code
                && found
                    .access
                    .is_none_or(|access| access == Access::ReadWrite)
            {
                offence = offence.or(Some(page));
            }
        });
        match offence {
            None => Ok(census),
            Some(page) => Err(AddressSpaceError::WritableCode(page)),
        }
    }

    /// Maps memory: see [`Mapper::map`].
    ///
    /// # Errors
    /// As [`Mapper::map`].
    pub fn map(
        &mut self,
        virtual_start: u64,
        physical_start: u64,
        length: u64,
        access: Access,
        backing: Backing,
    ) -> Result<(), MapError> {
        let mapped = self
            .mapper()
            .map(virtual_start, physical_start, length, access, backing);
        arch::publish_mappings();
        mapped
    }

    /// Unmaps memory: see [`Mapper::unmap`].
    ///
    /// # Errors
    /// As [`Mapper::unmap`].
    pub fn unmap(&mut self, virtual_start: u64, length: u64) -> Result<(), MapError> {
        self.mapper().unmap(virtual_start, length)?;
        flush(virtual_start, length);
        Ok(())
    }

    /// Changes rights: see [`Mapper::protect`].
    ///
    /// # Errors
    /// As [`Mapper::protect`].
    pub fn protect(
        &mut self,
        virtual_start: u64,
        length: u64,
        access: Access,
    ) -> Result<(), MapError> {
        self.mapper().protect(virtual_start, length, access)?;
        flush(virtual_start, length);
        Ok(())
    }

    /// Replaces the large page that holds `address` by smaller ones: see [`Mapper::split`]. Not in the
    /// direct map, through which the tables themselves are reached, nor in the kernel's image.
    ///
    /// # Errors
    /// As [`Mapper::split`], and [`MapError::PartOfLargePage`] for what must stay in one piece.
    pub fn split(&mut self, address: u64) -> Result<(), MapError> {
        if address >= STACKS || (PHYSICAL_MAP..PHYSICAL_MAP + DIRECT_MAP_SIZE).contains(&address) {
            return Err(MapError::PartOfLargePage(address));
        }
        self.mapper().split(address, arch::flush_page)?;
        arch::publish_mappings();
        Ok(())
    }

    /// What a virtual address leads to.
    pub fn translate(&mut self, address: u64) -> Option<Translation> {
        self.mapper().translate(address)
    }

    /// Makes the device registers at `physical` reachable for the kernel, uncached, where the direct
    /// map would have them; returns that address. Registers that are mapped there already stay so.
    /// From then on the kernel drives the device, and no program can have it.
    ///
    /// # Errors
    /// No memory for tables; an address that is no physical address; more than 64 devices;
    /// [`MapError::AlreadyMapped`] if RAM is there, which only a damaged table or a mistake takes for
    /// a device.
    pub fn map_device(&mut self, physical: u64, length: u64) -> Result<*mut u8, MapError> {
        let end = physical.saturating_add(length);
        if !self.driven.contains(&(physical, end)) {
            let free = self.driven.iter_mut().find(|(start, end)| start == end);
            *free.ok_or(MapError::OutOfTables)? = (physical, end);
        }
        self.map_device_for_program(physical, length)
    }

    /// True if the kernel drives a device that has a register in this region.
    pub fn drives(&self, physical: u64, length: u64) -> bool {
        let last = physical.saturating_add(length);
        self.driven()
            .any(|(start, end)| physical < end && start < last)
    }

    /// The registers of the devices that the kernel drives: first address and one past the last.
    pub fn driven(&self) -> impl Iterator<Item = (u64, u64)> {
        let used = |(start, end): &(u64, u64)| start < end;
        self.driven.iter().copied().filter(used)
    }

    /// As [`map_device`](Self::map_device), without the kernel's driving the device.
    ///
    /// # Errors
    /// As [`map_device`](Self::map_device), and there may be any number of devices.
    pub fn map_device_for_program(
        &mut self,
        physical: u64,
        length: u64,
    ) -> Result<*mut u8, MapError> {
        let first = physical / PAGE_SIZE * PAGE_SIZE;
        let end = physical
            .checked_add(length)
            .filter(|end| *end <= DIRECT_MAP_SIZE)
            .ok_or(MapError::OutOfRange(physical))?;
        for page in (first..end).step_by(PAGE_SIZE as usize) {
            let access = Access::ReadWrite;
            match self.map(
                PHYSICAL_MAP + page,
                page,
                PAGE_SIZE,
                access,
                Backing::Device,
            ) {
                Ok(()) => {}
                Err(MapError::AlreadyMapped(_)) if is_device(PHYSICAL_MAP + page, PAGE_SIZE) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(direct(physical))
    }

    fn mapper(&mut self) -> Mapper<PageFormat, DirectTables<'_>> {
        assert_allowed(Act::Map);
        Mapper::new(
            self.root,
            arch::largest_page(),
            DirectTables {
                frames: &mut self.frames,
            },
        )
    }
}

fn flush(start: u64, length: u64) {
    for page in (start..start + length).step_by(PAGE_SIZE as usize) {
        arch::flush_page(page);
    }
}

/// Tables reached through the direct map, made of frames.
#[derive(Debug)]
pub struct DirectTables<'memory> {
    frames: &'memory mut FrameAllocator<'static>,
}

impl TableMemory for DirectTables<'_> {
    fn read(&self, table: u64, index: usize) -> u64 {
        read_entry(table, index)
    }

    fn write(&mut self, table: u64, index: usize, entry: u64) {
        assert!(index < ENTRIES);
        // SAFETY: `table` is a table of the live tree, which is RAM in the direct map, and `index`
        // is within it. Volatile, because the processor reads the entry behind the compiler's back.
        unsafe { direct::<u64>(table).add(index).write_volatile(entry) }
    }

    fn allocate(&mut self) -> Option<u64> {
        let table = self.frames.allocate(1, FRAME_SIZE).ok()?;
        // SAFETY: the frame has just become ours, and all RAM is in the direct map.
        unsafe { ptr::write_bytes(direct::<u8>(table), 0, FRAME_SIZE as usize) };
        Some(table)
    }

    fn release(&mut self, table: u64) {
        // A table is either the loader's, which is reserved memory, or one of ours. Neither kind can
        // be refused; if one were, the frame would only be lost.
        if let Err(FrameError::Reserved(_)) = self.frames.free(table, 1) {
            let _ = self.frames.reclaim(table, 1);
        }
    }
}

/// The live tables, for looking only: usable in any context, the panic path included.
#[derive(Debug)]
struct LiveTables;

impl TableMemory for LiveTables {
    fn read(&self, table: u64, index: usize) -> u64 {
        read_entry(table, index)
    }

    fn write(&mut self, _table: u64, _index: usize, _entry: u64) {}

    fn allocate(&mut self) -> Option<u64> {
        None
    }

    fn release(&mut self, _table: u64) {}
}

fn live_mapper() -> Mapper<PageFormat, LiveTables> {
    Mapper::new(arch::page_table_root(), PageSize::Small, LiveTables)
}

fn read_entry(table: u64, index: usize) -> u64 {
    assert!(index < ENTRIES);
    // SAFETY: `table` is a table of the live tree, which is RAM in the direct map, and `index` is
    // within it. Volatile, because the processor sets bits in entries.
    unsafe { direct::<u64>(table).add(index).read_volatile() }
}

/// True if all of these bytes are mapped as a device's. Walks the live tables; any context.
pub fn is_device(address: u64, length: u64) -> bool {
    is_mapped(address, length, Backing::Device)
}

/// True if all of these bytes are mapped as a framebuffer's. Walks the live tables; any context.
pub fn is_framebuffer(address: u64, length: u64) -> bool {
    is_mapped(address, length, Backing::WriteCombining)
}

/// True if all of these bytes can be read now without a fault. Walks the live tables; any context.
pub fn is_readable(address: u64, length: u64) -> bool {
    is_mapped(address, length, Backing::Memory)
}

fn is_mapped(address: u64, length: u64, backing: Backing) -> bool {
    let Some(end) = address.checked_add(length) else {
        return false;
    };
    let mapper = live_mapper();
    let mut at = address;
    while at < end {
        match mapper.translate(at) {
            Some(translation) if translation.backing == backing => {
                at = (at & !(translation.size.bytes() - 1)) + translation.size.bytes();
            }
            _ => return false,
        }
    }
    true
}

/// Bytes of physical memory that stay as they are: firmware tables, or what the loader left. Nothing
/// if any of them is not RAM in the direct map.
///
/// # Safety
/// Nobody changes these bytes as long as the kernel runs.
pub unsafe fn physical_bytes(address: u64, length: u64) -> Option<&'static [u8]> {
    let start = PHYSICAL_MAP.checked_add(address)?;
    if length == 0 {
        return Some(&[]);
    }
    if !is_readable(start, length) {
        return None;
    }
    // SAFETY: all of it is mapped and readable, and the caller vouches that nobody changes it.
    Some(unsafe { slice::from_raw_parts(direct(address), usize::try_from(length).ok()?) })
}

/// Physical memory for the reader of firmware tables, by way of the direct map.
#[derive(Clone, Copy, Debug)]
pub struct DirectMap;

impl PhysicalMemory for DirectMap {
    fn bytes(&self, address: u64, length: u64) -> Option<&[u8]> {
        // SAFETY: firmware tables lie in memory that the kernel never hands out and never writes to.
        // An address that a damaged table makes up may be other memory. It is read while nothing runs
        // that writes to it: during initialisation, and when a program asks for a device or a report,
        // which no interrupt handler does and which looks at nothing else until it has its answer.
        unsafe { physical_bytes(address, length) }
    }
}
