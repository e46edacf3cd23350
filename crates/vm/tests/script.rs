//! What a language of values needs of the bytecode, through the assembler: cases/script.txt has modules,
//! each with what it leaves. Each is run in one turn; from safepoint to safepoint, everything
//! collected at each; and from safepoint to safepoint, saved, verified and loaded elsewhere at each.
//! That must make no difference, not even to the cost.
//!
//! With STELE_BLESS in the environment the file is rewritten with what came out.

mod support;

use std::fmt::Write;

use stele_assembly::assemble;
use stele_bytecode::module::Module;
use stele_hal::Nobody;
use stele_memory::Printing;
use stele_vm::values::PRIMITIVES;
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, Trap, World};

/// How a run is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stops {
    Never,
    Collecting,
    Moving,
}

/// Bytes of each world.
const REGION: usize = 2 << 20;

/// Safepoints after which a run is not interrupted any more.
const MOST_STOPS: usize = 400;

fn build(text: &str) -> Result<Vec<u8>, String> {
    let effect = |name: &str| {
        let row = PRIMITIVES.iter().find(|row| row.name == name)?;
        Some(row.effect)
    };
    let module = assemble(text, &effect).map_err(|error| error.to_string())?;
    Ok(module.encode())
}

/// Lets `work` have the instance of a world.
fn attached<T>(world: &mut World<'_>, work: impl FnOnce(&mut Machine<'_, '_>) -> T) -> T {
    let mut processor = Processor::new();
    let door = Door {
        outside: &mut Nobody,
        bindings: &mut Bindings::new(),
    };
    let mut machine =
        Machine::attach(&mut processor, world, 0, door).expect("the world has an instance");
    work(&mut machine)
}

/// The world that a module is loaded into, ready to begin, as an image; or why it is refused.
fn loaded(text: &str) -> Result<Vec<u8>, String> {
    let bytes = build(text)?;
    let module = Module::read(&bytes).map_err(|error| error.to_string())?;
    let mut region = vec![0u64; REGION / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    attached(&mut world, |machine| {
        support::host::load(machine, &module).map_err(|error| error.to_string())
    })?;
    let mut image = vec![0; REGION];
    let length = world.save(&mut image).expect("it fits");
    image.truncate(length);
    Ok(image)
}

/// What a module leaves, as the cases write it, and what that cost.
fn run(image: &[u8], stops: Stops) -> (String, u64) {
    let mut image = image.to_vec();
    for stop in 0..=MOST_STOPS {
        let mut region = vec![0u64; REGION / 8];
        let mut world = World::load(&mut region, &image, PRIMITIVES)
            .unwrap_or_else(|error| panic!("stop {stop}: {error}"));
        let ended = attached(&mut world, |machine| {
            loop {
                if stops == Stops::Collecting {
                    machine.collect_everything().expect("there is room");
                }
                let outcome = match stops {
                    Stops::Never => machine.run(u32::MAX),
                    _ => machine.run_to_safepoint(),
                };
                match outcome {
                    Outcome::Preempted if stops == Stops::Moving && stop < MOST_STOPS => {
                        return None;
                    }
                    Outcome::Preempted => {}
                    Outcome::Ended(trap) => return Some(report(machine, trap)),
                    other => panic!("{other:?}"),
                }
            }
        });
        if let Some(ended) = ended {
            return ended;
        }
        image.resize(REGION, 0);
        let length = world.save(&mut image).expect("it fits");
        image.truncate(length);
    }
    panic!("it runs on and on")
}

fn report(machine: &mut Machine<'_, '_>, trap: Option<Trap>) -> (String, u64) {
    let mut text = String::new();
    if let Some(trap) = trap {
        write!(text, "throws {}", trap.0).expect("strings grow");
        if let Some(words) = machine.explanation(trap) {
            write!(text, ": {words}").expect("strings grow");
        }
        text.push('\n');
    }
    for below in (0..machine.depth()).rev() {
        let cell = machine.peek(below).expect("it is there");
        writeln!(text, "cell {cell}").expect("strings grow");
    }
    let (session, stack) = machine.values();
    for below in (0..stack.depth()).rev() {
        let value = session.load(stack.peek(below).expect("it is there"));
        let mut form = vec![0; 4096];
        let mut printing = Printing::new();
        let printed = session.print_step(&mut printing, value, &mut form, &mut { u64::MAX });
        let (length, _) = printed.expect("there is room");
        let form = String::from_utf8_lossy(&form[..length]);
        writeln!(text, "value {form}").expect("strings grow");
    }
    (text, machine.cost())
}

/// Cases of a file: title, module, what it leaves.
fn cases(text: &str) -> Vec<(&str, &str, &str)> {
    let cases = text.split("=== ").skip(1).map(|case| {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (module, leaves) = rest.split_once("--- leaves\n").expect("what it leaves");
        (title, module, leaves)
    });
    cases.collect()
}

#[test]
fn every_need_of_a_language_of_values_is_met_however_a_run_is_interrupted() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/script.txt");
    let text = std::fs::read_to_string(path).expect("the cases are there");
    let mut blessed = text[..text.find("=== ").expect("there are cases")].to_owned();
    let mut failures = String::new();
    for (title, module, leaves) in cases(&text) {
        let found = match loaded(module) {
            Err(reason) => format!("refused {reason}\n"),
            Ok(image) => {
                let (found, cost) = run(&image, Stops::Never);
                for stops in [Stops::Collecting, Stops::Moving] {
                    assert_eq!(
                        run(&image, stops),
                        (found.clone(), cost),
                        "{title}: {stops:?}"
                    );
                }
                found
            }
        };
        if found.trim_end() != leaves.trim_end() {
            write!(failures, "== {title}\nexpected\n{leaves}\nfound\n{found}\n")
                .expect("strings grow");
        }
        write!(blessed, "=== {title}\n{module}--- leaves\n{found}\n").expect("strings grow");
    }
    if std::env::var_os("STELE_BLESS").is_some() {
        std::fs::write(path, blessed.trim_end().to_owned() + "\n").expect("it can be written");
    } else {
        assert!(failures.is_empty(), "{failures}");
    }
}
