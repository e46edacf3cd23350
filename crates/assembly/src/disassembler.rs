//! From a module to its text.

use crate::quoted::quote;
use crate::text::DATA_BYTES;
use std::fmt::{self, Write};
use stele_bytecode::instruction::{Op, Operands};
use stele_bytecode::lines::Lines;
use stele_bytecode::listing::{self, Names};
use stele_bytecode::module::{LocalKind, Module, ModuleFunction, ModuleSymbol};

/// The text of a module: see [`crate::text`]. [`assemble`](crate::assemble) makes the very same bytes of it.
#[must_use]
pub fn disassemble(module: &Module<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_module(module, &mut text);
    text
}

fn write_module(module: &Module<'_>, out: &mut String) -> fmt::Result {
    let limits = module.limits;
    writeln!(
        out,
        "limits data {} cells {} values {}",
        limits.data_space, limits.cells, limits.values
    )?;
    for name in module.primitives() {
        writeln!(out, "primitive {}", quote(name))?;
    }
    for constant in module.constants() {
        writeln!(out, "constant {}", quote(constant.as_bytes()))?;
    }
    for name in module.sources() {
        writeln!(out, "source {}", quote(name))?;
    }
    write_functions(module, out)?;
    for word in module.words() {
        let name = quote(word.name);
        write!(out, "word {name} flags {} body {}", word.flags, word.body)?;
        match word.function {
            Some(function) => writeln!(out, " f{function}")?,
            None => out.push('\n'),
        }
    }
    writeln!(out, "data {}", module.data_address)?;
    for bytes in module.data.chunks(DATA_BYTES) {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        writeln!(out, "    {}", digits.join(" "))?;
    }
    writeln!(out, "entry f{}", module.entry)
}

fn write_functions(module: &Module<'_>, out: &mut String) -> fmt::Result {
    let mut names = Known::new(module);
    let mut symbols = module.symbols().peekable();
    let mut lines = module.lines().peekable();
    if symbols.peek().is_some() {
        writeln!(out, "symbols")?;
    }
    if lines.peek().is_some() {
        writeln!(out, "lines")?;
    }
    for (index, function) in module.functions().enumerate() {
        let lines = lines.next().unwrap_or(Lines::EMPTY);
        write_function(index, &function, symbols.next(), lines, &mut names, out)?;
    }
    Ok(())
}

/// Writes a function; the lines of its listing, with the positions between them.
fn write_function(
    index: usize,
    function: &ModuleFunction<'_>,
    symbol: Option<ModuleSymbol<'_>>,
    lines: Lines<'_>,
    names: &mut Known,
    out: &mut String,
) -> fmt::Result {
    let code: Vec<u32> = function.words().collect();
    let mut listed = String::new();
    let mut marks = vec![0; code.len()];
    let name = format!("f{index}");
    listing::write_function(
        &name,
        &function.header,
        &code,
        &mut marks,
        names,
        &mut listed,
    )?;
    let mut listed = listed.lines();
    writeln!(out, "{}", listed.next().unwrap_or_default())?;
    if let Some(symbol) = symbol {
        write_symbol(&symbol, out)?;
    }
    let mut lines = lines.iter().peekable();
    let mut at = 0;
    for line in listed {
        let is_label = line.ends_with(':');
        while let Some(next) = lines.next_if(|next| !is_label && next.word as usize <= at) {
            let position = next.position;
            // A place inside an instruction has to be said where it is.
            let inside = match at - next.word as usize {
                0 => String::new(),
                words => format!(" back {words}"),
            };
            let (source, line, column) = (position.source, position.line, position.column);
            writeln!(out, "    at {source} {line} {column}{inside}")?;
        }
        write!(out, "{line}")?;
        if !is_label {
            names.remark(&code[at..], out)?;
            at += listing::whole_instruction(&code[at..]).map_or(1, Op::words);
        }
        out.push('\n');
    }
    for next in lines {
        let position = next.position;
        let (source, line, column) = (position.source, position.line, position.column);
        let words = at - next.word as usize;
        writeln!(out, "    at {source} {line} {column} back {words}")?;
    }
    Ok(())
}

fn write_symbol(symbol: &ModuleSymbol<'_>, out: &mut String) -> fmt::Result {
    if !symbol.name.is_empty() {
        writeln!(out, "    symbol {}", quote(symbol.name))?;
    }
    for local in symbol.locals() {
        let kind = match local.kind {
            LocalKind::Cell => "cell",
            LocalKind::Value => "value",
        };
        let (place, first, end) = (local.place, local.first, local.end);
        let name = quote(local.name);
        writeln!(out, "    local {kind} {place} {first} {end} {name}")?;
    }
    Ok(())
}

/// What the operands of a module's code are called.
struct Known {
    functions: usize,
    /// Names that can stand in an instruction as they are and mean one primitive only, others empty.
    primitives: Vec<String>,
    /// What to remark on functions, constants and tokens, for the reader.
    symbols: Vec<String>,
    words: Vec<String>,
    constants: Vec<String>,
}

impl Known {
    fn new(module: &Module<'_>) -> Self {
        let mut primitives: Vec<String> = Vec::new();
        for name in module.primitives() {
            let name = core::str::from_utf8(name).unwrap_or_default();
            let plain = is_plain(name) && !primitives.iter().any(|known| known == name);
            primitives.push(if plain {
                name.to_owned()
            } else {
                String::new()
            });
        }
        let mut symbols: Vec<String> = vec![String::new(); module.function_count() as usize];
        for word in module.words() {
            if let Some(symbol) = word.function.and_then(|at| symbols.get_mut(at as usize)) {
                *symbol = quote(word.name);
            }
        }
        for (symbol, known) in symbols.iter_mut().zip(module.symbols()) {
            if !known.name.is_empty() {
                *symbol = quote(known.name);
            }
        }
        Self {
            functions: module.function_count() as usize,
            primitives,
            symbols,
            words: module.words().map(|word| quote(word.name)).collect(),
            constants: module
                .constants()
                .map(|constant| quote(constant.as_bytes()))
                .collect(),
        }
    }

    /// Remarks what the operand of the instruction at the beginning of `words` is.
    fn remark(&self, words: &[u32], out: &mut String) -> fmt::Result {
        let Some(op) = listing::whole_instruction(words) else {
            return Ok(());
        };
        let names = match op.operands() {
            Operands::Function | Operands::Closure => &self.symbols,
            Operands::Token => &self.words,
            Operands::Constant => &self.constants,
            _ => return Ok(()),
        };
        match names.get(words[1] as usize) {
            Some(name) if !name.is_empty() => write!(out, "  // {name}"),
            _ => Ok(()),
        }
    }
}

/// Whether a name can stand in an instruction as it is.
fn is_plain(name: &str) -> bool {
    let visible = |character: char| !character.is_whitespace() && !character.is_control();
    !name.is_empty()
        && name.chars().all(visible)
        && !name.starts_with("//")
        && !name.starts_with(['#', '"'])
}

impl Names for Known {
    fn function(&mut self, operand: u32, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        if operand as usize >= self.functions {
            return Ok(false);
        }
        write!(out, "f{operand}").map(|()| true)
    }

    fn primitive(&mut self, number: u16, out: &mut dyn Write) -> Result<bool, fmt::Error> {
        match self.primitives.get(usize::from(number)) {
            Some(name) if !name.is_empty() => out.write_str(name).map(|()| true),
            _ => Ok(false),
        }
    }

    fn token(&mut self, _: u32, _: &mut dyn Write) -> Result<bool, fmt::Error> {
        Ok(false)
    }
}
