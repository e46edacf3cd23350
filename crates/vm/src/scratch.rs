//! Tables for the time of one operation, in a block of the arena.

use core::slice;
use stele_bytecode::analysis::Slot;
use stele_memory::{Arena, OutOfMemory};

/// What a table may be made of.
///
/// # Safety
/// Every bit pattern is a valid value, zeroes among them; the alignment is at most 8 bytes.
pub(crate) unsafe trait Plain: Copy {}

// SAFETY: a number.
unsafe impl Plain for u32 {}
// SAFETY: `repr(C)`, made of numbers.
unsafe impl Plain for Slot {}

/// Lends `work` a table of `count` zeroed entries; the memory is free again afterwards.
///
/// # Errors
/// If the arena has no room for it; `work` has not run then.
pub(crate) fn with_table<'r, T: Plain, R>(
    arena: &mut Arena<'r>,
    count: usize,
    what: &'static str,
    work: impl FnOnce(&mut Arena<'r>, &mut [T]) -> R,
) -> Result<R, OutOfMemory> {
    let bytes = (count.max(1) * size_of::<T>()) as u64;
    let block = arena.allocate_sealed(bytes, what)?;
    // SAFETY: the block is new and zeroed, aligned to 256 bytes and large enough. It is sealed and
    // nobody else knows of it, so the arena, which `work` also gets, neither writes nor frees it.
    let table = unsafe {
        let start = arena.base().as_ptr().add(block.offset as usize);
        slice::from_raw_parts_mut(start.cast::<T>(), count)
    };
    let result = work(arena, table);
    // SAFETY: the table's borrow has ended.
    let freed = unsafe { arena.free_sealed(block) };
    debug_assert!(freed.is_ok(), "the block was allocated above");
    Ok(result)
}
