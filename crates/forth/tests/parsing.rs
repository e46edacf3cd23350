//! PARSE, PARSE-NAME and WORD over bytes of any kind, beside a model in Rust.

mod support;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use std::fmt::Write as _;
use support::{Session, cases};

/// What a program does with its input.
#[derive(Clone, Copy, Debug)]
enum Step {
    Parse(u8),
    ParseName,
    Word(u8),
    /// Goes to this character, or behind the end.
    Goto(usize),
}

impl Step {
    fn source(self) -> String {
        match self {
            Self::Parse(delimiter) => format!("{delimiter} PARSE PLACE "),
            Self::ParseName => "PARSE-NAME PLACE ".to_owned(),
            Self::Word(delimiter) => format!("{delimiter} WORD TEXT "),
            Self::Goto(place) => format!("{place} >IN ! "),
        }
    }
}

/// A space stands for every blank and control character.
fn delimits(delimiter: u8, byte: u8) -> bool {
    byte == delimiter || delimiter == b' ' && byte < b' '
}

/// The input, and how far it has been taken.
struct Model<'a> {
    input: &'a [u8],
    at: usize,
    printed: String,
}

impl Model<'_> {
    /// Takes characters up to a delimiter, which is taken too; the place and length of the rest.
    fn up_to(&mut self, delimiter: u8) -> (usize, usize) {
        let start = self.at.min(self.input.len());
        let mut end = start;
        while end < self.input.len() && !delimits(delimiter, self.input[end]) {
            end += 1;
        }
        self.at = (end + 1).min(self.input.len());
        (start, end - start)
    }

    /// The same with a character of several bytes (18.6.2.2008), which is looked for whole.
    fn up_to_character(&mut self, delimiter: char) -> (usize, usize) {
        let delimiter = delimiter.to_string();
        let start = self.at.min(self.input.len());
        let mut end = start;
        while end < self.input.len() && !self.input[end..].starts_with(delimiter.as_bytes()) {
            end += 1;
        }
        self.at = (end + delimiter.len()).min(self.input.len());
        (start, end - start)
    }

    fn skip(&mut self, delimiter: u8) {
        self.at = self.at.min(self.input.len());
        while self.at < self.input.len() && delimits(delimiter, self.input[self.at]) {
            self.at += 1;
        }
    }

    fn step(&mut self, step: Step) {
        // A string takes what is written.
        let _ = match step {
            Step::Parse(delimiter) => {
                let (place, length) = match delimiter {
                    0..=0x7F => self.up_to(delimiter),
                    _ => self.up_to_character(delimiter.into()),
                };
                write!(self.printed, "{place} {length} {} ", self.at)
            }
            Step::ParseName => {
                self.skip(b' ');
                let (place, length) = self.up_to(b' ');
                write!(self.printed, "{place} {length} {} ", self.at)
            }
            Step::Word(delimiter) => {
                self.skip(delimiter);
                let (place, length) = self.up_to(delimiter);
                let text = &self.input[place..place + length];
                let sum = text
                    .iter()
                    .fold(0_u64, |sum, byte| (31 * sum + u64::from(*byte)) & 0xFF_FFFF);
                write!(self.printed, "{length} {sum} {} ", self.at)
            }
            Step::Goto(place) => {
                self.at = place;
                Ok(())
            }
        };
    }
}

/// Bytes in which delimiters are frequent, and the first and last of a character of two bytes.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        3 => prop_oneof![Just(b' '), Just(b';'), Just(b'\t'), Just(0), Just(0xFF)],
        1 => prop_oneof![Just(0xC3), Just(0xBF)],
        4 => b'a'..=b'e',
        1 => any::<u8>(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        byte().prop_map(Step::Parse),
        Just(Step::ParseName),
        byte().prop_map(Step::Word),
        (0..140_usize).prop_map(Step::Goto),
    ]
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn input_is_taken_apart_as_the_standard_says(
        bytes in collection::vec(byte(), 0..120),
        steps in collection::vec(step(), 1..20)
    ) {
        let mut session = Session::default();
        let mut define = |line: &str| session.line(line.to_owned(), "");
        define(": PLACE ( c-addr u -- ) SWAP SOURCE DROP - . . >IN @ . ;");
        define(": SUM ( c-addr u -- n ) 0 -ROT OVER + SWAP ?DO 31 * I C@ + $FFFFFF AND LOOP ;");
        define(": TEXT ( c-addr -- ) COUNT DUP . SUM . >IN @ . ;");
        let program: String = steps.iter().map(|step| step.source()).collect();
        define(&format!(": TRY {program}SOURCE >IN ! DROP ;"));
        // Interpreted, the input begins with the word that takes the rest of it apart.
        let input = [b"TRY ", &*bytes].concat();
        define("CREATE INPUT");
        for byte in &input {
            define(&format!("{byte} C,"));
        }
        let mut model = Model { input: &input, at: 4, printed: String::new() };
        for step in steps {
            model.step(step);
        }
        session.line(format!("INPUT {} EVALUATE", input.len()), model.printed.trim_end());
        session.check();
    }
}
