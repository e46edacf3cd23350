//! What the parity hash sees of values: what they are, and nothing of how they are stored; and of
//! floats: their bits.

mod support;

use stele_arbiter::{Arbiter, QUANTUM, Turn};
use support::{Host, Program};

/// Runs to the end in turns of `quantum` units; what was written, without white space around it.
fn output(arbiter: &mut Arbiter<'_>, mut host: Host, quantum: u32) -> String {
    for _ in 0..1_000_000 {
        if let Turn::Over(_) = arbiter.turn(&mut host, quantum) {
            break;
        }
    }
    String::from_utf8_lossy(&host.output).trim().to_owned()
}

/// What `text` prints, which is one number, if that key is typed.
fn number(text: &str, key: char) -> String {
    let program = Program::new(text, &key.to_string());
    let mut region = vec![0; 1 << 19];
    let (mut arbiter, host) = program.start(&mut region);
    let number = output(&mut arbiter, host, QUANTUM);
    assert!(number.parse::<u64>().is_ok(), "{text}: {number}");
    number
}

/// The parities that a program tells which begins with `before`, then picks, by the key that is
/// typed, one of the values that `values` leaves, keeps that one alone, and goes on with `after`.
/// Apart from the value picked all is the same, the cost as well.
fn parities_with(before: &str, values: &str, after: &str) -> Vec<String> {
    let count = values.split('|').count();
    let values = values.replace('|', " ");
    let pick = format!(
        "{count} 1- KEY [CHAR] 0 - - VPICK {}",
        "VNIP ".repeat(count)
    );
    let text = format!(": RUN {before} {values} {pick} {after} PARITY ; RUN U. BYE");
    ('0'..).take(count).map(|key| number(&text, key)).collect()
}

fn parities(values: &str) -> Vec<String> {
    parities_with("", values, "")
}

fn differ(parities: &[String]) -> bool {
    let mut different = parities.to_vec();
    different.sort();
    different.dedup();
    different.len() == parities.len()
}

fn agree(parities: &[String]) -> bool {
    parities.iter().all(|one| *one == parities[0])
}

#[test]
fn it_tells_values_apart_that_are_equal_and_not_identical() {
    for values in [
        "~1|~1.0|~2",
        "~0.0|~-0.0|~0",
        "~[1 2]|~[1 2.0]|~[2 1]|~#{1 2}",
        "~{nil [1]}|~{nil [1.0]}|~{[1] nil}|~{[1.0] nil}",
        "~\"1\"|~1|~\\1|~nil|~true|~false",
    ] {
        assert!(differ(&parities(values)), "{values}");
    }
}

#[test]
fn it_does_not_see_how_a_value_was_made() {
    for values in [
        "~[1 2 3]|~[1] ~[2 3] CONCAT|~[0 1 2 3] 1 4 SLICE",
        "~{1 2 3 4}|~{3 4} 1 >V 2 >V PUT|~{9 9 1 2 3 4} 9 >V REMOVE",
    ] {
        assert!(agree(&parities(values)), "{values}");
    }
}

#[test]
fn it_sees_how_many_values_there_are_and_in_which_order() {
    let text = |words: &str| {
        let text = format!(": RUN KEY DROP ~1 ~2 ~3 {words} PARITY ; RUN U. BYE");
        let (mut region, program) = (vec![0; 1 << 19], Program::new(&text, "x"));
        let (mut arbiter, host) = program.start(&mut region);
        output(&mut arbiter, host, QUANTUM)
    };
    // Words of one length and one cost.
    let found = [text("VSWAP"), text("VDROP"), text("VTUCK"), text("VOVER")];
    assert!(differ(&found), "{found:?}");
}

#[test]
fn it_sees_floats_by_their_bits() {
    let text = ": RUN 1E 1.0000000000000002E 0E -0E KEY [CHAR] 0 - FPICK FNIP PARITY ; RUN U. BYE";
    let found: Vec<String> = ('0'..='3').map(|key| number(text, key)).collect();
    assert!(differ(&found), "{found:?}");
}

#[test]
fn many_floats_are_hashed_in_pieces_wherever_it_is_stopped() {
    let text = ": MANY 5000 0 DO I S>F 3E F/ LOOP ; MANY PARITY U. BYE";
    let told = |quantum| {
        let mut region = vec![0; 1 << 20];
        let (mut arbiter, host) = Program::new(text, "").start(&mut region);
        output(&mut arbiter, host, quantum)
    };
    let whole = told(QUANTUM);
    assert!(whole.parse::<u64>().is_ok(), "{whole}");
    assert_eq!(told(700), whole);
}

#[test]
fn deep_values_are_hashed_in_pieces_wherever_it_is_stopped() {
    // 2000 vectors, one in the other, and as many elements in one.
    let text = ": DEEP 2000 0 DO ~[] VSWAP PUSH LOOP ; : WIDE 2000 0 DO I >V PUSH LOOP ;
                : RUN ~1 DEEP ~[] WIDE PARITY ; RUN U. BYE";
    let told = |quantum| {
        let mut region = vec![0; 1 << 20];
        let (mut arbiter, host) = Program::new(text, "").start(&mut region);
        output(&mut arbiter, host, quantum)
    };
    let whole = told(QUANTUM);
    assert!(whole.parse::<u64>().is_ok(), "{whole}");
    assert_eq!(told(700), whole);
}

/// Values that differ a little, and one that is built in two ways.
const DIFFERENT: &str = "~1|~1.0|~[1 [2]]|~[1 [3]]|~{2 #{1}}|~{2 #{2}}";
const SAME: &str = "~[[1 2] [1 2]]|~[1 2] VDUP 2 VECTOR|~[[1 2] [1 2] 3] POP VDROP";

/// Ways to an atom that leave what is kept, and store the value on top into the atom.
const WAYS: [(&str, &str); 6] = [
    // The atom is on the stack.
    ("~nil ATOM", "VOVER STORE"),
    // In a set, beside its number; in a map, as a key.
    ("~nil ATOM VDUP ~#{1} VSWAP INSERT VSWAP", "VSWAP STORE"),
    ("~nil ATOM VDUP ~{} VSWAP ~2 PUT VSWAP", "VSWAP STORE"),
    // Another atom holds a vector with it, a third one that.
    ("~nil ATOM VDUP 1 VECTOR ATOM ATOM VSWAP", "VSWAP STORE"),
    // It holds a vector with another atom, which holds it.
    ("~nil ATOM VDUP ATOM VSWAP", "2 VPICK 2 VECTOR VSWAP STORE"),
    // It holds a vector with itself.
    ("~nil ATOM", "VOVER 2 VECTOR VOVER STORE"),
];

#[test]
fn it_sees_what_atoms_hold_that_can_be_reached() {
    for (before, after) in WAYS {
        assert!(
            differ(&parities_with(before, DIFFERENT, after)),
            "{before}: {after}"
        );
        assert!(
            agree(&parities_with(before, SAME, after)),
            "{before}: {after}"
        );
    }
}

#[test]
fn it_does_not_see_what_atoms_hold_that_nothing_leads_to() {
    for (before, after) in WAYS {
        let after = format!("{after} VDROP");
        assert!(
            agree(&parities_with(before, DIFFERENT, &after)),
            "{before}: {after}"
        );
    }
}

#[test]
fn it_sees_what_code_and_an_open_transaction_lead_to() {
    let pick = "~1 ~2 KEY [CHAR] 0 - VPICK VNIP VNIP";
    let in_code =
        format!("~nil ATOM : HELD VLITERAL ; : RUN {pick} HELD STORE PARITY ; RUN U. BYE");
    // Nothing leads to the atom but the log; the second atom is in what it is to hold, and is new.
    let in_log = ": IN STORE PARITY ;";
    let in_log = format!("{in_log} : RUN {pick} ~nil ATOM ['] IN TRANSACT ; RUN U. BYE");
    let behind_log =
        format!(": IN ~nil ATOM STORE PARITY ; : RUN {pick} ATOM ['] IN TRANSACT ; RUN U. BYE");
    for text in [in_code, in_log, behind_log] {
        assert!(differ(&['0', '1'].map(|key| number(&text, key))), "{text}");
    }
}

#[test]
fn it_does_not_see_garbage_and_collections() {
    // A collection before what leaves garbage and fills an atom, or behind it.
    let text = ": FILL 300 0 DO I >V 1 VECTOR VDUP ATOM 2 VECTOR VOVER STORE LOOP ;
                CREATE STEPS ' GC , ' FILL , : STEP CELLS STEPS + @ EXECUTE ;
                : RUN ~nil ATOM 1 KEY [CHAR] 0 - DUP STEP - STEP PARITY ; RUN U. BYE";
    assert!(agree(&['0', '1'].map(|key| number(text, key))));
}

/// 1000 atoms, each of which holds the one before and some more, in a ring that is entered in the
/// middle.
const RING: &str = ": LINK ~[1 2.5 \"three\" [4 5 6 7 8 9]] VSWAP PUSH ATOM ;
    : RING ~nil ATOM VDUP 1000 0 DO LINK I 500 = IF VDUP VROT VROT THEN LOOP VROT STORE ;
    : RUN RING PARITY COST ; RUN U. U. BYE";

/// What a program prints that is saved and loaded elsewhere at every safepoint.
fn output_with_hops(program: &Program) -> (String, usize) {
    let mut places = [(); 2].map(|()| vec![0; 1 << 19]);
    let (arbiter, mut host) = program.start(&mut places[0]);
    let mut image = vec![0; 1 << 22];
    let mut length = arbiter.save(&mut image).expect("it fits");
    let mut hops = 0;
    loop {
        hops += 1;
        let loaded = Arbiter::load(&mut places[hops % 2], &image[..length]);
        let mut arbiter = loaded.unwrap_or_else(|error| panic!("hop {hops}: {error}"));
        if let Turn::Over(_) = arbiter.turn(&mut host, 0) {
            let output = String::from_utf8_lossy(&host.output);
            return (output.trim().to_owned(), hops);
        }
        length = arbiter.save(&mut image).expect("it fits");
    }
}

#[test]
fn what_atoms_hold_is_hashed_in_pieces_wherever_it_is_stopped_saved_and_loaded() {
    let program = Program::new(RING, "");
    let told = |quantum| {
        let mut region = vec![0; 1 << 19];
        let (mut arbiter, host) = program.start(&mut region);
        output(&mut arbiter, host, quantum)
    };
    let whole = told(QUANTUM);
    assert_eq!(whole.split(' ').count(), 2, "{whole}");
    assert_eq!(told(700), whole);
    let (output, hops) = output_with_hops(&program);
    assert_eq!(output, whole);
    assert!(hops > 1000, "only {hops} hops");
}
