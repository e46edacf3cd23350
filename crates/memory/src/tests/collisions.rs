//! Maps whose keys have equal hashes, or hashes that differ late.

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use super::{std, weaken_hashes};
use crate::{Arena, Heap, Root, Session, TrieCursor};

/// Keys 0 to 39; every third one is bytes.
pub(super) fn key<'a>(session: &'a Session<'_>, key: u8) -> crate::Local<'a> {
    if key.is_multiple_of(3) {
        session.bytes(&[key; 5])
    } else {
        session.integer(i64::from(key))
    }
    .unwrap()
}

fn walk(session: &Session<'_>, map: &Root) -> Vec<(i64, i64)> {
    let mut cursor = TrieCursor::default();
    let mut entries = Vec::new();
    while let Some((key, value, next)) = session.map_next(session.load(map), cursor) {
        let key = match session.as_bytes(key) {
            Some(bytes) => 1000 + i64::from(bytes[0]),
            None => session.as_integer(key).unwrap(),
        };
        entries.push((key, session.as_integer(value).unwrap()));
        cursor = next;
    }
    entries
}

fn run(mask: u64) {
    weaken_hashes(mask);
    let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 19 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut map = Root::NIL;
    {
        // SAFETY: a new heap, no other session, and no collection.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        let empty = session.map().unwrap();
        session.store(&mut map, empty);
        let mut model = BTreeMap::new();
        let mut shapes = BTreeMap::new();
        let mut random = 1u64;
        let steps = if cfg!(miri) { 12 } else { 2000 };
        for step in 0..steps {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let which = (random >> 40) as u8 % 40;
            let old = session.load(&map);
            let new = if random >> 63 == 0 {
                model.insert(which, step);
                session
                    .map_insert(old, key(&session, which), session.integer(step).unwrap())
                    .unwrap()
            } else {
                model.remove(&which);
                session.map_remove(old, key(&session, which)).unwrap()
            };
            session.store(&mut map, new);
            assert_eq!(session.map_len(new), Some(model.len() as u64));
            for which in 0..40 {
                let found = session
                    .map_get(new, key(&session, which))
                    .unwrap()
                    .and_then(|value| session.as_integer(value));
                assert_eq!(
                    found,
                    model.get(&which).copied(),
                    "key {which} at step {step}, mask {mask:#x}"
                );
            }
            if step % 50 == 0 {
                let mut transient = crate::MapTransient::new();
                for (which, value) in &model {
                    let value = session.integer(*value).unwrap();
                    session
                        .map_transient_insert(&mut transient, key(&session, *which), value)
                        .unwrap();
                }
                let built = session.freeze(&mut transient).unwrap();
                assert!(session.identical(built, new).unwrap(), "built in place");
            }
            let walked = walk(&session, &map);
            assert_eq!(walked.len(), model.len());
            let keys: Vec<i64> = walked.iter().map(|entry| entry.0).collect();
            let members: Vec<u8> = model.keys().copied().collect();
            assert_eq!(
                shapes.entry(members).or_insert_with(|| keys.clone()),
                &keys,
                "order of the walk"
            );
        }
    }
    heap.verify(&mut arena, &[&map]).unwrap();
}

#[test]
fn a_map_of_keys_with_one_and_the_same_hash_works() {
    run(0);
}

#[test]
fn a_map_of_keys_whose_hashes_differ_only_in_the_last_bits_works() {
    run(3);
}

#[test]
fn a_map_of_keys_whose_hashes_differ_only_in_the_middle_works() {
    run(0x0000_0070_0000_0000);
}

#[test]
fn a_map_of_keys_with_few_hashes_works() {
    run(0x8000_0000_0040_0001);
}
