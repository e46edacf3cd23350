//! What stands on the screen: read back from a picture of it, character by character.

use std::thread;
use std::time::{Duration, Instant};

use super::boot;
use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::error::Result;
use crate::picture::{ERROR, MISSING, Screen};
use crate::qemu::machine::Machine;
use stele_kernel::screen::Cell;

/// How long to wait before looking at the screen again.
const GLANCE: Duration = Duration::from_millis(200);

/// The screen shows what the serial port says: the boot, an answer, letters, an error in its colours.
pub(super) fn text(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "screen")?;
    let seen = boot::timed(&mut booted).and_then(|_| {
        booted.send("1 2 + .\r")?;
        booted.expect("3  ok", ANSWER)?;
        booted.send(".( Übergröße 語 )\r")?;
        booted.expect("語  ok", ANSWER)?;
        booted.send("12 frobnicate\r")?;
        booted.expect("undefined word (-13): frobnicate", ANSWER)?;
        let letters = format!("Übergröße {MISSING}  ok");
        let texts = [
            "Stele booting...",
            "Stele VM v",
            "1 2 + . 3  ok",
            &letters,
            "undefined word (-13): frobnicate",
        ];
        let screen = wait_for(&booted, &texts)?;
        let plain = screen.find("12 frobnicate");
        let marks = screen.find("^^^^^^^^^^");
        let message = screen.find("undefined word (-13): frobnicate");
        let is_error =
            |cell: &Cell| (cell.foreground() == ERROR || cell.character() == ' ') && cell.is_bold();
        // A blank has no colour to be seen.
        let red = |cells: &[Cell]| {
            let mut letters = cells.iter().filter(|cell| cell.character() != ' ');
            !cells.is_empty() && letters.all(is_error)
        };
        if red(&plain) || !red(&marks) || !red(&message) {
            return Err("the error is not in its colours".to_owned());
        }
        Ok(String::new())
    });
    Ok(Outcome::of(seen))
}

/// A screen of any size shows text.
pub(super) fn sizes(rig: &Rig) -> Result<Outcome> {
    // Widths are multiples of eight: at others this machine's firmware is wrong about where rows begin.
    const SIZES: [(u32, u32); 3] = [(640, 480), (1400, 1050), (2560, 1600)];
    let mut seen = Vec::new();
    for (width, height) in SIZES {
        let mut machine = Machine::headless(rig.arch, &rig.prompt);
        machine.resolution = Some((width, height));
        let mut booted = rig.start(&machine, &format!("screen-{width}"))?;
        let shown = boot::timed(&mut booted).and_then(|_| {
            booted.send("1 2 + .\r")?;
            booted.expect("3  ok", ANSWER)?;
            wait_for(&booted, &["1 2 + . 3  ok"])
        });
        match shown {
            Ok(screen) => seen.push(screen.size()),
            Err(story) => return Ok(Outcome::fail(format!("{width}×{height}: {story}"))),
        }
    }
    Ok(Outcome::pass(seen.join(", ")))
}

/// After more lines than fit, the screen shows the last of what the serial port said.
pub(super) fn scrolling(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "scrolling")?;
    let seen = boot::timed(&mut booted).and_then(|_| {
        booted.send(": many 200 0 do i . i 7 mod spaces i . cr loop ; words many\r")?;
        booted.expect("199    199 \n ok\n", ANSWER)?;
        // A picture may be taken while the screen is being drawn.
        let end = Instant::now() + ANSWER;
        loop {
            let compared = compare(&booted.screen()?, booted.session.transcript().text());
            if compared.is_ok() || Instant::now() > end {
                return compared;
            }
            thread::sleep(GLANCE);
        }
    });
    Ok(Outcome::of(seen))
}

/// Whether the screen shows the last lines of what was `said`, above the row with the cursor.
fn compare(screen: &Screen, said: &str) -> std::result::Result<String, String> {
    let mut rows = screen.rows();
    rows.pop();
    let lines: Vec<&str> = said.lines().map(str::trim_end).collect();
    let lines = lines.get(lines.len().saturating_sub(rows.len())..);
    let lines = lines.unwrap_or_default();
    match rows.iter().zip(lines).find(|(row, line)| row != *line) {
        None if rows.len() == lines.len() => Ok(format!("{} rows", rows.len())),
        None => Err("the screen has more rows than were said".to_owned()),
        Some((row, line)) => Err(format!("the screen shows `{row}` instead of `{line}`")),
    }
}

/// Panics that can be read on the screen, one of them in the screen's own code.
pub(super) const PANICS: [&str; 2] = ["panic", "panic-in-screen"];

/// A panic can be read on the screen.
pub(super) fn panic(rig: &Rig, fault: &str) -> Result<Outcome> {
    // Without `qemu-exit`, so that the machine is still there to be looked at.
    let words = format!("provoke={fault}");
    let name = format!("screen-{fault}");
    let disk = rig.disk(&rig.contents().command_line(&words), &name)?;
    let mut booted = rig.boot(&disk, &name)?;
    booted.session.want_panic();
    let seen = booted.expect("System halted.", FIRMWARE).and_then(|()| {
        let report = [
            "*** KERNEL PANIC ***",
            "provoked by the command line",
            "registers:",
            "backtrace:",
        ];
        wait_for(&booted, &report)?;
        Ok(String::new())
    });
    Ok(Outcome::of(seen))
}

/// The kernel's own lines, and nothing else, go to the second serial port if that is wanted.
pub(super) fn log(rig: &Rig) -> Result<Outcome> {
    let contents = rig.contents().command_line("qemu-exit log=com2");
    let disk = rig.disk(&contents, "log")?;
    let file = super::rig::log(rig.arch.name(), "com2")?;
    let mut machine = Machine::headless(rig.arch, &disk);
    machine.log = Some(file.clone());
    let mut booted = rig.start(&machine, "log")?;
    let logged = boot::timed(&mut booted).and_then(|_| {
        booted.send("1 2 + .\r")?;
        booted.expect("3  ok", ANSWER)?;
        let log = std::fs::read_to_string(&file).unwrap_or_default();
        let stages = crate::markers::STAGES
            .iter()
            .all(|stage| log.contains(stage));
        if rig.arch == crate::arch::Arch::Aarch64 {
            let said = booted.session.transcript().text().contains("log=com2: ");
            // The firmware may say something there.
            let silent = !log.contains(crate::markers::STAGES[0]);
            return if said && silent {
                Ok("arm64 says that it has no second port".to_owned())
            } else {
                Err("the missing port is not explained".to_owned())
            };
        }
        if !stages || log.contains("Stele VM v") {
            return Err(format!("the log is not as it must be: {log}"));
        }
        Ok(String::new())
    });
    Ok(Outcome::of(logged))
}

/// Looks at the screen until it shows all of `texts`: a picture may be taken while it is being drawn.
fn wait_for(booted: &Booted<'_>, texts: &[&str]) -> std::result::Result<Screen, String> {
    let end = Instant::now() + ANSWER;
    loop {
        let screen = booted.screen()?;
        let missing = texts.iter().find(|text| !screen.shows(text));
        match missing {
            None => return Ok(screen),
            Some(text) if Instant::now() > end => {
                let rows = screen.rows().join("\n");
                let rows = rows.trim_end();
                return Err(format!("`{text}` is not on the screen:\n{rows}"));
            }
            Some(_) => thread::sleep(GLANCE),
        }
    }
}
