//! A stack beside that of the cells: of values, or of floats. Each is a block of its own, which
//! holds nothing else; there is none before the first item, and then it doubles on demand, up to
//! [`MAX_ITEMS`]. A place above the top may hold anything: it is never read before it is written
//! again.

use core::ptr;

use crate::Trap;
use crate::control_block::ControlBlock;
use crate::dispatch::Core;
use crate::machine::Machine;
use stele_memory::Block;

/// Items that such a stack may hold (1 MiB).
pub(crate) const MAX_ITEMS: usize = 1 << 17;

/// Items that the first block has room for.
const FIRST_ITEMS: usize = 32;

/// Where a core finds the stack.
#[repr(C)]
pub(crate) struct SideStack<T> {
    /// Its first place.
    pub(crate) bottom: *mut T,
    /// Where the next item goes; the top lies below it.
    pub(crate) top: *mut T,
    /// One past the last place of its block.
    pub(crate) end: *mut T,
}

impl<T> SideStack<T> {
    /// Of a core that is attached to nothing.
    pub(crate) const NONE: Self = Self {
        bottom: ptr::null_mut(),
        top: ptr::null_mut(),
        end: ptr::null_mut(),
    };

    /// Items on it.
    ///
    /// # Safety
    /// The core is attached to an instance.
    #[inline]
    pub(crate) unsafe fn depth(&self) -> usize {
        // SAFETY: both point into the stack's block or to its end.
        unsafe { self.top.offset_from(self.bottom).cast_unsigned() }
    }

    /// Places above its top.
    ///
    /// # Safety
    /// As for [`SideStack::depth`].
    #[inline]
    pub(crate) unsafe fn free(&self) -> usize {
        // SAFETY: both point into the stack's block or to its end.
        unsafe { self.end.offset_from(self.top).cast_unsigned() }
    }

    /// The place `below` the top, which is number 0; `None` if there are fewer items.
    ///
    /// # Safety
    /// As for [`SideStack::depth`].
    pub(crate) unsafe fn place(&self, below: usize) -> Option<*mut T> {
        // SAFETY: there are more items than `below`, so the place is in the block.
        unsafe { (below < self.depth()).then(|| self.top.sub(below + 1)) }
    }
}

/// What such a stack is made of: one word, of which any bits are one.
pub(crate) trait Item: Sized {
    /// What the arena is told its block is for.
    const NAME: &'static str;
    /// What goes wrong if there are too many.
    const OVERFLOW: Trap;
    /// What takes the place of an item that is no longer there.
    const NOTHING: Self;

    /// Their stack.
    fn stack(core: &mut Core) -> &mut SideStack<Self>;

    /// Its block.
    fn block(control: &mut ControlBlock) -> &mut Block;
}

/// Sees to it that `room` more items fit.
///
/// # Errors
/// As [`grow`].
pub(crate) fn ensure<T: Item>(machine: &mut Machine<'_, '_>, room: usize) -> Result<(), Trap> {
    // SAFETY: a machine's core is attached.
    if room <= unsafe { T::stack(machine.core).free() } {
        Ok(())
    } else {
        grow::<T>(machine, room)
    }
}

/// Moves the items to a block with room for `room` more.
///
/// # Errors
/// [`Item::OVERFLOW`] if they would be more than [`MAX_ITEMS`]; [`Trap::OUT_OF_MEMORY`].
pub(crate) fn grow<T: Item>(machine: &mut Machine<'_, '_>, room: usize) -> Result<(), Trap> {
    // SAFETY: a machine's core is attached.
    let depth = unsafe { T::stack(machine.core).depth() };
    let wanted = depth.saturating_add(room);
    if wanted > MAX_ITEMS {
        return Err(T::OVERFLOW);
    }
    let places = wanted.next_power_of_two().max(FIRST_ITEMS);
    let new = machine
        .arena
        .allocate_sealed((places * size_of::<T>()) as u64, T::NAME)
        .map_err(|_| Trap::OUT_OF_MEMORY)?;
    let from = T::stack(machine.core).bottom;
    let old = core::mem::replace(T::block(machine.block_mut()), new);
    map::<T>(machine, depth);
    if old != Block::NONE {
        // SAFETY: two blocks of the arena, both at least as long as what is copied; the old one was
        // this instance's alone, and nothing points into it any more.
        unsafe {
            T::stack(machine.core)
                .bottom
                .copy_from_nonoverlapping(from, depth);
            let _ = machine.arena.free_sealed(old);
        }
    }
    Ok(())
}

/// Points the core at the stack, with `depth` items on it.
pub(crate) fn map<T: Item>(machine: &mut Machine<'_, '_>, depth: usize) {
    let block = *T::block(machine.block_mut());
    let places = block.size as usize / size_of::<T>();
    let base = machine.core.base;
    // SAFETY: the stack is a block of the arena, with at least that many places; none, with no
    // places, is at its base.
    unsafe {
        let bottom: *mut T = base.add(block.offset as usize).cast();
        *T::stack(machine.core) = SideStack {
            bottom,
            top: bottom.add(depth),
            end: bottom.add(places),
        };
    }
}

/// Makes the stack as deep as it was when a handler's record was put: [`Item::NOTHING`] takes the
/// place of items that are no longer there.
///
/// # Safety
/// The stack's block has `depth` places.
pub(crate) unsafe fn restore<T: Item>(machine: &mut Machine<'_, '_>, depth: usize) {
    let stack = T::stack(machine.core);
    // SAFETY: the caller's promise: all places up to `depth` are in the block.
    unsafe {
        for missing in stack.depth()..depth {
            stack.bottom.add(missing).write(T::NOTHING);
        }
        stack.top = stack.bottom.add(depth);
    }
}
