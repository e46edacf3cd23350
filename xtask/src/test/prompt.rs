//! The prompt, as somebody who types sees it.

use std::process::Command;
use std::time::Duration;

use super::boot;
use super::check::Outcome;
use super::rig::{self, ANSWER, Linux, Rig, SUITE};
use crate::error::Result;
use crate::markers;
use crate::session::Session;
use crate::session::explain::{Stop, explain};

/// A conversation.
pub(super) struct Scene {
    /// The test's name: what it shows.
    pub(super) test: &'static str,
    /// The log's name.
    log: &'static str,
    /// How long an answer may take.
    limit: Duration,
    /// What is typed, and what must then be seen, in turn.
    lines: &'static [Line],
}

type Line = (&'static str, &'static [&'static str]);

const ADDITION: Line = ("1 2 + .\r", &["1 2 + .", "3  ok"]);

/// Every conversation, the same on all hosts.
pub(super) static SCENES: [Scene; 4] = [
    Scene {
        test: "a typed line is echoed and answered",
        log: "answers",
        limit: ANSWER,
        lines: &[ADDITION],
    },
    Scene {
        test: "Ctrl-C ends an endless program",
        log: "interrupt",
        limit: ANSWER,
        lines: &[
            (": l begin again ;\r", &["ok"]),
            ("l\r", &["l"]),
            ("\x03", &["interrupt"]),
            ADDITION,
        ],
    },
    Scene {
        test: "a thousand million turns of a loop come to an end",
        log: "long",
        limit: SUITE,
        lines: &[
            (": spin 1000000000 0 do loop ;\r", &["ok"]),
            ("spin\r", &["spin", "ok"]),
            ADDITION,
        ],
    },
    Scene {
        test: "errors of every kind leave the prompt answering",
        log: "errors",
        limit: ANSWER,
        lines: &[
            ("frobnicate\r", &["-13"]),
            ("drop\r", &["-4"]),
            ("1 0 /\r", &["-10"]),
            ("-1 @\r", &["-9"]),
            (": unfinished if ;\r", &["-22"]),
            ADDITION,
        ],
    },
];

/// Plays a scene at a booted machine.
pub(super) fn on_machine(rig: &Rig, scene: &Scene) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, scene.log)?;
    let played = boot::to_prompt(&mut booted).and_then(|()| {
        let played = play(&mut booted.session, scene);
        played.map_err(|(stop, wanted)| booted.story(&stop, &wanted))
    });
    Ok(Outcome::of(played.map(|()| String::new())))
}

/// Plays a scene at the program on this machine, on a terminal.
pub(super) fn on_linux(linux: &Linux, scene: &Scene) -> Result<Outcome> {
    let command = Command::new(&linux.program);
    let log = rig::log("linux", scene.log)?;
    let mut session = Session::start_on_terminal(&command, &log)?;
    let begun = session.expect(markers::BANNER, ANSWER);
    let played = begun
        .map_err(|stop| (stop, "the banner".to_owned()))
        .and_then(|()| play(&mut session, scene));
    let told =
        played.map_err(|(stop, wanted)| explain(&stop, &wanted, session.transcript(), &log, &[]));
    Ok(Outcome::of(told.map(|()| String::new())))
}

/// Types and waits in turn; on failure gives what stopped it and what it was waiting for.
fn play(session: &mut Session, scene: &Scene) -> std::result::Result<(), (Stop, String)> {
    for (typed, answers) in scene.lines {
        let typed_line = || format!("`{}` to be taken", typed.escape_default());
        session.send(typed).map_err(|stop| (stop, typed_line()))?;
        for answer in *answers {
            let wanted = || format!("`{answer}`, the answer to `{}`,", typed.escape_default());
            let met = session.expect(answer, scene.limit);
            met.map_err(|stop| (stop, wanted()))?;
        }
    }
    Ok(())
}
