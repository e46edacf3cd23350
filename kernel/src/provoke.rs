//! Faults on purpose, to see that each explains itself.

use alloc::boxed::Box;
use core::hint;

use stele_hal::Action;

use crate::{arch, command_line::Fault, console::note, per_core::PerCore, time::timers};

/// Has the fault; comes back if this architecture, or this build of the kernel, has no such fault.
pub fn provoke(core: &PerCore, fault: Fault) {
    match fault {
        Fault::Panic => panic!("provoked by the command line"),
        Fault::StackOverflow => {
            recurse(0);
        }
        Fault::PageFault | Fault::InvalidInstruction | Fault::Protection | Fault::DoubleFault => {
            arch::provoke(fault)
        }
        Fault::AllocateInInterrupt => allocate_in_interrupt(core),
        Fault::EndlessTurn => endless_turn(core),
    }
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    let frame = hint::black_box([depth; 16]);
    recurse(depth + 1) + frame[0]
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
