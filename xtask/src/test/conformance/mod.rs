//! The conformance cases: the same texts on all hosts, once from a file and once typed, and one line
//! that tells what came of it.
//!
//! Read [`suite`] (the texts), this page (running them), [`report`] (the line).

mod report;
mod suite;

use std::process::Command;

use super::boot;
use super::check::Outcome;
use super::rig::{self, Booted, Linux, Rig, SUITE};
use crate::error::Result;
use crate::session::Session;
use crate::session::explain::{Stop, explain};
use report::Report;
pub(super) use report::Results;
pub(super) use suite::{Suite, Suites};

/// The fewest cases that count as a conformance run, from a file and typed.
const LEAST: u64 = 500;
const LEAST_TYPED: u64 = 30;

/// What QEMU exits with when the kernel's `qemu-exit` passes on BYE with status 0.
const QEMU_BYE: i32 = 33;

/// What is waited for in every run.
const END: &str = "the end of the cases by BYE";

/// Runs the cases from a file with the program on this machine.
pub(super) fn on_linux(linux: &Linux, results: &Results) -> Result<Outcome> {
    let mut command = Command::new(&linux.program);
    // As on the bare machine, where a prompt always follows the boot source: the parity hash covers
    // everything a program can see, this wish included.
    command.arg("--interactive").arg(&linux.suite);
    let mut session = rig::start(&mut command, "linux", "conformance")?;
    session.close_input();
    Ok(match finish(&mut session, 0) {
        Ok(report) => {
            let outcome = judge(&report, &linux.suites.from_file, LEAST, &session);
            results.put("linux", report);
            outcome
        }
        Err(stop) => Outcome::fail(story(&session, &stop)),
    })
}

/// Types the cases that must be typed, through a pipe, at the program on this machine.
pub(super) fn typed_on_linux(linux: &Linux, results: &Results) -> Result<Outcome> {
    let mut command = Command::new(&linux.program);
    // Errors are part of it: what is typed goes on after them.
    command.arg("--interactive");
    let mut session = rig::start(&mut command, "linux", "typed")?;
    let suite = &linux.suites.typed;
    // If it takes no input, the report will not come, and that is explained.
    // The empty line is what `boot::to_prompt` types at a machine; it counts like any other.
    let _ = session.send(&format!("\r{}", as_typed(suite)));
    Ok(match finish(&mut session, 0) {
        Ok(report) => {
            let outcome = judge(&report, suite, LEAST_TYPED, &session);
            results.put("linux", report);
            outcome
        }
        Err(stop) => Outcome::fail(story(&session, &stop)),
    })
}

/// Boots a machine into the cases from a file.
pub(super) fn on_machine(rig: &Rig, results: &Results) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.suite, "conformance")?;
    Ok(match finish(&mut booted.session, QEMU_BYE) {
        Ok(report) => {
            let outcome = judge(&report, &rig.suites.from_file, LEAST, &booted.session);
            results.put(rig.arch.name(), report);
            outcome
        }
        Err(stop) => Outcome::fail(booted.story(&stop, END)),
    })
}

/// Types the cases that must be typed at a booted machine.
pub(super) fn typed_on_machine(rig: &Rig, results: &Results) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "typed")?;
    let reported = boot::to_prompt(&mut booted).and_then(|()| type_at(&mut booted, rig));
    Ok(match reported {
        Ok(report) => {
            let outcome = judge(&report, &rig.suites.typed, LEAST_TYPED, &booted.session);
            results.put(rig.arch.name(), report);
            outcome
        }
        Err(story) => Outcome::fail(story),
    })
}

fn type_at(booted: &mut Booted<'_>, rig: &Rig) -> std::result::Result<Report, String> {
    booted.send(&as_typed(&rig.suites.typed))?;
    finish(&mut booted.session, QEMU_BYE).map_err(|stop| booted.story(&stop, END))
}

/// The cases as a terminal sends them: its Enter key is a carriage return.
fn as_typed(suite: &Suite) -> String {
    suite.source.replace('\n', "\r")
}

/// Waits for the end, which must be by BYE, and finds the report.
fn finish(session: &mut Session, code: i32) -> std::result::Result<Report, Stop> {
    let status = session.finish(SUITE)?;
    let report = Report::find(session.transcript().text());
    report
        .filter(|_| status.code() == Some(code))
        .ok_or(Stop::Ended(status))
}

fn judge(report: &Report, suite: &Suite, least: u64, session: &Session) -> Outcome {
    let said = session.transcript().text();
    report.outcome(suite, least, said, session.log_path())
}

fn story(session: &Session, stop: &Stop) -> String {
    explain(stop, END, session.transcript(), session.log_path(), &[])
}
