//! What keeps the program from starting or going on, and how it says so.
//!
//! Errors of the programs that the system runs are not here: the system reports those itself, on
//! the console.

use std::fmt;
use std::io;
use std::process::ExitCode;

use signal_hook::consts::SIGPIPE;
use signal_hook::low_level::emulate_default_handler;
use stele_arbiter::{BootError, Trap, WorldError};

use crate::reach::FilesAllowed;
use crate::size::{MAXIMUM, MemorySize};

/// Exit code when a file cannot be read, output cannot be written or the system cannot start.
const CANNOT: u8 = 3;

/// A reason to end that lies outside the system.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A source text cannot be read.
    Read {
        /// The file as the user called it.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// A file is no module, or the text of none.
    Module {
        /// The file as the user called it.
        name: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// A file cannot be written.
    WriteFile {
        /// The file as the user called it.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// The source texts are larger than the system's memory.
    TooMuchSource {
        /// The text that exceeded it.
        name: String,
        /// The memory.
        size: MemorySize,
    },
    /// The directory of the files that may be reached cannot be opened.
    Files {
        /// What may be reached.
        allowed: FilesAllowed,
        /// Why not.
        error: io::Error,
    },
    /// Linux gives no memory.
    Memory {
        /// How much was asked for.
        size: MemorySize,
        /// Why not.
        error: io::Error,
    },
    /// Signals cannot be received.
    Signals(io::Error),
    /// The memory is no place for a system.
    World {
        /// The memory.
        size: MemorySize,
        /// Why not.
        error: WorldError,
    },
    /// The first instance cannot be made.
    Boot {
        /// The memory.
        size: MemorySize,
        /// Why not.
        error: BootError,
    },
    /// Standard output takes nothing more.
    Write(io::Error),
}

impl Failure {
    /// Says what happened on standard error and gives the exit code for it.
    ///
    /// A reader of the output that has left is no error: the process ends as Unix programs do then,
    /// silently, by SIGPIPE.
    pub(crate) fn report(&self) -> ExitCode {
        if matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
            && emulate_default_handler(SIGPIPE).is_ok()
        {
            return ExitCode::SUCCESS;
        }
        say(self);
        ExitCode::from(CANNOT)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, error } => write!(f, "cannot read {name}: {error}"),
            Self::Module { name, reason } => write!(f, "{name}: {reason}"),
            Self::WriteFile { name, error } => write!(f, "cannot write {name}: {error}"),
            Self::TooMuchSource { name, size } => {
                write!(f, "{name}: the texts do not fit into {size} of memory")?;
                advise_more(f, *size)
            }
            Self::Files { allowed, error } => {
                write!(f, "cannot use --files {allowed}: {error}")
            }
            Self::Memory { size, error } => write!(
                f,
                "cannot get {size} of memory: {error}; ask for less with --memory"
            ),
            Self::Signals(error) => write!(f, "cannot listen for signals: {error}"),
            Self::World { size, error } => {
                write!(f, "cannot start in {size} of memory: {error}")?;
                advise_more(f, *size)
            }
            Self::Boot { size, error } => {
                write!(f, "cannot start in {size} of memory: {error}")?;
                advise_more(f, *size)
            }
            Self::Write(error) => write!(f, "cannot write to standard output: {error}"),
        }
    }
}

/// What to do about too little memory, where it can be done.
fn advise_more(f: &mut fmt::Formatter<'_>, size: MemorySize) -> fmt::Result {
    if size.bytes() < MAXIMUM {
        f.write_str("; give more with --memory")?;
    }
    Ok(())
}

/// Says that VM\[0\] is at its end without having said so itself.
pub(crate) fn report_root_ended(trap: Option<Trap>) {
    match trap {
        None => say("the first instance has ended"),
        Some(Trap(code)) => {
            let meaning = Trap(code)
                .meaning()
                .unwrap_or("a code of the program's own");
            say(format_args!(
                "the first instance has ended, nothing handled throw {code}: {meaning}"
            ));
        }
    }
}

/// Says, as the kernel would on its console, that the system cannot go on, and ends the process.
pub(crate) fn stop(cause: fmt::Arguments<'_>) -> ! {
    use io::Write;
    // If standard error is closed too, there is nobody left to tell.
    let _ = writeln!(
        io::stderr(),
        "*** KERNEL PANIC ***\n{cause}\nSystem halted."
    );
    std::process::exit(i32::from(CANNOT))
}

/// Writes a line to standard error; if that is closed too, there is nobody left to tell.
fn say(message: impl fmt::Display) {
    use io::Write;
    let _ = writeln!(io::stderr(), "stele: {message}");
}
