//! Each limit of the machine, at the limit and one past it.

mod support;

use stele_vm::data::{DEFAULT_LIMIT, START};
use stele_vm::stacks::{FIRST_CELLS, MAX_CELLS};
use stele_vm::value_stack::MAX_VALUES;
use stele_vm::{Awaited, Outcome, Trap};
use support::host::{End, Limits, Seen, define, report, run};
use support::primitives::PIECE;
use support::{Host, Model, Program, Report, WordSpec};

const ROOM: usize = 64 << 20;

const LONG: Limits = Limits {
    allowance: None,
    cut: 100_000_000,
};

/// Runs a program; the model has to agree.
fn outcome(program: &Program) -> Report {
    outcome_within(program, LONG, u32::MAX)
}

fn outcome_within(program: &Program, limits: Limits, quantum: u32) -> Report {
    let mut host = Host::new(ROOM);
    let (data, found) = host.with(program, |machine| {
        let data = report(machine, End::Cut).data;
        (data, run(machine, limits, || quantum))
    });
    let expected = Model::new(program, limits, data).run();
    assert_eq!(found.end, expected.end);
    assert!(found == expected, "the model ends with another state");
    found
}

fn built(text: &str) -> Report {
    outcome(&Program::built(text))
}

const UNDERFLOW: End = End::Ended(Some(Trap::STACK_UNDERFLOW));
const OVERFLOW: End = End::Ended(Some(Trap::STACK_OVERFLOW));
const RETURN_OVERFLOW: End = End::Ended(Some(Trap::RETURN_STACK_OVERFLOW));

// The stacks.

/// Pushes `count` cells one by one; the function's return address and the cell that belongs to
/// neither stack are there besides, and the loop's parameters while it runs.
fn pushes(count: usize) -> Report {
    built(&format!("main: {count} 0 DO 7 LOOP return"))
}

#[test]
fn both_stacks_together_hold_131072_cells_less_the_one_that_is_neither_s() {
    assert_eq!(MAX_CELLS, 131_072);
    // The check in the loop asks for one cell and, as it counts all of the frame, the parameters.
    let most = MAX_CELLS - 1 - 1 - 2 - 3;
    let full = pushes(most + 1);
    assert_eq!(full.end, End::Ended(None));
    assert_eq!(full.stack.len(), most + 1);
    let past = pushes(most + 2);
    assert_eq!(past.end, OVERFLOW);
    assert_eq!(past.stack.len(), most + 1);
}

#[test]
fn calls_without_end_overflow_the_return_stack() {
    let report = built("f: RECURSE return\nmain: f return");
    assert_eq!(report.end, RETURN_OVERFLOW);
    assert_eq!(report.return_depth, MAX_CELLS - 1);
}

#[test]
fn calls_without_end_that_leave_more_each_time_overflow_the_data_stack() {
    let report = built("f: 1 2 RECURSE return\nmain: f return");
    assert_eq!(report.end, OVERFLOW);
}

#[test]
fn an_overflow_is_caught_and_both_stacks_are_as_they_were() {
    let report = built(
        "f: RECURSE return\ng: 1 2 3 f return\nmain: 11 1 catch-enter catch-exit 1 catch-enter catch-exit return",
    );
    let code = Trap::RETURN_STACK_OVERFLOW.0;
    assert_eq!(report.stack, [11, code, code]);
    assert_eq!(report.return_depth, 0);
}

#[test]
fn the_stacks_grow_whatever_they_hold_when_they_are_full() {
    for count in (FIRST_CELLS - 8)..(FIRST_CELLS + 8) {
        let report = pushes(count);
        assert_eq!(report.end, End::Ended(None));
        assert!(report.stack.iter().all(|cell| *cell == 7));
        assert_eq!(report.stack.len(), count);
    }
}

#[test]
fn a_function_needs_what_it_takes_and_no_more() {
    assert_eq!(
        built("f: drop drop return\nmain: 1 0 execute return").end,
        UNDERFLOW
    );
    let report = built("f: drop drop return\nmain: 1 2 0 execute return");
    assert_eq!(report.end, End::Ended(None));
    assert!(report.stack.is_empty());
}

#[test]
fn pick_reaches_the_bottom_and_not_below() {
    assert_eq!(built("main: 5 6 7 2 pick return").stack, [5, 6, 7, 5]);
    assert_eq!(built("main: 5 6 7 3 pick return").end, UNDERFLOW);
    assert_eq!(built("main: 5 6 7 -1 pick return").end, UNDERFLOW);
    assert_eq!(built("main: 0 pick return").end, UNDERFLOW);
}

// The value stack.

const VALUE_UNDERFLOW: End = End::Ended(Some(Trap::VALUE_STACK_UNDERFLOW));
const VALUE_OVERFLOW: End = End::Ended(Some(Trap::VALUE_STACK_OVERFLOW));

#[test]
fn the_value_stack_holds_131072_values_and_not_one_more() {
    assert_eq!(MAX_VALUES, 131_072);
    let full = built("main: 131072 0 DO i >v LOOP return");
    assert_eq!(full.end, End::Ended(None));
    assert_eq!(full.values.len(), MAX_VALUES);
    assert_eq!(full.values.last(), Some(&Seen::Integer(131_071)));
    let past = built("main: 131073 0 DO i >v LOOP return");
    assert_eq!(past.end, VALUE_OVERFLOW);
    assert_eq!(past.values.len(), MAX_VALUES);
}

#[test]
fn room_for_values_is_asked_for_where_their_region_begins() {
    let text = |count: usize| {
        format!(
            "f: IF 1 >v 2 >v 3 >v vdrop vdrop vdrop THEN return\nmain: {count} 0 DO i >v LOOP 0 0 execute return"
        )
    };
    assert_eq!(built(&text(MAX_VALUES - 3)).end, End::Ended(None));
    assert_eq!(built(&text(MAX_VALUES - 2)).end, VALUE_OVERFLOW);
}

// The float stack.

const FLOAT_UNDERFLOW: End = End::Ended(Some(Trap::FLOAT_STACK_UNDERFLOW));
const FLOAT_OVERFLOW: End = End::Ended(Some(Trap::FLOAT_STACK_OVERFLOW));

#[test]
fn the_float_stack_holds_131072_floats_and_not_one_more() {
    let full = built("main: 131072 0 DO i s>f LOOP return");
    assert_eq!(full.end, End::Ended(None));
    assert_eq!(full.floats.len(), 131_072);
    assert_eq!(full.floats.last(), Some(&131_071_f64.to_bits()));
    let past = built("main: 131073 0 DO i s>f LOOP return");
    assert_eq!(past.end, FLOAT_OVERFLOW);
    assert_eq!(past.floats.len(), 131_072);
}

#[test]
fn a_function_needs_the_floats_it_takes_and_no_more() {
    let text = |count: usize| {
        let pushed = "1 s>f ".repeat(count);
        format!("f: fdrop fdrop 3 drop 4 drop return\nmain: {pushed} 0 execute return")
    };
    assert_eq!(built(&text(1)).end, FLOAT_UNDERFLOW);
    assert_eq!(built(&text(1)).floats.len(), 1);
    assert_eq!(built(&text(2)).end, End::Ended(None));
    assert_eq!(built("main: 0 fpick return").end, FLOAT_UNDERFLOW);
}

#[test]
fn calls_without_end_that_leave_a_float_each_time_overflow_the_float_stack() {
    let report = built("f: 1 s>f 2 s>f 3 s>f RECURSE return\nmain: f return");
    assert_eq!(report.end, FLOAT_OVERFLOW);
}

#[test]
fn calls_without_end_that_leave_a_value_each_time_overflow_the_value_stack() {
    // A return stack that holds so many addresses would be full a little later.
    let report = built("f: 1 >v 2 >v 3 >v RECURSE return\nmain: f return");
    assert_eq!(report.end, VALUE_OVERFLOW);
}

#[test]
fn a_function_needs_the_values_it_takes_and_no_more() {
    let text = |count: usize| {
        let pushed = "1 >v ".repeat(count);
        format!("f: vdrop vdrop 3 drop 4 drop return\nmain: {pushed} 0 execute return")
    };
    assert_eq!(built(&text(1)).end, VALUE_UNDERFLOW);
    // What it needs is looked for before anything is taken.
    assert_eq!(built(&text(1)).values, [Seen::Integer(1)]);
    let report = built(&text(2));
    assert_eq!(report.end, End::Ended(None));
    assert!(report.values.is_empty());
}

#[test]
fn vpick_reaches_the_bottom_and_not_below() {
    let three = "5 >v 6 >v 7 >v";
    let report = built(&format!("main: {three} 2 vpick return"));
    assert_eq!(report.values, [5, 6, 7, 5].map(Seen::Integer));
    for index in ["3", "-1", "4611686018427387904"] {
        let report = built(&format!("main: {three} {index} vpick return"));
        assert_eq!(report.end, VALUE_UNDERFLOW);
        assert_eq!(report.values.len(), 3);
    }
    assert_eq!(built("main: 0 vpick return").end, VALUE_UNDERFLOW);
}

#[test]
fn every_cell_goes_to_the_value_stack_and_comes_back() {
    let inline = 1_i64 << 60;
    for cell in [
        0,
        -1,
        inline - 1,
        inline,
        -inline,
        -inline - 1,
        i64::MIN,
        i64::MAX,
    ] {
        let report = built(&format!("main: {cell} >v vdup v> return"));
        assert_eq!(report.stack, [cell]);
        assert_eq!(report.values, [Seen::Integer(cell)]);
    }
}

#[test]
fn only_integers_become_cells() {
    let report = built("main: 7 text v> return");
    assert_eq!(report.end, End::Ended(Some(Trap::WRONG_KIND)));
    assert_eq!(report.values, [Seen::Text(7)]);
}

#[test]
fn the_value_stack_grows_whatever_it_holds_when_it_is_full() {
    for count in [31, 32, 33, 63, 64, 65, 1000] {
        let report = built(&format!("main: {count} 0 DO i text LOOP return"));
        let expected: Vec<Seen> = (0..count).map(Seen::Text).collect();
        assert_eq!(report.values, expected);
    }
}

#[test]
fn collections_in_between_change_no_value() {
    // Megabytes of text, of which the stack keeps every hundredth.
    let report = built("main: 300 0 DO i text i >v 1000 0 DO i text vdrop LOOP vdrop LOOP return");
    let expected: Vec<Seen> = (0..300).map(Seen::Text).collect();
    assert_eq!(report.values, expected);
}

#[test]
fn a_throw_brings_the_value_stack_back_to_its_depth_and_not_what_was_there() {
    let report = built(
        "f: vdrop vdrop -9 throw return\n\
         main: 1 >v 2 >v 3 >v 0 catch-enter catch-exit return",
    );
    assert_eq!(report.stack, [-9]);
    assert_eq!(report.values, [Seen::Integer(1), Seen::Nil, Seen::Nil]);
    let report = built(
        "f: 4 >v 5 >v -9 throw return\n\
         main: 1 >v 0 catch-enter catch-exit return",
    );
    assert_eq!(report.values, [Seen::Integer(1)]);
}

#[test]
fn quit_leaves_the_value_stack_as_it_is() {
    let report = built(
        "f: 4 >v 5 >v -56 throw return\n\
         main: 1 >v 0 catch-enter catch-exit return",
    );
    assert_eq!(report.stack, [-56]);
    assert_eq!(report.values, [1, 4, 5].map(Seen::Integer));
}

#[test]
fn primitives_take_and_leave_the_values_they_declare() {
    let report = built("main: 1 >v 2 text second 5 copies return");
    assert_eq!(report.values, [Seen::Text(2)]);
    let report = built("main: 3 text 7 copies return");
    assert_eq!(report.values, [Seen::Text(3); 3]);
    let report = built("main: 3 text 8 copies return");
    assert!(report.values.is_empty());
}

// Data space.

#[test]
fn data_space_grows_to_its_limit_and_not_past_it() {
    let mut host = Host::new(ROOM);
    let program = Program::built("main: return");
    host.with(&program, |machine| {
        let limit = i64::try_from(DEFAULT_LIMIT).expect("it fits");
        assert_eq!(machine.data_limit(), DEFAULT_LIMIT);
        let end = START + limit;
        assert_eq!(machine.grow_data(end + 1), Err(Trap::DICTIONARY_OVERFLOW));
        machine.grow_data(end).expect("this is the limit");
        assert_eq!(machine.data_length(), DEFAULT_LIMIT);
        assert_eq!(machine.grow_data(i64::MAX), Err(Trap::DICTIONARY_OVERFLOW));
        assert_eq!(machine.grow_data(i64::MIN), Err(Trap::DICTIONARY_OVERFLOW));
        machine.set_cell(end - 8, -2).expect("the last cell");
        assert_eq!(machine.cell(end - 8), Ok(-2));
        assert_eq!(machine.cell(end - 7), Err(Trap::INVALID_ADDRESS));
        assert_eq!(machine.set_cell(end - 7, 1), Err(Trap::INVALID_ADDRESS));
        assert_eq!(machine.bytes(START - 1, 1), Err(Trap::INVALID_ADDRESS));
        assert_eq!(
            machine.bytes(START, limit).map(<[u8]>::len),
            Ok(limit as usize)
        );
        assert_eq!(machine.bytes(START, limit + 1), Err(Trap::INVALID_ADDRESS));
        assert_eq!(machine.bytes(START, -1), Err(Trap::INVALID_ADDRESS));
        assert_eq!(
            machine.bytes(i64::MAX, i64::MAX),
            Err(Trap::INVALID_ADDRESS)
        );
        assert_eq!(machine.bytes(i64::MIN, 0).map(<[u8]>::len), Ok(0));
    });
}

#[test]
fn growing_data_space_keeps_what_is_in_it() {
    let mut host = Host::new(ROOM);
    let mut program = Program::built("main: return");
    program.data = (0..=255).collect();
    host.with(&program, |machine| {
        machine.grow_data(START + (1 << 20)).expect("there is room");
        assert_eq!(machine.bytes(START, 256), Ok(&program.data[..]));
    });
}

#[test]
fn data_space_that_the_arena_has_no_room_for_is_refused_and_left_as_it_was() {
    let mut host = Host::new(1 << 20);
    let program = Program::built("main: return");
    host.with(&program, |machine| {
        machine
            .grow_data(START + 100)
            .expect("there is room for this");
        let length = machine.data_length();
        assert_eq!(
            machine.grow_data(START + (8 << 20)),
            Err(Trap::OUT_OF_MEMORY)
        );
        assert_eq!(machine.data_length(), length);
    });
}

// The budget.

/// Two loops, one in a handler, with calls and a primitive that works in pieces.
const BUSY: &str = "f: 5 0 DO i drop 250 work LOOP return
    g: 0 BEGIN 1+ dup 20 < WHILE f REPEAT return
    h: 300 0 DO i drop LOOP return
    main: 1 catch-enter catch-exit h return";

#[test]
fn the_budget_is_spent_at_the_same_point_whatever_the_quantum() {
    let program = Program::built(BUSY);
    let whole = outcome(&program).cost;
    for allowance in (0..whole + 40).step_by(997).chain(0..20) {
        let limits = Limits {
            allowance: Some(allowance),
            cut: 3 * whole,
        };
        let once = outcome_within(&program, limits, u32::MAX);
        for quantum in [0, 1, 7, 99, 1000] {
            let turns = outcome_within(&program, limits, quantum);
            assert_eq!(turns, once, "in turns of {quantum}");
        }
    }
}

#[test]
fn a_program_that_uses_all_of_its_budget_ends_and_one_unit_less_is_too_little() {
    let program = Program::built("f: 50 0 DO LOOP return\nmain: 0 catch-enter catch-exit return");
    let used = outcome(&program).cost;
    let entry = u64::from(program.functions[1].header.entry_cost);
    let limits = |allowance| Limits {
        allowance: Some(allowance),
        cut: 100_000,
    };
    // What is charged behind the last safepoint is charged after the last look at the budget.
    let last = used - entry - 1;
    let enough = outcome_within(&program, limits(last), u32::MAX);
    assert_eq!(enough.stack, [0]);
    let spent = outcome_within(&program, limits(last - 1), u32::MAX);
    assert_eq!(spent.stack, [Trap::BUDGET_SPENT.0]);
}

/// The budget bounds what comes after the moment it is set, wherever the turn began.
#[test]
fn a_budget_set_by_the_program_counts_from_there() {
    let program = Program::built(
        "f: 1000 work 700 budget BEGIN 1+ AGAIN return
        main: 5 0 catch-enter catch-exit return",
    );
    let mut reports = [u32::MAX, 0, 1, 10, 333, 1000, 5000].map(|quantum| {
        let mut host = Host::new(ROOM);
        let limits = Limits {
            allowance: None,
            cut: 100_000,
        };
        host.with(&program, |machine| run(machine, limits, || quantum))
    });
    let first = reports[0].clone();
    assert_eq!(first.stack.last(), Some(&Trap::BUDGET_SPENT.0));
    assert!(
        (1700..1750).contains(&first.cost),
        "it ended at {}",
        first.cost
    );
    for report in &mut reports {
        assert_eq!(*report, first);
    }
}

#[test]
fn a_primitive_that_works_in_pieces_is_stopped_between_them() {
    let program = Program::built("main: 12345 work return");
    let mut host = Host::new(ROOM);
    let turns = host.with(&program, |machine| {
        let mut turns = 0;
        while machine.run_to_safepoint() == Outcome::Preempted {
            turns += 1;
        }
        turns
    });
    assert_eq!(turns, 12345 / PIECE);
}

#[test]
fn a_turn_that_overshot_is_paid_for_by_the_next() {
    let program = Program::built("main: BEGIN 100 work AGAIN return");
    let mut host = Host::new(ROOM);
    host.with(&program, |machine| {
        let begin = machine.cost();
        let turns = 1000;
        for _ in 0..turns {
            assert_eq!(machine.run(10), Outcome::Preempted);
        }
        let used = machine.cost() - begin;
        let given = 10 * turns;
        assert!(
            (given..given + 200).contains(&used),
            "{used} of {given} units"
        );
    });
}

// Handlers.

#[test]
fn a_throw_comes_back_to_the_depth_of_its_handler() {
    let report = built(
        "f: 7 8 9 -5 throw return
        g: drop drop 0 fail -6 throw return
        main: 1 2 0 catch-enter catch-exit 3 4 1 catch-enter catch-exit return",
    );
    // What was taken below the handler's depth is zero, the rest is as the word left it.
    assert_eq!(
        report.stack,
        [1, 2, -5, 3, 4, -6][..3]
            .iter()
            .chain(&[0, 0, -6])
            .copied()
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_handler_whose_word_returns_leaves_zero() {
    let report = built("f: 7 return\nmain: 0 catch-enter catch-exit return");
    assert_eq!(report.stack, [7, 0]);
}

#[test]
fn handlers_nest_as_deep_as_the_stack_is_long() {
    let report = built(
        "f: dup IF 1- 0 catch-enter catch-exit throw ELSE drop -7 throw THEN return
        main: 20000 0 catch-enter catch-exit return",
    );
    assert_eq!(report.end, End::Ended(None));
    assert_eq!(report.stack.last(), Some(&-7));
    assert_eq!(report.return_depth, 0);
}

#[test]
fn nesting_without_end_overflows_and_every_handler_hands_it_on() {
    let report = built(
        "f: 0 catch-enter catch-exit throw return
        main: 0 catch-enter catch-exit return",
    );
    assert_eq!(report.stack, [Trap::RETURN_STACK_OVERFLOW.0]);
}

#[test]
fn a_trap_that_nothing_handles_ends_the_instance() {
    let report = built("main: 1 0 / return");
    assert_eq!(report.end, End::Ended(Some(Trap::DIVISION_BY_ZERO)));
    let mut host = Host::new(ROOM);
    host.with(&Program::built("main: -5 throw return"), |machine| {
        assert_eq!(machine.run(1000), Outcome::Ended(Some(Trap(-5))));
        assert_eq!(machine.run(1000), Outcome::Ended(None), "it is dead");
    });
}

/// QUIT empties the return stack and leaves the data stack alone (Forth-2012, 6.1.2050).
#[test]
fn quit_goes_to_the_outermost_handler_and_keeps_the_data_stack() {
    let report = built(
        "f: 1 2 -56 throw return
        g: 10 0 catch-enter catch-exit 99 return
        main: 5 1 catch-enter catch-exit return",
    );
    assert_eq!(report.stack, [5, 10, 1, 2, -56]);
    assert_eq!(report.return_depth, 0);
}

#[test]
fn quit_computed_at_run_time_is_taken_off_the_stack() {
    let report = built(
        "f: 1 2 dup dup - 56 - throw return
        main: 0 catch-enter catch-exit return",
    );
    assert_eq!(report.stack, [1, 2, -56]);
}

// Tokens.

#[test]
fn a_token_of_no_word_is_stale() {
    for token in [-1, 2, 1 << 32, i64::MAX, i64::MIN] {
        let report = built(&format!("f: return\nmain: {token} execute return"));
        assert_eq!(report.end, End::Ended(Some(Trap::STALE_TOKEN)), "{token}");
    }
}

/// The program's functions run as words in a world where the model does not go.
fn alone(program: &Program) -> Report {
    let mut host = Host::new(ROOM);
    host.with(program, |machine| run(machine, LONG, || u32::MAX))
}

#[test]
fn a_forgotten_word_s_token_is_stale_although_it_was_called_before() {
    let program = Program::built(
        "f: 7 return
        main: 2 0 DO 0 execute LOOP 0 forget 0 execute return",
    );
    let report = alone(&program);
    assert_eq!(report.end, End::Ended(Some(Trap::STALE_TOKEN)));
    assert_eq!(report.stack, [7, 7]);
}

#[test]
fn a_replaced_word_does_the_new_thing_although_it_was_called_before() {
    let program = Program::built(
        "f: 7 return
        g: 8 return
        main: 0 execute call-word 0 1 0 replace 0 execute call-word 0 return",
    );
    assert_eq!(alone(&program).stack, [7, 7, 8, 8]);
}

#[test]
fn deferred_words_lead_on_63_times_and_no_further() {
    for (length, end) in [
        (63, End::Ended(None)),
        (64, End::Ended(Some(Trap::RECURSION))),
    ] {
        let mut program = Program::built("f: 7 return\nmain: 2 execute return");
        for next in 3..3 + length - 1 {
            program.words.push(WordSpec::deferred(next));
        }
        program.words.push(WordSpec::deferred(0));
        assert_eq!(outcome(&program).end, end, "{length} deferred words");
    }
}

#[test]
fn a_word_without_code_leaves_its_body_or_nothing() {
    let mut program = Program::built("main: 1 execute 2 execute 3 execute return");
    program.words.extend([
        WordSpec::with_body(None, 42),
        WordSpec::with_body(Some(0), 43),
        WordSpec {
            flags: 0,
            function: None,
            body: 9,
        },
    ]);
    // Word 2 begins the program anew, which never ends.
    program.words[2].function = None;
    assert_eq!(outcome(&program).stack, [42, 43]);
}

// Input.

#[test]
fn an_instance_that_waits_is_run_again_when_there_is_input() {
    let program = Program::built("main: key key + return");
    let mut host = Host::new(ROOM);
    host.with(&program, |machine| {
        assert_eq!(machine.run(1000), Outcome::Waiting(Awaited::Input));
        assert_eq!(machine.run(1000), Outcome::Waiting(Awaited::Input));
        assert_eq!(machine.depth(), 0);
        assert!(!machine.has_input());
    });
}

#[test]
fn words_can_be_added_until_the_heap_is_full_and_every_one_is_found() {
    let program = Program::built("f: 7 return\nmain: 300 execute return");
    let mut host = Host::new(ROOM);
    let report = host.with(&program, |machine| {
        for number in 0..1000 {
            define(machine, stele_vm::words::flags::BODY, None, number);
        }
        run(machine, LONG, || u32::MAX)
    });
    assert_eq!(report.stack, [298]);
}
