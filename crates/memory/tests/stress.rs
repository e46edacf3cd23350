//! Threads that swap, transact and collect on one arena at the same time, with freed blocks poisoned
//! and every object verified: `STELE_SOAK_MINUTES=10` runs for so long, otherwise a moment.
//!
//! What must hold whatever the order:
//! - accounts: transfers keep the sum that every snapshot sees;
//! - tokens: each thread has one and swaps it with those in atoms; none is lost or doubled;
//! - counters: a map to which each update adds one, so it ends with as many as there were updates;
//! - each value read is whole, as far down as it goes.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use std::sync::Barrier;
use std::time::{Duration, Instant};

use stele_memory::{Arena, Atom, AtomChange, Local, Root, Session, Thread, Threads};

const THREADS: usize = 2;
const ACCOUNTS: usize = if cfg!(miri) { 3 } else { 12 };
const TOKENS: usize = 3;
const BALANCE: i64 = 1_000;
/// Far outside what fits into a word, so that every balance is an object.
const OFFSET: i64 = i64::MAX - (1 << 40);
/// Rounds of a thread when no time is given.
const ROUNDS: u64 = if cfg!(miri) { 60 } else { 4_000 };
/// More than any round allocates.
const ROOM: usize = 64 << 10;

/// What a thread has done.
#[derive(Default, Debug)]
struct Done {
    rounds: u64,
    transfers: u64,
    transfers_refused: u64,
    snapshots: u64,
    snapshots_refused: u64,
    swaps: u64,
    updates: u64,
    comparisons: u64,
    collections: u64,
    shared_collections: u64,
    verifications: u64,
}

fn pause(turn: u32) {
    if turn < 64 {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

/// Random numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }
}

/// The state of an account: its balance, its number twice, and something to get lost.
fn account<'a>(session: &'a Session<'_>, number: usize, balance: i64) -> Local<'a> {
    let boxed = session.integer(OFFSET + balance).unwrap();
    let number = session.integer(number as i64).unwrap();
    let name = session.text(&format!("account with {balance}")).unwrap();
    let inner = session.record(2, &[number, name]).unwrap();
    session.record(1, &[boxed, number, inner]).unwrap()
}

/// The balance, after a look at everything else.
fn balance(session: &Session<'_>, account: Local<'_>, number: usize) -> i64 {
    let field = |record, index| session.field(record, index).unwrap();
    let integer = |value| session.as_integer(value).unwrap();
    let balance = integer(field(account, 0)) - OFFSET;
    let inner = field(account, 2);
    assert_eq!(integer(field(account, 1)), number as i64);
    assert_eq!(integer(field(inner, 0)), number as i64);
    let name = session.as_text(field(inner, 1)).unwrap();
    assert_eq!(name, format!("account with {balance}"));
    balance
}

/// A token, with its number in a box.
fn token<'a>(session: &'a Session<'_>, number: usize) -> Local<'a> {
    let number = session.integer(OFFSET + number as i64).unwrap();
    session
        .vector_push(session.vector().unwrap(), number)
        .unwrap()
}

fn token_number(session: &Session<'_>, token: Local<'_>) -> usize {
    let number = session.vector_get(token, 0).unwrap();
    (session.as_integer(number).unwrap() - OFFSET) as usize
}

/// Where things are in the vector that each thread holds: accounts, then tokens, then the counters.
const FIRST_TOKEN: usize = ACCOUNTS;
const COUNTERS: usize = ACCOUNTS + TOKENS;

/// The names of all atoms.
fn make_atoms<'a>(session: &'a Session<'_>) -> Local<'a> {
    let mut names = session.vector().unwrap();
    let mut add = |value| {
        let atom = session.atom(value).unwrap();
        names = session.vector_push(names, session.atom_name(atom)).unwrap();
    };
    for number in 0..ACCOUNTS {
        add(account(session, number, BALANCE));
    }
    for number in 0..TOKENS {
        add(token(session, number));
    }
    add(session.map().unwrap());
    names
}

struct Worker<'t, 'r> {
    thread: Thread<'t, 'r, { THREADS + 1 }>,
    roots: [Root; 2],
    random: Random,
    done: Done,
}

const NAMES: usize = 0;
const TOKEN: usize = 1;

fn atom<'a>(session: &'a Session<'_>, names: &Root, index: usize) -> Atom<'a> {
    let name = session
        .vector_get(session.load(names), index as u64)
        .unwrap();
    session.as_atom(name).unwrap()
}

impl Worker<'_, '_> {
    fn round(&mut self) {
        self.done.rounds += 1;
        // SAFETY: the thread has no other roots than these, and presents them everywhere.
        unsafe { self.thread.reserve(ROOM, &mut self.roots) }.unwrap();
        match self.random.below(if cfg!(miri) { 9 } else { 200 }) {
            0 => self.collect(),
            1 => self.collect_shared(),
            2 => self.verify(),
            other => match other % 5 {
                0 => self.transfer(),
                1 => self.snapshot(),
                2 => self.swap(),
                3 => self.update(),
                _ => self.compare(),
            },
        }
    }

    fn session(&mut self) -> (Session<'_>, &mut [Root; 2], &mut Random, &mut Done) {
        // SAFETY: as in `round`.
        let session = unsafe { self.thread.session() };
        (session, &mut self.roots, &mut self.random, &mut self.done)
    }

    fn collect(&mut self) {
        let (mut session, roots, _, done) = self.session();
        // SAFETY: as in `round`.
        unsafe { session.collect(roots) }.unwrap();
        done.collections += 1;
    }

    fn collect_shared(&mut self) {
        // SAFETY: as in `round`.
        let collected = unsafe { self.thread.collect_shared(&mut self.roots) }.unwrap();
        self.done.shared_collections += u64::from(collected.is_some());
    }

    fn verify(&mut self) {
        // SAFETY: as in `round`.
        let verified = unsafe {
            self.thread
                .stop(&mut self.roots, |stopped| stopped.verify())
        };
        if let Some(verified) = verified {
            verified.unwrap();
            self.done.verifications += 1;
        }
    }

    /// Moves money from several accounts to as many others.
    fn transfer(&mut self) {
        let (session, roots, random, done) = self.session();
        let pairs = 1 + random.below(ACCOUNTS / 2);
        let first = random.below(ACCOUNTS);
        let amount = 1 + random.below(9) as i64;
        let changes: Vec<AtomChange<'_>> = (0..2 * pairs)
            .map(|place| {
                let number = (first + place) % ACCOUNTS;
                let atom = atom(&session, &roots[NAMES], number);
                let expected = session.atom_load(atom);
                let change = if place % 2 == 0 { -amount } else { amount };
                let balance = balance(&session, expected, number) + change;
                AtomChange {
                    atom,
                    expected,
                    new: account(&session, number, balance),
                }
            })
            .collect();
        if session.atoms_transact(&changes).unwrap() {
            done.transfers += 1;
        } else {
            done.transfers_refused += 1;
        }
    }

    /// Reads all accounts in one moment.
    fn snapshot(&mut self) {
        let (session, roots, _, done) = self.session();
        let changes: Vec<AtomChange<'_>> = (0..ACCOUNTS)
            .map(|number| {
                let atom = atom(&session, &roots[NAMES], number);
                let expected = session.atom_load(atom);
                AtomChange {
                    atom,
                    expected,
                    new: expected,
                }
            })
            .collect();
        if session.atoms_transact(&changes).unwrap() {
            let balances = changes.iter().enumerate();
            let sum: i64 = balances
                .map(|(number, change)| balance(&session, change.expected, number))
                .sum();
            assert_eq!(
                sum,
                ACCOUNTS as i64 * BALANCE,
                "a snapshot saw half a transfer"
            );
            done.snapshots += 1;
        } else {
            done.snapshots_refused += 1;
        }
    }

    /// Gives the own token to an atom, and takes the one that was there.
    fn swap(&mut self) {
        let (session, roots, random, done) = self.session();
        let atom = atom(&session, &roots[NAMES], FIRST_TOKEN + random.below(TOKENS));
        let taken = session.atom_swap(atom, session.load(&roots[TOKEN]));
        assert!(token_number(&session, taken) < TOKENS + THREADS);
        session.store(&mut roots[TOKEN], taken);
        done.swaps += 1;
    }

    /// Adds one to a counter, under a key that is long now and then.
    fn update(&mut self) {
        let (session, roots, random, done) = self.session();
        let atom = atom(&session, &roots[NAMES], COUNTERS);
        let number = random.below(300);
        let key = if number % 3 == 0 {
            session.text(&format!("counter {number}")).unwrap()
        } else {
            session.integer(number as i64).unwrap()
        };
        let updated = session.atom_update(atom, |counters| {
            let count = session.map_get(counters, key)?;
            let count = count
                .and_then(|count| session.as_integer(count))
                .unwrap_or(0);
            session.map_insert(counters, key, session.integer(count + 1)?)
        });
        updated.unwrap();
        done.updates += 1;
    }

    /// Replaces an account by an identical one that shares nothing with it, which succeeds if
    /// nobody changes it meanwhile.
    fn compare(&mut self) {
        let (session, roots, random, done) = self.session();
        let number = random.below(ACCOUNTS);
        let atom = atom(&session, &roots[NAMES], number);
        let balance = balance(&session, session.atom_load(atom), number);
        let same = || account(&session, number, balance);
        let replaced = session.atom_compare_and_swap(atom, same(), same()).unwrap();
        done.comparisons += u64::from(replaced);
    }
}

/// How long to run, if that was asked for.
fn soak() -> Option<Duration> {
    let minutes = std::env::var("STELE_SOAK_MINUTES").ok()?;
    Some(Duration::from_secs(60 * minutes.parse::<u64>().unwrap()))
}

#[test]
fn threads_that_swap_transact_and_collect_violate_nothing() {
    let mut region = vec![0_u64; if cfg!(miri) { 1 << 17 } else { 4 << 20 }];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let threads = Threads::<{ THREADS + 1 }>::new(arena, pause);
    let mut owner = threads.register().unwrap();
    let mut names = [Root::NIL];
    {
        // SAFETY: no other roots than the names, which are presented wherever roots are.
        let session = unsafe { owner.session() };
        let atoms = make_atoms(&session);
        session.share(atoms);
        session.store(&mut names[0], atoms);
    }
    let copy = names[0].clone();
    let soak = soak();
    // SAFETY: as above.
    let workers = unsafe { owner.away(&mut names, || run_workers(&threads, &copy, soak)) };
    // SAFETY: as above.
    let verified = unsafe { owner.stop(&mut names, |stopped| stopped.verify()) };
    verified.unwrap().unwrap();
    // SAFETY: as above.
    let session = unsafe { owner.session() };
    let load = |index| session.atom_load(atom(&session, &names[0], index));
    let balances = (0..ACCOUNTS).map(|number| balance(&session, load(number), number));
    assert_eq!(balances.sum::<i64>(), ACCOUNTS as i64 * BALANCE);
    let in_atoms = (0..TOKENS).map(|index| token_number(&session, load(FIRST_TOKEN + index)));
    let mut tokens: Vec<usize> = in_atoms
        .chain(workers.iter().map(|(token, _)| *token))
        .collect();
    tokens.sort_unstable();
    assert_eq!(tokens, (0..TOKENS + THREADS).collect::<Vec<_>>());
    let counts = session.map_entries(load(COUNTERS));
    let counted: i64 = counts
        .map(|(_, count)| session.as_integer(count).unwrap())
        .sum();
    let updates: u64 = workers.iter().map(|(_, done)| done.updates).sum();
    assert_eq!(counted as u64, updates);
    for (_, done) in &workers {
        println!("{done:#?}");
    }
    println!("no violation");
}

/// Runs all threads to their ends; the token each has then, and what it did.
fn run_workers(
    threads: &Threads<'_, { THREADS + 1 }>,
    names: &Root,
    soak: Option<Duration>,
) -> Vec<(usize, Done)> {
    // Before all have presented the names to the first stop, nobody begins.
    let barrier = Barrier::new(THREADS);
    let begun = Instant::now();
    let run = |number: usize| {
        let mut worker = Worker {
            thread: threads.register().unwrap(),
            roots: [names.clone(), Root::NIL],
            random: Random(0x9E37_79B9_7F4A_7C15 ^ number as u64),
            done: Done::default(),
        };
        {
            let (session, roots, ..) = worker.session();
            session.store(&mut roots[TOKEN], token(&session, TOKENS + number));
        }
        barrier.wait();
        loop {
            worker.round();
            let over = match soak {
                Some(time) => worker.done.rounds.is_multiple_of(256) && begun.elapsed() >= time,
                None => worker.done.rounds == ROUNDS,
            };
            if over {
                break;
            }
        }
        let (session, roots, ..) = worker.session();
        let token = token_number(&session, session.load(&roots[TOKEN]));
        (token, worker.done)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|number| scope.spawn(move || run(number)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    })
}
