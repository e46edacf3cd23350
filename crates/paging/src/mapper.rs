//! Walking and changing one tree of tables.

use core::{fmt, marker::PhantomData};

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

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misaligned(number) => write!(f, "{number:#x} is not a multiple of the page size"),
            Self::OutOfRange(address) => {
                write!(
                    f,
                    "the range from {address:#x} on is not one of usable addresses"
                )
            }
            Self::AlreadyMapped(address) => write!(f, "{address:#x} is mapped already"),
            Self::NotMapped(address) => write!(f, "nothing is mapped at {address:#x}"),
            Self::PartOfLargePage(address) => {
                write!(f, "the range cuts the large page that holds {address:#x}")
            }
            Self::OutOfTables => f.write_str("there is no memory for another page table"),
        }
    }
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
        slot_bytes(self.size)
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

    /// Replaces the large page that holds `address` by pages of the next smaller size, which map the
    /// same memory with the same rights; a smallest page stays as it is.
    ///
    /// The page is not mapped for a moment, as arm64 asks (Arm ARM, D8.16.1, "break-before-make"):
    /// `forget` then removes its translation, by the page's first address, from the processor's
    /// cache. So nothing may use the page meanwhile, least of all the tables themselves.
    ///
    /// # Errors
    /// Nothing is mapped there, or no memory for the table; nothing has changed then.
    pub fn split(&mut self, address: u64, forget: impl FnOnce(u64)) -> Result<(), MapError> {
        if !is_canonical(address) {
            return Err(MapError::OutOfRange(address));
        }
        let slot = self.walk(address);
        let (
            Some(size),
            Entry::Page {
                frame,
                access,
                backing,
            },
        ) = (slot.size, slot.entry)
        else {
            return Err(MapError::NotMapped(address));
        };
        let (Some(smaller), false) = (below(Some(size)), size == PageSize::Small) else {
            return Ok(());
        };
        // This crate writes no page without an access, so what has none was not mapped by it.
        let access = access.ok_or(MapError::NotMapped(address))?;
        let table = self.memory.allocate().ok_or(MapError::OutOfTables)?;
        for index in 0..ENTRIES {
            let part = frame + index as u64 * smaller.bytes();
            self.memory
                .write(table, index, F::page(part, smaller, access, backing));
        }
        self.memory.write(slot.table, slot.index, 0);
        forget(address & !(size.bytes() - 1));
        self.memory.write(slot.table, slot.index, F::table(table));
        Ok(())
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

    /// Calls `visit` with the virtual address and translation of every page in the tree, in order.
    pub fn for_each_page(&self, visit: &mut impl FnMut(u64, Translation)) {
        self.visit_table(self.root, 0, None, visit);
    }

    fn visit_table(
        &self,
        table: u64,
        start: u64,
        size: Option<PageSize>,
        visit: &mut impl FnMut(u64, Translation),
    ) {
        for index in 0..ENTRIES {
            let address = canonical(start + index as u64 * slot_bytes(size));
            match (F::decode(self.memory.read(table, index), size), size) {
                (Entry::Table(next), _) => self.visit_table(next, address, below(size), visit),
                (
                    Entry::Page {
                        frame,
                        access,
                        backing,
                    },
                    Some(size),
                ) => {
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
                _ => {}
            }
        }
    }

    fn release_tree(&mut self, table: u64, size: PageSize) {
        if size != PageSize::Small {
            for index in 0..ENTRIES {
                let entry = F::decode(self.memory.read(table, index), Some(size));
                if let (Entry::Table(next), Some(below)) = (entry, below(Some(size))) {
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

/// Bytes of address space that an entry stands for, in a table of pages of this size; `None` is the
/// root.
const fn slot_bytes(size: Option<PageSize>) -> u64 {
    match size {
        Some(size) => size.bytes(),
        None => PAGE_SIZE << 27,
    }
}

/// Size of the pages in the tables one level down.
const fn below(size: Option<PageSize>) -> Option<PageSize> {
    match size {
        None => Some(PageSize::Huge),
        Some(PageSize::Huge) => Some(PageSize::Large),
        Some(PageSize::Large | PageSize::Small) => Some(PageSize::Small),
    }
}

/// The address with bit 47 repeated in all bits above it.
const fn canonical(address: u64) -> u64 {
    ((address << 16).cast_signed() >> 16).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Aarch64, X86_64};

    /// Tables in a host's memory, of which there are only so many.
    #[derive(Default)]
    struct Tables {
        tables: BTreeMap<u64, [u64; ENTRIES]>,
        left: u64,
        next: u64,
    }

    impl TableMemory for Tables {
        fn read(&self, table: u64, index: usize) -> u64 {
            self.tables[&table][index]
        }

        fn write(&mut self, table: u64, index: usize, entry: u64) {
            self.tables.get_mut(&table).unwrap()[index] = entry;
        }

        fn allocate(&mut self) -> Option<u64> {
            self.left = self.left.checked_sub(1)?;
            self.next += PAGE_SIZE;
            self.tables.insert(self.next, [0; ENTRIES]);
            Some(self.next)
        }

        fn release(&mut self, table: u64) {
            self.tables.remove(&table).unwrap();
            self.left += 1;
        }
    }

    fn mapper<F: Format>(tables: u64, largest: PageSize) -> Mapper<F, Tables> {
        let mut memory = Tables {
            left: tables + 1,
            ..Tables::default()
        };
        let root = memory.allocate().unwrap();
        Mapper::new(root, largest, memory)
    }

    fn roomy() -> Mapper<X86_64, Tables> {
        mapper(1000, PageSize::Huge)
    }

    const UPPER: u64 = 0xFFFF_8000_0000_0000;
    const LARGE: u64 = PageSize::Large.bytes();
    const HUGE: u64 = PageSize::Huge.bytes();
    const DATA: Access = Access::ReadWrite;
    const RAM: Backing = Backing::Memory;

    fn everything_maps_back<F: Format>() {
        let mut mapper = mapper::<F>(1000, PageSize::Huge);
        let length = 2 * HUGE + LARGE + 3 * PAGE_SIZE;
        mapper.map(UPPER + HUGE, HUGE, length, DATA, RAM).unwrap();
        for offset in [0, 1, HUGE + 5, 2 * HUGE, 2 * HUGE + LARGE + 7, length - 1] {
            let found = mapper.translate(UPPER + HUGE + offset).unwrap();
            assert_eq!(found.physical, HUGE + offset);
            assert_eq!(found.access, Some(DATA));
        }
        assert_eq!(mapper.translate(UPPER + HUGE - 1), None);
        assert_eq!(mapper.translate(UPPER + HUGE + length), None);
        assert_eq!(mapper.translate(UPPER + HUGE).unwrap().size, PageSize::Huge);
        assert_eq!(
            mapper.translate(UPPER + 3 * HUGE).unwrap().size,
            PageSize::Large
        );
    }

    #[test]
    fn what_is_mapped_is_found_and_nothing_else() {
        everything_maps_back::<X86_64>();
        everything_maps_back::<Aarch64>();
    }

    #[test]
    fn pages_are_as_large_as_alignment_length_and_limit_allow() {
        let size_at = |largest, physical, length| {
            let mut mapper = mapper::<X86_64>(1000, largest);
            mapper.map(UPPER, physical, length, DATA, RAM).unwrap();
            mapper.translate(UPPER).unwrap().size
        };
        assert_eq!(size_at(PageSize::Huge, 0, HUGE), PageSize::Huge);
        assert_eq!(size_at(PageSize::Large, 0, HUGE), PageSize::Large);
        assert_eq!(size_at(PageSize::Small, 0, LARGE), PageSize::Small);
        assert_eq!(size_at(PageSize::Huge, PAGE_SIZE, LARGE), PageSize::Small);
        assert_eq!(
            size_at(PageSize::Huge, 0, LARGE - PAGE_SIZE),
            PageSize::Small
        );
    }

    #[test]
    fn mapping_twice_is_refused_and_changes_nothing() {
        let mut mapper = roomy();
        mapper.map(UPPER + LARGE, 0, PAGE_SIZE, DATA, RAM).unwrap();
        let twice = mapper.map(UPPER, HUGE, 2 * LARGE, Access::Read, RAM);
        assert_eq!(twice, Err(MapError::AlreadyMapped(UPPER + LARGE)));
        assert_eq!(mapper.translate(UPPER), None);
        assert_eq!(mapper.translate(UPPER + LARGE).unwrap().access, Some(DATA));
    }

    #[test]
    fn unmapping_nothing_is_refused_and_changes_nothing() {
        let mut mapper = roomy();
        mapper.map(UPPER, 0, PAGE_SIZE, DATA, RAM).unwrap();
        let hole = mapper.unmap(UPPER, 2 * PAGE_SIZE);
        assert_eq!(hole, Err(MapError::NotMapped(UPPER + PAGE_SIZE)));
        assert!(mapper.translate(UPPER).is_some());
        mapper.unmap(UPPER, PAGE_SIZE).unwrap();
        assert_eq!(
            mapper.unmap(UPPER, PAGE_SIZE),
            Err(MapError::NotMapped(UPPER))
        );
    }

    #[test]
    fn a_large_page_is_not_cut() {
        let mut mapper = roomy();
        mapper.map(UPPER, 0, LARGE, DATA, RAM).unwrap();
        let head = mapper.unmap(UPPER, PAGE_SIZE);
        assert_eq!(head, Err(MapError::PartOfLargePage(UPPER)));
        let tail = mapper.protect(UPPER + PAGE_SIZE, LARGE - PAGE_SIZE, Access::Read);
        assert_eq!(tail, Err(MapError::PartOfLargePage(UPPER + PAGE_SIZE)));
        mapper.unmap(UPPER, LARGE).unwrap();
        assert_eq!(mapper.translate(UPPER), None);
    }

    fn a_split_page_is_cut<F: Format>() {
        let mut mapper = mapper::<F>(1000, PageSize::Huge);
        mapper.map(UPPER, HUGE, HUGE, DATA, RAM).unwrap();
        let mut forgotten = Vec::new();
        for _ in 0..2 {
            mapper
                .split(UPPER + 5, |address| forgotten.push(address))
                .unwrap();
        }
        assert_eq!(forgotten, [UPPER, UPPER]);
        let sizes = |at| mapper.translate(at).map(|found| found.size);
        assert_eq!(sizes(UPPER), Some(PageSize::Small));
        assert_eq!(sizes(UPPER + LARGE), Some(PageSize::Large));
        for offset in [0, 1, PAGE_SIZE, LARGE - 1, LARGE, HUGE - 1] {
            let found = mapper.translate(UPPER + offset).unwrap();
            assert_eq!(found.physical, HUGE + offset);
            assert_eq!((found.access, found.backing), (Some(DATA), RAM));
        }
        mapper.split(UPPER, |_| panic!("small already")).unwrap();
        mapper.unmap(UPPER + PAGE_SIZE, PAGE_SIZE).unwrap();
        mapper
            .protect(UPPER + 2 * PAGE_SIZE, PAGE_SIZE, Access::Read)
            .unwrap();
        assert!(mapper.translate(UPPER).is_some());
        assert_eq!(mapper.translate(UPPER + PAGE_SIZE), None);
        let read = mapper.translate(UPPER + 2 * PAGE_SIZE).unwrap();
        assert_eq!(read.access, Some(Access::Read));
    }

    #[test]
    fn a_large_page_is_cut_once_it_is_split() {
        a_split_page_is_cut::<X86_64>();
        a_split_page_is_cut::<Aarch64>();
    }

    #[test]
    fn what_cannot_be_split_stays_as_it_is() {
        let mut mapper = mapper::<X86_64>(2, PageSize::Large);
        mapper.map(UPPER, 0, LARGE, DATA, RAM).unwrap();
        let whole = mapper.translate(UPPER);
        let mut split = |at| mapper.split(at, |_| panic!("nothing is to be forgotten"));
        assert_eq!(split(UPPER), Err(MapError::OutOfTables));
        assert_eq!(
            split(UPPER + LARGE),
            Err(MapError::NotMapped(UPPER + LARGE))
        );
        assert_eq!(split(1 << 47), Err(MapError::OutOfRange(1 << 47)));
        assert_eq!(mapper.translate(UPPER), whole);
    }

    #[test]
    fn an_emptied_table_is_used_again_for_small_pages() {
        let mut mapper = roomy();
        mapper.map(UPPER, 0, PAGE_SIZE, DATA, RAM).unwrap();
        mapper.unmap(UPPER, PAGE_SIZE).unwrap();
        mapper.map(UPPER, LARGE, LARGE, DATA, RAM).unwrap();
        let last = mapper.translate(UPPER + LARGE - 1).unwrap();
        assert_eq!((last.physical, last.size), (2 * LARGE - 1, PageSize::Small));
    }

    #[test]
    fn protecting_changes_rights_alone() {
        let mut mapper = roomy();
        mapper
            .map(UPPER, HUGE, 2 * PAGE_SIZE, DATA, Backing::Device)
            .unwrap();
        mapper.protect(UPPER, PAGE_SIZE, Access::Read).unwrap();
        let found = mapper.translate(UPPER).unwrap();
        assert_eq!((found.physical, found.access), (HUGE, Some(Access::Read)));
        assert_eq!(found.backing, Backing::Device);
        assert_eq!(
            mapper.translate(UPPER + PAGE_SIZE).unwrap().access,
            Some(DATA)
        );
    }

    #[test]
    fn without_memory_for_tables_nothing_is_left_behind() {
        for tables in 0..4 {
            let mut mapper = mapper::<X86_64>(tables, PageSize::Small);
            // Two pages on either side of a boundary between tables: four tables in all.
            let start = UPPER + LARGE - PAGE_SIZE;
            let result = mapper.map(start, 0, 2 * PAGE_SIZE, DATA, RAM);
            assert_eq!(result, Err(MapError::OutOfTables), "{tables} tables");
            assert_eq!(mapper.translate(start), None);
        }
        let mut mapper = mapper::<X86_64>(4, PageSize::Small);
        mapper
            .map(UPPER + LARGE - PAGE_SIZE, 0, 2 * PAGE_SIZE, DATA, RAM)
            .unwrap();
    }

    #[test]
    fn impossible_ranges_are_refused() {
        let mut mapper = roomy();
        let mut map = |at, to, length| mapper.map(at, to, length, DATA, RAM);
        assert_eq!(
            map(UPPER + 1, 0, PAGE_SIZE),
            Err(MapError::Misaligned(UPPER + 1))
        );
        assert_eq!(map(UPPER, 1, PAGE_SIZE), Err(MapError::Misaligned(1)));
        assert_eq!(map(UPPER, 0, 0), Err(MapError::Misaligned(0)));
        assert_eq!(map(UPPER, 0, 5), Err(MapError::Misaligned(5)));
        let hole = 1 << 47;
        assert_eq!(map(hole, 0, PAGE_SIZE), Err(MapError::OutOfRange(hole)));
        let below = hole - PAGE_SIZE;
        assert_eq!(
            map(below, 0, 2 * PAGE_SIZE),
            Err(MapError::OutOfRange(below))
        );
        let last = u64::MAX - PAGE_SIZE + 1;
        assert_eq!(map(last, 0, 2 * PAGE_SIZE), Err(MapError::OutOfRange(last)));
        let beyond = 1 << 52;
        assert_eq!(
            map(UPPER, beyond, PAGE_SIZE),
            Err(MapError::OutOfRange(beyond))
        );
        assert_eq!(map(last, 0, PAGE_SIZE), Ok(()));
        assert_eq!(map(below, 0, PAGE_SIZE), Ok(()));
    }

    #[test]
    fn clearing_the_lower_half_gives_its_tables_back() {
        let mut mapper = roomy();
        let before = mapper.memory().left;
        mapper
            .map(0x1000, 0x1000, PAGE_SIZE, Access::ReadExecute, RAM)
            .unwrap();
        mapper.map(HUGE, HUGE, HUGE, DATA, RAM).unwrap();
        assert!(mapper.memory().left < before);
        mapper.clear_lower_half();
        assert_eq!(mapper.memory().left, before);
        mapper.map(UPPER, 0, PAGE_SIZE, DATA, RAM).unwrap();
        mapper.clear_lower_half();
        assert!(mapper.translate(UPPER).is_some());
        assert_eq!(mapper.translate(0x1000), None);
    }

    #[test]
    fn every_page_is_visited_once() {
        let mut mapper = roomy();
        mapper
            .map(0x5000, 0x5000, PAGE_SIZE, Access::Read, RAM)
            .unwrap();
        mapper.map(UPPER, 0, LARGE + PAGE_SIZE, DATA, RAM).unwrap();
        let last = u64::MAX - PAGE_SIZE + 1;
        mapper.map(last, HUGE, PAGE_SIZE, DATA, RAM).unwrap();
        let mut seen = Vec::new();
        mapper.for_each_page(&mut |page, found| seen.push((page, found.physical)));
        assert_eq!(
            seen,
            [
                (0x5000, 0x5000),
                (UPPER, 0),
                (UPPER + LARGE, LARGE),
                (last, HUGE)
            ]
        );
    }
}
