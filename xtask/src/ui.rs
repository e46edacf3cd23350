//! What the person at the terminal sees: steps, warnings, errors, and progress.
//!
//! Everything here goes to standard error; results go to standard output. Colour and moving
//! progress appear only on a terminal, plain lines everywhere else.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// Says what is being done, in cargo's own manner: a right-aligned verb, then its object.
pub(crate) fn step(verb: &str, object: &str) {
    line(GREEN, &format!("{verb:>12}"), object);
}

/// Says something the user should know that stops nothing.
pub(crate) fn warn(message: &str) {
    line(YELLOW, "warning:", message);
}

/// Says why the command ends without success.
pub(crate) fn error(message: &str) {
    line(RED, "error:", message);
}

/// Prints one finished test to standard output, below any moving progress.
pub(crate) fn result(progress: &Progress, passed: bool, text: &str) {
    let (style, word) = if passed {
        (GREEN, "ok")
    } else {
        (RED, "FAILED")
    };
    progress.suspend(|| {
        let mut out = anstream::stdout();
        // A closed pipe must not end a test run; the exit code still tells.
        let _ = writeln!(out, "{style}{word:<6}{style:#} {text}");
    });
}

fn line(style: Style, word: &str, text: &str) {
    // Nothing useful can be done when standard error itself is gone.
    let _ = writeln!(anstream::stderr(), "{style}{word}{style:#} {text}");
}

/// Something longer than a second, moving while it goes on.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A spinner with the time passed; where there is no terminal, one line that says it began.
    pub(crate) fn spinner(verb: &str, object: &str) -> Progress {
        Progress::start(verb, object, None)
    }

    /// A bar of `total` things.
    pub(crate) fn bar(verb: &str, object: &str, total: u64) -> Progress {
        Progress::start(verb, object, Some(total))
    }

    /// Nothing that moves.
    pub(crate) fn none() -> Progress {
        Progress { bar: None }
    }

    fn start(verb: &str, object: &str, total: Option<u64>) -> Progress {
        if !std::io::stderr().is_terminal() {
            step(verb, object);
            return Progress { bar: None };
        }
        let (bar, shape) = match total {
            None => (ProgressBar::new_spinner(), "{spinner} {elapsed:>3}"),
            Some(total) => (ProgressBar::new(total), "{bar:20} {pos}/{len} {elapsed:>3}"),
        };
        let template = format!("{{prefix:>12.green.bold}} {{msg}} {shape}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.set_prefix(verb.to_owned());
        bar.set_message(object.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar: Some(bar) }
    }

    /// Changes what the line says is being done.
    pub(crate) fn object(&self, object: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(object.to_owned());
        }
    }

    /// Counts one of the bar's things as done.
    pub(crate) fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Runs `print` with the moving line out of the way.
    pub(crate) fn suspend(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
