//! Memory, console and processor as the system sees them.

use core::hint;

use stele_hal::{Console, Cpu, Memory, MemoryError, Rights};

use crate::{console::note, machine::Machine};

/// Somewhere in the upper half where nothing is ever mapped.
const NOWHERE: u64 = 0xFFFF_F000_0010_0000;

pub(super) fn check(machine: &mut Machine) {
    let before = machine.statistics();
    let page = machine.page_size();
    heap(machine);
    pages(machine, page);
    mappings(machine, page);
    let mut after = machine.statistics();
    // Page tables that were made for the mapping stay.
    assert!(before.frames_free - after.frames_free <= 3 * page);
    (after.frames_free, after.frames_longest) = (before.frames_free, before.frames_longest);
    assert_eq!(after, before);

    assert!(!machine.has_input());
    assert!(machine.id() != u32::MAX);
    assert_eq!(machine.count(), 1);
    machine.relax();
    note(
        machine.core,
        format_args!(
            "self-test: memory, console and processor {} do what docs/HAL.md says",
            machine.id()
        ),
    );
}

fn heap(machine: &mut Machine) {
    assert_eq!(machine.allocate(0), Err(MemoryError::NothingAsked));
    let much = usize::MAX / 4;
    // Unseen, the compiler may leave an allocation out that nobody uses, and with it the refusal.
    assert!(matches!(
        hint::black_box(machine.allocate(much)),
        Err(MemoryError::Exhausted { asked, .. }) if asked == much as u64
    ));
    for bytes in [1, 15, 16, 4097] {
        let allocation = match machine.allocate(bytes) {
            Ok(allocation) => allocation,
            Err(error) => panic!("no heap: {error}"),
        };
        assert_eq!(allocation.bytes, bytes);
        assert!(allocation.start.addr().get().is_multiple_of(16));
        for offset in 0..bytes {
            // SAFETY: the allocation has that many bytes and is ours.
            unsafe {
                let byte = allocation.start.add(offset);
                assert_eq!(byte.read(), 0, "the heap gives memory that is not zeroed");
                byte.write(0xAA);
            }
        }
        machine.free(allocation);
    }
}

fn pages(machine: &mut Machine, page: u64) {
    let aligned = 512 * page;
    for count in [1, 3] {
        let start = match machine.allocate_pages(count, aligned) {
            Ok(start) => start,
            Err(error) => panic!("no pages: {error}"),
        };
        assert!(start.is_multiple_of(aligned));
        assert_eq!(machine.free_pages(start, count), Ok(()));
        assert_eq!(
            machine.free_pages(start, count),
            Err(MemoryError::NotAllocated(start))
        );
        assert_eq!(
            machine.free_pages(start + 1, count),
            Err(MemoryError::Misaligned(start + 1))
        );
    }
    assert_eq!(
        machine.allocate_pages(0, page),
        Err(MemoryError::NothingAsked)
    );
    for bad in [0, 1, page / 2, 3 * page] {
        assert_eq!(
            machine.allocate_pages(1, bad),
            Err(MemoryError::Misaligned(bad))
        );
    }
    assert!(matches!(
        machine.allocate_pages(1 << 40, page),
        Err(MemoryError::Exhausted { .. })
    ));
    // The first frame is nobody's.
    assert_eq!(machine.free_pages(0, 1), Err(MemoryError::NotAllocated(0)));
}

fn mappings(machine: &mut Machine, page: u64) {
    let frame = match machine.allocate_pages(1, page) {
        Ok(frame) => frame,
        Err(error) => panic!("no pages: {error}"),
    };
    let rights = Rights::ReadWrite;
    assert_eq!(
        machine.map(NOWHERE + 1, frame, page, rights),
        Err(MemoryError::Misaligned(NOWHERE + 1))
    );
    assert_eq!(machine.map(NOWHERE, frame, page, rights), Ok(()));
    assert_eq!(
        machine.map(NOWHERE, frame, page, rights),
        Err(MemoryError::AlreadyMapped(NOWHERE))
    );
    assert_eq!(machine.unmap(NOWHERE, page), Ok(()));
    assert_eq!(
        machine.unmap(NOWHERE, page),
        Err(MemoryError::NotMapped(NOWHERE))
    );
    assert_eq!(machine.free_pages(frame, 1), Ok(()));
}
