//! Standard output, collected into large writes.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Bytes that are collected before they are written.
const CAPACITY: usize = 64 << 10;

/// How long a byte may wait while the program computes: less than an eye notices.
const PATIENCE: Duration = Duration::from_millis(15);

/// Standard output.
pub(super) struct Output {
    collected: Vec<u8>,
    /// When the oldest of `collected` came, as far as anybody has asked.
    since: Option<Instant>,
    /// The byte written last; the cursor begins at the left.
    last: u8,
    /// What went wrong; everything after it is swallowed.
    failed: Option<io::Error>,
}

impl Output {
    /// Standard output with nothing collected.
    pub(super) fn new() -> Self {
        Self {
            collected: Vec::with_capacity(CAPACITY),
            since: None,
            last: b'\n',
            failed: None,
        }
    }

    /// Takes bytes to write, now or later.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.last = *last;
        if self.collected.len() + bytes.len() > CAPACITY {
            self.flush();
        }
        self.collected.extend_from_slice(bytes);
    }

    /// Writes what has waited long enough.
    pub(super) fn flush_if_due(&mut self) {
        if self.collected.is_empty() {
            return;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= PATIENCE {
            self.flush();
        }
    }

    /// Writes everything collected.
    pub(super) fn flush(&mut self) {
        self.since = None;
        if self.failed.is_none() {
            self.failed = write_all(&self.collected).err();
        }
        self.collected.clear();
    }

    /// Ends the last line if a terminal would go on in the middle of it, and writes everything.
    pub(super) fn finish(&mut self) {
        if self.last != b'\n' && io::stdout().is_terminal() {
            self.write(b"\n");
        }
        self.flush();
    }

    /// The error that writing met, once.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }
}

/// Writes all of `bytes`, waiting where another program has made the descriptor non-blocking.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = io::stdout();
    let stdout = stdout.as_fd();
    while !bytes.is_empty() {
        match rustix::io::write(stdout, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait_for_room(stdout)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn wait_for_room(stdout: impl AsFd) -> io::Result<()> {
    match poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
