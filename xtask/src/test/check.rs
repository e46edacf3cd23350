//! Running tests side by side, reporting and counting them.

use std::fmt;
use std::num::NonZero;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::ui::{self, Progress};

/// One test: its name is a sentence that begins with the host.
pub(super) struct Check<'a> {
    /// What it shows.
    pub(super) name: String,
    run: Box<dyn Fn() -> Outcome + Send + 'a>,
}

impl<'a> Check<'a> {
    /// A test that runs `run`.
    pub(super) fn new(name: String, run: impl Fn() -> Outcome + Send + 'a) -> Check<'a> {
        Check {
            name,
            run: Box::new(run),
        }
    }
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How many cases passed; most tests are one case.
    pub(crate) passed: u64,
    /// How many failed.
    pub(crate) failed: u64,
    /// What was found, for the person: a few words on success, the story on failure.
    pub(crate) text: String,
}

impl Outcome {
    /// A test that passed, and what is worth knowing about it.
    pub(crate) fn pass(text: impl Into<String>) -> Outcome {
        Outcome {
            passed: 1,
            failed: 0,
            text: text.into(),
        }
    }

    /// A test that failed, and why.
    pub(crate) fn fail(text: impl Into<String>) -> Outcome {
        Outcome {
            passed: 0,
            failed: 1,
            text: text.into(),
        }
    }

    /// From what a test found or why it failed.
    pub(crate) fn of(found: std::result::Result<String, String>) -> Outcome {
        found.map_or_else(Outcome::fail, Outcome::pass)
    }
}

/// How many cases passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts an outcome.
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.count(outcome.passed, outcome.failed);
    }

    /// Counts so many more.
    pub(crate) fn count(&mut self, passed: u64, failed: u64) {
        self.passed += passed;
        self.failed += failed;
    }

    /// Counts another tally's.
    pub(crate) fn join(&mut self, other: Tally) {
        self.count(other.passed, other.failed);
    }

    /// Whether all was well.
    pub(crate) fn verdict(self) -> Result<()> {
        match self.failed {
            0 => Ok(()),
            failed => Err(Error::Failed(format!("{failed} failed; see above"))),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs all, as many at a time as there are processors; prints each as it ends.
pub(super) fn run(checks: Vec<Check<'_>>) -> Result<Tally> {
    let count = checks.len();
    let progress = Progress::bar("Testing", &format!("{count} in all"), count as u64);
    let tally = Mutex::new(Tally::default());
    let waiting = Mutex::new(checks.into_iter());
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(check) = next(&waiting) {
                    progress.object(&check.name);
                    let start = Instant::now();
                    let outcome = (check.run)();
                    if interrupt::asked() {
                        return;
                    }
                    if let Ok(mut tally) = tally.lock() {
                        tally.add(&outcome);
                    }
                    report(&progress, &check.name, &outcome, Some(start.elapsed()));
                    progress.advance();
                }
            });
        }
    });
    interrupt::check()?;
    Ok(tally
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Prints the outcome of something that was not run here.
pub(super) fn print(name: &str, outcome: &Outcome) {
    report(&Progress::none(), name, outcome, None);
}

fn next<'a>(waiting: &Mutex<impl Iterator<Item = Check<'a>>>) -> Option<Check<'a>> {
    if interrupt::asked() {
        return None;
    }
    waiting.lock().ok()?.next()
}

fn report(progress: &Progress, name: &str, outcome: &Outcome, took: Option<Duration>) {
    let took = took.map_or_else(String::new, |took| {
        format!(" ({:.1} s)", took.as_secs_f32())
    });
    let passed = outcome.failed == 0;
    let text = match (passed, outcome.text.is_empty()) {
        (true, true) => format!("{name}{took}"),
        (true, false) => format!("{name}: {}{took}", outcome.text),
        (false, _) => format!("{name}{took}\n  {}", outcome.text.replace('\n', "\n  ")),
    };
    ui::result(progress, passed, &text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_and_one_failure_is_a_failed_run() {
        let many = Outcome {
            passed: 500,
            failed: 0,
            text: String::new(),
        };
        let checks = vec![
            Check::new("a".into(), || Outcome::pass("")),
            Check::new("b".into(), || many.clone()),
        ];
        let mut tally = run(checks).unwrap();
        assert_eq!(tally.to_string(), "501 passed, 0 failed");
        assert!(tally.verdict().is_ok());
        tally.add(&Outcome::fail("no"));
        assert_eq!(tally.to_string(), "501 passed, 1 failed");
        assert_eq!(tally.verdict().unwrap_err().exit_code(), 1);
    }
}
