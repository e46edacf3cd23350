//! What happens around a handler's record.

use super::small_world::Piece::{Do1, Number, Run, Token};
use super::small_world::{Memory, PRIMITIVES, TURN, attached, define, make_words};
use crate::{Awaited, Outcome, Trap, World};
use stele_bytecode::analysis::LaneEffect;
use stele_bytecode::function::Delta;
use stele_bytecode::instruction::Op;

#[test]
fn a_trap_right_behind_a_handlers_end_goes_to_the_handler_outside() {
    let mut memory = Memory::new(0);
    let mut world = World::new(memory.region(), PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| ()).expect("there is room");
    let outcome = attached(&mut world, |machine| {
        let nothing = define(machine, &[]);
        let guard = [Do1(Op::CatchEnter), Do1(Op::CatchExit)];
        // Two cells too few for this, once the guarded word has returned.
        let greedy = define(
            machine,
            &[&[Token(0)][..], &guard, &[Do1(Op::Rot)]].concat(),
        );
        let pause = Run(0, Delta::Static(0));
        let main = [&[Number(8), Token(1)][..], &guard, &[pause, Do1(Op::Drop)]].concat();
        let main = define(machine, &main);
        make_words(machine, &[Some(nothing), Some(greedy)]);
        machine.start(main).expect("it needs nothing");
        let outcome = machine.run(1000);
        (outcome, machine.depth(), machine.peek(0), machine.peek(1))
    });
    let code = Ok(Trap::STACK_UNDERFLOW.0);
    assert_eq!(
        outcome,
        Some((Outcome::Waiting(Awaited::Input), 2, code, Ok(8)))
    );
}

#[test]
fn a_primitive_that_does_not_keep_its_effect_traps() {
    let mut memory = Memory::new(0);
    let primitives = &mut [crate::Primitive { ..PRIMITIVES[0] }];
    primitives[0].run = |machine| {
        machine.push(1)?;
        Ok(crate::Step::Done)
    };
    let mut world = World::new(memory.region(), primitives).expect("the region is large enough");
    world.create_vm0(0, |_| ()).expect("there is room");
    let outcome = attached(&mut world, |machine| {
        let main = define(machine, &[Run(0, Delta::Static(0))]);
        machine.start(main).expect("it needs nothing");
        machine.run(TURN)
    });
    assert_eq!(outcome, Some(Outcome::Ended(Some(Trap::INVALID_CODE))));
}

#[test]
fn a_primitive_that_leaves_other_values_than_it_declares_traps() {
    for (declared, expected) in [
        (LaneEffect::of(0, 1), Outcome::Ended(None)),
        (
            LaneEffect::of(0, 2),
            Outcome::Ended(Some(Trap::INVALID_CODE)),
        ),
        (
            LaneEffect::of(0, 0),
            Outcome::Ended(Some(Trap::INVALID_CODE)),
        ),
    ] {
        let mut memory = Memory::new(0);
        let mut object = crate::Primitive { ..PRIMITIVES[2] };
        object.effect.values = declared;
        let primitives = &mut [object];
        let mut world =
            World::new(memory.region(), primitives).expect("the region is large enough");
        world.create_vm0(0, |_| ()).expect("there is room");
        let outcome = attached(&mut world, |machine| {
            machine.reserve_values(4).expect("there is room");
            let main = define(machine, &[Run(0, Delta::Static(0))]);
            machine.start(main).expect("it needs nothing");
            machine.run(TURN)
        });
        assert_eq!(outcome, Some(expected), "{declared:?}");
    }
}

#[test]
fn a_number_that_is_no_token_is_stale_whatever_it_is() {
    for number in [i64::MIN, -1, -64, 4, 63, 64, i64::MAX] {
        let mut memory = Memory::new(0);
        let mut world =
            World::new(memory.region(), PRIMITIVES).expect("the region is large enough");
        world.create_vm0(0, |_| ()).expect("there is room");
        let outcome = attached(&mut world, |machine| {
            make_words(machine, &[None]);
            let main = define(machine, &[Number(number), Do1(Op::Execute)]);
            machine.start(main).expect("it needs nothing");
            machine.run(TURN)
        });
        let stale = Outcome::Ended(Some(Trap::STALE_TOKEN));
        assert_eq!(outcome, Some(stale), "{number}");
    }
}
