//! Memory: the heap of the machine's side, page frames, mappings.
//!
//! VM instances never allocate here; they live in an arena of frames that they get at the start.

use core::{fmt, ptr::NonNull};

/// Memory of the core this code runs on. No function may be called in interrupt context.
pub trait Memory {
    /// Zeroed bytes from the heap, aligned to 16.
    ///
    /// # Errors
    /// [`MemoryError::NothingAsked`], [`MemoryError::Exhausted`].
    fn allocate(&mut self, bytes: usize) -> Result<Allocation, MemoryError>;

    /// Gives bytes back. Taking the allocation itself, it cannot be done twice.
    fn free(&mut self, allocation: Allocation);

    /// Frames in one run, their content undefined; the physical address of the first, which is a
    /// multiple of `alignment`, a power of two of at least the page size.
    ///
    /// # Errors
    /// [`MemoryError::NothingAsked`], [`MemoryError::Misaligned`], [`MemoryError::Exhausted`].
    fn allocate_pages(&mut self, count: u64, alignment: u64) -> Result<u64, MemoryError>;

    /// Gives frames back.
    ///
    /// # Errors
    /// [`MemoryError::NotAllocated`] if any of them is free already or was never handed out.
    fn free_pages(&mut self, physical: u64, count: u64) -> Result<(), MemoryError>;

    /// Maps `bytes` of physical memory at a virtual address, all of them multiples of the page size.
    ///
    /// # Errors
    /// Something is mapped there, an address is no address or not aligned, no memory for tables, or
    /// [`MemoryError::Unsupported`].
    fn map(
        &mut self,
        virtual_start: u64,
        physical_start: u64,
        bytes: u64,
        rights: Rights,
    ) -> Result<(), MemoryError>;

    /// Unmaps.
    ///
    /// # Errors
    /// Nothing is mapped there, or as [`map`](Self::map).
    fn unmap(&mut self, virtual_start: u64, bytes: u64) -> Result<(), MemoryError>;

    /// Size of a page and of a frame in bytes.
    fn page_size(&self) -> u64;

    /// How much there is and how much of it is taken.
    fn statistics(&self) -> Statistics;
}

/// What a mapping allows. There is no right to write and execute at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
    /// Reading and executing.
    ReadExecute,
}

/// Bytes from the heap, to be given back to [`Memory::free`].
#[derive(Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The first byte.
    pub start: NonNull<u8>,
    /// How many were asked for.
    pub bytes: usize,
}

/// Use of memory, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Frames that can be handed out at all.
    pub frames: u64,
    /// Frames that are free.
    pub frames_free: u64,
    /// The longest run of free frames.
    pub frames_longest: u64,
    /// Size of the heap.
    pub heap: u64,
    /// What is free of it.
    pub heap_free: u64,
}

/// Why memory was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryError {
    /// Zero bytes or pages.
    NothingAsked,
    /// There is not that much in one piece; all in bytes.
    Exhausted {
        /// What was asked for.
        asked: u64,
        /// What is free.
        free: u64,
        /// The longest piece of it.
        longest: u64,
    },
    /// The address or alignment is not a multiple of the page size, or no power of two.
    Misaligned(u64),
    /// The frame at this address is free, or is none that is handed out.
    NotAllocated(u64),
    /// Something is mapped at this address.
    AlreadyMapped(u64),
    /// Nothing is mapped at this address.
    NotMapped(u64),
    /// No such address exists on this machine.
    OutOfRange(u64),
    /// This host has no page tables of its own.
    Unsupported,
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingAsked => f.write_str("zero bytes of memory cannot be had: ask for some"),
            Self::Exhausted {
                asked,
                free,
                longest,
            } => write!(
                f,
                "{asked} bytes of memory are asked for, {free} are free, at most {longest} in one piece"
            ),
            Self::Misaligned(value) => {
                write!(f, "{value:#x} is not aligned to pages, or no power of two")
            }
            Self::NotAllocated(address) => {
                write!(
                    f,
                    "the memory at {address:#x} is free or not to be handed out"
                )
            }
            Self::AlreadyMapped(address) => {
                write!(f, "something is mapped at {address:#x}: unmap it first")
            }
            Self::NotMapped(address) => write!(f, "nothing is mapped at {address:#x}"),
            Self::OutOfRange(address) => write!(f, "{address:#x} is no address of this machine"),
            Self::Unsupported => {
                f.write_str("this host has no page tables of its own: only the kernel maps memory")
            }
        }
    }
}

impl core::error::Error for MemoryError {}
