//! Definitions written as words, put through the builder as a compiler would.

use super::{Environment, Function};
use stele_bytecode::analysis::Slot;
use stele_bytecode::builder::{BuildError, Builder, Mark, State};
use stele_bytecode::function::HEADER_WORDS;
use stele_bytecode::instruction::{Op, Operands};

/// Words of code that a definition may have here.
const ROOM: usize = 4096;

/// Builds the definitions of `text`, one a line; the error names the definition.
pub(crate) fn build(text: &str, primitives: &Environment) -> Result<Vec<Function>, String> {
    let mut functions = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, words) = line.split_once(": ").expect("a definition is NAME: words");
        define(name, words, primitives, &mut functions)
            .map_err(|error| format!("{name}: {error:?}"))?;
    }
    Ok(functions)
}

/// Builds a definition, which may call those before it, and adds its parts to them, its last part
/// first.
pub(crate) fn define(
    name: &str,
    words: &str,
    primitives: &Environment,
    functions: &mut Vec<Function>,
) -> Result<(), BuildError> {
    let mut definition = Definition::new(primitives.with_functions(functions));
    definition.words(words)?;
    definition.finish(name, functions)
}

struct Definition {
    known: Environment,
    code: Vec<u32>,
    state: State,
    control: Vec<Mark>,
}

impl Definition {
    fn new(known: Environment) -> Self {
        Self {
            known,
            code: vec![0; ROOM],
            state: State::new(),
            control: Vec::new(),
        }
    }

    fn builder(&mut self) -> Builder<'_> {
        Builder::new(&mut self.code, &mut self.state)
    }

    fn close(&mut self) -> Result<Mark, BuildError> {
        self.control.pop().ok_or(BuildError::Mismatch)
    }

    fn words(&mut self, text: &str) -> Result<(), BuildError> {
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            if self.structure(word)? || self.locals(word, &mut words)? {
                continue;
            }
            if let Ok(number) = word.parse() {
                self.builder().literal(number)?;
            } else if let Some(op) = Op::from_mnemonic(word) {
                match op.operands() {
                    Operands::None => self.builder().emit(op)?,
                    _ => {
                        let operand = words.next().and_then(|operand| operand.parse().ok());
                        let operand = operand.unwrap_or_else(|| panic!("{word} takes a number"));
                        self.builder().with_operand(op, operand)?;
                    }
                }
            } else {
                self.call(word)?;
            }
        }
        Ok(())
    }

    fn call(&mut self, name: &str) -> Result<(), BuildError> {
        if let Some((number, effect)) = self.known.primitive_named(name) {
            return self.builder().primitive(number, effect.delta);
        }
        let (index, function) = self
            .known
            .function_named(name)
            .unwrap_or_else(|| panic!("{name} is nothing that can be built"));
        let (header, code) = (function.header, function.code.clone());
        if header.inline {
            self.builder().inline(&code)
        } else {
            self.builder().call(index, header.delta)
        }
    }

    /// `LOCALS arguments others`, `GET position`, `SET position`, `EXIT`; false if the word is none.
    fn locals<'t>(
        &mut self,
        word: &str,
        words: &mut impl Iterator<Item = &'t str>,
    ) -> Result<bool, BuildError> {
        let mut number = || -> u16 {
            let operand = words.next().and_then(|operand| operand.parse().ok());
            operand.unwrap_or_else(|| panic!("{word} takes a number"))
        };
        match word {
            "LOCALS" => {
                let (arguments, others) = (number(), number());
                self.builder().declare_locals(arguments, others)?;
            }
            "GET" => {
                let position = number();
                self.builder().local(Op::LocalFetch, position)?;
            }
            "SET" => {
                let position = number();
                self.builder().local(Op::LocalStore, position)?;
            }
            "EXIT" => self.builder().exit()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The control words; false if the word is none.
    fn structure(&mut self, word: &str) -> Result<bool, BuildError> {
        match word {
            "IF" => self.open(|builder| builder.forward(Op::JumpIfZero))?,
            "AHEAD" => self.open(|builder| builder.forward(Op::Jump))?,
            "ELSE" => {
                let orig = self.close()?;
                self.open(|builder| builder.forward(Op::Jump))?;
                self.builder().resolve(orig)?;
            }
            "THEN" => {
                let orig = self.close()?;
                self.builder().resolve(orig)?;
            }
            "BEGIN" => self.open(|builder| Ok(builder.begin()))?,
            "AGAIN" => {
                let dest = self.close()?;
                self.builder().back(Op::Jump, dest)?;
            }
            "UNTIL" => {
                let dest = self.close()?;
                self.builder().back(Op::JumpIfZero, dest)?;
            }
            "WHILE" => {
                let dest = self.close()?;
                self.open(|builder| builder.forward(Op::JumpIfZero))?;
                self.control.push(dest);
            }
            "REPEAT" => {
                let (dest, orig) = (self.close()?, self.close()?);
                self.builder().back(Op::Jump, dest)?;
                self.builder().resolve(orig)?;
            }
            // Exchanges the two latest marks: CS-ROLL, as far as the cases need it.
            "CROSS" => {
                let (last, before) = (self.close()?, self.close()?);
                self.control.extend([last, before]);
            }
            "DO" | "?DO" => {
                let marks = self.builder().loop_begin(word == "?DO")?;
                self.control.extend(marks);
            }
            "LOOP" | "+LOOP" => {
                let (body, outer) = (self.close()?, self.close()?);
                let op = if word == "LOOP" {
                    Op::Loop
                } else {
                    Op::PlusLoop
                };
                self.builder().loop_end(op, [outer, body])?;
            }
            "LEAVE" => self.builder().leave()?,
            "RECURSE" => self.builder().recurse()?,
            "DOES>" => {
                let (number, effect) = self
                    .known
                    .primitive_named("(does)")
                    .expect("cases with DOES> describe (does)");
                self.builder().drop_locals()?;
                self.builder().with_operand(Op::Function, 0)?;
                self.builder().primitive(number, effect.delta)?;
                self.builder().next_segment()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn open(
        &mut self,
        add: impl Fn(&mut Builder<'_>) -> Result<Mark, BuildError>,
    ) -> Result<(), BuildError> {
        let mark = add(&mut self.builder())?;
        self.control.push(mark);
        Ok(())
    }

    /// Seals the parts, the last first, and adds them to `functions`.
    fn finish(&mut self, name: &str, functions: &mut Vec<Function>) -> Result<(), BuildError> {
        if !self.control.is_empty() {
            return Err(BuildError::Mismatch);
        }
        let mut slots = vec![Slot::default(); ROOM];
        loop {
            let segments = self.state.segments();
            let known = self.known.with_functions(functions);
            let mut builder = Builder::new(&mut self.code, &mut self.state);
            let declared = builder.seal(&mut slots, &known)?;
            let itself = u32::try_from(functions.len()).expect("cases are small");
            let mut words = vec![0; HEADER_WORDS + builder.segment().len()];
            let header = builder.write(declared, itself, 0, true, &mut words);
            builder.drop_segment(itself);
            let name = match segments {
                1 => name.to_owned(),
                _ => format!("{name}/{}", segments - 1),
            };
            functions.push(Function {
                name,
                header,
                code: words.split_off(HEADER_WORDS),
            });
            if segments == 1 {
                return Ok(());
            }
        }
    }
}
