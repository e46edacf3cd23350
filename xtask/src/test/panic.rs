//! A fault in the kernel: it says what happened, where, with registers and a backtrace, what the VM
//! was doing, and ends.

use super::boot;
use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::arch::Arch;
use crate::error::Result;
use crate::session::explain::Stop;

/// A fault that the kernel has on purpose for `provoke=` on its command line: kernel/README.md.
pub(super) struct Fault {
    /// Its name there.
    pub(super) name: &'static str,
    /// What the report's cause says.
    cause: Cause,
}

/// Parts of the cause, in order, on each architecture.
struct Cause {
    x86_64: &'static [&'static str],
    aarch64: &'static [&'static str],
}

/// All of them.
pub(super) static FAULTS: [Fault; 6] = [
    Fault {
        name: "panic",
        cause: Cause {
            x86_64: &["provoked by the command line", "at kernel/src/provoke.rs:"],
            aarch64: &["provoked by the command line", "at kernel/src/provoke.rs:"],
        },
    },
    Fault {
        name: "page-fault",
        cause: Cause {
            x86_64: &[
                "page fault (vector 14, error code 0x2) at 0xffffffff8",
                NOWHERE,
            ],
            aarch64: &["data abort (syndrome 0x960000", NOWHERE],
        },
    },
    Fault {
        name: "invalid-instruction",
        cause: Cause {
            x86_64: &["invalid opcode (vector 6, error code 0x0) at 0xffffffff8"],
            aarch64: &["undefined instruction (syndrome 0x2000000) at 0xffffffff8"],
        },
    },
    Fault {
        name: "protection",
        cause: Cause {
            x86_64: &[
                "general protection fault (vector 13, error code 0x0)",
                "its address is not one of 48 bits.",
            ],
            aarch64: &[
                "data abort (syndrome 0x960000",
                "An attempt to write at 0xffffffff8",
                "that does not allow it.",
            ],
        },
    },
    Fault {
        name: "stack-overflow",
        cause: Cause {
            x86_64: &[
                "page fault (vector 14",
                "of the boot stack: the stack overflowed.",
            ],
            aarch64: &[
                "data abort (syndrome",
                "of the boot stack: the stack overflowed.",
            ],
        },
    },
    Fault {
        name: "double-fault",
        cause: Cause {
            x86_64: &[
                "double fault (vector 8",
                "while the processor was entering another",
            ],
            aarch64: &[
                "of the fault stack: the stack overflowed.",
                "It struck while this was being handled: undefined instruction (syndrome",
            ],
        },
    },
];

/// Those that are also provoked in an interrupt that strikes while VM\[0\] runs.
pub(super) static IN_INTERRUPT: [Fault; 3] = [
    Fault {
        name: "panic",
        cause: Cause {
            x86_64: &["provoked by the command line"],
            aarch64: &["provoked by the command line"],
        },
    },
    Fault {
        name: "page-fault",
        cause: Cause {
            x86_64: &["page fault (vector 14", NOWHERE],
            aarch64: &[
                "data abort (syndrome 0x960000",
                NOWHERE,
                "It struck while this was being handled: interrupt at 0xffffffff8",
            ],
        },
    },
    Fault {
        name: "stack-overflow",
        cause: Cause {
            x86_64: &[
                "page fault (vector 14",
                "of the interrupt stack: the stack overflowed.",
            ],
            aarch64: &[
                "data abort (syndrome",
                "of the interrupt stack: the stack overflowed.",
            ],
        },
    },
];

/// What VM\[0\] is kept busy with.
const BUSY: &[u8] = b": spin begin again ; : busy spin ;\nbusy\n";

/// What the report then says of it, if nothing is said before.
const VM: [&str; 4] = [
    "VM[0] was running, ",
    "in the word spin",
    "  called by the word busy",
    "  called by the word (MAIN)",
];

/// What is said of a write to where nothing is.
const NOWHERE: &str = "An attempt to write at 0xfffff12345678000, where nothing is mapped.";

/// What QEMU exits with when the kernel gives up under `qemu-exit`.
const QEMU_PANIC: i32 = 65;

/// Boots with a fault and reads the report.
pub(super) fn check(rig: &Rig, fault: &Fault) -> Result<Outcome> {
    let words = format!("qemu-exit provoke={}", fault.name);
    let disk = rig.disk(&rig.contents().command_line(&words), fault.name)?;
    let mut booted = rig.boot(&disk, &format!("fault-{}", fault.name))?;
    Ok(Outcome::of(read(&mut booted, fault, Stage::Hal).and_then(
        |()| {
            booted.expect("No VM was running; there was none yet.", ANSWER)?;
            ends(&mut booted)
        },
    )))
}

/// Boots with a panic whose report faults: that is told in a few lines, and is the end.
pub(super) fn twice(rig: &Rig) -> Result<Outcome> {
    let contents = rig.contents().command_line("qemu-exit provoke=panic-twice");
    let disk = rig.disk(&contents, "panic-twice")?;
    let mut booted = rig.boot(&disk, "fault-panic-twice")?;
    let [first, ..] = &FAULTS;
    Ok(Outcome::of(read(&mut booted, first, Stage::Hal).and_then(
        |()| {
            let report = [
                "*** KERNEL PANIC ***",
                " at 0xffffffff8",
                "at 0xfffff12345678",
                "(while an earlier panic was being reported)",
            ];
            report
                .into_iter()
                .try_for_each(|part| booted.expect(part, ANSWER))?;
            ends(&mut booted)
        },
    )))
}

/// Boots with a fault in an interrupt while VM\[0\] is busy, and reads the report.
pub(super) fn check_in_interrupt(rig: &Rig, fault: &Fault) -> Result<Outcome> {
    let name = format!("interrupt-{}", fault.name);
    let words = format!("qemu-exit provoke={}@interrupt", fault.name);
    let contents = rig.contents().command_line(&words).boot_source(BUSY);
    let disk = rig.disk(&contents, &name)?;
    let mut booted = rig.boot(&disk, &format!("fault-{name}"))?;
    Ok(Outcome::of(
        read(&mut booted, fault, Stage::Running).and_then(|()| {
            VM.into_iter()
                .try_for_each(|part| booted.expect(part, ANSWER))?;
            ends(&mut booted)
        }),
    ))
}

/// A program ends the system as one that cannot go on: its reason, VM and word stand first.
pub(super) fn by_program(rig: &Rig) -> Result<Outcome> {
    let mut booted = rig.boot(&rig.prompt, "panic-word")?;
    let told = boot::to_prompt(&mut booted).and_then(|()| {
        booted.session.want_panic();
        booted.send(": fail cr s\" out of tea\" panic ; fail\r")?;
        let report = [
            "*** KERNEL PANIC ***\nout of tea\nVM[0] was running, in the word fail\n",
            "  called by the word INTERPRET",
            Stage::Running.marker(),
            "registers:",
            "backtrace:",
            "kernel_main+0x",
        ];
        report
            .into_iter()
            .try_for_each(|part| booted.expect(part, ANSWER))?;
        ends(&mut booted)
    });
    Ok(Outcome::of(told))
}

/// How far the boot has come when the fault strikes.
#[derive(Clone, Copy)]
enum Stage {
    Hal,
    Running,
}

impl Stage {
    fn marker(self) -> &'static str {
        match self {
            Stage::Hal => "stage: HAL initialized (",
            Stage::Running => "stage: Entering VM arbiter loop... (",
        }
    }
}

/// Reads a report up to where it comes to the VM: the cause, the stage, registers, and a backtrace
/// with names.
fn read(booted: &mut Booted<'_>, fault: &Fault, stage: Stage) -> std::result::Result<(), String> {
    let (cause, registers) = match booted.arch() {
        Arch::X86_64 => (fault.cause.x86_64, ["rax    ", "rip    ffffffff8"]),
        Arch::Aarch64 => (fault.cause.aarch64, [" pc ffffffff8", "lr "]),
    };
    booted.session.want_panic();
    booted.expect("*** KERNEL PANIC ***", FIRMWARE)?;
    let known = [stage.marker(), " us after entry)", "registers:"];
    let backtrace = ["backtrace:", " stele_kernel::", "+0x", "kernel_main+0x"];
    let parts = cause
        .iter()
        .chain(&known)
        .chain(&registers)
        .chain(&backtrace);
    parts
        .into_iter()
        .try_for_each(|part| booted.expect(part, ANSWER))
}

/// Waits for the last line of a report and the end.
fn ends(booted: &mut Booted<'_>) -> std::result::Result<String, String> {
    booted.expect("System halted.", ANSWER)?;
    let wanted = format!("exit code {QEMU_PANIC}");
    match booted.session.finish(ANSWER) {
        Ok(status) if status.code() == Some(QEMU_PANIC) => Ok(String::new()),
        Ok(status) => Err(booted.story(&Stop::Ended(status), &wanted)),
        Err(stop) => Err(booted.story(&stop, &wanted)),
    }
}
