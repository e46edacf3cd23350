//! Optimised, every handler ends in a jump to the next: a run of many millions of instructions fits
//! on a machine stack of 64 KiB.
//!
//! The program goes over every instruction that stays in the dispatch, on all its ways, so often
//! that one handler ending in a call would need megabytes. (A build without optimised dispatch passes
//! too: its handlers return.)

mod support;

use support::host::{End, Limits, run};
use support::{Host, every};

/// Turns of the loop: each handler ends so often, at 16 bytes of machine stack at least if it called.
const TURNS: usize = 40_000;

/// Bytes of machine stack.
const STACK: usize = 64 << 10;

#[test]
fn millions_of_instructions_run_on_a_small_machine_stack() {
    let program = every::program(TURNS);
    let limits = Limits {
        allowance: None,
        cut: u64::MAX,
    };
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            let mut host = Host::new(4 << 20);
            host.with(&program, |machine| {
                let found = run(machine, limits, || u32::MAX);
                (found.end, found.stack, found.cost)
            })
        });
    let (end, stack, cost) = thread
        .expect("a thread can be started")
        .join()
        .expect("it does not fail");
    assert_eq!(end, End::Ended(None));
    assert!(stack.is_empty(), "{stack:?}");
    assert!(cost > 10_000_000, "{cost} units are too few to tell");
}
