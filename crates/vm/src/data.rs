//! Data space: the one place where a program changes bytes in place, and it is the program's alone.
//!
//! One block, empty at birth, addressed from [`START`]; it moves as a whole when it grows, which a
//! program cannot see. Primitives come in here; the instructions have their own checks.

use crate::Trap;
use crate::dispatch::DATA_START;
use crate::machine::Machine;

/// Lowest valid address.
pub const START: i64 = DATA_START as i64;

/// Bytes a data space may grow to unless its maker says otherwise.
pub const DEFAULT_LIMIT: u64 = 16 << 20;

/// Bytes that lie ready above what a program has allotted, as far as the limit leaves them: many
/// programs write a little beyond what they have allotted.
pub const SLACK: u64 = 2048;

impl Machine<'_, '_> {
    /// Bytes of data space.
    #[must_use]
    pub fn data_length(&self) -> u64 {
        self.block().data_length
    }

    /// Bytes the data space may grow to.
    #[must_use]
    pub fn data_limit(&self) -> u64 {
        self.block().data_limit
    }

    /// Grows the data space so that everything below `address`, and [`SLACK`] above it as far as the
    /// limit leaves that, is valid.
    ///
    /// # Errors
    /// [`Trap::DICTIONARY_OVERFLOW`] beyond the limit; [`Trap::OUT_OF_MEMORY`].
    pub fn grow_data(&mut self, address: i64) -> Result<(), Trap> {
        let end = address
            .checked_sub(START)
            .and_then(|end| u64::try_from(end).ok());
        let limit = self.block().data_limit;
        let end = end
            .filter(|end| *end <= limit)
            .ok_or(Trap::DICTIONARY_OVERFLOW)?;
        let wanted = end.saturating_add(SLACK).min(limit);
        if wanted <= self.block().data_length {
            return Ok(());
        }
        let length = wanted.next_power_of_two().min(limit);
        let old = self.block().data;
        let old_length = self.block().data_length as usize;
        let new = self
            .arena
            .allocate_sealed(length, "data space")
            .map_err(|_| Trap::OUT_OF_MEMORY)?;
        let base = self.arena.base().as_ptr();
        // SAFETY: two blocks of the arena; the new one is the longer.
        unsafe {
            base.add(new.offset as usize)
                .copy_from_nonoverlapping(base.add(old.offset as usize), old_length);
        }
        if old.size != 0 {
            // SAFETY: the old block was this instance's alone, and `map_data` below drops the last
            // pointer into it.
            let _ = unsafe { self.arena.free_sealed(old) };
        }
        let block = self.block_mut();
        block.data = new;
        block.data_length = length;
        block.data_writable = length;
        self.map_data();
        Ok(())
    }

    /// The `length` bytes at `address`.
    ///
    /// # Errors
    /// [`Trap::INVALID_ADDRESS`] unless all of them lie in data space.
    pub fn bytes(&self, address: i64, length: i64) -> Result<&[u8], Trap> {
        let (start, length) = self.range(address, length)?;
        // SAFETY: the range lies inside the data space's block, which nothing else refers to while
        // the machine is borrowed.
        Ok(unsafe { core::slice::from_raw_parts(self.data_pointer(start), length) })
    }

    /// The `length` bytes at `address`, to be changed.
    ///
    /// # Errors
    /// As [`Machine::bytes`].
    pub fn bytes_mut(&mut self, address: i64, length: i64) -> Result<&mut [u8], Trap> {
        let (start, length) = self.range(address, length)?;
        if self.block().data_writable != self.block().data_length {
            return Err(Trap::READ_ONLY);
        }
        // SAFETY: as in `bytes`, and the machine is borrowed exclusively.
        Ok(unsafe { core::slice::from_raw_parts_mut(self.data_pointer(start), length) })
    }

    /// Copies `length` bytes within data space, whatever their overlap.
    ///
    /// # Errors
    /// As [`Machine::bytes`], for either range.
    pub fn copy_bytes(&mut self, from: i64, to: i64, length: i64) -> Result<(), Trap> {
        self.range(from, length)?;
        let target = self.bytes_mut(to, length)?.as_mut_ptr();
        let (start, length) = self.range(from, length)?;
        // SAFETY: both ranges lie in data space; `copy` allows overlap.
        unsafe { target.copy_from(self.data_pointer(start), length) };
        Ok(())
    }

    /// The cell at `address`.
    ///
    /// # Errors
    /// As [`Machine::bytes`].
    pub fn cell(&self, address: i64) -> Result<i64, Trap> {
        let bytes = self.bytes(address, 8)?;
        bytes
            .try_into()
            .map(i64::from_le_bytes)
            .map_err(|_| Trap::INVALID_ADDRESS)
    }

    /// Stores a cell at `address`.
    ///
    /// # Errors
    /// As [`Machine::bytes`].
    pub fn set_cell(&mut self, address: i64, cell: i64) -> Result<(), Trap> {
        self.bytes_mut(address, 8)?
            .copy_from_slice(&cell.to_le_bytes());
        Ok(())
    }

    /// Offset and length of a range that lies in data space.
    fn range(&self, address: i64, length: i64) -> Result<(usize, usize), Trap> {
        let bad = Trap::INVALID_ADDRESS;
        if length == 0 {
            return Ok((0, 0));
        }
        let start = address
            .checked_sub(START)
            .and_then(|start| u64::try_from(start).ok())
            .ok_or(bad)?;
        let length = u64::try_from(length).map_err(|_| bad)?;
        let end = start.checked_add(length).ok_or(bad)?;
        if end > self.block().data_length {
            return Err(bad);
        }
        Ok((
            usize::try_from(start).map_err(|_| bad)?,
            usize::try_from(length).map_err(|_| bad)?,
        ))
    }

    fn data_pointer(&self, start: usize) -> *mut u8 {
        self.core
            .base
            .wrapping_add(self.block().data.offset as usize)
            .wrapping_add(start)
    }
}
