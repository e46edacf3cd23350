//! The tests that the kernel makes of its machine under the command-line word `self-test`.

use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::error::Result;

/// What the kernel says when a test has passed, in order; each is in a line of its own that begins
/// with `self-test:`.
const PASSED: [&str; 12] = [
    "free frames handed out in",
    "a page of 2 MiB mapped, split, cut and unmapped",
    "no page to be written and executed among",
    "the heap grew from 1024 to",
    "memory, console and processor",
    "comes if it is registered and unmasked",
    "interrupts that nobody answers were counted",
    "a reading of the clock takes",
    "the clock went back in none of",
    "timers at a time, and not one more",
    "periods missed",
    "loaded, read, and saved as it was",
];

/// What in those lines is worth a person's while.
const TELLING: [&str; 3] = ["executed among", "a reading of the clock", "late by"];

/// Boots with all tests.
pub(super) fn check(rig: &Rig) -> Result<Outcome> {
    let contents = rig.contents().command_line("qemu-exit self-test");
    let disk = rig.disk(&contents, "self-test")?;
    let mut booted = rig.boot(&disk, "self-test")?;
    Ok(Outcome::of(pass(&mut booted)))
}

/// Waits until all tests have passed; gives the lines worth reading.
pub(super) fn pass(booted: &mut Booted<'_>) -> std::result::Result<String, String> {
    let mut limit = FIRMWARE;
    for test in PASSED {
        booted.expect("self-test: ", limit)?;
        booted.expect(test, ANSWER)?;
        limit = ANSWER;
    }
    let said = booted.session.transcript().text();
    let lines = said
        .lines()
        .filter_map(|line| Some(line.split_once("self-test: ")?.1));
    let telling = lines.filter(|line| TELLING.iter().any(|part| line.contains(part)));
    Ok(telling.collect::<Vec<&str>>().join("; "))
}
