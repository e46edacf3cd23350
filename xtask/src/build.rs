//! Building the parts of the system with cargo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arch::Arch;
use crate::command;
use crate::error::{Error, Result};
use crate::ui;
use crate::workspace;

/// The loader of an architecture: a UEFI application.
pub(crate) fn loader(arch: Arch) -> Result<PathBuf> {
    build("stele-loader", Some(arch.loader_target()), RELEASE)
}

/// The kernel of an architecture: an ELF file with its symbols.
pub(crate) fn kernel(arch: Arch) -> Result<PathBuf> {
    build("stele-kernel", Some(arch.kernel_target()), RELEASE)
}

/// The same with debug assertions.
pub(crate) fn checked_kernel(arch: Arch) -> Result<PathBuf> {
    build("stele-kernel", Some(arch.kernel_target()), "checked")
}

/// Stele as a program of this machine.
pub(crate) fn hosted() -> Result<PathBuf> {
    build("stele-hosted", None, RELEASE)
}

/// The program that measures the memory crate.
pub(crate) fn memory_bench() -> Result<PathBuf> {
    build("stele-bench-memory", None, RELEASE)
}

/// The profile that is shipped.
const RELEASE: &str = "release";

/// Builds `package` under a profile of Cargo.toml and says where its program lies.
fn build(package: &str, target: Option<&str>, profile: &str) -> Result<PathBuf> {
    let object = match target {
        Some(target) => format!("{package} for {target}"),
        None => format!("{package} for this machine"),
    };
    ui::step("Building", &object);
    let mut cargo = cargo();
    // `--quiet` would hide cargo's progress too, which is wanted here: first builds take a while.
    cargo.args(["build", "--profile", profile, "--package", package]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    if let Some(target) = target {
        cargo.args(["--target", target]);
    }
    let messages = command::output(&mut cargo)?;
    executable(&messages, package).ok_or_else(|| {
        Error::Failed(format!(
            "cargo built {object}, but named no program it made"
        ))
    })
}

/// The cargo that runs us, in the source tree.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(workspace::root());
    command
}

/// The program that cargo's JSON messages say `package` was built into.
fn executable(messages: &str, package: &str) -> Option<PathBuf> {
    let of_package = |message: &serde_json::Value| {
        let manifest = message["manifest_path"].as_str().map(Path::new);
        let built = message["package_id"].as_str().unwrap_or_default();
        // The identifier is `path+file:///…/kernel#stele-kernel@0.1.0`, without the name where the
        // directory already has it.
        manifest.is_some() && built.contains(package)
    };
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(of_package)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_cargos_messages() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///s/crates/hal#stele-hal@0.1.0\",\"manifest_path\":\"/s/crates/hal/Cargo.toml\",\"executable\":null}\n",
            "not json\n",
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///s/kernel#stele-kernel@0.1.0\",\"manifest_path\":\"/s/kernel/Cargo.toml\",\"executable\":null}\n",
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///s/kernel#stele-kernel@0.1.0\",\"manifest_path\":\"/s/kernel/Cargo.toml\",\"executable\":\"/t/release/stele-kernel\"}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\n",
        );
        let program = executable(messages, "stele-kernel");
        assert_eq!(
            program.as_deref(),
            Some(Path::new("/t/release/stele-kernel"))
        );
        assert_eq!(executable(messages, "stele-loader"), None);
    }
}
