//! What can go wrong in a command, and the exit code each kind ends with.

use std::io;
use std::path::{Path, PathBuf};

/// Result of everything that can fail here.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A failure, in words for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A test or a run failed and has already been explained.
    #[error("{0}")]
    Failed(String),

    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),

    /// Something this machine lacks, and what would provide it.
    #[error("{missing}\n  To set it up, run:\n    {command}")]
    Setup {
        /// What is missing and why it was not installed.
        missing: String,
        /// The exact command that installs it.
        command: String,
    },

    /// A program ran and said no.
    #[error("`{program}` failed ({how})")]
    Program {
        /// The command as one would type it.
        program: String,
        /// Exit code or signal.
        how: String,
    },

    /// A program could not be started at all.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program's name.
        program: String,
        /// The system's reason.
        source: io::Error,
    },

    /// A file or directory could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried: "read", "create", ….
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },

    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// The process's exit code: 1 failed, 2 usage, 3 set-up impossible, 130 interrupted.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Error::Failed(_) | Error::Program { .. } | Error::File { .. } => 1,
            Error::Usage(_) => 2,
            Error::Setup { .. } | Error::Start { .. } => 3,
            Error::Interrupted => 130,
        }
    }

    /// Makes an adapter for `map_err` that names the action and the file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::File {
            action,
            path,
            source,
        }
    }
}
