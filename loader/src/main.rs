//! The loader's entry point; see the library's first page.
#![cfg_attr(target_os = "uefi", no_std, no_main)]

#[cfg(target_os = "uefi")]
use uefi::{Status, entry};

/// Called by the firmware. Returns only if the kernel could not be started, after saying why.
#[cfg(target_os = "uefi")]
#[entry]
fn efi_main() -> Status {
    stele_loader::start::start()
}

#[cfg(not(target_os = "uefi"))]
fn main() -> std::process::ExitCode {
    eprintln!(
        "stele-loader is started by UEFI firmware, not by an operating system.\n\
         Start it in an emulator with: cargo xtask run"
    );
    std::process::ExitCode::from(2)
}
