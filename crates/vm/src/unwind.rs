//! Handlers and unwinding: CATCH, THROW, and what happens to a trap.
//!
//! A handler's record is two cells on the return stack, below the return address of the call it
//! guards: the depth at which the record before it lies, and the depths of the other stacks to return
//! to. `catch-enter` puts it there, `catch-exit` takes it off, and a throw does both ends' work.
//! `try-enter` and `try-exit` do the same for a function value, whose depths are known: what is behind
//! them relies on the depths that the record keeps, and finds the value that was thrown where the
//! result would be.

use crate::Trap;
use crate::control_block::{Life, THROWN_ROOT};
use crate::machine::{Machine, Outcome};
use crate::{side_stack, stacks};
use stele_bytecode::instruction::Op;
use stele_memory::Root;

/// The depths that a handler's record keeps, in one cell: 21 bits for each, which no stack exceeds.
pub(crate) struct Depths {
    /// The data stack's.
    pub(crate) cells: u64,
    /// The value stack's.
    pub(crate) values: u64,
    /// The float stack's.
    pub(crate) floats: u64,
}

/// Bits for each depth.
const BITS: u32 = 21;

impl Depths {
    /// As a cell.
    fn pack(&self) -> u64 {
        self.cells | self.values << BITS | self.floats << (2 * BITS)
    }

    /// From a cell; what is too much for any stack stays too much.
    pub(crate) fn unpack(cell: u64) -> Self {
        let mask = (1 << BITS) - 1;
        Self {
            cells: cell & mask,
            values: cell >> BITS & mask,
            floats: cell >> (2 * BITS),
        }
    }
}

impl Machine<'_, '_> {
    /// True if something in the instance handles traps: from its first handler on to its end.
    #[must_use]
    pub fn has_handler(&self) -> bool {
        self.block().handler != 0
    }

    /// Makes the instance continue with a throw of `trap`, as if its next instruction had trapped.
    ///
    /// # Errors
    /// The trap itself, if the instance has no handler; it is at its end then.
    pub fn interrupt(&mut self, trap: Trap) -> Result<(), Trap> {
        self.forget_thrown();
        let result = self.throw(trap);
        self.store();
        let life = if result.is_ok() {
            Life::Ready
        } else {
            Life::Dead
        };
        self.block_mut().life = life as u64;
        result
    }

    /// Calls the word of `token` with a handler's record under it. What goes wrong before its code
    /// begins is caught as well: the record would have been there first (Forth-2012, 9.6.1.0875).
    pub(crate) fn catch(&mut self, token: i64) -> Result<Option<Outcome>, Trap> {
        // The record and the return address; one of them will do for the code of an error.
        stacks::ensure(self, 3)?;
        let entered = self
            .resolve(token)
            .and_then(|target| self.enter(&target, true));
        let Err(trap) = entered else {
            return entered;
        };
        self.block_mut().progress.fault.arrives(trap);
        // SAFETY: in verified code `catch-exit`, which is one word, follows the call.
        self.core.registers.ip = unsafe { self.core.registers.ip.add(1) };
        self.spill();
        self.push_unchecked(trap.0);
        self.fill();
        Ok(None)
    }

    /// Puts a handler's record on the return stack: the handler before it, and the depths to return to.
    pub(crate) fn push_handler(&mut self) {
        let depths = Depths {
            cells: self.depth() as u64,
            values: self.value_depth() as u64,
            floats: self.float_depth() as u64,
        };
        let outer = self.block().handler;
        // SAFETY: the caller has ensured room for two cells.
        unsafe {
            let rp = self.core.registers.rp.sub(2);
            *rp.add(1) = depths.pack();
            *rp = outer;
            self.core.registers.rp = rp;
        }
        self.block_mut().handler = self.return_depth() as u64;
    }

    /// Takes the innermost handler's record off and leaves zero: the guarded call has returned.
    pub(crate) fn leave_handler(&mut self) {
        // SAFETY: verified code comes to `catch-exit` only by the return of the call that the
        // record guards, so the record is on top of the return stack. It gives up two cells, which
        // leaves room for one on the data stack.
        let outer = unsafe {
            let rp = self.core.registers.rp;
            self.core.registers.rp = rp.add(2);
            self.core.registers.ip = self.core.registers.ip.add(1);
            *rp
        };
        self.block_mut().handler = outer;
        self.spill();
        self.push_unchecked(0);
        self.fill();
    }

    /// Unwinds to the innermost handler, takes its record off, leaves the code and goes on behind
    /// its `catch-exit`. The operation and the transactions that it ends are given up. QUIT, which
    /// empties the return stack and leaves the others alone (Forth-2012, 6.1.2050), does so with the
    /// outermost.
    ///
    /// # Errors
    /// The trap, if there is no handler.
    pub(crate) fn throw(&mut self, trap: Trap) -> Result<(), Trap> {
        let quit = trap == Trap::QUIT;
        let Some(handler) = self.handler(quit) else {
            return Err(trap);
        };
        // Code behind a `try-exit` relies on its depths, so there QUIT is a throw like any other.
        let guarded = self.exit_of(handler) == Some(Op::TryExit);
        let quit = quit && !guarded;
        self.keep_frames(trap, handler);
        self.end_operation();
        self.give_up_transactions(handler);
        self.spill();
        let depth = self.depth();
        // What handles QUIT must have room to go on; a stack too full for that has overflowed.
        let (quit, trap) = match quit && depth > stacks::MAX_CELLS - stacks::RESERVE {
            true => (false, Trap::STACK_OVERFLOW),
            false => (quit, trap),
        };
        // SAFETY: the record was put at this depth by `push_handler` and is still there, since only
        // `catch-exit` and this method take it off. The cell above it is the return address of the
        // call it guards, which has not returned, for `catch-exit` follows at once: it leads to the
        // one word of that instruction. When the record was put there, the data stack had held the
        // depth saved and the token, and the return stack two cells less: so there is room for the
        // cells brought back and the code; the blocks of values and floats, which never shrink, have
        // room for those. QUIT brings none back.
        let outer = unsafe {
            let rp = stacks::end(self).sub(handler);
            let (outer, saved) = (*rp, Depths::unpack(*rp.add(1)));
            if !quit {
                side_stack::restore::<Root>(self, saved.values as usize);
                side_stack::restore::<f64>(self, saved.floats as usize);
            }
            let saved = if quit { depth } else { saved.cells as usize };
            let exit = self.core.base.add(*rp.sub(1) as usize).cast::<u32>();
            self.core.registers.rp = rp.add(2);
            self.core.registers.ip = exit.add(1);
            for missing in depth..saved {
                *self.core.stack.add(missing + 1) = 0;
            }
            self.core.registers.sp = self.core.stack.add(saved);
            outer
        };
        self.block_mut().handler = outer;
        self.push_unchecked(trap.0);
        self.fill();
        if guarded {
            self.leave_thrown();
        }
        Ok(())
    }

    /// What takes off the handler's record at this depth of the return stack.
    fn exit_of(&self, handler: usize) -> Option<Op> {
        // SAFETY: as in `throw`: above the record lies the return address of the call it guards, which
        // leads to an instruction of verified code.
        let word = unsafe {
            let address = *stacks::end(self).sub(handler).sub(1);
            *self.core.base.add(address as usize).cast::<u32>()
        };
        Op::decode(word)
    }

    /// Takes the value that is thrown, for the handler to find; returns the code.
    pub(crate) fn take_thrown(&mut self) -> Trap {
        let code = self.core.operand.cast_signed();
        // SAFETY: the region of `throw-value` holds one value.
        let value = unsafe {
            self.core.values.top = self.core.values.top.sub(1);
            self.core.values.top.read()
        };
        self.block_mut().roots[THROWN_ROOT] = value;
        Trap(code)
    }

    /// What is thrown now comes without a value.
    pub(crate) fn forget_thrown(&mut self) {
        self.block_mut().roots[THROWN_ROOT] = Root::NIL;
    }

    /// Pushes the value that came with a throw, where there is room for it.
    pub(crate) fn push_thrown(&mut self) {
        let value = core::mem::replace(&mut self.block_mut().roots[THROWN_ROOT], Root::NIL);
        // SAFETY: the region of the primitive has room for the value.
        unsafe {
            self.core.values.top.write(value);
            self.core.values.top = self.core.values.top.add(1);
        }
    }

    /// Puts the value that came with a throw where the result of the guarded call would be.
    fn leave_thrown(&mut self) {
        let value = core::mem::replace(&mut self.block_mut().roots[THROWN_ROOT], Root::NIL);
        // SAFETY: a `try-enter` puts its record while its function value is on the value stack, and the
        // depth has been brought back to that: there is a top value.
        unsafe { self.core.values.top.sub(1).write(value) };
    }

    /// Return stack depth at the innermost, or the outermost, handler's record.
    fn handler(&self, outermost: bool) -> Option<usize> {
        let mut handler = self.block().handler as usize;
        while outermost && handler != 0 {
            // SAFETY: a record names the one before it, which lies at the depth it was put at.
            let outer = unsafe { *stacks::end(self).sub(handler) } as usize;
            if outer == 0 {
                break;
            }
            handler = outer;
        }
        (handler != 0).then_some(handler)
    }
}
