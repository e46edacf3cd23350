//! Each operation on values, through the assembler: cases/values.txt has them, one a line. Each is
//! run in turns of several lengths, which must make no difference, and collected before each turn.

mod support;

use std::fmt::Write;

use stele_assembly::{OwnedFunction, OwnedModule};
use stele_bytecode::analysis::{Declared, Mode, Slot, analyse};
use stele_bytecode::module::{Limits, Module};
use stele_memory::{CodeRef, NeedSpace, Printing, Reading, Session};
use stele_vm::values::PRIMITIVES;
use stele_vm::{Bindings, Door, Machine, Outcome, Primitive, Processor, Trap, World};
use support::bytecode::{Environment, Function, assemble_all};
use support::host::Script;

/// What lies in data space, from its beginning.
const DATA: &[u8] = b"abc\xff....[1 2] x ";

/// A line of the file.
struct Case {
    line: usize,
    values: String,
    code: String,
    expected: Result<(String, Vec<i64>), (i64, String)>,
}

/// The part before the last semicolon and the numbers after it.
fn operands(text: &str) -> (String, Vec<i64>) {
    let (values, cells) = text.rsplit_once(';').expect("values ; cells");
    let cells = cells
        .split_whitespace()
        .map(|cell| cell.parse().expect("a number"));
    (values.trim().to_owned(), cells.collect())
}

fn cases() -> Vec<Case> {
    let lines = include_str!("cases/values.txt").lines().enumerate();
    let cases =
        lines.filter(|(_, line)| !line.is_empty() && *line != "#" && !line.starts_with("# "));
    cases
        .map(|(number, line)| {
            let parts: Vec<&str> = line.split(" => ").collect();
            let [before, code, after] = parts[..] else {
                panic!("line {}: three parts are needed", number + 1)
            };
            let (values, cells) = operands(before);
            let mut text = String::from("function main\n    check-values\n    check-floats\n");
            for cell in &cells {
                writeln!(text, "    cell {cell}").expect("strings do not refuse");
            }
            for instruction in code.split(", ") {
                writeln!(text, "    {instruction}").expect("strings do not refuse");
            }
            text.push_str("    return\n");
            let expected = match after.strip_prefix("! ") {
                None => Ok(operands(after)),
                Some(thrown) => {
                    let (code, words) = thrown.split_once(':').expect("code: words");
                    Err((code.parse().expect("a code"), words.trim().to_owned()))
                }
            };
            Case {
                line: number + 1,
                values,
                code: text,
                expected,
            }
        })
        .collect()
}

/// The function of a case as a module, with all operations for it to name.
fn module(code: &str) -> Vec<u8> {
    let named = PRIMITIVES
        .iter()
        .map(|row| (row.name.to_owned(), row.effect));
    let environment = Environment::of(named);
    let mut functions = assemble_all(code, &environment).unwrap_or_else(|error| panic!("{error}"));
    let function: &mut Function = &mut functions[0];
    let mut slots = vec![Slot::default(); function.code.len()];
    let unknown = Declared::unknown();
    let found = analyse(
        &mut function.code,
        &mut slots,
        &environment,
        Mode::Infer,
        unknown,
    );
    function.declare(
        found
            .unwrap_or_else(|error| panic!("{code}{error}"))
            .declared,
    );
    let module = OwnedModule {
        limits: Limits {
            data_space: stele_vm::data::START.unsigned_abs() + DATA.len() as u64,
            ..Limits::default()
        },
        primitives: PRIMITIVES
            .iter()
            .map(|row| row.name.as_bytes().to_vec())
            .collect(),
        functions: vec![OwnedFunction {
            header: function.header,
            code: function.code.clone(),
        }],
        data_address: stele_vm::data::START,
        data: DATA.to_vec(),
        ..OwnedModule::default()
    };
    module.encode()
}

/// Pushes the values that a text shows one after another.
fn push_all(machine: &mut Machine<'_, '_>, text: &str) {
    let mut at = 0;
    while !text[at..].trim().is_empty() {
        machine.reserve_values(1).expect("there is room");
        let (mut session, mut stack) = machine.values();
        match session.reserve(4096) {
            Ok(()) => {}
            Err(NeedSpace::Collect) => {
                machine.collect().expect("there is room");
                continue;
            }
            Err(NeedSpace::OutOfMemory(error)) => panic!("{error}"),
        }
        let mut reading = Reading::new();
        let value = session
            .read_step(&mut reading, &text.as_bytes()[at..], &mut { u64::MAX })
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .expect("there are units enough");
        stack.push(&session, value).expect("room is reserved");
        at += reading.position() as usize;
    }
}

/// The values on the stack, the bottom first, by their text forms.
fn shown(machine: &mut Machine<'_, '_>) -> String {
    let (session, stack) = machine.values();
    let forms = (0..stack.depth()).rev().map(|below| {
        let value = session.load(stack.peek(below).expect("it is there"));
        let mut text = vec![0; 4096];
        let mut printing = Printing::new();
        let printed = session.print_step(&mut printing, value, &mut text, &mut { u64::MAX });
        let (length, done) = printed.expect("there is room");
        assert!(done, "the value is small");
        text.truncate(length);
        String::from_utf8(text).expect("the text form is UTF-8")
    });
    forms.collect::<Vec<_>>().join(" ")
}

/// How a case came out.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    values: String,
    cells: Vec<i64>,
    thrown: Option<(i64, String)>,
    cost: u64,
}

/// A world with an instance that has nothing to run yet.
fn world(region: &mut [u64]) -> World<'_> {
    let mut world = World::new(region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    world
}

/// Declares a machine attached to the instance of a world, and what it needs beside.
macro_rules! attach {
    ($machine:ident, $world:ident) => {
        let (mut processor, mut console) = (Processor::new(), Script::default());
        let door = Door {
            outside: &mut console,
            bindings: &mut Bindings::new(),
        };
        let mut $machine = Machine::attach(&mut processor, &mut $world, 0, door)
            .expect("the world has an instance");
    };
}

/// Runs a case in turns of `quantum` cost units; 0 is one safepoint.
fn run(case: &Case, module: &Module<'_>, quantum: u32, collects: bool) -> Came {
    let mut region = vec![0u64; 1 << 18];
    let mut world = world(&mut region);
    attach!(machine, world);
    machine.grow_data(8192).expect("there is room");
    let mut entry = CodeRef(0);
    machine
        .load_module(module, 0, &mut |_, code| entry = code)
        .unwrap_or_else(|error| panic!("line {}: {error}", case.line));
    machine.start(entry).expect("it needs nothing");
    push_all(&mut machine, &case.values);
    let before = machine.cost();
    let trap = loop {
        if collects {
            machine.collect_everything().expect("there is room");
        }
        let outcome = match quantum {
            0 => machine.run_to_safepoint(),
            quantum => machine.run(quantum),
        };
        match outcome {
            Outcome::Preempted => {}
            Outcome::Ended(trap) => break trap,
            other => panic!("line {}: {other:?}", case.line),
        }
    };
    let cells = (0..machine.depth()).rev();
    let thrown = trap.map(|trap: Trap| {
        let words = machine.explanation(trap).unwrap_or_default();
        (trap.0, words.to_owned())
    });
    Came {
        cells: cells
            .map(|below| machine.peek(below).expect("it is there"))
            .collect(),
        cost: machine.cost() - before,
        values: shown(&mut machine),
        thrown,
    }
}

#[test]
fn each_operation_does_what_its_cases_say_however_it_is_interrupted() {
    for case in cases() {
        let bytes = module(&case.code);
        let module = Module::read(&bytes).expect("the module is well formed");
        let came = run(&case, &module, 1_000_000, false);
        let line = case.line;
        match &case.expected {
            Ok((values, cells)) => {
                assert_eq!(came.thrown, None, "line {line}");
                assert_eq!((&came.values, &came.cells), (values, cells), "line {line}");
            }
            Err((code, words)) => {
                let (thrown, told) = came.thrown.as_ref().expect("it throws");
                assert_eq!((thrown, told), (code, words), "line {line}");
            }
        }
        assert_eq!(run(&case, &module, 0, true), came, "line {line}");
        assert_eq!(run(&case, &module, 1, false), came, "line {line}");
    }
}

/// Loads a function, and makes the machine ready to run it, whatever it ran before.
fn begin(machine: &mut Machine<'_, '_>, code: &str) {
    let bytes = module(&format!(
        "function main\n    check-values\n    check-floats\n{code}    return\n"
    ));
    let module = Module::read(&bytes).expect("the module is well formed");
    let mut entry = CodeRef(0);
    machine
        .load_module(&module, 0, &mut |_, code| entry = code)
        .unwrap_or_else(|error| panic!("{error}"));
    machine.start(entry).expect("it needs nothing");
}

/// Stores into the atom on top of the value stack, past what the instance is doing.
fn meddle(machine: &mut Machine<'_, '_>, integer: i64) {
    let (session, stack) = machine.values();
    let name = session.load(stack.peek(0).expect("the atom is there"));
    let atom = session.as_atom(name).expect("it is an atom");
    let value = session.integer(integer).expect("it needs no room");
    session.atom_swap(atom, value);
}

#[test]
fn a_transaction_ends_in_nothing_if_somebody_else_has_stored_into_what_it_saw() {
    for (interference, committed, held) in [(None, -1, "8"), (Some(9), 0, "9"), (Some(7), -1, "8")]
    {
        let mut region = vec![0u64; 1 << 18];
        let mut world = world(&mut region);
        attach!(machine, world);
        begin(
            &mut machine,
            "    short 7\n    >v\n    primitive (atom)\n    primitive (begin-transaction)\n    \
             short 8\n    >v\n    vover\n    primitive (exchange)\n    vdrop\n    \
             vdup\n    primitive (constant,)\n    drop\n",
        );
        assert_eq!(machine.run(10_000), Outcome::Ended(None));
        if let Some(integer) = interference {
            meddle(&mut machine, integer);
        }
        begin(
            &mut machine,
            "    primitive (commit)\n    short 0\n    primitive (constant)\n    primitive (load)\n",
        );
        assert_eq!(machine.run(10_000), Outcome::Ended(None));
        assert_eq!(machine.peek(0), Ok(committed), "{interference:?}");
        assert_eq!(shown(&mut machine), held, "{interference:?}");
    }
}

#[test]
fn words_about_an_older_failure_are_not_told_of_a_newer_one_with_the_same_code() {
    let mut region = vec![0u64; 1 << 18];
    let mut world = world(&mut region);
    attach!(machine, world);
    let mut fails = |code: &str| {
        begin(&mut machine, code);
        assert_eq!(
            machine.run(10_000),
            Outcome::Ended(Some(Trap::NUMERIC_ARGUMENT)),
            "{code}"
        );
        machine.explanation(Trap::NUMERIC_ARGUMENT).is_some()
    };
    assert!(fails("    short 7\n    short 65\n    primitive (record)\n"));
    // What a program throws again is still explained.
    assert!(fails("    short -24\n    throw\n"));
    assert!(!fails("    short -1\n    primitive (gather)\n"));
    assert!(!fails("    short -24\n    throw\n"));
}

#[test]
fn sorting_much_has_collected_what_it_leaves_on_the_way() {
    // What the result leaves while it is made is several times the memory.
    let mut region = vec![0u64; 1 << 19];
    let mut world = world(&mut region);
    attach!(machine, world);
    begin(
        &mut machine,
        "    primitive (sorted)\n    vdup\n    primitive (size)\n    short 0\n    primitive (nth)\n    v>\n    swap\n",
    );
    push_all(&mut machine, "[]");
    for number in (0..30_000).rev() {
        while let Err(NeedSpace::Collect) = {
            let (mut session, _) = machine.values();
            session.reserve(Session::worst_case_vector_push())
        } {
            machine.collect().expect("there is room");
        }
        let (session, mut stack) = machine.values();
        let vector = session.load(stack.peek(0).expect("the vector is there"));
        let number = session.integer(number).expect("it needs no room");
        let longer = session.vector_push(vector, number);
        let longer = longer.expect("room is reserved");
        stack.poke(&session, 0, longer).expect("it is there");
    }
    assert_eq!(machine.run(u32::MAX), Outcome::Ended(None));
    assert_eq!((machine.peek(0), machine.peek(1)), (Ok(30_000), Ok(0)));
}

/// A comparison of two values that are alike to the end, in many steps.
fn long_comparison() -> Vec<u8> {
    module("function main\n    check-values\n    check-floats\n    primitive (v=)\n    return\n")
}

/// A nest of vectors, deep enough for a comparison to take many steps.
fn nest(machine: &mut Machine<'_, '_>, depth: usize) {
    push_all(machine, "[]");
    for _ in 0..depth {
        loop {
            let (mut session, mut stack) = machine.values();
            match session.reserve(4096) {
                Ok(()) => {
                    let inner = session.load(stack.peek(0).expect("it was pushed"));
                    let vector = session.vector().expect("room is reserved");
                    let outer = session.vector_push(vector, inner);
                    let outer = outer.expect("room is reserved");
                    stack.poke(&session, 0, outer).expect("it is there");
                    break;
                }
                Err(NeedSpace::Collect) => machine.collect().expect("there is room"),
                Err(NeedSpace::OutOfMemory(error)) => panic!("{error}"),
            }
        }
    }
}

/// An image of a world that has begun to compare two deep values.
fn comparing(module: &Module<'_>) -> Vec<u8> {
    let mut region = vec![0u64; 1 << 18];
    let mut world = world(&mut region);
    attach!(machine, world);
    let mut entry = CodeRef(0);
    machine
        .load_module(module, 0, &mut |_, code| entry = code)
        .unwrap_or_else(|error| panic!("{error}"));
    machine.start(entry).expect("it needs nothing");
    nest(&mut machine, DEPTH);
    nest(&mut machine, DEPTH);
    for _ in 0..STEPS {
        assert_eq!(machine.run_to_safepoint(), Outcome::Preempted);
    }
    let mut image = vec![0; 1 << 21];
    let length = world.save(&mut image).expect("it fits");
    image.truncate(length);
    image
}

/// How deep the values are, and how many steps of comparing them were done.
const DEPTH: usize = 6000;
const STEPS: usize = 1;

/// The cells that a world leaves that is loaded and goes on; none if it is refused.
fn finished(image: &[u8]) -> Option<Vec<i64>> {
    let mut region = vec![0u64; 1 << 18];
    let mut world = World::load(&mut region, image, PRIMITIVES).ok()?;
    let (mut processor, mut console) = (Processor::new(), Script::default());
    let door = Door {
        outside: &mut console,
        bindings: &mut Bindings::new(),
    };
    let mut machine = Machine::attach(&mut processor, &mut world, 0, door)?;
    for _ in 0..100 {
        if let Outcome::Ended(_) = machine.run_to_safepoint() {
            break;
        }
    }
    let cells = (0..machine.depth()).rev();
    Some(cells.filter_map(|below| machine.peek(below).ok()).collect())
}

#[test]
fn an_operation_goes_on_in_a_world_saved_in_the_middle_of_it_or_is_refused_if_that_was_damaged() {
    let bytes = long_comparison();
    let module = Module::read(&bytes).expect("the module is well formed");
    let image = comparing(&module);
    assert_eq!(finished(&image), Some(vec![-1]));
    let words = image.len() / 8;
    // All of what lies near the beginning, the control block in it, and some of the rest.
    for word in (0..words.min(500)).chain((500..words).step_by(997)) {
        for change in [1, 1 << 32, u64::MAX] {
            let mut forged = image.clone();
            let place = &mut forged[8 * word..8 * word + 8];
            let mut eight = [0; 8];
            eight.copy_from_slice(place);
            place.copy_from_slice(&(u64::from_le_bytes(eight) ^ change).to_le_bytes());
            stele_memory::repair_checksum(&mut forged);
            // Refused, or some answer: anything but a panic or undefined behaviour.
            let _ = finished(&forged);
        }
    }
}

#[test]
fn every_operation_has_cases() {
    let cases = cases();
    for primitive in PRIMITIVES {
        let named = format!("primitive {}\n", primitive.name);
        let count = cases
            .iter()
            .filter(|case| case.code.contains(&named))
            .count();
        assert!(count > 0, "{} has no case", primitive.name);
    }
}

#[test]
fn every_operation_misses_its_values_before_it_begins() {
    let takes_values = |primitive: &&Primitive| primitive.effect.values.need > 0;
    for Primitive { name, effect, .. } in PRIMITIVES.iter().filter(takes_values) {
        let cells = "    cell 0\n".repeat(usize::from(effect.need));
        let case = Case {
            line: 0,
            values: String::new(),
            code: format!(
                "function main\n    check-values\n    check-floats\n{cells}    primitive {name}\n    return\n"
            ),
            expected: Ok((String::new(), Vec::new())),
        };
        let bytes = module(&case.code);
        let module = Module::read(&bytes).expect("the module is well formed");
        let came = run(&case, &module, 1000, false);
        let thrown = came.thrown.map(|(code, _)| code);
        assert_eq!(thrown, Some(Trap::VALUE_STACK_UNDERFLOW.0), "{name}");
    }
}
