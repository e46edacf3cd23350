//! `cargo xtask bench idle`: what a machine that waits at its prompt costs the computer that emulates
//! it.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rustix::param::clock_ticks_per_second;

use super::booted::Booted;
use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::ui;

/// How long is measured.
const MEASURED: Duration = Duration::from_secs(20);

/// Time for the emulator to settle.
const SETTLING: Duration = Duration::from_secs(2);

/// The command `cargo xtask bench idle`.
pub(crate) fn command() -> Result<()> {
    let mut rows = Vec::new();
    for arch in Arch::ALL {
        let mut booted = Booted::start(arch, "qemu-exit", "idle")?;
        booted.line_with("VM[0] waits for input")?;
        let object = format!("{arch}, idle for {} s", MEASURED.as_secs());
        ui::step("Measuring", &object);
        thread::sleep(SETTLING);
        let (start, before) = (Instant::now(), processor_time(booted.process())?);
        thread::sleep(MEASURED);
        let used = processor_time(booted.process())?.saturating_sub(before);
        rows.push((arch, used.as_secs_f64() / start.elapsed().as_secs_f64()));
    }
    println!("| machine | of a core of this computer |");
    println!("|---|---|");
    for (arch, part) in rows {
        println!("| {arch} | {:.1} % |", part * 100.0);
    }
    Ok(())
}

/// Processor time that a process has used.
fn processor_time(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let stat = fs::read_to_string(&path).map_err(Error::file("read", path.as_ref()))?;
    let ticks = ticks(&stat).ok_or_else(|| Error::Failed(format!("{path} is not as expected")))?;
    Ok(Duration::from_secs_f64(
        ticks as f64 / clock_ticks_per_second() as f64,
    ))
}

/// User and system time in a process's `stat`: the 14th and 15th field (proc(5)).
fn ticks(stat: &str) -> Option<u64> {
    // The second field, a name in brackets, may hold blanks.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194304 100 0 0 0 700 80 0 0 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Some(780));
        assert_eq!(ticks("nothing"), None);
    }

    #[test]
    fn a_process_knows_its_own_time() {
        assert!(processor_time(std::process::id()).is_ok());
    }
}
