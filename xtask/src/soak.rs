//! Long runs: tests that run for as long as one likes, and end with a count of what was done.
//!
//! The verifier is run with every debug assertion of the interpreter, optimised as it is shipped.

use crate::build;
use crate::command;
use crate::error::Result;

/// The command `cargo xtask soak atoms`: the stress of crates/memory/tests/stress.rs for so long.
pub(crate) fn atoms(minutes: u32) -> Result<()> {
    run("stele-memory", "stress", minutes)
}

/// The command `cargo xtask soak text`: the programs of crates/arbiter/tests/fuzz_text for so long.
pub(crate) fn text(minutes: u32) -> Result<()> {
    run("stele-arbiter", "fuzz_text", minutes)
}

/// Runs a test of a package, which ends after so many minutes.
fn run(package: &str, test: &str, minutes: u32) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.args(["test", "--release", "--package", package]);
    cargo.args(["--test", test, "--", "--nocapture"]);
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
