//! Finding what a command needs on this machine, and installing what is missing.
//!
//! Read [`tool`] first (what there is to find), then [`rust`] (compiler targets), then [`debian`]
//! (installing packages). A machine that has everything is recognised without a network and in no
//! noticeable time. Nothing is installed except by rustup and by Debian's apt as root; elsewhere the
//! exact command is printed.

mod debian;
pub(crate) mod firmware;
mod packages;
mod rust;
mod suite;
pub(crate) mod tool;

use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::ui;
use tool::Tool;

/// Everything some command needs.
pub(crate) struct Needs {
    tools: Vec<Tool>,
    targets: Vec<&'static str>,
}

impl Needs {
    /// What building and booting on `arches` takes.
    pub(crate) fn boot(arches: &[Arch]) -> Needs {
        let mut needs = Needs::build(arches);
        for &arch in arches {
            needs.tools.extend([Tool::Qemu(arch), Tool::Firmware(arch)]);
        }
        needs
    }

    /// What building the loader and the kernel for `arches` takes.
    pub(crate) fn build(arches: &[Arch]) -> Needs {
        let targets = |&arch: &Arch| [arch.loader_target(), arch.kernel_target()];
        Needs {
            tools: Vec::new(),
            targets: arches.iter().flat_map(targets).collect(),
        }
    }

    /// These and one more tool.
    pub(crate) fn and(mut self, tool: Tool) -> Needs {
        self.tools.push(tool);
        self
    }

    /// These and others.
    pub(crate) fn with(mut self, other: Needs) -> Needs {
        self.tools.extend(other.tools);
        self.targets.extend(other.targets);
        self
    }

    /// Only tools, nothing to build for another machine.
    pub(crate) fn tool(tool: Tool) -> Needs {
        Needs {
            tools: vec![tool],
            targets: Vec::new(),
        }
    }

    /// What every command together takes.
    fn everything() -> Needs {
        let mut needs = Needs::boot(&Arch::ALL).and(Tool::Gforth);
        needs.tools.extend(Arch::ALL.map(Tool::Gdb));
        needs
    }
}

/// The command `cargo xtask setup`.
pub(crate) fn command(offline_check: bool) -> Result<()> {
    let needs = Needs::everything();
    if offline_check {
        return report(&needs);
    }
    ensure(&needs)?;
    ui::step(
        "Ready",
        "compiler targets, QEMU, firmware, gdb and gforth are installed",
    );
    Ok(())
}

/// Installs whatever of `needs` is missing; quick and silent when nothing is.
pub(crate) fn ensure(needs: &Needs) -> Result<()> {
    let targets = rust::missing(&needs.targets)?;
    if !targets.is_empty() {
        rust::add(&targets)?;
    }
    let tools = missing_tools(needs);
    if !tools.is_empty() {
        packages::install(&tools)?;
    }
    match missing_tools(needs).as_slice() {
        [] => Ok(()),
        still => Err(Error::Setup {
            missing: format!("installed, but still not found: {}", names(still)),
            command: packages::instructions(still),
        }),
    }
}

/// Says what is there and what is not, and changes nothing.
fn report(needs: &Needs) -> Result<()> {
    let targets = rust::missing(&needs.targets)?;
    for target in &needs.targets {
        print_found(&format!("Rust target {target}"), !targets.contains(target));
    }
    for tool in &needs.tools {
        print_found(&tool.to_string(), tool.present());
    }
    let tools = missing_tools(needs);
    if targets.is_empty() && tools.is_empty() {
        return Ok(());
    }
    Err(Error::Setup {
        missing: "some of what Stele's commands need is missing".to_owned(),
        command: "cargo xtask setup".to_owned(),
    })
}

fn print_found(name: &str, found: bool) {
    anstream::println!("{:<8} {name}", if found { "found" } else { "missing" });
}

fn missing_tools(needs: &Needs) -> Vec<Tool> {
    let tools = needs.tools.iter().copied();
    tools.filter(|tool| !tool.present()).collect()
}

/// A list for a sentence.
fn names(tools: &[Tool]) -> String {
    let names: Vec<String> = tools.iter().map(Tool::to_string).collect();
    names.join(", ")
}
