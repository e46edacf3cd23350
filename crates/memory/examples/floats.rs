//! What floats cost in each of their forms: nanoseconds to make one and put it into a vector, and to
//! read it, and bytes for each element.
//!
//! `cargo run --release -p stele-memory --example floats`

use std::hint::black_box;
use std::time::Duration;

use stele_memory::{Arena, Heap, NeedSpace, Root, Session};

type Failure = Box<dyn std::error::Error>;

const COUNT: u64 = 1_000_000;
/// How often they are read.
const ROUNDS: u32 = 30;

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

/// Processor time of this thread so far, which other work on the machine does not touch.
fn now() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(spent.unwrap_or(0))
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
    let start = now();
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
    let made = now().saturating_sub(start);
    // SAFETY: this is the only root.
    unsafe { session.collect_everything(&mut [&mut root]) }?;
    let start = now();
    for _ in 0..ROUNDS {
        let elements = session.vector_elements(session.load(&root));
        let sum: f64 = elements
            .filter_map(|element| session.as_float(element))
            .sum();
        black_box(sum);
    }
    let read = now().saturating_sub(start);
    let each = |nanoseconds: u128| nanoseconds as f64 / COUNT as f64;
    println!(
        "{name:<34}{:>10.1}{:>10.1}{:>10.1}",
        each(made.as_nanos()),
        each(read.as_nanos()) / f64::from(ROUNDS),
        session.heap_statistics().old as f64 / COUNT as f64
    );
    Ok(())
}
