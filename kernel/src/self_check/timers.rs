//! The timers: that they come when they are due and no more once cancelled, their limits, and how
//! late they are.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use stele_hal::{
    Action, Interrupt, MAX_TIMERS, SHORTEST_PERIOD_NS, Time, Timer, TimerError, Timers,
};

use super::wait_until;
use crate::time::timers::now_ns;
use crate::{arch, console::note, interrupts::without_interrupts, machine::Machine};

const MILLISECOND: u64 = 1_000_000;

/// Longer than any of these checks takes.
const HOUR: u64 = 3_600_000 * MILLISECOND;

/// How often [`COUNT`] has been done. A static because an action gets nothing but a number.
static COUNTED: AtomicU64 = AtomicU64::new(0);

const COUNT: Action = Action {
    function: |step| {
        COUNTED.fetch_add(step as u64, Ordering::Relaxed);
    },
    argument: 1,
};

pub(super) fn check(machine: &mut Machine) {
    fire_once(machine);
    wait_while_interrupts_are_off(machine);
    stay_away_once_cancelled(machine);
    have_limits(machine);
    measure_lateness(machine);
}

fn counted() -> u64 {
    COUNTED.load(Ordering::Relaxed)
}

fn running(timer: Result<Timer, TimerError>) -> Timer {
    match timer {
        Ok(timer) => timer,
        Err(error) => panic!("a timer was refused: {error}"),
    }
}

fn fire_once(machine: &mut Machine) {
    for delay in [0, 1, MILLISECOND] {
        let before = counted();
        let start = machine.now_ns();
        let timer = running(machine.start_one_shot(delay, COUNT));
        wait_until(machine, "a one-shot timer", || counted() > before);
        assert!(machine.now_ns() - start >= delay, "a timer came early");
        assert_eq!(machine.cancel(timer), Err(TimerError::NotRunning(timer)));
        assert_eq!(counted(), before + 1, "a one-shot timer came twice");
    }
}

fn wait_while_interrupts_are_off(machine: &mut Machine) {
    let before = counted();
    let saved = machine.disable();
    assert!(saved.enabled, "interrupts were off");
    assert!(!machine.disable().enabled, "interrupts are still on");
    running(machine.start_one_shot(0, COUNT));
    let start = machine.now_ns();
    while machine.now_ns() - start < MILLISECOND {}
    assert_eq!(counted(), before, "a timer came while interrupts were off");
    machine.restore(saved);
    wait_until(machine, "a timer that was held off", || counted() > before);
}

fn stay_away_once_cancelled(machine: &mut Machine) {
    let before = counted();
    // With interrupts off, so that it cannot come before it is cancelled, however slow the machine is.
    let saved = machine.disable();
    let cancelled = running(machine.start_one_shot(0, COUNT));
    assert_eq!(machine.cancel(cancelled), Ok(()));
    machine.restore(saved);
    assert_eq!(
        machine.cancel(cancelled),
        Err(TimerError::NotRunning(cancelled))
    );
    let other = running(machine.start_periodic(
        5 * MILLISECOND,
        Action {
            argument: 1000,
            ..COUNT
        },
    ));
    wait_until(machine, "a periodic timer", || counted() >= before + 2000);
    assert_eq!(machine.cancel(other), Ok(()));
    assert_eq!((counted() - before) % 1000, 0, "a cancelled timer came");
}

fn have_limits(machine: &mut Machine) {
    let short = SHORTEST_PERIOD_NS - 1;
    assert_eq!(
        machine.start_periodic(short, COUNT),
        Err(TimerError::PeriodTooShort(short))
    );
    let before = counted();
    let shortest = running(machine.start_periodic(SHORTEST_PERIOD_NS, COUNT));
    wait_until(machine, "the shortest period", || counted() > before + 20);
    assert_eq!(machine.cancel(shortest), Ok(()));

    let mut timers = [None; MAX_TIMERS];
    let mut started = 0;
    let refused = loop {
        match machine.start_one_shot(HOUR, COUNT) {
            Ok(timer) if started < MAX_TIMERS => timers[started] = Some(timer),
            other => break other,
        }
        started += 1;
    };
    assert_eq!(refused, Err(TimerError::TooMany), "after {started} timers");
    for timer in timers.into_iter().flatten() {
        assert_eq!(machine.cancel(timer), Ok(()));
    }
    note(
        machine.core,
        format_args!("self-test: {started} timers at a time, and not one more"),
    );
}

fn measure_lateness(machine: &mut Machine) {
    const PERIODS: usize = 100;
    const PERIOD_NS: u64 = 2 * MILLISECOND;
    static TIMES: [AtomicU64; PERIODS] = [const { AtomicU64::new(0) }; PERIODS];
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let action = Action {
        function: |_| {
            let next = TAKEN.fetch_add(1, Ordering::Relaxed);
            if let (Some(time), Some(core)) = (TIMES.get(next), arch::current_core()) {
                time.store(now_ns(core), Ordering::Relaxed);
            }
        },
        argument: 0,
    };
    let core = machine.core;
    let (timer, first) = without_interrupts(|| {
        let timer = running(machine.start_periodic(PERIOD_NS, action));
        (timer, core.timers.lock().next_due())
    });
    wait_until(machine, "a periodic timer", || {
        TAKEN.load(Ordering::Relaxed) >= PERIODS
    });
    assert_eq!(machine.cancel(timer), Ok(()));

    let first = first.unwrap_or_default();
    let since_first = |time: &AtomicU64| time.load(Ordering::Relaxed).checked_sub(first);
    let mut late = [0; PERIODS];
    for (late, time) in late.iter_mut().zip(&TIMES) {
        match since_first(time) {
            Some(since) => *late = since % PERIOD_NS / 1000,
            None => panic!("a periodic timer came early"),
        }
    }
    late.sort_unstable();
    let last = since_first(&TIMES[PERIODS - 1]).unwrap_or_default();
    note(
        core,
        format_args!(
            "self-test: {PERIODS} periods of {} us: late by {} us at least, {} in the middle, {} at most; \
             {} periods missed",
            PERIOD_NS / 1000,
            late[0],
            late[PERIODS / 2],
            late[PERIODS - 1],
            last / PERIOD_NS + 1 - PERIODS as u64
        ),
    );
}
