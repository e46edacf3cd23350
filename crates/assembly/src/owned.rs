//! A module taken apart.

use stele_bytecode::function::Header;
use stele_bytecode::lines::{Encoder, Line};
use stele_bytecode::module::{self, Limits, LocalKind, Module, ModuleLocal, ModuleWord};

/// A module as data that owns itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedModule {
    /// What it needs to run.
    pub limits: Limits,
    /// Names of the primitives that the code numbers.
    pub primitives: Vec<Vec<u8>>,
    /// The functions.
    pub functions: Vec<OwnedFunction>,
    /// The words.
    pub words: Vec<OwnedWord>,
    /// Text forms of the values that the code numbers.
    pub constants: Vec<String>,
    /// Where in data space the contents belong.
    pub data_address: i64,
    /// What data space begins with there.
    pub data: Vec<u8>,
    /// Names of the sources that line tables number.
    pub sources: Vec<Vec<u8>>,
    /// What functions and locals are called: nothing, or one for each function.
    pub symbols: Vec<OwnedSymbol>,
    /// Where the code came from: nothing, or one table for each function.
    pub lines: Vec<Vec<Line>>,
    /// Index of the function to begin with.
    pub entry: u32,
}

/// A function of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFunction {
    /// What it declares; the length is that of the code. In a module's bytes its number is its index,
    /// whatever it is here.
    pub header: Header,
    /// Its code.
    pub code: Vec<u32>,
}

/// A word of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedWord {
    /// Its name, 1 to 255 bytes.
    pub name: Vec<u8>,
    /// Its properties, as its language numbers them.
    pub flags: u32,
    /// Index of its function, if it has one.
    pub function: Option<u32>,
    /// Its body.
    pub body: i64,
}

/// What a function and its locals are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedSymbol {
    /// The function's name; empty if it has none.
    pub name: Vec<u8>,
    /// Its locals.
    pub locals: Vec<OwnedLocal>,
}

/// A local variable of a function: see [`ModuleLocal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedLocal {
    /// Its name, 1 to 255 bytes.
    pub name: Vec<u8>,
    /// On which stack it lies.
    pub kind: LocalKind,
    /// Its place there.
    pub place: u32,
    /// First word of the code in which it exists.
    pub first: u32,
    /// First word behind that code.
    pub end: u32,
}

impl OwnedModule {
    /// Takes a module apart.
    #[must_use]
    pub fn of(module: &Module<'_>) -> Self {
        Self {
            limits: module.limits,
            primitives: module.primitives().map(<[u8]>::to_vec).collect(),
            functions: module
                .functions()
                .map(|function| OwnedFunction {
                    header: function.header,
                    code: function.words().collect(),
                })
                .collect(),
            words: module.words().map(OwnedWord::of).collect(),
            constants: module.constants().map(str::to_owned).collect(),
            data_address: module.data_address,
            data: module.data.to_vec(),
            sources: module.sources().map(<[u8]>::to_vec).collect(),
            symbols: module
                .symbols()
                .map(|symbol| OwnedSymbol {
                    name: symbol.name.to_vec(),
                    locals: symbol.locals().map(OwnedLocal::of).collect(),
                })
                .collect(),
            lines: module.lines().map(|lines| lines.iter().collect()).collect(),
            entry: module.entry,
        }
    }

    /// The module's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        module::write(|sink| self.contents(sink), &mut |part| {
            bytes.extend_from_slice(part)
        });
        bytes
    }

    fn contents(&self, sink: &mut dyn FnMut(&[u8])) {
        module::write_limits(&self.limits, sink);
        module::write_count(self.primitives.len(), sink);
        for name in &self.primitives {
            module::write_name(name, sink);
        }
        module::write_count(self.functions.len(), sink);
        for (id, function) in (0..).zip(&self.functions) {
            let header = Header {
                id,
                ..function.header
            };
            module::write_function(&header.encode(), sink);
            module::write_function(&function.code, sink);
        }
        module::write_count(self.words.len(), sink);
        for word in &self.words {
            module::write_word(&word.view(), sink);
        }
        module::write_count(self.constants.len(), sink);
        for text in &self.constants {
            module::write_constant(text, sink);
        }
        module::write_data(self.data_address, &self.data, sink);
        module::write_count(self.sources.len(), sink);
        for name in &self.sources {
            module::write_name(name, sink);
        }
        module::write_count(self.symbols.len(), sink);
        for symbol in &self.symbols {
            module::write_symbol(&symbol.name, symbol.locals.len(), sink);
            for local in &symbol.locals {
                module::write_local(&local.view(), sink);
            }
        }
        module::write_count(self.lines.len(), sink);
        for lines in &self.lines {
            module::write_lines(&encode_lines(lines), sink);
        }
        module::write_count(self.entry as usize, sink);
    }
}

fn encode_lines(lines: &[Line]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let mut table = Vec::new();
    for line in lines {
        table.extend_from_slice(encoder.append(*line).bytes());
    }
    table
}

impl OwnedWord {
    fn of(word: ModuleWord<'_>) -> Self {
        Self {
            name: word.name.to_vec(),
            flags: word.flags,
            function: word.function,
            body: word.body,
        }
    }

    fn view(&self) -> ModuleWord<'_> {
        ModuleWord {
            name: &self.name,
            flags: self.flags,
            function: self.function,
            body: self.body,
        }
    }
}

impl OwnedLocal {
    fn of(local: ModuleLocal<'_>) -> Self {
        Self {
            name: local.name.to_vec(),
            kind: local.kind,
            place: local.place,
            first: local.first,
            end: local.end,
        }
    }

    fn view(&self) -> ModuleLocal<'_> {
        ModuleLocal {
            name: &self.name,
            kind: self.kind,
            place: self.place,
            first: self.first,
            end: self.end,
        }
    }
}
