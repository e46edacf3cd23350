//! The stacks: one segment for both, data cells upwards from its start, return cells downwards from
//! its end, so that one comparison tells whether there is room for a function's use of either.
//!
//! The segment is small at birth and doubles when a function asks for more room than is left. The
//! lowest cell is never a program's: it takes the top-of-stack register when the stack is empty.

use crate::Trap;
use crate::machine::Machine;

/// Cells that both stacks together may hold, the cell that belongs to neither included (1 MiB).
pub const MAX_CELLS: usize = 1 << 17;

/// Cells that QUIT leaves free: room for whoever takes over from it.
pub const RESERVE: usize = 256;

/// Cells of a new instance's segment.
pub const FIRST_CELLS: usize = 64;

/// One past the segment's last cell: the bottom of the return stack.
pub(crate) fn end(machine: &Machine<'_, '_>) -> *mut u64 {
    let cells = machine.block().stacks.size as usize / 8;
    // SAFETY: the segment is a block of that size.
    unsafe { machine.core.stack.add(cells) }
}

/// Sees to it that `room` more cells fit.
///
/// # Errors
/// As [`grow`].
pub(crate) fn ensure(machine: &mut Machine<'_, '_>, room: usize) -> Result<(), Trap> {
    let cells = machine.block().stacks.size as usize / 8;
    let used = machine.depth() + machine.return_depth() + 1;
    if used + room <= cells {
        Ok(())
    } else {
        grow(machine, room)
    }
}

/// Moves both stacks to a segment with `room` more cells than they use.
///
/// # Errors
/// [`Trap::STACK_OVERFLOW`] or [`Trap::RETURN_STACK_OVERFLOW`], whichever stack is longer, if they
/// would pass [`MAX_CELLS`]; [`Trap::OUT_OF_MEMORY`].
pub(crate) fn grow(machine: &mut Machine<'_, '_>, room: usize) -> Result<(), Trap> {
    machine.spill();
    let (depth, return_depth) = (machine.depth(), machine.return_depth());
    let wanted = depth + return_depth + 1 + room;
    if wanted > MAX_CELLS {
        let data_is_longer = depth >= return_depth;
        return Err(if data_is_longer {
            Trap::STACK_OVERFLOW
        } else {
            Trap::RETURN_STACK_OVERFLOW
        });
    }
    let cells = wanted.next_power_of_two();
    let old = machine.block().stacks;
    let new = machine
        .arena
        .allocate_sealed(cells as u64 * 8, "stacks")
        .map_err(|_| Trap::OUT_OF_MEMORY)?;
    let from = machine.core.stack;
    let from_return = machine.core.registers.rp;
    machine.block_mut().stacks = new;
    machine.map_stacks();
    // SAFETY: two blocks of the arena, both longer than what is copied at either end.
    unsafe {
        machine.core.stack.copy_from_nonoverlapping(from, depth + 1);
        machine.core.registers.sp = machine.core.stack.add(depth);
        machine.core.registers.rp = end(machine).sub(return_depth);
        machine
            .core
            .registers
            .rp
            .copy_from_nonoverlapping(from_return, return_depth);
    }
    machine.fill();
    // SAFETY: the old segment was this instance's alone, and nothing points into it any more.
    let _ = unsafe { machine.arena.free_sealed(old) };
    Ok(())
}

impl Machine<'_, '_> {
    /// Cells on the data stack.
    #[must_use]
    pub fn depth(&self) -> usize {
        // SAFETY: both point into the stack segment.
        unsafe {
            self.core
                .registers
                .sp
                .offset_from(self.core.stack)
                .cast_unsigned()
        }
    }

    /// Cells on the return stack.
    #[must_use]
    pub fn return_depth(&self) -> usize {
        // SAFETY: both point into the stack segment or one past it.
        unsafe {
            end(self)
                .offset_from(self.core.registers.rp)
                .cast_unsigned()
        }
    }

    /// Stores the top-of-stack register in its cell, so that all cells are in memory.
    pub(crate) fn spill(&mut self) {
        // SAFETY: there is always a cell at the stack pointer.
        unsafe { *self.core.registers.sp = self.core.registers.tos };
    }

    /// Loads the top-of-stack register from its cell.
    pub(crate) fn fill(&mut self) {
        // SAFETY: there is always a cell at the stack pointer.
        self.core.registers.tos = unsafe { *self.core.registers.sp };
    }

    /// Pushes onto a spilled stack that has room.
    pub(crate) fn push_unchecked(&mut self, cell: i64) {
        // SAFETY: the caller has seen to the room.
        unsafe {
            self.core.registers.sp = self.core.registers.sp.add(1);
            *self.core.registers.sp = cell.cast_unsigned();
        }
    }

    /// Pushes a cell; for primitives.
    ///
    /// # Errors
    /// As for growing the stacks.
    pub fn push(&mut self, cell: i64) -> Result<(), Trap> {
        self.fill();
        ensure(self, 1)?;
        self.push_unchecked(cell);
        Ok(())
    }

    /// Pops a cell; for primitives.
    ///
    /// # Errors
    /// [`Trap::STACK_UNDERFLOW`].
    pub fn pop(&mut self) -> Result<i64, Trap> {
        let cell = self.peek(0)?;
        // SAFETY: there is a cell, so the pointer stays in the segment.
        self.core.registers.sp = unsafe { self.core.registers.sp.sub(1) };
        Ok(cell)
    }

    /// The cell `below` the top, which is number 0; for primitives.
    ///
    /// # Errors
    /// [`Trap::STACK_UNDERFLOW`].
    pub fn peek(&self, below: usize) -> Result<i64, Trap> {
        if below >= self.depth() {
            return Err(Trap::STACK_UNDERFLOW);
        }
        // SAFETY: the cell is one of the stack's.
        Ok(unsafe { (*self.core.registers.sp.sub(below)).cast_signed() })
    }

    /// Replaces the cell `below` the top; for primitives.
    ///
    /// # Errors
    /// [`Trap::STACK_UNDERFLOW`].
    pub fn poke(&mut self, below: usize, cell: i64) -> Result<(), Trap> {
        if below >= self.depth() {
            return Err(Trap::STACK_UNDERFLOW);
        }
        // SAFETY: the cell is one of the stack's.
        unsafe { *self.core.registers.sp.sub(below) = cell.cast_unsigned() };
        Ok(())
    }
}
