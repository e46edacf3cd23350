//! Scan codes become the bytes that a terminal sends.

use pc_keyboard::{
    DecodedKey, EventDecoder, HandleControl, KeyCode, ScancodeSet, ScancodeSet1, layouts::Us104Key,
};

/// What a keyboard remembers: part of a scan code, and which of Shift, Ctrl, Caps Lock are in force.
pub struct Keys {
    scan_codes: ScancodeSet1,
    events: EventDecoder<Us104Key>,
}

/// The bytes of one key: a character or a control sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    bytes: [u8; 4],
    length: usize,
}

impl Bytes {
    fn of(text: &[u8]) -> Self {
        let mut bytes = [0; 4];
        let length = text.len().min(bytes.len());
        bytes[..length].copy_from_slice(&text[..length]);
        Self { bytes, length }
    }

    /// The bytes; none if the key sends nothing.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Keys {
    /// A keyboard with no key down.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "made once per keyboard, in a static"
    )]
    pub const fn new() -> Self {
        Self {
            scan_codes: ScancodeSet1::new(),
            events: EventDecoder::new(Us104Key, HandleControl::MapLettersToUnicode),
        }
    }

    /// Takes one byte of scan code set 1; gives what the key sends once its code is complete. Bytes
    /// that are no scan code send nothing.
    pub fn scan_code(&mut self, byte: u8) -> Bytes {
        let event = self.scan_codes.advance_state(byte);
        match event
            .ok()
            .flatten()
            .and_then(|event| self.events.process_keyevent(event))
        {
            Some(DecodedKey::Unicode(character)) => of_character(character),
            Some(DecodedKey::RawKey(key)) => Bytes::of(of_key(key)),
            None => Bytes::default(),
        }
    }
}

impl core::fmt::Debug for Keys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Keys")
            .field("events", &self.events.get_ctrl_handling())
            .finish_non_exhaustive()
    }
}

fn of_character(character: char) -> Bytes {
    match character {
        '\n' => Bytes::of(b"\r"),
        '\u{08}' => Bytes::of(b"\x7F"),
        '\u{7F}' => Bytes::of(b"\x1B[3~"),
        _ => Bytes::of(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Keys without a character, as xterm sends them.
fn of_key(key: KeyCode) -> &'static [u8] {
    match key {
        KeyCode::ArrowUp => b"\x1B[A",
        KeyCode::ArrowDown => b"\x1B[B",
        KeyCode::ArrowRight => b"\x1B[C",
        KeyCode::ArrowLeft => b"\x1B[D",
        KeyCode::Home => b"\x1B[H",
        KeyCode::End => b"\x1B[F",
        KeyCode::Insert => b"\x1B[2~",
        KeyCode::PageUp => b"\x1B[5~",
        KeyCode::PageDown => b"\x1B[6~",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(codes: &[u8]) -> Vec<u8> {
        let mut keys = Keys::new();
        let bytes = codes.iter().map(|code| keys.scan_code(*code));
        bytes.flat_map(|bytes| bytes.as_slice().to_vec()).collect()
    }

    #[test]
    fn keys_send_characters_with_and_without_shift() {
        assert_eq!(typed(&[0x1E, 0x9E, 0x30, 0xB0]), b"ab");
        assert_eq!(typed(&[0x2A, 0x1E, 0x9E, 0xAA, 0x1E]), b"Aa");
        assert_eq!(typed(&[0x36, 0x02, 0x03, 0xB6, 0x02]), b"!@1");
        assert_eq!(typed(&[0x39, 0x0F, 0x01]), b" \t\x1B");
    }

    #[test]
    fn caps_lock_turns_letters_only() {
        assert_eq!(typed(&[0x3A, 0xBA, 0x1E, 0x02, 0x2A, 0x1E, 0xAA]), b"A1a");
        assert_eq!(typed(&[0x3A, 0xBA, 0x3A, 0xBA, 0x1E]), b"a");
    }

    #[test]
    fn editing_keys_send_what_a_terminal_sends() {
        assert_eq!(typed(&[0x1C]), b"\r");
        assert_eq!(typed(&[0xE0, 0x1C]), b"\r");
        assert_eq!(typed(&[0x0E]), b"\x7F");
        let extended = |code| typed(&[0xE0, code, 0xE0, code | 0x80]);
        for (code, bytes) in [
            (0x48, &b"\x1B[A"[..]),
            (0x50, b"\x1B[B"),
            (0x4D, b"\x1B[C"),
            (0x4B, b"\x1B[D"),
            (0x47, b"\x1B[H"),
            (0x4F, b"\x1B[F"),
            (0x53, b"\x1B[3~"),
            (0x49, b"\x1B[5~"),
        ] {
            assert_eq!(extended(code), bytes, "{code:x}");
        }
    }

    #[test]
    fn control_and_a_letter_is_a_control_character() {
        assert_eq!(typed(&[0x1D, 0x2E, 0xAE, 0x9D, 0x2E]), b"\x03c");
        assert_eq!(typed(&[0xE0, 0x1D, 0x1E, 0xE0, 0x9D]), b"\x01");
        assert_eq!(typed(&[0x1D, 0x20]), b"\x04");
    }

    #[test]
    fn a_key_that_is_held_repeats() {
        assert_eq!(typed(&[0x2D, 0x2D, 0x2D, 0xAD]), b"xxx");
    }

    #[test]
    fn other_keys_and_bytes_of_any_kind_send_nothing_or_little() {
        assert_eq!(
            typed(&[0x3B, 0xBB, 0x38, 0xB8, 0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5]),
            b""
        );
        let mut keys = Keys::new();
        for round in 0..=u16::MAX {
            for byte in round.to_le_bytes() {
                assert!(keys.scan_code(byte).as_slice().len() <= 4);
            }
        }
    }
}
