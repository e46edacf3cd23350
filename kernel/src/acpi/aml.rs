//! What the kernel wants of the firmware's program: which sleep type means "off".
//!
//! AML is not interpreted. The object `\_S5` is a constant package by definition (ACPI 6.5, 7.4.2.6),
//! so its bytes stand in the table as they are: `Name`, the name, `Package`, length, count, then its
//! elements, of which the first two are small constants (ACPI 6.5, 20.2).

use super::{u16_at, u32_at, u64_at};

const NAME_OP: u8 = 0x08;
const ROOT_PREFIX: u8 = b'\\';
const PACKAGE_OP: u8 = 0x12;

/// Sleep types have three bits.
const LARGEST_TYPE: u64 = 7;

/// What the sleep registers are told to switch the machine off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SleepTypes {
    /// For the first power-management block, or the sleep control register: 0 to 7.
    pub a: u8,
    /// For the second power-management block: 0 to 7.
    pub b: u8,
}

/// The sleep types of the state "soft off" in `program`, a table's AML; nothing if the program does
/// not define them as constants.
#[must_use]
pub fn soft_off(program: &[u8]) -> Option<SleepTypes> {
    const NAME: &[u8; 4] = b"_S5_";
    let places = program.windows(NAME.len()).enumerate();
    places
        .filter(|(at, window)| *window == NAME && is_definition(&program[..*at]))
        .find_map(|(at, _)| package(program.get(at + NAME.len()..)?))
}

/// True if what precedes a name makes it the name of a new object at the root.
fn is_definition(before: &[u8]) -> bool {
    matches!(before, [.., NAME_OP] | [.., NAME_OP, ROOT_PREFIX])
}

/// The first two elements of the package that `code` begins with.
fn package(code: &[u8]) -> Option<SleepTypes> {
    let (&PACKAGE_OP, rest) = code.split_first()? else {
        return None;
    };
    let (length, header) = package_length(rest)?;
    // The length counts from its own first byte.
    let inside = rest.get(header..length)?;
    let (count, elements) = inside.split_first()?;
    let (a, used) = constant(elements)?;
    let b = if *count > 1 {
        constant(elements.get(used..)?)?.0
    } else {
        a
    };
    (*count > 0).then_some(SleepTypes { a, b })
}

/// A package length and the bytes it takes (ACPI 6.5, 20.2.4).
fn package_length(code: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*code.first()?);
    let more = first >> 6;
    if more == 0 {
        return Some((first & 0x3F, 1));
    }
    let rest = code.get(1..=more)?.iter().rev();
    let high = rest.fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((high << 4 | first & 0x0F, 1 + more))
}

/// A constant that is a sleep type, and the bytes it takes.
fn constant(code: &[u8]) -> Option<(u8, usize)> {
    let (value, length) = integer(code)?;
    (value <= LARGEST_TYPE).then_some((value as u8, length))
}

/// A constant, and the bytes it takes (ACPI 6.5, 20.2.3).
fn integer(code: &[u8]) -> Option<(u64, usize)> {
    Some(match *code.first()? {
        value @ (0 | 1) => (u64::from(value), 1),
        0x0A => (u64::from(*code.get(1)?), 2),
        0x0B => (u64::from(u16_at(code, 1)?), 3),
        0x0C => (u64::from(u32_at(code, 1)?), 5),
        0x0E => (u64_at(code, 1)?, 9),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Name (_S5, Package (4) { 0, 0, 0, 0 })`, as QEMU's q35 has it.
    const QEMU: &[u8] = &[8, b'_', b'S', b'5', b'_', 0x12, 6, 4, 0, 0, 0, 0];

    /// A piece of the program of QEMU's q35 as it is in memory: the packages of three states, `\_S3` to
    /// `\_S5`, and the beginning of what follows.
    const PIECE: [u8; 48] = [
        0x08, 0x5F, 0x53, 0x33, 0x5F, 0x12, 0x06, 0x04, 0x01, 0x01, 0x00, 0x00, 0x08, 0x5F, 0x53,
        0x34, 0x5F, 0x12, 0x08, 0x04, 0x0A, 0x02, 0x0A, 0x02, 0x00, 0x00, 0x08, 0x5F, 0x53, 0x35,
        0x5F, 0x12, 0x06, 0x04, 0x00, 0x00, 0x00, 0x00, 0x10, 0x3B, 0x5C, 0x2E, 0x5F, 0x53, 0x42,
        0x5F, 0x50, 0x43,
    ];

    fn types(a: u8, b: u8) -> Option<SleepTypes> {
        Some(SleepTypes { a, b })
    }

    #[test]
    fn the_package_of_qemu_is_found_wherever_it_stands() {
        assert_eq!(soft_off(QEMU), types(0, 0));
        let longer = [b"noise _S5_ and \x08_S4_\x12".as_slice(), QEMU, b"more"].concat();
        assert_eq!(soft_off(&longer), types(0, 0));
        assert_eq!(soft_off(&PIECE), types(0, 0));
    }

    #[test]
    fn constants_of_every_width_are_read() {
        let cases: [(&[u8], (u8, u8)); 4] = [
            (b"\x08\\_S5_\x12\x08\x04\x0A\x05\x0A\x06\0\0", (5, 6)),
            (b"\x08_S5_\x12\x06\x02\x0B\x07\x00\x01", (7, 1)),
            (b"\x08_S5_\x12\x07\x01\x0C\x03\x00\x00\x00", (3, 3)),
            (
                b"\x08_S5_\x12\x4D\x00\x02\x0E\x02\0\0\0\0\0\0\0\x01",
                (2, 1),
            ),
        ];
        for (program, (a, b)) in cases {
            assert_eq!(soft_off(program), types(a, b), "{program:x?}");
        }
    }

    #[test]
    fn what_is_no_constant_package_is_passed_over() {
        let method = b"\x14\x09_S5_\x00\xA4\x12\x04\x02\x00\x00";
        let call = b"\x08_S5_\x12\x0A\x02ABCDEFGH";
        let too_large = b"\x08_S5_\x12\x06\x02\x0A\x08\x0A\x00";
        let empty = b"\x08_S5_\x12\x02\x00";
        for program in [
            &method[..],
            call,
            too_large,
            empty,
            b"",
            b"_S5_",
            b"\x08_S5_",
        ] {
            assert_eq!(soft_off(program), None, "{program:x?}");
        }
        let second = [&too_large[..], QEMU].concat();
        assert_eq!(soft_off(&second), types(0, 0));
    }

    #[test]
    fn any_damage_is_an_answer_too() {
        for cut in 0..QEMU.len() {
            let _ = soft_off(&QEMU[..cut]);
            for value in 0..=255 {
                let mut bytes = QEMU.to_vec();
                bytes[cut] = value;
                if let Some(SleepTypes { a, b }) = soft_off(&bytes) {
                    assert!(a <= 7 && b <= 7);
                }
            }
        }
    }
}
