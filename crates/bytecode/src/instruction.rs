//! The instruction set, in one table.
//!
//! An instruction is one to four 32-bit little-endian words. The first holds the opcode in its low
//! byte and, for some operations, a 16-bit operand in its high half;
//! every other bit is zero. Whatever needs to know an instruction (builder, verifier, interpreter,
//! disassembler) reads this table, so there is one place to add one.

use crate::analysis::{Lane, LaneEffect};
use crate::function::Delta;

/// How the words after (and the high half of) the first are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// One word, no operand.
    None,
    /// One word; the high half is a signed 16-bit number.
    Short,
    /// One word; the high half is the unsigned number of a primitive.
    Primitive,
    /// Two words; the second is a signed 32-bit number.
    Int,
    /// Three words; the second and third are a 64-bit number, low half first.
    Cell,
    /// Two words; the second names a function: its place in the code space once linked, its index
    /// in the module before.
    Function,
    /// Two words; the second is an execution token.
    Token,
    /// One word; the high half is an unsigned number of values, on which the effect depends.
    Values,
    /// Three words: a function, as in `Function`; the arguments that it is called with (low half) and
    /// the values that it captures (high half).
    Closure,
    /// Three words: the high half of the first, and both halves of the second, are cells of the return
    /// stack, of the data stack and values that are put away; the third is the cost of the path
    /// behind it.
    Suspend,
    /// Two words; the second is the number of a value: among those of the instance once linked, of
    /// the module before.
    Constant,
    /// Three words: distance to the target in words from the first, and the cost of the path that
    /// begins there.
    Jump,
    /// Four words: distance to the target, cost of the path taken, cost of the path not taken.
    Branch,
    /// As `Branch`, with a signed 16-bit number in the high half of the first word.
    BranchShort,
    /// Two words: items that the stack must hold (low half) and that must fit (high half).
    Check,
    /// One word; the high half is an unsigned number of return stack cells, on which the effect
    /// depends.
    Cells,
    /// Three words; the second and third are the bits of a float, low half first. Of those that are
    /// no number, only [`NAN`] is one.
    Float,
}

impl Operands {
    /// True if the high half of the first word is an operand; else it is zero.
    #[must_use]
    pub const fn uses_high_half(self) -> bool {
        matches!(
            self,
            Self::Short
                | Self::Primitive
                | Self::BranchShort
                | Self::Cells
                | Self::Values
                | Self::Suspend
        )
    }

    /// True if the second word is the distance to a target.
    #[must_use]
    pub const fn jumps(self) -> bool {
        matches!(self, Self::Jump | Self::Branch | Self::BranchShort)
    }

    /// Length of an instruction with these operands, in words (1 to 4).
    #[must_use]
    pub const fn words(self) -> usize {
        match self {
            Self::None | Self::Short | Self::Primitive | Self::Cells | Self::Values => 1,
            Self::Int | Self::Function | Self::Token | Self::Constant | Self::Check => 2,
            Self::Cell | Self::Float | Self::Jump | Self::Closure | Self::Suspend => 3,
            Self::Branch | Self::BranchShort => 4,
        }
    }
}

/// What an instruction does to the data and the return stack, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackUse {
    /// Cells taken from the data stack.
    pub takes: u16,
    /// Cells left on the data stack.
    pub leaves: u16,
    /// Cells of this function taken from the return stack.
    pub return_takes: u16,
    /// Cells left on the return stack.
    pub return_leaves: u16,
}

/// What follows an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next instruction.
    Next,
    /// The next instruction, at a data stack depth that only running can tell.
    Unknown,
    /// The target, always.
    Jump,
    /// The target or the next instruction.
    Branch,
    /// The next instruction after a function whose own effect applies.
    Call,
    /// The next instruction after a primitive whose own effect applies.
    Primitive,
    /// Nothing in this function: what it calls returns to its caller.
    Tail,
    /// The next instruction, whenever the call is resumed.
    Suspend,
    /// Nothing in this function.
    End,
}

/// The bits of the one float that is no number: what every operation makes of any other such bits.
pub const NAN: u64 = 0x7FF8_0000_0000_0000;

/// True if these are bits of a float that is no number.
#[must_use]
pub const fn is_nan(bits: u64) -> bool {
    bits << 1 > 0x7FF0_0000_0000_0000 << 1
}

/// The bits of the float in the operands of an instruction that leaves one.
#[must_use]
pub const fn float_bits(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

/// Whether these are bits that a float on the stack may have: of those that are no number, one.
#[must_use]
pub const fn is_float(bits: u64) -> bool {
    bits == NAN || !is_nan(bits)
}

/// Effect on the value stack, or the float stack, of a row, most of which have none.
macro_rules! lane {
    () => {
        LaneEffect::NONE
    };
    ($takes:literal $leaves:literal) => {
        LaneEffect::of($takes, $leaves)
    };
}

macro_rules! instructions {
    ($( $name:ident $mnemonic:literal $operands:ident ($takes:literal $leaves:literal)
        ($return_takes:literal $return_leaves:literal) $([$($values:literal)*])?
        $({$($floats:literal)*})? $flow:ident $cost:literal $(traps($($trap:literal)*))?
        $doc:literal; )*) => {
        /// An operation. The number is the encoding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Op { $( #[doc = $doc] $name, )* }

        /// Every operation, in encoding order.
        pub const ALL: &[Op] = &[ $( Op::$name, )* ];

        const MNEMONICS: &[&str] = &[ $( $mnemonic, )* ];
        const OPERANDS: &[Operands] = &[ $( Operands::$operands, )* ];
        const STACK: &[StackUse] = &[ $( StackUse {
            takes: $takes, leaves: $leaves, return_takes: $return_takes, return_leaves: $return_leaves,
        }, )* ];
        const VALUES: &[LaneEffect] = &[ $( lane!($($($values)*)?), )* ];
        const FLOATS: &[LaneEffect] = &[ $( lane!($($($floats)*)?), )* ];
        const FLOW: &[Flow] = &[ $( Flow::$flow, )* ];
        const COST: &[u8] = &[ $( $cost, )* ];
        const TRAPS: &[&[i16]] = &[ $( &[$($($trap,)*)?], )* ];
        const MEANING: &[&str] = &[ $( $doc, )* ];
    };
}

// name, mnemonic, operands, data stack (takes leaves), return stack (takes leaves), value stack [takes
// leaves] if it uses that, float stack {takes leaves} if it uses that, flow, cost, traps(throw codes) if
// it traps, meaning
instructions! {
    Invalid "invalid" None (0 0) (0 0) End 1 "Never valid, so a run of zeroes is no program.";
    Halt "halt" None (0 0) (0 0) End 1 "Ends the instance: its first function has returned.";
    Return "return" None (0 0) (0 0) End 1 "Returns to the caller.";
    Call "call" Function (0 0) (0 0) Call 2 traps(-3 -5 -257) "Calls a function.";
    CallWord "call-word" Token (0 0) (0 0) Unknown 4 traps(-3 -4 -5 -13 -27 -257 -258 -264) "Calls whatever the word of that token now does.";
    Execute "execute" None (1 0) (0 0) Unknown 4 traps(-3 -4 -5 -13 -27 -257 -258 -264) "Takes an execution token and calls its word.";
    Primitive "primitive" Primitive (0 0) (0 0) Primitive 0 "Runs a primitive of the host table.";
    Check "check" Check (0 0) (0 0) Unknown 1 traps(-3 -4 -5 -257) "Traps unless the stack holds and can take what the code up to the next check needs.";
    Jump "jump" Jump (0 0) (0 0) Jump 1 "Continues at the target.";
    JumpIfZero "jump-if-zero" Branch (1 0) (0 0) Branch 1 "Takes a cell; continues at the target if it is zero.";
    JumpIfNotZero "jump-if-not-zero" Branch (1 0) (0 0) Branch 1 "Takes a cell; continues at the target if it is not zero.";
    JumpUnlessEqual "jump-unless-equal" Branch (2 0) (0 0) Branch 2 "Takes two cells; continues at the target unless they are equal.";
    JumpIfEqual "jump-if-equal" Branch (2 0) (0 0) Branch 2 "Takes two cells; continues at the target if they are equal.";
    JumpUnlessLess "jump-unless-less" Branch (2 0) (0 0) Branch 2 "Takes a b; continues at the target unless a < b, signed.";
    JumpUnlessGreater "jump-unless-greater" Branch (2 0) (0 0) Branch 2 "Takes a b; continues at the target unless a > b, signed.";
    JumpUnlessBelow "jump-unless-below" Branch (2 0) (0 0) Branch 2 "Takes a b; continues at the target unless a < b, unsigned.";
    JumpUnlessNegative "jump-unless-negative" Branch (1 0) (0 0) Branch 2 "Takes a cell; continues at the target unless it is below zero.";
    JumpUnlessEqualShort "jump-unless-equal-short" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target unless it equals the number.";
    JumpIfEqualShort "jump-if-equal-short" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target if it equals the number.";
    JumpUnlessLessShort "jump-unless-less-short" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target unless it is less than the number, signed.";
    JumpUnlessGreaterShort "jump-unless-greater-short" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target unless it is greater than the number, signed.";
    JumpUnlessBelowShort "jump-unless-below-short" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target unless it is less than the number, unsigned.";
    JumpDupUnlessEqualShort "jump-dup-unless-equal-short" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target unless it equals the number.";
    JumpDupIfEqualShort "jump-dup-if-equal-short" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target if it equals the number.";
    JumpDupUnlessLessShort "jump-dup-unless-less-short" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target unless it is less than the number, signed.";
    JumpDupUnlessGreaterShort "jump-dup-unless-greater-short" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target unless it is greater than the number, signed.";
    JumpDupUnlessBelowShort "jump-dup-unless-below-short" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target unless it is less than the number, unsigned.";
    JumpIfDupZero "jump-if-dup-zero" Branch (1 1) (0 0) Branch 2 "Looks at a cell; continues at the target if it is zero.";
    JumpIfDupNotZero "jump-if-dup-not-zero" Branch (1 1) (0 0) Branch 2 "Looks at a cell; continues at the target if it is not zero.";
    JumpTakingZero "jump-taking-zero" Branch (1 1) (0 0) Branch 2 "Looks at a cell; takes it and continues at the target if it is zero: ?dup and jump-if-zero in one.";
    Do "do" None (2 0) (0 2) Next 2 "Takes limit and start; begins a counted loop.";
    QuestionDo "?do" Branch (2 0) (0 2) Branch 2 "Takes limit and start; begins a counted loop, or continues at the target if they are equal, nothing begun.";
    Loop "loop" Branch (0 0) (2 2) Branch 2 "Adds one to the loop's index; continues at the target until it meets the limit, then ends the loop.";
    PlusLoop "+loop" Branch (1 0) (2 2) Branch 2 "Takes a step and adds it to the loop's index; continues at the target until the boundary below the limit is crossed, then ends the loop.";
    Unloop "unloop" None (0 0) (2 0) Next 1 "Ends the innermost loop's parameters.";
    I "i" None (0 1) (2 2) Next 1 "Leaves the innermost loop's index.";
    J "j" None (0 1) (4 4) Next 1 "Leaves the next outer loop's index.";
    ToR ">r" None (1 0) (0 1) Next 1 "Moves a cell to the return stack.";
    RFrom "r>" None (0 1) (1 0) Next 1 "Moves a cell from the return stack.";
    RFetch "r@" None (0 1) (1 1) Next 1 "Copies a cell from the return stack.";
    TwoToR "2>r" None (2 0) (0 2) Next 2 "Moves two cells to the return stack, order kept.";
    TwoRFrom "2r>" None (0 2) (2 0) Next 2 "Moves two cells from the return stack, order kept.";
    TwoRFetch "2r@" None (0 2) (2 2) Next 2 "Copies two cells from the return stack, order kept.";
    CatchEnter "catch-enter" None (1 0) (0 2) Next 4 traps(-3 -5 -257) "Takes an execution token, puts a handler's record on the return stack, and calls its word; catch-exit follows.";
    CatchExit "catch-exit" None (0 1) (2 0) Unknown 2 "Takes the handler's record off and leaves zero; a throw takes it off itself, leaves its code and goes on behind this.";
    Throw "throw" None (1 0) (0 0) Next 2 "Takes a code; if it is not zero, unwinds to the handler with it.";
    Raise "raise" Short (0 0) (0 0) End 3 "Unwinds to the handler with a code of 16 bits, which is not zero.";
    Short "short" Short (0 1) (0 0) Next 1 "Leaves a number of 16 bits, sign extended.";
    Int "int" Int (0 1) (0 0) Next 1 "Leaves a number of 32 bits, sign extended.";
    Cell "cell" Cell (0 1) (0 0) Next 1 "Leaves a number of 64 bits.";
    Token "token" Token (0 1) (0 0) Next 1 "Leaves an execution token.";
    Function "function-place" Function (0 1) (0 0) Next 1 "Leaves a function's place in the code space, for DOES>.";
    Drop "drop" None (1 0) (0 0) Next 1 "a --";
    Dup "dup" None (1 2) (0 0) Next 1 "a -- a a";
    Swap "swap" None (2 2) (0 0) Next 1 "a b -- b a";
    Over "over" None (2 3) (0 0) Next 1 "a b -- a b a";
    Nip "nip" None (2 1) (0 0) Next 1 "a b -- b";
    Tuck "tuck" None (2 3) (0 0) Next 1 "a b -- b a b";
    Rot "rot" None (3 3) (0 0) Next 1 "a b c -- b c a";
    MinusRot "-rot" None (3 3) (0 0) Next 1 "a b c -- c a b";
    TwoDrop "2drop" None (2 0) (0 0) Next 1 "a b --";
    TwoDup "2dup" None (2 4) (0 0) Next 1 "a b -- a b a b";
    TwoSwap "2swap" None (4 4) (0 0) Next 2 "a b c d -- c d a b";
    TwoOver "2over" None (4 6) (0 0) Next 2 "a b c d -- a b c d a b";
    QuestionDup "?dup" None (1 2) (0 0) Unknown 1 "a -- 0 | a a";
    Depth "depth" None (0 1) (0 0) Next 1 "Leaves the number of cells that were on the data stack.";
    Pick "pick" None (1 1) (0 0) Next 1 traps(-4) "xu … x0 u -- xu … x0 xu; traps if there is no xu.";
    Add "+" None (2 1) (0 0) Next 1 "Sum, wrapping.";
    Sub "-" None (2 1) (0 0) Next 1 "Difference, wrapping.";
    Mul "*" None (2 1) (0 0) Next 1 "Product, wrapping.";
    Div "/" None (2 1) (0 0) Next 4 traps(-10 -11) "Quotient, floored; traps on zero and on overflow.";
    Mod "mod" None (2 1) (0 0) Next 4 traps(-10 -11) "Remainder of floored division; traps as /.";
    DivMod "/mod" None (2 2) (0 0) Next 4 traps(-10 -11) "Remainder and quotient, floored; traps as /.";
    MulDiv "*/" None (3 1) (0 0) Next 6 traps(-10 -11) "a × b ÷ c with a double-cell product, floored; traps as /.";
    MulDivMod "*/mod" None (3 2) (0 0) Next 6 traps(-10 -11) "Remainder and quotient of a × b ÷ c; traps as /.";
    UMulWide "um*" None (2 2) (0 0) Next 2 "Unsigned double-cell product.";
    MulWide "m*" None (2 2) (0 0) Next 2 "Signed double-cell product.";
    UDivWide "um/mod" None (3 2) (0 0) Next 6 traps(-10 -11) "Unsigned double by single: remainder, quotient; traps on zero and on overflow.";
    FloorDivWide "fm/mod" None (3 2) (0 0) Next 6 traps(-10 -11) "Signed double by single, floored; traps on zero and on overflow.";
    SymmetricDivWide "sm/rem" None (3 2) (0 0) Next 6 traps(-10 -11) "Signed double by single, symmetric; traps on zero and on overflow.";
    Negate "negate" None (1 1) (0 0) Next 1 "Two's complement.";
    Abs "abs" None (1 1) (0 0) Next 1 "Absolute value, wrapping.";
    Min "min" None (2 1) (0 0) Next 1 "The lesser, signed.";
    Max "max" None (2 1) (0 0) Next 1 "The greater, signed.";
    OnePlus "1+" None (1 1) (0 0) Next 1 "Adds one, wrapping.";
    OneMinus "1-" None (1 1) (0 0) Next 1 "Subtracts one, wrapping.";
    TwoStar "2*" None (1 1) (0 0) Next 1 "Shifts left by one.";
    TwoSlash "2/" None (1 1) (0 0) Next 1 "Shifts right by one, the sign kept.";
    CellPlus "cell+" None (1 1) (0 0) Next 1 "Adds the size of a cell.";
    Cells "cells" None (1 1) (0 0) Next 1 "Multiplies by the size of a cell.";
    LeftShift "lshift" None (2 1) (0 0) Next 1 "Shifts left; by 64 or more leaves zero.";
    RightShift "rshift" None (2 1) (0 0) Next 1 "Shifts right, zeroes coming in; by 64 or more leaves zero.";
    And "and" None (2 1) (0 0) Next 1 "Bitwise and.";
    Or "or" None (2 1) (0 0) Next 1 "Bitwise or.";
    Xor "xor" None (2 1) (0 0) Next 1 "Bitwise exclusive or.";
    Invert "invert" None (1 1) (0 0) Next 1 "Bitwise complement.";
    Equal "=" None (2 1) (0 0) Next 1 "True if equal.";
    NotEqual "<>" None (2 1) (0 0) Next 1 "True if different.";
    Less "<" None (2 1) (0 0) Next 1 "True if a < b, signed.";
    Greater ">" None (2 1) (0 0) Next 1 "True if a > b, signed.";
    Below "u<" None (2 1) (0 0) Next 1 "True if a < b, unsigned.";
    Above "u>" None (2 1) (0 0) Next 1 "True if a > b, unsigned.";
    ZeroEqual "0=" None (1 1) (0 0) Next 1 "True if zero.";
    ZeroNotEqual "0<>" None (1 1) (0 0) Next 1 "True if not zero.";
    ZeroLess "0<" None (1 1) (0 0) Next 1 "True if below zero.";
    ZeroGreater "0>" None (1 1) (0 0) Next 1 "True if above zero.";
    Within "within" None (3 1) (0 0) Next 2 "True if a lies in b up to c, circular.";
    SignExtend "s>d" None (1 2) (0 0) Next 1 "Single to double, the sign kept.";
    DAdd "d+" None (4 2) (0 0) Next 2 "Double-cell sum, wrapping.";
    DSub "d-" None (4 2) (0 0) Next 2 "Double-cell difference, wrapping.";
    DNegate "dnegate" None (2 2) (0 0) Next 2 "Double-cell two's complement.";
    Fetch "@" None (1 1) (0 0) Next 1 traps(-9) "Loads a cell; traps outside data space.";
    Store "!" None (2 0) (0 0) Next 1 traps(-9 -20) "x addr --: stores a cell; traps outside writable data space.";
    ByteFetch "c@" None (1 1) (0 0) Next 1 traps(-9) "Loads a byte; traps outside data space.";
    ByteStore "c!" None (2 0) (0 0) Next 1 traps(-9 -20) "x addr --: stores a byte; traps outside writable data space.";
    PlusStore "+!" None (2 0) (0 0) Next 2 traps(-9 -20) "x addr --: adds to a cell; traps outside writable data space.";
    TwoFetch "2@" None (1 2) (0 0) Next 2 traps(-9) "Loads two cells, the first on top; traps outside data space.";
    TwoStore "2!" None (3 0) (0 0) Next 2 traps(-9 -20) "a b addr --: stores b first, a after it; traps outside writable data space.";
    ShortAdd "short+" Short (1 1) (0 0) Next 2 "Adds a number of 16 bits: short and + in one.";
    OverAdd "over+" None (2 2) (0 0) Next 2 "a b -- a a+b: over and + in one.";
    DupFetch "dup@" None (1 2) (0 0) Next 2 traps(-9) "addr -- addr x: dup and @ in one.";
    AddFetch "+@" None (2 1) (0 0) Next 2 traps(-9) "+ and @ in one.";
    AddByteFetch "+c@" None (2 1) (0 0) Next 2 traps(-9) "+ and c@ in one.";
    IAdd "i+" None (1 1) (2 2) Next 2 "i and + in one.";
    CellsAdd "cells+" None (2 1) (0 0) Next 2 "cells and + in one.";
    IntAdd "int+" Int (1 1) (0 0) Next 2 "Adds a number of 32 bits: int and + in one.";
    OverFetch "over@" None (2 3) (0 0) Next 2 traps(-9) "addr b -- addr b x: over and @ in one.";
    FetchAt "@at" Int (0 1) (0 0) Next 2 traps(-9) "Loads the cell at an address: int and @ in one.";
    StoreAt "!at" Int (1 0) (0 0) Next 2 traps(-9 -20) "Stores a cell at an address: int and ! in one.";
    PlusStoreAt "+!at" Int (1 0) (0 0) Next 3 traps(-9 -20) "Adds to the cell at an address: int and +! in one.";
    ByteFetchOff "c@off" Int (1 1) (0 0) Next 3 traps(-9) "Loads the byte at an offset from an address: int+ and c@ in one.";
    FetchOff "@off" Int (1 1) (0 0) Next 3 traps(-9) "Loads the cell at an offset from an address: int+ and @ in one.";
    ByteStoreOff "c!off" Int (2 0) (0 0) Next 3 traps(-9 -20) "Stores a byte at an offset from an address: int+ and c! in one.";
    ICells "i-cells" None (0 1) (2 2) Next 2 "i and cells in one.";
    ICellsAdd "i-cells+" None (1 1) (2 2) Next 3 "i-cells and + in one.";
    IInt "i-int" Int (0 1) (2 2) Next 3 "Leaves the sum of a number and the index: int and i+ in one.";
    ICellsInt "i-cells-int" Int (0 1) (2 2) Next 4 "Leaves the sum of a number and the index in cells: int and i-cells+ in one.";
    IByteFetch "i-c@" Int (0 1) (2 2) Next 4 traps(-9) "Loads the byte that i-int leads to.";
    IByteStore "i-c!" Int (1 0) (2 2) Next 4 traps(-9 -20) "Stores the byte that i-int leads to.";
    ICellFetch "i-@" Int (0 1) (2 2) Next 5 traps(-9) "Loads the cell that i-cells-int leads to.";
    ICellStore "i-!" Int (1 0) (2 2) Next 5 traps(-9 -20) "Stores the cell that i-cells-int leads to.";
    SwapStore "swap!" None (2 0) (0 0) Next 2 traps(-9 -20) "addr x --: swap and ! in one.";
    SwapByteStore "swap-c!" None (2 0) (0 0) Next 2 traps(-9 -20) "addr x --: swap and c! in one.";
    RFromAdd "r>+" None (1 1) (1 0) Next 2 "r> and + in one.";
    DupToR "dup>r" None (1 1) (0 1) Next 2 "dup and >r in one.";
    CheckValues "check-values" Check (0 0) (0 0) Next 1 traps(-257 -289 -290) "Traps unless the value stack holds and can take what the code of the value region that begins here needs.";
    VDup "vdup" None (0 0) (0 0) [1 2] Next 1 "Values: a -- a a";
    VDrop "vdrop" None (0 0) (0 0) [1 0] Next 1 "Values: a --";
    VSwap "vswap" None (0 0) (0 0) [2 2] Next 1 "Values: a b -- b a";
    VOver "vover" None (0 0) (0 0) [2 3] Next 1 "Values: a b -- a b a";
    VNip "vnip" None (0 0) (0 0) [2 1] Next 1 "Values: a b -- b";
    VTuck "vtuck" None (0 0) (0 0) [2 3] Next 1 "Values: a b -- b a b";
    VRot "vrot" None (0 0) (0 0) [3 3] Next 1 "Values: a b c -- b c a";
    VDepth "vdepth" None (0 1) (0 0) Next 1 "Leaves the number of values that are on the value stack.";
    VPick "vpick" None (1 0) (0 0) [0 1] Next 1 traps(-290) "u -- and values: xu … x0 -- xu … x0 xu; traps if there is no xu.";
    ToV ">v" None (1 0) (0 0) [0 1] Next 2 traps(-257) "Moves a cell to the value stack, as an integer.";
    VFrom "v>" None (0 1) (0 0) [1 0] Next 2 traps(-291) "Moves an integer from the value stack; traps if the value is none.";
    Constant "constant" Constant (0 0) (0 0) [0 1] Next 2 traps(-292) "Leaves the value of that number among those that code refers to; traps if there is none.";
    Locals "locals" Cells (0 0) (0 0) Next 4 "Moves as many cells as it says to the return stack, order kept.";
    LocalFetch "local@" Cells (0 0) (0 0) Next 1 "Copies the return stack's cell that has as many above it as it says.";
    LocalStore "local!" Cells (0 0) (0 0) Next 1 "Takes a cell and puts it in place of the return stack's that has as many above it as it says.";
    ReturnDrop "rdrop" Cells (0 0) (0 0) Next 1 "Drops as many cells of the return stack as it says.";
    IntAnd "int-and" Int (1 1) (0 0) Next 2 "Bitwise and with a number of 32 bits: int and and in one.";
    IntMul "int*" Int (1 1) (0 0) Next 2 "Multiplies by a number of 32 bits, wrapping: int and * in one.";
    ShiftLeft "shift-left" Short (1 1) (0 0) Next 2 "Shifts left by a number taken modulo 64.";
    ShiftRight "shift-right" Short (1 1) (0 0) Next 2 "Shifts right, zeroes coming in, by a number taken modulo 64.";
    ShiftSigned "shift-signed" Short (1 1) (0 0) Next 2 "Shifts right, the sign kept, by a number taken modulo 64.";
    AddAt "+at" Int (1 1) (0 0) Next 3 traps(-9) "Adds the cell at an address: @at and + in one.";
    SwapShortAdd "swap-short+" Short (2 2) (0 0) Next 3 "a b -- b a+n for a number of 16 bits: swap and short+ in one.";
    UnderShortAdd "under-short+" Short (2 2) (0 0) Next 4 "a b -- a+n b for a number of 16 bits: swap-short+ and swap in one.";
    RFromSwap "r>swap" None (1 2) (1 0) Next 2 "r> and swap in one.";
    IFetch "i@" Int (0 1) (2 2) Next 4 traps(-9) "Loads the cell that i-int leads to.";
    IStore "i!" Int (1 0) (2 2) Next 4 traps(-9 -20) "Stores the cell that i-int leads to.";
    IAddByteFetch "i+c@" None (1 1) (2 2) Next 3 traps(-9) "i+ and c@ in one.";
    IAddFetch "i+@" None (1 1) (2 2) Next 3 traps(-9) "i+ and @ in one.";
    JumpIfLess "jump-if-less" Branch (2 0) (0 0) Branch 2 "Takes a b; continues at the target if a < b, signed.";
    JumpIfGreater "jump-if-greater" Branch (2 0) (0 0) Branch 2 "Takes a b; continues at the target if a > b, signed.";
    JumpUnlessBits "jump-unless-bits" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target unless it has a bit of the number.";
    JumpIfBits "jump-if-bits" BranchShort (1 0) (0 0) Branch 3 "Takes a cell; continues at the target if it has a bit of the number.";
    JumpDupUnlessBits "jump-dup-unless-bits" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target unless it has a bit of the number.";
    JumpDupIfBits "jump-dup-if-bits" BranchShort (1 1) (0 0) Branch 4 "Looks at a cell; continues at the target if it has a bit of the number.";
    CheckFloats "check-floats" Check (0 0) (0 0) Next 1 traps(-44 -45 -257) "Traps unless the float stack holds and can take what the code of the float region that begins here needs.";
    Float "float" Float (0 0) (0 0) {0 1} Next 1 "Leaves a float.";
    FDup "fdup" None (0 0) (0 0) {1 2} Next 1 "Floats: a -- a a";
    FDrop "fdrop" None (0 0) (0 0) {1 0} Next 1 "Floats: a --";
    FSwap "fswap" None (0 0) (0 0) {2 2} Next 1 "Floats: a b -- b a";
    FOver "fover" None (0 0) (0 0) {2 3} Next 1 "Floats: a b -- a b a";
    FNip "fnip" None (0 0) (0 0) {2 1} Next 1 "Floats: a b -- b";
    FTuck "ftuck" None (0 0) (0 0) {2 3} Next 1 "Floats: a b -- b a b";
    FRot "frot" None (0 0) (0 0) {3 3} Next 1 "Floats: a b c -- b c a";
    FDepth "fdepth" None (0 1) (0 0) Next 1 "Leaves the number of floats that are on the float stack.";
    FPick "fpick" None (1 0) (0 0) {0 1} Next 1 traps(-45) "u -- and floats: xu … x0 -- xu … x0 xu; traps if there is no xu.";
    FFetch "f@" None (1 0) (0 0) {0 1} Next 1 traps(-9) "Loads a float; traps outside data space.";
    FStore "f!" None (1 0) (0 0) {1 0} Next 1 traps(-9 -20) "addr -- and floats: r --: stores a float; traps outside writable data space.";
    FAdd "f+" None (0 0) (0 0) {2 1} Next 2 "Sum.";
    FSub "f-" None (0 0) (0 0) {2 1} Next 2 "Difference.";
    FMul "f*" None (0 0) (0 0) {2 1} Next 2 "Product.";
    FDiv "f/" None (0 0) (0 0) {2 1} Next 4 "Quotient; by zero an infinity, or NaN.";
    FNegate "fnegate" None (0 0) (0 0) {1 1} Next 1 "The other sign, but of NaN.";
    FAbs "fabs" None (0 0) (0 0) {1 1} Next 1 "Magnitude.";
    FMin "fmin" None (0 0) (0 0) {2 1} Next 2 "The lesser, -0 below 0; NaN if one of them is.";
    FMax "fmax" None (0 0) (0 0) {2 1} Next 2 "The greater, 0 above -0; NaN if one of them is.";
    FSqrt "fsqrt" None (0 0) (0 0) {1 1} Next 8 "Square root; NaN of what is below zero.";
    FLess "f<" None (0 1) (0 0) {2 0} Next 2 "True if a < b; never of NaN.";
    FLessEqual "f<=" None (0 1) (0 0) {2 0} Next 2 "True if a < b or equal; never of NaN.";
    FEqual "f=" None (0 1) (0 0) {2 0} Next 2 "True if equal, as 0 and -0 are; never of NaN.";
    FZeroLess "f0<" None (0 1) (0 0) {1 0} Next 2 "True if below zero; not of -0, nor of NaN.";
    FZeroEqual "f0=" None (0 1) (0 0) {1 0} Next 2 "True of 0 and -0.";
    SToF "s>f" None (1 0) (0 0) {0 1} Next 2 "Cell to the nearest float, of two the even one.";
    FToS "f>s" None (0 1) (0 0) {1 0} Next 2 "Float to cell towards zero; the nearest cell there is if it does not fit, 0 of NaN.";
    DToF "d>f" None (2 0) (0 0) {0 1} Next 2 "Double-cell number to the nearest float, of two the even one.";
    FToD "f>d" None (0 2) (0 0) {1 0} Next 2 "Float to double-cell number towards zero; the nearest there is if it does not fit, 0 of NaN.";
    BitsToF "bits>f" None (1 0) (0 0) {0 1} Next 1 "A cell's bits as a float, of which every NaN is one.";
    FToBits "f>bits" None (0 1) (0 0) {1 0} Next 1 "A float's bits as a cell.";
    VAdd "v+" None (0 0) (0 0) [2 1] Next 3 traps(-257 -291 -330) "Sum: of integers, of floats, or of both as floats.";
    VSub "v-" None (0 0) (0 0) [2 1] Next 3 traps(-257 -291 -330) "Difference, as v+.";
    VMul "v*" None (0 0) (0 0) [2 1] Next 3 traps(-257 -291 -330) "Product, as v+.";
    VDiv "v/" None (0 0) (0 0) [2 1] Next 6 traps(-10 -257 -291 -330) "Quotient, as v+; of integers towards zero.";
    VRem "v%" None (0 0) (0 0) [2 1] Next 6 traps(-10 -257 -291) "Remainder, as v+; it has the dividend's sign.";
    VLocal "vlocal" Values (0 0) (0 0) Next 1 "Copies the value that has as many above it as it says.";
    VLocalStore "vlocal!" Values (0 0) (0 0) Next 1 "Takes a value and puts it in place of the one that has as many above it as it says.";
    VSlide "vslide" Values (0 0) (0 0) Next 1 "Drops as many values as it says from below the top one.";
    Closure "closure" Closure (0 0) (0 0) Next 8 traps(-257) "Takes the values that it captures and leaves a function value: code of this function, called with so many arguments.";
    CallClosure "call-closure" Values (0 0) (0 0) Next 6 traps(-3 -5 -257 -289 -291 -328 -329) "Takes a function value and as many arguments below it as it says; calls its code with the arguments and what it captures above them; leaves the one value that this returns.";
    CallSpread "call-spread" None (0 0) (0 0) [2 1] Next 6 traps(-3 -5 -257 -289 -291 -328 -329) "Takes a vector and a function value on top of it; as call-closure, with the vector's elements as arguments.";
    Apply "apply" Values (0 0) (0 0) Unknown 6 traps(-3 -4 -5 -257 -289 -291 -328) "As call-closure, for code that may leave anything.";
    TailCall "tail-call" Function (0 0) (0 0) Tail 2 traps(-3 -5 -257) "Calls a function in place of the one that runs.";
    TailCallClosure "tail-call-closure" Values (0 0) (0 0) Tail 6 traps(-3 -5 -257 -289 -291 -328 -329) "As call-closure, in place of the function that runs.";
    ThrowValue "throw-value" None (1 0) (0 0) [1 0] Next 3 "Takes a code and a value; if the code is not zero, unwinds to the handler with both.";
    TryEnter "try-enter" None (0 0) (0 2) [1 1] Next 8 traps(-3 -5 -257 -289 -291 -328 -329) "Takes a function value without arguments, puts a handler's record on the return stack, and calls its code, which leaves one value; try-exit follows.";
    TryExit "try-exit" None (0 1) (2 0) Next 2 "Takes the handler's record off and leaves zero; a throw takes it off itself, leaves its code, and in place of the result the value thrown, nil if none was, and goes on behind this.";
    Suspend "suspend" Suspend (0 0) (0 0) [1 1] Suspend 8 traps(-257) "Takes a value, puts away the call of this function in a value together with it, and returns that; goes on with the value that the call is resumed with.";
    Resume "resume" None (0 0) (0 0) [2 1] Next 8 traps(-3 -5 -257 -289 -291) "Takes a suspended call and a value, and goes on with a copy of the call; leaves the value that this returns.";
}

impl Op {
    /// The operation that a first word encodes, if any.
    #[must_use]
    pub fn decode(word: u32) -> Option<Self> {
        ALL.get((word & 0xFF) as usize)
            .copied()
            .filter(|op| *op != Self::Invalid)
    }

    /// The operation of that mnemonic, if any.
    #[must_use]
    pub fn from_mnemonic(text: &str) -> Option<Self> {
        ALL.iter()
            .copied()
            .find(|op| op.mnemonic() == text && *op != Self::Invalid)
    }

    /// The name in assembler text.
    #[must_use]
    pub fn mnemonic(self) -> &'static str {
        MNEMONICS[self as usize]
    }

    /// How its operands are encoded.
    #[must_use]
    pub fn operands(self) -> Operands {
        OPERANDS[self as usize]
    }

    /// Its length in words (1 to 4).
    #[must_use]
    pub fn words(self) -> usize {
        self.operands().words()
    }

    /// Its effect on the stacks, where that does not depend on an operand.
    #[must_use]
    pub fn stack(self) -> StackUse {
        STACK[self as usize]
    }

    /// Its effect on the stacks, `first` being its first word.
    #[must_use]
    pub fn stack_of(self, first: u32) -> StackUse {
        let cells = (first >> 16) as u16;
        let uses = |takes, leaves, return_takes, return_leaves| StackUse {
            takes,
            leaves,
            return_takes,
            return_leaves,
        };
        let reached = cells.saturating_add(1);
        match self {
            Self::Locals => uses(cells, 0, 0, cells),
            Self::LocalFetch => uses(0, 1, reached, reached),
            Self::LocalStore => uses(1, 0, reached, reached),
            Self::ReturnDrop => uses(0, 0, cells, 0),
            _ => self.stack(),
        }
    }

    /// Its effect on the value stack or the float stack, where that does not depend on an operand.
    #[must_use]
    pub fn lane(self, lane: Lane) -> LaneEffect {
        match lane {
            Lane::Values => VALUES[self as usize],
            Lane::Floats => FLOATS[self as usize],
        }
    }

    /// Its effect on a lane's stack, `first` being its first word; that of `closure` depends on its
    /// other words.
    #[must_use]
    pub fn lane_of(self, lane: Lane, first: u32) -> LaneEffect {
        let count = (first >> 16) as u16;
        // No function reaches so far as a count that is no change; a need that none can have says so.
        let (reached, change) = match i16::try_from(count) {
            Ok(change) => (count, change),
            Err(_) => (u16::MAX, 0),
        };
        let uses = |need: u16, change| LaneEffect {
            need: reached.saturating_add(need),
            delta: Delta::Static(change),
            room: u16::from(change > 0),
        };
        match self {
            _ if lane != Lane::Values => self.lane(lane),
            Self::VLocal => uses(1, 1),
            Self::VLocalStore => uses(2, -1),
            Self::VSlide | Self::CallClosure | Self::Apply | Self::TailCallClosure => {
                uses(1, -change)
            }
            _ => self.lane(lane),
        }
    }

    /// True if it runs, or ends, what may leave any number of values and floats.
    #[must_use]
    pub fn calls_unknown(self) -> bool {
        matches!(
            self,
            Self::CallWord | Self::Execute | Self::CatchExit | Self::Apply
        )
    }

    /// True if its second word names a function.
    #[must_use]
    pub fn names_function(self) -> bool {
        matches!(self.operands(), Operands::Function | Operands::Closure)
    }

    /// The throw codes with which it traps, beside those for a lack of what a check or its function's
    /// entry has looked for.
    #[must_use]
    pub fn traps(self) -> &'static [i16] {
        TRAPS[self as usize]
    }

    /// What follows it.
    #[must_use]
    pub fn flow(self) -> Flow {
        FLOW[self as usize]
    }

    /// True if a program may add it by itself: it needs no operand, and nothing that must follow it.
    #[must_use]
    pub fn stands_alone(self) -> bool {
        let goes_on = matches!(self.flow(), Flow::Next | Flow::Unknown) || self == Self::Return;
        let paired = matches!(self, Self::CatchEnter | Self::CatchExit);
        self.operands() == Operands::None && goes_on && !paired
    }

    /// True if the path that it belongs to, which is charged as a whole, ends with it.
    #[must_use]
    pub fn ends_path(self) -> bool {
        match self.flow() {
            Flow::Jump | Flow::Branch | Flow::Tail | Flow::Suspend | Flow::End => true,
            Flow::Next | Flow::Unknown | Flow::Call | Flow::Primitive => false,
        }
    }

    /// Its cost in units; a primitive's comes from its own entry.
    #[must_use]
    pub fn cost(self) -> u32 {
        u32::from(COST[self as usize])
    }

    /// One line of meaning.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        MEANING[self as usize]
    }
}
