//! A person at a terminal: types keys, waits for what appears.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pts, Pty};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OutputModes, SpecialCodeIndex, tcgetattr,
};

/// How long to wait for anything: far more than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys as a terminal sends them.
pub(crate) mod key {
    /// Cursor keys.
    pub(crate) const UP: &str = "\x1b[A";
    pub(crate) const DOWN: &str = "\x1b[B";
    pub(crate) const RIGHT: &str = "\x1b[C";
    pub(crate) const LEFT: &str = "\x1b[D";
    pub(crate) const HOME: &str = "\x1b[H";
    pub(crate) const END: &str = "\x1b[F";
    pub(crate) const DELETE: &str = "\x1b[3~";
    pub(crate) const BACKSPACE: &str = "\x7f";
    pub(crate) const CONTROL_C: &str = "\x03";
    pub(crate) const CONTROL_D: &str = "\x04";
    pub(crate) const CONTROL_Z: &str = "\x1a";
    pub(crate) const CONTROL_BACKSLASH: &str = "\x1c";
}

/// What of a terminal's attributes the program changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attributes {
    local: LocalModes,
    input: InputModes,
    output: OutputModes,
    control: ControlModes,
    least: u8,
    time: u8,
}

impl Attributes {
    /// Whether the terminal hands over lines, and shows what is typed.
    pub(crate) fn are_for_lines(&self) -> bool {
        self.local.contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}

/// A program in a terminal of its own, which it is the session leader of.
pub(crate) struct Terminal {
    pty: Pty,
    pts: Pts,
    child: Child,
    seen: Vec<u8>,
    /// Bytes of `seen` that have been waited for.
    passed: usize,
}

impl Terminal {
    /// Starts `program`, which is not to use colours.
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        Self::start_with(program, arguments, "1")
    }

    /// Starts `program` with `no_color` as what NO_COLOR says.
    pub(crate) fn start_with(program: &str, arguments: &[&str], no_color: &str) -> Self {
        let (pty, pts) = pty_process::blocking::open().expect("there is a terminal");
        // Tests that a shell runs in the background have some signals ignored, which programs they
        // start would take over; a person's terminal starts programs without.
        let child = Command::new("env")
            .arg("--default-signal=HUP,INT,QUIT,TERM")
            .arg(program)
            .args(arguments)
            .env("STELE", super::STELE)
            .env("PS1", "$ ")
            .env("TERM", "xterm")
            .env("NO_COLOR", no_color)
            .spawn_borrowed(&pts)
            .expect("the program starts");
        Self {
            pty,
            pts,
            child,
            seen: Vec::new(),
            passed: 0,
        }
    }

    /// Starts the system and waits for its prompt.
    pub(crate) fn prompt() -> Self {
        let mut terminal = Self::start(super::STELE, &[]);
        terminal.expect("Stele VM v");
        terminal.expect("ok\r\n");
        terminal
    }

    /// Presses keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).expect("it takes keys");
    }

    /// Types a line and Enter.
    pub(crate) fn line(&mut self, line: &str) {
        self.keys(line);
        self.keys("\r");
    }

    /// Waits until `text` appears after what was waited for last; returns what came before it.
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let new = &self.seen[self.passed..];
            let found = new
                .windows(text.len())
                .position(|part| part == text.as_bytes());
            if let Some(at) = found {
                let before = String::from_utf8_lossy(&new[..at]).into_owned();
                self.passed += at + text.len();
                return before;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                self.read(left),
                "waited for {text:?}, saw {:?}",
                String::from_utf8_lossy(&self.seen[self.passed..])
            );
        }
    }

    /// Reads what comes within `patience`; false if nothing does.
    fn read(&mut self, patience: Duration) -> bool {
        let wait = Timespec {
            tv_sec: patience.as_secs().try_into().expect("a short time"),
            tv_nsec: patience.subsec_nanos().into(),
        };
        let mut ready = [PollFd::new(&self.pty, PollFlags::IN)];
        if !matches!(poll(&mut ready, Some(&wait)), Ok(1..)) {
            return false;
        }
        let mut buffer = [0; 4096];
        let Ok(count @ 1..) = self.pty.read(&mut buffer) else {
            return false;
        };
        self.seen.extend_from_slice(&buffer[..count]);
        true
    }

    /// Waits for the program's end; returns its status and everything that appeared until then.
    pub(crate) fn end(mut self) -> (ExitStatus, Attributes, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            self.read(Duration::from_millis(10));
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end; saw {:?}",
                String::from_utf8_lossy(&self.seen)
            );
        };
        while self.read(Duration::ZERO) {}
        let seen = String::from_utf8_lossy(&self.seen).into_owned();
        (status, self.attributes(), seen)
    }

    /// Takes the terminal away, as closing its window does; returns how the program ends.
    pub(crate) fn hang_up(self) -> ExitStatus {
        let Self { pty, mut child, .. } = self;
        drop(pty);
        child.wait().expect("it is our child")
    }

    /// Sends a signal to the program alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is our child");
    }

    /// The terminal's attributes at this moment.
    pub(crate) fn attributes(&self) -> Attributes {
        let attributes = tcgetattr(self.pts.as_fd()).expect("it is a terminal");
        Attributes {
            local: attributes.local_modes,
            input: attributes.input_modes,
            output: attributes.output_modes,
            control: attributes.control_modes,
            least: attributes.special_codes[SpecialCodeIndex::VMIN],
            time: attributes.special_codes[SpecialCodeIndex::VTIME],
        }
    }
}

/// The attributes of a terminal that no program has changed.
pub(crate) fn fresh_attributes() -> Attributes {
    Terminal::start("true", &[]).end().1
}
