//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::arch::Arch;
use crate::qemu::machine::Accel;
use crate::qemu::memory::Memory;
use crate::run::Display;

/// Sets up, builds, runs, tests, debugs and measures Stele.
///
/// Exit codes: 0 success, 1 a test or run failed, 2 the command line is wrong, 3 this machine lacks
/// something that could not be installed, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Install what the other commands need: compiler targets, QEMU, firmware, gdb, gforth
    ///
    /// On Debian and Ubuntu as root, missing packages are installed; elsewhere the exact command is
    /// printed. With everything present this is instant and needs no network.
    Setup {
        /// Only say what is there and what is missing; change nothing, use no network
        #[arg(long)]
        offline_check: bool,
    },

    /// Make a bootable disk image (GPT, EFI system partition)
    ///
    /// The image's path is printed on standard output. Write it to a USB stick, or boot it in any
    /// emulator with UEFI firmware.
    Image {
        /// Boot only this architecture [default: one image that boots both]
        #[arg(long, value_name = "ARCH")]
        arch: Option<Arch>,
        /// Where to write it [default: target/xtask/images/stele.img]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },

    /// Start Stele in QEMU, its serial console on this terminal
    ///
    /// Ctrl-A X ends the machine; Ctrl-C goes to Stele.
    Run {
        /// The machine to emulate
        #[arg(long, value_name = "ARCH", default_value = "x86_64")]
        arch: Arch,
        /// Memory of the machine, in M or G
        #[arg(long, value_name = "SIZE", default_value_t = Memory::DEFAULT)]
        memory: Memory,
        /// Processors of the machine
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
        cpus: u32,
        /// Where to show the machine's screen
        #[arg(long, value_name = "WHERE", default_value = "auto")]
        display: Display,
        /// Show no window, even on a desktop: --display none
        #[arg(long, conflicts_with = "display")]
        headless: bool,
        /// How the processor is emulated; kvm only for this machine's own architecture
        #[arg(long, value_name = "HOW", default_value = "tcg")]
        accel: Accel,
    },

    /// Take a picture of the machine's screen at the prompt, after some lines were typed
    ///
    /// docs/images/prompt.png is made by it.
    Screenshot {
        /// The machine to emulate
        #[arg(long, value_name = "ARCH", default_value = "x86_64")]
        arch: Arch,
        /// Where to write it, as PNG
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },

    /// Test the system on Linux and on both emulated machines
    ///
    /// The last line printed is `N passed, N failed`. Logs are in target/xtask/logs.
    Test {
        /// Only on this emulated machine
        #[arg(long, value_name = "ARCH", conflicts_with = "hosted")]
        arch: Option<Arch>,
        /// Only as a program on this machine
        #[arg(long)]
        hosted: bool,
        /// Only tests whose name contains PATTERN
        #[arg(long, value_name = "PATTERN")]
        filter: Option<String>,
    },

    /// Start QEMU stopped, attach gdb with the kernel's symbols, run to kernel_main
    Gdb {
        /// The machine to emulate
        #[arg(long, value_name = "ARCH", default_value = "x86_64")]
        arch: Arch,
        /// Keep this terminal for the machine and print the gdb command for another one
        #[arg(long)]
        wait: bool,
    },

    /// Show what every artifact is made of: sections, largest symbols, sizes
    Inspect {
        /// Only the loader and the kernel of this architecture [default: everything]
        #[arg(long, value_name = "ARCH")]
        arch: Option<Arch>,
        /// How many symbols of each, the largest first
        #[arg(long, value_name = "N", default_value_t = 10)]
        symbols: usize,
    },

    /// Measure: against a peer, side by side, where there is one
    Bench {
        /// What to measure
        #[command(subcommand)]
        what: Bench,
    },

    /// Run a stress for as long as one likes; it ends with a count of what was done, or a violation
    Soak {
        /// What to stress
        #[command(subcommand)]
        what: Soak,
    },

    /// Everything that must hold before a change lands: format, lints, documentation, all tests
    ///
    /// The last line printed is `N passed, N failed`, counted over all of it.
    Ci,
}

/// What can be stressed.
#[derive(Debug, Subcommand)]
pub(crate) enum Soak {
    /// Modules that were tampered with: refused, or run, saved and loaded within their bounds
    Verifier {
        /// For how many minutes
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        minutes: u32,
    },
    /// Threads that swap, transact and collect on one arena, with poison and verification
    Atoms {
        /// For how many minutes
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        minutes: u32,
    },
    /// The text interpreter, on programs made of its own words, of the conformance cases and of noise
    Text {
        /// For how many minutes
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        minutes: u32,
    },
}

/// What can be measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// The interpreter against gforth-fast, on benches/forth
    Forth {
        /// How often each program runs; the median counts
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
        runs: u32,
        /// Also write the table to FILE: as JSON if it ends in .json, as Markdown otherwise
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Only programs whose name contains PATTERN
        #[arg(long, value_name = "PATTERN")]
        filter: Option<String>,
    },

    /// Collections and collector of the memory crate against imbl and rpds, each line beside its bar
    Memory {
        /// How often each side of each line runs; the median counts
        #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
        runs: u32,
        /// Only lines whose name contains PATTERN
        #[arg(long, value_name = "PATTERN")]
        filter: Option<String>,
        /// Leave out the lines with a million entries
        #[arg(long)]
        quick: bool,
    },

    /// What a reading of the clock costs, on Linux and on both emulated machines
    Clock,
    /// What both emulated machines cost this computer while they wait at the prompt
    Idle,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Command, clap::Error> {
        let words = ["cargo xtask"].into_iter().chain(line.split_whitespace());
        Cli::try_parse_from(words).map(|cli| cli.command)
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_has_working_defaults() {
        let Command::Run {
            arch,
            memory,
            cpus,
            display,
            headless,
            accel,
        } = parse("run").unwrap()
        else {
            panic!("not run");
        };
        assert_eq!((arch, memory, cpus), (Arch::X86_64, Memory::DEFAULT, 1));
        assert_eq!((display, headless), (Display::Auto, false));
        assert_eq!(accel, Accel::Tcg);
    }

    #[test]
    fn run_takes_every_option() {
        let line = "run --arch aarch64 --memory 2G --cpus 4 --display none --accel kvm";
        let Command::Run {
            arch,
            memory,
            cpus,
            display,
            headless,
            accel,
        } = parse(line).unwrap()
        else {
            panic!("not run");
        };
        assert_eq!((arch, cpus), (Arch::Aarch64, 4));
        assert_eq!(memory.to_string(), "2048M");
        assert_eq!((display, headless), (Display::None, false));
        assert_eq!(accel, Accel::Kvm);
    }

    #[test]
    fn soak_takes_minutes() {
        let minutes = |line| match parse(line).unwrap() {
            Command::Soak {
                what: Soak::Atoms { minutes } | Soak::Text { minutes },
            } => minutes,
            other => panic!("{other:?}"),
        };
        assert_eq!(minutes("soak atoms"), 10);
        assert_eq!(minutes("soak atoms --minutes 1"), 1);
        assert_eq!(minutes("soak text --minutes 60"), 60);
    }

    #[test]
    fn inspect_takes_an_architecture_and_a_number() {
        let Command::Inspect { arch, symbols } = parse("inspect").unwrap() else {
            panic!("not inspect");
        };
        assert_eq!((arch, symbols), (None, 10));
        let line = "inspect --arch aarch64 --symbols 0";
        let Command::Inspect { arch, symbols } = parse(line).unwrap() else {
            panic!("not inspect");
        };
        assert_eq!((arch, symbols), (Some(Arch::Aarch64), 0));
    }

    #[test]
    fn what_cannot_be_is_refused_with_code_2() {
        for line in [
            "",
            "frobnicate",
            "run --arch riscv",
            "run --memory 5",
            "run --cpus 0",
            "run --display paper",
            "run --headless --display window",
            "screenshot",
            "run --cpus 256",
            "test --arch x86_64 --hosted",
            "bench",
            "bench forth --runs 0",
            "bench memory --runs 0",
            "soak atoms --minutes 0",
            "inspect --symbols -1",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
