//! The words of the boot command line.

/// A fault to provoke on purpose, to see that it explains itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A panic in Rust code.
    Panic,
    /// A write to an address where nothing is mapped.
    PageFault,
    /// An instruction that does not exist.
    InvalidInstruction,
    /// An access that the processor forbids for another reason than a missing page.
    Protection,
    /// Recursion without end.
    StackOverflow,
    /// A fault whose handler cannot be called.
    DoubleFault,
}

impl Fault {
    /// Every fault, with its name on the command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("panic", Self::Panic),
        ("page-fault", Self::PageFault),
        ("invalid-instruction", Self::InvalidInstruction),
        ("protection", Self::Protection),
        ("stack-overflow", Self::StackOverflow),
        ("double-fault", Self::DoubleFault),
    ];
}

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'line> {
    /// `qemu-exit`: end the emulator instead of halting.
    QemuExit,
    /// `self-test`: check what takes longer than a boot should.
    SelfTest,
    /// `provoke=FAULT`: have this fault once everything is initialised.
    Provoke(Fault),
    /// Anything else, which does nothing.
    Unknown(&'line str),
}

/// The words of `line`. Bytes that are not UTF-8 end the line: what precedes them counts.
pub fn words(line: &[u8]) -> impl Iterator<Item = Word<'_>> {
    let text = match core::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or_default(),
    };
    text.split_whitespace().map(word)
}

fn word(text: &str) -> Word<'_> {
    match text {
        "qemu-exit" => Word::QemuExit,
        "self-test" => Word::SelfTest,
        _ => text
            .strip_prefix("provoke=")
            .and_then(|name| Fault::ALL.iter().find(|(known, _)| *known == name))
            .map_or(Word::Unknown(text), |(_, fault)| Word::Provoke(*fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(line: &[u8]) -> Vec<Word<'_>> {
        words(line).collect()
    }

    #[test]
    fn words_are_separated_by_any_white_space() {
        assert_eq!(
            all(b" qemu-exit\r\n\tprovoke=page-fault  "),
            [Word::QemuExit, Word::Provoke(Fault::PageFault)]
        );
        assert_eq!(all(b""), []);
    }

    #[test]
    fn an_unknown_word_is_reported_as_it_is() {
        assert_eq!(
            all(b"quiet provoke=tea"),
            [Word::Unknown("quiet"), Word::Unknown("provoke=tea")]
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_end_the_line() {
        assert_eq!(all(b"qemu-exit \xFF provoke=panic"), [Word::QemuExit]);
    }
}
