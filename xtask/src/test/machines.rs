//! Machines large and small, with and without this or that: each comes up and answers.

use super::boot;
use super::check::Outcome;
use super::rig::{self, ANSWER, FIRMWARE, Rig};
use crate::arch::Arch;
use crate::command;
use crate::error::Result;
use crate::qemu::machine::{Machine, Part, Serial};
use crate::qemu::memory::Memory;

/// A machine that differs from the one that all other tests boot, which has 512 MiB, one processor
/// and everything.
pub(super) struct Kind {
    /// What it is, for the test's name.
    pub(super) name: &'static str,
    /// Which architectures' firmware starts with so little.
    arches: &'static [Arch],
    memory: Memory,
    cpus: u32,
    without: &'static [Part],
}

/// All of them. Where nothing is lost by it, one machine differs in several ways.
pub(super) static KINDS: [Kind; 4] = [
    Kind {
        name: "64 MiB, 1 processor",
        arches: &[Arch::X86_64],
        memory: Memory::mib(64),
        cpus: 1,
        without: &[],
    },
    Kind {
        name: "128 MiB, 2 processors, no keyboard",
        arches: &Arch::ALL,
        memory: Memory::mib(128),
        cpus: 2,
        without: &[Part::Keyboard],
    },
    Kind {
        name: "2 GiB, 4 processors, no HPET",
        arches: &Arch::ALL,
        memory: Memory::mib(2 * 1024),
        cpus: 4,
        without: &[Part::Hpet],
    },
    Kind {
        name: "6 GiB, no screen",
        arches: &Arch::ALL,
        memory: Memory::mib(6 * 1024),
        cpus: 1,
        without: &[Part::Screen],
    },
];

/// Boots a PC without a serial port, on which a text says BYE: it comes to it, and in good time. (The
/// arm64 machine cannot be had without one.)
pub(super) fn without_serial_port(rig: &Rig) -> Result<Outcome> {
    /// What QEMU exits with at BYE under `qemu-exit`.
    const QEMU_BYE: i32 = 33;
    let disk = rig.disk(&rig.contents().boot_source(b"bye\n"), "no-serial")?;
    let mut machine = Machine::headless(rig.arch, &disk);
    machine.serial = Serial::None;
    let mut ended = None;
    // The firmware hangs once in some hundred boots: see `Rig::boot`.
    for _ in 0..2 {
        let (mut qemu, _directory) = machine.command()?;
        let mut session = rig::start(&mut qemu, rig.arch.name(), "no-serial")?;
        ended = session.finish(FIRMWARE).ok();
        if ended.is_some() {
            break;
        }
    }
    Ok(match ended {
        Some(status) if status.code() == Some(QEMU_BYE) => Outcome::pass(""),
        Some(status) => Outcome::fail(format!("it ended with {}", command::how(status))),
        None => Outcome::fail(format!("it did not end within {} s", FIRMWARE.as_secs())),
    })
}

impl Kind {
    /// Whether there is such a machine of this architecture.
    pub(super) fn exists_for(&self, arch: Arch) -> bool {
        self.arches.contains(&arch)
    }
}

/// Boots the machine to the prompt and has it add two numbers.
pub(super) fn check(rig: &Rig, kind: &Kind) -> Result<Outcome> {
    let mut machine = Machine::headless(rig.arch, &rig.prompt);
    machine.memory = kind.memory;
    machine.cpus = kind.cpus;
    machine.without = kind.without.to_vec();
    let mut booted = rig.start(&machine, &format!("memory-{}", kind.memory))?;
    let answered = boot::timed(&mut booted).and_then(|time| {
        booted.send("1 2 + .\r")?;
        booted.expect("1 2 + . 3  ok", ANSWER)?;
        let milliseconds = time as f64 / 1000.0;
        Ok(format!("{milliseconds:.1} ms from entry to the prompt"))
    });
    Ok(Outcome::of(answered))
}
