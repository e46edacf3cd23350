//! What to tell the person when a conversation did not go as expected.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use super::transcript::Transcript;
use crate::command;
use crate::markers;

/// Why a wait ended without what was waited for.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The kernel gave up and said so.
    Panicked,
    /// The process is gone.
    Ended(ExitStatus),
    /// This long nothing that was waited for came.
    TimedOut(Duration),
    /// It takes no input any more.
    Deaf,
    /// The user pressed Ctrl-C.
    Interrupted,
}

const LINES: usize = 12;

/// How the firmware's boot manager signs what it says.
const FIRMWARE: &str = "BdsDxe: ";

/// The story: what was waited for, what happened instead, how far the boot had come, the last lines
/// and where all of them are.
pub(crate) fn explain(
    stop: &Stop,
    waiting_for: &str,
    transcript: &Transcript,
    log: &Path,
    notes: &[String],
) -> String {
    let mut story = match stop {
        Stop::Panicked => format!("the kernel panicked while {waiting_for} was expected"),
        Stop::Ended(status) => format!(
            "it ended with {} while {waiting_for} was expected",
            command::how(*status)
        ),
        Stop::TimedOut(limit) => format!(
            "it hung: {waiting_for} did not come within {} s, so it was killed",
            limit.as_secs_f32()
        ),
        Stop::Deaf => format!("it takes no input any more; {waiting_for} was expected"),
        Stop::Interrupted => return "interrupted".to_owned(),
    };
    let lines = if matches!(stop, Stop::Panicked) {
        4 * LINES
    } else {
        LINES
    };
    // Writing to a string cannot fail.
    if let Some(progress) = progress(transcript) {
        let _ = write!(story, "\n  {progress}");
    }
    for note in notes {
        let _ = write!(story, "\n  {note}");
    }
    // The log has what was said on standard error too.
    let logged = Transcript::of_file(log);
    let last = logged.as_ref().unwrap_or(transcript).last_lines(lines);
    if !last.is_empty() {
        let _ = write!(story, "\n  the last it said:");
    }
    for line in last {
        let _ = write!(story, "\n    | {line}");
    }
    let _ = write!(story, "\n  whole log: {}", log.display());
    story
}

/// How far a boot came, in one line; nothing about what has not booted.
fn progress(transcript: &Transcript) -> Option<String> {
    let said = transcript.text();
    let count = markers::STAGES.len();
    if said.trim().is_empty() {
        return Some("it said nothing at all".to_owned());
    }
    if let Some((number, marker)) = markers::last(said) {
        let number = number + 1;
        return Some(format!(
            "the last stage it reached is `{marker}` ({number} of {count})"
        ));
    }
    said.contains(FIRMWARE)
        .then(|| "the firmware ran, and it reached no stage of the kernel".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(said: &str, stop: &Stop, notes: &[String]) -> String {
        let mut transcript = Transcript::default();
        transcript.push(said.as_bytes());
        explain(
            stop,
            "`HAL initialized`",
            &transcript,
            Path::new("/t/boot.log"),
            notes,
        )
    }

    #[test]
    fn a_hang_names_the_wait_the_stage_the_last_lines_and_the_log() {
        let stop = Stop::TimedOut(Duration::from_secs(60));
        let note = "rip is ffffffff80001000, in stele_kernel::mm::init".to_owned();
        assert_eq!(
            told("noise\nCPU initialized 12 us\nprobing\n", &stop, &[note]),
            "it hung: `HAL initialized` did not come within 60 s, so it was killed\n  \
             the last stage it reached is `CPU initialized` (2 of 9)\n  \
             rip is ffffffff80001000, in stele_kernel::mm::init\n  \
             the last it said:\n    \
             | noise\n    | CPU initialized 12 us\n    | probing\n  \
             whole log: /t/boot.log"
        );
    }

    #[test]
    fn silence_firmware_and_an_ordinary_program_are_told_apart() {
        let silent = told("", &Stop::Deaf, &[]);
        assert!(silent.contains("said nothing at all"), "{silent}");
        let program = told("no such file\n", &Stop::Deaf, &[]);
        assert!(!program.contains("stage"), "{program}");
        let noise = told("BdsDxe: loading Boot0001\n", &Stop::Panicked, &[]);
        assert!(noise.contains("the firmware ran"), "{noise}");
    }
}
