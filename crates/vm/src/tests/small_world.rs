//! A world small enough to try every byte of its image: a few functions that call each other in all
//! the ways there are, and that can be stopped in the middle of each.

use super::std::vec::Vec;
use super::std::{boxed::Box, vec};
use crate::control_block::ControlBlock;
use crate::data::START;
use crate::words::{WORDS_ROOT, Word, flags};
use crate::{Awaited, Bindings, Door, Machine, Outcome, Primitive, Processor, Step, Trap, World};
use stele_bytecode::analysis::{Effect, LaneEffect};
use stele_bytecode::builder::Builder;
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::Op;
use stele_hal::Nobody;
use stele_memory::{CodeRef, NeedSpace, Session};

/// Words of the region that a small world needs; loading takes no more.
pub(super) const WORDS: usize = 1 << 14;

/// Cost units of one turn: a few instructions.
pub(super) const TURN: u32 = 20;

/// Throw code of a word that throws.
const THROWN: i16 = -77;

pub(super) const PRIMITIVES: &[Primitive] = &[
    Primitive {
        name: "(pause)",
        effect: Effect {
            need: 0,
            delta: Delta::Static(0),
            room: 0,
            cost: 4,
            values: LaneEffect::NONE,
            floats: LaneEffect::NONE,
        },
        run: |machine| {
            let paused = machine.user(0) != 0;
            machine.set_user(0, u64::from(!paused));
            Ok(if paused {
                Step::Done
            } else {
                Step::Wait(Awaited::Input)
            })
        },
    },
    Primitive {
        name: "(dup?)",
        effect: Effect {
            need: 1,
            delta: Delta::Dynamic,
            room: 0,
            cost: 4,
            values: LaneEffect::NONE,
            floats: LaneEffect::NONE,
        },
        run: |machine| {
            let top = machine.peek(0)?;
            if top != 0 {
                machine.push(top)?;
            }
            Ok(Step::Done)
        },
    },
    Primitive {
        name: "(object)",
        effect: Effect {
            need: 0,
            delta: Delta::Static(0),
            room: 0,
            cost: 4,
            values: LaneEffect::of(0, 1),
            floats: LaneEffect::NONE,
        },
        run: |machine| {
            let (mut session, mut values) = machine.values();
            let text = b"longer than a word";
            match session.reserve(Session::worst_case_bytes(text.len())) {
                Ok(()) => {}
                Err(NeedSpace::Collect) => return Ok(Step::Collect),
                Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY),
            }
            let object = session.bytes(text).map_err(|_| Trap::OUT_OF_MEMORY)?;
            values.push(&session, object)?;
            Ok(Step::Done)
        },
    },
];

/// Lets `work` have the world's instance.
pub(super) fn attached<T>(
    world: &mut World<'_>,
    work: impl FnOnce(&mut Machine<'_, '_>) -> T,
) -> Option<T> {
    let mut processor = Processor::new();
    let door = Door {
        outside: &mut Nobody,
        bindings: &mut Bindings::new(),
    };
    let mut machine = Machine::attach(&mut processor, world, 0, door)?;
    Some(work(&mut machine))
}

/// Memory for a world. It begins at `skew` words into what was allocated, so that worlds lie at
/// different distances from any alignment.
pub(super) struct Memory {
    words: Box<[u64]>,
    skew: usize,
}

impl Memory {
    pub(super) fn new(skew: usize) -> Self {
        Self {
            words: vec![0xDBDB_DBDB_DBDB_DBDB; WORDS + skew].into_boxed_slice(),
            skew,
        }
    }

    pub(super) fn region(&mut self) -> &mut [u64] {
        &mut self.words[self.skew..]
    }
}

/// What a function is put together from.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    Do1(Op),
    Number(i64),
    Call(CodeRef),
    Recurse,
    Token(u32),
    Run(u16, Delta),
    If,
    Then,
    Begin,
    Again,
    Loop,
    EndLoop,
}

use Piece::{Again, Begin, Call, Do1, EndLoop, If, Loop, Number, Recurse, Run, Then, Token};

/// Makes a function that returns behind the last piece.
pub(super) fn define(machine: &mut Machine<'_, '_>, pieces: &[Piece]) -> CodeRef {
    machine.begin_definition().expect("there is room");
    add(machine, pieces);
    add(machine, &[Do1(Op::Return)]);
    machine
        .finish_definition(false)
        .expect("it keeps the rules")
}

/// Adds pieces to the definition in progress.
pub(super) fn add(machine: &mut Machine<'_, '_>, pieces: &[Piece]) {
    let mut marks = Vec::new();
    for piece in pieces {
        let mark = match *piece {
            Do1(op) => machine.build(|builder| builder.emit(op)).map(|()| None),
            Number(number) => machine
                .build(|builder| builder.literal(number))
                .map(|()| None),
            Call(function) => {
                let delta = machine.header(function).expect("it was made").delta;
                let call = |builder: &mut Builder<'_>| builder.call(function.0, delta);
                machine.build(call).map(|()| None)
            }
            Recurse => machine.build(|builder| builder.recurse()).map(|()| None),
            Token(token) => {
                let token = |builder: &mut Builder<'_>| builder.with_operand(Op::Token, token);
                machine.build(token).map(|()| None)
            }
            Run(number, delta) => {
                let run = |builder: &mut Builder<'_>| builder.primitive(number, delta);
                machine.build(run).map(|()| None)
            }
            If => machine
                .build(|builder| builder.forward(Op::JumpIfZero))
                .map(Some),
            Then => {
                let mark = marks.pop().expect("there is an If");
                machine
                    .build(|builder| builder.resolve(mark))
                    .map(|()| None)
            }
            Begin => machine.build(|builder| Ok(builder.begin())).map(Some),
            Again => {
                let mark = marks.pop().expect("there is a Begin");
                machine
                    .build(|builder| builder.back(Op::Jump, mark))
                    .map(|()| None)
            }
            Loop => {
                let [outer, body] = machine
                    .build(|builder| builder.loop_begin(false))
                    .expect("it fits");
                marks.push(outer);
                Ok(Some(body))
            }
            EndLoop => {
                let body = marks.pop().expect("there is a Loop");
                let outer = marks.pop().expect("there is a Loop");
                let end = |builder: &mut Builder<'_>| builder.loop_end(Op::Loop, [outer, body]);
                machine.build(end).map(|()| None)
            }
        };
        marks.extend(mark.expect("it can be added"));
    }
}

/// Makes words of functions; the n-th gets token n.
pub(super) fn make_words(machine: &mut Machine<'_, '_>, functions: &[Option<CodeRef>]) {
    let (mut session, roots) = machine.session();
    session.reserve(4096).expect("there is room");
    let mut words = session.vector().expect("there is room");
    for code in functions {
        let word = Word {
            name: session.bytes(b"word").expect("there is room"),
            list: 0,
            flags: if code.is_none() { flags::BODY } else { 0 },
            code: *code,
            body: 7,
            here: 0,
            shadows: 0,
            origin: session.nil(),
        };
        let record = word.write(&session).expect("there is room");
        words = session.vector_push(words, record).expect("it is a vector");
    }
    session.store(&mut roots[WORDS_ROOT], words);
}

/// A new world, its instance ready for the first instruction.
///
/// Its program goes round forever: a counted loop with static calls and a recursion in it, called
/// through a token; a constant called through a token; and a throw out of two frames, caught, which
/// brings a value and a float back. It pauses once in each round. All of its functions work on values
/// and floats, those in the loop statically. A definition is in progress.
pub(super) fn new(memory: &mut Memory) -> World<'_> {
    let mut world = World::new(memory.region(), PRIMITIVES).expect("the region is large enough");
    world
        .create_vm0(9, |texts| texts.copy_from_slice(b"the texts"))
        .expect("there is room");
    attached(&mut world, |machine| {
        machine.grow_data(START + 64).expect("there is room");
        machine.set_cell(START, 5).expect("the cell is there");
        let (vdup, vdrop) = (Do1(Op::VDup), Do1(Op::VDrop));
        let (fdup, fdrop) = (Do1(Op::FDup), Do1(Op::FDrop));
        let object = Run(2, Delta::Static(0));
        let float = [Number(2), Do1(Op::SToF)];
        let [two, to_float] = float;
        let leaf = [Do1(Op::Dup), If, vdup, fdup, Do1(Op::OneMinus), Recurse];
        let leaf = define(machine, &[&leaf[..], &[fdrop, vdrop, Then]].concat());
        let middle = [
            Do1(Op::ToR),
            object,
            two,
            to_float,
            Call(leaf),
            Do1(Op::VNip),
            Do1(Op::FNip),
            Do1(Op::RFrom),
            Call(leaf),
            Do1(Op::Add),
        ];
        let middle = define(machine, &middle);
        let (i, at, drop) = (Do1(Op::I), Do1(Op::Fetch), Do1(Op::Drop));
        let start = Number(START);
        let rounds = [
            start,
            at,
            object,
            two,
            to_float,
            Number(0),
            Loop,
            i,
            i,
            Call(middle),
            drop,
            EndLoop,
            vdrop,
            fdrop,
        ];
        let rounds = define(machine, &rounds);
        let thrower = [
            Number(1),
            Do1(Op::ToR),
            Number(THROWN.into()),
            Do1(Op::Throw),
        ];
        let thrower = [&thrower[..], &[Do1(Op::RFrom)]].concat();
        let thrower = define(machine, &thrower);
        let deeper = [Number(3), object, Call(leaf), vdrop, vdrop];
        let deeper = [&float[..], &deeper, &[fdrop, fdrop, Call(thrower), drop]].concat();
        let deeper = define(machine, &deeper);
        let pause = Run(0, Delta::Static(0));
        let (execute, guard) = (Do1(Op::Execute), [Do1(Op::CatchEnter), Do1(Op::CatchExit)]);
        let body = [object, Token(0), execute, Token(1), execute, drop, Token(2)];
        let body = [&float[..], &body, &guard, &[drop, pause, vdrop, fdrop]].concat();
        let body = define(machine, &body);
        let main = [&[Begin, Number(9), Do1(Op::ToR), Token(3)][..], &guard];
        let main = [&main.concat()[..], &[drop, Do1(Op::RFrom), drop, Again]].concat();
        let main = define(machine, &main);
        make_words(machine, &[Some(rounds), None, Some(deeper), Some(body)]);
        machine.start(main).expect("it needs nothing");
        machine.begin_definition().expect("there is room");
        add(
            machine,
            &[Number(2), Do1(Op::Add), Call(middle), Do1(Op::I)],
        );
    });
    world
}

/// Runs the instance through `stops` safepoints.
pub(super) fn run(world: &mut World<'_>, stops: usize) {
    for _ in 0..stops {
        let outcome = attached(world, |machine| machine.run_to_safepoint());
        let goes_on = matches!(outcome, Some(Outcome::Preempted | Outcome::Waiting(_)));
        assert!(goes_on, "{outcome:?}");
    }
}

/// An image of the world.
pub(super) fn save(world: &World<'_>) -> Vec<u8> {
    let mut image = vec![0; world.image_size() as usize];
    let length = world.save(&mut image).expect("it fits");
    assert_eq!(length, image.len());
    image
}

/// The control block, to look at and to forge.
pub(super) fn control<'w>(world: &'w mut World<'_>) -> &'w mut ControlBlock {
    let at = world.instance(0).expect("there is an instance") as usize;
    // SAFETY: the block is the control block, and the world is borrowed exclusively.
    unsafe { &mut *world.arena.base().as_ptr().add(at).cast::<ControlBlock>() }
}
