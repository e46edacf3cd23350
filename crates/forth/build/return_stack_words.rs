//! Words that only compile.

use stele_bytecode::instruction::Op;

/// Words whose compilation adds one instruction that works on the return stack of the very function
/// it is part of; they cannot be functions of their own.
pub(crate) const RETURN_STACK_WORDS: &[(&str, Op)] = &[
    (">R", Op::ToR),
    ("R>", Op::RFrom),
    ("R@", Op::RFetch),
    ("2>R", Op::TwoToR),
    ("2R>", Op::TwoRFrom),
    ("2R@", Op::TwoRFetch),
    ("I", Op::I),
    ("J", Op::J),
    ("UNLOOP", Op::Unloop),
];
