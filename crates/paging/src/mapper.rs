//! Walking and changing one tree of tables.

use core::marker::PhantomData;

use crate::{Access, Backing, ENTRIES, Entry, Format, PAGE_SIZE, PageSize, TableMemory};

/// A tree of page tables, by its root.
#[derive(Debug)]
pub struct Mapper<F, M> {
    root: u64,
    largest: PageSize,
    memory: M,
    format: PhantomData<F>,
}

/// Why a change was refused. Nothing has been changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// A virtual address, physical address or length is not a multiple of 4 KiB, or the length is
    /// zero; carries the offending number.
    Misaligned(u64),
    /// The range runs past the end of the address space, or crosses its unusable middle; carries
    /// the first virtual address.
    OutOfRange(u64),
    /// This virtual address is mapped already.
    AlreadyMapped(u64),
    /// Nothing is mapped at this virtual address.
    NotMapped(u64),
    /// The range would cut the large page that holds this virtual address.
    PartOfLargePage(u64),
    /// No memory for another table.
    OutOfTables,
}

/// What a virtual address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The physical address.
    pub physical: u64,
    /// Size of the page that holds it.
    pub size: PageSize,
    /// Rights; `None` if writable and executable at once, which this crate never writes.
    pub access: Option<Access>,
    /// What is behind it.
    pub backing: Backing,
}

/// Where an address's walk ended.
struct Slot {
    table: u64,
    index: usize,
    /// Size of a page at this level; `None` at the root.
    size: Option<PageSize>,
    entry: Entry,
}

impl Slot {
    /// Bytes of address space that the slot stands for.
    const fn bytes(&self) -> u64 {
        match self.size {
            Some(size) => size.bytes(),
            None => PAGE_SIZE << 27,
        }
    }
}

impl<F: Format, M: TableMemory> Mapper<F, M> {
    /// The tree whose root table is at physical address `root`, using pages up to `largest`.
    pub const fn new(root: u64, largest: PageSize, memory: M) -> Self {
        Self {
            root,
            largest,
            memory,
            format: PhantomData,
        }
    }

    /// Physical address of the root table.
    pub const fn root(&self) -> u64 {
        self.root
    }

    /// The memory that the tables live in.
    pub const fn memory(&mut self) -> &mut M {
        &mut self.memory
    }

    /// Maps `length` bytes at `virtual_start` to those at `physical_start`, with the largest pages
    /// that fit.
    ///
    /// # Errors
    /// Misaligned or impossible ranges, any part mapped already, no memory for tables.
    pub fn map(
        &mut self,
        virtual_start: u64,
        physical_start: u64,
        length: u64,
        access: Access,
        backing: Backing,
    ) -> Result<(), MapError> {
        check_range(virtual_start, length)?;
        check_aligned(physical_start)?;
        if physical_start
            .checked_add(length)
            .is_none_or(|end| end > 1 << 52)
        {
            return Err(MapError::OutOfRange(physical_start));
        }
        self.check_unmapped(virtual_start, length)?;
        let mut done = 0;
        while done < length {
            let (from, to) = (virtual_start + done, physical_start + done);
            // A table that stands here already, emptied by an earlier unmap, limits the page's size.
            let fits = self.walk(from).size.unwrap_or(PageSize::Huge);
            let size = self.page_for(from | to, length - done).min(fits);
            if let Err(error) = self.map_page(from, to, size, access, backing) {
                if done > 0 {
                    self.unmap(virtual_start, done)?;
                }
                return Err(error);
            }
            done += size.bytes();
        }
        Ok(())
    }

    /// Removes the mapping of `length` bytes at `virtual_start`.
    ///
    /// # Errors
    /// Misaligned or impossible ranges, any part not mapped, a cut through a large page.
    pub fn unmap(&mut self, virtual_start: u64, length: u64) -> Result<(), MapError> {
        self.change(virtual_start, length, |_, _, _| 0)
    }

    /// Changes the rights of `length` mapped bytes at `virtual_start`.
    ///
    /// # Errors
    /// Misaligned or impossible ranges, any part not mapped, a cut through a large page.
    pub fn protect(
        &mut self,
        virtual_start: u64,
        length: u64,
        access: Access,
    ) -> Result<(), MapError> {
        self.change(virtual_start, length, |frame, size, backing| {
            F::page(frame, size, access, backing)
        })
    }

    /// What `address` leads to, or nothing if it is not mapped.
    pub fn translate(&self, address: u64) -> Option<Translation> {
        if !is_canonical(address) {
            return None;
        }
        let slot = self.walk(address);
        match (slot.entry, slot.size) {
            (
                Entry::Page {
                    frame,
                    access,
                    backing,
                },
                Some(size),
            ) => Some(Translation {
                physical: frame | (address & (size.bytes() - 1)),
                size,
                access,
                backing,
            }),
            _ => None,
        }
    }

    /// Removes everything below the middle of the address space and gives back its tables.
    pub fn clear_lower_half(&mut self) {
        for index in 0..ENTRIES / 2 {
            if let Entry::Table(table) = F::decode(self.memory.read(self.root, index), None) {
                self.memory.write(self.root, index, 0);
                self.release_tree(table, PageSize::Huge);
            }
        }
    }

    /// Calls `visit` with the virtual address and translation of every page in the tree.
    pub fn for_each_page(&self, visit: &mut impl FnMut(u64, Translation)) {
        let mut address = 0;
        loop {
            let slot = self.walk(address);
            if let (
                Entry::Page {
                    frame,
                    access,
                    backing,
                },
                Some(size),
            ) = (slot.entry, slot.size)
            {
                visit(
                    address,
                    Translation {
                        physical: frame,
                        size,
                        access,
                        backing,
                    },
                );
            }
            match next_canonical(address, slot.bytes()) {
                Some(next) => address = next,
                None => return,
            }
        }
    }

    fn release_tree(&mut self, table: u64, size: PageSize) {
        let below = match size {
            PageSize::Huge => Some(PageSize::Large),
            PageSize::Large => Some(PageSize::Small),
            PageSize::Small => None,
        };
        if let Some(below) = below {
            for index in 0..ENTRIES {
                let entry = F::decode(self.memory.read(table, index), Some(size));
                if let Entry::Table(next) = entry {
                    self.release_tree(next, below);
                }
            }
        }
        self.memory.release(table);
    }

    fn check_unmapped(&self, start: u64, length: u64) -> Result<(), MapError> {
        let mut done = 0;
        while done < length {
            let address = start + done;
            let slot = self.walk(address);
            if let Entry::Page { .. } = slot.entry {
                return Err(MapError::AlreadyMapped(address));
            }
            done += slot.bytes() - (address & (slot.bytes() - 1));
        }
        Ok(())
    }

    /// Rewrites every page of a range, after checking that all of it is there.
    fn change(
        &mut self,
        start: u64,
        length: u64,
        entry: impl Fn(u64, PageSize, Backing) -> u64,
    ) -> Result<(), MapError> {
        check_range(start, length)?;
        let mut done = 0;
        while done < length {
            done += self.whole_page(start + done, length - done)?.0.bytes();
        }
        done = 0;
        while done < length {
            let (size, slot) = self.whole_page(start + done, length - done)?;
            if let Entry::Page { frame, backing, .. } = slot.entry {
                self.memory
                    .write(slot.table, slot.index, entry(frame, size, backing));
            }
            done += size.bytes();
        }
        Ok(())
    }

    /// The page that starts at `address` and is no longer than `length`.
    fn whole_page(&self, address: u64, length: u64) -> Result<(PageSize, Slot), MapError> {
        let slot = self.walk(address);
        match (slot.entry, slot.size) {
            (Entry::Page { .. }, Some(size)) => {
                if address & (size.bytes() - 1) != 0 || size.bytes() > length {
                    return Err(MapError::PartOfLargePage(address));
                }
                Ok((size, slot))
            }
            _ => Err(MapError::NotMapped(address)),
        }
    }

    fn map_page(
        &mut self,
        virtual_start: u64,
        frame: u64,
        size: PageSize,
        access: Access,
        backing: Backing,
    ) -> Result<(), MapError> {
        loop {
            let slot = self.walk(virtual_start);
            if slot.size == Some(size) {
                let page = F::page(frame, size, access, backing);
                self.memory.write(slot.table, slot.index, page);
                return Ok(());
            }
            let table = self.memory.allocate().ok_or(MapError::OutOfTables)?;
            self.memory.write(slot.table, slot.index, F::table(table));
        }
    }

    /// The largest page allowed whose size divides `alignment` and is at most `length`.
    fn page_for(&self, alignment: u64, length: u64) -> PageSize {
        [PageSize::Huge, PageSize::Large]
            .into_iter()
            .find(|size| {
                *size <= self.largest
                    && alignment & (size.bytes() - 1) == 0
                    && size.bytes() <= length
            })
            .unwrap_or(PageSize::Small)
    }

    fn walk(&self, address: u64) -> Slot {
        const LEVELS: [(u32, Option<PageSize>); 4] = [
            (39, None),
            (30, Some(PageSize::Huge)),
            (21, Some(PageSize::Large)),
            (12, Some(PageSize::Small)),
        ];
        let mut table = self.root;
        let mut slot = Slot {
            table,
            index: 0,
            size: None,
            entry: Entry::Empty,
        };
        for (shift, size) in LEVELS {
            let index = (address >> shift) as usize % ENTRIES;
            let entry = F::decode(self.memory.read(table, index), size);
            slot = Slot {
                table,
                index,
                size,
                entry,
            };
            match entry {
                Entry::Table(next) => table = next,
                Entry::Empty | Entry::Page { .. } => break,
            }
        }
        slot
    }
}

/// Bit 47 is repeated in all bits above it (48-bit virtual addresses).
const fn is_canonical(address: u64) -> bool {
    let top = address >> 47;
    top == 0 || top == 0x1_FFFF
}

const fn check_aligned(number: u64) -> Result<(), MapError> {
    if number.is_multiple_of(PAGE_SIZE) {
        Ok(())
    } else {
        Err(MapError::Misaligned(number))
    }
}

fn check_range(start: u64, length: u64) -> Result<(), MapError> {
    check_aligned(start)?;
    check_aligned(length)?;
    if length == 0 {
        return Err(MapError::Misaligned(length));
    }
    let last = start
        .checked_add(length - 1)
        .ok_or(MapError::OutOfRange(start))?;
    if is_canonical(start) && is_canonical(last) && (start >> 63 == last >> 63) {
        Ok(())
    } else {
        Err(MapError::OutOfRange(start))
    }
}

/// The first usable address of the next slot of `bytes` bytes.
const fn next_canonical(address: u64, bytes: u64) -> Option<u64> {
    const LOWER_END: u64 = 1 << 47;
    const UPPER_START: u64 = !(LOWER_END - 1);
    match (address & !(bytes - 1)).checked_add(bytes) {
        Some(next) if next >= LOWER_END && next < UPPER_START => Some(UPPER_START),
        other => other,
    }
}
