//! Which tests there are.
//!
//! Long ones come first, so that the processors are busy to the end.

use super::check::{Check, Outcome};
use super::conformance::{self, Results};
use super::kernel_file::{self, Fault};
use super::rig::{Linux, Rig};
use super::{acpi, boot, damaged_kernel, debugger, machines, panic, power, prompt};
use crate::error::Result;
use crate::image::System;

/// All tests of the hosts given.
pub(super) fn checks<'a>(
    linux: Option<&'a Linux>,
    rigs: &'a [Rig],
    results: &'a Results,
    typed: &'a Results,
) -> Vec<Check<'a>> {
    let mut checks = Vec::new();
    for rig in rigs {
        let mut add = |test: &str, run: Box<dyn Fn() -> Result<Outcome> + Send + 'a>| {
            checks.push(check(rig.arch.name(), test, run));
        };
        if rigs.len() > 1 {
            let systems: Vec<System> = rigs.iter().map(|rig| rig.system.clone()).collect();
            add(
                "a disk for all architectures boots",
                Box::new(move || boot::from_shared_disk(rig, &systems)),
            );
        }
        add(
            "a kernel file damaged anywhere is refused",
            Box::new(|| damaged_kernel::check(rig)),
        );
        add(
            "ten boots in a row show the same stages in the same order",
            Box::new(|| boot::in_a_row(rig)),
        );
        add(
            "the conformance cases pass",
            Box::new(move || conformance::on_machine(rig, results)),
        );
        add(
            "the typed conformance cases pass",
            Box::new(move || conformance::typed_on_machine(rig, typed)),
        );
        for scene in &prompt::SCENES {
            add(scene.test, Box::new(move || prompt::on_machine(rig, scene)));
        }
        for kind in &machines::KINDS {
            if kind.exists_for(rig.arch) {
                let test = format!("a machine of {} answers", kind.name);
                add(&test, Box::new(move || machines::check(rig, kind)));
            }
        }
        for (number, damage) in acpi::DAMAGES.iter().enumerate() {
            if damage.exists_for(rig.arch) {
                let test = format!("damaged tables explain themselves: {}", damage.name);
                add(&test, Box::new(move || acpi::check(rig, number, damage)));
            }
        }
        add("BYE switches the machine off", Box::new(|| power::bye(rig)));
        add(
            "a program ends the machine with a status",
            Box::new(|| power::status(rig)),
        );
        add("COLD restarts the machine", Box::new(|| power::cold(rig)));
        add(
            "a machine without ACPI tables comes up or says why not",
            Box::new(|| power::without_tables(rig)),
        );
        add(
            "gdb stops at kernel_main",
            Box::new(|| debugger::check(rig)),
        );
        add(
            "the kernel's tests of itself pass",
            Box::new(|| boot::self_test(rig)),
        );
        add(
            "loader and kernel are under two megabytes",
            Box::new(|| Ok(boot::size(rig))),
        );
        for fault in Fault::ALL {
            let test = format!("a kernel file that is {} is refused", fault.name());
            add(&test, Box::new(move || kernel_file::check(rig, fault)));
        }
        for fault in panic::FAULTS {
            let test = format!("the fault `{fault}` explains itself");
            add(&test, Box::new(move || panic::check(rig, fault)));
        }
    }
    if let Some(linux) = linux {
        let mut add = |test: &str, run: Box<dyn Fn() -> Result<Outcome> + Send + 'a>| {
            checks.push(check("linux", test, run));
        };
        add(
            "the conformance cases pass",
            Box::new(move || conformance::on_linux(linux, results)),
        );
        add(
            "the typed conformance cases pass",
            Box::new(move || conformance::typed_on_linux(linux, typed)),
        );
        for scene in &prompt::SCENES {
            add(scene.test, Box::new(move || prompt::on_linux(linux, scene)));
        }
    }
    checks
}

/// A test named after its host; what keeps it from being run at all fails it.
fn check<'a>(
    host: &str,
    test: &str,
    run: Box<dyn Fn() -> Result<Outcome> + Send + 'a>,
) -> Check<'a> {
    Check::new(format!("{host}: {test}"), move || {
        run().unwrap_or_else(|error| Outcome::fail(error.to_string()))
    })
}
