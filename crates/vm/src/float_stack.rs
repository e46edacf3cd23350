//! The float stack: an instance's floats, and nothing else. Of those that are no number only the one
//! of [`crate::float`] is ever on it, so a program cannot tell hosts apart by the bits of one.

use crate::Trap;
use crate::control_block::ControlBlock;
use crate::dispatch::Core;
use crate::float::canonical;
use crate::machine::Machine;
use crate::side_stack::{self, Item, MAX_ITEMS, SideStack};
use stele_memory::Block;

/// Floats that an instance's float stack may hold (1 MiB).
pub const MAX_FLOATS: usize = MAX_ITEMS;

impl Item for f64 {
    const NAME: &'static str = "float stack";
    const OVERFLOW: Trap = Trap::FLOAT_STACK_OVERFLOW;
    const NOTHING: Self = 0.0;

    fn stack(core: &mut Core) -> &mut SideStack<Self> {
        &mut core.floats
    }

    fn block(control: &mut ControlBlock) -> &mut Block {
        &mut control.floats
    }
}

impl Machine<'_, '_> {
    /// Floats on the float stack.
    #[must_use]
    pub fn float_depth(&self) -> usize {
        // SAFETY: a machine's core is attached.
        unsafe { self.core.floats.depth() }
    }

    /// The float `below` the top, which is number 0; for primitives.
    ///
    /// # Errors
    /// [`Trap::FLOAT_STACK_UNDERFLOW`].
    pub fn peek_float(&self, below: usize) -> Result<f64, Trap> {
        // SAFETY: a machine's core is attached; the place is one of the stack's floats.
        unsafe { Ok(*self.float_place(below)?) }
    }

    /// Replaces the float `below` the top; for primitives.
    ///
    /// # Errors
    /// [`Trap::FLOAT_STACK_UNDERFLOW`].
    pub fn poke_float(&mut self, below: usize, float: f64) -> Result<(), Trap> {
        // SAFETY: as in `peek_float`; the machine is borrowed exclusively.
        unsafe { *self.float_place(below)? = canonical(float) };
        Ok(())
    }

    /// Puts a float on top; for primitives.
    ///
    /// # Errors
    /// [`Trap::FLOAT_STACK_OVERFLOW`] beyond [`MAX_FLOATS`]; [`Trap::OUT_OF_MEMORY`].
    pub fn push_float(&mut self, float: f64) -> Result<(), Trap> {
        side_stack::ensure::<f64>(self, 1)?;
        // SAFETY: there is room for one more, so the place is in the block, and the next one at its end
        // at most.
        unsafe {
            self.core.floats.top.write(canonical(float));
            self.core.floats.top = self.core.floats.top.add(1);
        }
        Ok(())
    }

    /// Takes the top float off; for primitives.
    ///
    /// # Errors
    /// [`Trap::FLOAT_STACK_UNDERFLOW`].
    pub fn pop_float(&mut self) -> Result<f64, Trap> {
        let float = self.peek_float(0)?;
        self.core.floats.top = self.float_place(0)?;
        Ok(float)
    }

    fn float_place(&self, below: usize) -> Result<*mut f64, Trap> {
        // SAFETY: a machine's core is attached.
        let place = unsafe { self.core.floats.place(below) };
        place.ok_or(Trap::FLOAT_STACK_UNDERFLOW)
    }
}
