//! The clock: what a reading costs, and that it never goes back, not even as an interrupt sees it.

use core::{
    fmt, hint,
    sync::atomic::{AtomicU64, Ordering},
};

use stele_hal::{Action, Time, Timers};

use super::wait_until;
use crate::{arch, console::note, machine::Machine, time::timers::now_ns};

/// The latest times that the program and the interrupt have read. Statics because a timer's action
/// gets nothing but a number.
static BY_PROGRAM: AtomicU64 = AtomicU64::new(0);
static BY_INTERRUPT: AtomicU64 = AtomicU64::new(0);
/// How often the interrupt has read.
static READINGS: AtomicU64 = AtomicU64::new(0);
/// How often somebody saw an earlier time than the other had seen before.
static BACKWARDS: AtomicU64 = AtomicU64::new(0);

pub(super) fn check(machine: &mut Machine) {
    measure_a_reading(machine);
    never_goes_back(machine);
}

fn measure_a_reading(machine: &Machine) {
    let clock = cost(machine, || machine.now_ns());
    let counter = cost(machine, arch::counter);
    note(
        machine.core,
        format_args!(
            "self-test: a reading of the clock takes {clock}; of its counter alone, {counter}"
        ),
    );
}

/// What one reading takes: in nanoseconds, and in counts of the counter.
struct Cost {
    least: (u64, u64),
    median: (u64, u64),
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, median } = self;
        write!(
            f,
            "{} ns ({} counts) at best, {} ns ({}) in the middle",
            least.0, least.1, median.0, median.1
        )
    }
}

/// Measures several times, because others use the processor too where it is emulated.
fn cost(machine: &Machine, read: impl Fn() -> u64) -> Cost {
    const READINGS: u64 = 10_000;
    let mut costs = [(0, 0); 9];
    for cost in &mut costs {
        let (start, first) = (machine.now_ns(), arch::counter());
        for _ in 0..READINGS {
            hint::black_box(read());
        }
        let counts = arch::counter() - first;
        *cost = ((machine.now_ns() - start) / READINGS, counts / READINGS);
    }
    costs.sort_unstable();
    Cost {
        least: costs[0],
        median: costs[costs.len() / 2],
    }
}

fn never_goes_back(machine: &mut Machine) {
    const PERIOD_NS: u64 = 1_000_000;
    const INTERRUPTS: u64 = 100;
    let action = Action {
        function: |_| {
            if let Some(core) = arch::current_core() {
                compare(&BY_PROGRAM, &BY_INTERRUPT, || now_ns(core));
                READINGS.fetch_add(1, Ordering::Relaxed);
            }
        },
        argument: 0,
    };
    let timer = machine.start_periodic(PERIOD_NS, action);
    let Ok(timer) = timer else {
        panic!("no timer can be had: {timer:?}")
    };
    let mut by_program = 0_u64;
    // Reads without a pause, so that interrupts come at every place in a reading.
    while READINGS.load(Ordering::Relaxed) < INTERRUPTS {
        compare(&BY_INTERRUPT, &BY_PROGRAM, || machine.now_ns());
        by_program += 1;
        assert!(by_program < 1_000_000_000, "no timer interrupts");
    }
    // And with pauses, after which the clock has not been looked at for a while.
    let readings = READINGS.load(Ordering::Relaxed);
    wait_until(machine, "a timer's interrupt", || {
        READINGS.load(Ordering::Relaxed) > readings + 10
    });
    compare(&BY_INTERRUPT, &BY_PROGRAM, || machine.now_ns());
    assert_eq!(machine.cancel(timer), Ok(()));
    assert_eq!(
        BACKWARDS.load(Ordering::Relaxed),
        0,
        "the clock goes back: {by_program} readings, {INTERRUPTS} interrupts"
    );
    note(
        machine.core,
        format_args!(
            "self-test: the clock went back in none of {by_program} readings and {} interrupts",
            READINGS.load(Ordering::Relaxed)
        ),
    );
}

/// Reads the time: it must not be before what `other` has seen already, nor before what the reader
/// itself, `own`, saw last.
fn compare(other: &AtomicU64, own: &AtomicU64, read: impl FnOnce() -> u64) {
    let seen = other.load(Ordering::Relaxed);
    let now = read();
    if now < seen || now < own.swap(now, Ordering::Relaxed) {
        BACKWARDS.fetch_add(1, Ordering::Relaxed);
    }
}
