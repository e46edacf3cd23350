//! Allocated memory beside a model: a list of the pieces in use and what they hold.

use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use stele_bytecode::instruction::Op;
use stele_forth::PRIMITIVES;
use stele_hal::Nobody;
use stele_vm::data::START;
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, SLICE, World};

/// Where HERE is kept, and what it is.
const HERE_CELL: i64 = START + 48;
const HERE: i64 = START + 16_384;

/// Bytes that data space may have.
const LIMIT: i64 = 16 << 20;

/// A machine with nothing allocated.
fn with_machine<R>(work: impl FnOnce(&mut Machine<'_, '_>) -> R) -> R {
    let mut region = vec![0; (64 << 20) / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let (mut processor, mut console) = (Processor::new(), Nobody);
    let door = Door {
        outside: &mut console,
        bindings: &mut Bindings::new(),
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("it was just made");
    machine.grow_data(HERE).expect("there is room");
    machine
        .set_cell(HERE_CELL, HERE)
        .expect("it has just grown");
    work(&mut machine)
}

/// Runs a primitive on operands and returns what it leaves.
fn call(machine: &mut Machine<'_, '_>, name: &str, operands: &[i64]) -> Vec<i64> {
    let number = PRIMITIVES
        .iter()
        .position(|primitive| primitive.name == name);
    let number = number.expect("the table has it");
    let delta = PRIMITIVES[number].effect.delta;
    machine.begin_definition().expect("there is room");
    for operand in operands {
        let added = machine.build(|builder| builder.literal(*operand));
        added.expect("there is room");
    }
    let number = u16::try_from(number).expect("there are few");
    let added = machine.build(|builder| builder.primitive(number, delta));
    added.expect("there is room");
    let added = machine.build(|builder| builder.emit(Op::Return));
    added.expect("there is room");
    let code = machine.finish_definition(false).expect("it is sound");
    machine.start(code).expect("it needs nothing");
    loop {
        let before = machine.cost();
        let outcome = machine.run_to_safepoint();
        assert!(machine.cost() - before <= SLICE, "{name} runs too long");
        match outcome {
            Outcome::Preempted => {}
            Outcome::Ended(None) => break,
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut left: Vec<i64> = (0..machine.depth())
        .map(|_| machine.pop().expect("it is there"))
        .collect();
    left.reverse();
    left
}

/// A piece in use.
struct Piece {
    address: i64,
    size: i64,
    mark: u8,
}

impl Piece {
    fn end(&self) -> i64 {
        self.address + self.size
    }

    fn write(&self, machine: &mut Machine<'_, '_>) {
        let bytes = machine.bytes_mut(self.address, self.size);
        bytes.expect("it is the program's").fill(self.mark);
    }

    fn check(&self, machine: &Machine<'_, '_>) {
        let bytes = machine.bytes(self.address, self.size).expect("it is there");
        assert!(bytes.iter().all(|byte| *byte == self.mark));
    }
}

/// All pieces are as they were left, apart from each other, and above the dictionary.
fn check(machine: &Machine<'_, '_>, pieces: &mut [Piece]) {
    pieces.sort_by_key(|piece| piece.address);
    assert!(
        pieces
            .iter()
            .all(|piece| piece.address > HERE && piece.address % 16 == 0)
    );
    assert!(pieces.iter().all(|piece| piece.end() <= START + LIMIT));
    assert!(
        pieces
            .windows(2)
            .all(|pair| pair[0].end() <= pair[1].address)
    );
    assert!(
        pieces
            .windows(2)
            .all(|pair| pair[0].address < pair[1].address)
    );
    for piece in pieces {
        piece.check(machine);
    }
}

/// What is done: with the number of a piece, and of bytes.
#[derive(Clone, Debug)]
enum Act {
    Allocate(i64),
    Free(usize),
    Resize(usize, i64),
    FreeWrong(i64),
}

fn size() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..100_i64,
        3 => 0..5000_i64,
        1 => 0..3_000_000_i64,
        1 => prop_oneof![1 => any::<i64>(), 1 => LIMIT - 100..LIMIT + 100],
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => size().prop_map(Act::Allocate),
        4 => any::<usize>().prop_map(Act::Free),
        3 => (any::<usize>(), size()).prop_map(|(piece, size)| Act::Resize(piece, size)),
        1 => prop_oneof![any::<i64>(), START..START + LIMIT].prop_map(Act::FreeWrong),
    ]
}

fn perform(machine: &mut Machine<'_, '_>, pieces: &mut Vec<Piece>, act: &Act, mark: u8) {
    match *act {
        Act::Allocate(size) => {
            let [address, refused] = call(machine, "(allocate)", &[size])[..] else {
                panic!("it leaves two cells");
            };
            if refused == 0 {
                let piece = Piece {
                    address,
                    size,
                    mark,
                };
                piece.write(machine);
                pieces.push(piece);
            } else {
                assert_eq!(refused, -59);
                // A piece that is far smaller than what there is can only be refused once much is in use.
                let used: i64 = pieces.iter().map(|piece| piece.size + 16).sum();
                assert!(!(0..LIMIT / 4).contains(&size) || used > LIMIT / 8);
            }
        }
        Act::Free(_) | Act::Resize(..) if pieces.is_empty() => {}
        Act::Free(number) => {
            let piece = pieces.swap_remove(number % pieces.len());
            piece.check(machine);
            assert_eq!(call(machine, "(free)", &[piece.address]), [0]);
            assert_eq!(call(machine, "(free)", &[piece.address]), [-60]);
        }
        Act::Resize(number, size) => {
            let number = number % pieces.len();
            let piece = &mut pieces[number];
            let left = call(machine, "(resize)", &[piece.address, size]);
            assert_eq!(left[..2], [piece.address, size]);
            if left[2] == 0 {
                let kept = Piece {
                    size: size.min(piece.size),
                    ..*piece
                };
                kept.check(machine);
                piece.size = size;
                piece.write(machine);
            } else {
                assert!(left[2] == -61 || left[2] >= piece.size && left[2] < size);
            }
        }
        Act::FreeWrong(address) => {
            if pieces.iter().all(|piece| piece.address != address) {
                assert_eq!(call(machine, "(free)", &[address]), [-60]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn pieces_never_overlap_and_keep_what_they_hold(acts in collection::vec(act(), 1..120)) {
        with_machine(|machine| {
            let mut pieces = Vec::new();
            for (number, act) in acts.iter().enumerate() {
                perform(machine, &mut pieces, act, number as u8);
                check(machine, &mut pieces);
            }
            // All that is freed is there again, in one piece.
            for piece in pieces {
                assert_eq!(call(machine, "(free)", &[piece.address]), [0]);
            }
            let largest = LIMIT - (HERE - START) - (4 << 20) - 16;
            let [address, refused] = call(machine, "(allocate)", &[largest])[..] else {
                panic!("it leaves two cells");
            };
            assert_eq!(refused, 0);
            assert_eq!(call(machine, "(free)", &[address]), [0]);
        });
    }
}
