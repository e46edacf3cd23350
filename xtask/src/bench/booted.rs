//! A machine that is measured: booted, and its serial port listened to.

use std::time::Duration;

use tempfile::TempDir;

use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::image::{Contents, System};
use crate::qemu::machine::Machine;
use crate::session::Session;
use crate::session::explain::explain;
use crate::setup::{self, Needs};
use crate::workspace;

/// Firmware and kernel need some seconds; a machine that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(180);

/// A running machine.
pub(super) struct Booted {
    session: Session,
    /// Its files, which live as long as it runs.
    _directory: TempDir,
}

impl Booted {
    /// Builds the system and boots it with `words` on its command line.
    pub(super) fn start(arch: Arch, words: &str, name: &str) -> Result<Booted> {
        setup::ensure(&Needs::boot(&[arch]))?;
        let system = System::build(arch)?;
        let disk = workspace::output("images")?.join(format!("bench-{arch}-{name}.img"));
        Contents::bootable(&[system])
            .command_line(words)
            .write(&disk)?;
        let (mut qemu, directory) = Machine::headless(arch, &disk).command()?;
        let log = workspace::output("logs")?.join(format!("{arch}-bench-{name}.log"));
        Ok(Booted {
            session: Session::start(&mut qemu, &log)?,
            _directory: directory,
        })
    }

    /// Waits for `text`; gives the line it is in.
    pub(super) fn line_with(&mut self, text: &str) -> Result<String> {
        // The end of its line, too.
        for awaited in [text, "\n"] {
            let met = self.session.expect(awaited, LIMIT);
            met.map_err(|stop| {
                let (said, log) = (self.session.transcript(), self.session.log_path());
                Error::Failed(explain(&stop, &format!("`{awaited}`"), said, log, &[]))
            })?;
        }
        let said = self.session.transcript().text();
        let line = said.lines().rfind(|line| line.contains(text));
        Ok(line.unwrap_or_default().to_owned())
    }

    /// The number of the process that emulates the machine.
    pub(super) fn process(&self) -> u32 {
        self.session.process()
    }
}
