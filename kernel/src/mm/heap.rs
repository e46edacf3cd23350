//! The kernel heap: what `alloc` uses in the kernel itself. VM instances never allocate from it.
//!
//! It begins with [`INITIAL_SIZE`] bytes, which are enough for all that the kernel itself does, and
//! grows by [`grow`] for what [`Machine`](crate::machine::Machine) is asked for. It never shrinks.
//!
//! Interrupt handlers and the panic path must not allocate: the lock is not interrupt-safe.

use core::{
    alloc::{GlobalAlloc, Layout},
    fmt,
};

use stele_bootinfo::PHYSICAL_MAP;
use talc::{TalcLock, source::Manual};

use super::{
    address_space::{Memory, direct},
    frames::{FRAME_SIZE, FrameError},
};
use crate::context::{Act, assert_allowed};

/// Bytes that the heap begins with.
pub const INITIAL_SIZE: u64 = 1 << 20;

/// The heap. A static because `alloc` knows no other way to reach its allocator; it is empty, and
/// refuses everything, until [`init`].
#[global_allocator]
static HEAP: Heap = Heap(TalcLock::new(Manual));

/// An allocator that says so when it is used where it must not be.
struct Heap(TalcLock<spin::Mutex<()>, Manual>);

// SAFETY: hands every call on to an allocator that keeps the promises.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        assert_allowed(Act::Allocate);
        // SAFETY: the caller keeps the promises of `GlobalAlloc`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        assert_allowed(Act::Free);
        // SAFETY: as for `alloc`.
        unsafe { self.0.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        assert_allowed(Act::Allocate);
        // SAFETY: as for `alloc`.
        unsafe { self.0.realloc(start, layout, size) }
    }
}

/// Why there is no heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapError {
    /// No frames.
    Frames(FrameError),
    /// The allocator could not use the memory at this address.
    Refused(u64),
}

impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frames(error) => error.fmt(f),
            Self::Refused(address) => {
                write!(f, "the allocator cannot use the memory at {address:#x}")
            }
        }
    }
}

/// Use of the heap, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapStatistics {
    /// All of it.
    pub size: u64,
    /// What is free, in however many pieces.
    pub free: u64,
}

/// How much of the heap is used now.
pub fn statistics() -> HeapStatistics {
    let heap = HEAP.0.lock();
    let counters = heap.counters();
    HeapStatistics {
        size: counters.claimed_bytes as u64,
        free: counters.available_bytes as u64,
    }
}

/// Gives the heap its first memory.
///
/// # Errors
/// No frames, or the allocator refuses them.
pub fn init(memory: &mut Memory) -> Result<(), HeapError> {
    extend(memory, INITIAL_SIZE)
}

/// Gives the heap so much more memory that `bytes` can be had in one piece.
///
/// # Errors
/// As [`init`].
pub fn grow(memory: &mut Memory, bytes: u64) -> Result<(), HeapError> {
    // One frame more, for what the allocator writes around a piece.
    extend(memory, bytes.saturating_add(FRAME_SIZE).max(INITIAL_SIZE))
}

fn extend(memory: &mut Memory, bytes: u64) -> Result<(), HeapError> {
    let frames = bytes.div_ceil(FRAME_SIZE);
    let start = memory
        .frames
        .allocate(frames, FRAME_SIZE)
        .map_err(HeapError::Frames)?;
    let length = (frames * FRAME_SIZE) as usize;
    // SAFETY: the frames have just become ours and stay so for ever; all RAM is mapped there, and
    // nobody else writes to it.
    let claimed = unsafe { HEAP.0.lock().claim(direct(start), length) };
    claimed
        .map(|_| ())
        .ok_or(HeapError::Refused(PHYSICAL_MAP + start))
}
