//! The system on the machine: the arbiter's memory, VM\[0\], and how it all ends.

use alloc::boxed::Box;
use core::{fmt, slice, sync::atomic::Ordering};

use stele_arbiter::{Arbiter, Awaited, Exit, Mode, QUANTUM, Source, Trap, Turn};
use stele_bootinfo::BootInfo;

use crate::{
    arch,
    console::{Console, mark, note},
    exit,
    machine::Machine,
    mm::{
        address_space::{Memory, direct, physical_bytes},
        frames::{FRAME_SIZE, FrameStatistics},
    },
    panic,
    per_core::PerCore,
    power::Power,
    stage::Stage,
};

/// Largest arena, in bytes; what is left stays with the kernel.
const LARGEST_ARENA: u64 = 1 << 30;

/// What errors in the boot source call it: its path on the volume.
const BOOT_SOURCE: &[u8] = b"stele/boot.4th";

/// Runs the system until it ends, then switches the machine off or restarts it.
pub fn run(info: &BootInfo, mut machine: Machine, power: &Power) -> ! {
    let core = machine.core;
    // SAFETY: the loader made this copy of the source for us, and nobody writes to it.
    let source = unsafe { physical_bytes(info.boot_source.address, info.boot_source.length) };
    let source = source.unwrap_or_default();
    let region = arena(&mut machine.memory);
    let arbiter = Box::leak(Box::new(make(core, region, source)));
    let arbiter = panic::watch(core, arbiter);
    match run_turns(core, arbiter, &mut machine) {
        Exit::Cold => restart(power),
        Exit::Bye(status) => end(core, power, status),
        Exit::RootEnded(trap) => panic!("VM[0] has ended: {}", Reason(trap)),
    }
}

/// Why VM\[0\] has ended.
struct Reason(Option<Trap>);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(trap) = self.0 else {
            return f.write_str("its first word has returned");
        };
        let meaning = trap.meaning().unwrap_or("an exception");
        write!(f, "{meaning} ({}), and nothing in it handles that", trap.0)
    }
}

/// Makes the system in `region`.
fn make(core: &PerCore, region: &'static mut [u64], source: &[u8]) -> Arbiter<'static> {
    let mut arbiter = match Arbiter::new(region) {
        Ok(arbiter) => arbiter,
        Err(error) => panic!("the arbiter has no memory: {error}"),
    };
    mark(core, Stage::Arbiter);
    let boot = Source {
        name: BOOT_SOURCE,
        contents: source,
    };
    let sources = if source.is_empty() {
        &[][..]
    } else {
        slice::from_ref(&boot)
    };
    // Whoever looks on, at the serial port or the screen, looks at a terminal.
    let mode = Mode {
        colour: true,
        ..Mode::default()
    };
    if let Err(error) = arbiter.create_root(sources, mode) {
        panic!("VM[0] cannot be made: {error}");
    }
    mark(core, Stage::RootVm);
    mark(core, Stage::Running);
    arbiter
}

/// Runs the arbiter, and notes when VM\[0\] first waits for input: how long it took to get to the
/// prompt. The time goes to the console alone; no program can see it.
fn run_turns(core: &'static PerCore, arbiter: &mut Arbiter<'_>, machine: &mut Machine) -> Exit {
    let mut at_the_prompt = false;
    loop {
        let turn = core
            .turns
            .note(|| arbiter.turn(machine, QUANTUM), |turn| *turn == Turn::Ran);
        match turn {
            Turn::Ran => {}
            Turn::Over(exit) => {
                if core.self_test.load(Ordering::Relaxed) {
                    Console.line(format_args!(""));
                    note(core, format_args!("self-test: {}", core.turns));
                }
                return exit;
            }
            Turn::Waits(awaited) => {
                if awaited == Awaited::Input && !at_the_prompt {
                    note(core, format_args!("VM[0] waits for input"));
                    at_the_prompt = true;
                }
                stele_arbiter::wait(machine, awaited);
            }
        }
    }
}

/// Half of the free memory, or the longest run where that is shorter: as the direct map has it.
fn arena(memory: &mut Memory) -> &'static mut [u64] {
    let FrameStatistics { free, longest, .. } = memory.frames.statistics();
    let frames = (free / 2).min(longest).min(LARGEST_ARENA / FRAME_SIZE);
    let address = match memory.frames.allocate(frames, FRAME_SIZE) {
        Ok(address) => address,
        Err(error) => panic!("there is no memory for the arena: {error}"),
    };
    let words = (frames * FRAME_SIZE / 8) as usize;
    // SAFETY: the frames are ours from now on, and the direct map has all of them; any bytes are
    // words.
    unsafe { slice::from_raw_parts_mut(direct(address), words) }
}

/// Switches the machine off, or ends the emulator where that is wished.
fn end(core: &PerCore, power: &Power, status: u8) -> ! {
    match status {
        0 => Console.line(format_args!("Powering off.")),
        status => Console.line(format_args!("Powering off; the exit status is {status}.")),
    }
    arch::drain_serial();
    if core.qemu_exit.load(Ordering::Relaxed) {
        arch::exit_emulator(if status == 0 {
            exit::SUCCESS
        } else {
            exit::FAILURE
        });
    }
    arch::power_off(power);
    match power.obstacle() {
        Some(error) => Console.line(format_args!(
            "This machine cannot switch itself off: {error}."
        )),
        None => Console.line(format_args!(
            "This machine does not switch itself off when told to."
        )),
    }
    halt()
}

/// Restarts the machine.
fn restart(power: &Power) -> ! {
    Console.line(format_args!("Restarting."));
    arch::drain_serial();
    arch::restart(power);
    Console.line(format_args!("This machine has no way to restart itself."));
    halt()
}

fn halt() -> ! {
    Console.line(format_args!("System halted."));
    arch::halt()
}
