//! `cargo xtask bench`: Stele beside its peers, in the same run, on the same machine.
//!
//! Read [`forth`]; [`stats`] and [`table`] are its arithmetic and its output. A measured time is
//! printed with its spread and decides nothing; a wrong result ends the run.

pub(crate) mod forth;
mod stats;
mod table;
