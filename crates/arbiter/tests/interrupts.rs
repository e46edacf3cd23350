//! What is left of work that is ended from outside, wherever it is.

mod support;

use stele_arbiter::Turn;
use support::Program;

/// Units of a turn: few, so that most places are come to.
const SHORT: u32 = 16;

/// A transaction in one whose budget is soon spent, and what its atom holds afterwards.
const PROGRAM: &str = "~0 ATOM VCONSTANT HELD
    : LONG 1000 0 DO LOOP ;
    : INNER ~5 HELD STORE ['] LONG TRANSACT ;
    : OUTER 300 BUDGET ['] INNER TRANSACT ;
    : RUN ['] OUTER CATCH DUP -256 = SWAP -28 = OR IF .\" it holds \" HELD FETCH V> . THEN 0 BUDGET BYE ;
    RUN";

#[test]
fn a_transaction_is_given_up_also_where_two_interrupts_follow_each_other() {
    let (mut turns, mut seen) = (0, 0);
    loop {
        let mut region = vec![0; 1 << 19];
        let (mut arbiter, mut host) = Program::new(PROGRAM, "").start(&mut region);
        let mut turn = 0;
        loop {
            host.interrupts = turn == turns;
            if let Turn::Over(_) = arbiter.turn(&mut host, SHORT) {
                break;
            }
            turn += 1;
        }
        let output = String::from_utf8_lossy(&host.output);
        assert!(
            !output.contains("it holds 5"),
            "interrupted in turn {turns}: {output}"
        );
        seen += usize::from(output.contains("it holds 0"));
        if turn < turns {
            break;
        }
        turns += 1;
    }
    assert!(seen > 1, "the budget ends it");
}
