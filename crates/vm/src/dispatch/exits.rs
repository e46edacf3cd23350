//! The ways out of the dispatch: each stores the registers and says why.
//!
//! They have the handlers' signature, so that going there is a jump.

use crate::Trap;
use crate::dispatch::{Calling, Core, Exit, Registers};
use stele_bytecode::instruction::Op;

/// Defines a way out.
macro_rules! exit {
    ($(#[$meta:meta])* $name:ident $exit:expr) => {
        $(#[$meta])*
        #[cold]
        #[inline(never)]
        pub(super) unsafe extern "C" fn $name(
            ip: *const u32,
            sp: *mut u64,
            tos: u64,
            rp: *mut u64,
            core: *mut Core,
            budget: i64,
        ) {
            // SAFETY: handlers pass on the core that `run` was given exclusively.
            let core = unsafe { &mut *core };
            core.registers = Registers { ip, sp, tos, rp, budget };
            core.exit = $exit;
        }
    };
}

exit!(/// The budget is used up.
    preempted Exit::Preempted);
exit!(/// The stacks need room.
    grow Exit::Grow);
exit!(/// The value stack needs room.
    grow_values Exit::GrowValues);
exit!(/// The float stack needs room.
    grow_floats Exit::GrowFloats);
exit!(/// An integer is to become a value that needs an object.
    box_integer Exit::BoxInteger);
exit!(/// A value that is not inline is to become a cell.
    unbox_integer Exit::UnboxInteger);
exit!(/// A value that code refers to is to be put on the value stack.
    constant Exit::Constant);
exit!(/// Values are to be added.
    v_add Exit::Calculate(Op::VAdd));
exit!(/// Values are to be subtracted.
    v_sub Exit::Calculate(Op::VSub));
exit!(/// Values are to be multiplied.
    v_mul Exit::Calculate(Op::VMul));
exit!(/// Values are to be divided.
    v_div Exit::Calculate(Op::VDiv));
exit!(/// The remainder of values is wanted.
    v_rem Exit::Calculate(Op::VRem));
exit!(/// A function value is to be made.
    closure Exit::Closure);
exit!(/// A function value is to be called.
    call_value Exit::CallValue(Calling::Static));
exit!(/// A function value is to be called with the elements of a vector.
    spread_value Exit::CallValue(Calling::Spread));
exit!(/// A function value is to be called that may leave anything.
    apply_value Exit::CallValue(Calling::Applied));
exit!(/// A function value is to be called in place of the function that runs.
    tail_call_value Exit::CallValue(Calling::Tail));
exit!(/// A function value is to be called with a handler under it.
    try_value Exit::CallValue(Calling::Guarded));
exit!(/// A code is to be thrown with a value.
    throw_value Exit::ThrowValue);
exit!(/// The running call is to be put away.
    suspend Exit::Suspend);
exit!(/// A suspended call is to go on.
    resume Exit::Resume);
exit!(/// A store is out of bounds, or the first since a fork.
    store Exit::Store);
exit!(/// A primitive is to run.
    primitive Exit::Primitive);
exit!(/// A token's word is to be called.
    execute Exit::Execute);
exit!(/// A token's word is to be called with a handler under it.
    catch Exit::Catch);
exit!(/// A handler's record is to be taken off.
    caught Exit::Caught);
exit!(/// A code is to be thrown.
    throw Exit::Throw);
exit!(/// The next instruction is to be watched.
    stepped Exit::Stepped);
exit!(/// The instance's first function has returned.
    halt Exit::Halt);
exit!(/// A load is out of bounds.
    bad_address Exit::Trap(Trap::INVALID_ADDRESS));
exit!(/// The stack holds too little.
    underflow Exit::Trap(Trap::STACK_UNDERFLOW));
exit!(/// The value stack holds too little.
    value_underflow Exit::Trap(Trap::VALUE_STACK_UNDERFLOW));
exit!(/// The float stack holds too little.
    float_underflow Exit::Trap(Trap::FLOAT_STACK_UNDERFLOW));
exit!(/// A division by zero.
    division_by_zero Exit::Trap(Trap::DIVISION_BY_ZERO));
exit!(/// A quotient does not fit.
    out_of_range Exit::Trap(Trap::OUT_OF_RANGE));
exit!(/// What is here is no instruction.
    invalid_code Exit::Trap(Trap::INVALID_CODE));
