//! A program that goes over every instruction that stays in the dispatch, on all its ways.

use super::{BEYOND_MODEL, Program};
use std::fmt::Write;
use stele_bytecode::analysis::{Lane, LaneEffect};
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::{ALL, Flow, Op, Operands};

/// Cells that no instruction traps on.
const CELLS: [i64; 4] = [4096, 1, 4104, 1];

/// Instructions that leave the dispatch whatever they find.
const LEAVING: &[Op] = &[Op::Primitive, Op::CatchEnter, Op::CatchExit, Op::Constant];

/// What makes an item of each lane.
const LANES: [(Lane, &str); 2] = [
    (Lane::Values, "short 1\n>v\n"),
    (Lane::Floats, "short 1\ns>f\n"),
];

/// The text of an instruction with operands that do nothing special.
fn instruction(op: Op) -> String {
    let operands = match op.operands() {
        Operands::None => "",
        Operands::Short | Operands::Cell | Operands::Cells | Operands::Values | Operands::Float => {
            "1"
        }
        Operands::Int if op.mnemonic().contains("at") => "4096",
        Operands::Int => "0",
        Operands::Token => "#0",
        Operands::Function => "nothing",
        _ => "",
    };
    format!("{} {operands}\n", op.mnemonic())
}

/// An instruction with what it takes before it and without what it leaves after it.
fn alone(op: Op) -> String {
    let stack = op.stack_of(op as u32 | 1 << 16);
    let mut text = String::new();
    for index in 0..usize::from(stack.takes) {
        // The last one may be an address, a divisor, a token.
        let from_top = usize::from(stack.takes) - 1 - index;
        let cell = match op {
            Op::Execute | Op::Throw | Op::IAddFetch | Op::IAddByteFetch => 0,
            Op::UDivWide | Op::FloorDivWide | Op::SymmetricDivWide => [3, 0, 7][from_top],
            Op::SwapStore | Op::SwapByteStore => [5, 4096][from_top],
            Op::OverFetch => [5, 4096][from_top],
            Op::ByteStoreOff => [4096, 5][from_top],
            Op::AddFetch | Op::AddByteFetch => [4096, 0][from_top],
            _ => CELLS[from_top],
        };
        writeln!(text, "short {cell}").expect("strings grow");
    }
    let effect = |lane| op.lane_of(lane, op as u32 | 1 << 16);
    for (lane, make) in LANES {
        if effect(lane) != LaneEffect::NONE {
            writeln!(text, "{}", lane.check().mnemonic()).expect("strings grow");
            text += &make.repeat(effect(lane).need.into());
        }
    }
    // The sum of a loop's cells is an index: an address, or that of a cell.
    let index = if op.mnemonic().starts_with("i-@") || op.mnemonic().starts_with("i-!") {
        4096 / 8
    } else {
        4096
    };
    for number in 0..stack.return_takes {
        let cell = if number % 2 == 0 { index } else { 0 };
        writeln!(text, "short {cell}\n>r").expect("strings grow");
    }
    text += &instruction(op);
    if op.flow() == Flow::Unknown {
        text += "check\n";
    }
    for (lane, drop) in [(Lane::Values, "vdrop\n"), (Lane::Floats, "fdrop\n")] {
        if let Delta::Static(change) = effect(lane).delta {
            let need = usize::from(effect(lane).need);
            text += &drop.repeat(need.strict_add_signed(change.into()));
        }
    }
    text += &"r>\ndrop\n".repeat(stack.return_leaves.into());
    let left = match op {
        Op::QuestionDup => 2,
        _ => stack.leaves,
    };
    text += &"drop\n".repeat(left.into());
    if op.flow() == Flow::Unknown {
        text += "check\n";
    }
    text
}

/// A branch, taken and passed.
fn branch(op: Op, label: &mut usize) -> String {
    let mut text = String::new();
    for (a, b) in [(0, 0), (1, 2), (2, 1), (-1, 1), (1, 1)] {
        *label += 1;
        let cells = match op.stack().takes {
            1 => format!("short {a}\n"),
            _ => format!("short {a}\nshort {b}\n"),
        };
        let number = if op.operands() == Operands::BranchShort {
            "1"
        } else {
            ""
        };
        let mnemonic = op.mnemonic();
        let (before, after) = match (op, op.stack().leaves) {
            (Op::JumpTakingZero, _) => ("drop\n", ""),
            (_, 0) => ("", ""),
            _ => ("", "drop\n"),
        };
        write!(
            text,
            "{cells}{mnemonic} {number} b{label}\ncheck\n{before}b{label}:\ncheck\n{after}"
        )
        .expect("strings grow");
    }
    text
}

/// Short loops of every kind.
fn loops(label: &mut usize) -> String {
    *label += 1;
    format!(
        "short 3\nshort 0\n?do out{label}\ncheck\nin{label}:\ncheck\nloop in{label}\ncheck\nout{label}:\n\
         check\nshort 3\nshort 3\n?do over{label}\ncheck\nbody{label}:\ncheck\nshort 2\n\
         +loop body{label}\ncheck\nover{label}:\ncheck\nshort 4\nshort 0\ndo\nnext{label}:\ncheck\nshort 2\n\
         +loop next{label}\ncheck\n"
    )
}

/// All of it, `turns` times.
pub(crate) fn program(turns: usize) -> Program {
    let mut label = 0;
    let mut body = String::new();
    for op in &ALL[1..] {
        body += &match op {
            _ if LEAVING.contains(op) || BEYOND_MODEL.contains(op) => continue,
            Op::Check | Op::CheckValues | Op::CheckFloats => instruction(*op),
            Op::FPick => "check-floats\nfloat 1\nshort 0\nfpick\nfdrop\nfdrop\n".to_owned(),
            Op::VPick => "check-values\nshort 1\n>v\nshort 0\nvpick\nvdrop\nvdrop\n".to_owned(),
            Op::Pick => "short 5\nshort 0\npick\n2drop\n".to_owned(),
            Op::Do | Op::QuestionDo | Op::Loop | Op::PlusLoop => loops(&mut label),
            Op::Jump => {
                label += 1;
                format!("jump j{label}\nj{label}:\ncheck\n")
            }
            _ => match op.flow() {
                Flow::Branch => branch(*op, &mut label),
                Flow::Next | Flow::Unknown | Flow::Call => alone(*op),
                _ => continue,
            },
        };
    }
    let text = format!(
        "function nothing\nreturn\nfunction main\nint {turns}\nshort 0\ndo\nagain:\ncheck\n{body}\n\
         loop again\ncheck\nreturn\n"
    );
    let mut program = Program::inferred(&text);
    program.data = vec![1; 64];
    program
}
