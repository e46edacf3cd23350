//! What the tests of one host share: programs, disks, and ways to start them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::conformance::Suites;
use crate::arch::Arch;
use crate::build;
use crate::error::{Error, Result};
use crate::image::{Contents, System};
use crate::markers;
use crate::picture::Screen;
use crate::qemu::machine::{MONITOR, Machine};
use crate::qemu::monitor;
use crate::session::Session;
use crate::session::explain::{Stop, explain};
use crate::symbols::Symbols;
use crate::ui;
use crate::workspace;

/// Where the system runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// As a program on this machine.
    Linux,
    /// On an emulated machine.
    Machine(Arch),
}

/// From power-on to the loader, and on to the kernel's entry: firmware under emulation on a busy
/// machine is slow.
pub(super) const FIRMWARE: Duration = Duration::from_secs(90);

/// What shows that the firmware has done its part: what it says when it starts the loader, or, where
/// it is built to be silent, what loader and kernel say first.
const SIGNS: [&str; 3] = ["BdsDxe: starting", "Stele cannot start", markers::STAGES[0]];

/// From one sign of life to the next.
pub(super) const ANSWER: Duration = Duration::from_secs(60);

/// For a whole conformance run.
pub(super) const SUITE: Duration = Duration::from_secs(300);

/// The program on this machine.
pub(super) struct Linux {
    /// The binary.
    pub(super) program: PathBuf,
    /// A file with the conformance cases.
    pub(super) suite: PathBuf,
    /// The texts.
    pub(super) suites: Suites,
}

impl Linux {
    /// Builds it.
    pub(super) fn build(suites: &Suites) -> Result<Linux> {
        let path = workspace::output("images")?.join("conformance.4th");
        fs::write(&path, &suites.from_file.source).map_err(Error::file("write", &path))?;
        Ok(Linux {
            program: build::hosted()?,
            suite: path,
            suites: suites.clone(),
        })
    }
}

/// An emulated machine and its disks.
pub(super) struct Rig {
    /// Its architecture.
    pub(super) arch: Arch,
    /// What it boots.
    pub(super) system: System,
    /// A disk that boots to the prompt.
    pub(super) prompt: PathBuf,
    /// A disk that runs the conformance cases and ends.
    pub(super) suite: PathBuf,
    /// The texts.
    pub(super) suites: Suites,
    symbols: Symbols,
}

impl Rig {
    /// Builds the system and writes the disks.
    pub(super) fn build(arch: Arch, suites: &Suites) -> Result<Rig> {
        let system = System::build(arch)?;
        let rig = Rig {
            arch,
            prompt: disk(arch, "prompt")?,
            suite: disk(arch, "conformance")?,
            suites: suites.clone(),
            symbols: Symbols::of(&system.symbols),
            system,
        };
        rig.contents().write(&rig.prompt)?;
        let source = suites.from_file.source.as_bytes();
        let suite = rig.contents().boot_source(source);
        suite.write(&rig.suite)?;
        Ok(rig)
    }

    /// What lies on [`Rig::prompt`].
    pub(super) fn contents(&self) -> Contents {
        Contents::bootable(std::slice::from_ref(&self.system)).command_line("qemu-exit")
    }

    /// Where the kernel's function of this name is.
    pub(super) fn address(&self, function: &str) -> Option<u64> {
        self.symbols.address(function)
    }

    /// Writes a disk of this rig's.
    pub(super) fn disk(&self, contents: &Contents, name: &str) -> Result<PathBuf> {
        let path = disk(self.arch, name)?;
        contents.write(&path)?;
        Ok(path)
    }

    /// Boots from `disk`, up to where the firmware starts the loader; the log is named after the
    /// test.
    ///
    /// Once in some hundred boots the emulated firmware itself hangs, before it has looked at our
    /// disk. That says nothing about Stele, so such a machine is switched off and on again, once, and
    /// the person is told.
    pub(super) fn boot(&self, disk: &Path, test: &str) -> Result<Booted<'_>> {
        self.start(&Machine::headless(self.arch, disk), test)
    }

    /// Boots a machine that is not quite like the others: see [`Rig::boot`].
    pub(super) fn start(&self, machine: &Machine, test: &str) -> Result<Booted<'_>> {
        let mut booted = self.switch_on(machine, test)?;
        let started = booted.session.wait_for_any(&SIGNS, FIRMWARE);
        if matches!(started, Err(Stop::TimedOut(_))) {
            let (arch, limit) = (self.arch, FIRMWARE.as_secs());
            ui::warn(&format!(
                "{arch}: the firmware did not come to the loader within {limit} s; booting again"
            ));
            drop(booted);
            booted = self.switch_on(machine, test)?;
        }
        Ok(booted)
    }

    /// Starts a machine and waits for nothing.
    pub(super) fn switch_on(&self, machine: &Machine, test: &str) -> Result<Booted<'_>> {
        let (mut qemu, directory) = machine.command()?;
        let session = start(&mut qemu, self.arch.name(), test)?;
        Ok(Booted {
            session,
            rig: self,
            directory,
        })
    }
}

fn disk(arch: Arch, name: &str) -> Result<PathBuf> {
    Ok(workspace::output("images")?.join(format!("test-{arch}-{name}.img")))
}

/// Starts `command` with a log named after host and test.
pub(super) fn start(command: &mut Command, host: &str, test: &str) -> Result<Session> {
    Session::start(command, &log(host, test)?)
}

/// Where a test's log goes.
pub(super) fn log(host: &str, test: &str) -> Result<PathBuf> {
    Ok(workspace::output("logs")?.join(format!("{host}-{test}.log")))
}

/// A machine that has been switched on.
pub(super) struct Booted<'a> {
    /// The conversation over its serial port.
    pub(super) session: Session,
    rig: &'a Rig,
    directory: TempDir,
}

impl Booted<'_> {
    /// Its architecture.
    pub(super) fn arch(&self) -> Arch {
        self.rig.arch
    }

    /// Waits for `text`, or tells the story of why it did not come.
    pub(super) fn expect(
        &mut self,
        text: &str,
        limit: Duration,
    ) -> std::result::Result<(), String> {
        let met = self.session.expect(text, limit);
        met.map_err(|stop| self.story(&stop, &format!("`{text}`")))
    }

    /// Types `text`, or tells why not.
    pub(super) fn send(&mut self, text: &str) -> std::result::Result<(), String> {
        let sent = self.session.send(text);
        sent.map_err(|stop| self.story(&stop, "input"))
    }

    /// Presses keys at its keyboard, named as QEMU does.
    pub(super) fn press(&mut self, keys: &[&str]) -> std::result::Result<(), String> {
        let pressed = monitor::press(&self.monitor(), keys);
        pressed.map_err(|error| format!("QEMU presses no keys: {error}"))
    }

    /// Looks at its screen.
    pub(super) fn screen(&self) -> std::result::Result<Screen, String> {
        let file = self.directory.path().join("screen.ppm");
        let looked = monitor::picture(&self.monitor(), &file, "ppm");
        looked.map_err(|error| format!("QEMU shows no screen: {error}"))?;
        Screen::read(&file)
    }

    fn monitor(&self) -> PathBuf {
        self.directory.path().join(MONITOR)
    }

    /// Tells why something did not come.
    pub(super) fn story(&self, stop: &Stop, waiting_for: &str) -> String {
        let (session, symbols) = (&self.session, &self.rig.symbols);
        let notes = match stop {
            Stop::TimedOut(_) => self.position(symbols).into_iter().collect(),
            _ => Vec::new(),
        };
        explain(
            stop,
            waiting_for,
            session.transcript(),
            session.log_path(),
            &notes,
        )
    }

    /// Where a machine that hangs is.
    fn position(&self, symbols: &Symbols) -> Option<String> {
        let position = monitor::position(&self.monitor())?;
        let name = symbols.name(position.address);
        let name = name.unwrap_or_else(|| "not in the kernel".to_owned());
        let state = if position.halted { "sleeps" } else { "is" };
        Some(format!(
            "the processor {state} at {:#018x}: {name}",
            position.address
        ))
    }
}
