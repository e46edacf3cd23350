//! gdb stops at `kernel_main` and knows it by name.

use super::check::Outcome;
use super::rig::{FIRMWARE, Rig, log, start};
use crate::error::Result;
use crate::gdb;
use crate::qemu::machine::{Machine, Serial};
use crate::qemu::stub;
use crate::session::Session;
use crate::session::explain::explain;

/// Starts a machine stopped, lets gdb run it to the breakpoint.
pub(super) fn check(rig: &Rig) -> Result<Outcome> {
    let port = stub::free_port()?;
    let mut machine = Machine::headless(rig.arch, &rig.prompt);
    machine.gdb = Some(port);
    machine.serial = Serial::File(log(rig.arch.name(), "gdb-serial")?);
    let (mut qemu, _directory) = machine.command()?;
    let _running = Session::start(&mut qemu, &log(rig.arch.name(), "gdb-qemu")?)?;
    let mut command = gdb::debugger(rig.arch, &rig.system.symbols, port)?;
    command.args(["-ex", "backtrace", "-ex", "kill", "-batch"]);
    let mut session = start(&mut command, rig.arch.name(), "gdb")?;
    Ok(Outcome::of(
        match session.expect("#0  kernel_main", FIRMWARE) {
            Ok(()) => Ok(String::new()),
            Err(stop) => Err(explain(
                &stop,
                "the breakpoint at `kernel_main`",
                session.transcript(),
                session.log_path(),
                &[],
            )),
        },
    ))
}
