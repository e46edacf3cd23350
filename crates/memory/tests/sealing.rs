//! What is shared stays where it is when its heap is collected.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use stele_memory::{Arena, Heap, Local, Root, Session};

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

fn region() -> Vec<u64> {
    vec![0; if cfg!(miri) { 1 << 14 } else { 1 << 18 }]
}

const STEPS: u64 = if cfg!(miri) { 40 } else { 3000 };

#[test]
fn a_sealed_object_survives_every_collection_of_its_heap_and_does_not_move() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let empty = arena.statistics();
    let mut heap = Heap::empty();
    let mut list = Root::NIL;
    let mut shared = Vec::new();
    for index in 0..STEPS {
        // SAFETY: a new heap, one session at a time; sealed objects need not be presented.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        let garbage = push(&session, session.nil(), 7);
        let longer = push(&session, session.load(&list), index);
        session.store(&mut list, longer);
        assert!(!session.is_shared(garbage));
        if index % 7 == 0 {
            session.share(session.load(&list));
            assert!(session.is_shared(session.load(&list)));
            shared.push((list.clone(), index + 1));
        }
        let roots = &mut [&mut list];
        if index % 5 == 1 {
            // SAFETY: besides sealed objects nothing else is used.
            unsafe { session.collect(roots) }.unwrap();
        } else if index % 15 == 3 {
            // SAFETY: as above.
            unsafe { session.collect_everything(roots) }.unwrap();
        }
        if index % 64 == 0 || index + 1 == STEPS {
            assert_list(&session, session.load(&list), index + 1);
            for (root, length) in &shared {
                assert_list(&session, session.load(root), *length);
            }
        }
        if index % 16 == 0 || index < 100 {
            let roots: Vec<&Root> = shared.iter().map(|(root, _)| root).chain([&list]).collect();
            heap.verify(&mut arena, roots.as_slice()).unwrap();
        }
    }
    // SAFETY: the roots are not used again.
    unsafe { heap.release(&mut arena) };
    assert_eq!(arena.statistics(), empty);
}

#[test]
fn of_a_chunk_that_is_sealed_in_part_the_rest_is_used_again() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap; what is held across collections is sealed.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut list = Root::NIL;
    let first = push(&session, session.nil(), 0);
    session.store(&mut list, first);
    session.share(first);
    for _ in 0..100 {
        push(&session, session.nil(), 1);
        // SAFETY: as above.
        unsafe { session.collect(&mut [&mut list]) }.unwrap();
    }
    let statistics = session.heap_statistics();
    assert_eq!((statistics.chunks, statistics.shared), (1, 40));
    assert_eq!((statistics.nursery, statistics.old), (0, 0));
}

#[test]
fn a_heap_may_refer_to_sealed_objects_of_another_when_it_is_collected() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let mut heaps = [Heap::empty(), Heap::empty()];
    let mut lists = [Root::NIL, Root::NIL];
    for index in 0..STEPS / 2 {
        let (mine, other) = (index as usize % 2, 1 - index as usize % 2);
        // SAFETY: new heaps, one session at a time; what the other heap made is sealed.
        let mut session = unsafe { Session::new(&mut arena, &mut heaps[mine]) };
        let longer = push(&session, session.load(&lists[other]), index);
        session.share(longer);
        let private = push(&session, longer, 0);
        let mut kept = Root::NIL;
        session.store(&mut kept, private);
        session.store(&mut lists[mine], longer);
        // SAFETY: besides sealed objects nothing else is used.
        unsafe { session.collect(&mut [&mut kept]) }.unwrap();
        // SAFETY: as above.
        unsafe { session.collect_everything(&mut [&mut kept]) }.unwrap();
        let link = session.field(session.load(&kept), 1).unwrap();
        assert!(session.is_shared(link) && !session.is_shared(session.load(&kept)));
        if index % 100 == 0 {
            assert_list(&session, link, index + 1);
        }
    }
    // SAFETY: as above.
    let session = unsafe { Session::new(&mut arena, &mut heaps[0]) };
    assert_list(&session, session.load(&lists[1]), STEPS / 2);
}

#[test]
fn sealing_an_old_heap_shares_old_and_young_objects_alike() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut list = Root::NIL;
    // SAFETY: a new heap, and the only session.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    for index in 0..20 {
        let longer = push(&session, session.load(&list), index);
        session.store(&mut list, longer);
        if index == 10 {
            // SAFETY: the only root.
            unsafe { session.collect(&mut [&mut list]) }.unwrap();
        }
    }
    session.seal();
    let statistics = session.heap_statistics();
    assert_eq!((statistics.nursery, statistics.old), (0, 0));
    assert_eq!(statistics.shared, 20 * 40);
    // SAFETY: the only root.
    let collected = unsafe { session.collect_everything(&mut [&mut list]) }.unwrap();
    assert_eq!((collected.live, collected.freed), (0, 0));
    assert_list(&session, session.load(&list), 20);
    heap.verify(&mut arena, &[&list]).unwrap();
}
