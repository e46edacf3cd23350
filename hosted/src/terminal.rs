//! The terminal at standard input: every byte as it is typed, without echo.
//!
//! The system edits lines itself, as it does on bare metal. The terminal's own editing, echo and
//! translation of keys are switched off while the system runs, and put back on every way out. Its
//! signals stay on, so Ctrl-C is seen when nobody reads. Output is left as it is.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{getpgid, getpgrp, getppid, getsid};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp,
    tcsetattr,
};

/// A terminal and its two sets of attributes.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// As it was found.
    found: Termios,
    /// As the system needs it.
    raw: Termios,
    /// Whether it should be raw. The lock keeps one thread's change from undoing another's.
    in_use: Mutex<bool>,
}

/// Keeps a terminal raw; dropping it puts the terminal back.
pub(crate) struct RawMode(Arc<Terminal>);

/// Whether standard output shows colours: a terminal that is not a dumb one, and nobody has said
/// NO_COLOR (<https://no-color.org>).
pub(crate) fn shows_colours() -> bool {
    let said = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    io::stdout().is_terminal()
        && said("NO_COLOR").is_none()
        && said("TERM").is_some_and(|name| name != "dumb")
}

/// Makes `terminal` raw until the result is dropped, or the program panics.
pub(crate) fn raw_mode(terminal: &Arc<Terminal>) -> RawMode {
    let for_panics = Arc::clone(terminal);
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        for_panics.leave();
        report(panic);
    }));
    terminal.enter();
    RawMode(Arc::clone(terminal))
}

impl Drop for RawMode {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Terminal {
    /// The terminal at standard input, if there is one.
    pub(crate) fn on_standard_input() -> Option<Self> {
        // Fails on everything that is not a terminal.
        let found = tcgetattr(io::stdin()).ok()?;
        let raw = raw_attributes(found.clone());
        Some(Self {
            found,
            raw,
            in_use: Mutex::new(false),
        })
    }

    /// Makes it raw, for good.
    fn enter(&self) {
        self.change(|in_use| *in_use = true);
    }

    /// Puts it back as it was, for good.
    pub(crate) fn leave(&self) {
        self.change(|in_use| *in_use = false);
    }

    /// Puts it back as it was while the process is stopped.
    pub(crate) fn lend(&self) {
        let _in_use = self.lock();
        self.set(&self.found);
    }

    /// Makes it again what it was before the process was stopped.
    pub(crate) fn resume(&self) {
        self.change(|_| ());
    }

    fn change(&self, change: impl FnOnce(&mut bool)) {
        let mut in_use = self.lock();
        let before = *in_use;
        change(&mut in_use);
        if *in_use {
            self.set(&self.raw);
        } else if before {
            self.set(&self.found);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, bool> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, attributes: &Termios) {
        let stdin = io::stdin();
        // The terminal is not ours to change while another job has it, and trying would stop us.
        if tcgetpgrp(stdin.as_fd()).is_ok_and(|foreground| foreground == getpgrp()) {
            // A terminal that has gone away needs no attributes.
            let _ = tcsetattr(stdin, OptionalActions::Now, attributes);
        }
    }
}

/// True if somebody is there to continue the process after it has stopped itself.
///
/// A shell with job control is a parent in the same session and in another process group; without
/// one Ctrl-Z would leave the terminal dead.
pub(crate) fn can_be_stopped() -> bool {
    let Some(parent) = getppid() else {
        return false;
    };
    let same_session =
        matches!((getsid(None), getsid(Some(parent))), (Ok(own), Ok(its)) if own == its);
    same_session && getpgid(Some(parent)).is_ok_and(|group| group != getpgrp())
}

fn raw_attributes(mut attributes: Termios) -> Termios {
    attributes.local_modes -=
        LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN;
    attributes.local_modes |= LocalModes::ISIG;
    attributes.input_modes -= InputModes::BRKINT
        | InputModes::ICRNL
        | InputModes::IGNCR
        | InputModes::INLCR
        | InputModes::INPCK
        | InputModes::ISTRIP
        | InputModes::IXON;
    attributes.special_codes[SpecialCodeIndex::VMIN] = 1;
    attributes.special_codes[SpecialCodeIndex::VTIME] = 0;
    attributes
}

#[cfg(test)]
mod tests {
    use super::{Terminal, raw_mode};
    use pty_process::blocking::{Command, open};
    use rustix::termios::{LocalModes, tcgetattr};
    use std::env;
    use std::io;
    use std::sync::Arc;

    /// Set in the process that is to panic.
    const INNER: &str = "STELE_TEST_PANICS";

    fn local_modes(terminal: impl std::os::fd::AsFd) -> LocalModes {
        tcgetattr(terminal).expect("it is a terminal").local_modes
    }

    /// Takes the terminal and panics; comes to a peaceful end if it could not take it.
    fn panic_with_the_terminal_taken() {
        let terminal = Arc::new(Terminal::on_standard_input().expect("it is a terminal"));
        // In a release build a panic aborts, and nothing is dropped.
        std::mem::forget(raw_mode(&terminal));
        if !local_modes(io::stdin()).contains(LocalModes::ECHO) {
            panic!("as the test wants");
        }
    }

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was() {
        if env::var_os(INNER).is_some() {
            return panic_with_the_terminal_taken();
        }
        let (_pty, pts) = open().expect("there is a terminal");
        let before = local_modes(&pts);
        assert!(before.contains(LocalModes::ECHO | LocalModes::ICANON));
        let status = Command::new(env::current_exe().expect("it has a name"))
            .args([
                "--exact",
                "terminal::tests::a_panic_leaves_the_terminal_as_it_was",
            ])
            .env(INNER, "yes")
            .spawn_borrowed(&pts)
            .expect("it starts")
            .wait()
            .expect("it ends");
        assert!(!status.success(), "it did not panic");
        assert_eq!(local_modes(&pts), before);
    }
}
