//! Why the kernel could not be started, in the words that appear on the firmware's console.

use core::fmt;

use stele_paging::MapError;
use uefi::{CStr16, Status, cstr16};

use crate::{
    arch,
    checksum::Damage,
    elf::{ElfError, Machine},
};

/// Where the kernel must be on the volume: a file per architecture, so that one volume boots both.
pub const KERNEL: &str = match arch::MACHINE {
    Machine::AARCH64 => r"\stele\kernel-aarch64.elf",
    _ => r"\stele\kernel-x86_64.elf",
};

/// [`KERNEL`] as the firmware wants it.
pub const KERNEL_PATH: &CStr16 = match arch::MACHINE {
    Machine::AARCH64 => cstr16!(r"\stele\kernel-aarch64.elf"),
    _ => cstr16!(r"\stele\kernel-x86_64.elf"),
};

/// What stopped the loader.
#[derive(Clone, Copy, Debug)]
pub enum LoadError {
    /// The processor, or the state in which the firmware left it, is not one for Stele.
    UnfitProcessor(&'static str),
    /// The volume that the loader came from cannot be read.
    NoVolume(Status),
    /// This file is not on the volume.
    Missing(&'static str),
    /// This file is there and cannot be read.
    Unreadable(&'static str, Status),
    /// The firmware has no ACPI tables, and this architecture's devices are found by nothing else.
    NoTables,
    /// The kernel file is whole, and was not built together with this loader.
    OtherVersion,
    /// The kernel file is not as it was written.
    DamagedKernel(Damage),
    /// The kernel file is no kernel for this computer.
    BadKernel(ElfError),
    /// The firmware has no memory for this purpose.
    OutOfMemory(&'static str),
    /// The address space could not be built.
    Mapping(MapError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnfitProcessor(reason) => write!(
                f,
                "This computer cannot run Stele: {reason}.\n\
                 Change the firmware's settings, or use another computer or emulated processor."
            ),
            Self::NoVolume(status) => write!(
                f,
                "The volume that Stele is started from cannot be read ({status}).\n\
                 Check the disk, or write the boot image to it again."
            ),
            Self::Missing(file) => write!(
                f,
                "{file} is missing from the boot volume.\n\
                 Write the boot image again (cargo xtask image), or copy the file there."
            ),
            Self::Unreadable(file, status) => write!(
                f,
                "{file} cannot be read ({status}).\n\
                 The disk or its file system is damaged: write the boot image again (cargo xtask image)."
            ),
            Self::NoTables => f.write_str(
                "This computer's firmware offers no ACPI tables, and without them Stele finds neither its \
                 interrupt controller nor its serial port.\n\
                 Switch ACPI on in the firmware's settings (QEMU: leave out acpi=off).",
            ),
            Self::OtherVersion => write!(
                f,
                "The kernel file {KERNEL} and this loader are of different versions.\n\
                 Install both again: write the boot image anew (cargo xtask image)."
            ),
            Self::DamagedKernel(damage) => write!(
                f,
                "The kernel file {KERNEL} is damaged: {damage}.\n\
                 Install it again: write the boot image anew (cargo xtask image)."
            ),
            Self::BadKernel(error) => write!(
                f,
                "{KERNEL} cannot be started: {error}.\n\
                 Write the boot image for this kind of computer again (cargo xtask image)."
            ),
            Self::OutOfMemory(what) => write!(
                f,
                "The firmware has no memory left for {what}.\n\
                 Stele needs at least 64 MB: give the computer or the emulator more."
            ),
            Self::Mapping(error) => write!(
                f,
                "The kernel's address space cannot be built: {error}.\n\
                 The firmware's memory map is faulty, or memory is exhausted."
            ),
        }
    }
}
