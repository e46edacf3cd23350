//! The compiler's standard library for the bare-metal targets.

use std::path::Path;
use std::process::Command;

use crate::command;
use crate::error::{Error, Result};
use crate::ui;
use crate::workspace;

/// Those of `targets` that the toolchain in use lacks.
pub(super) fn missing(targets: &[&'static str]) -> Result<Vec<&'static str>> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let sysroot = command::output(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(workspace::root()),
    )?;
    let libraries = Path::new(sysroot.trim()).join("lib/rustlib");
    let absent = |target: &&&str| !libraries.join(target).join("lib").is_dir();
    Ok(targets.iter().filter(absent).copied().collect())
}

/// Has rustup install `targets` for the toolchain that rust-toolchain.toml names.
pub(super) fn add(targets: &[&'static str]) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add"])
        .args(targets)
        .current_dir(workspace::root());
    if command::find("rustup").is_none() {
        return Err(Error::Setup {
            missing: format!(
                "this Rust has no standard library for {}, and there is no rustup to add it",
                targets.join(", ")
            ),
            command: "curl --proto '=https' -sSf https://sh.rustup.rs | sh".to_owned(),
        });
    }
    ui::step("Adding", &format!("Rust targets {}", targets.join(", ")));
    command::run(&mut rustup).map_err(|error| Error::Setup {
        missing: format!("rustup could not add the targets: {error}"),
        command: command::line(&rustup),
    })
}

#[cfg(test)]
mod tests {
    use crate::arch::Arch;
    use crate::workspace;

    #[test]
    fn the_pinned_toolchain_lists_every_target_that_is_built() {
        let pinned =
            std::fs::read_to_string(workspace::root().join("rust-toolchain.toml")).unwrap();
        for arch in Arch::ALL {
            for target in [arch.loader_target(), arch.kernel_target()] {
                assert!(pinned.contains(&format!("\"{target}\"")), "{target}");
            }
        }
    }
}
