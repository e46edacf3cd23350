//! Ctrl-C, and the signals that mean the same, as a flag: whoever waits looks at it, so every
//! temporary file and every child is cleaned up by the ordinary way out.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Turns Ctrl-C, SIGTERM and SIGHUP into the flag that [`check`] reads.
pub(crate) fn install() {
    // Without a handler Ctrl-C still ends the process; only the tidy way out would be lost.
    let installed = ctrlc::set_handler(ask);
    if let Err(error) = installed {
        crate::ui::warn(&format!("Ctrl-C will not clean up: {error}"));
    }
}

/// Asks as the user would.
pub(crate) fn ask() {
    ASKED.store(true, Ordering::Relaxed);
}

/// Whether the user has asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Fails once the user has asked to stop.
pub(crate) fn check() -> Result<()> {
    if asked() {
        return Err(Error::Interrupted);
    }
    Ok(())
}
