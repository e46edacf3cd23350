//! `cargo xtask ci`: all that must hold, in one command.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::arch::Arch;
use crate::build::cargo;
use crate::command;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::setup::{self, Needs};
use crate::test::{self, Tally};
use crate::ui;

/// The command `cargo xtask ci`: the last line it prints is `N passed, N failed`.
///
/// One failure stops nothing, so that a single run tells all of them.
pub(crate) fn command() -> Result<()> {
    setup::ensure(&Needs::boot(&Arch::ALL))?;
    let mut tally = Tally::default();
    for mut step in steps() {
        let line = command::line(&step);
        ui::step("Checking", &line);
        match command::run(&mut step) {
            Ok(()) => tally.count(1, 0),
            Err(error) => fail(&mut tally, &error)?,
        }
    }
    for arguments in TESTS {
        match unit_tests(arguments) {
            Ok(counted) => tally.join(counted),
            Err(error) => fail(&mut tally, &error)?,
        }
    }
    match test::run(&test::Request::default()) {
        Ok(counted) => tally.join(counted),
        Err(error) => fail(&mut tally, &error)?,
    }
    println!("\n{tally}");
    tally.verdict()
}

/// Counts a step that failed; only the user's own wish ends the run.
fn fail(tally: &mut Tally, error: &Error) -> Result<()> {
    interrupt::check()?;
    ui::error(&error.to_string());
    tally.count(0, 1);
    Ok(())
}

/// Everything but the tests: on this machine, then for the bare ones.
fn steps() -> Vec<Command> {
    let mut steps = vec![
        step(&["fmt", "--all", "--check"]),
        step(&[
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    ];
    for arch in Arch::ALL {
        for (package, target) in [
            ("stele-loader", arch.loader_target()),
            ("stele-kernel", arch.kernel_target()),
        ] {
            // Not --all-targets: the bare targets have no test harness.
            steps.push(step(&[
                "clippy",
                "--quiet",
                "--package",
                package,
                "--target",
                target,
                "--",
                "-D",
                "warnings",
            ]));
        }
    }
    let mut documentation = step(&["doc", "--quiet", "--workspace", "--no-deps"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    steps.push(documentation);
    steps
}

fn step(arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.args(arguments);
    command
}

/// All tests; and once more, optimised as it is shipped, the one that its dispatch goes by jumps.
const TESTS: [&[&str]; 2] = [
    &["test", "--all", "--no-fail-fast"],
    &[
        "test",
        "--release",
        "--package",
        "stele-vm",
        "--test",
        "dispatch",
    ],
];

/// A `cargo test`, its output passed on and counted.
fn unit_tests(arguments: &[&str]) -> Result<Tally> {
    let mut cargo = step(arguments);
    ui::step("Testing", &command::line(&cargo));
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| command::start(&cargo, source))?;
    let mut tally = Tally::default();
    let mut any_failed = false;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout)
            .lines()
            .map_while(std::result::Result::ok)
        {
            println!("{line}");
            if let Some((passed, failed)) = counts(&line) {
                tally.count(passed, failed);
                any_failed |= failed > 0;
            }
        }
    }
    let status = child
        .wait()
        .map_err(|source| command::start(&cargo, source))?;
    interrupt::check()?;
    // A test that does not compile, or aborts, prints no counts.
    if !status.success() && !any_failed {
        tally.count(0, 1);
    }
    Ok(tally)
}

/// Reads `test result: ok. 12 passed; 0 failed; …`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut parts = counts.split("; ");
    let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some((passed, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_a_test_program_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(counts(line), Some((12, 3)));
        assert_eq!(counts("test foo ... ok"), None);
        assert_eq!(counts("test result: "), None);
    }
}
