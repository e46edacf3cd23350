//! The interpreter: one handler for each instruction, each ending by going to the next.
//!
//! A handler receives the machine's registers as arguments and passes them on to the handler of the
//! next instruction. Optimised, that last call is a jump and the registers never leave the
//! processor's ([`threaded`](self) dispatch); built without optimisation, each handler stores them
//! in the [`Core`] and returns to a plain loop instead. The handlers are the same.
//!
//! Nothing here allocates, calls out, or can fail in any way but by [`Exit`]: whatever needs more
//! than registers, stacks and data space leaves the dispatch, and the run loop
//! ([`crate::machine`]) does it.
//!
//! Read [`Core`] and the macros here, then `control`, `calls`, `stack`, `locals`, `values`, `floats`,
//! `arithmetic`, `memory`, `exits`.
//!
//! # What the handlers rely on
//! The verifier's rules hold for every function that can be reached (see
//! [`stele_bytecode::analysis`]): instructions are whole, jumps land on instructions, depths are
//! what they are declared to be, and every function and region checks its room on entry. So a
//! handler may take what its row of the instruction table says without looking.

mod arithmetic;
mod calls;
mod control;
mod exits;
mod floats;
mod locals;
mod memory;
mod stack;
mod values;

use crate::side_stack::SideStack;
use crate::usage::Pauses;
use stele_bytecode::instruction::{ALL, Op};
use stele_memory::Root;

/// Bytes from a code reference to the function's header: the code space's own header.
pub(crate) const CODE_HEADER: usize = 8;

/// Lowest valid address of data space: what lies below is the null page of the VM.
pub(crate) const DATA_START: u64 = 4096;

/// Why the dispatch came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It has not.
    Running,
    /// The budget is used up; the next instruction has not begun.
    Preempted,
    /// The stacks need the room given in [`Core::operand`]; the instruction has not begun.
    Grow,
    /// The value stack needs the room given in [`Core::operand`]; the instruction has not begun.
    GrowValues,
    /// The float stack needs the room given in [`Core::operand`]; the instruction has not begun.
    GrowFloats,
    /// An integer needs an object to become a value; the instruction has not begun.
    BoxInteger,
    /// A value has to be looked at to become a cell; the instruction has not begun.
    UnboxInteger,
    /// The value numbered [`Core::operand`] is to be put on the value stack; the instruction has not
    /// begun.
    Constant,
    /// Values are to be calculated with that are not both small integers; the instruction has not
    /// begun.
    Calculate(Op),
    /// A function value is to be made; the instruction has not begun.
    Closure,
    /// A function value is to be called, with as many arguments as [`Core::operand`] says, in this
    /// way; the instruction has not begun.
    CallValue(Calling),
    /// Unwind with the code in [`Core::operand`] and the value on top.
    ThrowValue,
    /// The running call is to be put away; the instruction has not begun.
    Suspend,
    /// A suspended call is to go on; the instruction has not begun.
    Resume,
    /// A store lies outside writable data space; the instruction has not begun.
    Store,
    /// The program is at fault; the instruction has not begun.
    Trap(crate::Trap),
    /// Run the primitive in [`Core::operand`]; the next instruction follows it.
    Primitive,
    /// Call the word of the token in [`Core::operand`]; the next instruction follows the call.
    Execute,
    /// As `Execute`, with a handler's record first.
    Catch,
    /// The call that a handler's record guards has returned.
    Caught,
    /// Unwind with the code in [`Core::operand`].
    Throw,
    /// The first function has returned.
    Halt,
    /// The next instruction is to be watched; it has not begun.
    Stepped,
}

/// How a function value is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calling {
    /// It leaves one value, as its header says.
    Static,
    /// As `Static`, its arguments in a vector.
    Spread,
    /// It may leave anything.
    Applied,
    /// As `Static`, in place of the function that runs.
    Tail,
    /// As `Static`, with a handler's record under it.
    Guarded,
}

/// The machine's registers.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Registers {
    /// The instruction.
    pub(crate) ip: *const u32,
    /// Where the top of the data stack would be stored; the cell below it is the second.
    pub(crate) sp: *mut u64,
    /// The top of the data stack.
    pub(crate) tos: u64,
    /// The top of the return stack, which grows down.
    pub(crate) rp: *mut u64,
    /// What is left of the budget; below zero it is spent.
    pub(crate) budget: i64,
}

/// Tokens whose functions the core remembers at most.
pub(crate) const REMEMBERED: usize = 64;

/// What a token leads to, remembered so that calling it need not ask the dictionary.
///
/// Only words that run a function and leave nothing before it are remembered, and all are forgotten
/// whenever the dictionary may have changed.
#[derive(Clone, Copy)]
pub(crate) struct Remembered {
    /// The token.
    pub(crate) token: u64,
    /// The function's header.
    pub(crate) header: *const u32,
}

impl Remembered {
    /// Nothing remembered: each entry holds a number that, whatever a program may try to call, is
    /// never looked for at its place.
    pub(crate) fn nothing() -> [Self; REMEMBERED] {
        core::array::from_fn(|place| Self {
            token: place as u64 + 1,
            header: core::ptr::null(),
        })
    }
}

pub(crate) type Handler = unsafe extern "C" fn(*const u32, *mut u64, u64, *mut u64, *mut Core, i64);

/// What handlers need beside the registers.
#[repr(C)]
pub(crate) struct Core {
    /// Handlers by opcode; first, so that dispatch is one indexed load.
    pub(crate) table: [Handler; 256],
    /// First byte of the arena.
    pub(crate) base: *mut u8,
    /// The data space as seen from address 0: add an address to reach its byte.
    pub(crate) data: *mut u8,
    /// First invalid offset from [`DATA_START`] for loads of a byte.
    pub(crate) load_byte: u64,
    /// The same for loads of a cell.
    pub(crate) load_cell: u64,
    /// The same for stores of a byte.
    pub(crate) store_byte: u64,
    /// The same for stores of a cell.
    pub(crate) store_cell: u64,
    /// The stack segment's first cell; the data stack's bottom.
    pub(crate) stack: *mut u64,
    /// The value stack.
    pub(crate) values: SideStack<Root>,
    /// The float stack.
    pub(crate) floats: SideStack<f64>,
    /// What collections took.
    pub(crate) pauses: Pauses,
    /// Tokens called lately, each at its place modulo [`REMEMBERED`].
    pub(crate) remembered: [Remembered; REMEMBERED],
    /// The registers, whenever the dispatch is not running.
    pub(crate) registers: Registers,
    /// What goes with the exit.
    pub(crate) operand: u64,
    /// Why the dispatch ended.
    pub(crate) exit: Exit,
    /// The heap is being collected: its roots may lead nowhere.
    pub(crate) collecting: bool,
    /// The table leads out before every instruction.
    pub(crate) watched: bool,
}

/// Handlers by opcode. Numbers without an operation lead to the trap for invalid code.
pub(crate) fn table() -> [Handler; 256] {
    let mut table: [Handler; 256] = [control::invalid; 256];
    for op in ALL {
        table[*op as usize] = handler_of(*op);
    }
    table
}

/// A table that leads out of the dispatch before every instruction.
pub(crate) fn leaving_table() -> [Handler; 256] {
    [exits::stepped; 256]
}

/// Runs one instruction from the core's registers, with a table that leads out before the next.
///
/// # Safety
/// As for [`run`].
pub(crate) unsafe fn step(core: &mut Core) {
    core.exit = Exit::Running;
    let Registers {
        ip,
        sp,
        tos,
        rp,
        budget,
    } = core.registers;
    // SAFETY: the caller's promise; the handler keeps it for the exit that comes next.
    unsafe {
        let op = Op::decode(u32::from(*ip.cast::<u8>()));
        op.map_or(control::invalid as Handler, handler_of)(ip, sp, tos, rp, core, budget);
    }
    // Handlers that return to a loop have come back after the one.
    if core.exit == Exit::Running {
        core.exit = Exit::Stepped;
    }
}

/// Runs from the core's registers until something ends the dispatch, and leaves them there again.
///
/// # Safety
/// The core's pointers describe a live VM in a live arena, nothing else refers to its stacks or
/// data space meanwhile, and the instruction is one of verified code at the depths verified for it.
pub(crate) unsafe fn run(core: &mut Core) {
    core.exit = Exit::Running;
    #[cfg(threaded_dispatch)]
    {
        let Registers {
            ip,
            sp,
            tos,
            rp,
            budget,
        } = core.registers;
        // SAFETY: the caller's promise; each handler keeps it for the next.
        unsafe {
            let first = core.table[usize::from(*ip.cast::<u8>())];
            first(ip, sp, tos, rp, core, budget);
        }
    }
    #[cfg(not(threaded_dispatch))]
    while core.exit == Exit::Running {
        let Registers {
            ip,
            sp,
            tos,
            rp,
            budget,
        } = core.registers;
        // SAFETY: the caller's promise; each handler keeps it for the next.
        unsafe {
            let next = core.table[usize::from(*ip.cast::<u8>())];
            next(ip, sp, tos, rp, core, budget);
        }
    }
}

/// Goes to the instruction at `$ip`.
macro_rules! next {
    ($ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {{
        #[cfg(threaded_dispatch)]
        {
            let ip: *const u32 = $ip;
            let handler = (*$core).table[usize::from(*ip.cast::<u8>())];
            return handler(ip, $sp, $tos, $rp, $core, $budget);
        }
        #[cfg(not(threaded_dispatch))]
        {
            (*$core).registers = $crate::dispatch::Registers {
                ip: $ip,
                sp: $sp,
                tos: $tos,
                rp: $rp,
                budget: $budget,
            };
            return;
        }
    }};
}

/// Ends the dispatch with the registers as given, by way of one of the functions in `exits`: a jump
/// away from the handler, so that what is rare takes neither registers nor room in it.
macro_rules! leave {
    ($exit:ident, $ip:expr, $sp:expr, $tos:expr, $rp:expr, $core:expr, $budget:expr) => {{
        return $crate::dispatch::exits::$exit($ip, $sp, $tos, $rp, $core, $budget);
    }};
}

/// Defines a handler: the names in parentheses are its registers, the body ends in `next!` or `leave!`.
macro_rules! handler {
    ($(#[$meta:meta])* $name:ident ($ip:ident $sp:ident $tos:ident $rp:ident $core:ident $budget:ident) $body:block) => {
        $(#[$meta])*
        #[allow(unused_mut, unused_variables, reason = "every handler has every register")]
        pub(super) unsafe extern "C" fn $name(
            mut $ip: *const u32,
            mut $sp: *mut u64,
            mut $tos: u64,
            mut $rp: *mut u64,
            $core: *mut $crate::dispatch::Core,
            mut $budget: i64,
        ) {
            // SAFETY: the module's page says what handlers rely on; the table says what this one may take.
            unsafe { $body }
        }
    };
}

pub(crate) use {handler, leave, next};

fn handler_of(op: Op) -> Handler {
    match op {
        Op::Invalid => control::invalid,
        Op::Halt => control::halt,
        Op::Return => control::r#return,
        Op::Call => control::call,
        Op::CallWord => control::call_word,
        Op::Execute => control::execute,
        Op::Primitive => control::primitive,
        Op::Check => control::check,
        Op::Locals => locals::locals,
        Op::LocalFetch => locals::local_fetch,
        Op::LocalStore => locals::local_store,
        Op::ReturnDrop => locals::return_drop,
        Op::Jump => control::jump,
        Op::JumpIfZero => control::jump_if_zero,
        Op::JumpIfNotZero => control::jump_if_not_zero,
        Op::JumpUnlessEqual => control::jump_unless_equal,
        Op::JumpIfEqual => control::jump_if_equal,
        Op::JumpUnlessLess => control::jump_unless_less,
        Op::JumpUnlessGreater => control::jump_unless_greater,
        Op::JumpUnlessBelow => control::jump_unless_below,
        Op::JumpUnlessNegative => control::jump_unless_negative,
        Op::JumpIfLess => control::jump_if_less,
        Op::JumpIfGreater => control::jump_if_greater,
        Op::JumpUnlessBits => control::jump_unless_bits,
        Op::JumpIfBits => control::jump_if_bits,
        Op::JumpDupUnlessBits => control::jump_dup_unless_bits,
        Op::JumpDupIfBits => control::jump_dup_if_bits,
        Op::JumpUnlessEqualShort => control::jump_unless_equal_short,
        Op::JumpIfEqualShort => control::jump_if_equal_short,
        Op::JumpUnlessLessShort => control::jump_unless_less_short,
        Op::JumpUnlessGreaterShort => control::jump_unless_greater_short,
        Op::JumpUnlessBelowShort => control::jump_unless_below_short,
        Op::JumpDupUnlessEqualShort => control::jump_dup_unless_equal_short,
        Op::JumpDupIfEqualShort => control::jump_dup_if_equal_short,
        Op::JumpDupUnlessLessShort => control::jump_dup_unless_less_short,
        Op::JumpDupUnlessGreaterShort => control::jump_dup_unless_greater_short,
        Op::JumpDupUnlessBelowShort => control::jump_dup_unless_below_short,
        Op::JumpIfDupZero => control::jump_if_dup_zero,
        Op::JumpIfDupNotZero => control::jump_if_dup_not_zero,
        Op::JumpTakingZero => control::jump_taking_zero,
        Op::Do => control::r#do,
        Op::QuestionDo => control::question_do,
        Op::Loop => control::r#loop,
        Op::PlusLoop => control::plus_loop,
        Op::Unloop => stack::unloop,
        Op::I => stack::i,
        Op::J => stack::j,
        Op::ToR => stack::to_r,
        Op::RFrom => stack::r_from,
        Op::RFetch => stack::r_fetch,
        Op::TwoToR => stack::two_to_r,
        Op::TwoRFrom => stack::two_r_from,
        Op::TwoRFetch => stack::two_r_fetch,
        Op::CatchEnter => control::catch_enter,
        Op::CatchExit => control::catch_exit,
        Op::Throw => control::throw,
        Op::Raise => control::raise,
        Op::Short => stack::short,
        Op::Int | Op::Token | Op::Function => stack::int,
        Op::Cell => stack::cell,
        Op::Drop => stack::drop,
        Op::Dup => stack::dup,
        Op::Swap => stack::swap,
        Op::Over => stack::over,
        Op::Nip => stack::nip,
        Op::Tuck => stack::tuck,
        Op::Rot => stack::rot,
        Op::MinusRot => stack::minus_rot,
        Op::TwoDrop => stack::two_drop,
        Op::TwoDup => stack::two_dup,
        Op::TwoSwap => stack::two_swap,
        Op::TwoOver => stack::two_over,
        Op::QuestionDup => stack::question_dup,
        Op::Depth => stack::depth,
        Op::Pick => stack::pick,
        Op::Add => arithmetic::add,
        Op::Sub => arithmetic::sub,
        Op::Mul => arithmetic::mul,
        Op::Div => arithmetic::div,
        Op::Mod => arithmetic::r#mod,
        Op::DivMod => arithmetic::div_mod,
        Op::MulDiv => arithmetic::mul_div,
        Op::MulDivMod => arithmetic::mul_div_mod,
        Op::UMulWide => arithmetic::u_mul_wide,
        Op::MulWide => arithmetic::mul_wide,
        Op::UDivWide => arithmetic::u_div_wide,
        Op::FloorDivWide => arithmetic::floor_div_wide,
        Op::SymmetricDivWide => arithmetic::symmetric_div_wide,
        Op::Negate => arithmetic::negate,
        Op::Abs => arithmetic::abs,
        Op::Min => arithmetic::min,
        Op::Max => arithmetic::max,
        Op::OnePlus => arithmetic::one_plus,
        Op::OneMinus => arithmetic::one_minus,
        Op::TwoStar => arithmetic::two_star,
        Op::TwoSlash => arithmetic::two_slash,
        Op::CellPlus => arithmetic::cell_plus,
        Op::Cells => arithmetic::cells,
        Op::LeftShift => arithmetic::left_shift,
        Op::RightShift => arithmetic::right_shift,
        Op::And => arithmetic::and,
        Op::Or => arithmetic::or,
        Op::Xor => arithmetic::xor,
        Op::Invert => arithmetic::invert,
        Op::Equal => arithmetic::equal,
        Op::NotEqual => arithmetic::not_equal,
        Op::Less => arithmetic::less,
        Op::Greater => arithmetic::greater,
        Op::Below => arithmetic::below,
        Op::Above => arithmetic::above,
        Op::ZeroEqual => arithmetic::zero_equal,
        Op::ZeroNotEqual => arithmetic::zero_not_equal,
        Op::ZeroLess => arithmetic::zero_less,
        Op::ZeroGreater => arithmetic::zero_greater,
        Op::Within => arithmetic::within,
        Op::SignExtend => arithmetic::sign_extend,
        Op::DAdd => arithmetic::d_add,
        Op::DSub => arithmetic::d_sub,
        Op::DNegate => arithmetic::d_negate,
        Op::Fetch => memory::fetch,
        Op::Store => memory::store,
        Op::ByteFetch => memory::byte_fetch,
        Op::ByteStore => memory::byte_store,
        Op::PlusStore => memory::plus_store,
        Op::TwoFetch => memory::two_fetch,
        Op::TwoStore => memory::two_store,
        Op::ShortAdd => arithmetic::short_add,
        Op::IntAnd => arithmetic::int_and,
        Op::IntMul => arithmetic::int_mul,
        Op::ShiftLeft => arithmetic::shift_left,
        Op::ShiftRight => arithmetic::shift_right,
        Op::ShiftSigned => arithmetic::shift_signed,
        Op::SwapShortAdd => arithmetic::swap_short_add,
        Op::UnderShortAdd => arithmetic::under_short_add,
        Op::RFromSwap => stack::r_from_swap,
        Op::AddAt => memory::add_at,
        Op::IFetch => memory::i_fetch,
        Op::IStore => memory::i_store,
        Op::IAddByteFetch => memory::i_add_byte_fetch,
        Op::IAddFetch => memory::i_add_fetch,
        Op::OverAdd => arithmetic::over_add,
        Op::DupFetch => memory::dup_fetch,
        Op::AddFetch => memory::add_fetch,
        Op::AddByteFetch => memory::add_byte_fetch,
        Op::IAdd => arithmetic::i_add,
        Op::CellsAdd => arithmetic::cells_add,
        Op::IntAdd => arithmetic::int_add,
        Op::OverFetch => memory::over_fetch,
        Op::FetchAt => memory::fetch_at,
        Op::StoreAt => memory::store_at,
        Op::PlusStoreAt => memory::plus_store_at,
        Op::ByteFetchOff => memory::byte_fetch_off,
        Op::FetchOff => memory::fetch_off,
        Op::ByteStoreOff => memory::byte_store_off,
        Op::ICells => stack::i_cells,
        Op::ICellsAdd => arithmetic::i_cells_add,
        Op::IInt => stack::i_int,
        Op::ICellsInt => stack::i_cells_int,
        Op::IByteFetch => memory::i_byte_fetch,
        Op::IByteStore => memory::i_byte_store,
        Op::ICellFetch => memory::i_cell_fetch,
        Op::ICellStore => memory::i_cell_store,
        Op::SwapStore => memory::swap_store,
        Op::SwapByteStore => memory::swap_byte_store,
        Op::RFromAdd => arithmetic::r_from_add,
        Op::DupToR => stack::dup_to_r,
        Op::CheckValues => values::check_values,
        Op::VDup => values::vdup,
        Op::VDrop => values::vdrop,
        Op::VSwap => values::vswap,
        Op::VOver => values::vover,
        Op::VNip => values::vnip,
        Op::VTuck => values::vtuck,
        Op::VRot => values::vrot,
        Op::VDepth => values::vdepth,
        Op::VPick => values::vpick,
        Op::ToV => values::to_v,
        Op::VFrom => values::v_from,
        Op::Constant => values::constant,
        Op::CheckFloats => floats::check_floats,
        Op::Float => floats::float,
        Op::FDup => floats::fdup,
        Op::FDrop => floats::fdrop,
        Op::FSwap => floats::fswap,
        Op::FOver => floats::fover,
        Op::FNip => floats::fnip,
        Op::FTuck => floats::ftuck,
        Op::FRot => floats::frot,
        Op::FDepth => floats::fdepth,
        Op::FPick => floats::fpick,
        Op::FFetch => floats::f_fetch,
        Op::FStore => floats::f_store,
        Op::FAdd => floats::fadd,
        Op::FSub => floats::fsub,
        Op::FMul => floats::fmul,
        Op::FDiv => floats::fdiv,
        Op::FNegate => floats::fnegate,
        Op::FAbs => floats::fabs,
        Op::FMin => floats::fmin,
        Op::FMax => floats::fmax,
        Op::FSqrt => floats::fsqrt,
        Op::FLess => floats::fless,
        Op::FLessEqual => floats::fless_equal,
        Op::FEqual => floats::fequal,
        Op::FZeroLess => floats::fzero_less,
        Op::FZeroEqual => floats::fzero_equal,
        Op::SToF => floats::s_to_f,
        Op::FToS => floats::f_to_s,
        Op::DToF => floats::d_to_f,
        Op::FToD => floats::f_to_d,
        Op::BitsToF => floats::bits_to_f,
        Op::FToBits => floats::f_to_bits,
        Op::VAdd => values::v_add,
        Op::VSub => values::v_sub,
        Op::VMul => values::v_mul,
        Op::VDiv => values::v_div,
        Op::VRem => values::v_rem,
        Op::VLocal => values::vlocal,
        Op::VLocalStore => values::vlocal_store,
        Op::VSlide => values::vslide,
        Op::Closure => calls::closure,
        Op::CallClosure => calls::call_closure,
        Op::CallSpread => calls::call_spread,
        Op::Apply => calls::apply,
        Op::TailCall => calls::tail_call,
        Op::TailCallClosure => calls::tail_call_closure,
        Op::ThrowValue => calls::throw_value,
        Op::TryEnter => calls::try_enter,
        Op::TryExit => control::catch_exit,
        Op::Suspend => calls::suspend,
        Op::Resume => calls::resume,
    }
}
