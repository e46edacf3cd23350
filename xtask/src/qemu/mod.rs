//! The emulated machine: one description, one command line.
//!
//! Read [`machine`]; [`memory`] is only how its size is written, [`monitor`]
//! how a running one is asked, [`stub`] how one is stopped and changed. Nothing here starts anything:
//! `run`, `gdb` and the tests do, each in its own way.

pub(crate) mod machine;
pub(crate) mod memory;
pub(crate) mod monitor;
pub(crate) mod stub;
