//! Plain data inside the arena: control blocks, tables and stacks as typed references.

use crate::arena::{Arena, Block};
use crate::tree;

/// Data that may lie anywhere in an arena as it is.
///
/// # Safety
/// The type is `repr(C)` (or transparent), made of 64-bit words only, so without padding and
/// aligned to 8 bytes; every bit pattern is a valid value; no reference, pointer or interior
/// mutability is in it.
pub unsafe trait Plain: Copy + 'static {}

// SAFETY: one word, and every bit pattern is valid.
unsafe impl Plain for u64 {}
// SAFETY: one word, and every bit pattern is valid.
unsafe impl Plain for i64 {}
// SAFETY: two words; a block is checked wherever it is used, so any values will do.
unsafe impl Plain for Block {}
// SAFETY: plain data in a row, without padding between.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

impl Arena<'_> {
    /// The `T` at `offset`, if it lies wholly inside one allocated open block and is aligned.
    #[must_use]
    pub fn get<T: Plain>(&self, offset: u64) -> Option<&T> {
        self.place_of::<T>(offset)?;
        // SAFETY: the place is aligned, inside an initialised block, and any bytes are a `T`. Safe
        // code writes it only through `&mut self`.
        Some(unsafe { &*self.core.pointer(offset).cast::<T>() })
    }

    /// The `T` at `offset` for writing, if it lies wholly inside one allocated open block and is
    /// aligned.
    #[must_use]
    pub fn get_mut<T: Plain>(&mut self, offset: u64) -> Option<&mut T> {
        self.place_of::<T>(offset)?;
        // SAFETY: as in `get`; the exclusive borrow of the arena makes this the only reference.
        Some(unsafe { &mut *self.core.pointer(offset).cast::<T>() })
    }

    fn place_of<T: Plain>(&self, offset: u64) -> Option<()> {
        const { assert!(align_of::<T>() == 8 && size_of::<T>().is_multiple_of(8)) };
        let node = self
            .core
            .find(offset)
            .filter(|node| node.state == tree::OPEN)?;
        let block = node.block();
        let room = block.offset + block.size - offset;
        (offset.is_multiple_of(8) && size_of::<T>() as u64 <= room).then_some(())
    }
}
