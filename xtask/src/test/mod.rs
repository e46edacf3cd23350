//! `cargo xtask test`: the system tested from outside, on all three hosts.
//!
//! Read [`plan`] for what is tested, [`check`] for how a test is run and reported; then one file per
//! subject. [`rig`] holds what they share. What can be tested from inside is in the crates, under
//! `cargo test --all`.

mod acpi;
mod boot;
mod check;
mod conformance;
mod damaged_kernel;
mod debugger;
mod devices;
mod kernel_file;
mod keyboard;
mod machines;
mod panic;
mod plan;
mod power;
mod prompt;
mod readme;
mod rig;
mod screen;
mod self_test;
mod time;

pub(crate) use check::Tally;

use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::setup::tool::Tool;
use crate::setup::{self, Needs};
use rig::{Host, Linux, Rig};

/// What `cargo xtask test` was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Only this architecture.
    pub(crate) arch: Option<Arch>,
    /// Only the program on this machine.
    pub(crate) hosted: bool,
    /// Only tests whose name contains this.
    pub(crate) filter: Option<String>,
}

impl Request {
    fn hosts(&self) -> Vec<Host> {
        match (self.arch, self.hosted) {
            (Some(arch), _) => vec![Host::Machine(arch)],
            (None, true) => vec![Host::Linux],
            (None, false) => {
                let machines = Arch::ALL.into_iter().map(Host::Machine);
                std::iter::once(Host::Linux).chain(machines).collect()
            }
        }
    }
}

/// The command `cargo xtask test`: the last line it prints is `N passed, N failed`.
pub(crate) fn command(request: &Request) -> Result<()> {
    let tally = run(request)?;
    println!("\n{tally}");
    tally.verdict()
}

/// Builds what is tested, tests it, prints each result, and counts.
pub(crate) fn run(request: &Request) -> Result<Tally> {
    let hosts = request.hosts();
    let mut needs = Needs::boot(&[]);
    for host in &hosts {
        if let Host::Machine(arch) = *host {
            needs = needs.with(Needs::boot(&[arch])).and(Tool::Gdb(arch));
        }
    }
    setup::ensure(&needs)?;

    let suites = conformance::Suites::read()?;
    let mut linux = None;
    let mut rigs = Vec::new();
    for host in &hosts {
        match *host {
            Host::Linux => linux = Some(Linux::build(&suites)?),
            Host::Machine(arch) => rigs.push(Rig::build(arch, &suites)?),
        }
    }
    let results = conformance::Results::default();
    let typed = conformance::Results::default();
    let mut plan = plan::checks(linux.as_ref(), &rigs, &results, &typed);
    if let Some(filter) = &request.filter {
        if !plan
            .iter()
            .any(|check| check.name.contains(filter.as_str()))
        {
            let names: Vec<&str> = plan.iter().map(|check| check.name.as_ref()).collect();
            let names = names.join("\n  ");
            return Err(Error::Usage(format!(
                "no test's name contains `{filter}`; there are\n  {names}"
            )));
        }
        plan.retain(|check| check.name.contains(filter.as_str()));
    }
    let mut tally = check::run(plan)?;
    for (cases, results) in [("", results), (" of the typed cases", typed)] {
        if let Some(outcome) = results.compared() {
            tally.add(&outcome);
            let name = format!("all hosts: same counts and same parity hash{cases}");
            check::print(&name, &outcome);
        }
    }
    Ok(tally)
}
