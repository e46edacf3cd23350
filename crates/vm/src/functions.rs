//! Functions by number: how values name code.
//!
//! A function's place differs from host to host; its number, the order of creation, does not. So
//! values that a program can see hold numbers, and this table leads from each to its function. It is
//! a sealed block of the arena with one entry of 32 bits for each function, and grows with them.

use crate::control_block::System;
use stele_memory::{Arena, Block, CodeRef, OutOfMemory};

/// Entries of the first table.
const FIRST: u64 = 64;

/// The function of that number, if there is one.
pub(crate) fn by_number(arena: &Arena<'_>, system: &System, number: u64) -> Option<CodeRef> {
    if number >= system.functions {
        return None;
    }
    let entries = arena.bytes(system.numbers)?.as_chunks::<4>().0;
    let entry = entries.get(usize::try_from(number).ok()?)?;
    Some(CodeRef(u32::from_le_bytes(*entry)))
}

/// Sees to it that the table has room for one more function.
///
/// # Errors
/// If there is none; nothing has changed then.
pub(crate) fn reserve(arena: &mut Arena<'_>, system: &mut System) -> Result<(), OutOfMemory> {
    let room = system.numbers.size / 4;
    if system.functions < room {
        return Ok(());
    }
    let bytes = FIRST.max(2 * room) * 4;
    let new = arena.allocate_sealed(bytes, "the numbers of functions")?;
    let old = core::mem::replace(&mut system.numbers, new);
    if old != Block::NONE {
        // SAFETY: two blocks of the arena, the new one longer; the old one was the table, which nobody
        // refers to but through the system.
        unsafe {
            let base = arena.base().as_ptr();
            base.add(new.offset as usize)
                .copy_from_nonoverlapping(base.add(old.offset as usize), old.size as usize);
            let _ = arena.free_sealed(old);
        }
    }
    Ok(())
}

/// Numbers the next function, for which [`reserve`] has made room.
pub(crate) fn enter(arena: &mut Arena<'_>, system: &mut System, function: CodeRef) {
    debug_assert!(system.functions < system.numbers.size / 4);
    // SAFETY: there is room for this entry in the table's block.
    unsafe {
        let table = arena.base().as_ptr().add(system.numbers.offset as usize);
        let entry = table.cast::<u32>().add(system.functions as usize);
        entry.write(function.0);
    }
    system.functions += 1;
}
