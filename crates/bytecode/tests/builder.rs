//! What the builder does with what no ordinary source says.

mod support;

use stele_bytecode::analysis::Slot;
use stele_bytecode::builder::{BuildError, Builder, MAX_INLINE_CODE, Mark, State, may_inline};
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::Op;
use support::Environment;

/// A definition being built in a buffer of its own.
struct Definition {
    code: Vec<u32>,
    state: State,
}

impl Definition {
    fn new(words: usize) -> Self {
        Self {
            code: vec![0; words],
            state: State::new(),
        }
    }

    fn builder(&mut self) -> Builder<'_> {
        Builder::new(&mut self.code, &mut self.state)
    }
}

#[test]
fn a_token_that_looks_like_an_instruction_stays_a_token() {
    let mut definition = Definition::new(64);
    let mut builder = definition.builder();
    builder
        .with_operand(Op::CallWord, Op::QuestionDup as u32)
        .expect("it fits");
    let orig = builder.forward(Op::JumpIfZero).expect("it fits");
    builder.resolve(orig).expect("it is a jump");
    builder.emit(Op::Return).expect("it fits");
    let words = builder.segment();
    assert_eq!(words[..2], [Op::CallWord as u32, Op::QuestionDup as u32]);
    let mut slots = vec![Slot::default(); 64];
    let declared = builder
        .seal(&mut slots, &Environment::default())
        .expect("it keeps the rules");
    assert_eq!(declared.delta, Delta::Dynamic);
}

/// A program can make up marks. Here they make a chain of LEAVEs that comes back to where it was:
/// each patched jump holds the distance to the end, and so leads to another jump of the chain.
#[test]
fn a_made_up_chain_of_leaves_ends() {
    let mut definition = Definition::new(64);
    let mut builder = definition.builder();
    let pad_to = |builder: &mut Builder<'_>, length: usize| {
        while builder.segment().len() < length {
            builder.emit(Op::Negate).expect("it fits");
        }
    };
    let jump_at = |builder: &mut Builder<'_>, place: usize| {
        pad_to(builder, place);
        builder.forward(Op::Jump).expect("it fits")
    };
    let resolve_at = |builder: &mut Builder<'_>, mark: Mark, place: usize| {
        pad_to(builder, place);
        builder.resolve(mark).expect("it is a jump");
    };
    let [a, b, c, d] = [10, 6, 24, 3];
    let jump_d = jump_at(&mut builder, d);
    let jump_b = jump_at(&mut builder, b);
    let jump_a = jump_at(&mut builder, a);
    resolve_at(&mut builder, jump_d, a + d);
    resolve_at(&mut builder, jump_a, a + b);
    let [outer, body] = builder.loop_begin(false).expect("it fits");
    let made_up = Mark::Leaves(u32::try_from(a).expect("it is 10"));
    builder
        .loop_end(Op::Loop, [made_up, body])
        .expect("these are a loop's marks");
    let jump_c = jump_at(&mut builder, c);
    resolve_at(&mut builder, jump_c, c + d);
    resolve_at(&mut builder, jump_b, b + c);
    // The instruction that ends the loop has four words; the end is a + c then.
    let result = builder.loop_end(Op::Loop, [outer, Mark::Loop(0)]);
    assert_eq!(result, Err(BuildError::Mismatch));
}

#[test]
fn a_copy_is_bounded_with_all_its_checks() {
    let code = |calls: usize| {
        let mut code = [Op::Execute as u32, Op::Check as u32, 0].repeat(calls);
        code.push(Op::Return as u32);
        code
    };
    // Eleven words to copy are not too many, but with the checks between them the code is.
    assert!(may_inline(&code(10)));
    assert!(code(11).len() > MAX_INLINE_CODE);
    assert!(!may_inline(&code(11)));
    let plain = |words| {
        let mut code = vec![Op::Dup as u32; words];
        code.push(Op::Return as u32);
        code
    };
    assert!(may_inline(&plain(12)));
    assert!(!may_inline(&plain(13)));
}
