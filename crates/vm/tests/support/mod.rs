//! What the tests of the machine share: programs made from text or by hand, a host to run them on,
//! and the model they are compared with.

#![allow(dead_code, unused_imports, reason = "each test uses its part")]

#[path = "../../../bytecode/tests/support/mod.rs"]
pub(crate) mod bytecode;
pub(crate) mod every;
pub(crate) mod generate;
pub(crate) mod host;
pub(crate) mod model;
pub(crate) mod primitives;
pub(crate) mod program;

use stele_bytecode::instruction::Op;

/// Instructions that the model does not know: their operands are values that it has none of. They are
/// tested by what programs with them print.
pub(crate) const BEYOND_MODEL: &[Op] = &[
    Op::Constant,
    Op::VAdd,
    Op::VSub,
    Op::VMul,
    Op::VDiv,
    Op::VRem,
    Op::Closure,
    Op::CallClosure,
    Op::CallSpread,
    Op::Apply,
    Op::TailCall,
    Op::TailCallClosure,
    Op::ThrowValue,
    Op::TryEnter,
    Op::TryExit,
    Op::Suspend,
    Op::Resume,
];

pub(crate) use host::{End, Host, Report};
pub(crate) use model::Model;
pub(crate) use program::{Program, WordSpec};
