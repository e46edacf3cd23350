//! `stele`: the whole system as a Linux program.
//!
//! It puts the Linux side behind the traits of [`stele_hal`] and runs the same arbiter, the same
//! words and the same prompt as the kernel; it never looks into a byte that passes, so line editing
//! and every other behaviour a program can see are the system's own. Nothing here needs `unsafe`.
//!
//! Read in this order: this page for the flow; [`arguments`], [`size`] and [`sources`] for what was
//! asked for; [`modules`] for bytecode as text; [`region`] for memory; [`machine`] for the traits, with [`reach`] for files; [`terminal`] and [`signals`] for living
//! with a terminal; [`failure`] for what can go wrong.
#![forbid(unsafe_code)]

mod arguments;
mod failure;
mod machine;
mod modules;
mod reach;
mod region;
mod signals;
mod size;
mod sources;
mod terminal;

use std::process::ExitCode;
use std::sync::Arc;

use arguments::Arguments;
use failure::Failure;
use machine::LinuxMachine;
use reach::Reach;
use region::Region;
use signals::Signals;
use sources::SourceText;
use stele_arbiter::{Arbiter, Exit, Mode, QUANTUM, Source, Turn};
use stele_hal::Cpu;
use terminal::Terminal;

/// Exit code after an error in the program that was run.
const PROGRAM_FAILED: u8 = 1;

fn main() -> ExitCode {
    match run(&Arguments::from_command_line()) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failure.report(),
    }
}

/// Runs the system to its end; returns the exit code.
fn run(arguments: &Arguments) -> Result<u8, Failure> {
    if modules::convert(arguments)? {
        return Ok(0);
    }
    let options = sources::of_options(arguments);
    let texts = sources::read(arguments)?;
    let terminal = Terminal::on_standard_input().map(Arc::new);
    let mode = Mode {
        leave_after_texts: !texts.is_empty() && !arguments.interactive,
        quiet: terminal.is_none() && !arguments.interactive,
        colour: terminal::shows_colours(),
    };
    let signals = Signals::listen(terminal.as_ref()).map_err(Failure::Signals)?;
    let reach = Reach::to(&arguments.files_allowed).map_err(|error| Failure::Files {
        allowed: arguments.files_allowed.clone(),
        error,
    })?;
    let mut machine = LinuxMachine::new(signals, terminal.clone(), arguments.memory, reach);
    let all = options.iter().chain(&texts);
    let mut sources: Vec<Source<'_>> = all.map(SourceText::as_source).collect();
    let _raw = terminal.as_ref().map(terminal::raw_mode);
    let size = arguments.memory;
    let code = loop {
        let mut region = Region::new(size)?;
        let mut arbiter =
            Arbiter::new(region.words()).map_err(|error| Failure::World { size, error })?;
        arbiter
            .create_root(&sources, mode)
            .map_err(|error| Failure::Boot { size, error })?;
        match run_to_exit(&mut arbiter, &mut machine)? {
            Exit::Bye(code) => break code,
            // The texts belong to the first start only: one that says COLD would never end.
            Exit::Cold => sources.truncate(options.len()),
            Exit::RootEnded(trap) => {
                machine.finish()?;
                failure::report_root_ended(trap);
                return Ok(PROGRAM_FAILED);
            }
        }
    };
    machine.finish()?;
    Ok(code)
}

/// Gives turns until the system is to end.
fn run_to_exit(arbiter: &mut Arbiter<'_>, machine: &mut LinuxMachine) -> Result<Exit, Failure> {
    loop {
        machine.between_turns()?;
        match arbiter.turn(machine, QUANTUM) {
            Turn::Ran => {}
            Turn::Waits(_) => machine.wait_for_interrupt(),
            Turn::Over(exit) => return Ok(exit),
        }
    }
}
