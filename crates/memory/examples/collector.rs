//! What the collector of a private heap costs with 16 MB, 256 MB and 1 GB alive: how long a
//! collection holds the program up, how many bytes a second it copies, and what part of the
//! program's time it takes.
//!
//! `cargo run --release -p stele-memory --example collector [sizes in MiB …]`
//!
//! The program has a vector of records (a number, a text of 24 characters, a vector of four numbers)
//! and replaces one after the other, in a random order; so each operation leaves the path to it and
//! the old record as garbage. The control does the same without collecting.
//!
//! Then the same vector is in a shared space: what a collection by copying costs, and one by the
//! baseline that counts references, after so many records were replaced.

#[path = "support/clock.rs"]
mod clock;
mod support;

use stele_memory::{
    Arena, Collected, Copying, Counting, Heap, Local, NeedSpace, OutOfMemory, Root, Session,
    SharedCollector, Space,
};

use clock::now;
use support::{Failure, scatter};

/// How often a record is replaced at least. With much alive more often: once for each so many bytes,
/// so that everything is collected a few times.
const OPERATIONS: u64 = 400_000;
const BYTES_AN_OPERATION: u64 = 200;
/// The control replaces fewer: what it leaves is never freed.
const CONTROL: u64 = 200_000;
/// How often everything is collected; the median counts.
const COLLECTIONS: usize = 7;
/// How many records are replaced between two collections of the shared space.
const REPLACED: u64 = 20_000;
/// Bytes that an operation needs at most.
const NEED: usize = Session::worst_case_vector_push()
    + Session::worst_case_record(3)
    + Session::worst_case_bytes(24)
    + 5 * Session::worst_case_vector_push();

/// The heap, its only root, and how long each collection took.
struct Program<'s> {
    session: Session<'s>,
    records: Root,
    nursery: Vec<u64>,
    everything: Vec<u64>,
    copied: u64,
}

fn main() -> Result<(), Failure> {
    let sizes: Vec<u64> = std::env::args()
        .skip(1)
        .map(|size| size.parse())
        .collect::<Result<_, _>>()?;
    println!(
        "| live | records | everything: pause | live bytes copied | nursery: pauses, median | 99 % | longest | everything, how often | ns an operation | without collecting | share of collecting |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let all = [16, 256, 1024];
    for size in if sizes.is_empty() { &all[..] } else { &sizes } {
        measure(size << 20)?;
    }
    println!();
    println!("| live, shared | collector | the first | after {REPLACED} replaced | bytes held |");
    println!("|---|---|---|---|---|");
    for size in if sizes.is_empty() { &all[..] } else { &sizes } {
        shared(size << 20, "copying", &mut Copying)?;
        // SAFETY: it collects one space, from the first collection on.
        let mut counting = unsafe { Counting::new() };
        shared(size << 20, "counting", &mut counting)?;
    }
    Ok(())
}

/// Pauses of a collector of the shared space.
fn shared(live: u64, name: &str, collector: &mut dyn SharedCollector) -> Result<(), Failure> {
    let size = (live * 3 + (1 << 30)).min(4 << 30);
    let mut region = vec![1u64; (size / 8) as usize];
    let mut arena = Arena::new(&mut region)?;
    let (mut heap, space) = (Heap::empty(), Space::empty());
    let mut records = Root::NIL;
    let mut count = 0;
    let mut pauses = Vec::new();
    for round in 0..=COLLECTIONS {
        let mut program = Program {
            // SAFETY: the only heap of the space, one session at a time.
            session: unsafe { Session::among_others(&mut arena, &mut heap, &space) },
            records,
            nursery: Vec::new(),
            everything: Vec::new(),
            copied: 0,
        };
        if round == 0 {
            count = program.build(live)?;
        } else {
            program.replace(REPLACED, count, round as u64 * REPLACED, false)?;
        }
        records = program.records;
        let start = now();
        // SAFETY: this is the only heap, and its only root.
        unsafe { space.collect_with(collector, &mut arena, &heap, &mut [&mut records]) }?;
        pauses.push(now() - start);
    }
    let first = pauses.remove(0);
    let (median, ..) = spread(&mut pauses);
    println!(
        "| {} MiB | {name} | {:.1} ms | {:.1} ms | {} MiB |",
        live >> 20,
        first as f64 / 1e6,
        median as f64 / 1e6,
        (arena.statistics().size - arena.statistics().free) >> 20,
    );
    Ok(())
}

fn measure(live: u64) -> Result<(), Failure> {
    let size = (live * 3 + (1 << 30)).min(4 << 30);
    // Not zero, so that it is memory and not a promise of it: the system's own work stays out.
    let mut region = vec![1u64; (size / 8) as usize];
    let mut arena = Arena::new(&mut region)?;
    let mut heap = Heap::empty();
    let mut program = Program {
        // SAFETY: a new heap, and the only session of it.
        session: unsafe { Session::new(&mut arena, &mut heap) },
        records: Root::NIL,
        nursery: Vec::new(),
        everything: Vec::new(),
        copied: 0,
    };
    let count = program.build(live)?;
    let mut pauses = Vec::new();
    let mut collected = program.collect(true)?.1;
    for _ in 0..COLLECTIONS {
        let (pause, one) = program.collect(true)?;
        pauses.push(pause);
        collected = one;
    }
    let (pause, _, _) = spread(&mut pauses);
    // Until the heap is in its usual state.
    let operations = OPERATIONS.max(live / BYTES_AN_OPERATION);
    program.replace(operations / 4, count, 0, true)?;
    (program.nursery, program.everything) = (Vec::new(), Vec::new());
    program.copied = 0;
    let with = program.replace(operations, count, operations, true)?;
    let (median, most, longest) = spread(&mut program.nursery);
    let young: u64 = program.nursery.iter().sum();
    let collecting: u64 = young + program.everything.iter().sum::<u64>();
    let often = program.everything.len();
    program.collect(true)?;
    let without = program.replace(CONTROL, count, 2 * operations, false)?;
    println!(
        "| {} MiB | {count} | {:.1} ms | {:.2} GB/s | {:.0} us | {:.0} us | {:.0} us | {often} in {} | {with:.0} | {without:.0} | {:.0} % |",
        collected.live >> 20,
        pause as f64 / 1e6,
        collected.live as f64 / pause as f64,
        median as f64 / 1e3,
        most as f64 / 1e3,
        longest as f64 / 1e3,
        operations,
        100.0 * collecting as f64 / (with * operations as f64),
    );
    Ok(())
}

/// The median, what 99 in 100 are not above, and the largest.
fn spread(times: &mut [u64]) -> (u64, u64, u64) {
    times.sort_unstable();
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
    let [median, most, largest] = [50, 99, 100].map(|part| at(part).copied().unwrap_or(0));
    (median, most, largest)
}

impl Program<'_> {
    /// Makes records until so many bytes are alive; returns how many.
    fn build(&mut self, live: u64) -> Result<u64, Failure> {
        let empty = self.session.vector()?;
        let mut root = Root::NIL;
        self.session.store(&mut root, empty);
        self.records = root;
        let mut count = 0;
        // Some 145 bytes each; what is left of the last step is of no matter.
        loop {
            for _ in 0..(live / 4096).max(64) {
                self.reserve(NEED)?;
                let mut root = Root::NIL;
                {
                    let record = record(&self.session, count)?;
                    let longer = self
                        .session
                        .vector_push(self.session.load(&self.records), record)?;
                    self.session.store(&mut root, longer);
                }
                self.records = root;
                count += 1;
            }
            if self.session.heap_statistics().old >= live {
                let (_, collected) = self.collect(true)?;
                if collected.live >= live {
                    return Ok(count);
                }
            }
        }
    }

    /// Replaces records; nanoseconds for each.
    fn replace(
        &mut self,
        operations: u64,
        count: u64,
        first: u64,
        collects: bool,
    ) -> Result<f64, Failure> {
        let start = now();
        for operation in first..first + operations {
            if collects {
                self.reserve(NEED)?;
            }
            let mut root = Root::NIL;
            {
                let index = scatter(operation) % count;
                let record = record(&self.session, operation)?;
                let changed =
                    self.session
                        .vector_set(self.session.load(&self.records), index, record)?;
                self.session.store(&mut root, changed);
            }
            self.records = root;
        }
        Ok((now() - start) as f64 / operations as f64)
    }

    fn reserve(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        loop {
            match self.session.reserve(bytes) {
                Ok(()) => return Ok(()),
                Err(NeedSpace::OutOfMemory(error)) => return Err(error),
                Err(NeedSpace::Collect) => {
                    let (pause, collected) = self.collect(false)?;
                    let pauses = if collected.everything {
                        &mut self.everything
                    } else {
                        &mut self.nursery
                    };
                    pauses.push(pause);
                    self.copied += collected.live;
                }
            }
        }
    }

    /// Collects everything, or what is due; how long it took.
    fn collect(&mut self, everything: bool) -> Result<(u64, Collected), OutOfMemory> {
        let start = now();
        let roots = &mut [&mut self.records];
        // SAFETY: this is the only root.
        let collected = unsafe {
            if everything {
                self.session.collect_everything(roots)
            } else {
                self.session.collect(roots)
            }
        }?;
        Ok((now() - start, collected))
    }
}

fn record<'a>(session: &'a Session<'_>, number: u64) -> Result<Local<'a>, Failure> {
    let text = format!("a text {number:017}");
    let mut numbers = session.vector()?;
    for index in 0..4 {
        numbers = session.vector_push(numbers, session.integer((number + index) as i64)?)?;
    }
    Ok(session.record(
        1,
        &[
            session.integer(number as i64)?,
            session.text(&text)?,
            numbers,
        ],
    )?)
}
