//! Frames, page tables, large pages, and the heap.

use alloc::vec::Vec;

use stele_bootinfo::{
    BOOT_STACK_BOTTOM, BOOT_STACK_SIZE, BootInfo, Bytes, PHYSICAL_MAP, Region, RegionKind,
};
use stele_hal::{Memory as _, MemoryError};
use stele_paging::{Access, Backing, MapError, PageSize};

use crate::{
    console::note,
    machine::Machine,
    mm::{
        address_space::{Memory, direct},
        frames::{FRAME_SIZE, FrameError},
    },
    per_core::PerCore,
};

/// Somewhere in the upper half where nothing is ever mapped, and where no table is left from a
/// mapping of small pages either.
const SCRATCH: u64 = 0xFFFF_F100_0000_0000;

pub(super) fn check(machine: &mut Machine, info: &BootInfo, regions: &[Region]) {
    let (core, memory) = (machine.core, &mut machine.memory);
    frames(core, memory, info, regions);
    large_page(core, memory);
    // Once more, now that all devices are mapped.
    match memory.check() {
        Ok(census) => note(
            core,
            format_args!("self-test: no page to be written and executed among {census}"),
        ),
        Err(error) => panic!("the address space is not as it must be: {error}"),
    }
    heap(machine);
}

/// All frames can be had; none of them is anybody else's; then it is said that there are no more,
/// not even for page tables; all can be given back, once.
fn frames(core: &PerCore, memory: &mut Memory, info: &BootInfo, regions: &[Region]) {
    let before = memory.frames.statistics();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    loop {
        let longest = memory.frames.statistics().longest;
        if longest == 0 {
            break;
        }
        // One more than there is in a piece cannot be had, and nothing is changed by asking.
        let refused = memory.frames.allocate(longest + 1, FRAME_SIZE);
        assert!(
            matches!(refused, Err(FrameError::Exhausted { asked, .. }) if asked == longest + 1)
        );
        match memory.frames.allocate(longest, FRAME_SIZE) {
            Ok(start) => runs.push((start, longest)),
            Err(error) => panic!("the longest run of frames cannot be had: {error}"),
        }
    }
    let all: u64 = runs.iter().map(|(_, count)| count).sum();
    assert_eq!(all, before.free, "not every free frame can be had");
    for (owner, bytes) in occupied(memory, info, regions) {
        let Bytes { address, length } = bytes;
        for (start, count) in &runs {
            let apart = start + count * FRAME_SIZE <= address || address + length <= *start;
            assert!(apart, "frames of {owner} at {address:#x} were handed out");
        }
        let freed = memory.frames.free(address / FRAME_SIZE * FRAME_SIZE, 1);
        let refused = matches!(
            freed,
            Err(FrameError::Reserved(_) | FrameError::OutOfRange(_))
        );
        assert!(refused, "{owner} at {address:#x} was given back: {freed:?}");
    }
    assert_eq!(
        memory.frames.allocate(1, FRAME_SIZE),
        Err(FrameError::Exhausted {
            asked: 1,
            alignment: FRAME_SIZE,
            free: 0,
            longest: 0
        })
    );
    let (rights, backing) = (Access::ReadWrite, Backing::Memory);
    assert_eq!(
        memory.map(SCRATCH, 0, FRAME_SIZE, rights, backing),
        Err(MapError::OutOfTables)
    );
    for (start, count) in &runs {
        assert_eq!(memory.frames.free(*start, *count), Ok(()));
        let again = memory.frames.free(*start, *count);
        assert_eq!(again, Err(FrameError::AlreadyFree(*start)));
    }
    assert_eq!(memory.frames.statistics(), before);
    let count = runs.len();
    note(
        core,
        format_args!(
            "self-test: all {all} free frames handed out in {count} runs, none of them reserved; \
             then no more; all given back, once"
        ),
    );
}

/// Memory that is somebody's: what the firmware keeps, and what the loader left for the kernel. (Not
/// all regions of the latter kind: the loader's tables for the lower half have become free.)
fn occupied(
    memory: &mut Memory,
    info: &BootInfo,
    regions: &[Region],
) -> Vec<(&'static str, Bytes)> {
    let bytes = |address, length| Bytes { address, length };
    let kept = regions.iter().filter_map(|region| {
        let owner = match region.kind {
            RegionKind::Usable | RegionKind::Kernel => return None,
            RegionKind::AcpiTables => "the ACPI tables",
            RegionKind::Reserved => "the firmware",
            RegionKind::Device => "a device",
            RegionKind::FirmwareData => "the firmware's data",
        };
        Some((owner, bytes(region.start, region.length)))
    });
    let stack = memory.translate(BOOT_STACK_BOTTOM);
    let left = [
        ("the kernel", info.kernel),
        ("the kernel file", info.kernel_file),
        ("the command line", info.command_line),
        ("the boot source", info.boot_source),
        ("the list of regions", bytes(info.regions, FRAME_SIZE)),
        ("the page tables", bytes(info.page_table_root, FRAME_SIZE)),
        (
            "the screen",
            bytes(info.framebuffer.address, info.framebuffer.size),
        ),
        (
            "the boot stack",
            bytes(stack.map_or(0, |page| page.physical), BOOT_STACK_SIZE),
        ),
        ("the ACPI root pointer", bytes(info.rsdp, 20)),
    ];
    let there = left
        .into_iter()
        .filter(|(_, bytes)| bytes.address != 0 && bytes.length != 0);
    kept.chain(there).collect()
}

/// 2 MiB in one page: mapped, split, cut, and gone.
fn large_page(core: &PerCore, memory: &mut Memory) {
    const LARGE: u64 = PageSize::Large.bytes();
    const FRAMES: u64 = LARGE / FRAME_SIZE;
    let run = match memory.frames.allocate(FRAMES, LARGE) {
        Ok(run) => run,
        Err(error) => panic!("there is no frame for a large page: {error}"),
    };
    let (rights, backing) = (Access::ReadWrite, Backing::Memory);
    assert_eq!(memory.map(SCRATCH, run, LARGE, rights, backing), Ok(()));
    let page = memory.translate(SCRATCH + LARGE - 1);
    assert_eq!(page.map(|page| page.size), Some(PageSize::Large));
    for offset in [0, LARGE / 2, LARGE - 8] {
        exchange(run, offset);
    }
    let middle = SCRATCH + LARGE / 2;
    assert_eq!(
        memory.unmap(middle, FRAME_SIZE),
        Err(MapError::PartOfLargePage(middle))
    );
    assert_eq!(memory.split(middle), Ok(()));
    assert_eq!(memory.unmap(middle, FRAME_SIZE), Ok(()));
    assert_eq!(memory.translate(middle), None);
    let next = middle + FRAME_SIZE;
    assert_eq!(memory.protect(next, FRAME_SIZE, Access::Read), Ok(()));
    for offset in [0, LARGE / 2 - 8, LARGE / 2 + 2 * FRAME_SIZE, LARGE - 8] {
        exchange(run, offset);
    }
    assert_eq!(memory.unmap(SCRATCH, LARGE / 2), Ok(()));
    assert_eq!(memory.unmap(next, LARGE / 2 - FRAME_SIZE), Ok(()));
    assert_eq!(memory.translate(SCRATCH), None);
    assert_eq!(memory.frames.free(run, FRAMES), Ok(()));
    assert_eq!(
        memory.split(PHYSICAL_MAP + run),
        Err(MapError::PartOfLargePage(PHYSICAL_MAP + run))
    );
    note(
        core,
        format_args!("self-test: a page of 2 MiB mapped, split, cut and unmapped"),
    );
}

/// What is written at `offset` from [`SCRATCH`] is read at the same offset from frame `run`.
fn exchange(run: u64, offset: u64) {
    let page = core::ptr::with_exposed_provenance_mut::<u64>((SCRATCH + offset) as usize);
    // SAFETY: the caller has mapped the frames at both addresses, they are its own, and nobody else
    // refers to them; the offsets are multiples of 8.
    let seen = unsafe {
        page.write_volatile(offset ^ SCRATCH);
        direct::<u64>(run + offset).read_volatile()
    };
    assert_eq!(
        seen,
        offset ^ SCRATCH,
        "a mapped page does not lead to its frame"
    );
}

/// The heap takes more memory when its first is used up, and says when there is no more.
fn heap(machine: &mut Machine) {
    const MORE: usize = 3 << 20;
    let before = machine.statistics();
    let allocation = match machine.allocate(MORE) {
        Ok(allocation) => allocation,
        Err(error) => panic!("the heap does not grow: {error}"),
    };
    let grown = machine.statistics();
    machine.free(allocation);
    let after = machine.statistics();
    assert!(grown.heap >= before.heap + MORE as u64);
    assert_eq!(after.heap, grown.heap);
    assert!(after.heap_free >= grown.heap_free + MORE as u64);
    let impossible = after.frames as usize;
    let refused = machine.allocate(impossible);
    assert!(
        matches!(refused, Err(MemoryError::Exhausted { asked, .. }) if asked == impossible as u64),
        "{refused:?}"
    );
    assert_eq!(machine.statistics(), after);
    note(
        machine.core,
        format_args!(
            "self-test: the heap grew from {} to {} KiB; more than there is was refused",
            before.heap / 1024,
            after.heap / 1024
        ),
    );
}
