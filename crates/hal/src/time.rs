//! Clocks and timers.

use core::fmt;

/// The machine's clock.
pub trait Time {
    /// Nanoseconds since the system was entered; never decreases, in whatever context it is read, and
    /// does not overflow for 580 years.
    fn now_ns(&self) -> u64;
}

/// The machine's timers.
pub trait Timers {
    /// Calls `action` every `period_ns` nanoseconds from now on, in interrupt context, until it is
    /// [cancelled](Self::cancel). A period that the machine could not keep is not made up for: calls
    /// that were missed are not repeated.
    ///
    /// # Errors
    /// [`TimerError::PeriodTooShort`], [`TimerError::TooMany`].
    fn start_periodic(&mut self, period_ns: u64, action: Action) -> Result<Timer, TimerError>;

    /// Calls `action` once, not before `delay_ns` nanoseconds have passed, in interrupt context. A
    /// delay of 0 means as soon as interrupts are taken.
    ///
    /// # Errors
    /// [`TimerError::TooMany`].
    fn start_one_shot(&mut self, delay_ns: u64, action: Action) -> Result<Timer, TimerError>;

    /// Stops a timer: its action is not called any more once this has returned.
    ///
    /// # Errors
    /// [`TimerError::NotRunning`] if it was cancelled before, or was a one-shot timer and has fired.
    fn cancel(&mut self, timer: Timer) -> Result<(), TimerError>;
}

/// Shortest period of a periodic timer, in nanoseconds: what a slow emulated machine can keep.
pub const SHORTEST_PERIOD_NS: u64 = 100_000;

/// Timers that can run at a time.
pub const MAX_TIMERS: usize = 32;

/// What a timer does: a function and a number that is handed to it. It is called in interrupt
/// context, with all that this forbids (docs/HAL.md).
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Called with `argument`.
    pub function: fn(usize),
    /// What the function gets; its meaning is the function's.
    pub argument: usize,
}

/// A timer that was started. The name is never used again for another timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer(pub u64);

/// Why a timer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerError {
    /// A period below [`SHORTEST_PERIOD_NS`]; carries what was asked for.
    PeriodTooShort(u64),
    /// [`MAX_TIMERS`] timers run already.
    TooMany,
    /// No timer of this name runs.
    NotRunning(Timer),
}

impl fmt::Display for TimerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeriodTooShort(period) => write!(
                f,
                "a period of {period} ns is too short: at least {SHORTEST_PERIOD_NS} ns"
            ),
            Self::TooMany => write!(
                f,
                "{MAX_TIMERS} timers run already: cancel one before starting another"
            ),
            Self::NotRunning(Timer(name)) => {
                write!(
                    f,
                    "timer {name} does not run: it has fired or was cancelled"
                )
            }
        }
    }
}

impl core::error::Error for TimerError {}
