//! A little of everything, small enough to run under an interpreter that checks each access:
//! `cargo +nightly miri test -p stele-vm --test smoke`.

mod support;

use stele_vm::data::START;
use stele_vm::{Awaited, Outcome, Trap};
use support::host::{End, Limits, report, run};
use support::{Host, Model, Program, WordSpec, every};

/// Bytes for a small world.
const ROOM: usize = 256 << 10;

const LIMITS: Limits = Limits {
    allowance: None,
    cut: 3000,
};

/// Runs a program in turns of `quantum`; the model has to agree.
fn check(program: &Program, quantum: u32) {
    let mut host = Host::new(ROOM);
    let (data, found) = host.with(program, |machine| {
        let data = report(machine, End::Cut).data;
        (data, run(machine, LIMITS, || quantum))
    });
    assert_eq!(found, Model::new(program, LIMITS, data).run());
}

#[test]
fn loops_calls_and_memory() {
    let mut program = Program::built(
        "main: 8 0 DO i 4096 i cells + ! LOOP 4104 dup @ swap c@ 2 4096 + c@ return",
    );
    program.data = vec![0; 128];
    check(&program, u32::MAX);
    check(&program, 0);
    let program = Program::built(
        "square: dup * return
        total: 0 swap 0 ?DO i square + LOOP return
        main: 10 total 3 /mod 7 -2 */mod return",
    );
    check(&program, 7);
}

#[test]
fn every_instruction() {
    let limits = Limits {
        allowance: None,
        cut: 1_000_000,
    };
    let program = every::program(1);
    let mut host = Host::new(ROOM);
    let (data, found) = host.with(&program, |machine| {
        let data = report(machine, End::Cut).data;
        (data, run(machine, limits, || u32::MAX))
    });
    assert_eq!(found.end, End::Ended(None));
    assert_eq!(found, Model::new(&program, limits, data).run());
}

#[test]
fn stacks_that_grow() {
    check(&Program::built("main: 200 0 DO 7 LOOP return"), u32::MAX);
    let deep = "f: dup IF 1- RECURSE 1+ THEN return\nmain: 100 f return";
    check(&Program::built(deep), 50);
}

#[test]
fn handlers_and_traps() {
    let program = Program::built(
        "f: 1 2 0 / return
        g: 5 0 catch-enter catch-exit throw return
        main: 9 1 catch-enter catch-exit -56 throw return",
    );
    check(&program, u32::MAX);
    check(&program, 3);
}

#[test]
fn words_and_tokens() {
    let mut program = Program::built(
        "f: 1+ return
        main: 1 0 execute 0 execute call-word 2 3 execute 99 4 catch-enter catch-exit return",
    );
    program.words.extend([
        WordSpec::with_body(Some(0), 40),
        WordSpec::deferred(0),
        WordSpec::deferred(77),
    ]);
    check(&program, u32::MAX);
}

#[test]
fn primitives_in_pieces() {
    check(&Program::built("main: 350 work pair sum 3 some return"), 0);
}

#[test]
fn a_definition_is_made_and_run_in_the_machine() {
    let program = Program::built("main: return");
    let mut host = Host::new(ROOM);
    let found = host.with(&program, |machine| {
        machine.grow_data(START + 64).expect("there is room");
        machine.begin_definition().expect("there is room");
        for number in 0..300 {
            machine
                .build(|builder| builder.literal(number))
                .expect("the definition grows");
        }
        machine
            .build(|builder| builder.emit(stele_bytecode::instruction::Op::Return))
            .expect("there is room");
        let code = machine.finish_definition(false).expect("it is sound");
        machine.start(code).expect("it needs nothing");
        run(machine, LIMITS, || 20)
    });
    assert_eq!(found.stack.len(), 300);
    assert_eq!(found.stack.last(), Some(&299));
}

#[test]
fn interrupts_and_input() {
    let program = Program::built(
        "f: BEGIN key drop AGAIN
        main: 0 catch-enter catch-exit return",
    );
    let mut host = Host::new(ROOM);
    host.with(&program, |machine| {
        assert_eq!(machine.run(1000), Outcome::Waiting(Awaited::Input));
        machine
            .interrupt(Trap::USER_INTERRUPT)
            .expect("it has a handler");
        assert_eq!(machine.run(1000), Outcome::Ended(None));
        assert_eq!(machine.peek(0), Ok(Trap::USER_INTERRUPT.0));
    });
}
