//! The memory crate against other persistent collections: benches/memory, built for speed and run.

use std::process::Command;

use crate::build;
use crate::command;
use crate::error::Result;

/// The command `cargo xtask bench memory`.
pub(crate) fn command(runs: u32, filter: Option<&str>, quick: bool) -> Result<()> {
    let mut program = Command::new(build::memory_bench()?);
    program.args(["--runs", &runs.to_string()]);
    if let Some(filter) = filter {
        program.args(["--filter", filter]);
    }
    if quick {
        program.arg("--quick");
    }
    command::run(&mut program)
}
