//! The kernel's entry point; see the library's first page.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
use stele_bootinfo::BootInfo;

/// Entered by the loader on the boot stack, with `info` in the direct physical map.
///
/// # Safety
/// Called by the loader alone, once; see [`stele_kernel::boot::boot`].
#[cfg(target_os = "none")]
// SAFETY: no other function of this name is linked in; the name is the linker scripts' entry point.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kernel_main(info: &BootInfo) -> ! {
    // SAFETY: the loader keeps the promises that `boot` asks for.
    unsafe { stele_kernel::boot::boot(info) }
}

#[cfg(not(target_os = "none"))]
fn main() -> std::process::ExitCode {
    eprintln!(
        "stele-kernel runs on a bare machine, not under an operating system.\n\
         Start it in an emulator with: cargo xtask run"
    );
    std::process::ExitCode::from(2)
}
