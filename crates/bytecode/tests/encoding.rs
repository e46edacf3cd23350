//! The rules about single words, for every instruction of the table.

mod support;

use stele_bytecode::analysis::{CodeError, Declared, Mode, Slot, analyse};
use stele_bytecode::function::{Delta, HEADER_WORDS, Header, MAX_WORDS};
use stele_bytecode::instruction::{ALL, Op};
use support::Environment;

fn infer(code: &mut [u32]) -> Result<Declared, CodeError> {
    let mut slots = vec![Slot::default(); code.len()];
    let environment = Environment::default();
    analyse(
        code,
        &mut slots,
        &environment,
        Mode::Infer,
        Declared::unknown(),
    )
    .map(|found| found.declared)
}

#[test]
fn every_spare_bit_of_every_instruction_has_to_be_zero() {
    for op in &ALL[1..] {
        let spare = if op.operands().uses_high_half() {
            8..16
        } else {
            8..32
        };
        for bit in spare {
            // Behind what has to come before it, if anything, so that nothing but the encoding can be
            // at fault.
            let before = match op {
                Op::CatchExit => Op::CatchEnter,
                Op::TryExit => Op::TryEnter,
                _ => Op::Return,
            };
            let mut code = vec![before as u32, *op as u32 | 1 << bit];
            code.resize(1 + op.words(), 0);
            assert_eq!(
                infer(&mut code),
                Err(CodeError::NotAnInstruction(1)),
                "{op:?} bit {bit}"
            );
        }
    }
}

#[test]
fn every_instruction_has_to_be_whole() {
    for op in ALL.iter().filter(|op| op.words() > 1) {
        for words in 1..op.words() {
            let mut code = vec![Op::Return as u32, *op as u32];
            code.resize(1 + words, 0);
            assert_eq!(infer(&mut code), Err(CodeError::Truncated(1)), "{op:?}");
        }
    }
}

#[test]
fn every_number_without_an_instruction_is_refused() {
    for number in (ALL.len() as u32..256).chain([Op::Invalid as u32]) {
        let mut code = [Op::Return as u32, number];
        assert_eq!(infer(&mut code), Err(CodeError::NotAnInstruction(1)));
    }
}

#[test]
fn every_mnemonic_names_its_instruction() {
    for op in &ALL[1..] {
        assert_eq!(Op::from_mnemonic(op.mnemonic()), Some(*op));
        assert_eq!(Op::decode(*op as u32), Some(*op));
        assert!(!op.meaning().is_empty());
    }
}

#[test]
fn a_function_is_as_long_as_may_be_and_no_longer() {
    let mut code = vec![Op::Negate as u32; MAX_WORDS];
    code[MAX_WORDS - 1] = Op::Return as u32;
    let declared = infer(&mut code).expect("this is the limit");
    assert_eq!(declared.entry_cost as usize, MAX_WORDS);
    code.insert(0, Op::Negate as u32);
    assert_eq!(infer(&mut code), Err(CodeError::Length(MAX_WORDS + 1)));
}

#[test]
fn a_header_holds_lengths_up_to_the_limit() {
    let words = |length| [0, 1, 0, length, 0, 0];
    let decode = |length: usize| Header::decode(&words(u32::try_from(length).unwrap()));
    assert!(decode(0).is_none());
    assert!(decode(1).is_some());
    assert!(decode(MAX_WORDS).is_some());
    assert!(decode(MAX_WORDS + 1).is_none());
    assert!(Header::decode(&words(1)[..HEADER_WORDS - 1]).is_none());
    assert!(
        Header::decode(&[0, 1, 0, 1 | 1 << 30, 0, 0]).is_none(),
        "an unknown flag"
    );
}

/// Code of `count` times `op`, then a return.
fn many(op: Op, count: usize) -> Vec<u32> {
    let mut code = vec![op as u32; count];
    code.push(Op::Return as u32);
    code
}

#[test]
fn a_function_grows_the_stack_as_far_as_may_be_and_no_further() {
    const MOST: usize = 0x7FFE;
    let grown = infer(&mut many(Op::Depth, MOST)).expect("this is the limit");
    assert_eq!(grown.room as usize, MOST + 1);
    assert_eq!(
        infer(&mut many(Op::Depth, MOST + 1)),
        Err(CodeError::TooDeep(MOST))
    );
    let eaten = infer(&mut many(Op::Drop, MOST)).expect("this is the limit");
    assert_eq!(eaten.need as usize, MOST);
    assert_eq!(
        infer(&mut many(Op::Drop, MOST + 1)),
        Err(CodeError::TooDeep(MOST))
    );
}

#[test]
fn the_return_stack_grows_as_far_as_may_be_and_no_further() {
    let code = |pairs: usize| {
        let mut code = vec![Op::Dup as u32];
        code.extend(std::iter::repeat_n(Op::DupToR as u32, 2 * pairs));
        code.extend(std::iter::repeat_n(Op::TwoRFrom as u32, pairs));
        code.extend(std::iter::repeat_n(Op::TwoDrop as u32, pairs));
        code.push(Op::Return as u32);
        code
    };
    // Beside these cells there is the copied one, and two both here and there while they are moved.
    const MOST: usize = (0x7FFE - 3) / 2;
    let declared = infer(&mut code(MOST)).expect("this is the limit");
    assert_eq!(declared.delta, Delta::Static(1));
    let first_taken_back = 1 + 2 * (MOST + 1);
    let error = infer(&mut code(MOST + 1));
    assert_eq!(error, Err(CodeError::TooDeep(first_taken_back)));
}
