//! Line tables: what is written is read back, and nothing else is accepted.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use stele_bytecode::function::MAX_WORDS;
use stele_bytecode::lines::{Encoder, Line, Lines, MAX_ENTRY, Position};

fn at(word: u32, source: u32, line: u32, column: u32) -> Line {
    Line {
        word,
        position: Position {
            source,
            line,
            column,
        },
    }
}

fn encode(lines: &[Line]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let mut bytes = Vec::new();
    for line in lines {
        bytes.extend_from_slice(encoder.append(*line).bytes());
    }
    bytes
}

fn reason(bytes: &[u8], words: u32) -> (usize, &'static str) {
    let error = Lines::read(bytes, words).expect_err("no table");
    (error.offset, error.reason)
}

#[test]
fn a_line_of_source_after_another_takes_three_bytes() {
    let lines = [at(0, 0, 1, 0), at(5, 0, 2, 4), at(9, 0, 2, 12)];
    assert_eq!(encode(&lines), [0, 2, 0, 10, 2, 4, 8, 0, 12]);
}

#[test]
fn an_instruction_has_the_position_of_the_last_entry_before_it() {
    let bytes = encode(&[at(2, 1, 10, 3), at(6, 1, 11, 0)]);
    let lines = Lines::read(&bytes, 8).expect("a table");
    assert_eq!(lines.position(1), None);
    assert_eq!(lines.position(2), Some(at(2, 1, 10, 3).position));
    assert_eq!(lines.position(5), Some(at(2, 1, 10, 3).position));
    assert_eq!(lines.position(7), Some(at(6, 1, 11, 0).position));
    assert_eq!(Lines::EMPTY.position(0), None);
}

#[test]
fn what_the_table_says_already_adds_nothing() {
    let mut encoder = Encoder::new();
    assert!(!encoder.append(at(3, 0, 1, 1)).bytes().is_empty());
    for line in [at(3, 0, 9, 9), at(2, 0, 9, 9), at(4, 0, 1, 1)] {
        assert_eq!(encoder.append(line).bytes(), [], "{line:?}");
    }
    assert_eq!(
        encoder.append(at(MAX_WORDS as u32, 0, 2, 2)).bytes(),
        [],
        "no function has that word"
    );
}

#[test]
fn the_largest_numbers_have_their_place() {
    let last = at(MAX_WORDS as u32 - 1, u32::MAX, u32::MAX, u32::MAX);
    let lines = [last];
    let bytes = encode(&lines);
    assert!(bytes.len() <= MAX_ENTRY);
    let table = Lines::read(&bytes, MAX_WORDS as u32).expect("a table");
    assert_eq!(table.iter().collect::<Vec<_>>(), lines);
}

#[test]
fn every_other_form_is_refused_with_its_place() {
    assert_eq!(reason(&[0x80], 9), (0, "the table is cut off"));
    assert_eq!(reason(&[0, 2], 9), (2, "the table is cut off"));
    assert_eq!(
        reason(&[0x80, 0, 2, 0], 9),
        (0, "the number is longer than it must be")
    );
    assert_eq!(
        reason(&[0, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0], 9),
        (2, "the number is out of range")
    );
    assert_eq!(
        reason(&[0, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], 9),
        (2, "the number is out of range")
    );
    assert_eq!(reason(&[0, 1, 0], 9), (0, "the line is out of range"));
    assert_eq!(
        reason(&[1, 0, 2, 0], 9),
        (0, "the entry changes the source to the same")
    );
    assert_eq!(
        reason(&[0, 2, 0, 0, 2, 0], 9),
        (3, "two entries are for one word")
    );
    assert_eq!(
        reason(&[0, 2, 0, 2, 0, 0], 9),
        (3, "two entries in a row have one position")
    );
    assert_eq!(
        reason(&[18, 2, 0], 9),
        (0, "the entry lies behind the code")
    );
    assert_eq!(
        reason(&[0x80, 0x80, 8, 2, 0], u32::MAX),
        (0, "the entry lies behind the longest code")
    );
}

fn any_lines() -> impl Strategy<Value = Vec<Line>> {
    let small = (1..40u32, 0..3u32, 0..50u32, 0..90u32);
    let wild = (1..5000u32, any::<u32>(), any::<u32>(), any::<u32>());
    vec(proptest::prop_oneof![4 => small, 1 => wild], 0..40).prop_map(|steps| {
        let mut word = 0;
        let mut lines: Vec<Line> = Vec::new();
        for (step, source, line, column) in steps {
            let next = at(word, source, line, column);
            let repeated = lines.last().is_some_and(|l| l.position == next.position);
            if !repeated && (word as usize) < MAX_WORDS {
                lines.push(next);
            }
            word += step;
        }
        lines
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(lines in any_lines()) {
        let bytes = encode(&lines);
        let table = Lines::read(&bytes, MAX_WORDS as u32).expect("a table");
        prop_assert_eq!(table.iter().collect::<Vec<_>>(), lines.clone());
        for word in 0..2000 {
            let expected = lines.iter().rev().find(|line| line.word <= word);
            prop_assert_eq!(table.position(word), expected.map(|line| line.position));
        }
    }

    #[test]
    fn a_table_goes_on_where_it_ended(lines in any_lines(), cut in 0..40usize) {
        let cut = cut.min(lines.len());
        let mut bytes = encode(&lines[..cut]);
        let mut encoder = Lines::read(&bytes, MAX_WORDS as u32).expect("a table").encoder();
        for line in &lines[cut..] {
            bytes.extend_from_slice(encoder.append(*line).bytes());
        }
        prop_assert_eq!(bytes, encode(&lines));
    }

    #[test]
    fn bytes_that_are_accepted_are_what_the_encoder_writes(
        bytes in vec(proptest::prop_oneof![3 => 0..20u8, 1 => any::<u8>()], 0..40),
        words in 0..200u32,
    ) {
        if let Ok(table) = Lines::read(&bytes, words) {
            let lines: Vec<_> = table.iter().collect();
            prop_assert!(lines.iter().all(|line| line.word < words));
            prop_assert_eq!(encode(&lines), bytes);
        }
    }

    #[test]
    fn a_damaged_table_is_refused_or_canonical(
        lines in any_lines(), at in any::<proptest::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = encode(&lines);
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(table) = Lines::read(&bytes, MAX_WORDS as u32) {
            prop_assert_eq!(encode(&table.iter().collect::<Vec<_>>()), bytes);
        }
    }
}
