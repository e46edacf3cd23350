//! A kernel file that is missing, cut short or something else: the loader says so on the firmware's
//! console.

use stele_loader::checksum;

use super::check::Outcome;
use super::rig::{FIRMWARE, Rig};
use crate::error::Result;
use crate::image::with_checksum;

/// What is wrong with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is none.
    Missing,
    /// It ends in the middle.
    Truncated,
    /// It is empty.
    Empty,
    /// It is text.
    NoElf,
    /// It is the other architecture's.
    Foreign,
}

impl Fault {
    /// All of them.
    pub(super) const ALL: [Fault; 5] = [
        Fault::Missing,
        Fault::Truncated,
        Fault::Empty,
        Fault::NoElf,
        Fault::Foreign,
    ];

    /// For the test's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::Truncated => "truncated",
            Fault::Empty => "empty",
            Fault::NoElf => "no-elf",
            Fault::Foreign => "foreign",
        }
    }

    /// What the loader says of it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Fault::Missing => "is missing from the boot volume",
            Fault::Truncated => "is damaged: it does not end in a checksum",
            Fault::Empty | Fault::NoElf => "the file is not an ELF file",
            Fault::Foreign => "but this computer is",
        }
    }
}

/// Boots with the fault and waits for what the loader says.
pub(super) fn check(rig: &Rig, fault: Fault) -> Result<Outcome> {
    let whole = &rig.system.kernel;
    let changed: Option<Vec<u8>> = match fault {
        Fault::Missing => None,
        Fault::Truncated => Some(whole.get(..whole.len() / 2).unwrap_or_default().to_vec()),
        Fault::Empty => Some(Vec::new()),
        Fault::NoElf => Some(b"This is not a kernel.\n".repeat(100)),
        Fault::Foreign => {
            let content = checksum::verify(whole).unwrap_or_default();
            let foreign = for_machine(content, rig.arch.other().elf_machine());
            Some(with_checksum(foreign))
        }
    };
    let contents = rig.contents().kernel(rig.arch, changed.as_deref());
    let disk = rig.disk(&contents, fault.name())?;
    let mut booted = rig.boot(&disk, &format!("kernel-{}", fault.name()))?;
    let said = booted
        .expect("Stele cannot start", FIRMWARE)
        .and_then(|()| booted.expect(fault.words(), FIRMWARE));
    Ok(Outcome::of(said.map(|()| String::new())))
}

/// The same file with another `e_machine`, the two bytes at 18.
fn for_machine(kernel: &[u8], machine: u16) -> Vec<u8> {
    let mut changed = kernel.to_vec();
    if let Some(field) = changed.get_mut(18..20) {
        field.copy_from_slice(&machine.to_le_bytes());
    }
    changed
}
