//! Faults on purpose, to see that each explains itself.

use alloc::boxed::Box;
use core::{hint, sync::atomic::Ordering};

use stele_hal::{Action, SHORTEST_PERIOD_NS};

use crate::{arch, command_line::Fault, console::note, per_core::PerCore, screen, time::timers};

/// Turns of a VM that were ended because their quantum was spent, before a fault in an interrupt:
/// enough for the VM to be at what it is to do for long.
const TURNS: u64 = 100;

/// Has the fault in an interrupt, as soon as one strikes while a VM has been running for a while.
pub fn in_interrupt(core: &PerCore, fault: Fault) {
    let action = Action {
        function: strike,
        argument: fault as usize,
    };
    if let Err(error) = timers::start_periodic(core, 10 * SHORTEST_PERIOD_NS, action) {
        panic!("no fault can be provoked in an interrupt: {error}");
    }
}

fn strike(argument: usize) {
    let mut faults = Fault::ALL.into_iter();
    let fault = faults.find(|(_, fault)| *fault as usize == argument);
    if let (Some((_, fault)), Some(core)) = (fault, arch::current_core())
        && core.turns.is_long_under_way(TURNS)
    {
        now(core, fault);
    }
}

/// Has the fault; comes back if this architecture, or this build of the kernel, has no such fault.
pub fn now(core: &PerCore, fault: Fault) {
    match fault {
        Fault::Panic => panic!("provoked by the command line"),
        Fault::StackOverflow => {
            recurse(0);
        }
        Fault::PageFault | Fault::InvalidInstruction | Fault::Protection | Fault::DoubleFault => {
            arch::provoke(fault)
        }
        Fault::PanicTwice => panic_twice(core),
        Fault::AllocateInInterrupt => allocate_in_interrupt(core),
        Fault::EndlessTurn => endless_turn(core),
        Fault::PanicInScreen => screen::panic_inside(),
    }
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    let frame = hint::black_box([depth; 16]);
    recurse(depth + 1) + frame[0]
}

/// Panics with an arbiter where none is, which the report will look for.
fn panic_twice(core: &PerCore) -> ! {
    /// An address where nothing is mapped.
    const NOWHERE: usize = 0xFFFF_F123_4567_8000;
    let arbiter = core::ptr::without_provenance_mut(NOWHERE);
    core.arbiter.store(arbiter, Ordering::Release);
    panic!("provoked by the command line");
}

/// Has a timer's action allocate.
fn allocate_in_interrupt(core: &PerCore) {
    let action = Action {
        function: |number| drop(hint::black_box(Box::new(number))),
        argument: 0,
    };
    if timers::start_one_shot(core, 0, action).is_ok() {
        timers::sleep(core);
        timers::sleep(core);
    }
    if !cfg!(debug_assertions) {
        note(
            core,
            format_args!("nothing noticed: the kernel is built without debug assertions"),
        );
    }
}

/// Has a turn that never comes to its end. Patience is short, so that nobody has to wait.
fn endless_turn(core: &PerCore) {
    const PATIENCE: u64 = 20;
    core.turns.set_patience(PATIENCE);
    core.turns.note(
        || {
            loop {
                hint::spin_loop();
            }
        },
        |()| false,
    );
}
