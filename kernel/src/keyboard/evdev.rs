//! The key numbers of the Linux input layer, which virtio keyboards send (virtio 1.3, 5.8.6).
//!
//! Up to 88 they are the scan codes of set 1, as they were on the first PC keyboards; those that came
//! later have numbers of their own. So a number becomes a scan code, and both kinds of keyboard are
//! one from there on.

/// An event of this type is about a key.
pub const KEY: u16 = 1;

/// The number of the Enter key: what has it is a keyboard.
pub const ENTER: usize = 28;

/// The last number that is a scan code by itself.
const LAST_SAME: u16 = 88;

/// The keys that came later, and the scan codes that follow E0 for them.
const LATER: [(u16, u8); 17] = [
    (96, 0x1C),  // Enter on the number pad
    (97, 0x1D),  // right Ctrl
    (98, 0x35),  // / on the number pad
    (100, 0x38), // right Alt
    (102, 0x47), // Home
    (103, 0x48), // up
    (104, 0x49), // page up
    (105, 0x4B), // left
    (106, 0x4D), // right
    (107, 0x4F), // End
    (108, 0x50), // down
    (109, 0x51), // page down
    (110, 0x52), // Insert
    (111, 0x53), // Delete
    (125, 0x5B), // left Windows
    (126, 0x5C), // right Windows
    (127, 0x5D), // menu
];

/// The bytes of scan code set 1 for key `number`, going down (also when it repeats) or up; nothing
/// for keys that set 1 does not have.
#[must_use]
pub fn scan_code(number: u16, down: bool) -> Option<([u8; 2], usize)> {
    const EXTENDED: u8 = 0xE0;
    const UP: u8 = 0x80;
    let direction = if down { 0 } else { UP };
    if (1..=LAST_SAME).contains(&number) {
        return Some(([number as u8 | direction, 0], 1));
    }
    let (_, code) = LATER.into_iter().find(|(later, _)| *later == number)?;
    Some(([EXTENDED, code | direction], 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyboard::Keys;

    fn typed(events: &[(u16, bool)]) -> Vec<u8> {
        let mut keys = Keys::new();
        let mut typed = Vec::new();
        for (number, down) in events {
            if let Some((codes, count)) = scan_code(*number, *down) {
                for code in &codes[..count] {
                    typed.extend_from_slice(keys.scan_code(*code).as_slice());
                }
            }
        }
        typed
    }

    #[test]
    fn numbers_become_keys() {
        // a, Shift with a, Enter.
        let letters = [
            (30, true),
            (30, false),
            (42, true),
            (30, true),
            (42, false),
            (28, true),
        ];
        assert_eq!(typed(&letters), b"aA\r");
        assert_eq!(
            typed(&[(105, true), (105, false), (111, true)]),
            b"\x1B[D\x1B[3~"
        );
        assert_eq!(typed(&[(97, true), (46, true)]), b"\x03");
    }

    #[test]
    fn unknown_numbers_are_no_keys() {
        for number in [0, 89, 99, 255, 0x110, u16::MAX] {
            assert_eq!(scan_code(number, true), None);
        }
    }
}
