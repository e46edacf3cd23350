//! The compiler of the core words: a small Forth compiler without an interpreter.

use crate::source::Source;
use stele_bytecode::analysis::{Callees, Effect, LaneEffect, Slot};
use stele_bytecode::builder::{BuildError, Builder, Mark, State};
use stele_bytecode::function::{Delta, HEADER_WORDS, Header, MAX_WORDS};
use stele_bytecode::instruction::Op;
use stele_bytecode::lines::Position;
use stele_bytecode::module::{self, Limits, ModuleWord};
use stele_bytecode::places::Place;

/// Properties of words, as the system numbers them (`stele_vm::words::flags`).
mod flags {
    pub(super) const IMMEDIATE: u32 = 1;
    pub(super) const COMPILE_ONLY: u32 = 2;
    pub(super) const BODY: u32 = 4;
    pub(super) const CONSTANT: u32 = 64;
    pub(super) const VOCABULARY: u32 = 2048;
    /// Where the number of a word's list begins, less one.
    pub(super) const LIST_SHIFT: u32 = 24;
}

/// Bytes that the line table of a core word may have.
const MAX_LINES: usize = 2048;

/// Words of code that a core word may have.
const BUFFER_WORDS: usize = MAX_WORDS / 16;

/// A primitive as the table gives it.
#[derive(Clone, Copy)]
pub(crate) struct PrimitiveRow {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static str,
    pub(crate) leaves: &'static str,
    /// Values taken and left ("?" where that depends on the data); empty if it leaves the value stack
    /// alone.
    pub(crate) values: &'static [&'static str],
    /// The same of floats.
    pub(crate) floats: &'static [&'static str],
    pub(crate) cost: u32,
}

impl PrimitiveRow {
    fn effect(&self) -> Effect {
        let takes: u16 = self
            .takes
            .parse()
            .expect("the table gives cells taken as a number");
        let (values, floats) = (lane(self.values), lane(self.floats));
        match self.leaves.parse::<u16>() {
            Ok(leaves) => {
                let change = leaves.cast_signed() - takes.cast_signed();
                let room = leaves.saturating_sub(takes);
                Effect {
                    need: takes,
                    delta: Delta::Static(change),
                    room,
                    cost: self.cost,
                    values,
                    floats,
                }
            }
            Err(_) => Effect {
                need: takes,
                delta: Delta::Dynamic,
                room: 0,
                cost: self.cost,
                values,
                floats,
            },
        }
    }
}

/// The effect on the value stack, or the float stack, that a row gives.
fn lane(items: &[&str]) -> LaneEffect {
    let [takes, leaves] = items else {
        return LaneEffect::NONE;
    };
    let takes: u16 = takes
        .parse()
        .expect("the table gives items taken as a number");
    match leaves.parse::<u16>() {
        Ok(leaves) => LaneEffect::of(takes, leaves),
        Err(_) => LaneEffect {
            need: takes,
            delta: Delta::Dynamic,
            room: 0,
        },
    }
}

struct Word {
    name: String,
    flags: u32,
    function: Option<u32>,
    body: i64,
    /// Number of its word list, less one: 0 for the list in which the sources' own words are found.
    list: u32,
    /// The instruction that compiling it adds, for words that work on the return stack.
    op: Option<Op>,
}

/// Functions made so far, and the primitives, as the verifier asks for them.
struct Known<'a> {
    functions: &'a [Vec<u32>],
    primitives: &'a [PrimitiveRow],
}

impl Callees for Known<'_> {
    fn function(&self, operand: u32) -> Option<Effect> {
        let header = Header::decode(self.functions.get(operand as usize)?)?;
        Some(Effect::of_function(&header))
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        self.primitives
            .get(usize::from(number))
            .map(PrimitiveRow::effect)
    }
}

/// The compiler.
pub(crate) struct Compiler {
    primitives: &'static [PrimitiveRow],
    words: Vec<Word>,
    functions: Vec<Vec<u32>>,
    /// The line table of each.
    lines: Vec<Vec<u8>>,
    /// The names of the sources; line tables refer to them by place. The first stands for the console.
    sources: Vec<String>,
    /// Where each instruction of the definition came from.
    places: Vec<Place>,
    /// The list that new words go to, less one.
    list: u32,
    /// Address of the next free user cell.
    user: i64,
    data_address: i64,
    data: Vec<u8>,
    code: Vec<u32>,
    state: State,
    control: Vec<Mark>,
    /// For each open CASE, the jumps from its ENDOFs to its end.
    cases: Vec<Vec<Mark>>,
}

type Result<T> = std::result::Result<T, String>;

fn told(error: BuildError) -> String {
    match error {
        BuildError::Code(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

impl Compiler {
    pub(crate) fn new(primitives: &'static [PrimitiveRow], user: i64, data_address: i64) -> Self {
        Self {
            primitives,
            words: Vec::new(),
            functions: Vec::new(),
            lines: Vec::new(),
            sources: vec!["console".to_owned()],
            places: vec![Place::NONE; BUFFER_WORDS],
            list: 0,
            user,
            data_address,
            data: Vec::new(),
            code: vec![0; BUFFER_WORDS],
            state: State::new(),
            control: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Defines a word that is one instruction.
    pub(crate) fn instruction(&mut self, name: &str, op: Op) {
        self.state = State::new();
        self.builder().emit(op).expect("one instruction fits");
        let function = self
            .finish(true)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        self.define(name, 0, Some(function), 0);
    }

    /// Defines a word whose compilation adds an instruction.
    pub(crate) fn return_stack_word(&mut self, name: &str, op: Op) {
        self.state = State::new();
        let number = self.primitive_number("(op)").expect("the table has (op)");
        let effect = self.primitives[usize::from(number)].effect();
        self.builder()
            .literal(op as i64)
            .expect("one instruction fits");
        self.builder()
            .primitive(number, effect.delta)
            .expect("one instruction fits");
        let function = self
            .finish(false)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        self.define(
            name,
            flags::IMMEDIATE | flags::COMPILE_ONLY,
            Some(function),
            0,
        );
        self.words.last_mut().expect("a word was just defined").op = Some(op);
    }

    /// Defines a word of the list of that number that adds an instruction when it runs.
    pub(crate) fn assembler_word(&mut self, list: u32, op: Op) {
        self.state = State::new();
        let number = self.primitive_number("(op)").expect("the table has (op)");
        let effect = self.primitives[usize::from(number)].effect();
        let mut builder = self.builder();
        builder.literal(op as i64).expect("one instruction fits");
        builder
            .primitive(number, effect.delta)
            .expect("one instruction fits");
        let name = op.mnemonic();
        let function = self
            .finish(false)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let before = core::mem::replace(&mut self.list, list - 1);
        self.define(name, 0, Some(function), 0);
        self.list = before;
    }

    /// Defines a constant.
    pub(crate) fn constant(&mut self, name: &str, value: i64) {
        self.define(name, flags::BODY | flags::CONSTANT, None, value);
    }

    /// Compiles a source that reports call `name`.
    pub(crate) fn source(&mut self, name: &str, text: &str) -> Result<()> {
        self.sources.push(name.to_owned());
        let mut source = Source::new(text);
        let mut number = None;
        while let Some(word) = source.word() {
            self.top_level(word, &mut source, &mut number)
                .map_err(|error| format!("line {}: {word}: {error}", source.line()))?;
        }
        Ok(())
    }

    fn top_level(
        &mut self,
        word: &str,
        source: &mut Source<'_>,
        number: &mut Option<i64>,
    ) -> Result<()> {
        match word {
            ":" => self.colon(source),
            "IMMEDIATE" => self.mark_last(flags::IMMEDIATE),
            "COMPILE-ONLY" => self.mark_last(flags::COMPILE_ONLY),
            "CONSTANT" => {
                let value = number.take().ok_or("there is no number before it")?;
                self.constant(source.raw_word().ok_or("it has no name")?, value);
                Ok(())
            }
            "VOCABULARY" => {
                let list = number.take().ok_or("there is no number before it")?;
                let selects = self
                    .find("(VOCABULARY)")
                    .and_then(|token| self.words[token as usize].function);
                let selects = selects.ok_or("(VOCABULARY) is not defined yet")?;
                let name = source.raw_word().ok_or("it has no name")?;
                self.define(name, flags::VOCABULARY | flags::BODY, Some(selects), list);
                Ok(())
            }
            "SET-CURRENT" => {
                let list = number.take().ok_or("there is no number before it")?;
                let list = u8::try_from(list - 1).map_err(|error| error.to_string())?;
                self.list = list.into();
                Ok(())
            }
            "USER" => {
                self.constant(source.raw_word().ok_or("it has no name")?, self.user);
                self.user += 8;
                Ok(())
            }
            _ => {
                *number =
                    Some(parse_number(word).ok_or("only definitions and constants stand here")?);
                Ok(())
            }
        }
    }

    fn mark_last(&mut self, flag: u32) -> Result<()> {
        self.words.last_mut().ok_or("nothing is defined yet")?.flags |= flag;
        Ok(())
    }

    fn colon(&mut self, source: &mut Source<'_>) -> Result<()> {
        let name = source.raw_word().ok_or("it has no name")?.to_owned();
        self.state = State::new();
        self.control.clear();
        loop {
            let word = source.word().ok_or("the definition does not end")?;
            self.state.set_place(self.place(source));
            if word == ";" {
                break;
            }
            self.compile(word, source)
                .map_err(|error| format!("in {name}: {word}: {error}"))?;
        }
        if !self.control.is_empty() || !self.cases.is_empty() {
            return Err(format!("in {name}: a control structure is open"));
        }
        let function = self
            .finish(true)
            .map_err(|error| format!("in {name}: {error}"))?;
        self.define(&name, 0, Some(function), 0);
        Ok(())
    }

    /// The line of the word that was read last. Columns would make every kernel larger and its start
    /// longer, for words that hardly anybody looks up.
    fn place(&self, source: &Source<'_>) -> Place {
        let number = |number: usize| u32::try_from(number).expect("the sources are short");
        Place::new(Position {
            source: number(self.sources.len() - 1),
            line: number(source.line()),
            column: 0,
        })
    }

    fn compile(&mut self, word: &str, source: &mut Source<'_>) -> Result<()> {
        if self.structure(word)? || self.parsing_word(word, source)? {
            return Ok(());
        }
        if let Some(number) = self.primitive_number(word) {
            let effect = self.primitives[usize::from(number)].effect();
            return self.builder().primitive(number, effect.delta).map_err(told);
        }
        if let Some(token) = self.find(word) {
            return self.reference(token);
        }
        if let Some(op @ (Op::CatchEnter | Op::CatchExit)) = Op::from_mnemonic(word) {
            return self.builder().emit(op).map_err(told);
        }
        let number = parse_number(word).ok_or("neither a word nor a number")?;
        self.builder().literal(number).map_err(told)
    }

    /// Control structures; false if the word is none.
    fn structure(&mut self, word: &str) -> Result<bool> {
        match word {
            "IF" => self.open(|builder| builder.forward(Op::JumpIfZero))?,
            "ELSE" => {
                let orig = self.close()?;
                self.open(|builder| builder.forward(Op::Jump))?;
                self.builder().resolve(orig).map_err(told)?;
            }
            "THEN" => {
                let orig = self.close()?;
                self.builder().resolve(orig).map_err(told)?;
            }
            "BEGIN" => self.open(|builder| Ok(builder.begin()))?,
            "AGAIN" => {
                let dest = self.close()?;
                self.builder().back(Op::Jump, dest).map_err(told)?;
            }
            "UNTIL" => {
                let dest = self.close()?;
                self.builder().back(Op::JumpIfZero, dest).map_err(told)?;
            }
            "WHILE" => {
                let dest = self.close()?;
                self.open(|builder| builder.forward(Op::JumpIfZero))?;
                self.control.push(dest);
            }
            "REPEAT" => {
                let dest = self.close()?;
                let orig = self.close()?;
                self.builder().back(Op::Jump, dest).map_err(told)?;
                self.builder().resolve(orig).map_err(told)?;
            }
            "DO" | "?DO" => {
                let marks = self.builder().loop_begin(word == "?DO").map_err(told)?;
                self.control.extend(marks);
            }
            "LOOP" | "+LOOP" => {
                let (body, outer) = (self.close()?, self.close()?);
                let op = if word == "LOOP" {
                    Op::Loop
                } else {
                    Op::PlusLoop
                };
                self.builder().loop_end(op, [outer, body]).map_err(told)?;
            }
            "CASE" => self.cases.push(Vec::new()),
            "OF" => {
                self.builder().emit(Op::Over).map_err(told)?;
                self.builder().emit(Op::Equal).map_err(told)?;
                self.open(|builder| builder.forward(Op::JumpIfZero))?;
                self.builder().emit(Op::Drop).map_err(told)?;
            }
            "ENDOF" => {
                let orig = self.close()?;
                let end = self.builder().forward(Op::Jump).map_err(told)?;
                self.cases.last_mut().ok_or("there is no CASE")?.push(end);
                self.builder().resolve(orig).map_err(told)?;
            }
            "ENDCASE" => {
                self.builder().emit(Op::Drop).map_err(told)?;
                for end in self.cases.pop().ok_or("there is no CASE")? {
                    self.builder().resolve(end).map_err(told)?;
                }
            }
            "EXIT" => self.builder().emit(Op::Return).map_err(told)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Words that take the text after them; false if the word is none.
    fn parsing_word(&mut self, word: &str, source: &mut Source<'_>) -> Result<bool> {
        match word {
            "[']" => {
                let token = self.named(source)?;
                self.builder()
                    .with_operand(Op::Token, token)
                    .map_err(told)?;
            }
            "POSTPONE" => {
                let token = self.named(source)?;
                if self.words[token as usize].flags & flags::IMMEDIATE != 0 {
                    self.call(token)?;
                } else {
                    self.builder()
                        .with_operand(Op::Token, token)
                        .map_err(told)?;
                    let compile = self.find("COMPILE,").ok_or("COMPILE, is not defined yet")?;
                    self.call(compile)?;
                }
            }
            "S\"" => self.string(source)?,
            ".\"" => {
                self.string(source)?;
                let print = self.find("TYPE").ok_or("TYPE is not defined yet")?;
                self.call(print)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Keeps the text up to a quotation mark in data space; its address and length become literals.
    fn string(&mut self, source: &mut Source<'_>) -> Result<()> {
        let text = source.until('"').to_owned();
        let address =
            self.data_address + i64::try_from(self.data.len()).map_err(|e| e.to_string())?;
        self.data.extend(text.as_bytes());
        self.builder().literal(address).map_err(told)?;
        self.builder()
            .literal(text.len().cast_signed() as i64)
            .map_err(told)
    }

    fn named(&self, source: &mut Source<'_>) -> Result<u32> {
        let name = source.raw_word().ok_or("no name follows")?;
        self.find(name)
            .ok_or_else(|| format!("{name} is not defined"))
    }

    /// What a word compiles to in a definition.
    fn reference(&mut self, token: u32) -> Result<()> {
        let word = &self.words[token as usize];
        if let Some(op) = word.op {
            return self.builder().emit(op).map_err(told);
        }
        if word.flags & flags::CONSTANT != 0 {
            let value = word.body;
            return self.builder().literal(value).map_err(told);
        }
        self.call(token)
    }

    fn call(&mut self, token: u32) -> Result<()> {
        let function = self.words[token as usize]
            .function
            .ok_or("it has no code")?;
        let words = self.functions[function as usize].clone();
        let header = Header::decode(&words).ok_or("its header is damaged")?;
        if header.inline {
            return self.builder().inline(&words[HEADER_WORDS..]).map_err(told);
        }
        self.builder().call(function, header.delta).map_err(told)
    }

    fn finish(&mut self, inline: bool) -> Result<u32> {
        self.builder().emit(Op::Return).map_err(told)?;
        let index = u32::try_from(self.functions.len()).map_err(|error| error.to_string())?;
        let mut slots = vec![Slot::default(); self.code.len()];
        let known = Known {
            functions: &self.functions,
            primitives: self.primitives,
        };
        let mut builder = Builder::with_places(&mut self.code, &mut self.places, &mut self.state);
        let declared = builder.seal(&mut slots, &known).map_err(told)?;
        let mut function = vec![0; HEADER_WORDS + builder.segment().len()];
        let _ = builder.write(declared, index, index, inline, &mut function);
        let mut lines = vec![0; MAX_LINES];
        let length = builder.lines(&mut lines);
        lines.truncate(length);
        self.functions.push(function);
        self.lines.push(lines);
        Ok(index)
    }

    fn define(&mut self, name: &str, flags: u32, function: Option<u32>, body: i64) {
        self.words.push(Word {
            name: name.to_owned(),
            flags,
            function,
            body,
            list: self.list,
            op: None,
        });
    }

    fn find(&self, name: &str) -> Option<u32> {
        let index = self
            .words
            .iter()
            .rposition(|word| word.list == 0 && word.name.eq_ignore_ascii_case(name))?;
        u32::try_from(index).ok()
    }

    fn primitive_number(&self, name: &str) -> Option<u16> {
        let index = self
            .primitives
            .iter()
            .position(|primitive| primitive.name == name)?;
        u16::try_from(index).ok()
    }

    fn builder(&mut self) -> Builder<'_> {
        Builder::with_places(&mut self.code, &mut self.places, &mut self.state)
    }

    fn open(
        &mut self,
        add: impl Fn(&mut Builder<'_>) -> std::result::Result<Mark, BuildError>,
    ) -> Result<()> {
        let mark = add(&mut self.builder()).map_err(told)?;
        self.control.push(mark);
        Ok(())
    }

    fn close(&mut self) -> Result<Mark> {
        self.control
            .pop()
            .ok_or_else(|| "it closes nothing".to_owned())
    }

    /// Everything compiled, as a module that begins with the word `entry`.
    pub(crate) fn module(&self, entry: &str) -> Vec<u8> {
        let entry = self
            .find(entry)
            .and_then(|token| self.words[token as usize].function);
        let entry = entry.expect("the sources define the entry word");
        let length = i64::try_from(self.data.len()).expect("the data is short");
        let limits = Limits {
            data_space: (self.data_address + length).unsigned_abs(),
            ..Limits::default()
        };
        let mut bytes = Vec::new();
        module::write(
            |sink| {
                module::write_limits(&limits, sink);
                module::write_count(self.primitives.len(), sink);
                for primitive in self.primitives {
                    module::write_name(primitive.name.as_bytes(), sink);
                }
                module::write_count(self.functions.len(), sink);
                for function in &self.functions {
                    module::write_function(function, sink);
                }
                module::write_count(self.words.len(), sink);
                for word in &self.words {
                    let name = word.name.as_bytes();
                    let word = ModuleWord {
                        name,
                        flags: word.flags | word.list << flags::LIST_SHIFT,
                        function: word.function,
                        body: word.body,
                    };
                    module::write_word(&word, sink);
                }
                // Core words have no values in them.
                module::write_count(0, sink);
                module::write_data(self.data_address, &self.data, sink);
                module::write_count(self.sources.len(), sink);
                for name in &self.sources {
                    module::write_name(name.as_bytes(), sink);
                }
                // No symbols: what the words are called is said once, above.
                module::write_count(0, sink);
                module::write_count(self.lines.len(), sink);
                for lines in &self.lines {
                    module::write_lines(lines, sink);
                }
                module::write_count(entry as usize, sink);
            },
            &mut |part| bytes.extend_from_slice(part),
        );
        bytes
    }
}

fn parse_number(word: &str) -> Option<i64> {
    match word.strip_prefix('$') {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}
