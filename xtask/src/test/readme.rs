//! The sessions in README.md, docs/VALUES.md and docs/TRACES.md are exactly what the system prints.
//!
//! What is typed is in tests/sessions, what is said in the document alone: everything that stands
//! there must come, so a line too many or too few is noticed.

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

/// A document with a session.
pub(super) struct Document {
    /// Its file.
    path: &'static str,
    /// The title of the section that the session is in; the whole document if there is none.
    section: Option<&'static str>,
    /// The block that is the session; all of them, without what is said at the start, if there is
    /// none.
    block: Option<usize>,
    /// What is typed.
    typed: &'static str,
    /// The name of its log.
    log: &'static str,
}

/// The first session of the README, in its first block.
pub(super) const README: Document = Document {
    path: "README.md",
    section: Some(FIRST_SESSION),
    block: Some(0),
    typed: include_str!("../../../tests/sessions/readme.txt"),
    log: "readme",
};

/// The examples of values.
pub(super) const VALUES: Document = Document {
    path: "docs/VALUES.md",
    section: None,
    block: None,
    typed: include_str!("../../../tests/sessions/values.txt"),
    log: "values",
};

/// Backtraces and traces.
pub(super) const TRACES: Document = Document {
    path: "docs/TRACES.md",
    section: None,
    block: None,
    typed: include_str!("../../../tests/sessions/traces.txt"),
    log: "traces",
};

const FIRST_SESSION: &str = "A first session";

/// In what is typed: the key that interrupts, when the line before has been taken.
const INTERRUPT: &str = "^C";

/// What the system says before it takes a line; the version is left out.
const GREETING: &str = "ok\n";

/// Types the session of a document at the program on this machine.
pub(super) fn on_linux(linux: &Linux, document: &Document) -> Result<Outcome> {
    let blocks = document.blocks()?;
    let shown = match document.block {
        Some(number) => blocks.get(number).cloned().unwrap_or_default(),
        None => blocks.concat(),
    };
    let log = rig::log("linux", document.log)?;
    let mut session = Session::start_on_terminal(&Command::new(&linux.program), &log)?;
    let played = document.play(&mut session, &shown);
    let told = played.map_err(|failure| match failure {
        Failure::Stopped(stop, wanted) => explain(&stop, &wanted, session.transcript(), &log, &[]),
        Failure::Missing(typed) => {
            format!("the session in {} has no line `{typed}`", document.path)
        }
    });
    let compared = told.and_then(|()| {
        let said = session.transcript().text();
        let said = match (document.block, said.find(GREETING)) {
            (None, Some(at)) => said.get(at + GREETING.len()..).unwrap_or_default(),
            _ => said,
        };
        compare(document.path, &shown, said)
    });
    Ok(Outcome::of(compared.map(|()| String::new())))
}

/// Why a session could not be played.
enum Failure {
    Stopped(Stop, String),
    Missing(String),
}

impl Document {
    /// The indented blocks of its section.
    fn blocks(&self) -> Result<Vec<String>> {
        let path = workspace::root().join(self.path);
        let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        let Some(title) = self.section else {
            return Ok(blocks(&text));
        };
        let mut sections = text.split("\n## ");
        let section = sections.find(|section| section.starts_with(&format!("{title}\n")));
        Ok(section.map(blocks).unwrap_or_default())
    }

    /// Types each line when everything that is shown before it has been said.
    fn play(&self, session: &mut Session, shown: &str) -> std::result::Result<(), Failure> {
        let mut said = 0;
        if self.block.is_none() {
            expect(session, GREETING)?;
        }
        let mut last = "";
        for typed in self.typed.lines() {
            let stopped = |stop| Failure::Stopped(stop, format!("`{typed}` to be taken"));
            if typed == INTERRUPT {
                let taken = format!("{last} ");
                expect(session, &taken)?;
                said += taken.len();
                session.send("\x03").map_err(stopped)?;
                continue;
            }
            let rest = shown.get(said..).unwrap_or_default();
            let line = format!("{typed} ");
            let missing = || Failure::Missing(typed.to_owned());
            let length = if rest.starts_with(&line) && said == 0 {
                0
            } else {
                rest.find(&format!("\n{line}")).ok_or_else(missing)? + 1
            };
            expect(session, rest.get(..length).unwrap_or_default())?;
            session.send(&format!("{typed}\r")).map_err(stopped)?;
            said += length;
            last = typed;
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
}

fn expect(session: &mut Session, text: &str) -> std::result::Result<(), Failure> {
    let met = session.expect(text, ANSWER);
    met.map_err(|stop| Failure::Stopped(stop, format!("`{text}`")))
}

/// The boot and the first line on a machine: the second block. Numbers in the kernel's own lines
/// depend on the machine and are not compared.
pub(super) fn on_machine(rig: &Rig) -> Result<Outcome> {
    let block = README.blocks()?.into_iter().nth(1).unwrap_or_default();
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
        compare(
            README.path,
            &without_numbers(&block),
            &without_numbers(kernels),
        )
    });
    Ok(Outcome::of(compared.map(|()| String::new())))
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

/// Whether what a document shows and what was said are the same, but for blank lines at the end.
fn compare(path: &str, shown: &str, said: &str) -> std::result::Result<(), String> {
    let (shown, said) = (shown.trim_end_matches('\n'), said.trim_end_matches('\n'));
    if shown == said {
        return Ok(());
    }
    let (mut shown, mut said) = (shown.lines(), said.lines());
    let mut number = 0;
    loop {
        number += 1;
        let (there, here) = (shown.next(), said.next());
        if there != here {
            let mut story = format!("line {number} of the session in {path} is not what is said");
            for (who, line) in [("shown", there), ("said", here)] {
                // Writing to a string cannot fail.
                let _ = match line {
                    Some(line) => write!(story, "\n  {who:>5}: `{line}`"),
                    None => write!(story, "\n  {who:>5}: nothing more"),
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
        let blocks = README.blocks().unwrap();
        assert!(blocks[0].starts_with("Stele VM v"));
        assert!(blocks[1].contains(markers::STAGES[0]));
        assert_eq!(blocks.len(), 2);
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
        assert_eq!(compare("a page", &readme, &said), Ok(()));
        let other = said.replace("3  ok", "4  ok");
        let told = compare("a page", &readme, &other).unwrap_err();
        assert!(
            told.contains("line 2") && told.contains("`1 2 + . 4  ok`"),
            "{told}"
        );
        assert!(
            compare("a page", "a", "a\nb")
                .unwrap_err()
                .contains("nothing more")
        );
    }
}
