//! What machine QEMU emulates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::memory::Memory;
use crate::arch::Arch;
use crate::error::{Error, Result};
use crate::setup::firmware::{self, Firmware};

/// The socket of QEMU's monitor, in the directory that lives as long as the machine.
pub(crate) const MONITOR: &str = "monitor";

/// How the processor is emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Accel {
    /// Translation: works everywhere.
    Tcg,
    /// The host's own processor, where it has the architecture and /dev/kvm works.
    Kvm,
}

/// Where the first serial port goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Serial {
    /// Our terminal, shared with QEMU's monitor (Ctrl-A C; Ctrl-A X quits).
    Terminal,
    /// Standard input and output as a plain stream of bytes; the monitor listens at [`MONITOR`].
    Pipe,
    /// Output only, into this file.
    File(PathBuf),
    /// There is none.
    None,
}

/// A device that a machine has unless it is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The high precision event timer, of x86-64 alone.
    Hpet,
    /// The screen.
    Screen,
    /// The keyboard.
    Keyboard,
}

/// A machine to be started.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Its architecture.
    pub(crate) arch: Arch,
    /// The disk image it boots from, never written.
    pub(crate) disk: PathBuf,
    /// More disks, which the firmware tries in this order where it cannot boot from the first.
    pub(crate) further_disks: Vec<PathBuf>,
    /// Its memory.
    pub(crate) memory: Memory,
    /// Its processors.
    pub(crate) cpus: u32,
    /// How they are emulated.
    pub(crate) accel: Accel,
    /// Width and height of its screen in pixels, where the screen can be told (x86-64), if not the
    /// firmware's choice.
    pub(crate) resolution: Option<(u32, u32)>,
    /// Whether its screen is shown in a window.
    pub(crate) window: bool,
    /// Where its serial port goes.
    pub(crate) serial: Serial,
    /// The file that its second serial port writes to, if it has one.
    pub(crate) log: Option<PathBuf>,
    /// Whether it starts again when it is reset; otherwise it ends then.
    pub(crate) restarts: bool,
    /// Whether its firmware offers ACPI tables.
    pub(crate) acpi: bool,
    /// What else it lacks.
    pub(crate) without: Vec<Part>,
    /// The UTC date and time that its clock shows when it is switched on; ours if nothing is said.
    pub(crate) clock: Option<&'static str>,
    /// The TCP port on which it waits for gdb, stopped before its first instruction.
    pub(crate) gdb: Option<u16>,
}

impl Machine {
    /// A machine for tests: no window, the serial port as pipes.
    pub(crate) fn headless(arch: Arch, disk: &Path) -> Machine {
        Machine {
            arch,
            disk: disk.to_owned(),
            further_disks: Vec::new(),
            memory: Memory::DEFAULT,
            cpus: 1,
            accel: Accel::Tcg,
            resolution: None,
            window: false,
            serial: Serial::Pipe,
            log: None,
            restarts: false,
            acpi: true,
            without: Vec::new(),
            clock: None,
            gdb: None,
        }
    }

    /// The command that starts it, and the directory that must live as long as it runs: the
    /// firmware's variables lie there and die with it.
    pub(crate) fn command(&self) -> Result<(Command, TempDir)> {
        let Some(firmware) = firmware::find(self.arch) else {
            return Err(Error::Setup {
                missing: format!("no UEFI firmware for {}", self.arch),
                command: "cargo xtask setup".to_owned(),
            });
        };
        let directory = tempfile::Builder::new()
            .prefix("stele-run-")
            .tempdir()
            .map_err(Error::file("create a directory in", &std::env::temp_dir()))?;
        let variables = directory.path().join("variables.fd");
        fs::copy(&firmware.variables, &variables)
            .map_err(Error::file("copy", &firmware.variables))?;
        Ok((self.command_with(&firmware, &variables), directory))
    }

    /// All further disks hang on one SCSI controller: there are not slots enough for each.
    fn attach_further_disks(&self, qemu: &mut Command) {
        /// The firmware looks for SCSI targets below this number.
        const TARGETS: usize = 32;
        if !self.further_disks.is_empty() {
            qemu.args(["-device", "virtio-scsi-pci,id=scsi"]);
        }
        for (number, disk) in self.further_disks.iter().enumerate() {
            let id = format!("disk{number}");
            qemu.args(["-drive", &drive(&id, disk)]);
            let (target, unit) = (number % TARGETS, number / TARGETS);
            let index = number + 1;
            let place = format!("bus=scsi.0,scsi-id={target},lun={unit}");
            qemu.args([
                "-device",
                &format!("scsi-hd,drive={id},{place},bootindex={index}"),
            ]);
        }
    }

    fn command_with(&self, firmware: &Firmware, variables: &Path) -> Command {
        let mut qemu = Command::new(self.arch.qemu());
        qemu.arg("-nodefaults");
        if !self.restarts {
            qemu.arg("-no-reboot");
        }
        let (machine, cpu) = match self.arch {
            Arch::X86_64 => ("q35", "max"),
            Arch::Aarch64 => ("virt,gic-version=3", "cortex-a72"),
        };
        let mut machine = machine.to_owned();
        if !self.acpi {
            machine.push_str(",acpi=off");
        }
        if self.arch == Arch::X86_64 {
            for (part, option) in [(Part::Hpet, ",hpet=off"), (Part::Keyboard, ",i8042=off")] {
                if self.without.contains(&part) {
                    machine.push_str(option);
                }
            }
        }
        qemu.args(["-machine", &machine]);
        match self.accel {
            Accel::Tcg => qemu.args(["-accel", "tcg", "-cpu", cpu]),
            Accel::Kvm => qemu.args(["-accel", "kvm", "-cpu", "host"]),
        };
        qemu.args(["-m", &self.memory.to_string()]);
        qemu.args(["-smp", &self.cpus.to_string()]);
        if let Some(time) = self.clock {
            qemu.args(["-rtc", &format!("base={time}")]);
        }

        let flash = |file: &Path, option: &str| {
            format!("if=pflash,format=raw,file={}{option}", escape(file))
        };
        qemu.args(["-drive", &flash(&firmware.code, ",readonly=on")]);
        qemu.args(["-drive", &flash(variables, "")]);
        qemu.args(["-drive", &drive("disk", &self.disk)]);
        qemu.args(["-device", "virtio-blk-pci,drive=disk,bootindex=0"]);
        self.attach_further_disks(&mut qemu);

        // What `qemu-exit` on the kernel's command line uses.
        let (screen, exit) = match self.arch {
            Arch::X86_64 => ("VGA", ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]),
            Arch::Aarch64 => ("ramfb", ["-semihosting-config", "enable=on,target=native"]),
        };
        if !self.without.contains(&Part::Screen) {
            let mut screen = screen.to_owned();
            if let Some((width, height)) = self.resolution.filter(|_| self.arch == Arch::X86_64) {
                screen.push_str(&format!(",xres={width},yres={height},vgamem_mb=64"));
            }
            qemu.args(["-device", &screen]);
        }
        // The other machine has one of the PC's own.
        if self.arch == Arch::Aarch64 && !self.without.contains(&Part::Keyboard) {
            qemu.args(["-device", "virtio-keyboard-pci"]);
        }
        qemu.args(exit);
        if !self.window {
            qemu.args(["-display", "none"]);
        }
        match &self.serial {
            Serial::Terminal => qemu.args(["-serial", "mon:stdio"]),
            Serial::Pipe => {
                let socket = variables.with_file_name(MONITOR);
                let monitor = format!("unix:{},server=on,wait=off", escape(&socket));
                qemu.args(["-serial", "stdio", "-monitor", &monitor])
            }
            Serial::None => qemu.args(["-serial", "none", "-monitor", "none"]),
            Serial::File(path) => qemu.args(["-serial", &format!("file:{}", escape(path))]),
        };
        if let Some(path) = &self.log {
            qemu.args(["-serial", &format!("file:{}", escape(path))]);
        }
        if let Some(port) = self.gdb {
            qemu.args(["-S", "-gdb", &format!("tcp:127.0.0.1:{port}")]);
        }
        qemu
    }
}

/// A disk that is never written, as an option.
fn drive(id: &str, file: &Path) -> String {
    let file = escape(file);
    format!("if=none,id={id},format=raw,readonly=on,file={file}")
}

/// A file name inside a QEMU option, where a comma is written twice.
fn escape(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::line;

    fn shown(machine: &Machine) -> String {
        let firmware = Firmware {
            code: "/fw/code.fd".into(),
            variables: "/fw/vars.fd".into(),
        };
        line(&machine.command_with(&firmware, Path::new("/tmp/run/vars.fd")))
    }

    #[test]
    fn an_x86_64_test_machine_is_a_q35_under_translation() {
        let shown = shown(&Machine::headless(Arch::X86_64, Path::new("/img")));
        for part in [
            "qemu-system-x86_64 -nodefaults -no-reboot -machine q35 -accel tcg",
            "-m 512M -smp 1",
            "-drive if=pflash,format=raw,file=/fw/code.fd,readonly=on",
            "-drive if=pflash,format=raw,file=/tmp/run/vars.fd ",
            "isa-debug-exit,iobase=0xf4,iosize=0x04",
            "-display none -serial stdio -monitor unix:/tmp/run/monitor,server=on,wait=off",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn an_aarch64_machine_has_a_gicv3_and_semihosting() {
        let shown = shown(&Machine::headless(Arch::Aarch64, Path::new("/img")));
        for part in [
            "-machine virt,gic-version=3 -accel tcg -cpu cortex-a72",
            "-semihosting-config enable=on,target=native",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn a_clock_can_be_set() {
        let mut machine = Machine::headless(Arch::Aarch64, Path::new("/img"));
        assert!(!shown(&machine).contains("-rtc"));
        machine.clock = Some("2026-11-20T12:00:00");
        assert!(shown(&machine).contains(" -rtc base=2026-11-20T12:00:00 "));
    }

    #[test]
    fn a_comma_in_a_file_name_is_no_end_of_the_option() {
        let shown = shown(&Machine::headless(Arch::X86_64, Path::new("/a,b/img")));
        assert!(shown.contains("file=/a,,b/img"), "{shown}");
    }

    #[test]
    fn a_machine_that_restarts_is_not_ended_by_a_reset() {
        let mut machine = Machine::headless(Arch::X86_64, Path::new("/img"));
        assert!(shown(&machine).contains("-no-reboot"));
        machine.restarts = true;
        assert!(!shown(&machine).contains("-no-reboot"));
    }

    #[test]
    fn a_machine_may_lack_acpi_tables() {
        let mut machine = Machine::headless(Arch::Aarch64, Path::new("/img"));
        machine.acpi = false;
        assert!(shown(&machine).contains("-machine virt,gic-version=3,acpi=off"));
    }

    #[test]
    fn parts_can_be_taken_away() {
        let mut machine = Machine::headless(Arch::X86_64, Path::new("/img"));
        assert!(shown(&machine).contains("-device VGA"));
        machine.without = vec![Part::Hpet, Part::Keyboard, Part::Screen];
        let shown = shown(&machine);
        assert!(shown.contains("-machine q35,hpet=off,i8042=off -accel"));
        assert!(!shown.contains("VGA"));
    }

    #[test]
    fn a_debugged_machine_waits_for_gdb_on_this_machine_only() {
        let mut machine = Machine::headless(Arch::Aarch64, Path::new("/img"));
        machine.gdb = Some(1234);
        assert!(shown(&machine).contains("-S -gdb tcp:127.0.0.1:1234"));
    }
}
