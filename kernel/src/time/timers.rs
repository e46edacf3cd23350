//! The core's tick and timers, driven by the core's one hardware timer.
//!
//! The hardware timer is set for whatever comes next, the tick or the first of the queue, and raises
//! one interrupt; what is then due is done in interrupt context, and the timer is set again. While the
//! core sleeps the tick is slow, so that a machine with nothing to do does next to nothing.

use core::sync::atomic::Ordering;

use stele_hal::{Action, Timer, TimerError};

use super::{IDLE_TICK_NS, TICK_NS};
use crate::{
    arch,
    context::{Act, assert_allowed},
    interrupts::without_interrupts,
    per_core::PerCore,
};

/// The hardware timer is never set to less than this from now: what was interrupted must get on even
/// if timers are due all the time.
const SHORTEST_WAIT_NS: u64 = 10_000;

/// Nanoseconds since entry. Any context.
pub fn now_ns(core: &PerCore) -> u64 {
    loop {
        if let Ok(now) = core.clock.read(arch::counter) {
            return now;
        }
        sample(core);
    }
}

/// Compares the clock with its reference, if it follows one. Any context.
pub fn sample(core: &PerCore) {
    if core.clock.follows() {
        without_interrupts(|| arch::sample_clock(core));
    }
}

/// Starts the tick. The handler of the hardware timer is registered, and calls [`on_interrupt`].
pub fn start_tick(core: &PerCore) {
    set_tick(core, TICK_NS);
}

/// Starts a periodic timer: see [`stele_hal::Timers::start_periodic`]. Any context.
///
/// # Errors
/// [`TimerError::PeriodTooShort`], [`TimerError::TooMany`].
pub fn start_periodic(core: &PerCore, period_ns: u64, action: Action) -> Result<Timer, TimerError> {
    without_interrupts(|| {
        let now = now_ns(core);
        let timer = core.timers.lock().start_periodic(now, period_ns, action);
        set_hardware_timer(core);
        timer
    })
}

/// Starts a one-shot timer: see [`stele_hal::Timers::start_one_shot`]. Any context.
///
/// # Errors
/// [`TimerError::TooMany`].
pub fn start_one_shot(core: &PerCore, delay_ns: u64, action: Action) -> Result<Timer, TimerError> {
    without_interrupts(|| {
        let now = now_ns(core);
        let timer = core.timers.lock().start_one_shot(now, delay_ns, action);
        set_hardware_timer(core);
        timer
    })
}

/// Stops a timer. Any context.
///
/// # Errors
/// [`TimerError::NotRunning`].
pub fn cancel(core: &PerCore, timer: Timer) -> Result<(), TimerError> {
    // The hardware timer may then come for nothing, once.
    without_interrupts(|| core.timers.lock().cancel(timer))
}

/// The hardware timer's interrupt: ticks if it is time, does what is due.
///
/// # Panics
/// If a turn has lasted so long that something has gone wrong: see [`PerCore::tick`].
pub fn on_interrupt(core: &PerCore) {
    sample(core);
    let now = now_ns(core);
    let due = core.next_tick.load(Ordering::Relaxed);
    if now >= due {
        let next = if now - due < TICK_NS { due } else { now } + TICK_NS;
        core.next_tick.store(next, Ordering::Relaxed);
        if let Err(stuck) = core.tick() {
            panic!("{stuck}");
        }
    }
    loop {
        // The lock is not held while an action runs: it may start and cancel timers.
        let action = core.timers.lock().take_due(now);
        let Some(action) = action else { break };
        (action.function)(action.argument);
    }
    set_hardware_timer(core);
}

/// Sleeps until an interrupt, if there is nothing to do.
pub fn sleep(core: &PerCore) {
    assert_allowed(Act::Sleep);
    arch::wait_for_interrupt(|| {
        let idle = !core.is_woken();
        if idle {
            set_tick(core, IDLE_TICK_NS);
        }
        idle
    });
    core.stay_awake();
    // The counter may have stood still while the core slept.
    sample(core);
    set_tick(core, TICK_NS);
}

/// Has the next tick come so long from now.
fn set_tick(core: &PerCore, wait_ns: u64) {
    without_interrupts(|| {
        let next = now_ns(core).saturating_add(wait_ns);
        core.next_tick.store(next, Ordering::Relaxed);
        set_hardware_timer(core);
    });
}

/// Sets the hardware timer for what comes next. Interrupts are off.
fn set_hardware_timer(core: &PerCore) {
    let tick = core.next_tick.load(Ordering::Relaxed);
    let timer = core.timers.lock().next_due();
    let due = timer.map_or(tick, |timer| timer.min(tick));
    let wait = due.saturating_sub(now_ns(core));
    arch::set_timer(core, wait.max(SHORTEST_WAIT_NS));
}
