//! What the `worst_case_…` functions promise.

use std::vec;

use super::collisions::key;
use super::{std, weaken_hashes};
use crate::{Arena, Heap, Root, Session};

#[test]
fn an_insertion_needs_no_more_than_the_worst_case() {
    for mask in [u64::MAX, 0, 0xF000_0000_0000_0000, 0x1F << 55, 0x1F] {
        weaken_hashes(mask);
        let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 19 }];
        let mut arena = Arena::new(&mut region).unwrap();
        let mut heap = Heap::empty();
        // SAFETY: a new heap, no other session, and no collection.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        let mut map = session.map().unwrap();
        // As many entries as may share one hash.
        for which in 0..16 {
            let key = key(&session, which);
            let before = session.heap.used();
            map = session.map_insert(map, key, key).unwrap();
            assert!(session.heap.used() - before <= Session::worst_case_map_insert() as u64);
        }
        for which in 0..16 {
            let key = key(&session, which);
            let before = session.heap.used();
            map = session.map_remove(map, key).unwrap();
            assert!(session.heap.used() - before <= Session::worst_case_map_insert() as u64);
        }
    }
}

#[test]
fn a_vector_of_any_length_needs_no_more_than_the_worst_case() {
    let limit: u64 = if cfg!(miri) { 66 } else { 33_900 };
    let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 23 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut vector = Root::NIL;
    // SAFETY: a new heap, no other session.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    let empty = session.vector().unwrap();
    session.store(&mut vector, empty);
    for length in 1..=limit {
        let start = session.heap.used();
        let longer = session
            .vector_push(session.load(&vector), session.nil())
            .unwrap();
        let pushed = session.heap.used();
        session
            .vector_set(longer, length / 2, session.boolean(true))
            .unwrap();
        let set = session.heap.used();
        session
            .vector_truncate(longer, length - length / 3)
            .unwrap();
        let truncated = session.heap.used();
        for used in [pushed - start, set - pushed, truncated - set] {
            assert!(
                used <= Session::worst_case_vector_push() as u64,
                "{used} bytes at length {length}"
            );
        }
        if length.is_multiple_of(97) {
            let start = session.heap.used();
            let slice = session
                .vector_slice(longer, length / 5, length - length / 7)
                .unwrap();
            let sliced = session.heap.used();
            session.vector_concat(slice, longer).unwrap();
            let joined = session.heap.used();
            assert!(sliced - start <= Session::worst_case_vector_slice() as u64);
            assert!(joined - sliced <= Session::worst_case_vector_concat() as u64);
        }
        session.store(&mut vector, longer);
        if session.safepoint() {
            // SAFETY: this is the only root.
            unsafe { session.collect(&mut [&mut vector]) }.unwrap();
        }
    }
}

#[test]
fn scalars_strings_and_records_need_exactly_the_worst_case() {
    let mut region = vec![0; 1 << 14];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, no other session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let used = |what: &dyn Fn()| {
        let before = session.heap.used();
        what();
        (session.heap.used() - before) as usize
    };
    assert_eq!(
        used(&|| _ = session.integer(i64::MIN).unwrap()),
        Session::worst_case_integer()
    );
    assert_eq!(used(&|| _ = session.integer(7).unwrap()), 0);
    for length in 0..20 {
        let bytes = vec![1; length];
        assert_eq!(
            used(&|| _ = session.bytes(&bytes).unwrap()),
            Session::worst_case_bytes(length)
        );
        let fields = vec![session.nil(); length];
        assert_eq!(
            used(&|| _ = session.record(0, &fields).unwrap()),
            Session::worst_case_record(length)
        );
    }
}
