//! One operation on one structure, many times, for a simulator of caches to watch.
//!
//! `locality map|vector|hash|btree|vec get|walk|change SIZE COUNT`. The difference between a run with
//! a COUNT and one with none is what the operations did. docs/experiments/0005-locality.md has the
//! command for valgrind's cachegrind and what it gave.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;

use stele_memory::{Arena, Heap, MapTransient, NeedSpace, Root, Session, VectorTransient};

use support::{Failure, scatter};

fn main() -> Result<(), Failure> {
    let usage = "usage: locality map|vector|hash|btree|vec get|walk|change SIZE COUNT";
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [structure, operation, size, count] = words.as_slice() else {
        return Err(usage.into());
    };
    let (size, count) = (size.parse()?, count.parse()?);
    match (structure.as_str(), operation.as_str()) {
        ("map" | "vector", _) => values(structure == "map", operation, size, count)?,
        ("hash", "get") => {
            let map: HashMap<u64, u64> = (0..size).map(|index| (scatter(index), index)).collect();
            for index in 0..count {
                black_box(map.get(&scatter(scatter(index) % size)));
            }
        }
        ("hash", "walk") => {
            let map: HashMap<u64, u64> = (0..size).map(|index| (scatter(index), index)).collect();
            black_box(map.values().cycle().take(count as usize).sum::<u64>());
        }
        ("btree", "get") => {
            let map: BTreeMap<u64, u64> = (0..size).map(|index| (scatter(index), index)).collect();
            for index in 0..count {
                black_box(map.get(&scatter(scatter(index) % size)));
            }
        }
        ("btree", "walk") => {
            let map: BTreeMap<u64, u64> = (0..size).map(|index| (scatter(index), index)).collect();
            black_box(map.values().cycle().take(count as usize).sum::<u64>());
        }
        ("vec", "get") => {
            let vec: Vec<u64> = (0..size).collect();
            for index in 0..count {
                black_box(vec[(scatter(index) % size) as usize]);
            }
        }
        _ => return Err(usage.into()),
    }
    Ok(())
}

/// The operation on a map or a vector of so many integers.
fn values(is_map: bool, operation: &str, size: u64, count: u64) -> Result<(), Failure> {
    let key = |index: u64| scatter(index) as i64 >> 3;
    let mut region = vec![0u64; (64 << 20 >> 3) + 40 * size as usize];
    let mut arena = Arena::new(&mut region)?;
    let mut heap = Heap::empty();
    let mut root = Root::NIL;
    // SAFETY: a new heap, and the only session of it.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    if is_map {
        let mut transient = MapTransient::new();
        for index in 0..size {
            let number = session.integer(index as i64)?;
            session.map_transient_insert(&mut transient, session.integer(key(index))?, number)?;
        }
        let built = session.freeze(&mut transient)?;
        session.store(&mut root, built);
    } else {
        let mut transient = VectorTransient::new();
        for index in 0..size {
            session.vector_transient_push(&mut transient, session.integer(index as i64)?)?;
        }
        let built = session.vector_freeze(&mut transient)?;
        session.store(&mut root, built);
    }
    // SAFETY: the only root.
    unsafe { session.collect_everything(&mut [&mut root]) }?;
    if operation == "walk" {
        let value = session.load(&root);
        for _ in 0..count / size {
            if is_map {
                session
                    .map_entries(value)
                    .for_each(|entry| _ = black_box(entry));
            } else {
                session
                    .vector_elements(value)
                    .for_each(|element| _ = black_box(element));
            }
        }
        return Ok(());
    }
    for operation_number in 0..count {
        let index = scatter(operation_number) % size;
        if operation == "get" {
            let value = session.load(&root);
            if is_map {
                black_box(session.map_get(value, session.integer(key(index))?)?);
            } else {
                black_box(session.vector_get(value, index));
            }
            continue;
        }
        let need = Session::worst_case_map_insert() + Session::worst_case_vector_push();
        while let Err(NeedSpace::Collect) = session.reserve(need) {
            // SAFETY: the only root.
            unsafe { session.collect(&mut [&mut root]) }?;
        }
        let mut changed = Root::NIL;
        let value = session.load(&root);
        let new = if is_map {
            session.map_insert(value, session.integer(key(index))?, session.nil())?
        } else {
            session.vector_set(value, index, session.nil())?
        };
        session.store(&mut changed, new);
        root = changed;
    }
    Ok(())
}
