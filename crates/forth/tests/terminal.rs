//! Terminals: keyboard events from what they send, and what they are sent.

use stele_forth::{Mode, PRIMITIVES, prepare};
use stele_hal::{Console, Devices, Files, Input, Time};
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, World};

/// A console at which bytes are typed; what is written is kept.
struct Typed {
    input: std::collections::VecDeque<u8>,
    written: String,
}

impl Console for Typed {
    fn write(&mut self, bytes: &[u8]) {
        self.written += &String::from_utf8_lossy(bytes);
    }

    fn read(&mut self) -> Input {
        // A byte of 0 is where a person pauses; no key sends it here.
        match self.input.pop_front() {
            Some(0) => Input::Empty,
            byte => byte.map_or(Input::Closed, Input::Byte),
        }
    }

    fn has_input(&mut self) -> bool {
        self.input.front().is_some_and(|byte| *byte != 0)
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Typed {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Typed {}
impl Files for Typed {}

/// What a program prints that reads `keys` after its line has been typed.
fn printed(program: &str, keys: &[u8]) -> String {
    let mut region = vec![0; (4 << 20) / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let mut console = Typed {
        input: [program.as_bytes(), b"\n", keys].concat().into(),
        written: String::new(),
    };
    let (mut processor, mut bindings) = (Processor::new(), Bindings::new());
    let door = Door {
        outside: &mut console,
        bindings: &mut bindings,
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("it was just made");
    let mode = Mode {
        quiet: true,
        ..Mode::default()
    };
    prepare(&mut machine, mode).expect("there is room");
    loop {
        match machine.run(1 << 20) {
            Outcome::Preempted | Outcome::Waiting(_) => {}
            Outcome::Bye(_) => break,
            other => panic!("{program}\nended with {other:?}"),
        }
    }
    console.written
}

/// The key that an event is, as EKEY>FKEY tells.
fn function_key(keys: &[u8]) -> String {
    let told = printed("EKEY EKEY>FKEY . .", keys);
    told.trim().to_owned()
}

#[test]
fn sequences_of_terminals_are_events_of_keys() {
    for (sequence, key) in [
        ("[A", 1),
        ("[B", 2),
        ("[C", 3),
        ("[D", 4),
        ("OA", 1),
        ("OD", 4),
        ("[H", 5),
        ("[F", 6),
        ("OH", 5),
        ("OF", 6),
        ("[1~", 5),
        ("[4~", 6),
        ("[7~", 5),
        ("[8~", 6),
        ("[2~", 7),
        ("[3~", 8),
        ("[5~", 9),
        ("[6~", 10),
        ("OP", 17),
        ("OQ", 18),
        ("OR", 19),
        ("OS", 20),
        ("[11~", 17),
        ("[15~", 21),
        ("[17~", 22),
        ("[21~", 26),
        ("[23~", 27),
        ("[24~", 28),
        ("[1;2A", 1 + 256),
        ("[1;3B", 2 + 512),
        ("[1;5C", 3 + 1024),
        ("[1;8D", 4 + 256 + 512 + 1024),
        ("[3;5~", 8 + 1024),
        ("[15;2~", 21 + 256),
        ("[1;2P", 17 + 256),
    ] {
        let found = function_key(format!("\x1b{sequence}").as_bytes());
        assert_eq!(found, format!("-1 {key}"), "ESC {sequence}");
    }
}

#[test]
fn characters_are_events_of_characters() {
    let told = "EKEY DUP EKEY>CHAR . DROP EKEY>XCHAR . .";
    assert_eq!(printed(told, b"A").trim(), "-1 -1 65");
    assert_eq!(printed(told, "é".as_bytes()).trim(), "0 -1 233");
    assert_eq!(printed(told, "😀".as_bytes()).trim(), "0 -1 128512");
    assert_eq!(
        printed("XKEY . XKEY . KEY .", "€é!".as_bytes()).trim(),
        "8364 233 33"
    );
}

#[test]
fn escape_alone_is_a_character_and_what_follows_later_is_another() {
    assert_eq!(printed("EKEY . EKEY .", b"\x1b\0\0A").trim(), "27 65");
}

#[test]
fn what_is_neither_a_character_nor_a_known_key_is_an_event_all_the_same() {
    for keys in [
        "\x1b[9z",
        "\x1b[99~",
        "\x1bx",
        "\x1bOz",
        "\x1b[;;;1;2y",
        "\x1b[99999999999999999999~",
    ] {
        let told = printed(
            "EKEY DUP EKEY>FKEY . DROP EKEY>XCHAR . DROP",
            keys.as_bytes(),
        );
        assert_eq!(told.trim(), "0 0", "{keys:?}");
    }
}

#[test]
fn bytes_that_are_no_character_are_refused() {
    for keys in [&b"\x80"[..], b"\xff", b"\xc3A", b"\xe2\x82A", b"\xf8"] {
        assert_eq!(printed("' XKEY CATCH .", keys).trim(), "-77", "{keys:?}");
    }
}

#[test]
fn the_cursor_is_moved_and_the_screen_cleared_by_the_sequences_of_terminals() {
    let told = printed("0 0 AT-XY 10 3 AT-XY HEX A 3 AT-XY PAGE", b"");
    assert_eq!(told, "\x1b[1;1H\x1b[4;11H\x1b[4;11H\x1b[2J\x1b[H");
}

#[test]
fn what_has_been_typed_can_be_asked_for_without_waiting() {
    let asked = "KEY? . XKEY? . EKEY? . KEY DROP";
    assert_eq!(printed(asked, b"x").trim(), "-1 -1 -1");
    assert_eq!(printed(asked, b"\0\0\0x").trim(), "0 0 0");
}

#[test]
fn words_of_older_forths_read_lines() {
    let told = "PAD 10 EXPECT SPAN @ . PAD SPAN @ TYPE";
    assert_eq!(printed(told, b"hello\n").trim(), "5 hello");
    assert_eq!(printed("?TERMINAL . KEY DROP", b"\0x").trim(), "0");
    assert_eq!(
        printed(": T QUERY INTERPRET TIB #TIB @ TYPE ; T", b"1 2 + .\n").trim(),
        "3 1 2 + ."
    );
    assert_eq!(
        printed("VERSION", b"").trim(),
        concat!("Stele VM v", env!("CARGO_PKG_VERSION"))
    );
}
