//! Firmware tables damaged in memory, behind the firmware's back and before the kernel's first
//! instruction: the machine comes up all the same, or says what it lacks.

use std::io;
use std::mem::offset_of;

use stele_bootinfo::{BootInfo, PHYSICAL_MAP};

use super::boot;
use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::markers;
use crate::qemu::machine::{Machine, Part};
use crate::qemu::stub::{self, Stub};

/// What is damaged, and what must come of it.
pub(super) struct Damage {
    /// What it is, for the test's name.
    pub(super) name: &'static str,
    without: &'static [Part],
    change: fn(&mut Tables<'_>) -> io::Result<()>,
    x86_64: Option<Ending>,
    aarch64: Option<Ending>,
}

/// How the boot ends.
#[derive(Clone, Copy)]
enum Ending {
    /// At the prompt, which answers; before that all of this was said.
    Prompt(&'static [&'static str]),
    /// At a prompt that hears nobody, after this was said.
    Deaf(&'static str),
    /// In a panic with this cause.
    Panic(&'static str),
}

use Ending::{Deaf, Panic, Prompt};

/// All of them.
pub(super) static DAMAGES: [Damage; 5] = [
    Damage {
        name: "the root pointer's checksum",
        without: &[],
        change: |tables| tables.change(tables.pointer, 8, &[0x5A]),
        x86_64: Some(Prompt(&[
            "ACPI: the root pointer is damaged; Stele does without it",
            "assuming the usual interrupt controllers",
        ])),
        aarch64: Some(Panic("ACPI: the root pointer is damaged")),
    },
    Damage {
        name: "the MADT's checksum and the FADT's length",
        without: &[],
        change: |tables| {
            let madt = tables.find(b"APIC")?;
            tables.change(madt, 9, &[0x5A])?;
            let fadt = tables.find(b"FACP")?;
            tables.change(fadt, 4, &[0xFF; 4])
        },
        x86_64: Some(Prompt(&[
            "ACPI table MADT: its checksum is wrong; Stele does without it",
            "ACPI table FADT: its length is wrong; Stele does without it",
        ])),
        aarch64: Some(Panic("ACPI table MADT: its checksum is wrong")),
    },
    Damage {
        name: "the entries of the root table, which lead nowhere",
        without: &[],
        change: |tables| tables.lead_nowhere(),
        x86_64: Some(Prompt(&[
            "where no memory is; Stele does without it",
            "ACPI table MADT: there is none: assuming the usual interrupt controllers",
        ])),
        aarch64: Some(Panic("ACPI table MADT: there is none")),
    },
    Damage {
        name: "the interrupt controllers' addresses, which lead to RAM",
        without: &[],
        change: |tables| tables.lead_to_ram(),
        x86_64: Some(Deaf(
            "the serial port will not be heard: this machine has no interrupt 4",
        )),
        aarch64: Some(Panic(
            "the GIC's registers cannot be where the firmware says they are",
        )),
    },
    Damage {
        name: "the ACPI timer, which is nowhere, as the HPET",
        without: &[Part::Hpet],
        change: |tables| {
            let fadt = tables.find(b"FACP")?;
            tables.change(fadt, 76, &[0; 4])?;
            tables.change(fadt, 208, &[0; 12])?;
            tables.mend(fadt)
        },
        x86_64: Some(Prompt(&[
            "relying on the time-stamp counter as it ran at the start",
        ])),
        aarch64: None,
    },
];

impl Damage {
    /// How a machine of this architecture ends; nothing if it has no such thing.
    fn ending(&self, arch: Arch) -> Option<Ending> {
        match arch {
            Arch::X86_64 => self.x86_64,
            Arch::Aarch64 => self.aarch64,
        }
    }

    /// Whether there is such a thing on this architecture.
    pub(super) fn exists_for(&self, arch: Arch) -> bool {
        self.ending(arch).is_some()
    }
}

/// Boots, damages, and sees what comes of it.
pub(super) fn check(rig: &Rig, number: usize, damage: &Damage) -> Result<Outcome> {
    let Some(ending) = damage.ending(rig.arch) else {
        return Ok(Outcome::pass("there is no such thing"));
    };
    let mut booted = match damaged(rig, number, damage)? {
        Ok(booted) => booted,
        // The firmware hangs once in some hundred boots: see `Rig::boot`.
        Err(_) => damaged(rig, number, damage)?
            .map_err(|error| Error::Failed(format!("the tables cannot be damaged: {error}")))?,
    };
    Ok(Outcome::of(
        ends(&mut booted, ending).map(|()| String::new()),
    ))
}

/// A machine that is about to find its tables damaged.
fn damaged<'a>(rig: &'a Rig, number: usize, damage: &Damage) -> Result<io::Result<Booted<'a>>> {
    let port = stub::free_port()?;
    let mut machine = Machine::headless(rig.arch, &rig.prompt);
    machine.without = damage.without.to_vec();
    machine.gdb = Some(port);
    let booted = rig.switch_on(&machine, &format!("acpi-{number}"))?;
    let applied = Stub::connect(port).and_then(|stub| apply(rig, stub, damage));
    Ok(applied.map(|()| booted))
}

fn ends(booted: &mut Booted<'_>, ending: Ending) -> std::result::Result<(), String> {
    match ending {
        Prompt(notes) => {
            boot::timed(booted)?;
            booted.send("1 2 + .\r")?;
            booted.expect("1 2 + . 3  ok", ANSWER)?;
            let said = booted.session.transcript().text();
            match notes.iter().find(|note| !said.contains(**note)) {
                None => Ok(()),
                Some(note) => {
                    let log = booted.session.log_path().display();
                    Err(format!("it did not say `{note}`\n  whole log: {log}"))
                }
            }
        }
        Deaf(note) => {
            booted.expect(note, FIRMWARE)?;
            booted.expect(markers::WAITS, ANSWER)
        }
        Panic(cause) => {
            booted.session.want_panic();
            let report = ["*** KERNEL PANIC ***", cause, "System halted."];
            report
                .into_iter()
                .try_for_each(|part| booted.expect(part, FIRMWARE))
        }
    }
}

/// Runs the machine to the kernel's entry, changes its tables, lets it go.
fn apply(rig: &Rig, mut stub: Stub, damage: &Damage) -> io::Result<()> {
    let entry = rig
        .address("kernel_main")
        .ok_or_else(|| io::Error::other("the kernel has no kernel_main"))?;
    stub.run_to(entry, FIRMWARE)?;
    let first_argument = match rig.arch {
        // gdb's order: rax, rbx, rcx, rdx, rsi, rdi.
        Arch::X86_64 => 5,
        Arch::Aarch64 => 0,
    };
    let info = stub.register(first_argument)?;
    let pointer = stub.read(info + offset_of!(BootInfo, rsdp) as u64, 8)?;
    let mut tables = Tables {
        stub: &mut stub,
        pointer: number(&pointer),
    };
    (damage.change)(&mut tables)?;
    stub.let_go()
}

/// The tables of a machine that stands still; addresses are physical.
pub(super) struct Tables<'stub> {
    stub: &'stub mut Stub,
    /// The root pointer.
    pointer: u64,
}

impl Tables<'_> {
    /// Offset of the entries in a root table, and of what a MADT begins with.
    const HEADER: u64 = 36;

    fn read(&mut self, address: u64, length: u64) -> io::Result<Vec<u8>> {
        self.stub.read(PHYSICAL_MAP + address, length as usize)
    }

    fn change(&mut self, table: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.stub.write(PHYSICAL_MAP + table + offset, bytes)
    }

    /// Makes the table's checksum right.
    fn mend(&mut self, table: u64) -> io::Result<()> {
        const CHECKSUM: u64 = 9;
        let length = number(&self.read(table + 4, 4)?);
        let bytes = self.read(table, length)?;
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let old = number(&self.read(table + CHECKSUM, 1)?) as u8;
        self.change(table, CHECKSUM, &[old.wrapping_sub(sum)])
    }

    /// The root tables that there are: address, and bytes of an entry.
    fn roots(&mut self) -> io::Result<Vec<(u64, u64)>> {
        let pointer = self.read(self.pointer, 36)?;
        let wide = number(pointer.get(24..32).unwrap_or_default());
        let narrow = number(pointer.get(16..20).unwrap_or_default());
        let roots = [(wide, 8), (narrow, 4)];
        Ok(roots.into_iter().filter(|(root, _)| *root != 0).collect())
    }

    /// Where each entry of a root table is, and where it leads.
    fn entries(&mut self, root: u64, width: u64) -> io::Result<Vec<(u64, u64)>> {
        let length = number(&self.read(root + 4, 4)?);
        let offsets = (Self::HEADER..length).step_by(width as usize);
        let mut entries = Vec::new();
        for offset in offsets {
            let table = number(&self.read(root + offset, width)?);
            entries.push((offset, table));
        }
        Ok(entries)
    }

    /// The table of this name.
    fn find(&mut self, name: &[u8; 4]) -> io::Result<u64> {
        for (root, width) in self.roots()? {
            for (_, table) in self.entries(root, width)? {
                if self.read(table, 4)? == name {
                    return Ok(table);
                }
            }
        }
        let name = String::from_utf8_lossy(name);
        Err(io::Error::other(format!("there is no table {name}")))
    }

    /// Has every entry of the root tables lead to where there is no memory.
    fn lead_nowhere(&mut self) -> io::Result<()> {
        for (root, width) in self.roots()? {
            for (offset, _) in self.entries(root, width)? {
                let nowhere = [0xFF, 0xF0, 0xFF, 0xFF, 0xFF, 0x3F, 0, 0];
                let entry = nowhere.get(..width as usize).unwrap_or_default();
                self.change(root, offset, entry)?;
            }
            self.mend(root)?;
        }
        Ok(())
    }

    /// Has the MADT say that I/O APICs and GIC parts are where the root pointer is: in RAM.
    fn lead_to_ram(&mut self) -> io::Result<()> {
        let ram = (self.pointer & !0xFFF).to_le_bytes();
        let madt = self.find(b"APIC")?;
        let length = number(&self.read(madt + 4, 4)?);
        let bytes = self.read(madt, length)?;
        let mut at = Self::HEADER as usize + 8;
        while let Some(&[kind, length]) = bytes.get(at..at + 2) {
            // Offset of the address in an entry of this kind, and its bytes.
            let (offset, width) = match kind {
                1 => (4, 4),
                11 => (60, 8),
                12 => (8, 8),
                14 => (4, 8),
                _ => (0, 0),
            };
            let address = ram.get(..width).unwrap_or_default();
            if !address.is_empty() {
                self.change(madt, (at + offset) as u64, address)?;
            }
            at += usize::from(length).max(2);
        }
        self.mend(madt)
    }
}

/// A number of up to eight bytes, least first.
fn number(bytes: &[u8]) -> u64 {
    let add = |value, byte: &u8| value << 8 | u64::from(*byte);
    bytes.iter().rev().fold(0, add)
}
