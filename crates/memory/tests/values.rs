//! Values of every kind: what they are, the two equalities, the order, the hash.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use std::cmp::Ordering;

use proptest::prelude::*;
use stele_memory::{Arena, Comparison, Hashing, Heap, Local, Lookup, Root, Session, ValueKind};

use support::{Model, NAN, config, edges, models};

/// Runs a test in a session of its own, then verifies the heap.
fn in_session(words: usize, test: impl FnOnce(&mut Session<'_>)) {
    let mut region = vec![0; words];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let mut heap = Heap::empty();
    {
        // SAFETY: a new heap, one session.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        test(&mut session);
    }
    heap.verify(&mut arena, &[] as &[&Root; 0]).unwrap();
    assert_eq!(heap.statistics().scratch, 0, "scratch blocks are left");
}

const SMALL: usize = if cfg!(miri) { 1 << 14 } else { 1 << 18 };

#[test]
fn floats_keep_their_bits_and_there_is_one_nan() {
    in_session(SMALL, |session| {
        let step = if cfg!(miri) {
            1 << 58
        } else {
            0x0001_2345_6789_ABCD
        };
        let edges = edges().into_iter().map(f64::to_bits);
        for bits in edges.chain((0..u64::MAX / step).map(|index| index * step)) {
            let local = session.float_from_bits(bits).unwrap();
            let kept = if f64::from_bits(bits).is_nan() {
                NAN
            } else {
                bits
            };
            assert_eq!(session.as_float_bits(local), Some(kept), "{bits:#x}");
            assert_eq!(session.kind(local), ValueKind::Float);
            assert_eq!(session.as_integer(local), None);
            if session.safepoint() {
                // SAFETY: there are no roots.
                unsafe { session.collect(&mut [] as &mut [&mut Root; 0]) }.unwrap();
            }
        }
    });
}

#[test]
fn common_floats_need_no_room() {
    in_session(SMALL, |session| {
        let before = session.heap_statistics().nursery;
        for float in [
            0.0,
            -0.0,
            1.0,
            -1.5,
            3.25e70,
            1e-76,
            f64::NAN,
            f64::INFINITY,
        ] {
            session.float(float).unwrap();
        }
        assert_eq!(session.heap_statistics().nursery, before);
        session.float(1e300).unwrap();
        assert_eq!(session.heap_statistics().nursery, before + 16);
    });
}

#[test]
fn characters_text_and_names_are_kept_as_they_are() {
    in_session(SMALL, |session| {
        for character in ['\0', 'a', '\u{D7FF}', '\u{E000}', char::MAX] {
            let local = session.character(character);
            assert_eq!(session.as_character(local), Some(character));
            assert_eq!(session.kind(local), ValueKind::Character);
        }
        for text in ["", "a", "grüße, 世界 🗿", "exactly8", "nine byte"] {
            let local = session.text(text).unwrap();
            assert_eq!(session.as_text(local), Some(text));
            assert_eq!(session.as_bytes(local), None);
            let bytes = session.bytes(text.as_bytes()).unwrap();
            assert!(!session.equal(local, bytes).unwrap());
        }
        for name in [0, 7, (1 << 60) - 1] {
            let capability = session.capability(name).unwrap();
            assert_eq!(session.as_capability(capability), Some(name));
            assert_eq!(session.as_atom(capability), None);
        }
        assert!(session.capability(u64::MAX).is_none());
    });
}

#[test]
fn numbers_are_compared_exactly_across_integers_and_floats() {
    let mut numbers: Vec<Model> = edges()
        .into_iter()
        .map(|float| Model::Float(float.to_bits()).clean())
        .collect();
    for shift in [0, 52, 53, 54, 60, 61, 62, 63] {
        for more in -3..3 {
            let power = (1u64 << shift).wrapping_add_signed(more) as i64;
            numbers.extend([Model::Integer(power), Model::Integer(power.wrapping_neg())]);
        }
    }
    let step = if cfg!(miri) { 29 } else { 1 };
    in_session(SMALL << 2, |session| {
        for a in numbers.iter().step_by(step) {
            for b in numbers.iter().step_by(step) {
                let (x, y) = (a.make(session), b.make(session));
                assert_eq!(
                    session.order(x, y).unwrap(),
                    a.order(b).unwrap(),
                    "{a:?} {b:?}"
                );
                assert_eq!(session.equal(x, y).unwrap(), a.equal(b), "{a:?} {b:?}");
                assert_eq!(
                    session.identical(x, y).unwrap(),
                    a.identical(b),
                    "{a:?} {b:?}"
                );
                if a.equal(b) {
                    assert_eq!(session.hash(x).unwrap(), session.hash(y).unwrap());
                }
            }
            if session.safepoint() {
                // SAFETY: there are no roots.
                unsafe { session.collect(&mut [] as &mut [&mut Root; 0]) }.unwrap();
            }
        }
        let big = session.integer((1 << 53) + 1).unwrap();
        let float = session.float(9_007_199_254_740_992.0).unwrap();
        assert!(!session.equal(big, float).unwrap());
        assert_eq!(session.order(big, float).unwrap(), Ordering::Greater);
    });
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn equalities_order_and_hash_agree_with_the_model_and_with_each_other(
        models in prop::collection::vec(models(), 2..7),
    ) {
        in_session(SMALL, |session| {
            let clean: Vec<Model> = models.iter().map(Model::clean).collect();
            // The second time in another order, so that nothing depends on it.
            let values: Vec<Local<'_>> = models.iter().map(|model| model.make(session)).collect();
            let again: Vec<Local<'_>> = clean.iter().map(|model| reversed(model).make(session)).collect();
            for (index, a) in values.iter().enumerate() {
                assert!(Model::read(session, *a).identical(&clean[index]));
                assert!(session.equal(*a, again[index]).unwrap());
                assert_eq!(session.hash(*a).unwrap(), session.hash(again[index]).unwrap());
                for (other, b) in again.iter().enumerate() {
                    let order = session.order(*a, *b).unwrap();
                    assert_eq!(session.equal(*a, *b).unwrap(), clean[index].equal(&clean[other]));
                    assert_eq!(session.identical(*a, *b).unwrap(), clean[index].identical(&clean[other]));
                    assert_eq!(order.is_eq(), session.identical(*a, *b).unwrap());
                    assert_eq!(session.order(*b, *a).unwrap(), order.reverse());
                    if let Some(expected) = clean[index].order(&clean[other]) {
                        assert_eq!(order, expected, "{:?} {:?}", clean[index], clean[other]);
                    }
                    if session.equal(*a, *b).unwrap() {
                        assert_eq!(session.hash(*a).unwrap(), session.hash(*b).unwrap());
                    }
                    for c in &values {
                        let (bc, ac) = (session.order(*b, *c).unwrap(), session.order(*a, *c).unwrap());
                        if order == bc {
                            assert_eq!(ac, order, "the order is transitive");
                        }
                    }
                }
            }
        });
    }
}

/// The same sets and maps, put together from behind.
fn reversed(model: &Model) -> Model {
    let all = |models: &[Model]| models.iter().map(reversed).collect::<Vec<_>>();
    match model {
        Model::Vector(elements) => Model::Vector(all(elements)),
        Model::Record(kind, fields) => Model::Record(*kind, all(fields)),
        Model::Set(members) => Model::Set(all(members).into_iter().rev().collect()),
        Model::Map(entries) => Model::Map(
            entries
                .iter()
                .rev()
                .map(|(key, value)| (reversed(key), reversed(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[test]
fn equal_keys_are_one_key_and_the_first_stays() {
    in_session(SMALL, |session| {
        let one = session.integer(1).unwrap();
        let same = session.float(1.0).unwrap();
        let pair = |a, b| {
            let vector = session.vector_push(session.vector().unwrap(), a).unwrap();
            session.vector_push(vector, b).unwrap()
        };
        let mut map = session.map().unwrap();
        for (key, value) in [
            (one, session.nil()),
            (same, one),
            (pair(one, same), one),
            (pair(same, one), session.boolean(true)),
        ] {
            map = session.map_insert(map, key, value).unwrap();
        }
        assert_eq!(session.map_len(map), Some(2));
        let found = session.map_get(map, pair(same, same)).unwrap().unwrap();
        assert_eq!(session.as_boolean(found), Some(true));
        for (key, _) in session.map_entries(map) {
            let first = session.vector_get(key, 0).unwrap_or(key);
            assert_eq!(session.as_integer(first), Some(1), "the first key was kept");
        }
        let nan = session.float(f64::NAN).unwrap();
        map = session.map_insert(map, nan, one).unwrap();
        assert!(session.map_get(map, nan).unwrap().is_some());
        map = session.map_remove(map, pair(one, one)).unwrap();
        assert_eq!(session.map_len(map), Some(2));
    });
}

/// A chain of `depth` values, of all compound kinds in turn, each inside the next.
fn chain(session: &mut Session<'_>, root: &mut Root, depth: u64, innermost: i64) {
    let start = session.integer(innermost).unwrap();
    session.store(root, start);
    for level in 0..depth {
        let inner = session.load(root);
        let outer = match level % 4 {
            0 => session
                .vector_push(session.vector().unwrap(), inner)
                .unwrap(),
            1 => session.record(7, &[inner]).unwrap(),
            2 => {
                let key = session.integer(level as i64).unwrap();
                session
                    .map_insert(session.map().unwrap(), key, inner)
                    .unwrap()
            }
            _ => {
                let vector = session
                    .vector_push(session.vector().unwrap(), session.nil())
                    .unwrap();
                session.vector_push(vector, inner).unwrap()
            }
        };
        session.store(root, outer);
    }
}

#[test]
fn a_million_levels_are_compared_and_hashed() {
    let depth = if cfg!(miri) { 60 } else { 1_000_000 };
    let words = if cfg!(miri) { 1 << 16 } else { 1 << 26 };
    in_session(words, |session| {
        let (mut a, mut b, mut c) = (Root::NIL, Root::NIL, Root::NIL);
        chain(session, &mut a, depth, 1);
        chain(session, &mut b, depth, 1);
        chain(session, &mut c, depth, 2);
        let (x, y, z) = (session.load(&a), session.load(&b), session.load(&c));
        assert!(session.identical(x, y).unwrap());
        assert!(session.equal(y, x).unwrap());
        assert_eq!(session.order(x, z).unwrap(), Ordering::Less);
        assert_eq!(session.hash(x).unwrap(), session.hash(y).unwrap());
        assert_ne!(session.hash(x).unwrap(), session.hash(z).unwrap());
        // As a key it is hashed once, and stored with its hash.
        let map = session.map_insert(session.map().unwrap(), x, z).unwrap();
        assert!(session.map_get(map, y).unwrap().is_some());
        assert!(session.map_get(map, z).unwrap().is_none());
    });
}

/// A value that is small in memory and, seen as a tree, of 2^levels leaves: each level holds the one
/// below twice. The parts are shared in another way if `offset` is another.
fn shared(session: &Session<'_>, root: &mut Root, levels: u32, offset: bool) {
    let leaf = session.text("leaf").unwrap();
    let pair = |a, b| {
        let vector = session.vector_push(session.vector().unwrap(), a).unwrap();
        session.vector_push(vector, b).unwrap()
    };
    let (mut one, mut other) = (leaf, session.text("leaf").unwrap());
    for _ in 0..levels {
        (one, other) = if offset {
            (pair(one, other), pair(other, one))
        } else {
            (pair(one, one), pair(one, one))
        };
    }
    session.store(root, one);
}

#[test]
fn values_with_parts_shared_many_times_take_time_for_each_part_once() {
    in_session(SMALL << 2, |session| {
        let levels = if cfg!(miri) { 6 } else { 60 };
        let (mut a, mut b) = (Root::NIL, Root::NIL);
        shared(session, &mut a, levels, false);
        shared(session, &mut b, levels, true);
        for collecting in [false, true] {
            let (mut comparison, mut hashing) = (Comparison::new(), Hashing::new());
            let mut spent = 0;
            loop {
                let mut units = 500;
                let (x, y) = (session.load(&a), session.load(&b));
                let step = session
                    .identical_step(&mut comparison, x, y, &mut units)
                    .unwrap();
                spent += 500 - units;
                if let Some(identical) = step {
                    assert!(identical);
                    break;
                }
                if collecting {
                    // SAFETY: these are the roots.
                    unsafe { session.collect(&mut [&mut a, &mut b]) }.unwrap();
                }
            }
            let hash = loop {
                let mut units = 500;
                let step = session
                    .hash_step(&mut hashing, session.load(&a), &mut units)
                    .unwrap();
                spent += 500 - units;
                if let Some(hash) = step {
                    break hash;
                }
                if collecting {
                    // SAFETY: these are the roots.
                    unsafe { session.collect_everything(&mut [&mut a, &mut b]) }.unwrap();
                }
            };
            assert_eq!(hash, session.hash(session.load(&b)).unwrap());
            assert!(spent < 100_000, "{spent} units of work");
        }
    });
}

#[test]
fn a_lookup_may_be_interrupted_by_collections_at_every_unit() {
    in_session(SMALL, |session| {
        let mut map = Root::NIL;
        let mut key = Root::NIL;
        let empty = session.map().unwrap();
        session.store(&mut map, empty);
        for round in 0..6 {
            let depth = 5 + round / 2;
            chain(session, &mut key, depth, round as i64 / 3);
            let mut lookup = Lookup::new();
            loop {
                let done = session
                    .lookup_step(&mut lookup, session.load(&map), session.load(&key), &mut 1)
                    .unwrap();
                // SAFETY: these are the roots.
                unsafe { session.collect(&mut [&mut map, &mut key]) }.unwrap();
                if done {
                    break;
                }
            }
            let (old, sought) = (session.load(&map), session.load(&key));
            let expected = session.map_get(old, sought).unwrap().is_some();
            assert_eq!(session.map_get_found(old, &lookup).is_some(), expected);
            let new = session
                .map_insert_found(old, &lookup, sought, session.nil())
                .unwrap();
            assert!(session.map_get(new, sought).unwrap().is_some());
            assert_eq!(
                session.map_len(new),
                session.map_len(old).map(|n| n + u64::from(!expected))
            );
            session.store(&mut map, new);
            if round == 5 {
                let gone = session
                    .map_remove_found(session.load(&map), &lookup)
                    .unwrap();
                let _ = gone;
            }
        }
    });
}

#[test]
fn long_text_is_compared_and_hashed_in_pieces() {
    in_session(SMALL, |session| {
        let long = "0123456789".repeat(if cfg!(miri) { 150 } else { 5000 });
        let a = session.text(&long).unwrap();
        let b = session.text(&long).unwrap();
        let c = session.text(&(long.clone() + "!")).unwrap();
        assert!(session.identical(a, b).unwrap());
        assert_eq!(session.order(a, c).unwrap(), Ordering::Less);
        let mut comparison = Comparison::new();
        let mut steps = 0;
        while session
            .equal_step(&mut comparison, a, b, &mut 1)
            .unwrap()
            .is_none()
        {
            steps += 1;
        }
        assert!(steps >= long.len() / 400, "{steps} steps");
        let map = session.map_insert(session.map().unwrap(), a, c).unwrap();
        assert!(session.map_get_text(map, &long).is_some());
        assert!(session.map_get_bytes(map, long.as_bytes()).is_none());
        assert!(session.map_get(map, c).unwrap().is_none());
    });
}

#[test]
fn what_is_given_up_leaves_nothing_behind() {
    in_session(SMALL, |session| {
        let mut key = Root::NIL;
        chain(session, &mut key, 40, 0);
        let mut lookup = Lookup::new();
        let local = session.load(&key);
        let set = session.set().unwrap();
        assert!(
            !session
                .lookup_step(&mut lookup, set, local, &mut 3)
                .unwrap()
        );
        assert_ne!(session.heap_statistics().scratch, 0);
        session.end_lookup(&mut lookup);
    });
}
