//! Source texts that the host gives an instance at its start, packed into one run of bytes.
//!
//! Each text is its name's length and its own as 32-bit little-endian numbers, then name and text.

/// A text among the packed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// What errors call it: usually a file's name.
    pub name: &'a [u8],
    /// The source.
    pub contents: &'a [u8],
    /// Where the next text begins.
    pub end: usize,
}

impl<'a> Text<'a> {
    /// Reads the text at `offset`; `None` if there is none, or if it is cut off.
    #[must_use]
    pub fn read(packed: &'a [u8], offset: usize) -> Option<Self> {
        let number = |at: usize| {
            let bytes = packed.get(at..at.checked_add(4)?)?;
            Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
        };
        let (name_length, length) = (number(offset)?, number(offset.checked_add(4)?)?);
        if name_length == 0 {
            return None;
        }
        let name = offset.checked_add(8)?;
        let contents = name.checked_add(name_length)?;
        let end = contents.checked_add(length)?;
        Some(Self {
            name: packed.get(name..contents)?,
            contents: packed.get(contents..end)?,
            end,
        })
    }

    /// Bytes that a text takes when packed.
    #[must_use]
    pub fn packed_size(name: &[u8], contents: &[u8]) -> usize {
        8 + name.len() + contents.len()
    }

    /// Packs a text at the start of `out`; returns the bytes used, `None` if it does not fit or has
    /// no name.
    pub fn pack(name: &[u8], contents: &[u8], out: &mut [u8]) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let size = Self::packed_size(name, contents);
        let out = out.get_mut(..size)?;
        out[..4].copy_from_slice(&u32::try_from(name.len()).ok()?.to_le_bytes());
        out[4..8].copy_from_slice(&u32::try_from(contents.len()).ok()?.to_le_bytes());
        out[8..8 + name.len()].copy_from_slice(name);
        out[8 + name.len()..].copy_from_slice(contents);
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn texts_are_read_back_in_order() {
        let mut packed = [0; 64];
        let first = Text::pack(b"a.4th", b"1 .", &mut packed).expect("it fits");
        Text::pack(b"b.4th", b"", &mut packed[first..]).expect("it fits");
        let a = Text::read(&packed, 0).expect("there is a first text");
        assert_eq!((a.name, a.contents), (&b"a.4th"[..], &b"1 ."[..]));
        let b = Text::read(&packed, a.end).expect("there is a second text");
        assert_eq!((b.name, b.contents), (&b"b.4th"[..], &b""[..]));
        assert_eq!(Text::read(&packed, b.end), None);
    }

    #[test]
    fn a_text_that_is_cut_off_is_none() {
        let mut packed = [0; 11];
        assert_eq!(Text::pack(b"a", b"xyz", &mut packed), None);
        let mut packed = [0; 12];
        assert_eq!(Text::pack(b"a", b"xyz", &mut packed), Some(12));
        for length in 0..12 {
            assert_eq!(Text::read(&packed[..length], 0), None);
        }
    }
}
