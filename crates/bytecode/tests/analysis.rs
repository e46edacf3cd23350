//! The verifier on code that nobody would write: it always comes to an end, and what it infers it
//! accepts.

mod support;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use std::cell::Cell;
use stele_bytecode::analysis::{Callees, Declared, Effect, LaneEffect, Mode, SELF, Slot, analyse};
use stele_bytecode::builder::{BuildError, Builder, Mark, State};
use stele_bytecode::function::{Delta, HEADER_WORDS};
use stele_bytecode::instruction::{ALL, Flow, Op, Operands};

/// Functions and primitives 0 to 7, of every kind of effect; counts how often it is asked.
#[derive(Default)]
struct Few {
    asked: Cell<usize>,
}

/// What function and primitive `number` do.
fn effect(number: u32) -> Option<Effect> {
    let delta = match number {
        0 => Delta::Static(0),
        1 => Delta::Static(2),
        2 | 3 => Delta::Static(-1),
        4 => Delta::Static(-3),
        5 | 6 => Delta::Dynamic,
        7 => Delta::Never,
        _ => return None,
    };
    let (need, room) = match number {
        1 => (0, 2),
        2 | 5 => (1, 0),
        3 => (2, 4),
        4 => (3, 0),
        _ => (0, 0),
    };
    let values = match number {
        1 => LaneEffect::of(0, 1),
        2 => LaneEffect::of(1, 0),
        3 => LaneEffect::of(2, 2),
        5 => LaneEffect {
            delta: Delta::Dynamic,
            ..LaneEffect::of(1, 0)
        },
        _ => LaneEffect::NONE,
    };
    let floats = match number {
        1 => LaneEffect::of(1, 0),
        2 => LaneEffect::of(0, 1),
        4 => LaneEffect::of(2, 1),
        5 | 6 => LaneEffect {
            delta: Delta::Dynamic,
            ..LaneEffect::NONE
        },
        _ => LaneEffect::NONE,
    };
    Some(Effect {
        need,
        delta,
        room,
        cost: number + 1,
        values,
        floats,
    })
}

impl Callees for Few {
    fn function(&self, operand: u32) -> Option<Effect> {
        self.asked.set(self.asked.get() + 1);
        let effect = effect(operand)?;
        Some(Effect {
            values: LaneEffect::of_function(effect.values.delta),
            floats: LaneEffect::of_function(effect.floats.delta),
            ..effect
        })
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        self.asked.set(self.asked.get() + 1);
        effect(u32::from(number))
    }
}

fn slots(words: usize) -> Vec<Slot> {
    vec![Slot::default(); words]
}

/// A word as it might be in code: an instruction, a small operand, anything.
fn word() -> impl Strategy<Value = u32> {
    let ops = ALL.len() as u32;
    prop_oneof![
        6 => 1..ops,
        1 => (0..ops, any::<u16>()).prop_map(|(op, high)| op | u32::from(high) << 16),
        2 => (-12..12).prop_map(i32::cast_unsigned),
        1 => any::<u32>(),
    ]
}

/// An instruction with operands that are mostly sensible.
fn instruction() -> impl Strategy<Value = Vec<u32>> {
    let op = prop_oneof![
        6 => (1..ALL.len()).prop_map(|index| ALL[index]),
        1 => Just(Op::Return),
        1 => Just(Op::Call),
        1 => Just(Op::JumpIfZero),
        1 => Just(Op::Loop),
        1 => Just(Op::Do),
    ];
    (op, 0..8_u16, -14..14_i32, any::<bool>()).prop_map(|(op, number, distance, itself)| {
        let high = if op.operands().uses_high_half() {
            u32::from(number) << 16
        } else {
            0
        };
        let second = match op.operands() {
            _ if op.names_function() && itself && op != Op::Function => SELF,
            Operands::Function | Operands::Closure | Operands::Token => u32::from(number),
            _ => distance.cast_unsigned(),
        };
        let mut words = vec![op as u32 | high, second, 0, 0];
        words.truncate(op.words());
        words
    })
}

fn declared() -> impl Strategy<Value = Declared> {
    let delta = prop_oneof![
        (-3..4_i16).prop_map(Delta::Static),
        Just(Delta::Dynamic),
        Just(Delta::Never),
    ];
    let lane = || prop_oneof![(-2..3_i16).prop_map(Delta::Static), Just(Delta::Dynamic)];
    (0..6_u16, 0..9_u32, delta, [lane(), lane()], 0..20_u32).prop_map(
        |(need, room, delta, [value_delta, float_delta], entry_cost)| Declared {
            need,
            room,
            delta,
            value_delta,
            float_delta,
            entry_cost,
        },
    )
}

/// A step of building a definition; structures close whatever is open, or what a program made up.
#[derive(Clone, Debug)]
enum Action {
    Emit(Op),
    Literal(i64),
    Token(u32),
    Call(u32),
    Primitive(u16),
    Recurse,
    Forward(Op),
    Resolve,
    Begin,
    Back(Op),
    Do(bool),
    Loop(Op),
    Leave,
    Cross,
    Segment,
    /// Puts a made-up mark where an opened one would be.
    MakeUp(Mark),
}

fn action() -> impl Strategy<Value = Action> {
    let plain: Vec<Op> = ALL[1..]
        .iter()
        .copied()
        .filter(|op| op.operands() == Operands::None && op.flow() != Flow::Branch)
        .collect();
    let mark = (0..60_u32, 0..4).prop_map(|(place, kind)| match kind {
        0 => Mark::Orig(place),
        1 => Mark::Dest(place),
        2 => Mark::Loop(place),
        _ => Mark::Leaves(place),
    });
    prop_oneof![
        12 => (0..plain.len()).prop_map(move |index| Action::Emit(plain[index])),
        4 => prop_oneof![-3..70_000_i64, any::<i64>()].prop_map(Action::Literal),
        1 => (0..9_u32).prop_map(Action::Token),
        2 => (0..8_u32).prop_map(Action::Call),
        2 => (0..8_u16).prop_map(Action::Primitive),
        1 => Just(Action::Recurse),
        3 => prop_oneof![Just(Op::Jump), Just(Op::JumpIfZero), Just(Op::JumpIfNotZero)]
            .prop_map(Action::Forward),
        4 => Just(Action::Resolve),
        2 => Just(Action::Begin),
        2 => prop_oneof![Just(Op::Jump), Just(Op::JumpIfZero)].prop_map(Action::Back),
        2 => any::<bool>().prop_map(Action::Do),
        2 => prop_oneof![Just(Op::Loop), Just(Op::PlusLoop)].prop_map(Action::Loop),
        1 => Just(Action::Leave),
        1 => Just(Action::Cross),
        1 => Just(Action::Segment),
        1 => mark.prop_map(Action::MakeUp),
    ]
}

/// Carries an action out; marks of the wrong kind are the builder's to refuse.
fn build(
    builder: &mut Builder<'_>,
    marks: &mut Vec<Mark>,
    action: &Action,
) -> Result<(), BuildError> {
    let taken = |marks: &mut Vec<Mark>| marks.pop().unwrap_or(Mark::Dest(0));
    match action {
        Action::Emit(op) => builder.emit(*op)?,
        Action::Literal(number) => builder.literal(*number)?,
        Action::Token(token) => builder.with_operand(Op::CallWord, *token)?,
        Action::Call(operand) => {
            let delta = effect(*operand).map_or(Delta::Dynamic, |effect| effect.delta);
            builder.call(*operand, delta)?;
        }
        Action::Primitive(number) => {
            let delta = effect(u32::from(*number)).map_or(Delta::Dynamic, |effect| effect.delta);
            builder.primitive(*number, delta)?;
        }
        Action::Recurse => builder.recurse()?,
        Action::Forward(op) => marks.push(builder.forward(*op)?),
        Action::Resolve => builder.resolve(taken(marks))?,
        Action::Begin => marks.push(builder.begin()),
        Action::Back(op) => builder.back(*op, taken(marks))?,
        Action::Do(checked) => marks.extend(builder.loop_begin(*checked)?),
        Action::Loop(op) => {
            let (body, outer) = (taken(marks), taken(marks));
            builder.loop_end(*op, [outer, body])?;
        }
        Action::Leave => builder.leave()?,
        Action::Cross => {
            let (last, before) = (taken(marks), taken(marks));
            marks.extend([last, before]);
        }
        Action::Segment => {
            builder.with_operand(Op::Function, 0)?;
            builder.primitive(2, Delta::Static(-1))?;
            builder.next_segment()?;
        }
        Action::MakeUp(mark) => marks.push(*mark),
    }
    Ok(())
}

/// Accepts what was inferred, or says what it refused.
fn verify(code: &[u32], declared: Declared) {
    let mut code = code.to_vec();
    // A finished function knows its own index; 0 has the same effect as any that is declared so.
    let own = Own {
        declared,
        few: Few::default(),
    };
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        if op.names_function() && code[at + 1] == SELF {
            code[at + 1] = Own::INDEX;
        }
        at += op.words();
    }
    let mut slots = slots(code.len());
    let verdict = analyse(&mut code, &mut slots, &own, Mode::Verify, declared);
    assert!(verdict.is_ok(), "{verdict:?} of {declared:?} {code:x?}");
}

/// [`Few`], and the function itself.
struct Own {
    declared: Declared,
    few: Few,
}

impl Own {
    const INDEX: u32 = 1000;
}

impl Callees for Own {
    fn function(&self, operand: u32) -> Option<Effect> {
        if operand == Self::INDEX {
            return Some(Effect {
                need: self.declared.need,
                delta: self.declared.delta,
                room: 0,
                cost: 0,
                values: LaneEffect::of_function(self.declared.value_delta),
                floats: LaneEffect::of_function(self.declared.float_delta),
            });
        }
        self.few.function(operand)
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        self.few.primitive(number)
    }
}

/// Seals all parts as the machine does when a definition ends; what is sealed must verify.
fn seal_all(code: &mut [u32], state: &mut State) {
    let mut slots = slots(code.len());
    loop {
        let last = state.segments() == 1;
        let mut builder = Builder::new(code, state);
        let Ok(declared) = builder.seal(&mut slots, &Few::default()) else {
            return;
        };
        verify(builder.segment(), declared);
        let mut out = vec![0; HEADER_WORDS + builder.segment().len()];
        let header = builder.write(declared, Own::INDEX, 0, true, &mut out);
        assert_eq!(header.length as usize + HEADER_WORDS, out.len());
        if last {
            return;
        }
        builder.drop_segment(0);
    }
}

proptest! {
    #![proptest_config(support::cases(512))]

    #[test]
    fn any_words_are_accepted_or_refused(
        words in collection::vec(word(), 0..80), declared in declared(), verify: bool
    ) {
        let mode = if verify { Mode::Verify } else { Mode::Infer };
        let mut code = words;
        let mut slots = slots(code.len());
        let _ = analyse(&mut code, &mut slots, &Few::default(), mode, declared);
    }

    #[test]
    fn any_instructions_are_accepted_or_refused(
        instructions in collection::vec(instruction(), 0..40), declared in declared()
    ) {
        let mut code = instructions.concat();
        let mut slots = slots(code.len());
        let _ = analyse(&mut code.clone(), &mut slots, &Few::default(), Mode::Verify, declared);
        let inferred = analyse(&mut code, &mut slots, &Few::default(), Mode::Infer, Declared::unknown());
        if let Ok(found) = inferred && !found.marked {
            verify(&code, found.declared);
        }
    }

    #[test]
    fn whatever_is_built_is_refused_or_verifies(
        actions in collection::vec(action(), 0..60), room in 16..400_usize
    ) {
        let mut code = vec![0; room];
        let mut state = State::new();
        let mut marks = Vec::new();
        for action in &actions {
            let before = state;
            let mut builder = Builder::new(&mut code, &mut state);
            // An error leaves the definition as it was, as far as its owner can tell.
            if build(&mut builder, &mut marks, action) == Err(BuildError::Full) {
                state = before;
            }
        }
        let _ = Builder::new(&mut code, &mut state).emit(Op::Return);
        seal_all(&mut code, &mut state);
    }
}

/// A dynamic function of `blocks` blocks, each reached only from the one behind it.
fn backward_chain(blocks: usize) -> Vec<u32> {
    let primitive = Op::Primitive as u32;
    let jump = |distance: i32| [Op::Jump as u32, distance.cast_unsigned(), 0];
    let mut code = vec![Op::CallWord as u32, 0, Op::Check as u32, 0];
    let block = 4;
    // To the last block's beginning, over all before it.
    code.extend(jump((3 + (blocks - 1) * block) as i32));
    code.extend([
        primitive,
        Op::Return as u32,
        Op::Return as u32,
        Op::Return as u32,
    ]);
    for _ in 1..blocks {
        code.push(primitive);
        code.extend(jump(-(block as i32) - 1));
    }
    code
}

#[test]
fn blocks_reached_only_from_behind_are_looked_at_once() {
    let blocks = 10_000;
    let mut code = backward_chain(blocks);
    let mut slots = slots(code.len());
    let few = Few::default();
    let unknown = Declared::unknown();
    let found = analyse(&mut code, &mut slots, &few, Mode::Infer, unknown).expect("it is sound");
    let asked = few.asked.take();
    // Once each to see that it is there, for its cost, and for its effect as static and as dynamic.
    assert!(asked <= 5 * blocks, "{asked} looks at {blocks} primitives");
    assert_eq!(found.declared.delta, Delta::Dynamic);
}

#[test]
fn a_dynamic_definition_of_many_blocks_is_looked_at_a_few_times() {
    let blocks = 4_000;
    let mut code = vec![0; 60_000];
    let mut state = State::new();
    let mut builder = Builder::new(&mut code, &mut state);
    builder.emit(Op::QuestionDup).expect("it fits");
    for _ in 0..blocks {
        builder.emit(Op::Depth).expect("it fits");
        let orig = builder.forward(Op::JumpIfZero).expect("it fits");
        builder.primitive(1, Delta::Static(2)).expect("it fits");
        builder.resolve(orig).expect("it is a jump");
    }
    builder.emit(Op::Return).expect("it fits");
    let few = Few::default();
    let declared = builder
        .seal(&mut slots(60_000), &few)
        .expect("it keeps the rules");
    assert_eq!(declared.delta, Delta::Dynamic);
    let asked = few.asked.take();
    assert!(asked <= 12 * blocks, "{asked} looks at {blocks} primitives");
    verify(builder.segment(), declared);
}

#[test]
fn blocks_that_use_values_are_looked_at_a_few_times() {
    let blocks = 2_500;
    let mut code = vec![0; 60_000];
    let mut state = State::new();
    let mut builder = Builder::new(&mut code, &mut state);
    for _ in 0..blocks {
        // The depth is unknown behind each, and every second block leaves another one.
        builder.emit(Op::Depth).expect("it fits");
        let orig = builder.forward(Op::JumpIfZero).expect("it fits");
        builder.emit(Op::VDup).expect("it fits");
        builder.primitive(5, Delta::Dynamic).expect("it fits");
        builder.emit(Op::VDrop).expect("it fits");
        builder.resolve(orig).expect("it is a jump");
    }
    builder.emit(Op::Return).expect("it fits");
    let few = Few::default();
    let declared = builder
        .seal(&mut slots(60_000), &few)
        .expect("it keeps the rules");
    assert_eq!(declared.value_delta, Delta::Dynamic);
    let asked = few.asked.take();
    assert!(asked <= 16 * blocks, "{asked} looks at {blocks} primitives");
    verify(builder.segment(), declared);
}
