//! The kernel's entry point; see the library's first page.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() -> std::process::ExitCode {
    eprintln!(
        "stele-kernel runs on a bare machine, not under an operating system.\n\
         Start it in an emulator with: cargo xtask run"
    );
    std::process::ExitCode::from(2)
}
