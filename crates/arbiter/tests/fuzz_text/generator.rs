//! Programs made from a seed.
//!
//! Half of them follow the grammar: definitions whose control structures match, parsing words with
//! something to parse, words defined before. The other half takes words as they come, or lines of the
//! conformance cases, and changes bytes of them.

use std::fs;
use std::path::Path;

use crate::random::Random;

/// Words that end the world on purpose.
const ENDING: &[&str] = &["BYE", "(BYE)", "COLD", "PANIC"];

/// Words of which a tame program has none: after them the language may not be what it was.
const WILD: &[&str] = &[
    "!",
    "+!",
    "C!",
    "2!",
    "MOVE",
    "FILL",
    "ERASE",
    "BLANK",
    "CMOVE",
    "CMOVE>",
    "TO",
    "IS",
    "DEFER!",
    "BASE",
    "STATE",
    ">IN",
    "ALLOT",
    "MARKER",
    "FORGET",
    "RESTORE-INPUT",
    "ACCEPT",
    "BUDGET",
    "[IF]",
    "[ELSE]",
    "SET-ORDER",
    "FORTH-79",
    "79-STANDARD",
    "EDITOR",
    "ASSEMBLER",
    "CODE",
    ";CODE",
    "SMUDGE",
    "HIDDEN",
    "ACL-ALLOW!",
    "ACL-INHERIT",
];

/// Numbers where something changes.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "8",
    "16",
    "64",
    "100",
    "255",
    "256",
    "4095",
    "4096",
    "4104",
    "65535",
    "65536",
    "-9223372036854775808",
    "9223372036854775807",
    "$FFFFFFFF",
    "%101",
    "'a'",
    "1.",
    "-1.",
    "99999999999999999999.",
    "18000",
    "1048576",
    "-256",
];

/// Words that do something with whatever numbers they find, and how many those are.
const STEADY: &[(&str, usize, usize)] = &[
    ("DUP", 1, 2),
    ("DROP", 1, 0),
    ("SWAP", 2, 2),
    ("OVER", 2, 3),
    ("ROT", 3, 3),
    ("NIP", 2, 1),
    ("TUCK", 2, 3),
    ("2DUP", 2, 4),
    ("2DROP", 2, 0),
    ("2SWAP", 4, 4),
    ("2OVER", 4, 6),
    ("-ROT", 3, 3),
    ("+", 2, 1),
    ("-", 2, 1),
    ("*", 2, 1),
    ("AND", 2, 1),
    ("OR", 2, 1),
    ("XOR", 2, 1),
    ("INVERT", 1, 1),
    ("NEGATE", 1, 1),
    ("ABS", 1, 1),
    ("MIN", 2, 1),
    ("MAX", 2, 1),
    ("1+", 1, 1),
    ("1-", 1, 1),
    ("2*", 1, 1),
    ("2/", 1, 1),
    ("CELLS", 1, 1),
    ("LSHIFT", 2, 1),
    ("RSHIFT", 2, 1),
    ("=", 2, 1),
    ("<", 2, 1),
    (">", 2, 1),
    ("U<", 2, 1),
    ("0=", 1, 1),
    ("0<", 1, 1),
    ("WITHIN", 3, 1),
    ("M*", 2, 2),
    ("UM*", 2, 2),
    ("S>D", 1, 2),
    ("D+", 4, 2),
    ("D-", 4, 2),
    ("DNEGATE", 2, 2),
    ("M+", 3, 2),
    (".", 1, 0),
    ("U.", 1, 0),
    ("DEPTH", 0, 1),
    ("HERE", 0, 1),
    ("PAD", 0, 1),
    ("BASE @", 0, 1),
    ("HERE 16 ERASE", 0, 0),
    ("PAD @", 0, 1),
    ("PAD C@", 0, 1),
    ("PAD !", 1, 0),
    ("PAD +!", 1, 0),
    ("PAD 2@", 0, 2),
    ("PAD 2!", 2, 0),
    (">V", 1, 0),
    ("~[1 2 3]", 0, 0),
    ("VDUP", 0, 0),
    ("VDROP", 0, 0),
    ("VSWAP", 0, 0),
    ("S>F", 1, 0),
    ("F+", 0, 0),
    ("FDUP", 0, 0),
    ("FDROP", 0, 0),
    ("7 /", 1, 1),
    ("7 MOD", 1, 1),
    ("3 7 */", 1, 1),
    ("255 AND", 1, 1),
    ("SWAP 1+ SWAP", 2, 2),
    ("DUP *", 1, 1),
    (">R R> SWAP", 2, 2),
    (", ", 1, 0),
    ("C,", 1, 0),
    ("S\" abc\" 2DROP", 0, 0),
];

/// What parsing words are followed by.
const PARSED: &[&str] = &[
    "text\"", "name", "(", ")", "\"", "a b c\"", "", "\\", "}", "~[1 2]", "dup", "1+",
];

pub(crate) struct Generator {
    /// All words but those that end the world.
    words: Vec<String>,
    /// Those that leave the language as it is.
    tame: Vec<String>,
    /// Lines of the conformance cases.
    lines: Vec<Vec<u8>>,
}

impl Generator {
    /// From the names of all words.
    pub(crate) fn new(words: Vec<String>) -> Self {
        let ends = |word: &String| ENDING.contains(&word.as_str());
        let words: Vec<String> = words.into_iter().filter(|word| !ends(word)).collect();
        let wild = |word: &String| WILD.contains(&word.as_str()) || word.starts_with('(');
        let tame = words.iter().filter(|word| !wild(word)).cloned().collect();
        Self {
            words,
            tame,
            lines: conformance_lines(),
        }
    }

    /// The program of a seed, and whether the language is still what it was after it.
    pub(crate) fn program(&self, seed: u64) -> (Vec<u8>, bool) {
        let mut writer = Writer {
            random: Random::new(seed),
            words: &self.words,
            names: Vec::new(),
        };
        let lines = 1 + writer.random.below(12);
        let kind = writer.random.below(8);
        let mut program = Vec::new();
        if kind < 2 {
            writer.words = &self.tame;
        }
        for _ in 0..lines {
            match kind {
                0..=3 => writer.structured(&mut program),
                4 => writer.loose(&mut program),
                5 => program.extend(writer.random.pick(&self.lines)),
                6 => {
                    let line = writer.random.pick(&self.lines).clone();
                    writer.damaged(line, &mut program);
                }
                _ => writer.noise(&mut program),
            }
            program.push(b'\n');
        }
        // Ctrl-D on an empty line ends the world.
        program.retain(|byte| *byte != 4);
        (program, kind == 0)
    }
}

/// The lines of all cases that a prompt may be given.
fn conformance_lines() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    let mut lines = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "fth") {
                let text = fs::read(&path).expect("the file can be read");
                lines.extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
            }
        }
    }
    lines.retain(|line| {
        let text = String::from_utf8_lossy(line).to_uppercase();
        // Not even as a part of a word: damage may set it free.
        line.len() < 500 && !ENDING.iter().any(|ending| text.contains(ending))
    });
    // Which folder is read first must not matter.
    lines.sort();
    lines
}

struct Writer<'a> {
    random: Random,
    words: &'a [String],
    /// What this program has defined.
    names: Vec<String>,
}

impl Writer<'_> {
    /// A line that follows the grammar.
    fn structured(&mut self, out: &mut Vec<u8>) {
        match self.random.below(8) {
            0..=2 => self.definition(out),
            3 => self.data_definition(out),
            4 => {
                add(out, "S\"");
                self.phrase(out, 3);
                add(out, "\" EVALUATE");
            }
            5 if !self.names.is_empty() => {
                let name = self.random.pick(&self.names).clone();
                self.numbers(out);
                add(out, &format!("' {name} CATCH"));
            }
            _ => {
                self.numbers(out);
                self.phrase(out, 4);
            }
        }
    }

    /// A new name, or now and then one that is taken.
    fn name(&mut self) -> String {
        if self.random.once_in(8) && !self.names.is_empty() {
            return self.random.pick(&self.names).clone();
        }
        let name = format!("x{}", self.names.len());
        self.names.push(name.clone());
        name
    }

    fn definition(&mut self, out: &mut Vec<u8>) {
        let name = self.name();
        add(out, &format!(": {name}"));
        if self.random.once_in(6) {
            add(out, "{: a b | c -- d :}");
            self.body(out, 3);
            add(out, "a b c TO c");
        } else {
            self.body(out, 3);
        }
        if self.random.once_in(8) {
            add(out, "CREATE , DOES> @");
            self.body(out, 1);
        }
        add(out, ";");
        if self.random.once_in(6) {
            add(out, "IMMEDIATE");
        }
        if self.random.once_in(2) {
            self.numbers(out);
            add(out, &name);
        }
    }

    fn data_definition(&mut self, out: &mut Vec<u8>) {
        let name = self.name();
        let kind = *self.random.pick(&[
            "CREATE",
            "VARIABLE",
            "1 CONSTANT",
            "1 VALUE",
            "DEFER",
            "100 BUFFER:",
            "1. 2CONSTANT",
            "2VARIABLE",
            "1. 2VALUE",
            "SYNONYM",
        ]);
        add(out, &format!("{kind} {name}"));
        self.phrase(out, 2);
    }

    /// Code with matching structures, `depth` of them nested at most.
    fn body(&mut self, out: &mut Vec<u8>, depth: usize) {
        for _ in 0..1 + self.random.below(4) {
            if depth == 0 || self.random.once_in(2) {
                self.phrase(out, 3);
                continue;
            }
            let (open, middle, close) = *self.random.pick(&[
                ("IF", "", "THEN"),
                ("IF", "ELSE", "THEN"),
                ("BEGIN", "", "UNTIL"),
                ("BEGIN", "WHILE", "REPEAT"),
                ("3 0 DO", "I", "LOOP"),
                ("10 0 ?DO", "LEAVE", "2 +LOOP"),
                ("CASE 1 OF", "ENDOF 2 OF", "ENDOF ENDCASE"),
                (">R", "R@", "R>"),
                ("[:", "", ";] EXECUTE"),
                ("DUP IF", "EXIT", "THEN"),
            ]);
            add(out, open);
            self.body(out, depth - 1);
            add(out, middle);
            self.body(out, depth - 1);
            add(out, close);
        }
    }

    fn numbers(&mut self, out: &mut Vec<u8>) {
        for _ in 0..self.random.below(4) {
            let number = *self.random.pick(NUMBERS);
            add(out, number);
        }
    }

    /// Words that have what they need.
    fn steady(&mut self, out: &mut Vec<u8>, most: usize) {
        let mut depth = 0;
        for _ in 0..1 + self.random.below(2 * most) {
            let (word, takes, leaves) = *self.random.pick(STEADY);
            while depth < takes {
                let number = *self.random.pick(NUMBERS);
                add(out, number);
                depth += 1;
            }
            add(out, word);
            depth = depth - takes + leaves;
        }
    }

    /// Some words and numbers.
    fn phrase(&mut self, out: &mut Vec<u8>, most: usize) {
        if !self.random.once_in(3) {
            return self.steady(out, most);
        }
        for _ in 0..1 + self.random.below(most) {
            if self.random.once_in(2) {
                self.numbers(out);
            }
            match self.random.below(8) {
                0 | 1 => {
                    let number = *self.random.pick(NUMBERS);
                    add(out, number);
                }
                2 if !self.names.is_empty() => {
                    let name = self.random.pick(&self.names).clone();
                    add(out, &name);
                }
                3 => {
                    let text = *self.random.pick(&[
                        "S\" some text\"",
                        "HERE",
                        "PAD 10",
                        "~[1 2 3]",
                        "~{:a 1}",
                        "['] DUP",
                        "[CHAR] x",
                        "POSTPONE DUP",
                        "( comment )",
                        "1E",
                        "1.5E3",
                        "' +",
                    ]);
                    add(out, text);
                }
                _ => {
                    let word = self.random.pick(self.words).clone();
                    add(out, &word);
                }
            }
        }
    }

    /// Words as they come, with something to parse behind some of them.
    fn loose(&mut self, out: &mut Vec<u8>) {
        for _ in 0..1 + self.random.below(20) {
            self.phrase(out, 2);
            if self.random.once_in(4) {
                let parsed = *self.random.pick(PARSED);
                add(out, parsed);
            }
        }
    }

    /// The line with some bytes or words changed.
    fn damaged(&mut self, mut line: Vec<u8>, out: &mut Vec<u8>) {
        for _ in 0..1 + self.random.below(3) {
            if line.is_empty() {
                break;
            }
            let at = self.random.below(line.len());
            match self.random.below(5) {
                0 => line[at] = self.random.next() as u8,
                1 => {
                    line.remove(at);
                }
                2 => line.insert(at, b' '),
                3 => line.truncate(at),
                _ => {
                    let word = format!(" {} ", self.random.pick(self.words));
                    line.splice(at..at, word.bytes());
                }
            }
        }
        line.retain(|byte| *byte != b'\n');
        out.extend(line);
    }

    fn noise(&mut self, out: &mut Vec<u8>) {
        for _ in 0..self.random.below(200) {
            out.push(self.random.next() as u8);
        }
    }
}

fn add(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(b' ');
}
