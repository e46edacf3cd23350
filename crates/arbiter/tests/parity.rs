//! What the parity hash sees of values: what they are, and nothing of how they are stored.

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

/// The parity that a program tells which picks, by the key that is typed, one of the values that
/// `values` leaves, and keeps that one alone. Apart from it all is the same, the cost as well.
fn parity(values: &str, key: char, quantum: u32) -> String {
    let count = values.split('|').count();
    let values = values.replace('|', " ");
    let drops = "VNIP ".repeat(count);
    let text =
        format!(": RUN {values} {count} 1- KEY [CHAR] 0 - - VPICK {drops} PARITY ; RUN U. BYE");
    let program = Program::new(&text, &key.to_string());
    let mut region = vec![0; 1 << 19];
    let (mut arbiter, host) = program.start(&mut region);
    let parity = output(&mut arbiter, host, quantum);
    assert!(parity.parse::<u64>().is_ok(), "{text}: {parity}");
    parity
}

fn parities(values: &str) -> Vec<String> {
    ('0'..)
        .take(values.split('|').count())
        .map(|key| parity(values, key, QUANTUM))
        .collect()
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
        let mut found = parities(values);
        found.sort();
        found.dedup();
        assert_eq!(found.len(), values.split('|').count(), "{values}");
    }
}

#[test]
fn it_does_not_see_how_a_value_was_made() {
    for values in [
        "~[1 2 3]|~[1] ~[2 3] CONCAT|~[0 1 2 3] 1 4 SLICE",
        "~{1 2 3 4}|~{3 4} 1 >V 2 >V PUT|~{9 9 1 2 3 4} 9 >V REMOVE",
    ] {
        let found = parities(values);
        assert!(
            found.iter().all(|one| *one == found[0]),
            "{values}: {found:?}"
        );
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
    for (index, one) in found.iter().enumerate() {
        assert!(!found[index + 1..].contains(one), "{found:?}");
    }
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
