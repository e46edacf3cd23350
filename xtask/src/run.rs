//! `cargo xtask run`: Stele in an emulator, its serial console on this terminal.

use std::env;
use std::io::IsTerminal;
use std::process::Command;

use crate::arch::Arch;
use crate::command;
use crate::error::{Error, Result};
use crate::image::{Contents, System};
use crate::qemu::machine::{Accel, Machine, Serial};
use crate::qemu::memory::Memory;
use crate::setup::{self, Needs};
use crate::terminal;
use crate::ui;
use crate::workspace;

/// What `cargo xtask run` was asked for.
pub(crate) struct Request {
    /// The machine.
    pub(crate) arch: Arch,
    /// Its memory.
    pub(crate) memory: Memory,
    /// Its processors.
    pub(crate) cpus: u32,
    /// No window.
    pub(crate) headless: bool,
    /// How it is emulated.
    pub(crate) accel: Accel,
}

/// Exit codes of QEMU that `qemu-exit` on the kernel's command line makes: see kernel/README.md.
const BYE: i32 = 33;

/// The command `cargo xtask run`.
pub(crate) fn command(request: &Request) -> Result<()> {
    if request.accel == Accel::Kvm && request.arch.name() != env::consts::ARCH {
        return Err(Error::Usage(format!(
            "--accel kvm runs only this machine's own architecture, {}; leave it out for {}",
            env::consts::ARCH,
            request.arch
        )));
    }
    setup::ensure(&Needs::boot(&[request.arch]))?;
    let system = System::build(request.arch)?;
    let disk = workspace::output("images")?.join(format!("run-{}.img", request.arch));
    Contents::bootable(&[system])
        .command_line("qemu-exit")
        .write(&disk)?;

    let machine = Machine {
        arch: request.arch,
        disk,
        memory: request.memory,
        cpus: request.cpus,
        accel: request.accel,
        window: !request.headless && has_window(request.arch),
        serial: Serial::Terminal,
        gdb: None,
    };
    let (mut qemu, _directory) = machine.command()?;
    let object = format!(
        "{}, {} memory, {} processor(s); the firmware takes some seconds",
        request.arch, request.memory, request.cpus
    );
    ui::step("Starting", &object);
    on_terminal(&mut qemu)
}

/// Runs QEMU, its serial port on our terminal, until it ends.
pub(crate) fn on_terminal(qemu: &mut Command) -> Result<()> {
    ui::step("Keys", "Ctrl-A X ends the machine; Ctrl-C goes to Stele");
    let _restore = terminal::Restore::on_drop();
    let status = qemu
        .status()
        .map_err(|source| command::start(qemu, source))?;
    match status.code() {
        Some(0 | BYE) => Ok(()),
        _ => Err(Error::Failed(format!(
            "the machine ended with {}",
            command::how(status)
        ))),
    }
}

/// Whether there is a desktop to show a window on, and a QEMU that can.
fn has_window(arch: Arch) -> bool {
    if !std::io::stdout().is_terminal() {
        return false;
    }
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"];
    if desktop
        .iter()
        .all(|variable| env::var_os(variable).is_none())
    {
        return false;
    }
    let displays = Command::new(arch.qemu())
        .args(["-display", "help"])
        .output();
    displays.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines()
            .any(|line| ["gtk", "sdl", "cocoa"].contains(&line.trim()))
    })
}
