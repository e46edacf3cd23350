//! The clock, and timers without an interrupt.
//!
//! Nothing interrupts the system here, so timers are looked at where the system could be interrupted
//! as well: between turns, in sleep, and when interrupts are let through again. While their actions
//! run, it is interrupt context.

use std::time::Duration;

use stele_hal::{Action, Time, Timer, TimerError, Timers};

use super::LinuxMachine;

impl Time for LinuxMachine {
    fn now_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Timers for LinuxMachine {
    fn start_periodic(&mut self, period_ns: u64, action: Action) -> Result<Timer, TimerError> {
        let now = self.now_ns();
        self.timers.start_periodic(now, period_ns, action)
    }

    fn start_one_shot(&mut self, delay_ns: u64, action: Action) -> Result<Timer, TimerError> {
        let now = self.now_ns();
        self.timers.start_one_shot(now, delay_ns, action)
    }

    fn cancel(&mut self, timer: Timer) -> Result<(), TimerError> {
        self.timers.cancel(timer)
    }
}

impl LinuxMachine {
    /// Does what timers are due for, unless interrupts are held off.
    pub(super) fn run_timers(&mut self) {
        // Most systems have no timer most of the time, and reading the clock is not for nothing.
        if !self.interrupts_enabled || self.timers.next_due().is_none() {
            return;
        }
        let now = self.now_ns();
        self.in_interrupt = true;
        while let Some(action) = self.timers.take_due(now) {
            (action.function)(action.argument);
        }
        self.in_interrupt = false;
    }

    /// How long there is nothing to do for timers; nothing if there are none, or none may come.
    pub(super) fn until_next_timer(&self) -> Option<Duration> {
        let due = self.timers.next_due().filter(|_| self.interrupts_enabled)?;
        Some(Duration::from_nanos(due.saturating_sub(self.now_ns())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use stele_hal::{
        Action, Cpu, Interrupt, MAX_TIMERS, SHORTEST_PERIOD_NS, Time, TimerError, Timers,
    };

    use super::super::tests::machine;

    const HOUR: u64 = 3_600_000_000_000;

    fn counting(counter: &'static AtomicU64) -> Action {
        Action {
            function: |address| {
                // The counters of these tests, by number: an action gets nothing else.
                COUNTERS[address].fetch_add(1, Ordering::Relaxed);
            },
            argument: COUNTERS
                .iter()
                .position(|known| std::ptr::eq(known, counter))
                .expect("it is one of them"),
        }
    }

    static COUNTERS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

    fn count(of: usize) -> u64 {
        COUNTERS[of].load(Ordering::Relaxed)
    }

    #[test]
    fn the_clock_goes_on_and_never_back() {
        let machine = machine();
        let mut last = machine.now_ns();
        for _ in 0..100_000 {
            let now = machine.now_ns();
            assert!(now >= last);
            last = now;
        }
        assert!(last > 0);
    }

    #[test]
    fn timers_come_in_sleep_until_they_are_cancelled() {
        let mut machine = machine();
        let once = machine.start_one_shot(1_000_000, counting(&COUNTERS[0]));
        let once = once.expect("there is room");
        while count(0) == 0 {
            machine.wait_for_interrupt();
        }
        assert!(machine.now_ns() >= 1_000_000);
        assert_eq!(machine.cancel(once), Err(TimerError::NotRunning(once)));

        let periodic = machine.start_periodic(SHORTEST_PERIOD_NS, counting(&COUNTERS[0]));
        while count(0) < 20 {
            machine.wait_for_interrupt();
        }
        let periodic = periodic.expect("there is room");
        assert_eq!(machine.cancel(periodic), Ok(()));
        assert_eq!(machine.until_next_timer(), None);
    }

    #[test]
    fn interrupts_that_are_off_hold_timers_off() {
        let mut machine = machine();
        let saved = machine.disable();
        assert!(saved.enabled);
        assert!(!machine.disable().enabled);
        let timer = machine.start_one_shot(0, counting(&COUNTERS[1]));
        assert!(timer.is_ok());
        machine.run_timers();
        assert_eq!(count(1), 0);
        machine.restore(saved);
        assert_eq!(count(1), 1);
        assert!(!machine.in_interrupt_context());
    }

    #[test]
    fn limits_hold_and_one_past_them_is_refused() {
        let mut machine = machine();
        let action = counting(&COUNTERS[2]);
        let short = SHORTEST_PERIOD_NS - 1;
        assert_eq!(
            machine.start_periodic(short, action),
            Err(TimerError::PeriodTooShort(short))
        );
        for _ in 0..MAX_TIMERS {
            assert!(machine.start_one_shot(HOUR, action).is_ok());
        }
        assert_eq!(
            machine.start_one_shot(HOUR, action),
            Err(TimerError::TooMany)
        );
    }

    /// `cargo xtask bench clock` reads the line.
    #[test]
    fn readings_never_go_back_and_their_cost_is_told() {
        const READINGS: u64 = 100_000;
        let machine = machine();
        let mut last = 0;
        let mut costs: Vec<u64> = (0..9)
            .map(|_| {
                let start = machine.now_ns();
                for _ in 0..READINGS {
                    let now = machine.now_ns();
                    assert!(now >= last);
                    last = now;
                }
                (last - start) / READINGS
            })
            .collect();
        costs.sort_unstable();
        println!(
            "a reading of the clock takes {} ns at best, {} ns in the middle",
            costs[0], costs[4]
        );
    }
}
