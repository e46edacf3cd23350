//! Leaving terminal control out of a stream of bytes.

/// Takes a stream byte by byte and lets only text through; remembers where in an ANSI control
/// sequence (ECMA-48, section 5.4) it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stripper {
    /// In text.
    #[default]
    Text,
    /// Behind an escape.
    Escape,
    /// In a sequence that a letter ends.
    Sequence,
}

impl Stripper {
    /// The byte, if it is text.
    pub(crate) fn text(&mut self, byte: u8) -> Option<u8> {
        let (next, text) = match (*self, byte) {
            (Stripper::Text, 0x1B) => (Stripper::Escape, None),
            (Stripper::Text, 0) => (Stripper::Text, None),
            (Stripper::Text, _) => (Stripper::Text, Some(byte)),
            (Stripper::Escape, b'[') => (Stripper::Sequence, None),
            (Stripper::Escape, _) => (Stripper::Text, None),
            (Stripper::Sequence, 0x40..=0x7E) => (Stripper::Text, None),
            (Stripper::Sequence, _) => (Stripper::Sequence, None),
        };
        *self = next;
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_passes_and_control_does_not() {
        let mut stripper = Stripper::default();
        let stream = b"\x1b[2J\x1b[01;01H\x1b[=3hBdsDxe\r\n\x1bcok\0";
        let text: Vec<u8> = stream
            .iter()
            .filter_map(|&byte| stripper.text(byte))
            .collect();
        assert_eq!(text, b"BdsDxe\r\nok");
    }
}
