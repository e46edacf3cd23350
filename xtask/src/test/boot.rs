//! Booting: the stages in order, again and again, and in the room allowed.

use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::error::Result;
use crate::image::{Contents, System};
use crate::markers;

/// How often in a row.
pub(super) const BOOTS: usize = 10;

/// Loader and kernel together.
const ROOM: usize = 2 << 20;

/// Boots ten times in a row: every boot shows all stages in order and comes to the prompt.
pub(super) fn in_a_row(rig: &Rig) -> Result<Outcome> {
    let mut to_prompt = Vec::new();
    for number in 1..=BOOTS {
        let mut booted = rig.boot(&rig.prompt, &format!("boot-{number}"))?;
        match boot(&mut booted) {
            Ok(time) => to_prompt.push(time),
            Err(story) => {
                return Ok(Outcome::fail(format!("boot {number} of {BOOTS}: {story}")));
            }
        }
    }
    let (least, most) = (to_prompt.iter().min(), to_prompt.iter().max());
    let milliseconds = |time: Option<&u64>| time.map_or(0.0, |&us| us as f64 / 1000.0);
    Ok(Outcome::pass(format!(
        "{BOOTS} boots, {:.1} to {:.1} ms from entry to the last stage",
        milliseconds(least),
        milliseconds(most)
    )))
}

/// Boots to the prompt; gives the microseconds from the kernel's entry to its last stage.
fn boot(booted: &mut Booted<'_>) -> std::result::Result<u64, String> {
    to_prompt(booted)?;
    let times = markers::times(booted.session.transcript().text()).map_err(|wrong| {
        let log = booted.session.log_path().display();
        format!("{wrong}\n  whole log: {log}")
    })?;
    Ok(times.last().copied().unwrap_or_default())
}

/// Boots to the prompt; gives the microseconds from the kernel's entry until it waits for input.
pub(super) fn timed(booted: &mut Booted<'_>) -> std::result::Result<u64, String> {
    until_it_waits(booted)?;
    let said = booted.session.transcript().text();
    markers::time_to_prompt(said).ok_or_else(|| {
        let log = booted.session.log_path().display();
        format!("it came to the prompt and did not say when\n  whole log: {log}")
    })
}

/// Waits for every stage and the prompt.
pub(super) fn to_prompt(booted: &mut Booted<'_>) -> std::result::Result<(), String> {
    until_it_waits(booted)?;
    // An empty line, answered: the prompt is there.
    booted.send("\r")?;
    booted.expect("ok\n", ANSWER)
}

/// Waits for every stage, and until the kernel has said that it waits for input, which it would say in
/// the middle of an echo if something were typed before.
fn until_it_waits(booted: &mut Booted<'_>) -> std::result::Result<(), String> {
    stages(booted)?;
    booted.expect(markers::WAITS, ANSWER)?;
    booted.expect("\n", ANSWER)
}

/// Waits for every stage and the banner.
fn stages(booted: &mut Booted<'_>) -> std::result::Result<(), String> {
    let mut limit = FIRMWARE;
    for marker in markers::STAGES {
        booted.expect(marker, limit)?;
        limit = ANSWER;
    }
    booted.expect(markers::BANNER, ANSWER)
}

/// Boots from a disk that holds the systems of all architectures.
pub(super) fn from_shared_disk(rig: &Rig, systems: &[System]) -> Result<Outcome> {
    let disk = rig.disk(&Contents::bootable(systems), "shared")?;
    let mut booted = rig.boot(&disk, "shared")?;
    Ok(Outcome::of(boot(&mut booted).map(|_| String::new())))
}

/// Loader and kernel fit into two megabytes.
pub(super) fn size(rig: &Rig) -> Outcome {
    let (loader, kernel) = (rig.system.loader.len(), rig.system.kernel.len());
    let text = format!("loader {} KiB, kernel {} KiB", loader / 1024, kernel / 1024);
    if rig.system.size() < ROOM {
        Outcome::pass(text)
    } else {
        Outcome::fail(format!("{text}: together not under {} KiB", ROOM / 1024))
    }
}
