//! The words of the boot command line.

use core::fmt;

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
    /// An interrupt handler that allocates: noticed where debug assertions are on.
    AllocateInInterrupt,
    /// A turn that does not end.
    EndlessTurn,
    /// A panic in the code that draws the screen.
    PanicInScreen,
    /// A panic whose report faults.
    PanicTwice,
}

impl Fault {
    /// Every fault, with its name on the command line.
    pub const ALL: [(&'static str, Self); 10] = [
        ("panic", Self::Panic),
        ("page-fault", Self::PageFault),
        ("invalid-instruction", Self::InvalidInstruction),
        ("protection", Self::Protection),
        ("stack-overflow", Self::StackOverflow),
        ("double-fault", Self::DoubleFault),
        ("allocate-in-interrupt", Self::AllocateInInterrupt),
        ("endless-turn", Self::EndlessTurn),
        ("panic-in-screen", Self::PanicInScreen),
        ("panic-twice", Self::PanicTwice),
    ];

    /// False for what an interrupt handler cannot have, or has in another way.
    fn strikes_anywhere(self) -> bool {
        !matches!(self, Self::AllocateInInterrupt | Self::EndlessTurn)
    }
}

/// When to have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Once everything is initialised.
    Boot,
    /// In an interrupt that strikes while a VM runs.
    Interrupt,
}

/// A clock that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// The time-stamp counter alone.
    Tsc,
    /// The high precision event timer.
    Hpet,
    /// The ACPI power-management timer.
    PmTimer,
}

impl ClockSource {
    /// Every clock, with its name on the command line.
    pub const ALL: [(&'static str, Self); 3] = [
        ("tsc", Self::Tsc),
        ("hpet", Self::Hpet),
        ("pm-timer", Self::PmTimer),
    ];
}

impl fmt::Display for ClockSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tsc => "tsc",
            Self::Hpet => "hpet",
            Self::PmTimer => "pm-timer",
        })
    }
}

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'line> {
    /// `qemu-exit`: end the emulator instead of halting.
    QemuExit,
    /// `self-test`: check what takes longer than a boot should.
    SelfTest,
    /// `provoke=FAULT` or `provoke=FAULT@interrupt`: have this fault at this moment.
    Provoke(Fault, Moment),
    /// `log=com2`: what the kernel says goes to the second serial port too.
    Log,
    /// `clock=SOURCE`: use this clock, if the machine has it.
    Clock(ClockSource),
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
        "log=com2" => Word::Log,
        _ => fault(text)
            .map(|(fault, moment)| Word::Provoke(fault, moment))
            .or_else(|| clock(text).map(Word::Clock))
            .unwrap_or(Word::Unknown(text)),
    }
}

fn fault(text: &str) -> Option<(Fault, Moment)> {
    let text = text.strip_prefix("provoke=")?;
    let (name, moment) = match text.strip_suffix("@interrupt") {
        Some(name) => (name, Moment::Interrupt),
        None => (text, Moment::Boot),
    };
    let fault = named(name, &Fault::ALL)?;
    (moment == Moment::Boot || fault.strikes_anywhere()).then_some((fault, moment))
}

fn clock(text: &str) -> Option<ClockSource> {
    named(text.strip_prefix("clock=")?, &ClockSource::ALL)
}

/// What `list` calls by this name.
fn named<T: Copy>(name: &str, list: &[(&str, T)]) -> Option<T> {
    let found = list.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value)
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
            [
                Word::QemuExit,
                Word::Provoke(Fault::PageFault, Moment::Boot)
            ]
        );
        assert_eq!(all(b""), []);
    }

    #[test]
    fn clocks_are_called_by_the_names_they_print() {
        for (name, clock) in ClockSource::ALL {
            assert_eq!(clock.to_string(), name);
            assert_eq!(
                all(format!("clock={name}").as_bytes()),
                [Word::Clock(clock)]
            );
        }
    }

    #[test]
    fn a_fault_may_wait_for_an_interrupt() {
        for (name, fault) in Fault::ALL {
            let text = format!("provoke={name}@interrupt");
            let expected = if fault.strikes_anywhere() {
                Word::Provoke(fault, Moment::Interrupt)
            } else {
                Word::Unknown(&text)
            };
            assert_eq!(all(text.as_bytes()), [expected]);
        }
        let other = "provoke=panic@noon";
        assert_eq!(all(other.as_bytes()), [Word::Unknown(other)]);
    }

    #[test]
    fn an_unknown_word_is_reported_as_it_is() {
        assert_eq!(
            all(b"quiet provoke=tea clock=sun"),
            [
                Word::Unknown("quiet"),
                Word::Unknown("provoke=tea"),
                Word::Unknown("clock=sun")
            ]
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_end_the_line() {
        assert_eq!(all(b"qemu-exit \xFF provoke=panic"), [Word::QemuExit]);
    }
}
