//! The loader's entry point; see the library's first page.
#![cfg_attr(target_os = "uefi", no_std, no_main)]

#[cfg(not(target_os = "uefi"))]
fn main() -> std::process::ExitCode {
    eprintln!(
        "stele-loader is started by UEFI firmware, not by an operating system.\n\
         Start it in an emulator with: cargo xtask run"
    );
    std::process::ExitCode::from(2)
}
