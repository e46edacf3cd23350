//! Several threads on one arena.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use stele_memory::{Arena, Local, NeedSpace, Root, Session, Thread, Threads};

fn region(bytes: usize) -> Vec<u64> {
    vec![0; bytes / 8]
}

fn pause(turn: u32) {
    if turn < 64 {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

const ROUNDS: u64 = if cfg!(miri) { 20 } else { 2000 };

/// A list of integers, each in a box, with the newest first.
fn push<'a>(session: &'a Session<'_>, list: Local<'a>, index: u64) -> Local<'a> {
    let boxed = session.integer(i64::MAX - index as i64).unwrap();
    session.record(1, &[boxed, list]).unwrap()
}

fn assert_list<'a>(session: &'a Session<'_>, mut list: Local<'a>, length: u64) {
    for index in (0..length).rev() {
        let boxed = session.field(list, 0).unwrap();
        assert_eq!(session.as_integer(boxed), Some(i64::MAX - index as i64));
        list = session.field(list, 1).unwrap();
    }
    assert!(session.is_nil(list));
}

/// Makes a list ever longer, begins anew now and then, and collects the nursery when it is due.
fn work<const N: usize>(mut thread: Thread<'_, '_, N>, rounds: u64) {
    let mut list = Root::NIL;
    let mut length = 0;
    for round in 0..rounds {
        let roots = &mut [&mut list];
        // SAFETY: the list is this thread's only root, and is presented everywhere.
        unsafe { thread.safepoint(roots) };
        // SAFETY: as above.
        let mut session = unsafe { thread.session() };
        let bytes = Session::worst_case_integer() + Session::worst_case_record(2);
        while let Err(need) = session.reserve(bytes) {
            assert_eq!(need, NeedSpace::Collect);
            // SAFETY: as above.
            unsafe { session.collect(&mut [&mut list]) }.unwrap();
        }
        if length == 50 {
            length = 0;
            list = Root::NIL;
        }
        let longer = push(&session, session.load(&list), round % 7);
        let mut kept = Root::NIL;
        session.store(&mut kept, longer);
        list = kept;
        length += 1;
        if round % 100 == 0 {
            let (first, rest) = {
                let list = session.load(&list);
                (
                    session.field(list, 0).unwrap(),
                    session.field(list, 1).unwrap(),
                )
            };
            assert!(session.as_integer(first).is_some());
            assert_eq!(session.is_nil(rest), length == 1);
        }
    }
}

#[test]
fn threads_allocate_and_collect_beside_each_other() {
    let mut region = region(1 << 22);
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let threads = Threads::<3>::new(arena, pause);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers = [1, 2].map(|_| {
            let thread = threads.register().unwrap();
            scope.spawn(|| work(thread, 20 * ROUNDS))
        });
        let watcher = scope.spawn(|| {
            let mut stops = 0_u32;
            while !done.load(Ordering::Relaxed) || stops == 0 {
                let mut thread = threads.register().unwrap();
                // SAFETY: this thread has no roots.
                let stopped =
                    unsafe { thread.stop(&mut [] as &mut [Root; 0], |stopped| stopped.verify()) };
                if let Some(verified) = stopped {
                    verified.unwrap();
                    stops += 1;
                }
                drop(thread);
                // The others are to get somewhere in between.
                std::thread::sleep(Duration::from_millis(1));
            }
            stops
        });
        for worker in workers {
            worker.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(watcher.join().unwrap() > 0);
    });
    assert_eq!(threads.into_arena().statistics().allocated_blocks, 0);
}

#[test]
fn a_thread_that_is_away_keeps_its_values_and_holds_nobody_up() {
    let mut region = region(1 << 20);
    let threads = Threads::<2>::new(Arena::new(&mut region).unwrap(), pause);
    let mut here = threads.register().unwrap();
    let mut list = Root::NIL;
    {
        // SAFETY: the list is the only root, and presented below.
        let session = unsafe { here.session() };
        let two = push(&session, push(&session, session.nil(), 0), 1);
        session.store(&mut list, two);
    }
    // SAFETY: as above.
    let stops = unsafe {
        here.away(&mut [&mut list], || {
            let mut there = threads.register().unwrap();
            assert!(threads.register().is_err());
            // SAFETY: the other thread has no roots.
            let held = there.stop(&mut [] as &mut [Root; 0], |stopped| {
                stopped.verify().unwrap();
                stopped
                    .heap_statistics()
                    .map(|heap| heap.nursery)
                    .sum::<u64>()
            });
            held.unwrap()
        })
    };
    assert_eq!(stops, 2 * (16 + 24));
    // SAFETY: as above.
    let session = unsafe { here.session() };
    assert_list(&session, session.load(&list), 2);
}

#[test]
fn an_atom_outlives_the_thread_that_made_it_as_long_as_somebody_can_name_it() {
    let mut region = region(1 << 20);
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let threads = Threads::<2>::new(arena, pause);
    let mut here = threads.register().unwrap();
    let mut name = [Root::NIL];
    {
        let mut maker = threads.register().unwrap();
        // SAFETY: no roots are loaded.
        let session = unsafe { maker.session() };
        let three = (0..3).fold(session.nil(), |list, index| push(&session, list, index));
        let lasting = session.atom(three).unwrap();
        let forgotten = session.atom(three).unwrap();
        assert_ne!(session.atom_number(lasting), session.atom_number(forgotten));
        // The name is no reference, and good as long as nothing is collected without it.
        session.store(&mut name[0], session.atom_name(lasting));
    }
    for round in 0..3 {
        // SAFETY: the name is this thread's only root.
        let collected = unsafe { here.collect_shared(&mut name) }.unwrap().unwrap();
        assert_eq!(collected.atoms, 1);
        assert_eq!(collected.atoms_freed, u64::from(round == 0));
        // SAFETY: as above.
        let session = unsafe { here.session() };
        let atom = session.as_atom(session.load(&name[0])).unwrap();
        assert_list(&session, session.atom_load(atom), 3);
    }
    name = [Root::NIL];
    // SAFETY: there are no roots any more.
    let collected = unsafe { here.collect_shared(&mut name) }.unwrap().unwrap();
    assert_eq!((collected.objects, collected.atoms), (0, 0));
}

#[test]
fn a_thread_goes_on_in_the_heap_that_another_left() {
    let mut region = region(1 << 20);
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let threads = Threads::<1>::new(arena, pause);
    let mut names = [const { Root::NIL }; 20];
    for (round, name) in names.iter_mut().enumerate() {
        let mut thread = threads.register().unwrap();
        // SAFETY: names are no references, and nothing is collected but heaps of single threads.
        let session = unsafe { thread.session() };
        let list =
            (0..=round as u64).fold(session.nil(), |list, index| push(&session, list, index));
        let atom = session.atom(list).unwrap();
        push(&session, list, 99);
        session.store(name, session.atom_name(atom));
    }
    let mut thread = threads.register().unwrap();
    // SAFETY: these are all roots.
    let verified = unsafe { thread.stop(&mut names, |stopped| stopped.verify()) };
    verified.unwrap().unwrap();
    // SAFETY: as above.
    unsafe { thread.collect_shared(&mut names) }.unwrap();
    // SAFETY: as above.
    let session = unsafe { thread.session() };
    for (round, name) in names.iter().enumerate() {
        let atom = session.as_atom(session.load(name)).unwrap();
        assert_list(&session, session.atom_load(atom), round as u64 + 1);
    }
}

#[cfg(all(unix, not(miri)))]
std::thread_local! {
    static GIVES_UP: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

#[cfg(all(unix, not(miri)))]
fn pause_or_give_up(turn: u32) {
    assert!(!GIVES_UP.get(), "this thread does not want to wait");
    pause(turn);
}

/// Waits for another thread's collection, and panics at that.
#[cfg(all(unix, not(miri)))]
fn give_up_waiting() {
    let mut region = region(1 << 20);
    let threads = Threads::<2>::new(Arena::new(&mut region).unwrap(), pause_or_give_up);
    let mut here = threads.register().unwrap();
    let mut there = threads.register().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // SAFETY: this thread has no roots.
            let _ = unsafe { there.collect_shared(&mut [] as &mut [Root; 0]) };
        });
        while !here.is_waited_for() {
            pause(100);
        }
        GIVES_UP.set(true);
        // SAFETY: there is one root.
        unsafe { here.safepoint(&mut [Root::NIL]) };
    });
}

#[cfg(all(unix, not(miri)))]
#[test]
fn a_thread_whose_roots_others_have_cannot_give_up_waiting() {
    const CHILD: &str = "STELE_TEST_GIVES_UP_WAITING";
    if std::env::var_os(CHILD).is_some() {
        return give_up_waiting();
    }
    let name = "a_thread_whose_roots_others_have_cannot_give_up_waiting";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    // Ended by a signal, at once, and not by a panic that was caught.
    let errors = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.code(), None, "{errors}");
    assert!(errors.contains("waiting for other threads"), "{errors}");
}
