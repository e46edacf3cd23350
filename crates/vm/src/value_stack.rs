//! The value stack: an instance's values, and nothing else, so that they are exactly its roots.
//!
//! It is a side stack (`side_stack.rs`), from which the collector, given the depth, sees every
//! value and no word that is none.
//!
//! Values move only between the stack and the heap's sessions, or along the stack: a program can
//! neither see a value's word nor make one.

use core::slice;

use crate::Trap;
use crate::control_block::{ControlBlock, ROOTS};
use crate::dispatch::Core;
use crate::machine::Machine;
use crate::side_stack::{self, Item, MAX_ITEMS, SideStack};
use crate::values::progress::{Open, VALUE_ROOTS};
use stele_bytecode::instruction::Op;
use stele_memory::{Block, Local, NeedSpace, Root, Roots, RootsMut, Session};

/// Values that an instance's value stack may hold (1 MiB).
pub const MAX_VALUES: usize = MAX_ITEMS;

impl Item for Root {
    const NAME: &'static str = "value stack";
    const OVERFLOW: Trap = Trap::VALUE_STACK_OVERFLOW;
    const NOTHING: Self = Self::NIL;

    fn stack(core: &mut Core) -> &mut SideStack<Self> {
        &mut core.values
    }

    fn block(control: &mut ControlBlock) -> &mut Block {
        &mut control.values
    }
}

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

/// An instance's value stack, for a primitive; all values are those of the session beside it.
pub struct ValueStack<'m> {
    stack: &'m mut SideStack<Root>,
    kept: &'m [Root; ROOTS],
}

impl ValueStack<'_> {
    /// Values on the stack.
    #[must_use]
    pub fn depth(&self) -> usize {
        // SAFETY: a machine's core is attached.
        unsafe { self.stack.depth() }
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
        if self.stack.top == self.stack.end {
            return Err(Trap::VALUE_STACK_OVERFLOW);
        }
        // SAFETY: the place is inside the block, and holds a root or bytes, any of which are one.
        session.store(unsafe { &mut *self.stack.top }, value);
        // SAFETY: at most one past the block's last place.
        self.stack.top = unsafe { self.stack.top.add(1) };
        Ok(())
    }

    /// Takes the top value off.
    ///
    /// # Errors
    /// [`Trap::VALUE_STACK_UNDERFLOW`].
    pub fn pop<'s>(&mut self, session: &'s Session<'_>) -> Result<Local<'s>, Trap> {
        let value = session.load(self.peek(0)?);
        self.stack.top = self.place(0)?;
        Ok(value)
    }

    /// The values that the instance's language keeps, which are beside the stack.
    #[must_use]
    pub fn kept(&self) -> &[Root; ROOTS] {
        self.kept
    }

    fn place(&self, below: usize) -> Result<*mut Root, Trap> {
        // SAFETY: a machine's core is attached.
        let place = unsafe { self.stack.place(below) };
        place.ok_or(Trap::VALUE_STACK_UNDERFLOW)
    }
}

impl Machine<'_, '_> {
    /// Values on the value stack.
    #[must_use]
    pub fn value_depth(&self) -> usize {
        // SAFETY: a machine's core is attached.
        unsafe { self.core.values.depth() }
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
                stack: &mut self.core.values,
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
        side_stack::ensure::<Root>(self, room)
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
        unsafe { slice::from_raw_parts_mut(self.core.values.bottom, self.value_depth()) }
    }
}
