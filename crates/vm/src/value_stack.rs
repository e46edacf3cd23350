//! The value stack: an instance's values, and nothing else, so that they are exactly its roots.
//!
//! It is a block of its own, from which the collector, given the depth, sees every value and no
//! word that is none. There is no block before the first value; then it doubles on demand. A place
//! above the top may hold anything: it is never read before it is written again.
//!
//! Values move only between the stack and the heap's sessions, or along the stack: a program can
//! neither see a value's word nor make one.

use core::slice;

use crate::Trap;
use crate::control_block::ROOTS;
use crate::machine::Machine;
use crate::values::progress::{Open, VALUE_ROOTS};
use stele_bytecode::instruction::Op;
use stele_memory::{Block, Local, NeedSpace, Root, Roots, RootsMut, Session};

/// Values that an instance's value stack may hold (1 MiB).
pub const MAX_VALUES: usize = 1 << 17;

/// Values that the first block has room for.
const FIRST_VALUES: usize = 32;

/// All roots of an instance, for a collection.
pub(crate) struct InstanceRoots<'a> {
    pub(crate) kept: &'a mut [Root; ROOTS],
    pub(crate) values: &'a mut [Root],
    pub(crate) operations: &'a mut [Root; VALUE_ROOTS],
}

impl RootsMut for InstanceRoots<'_> {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        self.kept.iter_mut().for_each(&mut *visit);
        self.values.iter_mut().for_each(&mut *visit);
        self.operations.iter_mut().for_each(visit);
    }
}

/// All roots of an instance that is being restored.
pub(crate) struct RestoredRoots<'a> {
    pub(crate) kept: &'a [Root; ROOTS],
    pub(crate) values: &'a [Root],
    pub(crate) operations: &'a [Root; VALUE_ROOTS],
}

impl Roots for RestoredRoots<'_> {
    fn each(&self, visit: &mut dyn FnMut(&Root)) {
        self.kept.iter().for_each(&mut *visit);
        self.values.iter().for_each(&mut *visit);
        self.operations.iter().for_each(visit);
    }
}

/// Sees to it that `room` more values fit.
///
/// # Errors
/// [`Trap::VALUE_STACK_OVERFLOW`] if they would be more than [`MAX_VALUES`];
/// [`Trap::OUT_OF_MEMORY`].
pub(crate) fn ensure(machine: &mut Machine<'_, '_>, room: usize) -> Result<(), Trap> {
    if room <= free(machine) {
        Ok(())
    } else {
        grow(machine, room)
    }
}

/// Places above the top.
fn free(machine: &Machine<'_, '_>) -> usize {
    // SAFETY: both point into the value stack's block or to its end.
    unsafe {
        machine
            .core
            .values_end
            .offset_from(machine.core.vp)
            .cast_unsigned()
    }
}

/// Moves the values to a block with room for `room` more.
///
/// # Errors
/// As [`ensure`].
pub(crate) fn grow(machine: &mut Machine<'_, '_>, room: usize) -> Result<(), Trap> {
    let depth = machine.value_depth();
    let wanted = depth.saturating_add(room);
    if wanted > MAX_VALUES {
        return Err(Trap::VALUE_STACK_OVERFLOW);
    }
    let places = wanted.next_power_of_two().max(FIRST_VALUES);
    let new = machine
        .arena
        .allocate_sealed((places * size_of::<Root>()) as u64, "value stack")
        .map_err(|_| Trap::OUT_OF_MEMORY)?;
    let (old, from) = (machine.block().values, machine.core.values);
    machine.block_mut().values = new;
    machine.map_values(depth);
    if old != Block::NONE {
        // SAFETY: two blocks of the arena, both at least as long as what is copied; the old one was
        // this instance's alone, and nothing points into it any more.
        unsafe {
            machine.core.values.copy_from_nonoverlapping(from, depth);
            let _ = machine.arena.free_sealed(old);
        }
    }
    Ok(())
}

/// An instance's value stack, for a primitive; all values are those of the session beside it.
pub struct ValueStack<'m> {
    bottom: *mut Root,
    vp: &'m mut *mut Root,
    end: *mut Root,
    kept: &'m [Root; ROOTS],
}

impl ValueStack<'_> {
    /// Values on the stack.
    #[must_use]
    pub fn depth(&self) -> usize {
        // SAFETY: both point into the value stack's block or to its end.
        unsafe { self.vp.offset_from(self.bottom).cast_unsigned() }
    }

    /// The value `below` the top, which is number 0.
    ///
    /// # Errors
    /// [`Trap::VALUE_STACK_UNDERFLOW`].
    pub fn peek(&self, below: usize) -> Result<&Root, Trap> {
        // SAFETY: `place` is one of the stack's values, which is initialised and which only this view reaches.
        Ok(unsafe { &*self.place(below)? })
    }

    /// Replaces the value `below` the top.
    ///
    /// # Errors
    /// [`Trap::VALUE_STACK_UNDERFLOW`].
    pub fn poke(
        &mut self,
        session: &Session<'_>,
        below: usize,
        value: Local<'_>,
    ) -> Result<(), Trap> {
        // SAFETY: as in `peek`; the view is borrowed exclusively.
        session.store(unsafe { &mut *self.place(below)? }, value);
        Ok(())
    }

    /// Puts a value on top. A primitive has the room that its effect declares.
    ///
    /// # Errors
    /// [`Trap::VALUE_STACK_OVERFLOW`] if there is no room.
    pub fn push(&mut self, session: &Session<'_>, value: Local<'_>) -> Result<(), Trap> {
        if *self.vp == self.end {
            return Err(Trap::VALUE_STACK_OVERFLOW);
        }
        // SAFETY: the place is inside the block, and holds a root or bytes, any of which are one.
        session.store(unsafe { &mut **self.vp }, value);
        // SAFETY: at most one past the block's last place.
        *self.vp = unsafe { self.vp.add(1) };
        Ok(())
    }

    /// Takes the top value off.
    ///
    /// # Errors
    /// [`Trap::VALUE_STACK_UNDERFLOW`].
    pub fn pop<'s>(&mut self, session: &'s Session<'_>) -> Result<Local<'s>, Trap> {
        let value = session.load(self.peek(0)?);
        *self.vp = self.place(0)?;
        Ok(value)
    }

    /// The values that the instance's language keeps, which are beside the stack.
    #[must_use]
    pub fn kept(&self) -> &[Root; ROOTS] {
        self.kept
    }

    fn place(&self, below: usize) -> Result<*mut Root, Trap> {
        if below >= self.depth() {
            return Err(Trap::VALUE_STACK_UNDERFLOW);
        }
        // SAFETY: there are more values than `below`, so the place is in the block.
        Ok(unsafe { self.vp.sub(below + 1) })
    }
}

impl Machine<'_, '_> {
    /// Values on the value stack.
    #[must_use]
    pub fn value_depth(&self) -> usize {
        // SAFETY: both point into the value stack's block or to its end.
        unsafe { self.core.vp.offset_from(self.core.values).cast_unsigned() }
    }

    /// A session on the private heap, and the value stack beside it; for primitives.
    ///
    /// When the primitive ends, the stack must be as its effect declares, and as it was if it is to
    /// be run again: so it reserves what it needs before it takes anything off.
    pub fn values(&mut self) -> (Session<'_>, ValueStack<'_>) {
        let (block, system) = (self.block_pointer(), self.system_pointer());
        // SAFETY: the control block lies in the arena, apart from every block the heap uses, and is
        // reached only through this machine; heap and roots are different fields. The heap's roots,
        // the value stack among them, are passed to every collection of it, and it is the only one that
        // shares through the space, which lies in the system's block.
        unsafe {
            let block = &mut *block;
            let stack = ValueStack {
                bottom: self.core.values,
                vp: &mut self.core.vp,
                end: self.core.values_end,
                kept: &block.roots,
            };
            let space = &(*system).space;
            let session = Session::with_space(self.arena, &mut block.heap, space);
            (session, stack)
        }
    }

    /// Sees to it that `room` more values fit; for what pushes more of them than an effect tells.
    ///
    /// # Errors
    /// [`Trap::VALUE_STACK_OVERFLOW`] if they would be more than [`MAX_VALUES`];
    /// [`Trap::OUT_OF_MEMORY`].
    pub fn reserve_values(&mut self, room: usize) -> Result<(), Trap> {
        ensure(self, room)
    }

    /// Does `>v` for an integer that needs an object.
    pub(crate) fn box_integer(&mut self) -> Result<(), Trap> {
        self.spill();
        let integer = self.peek(0)?;
        loop {
            let (mut session, mut values) = self.values();
            match session.reserve(Session::worst_case_integer()) {
                Ok(()) => {
                    let value = session.integer(integer).map_err(|_| Trap::OUT_OF_MEMORY)?;
                    values.push(&session, value)?;
                    break;
                }
                Err(NeedSpace::Collect) => self.collect()?,
                Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY),
            }
        }
        self.pop()?;
        self.go_on(Op::ToV);
        Ok(())
    }

    /// Does `v>` for a value that is no integer, or one with an object.
    pub(crate) fn unbox_integer(&mut self) -> Result<(), Trap> {
        self.spill();
        let Open {
            session,
            stack: mut values,
            progress,
            ..
        } = self.open_values();
        let value = session.load(values.peek(0)?);
        let Some(integer) = session.as_integer(value) else {
            return Err(progress.wrong_kind(&session, value, "an integer"));
        };
        values.pop(&session)?;
        // The region of the instruction has room for the cell.
        self.push_unchecked(integer);
        self.go_on(Op::VFrom);
        Ok(())
    }

    /// Goes past an instruction that is done.
    pub(crate) fn go_on(&mut self, done: Op) {
        self.fill();
        // SAFETY: verified code does not end with an instruction that goes on to the next.
        self.core.registers.ip = unsafe { self.core.registers.ip.add(done.words()) };
    }

    /// The values on the stack, for a collection.
    ///
    /// # Safety
    /// Nothing else reads or writes them while they are borrowed.
    pub(crate) unsafe fn live_values<'a>(&self) -> &'a mut [Root] {
        // SAFETY: the places below the top are initialised; the caller's promise for the rest.
        unsafe { slice::from_raw_parts_mut(self.core.values, self.value_depth()) }
    }

    /// Makes the value stack as deep as it was when a handler's record was put; nil takes the place of
    /// values that are no longer there.
    ///
    /// # Safety
    /// The value stack's block has `depth` places.
    pub(crate) unsafe fn restore_values(&mut self, depth: usize) {
        // SAFETY: the caller's promise: all places up to `depth` are in the block.
        unsafe {
            for missing in self.value_depth()..depth {
                self.core.values.add(missing).write(Root::NIL);
            }
            self.core.vp = self.core.values.add(depth);
        }
    }

    /// Points the core at the value stack, with `depth` values on it.
    pub(crate) fn map_values(&mut self, depth: usize) {
        let block = self.block().values;
        let places = block.size as usize / size_of::<Root>();
        // SAFETY: the value stack is a block of the arena, with at least that many places; none, with
        // no places, is at its base.
        unsafe {
            self.core.values = self.core.base.add(block.offset as usize).cast();
            self.core.vp = self.core.values.add(depth);
            self.core.values_end = self.core.values.add(places);
        }
    }
}
