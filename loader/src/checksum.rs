//! The checksum that a kernel file ends in, so that no damage to it goes unnoticed.
//!
//! Behind the ELF file stands a trailer of [`LENGTH`] bytes, which ELF readers ignore:
//!
//! | bytes | meaning |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 8 | length of the ELF file, little-endian |
//! | 8 | what the kernel expects to be handed: version and size of [`BootInfo`], 32 bits each, little-endian |
//! | 32 | BLAKE3 of everything before these 32 bytes |
//!
//! It guards against damage, not against malice: whoever can change the file can also change its
//! checksum.

use core::fmt;

use stele_bootinfo::{BootInfo, VERSION};

/// What a trailer begins with.
pub const MAGIC: [u8; 8] = *b"STELEEND";

/// Bytes of a trailer.
pub const LENGTH: usize = MAGIC.len() + 2 * size_of::<u64>() + blake3::OUT_LEN;

/// The handover that loader and kernel of this build agree on.
const HANDOVER: u64 = VERSION as u64 | (size_of::<BootInfo>() as u64) << 32;

/// How a file is seen to be damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It does not end in a trailer.
    NoTrailer,
    /// It is not as long as its trailer says; both in bytes, without the trailer.
    Length {
        /// What the trailer says.
        stated: u64,
        /// What there is.
        found: u64,
    },
    /// Its bytes are not those that the checksum was made of.
    Content,
    /// It is whole, and expects to be handed something else than this loader hands over.
    Handover,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrailer => f.write_str(
                "it does not end in a checksum, so its end is missing or it was not written by \
                 cargo xtask image",
            ),
            Self::Length { stated, found } => {
                write!(f, "it should be {stated} bytes long and has {found}")
            }
            Self::Content => f.write_str("its content does not match its checksum"),
            Self::Handover => f.write_str("it is of another version than the loader"),
        }
    }
}

/// The trailer for a file with this content.
#[must_use]
pub fn trailer(content: &[u8]) -> [u8; LENGTH] {
    let mut trailer = [0; LENGTH];
    let (head, sum) = trailer.split_at_mut(LENGTH - blake3::OUT_LEN);
    head[..MAGIC.len()].copy_from_slice(&MAGIC);
    let numbers = [content.len() as u64, HANDOVER].map(u64::to_le_bytes);
    head[MAGIC.len()..].copy_from_slice(numbers.as_flattened());
    sum.copy_from_slice(checksum(content, head).as_bytes());
    trailer
}

/// The content of `file` without its trailer.
///
/// # Errors
/// The file is damaged.
pub fn verify(file: &[u8]) -> Result<&[u8], Damage> {
    let (content, trailer) = file.split_last_chunk::<LENGTH>().ok_or(Damage::NoTrailer)?;
    let (head, sum) = trailer.split_at(LENGTH - blake3::OUT_LEN);
    let numbers = head.strip_prefix(&MAGIC).ok_or(Damage::NoTrailer)?;
    let mut numbers = numbers
        .as_chunks()
        .0
        .iter()
        .map(|number| u64::from_le_bytes(*number));
    let (stated, handover) = (numbers.next(), numbers.next());
    let stated = stated.ok_or(Damage::NoTrailer)?;
    let found = content.len() as u64;
    if stated != found {
        return Err(Damage::Length { stated, found });
    }
    // Comparing hashes takes the same time wherever they differ; that is not needed here.
    if checksum(content, head) != *sum {
        return Err(Damage::Content);
    }
    if handover != Some(HANDOVER) {
        return Err(Damage::Handover);
    }
    Ok(content)
}

fn checksum(content: &[u8], head: &[u8]) -> blake3::Hash {
    blake3::Hasher::new()
        .update(content)
        .update(head)
        .finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than one of BLAKE3's chunks, 1,024 bytes.
    fn file() -> Vec<u8> {
        let mut file: Vec<u8> = (0..1500_u32).map(|n| (n * 7 % 251) as u8).collect();
        file.extend(trailer(&file));
        file
    }

    #[test]
    fn a_whole_file_gives_its_content() {
        let file = file();
        assert_eq!(verify(&file), Ok(&file[..1500]));
        assert_eq!(verify(&trailer(b"")), Ok(&b""[..]));
    }

    #[test]
    fn every_damaged_bit_is_noticed() {
        let whole = file();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                let damage = verify(&damaged).unwrap_err();
                let expected = match at {
                    1500..1508 => matches!(damage, Damage::NoTrailer),
                    1508..1516 => matches!(damage, Damage::Length { found: 1500, .. }),
                    _ => damage == Damage::Content,
                };
                assert!(expected, "bit {bit} of byte {at}: {damage:?}");
            }
        }
    }

    #[test]
    fn a_kernel_of_another_version_is_noticed() {
        let mut file = file();
        file[1516] ^= 1;
        let end = file.len() - blake3::OUT_LEN;
        let sum = checksum(&file[..1500], &file[1500..end]);
        file[end..].copy_from_slice(sum.as_bytes());
        assert_eq!(verify(&file), Err(Damage::Handover));
    }

    #[test]
    fn a_file_cut_short_anywhere_is_noticed() {
        let whole = file();
        for length in 0..whole.len() {
            assert_eq!(verify(&whole[..length]), Err(Damage::NoTrailer), "{length}");
        }
    }

    #[test]
    fn bytes_lost_or_added_before_the_trailer_are_noticed() {
        let whole = file();
        for at in [0, 1, 700, 1499] {
            let mut shorter = whole.clone();
            shorter.remove(at);
            let length = |found| {
                Err(Damage::Length {
                    stated: 1500,
                    found,
                })
            };
            assert_eq!(verify(&shorter), length(1499));
            let mut longer = whole.clone();
            longer.insert(at, 0);
            assert_eq!(verify(&longer), length(1501));
        }
    }

    #[test]
    fn a_file_without_a_trailer_is_refused_and_told_what_to_do() {
        let damage = verify(b"\x7fELF and so on").unwrap_err();
        assert_eq!(damage, Damage::NoTrailer);
        assert!(damage.to_string().contains("cargo xtask image"));
    }
}
