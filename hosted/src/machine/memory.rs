//! Memory of the machine's side: the heap and the pages that Linux gives. Page tables are Linux's own.
//!
//! A page's physical address is here where the program has it.

use std::collections::BTreeMap;
use std::ptr::NonNull;

use memmap2::MmapMut;
use rustix::param::page_size;
use rustix::system::sysinfo;
use stele_hal::{Allocation, Memory, MemoryError, Rights, Statistics};

use super::LinuxMachine;

/// Everything handed out.
#[derive(Default)]
pub(super) struct HandedOut {
    /// By address. The element type gives the alignment that is promised.
    heap: BTreeMap<usize, Vec<u128>>,
    /// By the address of the first page.
    runs: BTreeMap<u64, Run>,
}

/// Pages handed out together.
struct Run {
    /// They lie somewhere in it, aligned as asked; it is unmapped when the last of them comes back.
    _mapping: MmapMut,
    /// Whether each is handed out still.
    pages: Vec<bool>,
}

impl Memory for LinuxMachine {
    fn allocate(&mut self, bytes: usize) -> Result<Allocation, MemoryError> {
        if bytes == 0 {
            return Err(MemoryError::NothingAsked);
        }
        let words = bytes.div_ceil(size_of::<u128>());
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(words)
            .map_err(|_| exhausted(bytes as u64))?;
        memory.resize(words, 0_u128);
        // Moving the vector moves none of its elements.
        let start = NonNull::from(memory.as_mut_slice()).cast();
        self.handed_out.heap.insert(start.addr().get(), memory);
        Ok(Allocation { start, bytes })
    }

    fn free(&mut self, allocation: Allocation) {
        self.handed_out.heap.remove(&allocation.start.addr().get());
    }

    fn allocate_pages(&mut self, count: u64, alignment: u64) -> Result<u64, MemoryError> {
        let page = self.page_size();
        if count == 0 {
            return Err(MemoryError::NothingAsked);
        }
        if !alignment.is_power_of_two() || alignment < page {
            return Err(MemoryError::Misaligned(alignment));
        }
        let asked = count.saturating_mul(page);
        let length = asked
            .checked_add(alignment - page)
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(|| exhausted(asked))?;
        let mapping = MmapMut::map_anon(length).map_err(|_| exhausted(asked))?;
        let start = (mapping.as_ptr().expose_provenance() as u64).next_multiple_of(alignment);
        let pages = vec![true; usize::try_from(count).map_err(|_| exhausted(asked))?];
        let run = Run {
            _mapping: mapping,
            pages,
        };
        self.handed_out.runs.insert(start, run);
        Ok(start)
    }

    fn free_pages(&mut self, physical: u64, count: u64) -> Result<(), MemoryError> {
        let page = self.page_size();
        if count == 0 {
            return Err(MemoryError::NothingAsked);
        }
        if !physical.is_multiple_of(page) {
            return Err(MemoryError::Misaligned(physical));
        }
        let missing = MemoryError::NotAllocated;
        let runs = &mut self.handed_out.runs;
        let (start, run) = runs
            .range_mut(..=physical)
            .next_back()
            .ok_or(missing(physical))?;
        let start = *start;
        let mut number = (physical - start) / page;
        for given in 0..count {
            let index = usize::try_from(number + given).ok();
            let allocated = index.and_then(|index| run.pages.get(index).copied());
            if allocated != Some(true) {
                return Err(missing(physical + given * page));
            }
        }
        for _ in 0..count {
            if let Some(allocated) = usize::try_from(number)
                .ok()
                .and_then(|index| run.pages.get_mut(index))
            {
                *allocated = false;
            }
            number += 1;
        }
        if !run.pages.contains(&true) {
            runs.remove(&start);
        }
        Ok(())
    }

    fn map(&mut self, _: u64, _: u64, _: u64, _: Rights) -> Result<(), MemoryError> {
        Err(MemoryError::Unsupported)
    }

    fn unmap(&mut self, _: u64, _: u64) -> Result<(), MemoryError> {
        Err(MemoryError::Unsupported)
    }

    fn page_size(&self) -> u64 {
        page_size() as u64
    }

    /// Frames are the computer's; the heap is what was handed out of it, and so full.
    fn statistics(&self) -> Statistics {
        let (frames, frames_free) = computer();
        let words = self.handed_out.heap.values().map(Vec::len).sum::<usize>();
        Statistics {
            frames,
            frames_free,
            frames_longest: frames_free,
            heap: (words * size_of::<u128>()) as u64,
            heap_free: 0,
        }
    }
}

/// Memory of the computer, and what is free of it, in bytes.
fn computer() -> (u64, u64) {
    let info = sysinfo();
    let unit = u64::from(info.mem_unit);
    (
        info.totalram.saturating_mul(unit),
        info.freeram.saturating_mul(unit),
    )
}

fn exhausted(asked: u64) -> MemoryError {
    let (_, free) = computer();
    MemoryError::Exhausted {
        asked,
        free,
        longest: free,
    }
}

#[cfg(test)]
mod tests {
    use stele_hal::{Memory, MemoryError, Rights};

    use super::super::tests::machine;

    #[test]
    fn the_heap_gives_aligned_bytes_and_takes_them_back() {
        let mut machine = machine();
        assert_eq!(machine.allocate(0), Err(MemoryError::NothingAsked));
        let a = machine.allocate(1).expect("there is memory");
        let b = machine.allocate(4097).expect("there is memory");
        assert_eq!((a.bytes, b.bytes), (1, 4097));
        for allocation in [&a, &b] {
            assert!(allocation.start.addr().get().is_multiple_of(16));
        }
        assert_eq!(machine.statistics().heap, 16 + 4112);
        machine.free(a);
        machine.free(b);
        assert_eq!(machine.statistics().heap, 0);
    }

    #[test]
    fn what_is_too_much_is_refused_with_what_there_is() {
        let mut machine = machine();
        let much = usize::MAX / 4;
        match machine.allocate(much) {
            Err(MemoryError::Exhausted { asked, free, .. }) => {
                assert_eq!(asked, much as u64);
                assert!(free > 0);
            }
            other => panic!("{other:?}"),
        }
        let page = machine.page_size();
        assert!(matches!(
            machine.allocate_pages(u64::MAX / page, page),
            Err(MemoryError::Exhausted { .. })
        ));
        assert!(matches!(
            machine.allocate_pages(u64::MAX, page),
            Err(MemoryError::Exhausted { .. })
        ));
    }

    #[test]
    fn pages_are_aligned_and_come_back_once_in_any_pieces() {
        let mut machine = machine();
        let page = machine.page_size();
        let start = machine
            .allocate_pages(4, 512 * page)
            .expect("there is memory");
        assert!(start.is_multiple_of(512 * page));
        assert_eq!(machine.free_pages(start + page, 2), Ok(()));
        let again = machine.free_pages(start, 2);
        assert_eq!(again, Err(MemoryError::NotAllocated(start + page)));
        assert_eq!(machine.free_pages(start, 1), Ok(()));
        assert_eq!(machine.free_pages(start + 3 * page, 1), Ok(()));
        assert_eq!(
            machine.free_pages(start, 1),
            Err(MemoryError::NotAllocated(start))
        );
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let mut machine = machine();
        let page = machine.page_size();
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
        assert_eq!(machine.free_pages(1, 1), Err(MemoryError::Misaligned(1)));
        assert_eq!(
            machine.free_pages(page, 1),
            Err(MemoryError::NotAllocated(page))
        );
        assert_eq!(machine.free_pages(page, 0), Err(MemoryError::NothingAsked));
    }

    #[test]
    fn page_tables_are_not_to_be_had() {
        let mut machine = machine();
        let page = machine.page_size();
        assert_eq!(
            machine.map(page, page, page, Rights::Read),
            Err(MemoryError::Unsupported)
        );
        assert_eq!(machine.unmap(page, page), Err(MemoryError::Unsupported));
    }
}
