//! A fault in the kernel: it says what happened, with registers and a backtrace, and ends.

use super::check::Outcome;
use super::rig::{ANSWER, FIRMWARE, Rig};
use crate::error::Result;
use crate::session::explain::Stop;

/// The faults that the kernel has on purpose for `provoke=` on its command line: kernel/README.md.
pub(super) const FAULTS: [&str; 6] = [
    "panic",
    "page-fault",
    "invalid-instruction",
    "protection",
    "stack-overflow",
    "double-fault",
];

/// What QEMU exits with when the kernel gives up under `qemu-exit`.
const QEMU_PANIC: i32 = 65;

/// Boots with a fault and reads the report.
pub(super) fn check(rig: &Rig, fault: &str) -> Result<Outcome> {
    let words = format!("qemu-exit provoke={fault}");
    let disk = rig.disk(&rig.contents().command_line(&words), fault)?;
    let mut booted = rig.boot(&disk, &format!("fault-{fault}"))?;
    booted.session.want_panic();
    if let Err(story) = booted.expect("*** KERNEL PANIC ***", FIRMWARE) {
        return Ok(Outcome::fail(story));
    }
    let status = match booted.session.finish(ANSWER) {
        Ok(status) => status,
        Err(stop) => {
            return Ok(Outcome::fail(
                booted.story(&stop, "the end after the panic"),
            ));
        }
    };
    let said = booted.session.transcript().text();
    let missing = ["registers:", "backtrace:", "kernel_main", "System halted."]
        .into_iter()
        .find(|part| !said.contains(part));
    Ok(match missing {
        None if status.code() == Some(QEMU_PANIC) => Outcome::pass(""),
        None => Outcome::fail(booted.story(&Stop::Ended(status), "exit code 65")),
        Some(part) => {
            let wanted = format!("`{part}` in the report");
            Outcome::fail(booted.story(&Stop::Ended(status), &wanted))
        }
    })
}
