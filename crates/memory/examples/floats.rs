//! What floats cost in each of their forms: nanoseconds to make one and put it into a vector, and to
//! read it, and bytes for each element.
//!
//! `cargo run --release -p stele-memory --example floats`

use std::hint::black_box;
use std::time::Instant;

use stele_memory::{Arena, Heap, NeedSpace, Root, Session};

type Failure = Box<dyn std::error::Error>;

const COUNT: u64 = 1_000_000;

fn main() -> Result<(), Failure> {
    println!(
        "{:<34}{:>10}{:>10}{:>10}",
        "", "make, ns", "read, ns", "bytes"
    );
    // Every magnitude that measurements, money and probabilities have tags itself.
    measure("0.1 to 100000.0 (tag themselves)", |index| {
        index as f64 / 10.0 + 0.1
    })?;
    // Magnitudes beyond 2^257 do not: these show what a box for each float would cost.
    measure("1e200 to 1e205 (boxed)", |index| {
        (index as f64 + 1.0) * 1e199
    })?;
    measure("NaN (an immediate)", |_| f64::NAN)
}

fn measure(name: &str, float: impl Fn(u64) -> f64) -> Result<(), Failure> {
    let mut region = vec![0u64; 1 << 25];
    let mut arena = Arena::new(&mut region)?;
    let mut heap = Heap::empty();
    // SAFETY: a new heap, and the only session of it.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut root = Root::NIL;
    let empty = session.vector()?;
    session.store(&mut root, empty);
    let start = Instant::now();
    let bytes = Session::worst_case_vector_push() + Session::worst_case_float();
    for index in 0..COUNT {
        while let Err(need) = session.reserve(bytes) {
            match need {
                // SAFETY: this is the only root.
                NeedSpace::Collect => unsafe { session.collect(&mut [&mut root]) }?,
                NeedSpace::OutOfMemory(error) => return Err(error.into()),
            };
        }
        let element = session.float(black_box(float(index)))?;
        let longer = session.vector_push(session.load(&root), element)?;
        session.store(&mut root, longer);
    }
    let made = start.elapsed();
    // SAFETY: this is the only root.
    unsafe { session.collect_everything(&mut [&mut root]) }?;
    let start = Instant::now();
    let vector = session.load(&root);
    let sum: f64 = session
        .vector_elements(vector)
        .filter_map(|element| session.as_float(element))
        .sum();
    black_box(sum);
    let read = start.elapsed();
    let each = |nanoseconds: u128| nanoseconds as f64 / COUNT as f64;
    println!(
        "{name:<34}{:>10.1}{:>10.1}{:>10.1}",
        each(made.as_nanos()),
        each(read.as_nanos()),
        session.heap_statistics().old as f64 / COUNT as f64
    );
    Ok(())
}
