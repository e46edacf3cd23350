//! Which tests there are.
//!
//! Long ones come first, so that the processors are busy to the end.

use super::check::{Check, Outcome};
use super::conformance::{self, Results};
use super::kernel_file::{self, Fault};
use super::rig::{Linux, Rig};
use super::{
    acpi, boot, damaged_kernel, debugger, devices, keyboard, machines, panic, power, prompt,
    readme, screen, self_test, time,
};
use crate::arch::Arch;
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
        add(
            "keys at the keyboard edit as those of a terminal do",
            Box::new(|| keyboard::editing(rig)),
        );
        add(
            "Ctrl-C at the keyboard ends an endless program",
            Box::new(|| keyboard::interrupt(rig)),
        );
        add(
            "the screen shows what is said, errors in their colours",
            Box::new(|| screen::text(rig)),
        );
        if rig.arch == Arch::X86_64 {
            add(
                "a PC without a serial port comes up",
                Box::new(|| machines::without_serial_port(rig)),
            );
            // The firmware of the other machine knows one size alone.
            add(
                "screens of all sizes show text",
                Box::new(|| screen::sizes(rig)),
            );
        }
        add(
            "the screen scrolls as the serial port goes on",
            Box::new(|| screen::scrolling(rig)),
        );
        for fault in screen::PANICS {
            let test = format!("the fault `{fault}` can be read on the screen");
            add(&test, Box::new(move || screen::panic(rig, fault)));
        }
        add(
            "the kernel's own lines go to a second serial port",
            Box::new(|| screen::log(rig)),
        );
        // The README shows the boot of an arm64 machine.
        if rig.arch == Arch::Aarch64 {
            add(
                "the README shows what is said",
                Box::new(|| readme::on_machine(rig)),
            );
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
            "a driver in Forth reads the clock by register and by interrupt",
            Box::new(|| devices::driver(rig)),
        );
        add(
            "no memory can be mapped as a device",
            Box::new(|| devices::memory(rig)),
        );
        add(
            "registers of each width are read and written, and refused by name",
            Box::new(|| devices::registers(rig)),
        );
        add(
            "gdb stops at kernel_main",
            Box::new(|| debugger::check(rig)),
        );
        add(
            "the kernel's tests of itself pass",
            Box::new(|| self_test::check(rig)),
        );
        for clock in time::clocks(rig.arch) {
            let test = format!("the clock can be {}", clock.name.replace('-', " "));
            add(&test, Box::new(move || time::clock(rig, clock)));
        }
        add(
            "a program without an end is preempted, and ticks come all the while",
            Box::new(|| time::preemption(rig)),
        );
        add(
            "a turn that does not end is noticed",
            Box::new(|| time::watchdog(rig)),
        );
        add(
            "a kernel with debug assertions works and guards interrupt context",
            Box::new(|| time::checked(rig)),
        );
        add(
            "loader and kernel are under two megabytes",
            Box::new(|| Ok(boot::size(rig))),
        );
        for fault in Fault::ALL {
            let test = format!("a kernel file that is {} is refused", fault.name());
            add(&test, Box::new(move || kernel_file::check(rig, fault)));
        }
        for fault in &panic::FAULTS {
            let test = format!("the fault `{}` explains itself", fault.name);
            add(&test, Box::new(move || panic::check(rig, fault)));
        }
        add(
            "a panic in a panic's report ends it",
            Box::new(|| panic::twice(rig)),
        );
        add(
            "PANIC names its reason, VM and word",
            Box::new(|| panic::by_program(rig)),
        );
        for fault in &panic::IN_INTERRUPT {
            let test = format!("the fault `{}` in an interrupt explains itself", fault.name);
            add(
                &test,
                Box::new(move || panic::check_in_interrupt(rig, fault)),
            );
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
        add(
            "the README shows what is said",
            Box::new(|| readme::on_linux(linux, &readme::README)),
        );
        add(
            "the examples of values show what is said",
            Box::new(|| readme::on_linux(linux, &readme::VALUES)),
        );
        add(
            "the examples of traces show what is said",
            Box::new(|| readme::on_linux(linux, &readme::TRACES)),
        );
        for scene in &prompt::SCENES {
            add(scene.test, Box::new(move || prompt::on_linux(linux, scene)));
        }
        add(
            "a driver in Forth is told that there are no devices",
            Box::new(move || devices::driver_on_linux(linux)),
        );
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
