//! The stop-anywhere test: a program is stopped at every safepoint, saved to bytes, loaded at another
//! base, and goes on there. What it prints, its counts, its parity hash, its cost and its exit code
//! must be those of a run that nobody disturbed.
//!
//! Every safepoint of the CORE cases, of those of BLOCK and FILE and of the typed cases is one: inside EVALUATE and CATCH, inside
//! definitions in progress, in the line editor, and in ACCEPT and KEY that wait for the next byte.

mod support;

use stele_arbiter::{Arbiter, Exit, QUANTUM, Turn};
use support::{Host, Program};

/// Words of a region at first: 4 MiB, since the dictionary and the cases of values have the collector
/// copy some 700 KiB.
const WORDS: usize = 1 << 19;

/// Words that a place has beyond that.
const SPARE: usize = 1 << 14;

/// After so many hops the regions become larger, by the smallest amount that shows.
const GROWTH: usize = 5000;

/// Words before the region in each of three places, so that the bases differ in their distance from
/// any alignment that might be assumed.
const SKEWS: [usize; 3] = [0, 1, 5];

/// What a place holds that nothing lies in.
const POISON: u64 = 0xDBDB_DBDB_DBDB_DBDB;

/// How a run ended, and what it printed.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    exit: Exit,
    output: String,
}

/// Runs the program without hops, by turns of `quantum`; 0 is one safepoint. Says how many turns.
fn undisturbed(program: &Program, quantum: u32) -> (Outcome, usize) {
    let mut region = vec![0; WORDS];
    let (mut arbiter, mut host) = program.start(&mut region);
    let mut turns = 1;
    let exit = loop {
        if let Turn::Over(exit) = arbiter.turn(&mut host, quantum) {
            break exit;
        }
        turns += 1;
    };
    let output = text(&host);
    (Outcome { exit, output }, turns)
}

/// Runs the program, at every safepoint in another place. Says how many there were and at how many
/// it waited.
fn hopping(program: &Program) -> (Outcome, usize, usize) {
    let mut places = SKEWS.map(|skew| vec![POISON; skew + WORDS + SPARE]);
    let mut image = vec![0; 8 * WORDS];
    let (arbiter, mut host) = program.start(&mut places[0][..WORDS]);
    let mut length = arbiter.save(&mut image).expect("it fits");
    let (mut hops, mut waits) = (0, 0);
    loop {
        // Whoever still looks at the place that was left shall stumble.
        places[hops % 3].fill(POISON);
        hops += 1;
        let words = WORDS + 32 * (hops / GROWTH);
        let region = &mut places[hops % 3][SKEWS[hops % 3]..][..words];
        let mut arbiter = Arbiter::load(region, &image[..length])
            .unwrap_or_else(|error| panic!("hop {hops}: {error}\n{}", text(&host)));
        match arbiter.turn(&mut host, 0) {
            Turn::Ran => {}
            Turn::Waits(_) => waits += 1,
            Turn::Over(exit) => {
                let output = text(&host);
                return (Outcome { exit, output }, hops, waits);
            }
        }
        length = arbiter.save(&mut image).expect("it fits");
    }
}

/// What the host was told.
fn text(host: &Host) -> String {
    String::from_utf8_lossy(&host.output).into_owned()
}

/// The line of counts and parity that the cases end with.
fn report(outcome: &Outcome) -> &str {
    let line = outcome
        .output
        .lines()
        .find(|line| line.starts_with("conformance: "));
    line.expect("the cases come to their report")
}

#[test]
fn the_core_cases_stopped_at_every_safepoint_end_the_same() {
    let program = Program::core();
    let (expected, _) = undisturbed(&program, QUANTUM);
    assert_eq!(expected.exit, Exit::Bye(0), "{}", expected.output);
    let (outcome, hops, _) = hopping(&program);
    println!("core: {hops} safepoints, {}", report(&outcome));
    assert_eq!(report(&outcome), report(&expected));
    assert_eq!(outcome, expected);
    assert!(hops > 50_000, "only {hops} safepoints");
}

#[test]
fn sources_within_sources_stopped_at_every_safepoint_end_the_same() {
    let program = Program::sources();
    let (expected, _) = undisturbed(&program, QUANTUM);
    assert_eq!(expected.exit, Exit::Bye(0));
    let (outcome, hops, _) = hopping(&program);
    println!("sources: {hops} safepoints, {}", report(&outcome));
    assert_eq!(report(&outcome), report(&expected));
    assert_eq!(outcome, expected);
}

#[test]
fn further_cases_stopped_at_every_safepoint_end_the_same() {
    let program = Program::further();
    let (expected, _) = undisturbed(&program, QUANTUM);
    assert_eq!(expected.exit, Exit::Bye(0));
    let (outcome, hops, _) = hopping(&program);
    println!("further: {hops} safepoints, {}", report(&outcome));
    assert_eq!(outcome, expected);
    assert!(hops > 5_000, "only {hops} safepoints");
}

#[test]
fn typed_cases_stopped_at_every_safepoint_end_the_same() {
    let program = Program::typed();
    let (expected, _) = undisturbed(&program, QUANTUM);
    assert_eq!(expected.exit, Exit::Bye(0));
    let (outcome, hops, waits) = hopping(&program);
    println!(
        "typed: {hops} safepoints, {waits} of them waiting, {}",
        report(&outcome)
    );
    assert_eq!(report(&outcome), report(&expected));
    assert_eq!(outcome, expected);
    assert_eq!(waits, program.typed.len(), "every key is waited for");
}

#[test]
fn nothing_depends_on_the_quantum() {
    for program in [Program::core(), Program::sources(), Program::typed()] {
        let (expected, _) = undisturbed(&program, QUANTUM);
        println!("{}", report(&expected));
        for quantum in [0, 1, 7, 1000] {
            let (outcome, turns) = undisturbed(&program, quantum);
            assert_eq!(outcome, expected, "by turns of {quantum}");
            println!("  by turns of {quantum:4}: {turns} turns");
        }
    }
}
