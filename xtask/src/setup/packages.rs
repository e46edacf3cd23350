//! Which packages provide the tools, per distribution, and the command that installs them.

use std::fs;

use super::debian;
use super::names;
use super::tool::Tool;
use crate::arch::Arch;
use crate::error::{Error, Result};

/// What /etc/os-release says this system is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Distribution {
    /// `ID` and `ID_LIKE`: "debian", "ubuntu", "fedora", ….
    families: Vec<String>,
    /// `VERSION_CODENAME`: "bookworm".
    pub(super) codename: Option<String>,
}

impl Distribution {
    /// The system we run on; empty when it does not say.
    fn here() -> Distribution {
        Distribution::parse(&fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    fn parse(os_release: &str) -> Distribution {
        let mut found = Distribution::default();
        for line in os_release.lines() {
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let value = value.trim().trim_matches(['"', '\'']);
            match key.trim() {
                "ID" | "ID_LIKE" => {
                    found
                        .families
                        .extend(value.split_whitespace().map(str::to_owned));
                }
                "VERSION_CODENAME" => found.codename = Some(value.to_owned()),
                _ => {}
            }
        }
        found
    }

    fn is(&self, family: &str) -> bool {
        self.families.iter().any(|name| name == family)
    }
}

/// Installs `tools`, or says how.
///
/// # Errors
/// [`Error::Setup`] with the exact command where this is no Debian, or we are not root.
pub(super) fn install(tools: &[Tool]) -> Result<()> {
    let here = Distribution::here();
    if here.is("debian") {
        return debian::install(&here, tools);
    }
    Err(Error::Setup {
        missing: format!("not found: {}", names(tools)),
        command: instructions(tools),
    })
}

/// The command that installs `tools` here, for a person to run.
pub(super) fn instructions(tools: &[Tool]) -> String {
    let here = Distribution::here();
    let (installer, column): (&str, fn(Tool) -> &'static str) = if here.is("debian") {
        ("sudo apt-get install", debian_package)
    } else if here.is("fedora") {
        ("sudo dnf install", fedora_package)
    } else if here.is("arch") {
        ("sudo pacman -S --needed", arch_linux_package)
    } else {
        return format!("your package manager, to install {}", names(tools));
    };
    format!("{installer} {}", list(tools, column).join(" "))
}

/// The packages for `tools`, each once.
pub(super) fn list(tools: &[Tool], package: fn(Tool) -> &'static str) -> Vec<&'static str> {
    let mut packages: Vec<_> = tools.iter().map(|&tool| package(tool)).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// The Debian and Ubuntu package for a tool.
pub(super) fn debian_package(tool: Tool) -> &'static str {
    match tool {
        Tool::Qemu(Arch::X86_64) => "qemu-system-x86",
        Tool::Qemu(Arch::Aarch64) => "qemu-system-arm",
        Tool::Firmware(Arch::X86_64) => "ovmf",
        Tool::Firmware(Arch::Aarch64) => "qemu-efi-aarch64",
        Tool::Gdb(_) => "gdb-multiarch",
        Tool::Gforth => "gforth",
    }
}

fn fedora_package(tool: Tool) -> &'static str {
    match tool {
        Tool::Qemu(Arch::X86_64) => "qemu-system-x86",
        Tool::Qemu(Arch::Aarch64) => "qemu-system-aarch64",
        Tool::Firmware(Arch::X86_64) => "edk2-ovmf",
        Tool::Firmware(Arch::Aarch64) => "edk2-aarch64",
        Tool::Gdb(_) => "gdb",
        Tool::Gforth => "gforth",
    }
}

fn arch_linux_package(tool: Tool) -> &'static str {
    match tool {
        Tool::Qemu(Arch::X86_64) => "qemu-system-x86",
        Tool::Qemu(Arch::Aarch64) => "qemu-system-aarch64",
        Tool::Firmware(Arch::X86_64) => "edk2-ovmf",
        Tool::Firmware(Arch::Aarch64) => "edk2-aarch64",
        Tool::Gdb(_) => "gdb",
        Tool::Gforth => "gforth",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debian_is_recognised_with_its_codename() {
        let debian = Distribution::parse("NAME=\"Debian\"\nVERSION_CODENAME=bookworm\nID=debian\n");
        assert!(debian.is("debian"));
        assert_eq!(debian.codename.as_deref(), Some("bookworm"));
    }

    #[test]
    fn a_relative_of_debian_is_recognised_by_what_it_is_like() {
        assert!(Distribution::parse("ID=ubuntu\nID_LIKE=debian\n").is("debian"));
        assert!(Distribution::parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n").is("debian"));
    }

    #[test]
    fn a_system_that_says_nothing_is_no_debian() {
        assert!(!Distribution::parse("").is("debian"));
        assert!(!Distribution::parse("garbage\n=\n").is("debian"));
    }

    #[test]
    fn one_package_for_two_tools_is_named_once() {
        let tools = [
            Tool::Gdb(Arch::X86_64),
            Tool::Gdb(Arch::Aarch64),
            Tool::Gforth,
        ];
        assert_eq!(list(&tools, debian_package), ["gdb-multiarch", "gforth"]);
    }
}
