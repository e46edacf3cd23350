//! `cargo xtask`: everything one does with the system's sources besides writing them.
//!
//! One command of the command line ([`cli`]) is one module: [`setup`], [`image`], [`run`],
//! [`screenshot`], [`mod@test`],
//! [`gdb`], [`inspect`], [`mod@bench`], [`soak`], [`ci`]. Under them lie [`arch`] (what differs between the two machines),
//! [`build`] (cargo), [`qemu`] (the emulated machine), [`session`] (a conversation over a text
//! stream). Read `arch`, `qemu`, `session`, then whichever command you came for.
//!
//! It never decides anything by a measured time, and never uses the network when nothing is missing.
#![forbid(unsafe_code)]

mod arch;
mod bench;
mod build;
mod ci;
mod cli;
mod command;
mod error;
mod gdb;
mod image;
mod inspect;
mod interrupt;
mod markers;
mod picture;
mod qemu;
mod run;
mod screenshot;
mod session;
mod setup;
mod soak;
mod symbols;
mod terminal;
mod test;
mod ui;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use cli::{Bench, Cli, Command, Soak};
use error::Result;

fn main() -> ExitCode {
    let cli = Cli::parse();
    interrupt::install();
    match execute(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui::error(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

fn execute(command: Command) -> Result<()> {
    match command {
        Command::Setup { offline_check } => setup::command(offline_check),
        Command::Image { arch, out } => image::command(arch, out),
        Command::Run {
            arch,
            memory,
            cpus,
            display,
            headless,
            accel,
        } => run::command(&run::Request {
            arch,
            memory,
            cpus,
            display: if headless {
                run::Display::None
            } else {
                display
            },
            accel,
        }),
        Command::Screenshot { arch, out } => screenshot::command(arch, &out),
        Command::Test {
            arch,
            hosted,
            filter,
        } => test::command(&test::Request {
            arch,
            hosted,
            filter,
        }),
        Command::Gdb { arch, wait } => gdb::command(arch, wait),
        Command::Inspect { arch, symbols } => inspect::command(arch, symbols),
        Command::Bench {
            what: Bench::Forth { runs, out, filter },
        } => bench::forth::command(runs, out.as_deref(), filter.as_deref()),
        Command::Bench {
            what:
                Bench::Memory {
                    runs,
                    filter,
                    quick,
                },
        } => bench::memory::command(runs, filter.as_deref(), quick),
        Command::Bench { what: Bench::Clock } => bench::clock::command(),
        Command::Bench { what: Bench::Idle } => bench::idle::command(),
        Command::Soak {
            what: Soak::Atoms { minutes },
        } => soak::atoms(minutes),
        Command::Soak {
            what: Soak::Verifier { minutes },
        } => soak::verifier(minutes),
        Command::Soak {
            what: Soak::Text { minutes },
        } => soak::text(minutes),
        Command::Ci => ci::command(),
    }
}
