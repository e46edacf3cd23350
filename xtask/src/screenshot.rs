//! `cargo xtask screenshot`: a picture of the machine's screen at the prompt, as it is in the README.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::image::{Contents, System};
use crate::markers;
use crate::picture::Screen;
use crate::qemu::machine::{MONITOR, Machine};
use crate::qemu::monitor;
use crate::session::Session;
use crate::session::explain::explain;
use crate::setup::{self, Needs};
use crate::ui;
use crate::workspace;

/// What is typed, and what shows that it has been answered.
const LINES: [(&str, &str); 6] = [
    ("words\r", "DROP \n ok\n"),
    (": square ( n -- n*n ) dup * ;\r", "ok\n"),
    (": squares ( n -- ) 1+ 1 do i square . loop ;\r", "ok\n"),
    ("10 squares\r", "100  ok\n"),
    ("12 sqare\r", "square?)\n"),
    ("1 2 + .\r", "3  ok\n"),
];

/// Pixels of the screen: room for all of it, and not much more.
const RESOLUTION: (u32, u32) = (1024, 768);

/// For the firmware, and for each answer.
const LIMIT: Duration = Duration::from_secs(90);

/// The command `cargo xtask screenshot`.
pub(crate) fn command(arch: Arch, out: &Path) -> Result<()> {
    workspace::check_directory_of(out)?;
    setup::ensure(&Needs::boot(&[arch]))?;
    let system = System::build(arch)?;
    let disk = workspace::output("images")?.join(format!("screenshot-{arch}.img"));
    Contents::bootable(&[system])
        .command_line("qemu-exit")
        .write(&disk)?;
    let mut machine = Machine::headless(arch, &disk);
    machine.resolution = Some(RESOLUTION);
    let (mut qemu, directory) = machine.command()?;
    let log = workspace::output("logs")?.join(format!("{arch}-screenshot.log"));
    ui::step(
        "Starting",
        &format!("{arch}; the firmware takes some seconds"),
    );
    let mut session = Session::start(&mut qemu, &log)?;
    converse(&mut session)?;

    // The picture is taken beside its place: QEMU writes it as it is asked to.
    let monitor = directory.path().join(MONITOR);
    let (looked, taken) = (
        directory.path().join("look.ppm"),
        directory.path().join("taken.png"),
    );
    let end = Instant::now() + LIMIT;
    loop {
        let shot = monitor::picture(&monitor, &looked, "ppm");
        shot.map_err(Error::file("write", &looked))?;
        let screen = Screen::read(&looked).map_err(Error::Failed)?;
        if screen.shows("1 2 + . 3  ok") {
            break;
        }
        if Instant::now() > end {
            return Err(Error::Failed(
                "the screen does not show what was typed".into(),
            ));
        }
    }
    let shot = monitor::picture(&monitor, &taken, "png");
    shot.map_err(Error::file("write", &taken))?;
    let picture = std::fs::read(&taken).map_err(Error::file("read", &taken))?;
    std::fs::write(out, &picture).map_err(Error::file("write", out))?;
    ui::step(
        "Wrote",
        &format!("{}, {} bytes", out.display(), picture.len()),
    );
    Ok(())
}

fn converse(session: &mut Session) -> Result<()> {
    let mut say = |typed: &str, answer: &str| {
        let answered = session
            .send(typed)
            .and_then(|()| session.expect(answer, LIMIT));
        answered.map_err(|stop| {
            let wanted = format!("`{}`", answer.escape_default());
            let (said, log) = (session.transcript(), session.log_path());
            Error::Failed(explain(&stop, &wanted, said, log, &[]))
        })
    };
    say("", markers::BANNER)?;
    say("", "waits for input\n")?;
    for (typed, answer) in LINES {
        say(typed, answer)?;
    }
    Ok(())
}
