//! Installing packages on Debian and its relatives with apt.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::names;
use super::packages::{Distribution, debian_package, list};
use super::suite::{self, Choice};
use super::tool::Tool;
use crate::command;
use crate::error::{Error, Result};
use crate::ui;
use crate::workspace;

const BACKPORTS_FILE: &str = "/etc/apt/sources.list.d/stele-backports.list";

/// Installs the packages for `tools`; as anyone but root, says how.
pub(super) fn install(here: &Distribution, tools: &[Tool]) -> Result<()> {
    let (firmware, programs): (Vec<Tool>, Vec<Tool>) = tools
        .iter()
        .partition(|tool| matches!(tool, Tool::Firmware(_)));
    let firmware = list(&firmware, debian_package);
    let programs = list(&programs, debian_package);

    if !rustix::process::geteuid().is_root() {
        return Err(Error::Setup {
            missing: format!("not found: {} (only root can install)", names(tools)),
            command: instructions(here, &programs, &firmware)?,
        });
    }
    update();
    if !programs.is_empty() {
        let mut choice = choose()?;
        if choice == Choice::AddBackports {
            add_backports(here)?;
            choice = choose()?;
        }
        // All from one suite: QEMU from backports brings libraries that the release's own gdb does
        // not accept.
        apt_install(&programs, &choice)?;
    }
    if !firmware.is_empty() {
        apt_install(&firmware, &Choice::Default)?;
    }
    Ok(())
}

/// The suite for programs, by what is installed and what apt offers now.
fn choose() -> Result<Choice> {
    let dpkg = command::output(Command::new("dpkg-query").args([
        "-W",
        "-f",
        "${db:Status-Abbrev}|${source:Package}|${Version}\n",
    ]))?;
    let madison = command::output(Command::new("apt-cache").args(["madison", "qemu-system-x86"]))?;
    let offers = suite::offers(&madison);
    Ok(suite::choose(suite::installed_version(&dpkg), &offers))
}

/// Fetches the package lists. Not all sources need answer, so failure is only a warning: if it was
/// the one that matters, the installation says so.
fn update() {
    if let Err(error) = apt(apt_get(["update"]), "package lists") {
        ui::warn(&format!("{error}"));
    }
}

fn apt_install(packages: &[&str], choice: &Choice) -> Result<()> {
    let mut command = apt_get(["install", "--yes", "--no-install-recommends"]);
    if let Choice::Suite(suite) = choice {
        command.args(["-t", suite]);
    }
    command.args(packages);
    apt(command, &packages.join(", "))
}

fn apt_get<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Another apt may be running, for example the machine's own updates.
        .args(["-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"])
        .args(arguments);
    command
}

/// Runs apt with its chatter in a log.
fn apt(mut command: Command, object: &str) -> Result<()> {
    let log = workspace::output("logs")?.join("setup.log");
    let verb = if object == "package lists" {
        "Fetching"
    } else {
        "Installing"
    };
    let _progress = ui::Progress::spinner(verb, object);
    command::logged(&mut command, &log).map_err(|error| Error::Setup {
        missing: format!("{error}"),
        command: command::line(&command),
    })
}

/// Adds the release's backports to apt's sources, from the mirror already in use.
fn add_backports(here: &Distribution) -> Result<()> {
    let line = backports_line(here)?;
    ui::step("Adding", &format!("`{line}` as {BACKPORTS_FILE}"));
    let path = Path::new(BACKPORTS_FILE);
    fs::write(path, line + "\n").map_err(Error::file("write", path))?;
    update();
    Ok(())
}

fn backports_line(here: &Distribution) -> Result<String> {
    let Some(codename) = here.codename.as_deref() else {
        return Err(Error::Setup {
            missing:
                "the installed qemu packages come from backports, and /etc/os-release does not \
                      name the release they belong to"
                    .to_owned(),
            command: "sudo apt-get install -t RELEASE-backports qemu-system-x86 qemu-system-arm"
                .to_owned(),
        });
    };
    let targets = command::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(SITE) $(CODENAME)",
        "Created-By: Packages",
    ]))?;
    let mirror = mirror(&targets, codename).unwrap_or("http://deb.debian.org/debian");
    Ok(format!("deb {mirror} {codename}-backports main"))
}

/// The site that the release itself comes from; reads lines of `site codename`.
fn mirror<'a>(targets: &'a str, codename: &str) -> Option<&'a str> {
    targets.lines().find_map(|line| {
        let (site, name) = line.split_once(' ')?;
        (name.trim() == codename).then_some(site)
    })
}

/// What a person has to type to get the same.
fn instructions(here: &Distribution, programs: &[&str], firmware: &[&str]) -> Result<String> {
    let mut lines = vec!["sudo apt-get update".to_owned()];
    let suite = match choose()? {
        Choice::Default => None,
        Choice::Suite(suite) => Some(suite),
        Choice::AddBackports => {
            let line = backports_line(here)?;
            lines.insert(0, format!("echo '{line}' | sudo tee {BACKPORTS_FILE}"));
            line.split(' ').nth(2).map(str::to_owned)
        }
    };
    let (chosen, plain) = match suite {
        Some(suite) => (Some((suite, programs)), firmware.to_vec()),
        None => (None, [programs, firmware].concat()),
    };
    if let Some((suite, packages)) = chosen.filter(|(_, packages)| !packages.is_empty()) {
        lines.push(format!(
            "sudo apt-get install -t {suite} {}",
            packages.join(" ")
        ));
    }
    if !plain.is_empty() {
        lines.push(format!("sudo apt-get install {}", plain.join(" ")));
    }
    Ok(lines.join(" && "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_the_one_the_release_comes_from() {
        let targets = "http://deb.debian.org/debian-security bookworm-security\n\
                       http://mirror.example/debian bookworm\n";
        assert_eq!(
            mirror(targets, "bookworm"),
            Some("http://mirror.example/debian")
        );
        assert_eq!(mirror(targets, "trixie"), None);
        assert_eq!(mirror("", "bookworm"), None);
    }
}
