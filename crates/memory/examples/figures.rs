//! First figures: nanoseconds for each operation of vector and map with collections in between,
//! and for saving, loading and verifying an arena of about 300 KiB.
//!
//! `cargo run --release -p stele-memory --example figures`

use std::hint::black_box;
use std::time::Duration;

use stele_memory::{Arena, Block, Heap, Local, NeedSpace, OutOfMemory, Root, Session, TrieCursor};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("{:<28}{:>10}{:>12}", "ns for each", "n = 1e3", "n = 1e6");
    let small = collections(1_000, 1_000)?;
    let large = collections(1_000_000, 1)?;
    for (small, large) in small.iter().zip(&large) {
        println!("{:<28}{:>10.1}{:>12.1}", small.0, small.1, large.1);
    }
    image()
}

/// A moment in the processor time of this thread, which other work on the machine does not touch.
struct Instant(Duration);

impl Instant {
    fn now() -> Instant {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let spent = text.split(' ').next().and_then(|word| word.parse().ok());
        Instant(Duration::from_nanos(spent.unwrap_or(0)))
    }

    fn elapsed(&self) -> Duration {
        Instant::now().0.saturating_sub(self.0)
    }
}

/// A heap with one root for the collection under test.
struct Bench<'s> {
    session: Session<'s>,
    root: Root,
    collections: Duration,
    count: u32,
}

impl Bench<'_> {
    /// Makes room for an operation, collecting when it is due.
    fn reserve(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        loop {
            match self.session.reserve(bytes) {
                Ok(()) => return Ok(()),
                Err(NeedSpace::OutOfMemory(error)) => return Err(error),
                Err(NeedSpace::Collect) => {
                    let start = Instant::now();
                    // SAFETY: this root is the only one.
                    unsafe { self.session.collect(&mut [&mut self.root]) }?;
                    self.collections += start.elapsed();
                    self.count += 1;
                }
            }
        }
    }

    /// Replaces the collection by what `change` makes of it.
    fn change(
        &mut self,
        bytes: usize,
        change: impl for<'a> FnOnce(&'a Session<'_>, Local<'a>) -> Result<Local<'a>, Failure>,
    ) -> Result<(), Failure> {
        self.reserve(bytes)?;
        let changed = change(&self.session, self.session.load(&self.root))?;
        self.session.store(&mut self.root, changed);
        Ok(())
    }
}

/// A permutation of `0..n` in which neighbours lie far apart.
fn scattered(n: u64) -> impl Iterator<Item = u64> {
    (0..n).map(move |index| index * 7_368_787 % n)
}

fn collections(n: u64, rounds: u64) -> Result<Vec<(&'static str, f64)>, Failure> {
    let mut region = vec![0u64; 1 << 28];
    let mut arena = Arena::new(&mut region)?;
    let mut heap = Heap::empty();
    // SAFETY: the heap is new, and there is no other session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut bench = Bench {
        session,
        root: Root::NIL,
        collections: Duration::ZERO,
        count: 0,
    };
    let mut figures = Vec::new();
    let mut note = |name, start: Instant| {
        figures.push((
            name,
            start.elapsed().as_nanos() as f64 / (n * rounds) as f64,
        ));
    };
    let vector = Session::worst_case_vector_push();
    let map = Session::worst_case_map_insert();

    let start = Instant::now();
    for _ in 0..rounds {
        bench.change(vector, |session, _| Ok(session.vector()?))?;
        for index in 0..n as i64 {
            bench.change(vector, |session, old| {
                Ok(session.vector_push(old, session.integer(index)?)?)
            })?;
        }
    }
    note("vector push", start);

    let start = Instant::now();
    for _ in 0..rounds {
        let loaded = bench.session.load(&bench.root);
        for index in scattered(n) {
            black_box(bench.session.vector_get(loaded, black_box(index)));
        }
    }
    note("vector get, scattered", start);

    let start = Instant::now();
    for _ in 0..rounds {
        for index in scattered(n) {
            bench.change(vector, |session, old| {
                Ok(session.vector_set(old, index, session.nil())?)
            })?;
        }
    }
    note("vector set, scattered", start);

    let start = Instant::now();
    for _ in 0..rounds {
        bench.change(map, |session, _| Ok(session.map()?))?;
        for key in scattered(n) {
            bench.change(map, |session, old| {
                let key = session.integer(key as i64)?;
                Ok(session.map_insert(old, key, key)?)
            })?;
        }
    }
    note("map insert, integers", start);

    let start = Instant::now();
    for _ in 0..rounds {
        let loaded = bench.session.load(&bench.root);
        for key in scattered(n) {
            let key = bench.session.integer(black_box(key as i64))?;
            black_box(bench.session.map_get(loaded, key)?);
        }
    }
    note("map get, integers", start);

    let start = Instant::now();
    for _ in 0..rounds {
        for key in scattered(n) {
            bench.change(map, |session, old| {
                Ok(session.map_insert(old, session.integer(key as i64)?, session.nil())?)
            })?;
        }
    }
    note("map update, integers", start);

    let start = Instant::now();
    for _ in 0..rounds {
        let loaded = bench.session.load(&bench.root);
        let mut cursor = TrieCursor::default();
        while let Some((key, _, next)) = bench.session.map_next(loaded, cursor) {
            black_box(key);
            cursor = next;
        }
    }
    note("map walk", start);

    // SAFETY: this root is the only one.
    let live = unsafe { bench.session.collect_everything(&mut [&mut bench.root]) }?.live;
    figures.push(("map bytes an entry", live as f64 / n as f64));
    let names: Vec<String> = (0..n).map(|index| format!("word-{index}")).collect();
    let mut note = |name, start: Instant| {
        figures.push((
            name,
            start.elapsed().as_nanos() as f64 / (n * rounds) as f64,
        ));
    };

    let start = Instant::now();
    for _ in 0..rounds {
        bench.change(map, |session, _| Ok(session.map()?))?;
        for key in scattered(n) {
            bench.change(map + 64, |session, old| {
                let name = session.bytes(names[key as usize].as_bytes())?;
                Ok(session.map_insert(old, name, session.nil())?)
            })?;
        }
    }
    note("map insert, names", start);

    let start = Instant::now();
    for _ in 0..rounds {
        let loaded = bench.session.load(&bench.root);
        for key in scattered(n) {
            black_box(
                bench
                    .session
                    .map_get_bytes(loaded, names[key as usize].as_bytes()),
            );
        }
    }
    note("map get, names", start);
    figures.push((
        "collecting, of all of these",
        bench.collections.as_nanos() as f64 / (n * rounds) as f64,
    ));
    Ok(figures)
}

fn image() -> Result<(), Failure> {
    let mut region = vec![0u64; 1 << 18];
    let mut arena = Arena::new(&mut region)?;
    for index in 0..20u8 {
        let block: Block =
            arena.allocate(if index % 5 == 0 { 4096 } else { 512 }, "a small table")?;
        arena
            .bytes_mut(block)
            .expect("just allocated")
            .fill(index + 1);
    }
    let mut heap = Heap::empty();
    let mut root = Root::NIL;
    {
        // SAFETY: the heap is new, and there is no other session.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        let empty = session.map()?;
        session.store(&mut root, empty);
        for index in 0..3400 {
            let name = session.bytes(format!("word-{index}").as_bytes())?;
            let record = session.record(1, &[name, session.integer(index)?, session.nil()])?;
            let grown = session.map_insert(session.load(&root), name, record)?;
            session.store(&mut root, grown);
            if session.safepoint() {
                // SAFETY: this root is the only one.
                unsafe { session.collect(&mut [&mut root]) }?;
            }
        }
        // SAFETY: this root is the only one.
        unsafe { session.collect_everything(&mut [&mut root]) }?;
    }
    let mut image = vec![0u8; arena.image_size() as usize];
    let mut other = vec![0u64; 1 << 18];
    println!(
        "\nan image of {} bytes, {} blocks, microseconds:",
        image.len(),
        arena.statistics().allocated_blocks
    );
    let rounds = 2000;
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(arena.save(black_box(&mut image))?);
    }
    println!(
        "save   {:8.1}",
        start.elapsed().as_nanos() as f64 / f64::from(rounds) / 1e3
    );
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(Arena::load(black_box(&mut other), &image)?);
    }
    println!(
        "load   {:8.1}",
        start.elapsed().as_nanos() as f64 / f64::from(rounds) / 1e3
    );
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(heap.verify(&mut arena, &[&root])?);
    }
    println!(
        "verify {:8.1}",
        start.elapsed().as_nanos() as f64 / f64::from(rounds) / 1e3
    );
    let start = Instant::now();
    for _ in 0..rounds {
        // SAFETY: this root is the only one.
        black_box(unsafe { heap.collect_everything(&mut arena, &mut [&mut root]) }?);
    }
    println!(
        "collect{:8.1}",
        start.elapsed().as_nanos() as f64 / f64::from(rounds) / 1e3
    );
    Ok(())
}
