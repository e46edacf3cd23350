//! Tests of this crate, and what they share.
extern crate std;

use core::cell::Cell;

std::thread_local! {
    static MASK: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// In this thread, lets only the bits of `mask` of every hash be told apart.
pub(crate) fn weaken_hashes(mask: u64) {
    MASK.set(mask);
}

pub(crate) fn weaken(hash: u64) -> u64 {
    hash & MASK.get()
}

use crate::{Arena, Heap, MapCursor, Root, Session};
use std::vec;
use std::vec::Vec;

#[test]
fn quick() {
    let mut region = vec![0u64; 1 << 22];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut rv = Root::NIL;
    let mut rm = Root::NIL;
    // SAFETY: one session of a new heap.
    let mut s = unsafe { Session::new(&mut arena, &mut heap) };
    let new = s.vector().unwrap();
    s.store(&mut rv, new);
    let new = s.map().unwrap();
    s.store(&mut rm, new);
    let n = 5000;
    for i in 0..n {
        let new = s.vector_push(s.load(&rv), s.integer(i).unwrap()).unwrap();
        s.store(&mut rv, new);
        let k = if i % 2 == 0 {
            s.integer(i).unwrap()
        } else {
            s.bytes(std::format!("k{i}").as_bytes()).unwrap()
        };
        let new = s.map_insert(s.load(&rm), k, s.integer(i).unwrap()).unwrap();
        s.store(&mut rm, new);
        if s.safepoint() {
            // SAFETY: these are all the roots.
            std::println!("{:?}", unsafe { s.collect(&mut [&mut rv, &mut rm]) });
        }
    }
    let check = |s: &Session<'_>, rv: &Root, rm: &Root| {
        for i in 0..n {
            assert_eq!(
                s.as_integer(s.vector_get(s.load(rv), i as u64).unwrap()),
                Some(i)
            );
            let v = if i % 2 == 0 {
                s.map_get(s.load(rm), s.integer(i).unwrap())
            } else {
                s.map_get_bytes(s.load(rm), std::format!("k{i}").as_bytes())
            };
            assert_eq!(s.as_integer(v.unwrap()), Some(i));
        }
        let mut c = MapCursor::default();
        let mut seen = Vec::new();
        while let Some((_, v, next)) = s.map_next(s.load(rm), c) {
            seen.push(s.as_integer(v).unwrap());
            c = next;
        }
        seen.sort();
        assert_eq!(seen, (0..n).collect::<Vec<_>>());
    };
    check(&s, &rv, &rm);
    // SAFETY: these are all the roots.
    std::println!("{:?}", unsafe { s.collect(&mut [&mut rv, &mut rm]) });
    check(&s, &rv, &rm);
    std::println!("{:?} {:?}", s.heap.statistics(), s.map_len(s.load(&rm)));
    for i in 0..n {
        let k = if i % 2 == 0 {
            s.integer(i).unwrap()
        } else {
            s.bytes(std::format!("k{i}").as_bytes()).unwrap()
        };
        let new = s.map_remove(s.load(&rm), k).unwrap();
        s.store(&mut rm, new);
        let new = s.vector_truncate(s.load(&rv), (n - i - 1) as u64).unwrap();
        s.store(&mut rv, new);
        assert_eq!(s.vector_len(s.load(&rv)), Some((n - i - 1) as u64));
    }
    assert_eq!(s.map_len(s.load(&rm)), Some(0));
    std::println!("{:?}", s.heap.statistics());
}
