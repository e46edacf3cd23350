//! A terminal for a program that wants one.

use std::fs::File;
use std::io;
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::command;
use crate::error::{Error, Result};

/// The two ends of a pseudo-terminal.
pub(super) struct Terminal {
    /// Where the person would sit.
    pub(super) ours: File,
    /// Where the program runs.
    theirs: File,
}

/// Opens a new one.
pub(super) fn open() -> io::Result<Terminal> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let name = ptsname(&ours, Vec::new())?;
    let name = name.to_str().map_err(io::Error::other)?;
    Ok(Terminal {
        theirs: File::options().read(true).write(true).open(name)?,
        ours: File::from(ours),
    })
}

/// Starts `command` with the terminal as its own, so that Ctrl-C typed there interrupts it.
///
/// util-linux's `setsid --ctty` makes it so: that takes a call between fork and exec, which has no
/// safe form in Rust.
pub(super) fn spawn(command: &Command, terminal: &Terminal) -> Result<Child> {
    let end = || terminal.theirs.try_clone().map(Stdio::from);
    let ends = || -> io::Result<[Stdio; 3]> { Ok([end()?, end()?, end()?]) };
    let name = command.get_program().to_string_lossy().into_owned();
    let [input, output, errors] = ends().map_err(|source| Error::Start {
        program: name,
        source,
    })?;
    let mut setsid = Command::new("setsid");
    setsid
        .args(["--ctty", "--wait"])
        .arg(command.get_program())
        .args(command.get_args())
        .env("TERM", "xterm")
        .stdin(input)
        .stdout(output)
        .stderr(errors);
    setsid
        .spawn()
        .map_err(|source| command::start(&setsid, source))
}
