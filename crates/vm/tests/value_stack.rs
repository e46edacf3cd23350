//! The value stack as primitives see it: its ends, its growth, and what a collection makes of it.

mod support;

use stele_memory::NeedSpace;
use stele_vm::value_stack::MAX_VALUES;
use stele_vm::{Machine, Trap};
use support::{Host, Program};

fn machine<R>(work: impl FnOnce(&mut Machine<'_, '_>) -> R) -> R {
    let program = Program::built("main: return");
    Host::new(16 << 20).with(&program, work)
}

/// Pushes the text of a number, which is an object of the heap.
fn push(machine: &mut Machine<'_, '_>, number: usize) -> Result<(), Trap> {
    machine.reserve_values(1)?;
    loop {
        let (mut session, mut values) = machine.values();
        match session.reserve(64) {
            Ok(()) => {
                let text = session
                    .bytes(number.to_string().as_bytes())
                    .expect("room is reserved");
                return values.push(&session, text);
            }
            Err(NeedSpace::Collect) => machine.collect()?,
            Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY),
        }
    }
}

fn pop(machine: &mut Machine<'_, '_>) -> Result<usize, Trap> {
    let (session, mut values) = machine.values();
    let text = values.pop(&session)?;
    let text = session.as_bytes(text).expect("only texts were pushed");
    let text = std::str::from_utf8(text).expect("it is a number");
    Ok(text.parse().expect("it is a number"))
}

#[test]
fn it_begins_empty_and_without_memory() {
    machine(|machine| {
        assert_eq!(machine.value_depth(), 0);
        assert_eq!(pop(machine), Err(Trap::VALUE_STACK_UNDERFLOW));
        let (session, mut values) = machine.values();
        assert_eq!(values.peek(0).err(), Some(Trap::VALUE_STACK_UNDERFLOW));
        let nil = session.nil();
        assert_eq!(
            values.poke(&session, 0, nil),
            Err(Trap::VALUE_STACK_UNDERFLOW)
        );
        assert_eq!(values.push(&session, nil), Err(Trap::VALUE_STACK_OVERFLOW));
    });
}

#[test]
fn values_come_back_in_order_whatever_was_collected_and_however_it_grew() {
    machine(|machine| {
        for number in 0..3000 {
            push(machine, number).expect("there is room");
            if number % 100 == 0 {
                machine.collect().expect("there is room");
            }
        }
        machine.collect().expect("there is room");
        for number in (0..3000).rev() {
            assert_eq!(pop(machine), Ok(number));
        }
        assert_eq!(pop(machine), Err(Trap::VALUE_STACK_UNDERFLOW));
    });
}

#[test]
fn what_lies_above_the_top_keeps_nothing_alive() {
    machine(|machine| {
        let held = |machine: &mut Machine<'_, '_>| {
            let (mut session, _) = machine.session();
            session.safepoint();
            let statistics = session.heap_statistics();
            statistics.nursery + statistics.old
        };
        machine.collect().expect("there is room");
        let before = held(machine);
        for number in 0..100 {
            push(machine, number).expect("there is room");
        }
        for _ in 0..100 {
            pop(machine).expect("they were pushed");
        }
        machine.collect().expect("there is room");
        assert_eq!(held(machine), before);
    });
}

#[test]
fn it_holds_131072_values_and_not_one_more() {
    assert_eq!(MAX_VALUES, 131_072);
    machine(|machine| {
        machine.reserve_values(MAX_VALUES).expect("there is room");
        let (session, mut values) = machine.values();
        for _ in 0..MAX_VALUES {
            values
                .push(&session, session.nil())
                .expect("room is reserved");
        }
        assert_eq!(values.depth(), MAX_VALUES);
        let nil = session.nil();
        assert_eq!(values.push(&session, nil), Err(Trap::VALUE_STACK_OVERFLOW));
        assert_eq!(machine.reserve_values(1), Err(Trap::VALUE_STACK_OVERFLOW));
        assert_eq!(machine.reserve_values(0), Ok(()));
        assert_eq!(
            machine.reserve_values(usize::MAX),
            Err(Trap::VALUE_STACK_OVERFLOW)
        );
        machine.collect().expect("there is room");
    });
}

#[test]
fn the_places_below_the_top_can_be_looked_at_and_replaced() {
    machine(|machine| {
        for number in 1..=3 {
            push(machine, number).expect("there is room");
        }
        let (session, mut values) = machine.values();
        let lowest = session.load(values.peek(2).expect("there are three"));
        assert_eq!(session.as_bytes(lowest), Some(b"1".as_slice()));
        values
            .poke(&session, 0, lowest)
            .expect("there is a top value");
        assert_eq!(values.peek(3).err(), Some(Trap::VALUE_STACK_UNDERFLOW));
        assert_eq!(pop(machine), Ok(1));
        assert_eq!(pop(machine), Ok(2));
    });
}
