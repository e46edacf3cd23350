//! Faults on purpose, to see that each explains itself.

use core::hint;

use stele_hal::{Action, SHORTEST_PERIOD_NS, Timers as _};

use crate::{arch, command_line::Fault, machine::Machine};

/// Turns of a VM that were ended because their quantum was spent, before a fault in an interrupt:
/// enough for the VM to be at what it is to do for long.
const TURNS: u64 = 100;

/// Has the fault in an interrupt, as soon as one strikes while a VM has been running for a while.
pub fn in_interrupt(machine: &mut Machine, fault: Fault) {
    let argument = fault as usize;
    let action = Action {
        function: strike,
        argument,
    };
    if let Err(error) = machine.start_periodic(10 * SHORTEST_PERIOD_NS, action) {
        panic!("no fault can be provoked in an interrupt: {error}");
    }
}

fn strike(argument: usize) {
    let fault = Fault::ALL
        .into_iter()
        .find(|(_, fault)| *fault as usize == argument);
    let running = arch::current_core().is_some_and(|core| core.turns.is_long_under_way(TURNS));
    if let (Some((_, fault)), true) = (fault, running) {
        now(fault);
    }
}

/// Has the fault.
pub fn now(fault: Fault) {
    match fault {
        Fault::Panic => panic!("provoked by the command line"),
        Fault::StackOverflow => {
            recurse(0);
        }
        Fault::PageFault | Fault::InvalidInstruction | Fault::Protection | Fault::DoubleFault => {
            arch::provoke(fault)
        }
    }
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    let frame = hint::black_box([depth; 16]);
    recurse(depth + 1) + frame[0]
}
