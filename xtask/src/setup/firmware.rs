//! Where distributions put UEFI firmware for QEMU.

use std::path::{Path, PathBuf};

use crate::arch::Arch;

/// Firmware as QEMU wants it: code that is only read, and a template for the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Firmware {
    /// The code flash.
    pub(crate) code: PathBuf,
    /// The variable store to copy for each machine.
    pub(crate) variables: PathBuf,
}

/// Code and variables; the first pair that exists is used.
type Pairs = &'static [(&'static str, &'static str)];

const X86_64: Pairs = &[
    // Debian, Ubuntu
    (
        "/usr/share/OVMF/OVMF_CODE_4M.fd",
        "/usr/share/OVMF/OVMF_VARS_4M.fd",
    ),
    // Arch Linux
    (
        "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
        "/usr/share/edk2/x64/OVMF_VARS.4m.fd",
    ),
    // Fedora
    (
        "/usr/share/edk2/ovmf/OVMF_CODE.fd",
        "/usr/share/edk2/ovmf/OVMF_VARS.fd",
    ),
];

const AARCH64: Pairs = &[
    // Debian, Ubuntu
    (
        "/usr/share/AAVMF/AAVMF_CODE.fd",
        "/usr/share/AAVMF/AAVMF_VARS.fd",
    ),
    // Arch Linux
    (
        "/usr/share/edk2/aarch64/QEMU_CODE.fd",
        "/usr/share/edk2/aarch64/QEMU_VARS.fd",
    ),
    // Fedora
    (
        "/usr/share/edk2/aarch64/QEMU_EFI-silent-pflash.raw",
        "/usr/share/edk2/aarch64/vars-template-pflash.raw",
    ),
];

/// The firmware installed for `arch`, if any.
pub(crate) fn find(arch: Arch) -> Option<Firmware> {
    let pairs = match arch {
        Arch::X86_64 => X86_64,
        Arch::Aarch64 => AARCH64,
    };
    let exist = |&&(code, variables): &&(&str, &str)| {
        Path::new(code).is_file() && Path::new(variables).is_file()
    };
    pairs.iter().find(exist).map(|(code, variables)| Firmware {
        code: code.into(),
        variables: variables.into(),
    })
}
