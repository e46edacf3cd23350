//! `cargo xtask bench`: Stele measured; where it has a peer, beside it, in the same run.
//!
//! Read [`forth`] and [`definitions`], a program for it; [`stats`] and [`table`] are its arithmetic and its output. [`memory`] runs a
//! program that does its own. [`clock`] and [`idle`] have no peer and boot machines by [`booted`]. A
//! measured time is printed with its spread and decides nothing; a wrong result ends the run.

mod booted;
pub(crate) mod clock;
mod definitions;
pub(crate) mod forth;
pub(crate) mod idle;
pub(crate) mod memory;
mod stats;
mod table;
