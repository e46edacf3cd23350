//! The help of words, as the build script packed it (build/help/packed.rs has the form).
//!
//! It is text of the system's image, the same for every instance, and no part of any: looking at it
//! changes nothing.

use core::ops::Range;

/// All pages, in the order of their names.
static HELP: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/help"));

/// Bytes of a place in the list of pages.
const PLACE: usize = 4;

/// A page's name in upper case, and its text.
struct Page {
    name: &'static [u8],
    text: &'static [u8],
}

fn number(at: usize) -> Option<usize> {
    let bytes = HELP.get(at..at + PLACE)?;
    let number = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    usize::try_from(number).ok()
}

fn count() -> usize {
    number(0).unwrap_or(0)
}

fn page(index: usize) -> Option<Page> {
    if index >= count() {
        return None;
    }
    let at = number(PLACE + PLACE * index)?;
    let (length, rest) = HELP.get(at..)?.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (length, rest) = rest.split_first_chunk()?;
    let text = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
    Some(Page { name, text })
}

/// First index of those below `end` for which `after` is true, where it is false up to some index.
fn first(end: usize, after: impl Fn(&[u8]) -> bool) -> usize {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = usize::midpoint(low, high);
        if page(middle).is_some_and(|page| after(page.name)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The pages of this name, which is in upper case; without a name the one that HELP shows alone.
pub(crate) fn find(name: &[u8]) -> Range<usize> {
    let end = count();
    first(end, |other| other >= name)..first(end, |other| other > name)
}

/// The line that begins at `at` of a page, its line feed included; empty behind the last.
pub(crate) fn line(index: usize, at: usize) -> &'static [u8] {
    let rest = page(index).and_then(|page| page.text.get(at..));
    let rest = rest.unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'\n');
    &rest[..end.map_or(rest.len(), |end| end + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_in_order_and_whole() {
        assert!(count() > 0);
        for index in 0..count() {
            let page = page(index).expect("every page can be read");
            assert!(page.text.ends_with(b"\n"));
            assert!(!page.name.iter().any(u8::is_ascii_lowercase));
            assert!(find(page.name).contains(&index));
        }
        assert!(page(count()).is_none());
    }

    #[test]
    fn a_page_is_the_sum_of_its_lines() {
        for index in 0..count() {
            let mut at = 0;
            while let [.., b'\n'] = line(index, at) {
                at += line(index, at).len();
            }
            assert_eq!(Some(at), page(index).map(|page| page.text.len()));
        }
        assert!(line(count(), 0).is_empty() && line(0, usize::MAX).is_empty());
    }

    #[test]
    fn what_is_not_there_has_no_pages() {
        for name in [&b"NO-SUCH-WORD"[..], b"\xFF", b"dup"] {
            assert!(find(name).is_empty());
        }
    }
}
