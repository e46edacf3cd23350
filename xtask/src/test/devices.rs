//! Devices in the hands of programs: a driver in Forth, registers of each width, and that memory is
//! never one.

use std::fs;
use std::process::Command;

use super::boot;
use super::check::Outcome;
use super::rig::{self, ANSWER, Booted, Linux, Rig};
use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::qemu::machine::Machine;
use crate::session::Session;
use crate::session::explain::explain;
use crate::workspace;

/// The driver, from the tree's root.
const DRIVER: &str = "examples/rtc.4th";

/// What the machine's clock shows when it is switched on: a day, and the start of an hour.
const SWITCHED_ON: &str = "2026-11-20T12:00:00";

type Told = std::result::Result<(), String>;

/// The driver as boot source, unchanged, on this machine's own clock.
pub(super) fn driver(rig: &Rig) -> Result<Outcome> {
    let path = workspace::root().join(DRIVER);
    let source = fs::read(&path).map_err(Error::file("read", &path))?;
    let disk = rig.disk(&rig.contents().boot_source(&source), "driver")?;
    let mut machine = Machine::headless(rig.arch, &disk);
    machine.clock = Some(SWITCHED_ON);
    let mut booted = rig.start(&machine, "driver")?;
    Ok(Outcome::of(
        driven(&mut booted, rig.arch).map(|()| String::new()),
    ))
}

fn driven(booted: &mut Booted<'_>, arch: Arch) -> Told {
    let chip = match arch {
        Arch::X86_64 => "The PC's clock, at ports 70h and 71h, interrupt 8",
        Arch::Aarch64 => "Arm's PL031, at 9010000h, interrupt 34",
    };
    booted.expect(chip, rig::FIRMWARE)?;
    booted.expect("By register: 2026-11-20 12:0", ANSWER)?;
    booted.expect("By interrupt: 12:0", ANSWER)?;
    booted.expect(" 12:0", ANSWER)?;
    booted.expect(" 12:0", ANSWER)?;
    booted.expect("3 interrupts came", ANSWER)?;
    // The system's own clock comes from the same chip, by way of firmware and loader.
    booted.send("time&date . . . . . .\r")?;
    booted.expect(" 2026 11 20 12 ", ANSWER)?;
    // And the driver can be run again: it has given everything back.
    booted.send("rtc\r")?;
    booted.expect("3 interrupts came", ANSWER)?;
    booted.expect("ok\n", ANSWER)?;
    booted.send("cap_irq cap-revoke rtc\r")?;
    booted.expect("needs CAP_IRQ, which this VM does not hold (-267)", ANSWER)?;
    booted.send("cap_mmio cap-revoke rtc\r")?;
    booted.expect("needs CAP_MMIO, which this VM does not hold (-266)", ANSWER)
}

/// On Linux the driver ends with the reason.
pub(super) fn driver_on_linux(linux: &Linux) -> Result<Outcome> {
    let log = rig::log("linux", "driver")?;
    let mut command = Command::new(&linux.program);
    command.arg(workspace::root().join(DRIVER));
    let mut session = Session::start(&mut command, &log)?;
    let wanted = "this host has no devices to offer (-273)";
    let told = session
        .expect(wanted, ANSWER)
        .and_then(|()| session.finish(ANSWER));
    Ok(Outcome::of(match told {
        Ok(status) if status.code() == Some(1) => Ok(String::new()),
        Ok(status) => Err(format!("it was to end with exit code 1: {status}")),
        Err(stop) => Err(explain(&stop, wanted, session.transcript(), &log, &[])),
    }))
}

/// The first and the last byte of every region of memory that `MEMORY-MAP` shows, and a page across
/// its ends, are refused as a device: free frames, the kernel's image and page tables, ACPI tables.
pub(super) fn memory(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "device-memory")?;
    Ok(Outcome::of(boot::to_prompt(&mut booted).and_then(|()| {
        let regions = memory_map(&mut booted)?;
        let refused = refuse_all(&mut booted, &regions)?;
        Ok(format!("{} regions, {refused} attempts", regions.len()))
    })))
}

/// A run of memory, its first and last byte.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    first: u64,
    last: u64,
}

/// What `MEMORY-MAP` says is memory.
fn memory_map(booted: &mut Booted<'_>) -> std::result::Result<Vec<Run>, String> {
    booted.send("memory-map .( end of the map)\r")?;
    // The echo, and then what the line prints at its end.
    booted.expect("end of the map)", ANSWER)?;
    booted.expect("end of the map", ANSWER)?;
    let said = booted.session.transcript().text();
    let regions: Vec<Run> = said.lines().filter_map(run).collect();
    let kinds = ["usable", "kernel: image", "firmware's tables"];
    match kinds.iter().find(|kind| !said.contains(**kind)) {
        None if !regions.is_empty() => Ok(regions),
        missing => Err(format!(
            "MEMORY-MAP shows {} regions of memory, and none that is `{}`",
            regions.len(),
            missing.unwrap_or(&"memory")
        )),
    }
}

/// The memory that a line of `MEMORY-MAP` is about; nothing for device registers.
fn run(line: &str) -> Option<Run> {
    let (range, _) = line
        .split_once(", ")
        .filter(|(_, what)| !what.ends_with("device registers"))?;
    let (first, last) = range.trim().split_once(" to ")?;
    let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x")?, 16).ok();
    Some(Run {
        first: number(first)?,
        last: number(last)?,
    })
}

fn refuse_all(booted: &mut Booted<'_>, regions: &[Run]) -> std::result::Result<usize, String> {
    booted.send(": refused ( phys len -- ) ['] map-device catch . 2drop ;\r")?;
    booted.expect("ok\n", ANSWER)?;
    let mut attempts = 0;
    for Run { first, last } in regions {
        let across = first.saturating_sub(1);
        for (start, length) in [
            (*first, 1),
            (*last, 1),
            (across, 2),
            (*last, 2),
            (*first, 4096),
        ] {
            booted.send(&format!("${start:x} {length} refused\r"))?;
            booted.expect("refused -274  ok\n", ANSWER)?;
            attempts += 1;
        }
    }
    Ok(attempts)
}

/// What is typed, and what must then be seen.
type Line = (&'static str, &'static str);

/// Registers of real devices, on either machine, printed in hexadecimal: the firmware's flash, whose variables begin with a
/// volume header that has `_FVH` at byte 40 (UEFI PI 1.8, volume 3, 3.2.1).
const FLASH: [Line; 6] = [
    ("#40 flash dev8@ .\r", " 5F  ok"),
    ("#40 flash dev16@ .\r", " 465F  ok"),
    ("#40 flash dev32@ .\r", " 4856465F  ok"),
    ("#40 flash dev64@ $FFFFFFFF and .\r", " 4856465F  ok"),
    ("#41 flash dev16@\r", "(-280)"),
    ("#63 flash dev16@\r", "(-279)"),
];

/// On the PC: ports of each width (the screen's registers: XRES, its identity), and what is kept.
const PC: &[Line] = &[
    ("$FFC00000 64 map-device constant flash\r", "ok"),
    ("$1CE 4 map-ports constant screen hex\r", "ok"),
    ("0 0 screen dev16! 1 screen dev16@ .\r", " B0C5  ok"),
    ("0 screen dev64@\r", "(-281)"),
    ("$80 1 map-ports 0 swap 2dup dev8@ -rot dev8!\r", "ok"),
    ("$20 1 map-ports\r", "uses this device (-276)"),
    ("$3F8 8 map-ports\r", "uses this device (-276)"),
    ("$CF8 8 map-ports\r", "from programs (-288)"),
    ("$FEC00000 4096 map-device\r", "uses this device (-276)"),
    ("$FEE00000 4 map-device\r", "uses this device (-276)"),
    ("$FEE01000 4 map-device\r", "uses this device (-276)"),
    ("1 $3F lshift 1 map-device\r", "(-275)"),
    ("4 attach-irq\r", "uses this device (-276)"),
    ("$400 attach-irq\r", "no such interrupt (-278)"),
];

/// On the Arm board: the clock's registers, its match register written and read, an address where
/// nothing answers, and what is kept.
const BOARD: &[Line] = &[
    ("$04000000 64 map-device constant flash\r", "ok"),
    ("$09010000 4096 map-device constant clock hex\r", "ok"),
    ("$09020000 24 map-device\r", "from programs (-288)"),
    ("$FE0 clock dev32@ . $FE4 clock dev32@ .\r", " 31 10  ok"),
    (
        "$12345678 4 clock dev32! 4 clock dev32@ .\r",
        " 12345678  ok",
    ),
    ("$0B000000 4096 map-device constant nobody\r", "ok"),
    (
        "0 nobody dev8@\r",
        "nothing answers at this register's address (-286)",
    ),
    ("0 nobody dev64@\r", "(-286)"),
    ("5 0 nobody dev32!\r", "(-286)"),
    ("$70 2 map-ports\r", "no I/O ports (-277)"),
    ("$1E attach-irq\r", "(-278)"),
    ("$09000000 4096 map-device\r", "uses this device (-276)"),
    ("$08000000 4 map-device\r", "uses this device (-276)"),
    ("$08080000 4 map-device\r", "from programs (-288)"),
    ("$08090040 8 map-device\r", "from programs (-288)"),
    ("$09020010 8 map-device\r", "from programs (-288)"),
    ("#33 attach-irq\r", "uses this device (-276)"),
    ("#5000 attach-irq\r", "no such interrupt (-278)"),
];

/// On both: the limit of regions and one past it, and a wait that Ctrl-C ends.
const AT_LAST: [Line; 6] = [
    (": take begin $FFF0000000 4 map-device drop again ;\r", "ok"),
    ("take\r", "too many device regions: unmap one first (-282)"),
    ("#9 attach-irq wait-irq\r", "wait-irq"),
    ("\x03", "interrupted (-28)"),
    ("cap_mmio cap-revoke 0 flash dev8@\r", "needs CAP_MMIO"),
    ("cap_irq cap-revoke 8 attach-irq\r", "needs CAP_IRQ"),
];

/// Registers of each width, and every refusal that only a machine can give.
pub(super) fn registers(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "device-registers")?;
    Ok(Outcome::of(boot::to_prompt(&mut booted).and_then(|()| {
        let own = match rig.arch {
            Arch::X86_64 => PC,
            Arch::Aarch64 => BOARD,
        };
        for (typed, answer) in own.iter().chain(&FLASH).chain(&AT_LAST) {
            booted.send(typed)?;
            booted.expect(answer, ANSWER)?;
        }
        Ok(String::new())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_from_device_registers() {
        assert_eq!(
            run("0x0000000000001000 to 0x000000000009ffff, 636 KiB: usable"),
            Some(Run {
                first: 0x1000,
                last: 0x9_FFFF
            })
        );
        assert_eq!(
            run("0x00000000fffff000 to 0x00000000ffffffff, 4 KiB: device registers"),
            None
        );
        assert_eq!(run("memory-map .( end of the map)"), None);
        assert_eq!(run(""), None);
    }
}
