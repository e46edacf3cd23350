//! A fault in the kernel: it says what happened, where, with registers and a backtrace, what the VM
//! was doing, and ends.

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

/// What is said of a write to where nothing is.
const NOWHERE: &str = "An attempt to write at 0xfffff12345678000, where nothing is mapped.";

/// What QEMU exits with when the kernel gives up under `qemu-exit`.
const QEMU_PANIC: i32 = 65;

/// Boots with a fault and reads the report.
pub(super) fn check(rig: &Rig, fault: &Fault) -> Result<Outcome> {
    let words = format!("qemu-exit provoke={}", fault.name);
    let disk = rig.disk(&rig.contents().command_line(&words), fault.name)?;
    let mut booted = rig.boot(&disk, &format!("fault-{}", fault.name))?;
    let cause = match rig.arch {
        Arch::X86_64 => fault.cause.x86_64,
        Arch::Aarch64 => fault.cause.aarch64,
    };
    let read = read(&mut booted, cause).and_then(|()| {
        let rest = ["No VM was running; there was none yet."];
        rest.into_iter()
            .try_for_each(|part| booted.expect(part, ANSWER))?;
        ends(&mut booted)
    });
    Ok(Outcome::of(read.map(|()| String::new())))
}

/// Reads a report up to where it comes to the VM: the cause, the stage, registers, and a backtrace
/// with names.
fn read(booted: &mut Booted<'_>, cause: &[&str]) -> std::result::Result<(), String> {
    booted.session.want_panic();
    booted.expect("*** KERNEL PANIC ***", FIRMWARE)?;
    let registers: [&str; 2] = match booted.arch() {
        Arch::X86_64 => ["rax    ", "rip    ffffffff8"],
        Arch::Aarch64 => [" pc ffffffff8", "lr "],
    };
    let known = ["stage: HAL initialized", " us after entry", "registers:"];
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
fn ends(booted: &mut Booted<'_>) -> std::result::Result<(), String> {
    booted.expect("System halted.", ANSWER)?;
    let wanted = format!("exit code {QEMU_PANIC}");
    match booted.session.finish(ANSWER) {
        Ok(status) if status.code() == Some(QEMU_PANIC) => Ok(()),
        Ok(status) => Err(booted.story(&Stop::Ended(status), &wanted)),
        Err(stop) => Err(booted.story(&stop, &wanted)),
    }
}
