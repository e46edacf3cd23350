//! Ranges of data space, copied, filled, compared and searched: right whatever the overlap, and never
//! longer than a slice between two places where the instance may be stopped.

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof};
use proptest::{collection, proptest};
use stele_bytecode::instruction::Op;
use stele_forth::PRIMITIVES;
use stele_hal::Nobody;
use stele_vm::data::START;
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, SLICE, Trap, World};

/// Bytes of data space that the tests work in.
const SPACE: usize = 5 << 19;

/// Bytes that one run of a range primitive handles at most; where one ends is where errors hide.
const PIECE: usize = SLICE as usize * 8 / 2;

/// A machine whose data space holds `space`.
fn with_machine<R>(space: &[u8], work: impl FnOnce(&mut Machine<'_, '_>) -> R) -> R {
    let mut region = vec![0; (32 << 20) / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let (mut processor, mut console) = (Processor::new(), Nobody);
    let door = Door {
        outside: &mut console,
        bindings: &mut Bindings::new(),
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("it was just made");
    let length = i64::try_from(space.len()).expect("it is small");
    machine.grow_data(START + length).expect("there is room");
    machine
        .bytes_mut(START, length)
        .expect("it has just grown")
        .copy_from_slice(space);
    work(&mut machine)
}

/// Makes the machine begin with a definition that leaves `operands` and runs the primitive.
fn begin(machine: &mut Machine<'_, '_>, name: &str, operands: &[i64]) {
    let number = PRIMITIVES
        .iter()
        .position(|primitive| primitive.name == name);
    let number = number.expect("the table has it");
    let delta = PRIMITIVES[number].effect.delta;
    machine.begin_definition().expect("there is room");
    for operand in operands {
        machine
            .build(|builder| builder.literal(*operand))
            .expect("there is room");
    }
    let number = u16::try_from(number).expect("there are few");
    machine
        .build(|builder| builder.primitive(number, delta))
        .expect("there is room");
    machine
        .build(|builder| builder.emit(Op::Return))
        .expect("there is room");
    let code = machine.finish_definition(false).expect("it is sound");
    machine.start(code).expect("it needs nothing");
}

/// Runs from safepoint to safepoint, none further than a slice from the one before; returns how
/// the program ended and how often it could be stopped.
fn run(machine: &mut Machine<'_, '_>) -> (Option<Trap>, usize) {
    let mut stops = 0;
    loop {
        let before = machine.cost();
        let outcome = machine.run_to_safepoint();
        let used = machine.cost() - before;
        assert!(used <= SLICE, "{used} units without a stop");
        match outcome {
            Outcome::Preempted => stops += 1,
            Outcome::Ended(trap) => return (trap, stops),
            other => panic!("nothing asks for {other:?}"),
        }
    }
}

/// Bytes that tell where they come from.
fn pattern() -> Vec<u8> {
    (0..SPACE)
        .map(|at| (at ^ at >> 8 ^ at >> 16) as u8)
        .collect()
}

fn address(offset: usize) -> i64 {
    START + i64::try_from(offset).expect("it is small")
}

fn check_move(from: usize, to: usize, length: usize) {
    let mut expected = pattern();
    with_machine(&pattern(), |machine| {
        let operands = [address(from), address(to), length.cast_signed() as i64];
        begin(machine, "(move)", &operands);
        let (trap, stops) = run(machine);
        assert_eq!((trap, machine.depth()), (None, 0));
        assert_eq!(
            stops,
            length.saturating_sub(1) / PIECE,
            "a stop between two pieces"
        );
        expected.copy_within(from..from + length, to);
        let found = machine.bytes(START, SPACE.cast_signed() as i64);
        assert!(
            found == Ok(&expected[..]),
            "{length} bytes from {from} to {to}"
        );
    });
}

#[test]
fn megabytes_are_copied_a_piece_at_a_time_whatever_the_overlap() {
    let length = (2 << 20) + 3;
    for distance in [1, 7, 8, PIECE - 1, PIECE, PIECE + 1, 1 << 18] {
        check_move(0, distance, length);
        check_move(distance, 0, length);
    }
    check_move(100, 100, length);
}

#[test]
fn megabytes_are_filled_a_piece_at_a_time() {
    for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, (2 << 20) + 3] {
        let mut expected = pattern();
        with_machine(&pattern(), |machine| {
            let operands = [address(5), length.cast_signed() as i64, 0x1_00AB];
            begin(machine, "(fill)", &operands);
            let (trap, stops) = run(machine);
            assert_eq!((trap, machine.depth()), (None, 0));
            assert_eq!(stops, length.saturating_sub(1) / PIECE);
            expected[5..5 + length].fill(0xAB);
            let found = machine.bytes(START, SPACE.cast_signed() as i64);
            assert!(found == Ok(&expected[..]), "{length} bytes");
        });
    }
}

#[test]
fn ranges_that_leave_data_space_are_refused_before_anything_changes() {
    let space = pattern();
    with_machine(&space, |machine| {
        let end = START + i64::try_from(machine.data_length()).expect("it is small");
        let far = [
            ("(move)", [START, end - 99, 100]),
            ("(move)", [end - 99, START, 100]),
            ("(move)", [START - 1, START, 100]),
            ("(move)", [START, START, -1]),
            ("(move)", [START, START, i64::MAX]),
            ("(fill)", [end - 99, 100, 7]),
            ("(fill)", [START - 1, 1, 7]),
            ("(fill)", [i64::MIN, i64::MIN, 7]),
        ];
        for (name, operands) in far {
            begin(machine, name, &operands);
            assert_eq!(
                machine.run_to_safepoint(),
                Outcome::Ended(Some(Trap::INVALID_ADDRESS))
            );
            let found = machine.bytes(START, SPACE.cast_signed() as i64);
            assert!(found == Ok(&space[..]), "{name} {operands:?}");
        }
    });
}

/// Seeks `pattern` in `text` and checks what is left against a search that tries every place.
fn check_search(text: &[u8], pattern: &[u8]) {
    let space = [text, pattern].concat();
    with_machine(&space, |machine| {
        let size = |bytes: &[u8]| bytes.len().cast_signed() as i64;
        let operands = [START, size(text), address(text.len()), size(pattern), 0];
        begin(machine, "(search)", &operands);
        assert_eq!((run(machine).0, machine.depth()), (None, 3));
        let place = (0..=text.len()).find(|at| text[*at..].starts_with(pattern));
        let found = machine.peek(0) == Ok(-1);
        assert_eq!(found, place.is_some());
        if let Some(at) = place {
            assert_eq!(machine.peek(2), Ok(address(at)));
            assert_eq!(machine.peek(1), Ok(size(&text[at..])));
        }
    });
}

/// Compares two strings of one length and checks where they first differ.
fn check_mismatch(first: &[u8], second: &[u8]) {
    let space = [first, second].concat();
    with_machine(&space, |machine| {
        let length = first.len().cast_signed() as i64;
        begin(
            machine,
            "(mismatch)",
            &[START, address(first.len()), length],
        );
        let (trap, stops) = run(machine);
        assert_eq!((trap, machine.depth()), (None, 3));
        let same = first.iter().zip(second).position(|(a, b)| a != b);
        let same = same.unwrap_or(first.len());
        assert!(stops <= same / PIECE, "a stop for each piece that is equal");
        assert_eq!(machine.peek(2), Ok(address(same)));
        assert_eq!(machine.peek(1), Ok(address(first.len() + same)));
        assert_eq!(machine.peek(0), Ok(length - same.cast_signed() as i64));
    });
}

#[test]
fn long_strings_are_found_and_compared_a_piece_at_a_time() {
    let text = [vec![b'a'; 2 * PIECE + 99], vec![b'b']].concat();
    for size in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
        check_search(&text, &text[text.len() - size..]);
        check_search(&text, &text[..size]);
    }
    check_search(&text, b"c");
    check_search(&text[..40], &text);
    for at in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
        let mut other = text.clone();
        other[at] ^= 1;
        check_mismatch(&text, &other);
    }
    check_mismatch(&text, &text);
    check_mismatch(b"", b"");
}

#[test]
fn strings_outside_data_space_are_refused() {
    with_machine(&[0; 100], |machine| {
        let end = START + i64::try_from(machine.data_length()).expect("it is small");
        let far: [(&str, &[i64]); 7] = [
            ("(mismatch)", &[START, end - 9, 10]),
            ("(mismatch)", &[START - 1, START, 10]),
            ("(mismatch)", &[START, START, -1]),
            ("(search)", &[START, i64::MAX, START, 1, 0]),
            ("(search)", &[START, 1, end - 9, 10, 0]),
            ("(search)", &[START, -1, START, 1, 0]),
            ("(search)", &[START, 1, START, i64::MIN, 0]),
        ];
        for (name, operands) in far {
            begin(machine, name, operands);
            let outcome = machine.run_to_safepoint();
            assert_eq!(outcome, Outcome::Ended(Some(Trap::INVALID_ADDRESS)));
        }
    });
}

fn near(edge: usize) -> impl Strategy<Value = usize> {
    (0..3 * edge).prop_map(|at| at)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_range_is_copied_as_if_through_a_buffer(
        from in near(PIECE),
        to in near(PIECE),
        length in prop_oneof![0..40_usize, near(PIECE), Just(PIECE), Just(2 * PIECE)],
    ) {
        check_move(from, to, length);
    }

    #[test]
    fn a_string_is_found_where_it_first_is(
        text in collection::vec(0..3_u8, 0..60),
        pattern in collection::vec(0..3_u8, 0..6),
        before in prop_oneof![Just(0), near(PIECE)],
    ) {
        let text = [vec![1; before], text].concat();
        check_search(&text, &pattern);
        check_search(&text, &[vec![1; before / 2], pattern].concat());
    }

    #[test]
    fn two_strings_differ_where_they_first_do(
        pairs in collection::vec((0..2_u8, 0..2_u8), 0..9),
        before in prop_oneof![Just(0), near(PIECE)],
    ) {
        let (first, second): (Vec<u8>, Vec<u8>) = pairs.into_iter().unzip();
        let before = vec![7; before];
        check_mismatch(&[before.as_slice(), &first].concat(), &[before.as_slice(), &second].concat());
    }
}
