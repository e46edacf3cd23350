//! The whole boot, from the firmware's call to the kernel's first instruction.

use core::{mem::MaybeUninit, time::Duration};

use stele_bootinfo::{
    BOOT_STACK_SIZE, BOOT_STACK_TOP, BootInfo, Bytes, Framebuffer, MAGIC, PHYSICAL_MAP, Region,
    VERSION,
};
use stele_paging::{MapError, Mapper};
use uefi::{
    Status, boot, cstr16,
    mem::memory_map::{MemoryMap, MemoryMapOwned},
    println,
};

use crate::{
    address_space,
    arch::{self, Handoff, PageFormat},
    checksum::{self, Damage},
    elf::{self, ElfError, Plan},
    error::{KERNEL, KERNEL_PATH, LoadError},
    firmware::{self, FirmwareTables, Volume},
    memory_map,
};

/// How long a message stays, unless a key is pressed, before the firmware goes on to its next boot
/// option.
const READING_TIME: Duration = Duration::from_secs(10);

/// Entries by which the memory map may still grow before boot services are left.
const SLACK: usize = 64;

/// Starts the kernel; comes back, with a message on the console, only if that is impossible.
pub fn start() -> Status {
    match prepare() {
        Ok(prepared) => prepared.leave(),
        Err(error) => {
            println!("Stele cannot start.\n{error}");
            firmware::forget_keys();
            println!(
                "Press any key, or wait {} s, to let the firmware go on.",
                READING_TIME.as_secs()
            );
            firmware::wait_for_key(READING_TIME);
            Status::LOAD_ERROR
        }
    }
}

/// Everything that needs the firmware is done; only leaving it is left.
struct Prepared {
    info: &'static mut BootInfo,
    regions: &'static mut [Region],
    handoff: Handoff,
}

fn prepare() -> Result<Prepared, LoadError> {
    arch::check().map_err(LoadError::UnfitProcessor)?;
    let rsdp = firmware::rsdp();
    if arch::NEEDS_TABLES && rsdp == 0 {
        return Err(LoadError::NoTables);
    }
    let mut volume = Volume::open()?;
    let file = volume
        .read(KERNEL_PATH, KERNEL)?
        .ok_or(LoadError::Missing(KERNEL))?;
    let file = undamaged(file)?;
    let command_line = volume
        .read(cstr16!(r"\stele\cmdline.txt"), r"\stele\cmdline.txt")?
        .unwrap_or(&[]);
    let boot_source = volume
        .read(cstr16!(r"\stele\boot.4th"), r"\stele\boot.4th")?
        .unwrap_or(&[]);

    let plan = Plan::new(file, arch::MACHINE).map_err(LoadError::BadKernel)?;
    let image = place(&plan)?;
    let framebuffer = firmware::framebuffer();

    let map = boot::memory_map(boot::MemoryType::LOADER_DATA)
        .map_err(|_| LoadError::OutOfMemory("the memory map"))?;
    // Overlapping regions can split each other, so there may be twice as many as entries.
    let capacity = 2 * (map.entries().len() + SLACK);
    let regions = allocate_regions(capacity)?;
    let count = memory_map::normalise(entries(&map, &framebuffer), regions);

    let root = firmware::physical(firmware::allocate(stele_paging::PAGE_SIZE, "page tables")?);
    let mut mapper = Mapper::<PageFormat, _>::new(root, arch::largest_page(), FirmwareTables);
    let stack = firmware::physical(firmware::allocate(BOOT_STACK_SIZE, "the boot stack")?);
    map_everything(
        &mut mapper,
        &plan,
        image,
        stack,
        &regions[..count],
        &framebuffer,
    )
    .map_err(LoadError::Mapping)?;

    let info = allocate_info()?;
    let info = info.write(BootInfo {
        magic: MAGIC,
        version: VERSION,
        size: size_of::<BootInfo>() as u32,
        regions: firmware::physical(regions),
        region_count: 0,
        rsdp,
        kernel: Bytes {
            address: image,
            length: plan.length,
        },
        kernel_file: firmware::describe(file),
        loader_size: firmware::loader_size(),
        framebuffer,
        command_line: firmware::describe(command_line),
        boot_source: firmware::describe(boot_source),
        page_table_root: root,
        unix_ns: firmware::unix_ns(),
    });
    let handoff = Handoff {
        page_table_root: root,
        entry: plan.entry,
        stack_top: BOOT_STACK_TOP,
        boot_info: PHYSICAL_MAP + firmware::physical(info),
    };
    Ok(Prepared {
        info,
        regions,
        handoff,
    })
}

/// The kernel file without its checksum. A file that is something else entirely is called so, not
/// damaged.
fn undamaged(file: &[u8]) -> Result<&[u8], LoadError> {
    checksum::verify(file).map_err(|damage| match (damage, elf::is_elf(file)) {
        (Damage::NoTrailer, false) => LoadError::BadKernel(ElfError::NotElf),
        (Damage::Handover, _) => LoadError::OtherVersion,
        _ => LoadError::DamagedKernel(damage),
    })
}

impl Prepared {
    /// Leaves boot services and enters the kernel.
    ///
    /// `boot::exit_boot_services` fetches the memory map and exits with its key; if the firmware
    /// refuses because the map has changed in between, it fetches a fresh map and tries once more,
    /// as UEFI 2.10, 7.4.6, asks. After a second refusal it resets the machine, because boot services
    /// may then be partly shut down and nothing else is safe.
    fn leave(self) -> ! {
        // SAFETY: no protocol is open any more (`Volume` and the screen were closed in `prepare`),
        // nothing is allocated or freed from here on, and all that is still used is loader data.
        let map = unsafe { boot::exit_boot_services(None) };
        let entries = entries(&map, &self.info.framebuffer);
        let count = memory_map::normalise(entries, self.regions);
        self.info.region_count = count as u64;
        // SAFETY: boot services are left, and `prepare` built the tables with `map_everything`.
        unsafe { arch::enter(self.handoff) }
    }
}

/// The firmware's memory map, and the screen's memory, which the firmware may well call free RAM.
fn entries<'map>(
    map: &'map MemoryMapOwned,
    framebuffer: &Framebuffer,
) -> impl Iterator<Item = Region> + Clone + use<'map> {
    map.entries()
        .filter_map(|entry| memory_map::region(entry.phys_start, entry.page_count, entry.ty.0))
        .chain(memory_map::screen(framebuffer))
}

/// Copies the kernel's segments to their places in one run of pages; returns its physical address.
fn place(plan: &Plan<'_>) -> Result<u64, LoadError> {
    let image = firmware::allocate(plan.length, "the kernel")?;
    for segment in plan.segments() {
        let start = segment.offset as usize;
        image
            .get_mut(start..start + segment.content.len())
            .ok_or(LoadError::BadKernel(ElfError::DamagedHeaders))?
            .copy_from_slice(segment.content);
    }
    Ok(firmware::physical(image))
}

fn map_everything(
    mapper: &mut Mapper<PageFormat, FirmwareTables>,
    plan: &Plan<'_>,
    image: u64,
    stack: u64,
    regions: &[Region],
    framebuffer: &Framebuffer,
) -> Result<(), MapError> {
    address_space::map_ram(mapper, regions, plan, image)?;
    for (start, length) in arch::EARLY_DEVICES {
        address_space::map_device(mapper, *start, *length)?;
    }
    address_space::map_framebuffer(mapper, framebuffer)?;
    address_space::map_kernel(mapper, plan, image)?;
    address_space::map_stack(mapper, stack)?;
    arch::map_handoff(mapper)
}

fn allocate_regions(capacity: usize) -> Result<&'static mut [Region], LoadError> {
    let memory = firmware::allocate((capacity * size_of::<Region>()) as u64, "the memory map")?;
    // SAFETY: the memory is page-aligned and zeroed, and zero is a valid `Region` in every field
    // (`RegionKind::Usable` is 0); the whole regions within it may live for ever, as it does.
    let (_, regions, _) = unsafe { memory.align_to_mut::<Region>() };
    Ok(regions)
}

fn allocate_info() -> Result<&'static mut MaybeUninit<BootInfo>, LoadError> {
    let memory = firmware::allocate(size_of::<BootInfo>() as u64, "the boot information")?;
    // SAFETY: uninitialised memory may hold anything, and a page is aligned for every type.
    let (_, infos, _) = unsafe { memory.align_to_mut::<MaybeUninit<BootInfo>>() };
    infos
        .first_mut()
        .ok_or(LoadError::OutOfMemory("the boot information"))
}
