//! The exact hash: a number for a value, which tells apart what is equal and not identical.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use proptest::prelude::*;
use stele_memory::{Arena, Atom, ExactHashing, Heap, Local, Root, Session, Space};
use support::{config, models};

/// Lets `work` have a session on a new heap.
fn with_session<R>(work: impl FnOnce(&Session<'_>) -> R) -> R {
    let mut region = vec![0u64; 1 << 20];
    let mut arena = Arena::new(&mut region).expect("the region is large enough");
    let mut heap = Heap::empty();
    // SAFETY: the heap is new, and there is no other session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    work(&session)
}

/// The exact hash, so many units at a time.
fn exact(session: &Session<'_>, value: Local<'_>, units: u64) -> u64 {
    let mut hashing = ExactHashing::new();
    loop {
        let step = session.exact_hash_step(&mut hashing, value, &mut { units });
        if step.expect("there is room") {
            return session.finish_exact_hash(&mut hashing);
        }
    }
}

/// A value in vectors, as value and as key: at the top, in a map, in a set, deep inside.
fn places<'s>(session: &'s Session<'_>, value: Local<'s>) -> Vec<Local<'s>> {
    let room = "there is room";
    let vector = |value| {
        let empty = session.vector().expect(room);
        session.vector_push(empty, value).expect(room)
    };
    let nil = session.nil();
    let inner = vector(vector(value));
    let map = |key, value| {
        let empty = session.map().expect(room);
        session.map_insert(empty, key, value).expect(room)
    };
    let set = |member| {
        let empty = session.set().expect(room);
        session.set_insert(empty, member).expect(room)
    };
    vec![
        value,
        vector(value),
        inner,
        map(nil, value),
        map(value, nil),
        // Compound keys are stored with the other hash.
        map(inner, nil),
        set(value),
        set(inner),
    ]
}

#[test]
fn what_is_equal_and_not_identical_has_another_exact_hash_and_the_same_hash() {
    let room = "there is room";
    with_session(|session| {
        let pairs = [
            (session.integer(1), session.float(1.0)),
            (session.float(0.0), session.float(-0.0)),
            (session.integer(0), session.float(-0.0)),
            (session.integer(1 << 62), session.float(2f64.powi(62))),
            (session.integer(i64::MIN), session.float(-(2f64.powi(63)))),
        ];
        for (a, b) in pairs {
            let (a, b) = (a.expect(room), b.expect(room));
            assert_eq!(session.hash(a), session.hash(b));
            for (a, b) in places(session, a).into_iter().zip(places(session, b)) {
                assert_ne!(exact(session, a, 3), exact(session, b, 3));
                assert_eq!(session.hash(a), session.hash(b));
            }
        }
    });
}

#[test]
fn there_is_one_nan() {
    with_session(|session| {
        let [a, b] = [f64::NAN, -f64::NAN].map(|nan| session.float(nan).expect("there is room"));
        assert_eq!(exact(session, a, 1), exact(session, b, 1));
    });
}

#[test]
fn a_value_of_any_depth_and_sharing_is_hashed_in_short_steps() {
    with_session(|session| {
        let room = "there is room";
        let mut deep = session.integer(7).expect(room);
        for _ in 0..10_000 {
            let empty = session.vector().expect(room);
            deep = session.vector_push(empty, deep).expect(room);
        }
        assert_eq!(exact(session, deep, 5), exact(session, deep, u64::MAX));
        // Seen as a tree it has 2^60 leaves.
        let mut shared = session.float(1.0).expect(room);
        for _ in 0..60 {
            let empty = session.vector().expect(room);
            let one = session.vector_push(empty, shared).expect(room);
            shared = session.vector_push(one, shared).expect(room);
        }
        assert_eq!(exact(session, shared, 100), exact(session, shared, 7));
    });
}

/// The exact hash of the value in `root` and of all that atoms hold which it leads to, so many units
/// at a time; everything is collected between the steps if that is asked for.
fn deep(session: &mut Session<'_>, root: &mut Root, units: u64, collect: bool) -> u64 {
    let mut hashing = ExactHashing::new();
    let mut place = 0;
    loop {
        let value = match place {
            0 => Some(session.load(root)),
            _ => session.exact_hash_met(&hashing, place - 1),
        };
        let Some(value) = value else {
            return session.finish_exact_hash(&mut hashing);
        };
        let step = session.exact_hash_step(&mut hashing, value, &mut { units });
        if step.expect("there is room") {
            place += 1;
        }
        if collect {
            // SAFETY: there is one root.
            unsafe { session.collect_everything(&mut [&mut *root]) }.expect("there is room");
        }
    }
}

/// So many atoms, each of which holds a vector with a number and the names of two others.
fn ring<'s>(session: &'s Session<'_>, count: usize) -> Vec<Atom<'s>> {
    let room = "there is room";
    let atoms: Vec<_> = (0..count)
        .map(|_| session.atom(session.nil()).expect(room))
        .collect();
    for (index, atom) in atoms.iter().enumerate() {
        let name = |other: usize| session.atom_name(atoms[other % count]);
        let mut vector = session.vector().expect(room);
        let number = session.integer(index as i64 + 7).expect(room);
        for part in [name(3 * index + 1), number, name(index + 1)] {
            vector = session.vector_push(vector, part).expect(room);
        }
        session.atom_swap(*atom, vector);
    }
    atoms
}

#[test]
fn what_atoms_hold_is_hashed_once_each_whatever_the_steps_and_collections() {
    let mut region = vec![0u64; 1 << 17];
    let mut arena = Arena::new(&mut region).expect("the region is large enough");
    arena.poison_freed(true);
    let (mut heap, space) = (Heap::empty(), Space::empty());
    // SAFETY: heap and space are new.
    let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
    let mut roots = [Root::NIL, Root::NIL];
    {
        let atoms = ring(&session, 300);
        // Only this one's name is kept, and that of one which nothing leads to.
        session.store(&mut roots[0], session.atom_name(atoms[40]));
        let alone = session.atom(session.nil()).expect("there is room");
        session.store(&mut roots[1], session.atom_name(alone));
    }
    let [root, other] = &mut roots;
    let whole = deep(&mut session, root, u64::MAX, false);
    for units in [1, 2, 7, 1000] {
        assert_eq!(deep(&mut session, root, units, false), whole);
    }
    let atom = session.as_atom(session.load(other)).unwrap();
    session.atom_swap(atom, session.integer(5).unwrap());
    assert_eq!(deep(&mut session, root, 100, false), whole);
    // What an atom holds that another one leads to.
    let change = |session: &Session<'_>, root: &Root, to: i64| {
        let name = session.load(root);
        let atom = session.as_atom(name).unwrap();
        let next = session.vector_get(session.atom_load(atom), 2).unwrap();
        let next = session.as_atom(next).unwrap();
        let vector = session.atom_load(next);
        let changed = session.vector_set(vector, 1, session.integer(to).unwrap());
        session.atom_swap(next, changed.unwrap());
    };
    change(&session, root, -1);
    assert_ne!(deep(&mut session, root, 100, false), whole);
    change(&session, root, 41 + 7);
    assert_eq!(deep(&mut session, root, 5, true), whole);
    assert_eq!(session.heap_statistics().scratch, 0);
}

/// The hash of a ring of atoms where `ballast` kilobytes lie about until there is no room; and whether
/// there was none at some time. None if there is no room for that much ballast.
fn hash_in_little_room(ballast: usize) -> Option<(u64, bool)> {
    let mut region = vec![0u64; 1 << 15];
    let mut arena = Arena::new(&mut region).expect("the region is large enough");
    arena.poison_freed(true);
    let (mut heap, space) = (Heap::empty(), Space::empty());
    // SAFETY: heap and space are new.
    let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
    let mut roots = [Root::NIL, Root::NIL];
    {
        let atoms = ring(&session, 300);
        session.store(&mut roots[0], session.atom_name(atoms[0]));
        let mut chain = session.nil();
        for _ in 0..ballast {
            let kilobyte = session.bytes(&[1; 1000]).ok()?;
            chain = session.record(1, &[kilobyte, chain]).ok()?;
        }
        session.store(&mut roots[1], chain);
    }
    let mut hashing = ExactHashing::new();
    let (mut place, mut refused) = (0, false);
    loop {
        let value = match place {
            0 => Some(session.load(&roots[0])),
            _ => session.exact_hash_met(&hashing, place - 1),
        };
        let Some(value) = value else {
            assert_eq!(place, 301);
            return Some((session.finish_exact_hash(&mut hashing), refused));
        };
        match session.exact_hash_step(&mut hashing, value, &mut 2) {
            Ok(done) => place += u64::from(done),
            Err(_) => {
                assert!(!refused, "there is room without ballast");
                refused = true;
                session.store(&mut roots[1], session.nil());
                let [a, b] = &mut roots;
                // SAFETY: these are all the roots.
                unsafe { session.collect_everything(&mut [a, b]) }.expect("there is room");
            }
        }
    }
}

#[test]
fn a_hash_that_was_refused_room_goes_on_when_there_is_some() {
    let (whole, refused) = hash_in_little_room(0).expect("there is room");
    assert!(!refused);
    let mut refusals = 0;
    for ballast in 1.. {
        let Some((hash, refused)) = hash_in_little_room(ballast) else {
            break;
        };
        assert_eq!(hash, whole, "{ballast}");
        refusals += u32::from(refused);
    }
    assert!(refusals > 3, "{refusals}");
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn identical_values_have_equal_exact_hashes_however_they_were_made(
        a in models(), b in models(), units in 1..40_u64
    ) {
        with_session(|session| {
            let first = a.make(session);
            let again = a.make(session);
            let other = b.make(session);
            assert_eq!(exact(session, first, units), exact(session, again, 1 << 40));
            let identical = session.identical(first, other).expect("there is room");
            assert_eq!(identical, exact(session, first, units) == exact(session, other, units));
        });
    }
}
