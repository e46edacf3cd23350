//! Signals: Ctrl-C becomes the system's interrupt, and whatever ends or stops the process finds the
//! terminal as it was.
//!
//! A thread of its own receives them, so they are handled also while the main thread is blocked in
//! writing. The two share nothing but the flag and the pair of sockets that wakes the main thread.

use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::low_level::emulate_default_handler;

use crate::terminal::{Terminal, can_be_stopped};

/// What the main thread sees of signals.
pub(crate) struct Signals {
    interrupted: Arc<AtomicBool>,
    /// Readable after each interrupt, so that nobody sleeps through one.
    wake: UnixStream,
}

impl Signals {
    /// Begins to receive signals; the ones that concern the terminal only if there is one.
    ///
    /// # Errors
    /// If Linux refuses a pair of sockets, a handler or a thread.
    pub(crate) fn listen(terminal: Option<&Arc<Terminal>>) -> io::Result<Self> {
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let mut listened = vec![SIGINT];
        if terminal.is_some() {
            listened.extend([SIGCONT, SIGHUP, SIGQUIT, SIGTERM, SIGTSTP]);
        }
        // Whoever started us may have had a signal ignored, as nohup does; it stays so.
        let ignored = ignored_signals();
        listened.retain(|signal| ignored >> (signal - 1) & 1 == 0);
        let mut received = signal_hook::iterator::Signals::new(listened)?;
        let listener = Listener {
            interrupted: Arc::clone(&interrupted),
            waker,
            terminal: terminal.cloned(),
        };
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                for signal in received.forever() {
                    listener.receive(signal);
                }
            })?;
        Ok(Self { interrupted, wake })
    }

    /// True once after an interrupt.
    pub(crate) fn take_interrupt(&self) -> bool {
        // The plain load keeps the common case free of a locked write.
        self.interrupted.load(Ordering::Relaxed) && self.interrupted.swap(false, Ordering::Relaxed)
    }

    /// Readable since the last interrupt.
    pub(crate) fn wake(&self) -> &impl AsFd {
        &self.wake
    }

    /// Makes [`Signals::wake`] wait for the next interrupt.
    pub(crate) fn clear_wake(&self) {
        // Non-blocking; interrupts beyond the buffer have been seen together with the first.
        let _ = (&self.wake).read(&mut [0; 64]);
    }
}

/// The receiving side.
struct Listener {
    interrupted: Arc<AtomicBool>,
    waker: UnixStream,
    terminal: Option<Arc<Terminal>>,
}

impl Listener {
    fn receive(&self, signal: i32) {
        if signal == SIGINT {
            self.interrupted.store(true, Ordering::Relaxed);
            // A full buffer wakes as well.
            let _ = (&self.waker).write(&[0]);
            return;
        }
        let Some(terminal) = &self.terminal else {
            return;
        };
        match signal {
            SIGCONT => terminal.resume(),
            SIGTSTP if !can_be_stopped() => {}
            SIGTSTP => {
                terminal.lend();
                act_by_default(signal);
            }
            _ => {
                terminal.leave();
                act_by_default(signal);
            }
        }
    }
}

/// Does what the signal does to a process that has no handler for it.
fn act_by_default(signal: i32) {
    // Fails for signals without a known default only, and none of those is listened to.
    let _ = emulate_default_handler(signal);
}

/// The signals that this process was started with as ignored: bit n-1 for signal n.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status)
}

/// Reads the mask of ignored signals in the text of proc(5)'s `status`; none if it is not there.
fn ignored_in(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::ignored_in;

    #[test]
    fn the_mask_of_ignored_signals_is_found() {
        let status = "Name:\tstele\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(ignored_in(status), 0x1001);
    }

    #[test]
    fn without_a_mask_nothing_is_ignored() {
        assert_eq!(ignored_in(""), 0);
        assert_eq!(ignored_in("SigIgn:\tx\n"), 0);
    }
}
