//! docs/BYTECODE.md: its tables are those of the code.
//!
//! With STELE_BLESS in the environment the page is rewritten.

use std::fmt::Write;
use stele_bytecode::analysis::{Lane, LaneEffect, MAX_CAPTURED, MAX_SUSPENDED};
use stele_bytecode::function::{Delta, MAX_WORDS};
use stele_bytecode::instruction::{ALL, Flow, Op, Operands, StackUse};
use stele_bytecode::module::{MAX_ITEMS, VERSION};
use stele_vm::stacks::MAX_CELLS;
use stele_vm::value_stack::MAX_VALUES;
use stele_vm::{SLICE, Trap};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/BYTECODE.md");

/// How a form of operands is called, encoded and written.
fn form(operands: Operands) -> [&'static str; 3] {
    match operands {
        Operands::None => ["–", "op", ""],
        Operands::Short => ["short", "op, n in the high half", "n from -32768 to 32767"],
        Operands::Primitive => [
            "primitive",
            "op, number in the high half",
            "a primitive's name",
        ],
        Operands::Int => ["int", "op; n", "n of 32 bits, sign extended"],
        Operands::Cell => ["cell", "op; low half of n; high half", "n of 64 bits"],
        Operands::Float => [
            "float",
            "op; low half of the bits; high half",
            "a float as it is written in a program, or its bits",
        ],
        Operands::Function => ["function", "op; function", "a function's name"],
        Operands::Token => ["token", "op; token", "a word's name"],
        Operands::Jump => [
            "jump",
            "op; distance; cost",
            "a label, the cost of the path from there",
        ],
        Operands::Branch => [
            "branch",
            "op; distance; cost; cost",
            "a label, the costs of the path taken and of the path not taken",
        ],
        Operands::BranchShort => [
            "branch-short",
            "op, n in the high half; distance; cost; cost",
            "n, then as branch",
        ],
        Operands::Check => [
            "check",
            "op; need in the low half, room in the high half",
            "need and room",
        ],
        Operands::Cells => [
            "cells",
            "op, n in the high half",
            "n cells of the return stack",
        ],
        Operands::Values => ["values", "op, n in the high half", "n values"],
        Operands::Closure => [
            "closure",
            "op; function; arguments in the low half, captured values in the high half",
            "a function's name, the two numbers",
        ],
        Operands::Suspend => [
            "suspend",
            "op, return cells in the high half; cells in the low half, values in the high half; cost",
            "the three numbers, the cost of the path behind it",
        ],
        Operands::Constant => [
            "constant",
            "op; number",
            "the number of a value of the module",
        ],
    }
}

fn forms() -> String {
    let mut text = String::from("| form | words | in text |\n|---|---|---|\n");
    let mut known: Vec<&str> = Vec::new();
    for op in &ALL[1..] {
        let [name, words, written] = form(op.operands());
        if !known.contains(&name) {
            known.push(name);
            writeln!(text, "| {name} | {words} | {written} |").expect("strings grow");
        }
    }
    text
}

/// An effect as it is written for people: taken, leaving.
fn effect(takes: u16, leaves: u16) -> String {
    match (takes, leaves) {
        (0, 0) => String::new(),
        _ => format!("{takes} → {leaves}"),
    }
}

/// What the effect depends on, where it is not a number.
fn depends(op: Op) -> Option<[&'static str; 3]> {
    Some(match op {
        Op::Call | Op::TailCall => ["the function's", "", "the function's"],
        Op::CallWord => ["the word's", "", "the word's"],
        Op::Execute => ["1 →, then the word's", "", "the word's"],
        Op::Primitive => ["the primitive's", "", "the primitive's"],
        Op::CatchEnter => ["1 →, then the word's", "0 → 2", "the word's"],
        Op::Locals => ["n → 0", "0 → n", ""],
        Op::LocalFetch => ["0 → 1", "n+1 → n+1", ""],
        Op::LocalStore => ["1 → 0", "n+1 → n+1", ""],
        Op::ReturnDrop => ["", "n → 0", ""],
        Op::VLocal => ["", "", "n+1 → n+2"],
        Op::VLocalStore => ["", "", "n+2 → n+1"],
        Op::VSlide => ["", "", "n+1 → 1"],
        Op::CallClosure | Op::TailCallClosure => ["", "", "n+1 → 1"],
        Op::Apply => ["the function's", "", "n+1 →, then the function's"],
        Op::Closure => ["", "", "captured → 1"],
        Op::QuestionDup => ["1 → 1 or 2", "", ""],
        Op::JumpTakingZero => ["1 → 0 taken, 1 passed", "", ""],
        Op::QuestionDo => ["2 → 0", "0 → 0 taken, 2 passed", ""],
        Op::Loop => ["", "2 → 2 taken, 0 passed", ""],
        Op::PlusLoop => ["1 → 0", "2 → 2 taken, 0 passed", ""],
        _ => return None,
    })
}

/// The effect on a lane's stack.
fn lane_effect(op: Op, lane: Lane) -> String {
    match op.lane(lane) {
        LaneEffect {
            need,
            delta: Delta::Static(change),
            ..
        } => effect(need, need.strict_add_signed(change)),
        _ => "any".to_owned(),
    }
}

fn effects(op: Op) -> [String; 3] {
    if let Some(said) = depends(op) {
        return said.map(str::to_owned);
    }
    let StackUse {
        takes,
        leaves,
        return_takes,
        return_leaves,
    } = op.stack();
    [
        effect(takes, leaves),
        effect(return_takes, return_leaves),
        lane_effect(op, Lane::Values),
    ]
}

fn follows(op: Op) -> &'static str {
    match op.flow() {
        Flow::Unknown if op != Op::Check => "A check follows.",
        Flow::Tail | Flow::End => "Nothing follows.",
        Flow::Suspend => "The path behind it begins anew.",
        _ => "",
    }
}

fn instructions() -> String {
    let mut text = String::from(
        "| number | instruction | operands | cells | return cells | values | floats | cost | traps | meaning |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for op in &ALL[1..] {
        let [cells, returns, values] = effects(*op);
        let floats = lane_effect(*op, Lane::Floats);
        let cost = match op.operands() {
            Operands::Primitive => "its own".to_owned(),
            _ => op.cost().to_string(),
        };
        let traps: Vec<String> = op.traps().iter().map(i16::to_string).collect();
        let meaning = op.meaning().replace('|', "\\|");
        let meaning = [meaning.as_str(), follows(*op)].join(" ");
        writeln!(
            text,
            "| {:02X} | `{}` | {} | {cells} | {returns} | {values} | {floats} | {cost} | {} | {} |",
            *op as u8,
            op.mnemonic(),
            form(op.operands())[0],
            traps.join(" "),
            meaning.trim(),
        )
        .expect("strings grow");
    }
    text
}

fn trap_codes() -> String {
    let mut codes: Vec<i16> = ALL.iter().flat_map(|op| op.traps()).copied().collect();
    codes.sort_unstable_by_key(|code| -code);
    codes.dedup();
    let mut text = String::from("| code | meaning |\n|---|---|\n");
    for code in codes {
        let meaning = Trap(code.into()).meaning();
        let meaning = meaning.unwrap_or_else(|| panic!("{code} has no meaning"));
        writeln!(text, "| {code} | {meaning} |").expect("strings grow");
    }
    text
}

fn limits() -> String {
    format!(
        "| limit | |\n|---|---|\n\
         | instructions | {} of 255 numbers |\n\
         | longest function | {MAX_WORDS} words |\n\
         | cells of both stacks together | {MAX_CELLS} |\n\
         | values of the value stack, floats of the float stack | {MAX_VALUES} |\n\
         | need or room of a function or a check | 32766 |\n\
         | values that a function value captures | {MAX_CAPTURED} |\n\
         | cells and values of a suspended call | {MAX_SUSPENDED} |\n\
         | cost units of one run of a primitive | {SLICE} |\n\
         | version of the module format | {VERSION} |\n\
         | items of each part of a module | {MAX_ITEMS} |\n",
        ALL.len() - 1
    )
}

#[test]
fn the_page_is_what_the_table_says() {
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let mut made = page.clone();
    for (name, contents) in [
        ("forms", forms()),
        ("instructions", instructions()),
        ("traps", trap_codes()),
        ("limits", limits()),
    ] {
        let (begin, end) = (format!("<!-- {name} -->\n"), "<!-- end -->".to_owned());
        let at = made.find(&begin).expect("the page has a place for it") + begin.len();
        let length = made[at..].find(&end).expect("the place has an end");
        made.replace_range(at..at + length, &format!("\n{contents}\n"));
    }
    if std::env::var_os("STELE_BLESS").is_some() {
        std::fs::write(PAGE, made).expect("it can be written");
    } else {
        assert!(
            made == page,
            "docs/BYTECODE.md is not what the table says; rewrite it with STELE_BLESS=1"
        );
    }
}
