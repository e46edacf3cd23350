//! Memory: the kernel's heap, frames, page tables.

use alloc::alloc::{alloc_zeroed, dealloc};
use core::{alloc::Layout, ptr::NonNull};

use stele_hal::{Allocation, Memory as MemoryTrait, MemoryError, Rights, Statistics};
use stele_paging::{Access, Backing, MapError};

use super::Machine;
use crate::mm::{
    frames::{FRAME_SIZE, FrameError},
    heap,
};

/// Alignment of what comes from the heap, in bytes.
const ALIGNMENT: usize = 16;

impl MemoryTrait for Machine {
    fn allocate(&mut self, bytes: usize) -> Result<Allocation, MemoryError> {
        if bytes == 0 {
            return Err(MemoryError::NothingAsked);
        }
        let Ok(layout) = Layout::from_size_align(bytes, ALIGNMENT) else {
            return Err(self.heap_exhausted(bytes));
        };
        // SAFETY: the layout is not of size zero.
        let allocate = || NonNull::new(unsafe { alloc_zeroed(layout) });
        let start = match allocate() {
            Some(start) => Some(start),
            None => match heap::grow(&mut self.memory, bytes as u64) {
                Ok(()) => allocate(),
                Err(_) => None,
            },
        };
        match start {
            Some(start) => Ok(Allocation { start, bytes }),
            None => Err(self.heap_exhausted(bytes)),
        }
    }

    fn free(&mut self, allocation: Allocation) {
        let Allocation { start, bytes } = allocation;
        if let Ok(layout) = Layout::from_size_align(bytes, ALIGNMENT) {
            // SAFETY: `allocate` made it with this layout, and whoever gives it back cannot have it
            // any more.
            unsafe { dealloc(start.as_ptr(), layout) };
        }
    }

    fn allocate_pages(&mut self, count: u64, alignment: u64) -> Result<u64, MemoryError> {
        self.memory
            .frames
            .allocate(count, alignment)
            .map_err(of_frames)
    }

    fn free_pages(&mut self, physical: u64, count: u64) -> Result<(), MemoryError> {
        self.memory.frames.free(physical, count).map_err(of_frames)
    }

    fn map(
        &mut self,
        virtual_start: u64,
        physical_start: u64,
        bytes: u64,
        rights: Rights,
    ) -> Result<(), MemoryError> {
        let access = match rights {
            Rights::Read => Access::Read,
            Rights::ReadWrite => Access::ReadWrite,
            Rights::ReadExecute => Access::ReadExecute,
        };
        self.memory
            .map(
                virtual_start,
                physical_start,
                bytes,
                access,
                Backing::Memory,
            )
            .map_err(|error| self.of_mapping(error))
    }

    fn unmap(&mut self, virtual_start: u64, bytes: u64) -> Result<(), MemoryError> {
        self.memory
            .unmap(virtual_start, bytes)
            .map_err(|error| self.of_mapping(error))
    }

    fn page_size(&self) -> u64 {
        FRAME_SIZE
    }

    fn statistics(&self) -> Statistics {
        let frames = self.memory.frames.statistics();
        let heap = heap::statistics();
        Statistics {
            frames: frames.usable * FRAME_SIZE,
            frames_free: frames.free * FRAME_SIZE,
            frames_longest: frames.longest * FRAME_SIZE,
            heap: heap.size,
            heap_free: heap.free,
        }
    }
}

impl Machine {
    /// The heap has no room for so many bytes, and neither have the frames.
    fn heap_exhausted(&self, bytes: usize) -> MemoryError {
        let frames = self.memory.frames.statistics();
        MemoryError::Exhausted {
            asked: bytes as u64,
            free: heap::statistics().free + frames.free * FRAME_SIZE,
            longest: frames.longest * FRAME_SIZE,
        }
    }

    fn of_mapping(&self, error: MapError) -> MemoryError {
        match error {
            MapError::Misaligned(number) => MemoryError::Misaligned(number),
            MapError::OutOfRange(address) => MemoryError::OutOfRange(address),
            MapError::AlreadyMapped(address) => MemoryError::AlreadyMapped(address),
            // What cuts a large page is not mapped as a piece of its own.
            MapError::NotMapped(address) | MapError::PartOfLargePage(address) => {
                MemoryError::NotMapped(address)
            }
            MapError::OutOfTables => {
                let frames = self.memory.frames.statistics();
                MemoryError::Exhausted {
                    asked: FRAME_SIZE,
                    free: frames.free * FRAME_SIZE,
                    longest: frames.longest * FRAME_SIZE,
                }
            }
        }
    }
}

fn of_frames(error: FrameError) -> MemoryError {
    match error {
        FrameError::NoFrames => MemoryError::NothingAsked,
        FrameError::BadAlignment(number) | FrameError::Misaligned(number) => {
            MemoryError::Misaligned(number)
        }
        FrameError::Exhausted {
            asked,
            free,
            longest,
            ..
        } => MemoryError::Exhausted {
            asked: asked.saturating_mul(FRAME_SIZE),
            free: free * FRAME_SIZE,
            longest: longest * FRAME_SIZE,
        },
        FrameError::OutOfRange(address)
        | FrameError::AlreadyFree(address)
        | FrameError::Reserved(address)
        | FrameError::NotFree(address)
        | FrameError::NotReserved(address) => MemoryError::NotAllocated(address),
    }
}
