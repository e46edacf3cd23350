//! Interrupts: registered, held back, let through, refused; and those that nobody answers.

use core::sync::atomic::{AtomicU64, Ordering};

use stele_hal::{Action, Interrupt, InterruptError, Time, Timers};

use super::wait_until;
use crate::{arch, console::note, machine::Machine};

/// How often the handler below was called, and how often that was not in interrupt context. Statics
/// because a handler gets nothing but a number.
static ANSWERED: AtomicU64 = AtomicU64::new(0);
static ELSEWHERE: AtomicU64 = AtomicU64::new(0);

/// Long enough for what was raised to arrive, in nanoseconds.
const PAUSE_NS: u64 = 5_000_000;

/// No platform has an interrupt of this number.
const NONE: u32 = 0x7FFF_FFFF;

fn answer(_number: u32) {
    let inside = arch::current_core().is_some_and(|core| core.in_interrupt());
    ELSEWHERE.fetch_add(u64::from(!inside), Ordering::Relaxed);
    ANSWERED.fetch_add(1, Ordering::Relaxed);
}

fn answered() -> u64 {
    ANSWERED.load(Ordering::Relaxed)
}

pub(super) fn check(machine: &mut Machine) {
    come_if_registered(machine);
    count_as_spurious_if_nobody_answers(machine);
}

fn come_if_registered(machine: &mut Machine) {
    let number = arch::test_interrupt();
    let unregistered = Err(InterruptError::NotRegistered(number));
    assert_eq!(
        machine.register(NONE, answer),
        Err(InterruptError::NoSuchInterrupt(NONE))
    );
    assert_eq!(machine.mask(number), unregistered);
    assert_eq!(machine.unmask(number), unregistered);
    assert_eq!(machine.unregister(number), unregistered);

    assert_eq!(machine.register(number, answer), Ok(()));
    assert_eq!(
        machine.register(number, answer),
        Err(InterruptError::Taken(number))
    );
    // A controller may have kept one from before.
    pause(machine);
    let before = answered();
    arch::raise_test_interrupt();
    wait_until(machine, "an interrupt", || answered() > before);

    assert_eq!(machine.mask(number), Ok(()));
    let before = answered();
    arch::raise_test_interrupt();
    pause(machine);
    assert_eq!(answered(), before, "a masked interrupt came");
    assert_eq!(machine.unmask(number), Ok(()));
    arch::raise_test_interrupt();
    wait_until(machine, "an unmasked interrupt", || answered() > before);

    assert_eq!(machine.unregister(number), Ok(()));
    let before = answered();
    arch::raise_test_interrupt();
    pause(machine);
    assert_eq!(answered(), before, "an unregistered interrupt came");
    assert_eq!(machine.unregister(number), unregistered);

    assert_eq!(ELSEWHERE.load(Ordering::Relaxed), 0);
    assert!(!machine.in_interrupt_context());
    note(
        machine.core,
        format_args!("self-test: interrupt {number} comes if it is registered and unmasked"),
    );
}

fn count_as_spurious_if_nobody_answers(machine: &mut Machine) {
    let count = || machine.core.spurious.load(Ordering::Relaxed);
    let before = count();
    let raised = arch::raise_spurious_interrupts();
    pause(machine);
    assert_eq!(
        count() - before,
        raised,
        "interrupts that nobody answers are not counted"
    );
    // Had one of them not been ended, or something else in its place, nothing would come any more.
    static CAME: AtomicU64 = AtomicU64::new(0);
    let action = Action {
        function: |_| {
            CAME.fetch_add(1, Ordering::Relaxed);
        },
        argument: 0,
    };
    assert!(machine.start_one_shot(PAUSE_NS, action).is_ok());
    wait_until(machine, "a timer after spurious interrupts", || {
        CAME.load(Ordering::Relaxed) > 0
    });
    note(
        machine.core,
        format_args!("self-test: {raised} interrupts that nobody answers were counted"),
    );
}

/// Lets what was raised arrive.
fn pause(machine: &Machine) {
    let start = machine.now_ns();
    while machine.now_ns() - start < PAUSE_NS {}
}
