//! The programs and files that are not Rust's: how each is recognised.

use std::fmt;
use std::path::PathBuf;

use super::firmware;
use crate::arch::Arch;
use crate::command;

/// Something a command needs from the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The emulator for an architecture.
    Qemu(Arch),
    /// UEFI firmware for the emulated machine.
    Firmware(Arch),
    /// A debugger that understands the architecture.
    Gdb(Arch),
    /// The Forth that benchmarks compare with.
    Gforth,
}

impl Tool {
    /// Whether it is on this machine now.
    pub(crate) fn present(&self) -> bool {
        match self {
            Tool::Qemu(arch) => command::find(arch.qemu()).is_some(),
            Tool::Firmware(arch) => firmware::find(*arch).is_some(),
            Tool::Gdb(arch) => debugger(*arch).is_some(),
            Tool::Gforth => command::find("gforth-fast").is_some(),
        }
    }
}

/// A gdb for `arch`: gdb-multiarch knows all, plain gdb only the machine it runs on.
pub(crate) fn debugger(arch: Arch) -> Option<PathBuf> {
    let native = arch.name() == std::env::consts::ARCH;
    command::find("gdb-multiarch").or_else(|| native.then(|| command::find("gdb")).flatten())
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tool::Qemu(arch) => write!(f, "{}", arch.qemu()),
            Tool::Firmware(arch) => write!(f, "UEFI firmware for {arch}"),
            Tool::Gdb(arch) => write!(f, "gdb for {arch}"),
            Tool::Gforth => write!(f, "gforth-fast"),
        }
    }
}
