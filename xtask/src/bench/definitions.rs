//! A program of 10,000 definitions, for measuring how fast source is compiled.
//!
//! Each is what people write: a line of comment now and then, a stack comment, a few words, a
//! control structure or two, calls of what was defined before. The text is the same in every run.

use std::fmt::Write;

/// Colon definitions in the program.
const DEFINITIONS: usize = 10_000;

/// Definitions between two variables.
const PER_VARIABLE: usize = 20;

/// Calls within calls at most, so that running a word takes no time to speak of.
const LEVELS: usize = 5;

const VERBS: [&str; 8] = [
    "scale", "shift", "clamp", "next", "pick", "fold", "adjust", "count",
];

const NOUNS: [&str; 8] = [
    "width", "line", "offset", "item", "level", "entry", "page", "step",
];

/// The program: it defines, calls some of what it defined, prints one number, and ends.
pub(super) fn program() -> String {
    let mut text = String::new();
    let mut writer = Writer {
        seed: 1,
        levels: vec![Vec::new(); LEVELS],
        variable: String::new(),
    };
    for number in 0..DEFINITIONS {
        if number % PER_VARIABLE == 0 {
            writer.variable = format!("total-{number}");
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "\n\\ What the next words keep.\nVARIABLE {}",
                writer.variable
            );
        }
        writer.definition(number, &mut text);
    }
    let _ = write!(text, "\n1");
    for name in writer.levels.iter().flat_map(|level| level.iter().take(20)) {
        let _ = write!(text, "\n{name}");
    }
    text.push_str("\n. CR\nBYE\n");
    text
}

struct Writer {
    seed: u32,
    /// Names of the words so far, by how deep their calls go.
    levels: Vec<Vec<String>>,
    /// The variable defined last.
    variable: String,
}

impl Writer {
    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.seed = self
            .seed
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.seed >> 16) as usize % limit
    }

    /// A word to call from `level`: one defined before, of a lower level, or one of the system's.
    fn callee(&mut self, level: usize) -> String {
        let known = level
            .checked_sub(1)
            .map_or(0, |below| self.levels[below].len());
        match known {
            0 => "ABS".to_owned(),
            known => {
                let chosen = self.below(known);
                self.levels[level - 1][chosen].clone()
            }
        }
    }

    /// Adds one definition, of the effect `( n -- n )`.
    fn definition(&mut self, number: usize, text: &mut String) {
        let verb = VERBS[self.below(VERBS.len())];
        let noun = NOUNS[self.below(NOUNS.len())];
        let name = format!("{verb}-{noun}-{number}");
        let level = self.below(LEVELS);
        let (one, other) = (self.callee(level), self.callee(level));
        let variable = &self.variable.clone();
        let (a, b) = (self.below(100), self.below(3_000));
        let body = match self.below(10) {
            0 => format!("DUP {a} < IF {one} ELSE {b} MOD THEN"),
            1 => format!("{b} + {one} 65535 AND"),
            2 => format!("{variable} @ + DUP {variable} ! 4095 AND"),
            3 => format!("5 0 DO I + 3 * LOOP {b} XOR 65535 AND {one}"),
            4 => format!("255 AND BEGIN DUP {a} > WHILE 2/ REPEAT\n   {one} {other} 1+"),
            5 => format!(
                "DUP 3 AND CASE\n      0 OF {one} ENDOF\n      1 OF {a} + ENDOF\n      \
                 2 OF 2* ENDOF\n      SWAP {other} SWAP\n   ENDCASE"
            ),
            6 => format!(">R R@ {a} * R> 7 AND + 65535 AND {one}"),
            7 => format!("S\" {verb} the {noun}\" ROT + SWAP C@ XOR"),
            8 => format!(
                "DUP 0< IF NEGATE THEN\n   DUP {b} > IF {one} DUP {a} = IF DROP {b} THEN ELSE\n      \
                 {other}\n   THEN"
            ),
            _ => format!("DUP {one} SWAP {other} MAX {a} - ABS"),
        };
        let _ = writeln!(text, ": {name} ( n -- n )\n   {body} ;");
        self.levels[level].push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_has_as_many_definitions_as_it_says() {
        let program = program();
        let definitions = program.lines().filter(|line| line.starts_with(": "));
        assert_eq!(definitions.count(), DEFINITIONS);
    }

    #[test]
    fn names_are_distinct_and_no_word_of_the_language() {
        let program = program();
        let mut names: Vec<&str> = program
            .lines()
            .filter_map(|line| line.strip_prefix(": ")?.split(' ').next())
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DEFINITIONS);
    }
}
