//! From a text to its module.

use crate::owned::{OwnedFunction, OwnedLocal, OwnedModule, OwnedSymbol, OwnedWord};
use crate::quoted::unquote;
use core::cell::RefCell;
use core::fmt;
use stele_bytecode::analysis::{Callees, Declared, Effect, Lane, Mode, SELF, Slot, analyse};
use stele_bytecode::assembler::{Assembler, Label, Symbols};
use stele_bytecode::instruction::Op;
use stele_bytecode::lines::{Line, Position};
use stele_bytecode::module::{Limits, LocalKind};

/// What is wrong with a text, and in which line, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssemblyError {
    /// The line.
    pub line: usize,
    /// What is wrong there, as a sentence without its end.
    pub reason: String,
}

impl fmt::Display for AssemblyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for AssemblyError {}

type Outcome<T> = Result<T, AssemblyError>;

/// The module that a text describes: see [`crate::text`].
///
/// `effect` tells what a primitive of that name does; it is asked for functions that are to be
/// inferred.
///
/// # Errors
/// The first thing wrong, and its line.
pub fn assemble(text: &str, effect: &dyn Fn(&str) -> Option<Effect>) -> Outcome<OwnedModule> {
    let sections = Sections::of(text)?;
    let mut module = sections.module()?;
    let names: Vec<&str> = sections
        .functions
        .iter()
        .map(|source| source.name)
        .collect();
    let symbols = Names {
        functions: &names,
        primitives: RefCell::new(std::mem::take(&mut module.primitives)),
        words: &module
            .words
            .iter()
            .map(|word| word.name.clone())
            .collect::<Vec<_>>(),
    };
    for source in &sections.functions {
        module.functions.push(source.assemble(&symbols)?);
    }
    module.primitives = symbols.primitives.into_inner();
    for (index, source) in (0..).zip(&sections.functions) {
        if source.infer {
            infer(&mut module, index, source, effect)?;
        }
    }
    sections.finish(&mut module)?;
    Ok(module)
}

/// The lines of a text, sorted by what they are about.
#[derive(Default)]
struct Sections<'t> {
    /// Lines that stand for themselves: number, first word, the rest.
    single: Vec<(usize, &'t str, &'t str)>,
    functions: Vec<Source<'t>>,
    symbols: bool,
    lines: bool,
    data: Option<(usize, &'t str)>,
    bytes: Vec<u8>,
}

/// The lines of a function.
struct Source<'t> {
    line: usize,
    name: &'t str,
    /// What the bytecode's assembler reads: the same lines, those empty that are none of its own.
    code: String,
    /// How many lines that are.
    written: usize,
    /// What the header says holds only until it is known better.
    infer: bool,
    symbol: OwnedSymbol,
    positions: Vec<Line>,
    /// Words of code before the line that is next.
    at: usize,
}

/// What the lines that are read belong to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Module,
    Function,
    Data,
}

impl<'t> Sections<'t> {
    fn of(text: &'t str) -> Outcome<Self> {
        let mut sections = Self::default();
        let mut place = Place::Module;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with("//") {
                continue;
            }
            let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let rest = rest.trim();
            // Code has `primitive` and `word` of its own, without quotation marks.
            let quoted = rest.starts_with('"');
            match first {
                "primitive" | "constant" | "source" | "word" if quoted => place = Place::Module,
                "limits" | "entry" | "symbols" | "lines" => place = Place::Module,
                "function" | "data" => {}
                _ if place == Place::Function => {
                    sections.body(number, first, rest)?;
                    continue;
                }
                _ if place == Place::Data => {
                    sections.bytes.extend(read_bytes(number, line)?);
                    continue;
                }
                _ => return wrong(number, format!("\"{first}\" is not known here")),
            }
            match first {
                "function" => {
                    place = Place::Function;
                    sections.functions.push(Source::new(number, rest)?);
                }
                "data" if sections.data.is_some() => return wrong(number, "there is data already"),
                "data" => {
                    place = Place::Data;
                    sections.data = Some((number, rest));
                }
                "symbols" => sections.symbols = true,
                "lines" => sections.lines = true,
                _ => sections.single.push((number, first, rest)),
            }
        }
        Ok(sections)
    }

    /// A line of the function read last.
    fn body(&mut self, number: usize, first: &'t str, rest: &'t str) -> Outcome<()> {
        let Some(source) = self.functions.last_mut() else {
            return wrong(number, "no function has begun");
        };
        match first {
            "symbol" => {
                let (name, rest) = name(number, rest)?;
                source.symbol.name = name;
                self.symbols = true;
                ended(number, rest)
            }
            "local" => {
                source.symbol.locals.push(read_local(number, rest)?);
                self.symbols = true;
                Ok(())
            }
            "at" => {
                self.lines = true;
                source.position(number, rest)
            }
            _ => {
                source.instruction(number, first, rest);
                Ok(())
            }
        }
    }

    /// The module without its functions.
    fn module(&self) -> Outcome<OwnedModule> {
        let mut module = OwnedModule::default();
        for (number, first, rest) in self.single.iter().copied() {
            match first {
                "limits" => module.limits = read_limits(number, rest)?,
                "primitive" => module.primitives.push(only_name(number, rest)?),
                "source" => module.sources.push(only_name(number, rest)?),
                "constant" => {
                    let (text, rest) = unquoted(number, rest)?;
                    ended(number, rest)?;
                    let text = String::from_utf8(text);
                    let text = text.or_else(|_| wrong(number, "the constant is not UTF-8"))?;
                    module.constants.push(text);
                }
                "word" => module.words.push(self.word(number, rest)?),
                _ => {}
            }
        }
        Ok(module)
    }

    fn word(&self, number: usize, rest: &str) -> Outcome<OwnedWord> {
        let (name, rest) = name(number, rest)?;
        let mut parts = Parts::new(number, rest);
        let flags = parts.named("flags")?;
        let body = parts.named("body")?;
        let function = match parts.next() {
            None => None,
            Some(name) => Some(self.function(number, name)?),
        };
        parts.end()?;
        Ok(OwnedWord {
            name,
            flags,
            function,
            body,
        })
    }

    /// The index of the function of that name.
    fn function(&self, number: usize, name: &str) -> Outcome<u32> {
        let known = self.functions.iter().position(|source| source.name == name);
        match known.and_then(|known| u32::try_from(known).ok()) {
            Some(index) => Ok(index),
            None => wrong(number, format!("no function is called \"{name}\"")),
        }
    }

    /// Adds what is behind the functions.
    fn finish(self, module: &mut OwnedModule) -> Outcome<()> {
        if let Some((number, rest)) = self.data {
            let mut parts = Parts::new(number, rest);
            module.data_address = parts.number("the address of the data")?;
            parts.end()?;
        }
        let end = u64::try_from(module.data_address).unwrap_or(0) + self.bytes.len() as u64;
        if module.limits.data_space == 0 && !self.bytes.is_empty() {
            module.limits.data_space = end;
        }
        module.entry = u32::try_from(self.functions.len().saturating_sub(1)).unwrap_or(u32::MAX);
        for (number, first, rest) in &self.single {
            if *first == "entry" {
                module.entry = self.function(*number, rest)?;
            }
        }
        if self.functions.is_empty() {
            return wrong(1, "a module has at least one function");
        }
        module.data = self.bytes;
        let (symbols, lines) = (self.symbols, self.lines);
        for source in self.functions {
            if symbols {
                module.symbols.push(source.symbol);
            }
            if lines {
                module.lines.push(source.positions);
            }
        }
        Ok(())
    }
}

impl<'t> Source<'t> {
    fn new(line: usize, rest: &'t str) -> Outcome<Self> {
        let Some(name) = rest.split_whitespace().next() else {
            return wrong(line, "the function has no name");
        };
        let mut parts: Vec<&str> = rest.split_whitespace().collect();
        let infer = parts.get(1) == Some(&"infer");
        if infer {
            parts.remove(1);
        }
        let header = parts.join(" ");
        Ok(Self {
            line,
            name,
            code: format!("function {header}\n"),
            written: 1,
            infer,
            symbol: OwnedSymbol::default(),
            positions: Vec::new(),
            at: 0,
        })
    }

    fn instruction(&mut self, number: usize, first: &str, rest: &str) {
        let lines = number - self.line;
        self.code.push_str(&"\n".repeat(lines - self.written));
        self.code.push_str(&format!("{first} {rest}\n"));
        self.written = lines + 1;
        let is_label = first.len() > 1 && first.ends_with(':');
        self.at += match Op::from_mnemonic(first) {
            _ if is_label => 0,
            Some(op) => op.words(),
            None => 1,
        };
    }

    fn position(&mut self, number: usize, rest: &str) -> Outcome<()> {
        let mut parts = Parts::new(number, rest);
        let position = Position {
            source: parts.number("the number of a source")?,
            line: parts.number("a line")?,
            column: parts.number("a column")?,
        };
        let back: usize = match parts.next() {
            Some("back") => parts.number("how many words back")?,
            Some(text) => return wrong(number, format!("\"{text}\" is left over")),
            None => 0,
        };
        parts.end()?;
        let word = self.at.checked_sub(back);
        let Some(word) = word.and_then(|word| u32::try_from(word).ok()) else {
            return wrong(number, "the position lies before the function");
        };
        self.positions.push(Line { word, position });
        Ok(())
    }

    fn assemble(&self, symbols: &Names<'_>) -> Outcome<OwnedFunction> {
        let mut labels = vec![Label::default(); self.written];
        let mut code = vec![0; LONGEST * self.written];
        let assembled = Assembler::new(&self.code).function(symbols, &mut labels, &mut code);
        match assembled {
            Ok(Some(found)) => {
                code.truncate(found.header.length as usize);
                let header = found.header;
                Ok(OwnedFunction { header, code })
            }
            Ok(None) => wrong(self.line, "the function is empty"),
            Err(error) => wrong(self.line + error.line - 1, error.reason.to_string()),
        }
    }
}

/// Words of the longest instruction.
const LONGEST: usize = 4;

/// Finds out what a function declares, and fills that in.
fn infer(
    module: &mut OwnedModule,
    index: u32,
    source: &Source<'_>,
    effect: &dyn Fn(&str) -> Option<Effect>,
) -> Outcome<()> {
    let mut function = module.functions[index as usize].clone();
    let known = Known { module, effect };
    let mut slots = vec![Slot::default(); function.code.len()];
    let declared = Declared::unknown();
    let found = analyse(
        &mut function.code,
        &mut slots,
        &known,
        Mode::Infer,
        declared,
    );
    let found = match found {
        Ok(found) => found,
        Err(error) => return wrong(source.line, format!("{}: {error}", source.name)),
    };
    let missing = |slot: &Slot| {
        let lane = Lane::ALL.into_iter().find(|lane| slot.needs_lane(*lane));
        let cells = slot.needs_check().then_some(Op::Check);
        cells.or(lane.map(Lane::check))
    };
    let missing = |(at, slot)| missing(slot).map(|check| (at, check));
    if let Some((at, check)) = slots.iter().enumerate().find_map(missing) {
        let what = check.mnemonic();
        let name = source.name;
        return wrong(
            source.line,
            format!("{name}: a {what} is missing before code word {at}"),
        );
    }
    let declared = found.declared;
    let header = &mut function.header;
    header.need = declared.need;
    header.room = declared.room;
    header.delta = declared.delta;
    header.value_delta = declared.value_delta;
    header.float_delta = declared.float_delta;
    header.entry_cost = declared.entry_cost;
    name_itself(&mut function.code, index);
    module.functions[index as usize] = function;
    Ok(())
}

/// Makes what the code says of itself say so by number.
fn name_itself(code: &mut [u32], index: u32) {
    let mut at = 0;
    while let Some(op) = code.get(at).copied().and_then(Op::decode) {
        if op.names_function() && code[at + 1] == SELF {
            code[at + 1] = index;
        }
        at += op.words();
    }
}

/// What the code of a module calls.
struct Known<'m> {
    module: &'m OwnedModule,
    effect: &'m dyn Fn(&str) -> Option<Effect>,
}

impl Callees for Known<'_> {
    fn function(&self, operand: u32) -> Option<Effect> {
        let header = self.module.functions.get(operand as usize)?.header;
        Some(Effect::of_function(&header))
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        let name = self.module.primitives.get(usize::from(number))?;
        (self.effect)(core::str::from_utf8(name).ok()?)
    }
}

/// What names in code stand for.
struct Names<'m> {
    functions: &'m [&'m str],
    primitives: RefCell<Vec<Vec<u8>>>,
    words: &'m [Vec<u8>],
}

impl Symbols for Names<'_> {
    fn function(&self, name: &str) -> Option<u32> {
        let index = self.functions.iter().position(|known| *known == name)?;
        u32::try_from(index).ok()
    }

    /// Declares the primitive if no line has, unless it is a number.
    fn primitive(&self, name: &str) -> Option<u16> {
        let mut primitives = self.primitives.borrow_mut();
        let known = primitives.iter().position(|known| known == name.as_bytes());
        if known.is_none() && name.starts_with('#') {
            return None;
        }
        let index = known.unwrap_or_else(|| {
            primitives.push(name.as_bytes().to_vec());
            primitives.len() - 1
        });
        u16::try_from(index).ok()
    }

    fn token(&self, name: &str) -> Option<u32> {
        let index = self
            .words
            .iter()
            .position(|known| known == name.as_bytes())?;
        u32::try_from(index).ok()
    }
}

/// The parts of a line between its spaces, up to a comment.
struct Parts<'t> {
    line: usize,
    parts: std::str::SplitWhitespace<'t>,
}

impl<'t> Parts<'t> {
    fn new(line: usize, text: &'t str) -> Self {
        let parts = text.split_whitespace();
        Self { line, parts }
    }

    fn next(&mut self) -> Option<&'t str> {
        self.parts.next().filter(|part| !part.starts_with("//"))
    }

    fn number<T: core::str::FromStr>(&mut self, what: &str) -> Outcome<T> {
        match self.next() {
            None => wrong(self.line, format!("{what} is missing")),
            Some(text) => match text.parse() {
                Ok(number) => Ok(number),
                Err(_) => wrong(
                    self.line,
                    format!("\"{text}\" stands where {what} is expected"),
                ),
            },
        }
    }

    /// A number behind its name.
    fn named<T: core::str::FromStr>(&mut self, name: &str) -> Outcome<T> {
        match self.next() {
            Some(found) if found == name => self.number(name),
            Some(found) => wrong(
                self.line,
                format!("\"{found}\" stands where {name} is expected"),
            ),
            None => wrong(self.line, format!("{name} is missing")),
        }
    }

    fn end(mut self) -> Outcome<()> {
        match self.next() {
            None => Ok(()),
            Some(text) => wrong(self.line, format!("\"{text}\" is left over")),
        }
    }
}

fn wrong<T>(line: usize, reason: impl Into<String>) -> Outcome<T> {
    let reason = reason.into();
    Err(AssemblyError { line, reason })
}

fn unquoted(line: usize, text: &str) -> Outcome<(Vec<u8>, &str)> {
    match unquote(text) {
        Some(found) => Ok(found),
        None => wrong(line, "text in quotation marks is expected"),
    }
}

/// A name of 1 to 255 bytes, and what follows it.
fn name(line: usize, text: &str) -> Outcome<(Vec<u8>, &str)> {
    let (name, rest) = unquoted(line, text)?;
    if (1..=255).contains(&name.len()) {
        Ok((name, rest))
    } else {
        wrong(line, "a name has 1 to 255 bytes")
    }
}

fn only_name(line: usize, text: &str) -> Outcome<Vec<u8>> {
    let (name, rest) = name(line, text)?;
    ended(line, rest)?;
    Ok(name)
}

fn ended(line: usize, rest: &str) -> Outcome<()> {
    Parts::new(line, rest).end()
}

fn read_limits(line: usize, rest: &str) -> Outcome<Limits> {
    let mut parts = Parts::new(line, rest);
    let limits = Limits {
        data_space: parts.named("data")?,
        cells: parts.named("cells")?,
        values: parts.named("values")?,
    };
    parts.end()?;
    Ok(limits)
}

fn read_local(line: usize, rest: &str) -> Outcome<OwnedLocal> {
    let (numbers, quoted) = rest.split_at(rest.find('"').unwrap_or(rest.len()));
    let mut parts = Parts::new(line, numbers);
    let kind = match parts.next() {
        Some("cell") => LocalKind::Cell,
        Some("value") => LocalKind::Value,
        _ => return wrong(line, "a local is a cell or a value"),
    };
    let (place, first, end) = (
        parts.number("a place")?,
        parts.number("the first word")?,
        parts.number("the end")?,
    );
    parts.end()?;
    Ok(OwnedLocal {
        name: only_name(line, quoted)?,
        kind,
        place,
        first,
        end,
    })
}

fn read_bytes(line: usize, text: &str) -> Outcome<Vec<u8>> {
    let text = text.split("//").next().unwrap_or_default();
    let byte = |digits: &str| {
        let sound = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| sound);
        byte.ok_or(())
    };
    match text.split_whitespace().map(byte).collect() {
        Ok(bytes) => Ok(bytes),
        Err(()) => wrong(line, "bytes of two hexadecimal digits are expected"),
    }
}
