//! Vectors and maps against the collections of the standard library.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use stele_memory::{Arena, Heap, Local, Refusal, Root, Session, TrieCursor};

/// A key in the model; in a map it is an integer, inline or boxed, or bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Integer(i64),
    Bytes(Vec<u8>),
}

impl Key {
    fn make<'a>(&self, session: &'a Session<'_>) -> Local<'a> {
        match self {
            Key::Integer(integer) => session.integer(*integer),
            Key::Bytes(bytes) => session.bytes(bytes),
        }
        .unwrap()
    }

    fn read(session: &Session<'_>, key: Local<'_>) -> Key {
        match session.as_bytes(key) {
            Some(bytes) => Key::Bytes(bytes.to_vec()),
            None => Key::Integer(session.as_integer(key).unwrap()),
        }
    }
}

fn keys() -> impl Strategy<Value = Key> {
    prop_oneof![
        4 => (0i64..60).prop_map(Key::Integer),
        1 => any::<i64>().prop_map(Key::Integer),
        3 => "[a-c]{0,3}".prop_map(|name| Key::Bytes(name.into_bytes())),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Key::Bytes),
    ]
}

#[derive(Clone, Debug)]
enum MapStep {
    Insert(Key, i64),
    Remove(Key),
    Get(Key),
    /// Goes back to an earlier version.
    Back(usize),
    Collect,
}

fn map_steps() -> impl Strategy<Value = Vec<MapStep>> {
    let step = prop_oneof![
        8 => (keys(), any::<i64>()).prop_map(|(key, value)| MapStep::Insert(key, value)),
        5 => keys().prop_map(MapStep::Remove),
        2 => keys().prop_map(MapStep::Get),
        1 => any::<usize>().prop_map(MapStep::Back),
        1 => Just(MapStep::Collect),
    ];
    prop::collection::vec(step, 0..if cfg!(miri) { 25 } else { 300 })
}

#[derive(Clone, Debug)]
enum VectorStep {
    Push(i64),
    PushMany(usize),
    Set(u64, i64),
    Truncate(u64),
    Slice(u64, u64),
    /// With an earlier version before it, or behind it.
    Concat(usize, bool),
    Pop,
    Back(usize),
    Collect,
}

fn vector_steps() -> impl Strategy<Value = Vec<VectorStep>> {
    let step = prop_oneof![
        3 => any::<i64>().prop_map(VectorStep::Push),
        3 => (0usize..if cfg!(miri) { 70 } else { 1500 }).prop_map(VectorStep::PushMany),
        3 => (any::<u64>(), any::<i64>()).prop_map(|(index, value)| VectorStep::Set(index, value)),
        1 => any::<u64>().prop_map(VectorStep::Truncate),
        3 => any::<(u64, u64)>().prop_map(|(from, to)| VectorStep::Slice(from, to)),
        4 => any::<(usize, bool)>().prop_map(|(version, before)| VectorStep::Concat(version, before)),
        1 => Just(VectorStep::Pop),
        1 => any::<usize>().prop_map(VectorStep::Back),
        1 => Just(VectorStep::Collect),
    ];
    prop::collection::vec(step, 0..if cfg!(miri) { 8 } else { 40 })
}

fn walk(session: &Session<'_>, map: Local<'_>) -> Vec<(Key, i64)> {
    let mut cursor = TrieCursor::default();
    let mut entries = Vec::new();
    while let Some((key, value, next)) = session.map_next(map, cursor) {
        entries.push((Key::read(session, key), session.as_integer(value).unwrap()));
        cursor = next;
    }
    entries
}

fn elements(session: &Session<'_>, vector: Local<'_>) -> Vec<i64> {
    let length = session.vector_len(vector).unwrap();
    assert!(session.vector_get(vector, length).is_none());
    (0..length)
        .map(|index| {
            session
                .as_integer(session.vector_get(vector, index).unwrap())
                .unwrap()
        })
        .collect()
}

/// Elements of the longest vector of these tests.
const LONGEST: usize = if cfg!(miri) { 300 } else { 60_000 };

/// Whether everything is collected, and the heap verified, before each step: in one case of five.
fn torture() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.2)
}

/// Collects everything with all versions as roots, and verifies what is left.
fn collect_everything_and_verify(arena: &mut Arena<'_>, heap: &mut Heap, versions: &mut [Root]) {
    // SAFETY: every root of these tests is a version.
    unsafe { heap.collect_everything(arena, versions) }.unwrap();
    heap.verify(arena, &*versions).unwrap();
}

/// Collects with all versions as roots.
fn collect(session: &mut Session<'_>, versions: &mut [Root]) {
    // SAFETY: every root of these tests is a version.
    unsafe { session.collect(versions) }.unwrap();
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => ProptestConfig::default().cases,
            None if cfg!(miri) => 2,
            None => cases,
        },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn region() -> Vec<u64> {
    vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 23 }]
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn a_map_and_all_its_versions_are_as_a_btree_map(steps in map_steps(), torture in torture()) {
        let mut region = region();
        let mut arena = Arena::new(&mut region).unwrap();
        arena.poison_freed(true);
        let mut heap = Heap::empty();
        let mut versions = vec![Root::NIL];
        let mut models = vec![BTreeMap::new()];
        {
            {
                // SAFETY: a new heap, one session at a time.
                let session = unsafe { Session::new(&mut arena, &mut heap) };
                let empty = session.map().unwrap();
                session.store(&mut versions[0], empty);
            }
            let mut now = 0;
            for step in steps {
                if torture {
                    collect_everything_and_verify(&mut arena, &mut heap, &mut versions);
                }
                // SAFETY: one session at a time; every collection was shown the versions.
                let mut session = unsafe { Session::new(&mut arena, &mut heap) };
                let mut model: BTreeMap<Key, i64> = models[now].clone();
                let map = session.load(&versions[now]);
                let changed = match step {
                    MapStep::Insert(key, value) => {
                        model.insert(key.clone(), value);
                        session.map_insert(map, key.make(&session), session.integer(value).unwrap()).unwrap()
                    }
                    MapStep::Remove(key) => {
                        model.remove(&key);
                        session.map_remove(map, key.make(&session)).unwrap()
                    }
                    MapStep::Get(key) => {
                        let found = session.map_get(map, key.make(&session)).unwrap();
                        let expected = model.get(&key).copied();
                        prop_assert_eq!(found.and_then(|value| session.as_integer(value)), expected);
                        if let Key::Bytes(bytes) = &key {
                            let found = session.map_get_bytes(map, bytes);
                            prop_assert_eq!(found.and_then(|value| session.as_integer(value)), expected);
                        }
                        continue;
                    }
                    MapStep::Back(version) => {
                        now = version % versions.len();
                        continue;
                    }
                    MapStep::Collect => {
                        collect(&mut session, &mut versions);
                        continue;
                    }
                };
                prop_assert_eq!(session.map_len(changed), Some(model.len() as u64));
                let mut root = Root::NIL;
                session.store(&mut root, changed);
                versions.push(root);
                models.push(model);
                now = versions.len() - 1;
            }
            // SAFETY: as above.
            let mut session = unsafe { Session::new(&mut arena, &mut heap) };
            collect(&mut session, &mut versions);
            for (version, model) in versions.iter().zip(&models) {
                let map = session.load(version);
                let walked = walk(&session, map);
                // A map built in another order is the same, and is walked in the same order.
                let mut sorted = session.map().unwrap();
                for (key, value) in model.iter().rev() {
                    let value = session.integer(*value).unwrap();
                    sorted = session.map_insert(sorted, key.make(&session), value).unwrap();
                }
                prop_assert!(session.identical(map, sorted).unwrap());
                prop_assert_eq!(&walked, &walk(&session, sorted));
                prop_assert_eq!(&walked.into_iter().collect::<BTreeMap<_, _>>(), model);
            }
        }
        heap.verify(&mut arena, versions.as_slice()).unwrap();
    }

    #[test]
    fn a_vector_and_all_its_versions_are_as_a_vec(steps in vector_steps(), torture in torture()) {
        let mut region = region();
        let mut arena = Arena::new(&mut region).unwrap();
        arena.poison_freed(true);
        let mut heap = Heap::empty();
        let mut versions = vec![Root::NIL];
        let mut models = vec![Vec::new()];
        {
            {
                // SAFETY: a new heap, one session at a time.
                let session = unsafe { Session::new(&mut arena, &mut heap) };
                let empty = session.vector().unwrap();
                session.store(&mut versions[0], empty);
            }
            let mut now = 0;
            for step in steps {
                if torture {
                    collect_everything_and_verify(&mut arena, &mut heap, &mut versions);
                }
                // SAFETY: one session at a time; every collection was shown the versions.
                let mut session = unsafe { Session::new(&mut arena, &mut heap) };
                let mut model: Vec<i64> = models[now].clone();
                let vector = session.load(&versions[now]);
                let changed = match step {
                    VectorStep::Push(value) => {
                        model.push(value);
                        session.vector_push(vector, session.integer(value).unwrap())
                    }
                    VectorStep::PushMany(count) => (0..count).try_fold(vector, |vector, index| {
                        model.push(index as i64);
                        session.vector_push(vector, session.integer(index as i64).unwrap())
                    }),
                    VectorStep::Set(index, value) => {
                        let index = index % (model.len() as u64 + 1);
                        let changed = session.vector_set(vector, index, session.integer(value).unwrap());
                        match model.get_mut(index as usize) {
                            Some(element) => *element = value,
                            None => {
                                let refusal = Refusal::OutOfRange { index, length: index };
                                prop_assert_eq!(changed.unwrap_err(), refusal);
                                continue;
                            }
                        }
                        changed
                    }
                    VectorStep::Truncate(length) => {
                        let length = length % (model.len() as u64 + 2);
                        model.truncate(length as usize);
                        session.vector_truncate(vector, length)
                    }
                    VectorStep::Slice(from, to) => {
                        let to = to % (model.len() as u64 + 1);
                        // Mostly little is cut off, so that something is left.
                        let from = from % (to / 4 + 1);
                        model = model[from as usize..to as usize].to_vec();
                        session.vector_slice(vector, from, to)
                    }
                    VectorStep::Concat(version, before) => {
                        let version = version % versions.len();
                        if model.len() + models[version].len() > LONGEST {
                            continue;
                        }
                        let other = session.load(&versions[version]);
                        if before {
                            model = [models[version].as_slice(), &model].concat();
                            session.vector_concat(other, vector)
                        } else {
                            model.extend_from_slice(&models[version]);
                            session.vector_concat(vector, other)
                        }
                    }
                    VectorStep::Pop => {
                        model.pop();
                        session.vector_truncate(vector, model.len() as u64)
                    }
                    VectorStep::Back(version) => {
                        now = version % versions.len();
                        continue;
                    }
                    VectorStep::Collect => {
                        collect(&mut session, &mut versions);
                        continue;
                    }
                };
                let mut root = Root::NIL;
                session.store(&mut root, changed.unwrap());
                versions.push(root);
                models.push(model);
                now = versions.len() - 1;
                if session.safepoint() {
                    collect(&mut session, &mut versions);
                }
            }
            // SAFETY: as above.
            let mut session = unsafe { Session::new(&mut arena, &mut heap) };
            collect(&mut session, &mut versions);
            for (version, model) in versions.iter().zip(&models) {
                prop_assert_eq!(&elements(&session, session.load(version)), model);
            }
            for (version, model) in versions.iter().zip(&models).rev().take(4) {
                let backwards: Vec<i64> = session
                    .vector_elements(session.load(version))
                    .rev()
                    .map(|element| session.as_integer(element).unwrap())
                    .collect();
                prop_assert!(backwards.iter().rev().eq(model));
                // From both ends in turn.
                let mut both = session.vector_elements(session.load(version));
                let (mut front, mut back) = (Vec::new(), Vec::new());
                while let Some(element) = both.next() {
                    front.push(session.as_integer(element).unwrap());
                    back.extend(both.next_back().map(|element| session.as_integer(element).unwrap()));
                }
                front.extend(back.into_iter().rev());
                prop_assert_eq!(&front, model);
            }
            // Nobody can see how it was built.
            let last = session.load(versions.last().unwrap());
            let pushed = models.last().unwrap().iter().try_fold(session.vector().unwrap(), |vector, element| {
                session.vector_push(vector, session.integer(*element).unwrap())
            });
            prop_assert!(session.identical(last, pushed.unwrap()).unwrap());
        }
        heap.verify(&mut arena, versions.as_slice()).unwrap();
    }
}

#[test]
fn a_vector_is_right_at_every_length_up_to_three_levels_and_back() {
    let limit: u64 = if cfg!(miri) { 70 } else { 33_900 };
    let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 23 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut vector = Root::NIL;
    // SAFETY: a new heap, one session.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    let change = |session: &mut Session<'_>, vector: &mut Root, length: u64| {
        let old = session.load(vector);
        let new = match session.vector_len(old) {
            None => session.vector().unwrap(),
            Some(now) if now < length => session
                .vector_push(old, session.integer(now as i64).unwrap())
                .unwrap(),
            Some(_) => session.vector_truncate(old, length).unwrap(),
        };
        session.store(vector, new);
        let new = session.load(vector);
        assert_eq!(session.vector_len(new), Some(length));
        for index in [
            0,
            31,
            32,
            1023,
            1024,
            1055,
            length / 2,
            length.saturating_sub(33),
            length.saturating_sub(1),
        ] {
            let found = session
                .vector_get(new, index)
                .and_then(|value| session.as_integer(value));
            assert_eq!(
                found,
                (index < length).then_some(index as i64),
                "element {index} of {length}"
            );
        }
        if session.safepoint() {
            // SAFETY: this is the only root.
            unsafe { session.collect(&mut [vector]) }.unwrap();
        }
    };
    for length in (0..=limit).chain((0..limit).rev()) {
        change(&mut session, &mut vector, length);
    }
    heap.verify(&mut arena, &[&vector]).unwrap();
}

#[test]
fn a_walk_may_be_interrupted_by_collections() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let mut heap = Heap::empty();
    let mut map = Root::NIL;
    // SAFETY: a new heap, one session.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut built = session.map().unwrap();
    for index in 0..100 {
        built = session
            .map_insert(built, session.integer(index).unwrap(), session.nil())
            .unwrap();
    }
    session.store(&mut map, built);
    let mut cursor = TrieCursor::default();
    let mut seen = Vec::new();
    while let Some((key, _, next)) = session.map_next(session.load(&map), cursor) {
        seen.push(session.as_integer(key).unwrap());
        cursor = next;
        // SAFETY: this is the only root.
        unsafe { session.collect(&mut [&mut map]) }.unwrap();
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[test]
fn integers_keep_their_value_whether_inline_or_boxed() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let edge = 1i64 << 60;
    for integer in [
        0,
        1,
        -1,
        edge - 1,
        edge,
        -edge,
        -edge - 1,
        i64::MAX,
        i64::MIN,
    ] {
        let local = session.integer(integer).unwrap();
        assert_eq!(session.as_integer(local), Some(integer));
        assert!(
            session
                .identical(local, session.integer(integer).unwrap())
                .unwrap()
        );
        assert!(
            !session
                .identical(local, session.integer(integer ^ 1).unwrap())
                .unwrap()
        );
    }
}

#[test]
fn bytes_of_every_length_are_kept_as_they_are() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let all: Vec<u8> = (0..=255).collect();
    for length in 0..=all.len() {
        let local = session.bytes(&all[..length]).unwrap();
        assert_eq!(session.as_bytes(local), Some(&all[..length]));
    }
}

#[test]
fn an_operation_on_a_value_of_another_kind_is_refused_by_name() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let values = [
        session.nil(),
        session.boolean(true),
        session.integer(5).unwrap(),
        session.integer(i64::MIN).unwrap(),
        session.bytes(b"five").unwrap(),
        session.record(3, &[session.nil()]).unwrap(),
        session.vector().unwrap(),
        session.map().unwrap(),
    ];
    for (index, value) in values.into_iter().enumerate() {
        assert_eq!(session.is_nil(value), index == 0);
        assert_eq!(session.as_boolean(value).is_some(), index == 1);
        assert_eq!(
            session.as_integer(value).is_some(),
            index == 2 || index == 3
        );
        assert_eq!(session.as_bytes(value).is_some(), index == 4);
        assert_eq!(session.record_type(value), (index == 5).then_some(3));
        assert_eq!(session.field(value, 0).is_some(), index == 5);
        assert_eq!(session.vector_len(value).is_some(), index == 6);
        assert_eq!(session.map_len(value).is_some(), index == 7);
        assert_eq!(session.as_code(value), None);
        if index != 5 {
            assert_eq!(
                session.with_field(value, 0, value).unwrap_err(),
                Refusal::WrongKind("a record")
            );
        }
        if index != 6 {
            assert_eq!(
                session.vector_push(value, value).unwrap_err().to_string(),
                "the value is not a vector"
            );
            assert!(session.vector_get(value, 0).is_none());
        }
        if index != 7 {
            assert_eq!(
                session.map_insert(value, value, value).unwrap_err(),
                Refusal::WrongKind("a map")
            );
            assert!(session.map_get(value, value).unwrap().is_none());
            assert!(session.map_next(value, TrieCursor::default()).is_none());
        }
    }
    let [nil, .., record, _, _] = values;
    assert_eq!(
        session.with_field(record, 1, nil).unwrap_err().to_string(),
        "there is no place 1 in a value with 1 places, counted from 0"
    );
}
