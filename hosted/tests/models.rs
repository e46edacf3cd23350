//! Random programs of file words and of block words, and what simple models say they print.

mod support;

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use support::{Run, STELE};
use tempfile::TempDir;

/// Runs a program in a directory; returns what it printed.
fn printed(directory: &Path, arguments: &[&str], program: &str) -> String {
    let file = directory.join("program.fs");
    fs::write(&file, program).expect("it can be written");
    let output = Command::new(STELE)
        .args(arguments)
        .arg(&file)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    let run = Run::from(output);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.output
}

// ---- A file --------------------------------------------------------------------------------------

/// What is done with an open file.
#[derive(Clone, Debug)]
enum FileAct {
    Read(usize),
    ReadLine(usize),
    Write(Vec<u8>),
    Move(u64),
    Resize(u64),
    Where,
}

fn file_act() -> impl Strategy<Value = FileAct> {
    let byte = prop_oneof![
        2 => any::<bool>().prop_map(|feed| if feed { b'\n' } else { b'\r' }),
        3 => any::<u8>()
    ];
    prop_oneof![
        3 => (0..12_usize).prop_map(FileAct::Read),
        4 => (0..12_usize).prop_map(FileAct::ReadLine),
        3 => collection::vec(byte, 0..20).prop_map(FileAct::Write),
        2 => (0..40_u64).prop_map(FileAct::Move),
        1 => (0..40_u64).prop_map(FileAct::Resize),
        1 => proptest::prelude::Just(FileAct::Where),
    ]
}

impl FileAct {
    /// The act in words that print what came of it.
    fn program(&self) -> String {
        match self {
            Self::Read(room) => format!("B {room} F READ-FILE . .BYTES"),
            Self::ReadLine(room) => format!("B {room} F READ-LINE . . .BYTES"),
            Self::Write(bytes) => {
                let text = bytes.iter().fold(String::new(), |mut text, byte| {
                    let _ = write!(text, "\\x{byte:02X}");
                    text
                });
                format!("S\\\" {text}\" F WRITE-FILE . CR")
            }
            Self::Move(place) => format!("{place} 0 F REPOSITION-FILE . CR"),
            Self::Resize(size) => format!("{size} 0 F RESIZE-FILE . CR"),
            Self::Where => "F FILE-POSITION . D. F FILE-SIZE . D. CR".to_owned(),
        }
    }
}

/// A file as its bytes and a place in them.
#[derive(Default)]
struct FileModel {
    bytes: Vec<u8>,
    at: usize,
}

impl FileModel {
    /// Does an act; returns the line that is printed of it.
    fn act(&mut self, act: &FileAct) -> String {
        match act {
            FileAct::Read(room) => {
                let end = self.bytes.len().min(self.at + room);
                let read = &self.bytes[self.at..end];
                self.at = end;
                format!("0 {}", bytes_line(read))
            }
            FileAct::ReadLine(room) => {
                let (line, found) = self.read_line(*room);
                format!("0 {} {}", -i32::from(found), bytes_line(&line))
            }
            FileAct::Write(bytes) => {
                let end = self.at + bytes.len();
                if self.bytes.len() < end {
                    self.bytes.resize(end, 0);
                }
                self.bytes[self.at..end].copy_from_slice(bytes);
                self.at = end;
                "0 ".to_owned()
            }
            FileAct::Move(place) => match usize::try_from(*place) {
                Ok(place) if place <= self.bytes.len() => {
                    self.at = place;
                    "0 ".to_owned()
                }
                _ => "-36 ".to_owned(),
            },
            FileAct::Resize(size) => {
                self.bytes
                    .resize(usize::try_from(*size).expect("it is small"), 0);
                self.at = self.at.min(self.bytes.len());
                "0 ".to_owned()
            }
            FileAct::Where => format!("0 {} 0 {} ", self.at, self.bytes.len()),
        }
    }

    fn read_line(&mut self, room: usize) -> (Vec<u8>, bool) {
        let mut line = Vec::new();
        loop {
            let rest = &self.bytes[self.at..];
            if line.len() == room && (room > 0 || !rest.is_empty()) {
                return (line, true);
            }
            match rest {
                [] => return (line.clone(), !line.is_empty()),
                [b'\n', ..] => {
                    self.at += 1;
                    return (line, true);
                }
                [b'\r', b'\n', ..] => {
                    self.at += 2;
                    return (line, true);
                }
                [byte, ..] => {
                    line.push(*byte);
                    self.at += 1;
                }
            }
        }
    }
}

fn bytes_line(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(format!("{} ", bytes.len()), |mut line, byte| {
            let _ = write!(line, "{byte} ");
            line
        })
}

// ---- Blocks --------------------------------------------------------------------------------------

/// What is done with blocks.
#[derive(Clone, Copy, Debug)]
enum BlockAct {
    /// A byte is stored and the block updated.
    Store(u8, u8),
    /// A byte is stored, and nobody told.
    Scribble(u8, u8),
    /// All of it is written anew.
    Fill(u8, u8),
    Show(u8),
    Save,
    Empty,
    Flush,
}

fn block_act() -> impl Strategy<Value = BlockAct> {
    let block = || 0..14_u8;
    let byte = || 33..127_u8;
    prop_oneof![
        5 => (block(), byte()).prop_map(|(block, byte)| BlockAct::Store(block, byte)),
        2 => (block(), byte()).prop_map(|(block, byte)| BlockAct::Scribble(block, byte)),
        3 => (block(), byte()).prop_map(|(block, byte)| BlockAct::Fill(block, byte)),
        8 => block().prop_map(BlockAct::Show),
        1 => proptest::prelude::Just(BlockAct::Save),
        1 => proptest::prelude::Just(BlockAct::Empty),
        1 => proptest::prelude::Just(BlockAct::Flush),
    ]
}

impl BlockAct {
    fn program(self) -> String {
        match self {
            Self::Store(block, byte) => format!("{byte} {block} BLOCK C! UPDATE"),
            Self::Scribble(block, byte) => format!("{byte} {block} BLOCK C!"),
            Self::Fill(block, byte) => format!("{block} BUFFER 1024 {byte} FILL UPDATE"),
            Self::Show(block) => format!("{block} BLOCK DUP C@ . 1023 + C@ . CR"),
            Self::Save => "SAVE-BUFFERS".to_owned(),
            Self::Empty => "EMPTY-BUFFERS".to_owned(),
            Self::Flush => "FLUSH".to_owned(),
        }
    }
}

/// A block as its first and its last byte.
type Ends = (u8, u8);

/// Block buffers, the one used longest ago first: the block's number, its ends, whether it is updated.
struct BlockModel {
    kept: HashMap<u8, Ends>,
    buffers: Vec<(u8, Ends, bool)>,
    /// What a block is that was never written.
    fresh: fn(&Self, u8) -> Ends,
}

impl BlockModel {
    /// Buffers there are.
    const BUFFERS: usize = 8;

    fn use_block(&mut self, block: u8) -> &mut (u8, Ends, bool) {
        let found = self.buffers.iter().position(|(own, ..)| *own == block);
        let buffer = match found {
            Some(place) => self.buffers.remove(place),
            None => {
                if self.buffers.len() == Self::BUFFERS {
                    let oldest = self.buffers.remove(0);
                    self.keep(oldest);
                }
                let kept = self.kept.get(&block).copied();
                (
                    block,
                    kept.unwrap_or_else(|| (self.fresh)(self, block)),
                    false,
                )
            }
        };
        self.buffers.push(buffer);
        self.buffers.last_mut().expect("it was just put there")
    }

    fn keep(&mut self, (block, ends, updated): (u8, Ends, bool)) {
        if updated {
            self.kept.insert(block, ends);
        }
    }

    fn save(&mut self) {
        for place in 0..self.buffers.len() {
            self.keep(self.buffers[place]);
            self.buffers[place].2 = false;
        }
    }

    /// Does an act; returns the line that is printed of it, if one is.
    fn act(&mut self, act: BlockAct) -> Option<String> {
        match act {
            BlockAct::Store(block, byte) => {
                let buffer = self.use_block(block);
                (buffer.1.0, buffer.2) = (byte, true);
            }
            BlockAct::Scribble(block, byte) => self.use_block(block).1.0 = byte,
            BlockAct::Fill(block, byte) => *self.use_block(block) = (block, (byte, byte), true),
            BlockAct::Show(block) => {
                let (_, (first, last), _) = self.use_block(block);
                return Some(format!("{first} {last} "));
            }
            BlockAct::Save => self.save(),
            BlockAct::Empty => self.buffers.clear(),
            BlockAct::Flush => {
                self.save();
                self.buffers.clear();
            }
        }
        None
    }
}

/// In memory a block is blank at first; in a file it may lie before one that was written.
fn blank(_: &BlockModel, _: u8) -> Ends {
    (b' ', b' ')
}

fn blank_or_zero(model: &BlockModel, block: u8) -> Ends {
    if model.kept.keys().any(|kept| *kept > block) {
        (0, 0)
    } else {
        (b' ', b' ')
    }
}

fn check_blocks(acts: &[BlockAct], arguments: &[&str], fresh: fn(&BlockModel, u8) -> Ends) {
    let directory = TempDir::new().expect("there is a place for it");
    let mut model = BlockModel {
        kept: HashMap::new(),
        buffers: Vec::new(),
        fresh,
    };
    let (mut program, mut expected) = (String::new(), String::new());
    for act in acts {
        program.push_str(&act.program());
        program.push('\n');
        if let Some(line) = model.act(*act) {
            expected.push_str(&line);
            expected.push('\n');
        }
    }
    assert_eq!(printed(directory.path(), arguments, &program), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_is_its_bytes_and_a_place_in_them(acts in collection::vec(file_act(), 1..80)) {
        let directory = TempDir::new().expect("there is a place for it");
        let mut model = FileModel::default();
        let mut program = String::from(
            "CREATE B 100 ALLOT S\" data\" R/W CREATE-FILE THROW CONSTANT F
            : .BYTES ( u -- ) DUP . B SWAP BEGIN DUP WHILE OVER C@ . 1- SWAP 1+ SWAP REPEAT 2DROP CR ;\n",
        );
        let mut expected = String::new();
        for act in &acts {
            program.push_str(&act.program());
            program.push('\n');
            expected.push_str(&model.act(act));
            expected.push('\n');
        }
        assert_eq!(printed(directory.path(), &[], &program), expected);
        let bytes = fs::read(directory.path().join("data")).expect("it is there");
        assert_eq!(bytes, model.bytes);
    }

    #[test]
    fn blocks_in_memory_are_what_was_saved_and_what_the_buffers_hold(
        acts in collection::vec(block_act(), 1..200)
    ) {
        check_blocks(&acts, &[], blank);
    }

    #[test]
    fn blocks_of_a_file_are_what_was_saved_and_what_the_buffers_hold(
        acts in collection::vec(block_act(), 1..200)
    ) {
        check_blocks(&acts, &["--blocks", "data.blk"], blank_or_zero);
    }
}
