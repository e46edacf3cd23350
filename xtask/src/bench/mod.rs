//! `cargo xtask bench`: Stele beside its peers, in the same run, on the same machine.
//!
//! Read [`forth`]; [`stats`] and [`table`] are its arithmetic and its output. [`memory`] runs a
//! program that does its own. A measured time is printed with its spread and decides nothing; a
//! wrong result ends the run.

pub(crate) mod forth;
pub(crate) mod memory;
mod stats;
mod table;
