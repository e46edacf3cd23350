//! Maps and sets built in place, against the collections of the standard library and against those
//! built one value after the other.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use proptest::prelude::*;
use stele_memory::{Arena, Heap, MapTransient, Root, Session, SetTransient, VectorTransient};

use support::{Model, config, models, scalars};

#[derive(Clone, Debug)]
enum Step {
    Insert(Model, i64),
    Remove(Model),
    Get(Model),
    Collect,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys = || prop_oneof![6 => scalars(), 1 => models()];
    let step = prop_oneof![
        10 => (keys(), any::<i64>()).prop_map(|(key, value)| Step::Insert(key, value)),
        3 => keys().prop_map(Step::Remove),
        3 => keys().prop_map(Step::Get),
        1 => Just(Step::Collect),
    ];
    prop::collection::vec(step, 0..if cfg!(miri) { 20 } else { 150 })
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn a_map_built_in_place_is_the_map_built_step_by_step(steps in steps(), units in prop_oneof![Just(1u64), 2u64..200]) {
        let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 19 }];
        let mut arena = Arena::new(&mut region).unwrap();
        arena.poison_freed(true);
        let mut heap = Heap::empty();
        let (mut map, mut set, mut built) = (Root::NIL, Root::NIL, Root::NIL);
        {
            // SAFETY: a new heap, one session.
            let mut session = unsafe { Session::new(&mut arena, &mut heap) };
            let (mut maps, mut sets) = (MapTransient::new(), SetTransient::new());
            let (empty, none) = (session.map().unwrap(), session.set().unwrap());
            session.store(&mut map, empty);
            session.store(&mut set, none);
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        let (key, value) = (key.make(&session), session.integer(value).unwrap());
                        let larger = session.map_insert(session.load(&map), key, value).unwrap();
                        session.map_transient_insert(&mut maps, key, value).unwrap();
                        session.store(&mut map, larger);
                        let larger = session.set_insert(session.load(&set), key).unwrap();
                        session.set_transient_insert(&mut sets, key).unwrap();
                        session.store(&mut set, larger);
                    }
                    Step::Remove(key) => {
                        let key = key.make(&session);
                        let smaller = session.map_remove(session.load(&map), key).unwrap();
                        let was = session.map_len(session.load(&map)) != session.map_len(smaller);
                        prop_assert_eq!(session.transient_remove(&mut maps, key).unwrap(), was);
                        session.store(&mut map, smaller);
                        let smaller = session.set_remove(session.load(&set), key).unwrap();
                        prop_assert_eq!(session.transient_remove(&mut sets, key).unwrap(), was);
                        session.store(&mut set, smaller);
                    }
                    Step::Get(key) => {
                        let key = key.make(&session);
                        let expected = session.map_get(session.load(&map), key).unwrap();
                        let found = session.map_transient_get(&maps, key).unwrap();
                        prop_assert_eq!(found.is_some(), expected.is_some());
                        if let (Some(found), Some(expected)) = (found, expected) {
                            prop_assert!(session.identical(found, expected).unwrap());
                        }
                        let member = session.set_transient_get(&sets, key).unwrap();
                        prop_assert_eq!(member.is_some(), expected.is_some());
                    }
                    Step::Collect => {
                        // SAFETY: these are the roots.
                        unsafe { session.collect(&mut [&mut map, &mut set]) }.unwrap();
                    }
                }
                prop_assert_eq!(Some(maps.len()), session.map_len(session.load(&map)));
                prop_assert_eq!(Some(sets.len()), session.set_len(session.load(&set)));
            }
            // In pieces, with collections between them.
            loop {
                let mut left = units;
                let done = session.freeze_step(&mut maps, &mut left).unwrap();
                if let Some(done) = done {
                    session.store(&mut built, done);
                    break;
                }
                // SAFETY: these are the roots.
                unsafe { session.collect(&mut [&mut map, &mut set]) }.unwrap();
            }
            prop_assert!(session.identical(session.load(&built), session.load(&map)).unwrap());
            let members = session.freeze(&mut sets).unwrap();
            prop_assert!(session.identical(members, session.load(&set)).unwrap());
            prop_assert_eq!(session.heap_statistics().scratch, 0);
        }
        heap.verify(&mut arena, &[&map, &set, &built]).unwrap();
    }
}

#[test]
fn a_large_map_is_built_in_place() {
    let count = if cfg!(miri) { 100 } else { 100_000 };
    let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 22 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut map = Root::NIL;
    {
        // SAFETY: a new heap, one session.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        let mut transient = MapTransient::new();
        for index in 0..count {
            let key = session.integer(index * 7919 % count).unwrap();
            while !session
                .transient_reserve_step(&mut transient, &mut 100)
                .unwrap()
            {}
            session
                .map_transient_insert(&mut transient, key, session.integer(-index).unwrap())
                .unwrap();
        }
        let built = session.freeze(&mut transient).unwrap();
        assert_eq!(session.map_len(built), Some(count as u64));
        for index in 0..count {
            let key = session.integer(index * 7919 % count).unwrap();
            let value = session.map_get(built, key).unwrap().unwrap();
            assert_eq!(session.as_integer(value), Some(-index));
        }
        session.store(&mut map, built);
    }
    heap.verify(&mut arena, &[&map]).unwrap();
}

#[test]
fn a_vector_built_in_place_is_the_vector_pushed_to() {
    let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 22 }];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let mut heap = Heap::empty();
    let mut root = Root::NIL;
    {
        // SAFETY: a new heap, one session.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        let lengths: &[u64] = if cfg!(miri) {
            &[0, 32, 65]
        } else {
            &[
                0, 1, 31, 32, 33, 64, 65, 1023, 1024, 1055, 1056, 1057, 1088, 2080, 32_768, 32_800,
                33_824, 70_000,
            ]
        };
        for length in lengths {
            let mut transient = VectorTransient::new();
            for index in 0..*length {
                // Big integers, so that there is something for the collections to move.
                let element = session.integer(i64::MAX - index as i64).unwrap();
                session
                    .vector_transient_push(&mut transient, element)
                    .unwrap();
                if index % 4099 == 7 {
                    // SAFETY: this is the only root.
                    unsafe { session.collect(&mut [&mut root]) }.unwrap();
                }
            }
            assert_eq!(transient.len(), *length);
            for index in (0..*length).step_by(61).chain(length.checked_sub(1)) {
                let element = session.vector_transient_get(&transient, index).unwrap();
                assert_eq!(session.as_integer(element), Some(i64::MAX - index as i64));
            }
            assert!(session.vector_transient_get(&transient, *length).is_none());
            let frozen = session.vector_freeze(&mut transient).unwrap();
            assert_eq!(session.vector_len(frozen), Some(*length));
            let mut expected = i64::MAX;
            for (index, element) in session.vector_elements(frozen).enumerate() {
                assert_eq!(session.as_integer(element), Some(expected), "of {length}");
                let got = session.vector_get(frozen, index as u64).unwrap();
                assert_eq!(session.as_integer(got), Some(expected));
                expected -= 1;
            }
            let longer = session.vector_push(frozen, session.nil()).unwrap();
            session.store(&mut root, longer);
            assert_eq!(session.heap_statistics().scratch, 0);
        }
    }
    heap.verify(&mut arena, &[&root]).unwrap();
}

#[test]
fn a_transient_given_up_leaves_nothing_behind() {
    let mut region = vec![0; 1 << 15];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut transient = MapTransient::new();
    for index in 0..20 {
        let key = session.integer(index).unwrap();
        session
            .map_transient_insert(&mut transient, key, key)
            .unwrap();
    }
    assert_eq!(
        session
            .freeze_step(&mut transient, &mut 5)
            .map(|map| map.is_none()),
        Ok(true)
    );
    session.end_transient(&mut transient);
    assert_eq!(session.heap_statistics().scratch, 0);
    assert!(transient.is_empty());
}

#[test]
fn a_map_frozen_while_its_table_grows_leaves_nothing_behind() {
    let mut region = vec![0; 1 << 16];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut map = MapTransient::new();
    let mut entries = 0;
    // The first reservation that one unit does not finish has begun to make the table larger.
    while entries == 0 || session.transient_reserve_step(&mut map, &mut 1).unwrap() {
        let number = session.integer(entries).unwrap();
        session
            .map_transient_insert(&mut map, number, number)
            .unwrap();
        entries += 1;
    }
    let frozen = session.freeze(&mut map).unwrap();
    assert_eq!(session.map_len(frozen), Some(entries as u64));
    assert!(map.is_empty());
    assert_eq!(session.heap_statistics().scratch, 0);
}
