//! Long runs: tests that run for as long as one likes, and end with a count of what was done.
//!
//! The verifier is run with every debug assertion of the interpreter, optimised as it is shipped.

use crate::build;
use crate::command;
use crate::error::Result;

/// The command `cargo xtask soak atoms`: the stress of crates/memory/tests/stress.rs for so long.
pub(crate) fn atoms(minutes: u32) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.args(["test", "--release", "--package", "stele-memory"]);
    cargo.args(["--test", "stress", "--", "--nocapture"]);
    cargo.env("STELE_SOAK_MINUTES", minutes.to_string());
    command::run(&mut cargo)
}

/// The command `cargo xtask soak verifier`: the tampering of crates/forth/tests/verifier.rs for so long.
pub(crate) fn verifier(minutes: u32) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.args(["test", "--profile", "checked", "--package", "stele-forth"]);
    cargo.args(["--test", "verifier", "--", "--nocapture"]);
    cargo.env("STELE_SOAK_MINUTES", minutes.to_string());
    command::run(&mut cargo)
}
