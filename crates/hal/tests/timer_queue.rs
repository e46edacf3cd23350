//! The timer queue against a model that is a plain list.

use proptest::collection::vec;
use proptest::prelude::*;
use stele_hal::{Action, MAX_TIMERS, SHORTEST_PERIOD_NS, Timer, TimerError, TimerQueue};

fn nothing(_: usize) {}

fn action(argument: usize) -> Action {
    Action {
        function: nothing,
        argument,
    }
}

#[test]
fn timers_come_when_they_are_due_in_the_order_of_their_times() {
    let mut queue = TimerQueue::new();
    for (argument, delay) in [(1, 300), (2, 100), (3, 200), (4, 100)] {
        queue.start_one_shot(0, delay, action(argument)).unwrap();
    }
    let mut take = |now| queue.take_due(now).map(|action| action.argument);
    assert_eq!(take(99), None);
    assert_eq!(take(250), Some(2));
    assert_eq!(take(250), Some(4));
    assert_eq!(take(250), Some(3));
    assert_eq!(take(250), None);
    assert_eq!(take(300), Some(1));
    assert_eq!(queue.next_due(), None);
}

#[test]
fn a_periodic_timer_keeps_its_grid_and_does_not_make_up_for_what_was_missed() {
    let mut queue = TimerQueue::new();
    let period = SHORTEST_PERIOD_NS;
    queue.start_periodic(50, period, action(7)).unwrap();
    assert_eq!(queue.next_due(), Some(50 + period));
    assert!(queue.take_due(50 + 4 * period + 3).is_some());
    assert!(queue.take_due(50 + 4 * period + 3).is_none());
    assert_eq!(queue.next_due(), Some(50 + 5 * period));
}

#[test]
fn the_limits_hold_and_one_past_them_is_refused() {
    let mut queue = TimerQueue::new();
    let short = SHORTEST_PERIOD_NS - 1;
    assert_eq!(
        queue.start_periodic(0, short, action(0)),
        Err(TimerError::PeriodTooShort(short))
    );
    let timers: Vec<Timer> = (0..MAX_TIMERS)
        .map(|number| queue.start_one_shot(0, 5, action(number)).unwrap())
        .collect();
    assert_eq!(
        queue.start_one_shot(0, 5, action(0)),
        Err(TimerError::TooMany)
    );
    assert_eq!(
        queue.start_periodic(0, SHORTEST_PERIOD_NS, action(0)),
        Err(TimerError::TooMany)
    );
    queue.cancel(timers[3]).unwrap();
    assert_eq!(
        queue.cancel(timers[3]),
        Err(TimerError::NotRunning(timers[3]))
    );
    let again = queue.start_one_shot(0, 5, action(0)).unwrap();
    assert!(!timers.contains(&again), "a name was used twice");
}

#[test]
fn a_timer_past_the_end_of_time_never_comes_and_breaks_nothing() {
    let mut queue = TimerQueue::new();
    queue.start_one_shot(10, u64::MAX, action(1)).unwrap();
    queue.start_periodic(10, u64::MAX, action(2)).unwrap();
    assert!(queue.take_due(u64::MAX - 1).is_none());
    assert!(queue.take_due(u64::MAX).is_some());
    assert!(queue.take_due(u64::MAX).is_some());
    assert!(queue.take_due(u64::MAX).is_none());
}

/// One thing that is done to queue and model.
#[derive(Clone, Debug)]
enum Step {
    Periodic(u64),
    OneShot(u64),
    /// Cancels the timer that was named this many names ago.
    Cancel(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4 * SHORTEST_PERIOD_NS).prop_map(Step::Periodic),
        (0..4 * SHORTEST_PERIOD_NS).prop_map(Step::OneShot),
        (0..40_usize).prop_map(Step::Cancel),
        (0..3 * SHORTEST_PERIOD_NS).prop_map(Step::Pass),
    ]
}

/// A timer of the model: due, order of starting, period.
type Model = Vec<(u64, usize, Option<u64>)>;

proptest! {
    #[test]
    fn the_queue_does_what_a_plain_list_does(steps in vec(step(), 0..200)) {
        let mut queue = TimerQueue::new();
        let mut model = Model::new();
        let mut names = Vec::new();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Periodic(period) => {
                    let wanted = if period < SHORTEST_PERIOD_NS {
                        Err(TimerError::PeriodTooShort(period))
                    } else if model.len() == MAX_TIMERS {
                        Err(TimerError::TooMany)
                    } else {
                        model.push((now + period, names.len(), Some(period)));
                        Ok(())
                    };
                    let got = queue.start_periodic(now, period, action(names.len()));
                    prop_assert_eq!(got.map(|name| names.push(name)), wanted);
                }
                Step::OneShot(delay) => {
                    let room = model.len() < MAX_TIMERS;
                    if room {
                        model.push((now + delay, names.len(), None));
                    }
                    let got = queue.start_one_shot(now, delay, action(names.len()));
                    let wanted = if room { Ok(()) } else { Err(TimerError::TooMany) };
                    prop_assert_eq!(got.map(|name| names.push(name)), wanted);
                }
                Step::Cancel(back) => {
                    let Some(at) = names.len().checked_sub(back + 1) else { continue };
                    let before = model.len();
                    model.retain(|(_, order, _)| *order != at);
                    prop_assert_eq!(queue.cancel(names[at]).is_ok(), model.len() < before);
                }
                Step::Pass(time) => now += time,
            }
            loop {
                let next = (0..model.len()).min_by_key(|at| (model[*at].0, model[*at].1));
                let due = next.filter(|at| model[*at].0 <= now);
                let got = queue.take_due(now).map(|action| action.argument);
                prop_assert_eq!(got, due.map(|at| model[at].1));
                let Some(at) = due else { break };
                let (due, order, period) = model.remove(at);
                if let Some(period) = period {
                    let later = (1..).map(|n| due + n * period).find(|due| *due > now);
                    model.push((later.unwrap(), order, Some(period)));
                }
            }
            prop_assert_eq!(queue.next_due(), model.iter().map(|(due, ..)| *due).min());
        }
    }
}
