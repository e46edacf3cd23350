//! Fusion: pairs of instructions that become one.
//!
//! Every instruction costs the interpreter a jump that is hard to predict, so the common pairs have
//! an instruction of their own: a number and what uses it, a comparison and the branch on it, an
//! array's address and the index into it. A fused instruction leaves what its parts would leave, and may need less of the stack; if it
//! traps it has not begun. The pairs nest, so `dup 2 < if` becomes one branch.

use crate::instruction::Op;

/// A fused instruction's words.
pub(crate) struct Fused {
    words: [u32; 4],
    length: usize,
}

impl Fused {
    fn plain(op: Op) -> Self {
        Self {
            words: [op as u32, 0, 0, 0],
            length: op.words(),
        }
    }

    /// With a number in the high half of the first word.
    fn short(op: Op, number: i16) -> Self {
        let first = op as u32 | u32::from(number.cast_unsigned()) << 16;
        Self {
            words: [first, 0, 0, 0],
            length: op.words(),
        }
    }

    /// With a number in the second word.
    fn int(op: Op, number: i32) -> Self {
        Self {
            words: [op as u32, number.cast_unsigned(), 0, 0],
            length: op.words(),
        }
    }

    pub(crate) fn words(&self) -> &[u32] {
        &self.words[..self.length]
    }
}

/// One instruction that does what `first` and then `second` do, if there is one.
pub(crate) fn fuse(first: &[u32], second: &[u32]) -> Option<Fused> {
    let (a, b) = (Op::decode(*first.first()?)?, Op::decode(*second.first()?)?);
    match a {
        Op::Short => with_number(i32::from(high_half(first)), second, b),
        Op::Int => with_number(first[1].cast_signed(), second, b),
        Op::ShortAdd | Op::IntAdd | Op::IInt | Op::ICellsInt => with_address(a, first, second, b),
        Op::FetchAt if b == Op::Add => Some(Fused::int(Op::AddAt, first[1].cast_signed())),
        Op::Dup => with_copy(second, b),
        Op::I => with_index(b),
        Op::Swap | Op::SwapShortAdd => with_exchange(a, first, second, b),
        Op::IntAnd => with_mask(first[1].cast_signed(), b),
        Op::TwoStar | Op::TwoSlash | Op::ShiftLeft | Op::ShiftSigned => shift_again(a, first, b),
        _ => plain_pair(a, b).map(Fused::plain),
    }
}

fn high_half(words: &[u32]) -> i16 {
    (words[0] >> 16) as u16 as i16
}

/// A number and what takes it.
fn with_number(number: i32, second: &[u32], op: Op) -> Option<Fused> {
    let short = i16::try_from(number).ok();
    let add = |number: i32| match i16::try_from(number) {
        Ok(short) => Fused::short(Op::ShortAdd, short),
        Err(_) => Fused::int(Op::IntAdd, number),
    };
    let branch = |op| Some(Fused::short(op, short?));
    match op {
        Op::Add => Some(add(number)),
        Op::Sub => Some(add(number.checked_neg()?)),
        Op::Cells => literal(number.checked_mul(8)?),
        Op::Throw if number != 0 => Some(Fused::short(Op::Raise, short?)),
        Op::Mul => Some(Fused::int(Op::IntMul, number)),
        Op::And => Some(Fused::int(Op::IntAnd, number)),
        Op::IntMul => literal(number.checked_mul(second[1].cast_signed())?),
        Op::IntAnd => literal(number & second[1].cast_signed()),
        Op::LeftShift => shift(Op::ShiftLeft, number),
        Op::RightShift => shift(Op::ShiftRight, number),
        Op::Fetch => Some(Fused::int(Op::FetchAt, number)),
        Op::Store => Some(Fused::int(Op::StoreAt, number)),
        Op::PlusStore => Some(Fused::int(Op::PlusStoreAt, number)),
        Op::IAdd => Some(Fused::int(Op::IInt, number)),
        Op::ICellsAdd => Some(Fused::int(Op::ICellsInt, number)),
        Op::JumpUnlessEqual => branch(Op::JumpUnlessEqualShort),
        Op::JumpIfEqual => branch(Op::JumpIfEqualShort),
        Op::JumpUnlessLess => branch(Op::JumpUnlessLessShort),
        Op::JumpUnlessGreater => branch(Op::JumpUnlessGreaterShort),
        Op::JumpUnlessBelow => branch(Op::JumpUnlessBelowShort),
        Op::ShortAdd => literal(number.checked_add(i32::from(high_half(second)))?),
        _ => None,
    }
}

/// A shift by so many places, if there are as many.
fn shift(op: Op, places: i32) -> Option<Fused> {
    let short = i16::try_from(places).ok()?;
    (0..64).contains(&short).then(|| Fused::short(op, short))
}

/// One more place of the same shift.
fn shift_again(a: Op, first: &[u32], b: Op) -> Option<Fused> {
    let places = match a {
        Op::TwoStar | Op::TwoSlash => 1,
        _ => i32::from(high_half(first)),
    };
    match (a, b) {
        (Op::TwoStar | Op::ShiftLeft, Op::TwoStar) => shift(Op::ShiftLeft, places + 1),
        (Op::TwoSlash | Op::ShiftSigned, Op::TwoSlash) => shift(Op::ShiftSigned, places + 1),
        _ => None,
    }
}

/// The bits of a cell that a mask leaves, and a branch on them.
fn with_mask(mask: i32, op: Op) -> Option<Fused> {
    let branch = match op {
        Op::JumpIfZero => Op::JumpUnlessBits,
        Op::JumpIfNotZero => Op::JumpIfBits,
        _ => return None,
    };
    Some(Fused::short(branch, i16::try_from(mask).ok()?))
}

/// A loop's index and what takes it.
fn with_index(op: Op) -> Option<Fused> {
    match op {
        Op::Fetch => Some(Fused::int(Op::IFetch, 0)),
        Op::Store => Some(Fused::int(Op::IStore, 0)),
        Op::ByteFetch => Some(Fused::int(Op::IByteFetch, 0)),
        Op::ByteStore => Some(Fused::int(Op::IByteStore, 0)),
        _ => plain_pair(Op::I, op).map(Fused::plain),
    }
}

/// An exchange and an addition to what it brings up, and the way back.
fn with_exchange(a: Op, first: &[u32], second: &[u32], op: Op) -> Option<Fused> {
    let add = |number| Some(Fused::short(Op::SwapShortAdd, number));
    match (a, op) {
        (Op::SwapShortAdd, Op::Swap) => Some(Fused::short(Op::UnderShortAdd, high_half(first))),
        (Op::SwapShortAdd, _) => None,
        (_, Op::OnePlus) => add(1),
        (_, Op::OneMinus) => add(-1),
        (_, Op::CellPlus) => add(8),
        (_, Op::ShortAdd) => add(high_half(second)),
        _ => plain_pair(a, op).map(Fused::plain),
    }
}

fn literal(number: i32) -> Option<Fused> {
    Some(match i16::try_from(number) {
        Ok(short) => Fused::short(Op::Short, short),
        Err(_) => Fused::int(Op::Int, number),
    })
}

/// A computed address and the access to it, or another addition.
fn with_address(a: Op, first: &[u32], second: &[u32], op: Op) -> Option<Fused> {
    let number = match a {
        Op::ShortAdd => i32::from(high_half(first)),
        _ => first[1].cast_signed(),
    };
    let access = match (a, op) {
        (Op::ShortAdd | Op::IntAdd, Op::ByteFetch) => Op::ByteFetchOff,
        (Op::ShortAdd | Op::IntAdd, Op::Fetch) => Op::FetchOff,
        (Op::ShortAdd | Op::IntAdd, Op::ByteStore) => Op::ByteStoreOff,
        (Op::IInt, Op::Fetch) => Op::IFetch,
        (Op::IInt, Op::Store) => Op::IStore,
        (Op::IInt, Op::ByteFetch) => Op::IByteFetch,
        (Op::IInt, Op::ByteStore) => Op::IByteStore,
        (Op::ICellsInt, Op::Fetch) => Op::ICellFetch,
        (Op::ICellsInt, Op::Store) => Op::ICellStore,
        (Op::ShortAdd | Op::IntAdd, Op::ShortAdd | Op::IntAdd) => {
            let other = if op == Op::ShortAdd {
                i32::from(high_half(second))
            } else {
                second[1].cast_signed()
            };
            let sum = number.checked_add(other)?;
            return Some(match i16::try_from(sum) {
                Ok(short) => Fused::short(Op::ShortAdd, short),
                Err(_) => Fused::int(Op::IntAdd, sum),
            });
        }
        _ => return None,
    };
    Some(Fused::int(access, number))
}

/// A copy and what takes the copy.
fn with_copy(second: &[u32], op: Op) -> Option<Fused> {
    let branch = |op| Some(Fused::short(op, high_half(second)));
    match op {
        Op::Fetch => Some(Fused::plain(Op::DupFetch)),
        Op::ToR => Some(Fused::plain(Op::DupToR)),
        Op::JumpIfZero => Some(Fused::plain(Op::JumpIfDupZero)),
        Op::JumpIfNotZero => Some(Fused::plain(Op::JumpIfDupNotZero)),
        Op::JumpUnlessBits => branch(Op::JumpDupUnlessBits),
        Op::JumpIfBits => branch(Op::JumpDupIfBits),
        Op::JumpUnlessEqualShort => branch(Op::JumpDupUnlessEqualShort),
        Op::JumpIfEqualShort => branch(Op::JumpDupIfEqualShort),
        Op::JumpUnlessLessShort => branch(Op::JumpDupUnlessLessShort),
        Op::JumpUnlessGreaterShort => branch(Op::JumpDupUnlessGreaterShort),
        Op::JumpUnlessBelowShort => branch(Op::JumpDupUnlessBelowShort),
        _ => None,
    }
}

/// Pairs without operands.
fn plain_pair(a: Op, b: Op) -> Option<Op> {
    Some(match (a, b) {
        (Op::Over, Op::Add) => Op::OverAdd,
        (Op::Over, Op::Fetch) => Op::OverFetch,
        (Op::Over, Op::Over) => Op::TwoDup,
        (Op::Add, Op::Fetch) => Op::AddFetch,
        (Op::Add, Op::ByteFetch) => Op::AddByteFetch,
        (Op::Swap, Op::Drop) => Op::Nip,
        (Op::Swap, Op::Over) => Op::Tuck,
        (Op::TwoDup, Op::Nip) => Op::Dup,
        (Op::Swap, Op::Store) => Op::SwapStore,
        (Op::Swap, Op::ByteStore) => Op::SwapByteStore,
        (Op::Drop, Op::Drop) => Op::TwoDrop,
        (Op::Rot, Op::Rot) => Op::MinusRot,
        (Op::RFrom, Op::Add) => Op::RFromAdd,
        (Op::RFrom, Op::Swap) => Op::RFromSwap,
        (Op::I, Op::Add) => Op::IAdd,
        (Op::IAdd, Op::Fetch) => Op::IAddFetch,
        (Op::IAdd, Op::ByteFetch) => Op::IAddByteFetch,
        (Op::I, Op::Cells) => Op::ICells,
        (Op::ICells, Op::Add) => Op::ICellsAdd,
        (Op::Cells, Op::Add) => Op::CellsAdd,
        (Op::Equal, Op::JumpIfZero) | (Op::NotEqual, Op::JumpIfNotZero) => Op::JumpUnlessEqual,
        (Op::NotEqual, Op::JumpIfZero) | (Op::Equal, Op::JumpIfNotZero) => Op::JumpIfEqual,
        (Op::Less, Op::JumpIfZero) => Op::JumpUnlessLess,
        (Op::Less, Op::JumpIfNotZero) => Op::JumpIfLess,
        (Op::Greater, Op::JumpIfZero) => Op::JumpUnlessGreater,
        (Op::Greater, Op::JumpIfNotZero) => Op::JumpIfGreater,
        (Op::Below, Op::JumpIfZero) => Op::JumpUnlessBelow,
        (Op::ZeroLess, Op::JumpIfZero) => Op::JumpUnlessNegative,
        (Op::ZeroEqual, Op::JumpIfZero) | (Op::ZeroNotEqual, Op::JumpIfNotZero) => {
            Op::JumpIfNotZero
        }
        (Op::ZeroNotEqual, Op::JumpIfZero) | (Op::ZeroEqual, Op::JumpIfNotZero) => Op::JumpIfZero,
        _ => return None,
    })
}
