//! A conversation with a program or a machine over its text stream: wait for words, type, wait for
//! the end.
//!
//! Read [`transcript`] first (the text and what has been found in it), then this page (the process
//! and the waiting), then [`explain`] (what to tell the person when it went wrong). [`escape`] and
//! [`pty`] are about terminals. No wait is
//! without a limit.

pub(crate) mod escape;
pub(crate) mod explain;
mod pty;
pub(crate) mod transcript;

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::command;
use crate::error::{Error, Result};
use crate::interrupt;
use explain::Stop;
use transcript::Transcript;

/// How often a wait looks whether the user wants to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// How often it is looked whether a process has ended that has closed its output.
const SETTLE: Duration = Duration::from_millis(1);

/// How long a panic's report may take from its first line to its last: on a busy emulated machine
/// every name in its backtrace takes a while.
const DRAIN: Duration = Duration::from_secs(10);

/// A running program we talk to. Dropping it kills it.
pub(crate) struct Session {
    child: Child,
    input: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    log: File,
    log_path: PathBuf,
    transcript: Transcript,
    panic_wanted: bool,
}

impl Session {
    /// Starts `command`; everything it says is also written to the file `log`, as it comes.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Session> {
        let file = File::create(log).map_err(Error::file("create", log))?;
        let errors = file.try_clone().map_err(Error::file("create", log))?;
        let mut child = command
            // Ctrl-C at our terminal is for us: we end the child, and tidily.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|source| command::start(command, source))?;
        let output = child.stdout.take().map(listen_to);
        let input = child
            .stdin
            .take()
            .map(|stdin| Box::new(stdin) as Box<dyn Write + Send>);
        Ok(Session::new(child, input, output, file, log))
    }

    /// Starts `command` as [`Session::start`] does, but on a terminal of its own, as a person would:
    /// what is typed may be edited, and Ctrl-C interrupts.
    pub(crate) fn start_on_terminal(command: &Command, log: &Path) -> Result<Session> {
        let file = File::create(log).map_err(Error::file("create", log))?;
        let terminal = pty::open().map_err(Error::file("open", Path::new("/dev/ptmx")))?;
        let child = pty::spawn(command, &terminal)?;
        let ours = terminal
            .ours
            .try_clone()
            .map_err(Error::file("open", log))?;
        let output = listen_to(ours);
        Ok(Session::new(
            child,
            Some(Box::new(terminal.ours)),
            Some(output),
            file,
            log,
        ))
    }

    fn new(
        child: Child,
        input: Option<Box<dyn Write + Send>>,
        output: Option<Receiver<Vec<u8>>>,
        log: File,
        log_path: &Path,
    ) -> Session {
        Session {
            child,
            input,
            output: output.unwrap_or_else(|| channel().1),
            log,
            log_path: log_path.to_owned(),
            transcript: Transcript::default(),
            panic_wanted: false,
        }
    }

    /// Takes a kernel panic for something said like any other, not for the end.
    pub(crate) fn want_panic(&mut self) {
        self.panic_wanted = true;
    }

    /// The number of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// What has been said so far.
    pub(crate) fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The file that holds it byte by byte.
    pub(crate) fn log_path(&self) -> &Path {
        &self.log_path
    }

    /// Waits until `text` is said after everything expected before.
    ///
    /// # Errors
    /// Says why it will not come: the kernel's panic, the end of the process, or the limit.
    pub(crate) fn expect(&mut self, text: &str, limit: Duration) -> std::result::Result<(), Stop> {
        let end = Instant::now() + limit;
        loop {
            if self.transcript.advance_past(text) {
                return Ok(());
            }
            self.listen(end, limit)?;
        }
    }

    /// Waits until one of `texts` is said after everything expected before, and leaves it to be
    /// expected.
    pub(crate) fn wait_for_any(
        &mut self,
        texts: &[&str],
        limit: Duration,
    ) -> std::result::Result<(), Stop> {
        let end = Instant::now() + limit;
        while !texts
            .iter()
            .any(|text| self.transcript.rest().contains(text))
        {
            self.listen(end, limit)?;
        }
        Ok(())
    }

    /// Waits until the process ends by itself, and gives how.
    pub(crate) fn finish(&mut self, limit: Duration) -> std::result::Result<ExitStatus, Stop> {
        let end = Instant::now() + limit;
        loop {
            match self.listen(end, limit) {
                Ok(()) => {}
                Err(Stop::Ended(status)) => return Ok(status),
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Types `text`.
    pub(crate) fn send(&mut self, text: &str) -> std::result::Result<(), Stop> {
        let Some(input) = self.input.as_mut() else {
            return Err(Stop::Deaf);
        };
        let sent = input
            .write_all(text.as_bytes())
            .and_then(|()| input.flush());
        sent.map_err(|_| Stop::Deaf)
    }

    /// Ends its input, as Ctrl-D or the end of a pipe does.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Takes in what comes next, or finds out why nothing will.
    fn listen(&mut self, end: Instant, limit: Duration) -> std::result::Result<(), Stop> {
        if interrupt::asked() {
            return Err(Stop::Interrupted);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Stop::TimedOut(limit));
        }
        match self.output.recv_timeout(left.min(GLANCE)) {
            Ok(bytes) => {
                self.take(&bytes);
                if self.transcript.panicked() && !self.panic_wanted {
                    // Registers and backtrace follow at once.
                    self.drain();
                    return Err(Stop::Panicked);
                }
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => match self.child.try_wait() {
                Ok(Some(status)) => Err(Stop::Ended(status)),
                Ok(None) => {
                    thread::sleep(SETTLE);
                    Ok(())
                }
                Err(_) => Err(Stop::Deaf),
            },
        }
    }

    fn drain(&mut self) {
        let end = Instant::now() + DRAIN;
        while !self.transcript.halted()
            && let Some(left) = end.checked_duration_since(Instant::now())
        {
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        // The log is for people; a full disk shall not fail a test.
        let _ = self.log.write_all(bytes);
        self.transcript.push(bytes);
    }
}

/// Reads a stream on a thread of its own, which ends when the other side closes it or the session
/// is dropped.
fn listen_to(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, output) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            let bytes = buffer.get(..count).unwrap_or_default().to_vec();
            if sender.send(bytes).is_err() {
                break;
            }
        }
    });
    output
}

impl Drop for Session {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> (Session, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        let log = directory.path().join("log");
        let session = Session::start(command.args(["-c", script]), &log).unwrap();
        (session, directory)
    }

    #[test]
    fn what_is_typed_is_answered() {
        let (mut session, _directory) = shell("echo ready; read line; echo \"got $line\"");
        session.expect("ready", LIMIT).unwrap();
        session.send("1 2 +\n").unwrap();
        session.expect("got 1 2 +", LIMIT).unwrap();
        assert!(session.finish(LIMIT).unwrap().success());
        let log = std::fs::read_to_string(session.log_path()).unwrap();
        assert_eq!(log, "ready\ngot 1 2 +\n");
    }

    #[test]
    fn a_terminal_echoes_and_interrupts() {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "trap 'echo interrupted; exit' INT; echo ready; read line; echo \"<$line>\"; \
             while :; do sleep 0.1; done",
        ]);
        let log = directory.path().join("log");
        let mut session = Session::start_on_terminal(&command, &log).unwrap();
        session.expect("ready", LIMIT).unwrap();
        session.send("hello\r").unwrap();
        session.expect("hello", LIMIT).unwrap();
        session.expect("<hello>", LIMIT).unwrap();
        session.send("\x03").unwrap();
        session.expect("interrupted", LIMIT).unwrap();
        assert!(session.finish(LIMIT).is_ok());
    }

    #[test]
    fn an_early_end_is_told_from_a_hang() {
        let (mut session, _directory) = shell("echo a; exit 3");
        match session.expect("b", LIMIT) {
            Err(Stop::Ended(status)) => assert_eq!(status.code(), Some(3)),
            other => panic!("{other:?}"),
        }
        let (mut session, _directory) = shell("echo a; exec sleep 60");
        let limit = Duration::from_millis(300);
        match session.expect("b", limit) {
            Err(Stop::TimedOut(waited)) => assert_eq!(waited, limit),
            other => panic!("{other:?}"),
        }
    }

    /// A kernel that panics when nobody wants it to, reports at leisure, and hangs.
    const PANICKING: &str = "echo booting; echo '*** KERNEL PANIC ***'; sleep 0.2; \
        echo rip=1234; echo System halted.; exec sleep 60";

    /// That the wait ended at once, and what the report is.
    fn assert_panicked<T: std::fmt::Debug>(
        mut wait: impl FnMut(&mut Session) -> std::result::Result<T, Stop>,
    ) {
        let (mut session, _directory) = shell(PANICKING);
        let start = Instant::now();
        let stop = wait(&mut session);
        assert!(matches!(stop, Err(Stop::Panicked)), "{stop:?}");
        assert!(start.elapsed() < DRAIN, "it waited for more");
        let log = session.log_path().to_owned();
        let story = explain::explain(&Stop::Panicked, "`x`", session.transcript(), &log, &[]);
        let report = "    | *** KERNEL PANIC ***\n    | rip=1234\n    | System halted.\n";
        assert!(story.contains(report), "{story}");
    }

    #[test]
    fn a_panic_ends_every_wait_at_once_and_its_report_is_the_story() {
        assert_panicked(|session| session.expect("never", LIMIT));
        assert_panicked(|session| session.wait_for_any(&["never", "nowhere"], LIMIT));
        assert_panicked(|session| session.finish(LIMIT));
    }

    #[test]
    fn a_panic_that_is_wanted_is_something_said_like_any_other() {
        let (mut session, _directory) = shell(PANICKING);
        session.want_panic();
        session.expect("rip=1234", LIMIT).unwrap();
    }
}
