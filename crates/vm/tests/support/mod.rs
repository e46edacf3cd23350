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

pub(crate) use host::{End, Host, Report};
pub(crate) use model::Model;
pub(crate) use program::{Program, WordSpec};
