//! The end of a machine: BYE switches it off, COLD restarts it, and what cannot be done is said.

use std::process::ExitStatus;

use super::boot;
use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::arch::Arch;
use crate::error::Result;
use crate::image::Contents;
use crate::qemu::machine::Machine;
use crate::session::explain::Stop;

/// What QEMU exits with under `qemu-exit` when a program ends the system with a status of its own.
const QEMU_FAILURE: i32 = 35;

/// Without `qemu-exit` BYE switches the machine off, and everything said before is read.
pub(super) fn bye(rig: &Rig) -> Result<Outcome> {
    let disk = rig.disk(&bare(rig), "power")?;
    let mut booted = rig.boot(&disk, "bye")?;
    Ok(Outcome::of(boot::to_prompt(&mut booted).and_then(|()| {
        booted.send(": count 1000 0 do i . loop ; count bye\r")?;
        ends(&mut booted, "998 999 Powering off.", 0)
    })))
}

/// A program's exit status is said, and under `qemu-exit` passed on as "not 0".
pub(super) fn status(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "bye-status")?;
    Ok(Outcome::of(boot::to_prompt(&mut booted).and_then(|()| {
        booted.send("3 (bye)\r")?;
        ends(
            &mut booted,
            "Powering off; the exit status is 3.",
            QEMU_FAILURE,
        )
    })))
}

/// COLD restarts the machine: all stages once more, and a dictionary that has forgotten.
pub(super) fn cold(rig: &Rig) -> Result<Outcome> {
    let mut machine = Machine::headless(rig.arch, &rig.prompt);
    machine.restarts = true;
    let mut booted = rig.start(&machine, "cold")?;
    Ok(Outcome::of(restarted(&mut booted)))
}

fn restarted(booted: &mut Booted<'_>) -> std::result::Result<String, String> {
    boot::to_prompt(booted)?;
    booted.send(": mine 1 ;\r")?;
    booted.expect("ok\n", ANSWER)?;
    booted.send("cold\r")?;
    booted.expect("Restarting.", ANSWER)?;
    boot::to_prompt(booted)?;
    booted.send("mine\r")?;
    booted.expect("undefined word (-13): mine", ANSWER)?;
    booted.send("1 2 + .\r")?;
    booted.expect("3  ok", ANSWER)?;
    booted.send("bye\r")?;
    ended(booted).map(|_| String::new())
}

/// Without the firmware's tables a PC comes up all the same and says that it cannot switch itself
/// off; on an arm64 machine, of which nothing can be known then, the loader says why it stops.
pub(super) fn without_tables(rig: &Rig) -> Result<Outcome> {
    let disk = rig.disk(&bare(rig), "no-acpi")?;
    let mut machine = Machine::headless(rig.arch, &disk);
    machine.acpi = false;
    let mut booted = rig.start(&machine, "no-acpi")?;
    let told = match rig.arch {
        Arch::X86_64 => boot::to_prompt(&mut booted).and_then(|()| {
            booted.send("bye\r")?;
            let said = "This machine cannot switch itself off: ACPI table FADT: there is none.";
            booted.expect(said, ANSWER)?;
            booted.expect("System halted.", ANSWER)
        }),
        Arch::Aarch64 => {
            let said = ["Stele cannot start.", "firmware offers no ACPI tables"];
            said.into_iter()
                .try_for_each(|part| booted.expect(part, FIRMWARE))
        }
    };
    Ok(Outcome::of(told.map(|()| String::new())))
}

/// A disk whose command line wishes for nothing.
fn bare(rig: &Rig) -> Contents {
    rig.contents().command_line("")
}

/// Waits for the last words and the end, which must have this exit code.
fn ends(booted: &mut Booted<'_>, words: &str, code: i32) -> std::result::Result<String, String> {
    booted.expect(words, ANSWER)?;
    let status = ended(booted)?;
    if status.code() == Some(code) {
        Ok(String::new())
    } else {
        Err(booted.story(&Stop::Ended(status), &format!("exit code {code}")))
    }
}

fn ended(booted: &mut Booted<'_>) -> std::result::Result<ExitStatus, String> {
    let end = booted.session.finish(ANSWER);
    end.map_err(|stop| booted.story(&stop, "the end of the machine"))
}
