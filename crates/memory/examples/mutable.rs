//! Values that never change beside the standard library's structures that change in place, from a
//! thousand to ten million entries: what a read costs, a walk, a change, and building; integers as
//! keys and values, in a random order.
//!
//! `cargo run --release -p stele-memory --example mutable [sizes …]`
//!
//! The standard structures hold 8 bytes for a value, as ours do. Their change is in place, and the
//! old version is gone; ours leaves it. Ours reserves before each change and collects when that is
//! due, as a program does.

#[path = "support/clock.rs"]
mod clock;
mod support;

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;

use stele_memory::{
    Arena, Heap, Local, MapTransient, NeedSpace, OutOfMemory, Refusal, Root, Session,
    VectorTransient,
};

use clock::now;
use support::{Failure, scatter};

/// Operations of one kind in each measurement, at most.
const OPERATIONS: u64 = 2_000_000;
/// The median of so many runs counts.
const RUNS: usize = 5;

fn main() -> Result<(), Failure> {
    let sizes: Vec<u64> = std::env::args()
        .skip(1)
        .map(|size| size.parse())
        .collect::<Result<_, _>>()?;
    let all = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    println!("| ns each | build | read | walk | change |");
    println!("|---|---|---|---|---|");
    for size in if sizes.is_empty() { &all[..] } else { &sizes } {
        let order: Vec<u64> = (0..OPERATIONS.min(*size))
            .map(|index| scatter(index) % size)
            .collect();
        hash_map(*size, &order);
        b_tree_map(*size, &order);
        map(*size, &order)?;
        vec(*size, &order);
        vector(*size, &order)?;
    }
    Ok(())
}

/// Runs `work` a few times; the median of the nanoseconds for each of `operations`.
fn median(operations: u64, mut work: impl FnMut() -> u64) -> f64 {
    let mut times: Vec<u64> = (0..RUNS)
        .map(|_| {
            let start = now();
            black_box(work());
            now() - start
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2] as f64 / operations as f64
}

fn row(name: &str, size: u64, [build, read, walk, change]: [f64; 4]) {
    println!("| {name}, {size} | {build:.1} | {read:.1} | {walk:.2} | {change:.1} |");
}

fn hash_map(size: u64, order: &[u64]) {
    let mut map = HashMap::new();
    let start = now();
    for key in 0..size {
        map.insert(scatter(key), key);
    }
    let build = (now() - start) as f64 / size as f64;
    let operations = order.len() as u64;
    let read = median(operations, || {
        order.iter().map(|key| map[&scatter(*key)]).sum()
    });
    let walk = median(size, || map.values().sum());
    let change = median(operations, || {
        for key in order {
            map.insert(scatter(*key), 7);
        }
        map.len() as u64
    });
    row("HashMap", size, [build, read, walk, change]);
}

fn b_tree_map(size: u64, order: &[u64]) {
    let mut map = BTreeMap::new();
    let start = now();
    for key in 0..size {
        map.insert(scatter(key), key);
    }
    let build = (now() - start) as f64 / size as f64;
    let operations = order.len() as u64;
    let read = median(operations, || {
        order.iter().map(|key| map[&scatter(*key)]).sum()
    });
    let walk = median(size, || map.values().sum());
    let change = median(operations, || {
        for key in order {
            map.insert(scatter(*key), 7);
        }
        map.len() as u64
    });
    row("BTreeMap", size, [build, read, walk, change]);
}

fn vec(size: u64, order: &[u64]) {
    let mut vec = Vec::new();
    let start = now();
    for element in 0..size {
        vec.push(black_box(element));
    }
    let build = (now() - start) as f64 / size as f64;
    let operations = order.len() as u64;
    let read = median(operations, || {
        order.iter().map(|index| vec[*index as usize]).sum()
    });
    let walk = median(size, || vec.iter().sum());
    let change = median(operations, || {
        for index in order {
            vec[*index as usize] = 7;
        }
        vec.len() as u64
    });
    row("Vec", size, [build, read, walk, change]);
}

/// A heap with one root.
struct Subject<'s> {
    session: Session<'s>,
    root: Root,
}

impl Subject<'_> {
    fn reserve(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        loop {
            match self.session.reserve(bytes) {
                Ok(()) => return Ok(()),
                Err(NeedSpace::OutOfMemory(error)) => return Err(error),
                Err(NeedSpace::Collect) => {
                    // SAFETY: this is the only root.
                    unsafe { self.session.collect(&mut [&mut self.root]) }?;
                }
            }
        }
    }

    fn change(
        &mut self,
        bytes: usize,
        change: impl for<'a> FnOnce(&'a Session<'_>, Local<'a>) -> Result<Local<'a>, Refusal>,
    ) -> Result<(), Failure> {
        self.reserve(bytes)?;
        let mut changed = Root::NIL;
        {
            let new = change(&self.session, self.session.load(&self.root))?;
            self.session.store(&mut changed, new);
        }
        self.root = changed;
        Ok(())
    }

    /// After building, so that what is measured lies as a collection leaves it.
    fn settle(&mut self) -> Result<(), Failure> {
        // SAFETY: this is the only root.
        unsafe { self.session.collect_everything(&mut [&mut self.root]) }?;
        Ok(())
    }
}

/// Keys of 61 bits, so that none needs a box.
fn key(index: u64) -> i64 {
    scatter(index) as i64 >> 3
}

fn map(size: u64, order: &[u64]) -> Result<(), Failure> {
    let mut region = vec![1u64; (256 << 20 >> 3).max(40 * size as usize)];
    let mut arena = Arena::new(&mut region)?;
    let mut heap = Heap::empty();
    let mut subject = Subject {
        // SAFETY: a new heap, and the only session of it.
        session: unsafe { Session::new(&mut arena, &mut heap) },
        root: Root::NIL,
    };
    let start = now();
    subject.change(0, |session, _| {
        let mut transient = MapTransient::new();
        for index in 0..size {
            let (key, value) = (session.integer(key(index))?, session.integer(index as i64)?);
            session.map_transient_insert(&mut transient, key, value)?;
        }
        Ok(session.freeze(&mut transient)?)
    })?;
    let build = (now() - start) as f64 / size as f64;
    subject.settle()?;
    let operations = order.len() as u64;
    let (session, root) = (&subject.session, &subject.root);
    let integer = |value: Option<Local<'_>>| {
        value
            .and_then(|value| session.as_integer(value))
            .unwrap_or(0) as u64
    };
    let read = median(operations, || {
        let map = session.load(root);
        order
            .iter()
            .map(|index| {
                let found = session
                    .integer(key(*index))
                    .map(|key| session.map_get(map, key));
                found.map_or(0, |found| integer(found.ok().flatten()))
            })
            .fold(0, u64::wrapping_add)
    });
    let walk = median(size, || {
        let map = session.load(root);
        session
            .map_entries(map)
            .map(|(_, value)| integer(Some(value)))
            .sum()
    });
    let mut failure = Ok(());
    let change = median(operations, || {
        for index in order {
            let changed = subject.change(Session::worst_case_map_insert(), |session, map| {
                session.map_insert(map, session.integer(key(*index))?, session.integer(7)?)
            });
            if changed.is_err() {
                failure = changed;
                break;
            }
        }
        0
    });
    failure?;
    row("map", size, [build, read, walk, change]);
    Ok(())
}

fn vector(size: u64, order: &[u64]) -> Result<(), Failure> {
    let mut region = vec![1u64; (256 << 20 >> 3).max(24 * size as usize)];
    let mut arena = Arena::new(&mut region)?;
    let mut heap = Heap::empty();
    let mut subject = Subject {
        // SAFETY: a new heap, and the only session of it.
        session: unsafe { Session::new(&mut arena, &mut heap) },
        root: Root::NIL,
    };
    let start = now();
    subject.change(0, |session, _| {
        let mut transient = VectorTransient::new();
        for index in 0..size {
            session.vector_transient_push(&mut transient, session.integer(index as i64)?)?;
        }
        Ok(session.vector_freeze(&mut transient)?)
    })?;
    let build = (now() - start) as f64 / size as f64;
    subject.settle()?;
    let operations = order.len() as u64;
    let (session, root) = (&subject.session, &subject.root);
    let integer = |value: Option<Local<'_>>| {
        value
            .and_then(|value| session.as_integer(value))
            .unwrap_or(0) as u64
    };
    let read = median(operations, || {
        let vector = session.load(root);
        order
            .iter()
            .map(|index| integer(session.vector_get(vector, *index)))
            .sum()
    });
    let walk = median(size, || {
        let vector = session.load(root);
        session
            .vector_elements(vector)
            .map(|element| integer(Some(element)))
            .sum()
    });
    let mut failure = Ok(());
    let change = median(operations, || {
        for index in order {
            let changed = subject.change(Session::worst_case_vector_push(), |session, vector| {
                session.vector_set(vector, *index, session.integer(7)?)
            });
            if changed.is_err() {
                failure = changed;
                break;
            }
        }
        0
    });
    failure?;
    row("vector", size, [build, read, walk, change]);
    Ok(())
}
