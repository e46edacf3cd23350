//! `cargo xtask run`: Stele in an emulator, its serial console on this terminal.

use std::env;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::arch::Arch;
use crate::command;
use crate::error::{Error, Result};
use crate::image::{Contents, System};
use crate::interrupt;
use crate::markers;
use crate::qemu::machine::{Accel, Machine, Serial};
use crate::qemu::memory::Memory;
use crate::session::escape::Stripper;
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
    /// Whether its screen is shown.
    pub(crate) display: Display,
    /// How it is emulated.
    pub(crate) accel: Accel,
}

/// Where the machine's screen is shown, with the keyboard that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Display {
    /// In a window if there is a desktop and QEMU can, otherwise nowhere.
    Auto,
    /// In a window.
    Window,
    /// Nowhere; the serial console on this terminal is always there.
    None,
}

/// Exit codes of QEMU that `qemu-exit` on the kernel's command line makes: see kernel/README.md.
mod exit {
    pub(super) const BYE: i32 = 33;
    pub(super) const FAILURE: i32 = 35;
    pub(super) const PANIC: i32 = 65;
}

/// What the kernel says last before it restarts the machine.
const RESTART: &[u8] = b"Restarting.\r\n";

/// The command `cargo xtask run`.
pub(crate) fn command(request: &Request) -> Result<()> {
    if request.accel == Accel::Kvm && request.arch.name() != env::consts::ARCH {
        return Err(Error::Usage(format!(
            "--accel kvm runs only this machine's own architecture, {}; leave it out for {}",
            env::consts::ARCH,
            request.arch
        )));
    }
    if request.accel == Accel::Kvm && !Path::new("/dev/kvm").exists() {
        return Err(Error::Usage(
            "--accel kvm needs /dev/kvm, which is not here; leave it out".to_owned(),
        ));
    }
    request.memory.check(request.arch).map_err(Error::Usage)?;
    setup::ensure(&Needs::boot(&[request.arch]))?;
    let window = match request.display {
        Display::None => false,
        Display::Auto => has_window(request.arch),
        Display::Window if has_window(request.arch) => true,
        Display::Window => {
            return Err(Error::Usage(format!(
                "there is no desktop for a window, or {} cannot open one; leave --display out",
                request.arch.qemu()
            )));
        }
    };
    let system = System::build(request.arch)?;
    let disk = workspace::output("images")?.join(format!("run-{}.img", request.arch));
    Contents::bootable(&[system])
        .command_line("qemu-exit")
        .write(&disk)?;

    let machine = Machine {
        arch: request.arch,
        disk,
        further_disks: Vec::new(),
        memory: request.memory,
        cpus: request.cpus,
        accel: request.accel,
        resolution: None,
        window,
        serial: Serial::Terminal,
        log: None,
        restarts: true,
        acpi: true,
        without: Vec::new(),
        clock: None,
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
    // QEMU makes the terminal on its standard input raw; its output passes through our hands.
    let mut child = qemu
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| command::start(qemu, source))?;
    let output = child.stdout.take();
    let machine = Pid::from_child(&child);
    let ended = AtomicBool::new(false);
    let status = thread::scope(|scope| {
        scope.spawn(|| end_when_asked(machine, &ended));
        if let Some(output) = output {
            pass_on(output, std::io::stdout().lock());
        }
        let status = child.wait();
        ended.store(true, Ordering::Relaxed);
        status
    });
    let status = status.map_err(|source| command::start(qemu, source))?;
    interrupt::check()?;
    let why = match status.code() {
        Some(0 | exit::BYE) => return Ok(()),
        Some(exit::FAILURE) => "a program ended the system with an exit status other than 0",
        Some(exit::PANIC) => "the kernel panicked; its report is above",
        _ => &format!("the machine ended with {}", command::how(status)),
    };
    Err(Error::Failed(why.to_owned()))
}

/// Ends the machine when somebody ends us. Ctrl-C does not come this way: on a raw terminal it is a
/// character like any other.
fn end_when_asked(machine: Pid, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        if interrupt::asked() {
            // It fails only when the machine has ended by itself.
            let _ = kill_process(machine, Signal::TERM);
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Copies the serial output as it comes, but for the firmware's terminal control: that would clear
/// the screen of everything said before. Behind the kernel's first word everything passes, until it
/// restarts the machine.
fn pass_on(mut machine: impl Read, mut terminal: impl Write) {
    let mut speaker = Speaker::Firmware(Vec::new());
    let mut stripper = Stripper::default();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = machine.read(&mut buffer) {
        let mut rest = buffer.get(..count).unwrap_or_default();
        let mut passed = Vec::new();
        while !rest.is_empty() {
            rest = speaker.take(rest, &mut stripper, &mut passed);
        }
        let written = terminal.write_all(&passed);
        if written.and_then(|()| terminal.flush()).is_err() {
            // Nobody is there to read any more.
            interrupt::ask();
            return;
        }
    }
}

/// Who is speaking over the serial port.
enum Speaker {
    /// The firmware; what it has said.
    Firmware(Vec<u8>),
    /// The kernel; how much of [`RESTART`] the end of what it has said is.
    Kernel(usize),
}

impl Speaker {
    /// Takes what is said up to a change of speaker, puts what shall be shown of it into `shown`, and
    /// returns the rest.
    fn take<'a>(
        &mut self,
        said: &'a [u8],
        stripper: &mut Stripper,
        shown: &mut Vec<u8>,
    ) -> &'a [u8] {
        match self {
            Speaker::Firmware(before) => {
                let first_word = markers::STAGES[0].as_bytes();
                let text: Vec<u8> = said
                    .iter()
                    .filter_map(|&byte| stripper.text(byte))
                    .collect();
                before.extend_from_slice(&text);
                shown.extend_from_slice(&text);
                let mut windows = before.windows(first_word.len());
                if windows.any(|window| window == first_word) {
                    *self = Speaker::Kernel(0);
                }
                &[]
            }
            Speaker::Kernel(matched) => {
                for (at, byte) in said.iter().enumerate() {
                    shown.push(*byte);
                    let goes_on = RESTART.get(*matched) == Some(byte);
                    *matched = if goes_on {
                        *matched + 1
                    } else {
                        usize::from(*byte == RESTART[0])
                    };
                    if *matched == RESTART.len() {
                        *self = Speaker::Firmware(Vec::new());
                        return said.get(at + 1..).unwrap_or_default();
                    }
                }
                &[]
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_firmware_of_a_restart_clears_no_screen_either() {
        let said = [
            &b"[ 1 us] Stele booting...\r\n"[..],
            b"\x1b[1mok\r\ncold Restarti",
            b"ng.\r\n\x1b[2JBdsDxe\r\n",
            b"\x1b[2J[ 1 us] Stele booting...\r\n",
            b"\x1b[1mok",
        ];
        let machine = said[0]
            .chain(said[1])
            .chain(said[2])
            .chain(said[3])
            .chain(said[4]);
        let mut shown = Vec::new();
        pass_on(machine, &mut shown);
        let text = String::from_utf8(shown).unwrap();
        let expected = "Restarting.\r\nBdsDxe\r\n[ 1 us] Stele booting...\r\n\x1b[1mok";
        assert!(text.ends_with(expected), "{text:?}");
        assert_eq!(text.matches("\x1b[1mok").count(), 2);
    }

    #[test]
    fn the_firmware_clears_no_screen_and_the_kernel_may() {
        let said = b"\x1b[2J\x1b[01;01HBdsDxe\r\n[ 1 us] Stele booting...\r\n";
        let mut shown = Vec::new();
        pass_on((&said[..]).chain(&b"\x1b[1mok\x1b[0m"[..]), &mut shown);
        assert_eq!(
            shown,
            b"BdsDxe\r\n[ 1 us] Stele booting...\r\n\x1b[1mok\x1b[0m"
        );
    }
}
