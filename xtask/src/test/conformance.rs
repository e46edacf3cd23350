//! The conformance cases: one text for all hosts, one line that tells what came of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::check::Outcome;
use super::rig::{self, FIRMWARE, Linux, Rig, SUITE};
use crate::error::{Error, Result};
use crate::markers;
use crate::session::explain::explain;
use crate::workspace;

/// The fewest cases that count as a conformance run of CORE.
const LEAST: u64 = 500;

/// What QEMU exits with when the kernel's `qemu-exit` passes on BYE with status 0.
const QEMU_BYE: i32 = 33;

/// The source of a whole run: the harness, every file of cases in the order of their names, the
/// report, the end.
pub(super) fn suite() -> Result<String> {
    let directory = workspace::root().join("tests/conformance");
    let mut files = vec![directory.join("harness.fth")];
    let mut cases = Vec::new();
    collect(&directory.join("core"), &mut cases)?;
    cases.sort();
    files.extend(cases);
    let mut text = String::new();
    for file in files {
        text += &fs::read_to_string(&file).map_err(Error::file("read", &file))?;
        text += "\n";
    }
    text += "REPORT\nBYE\n";
    Ok(text)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(directory).map_err(Error::file("read", directory))?;
    for entry in entries {
        let path = entry.map_err(Error::file("read", directory))?.path();
        if path.extension().is_some_and(|extension| extension == "fth") {
            files.push(path);
        }
    }
    Ok(())
}

/// What the system reports at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Cases that passed.
    passed: u64,
    /// Cases that failed.
    failed: u64,
    /// The parity hash: 16 hexadecimal digits.
    parity: String,
}

impl Report {
    /// Finds `conformance: N passed, N failed, parity HHHHHHHHHHHHHHHH` in what was said.
    fn find(said: &str) -> Option<Report> {
        said.lines().rev().find_map(|line| {
            let (_, counts) = line.split_once("conformance: ")?;
            let mut parts = counts.split(", ");
            let passed = parts.next()?.strip_suffix(" passed")?.trim().parse().ok()?;
            let failed = parts.next()?.strip_suffix(" failed")?.trim().parse().ok()?;
            let parity = parts.next()?.strip_prefix("parity ")?.trim();
            let hash = parity.len() == 16 && parity.bytes().all(|byte| byte.is_ascii_hexdigit());
            hash.then(|| Report {
                passed,
                failed,
                parity: parity.to_owned(),
            })
        })
    }

    fn outcome(&self, said: &str, log: &Path) -> Outcome {
        let mut text = format!(
            "{} cases, parity {}",
            self.passed + self.failed,
            self.parity
        );
        let mut failed = self.failed;
        if failed > 0 {
            text = format!("{failed} of {text}\n{}", failures(said).join("\n"));
        } else if self.passed < LEAST {
            failed = 1;
            text = format!("only {text}; at least {LEAST} are expected");
        }
        if failed > 0 {
            text += &format!("\nwhole log: {}", log.display());
        }
        Outcome {
            passed: self.passed,
            failed,
            text,
        }
    }
}

/// What the harness printed about the first cases that failed: `FAIL` and the two lines after it.
fn failures(said: &str) -> Vec<&str> {
    let lines: Vec<&str> = said.lines().collect();
    let of_failure = |at: usize| {
        let near = lines.get(at.saturating_sub(2)..=at).unwrap_or_default();
        near.iter().any(|line| line.starts_with("FAIL "))
    };
    let chosen = lines.iter().enumerate().filter(|(at, _)| of_failure(*at));
    chosen.map(|(_, line)| *line).take(30).collect()
}

/// The reports of all hosts that ran the cases.
#[derive(Default)]
pub(super) struct Results(Mutex<BTreeMap<&'static str, Report>>);

impl Results {
    fn put(&self, host: &'static str, report: Report) {
        if let Ok(mut reports) = self.0.lock() {
            reports.insert(host, report);
        }
    }

    /// Whether the hosts agree; nothing to say about fewer than two.
    pub(super) fn compared(&self) -> Option<Outcome> {
        let reports = self.0.lock().ok()?;
        if reports.len() < 2 {
            return None;
        }
        let mut all = reports.values();
        let first = all.next()?;
        if all.all(|report| report == first) {
            return Some(Outcome::pass(format!("parity {}", first.parity)));
        }
        let line = |(host, report): (&&str, &Report)| {
            let Report {
                passed,
                failed,
                parity,
            } = report;
            format!("{host:<8} {passed} passed, {failed} failed, parity {parity}")
        };
        let lines: Vec<String> = reports.iter().map(line).collect();
        Some(Outcome::fail(format!(
            "the hosts differ\n{}",
            lines.join("\n")
        )))
    }
}

/// Runs the cases with the program on this machine.
pub(super) fn on_linux(linux: &Linux, results: &Results) -> Result<Outcome> {
    let mut command = Command::new(&linux.program);
    // As on the bare machine, where a prompt always follows the boot source: the parity hash covers
    // everything a program can see, this wish included.
    command.arg("--interactive").arg(&linux.suite);
    let mut session = rig::start(&mut command, "linux", "conformance")?;
    session.close_input();
    let ended = session.finish(SUITE);
    let (transcript, log) = (session.transcript(), session.log_path());
    let fail = |stop| {
        let story = explain(&stop, "the conformance report", transcript, log, &[]);
        Outcome::fail(story)
    };
    Ok(match (ended, Report::find(transcript.text())) {
        (Ok(status), Some(report)) if status.success() => {
            let outcome = report.outcome(transcript.text(), log);
            results.put("linux", report);
            outcome
        }
        (Ok(status), _) => fail(crate::session::explain::Stop::Ended(status)),
        (Err(stop), _) => fail(stop),
    })
}

/// Boots a machine into the cases.
pub(super) fn on_machine(rig: &Rig, results: &Results) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.suite, "conformance")?;
    if let Err(story) = booted.expect(markers::STAGES[0], FIRMWARE) {
        return Ok(Outcome::fail(story));
    }
    if let Err(story) = booted.expect("conformance: ", SUITE) {
        return Ok(Outcome::fail(story));
    }
    let ended = booted.session.finish(rig::ANSWER);
    let said = booted.session.transcript().text();
    Ok(match (ended, Report::find(said)) {
        (Ok(status), Some(report)) if status.code() == Some(QEMU_BYE) => {
            let outcome = report.outcome(said, booted.session.log_path());
            results.put(rig.arch.name(), report);
            outcome
        }
        (Ok(status), _) => {
            let stop = crate::session::explain::Stop::Ended(status);
            Outcome::fail(booted.story(&stop, "the end of the run by BYE"))
        }
        (Err(stop), _) => Outcome::fail(booted.story(&stop, "the end of the run by BYE")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "conformance: 612 passed, 0 failed, parity 0123456789ABCDEF";

    fn report(passed: u64, parity: &str) -> Report {
        Report {
            passed,
            failed: 0,
            parity: parity.to_owned(),
        }
    }

    #[test]
    fn the_report_is_found_behind_other_output() {
        let said = format!("Stele VM v0.1.0\n\n{LINE}\n ok\n");
        assert_eq!(Report::find(&said), Some(report(612, "0123456789ABCDEF")));
    }

    #[test]
    fn a_report_cut_short_is_none() {
        for end in ["conformance: ".len(), LINE.len() - 1] {
            assert_eq!(Report::find(&LINE[..end]), None);
        }
        assert_eq!(
            Report::find("conformance: x passed, 0 failed, parity 0123456789ABCDEF"),
            None
        );
    }

    #[test]
    fn too_few_cases_are_no_conformance() {
        let log = Path::new("/log");
        assert_eq!(report(LEAST, "0").outcome("", log).failed, 0);
        assert_eq!(report(LEAST - 1, "0").outcome("", log).failed, 1);
    }

    #[test]
    fn failed_cases_are_shown() {
        let said = "x\nFAIL core/stack: T{ 1 DUP -> 1 }T\n  expected: 1\n  actual:   1 1\n\nok\n";
        let failed = Report {
            failed: 1,
            ..report(600, "0")
        };
        let outcome = failed.outcome(said, Path::new("/log"));
        assert_eq!((outcome.passed, outcome.failed), (600, 1));
        let shown = "FAIL core/stack: T{ 1 DUP -> 1 }T\n  expected: 1\n  actual:   1 1\nwhole log";
        assert!(outcome.text.contains(shown), "{}", outcome.text);
    }

    #[test]
    fn hosts_that_differ_are_shown_side_by_side() {
        let results = Results::default();
        results.put("linux", report(600, "AA"));
        assert_eq!(results.compared(), None);
        results.put("x86_64", report(600, "AA"));
        assert_eq!(results.compared(), Some(Outcome::pass("parity AA")));
        results.put("aarch64", report(600, "BB"));
        let outcome = results.compared().unwrap();
        assert_eq!(outcome.failed, 1);
        assert!(
            outcome
                .text
                .contains("linux    600 passed, 0 failed, parity AA"),
            "{}",
            outcome.text
        );
        assert!(
            outcome
                .text
                .contains("aarch64  600 passed, 0 failed, parity BB")
        );
    }
}
