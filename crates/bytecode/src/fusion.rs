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
        Op::Dup => with_copy(second, b),
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
        (Op::I, Op::Add) => Op::IAdd,
        (Op::I, Op::Cells) => Op::ICells,
        (Op::ICells, Op::Add) => Op::ICellsAdd,
        (Op::Cells, Op::Add) => Op::CellsAdd,
        (Op::Equal, Op::JumpIfZero) | (Op::NotEqual, Op::JumpIfNotZero) => Op::JumpUnlessEqual,
        (Op::NotEqual, Op::JumpIfZero) | (Op::Equal, Op::JumpIfNotZero) => Op::JumpIfEqual,
        (Op::Less, Op::JumpIfZero) => Op::JumpUnlessLess,
        (Op::Greater, Op::JumpIfZero) => Op::JumpUnlessGreater,
        (Op::Below, Op::JumpIfZero) => Op::JumpUnlessBelow,
        (Op::ZeroLess, Op::JumpIfZero) => Op::JumpUnlessNegative,
        (Op::ZeroEqual, Op::JumpIfZero) | (Op::ZeroNotEqual, Op::JumpIfNotZero) => {
            Op::JumpIfNotZero
        }
        (Op::ZeroNotEqual, Op::JumpIfZero) | (Op::ZeroEqual, Op::JumpIfNotZero) => Op::JumpIfZero,
        _ => return None,
    })
}
