//! Directory entries, fatgen103 sections "FAT Directory Structure" and "Long Directory Entries".

use super::tree::Directory;

/// Bytes of an entry.
const SIZE: usize = 32;

/// UTF-16 units of a name in one long entry.
const UNITS: usize = 13;

/// 1 January 1980, the first day there is: an image does not depend on when it was made.
const DAY: u16 = 1 << 5 | 1;

const DIRECTORY: u8 = 0x10;
const VOLUME: u8 = 0x08;
const LONG: u8 = 0x0F;

/// Bytes of a directory's entries, with the label of a root or the dots of any other.
pub(super) fn size(directory: &Directory, root: bool) -> usize {
    let own = if root { 1 } else { 2 };
    let names = directory
        .nodes
        .iter()
        .map(|(name, _)| 1 + long_entries(name));
    SIZE * (own + names.sum::<usize>())
}

/// The entry of the volume's label.
pub(super) fn label(name: [u8; 11]) -> Vec<u8> {
    short(name, VOLUME, 0, 0)
}

/// `.` and `..`; the parent's cluster is 0 if that is the root.
pub(super) fn dots(own: u32, parent: u32) -> Vec<u8> {
    let name = |name: &[u8]| {
        let mut field = [b' '; 11];
        field
            .iter_mut()
            .zip(name)
            .for_each(|(to, from)| *to = *from);
        field
    };
    let entries = [
        short(name(b"."), DIRECTORY, own, 0),
        short(name(b".."), DIRECTORY, parent, 0),
    ];
    entries.concat()
}

/// The entries of a file or directory, the `number`th in its directory: long ones for its name,
/// unless that is a short one already, and a short one.
pub(super) fn file(
    name: &str,
    number: usize,
    directory: bool,
    cluster: u32,
    length: u32,
) -> Vec<u8> {
    let field = plain(name).unwrap_or_else(|| generated(name, number + 1));
    let mut entries = Vec::new();
    let units: Vec<u16> = name.encode_utf16().collect();
    let count = long_entries(name);
    let pieces = units.chunks(UNITS).take(count).enumerate();
    for (order, piece) in pieces.rev() {
        let last = if order + 1 == count { 0x40 } else { 0 };
        entries.extend(long((order + 1) as u8 | last, piece, checksum(field)));
    }
    let attributes = if directory { DIRECTORY } else { 0 };
    entries.extend(short(field, attributes, cluster, length));
    entries
}

/// How many long entries a name takes.
fn long_entries(name: &str) -> usize {
    match plain(name) {
        Some(_) => 0,
        None => name.encode_utf16().count().div_ceil(UNITS),
    }
}

/// The name as a short entry holds it, if it is one: capitals and digits, eight and three.
fn plain(name: &str) -> Option<[u8; 11]> {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let fits = |part: &str, most: usize| {
        part.len() <= most
            && part
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    (!stem.is_empty() && fits(stem, 8) && fits(extension, 3)).then(|| field(stem, extension))
}

/// A short name for a long one, different for each number.
fn generated(name: &str, number: usize) -> [u8; 11] {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let capitals = |part: &str, most: usize| -> String {
        let letters = part.chars().filter(char::is_ascii_alphanumeric);
        letters
            .map(|letter| letter.to_ascii_uppercase())
            .take(most)
            .collect()
    };
    let tail = format!("~{number}");
    let stem = capitals(stem, 8_usize.saturating_sub(tail.len())) + &tail;
    field(&stem, &capitals(extension, 3))
}

fn field(stem: &str, extension: &str) -> [u8; 11] {
    let mut field = [b' '; 11];
    let (left, right) = field.split_at_mut(8);
    left.iter_mut()
        .zip(stem.bytes())
        .for_each(|(to, from)| *to = from);
    right
        .iter_mut()
        .zip(extension.bytes())
        .for_each(|(to, from)| *to = from);
    field
}

/// `DIR_` fields.
fn short(name: [u8; 11], attributes: u8, cluster: u32, length: u32) -> Vec<u8> {
    let [low0, low1, high0, high1] = cluster.to_le_bytes();
    let [day0, day1] = DAY.to_le_bytes();
    let mut entry = Vec::with_capacity(SIZE);
    entry.extend(name); // Name
    entry.extend([attributes, 0]); // Attr, NTRes
    entry.extend([0, 0, 0, day0, day1]); // CrtTimeTenth, CrtTime, CrtDate
    entry.extend([day0, day1]); // LstAccDate
    entry.extend([high0, high1]); // FstClusHI
    entry.extend([0, 0, day0, day1]); // WrtTime, WrtDate
    entry.extend([low0, low1]); // FstClusLO
    entry.extend(length.to_le_bytes()); // FileSize
    entry
}

/// `LDIR_` fields: up to 13 units of the name, ended by a zero and filled up with ones.
fn long(order: u8, piece: &[u16], checksum: u8) -> Vec<u8> {
    let units = piece
        .iter()
        .copied()
        .chain([0])
        .chain(std::iter::repeat(0xFFFF));
    let units: Vec<u8> = units.take(UNITS).flat_map(u16::to_le_bytes).collect();
    let (first, rest) = units.split_at(10);
    let (second, third) = rest.split_at(12);
    let mut entry = Vec::with_capacity(SIZE);
    entry.push(order); // Ord
    entry.extend(first); // Name1
    entry.extend([LONG, 0, checksum]); // Attr, Type, Chksum
    entry.extend(second); // Name2
    entry.extend([0, 0]); // FstClusLO
    entry.extend(third); // Name3
    entry
}

/// What ties long entries to their short one.
fn checksum(name: [u8; 11]) -> u8 {
    name.iter()
        .fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_names_of_eight_and_three_need_no_long_entry() {
        assert_eq!(plain("BOOTX64.EFI"), Some(*b"BOOTX64 EFI"));
        assert_eq!(plain("EFI"), Some(*b"EFI        "));
        for name in ["stele", "BOOTX64.EFIX", "NINELETTE", "A.B.C", ".X", "A B"] {
            assert_eq!(plain(name), None, "{name}");
        }
    }

    #[test]
    fn generated_names_differ_by_their_number() {
        assert_eq!(generated("kernel-x86_64.elf", 1), *b"KERNEL~1ELF");
        assert_eq!(generated("kernel-x86_64.elf", 12), *b"KERNE~12ELF");
        assert_eq!(generated("stele", 3), *b"STELE~3    ");
    }

    #[test]
    fn a_name_of_just_thirteen_units_fills_one_long_entry() {
        assert_eq!(long_entries("thirteen char"), 1);
        assert_eq!(long_entries("fourteen chars"), 2);
    }
}
