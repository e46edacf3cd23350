//! `cargo xtask bench clock`: what one reading of the clock costs, on Linux and on the machines.
//!
//! The hosts measure themselves, each by the function that the system calls; this collects what they
//! say, and gives it in cycles of this computer's processor as well.

use std::fs;

use super::booted::Booted;
use crate::arch::Arch;
use crate::build::cargo;
use crate::command;
use crate::error::{Error, Result};

/// What a host says of itself.
const SAYS: &str = "a reading of the clock takes ";

/// What one reading costs, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    least: u64,
    median: u64,
}

/// The command `cargo xtask bench clock`.
pub(crate) fn command() -> Result<()> {
    let mut rows = vec![("linux".to_owned(), on_linux()?)];
    for arch in Arch::ALL {
        let mut booted = Booted::start(arch, "qemu-exit self-test", "clock")?;
        let line = booted.line_with(SAYS)?;
        rows.push((arch.name().to_owned(), cost(&line)?));
    }
    let megahertz = megahertz();
    println!("| host | ns at best | in the middle | cycles at best | in the middle |");
    println!("|---|---|---|---|---|");
    for (host, Cost { least, median }) in rows {
        let cycles = |ns: u64| {
            megahertz.map_or_else(
                || "?".to_owned(),
                |rate| format!("{:.0}", ns as f64 * rate / 1000.0),
            )
        };
        println!(
            "| {host} | {least} | {median} | {} | {} |",
            cycles(least),
            cycles(median)
        );
    }
    Ok(())
}

/// The hosted system has its measurement among its tests.
fn on_linux() -> Result<Cost> {
    let mut test = cargo();
    test.args(["test", "--quiet", "--release", "--package", "stele-hosted"]);
    test.args(["--bin", "stele", "--", "--nocapture", "--exact"]);
    test.arg("machine::clock::tests::readings_never_go_back_and_their_cost_is_told");
    let said = command::output(&mut test)?;
    let line = said.lines().find(|line| line.contains(SAYS));
    cost(line.unwrap_or_default())
}

/// Reads `… takes 27 ns … at best, 29 ns … in the middle …`.
fn cost(line: &str) -> Result<Cost> {
    let parse = || {
        let (_, told) = line.split_once(SAYS)?;
        let (least, rest) = told.split_once(" ns")?;
        let (_, rest) = rest.split_once("at best, ")?;
        let (median, _) = rest.split_once(" ns")?;
        Some(Cost {
            least: least.parse().ok()?,
            median: median.parse().ok()?,
        })
    };
    parse().ok_or_else(|| Error::Failed(format!("no cost of a clock reading in `{line}`")))
}

/// Cycles per microsecond of this computer, if Linux knows.
fn megahertz() -> Option<f64> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("cpu MHz"))?;
    line.split_once(':')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_say_is_read() {
        let wanted = Cost {
            least: 27,
            median: 29,
        };
        for line in [
            "a reading of the clock takes 27 ns at best, 29 ns in the middle",
            "[ 1 us] self-test: a reading of the clock takes 27 ns (70 counts) at best, 29 ns (75) in the middle; of its counter alone, 20 ns (52 counts) at best, 21 ns (55) in the middle",
        ] {
            assert_eq!(cost(line).unwrap(), wanted);
        }
        assert!(cost("").is_err());
    }
}
