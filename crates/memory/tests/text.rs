//! The text form: what is printed is read back, and any bytes are read or refused with a place.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use proptest::prelude::*;
use stele_memory::{
    Arena, CodeRef, Heap, LEAST_PRINT_ROOM, Local, Printing, ReadReason, Reading, Root, Session,
};

use support::{Model, config, models};

const SMALL: usize = if cfg!(miri) { 1 << 14 } else { 1 << 18 };

fn in_session(words: usize, test: impl FnOnce(&mut Session<'_>)) {
    let mut region = vec![0; words];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let mut heap = Heap::empty();
    {
        // SAFETY: a new heap, one session.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        test(&mut session);
        assert_eq!(
            session.heap_statistics().scratch,
            0,
            "scratch blocks are left"
        );
    }
    heap.verify(&mut arena, &[] as &[&Root; 0]).unwrap();
}

fn print(session: &Session<'_>, value: Local<'_>) -> String {
    let mut printing = Printing::new();
    let mut text = Vec::new();
    let mut buffer = [0; 200];
    loop {
        let mut units = u64::MAX;
        let (length, done) = session
            .print_step(&mut printing, value, &mut buffer, &mut units)
            .unwrap();
        text.extend_from_slice(&buffer[..length]);
        if done {
            return String::from_utf8(text).unwrap();
        }
    }
}

fn vector_of<'a>(session: &'a Session<'_>, elements: &[Local<'a>]) -> Local<'a> {
    elements
        .iter()
        .fold(session.vector().unwrap(), |vector, element| {
            session.vector_push(vector, *element).unwrap()
        })
}

#[test]
fn every_kind_has_the_form_that_is_documented() {
    in_session(SMALL, |session| {
        let integer = |integer| session.integer(integer).unwrap();
        let float = |float| session.float(float).unwrap();
        let text = |text| session.text(text).unwrap();
        let vector = |elements| vector_of(session, elements);
        let map = session
            .map_insert(session.map().unwrap(), integer(1), text("one"))
            .unwrap();
        let set = session
            .set_insert(session.set().unwrap(), vector(&[]))
            .unwrap();
        for (value, form) in [
            (session.nil(), "nil"),
            (session.boolean(true), "true"),
            (session.boolean(false), "false"),
            (integer(-42), "-42"),
            (integer(i64::MIN), "-9223372036854775808"),
            (float(1.0), "1.0"),
            (float(-0.0), "-0.0"),
            (float(0.1), "0.1"),
            (float(1e300), "1e300"),
            (float(5e-324), "5e-324"),
            (float(f64::NAN), "##NaN"),
            (float(f64::INFINITY), "##Inf"),
            (float(f64::NEG_INFINITY), "##-Inf"),
            (session.character('a'), "\\a"),
            (session.character(' '), "\\space"),
            (session.character('\n'), "\\newline"),
            (session.character('['), "\\["),
            (session.character('\u{7}'), "\\u0007"),
            (session.character('🗿'), "\\🗿"),
            (
                text("a \"quoted\" \\ word\n\u{1}é"),
                r#""a \"quoted\" \\ word\n\u0001é""#,
            ),
            (
                session.bytes(&[0, 255, 16]).unwrap(),
                "#stele/bytes \"00ff10\"",
            ),
            (session.capability(8).unwrap(), "#stele/capability 8"),
            (session.code(CodeRef(9)), "#stele/code 9"),
            (vector(&[integer(1), vector(&[]), text("")]), "[1 [] \"\"]"),
            (
                session.record(3, &[integer(1), text("a")]).unwrap(),
                "#stele/record [3 1 \"a\"]",
            ),
            (session.record(3, &[]).unwrap(), "#stele/record [3]"),
            (map, "{1 \"one\"}"),
            (session.map().unwrap(), "{}"),
            (set, "#{[]}"),
        ] {
            assert_eq!(print(session, value), form);
            let read = session.read(form.as_bytes()).unwrap();
            assert!(session.identical(read, value).unwrap(), "{form}");
        }
    });
}

#[test]
fn white_space_commas_and_comments_separate() {
    in_session(SMALL, |session| {
        let plain = session.read(b"[1 2 {3 4}]").unwrap();
        let other = session
            .read(b" ; a comment\n[+1,,2\t{3\r\n4,}];[ \n ")
            .unwrap();
        assert!(session.identical(plain, other).unwrap());
        let adjacent = session.read(b"[\"a\"\"b\"\\c[]#{}nil]").unwrap();
        assert_eq!(session.vector_len(adjacent), Some(6));
    });
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    in_session(SMALL, |session| {
        for (text, at, reason) in [
            (&b""[..], 0, ReadReason::NothingToRead),
            (b" ; nothing", 10, ReadReason::NothingToRead),
            (b"[1 2", 4, ReadReason::Unfinished("a vector")),
            (b"{1 #{2}", 7, ReadReason::Unfinished("a map")),
            (b"[ \"abc", 2, ReadReason::Unfinished("text")),
            (b"\"abc\\", 0, ReadReason::Unfinished("text")),
            (
                b"#stele/atom",
                11,
                ReadReason::Unfinished("a tagged element"),
            ),
            (b"\\", 0, ReadReason::Unfinished("a character")),
            (b"]", 0, ReadReason::Unmatched(']')),
            (b"[1}", 2, ReadReason::Unmatched('}')),
            (b"#stele/atom ]", 12, ReadReason::Unmatched(']')),
            (b"(1)", 0, ReadReason::Unexpected(b'(')),
            (b"\x01", 0, ReadReason::Unexpected(1)),
            (b"nile", 0, ReadReason::UnknownWord),
            (b":key", 0, ReadReason::UnknownWord),
            (b"1x", 0, ReadReason::MalformedNumber),
            (b"1.", 0, ReadReason::MalformedNumber),
            (b"1e", 0, ReadReason::MalformedNumber),
            (b"--1", 0, ReadReason::UnknownWord),
            (b"9223372036854775808", 0, ReadReason::NumberTooLarge),
            (b"1e999", 0, ReadReason::NumberTooLarge),
            (b"\\nope", 0, ReadReason::UnknownCharacter),
            (b"\\ud800", 0, ReadReason::UnknownCharacter),
            (b"\"\\q\"", 0, ReadReason::UnknownEscape),
            (b"\"\\u12\"", 0, ReadReason::UnknownEscape),
            (b"\"\xFF\"", 0, ReadReason::NotText),
            (b"\xFF\xFF", 0, ReadReason::NotText),
            (b"\\\xFF", 0, ReadReason::NotText),
            (b"#inst \"now\"", 0, ReadReason::UnknownTag),
            (
                b"#stele/bytes \"abc\"",
                13,
                ReadReason::WrongTagged("an even number of hexadecimal digits"),
            ),
            (
                b"#stele/bytes 5",
                13,
                ReadReason::WrongTagged("text of hexadecimal digits"),
            ),
            (
                b"#stele/capability -1",
                18,
                ReadReason::WrongTagged("a number below 2^60"),
            ),
            (b"#stele/atom 1", 12, ReadReason::NameOfAtom),
            (
                b"#stele/code 4294967296",
                12,
                ReadReason::WrongTagged("a number below 2^32"),
            ),
            (b"{1 2 3}", 6, ReadReason::KeyWithoutValue),
            (b"{1 2, 1.0 4}", 10, ReadReason::Duplicate),
            (b"#{[1] [1.0]}", 10, ReadReason::Duplicate),
            (b"1 2", 2, ReadReason::MoreText),
        ] {
            let error = session.read(text).unwrap_err();
            assert_eq!(
                (error.at, error.reason),
                (at, reason),
                "{}",
                text.escape_ascii()
            );
            assert!(!error.to_string().is_empty());
        }
        let error = session.read(b"#stele/record [65536]").unwrap_err();
        assert_eq!(
            error.to_string(),
            "text, byte 20: this tag needs a vector that begins with a type below 65536 behind it"
        );
    });
}

/// Bytes of which much looks like text of values.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        "#{",
        "\"",
        "\\",
        "1",
        "-",
        "e9",
        ".5",
        "nil",
        " ",
        ",",
        ";",
        "\n",
        "#stele/bytes",
        "#stele/atom ",
        "#stele/record ",
        "##NaN",
        "##Inf",
        "u0041",
        "space",
        "é",
        "\"\"",
        "[]",
        "{}",
        "0",
        "true",
    ];
    let piece = prop_oneof![
        20 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn what_is_printed_is_read_back(model in models(), units in prop_oneof![Just(if cfg!(miri) { 60u64 } else { 1 }), 2u64..300], room in LEAST_PRINT_ROOM..300) {
        in_session(SMALL, |session| {
            let mut root = Root::NIL;
            let made = model.make(session);
            session.store(&mut root, made);
            let mut printing = Printing::new();
            let mut text = Vec::new();
            loop {
                let mut buffer = vec![0; room];
                let mut left = units;
                let (length, done) = session
                    .print_step(&mut printing, session.load(&root), &mut buffer, &mut left)
                    .unwrap();
                text.extend_from_slice(&buffer[..length]);
                // SAFETY: this is the only root.
                unsafe { session.collect_everything(&mut [&mut root]) }.unwrap();
                if done {
                    break;
                }
            }
            let mut reading = Reading::new();
            loop {
                let mut left = units;
                if let Some(read) = session.read_step(&mut reading, &text, &mut left).unwrap() {
                    assert!(session.identical(read, session.load(&root)).unwrap());
                    break;
                }
                // SAFETY: this is the only root.
                unsafe { session.collect_everything(&mut [&mut root]) }.unwrap();
            }
            assert_eq!(reading.position(), text.len() as u64);
        });
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in prop_oneof![
        3 => soup(),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]) {
        in_session(if cfg!(miri) { SMALL } else { 1 << 14 }, |session| match session.read(&bytes) {
            Err(error) => assert!(error.at <= bytes.len() as u64),
            Ok(value) => {
                let form = print(session, value);
                let again = session.read(form.as_bytes()).unwrap();
                assert!(session.identical(again, value).unwrap());
            }
        });
    }
}

#[test]
fn a_million_levels_are_printed_and_read() {
    let depth = if cfg!(miri) { 60 } else { 1_000_000 };
    in_session(if cfg!(miri) { 1 << 16 } else { 1 << 26 }, |session| {
        let text = format!("{}1{}", "[2 ".repeat(depth), "]".repeat(depth));
        let value = session.read(text.as_bytes()).unwrap();
        assert_eq!(print(session, value), text);
        let tags = "#{".repeat(depth) + &"}".repeat(depth);
        let set = session.read(tags.as_bytes()).unwrap();
        assert_eq!(print(session, set), tags);
        let open = session.read("{1 ".repeat(depth).as_bytes()).unwrap_err();
        assert_eq!(open.at, 3 * depth as u64);
    });
}

#[test]
fn running_out_of_room_while_reading_loses_nothing() {
    in_session(1 << 13, |session| {
        let long = format!("[{}]", "\"0123456789\" ".repeat(2000));
        let error = session.read(long.as_bytes()).unwrap_err();
        assert!(
            matches!(error.reason, ReadReason::OutOfMemory(_)),
            "{error}"
        );
        assert!(error.at < long.len() as u64);
    });
}

#[test]
fn all_values_are_made_of_the_model() {
    // The model is used by other tests; here it is read back once for every kind it has.
    in_session(SMALL, |session| {
        let value = session
            .read(b"[nil true 1 1.5 \\a \"t\" #stele/bytes \"00\" {1 2} #{3}]")
            .unwrap();
        let model = Model::read(session, value);
        assert!(model.identical(&Model::read(session, model.make(session))));
    });
}
