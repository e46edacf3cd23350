//! Atoms against arc-swap: loads alone and beside a writer, and updates of a map of 1,000 entries,
//! arc-swap's in imbl, alone and by two threads at once.
//!
//! Times are processor time of the threads that are measured, their waiting for each other included.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use arc_swap::ArcSwap;
use imbl::HashMap;
use stele_memory::{Arena, Root, Session, Thread, Threads};

use crate::Failure;
use crate::heap::{agree, time};
use crate::report::Report;

/// Loads between two safepoints.
const BATCH: u64 = 1_000;
/// Loads of one run.
const LOADS: u64 = 2_000_000;
/// Entries of the map.
const SIZE: u64 = 1_000;
/// Updates of one run of one thread.
const UPDATES: u64 = 50_000;
/// How long two threads update at once: several times what the system takes to give each of them a
/// processor of its own.
const TOGETHER: Duration = Duration::from_millis(100);

type Shared = Threads<'static, 4>;

/// A thread with its root, the name of the atom.
struct Client<'t> {
    thread: Thread<'t, 'static, 4>,
    roots: [Root; 1],
}

/// Where the name of the atom is among the roots.
const ATOM: usize = 0;

impl<'t> Client<'t> {
    fn new(threads: &'t Shared, atom: &Root) -> Result<Client<'t>, Failure> {
        Ok(Client {
            thread: threads.register()?,
            roots: [atom.clone()],
        })
    }

    /// A safepoint, and room for `bytes`.
    fn reserve(&mut self, bytes: usize) -> Result<(), Failure> {
        // SAFETY: these are all roots of this thread.
        unsafe { self.thread.reserve(bytes, &mut self.roots) }?;
        Ok(())
    }

    /// Loads the integer in the atom so often, with safepoints in between; the sum.
    fn load(&mut self, loads: u64) -> Result<i64, Failure> {
        let mut sum = 0_i64;
        for _ in 0..loads / BATCH {
            self.reserve(0)?;
            // SAFETY: all roots are presented at each safepoint.
            let session = unsafe { self.thread.session() };
            let name = session.load(&self.roots[ATOM]);
            let atom = session.as_atom(name).ok_or("the atom is gone")?;
            for _ in 0..BATCH {
                let value = session.atom_load(*black_box(&atom));
                sum += session.as_integer(value).ok_or("no integer")?;
            }
        }
        Ok(sum)
    }

    /// Makes the atom hold a new integer, in a box of its own as arc-swap's are.
    fn store(&mut self, integer: i64) -> Result<(), Failure> {
        self.reserve(Session::worst_case_integer())?;
        // SAFETY: as in `load`.
        let session = unsafe { self.thread.session() };
        let name = session.load(&self.roots[ATOM]);
        let atom = session.as_atom(name).ok_or("the atom is gone")?;
        session.atom_swap(atom, session.integer(integer)?);
        Ok(())
    }

    /// Adds one to an entry of the map in the atom.
    fn update(&mut self, key: i64) -> Result<(), Failure> {
        loop {
            self.reserve(Session::worst_case_map_insert())?;
            // SAFETY: as in `load`.
            let session = unsafe { self.thread.session() };
            let name = session.load(&self.roots[ATOM]);
            let atom = session.as_atom(name).ok_or("the atom is gone")?;
            let seen = session.atom_load(atom);
            let key = session.integer(key)?;
            let value = session.map_get(seen, key)?;
            let value = value.and_then(|value| session.as_integer(value));
            let value = session.integer(value.unwrap_or(0) + 1)?;
            let new = session.map_insert(seen, key, value)?;
            if session.atom_replace(atom, seen, new) {
                return Ok(());
            }
        }
    }

    /// The sum of all values of the map in the atom.
    fn total(&mut self) -> Result<i64, Failure> {
        // SAFETY: as in `load`.
        let session = unsafe { self.thread.session() };
        let name = session.load(&self.roots[ATOM]);
        let atom = session.as_atom(name).ok_or("the atom is gone")?;
        let entries = session.map_entries(session.atom_load(atom));
        Ok(entries
            .filter_map(|(_, value)| session.as_integer(value))
            .sum())
    }
}

/// Threads on a fresh arena that lasts as long as the program, and an atom.
fn shared() -> Result<(&'static Shared, Root), Failure> {
    let region = Box::leak(vec![0u64; 8 << 20].into_boxed_slice());
    let threads: &Shared = Box::leak(Box::new(Threads::new(Arena::new(region)?, pause)));
    let mut client = Client::new(threads, &Root::NIL)?;
    client.reserve(Session::worst_case_map_insert() * SIZE as usize)?;
    // SAFETY: the client's roots are presented at each safepoint.
    let session = unsafe { client.thread.session() };
    let mut map = session.map()?;
    for key in 0..SIZE as i64 {
        map = session.map_insert(map, session.integer(key)?, session.integer(0)?)?;
    }
    let atom = session.atom(map)?;
    let mut name = Root::NIL;
    session.store(&mut name, session.atom_name(atom));
    drop(client);
    Ok((threads, name))
}

fn pause(turn: u32) {
    if turn < 32 {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

/// What both sides' writers store, in turn: nothing that fits into a word.
fn large(round: i64) -> i64 {
    i64::MAX - (round & 1)
}

pub(crate) fn measure(report: &mut Report) -> Result<(), Failure> {
    let (threads, atom) = shared()?;
    let peer: ArcSwap<i64> = ArcSwap::from_pointee(7);
    report.compare(
        "atom load, alone",
        0.3,
        Box::new(|| {
            let mut client = Client::new(threads, &atom)?;
            client.store(7)?;
            time(LOADS, || {
                agree("atom load", &client.load(LOADS)?, &(7 * LOADS as i64))
            })
        }),
        vec![("arc-swap", Box::new(|| load_peer(&peer)))],
    )?;
    report.compare(
        "atom load, beside a writer",
        0.3,
        Box::new(|| {
            beside(
                |stop| {
                    let mut writer = Client::new(threads, &atom)?;
                    let mut round = 0;
                    while !stop.load(Ordering::Relaxed) {
                        writer.store(large(round))?;
                        round += 1;
                    }
                    Ok(())
                },
                || {
                    let mut client = Client::new(threads, &atom)?;
                    time(LOADS, || {
                        black_box(client.load(LOADS)?);
                        Ok(())
                    })
                },
            )
        }),
        vec![(
            "arc-swap",
            Box::new(|| {
                beside(
                    |stop| {
                        let mut round = 0;
                        while !stop.load(Ordering::Relaxed) {
                            peer.store(Arc::new(large(round)));
                            round += 1;
                        }
                        Ok(())
                    },
                    || load_peer(&peer),
                )
            }),
        )],
    )?;

    let (threads, atom) = shared()?;
    let mut expected = 0;
    let peer = ArcSwap::from_pointee((0..SIZE as i64).map(|key| (key, 0)).collect());
    report.compare(
        "atom update of a map of 1,000, alone",
        0.3,
        Box::new(|| {
            let mut client = Client::new(threads, &atom)?;
            let nanoseconds = time(UPDATES, || {
                keys(0)
                    .take(UPDATES as usize)
                    .try_for_each(|key| client.update(key))
            })?;
            expected += UPDATES as i64;
            agree("atom update", &client.total()?, &expected)?;
            Ok(nanoseconds)
        }),
        vec![(
            "arc-swap",
            Box::new(|| {
                time(UPDATES, || {
                    for key in keys(0).take(UPDATES as usize) {
                        update_peer(&peer, key);
                    }
                    Ok(())
                })
            }),
        )],
    )?;
    report.compare(
        "atom update of a map of 1,000, by two",
        0.3,
        Box::new(|| {
            let before = Client::new(threads, &atom)?.total()?;
            let (nanoseconds, updates) = by_two(|keys, stop| {
                let mut client = Client::new(threads, &atom)?;
                keys.take_while(|_| !stop.load(Ordering::Relaxed))
                    .try_fold(0, |count, key| client.update(key).map(|()| count + 1))
            })?;
            let after = Client::new(threads, &atom)?.total()?;
            agree("atom update", &after, &(before + updates as i64))?;
            Ok(nanoseconds)
        }),
        vec![(
            "arc-swap",
            Box::new(|| {
                let before: i64 = peer.load().values().sum();
                let (nanoseconds, updates) = by_two(|keys, stop| {
                    let keys = keys.take_while(|_| !stop.load(Ordering::Relaxed));
                    Ok(keys.map(|key| update_peer(&peer, key)).count() as u64)
                })?;
                let after: i64 = peer.load().values().sum();
                agree("atom update", &after, &(before + updates as i64))?;
                Ok(nanoseconds)
            }),
        )],
    )
}

fn load_peer(peer: &ArcSwap<i64>) -> Result<f64, Failure> {
    time(LOADS, || {
        let mut sum = 0_i64;
        for _ in 0..LOADS {
            sum = sum.wrapping_add(**black_box(peer).load());
        }
        black_box(sum);
        Ok(())
    })
}

/// Runs `measured` while a second thread does `work`.
fn beside(
    work: impl Fn(&AtomicBool) -> Result<(), Failure> + Sync,
    mut measured: impl FnMut() -> Result<f64, Failure>,
) -> Result<f64, Failure> {
    let stop = AtomicBool::new(false);
    let begun = Barrier::new(2);
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            begun.wait();
            work(&stop).map_err(|failure| failure.to_string())
        });
        begun.wait();
        let nanoseconds = measured();
        stop.store(true, Ordering::Relaxed);
        match worker.join() {
            Ok(result) => result?,
            Err(_) => return Err("the writer has panicked".into()),
        }
        nanoseconds
    })
}

/// Lets two threads do `updates` at once for a while; the nanoseconds of their processor time for
/// each, and how many they did.
fn by_two(
    updates: impl Fn(&mut dyn Iterator<Item = i64>, &AtomicBool) -> Result<u64, Failure> + Sync,
) -> Result<(f64, u64), Failure> {
    let stop = AtomicBool::new(false);
    let begun = Barrier::new(3);
    let run = |first| {
        begun.wait();
        let mut done = 0;
        let nanoseconds = time(1, || {
            done = updates(&mut keys(first), &stop)?;
            Ok(())
        });
        nanoseconds
            .map(|nanoseconds| (nanoseconds, done))
            .map_err(|failure| failure.to_string())
    };
    std::thread::scope(|scope| {
        let run = &run;
        let threads = [0, SIZE / 2].map(|first| scope.spawn(move || run(first)));
        begun.wait();
        std::thread::sleep(TOGETHER);
        stop.store(true, Ordering::Relaxed);
        let (mut nanoseconds, mut done) = (0.0, 0);
        for thread in threads {
            let (its_nanoseconds, its_done) = match thread.join() {
                Ok(result) => result?,
                Err(_) => return Err("a thread has panicked".into()),
            };
            nanoseconds += its_nanoseconds;
            done += its_done;
        }
        Ok((nanoseconds / done as f64, done))
    })
}

/// The entries that are updated one after the other, from one on.
fn keys(first: u64) -> impl Iterator<Item = i64> {
    (first..).map(|round| (round * 7 % SIZE) as i64)
}

fn update_peer(peer: &ArcSwap<HashMap<i64, i64>>, key: i64) {
    peer.rcu(|map| map.update(key, map.get(&key).copied().unwrap_or(0) + 1));
}
