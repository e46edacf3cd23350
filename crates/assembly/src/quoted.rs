//! Names of any bytes as text in quotation marks.
//!
//! Printable characters of UTF-8 stand for themselves, `\"` and `\\` for a quotation mark and a
//! backslash, and `\xHH` for any other byte.

use std::fmt::Write;

/// The quoted form of `bytes`.
pub(crate) fn quote(bytes: &[u8]) -> String {
    let mut text = String::from('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => text.extend(['\\', character]),
                _ if character.is_control() || is_blank(character) => {
                    quote_bytes(character.encode_utf8(&mut [0; 4]).as_bytes(), &mut text);
                }
                _ => text.push(character),
            }
        }
        quote_bytes(chunk.invalid(), &mut text);
    }
    text.push('"');
    text
}

/// White space other than a space, which a text does not show.
fn is_blank(character: char) -> bool {
    character.is_whitespace() && character != ' '
}

fn quote_bytes(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "\\x{byte:02X}");
    }
}

/// The bytes of the quoted form that `text` begins with, and what follows it; `None` if it begins
/// with none.
pub(crate) fn unquote(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut bytes = Vec::new();
    loop {
        let stop = rest.find(['"', '\\'])?;
        bytes.extend_from_slice(&rest.as_bytes()[..stop]);
        let (mark, behind) = rest[stop..].split_at(1);
        if mark == "\"" {
            return Some((bytes, behind));
        }
        let escape = behind.chars().next()?;
        rest = &behind[escape.len_utf8()..];
        match escape {
            '"' | '\\' => bytes.push(escape as u8),
            'x' => {
                let digits = rest.get(..2)?;
                digits
                    .bytes()
                    .all(|digit| digit.is_ascii_hexdigit())
                    .then_some(())?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{quote, unquote};

    #[test]
    fn every_name_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        for name in [
            &b""[..],
            b"plain",
            b"a \"b\" \\c",
            "größer →".as_bytes(),
            &all,
        ] {
            let text = quote(name);
            assert!(!text.contains('\n'), "{text}");
            let behind = format!("{text} and more");
            assert_eq!(unquote(&behind), Some((name.to_vec(), " and more")));
        }
    }

    #[test]
    fn what_is_not_quoted_is_refused() {
        for text in [
            "",
            "x",
            "\"",
            "\"a",
            "\"\\",
            "\"\\q\"",
            "\"\\x1\"",
            "\"\\x+1\"x",
        ] {
            assert_eq!(unquote(text), None, "{text}");
        }
    }
}
