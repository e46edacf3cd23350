//! Stele's values beside persistent collections of other libraries, in one run on one machine.
//!
//! Everything goes through the public interface of `stele-memory`, with the collector and all
//! checks on: each operation reserves its worst case first, collections happen when they are due
//! and count. Before anything is measured, the collections have been turned over ten times. Times
//! are processor time of this thread, so that other work on the machine disturbs little; sides
//! alternate, and medians count. A wrong result ends the run, a slow one does not.
//!
//! Read [`heap`], [`keys`]; then [`maps`], [`vectors`], [`atoms`], [`collector`]; [`report`] prints.

mod atoms;
mod collector;
mod heap;
mod keys;
mod maps;
mod report;
mod vectors;

use std::process::ExitCode;

use clap::Parser;

use report::Report;

/// What can go wrong: out of memory, or a result that differs between the sides.
type Failure = Box<dyn std::error::Error>;

/// Measures the collections and the collector of stele-memory beside their peers.
#[derive(Parser)]
struct Options {
    /// How often each side of each line runs; the median counts
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Only lines whose name contains this
    #[arg(long)]
    filter: Option<String>,
    /// Leave out the lines with a million entries
    #[arg(long)]
    quick: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench memory: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let mut report = Report::new(options.runs, options.filter.as_deref());
    let sizes: &[u64] = if options.quick {
        &[1_000]
    } else {
        &[1_000, 1_000_000]
    };
    for &size in sizes {
        for mix in [keys::Mix::Small, keys::Mix::All] {
            maps::measure(&mut report, size, mix)?;
        }
        vectors::measure(&mut report, size)?;
    }
    atoms::measure(&mut report)?;
    collector::measure(&mut report)?;
    report.finish();
    Ok(())
}
