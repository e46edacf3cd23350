//! Each instruction by itself against the model, and fused ones against what they are made of.

mod support;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use stele_bytecode::instruction::{ALL, Flow, Op, Operands};
use support::BEYOND_MODEL;
use support::bytecode::cases;
use support::host::{End, Limits, report, run};
use support::{Host, Model, Program, Report};

const ROOM: usize = 4 << 20;

/// What machine and model make of a program.
fn both(host: &mut Host, program: &Program) -> (Report, Report) {
    let limits = Limits {
        allowance: None,
        cut: 10_000,
    };
    let (data, found) = host.with(program, |machine| {
        let data = report(machine, End::Cut).data;
        (data, run(machine, limits, || u32::MAX))
    });
    (found, Model::new(program, limits, data).run())
}

/// A cell with which an instruction may do something special.
fn cell() -> impl Strategy<Value = i64> {
    let edge = prop_oneof![
        Just(0),
        Just(1),
        Just(-1),
        Just(2),
        Just(7),
        Just(63),
        Just(64),
        Just(65),
        Just(i64::MIN),
        Just(i64::MAX),
        Just(i64::MIN + 1),
        Just(1 << 32),
        // Data space of these programs ends at 8192.
        Just(4095),
        Just(4096),
        Just(8184),
        Just(8185),
        Just(8191),
        Just(8192),
        Just(4096 - (8192 << 3)),
    ];
    prop_oneof![4 => edge, 1 => any::<i64>(), 1 => 4096..4200_i64, 2 => -10..10_i64]
}

/// Operands of an instruction, without its target.
fn operand(op: Op, number: i64) -> String {
    match op.operands() {
        Operands::Short | Operands::BranchShort => (number as i16).to_string(),
        Operands::Int => (number as i32).to_string(),
        Operands::Cell | Operands::Float => number.to_string(),
        Operands::Token => "#0".to_owned(),
        // There are four cells of the function's own around it.
        Operands::Cells => number.rem_euclid(4).to_string(),
        // There are four values.
        Operands::Values => number.rem_euclid(3).to_string(),
        _ => String::new(),
    }
}

/// A function that does one instruction, with cells, values and floats on the stacks; where paths part each leaves
/// another mark.
fn around(op: Op, number: i64, cells: &[i64]) -> String {
    let mut text = String::from("function main\ncheck-floats\ncheck-values\n");
    for cell in &cells[..4] {
        writeln!(text, "cell {cell}\n>v\ncell {cell}\nbits>f").expect("strings grow");
    }
    for cell in cells {
        writeln!(text, "cell {cell}").expect("strings grow");
    }
    let operand = operand(op, number);
    let mnemonic = op.mnemonic();
    let tidy = |return_cells: usize| "r>\n".repeat(return_cells);
    text += "2>r\n2>r\n";
    if op.operands().jumps() {
        let (taken, passed) = match op {
            Op::QuestionDo => (4, 6),
            Op::Loop | Op::PlusLoop => (4, 2),
            _ => (4, 4),
        };
        let (taken, passed) = (tidy(taken), tidy(passed));
        write!(
            text,
            "{mnemonic} {operand} there\ncheck\n{passed}short 111\nreturn\n\
             there:\ncheck\n{taken}short 222\nreturn\n"
        )
        .expect("strings grow");
        return text;
    }
    let check = match op.flow() {
        Flow::Unknown => "check",
        _ => "",
    };
    let cells = match op.operands() {
        Operands::Cells => number.rem_euclid(4) as u32,
        _ => 0,
    };
    let stack = op.stack_of(op as u32 | cells << 16);
    let left = tidy(4 + usize::from(stack.return_leaves) - usize::from(stack.return_takes));
    write!(text, "{mnemonic} {operand}\n{check}\n{left}return\n").expect("strings grow");
    text
}

/// Instructions that neither call nor end anything.
fn alone() -> Vec<Op> {
    let calls = [
        Op::Execute,
        Op::CallWord,
        Op::CatchEnter,
        Op::CatchExit,
        Op::Check,
        Op::CheckFloats,
        Op::Constant,
        Op::Function,
    ];
    ALL[1..]
        .iter()
        .copied()
        .filter(|op| {
            matches!(
                op.flow(),
                Flow::Next | Flow::Unknown | Flow::Branch | Flow::Jump
            ) && !calls.contains(op)
                && !BEYOND_MODEL.contains(op)
        })
        .collect()
}

/// Throw codes that tell of memory and of stacks as a whole, which single instructions do not show, and of
/// data space that may not be written, which nothing makes yet.
const SELDOM: &[i64] = &[-3, -5, -20, -257, -289];

#[test]
fn every_instruction_traps_as_the_table_says_and_not_otherwise() {
    const EDGES: [i64; 6] = [0, 1, -1, i64::MIN, 4096, 8192];
    let mut host = Host::new(ROOM);
    let mut seen: BTreeMap<u8, BTreeSet<i64>> = BTreeMap::new();
    for sample in 0..EDGES.len().pow(3) {
        let edges = [sample / 36, sample / 6 % 6, sample % 6].map(|index| EDGES[index]);
        let (number, cells) = (edges[1], edges.repeat(5));
        for op in alone() {
            let mut program = Program::inferred(&around(op, number, &cells));
            program.data = (1..=200).collect();
            let limits = Limits {
                allowance: None,
                cut: 10_000,
            };
            let report = host.run(&program, limits, || u32::MAX);
            if let End::Ended(Some(trap)) = report.end {
                seen.entry(op as u8).or_default().insert(trap.0);
            }
        }
    }
    for op in alone() {
        let seen = seen.remove(&(op as u8)).unwrap_or_default();
        let declared: BTreeSet<i64> = op.traps().iter().map(|code| i64::from(*code)).collect();
        // A code that a program made up; values that these programs do not have, or always have.
        if matches!(
            op,
            Op::Throw | Op::VFrom | Op::CheckValues | Op::CheckFloats
        ) {
            continue;
        }
        assert!(seen.is_subset(&declared), "{op:?} traps with {seen:?}");
        let shown: BTreeSet<i64> = declared
            .into_iter()
            .filter(|code| !SELDOM.contains(code))
            .collect();
        assert!(shown.is_subset(&seen), "{op:?} only traps with {seen:?}");
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn every_instruction_does_what_the_table_says(
        number in cell(), cells in collection::vec(cell(), 14)
    ) {
        let mut host = Host::new(ROOM);
        for op in alone() {
            let text = around(op, number, &cells);
            let mut program = Program::inferred(&text);
            program.data = (1..=200).collect();
            let (found, expected) = both(&mut host, &program);
            assert_eq!(found, expected, "{text}");
        }
    }
}

/// Parts of what the builder fuses, and what may come between.
fn word() -> impl Strategy<Value = String> {
    let plain = [
        "+", "-", "cells", "over", "dup", "swap", "drop", "rot", "i", "@", "!", "c@", "c!", "+!",
        "=", "<>", "<", ">", "u<", "0=", "0<>", "0<", "negate", "nip", "tuck",
    ];
    prop_oneof![
        5 => (0..plain.len()).prop_map(move |index| plain[index].to_owned()),
        2 => (0..20_i64).prop_map(|cell| (4096 + 8 * cell).to_string()),
        2 => cell().prop_map(|cell| cell.to_string()),
        1 => Just(">r r>".to_owned()),
        1 => Just(">r dup r> +".to_owned()),
    ]
}

/// The words in the machine's instructions, one for each, none fused.
fn unfused(words: &str) -> String {
    let mut text = String::new();
    for word in words.split_whitespace() {
        match word.parse::<i64>() {
            Ok(number) => writeln!(text, "cell {number}"),
            Err(_) => writeln!(text, "{word}"),
        }
        .expect("strings grow");
    }
    text
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn fused_instructions_do_what_their_parts_do(
        words in collection::vec(word(), 1..12), on_zero: bool, cells in collection::vec(cell(), 16)
    ) {
        let words = words.join(" ");
        let cells: String = cells.iter().map(|cell| format!("{cell} ")).collect();
        let (branch, test) = if on_zero { ("jump-if-zero", "") } else { ("jump-if-not-zero", "0=") };
        let fused = format!(
            "main: {cells} 2 0 DO {words} {test} IF 111 LEAVE THEN 222 LOOP return"
        );
        let apart = format!(
            "function main\n{}\nshort 2\nshort 0\ndo\nagain:\ncheck\n{}\n{branch} there\ncheck\nshort 111\n\
             unloop\njump out\nthere:\ncheck\nshort 222\nloop again\ncheck\nout:\ncheck\nreturn",
            unfused(&cells), unfused(&words)
        );
        let mut host = Host::new(ROOM);
        let mut reports = [Program::built(&fused), Program::inferred(&apart)].map(|mut program| {
            program.data = (1..=200).collect();
            let (found, expected) = both(&mut host, &program);
            assert_eq!(found, expected, "{fused}");
            found
        });
        for report in &mut reports {
            // Fused code costs what it costs, and a trap finds it where it began.
            report.cost = 0;
            if report.end != End::Ended(None) {
                report.stack.clear();
            }
        }
        assert_eq!(reports[0], reports[1], "{fused}");
    }
}
