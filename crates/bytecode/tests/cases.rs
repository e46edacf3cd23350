//! Runs the case files of `tests/cases`: code on one side, what becomes of it on the other.
//!
//! A file is a list of cases, after lines that describe the primitives it uses:
//!
//! ```text
//! primitive eat need 1 delta -1 room 0 cost 4
//!
//! === a sentence that says what holds
//! verify
//! function f need 1 delta 0 room 1 cost 2
//!     dup
//!     return
//! --- refused
//! f at word 0: NotCovered
//! ```
//!
//! The second line says what is done with the code:
//! - `verify`: the functions, as a module, are held to what they declare: `accepted`, or `refused`
//!   with the function, the word and the rule.
//! - `infer`: what they declare is found out: `gives` their listing. Where a check is missing the
//!   listing is followed by `check wanted at word N`, or `check-values`; else the verifier must accept it.
//! - `build`: each line is a definition, `NAME: words`, that goes through the builder. The words
//!   are mnemonics, numbers, functions before it, primitives, and the control words in capitals;
//!   `LOCALS 2 1` declares locals, two of which are taken from the stack, `GET 0` and `SET 0` are
//!   uses of the first.
//!   `gives` a listing of the functions made, which the verifier must accept.
//!
//! With STELE_BLESS in the environment the files are rewritten with what came out.

mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use stele_bytecode::analysis::{CodeError, Declared, Lane, Mode, Slot, analyse};
use support::script::build;
use support::{Environment, Function, assemble_all, list_with};

#[test]
fn effects_and_depths() {
    run_file("depths");
}

#[test]
fn encoding() {
    run_file("encoding");
}

#[test]
fn jumps_and_costs() {
    run_file("jumps");
}

#[test]
fn return_stack_and_loops() {
    run_file("loops");
}

#[test]
fn locals() {
    run_file("locals");
}

#[test]
fn calls_and_recursion() {
    run_file("calls");
}

#[test]
fn dynamic_functions() {
    run_file("dynamic");
}

#[test]
fn values() {
    run_file("values");
}

#[test]
fn floats() {
    run_file("floats");
}

#[test]
fn handlers() {
    run_file("handlers");
}

#[test]
fn fusion() {
    run_file("fusion");
}

#[test]
fn structures_and_segments() {
    run_file("builder");
}

/// One case of a file.
struct Case<'t> {
    title: &'t str,
    mode: &'t str,
    input: String,
    expected: String,
}

fn run_file(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/{name}.txt"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let (preamble, cases) = read_cases(&text);
    let primitives = Environment::new(preamble);
    let mut blessed = preamble.to_owned();
    let mut failures = String::new();
    for case in &cases {
        let found = run_case(case, &primitives);
        let Case {
            title, mode, input, ..
        } = case;
        writeln!(blessed, "=== {title}\n{mode}\n{input}{found}").expect("strings grow");
        if found.trim_end() != case.expected.trim_end() {
            let expected = case.expected.trim_end();
            writeln!(failures, "== {title}\nexpected\n{expected}\nfound\n{found}")
                .expect("strings grow");
        }
    }
    if std::env::var_os("STELE_BLESS").is_some() {
        bless(&path, &blessed);
    } else {
        assert!(failures.is_empty(), "{}:\n{failures}", path.display());
    }
}

fn bless(path: &PathBuf, text: &str) {
    std::fs::write(path, format!("{}\n", text.trim_end()))
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}

/// What stands before the first case, and the cases.
fn read_cases(text: &str) -> (&str, Vec<Case<'_>>) {
    let first = text.find("=== ").unwrap_or(text.len());
    let (preamble, rest) = text.split_at(first);
    let cases = rest.split("=== ").skip(1).map(|case| {
        let (title, rest) = case.split_once('\n').unwrap_or((case, ""));
        let (mode, rest) = rest.split_once('\n').unwrap_or((rest, ""));
        let (input, expected) = match rest.find("--- ") {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        Case {
            title,
            mode: mode.trim(),
            input: input.to_owned(),
            expected: expected.to_owned(),
        }
    });
    (preamble, cases.collect())
}

fn run_case(case: &Case<'_>, primitives: &Environment) -> String {
    match case.mode {
        "verify" => verify(&case.input, primitives),
        "infer" => infer(&case.input, primitives),
        "build" => match build(&case.input, primitives) {
            Ok(functions) => gives(&functions, primitives),
            Err(error) => format!("--- refused\n{error}\n"),
        },
        other => panic!("{}: there is no mode {other:?}", case.title),
    }
}

/// The functions of a text in the environment that they are.
fn assemble(input: &str, primitives: &Environment) -> (Vec<Function>, Environment) {
    let environment = primitives.with_text(input);
    let functions =
        assemble_all(input, &environment).unwrap_or_else(|error| panic!("{error} of\n{input}"));
    let environment = environment.with_functions(&functions);
    (functions, environment)
}

fn verify(input: &str, primitives: &Environment) -> String {
    let (functions, environment) = assemble(input, primitives);
    match refusal(&functions, &environment) {
        None => "--- accepted\n".to_owned(),
        Some(told) => format!("--- refused\n{told}\n"),
    }
}

/// The first function that the verifier refuses, and why.
fn refusal(functions: &[Function], environment: &Environment) -> Option<String> {
    functions.iter().find_map(|function| {
        let mut code = function.code.clone();
        let declared = Declared::of_header(&function.header);
        let mut slots = vec![Slot::default(); code.len()];
        analyse(&mut code, &mut slots, environment, Mode::Verify, declared)
            .err()
            .map(|error| told(&function.name, error))
    })
}

/// The error by the name of its variant, and of its lane.
fn told(name: &str, error: CodeError) -> String {
    let told = format!("{error:?}");
    let variant = match told.split_once(", ") {
        Some((lane, _)) => format!("{lane})"),
        None => told.split('(').next().unwrap_or_default().to_owned(),
    };
    format!("{name} at word {}: {variant}", error.position())
}

fn infer(input: &str, primitives: &Environment) -> String {
    let (functions, mut environment) = assemble(input, primitives);
    let mut found = Vec::new();
    let mut wanted = String::new();
    for mut function in functions {
        let mut slots = vec![Slot::default(); function.code.len()];
        let unknown = Declared::unknown();
        let result = analyse(
            &mut function.code,
            &mut slots,
            &environment,
            Mode::Infer,
            unknown,
        );
        match result {
            Err(error) => return format!("--- refused\n{}\n", told(&function.name, error)),
            Ok(analysed) => {
                function.declare(analysed.declared);
                function.name_itself(u32::try_from(found.len()).expect("cases are small"));
                environment.declare(&function);
                for (at, slot) in slots.iter().enumerate() {
                    let missing = [
                        ("check", slot.needs_check()),
                        ("check-values", slot.needs_lane(Lane::Values)),
                        ("check-floats", slot.needs_lane(Lane::Floats)),
                    ];
                    for (check, _) in missing.iter().filter(|(_, missing)| *missing) {
                        writeln!(wanted, "{}: {check} wanted at word {at}", function.name)
                            .expect("strings grow");
                    }
                }
                found.push(function);
            }
        }
    }
    if wanted.is_empty() {
        gives(&found, primitives)
    } else {
        listing(&found, primitives) + &wanted
    }
}

/// The listing, after the verifier has accepted it and the assembler has read it back.
fn gives(functions: &[Function], primitives: &Environment) -> String {
    let text = listing(functions, primitives);
    let (read, environment) = assemble(&text["--- gives\n".len()..], primitives);
    for (read, function) in read.iter().zip(functions) {
        assert_eq!(
            read.code, function.code,
            "the listing reads back as it was:\n{text}"
        );
    }
    if let Some(told) = refusal(&read, &environment) {
        panic!("the verifier refuses what was inferred, {told}\n{text}");
    }
    text
}

fn listing(functions: &[Function], primitives: &Environment) -> String {
    let environment = primitives.with_functions(functions);
    let listed: String = functions
        .iter()
        .map(|function| list_with(function, &environment))
        .collect();
    format!("--- gives\n{listed}")
}
