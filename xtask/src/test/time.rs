//! Time and interrupts on the machine: the kernel's self-check on every clock there is, preemption,
//! the watchdog, and the rules of interrupt context.

use std::thread;
use std::time::Duration;

use super::check::Outcome;
use super::rig::{ANSWER, FIRMWARE, Rig};
use super::{boot, self_test};
use crate::arch::Arch;
use crate::error::Result;
use crate::image::{Contents, System};
use crate::markers;
use crate::qemu::machine::{Machine, Part};

/// A machine and command line, and the clock that must come of them.
pub(super) struct Clock {
    /// For the test's name and log.
    pub(super) name: &'static str,
    /// On the command line.
    words: &'static str,
    /// Whether the machine has an HPET.
    hpet: bool,
    /// Whether its firmware offers tables.
    acpi: bool,
    /// What the kernel says, in this order.
    says: &'static [&'static str],
}

/// Every way to a clock on a PC. (arm64 has one clock, and its self-check runs on it.)
pub(super) static CLOCKS: [Clock; 6] = [
    Clock {
        name: "hpet",
        words: "",
        hpet: true,
        acpi: true,
        says: &["clock: hpet"],
    },
    Clock {
        name: "tsc",
        words: "clock=tsc",
        hpet: true,
        acpi: true,
        says: &["clock=tsc: obeyed, but", "clock: tsc"],
    },
    Clock {
        name: "pm-timer",
        words: "clock=pm-timer",
        hpet: true,
        acpi: true,
        says: &["clock: pm-timer"],
    },
    Clock {
        name: "pm-timer-for-want-of-hpet",
        words: "",
        hpet: false,
        acpi: true,
        says: &["clock: pm-timer"],
    },
    Clock {
        name: "pm-timer-instead-of-hpet",
        words: "clock=hpet",
        hpet: false,
        acpi: true,
        says: &[
            "clock=hpet: this machine has no such timer",
            "clock: pm-timer",
        ],
    },
    Clock {
        name: "tsc-for-want-of-anything",
        words: "",
        hpet: false,
        acpi: false,
        says: &["no clock of constant rate", "clock: tsc"],
    },
];

/// Boots with this clock and has the kernel check itself on it.
pub(super) fn clock(rig: &Rig, clock: &Clock) -> Result<Outcome> {
    let words = format!("qemu-exit self-test {}", clock.words);
    let disk = rig.disk(&rig.contents().command_line(&words), clock.name)?;
    let mut machine = Machine::headless(rig.arch, &disk);
    if !clock.hpet {
        machine.without.push(Part::Hpet);
    }
    machine.acpi = clock.acpi;
    let mut booted = rig.start(&machine, &format!("clock-{}", clock.name))?;
    let mut said = Ok(());
    for text in clock.says {
        said = said.and_then(|()| booted.expect(text, FIRMWARE));
    }
    let checked = said.and_then(|()| self_test::pass(&mut booted));
    Ok(Outcome::of(checked))
}

/// A program without an end is taken the processor again and again, and the tick comes all the while.
pub(super) fn preemption(rig: &Rig) -> Result<Outcome> {
    /// Two hundred ticks' worth; one is enough.
    const A_WHILE: Duration = Duration::from_secs(2);
    let contents = rig.contents().command_line("qemu-exit self-test");
    let disk = rig.disk(&contents, "preemption")?;
    let mut booted = rig.boot(&disk, "preemption")?;
    let counted = (|| {
        boot::to_prompt(&mut booted)?;
        booted.send(": r begin again ; r\r")?;
        booted.expect("; r", ANSWER)?;
        thread::sleep(A_WHILE);
        booted.send("\x03")?;
        booted.expect("interrupt", ANSWER)?;
        booted.send("bye\r")?;
        booted.expect("ticks struck in turns", ANSWER)?;
        counts(booted.session.transcript().text())
            .ok_or_else(|| "the kernel's counts cannot be read".to_owned())
    })();
    Ok(Outcome::of(counted.and_then(
        |(turns, preempted, ticks)| {
            let told = format!(
                "{turns} turns, {preempted} ended by their quantum, {ticks} ticks in turns"
            );
            if preempted > 0 && ticks > 0 && preempted < turns {
                Ok(told)
            } else {
                Err(told)
            }
        },
    )))
}

/// Reads `self-test: 12 turns, 10 ended by their quantum, 5 ticks struck in turns`.
fn counts(log: &str) -> Option<(u64, u64, u64)> {
    let line = log.lines().rfind(|line| line.contains("struck in turns"))?;
    let (_, line) = line.split_once("self-test: ")?;
    let mut numbers = line
        .split_whitespace()
        .filter_map(|word| word.parse::<u64>().ok());
    Some((numbers.next()?, numbers.next()?, numbers.next()?))
}

/// A turn that does not end is noticed by the tick.
pub(super) fn watchdog(rig: &Rig) -> Result<Outcome> {
    let contents = rig
        .contents()
        .command_line("qemu-exit provoke=endless-turn");
    let disk = rig.disk(&contents, "endless-turn")?;
    let mut booted = rig.boot(&disk, "endless-turn")?;
    booted.session.want_panic();
    let told = booted
        .expect("*** KERNEL PANIC ***", FIRMWARE)
        .and_then(|()| booted.expect("watchdog: a turn does not end", ANSWER))
        .and_then(|()| booted.expect("System halted.", ANSWER));
    Ok(Outcome::of(told.map(|()| String::new())))
}

/// A kernel with debug assertions works, and notices what interrupt context must not do.
pub(super) fn checked(rig: &Rig) -> Result<Outcome> {
    let system = System::build_checked(rig.arch)?;
    let contents = |words| Contents::bootable(std::slice::from_ref(&system)).command_line(words);
    let disk = rig.disk(&contents("qemu-exit self-test"), "checked")?;
    let mut booted = rig.boot(&disk, "checked")?;
    let works = self_test::pass(&mut booted).and_then(|_| {
        booted.expect(markers::BANNER, ANSWER)?;
        booted.send(": sum 0 1000 0 do i + loop ; sum .\r")?;
        booted.expect("499500  ok", ANSWER)
    });
    drop(booted);
    if let Err(story) = works {
        return Ok(Outcome::fail(story));
    }
    let disk = rig.disk(
        &contents("qemu-exit provoke=allocate-in-interrupt"),
        "checked",
    )?;
    let mut booted = rig.boot(&disk, "allocate-in-interrupt")?;
    booted.session.want_panic();
    let told = booted
        .expect("*** KERNEL PANIC ***", FIRMWARE)
        .and_then(|()| booted.expect("an interrupt handler must not allocate memory", ANSWER));
    Ok(Outcome::of(told.map(|()| String::new())))
}

/// The clocks that a machine of this architecture can have.
pub(super) fn clocks(arch: Arch) -> &'static [Clock] {
    match arch {
        Arch::X86_64 => &CLOCKS,
        Arch::Aarch64 => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_counts_are_read() {
        let log = "[ 1 us] x\n[12345 us] self-test: 12 turns, 10 ended by their quantum, 5 ticks struck in turns\n";
        assert_eq!(counts(log), Some((12, 10, 5)));
        assert_eq!(counts("nothing"), None);
    }
}
