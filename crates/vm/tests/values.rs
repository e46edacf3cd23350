//! Each operation on values, through the assembler: cases/values.txt has them, one a line. Each is
//! run in turns of several lengths, which must make no difference, and collected before each turn.

mod support;

use std::fmt::Write;

use stele_bytecode::analysis::{Declared, Mode, Slot, analyse};
use stele_bytecode::module::{self, Module, ModuleWord};
use stele_memory::{NeedSpace, Printing};
use stele_vm::values::PRIMITIVES;
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, Trap, World};
use support::bytecode::{Environment, Function, assemble_all};
use support::host::Script;

/// What lies in data space, from its beginning.
const DATA: &[u8] = b"abc\xff....[1 2] x ";

/// A line of the file.
struct Case {
    line: usize,
    values: String,
    cells: Vec<i64>,
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
    let cases = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    cases
        .map(|(number, line)| {
            let parts: Vec<&str> = line.split(" => ").collect();
            let [before, code, after] = parts[..] else {
                panic!("line {}: three parts are needed", number + 1)
            };
            let (values, cells) = operands(before);
            let mut text = String::from("function main\n    check-values\n");
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
                cells,
                code: text,
                expected,
            }
        })
        .collect()
}

/// The function of a case as a module, with all operations for it to name.
fn module(code: &str) -> Vec<u8> {
    let environment = Environment::of(PRIMITIVES);
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
    let count = |length: usize| u32::try_from(length).expect("few").to_le_bytes();
    let mut bytes = Vec::new();
    let contents = |sink: &mut dyn FnMut(&[u8])| {
        sink(&count(PRIMITIVES.len()));
        for primitive in PRIMITIVES {
            module::write_name(primitive.name.as_bytes(), sink);
        }
        sink(&count(1));
        module::write_function(&function.header.encode(), sink);
        module::write_function(&function.code, sink);
        sink(&count(0));
        let _: Option<ModuleWord<'_>> = None;
        sink(&stele_vm::data::START.to_le_bytes());
        sink(&count(DATA.len()));
        sink(DATA);
        sink(&0u32.to_le_bytes());
    };
    module::write(contents, &mut |part| bytes.extend_from_slice(part));
    bytes
}
