//! The float stack as primitives see it: its ends, its growth, and what it makes of what is no number.

mod support;

use stele_vm::float_stack::MAX_FLOATS;
use stele_vm::{Machine, Trap};
use support::{Host, Program};

fn machine<R>(work: impl FnOnce(&mut Machine<'_, '_>) -> R) -> R {
    let program = Program::built("main: return");
    Host::new(16 << 20).with(&program, work)
}

#[test]
fn it_begins_empty() {
    machine(|machine| {
        assert_eq!(machine.float_depth(), 0);
        let missing = Trap::FLOAT_STACK_UNDERFLOW;
        assert_eq!(machine.pop_float(), Err(missing));
        assert_eq!(machine.peek_float(0), Err(missing));
        assert_eq!(machine.poke_float(0, 1.0), Err(missing));
    });
}

#[test]
fn floats_come_back_in_order_however_it_grew() {
    machine(|machine| {
        for number in 0..3000 {
            machine.push_float(number.into()).expect("there is room");
        }
        assert_eq!(machine.peek_float(2999), Ok(0.0));
        assert_eq!(machine.peek_float(3000), Err(Trap::FLOAT_STACK_UNDERFLOW));
        machine.poke_float(2999, -1.5).expect("it is the lowest");
        for number in (1..3000).rev() {
            assert_eq!(machine.pop_float(), Ok(number.into()));
        }
        assert_eq!(machine.pop_float(), Ok(-1.5));
        assert_eq!(machine.float_depth(), 0);
    });
}

#[test]
fn it_holds_131072_floats_and_not_one_more() {
    assert_eq!(MAX_FLOATS, 131_072);
    machine(|machine| {
        for _ in 0..MAX_FLOATS {
            machine.push_float(0.5).expect("there is room");
        }
        assert_eq!(machine.push_float(0.5), Err(Trap::FLOAT_STACK_OVERFLOW));
        assert_eq!(machine.float_depth(), MAX_FLOATS);
    });
}

#[test]
fn what_is_no_number_is_always_the_same() {
    machine(|machine| {
        for bits in [0x7FF0_0000_0000_0001, u64::MAX, 0xFFF8 << 48] {
            machine
                .push_float(f64::from_bits(bits))
                .expect("there is room");
            let found = machine.peek_float(0).map(f64::to_bits);
            assert_eq!(found, Ok(0x7FF8 << 48));
            machine
                .poke_float(0, -f64::from_bits(bits))
                .expect("it is there");
            let found = machine.pop_float().map(f64::to_bits);
            assert_eq!(found, Ok(0x7FF8 << 48));
        }
    });
}
