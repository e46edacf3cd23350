//! Long runs: tests that run for as long as one likes, and end with a count of what was done.

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
