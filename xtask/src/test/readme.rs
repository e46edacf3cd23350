//! The first session in README.md is exactly what the system prints.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use super::check::Outcome;
use super::rig::{self, ANSWER, FIRMWARE, Linux, Rig};
use crate::error::{Error, Result};
use crate::markers;
use crate::session::Session;
use crate::session::explain::{Stop, explain};
use crate::workspace;

/// What is typed in the session, in order. Nothing in the README marks it, but everything that
/// stands there must come, so a line too many or too few is noticed.
const TYPED: [&str; 11] = [
    "1 2 + .",
    ": square ( n -- n*n ) dup * ;",
    ": squares ( n -- ) 1+ 1 do i square . loop ;",
    "10 squares",
    "see square",
    "12 sqare",
    "1 0 /",
    ": forever begin again ;",
    "1000000 budget forever",
    "forever",
    ".s",
];

/// What ends it.
const END: &str = "bye";

/// What ends the second `forever`, which nothing else does.
const INTERRUPT: &str = "\x03";

/// The session of the program on this machine: the first block.
pub(super) fn on_linux(linux: &Linux) -> Result<Outcome> {
    let block = block(0)?;
    let log = rig::log("linux", "readme")?;
    let mut session = Session::start_on_terminal(&Command::new(&linux.program), &log)?;
    let played = play(&mut session, &block);
    let told = played.map_err(|failure| match failure {
        Failure::Stopped(stop, wanted) => explain(&stop, &wanted, session.transcript(), &log, &[]),
        Failure::Missing(typed) => format!("README.md's session has no line `{typed}`"),
    });
    let compared = told.and_then(|()| compare(&block, session.transcript().text()));
    Ok(Outcome::of(compared.map(|()| String::new())))
}

/// Why a session could not be played.
enum Failure {
    Stopped(Stop, String),
    Missing(&'static str),
}

/// Types each line when everything that the README has before it has been said.
fn play(session: &mut Session, block: &str) -> std::result::Result<(), Failure> {
    let mut said = 0;
    for typed in TYPED.into_iter().chain([END]) {
        let rest = block.get(said..).unwrap_or_default();
        let line = format!("\n{typed} ");
        let length = rest.find(&line).ok_or(Failure::Missing(typed))? + 1;
        expect(session, rest.get(..length).unwrap_or_default())?;
        let stopped = |stop| Failure::Stopped(stop, format!("`{typed}` to be taken"));
        session.send(&format!("{typed}\r")).map_err(stopped)?;
        said += length;
        if typed == "forever" {
            expect(session, "forever ")?;
            said += "forever ".len();
            session.send(INTERRUPT).map_err(stopped)?;
        }
    }
    let status = session.finish(ANSWER);
    let status = status.map_err(|stop| Failure::Stopped(stop, "the end".to_owned()))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Stopped(
            Stop::Ended(status),
            "exit code 0".to_owned(),
        ))
    }
}

fn expect(session: &mut Session, text: &str) -> std::result::Result<(), Failure> {
    let met = session.expect(text, ANSWER);
    met.map_err(|stop| Failure::Stopped(stop, format!("`{text}`")))
}

/// The boot and the first line on a machine: the second block. Numbers in the kernel's own lines
/// depend on the machine and are not compared.
pub(super) fn on_machine(rig: &Rig) -> Result<Outcome> {
    let block = block(1)?;
    let disk = rig.disk(&rig.contents().command_line(""), "readme")?;
    let mut booted = rig.boot(&disk, "readme")?;
    let played = booted
        .expect(markers::WAITS, FIRMWARE)
        .and_then(|()| booted.expect("\n", ANSWER))
        .and_then(|()| booted.send("1 2 + .\r"))
        .and_then(|()| booted.expect("ok\n", ANSWER))
        .and_then(|()| booted.send("bye\r"))
        .and_then(|()| {
            let ended = booted.session.finish(ANSWER);
            ended.map_err(|stop| booted.story(&stop, "the machine's end"))
        });
    let compared = played.and_then(|_| {
        let said = booted.session.transcript().text();
        let first = said.find(markers::STAGES[0]).unwrap_or_default();
        let start = said.get(..first).and_then(|before| before.rfind('\n'));
        let kernels = said
            .get(start.map_or(0, |end| end + 1)..)
            .unwrap_or_default();
        compare(&without_numbers(&block), &without_numbers(kernels))
    });
    Ok(Outcome::of(compared.map(|()| String::new())))
}

/// The block with this number in the README's section on the first session.
fn block(number: usize) -> Result<String> {
    let path = workspace::root().join("README.md");
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with("A first session\n"));
    let found = section.and_then(|section| blocks(section).into_iter().nth(number));
    found.ok_or_else(|| {
        let ordinal = number + 1;
        Error::Failed(format!(
            "README.md has no block {ordinal} in `A first session`"
        ))
    })
}

/// The indented blocks of a Markdown text, without their indentation.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    for line in text.lines().chain([""]) {
        match line.strip_prefix("    ") {
            Some(line) => {
                block.push_str(line);
                block.push('\n');
            }
            None if block.is_empty() => {}
            None => blocks.push(std::mem::take(&mut block)),
        }
    }
    blocks
}

/// The lines of the kernel, which begin with a bracket, with every number replaced by one digit.
fn without_numbers(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            let words = line.split_whitespace().map(|word| {
                let mut kept = String::new();
                for character in word.chars() {
                    match (character.is_ascii_digit(), kept.ends_with('0')) {
                        (true, true) => {}
                        (true, false) => kept.push('0'),
                        (false, _) => kept.push(character),
                    }
                }
                kept
            });
            // `[     12 us]` and `[1234567 us]` are two words and one.
            plain.push_str(&words.collect::<Vec<_>>().join(" ").replacen("[ ", "[", 1));
        } else {
            plain.push_str(line);
        }
        plain.push('\n');
    }
    plain
}

/// Whether the README's text and what was said are the same, but for blank lines at the end.
fn compare(readme: &str, said: &str) -> std::result::Result<(), String> {
    let (readme, said) = (readme.trim_end_matches('\n'), said.trim_end_matches('\n'));
    if readme == said {
        return Ok(());
    }
    let (mut readme, mut said) = (readme.lines(), said.lines());
    let mut number = 0;
    loop {
        number += 1;
        let (there, here) = (readme.next(), said.next());
        if there != here {
            let mut story =
                format!("line {number} of the session in README.md is not what is said");
            for (who, line) in [("README.md", there), ("said", here)] {
                // Writing to a string cannot fail.
                let _ = match line {
                    Some(line) => write!(story, "\n  {who:>9}: `{line}`"),
                    None => write!(story, "\n  {who:>9}: nothing more"),
                };
            }
            return Err(story);
        }
        if there.is_none() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_both_sessions() {
        assert!(block(0).unwrap().starts_with("Stele VM v"));
        assert!(block(1).unwrap().contains(markers::STAGES[0]));
        assert!(block(2).is_err());
    }

    #[test]
    fn blocks_are_what_is_indented() {
        assert_eq!(
            blocks("a\n\n    b\n      c \n\nd\n    e"),
            ["b\n  c \n", "e\n"]
        );
        assert!(blocks("a\n").is_empty());
    }

    #[test]
    fn only_numbers_in_the_kernels_lines_may_differ() {
        let readme = "[    790 us] VM[0] has 12 KiB\n1 2 + . 3  ok\n";
        let said = "[1234567 us] VM[0] has 4711 KiB\n1 2 + . 3  ok\n\n";
        let (readme, said) = (without_numbers(readme), without_numbers(said));
        assert_eq!(compare(&readme, &said), Ok(()));
        let other = said.replace("3  ok", "4  ok");
        let told = compare(&readme, &other).unwrap_err();
        assert!(
            told.contains("line 2") && told.contains("`1 2 + . 4  ok`"),
            "{told}"
        );
        assert!(compare("a", "a\nb").unwrap_err().contains("nothing more"));
    }
}
