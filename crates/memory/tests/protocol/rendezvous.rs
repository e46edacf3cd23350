//! Stopping all other threads, and the lock.

use loom::cell::UnsafeCell;
use loom::model;
use loom::sync::Arc;
use loom::thread::spawn;
use stele_memory::protocol::lock::Lock;
use stele_memory::protocol::rendezvous::Rendezvous;

use crate::words::{LoomWord, explore};

/// What only one may touch at a time: a thread's own part while it runs, all parts while alone.
struct World {
    rendezvous: Rendezvous<LoomWord>,
    parts: Vec<UnsafeCell<u32>>,
}

fn pause(_: u32) {
    loom::thread::yield_now();
}

impl World {
    fn new(parts: usize) -> Arc<World> {
        Arc::new(World {
            rendezvous: Rendezvous::new(LoomWord::new(0)),
            parts: (0..parts).map(|_| UnsafeCell::new(0)).collect(),
        })
    }

    /// What a thread does between safepoints.
    fn work(&self, part: usize) {
        // SAFETY: the part belongs to this thread while it runs; loom checks that.
        self.parts[part].with_mut(|part| unsafe { *part += 1 });
    }

    /// What a collection does: looks at everything and moves it.
    fn collect(&self) -> Vec<u32> {
        let parts = self.parts.iter();
        parts
            .map(|part| {
                // SAFETY: nobody else runs; loom checks that.
                part.with_mut(|part| unsafe {
                    *part += 100;
                    *part
                })
            })
            .collect()
    }

    /// Collects, or lets somebody else do it.
    fn stop(&self) -> bool {
        if !self.rendezvous.try_stop() {
            self.rendezvous.park(pause);
            return false;
        }
        self.rendezvous.wait_for_others(pause);
        self.collect();
        self.rendezvous.resume();
        true
    }

    fn safepoint(&self) {
        if self.rendezvous.stop_requested() {
            self.rendezvous.park(pause);
        }
    }
}

#[test]
fn a_collection_is_alone() {
    model(|| {
        let world = World::new(2);
        world.rendezvous.enter(pause);
        let other = spawn({
            let world = world.clone();
            move || {
                world.rendezvous.enter(pause);
                world.work(1);
                world.safepoint();
                world.work(1);
                world.rendezvous.leave();
            }
        });
        world.work(0);
        assert!(world.stop());
        world.work(0);
        world.rendezvous.leave();
        other.join().unwrap();
        let parts = world.parts.iter().map(|part| {
            // SAFETY: both threads are done.
            part.with(|part| unsafe { *part })
        });
        assert_eq!(parts.collect::<Vec<_>>(), [102, 102]);
    });
}

#[test]
fn of_two_that_want_to_collect_at_once_one_parks() {
    explore(3, || {
        let world = World::new(2);
        let other = spawn({
            let world = world.clone();
            move || {
                world.rendezvous.enter(pause);
                world.work(1);
                let stopped = world.stop();
                world.work(1);
                world.rendezvous.leave();
                stopped
            }
        });
        world.rendezvous.enter(pause);
        world.work(0);
        let here = world.stop();
        world.work(0);
        world.rendezvous.leave();
        assert!(here | other.join().unwrap());
    });
}

#[test]
fn a_thread_that_comes_or_goes_during_a_stop_is_not_missed_and_not_waited_for() {
    explore(2, || {
        let world = World::new(3);
        // This thread, and the one that goes.
        world.rendezvous.enter(pause);
        world.rendezvous.enter(pause);
        let comes = spawn({
            let world = world.clone();
            move || {
                // Loom would let two that wait take turns for ever.
                if world.rendezvous.try_enter() {
                    world.work(1);
                    world.rendezvous.leave();
                }
            }
        });
        let goes = spawn({
            let world = world.clone();
            move || {
                world.work(2);
                world.rendezvous.leave();
            }
        });
        world.work(0);
        assert!(world.stop());
        world.work(0);
        world.rendezvous.leave();
        comes.join().unwrap();
        goes.join().unwrap();
    });
}

#[test]
fn a_thread_that_is_away_may_not_touch_what_is_collected_until_it_is_back() {
    model(|| {
        let world = World::new(2);
        world.rendezvous.enter(pause);
        let other = spawn({
            let world = world.clone();
            move || {
                world.rendezvous.enter(pause);
                world.work(1);
                world.rendezvous.leave();
                world.rendezvous.enter(pause);
                world.work(1);
                world.rendezvous.leave();
            }
        });
        assert!(world.stop());
        world.rendezvous.leave();
        other.join().unwrap();
    });
}

#[test]
fn whoever_holds_the_lock_is_alone_and_sees_what_the_last_one_did() {
    model(|| {
        let lock = Arc::new((Lock::new(LoomWord::new(0)), UnsafeCell::new(0)));
        let add = |lock: &(Lock<LoomWord>, UnsafeCell<u32>)| {
            let _held = lock.0.take(pause);
            // SAFETY: the lock is held; loom checks that this suffices.
            lock.1.with_mut(|count| unsafe { *count += 1 });
        };
        let other = spawn({
            let lock = lock.clone();
            move || add(&lock)
        });
        add(&lock);
        other.join().unwrap();
        let _held = lock.0.take(pause);
        // SAFETY: as above.
        lock.1.with(|count| assert_eq!(unsafe { *count }, 2));
    });
}
