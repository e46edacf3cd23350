//! The line in which the system says what came of a run, and the hosts' lines side by side.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use super::suite::Suite;
use crate::test::check::Outcome;

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
    pub(super) fn find(said: &str) -> Option<Report> {
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

    /// What to count and to tell, of a run of `suite` with at least so many cases.
    pub(super) fn outcome(&self, suite: &Suite, least: u64, said: &str, log: &Path) -> Outcome {
        let cases = self.passed + self.failed;
        let mut failed = self.failed;
        let mut stories = Vec::new();
        if self.failed > 0 {
            stories.push(format!("{failed} of {cases} cases failed"));
            stories.extend(failures(said).into_iter().map(str::to_owned));
        }
        if cases < least {
            failed += 1;
            stories.push(format!(
                "only {cases} cases ran; at least {least} are expected"
            ));
        }
        if let Err(difference) = suite.compare(said) {
            failed += 1;
            stories.push(difference);
        }
        let text = if failed == 0 {
            format!("{cases} cases, parity {}", self.parity)
        } else {
            stories.push(format!("whole log: {}", log.display()));
            stories.join("\n")
        };
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
pub(in crate::test) struct Results(Mutex<BTreeMap<&'static str, Report>>);

impl Results {
    /// Notes what a host reported.
    pub(super) fn put(&self, host: &'static str, report: Report) {
        if let Ok(mut reports) = self.0.lock() {
            reports.insert(host, report);
        }
    }

    /// Whether the hosts agree; nothing to say about fewer than two.
    pub(in crate::test) fn compared(&self) -> Option<Outcome> {
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

    fn outcome(report: &Report, said: &str) -> Outcome {
        report.outcome(&Suite::default(), 500, said, Path::new("/log"))
    }

    #[test]
    fn the_report_is_found_behind_other_output_and_the_harness_itself() {
        let harness = "CR .\" conformance: \" PASSED @ . .\" passed, \"";
        let said = format!("Stele VM v0.1.0\n{harness}\n{LINE}\n ok\n{harness}\n");
        assert_eq!(Report::find(&said), Some(report(612, "0123456789ABCDEF")));
    }

    #[test]
    fn a_report_cut_short_is_none() {
        for end in ["conformance: ".len(), LINE.len() - 1] {
            assert_eq!(Report::find(&LINE[..end]), None);
        }
        let no_number = LINE.replace("612", "x");
        assert_eq!(Report::find(&no_number), None);
    }

    #[test]
    fn too_few_cases_are_no_conformance() {
        assert_eq!(outcome(&report(500, "0"), "").failed, 0);
        assert_eq!(outcome(&report(499, "0"), "").failed, 1);
    }

    #[test]
    fn failed_cases_are_shown() {
        let said = "x\nFAIL core/stack: T{ 1 DUP -> 1 }T\n  expected: 1\n  actual:   1 1\n\nok\n";
        let failed = Report {
            failed: 1,
            ..report(600, "0")
        };
        let outcome = outcome(&failed, said);
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
        let linux = "linux    600 passed, 0 failed, parity AA";
        assert!(outcome.text.contains(linux), "{}", outcome.text);
        assert!(
            outcome
                .text
                .contains("aarch64  600 passed, 0 failed, parity BB")
        );
    }
}
