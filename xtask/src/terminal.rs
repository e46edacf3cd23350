//! Keeping the person's terminal as it was.

use rustix::stdio::stdin;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Remembers how the terminal is set and restores that when dropped: QEMU makes it raw, and cannot
/// put it back when it is killed.
pub(crate) struct Restore(Option<Termios>);

impl Restore {
    /// Remembers standard input's settings; nothing when it is no terminal.
    pub(crate) fn on_drop() -> Restore {
        Restore(tcgetattr(stdin()).ok())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if let Some(settings) = &self.0 {
            // The terminal may be gone, and then nobody is looking.
            let _ = tcsetattr(stdin(), OptionalActions::Drain, settings);
        }
    }
}
