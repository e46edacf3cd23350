//! `cargo xtask gdb`: QEMU stopped before its first instruction, gdb attached, symbols loaded, a
//! breakpoint at `kernel_main`.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::arch::Arch;
use crate::command;
use crate::error::{Error, Result};
use crate::image::{Contents, System};
use crate::qemu::machine::{Machine, Serial};
use crate::run;
use crate::setup::tool::{self, Tool};
use crate::setup::{self, Needs};
use crate::ui;
use crate::workspace;

/// The port where QEMU waits, as its own `-s` has it.
const PORT: u16 = 1234;

/// The command `cargo xtask gdb`.
pub(crate) fn command(arch: Arch, wait: bool) -> Result<()> {
    setup::ensure(&Needs::boot(&[arch]).and(Tool::Gdb(arch)))?;
    let system = System::build(arch)?;
    let disk = workspace::output("images")?.join(format!("gdb-{arch}.img"));
    Contents::bootable(std::slice::from_ref(&system))
        .command_line("qemu-exit")
        .write(&disk)?;
    if TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).is_err() {
        return Err(Error::Failed(format!(
            "TCP port {PORT} is in use, perhaps by another machine that waits for gdb; end that first"
        )));
    }
    let mut machine = Machine::headless(arch, &disk);
    machine.gdb = Some(PORT);
    let mut gdb = debugger(arch, &system.symbols, PORT)?;
    if wait {
        ui::step("Waiting", "for gdb, stopped; in another terminal run:");
        println!("{}", command::line(&gdb));
        machine.serial = Serial::Terminal;
        let (mut qemu, _directory) = machine.command()?;
        return run::on_terminal(&mut qemu);
    }
    let log = workspace::output("logs")?.join(format!("gdb-{arch}.log"));
    ui::step(
        "Serial",
        &format!("output of the machine goes to {}", log.display()),
    );
    machine.serial = Serial::File(log);
    let (mut qemu, _directory) = machine.command()?;
    let _machine = Running::start(&mut qemu)?;
    gdb.status()
        .map_err(|source| command::start(&gdb, source))?;
    Ok(())
}

/// A machine beside the debugger; dropping it ends it.
struct Running(Child);

impl Running {
    fn start(qemu: &mut Command) -> Result<Running> {
        // In a process group of its own: Ctrl-C is for gdb, which stops the machine with it.
        let started = qemu.process_group(0).stdin(Stdio::null()).spawn();
        started
            .map(Running)
            .map_err(|source| command::start(qemu, source))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// gdb with the kernel's symbols, attached to the machine at `port`, its breakpoint set.
pub(crate) fn debugger(arch: Arch, symbols: &Path, port: u16) -> Result<Command> {
    let Some(program) = tool::debugger(arch) else {
        return Err(Error::Setup {
            missing: format!("there is no gdb for {arch}"),
            command: "cargo xtask setup".to_owned(),
        });
    };
    let mut gdb = Command::new(program);
    gdb.arg("--quiet").arg(symbols);
    for line in [
        "set confirm off",
        "set pagination off",
        &format!("target remote 127.0.0.1:{port}"),
        // The kernel is not in memory yet, so a breakpoint instruction could not be written there.
        "hbreak kernel_main",
        "continue",
    ] {
        gdb.args(["-ex", line]);
    }
    Ok(gdb)
}
