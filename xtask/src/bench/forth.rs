//! The interpreter against gforth-fast: the same Forth programs, unchanged, on both, in turn.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::definitions;
use super::stats;
use super::table::{Row, Table};
use crate::build;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::session::explain::{Stop, explain};
use crate::setup::tool::Tool;
use crate::setup::{self, Needs};
use crate::ui::Progress;
use crate::workspace;

/// A program takes about a second; one that takes this long hangs.
const LIMIT: Duration = Duration::from_secs(300);

const PEER: &str = "gforth-fast";

/// The command `cargo xtask bench forth`.
pub(crate) fn command(runs: u32, out: Option<&Path>, filter: Option<&str>) -> Result<()> {
    setup::ensure(&Needs::tool(Tool::Gforth))?;
    let ours = build::hosted()?;
    let programs = programs(filter)?;
    let logs = workspace::output("logs")?;
    let empty = logs.join("empty.fth");
    fs::write(&empty, "bye\n").map_err(Error::file("write", &empty))?;

    let table = {
        let total = u64::from(runs) * (1 + programs.len() as u64);
        let progress = Progress::bar("Measuring", "start-up", total);
        let start = row(&ours, &empty, runs, &progress)?;
        let (our_start, peer_start) = (stats::median(&start.ours), stats::median(&start.peers));
        let mut rows = Vec::new();
        for program in &programs {
            let mut row = row(&ours, program, runs, &progress)?;
            row.ours.iter_mut().for_each(|time| *time -= our_start);
            row.peers.iter_mut().for_each(|time| *time -= peer_start);
            rows.push(row);
        }
        Table {
            peer: peer_version(),
            our_start,
            peer_start,
            rows,
        }
    };
    print!("{}", table.markdown());
    if let Some(path) = out {
        let json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let text = if json { table.json() } else { table.markdown() };
        fs::write(path, text).map_err(Error::file("write", path))?;
    }
    Ok(())
}

/// The files of benches/forth, and the one written by [`definitions`], that `filter` lets through.
fn programs(filter: Option<&str>) -> Result<Vec<PathBuf>> {
    let directory = workspace::root().join("benches/forth");
    let written = workspace::output("bench")?.join("definitions.fth");
    fs::write(&written, definitions::program()).map_err(Error::file("write", &written))?;
    let entries = fs::read_dir(&directory).map_err(Error::file("read", &directory))?;
    let mut programs: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "fth"))
        .chain([written])
        .filter(|path| filter.is_none_or(|filter| name(path).contains(filter)))
        .collect();
    programs.sort_by_key(|path| name(path));
    if programs.is_empty() {
        let directory = directory.display();
        return Err(Error::Usage(format!("no program in {directory} is chosen")));
    }
    Ok(programs)
}

fn name(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Runs one program on both sides in turn.
fn row(ours: &Path, program: &Path, runs: u32, progress: &Progress) -> Result<Row> {
    let mut row = Row {
        name: name(program),
        ours: Vec::new(),
        peers: Vec::new(),
    };
    progress.object(&row.name);
    for _ in 0..runs {
        let (our_time, our_result) = measure(ours, program)?;
        let (peer_time, peer_result) = measure(Path::new(PEER), program)?;
        if our_result != peer_result {
            return Err(Error::Failed(format!(
                "{} gives `{our_result}` here and `{peer_result}` with {PEER}",
                program.display()
            )));
        }
        row.ours.push(our_time);
        row.peers.push(peer_time);
        progress.advance();
    }
    Ok(row)
}

/// Seconds from start to end of a run, and what it printed.
fn measure(system: &Path, program: &Path) -> Result<(f64, String)> {
    let log = workspace::output("logs")?.join("bench.log");
    let mut command = Command::new(system);
    command.arg(program);
    let start = Instant::now();
    let mut session = Session::start(&mut command, &log)?;
    session.close_input();
    let ended = session.finish(LIMIT);
    let time = start.elapsed().as_secs_f64();
    let stop = match ended {
        Ok(status) if status.success() => {
            return Ok((time, session.transcript().text().trim().to_owned()));
        }
        Ok(status) => Stop::Ended(status),
        Err(Stop::Interrupted) => return Err(Error::Interrupted),
        Err(stop) => stop,
    };
    let waited = format!("the end of {} on {}", program.display(), system.display());
    let story = explain(&stop, &waited, session.transcript(), &log, &[]);
    Err(Error::Failed(story))
}

/// What the peer calls itself.
fn peer_version() -> String {
    let output = Command::new(PEER).arg("--version").output();
    let said = output.map(|output| [output.stdout, output.stderr].concat());
    let text = String::from_utf8_lossy(&said.unwrap_or_default())
        .trim()
        .to_owned();
    match text.lines().next() {
        Some(line) if !line.is_empty() => format!("{PEER} ({line})"),
        _ => PEER.to_owned(),
    }
}
