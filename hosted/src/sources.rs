//! The texts to interpret, read into memory before the system starts.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use stele_arbiter::Source;

use crate::arguments::{Arguments, TextInput};
use crate::failure::Failure;
use crate::size::MemorySize;

/// A text and what errors call it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SourceText {
    name: Vec<u8>,
    contents: Vec<u8>,
}

impl SourceText {
    fn new(name: &[u8], contents: Vec<u8>) -> Self {
        Self {
            name: name.to_vec(),
            contents,
        }
    }

    /// The text as the arbiter takes it.
    pub(crate) fn as_source(&self) -> Source<'_> {
        Source {
            name: &self.name,
            contents: &self.contents,
        }
    }
}

/// What options ask for, as texts: saying it in words of the language makes it hold for all that
/// follows, and for what begins anew.
pub(crate) fn of_options(arguments: &Arguments) -> Vec<SourceText> {
    let blocks = arguments.blocks.as_ref();
    blocks
        .map(|file| {
            let text = format!("S\\\" {}\" OPEN-BLOCKS", escaped(file.as_bytes()));
            SourceText::new(b"--blocks", text.into_bytes())
        })
        .into_iter()
        .collect()
}

/// Any bytes as S\" takes them, all but plain ones in hexadecimal.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                text.push(char::from(*byte));
            }
            _ => text.push_str(&format!("\\x{byte:02X}")),
        }
        text
    })
}

/// Reads everything that the command line names, in its order.
///
/// # Errors
/// [`Failure::Read`] for what cannot be read, [`Failure::TooMuchSource`] as soon as the texts take
/// more than the memory they would be put into: a device without an end is one case.
pub(crate) fn read(arguments: &Arguments) -> Result<Vec<SourceText>, Failure> {
    let mut texts = Vec::new();
    // The bound is a word of the language; saying it first makes it hold for all that follows.
    if let (Some(units), false) = (arguments.budget, arguments.inputs.is_empty()) {
        texts.push(SourceText::new(
            b"--budget",
            format!("{units} BUDGET").into_bytes(),
        ));
    }
    let mut room = Room {
        size: arguments.memory,
        left: arguments.memory.bytes(),
    };
    let mut given = 0;
    for input in &arguments.inputs {
        let text = match input {
            TextInput::Given(text) => {
                given += 1;
                let name = given_name(given, arguments);
                let contents = read_to_end(text.as_bytes(), &name, &mut room)?;
                SourceText::new(name.as_bytes(), contents)
            }
            TextInput::File(path) => read_file(path, &mut room)?,
            TextInput::StandardInput => {
                let contents = read_to_end(io::stdin().lock(), "standard input", &mut room)?;
                SourceText::new(b"standard input", contents)
            }
        };
        texts.push(text);
    }
    Ok(texts)
}

/// What errors call the text of the `number`th `-e`.
fn given_name(number: usize, arguments: &Arguments) -> String {
    let is_given = |input: &&TextInput| matches!(input, TextInput::Given(_));
    if arguments.inputs.iter().filter(is_given).count() == 1 {
        "-e".to_owned()
    } else {
        format!("-e#{number}")
    }
}

/// How much more source the system's memory could hold.
struct Room {
    size: MemorySize,
    left: u64,
}

fn read_file(path: &Path, room: &mut Room) -> Result<SourceText, Failure> {
    let name = path.display().to_string();
    let contents = match File::open(path) {
        Ok(file) => read_to_end(file, &name, room)?,
        Err(error) => return Err(Failure::Read { name, error }),
    };
    Ok(SourceText::new(path.as_os_str().as_bytes(), contents))
}

/// Reads all of `input`, and not more than one byte beyond the room there is.
fn read_to_end(input: impl Read, name: &str, room: &mut Room) -> Result<Vec<u8>, Failure> {
    let name = || name.to_owned();
    let mut contents = Vec::new();
    input
        .take(room.left + 1)
        .read_to_end(&mut contents)
        .map_err(|error| Failure::Read {
            name: name(),
            error,
        })?;
    room.left = room
        .left
        .checked_sub(contents.len() as u64)
        .ok_or_else(|| Failure::TooMuchSource {
            name: name(),
            size: room.size,
        })?;
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::{Room, escaped, read_to_end};
    use crate::failure::Failure;
    use std::io::repeat;

    fn room(left: u64) -> Room {
        Room {
            size: "1M".parse().expect("it is a size"),
            left,
        }
    }

    #[test]
    fn texts_may_fill_the_room_together_but_not_exceed_it() {
        let text = [b' '; 8];
        let mut room = room(15);
        assert_eq!(
            read_to_end(&text[..], "a", &mut room).expect("it fits"),
            text
        );
        assert!(matches!(
            read_to_end(&text[..], "b", &mut room),
            Err(Failure::TooMuchSource { name, .. }) if name == "b"
        ));
        assert_eq!(room.left, 7);
        assert_eq!(
            read_to_end(&text[1..], "c", &mut room).expect("it fits"),
            text[1..]
        );
        assert_eq!(read_to_end(&[][..], "d", &mut room).expect("it fits"), []);
    }

    #[test]
    fn a_name_of_any_bytes_can_be_said_in_a_text() {
        assert_eq!(escaped(b"a/B-1_.blk"), "a/B-1_.blk");
        assert_eq!(escaped(b"a \"\\\n\xFF"), "a\\x20\\x22\\x5C\\x0A\\xFF");
    }

    #[test]
    fn an_endless_text_is_refused() {
        assert!(matches!(
            read_to_end(repeat(b'x'), "a", &mut room(1000)),
            Err(Failure::TooMuchSource { .. })
        ));
    }
}
