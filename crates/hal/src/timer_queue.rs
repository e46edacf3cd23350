//! The timers that run, in the order in which they are due: what every host keeps of them.

use crate::{Action, MAX_TIMERS, SHORTEST_PERIOD_NS, Timer, TimerError};

/// Timers that run. Time is what the caller says it is, and must not go back.
///
/// An array sorted by due time, the next one last: starting and cancelling move at most
/// [`MAX_TIMERS`] entries, taking the next one moves none.
#[derive(Debug)]
pub struct TimerQueue {
    /// The first `length` are there; due times descend, and among equals the names do.
    timers: [Option<Running>; MAX_TIMERS],
    length: usize,
    /// Names given so far.
    named: u64,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    due: u64,
    name: Timer,
    /// Of a periodic timer.
    period: Option<u64>,
    action: Action,
}

impl TimerQueue {
    /// No timers.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timers: [None; MAX_TIMERS],
            length: 0,
            named: 0,
        }
    }

    /// Starts a timer that is due every `period_ns` nanoseconds, first one period after `now`.
    ///
    /// # Errors
    /// [`TimerError::PeriodTooShort`], [`TimerError::TooMany`].
    pub fn start_periodic(
        &mut self,
        now: u64,
        period_ns: u64,
        action: Action,
    ) -> Result<Timer, TimerError> {
        if period_ns < SHORTEST_PERIOD_NS {
            return Err(TimerError::PeriodTooShort(period_ns));
        }
        self.start(now.saturating_add(period_ns), Some(period_ns), action)
    }

    /// Starts a timer that is due once, `delay_ns` nanoseconds after `now`.
    ///
    /// # Errors
    /// [`TimerError::TooMany`].
    pub fn start_one_shot(
        &mut self,
        now: u64,
        delay_ns: u64,
        action: Action,
    ) -> Result<Timer, TimerError> {
        self.start(now.saturating_add(delay_ns), None, action)
    }

    /// Stops a timer.
    ///
    /// # Errors
    /// [`TimerError::NotRunning`].
    pub fn cancel(&mut self, timer: Timer) -> Result<(), TimerError> {
        let running = self.timers.iter().take(self.length);
        let at = running
            .flatten()
            .position(|running| running.name == timer)
            .ok_or(TimerError::NotRunning(timer))?;
        self.timers[at..self.length].rotate_left(1);
        self.length -= 1;
        self.timers[self.length] = None;
        Ok(())
    }

    /// When the next timer is due; nothing if none runs.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.next().map(|running| running.due)
    }

    /// What the next timer does, if it is due at `now`. Of timers due at the same time, the one
    /// started first comes first. A periodic timer is then due again at the first of its times after
    /// `now`; those in between are missed.
    pub fn take_due(&mut self, now: u64) -> Option<Action> {
        let next = self.next().filter(|running| running.due <= now)?;
        self.length -= 1;
        self.timers[self.length] = None;
        if let Some(period) = next.period {
            let periods = (now - next.due) / period + 1;
            let due = next.due.saturating_add(periods.saturating_mul(period));
            // At the end of time there is no next period.
            if due > now {
                self.insert(Running { due, ..next });
            }
        }
        Some(next.action)
    }

    fn next(&self) -> Option<Running> {
        self.timers.get(self.length.checked_sub(1)?).copied()?
    }

    fn start(
        &mut self,
        due: u64,
        period: Option<u64>,
        action: Action,
    ) -> Result<Timer, TimerError> {
        if self.length == MAX_TIMERS {
            return Err(TimerError::TooMany);
        }
        let name = Timer(self.named);
        self.named += 1;
        self.insert(Running {
            due,
            name,
            period,
            action,
        });
        Ok(name)
    }

    /// There is room.
    fn insert(&mut self, new: Running) {
        let running = self.timers.iter().take(self.length).flatten();
        let key = |running: &Running| (running.due, running.name.0);
        let at = running.take_while(|other| key(other) > key(&new)).count();
        self.timers[self.length] = Some(new);
        self.length += 1;
        self.timers[at..self.length].rotate_right(1);
    }
}

impl Default for TimerQueue {
    fn default() -> Self {
        Self::new()
    }
}
