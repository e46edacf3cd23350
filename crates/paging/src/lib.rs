//! Four-level page tables: map, unmap, protect and translate.
//!
//! The loader builds the first tables with this crate and the kernel changes them with it, on every
//! architecture: the radix tree (four levels, 512 entries each, 4 KiB at the leaves) is the same on
//! x86-64 and arm64, and only the bits of an entry differ. Those bits are a [`Format`].
//!
//! The crate touches no memory itself: the caller lends it the tables through [`TableMemory`]. It
//! never flushes a translation cache: after a change the caller does, for its own machine.
//! Memory that is writable and executable at once cannot be asked for: see [`Access`].
//!
//! Read in this order: [`Access`] and [`Entry`] (what an entry means), [`Format`] with `x86_64.rs`
//! and `aarch64.rs` (how it is written), then `mapper.rs`.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod aarch64;
mod mapper;
mod x86_64;

pub use aarch64::{Aarch64, MEMORY_ATTRIBUTES};
pub use mapper::{MapError, Mapper, Translation};
pub use x86_64::{WRITE_COMBINING, WRITE_COMBINING_ENTRY, X86_64};

/// Size of the smallest page, and of a table, in bytes.
pub const PAGE_SIZE: u64 = 4096;

/// Number of entries in a table.
pub const ENTRIES: usize = 512;

/// Size of a page, which is also the level of the table its entry stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PageSize {
    /// 4 KiB, an entry of the lowest table.
    Small,
    /// 2 MiB.
    Large,
    /// 1 GiB.
    Huge,
}

impl PageSize {
    /// Length in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Small => PAGE_SIZE,
            Self::Large => PAGE_SIZE << 9,
            Self::Huge => PAGE_SIZE << 18,
        }
    }
}

/// What code may do with a page. Reading is always allowed; writing and executing never go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Constants.
    Read,
    /// Data.
    ReadWrite,
    /// Code.
    ReadExecute,
}

impl Access {
    /// The access with these two rights, or nothing if both are asked for.
    #[must_use]
    pub const fn from_rights(write: bool, execute: bool) -> Option<Self> {
        match (write, execute) {
            (false, false) => Some(Self::Read),
            (true, false) => Some(Self::ReadWrite),
            (false, true) => Some(Self::ReadExecute),
            (true, true) => None,
        }
    }
}

/// What lies behind a page, which decides how the processor may cache it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// RAM: cached.
    Memory,
    /// Device registers: uncached, each access happens once and in order.
    Device,
    /// A device's memory that is only written, as a framebuffer: uncached, writes may be gathered
    /// and reordered.
    WriteCombining,
}

impl Backing {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Memory, Self::Device, Self::WriteCombining];
}

/// The meaning of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing is mapped.
    Empty,
    /// The next table's physical address.
    Table(u64),
    /// A page.
    Page {
        /// Physical address of its first byte.
        frame: u64,
        /// Rights. An entry that some other software made writable and executable decodes as
        /// `None`.
        access: Option<Access>,
        /// What is behind it.
        backing: Backing,
    },
}

/// How an architecture writes an entry.
pub trait Format {
    /// The entry for a page of `size` at physical address `frame`, which is aligned to `size`.
    fn page(frame: u64, size: PageSize, access: Access, backing: Backing) -> u64;

    /// The entry for a table at physical address `frame`. It restricts nothing: rights stand in the
    /// pages' entries alone.
    fn table(frame: u64) -> u64;

    /// Reads an entry. `size` is that of a page at this level; `None` at the root, where there are
    /// only tables.
    fn decode(entry: u64, size: Option<PageSize>) -> Entry;
}

/// The memory that tables live in.
pub trait TableMemory {
    /// Entry `index` (below [`ENTRIES`]) of the table at physical address `table`.
    fn read(&self, table: u64, index: usize) -> u64;

    /// Sets entry `index` of the table at physical address `table`.
    fn write(&mut self, table: u64, index: usize, entry: u64);

    /// A new table's physical address, all its entries zero; `None` when memory is exhausted.
    fn allocate(&mut self) -> Option<u64>;

    /// Gives back a table that nothing refers to any more.
    fn release(&mut self, table: u64);
}
