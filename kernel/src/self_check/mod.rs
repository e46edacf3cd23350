//! Checks of what has just been initialised. A failure is a defect of the kernel and ends in a panic
//! that names it.
//!
//! Those in this file take microseconds, and every boot makes them. Those in the other files are made
//! if the command line says `self-test`: every function of the machine that the system sees, one file a
//! subject.

mod clock;
mod hal;
mod interrupts;
mod memory;
mod timers;
mod values;

use alloc::{boxed::Box, vec::Vec};
use stele_bootinfo::{BootInfo, Region};
use stele_hal::{Cpu, Time};
use stele_paging::{Access, Backing, MapError};

use crate::{
    machine::Machine,
    mm::{
        address_space::Memory,
        frames::{FRAME_SIZE, FrameAllocator, FrameError},
    },
};

/// Somewhere in the upper half where nothing is ever mapped.
const SCRATCH: u64 = 0xFFFF_F000_0000_0000;

/// A frame can be had, given back, and not given back twice.
pub fn frames(frames: &mut FrameAllocator<'_>) {
    let before = frames.statistics();
    let frame = frames.allocate(1, FRAME_SIZE);
    let Ok(frame) = frame else {
        panic!("no frame can be had: {frame:?}")
    };
    assert_eq!(frames.free(frame, 1), Ok(()));
    assert_eq!(frames.free(frame, 1), Err(FrameError::AlreadyFree(frame)));
    assert_eq!(frames.statistics(), before);
}

/// A page can be mapped, written through, protected and unmapped, and the live tables agree.
pub fn mapping(memory: &mut Memory) {
    let frame = memory.frames.allocate(1, FRAME_SIZE);
    let Ok(frame) = frame else {
        panic!("no frame can be had: {frame:?}")
    };
    let mut map = |access| memory.map(SCRATCH, frame, FRAME_SIZE, access, Backing::Memory);
    assert_eq!(map(Access::ReadWrite), Ok(()));
    assert_eq!(
        map(Access::ReadWrite),
        Err(MapError::AlreadyMapped(SCRATCH))
    );
    let through_page = core::ptr::with_exposed_provenance_mut::<u64>(SCRATCH as usize);
    let through_map = crate::mm::address_space::direct::<u64>(frame);
    // SAFETY: the frame is ours and mapped at both addresses; nobody else refers to it.
    let seen = unsafe {
        through_page.write_volatile(SCRATCH);
        through_map.read_volatile()
    };
    assert_eq!(seen, SCRATCH, "a mapped page does not lead to its frame");
    assert_eq!(memory.protect(SCRATCH, FRAME_SIZE, Access::Read), Ok(()));
    assert_eq!(
        memory
            .translate(SCRATCH)
            .and_then(|translation| translation.access),
        Some(Access::Read)
    );
    assert_eq!(memory.unmap(SCRATCH, FRAME_SIZE), Ok(()));
    assert_eq!(
        memory.unmap(SCRATCH, FRAME_SIZE),
        Err(MapError::NotMapped(SCRATCH))
    );
    assert_eq!(memory.frames.free(frame, 1), Ok(()));
}

/// The heap holds several things at once and keeps them apart.
pub fn heap() {
    let numbers: Vec<Box<u64>> = (0..64).map(Box::new).collect();
    let sum: u64 = numbers.iter().map(|number| **number).sum();
    assert_eq!(sum, 63 * 64 / 2, "the heap mixes up what it holds");
}

/// Everything that takes longer than a boot should: made if the command line says `self-test`.
pub fn thorough(machine: &mut Machine, info: &BootInfo, regions: &[Region]) {
    memory::check(machine, info, regions);
    hal::check(machine);
    interrupts::check(machine);
    clock::check(machine);
    timers::check(machine);
    values::check(machine.core);
}

/// Sleeps until `done`, which interrupts bring about.
fn wait_until(machine: &mut Machine, what: &str, done: impl Fn() -> bool) {
    const PATIENCE_NS: u64 = 30_000_000_000;
    let start = machine.now_ns();
    while !done() {
        let waited = machine.now_ns() - start;
        assert!(waited < PATIENCE_NS, "{what} did not come in 30 s");
        machine.wait_for_interrupt();
    }
}
