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

/// A line of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line without its end, a line feed that a carriage return may precede.
    pub bytes: &'a [u8],
    /// Where in the text the next line begins.
    pub next: usize,
}

impl<'a> Text<'a> {
    /// The line that begins at `at`; `None` at the end of the text or beyond. Its end is looked for
    /// within `limit` bytes and the line end's two: a line that is longer comes back cut, but longer
    /// than `limit`.
    #[must_use]
    pub fn line(&self, at: usize, limit: usize) -> Option<Line<'a>> {
        let rest = self.contents.get(at..).filter(|rest| !rest.is_empty())?;
        let rest = &rest[..rest.len().min(limit.saturating_add(2))];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let bytes = &rest[..end.unwrap_or(rest.len())];
        let next = at + end.map_or(rest.len(), |end| end + 1);
        Some(Line {
            bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes),
            next,
        })
    }

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
    extern crate std;
    use super::Text;
    use std::vec::Vec;

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
    fn lines_end_with_a_line_feed_or_with_the_text() {
        let text = Text {
            name: b"t",
            contents: b"one\r\n\ntwo",
            end: 0,
        };
        let mut lines = Vec::new();
        let mut at = 0;
        while let Some(line) = text.line(at, 8) {
            lines.push(line.bytes);
            at = line.next;
        }
        assert_eq!(lines, [&b"one"[..], b"", b"two"]);
        assert_eq!(text.line(usize::MAX, 8), None);
    }

    #[test]
    fn a_line_beyond_the_limit_is_seen_to_be_too_long() {
        let contents = b"12345\r\n123456";
        let text = Text {
            name: b"t",
            contents,
            end: 0,
        };
        let at_the_limit = text.line(0, 5).expect("there is a line");
        assert_eq!(at_the_limit.bytes, b"12345");
        let one_more = text.line(at_the_limit.next, 5).expect("there is another");
        assert!(one_more.bytes.len() > 5);
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
