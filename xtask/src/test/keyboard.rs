//! Keys pressed at the machine do what the same keys do at a terminal.

use super::boot;
use super::check::Outcome;
use super::rig::{ANSWER, Booted, Rig};
use crate::error::Result;

/// A line with corrections: arrows, End, Backspace, Delete, Home.
const KEYS: [&str; 24] = [
    "1",
    "spc",
    "3",
    "spc",
    "shift-equal",
    "left",
    "left",
    "left",
    "spc",
    "4",
    "end",
    "spc",
    "x",
    "backspace",
    "dot",
    "x",
    "left",
    "delete",
    "home",
    "z",
    "backspace",
    "end",
    "spc",
    "ret",
];

/// The same as a terminal sends it.
const SENT: &str = "1 3 +\x1b[D\x1b[D\x1b[D 4\x1b[F x\x7f.x\x1b[D\x1b[3~\x1b[Hz\x7f\x1b[F \r";

/// What the line becomes.
const ANSWERED: &str = "44  ok\n";

/// Types a line over the serial port and at the keyboard: the same is echoed and answered.
pub(super) fn editing(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "keyboard")?;
    let typed = boot::timed(&mut booted).and_then(|_| {
        let over_serial = said(&mut booted, |booted| booted.send(SENT))?;
        let by_keys = said(&mut booted, |booted| booted.press(&KEYS))?;
        if over_serial != by_keys {
            return Err(format!(
                "typed at a terminal: {over_serial:?}\ntyped at the keyboard: {by_keys:?}"
            ));
        }
        // The line before, once more.
        said(&mut booted, |booted| booted.press(&["up", "ret"]))?;
        Ok(String::new())
    });
    Ok(Outcome::of(typed))
}

/// Ctrl-C at the keyboard ends a program that never would; capitals come with Shift and Caps Lock.
pub(super) fn interrupt(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "keyboard-interrupt")?;
    let typed = boot::timed(&mut booted).and_then(|_| {
        booted.send(": Ab begin again ;\r")?;
        booted.expect("ok\n", ANSWER)?;
        booted.press(&["shift-a", "caps_lock", "b", "caps_lock", "ret"])?;
        booted.expect("AB", ANSWER)?;
        booted.press(&["ctrl-c"])?;
        booted.expect("interrupted (-28)", ANSWER)?;
        booted.send("1 2 + .\r")?;
        booted.expect("3  ok", ANSWER)?;
        Ok(String::new())
    });
    Ok(Outcome::of(typed))
}

/// The line that is said from now on and ends with the answer.
fn said<'a>(
    booted: &mut Booted<'a>,
    types: impl FnOnce(&mut Booted<'a>) -> std::result::Result<(), String>,
) -> std::result::Result<String, String> {
    let from = booted.session.transcript().text().len();
    types(booted)?;
    booted.expect(ANSWERED, ANSWER)?;
    let text = booted.session.transcript().text();
    let mut lines = text.get(from..).unwrap_or_default().split_inclusive('\n');
    let answered = lines.find(|line| line.ends_with(ANSWERED));
    Ok(answered.unwrap_or_default().to_owned())
}
