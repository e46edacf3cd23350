//! Bytes become characters and control sequences (ECMA-48; the state machine is the one of DEC's
//! terminals).
//!
//! The `vte` crate does this too, by way of `memchr`, whose arm64 code is for floating-point registers:
//! the compiler announces that it will refuse that for the kernel's target. This one needs no more
//! state than fits into a static, and knows no more than [`Terminal`](super::Terminal) asks for.

/// Most parameters that a sequence may have; more are dropped.
const PARAMETERS: usize = 16;

/// What bytes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action<'parser> {
    /// A character to be shown.
    Print(char),
    /// A control character, below 32.
    Control(u8),
    /// ESC and this byte.
    Escape(u8),
    /// A control sequence: CSI, parameters, this byte. `private` is the mark before the parameters, or
    /// 0.
    Sequence {
        /// `?` and the like, or 0.
        private: u8,
        /// The numbers.
        parameters: &'parser Parameters,
        /// What is to be done with them.
        function: u8,
    },
}

/// The numbers of a control sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    numbers: [u16; PARAMETERS],
    count: usize,
    /// A bit for each number that a colon joins to the one before.
    joined: u16,
}

impl Parameters {
    /// The parameters in order, each with the parts that colons separate. No parameter at all is one
    /// that is missing, which is 0.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u16]> {
        let end = self.count.min(PARAMETERS);
        let mut next = 0;
        core::iter::from_fn(move || {
            let start = next;
            if start > 0 && start >= end {
                return None;
            }
            next += 1;
            while next < end && self.joined & (1 << next) != 0 {
                next += 1;
            }
            self.numbers.get(start..next)
        })
    }

    /// The number at this place, 0 if it is missing.
    pub(super) fn number(&self, place: usize) -> usize {
        let parameter = self.iter().nth(place);
        usize::from(parameter.and_then(<[u16]>::first).copied().unwrap_or(0))
    }

    fn digit(&mut self, digit: u8) {
        self.count = self.count.max(1);
        if let Some(number) = self.numbers.get_mut(self.count - 1) {
            *number = number.saturating_mul(10).saturating_add(u16::from(digit));
        }
    }

    fn separate(&mut self, joined: bool) {
        self.count = self.count.max(1);
        if joined && self.count < PARAMETERS {
            self.joined |= 1 << self.count;
        }
        // Numbers beyond the last place go nowhere.
        self.count = (self.count + 1).min(PARAMETERS + 1);
    }
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Text.
    Ground,
    /// ESC; whether an intermediate byte has come, which makes it a sequence that nobody knows.
    Escape { unknown: bool },
    /// CSI.
    Sequence { private: u8, unknown: bool },
    /// A control string, such as a window's title, which nobody wants.
    String,
}

/// Where the stream stands.
#[derive(Debug)]
pub(super) struct Parser {
    state: State,
    parameters: Parameters,
    /// The beginning of a UTF-8 character.
    partial: [u8; 4],
    length: usize,
}

const ESCAPE: u8 = 0x1B;
/// Both end whatever sequence they are in.
const CANCEL: u8 = 0x18;
const SUBSTITUTE: u8 = 0x1A;
const BELL: u8 = 0x07;
const DELETE: u8 = 0x7F;

impl Parser {
    /// At the beginning of a stream.
    pub(super) const fn new() -> Self {
        Self {
            state: State::Ground,
            parameters: Parameters {
                numbers: [0; PARAMETERS],
                count: 0,
                joined: 0,
            },
            partial: [0; 4],
            length: 0,
        }
    }

    /// Takes bytes, and hands what they mean to `act`.
    pub(super) fn advance(&mut self, bytes: &[u8], act: &mut impl FnMut(Action<'_>)) {
        for byte in bytes {
            self.take(*byte, act);
        }
    }

    fn take(&mut self, byte: u8, act: &mut impl FnMut(Action<'_>)) {
        if self.length > 0 || self.state == State::Ground && byte >= 0x80 {
            return self.take_part(byte, act);
        }
        match (self.state, byte) {
            (_, ESCAPE) => self.state = State::Escape { unknown: false },
            (_, CANCEL | SUBSTITUTE) => self.state = State::Ground,
            (State::String, BELL) => self.state = State::Ground,
            (State::String, _) | (_, DELETE..) => {}
            (_, ..0x20) => act(Action::Control(byte)),
            (State::Ground, _) => act(Action::Print(char::from(byte))),
            (State::Escape { .. }, 0x20..0x30) => self.state = State::Escape { unknown: true },
            (State::Escape { unknown }, _) => self.end_escape(unknown, byte, act),
            (State::Sequence { private, unknown }, _) => {
                self.take_in_sequence(private, unknown, byte, act);
            }
        }
    }

    fn end_escape(&mut self, unknown: bool, byte: u8, act: &mut impl FnMut(Action<'_>)) {
        self.state = match byte {
            b'[' if !unknown => {
                self.parameters = Parameters::default();
                State::Sequence {
                    private: 0,
                    unknown: false,
                }
            }
            b']' | b'P' | b'X' | b'^' | b'_' if !unknown => State::String,
            _ => State::Ground,
        };
        if self.state == State::Ground && !unknown {
            act(Action::Escape(byte));
        }
    }

    fn take_in_sequence(
        &mut self,
        private: u8,
        unknown: bool,
        byte: u8,
        act: &mut impl FnMut(Action<'_>),
    ) {
        match byte {
            b'0'..=b'9' => self.parameters.digit(byte - b'0'),
            b';' | b':' => self.parameters.separate(byte == b':'),
            b'<'..=b'?' if self.parameters.count == 0 && private == 0 => {
                self.state = State::Sequence {
                    private: byte,
                    unknown,
                };
            }
            0x20..0x40 => {
                self.state = State::Sequence {
                    private,
                    unknown: true,
                };
            }
            function => {
                self.state = State::Ground;
                if !unknown {
                    act(Action::Sequence {
                        private,
                        parameters: &self.parameters,
                        function,
                    });
                }
            }
        }
    }

    /// A byte of a character of several; what is no UTF-8 is shown as U+FFFD.
    fn take_part(&mut self, byte: u8, act: &mut impl FnMut(Action<'_>)) {
        self.partial[self.length] = byte;
        self.length += 1;
        match str::from_utf8(&self.partial[..self.length]) {
            Ok(text) => {
                let character = text.chars().next();
                self.length = 0;
                act(Action::Print(
                    character.unwrap_or(char::REPLACEMENT_CHARACTER),
                ));
            }
            Err(error) => {
                if let Some(bad) = error.error_len() {
                    let is_next = self.length > bad;
                    self.length = 0;
                    act(Action::Print(char::REPLACEMENT_CHARACTER));
                    // The byte that does not fit may begin something itself.
                    if is_next {
                        self.take(byte, act);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What bytes mean, written down.
    fn meaning(bytes: &[u8]) -> String {
        let mut meaning = String::new();
        Parser::new().advance(bytes, &mut |action| {
            meaning += &match action {
                Action::Print(character) => character.to_string(),
                Action::Control(byte) => format!("<{byte}>"),
                Action::Escape(byte) => format!("<ESC {}>", char::from(byte)),
                Action::Sequence {
                    private,
                    parameters,
                    function,
                } => {
                    let private = private.escape_ascii().to_string();
                    let numbers: Vec<&[u16]> = parameters.iter().collect();
                    format!("<{private} {numbers:?} {}>", char::from(function))
                }
            };
        });
        meaning.replace("\\x00 ", "")
    }

    #[test]
    fn text_and_control_characters_pass() {
        assert_eq!(meaning(b"a\r\nb\x07"), "a<13><10>b<7>");
        assert_eq!(meaning("äö€\u{1F600}".as_bytes()), "äö€\u{1F600}");
        assert_eq!(meaning(b"a\x7Fb"), "ab");
    }

    #[test]
    fn bad_utf8_is_replaced_and_eats_nothing() {
        assert_eq!(meaning(b"\xFFa"), "\u{FFFD}a");
        assert_eq!(meaning(b"\xE2\x82a"), "\u{FFFD}a");
        assert_eq!(meaning(b"\xE2\x82\xC3\xA4"), "\u{FFFD}ä");
        assert_eq!(meaning(b"\xE2\x1B[mx"), "\u{FFFD}<[[0]] m>x");
        assert_eq!(meaning(b"\xF0\x9F\x98"), "");
    }

    #[test]
    fn sequences_have_parameters() {
        assert_eq!(meaning(b"\x1B[m"), "<[[0]] m>");
        assert_eq!(meaning(b"\x1B[1;31m"), "<[[1], [31]] m>");
        assert_eq!(meaning(b"\x1B[;5H"), "<[[0], [5]] H>");
        assert_eq!(meaning(b"\x1B[38:5:9;1m"), "<[[38, 5, 9], [1]] m>");
        assert_eq!(meaning(b"\x1B[?25l"), "<? [[25]] l>");
        assert_eq!(meaning(b"\x1B[99999A"), "<[[65535]] A>");
        let many = meaning(b"\x1B[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17:18;19m");
        assert!(many.ends_with("[15], [16]] m>"), "{many}");
        assert_eq!(meaning(b"\x1B7\x1B8"), "<ESC 7><ESC 8>");
    }

    #[test]
    fn control_characters_act_inside_sequences_and_some_end_them() {
        assert_eq!(meaning(b"\x1B[3\nA"), "<10><[[3]] A>");
        assert_eq!(meaning(b"\x1B[3\x18A"), "A");
        assert_eq!(meaning(b"\x1B[3\x1B[4A"), "<[[4]] A>");
    }

    #[test]
    fn what_nobody_knows_is_swallowed_as_a_whole() {
        assert_eq!(meaning(b"\x1B]0;title\x07a"), "a");
        assert_eq!(meaning(b"\x1B]0;title\x1B\\a"), "<ESC \\>a");
        assert_eq!(meaning(b"\x1BP1$r\xFF\x1B\\a"), "<ESC \\>a");
        assert_eq!(meaning(b"\x1B(Ba\x1B[1$zb\x1B[1?2hc\x1B[!pd"), "abcd");
    }
}
