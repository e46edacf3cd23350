//! The protocol of the concurrent collector (docs/design/0011-concurrent-collector.md) as a model
//! that loom runs in every order, and models that leave one part out and are caught at it.
//!
//! `model` has the protocol; each test here is what the threads do meanwhile. Objects have one
//! reference. To free an object is to write to it without any protection, so loom notices a reader
//! that is not ordered before it, and the mark left there tells one that comes after.
#![cfg(not(miri))] // Loom switches stacks, which Miri cannot follow.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod model;

use loom::thread::spawn;
use model::{Collector, Core, NOTHING, Part, X, Y, space};

/// Runs `test` in every order, with at most `switches` switches of threads that could have gone on.
fn explore(switches: usize, test: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(switches);
    builder.check(test);
}

/// A thread loads a value, publishes it again, and comes back to it after a safepoint.
fn publishing_what_was_loaded(without: Option<Part>) {
    explore(3, move || {
        let space = space(1, without);
        space.atom(X).set(0);
        let core = Core::join_moving(&space, 0);
        let mutator = spawn(move || {
            let mut core = core;
            core.load(X);
            core.publish(Y);
            core.forget();
            core.safepoint();
            core.load(Y);
            core.read();
            core.leave();
        });
        Collector::new(&space, 1).collect();
        mutator.join().unwrap();
    });
}

/// A thread holds on to a value that it loaded, without a safepoint in between.
fn reading_what_was_loaded(without: Option<Part>) {
    explore(3, move || {
        let space = space(1, without);
        space.atom(X).set(0);
        let core = Core::join_moving(&space, 0);
        let mutator = spawn(move || {
            let mut core = core;
            core.safepoint();
            core.load(X);
            core.read();
            core.read();
            core.leave();
        });
        Collector::new(&space, 1).collect();
        mutator.join().unwrap();
    });
}

/// A thread publishes a new object that refers to an old one, and gets at the old one through it.
fn reading_through_a_new_object(without: Option<Part>) {
    explore(3, move || {
        let space = space(1, without);
        space.atom(X).set(0);
        let core = Core::join_moving(&space, 0);
        let mutator = spawn(move || {
            let mut core = core;
            core.load(X);
            core.allocate();
            core.publish(Y);
            core.forget();
            core.safepoint();
            core.safepoint();
            core.load(Y);
            core.follow();
            core.read();
            core.leave();
        });
        Collector::new(&space, 1).collect();
        mutator.join().unwrap();
    });
}

/// A value that one thread holds alone passes through an atom to another, and the atom forgets it.
fn handing_a_value_through_an_atom(without: Option<Part>) {
    explore(2, move || {
        let space = space(1, without);
        let mut giver = Core::join(&space, 0);
        giver.hold(0);
        let taker = Core::join(&space, 1);
        let giver = spawn(move || {
            let mut core = giver;
            core.publish(X);
            core.forget();
            core.clear(X);
            core.leave();
        });
        let taker = spawn(move || {
            let mut core = taker;
            core.safepoint();
            core.load(X);
            core.safepoint();
            core.read();
            core.leave();
        });
        Collector::new(&space, 2).collect();
        giver.join().unwrap();
        taker.join().unwrap();
    });
}

/// A thread takes the only reference to a value out of an atom, having handed over its roots.
fn taking_a_value_out_of_an_atom(without: Option<Part>) {
    explore(3, move || {
        let space = space(1, without);
        space.atom(X).set(0);
        let core = Core::join_moving(&space, 0);
        let mutator = spawn(move || {
            let mut core = core;
            core.load(X);
            core.clear(X);
            core.safepoint();
            core.read();
            core.leave();
        });
        Collector::new(&space, 1).collect();
        mutator.join().unwrap();
    });
}

#[test]
fn a_value_can_be_published_again_at_any_time() {
    publishing_what_was_loaded(None);
}

#[test]
#[should_panic(expected = "Concurrent read and write accesses")]
fn without_the_first_grace_period_an_old_reference_is_published_after_the_flip() {
    publishing_what_was_loaded(Some(Part::FirstGracePeriod));
}

#[test]
fn a_loaded_value_stays_readable_until_the_next_safepoint() {
    reading_what_was_loaded(None);
}

#[test]
#[should_panic(expected = "Concurrent read and write accesses")]
fn without_the_second_grace_period_a_loaded_value_is_freed_under_its_reader() {
    reading_what_was_loaded(Some(Part::SecondGracePeriod));
}

#[test]
fn new_objects_never_lead_to_what_was_freed() {
    reading_through_a_new_object(None);
}

#[test]
#[should_panic(expected = "Concurrent read and write accesses")]
fn if_earlier_allocations_are_not_fixed_they_lead_to_what_was_freed() {
    reading_through_a_new_object(Some(Part::FixingAllocations));
}

#[test]
fn a_value_handed_on_during_the_search_is_found() {
    handing_a_value_through_an_atom(None);
}

#[test]
#[should_panic(expected = "alive but was not found")]
fn if_roots_are_taken_before_all_watch_a_value_slips_through_an_atom() {
    handing_a_value_through_an_atom(Some(Part::WatchingFirst));
}

#[test]
#[should_panic(expected = "alive but was not found")]
fn if_nobody_watches_a_value_that_is_taken_out_of_an_atom_is_not_found() {
    taking_a_value_out_of_an_atom(Some(Part::Watching));
}

#[test]
fn a_value_taken_out_of_an_atom_during_the_search_is_found() {
    taking_a_value_out_of_an_atom(None);
}

#[test]
fn a_chain_of_objects_moves_whole() {
    explore(2, || {
        let space = space(2, None);
        space.object(1).set_child(0);
        space.atom(X).set(1);
        let core = Core::join(&space, 0);
        let mutator = spawn(move || {
            let mut core = core;
            core.load(X);
            core.safepoint();
            core.follow();
            core.publish(Y);
            core.safepoint();
            core.read();
            core.leave();
        });
        Collector::new(&space, 1).collect();
        mutator.join().unwrap();
        assert!(space.atom(X).get() >= space.first_copy());
        let kept = space.atom(Y).get();
        assert!(kept >= space.first_copy() && kept != NOTHING);
    });
}
