//! Code and builder states that nobody would write, but somebody might: each is refused, or is dealt
//! with in time linear in its length.

use stele_bytecode::analysis::{Callees, CodeError, Declared, Effect, Mode, SELF, Slot, analyse};
use stele_bytecode::builder::{BuildError, Builder, Mark, State};
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::Op;

/// Nobody to call.
struct Nobody;

impl Callees for Nobody {
    fn function(&self, _: u32) -> Option<Effect> {
        None
    }

    fn primitive(&self, _: u16) -> Option<Effect> {
        None
    }
}

/// Verifies code that declares the least a function can declare.
fn verify(code: &[u32], cost: u32) -> Result<(), CodeError> {
    let declared = Declared {
        need: 0,
        room: 1,
        delta: Delta::Static(0),
        value_delta: Delta::Static(0),
        float_delta: Delta::Static(0),
        entry_cost: cost,
    };
    verify_as(code, declared)
}

fn verify_as(code: &[u32], declared: Declared) -> Result<(), CodeError> {
    let mut slots = vec![Slot::default(); code.len()];
    let code = &mut code.to_vec();
    analyse(code, &mut slots, &Nobody, Mode::Verify, declared).map(|_| ())
}

#[test]
fn linked_code_calls_nothing_by_the_name_of_itself() {
    let code = [Op::Call as u32, SELF, Op::Return as u32];
    assert_eq!(verify(&code, 3), Err(CodeError::Unknown(0)));
}

#[test]
fn code_that_nothing_leads_to_names_only_what_exists() {
    for op in [Op::Call, Op::Function] {
        let code = [Op::Return as u32, op as u32, 5, Op::Return as u32];
        assert_eq!(verify(&code, 1), Err(CodeError::Unknown(1)));
    }
}

#[test]
fn a_function_has_room_for_its_return_address() {
    let declared = Declared {
        room: 0,
        entry_cost: 1,
        ..Declared::unknown()
    };
    assert_eq!(
        verify_as(&[Op::Return as u32], declared),
        Err(CodeError::NotCovered(0))
    );
}

#[test]
fn handlers_begin_and_end_in_one_place() {
    let [enter, exit, check, abs, end] = [
        Op::CatchEnter,
        Op::CatchExit,
        Op::Check,
        Op::Abs,
        Op::Return,
    ]
    .map(|op| op as u32);
    let cases: &[(&[u32], usize)] = &[
        (&[exit, check, 0, end], 0),
        (&[enter, abs, exit, check, 0, end], 1),
        (&[enter, enter, exit, exit, end], 1),
        (&[abs, enter], 1),
    ];
    for (code, at) in cases {
        assert_eq!(verify(code, 1), Err(CodeError::Handler(*at)), "{code:?}");
    }
    let jump = [Op::Jump as u32, 4, 4, enter, exit, check, 0, end];
    assert_eq!(verify(&jump, 1), Err(CodeError::Handler(0)));
}

#[test]
fn blocks_that_lie_in_the_wrong_order_are_verified_in_one_pass() {
    // Each block jumps to the one before it; the entry jumps to the last.
    let blocks = 20_000;
    let jump = |distance: i32| [Op::Jump as u32, distance.cast_unsigned(), 1];
    let mut code = jump(1 + 3 * blocks).to_vec();
    code.push(Op::Return as u32);
    for block in 0..blocks {
        code.extend(jump(if block == 0 { -1 } else { -3 }));
    }
    assert_eq!(verify(&code, 1), Ok(()));
}

#[test]
fn leaves_that_lead_round_in_a_circle_are_refused() {
    let mut code = [0; 64];
    let mut state = State::new();
    let mut builder = Builder::new(&mut code, &mut state);
    for _ in 0..3 {
        builder.emit(Op::Abs).expect("it fits");
    }
    // A jump at 3 over its own length: the distance that it holds is its own place.
    let jump = builder.forward(Op::Jump).expect("it fits");
    assert_eq!(jump, Mark::Orig(3));
    builder.resolve(jump).expect("it is a jump");
    let [_, body] = builder.loop_begin(false).expect("it fits");
    let round = [Mark::Leaves(3), body];
    builder.loop_end(Op::Loop, round).expect("it is a loop");
    let result = builder.loop_end(Op::Loop, round);
    assert_eq!(result, Err(BuildError::Mismatch));
}

#[test]
fn a_state_is_sound_only_with_the_code_it_belongs_to() {
    let mut code = [0; 64];
    let mut state = State::new();
    assert!(state.is_sound(&code));
    assert!(!state.is_sound(&code[..3]));
    let mut builder = Builder::new(&mut code, &mut state);
    builder.literal(1 << 40).expect("it fits");
    builder.emit(Op::Abs).expect("it fits");
    assert!(state.is_sound(&code));
    assert!(!state.is_sound(&code[..7]));
    // The instructions that might be fused no longer stand one behind the other.
    code[0] = Op::Abs as u32;
    assert!(!state.is_sound(&code));
}
