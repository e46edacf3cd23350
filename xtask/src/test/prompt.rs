//! The prompt, as somebody who types sees it.

use std::process::Command;

use super::boot;
use super::check::Outcome;
use super::rig::{self, Linux, Rig, SUITE};
use crate::error::Result;
use crate::markers;
use crate::session::Session;
use crate::session::explain::explain;

/// What is typed, and what must then be seen, in turn.
type Script = &'static [(&'static str, &'static [&'static str])];

const ADDITION: (&str, &[&str]) = ("1 2 + .\r", &["1 2 + .", "3  ok"]);

/// Every script: the test's name, the log's, what happens.
pub(super) const SCRIPTS: [(&str, &str, Script); 4] = [
    ("a typed line is echoed and answered", "answers", ANSWERS),
    ("Ctrl-C ends an endless program", "interrupt", INTERRUPT),
    (
        "a thousand million instructions come to an end",
        "long",
        LONG,
    ),
    ("errors leave the prompt answering", "errors", ERRORS),
];

/// A line is echoed and answered.
const ANSWERS: Script = &[ADDITION];

/// An endless program is interrupted by Ctrl-C, and the prompt answers again.
const INTERRUPT: Script = &[
    (": l begin again ;\r", &["ok"]),
    ("l\r", &["l"]),
    ("\x03", &["interrupt"]),
    ADDITION,
];

/// A program of a thousand million instructions comes to its end; the loop itself is one or more.
const LONG: Script = &[
    (": spin 1000000000 0 do loop ;\r", &["ok"]),
    ("spin\r", &["spin", "ok"]),
    ADDITION,
];

/// Errors of every common kind leave the prompt answering.
const ERRORS: Script = &[
    ("frobnicate\r", &["-13"]),
    ("drop\r", &["-4"]),
    ("1 0 /\r", &["-10"]),
    ("-1 @\r", &["-9"]),
    (": unfinished if ;\r", &["-22"]),
    ADDITION,
];

/// Types a script at a booted machine.
pub(super) fn on_machine(rig: &Rig, test: &str, script: Script) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, test)?;
    let mut talk = || -> std::result::Result<String, String> {
        boot::to_prompt(&mut booted)?;
        for (typed, answers) in script {
            booted.send(typed)?;
            for answer in *answers {
                booted.expect(answer, SUITE)?;
            }
        }
        Ok(String::new())
    };
    Ok(Outcome::of(talk()))
}

/// Types a script at the program on this machine, on a terminal.
pub(super) fn on_linux(linux: &Linux, test: &str, script: Script) -> Result<Outcome> {
    let command = Command::new(&linux.program);
    let mut session = Session::start_on_terminal(&command, &rig::log("linux", test)?)?;
    Ok(Outcome::of(
        talk(&mut session, script).map(|()| String::new()),
    ))
}

fn talk(session: &mut Session, script: Script) -> std::result::Result<(), String> {
    let expect = |session: &mut Session, text: &str| {
        let met = session.expect(text, SUITE);
        met.map_err(|stop| {
            let (transcript, log) = (session.transcript(), session.log_path());
            explain(&stop, &format!("`{text}`"), transcript, log, &[])
        })
    };
    expect(session, markers::BANNER)?;
    for (typed, answers) in script {
        // If it takes no input, the answer will not come, and that is explained.
        let _ = session.send(typed);
        for answer in *answers {
            expect(session, answer)?;
        }
    }
    Ok(())
}
