//! The `.svc` module: functions and named words in a file, versioned and checksummed.
//!
//! All numbers are little-endian. A file is a header of [`MAGIC`], [`VERSION`], the length of what
//! follows the header and its BLAKE3 checksum, then these parts, one behind the other; a list begins
//! with the number of its items in 32 bits, a name is its length in 8 bits and its bytes, 1 to 255:
//!
//! | part | what it holds |
//! |---|---|
//! | limits | what the module needs to run, see [`Limits`]: 64 bits and twice 32 |
//! | primitives | a list: the name of each primitive that the code uses, in the order it numbers them |
//! | functions | a list: header, whose number is the index, then code; calls name functions by index, primitives are indices into the part before |
//! | words | a list: name, flags in 32 bits, index of the function plus one in 32 bits (0 for none), body in 64 bits |
//! | constants | a list: length in 32 bits and the text form of a value, in UTF-8; code names them by index |
//! | data | address in 64 bits, length in 32, the initial contents of data space |
//! | sources | a list: the name of each source text that line tables number |
//! | symbols | a list, empty or with an item for each function, see [`ModuleSymbol`] |
//! | lines | a list, empty or with an item for each function: length in 32 bits and a [line table](crate::lines) |
//! | entry | index of the function to begin with, in 32 bits |
//!
//! [`Module::read`] checks the form; that the code keeps the rules is the verifier's business
//! ([`crate::analysis`]), that constants are values the loader's. Read this page, `symbols`, `read`,
//! `write`.

mod read;
mod symbols;
mod write;

pub use symbols::{LocalKind, ModuleLocal, ModuleSymbol};
pub use write::{
    write, write_constant, write_count, write_data, write_function, write_limits, write_lines,
    write_local, write_name, write_symbol, write_word,
};

use crate::function::Header;
use crate::lines::Lines;
use read::Reader;

/// First bytes of every module.
pub const MAGIC: [u8; 8] = *b"STELESVC";

/// Version of the format.
pub const VERSION: u32 = 3;

/// Bytes before the parts: magic, version, length of the rest, checksum of the rest.
const HEADER_BYTES: usize = 8 + 4 + 4 + 32;

/// Most items that a part may have.
pub const MAX_ITEMS: u32 = 1 << 16;

/// Why a file is no module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleError {
    /// Byte of the file at which it went wrong.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl core::fmt::Display for ModuleError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "malformed module at byte {}: {}",
            self.offset, self.reason
        )
    }
}

impl core::error::Error for ModuleError {}

/// What a module says that it needs, so that an instance which cannot give it refuses the module
/// instead of failing in the middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Address up to which data space must be able to grow, at least the end of the module's data.
    pub data_space: u64,
    /// Cells that data and return stack together must be able to hold.
    pub cells: u32,
    /// Values that the value stack must be able to hold.
    pub values: u32,
}

/// A word as a module holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleWord<'a> {
    /// Its name, 1 to 255 bytes.
    pub name: &'a [u8],
    /// Its properties, as its language numbers them.
    pub flags: u32,
    /// Index of its function, if it has one.
    pub function: Option<u32>,
    /// Its body.
    pub body: i64,
}

/// A function as a module holds it.
#[derive(Clone, Copy, Debug)]
pub struct ModuleFunction<'a> {
    /// What it declares.
    pub header: Header,
    /// Its code: `header.length` words, little-endian.
    pub code: &'a [u8],
    /// Byte of the file at which the code begins.
    pub offset: usize,
}

impl ModuleFunction<'_> {
    /// The code, word by word.
    pub fn words(&self) -> impl Iterator<Item = u32> {
        self.code
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
    }
}

/// A module whose form has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Module<'a> {
    bytes: &'a [u8],
    primitives: Part,
    functions: Part,
    words: Part,
    constants: Part,
    sources: Part,
    symbols: Part,
    lines: Part,
    /// What it needs to run.
    pub limits: Limits,
    /// Where in data space [`Module::data`] belongs.
    pub data_address: i64,
    /// Initial contents of data space.
    pub data: &'a [u8],
    /// Index of the function to begin with.
    pub entry: u32,
}

/// Where a part begins and how many items it has.
#[derive(Clone, Copy, Debug)]
struct Part {
    offset: usize,
    count: u32,
}

impl<'a> Module<'a> {
    /// Checks the form of `bytes`.
    ///
    /// # Errors
    /// The first place that does not fit the format.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModuleError> {
        let mut reader = Reader::open(bytes)?;
        let at = reader.at;
        let limits = reader.limits()?;
        let primitives = reader.part(Reader::name)?;
        let functions = reader.functions()?;
        let words = reader.part(|reader| {
            let offset = reader.at;
            let word = reader.word()?;
            let reason = "a word names a function that is not there";
            reader.within(offset, word.function, functions.count, reason)
        })?;
        let constants = reader.part(Reader::constant)?;
        let (data_address, data) = reader.data()?;
        if !limits.cover(data_address, data) {
            return Err(ModuleError {
                offset: at,
                reason: "the data does not fit the data space that the module asks for",
            });
        }
        let sources = reader.part(Reader::name)?;
        let mut module = Self {
            bytes,
            primitives,
            functions,
            words,
            constants,
            sources,
            symbols: Part::NONE,
            lines: Part::NONE,
            limits,
            data_address,
            data,
            entry: 0,
        };
        module.symbols = module.debug(&mut reader, |reader, length| {
            reader.symbol(length).map(drop)
        })?;
        module.lines = module.debug(&mut reader, |reader, length| {
            reader.lines(length, sources.count).map(drop)
        })?;
        let offset = reader.at;
        module.entry = reader.u32()?;
        let reason = "the entry names a function that is not there";
        reader.within(offset, Some(module.entry), functions.count, reason)?;
        reader.end()?;
        Ok(module)
    }

    /// Reads a part that has an item for each function, whose words of code are `read`'s second
    /// argument, or no item.
    fn debug(
        &self,
        reader: &mut Reader<'a>,
        read: impl Fn(&mut Reader<'a>, u32) -> Result<(), ModuleError>,
    ) -> Result<Part, ModuleError> {
        let offset = reader.at;
        let count = reader.u32()?;
        let part = Part {
            offset: reader.at,
            count,
        };
        if count == 0 {
            return Ok(part);
        }
        if count != self.functions.count {
            return Err(ModuleError {
                offset,
                reason: "the part has not an item for each function",
            });
        }
        for function in self.functions() {
            read(reader, function.header.length)?;
        }
        Ok(part)
    }

    /// Names of the primitives that the code uses, in the order it numbers them.
    pub fn primitives(&self) -> impl Iterator<Item = &'a [u8]> {
        self.items(self.primitives, Reader::name)
    }

    /// Number of functions.
    #[must_use]
    pub fn function_count(&self) -> u32 {
        self.functions.count
    }

    /// Number of words.
    #[must_use]
    pub fn word_count(&self) -> u32 {
        self.words.count
    }

    /// Number of constants.
    #[must_use]
    pub fn constant_count(&self) -> u32 {
        self.constants.count
    }

    /// The functions, in order.
    pub fn functions(&self) -> impl Iterator<Item = ModuleFunction<'a>> + use<'a> {
        self.items(self.functions, Reader::function)
    }

    /// The words, in order.
    pub fn words(&self) -> impl Iterator<Item = ModuleWord<'a>> {
        self.items(self.words, Reader::word)
    }

    /// The text forms of the constants, in order.
    pub fn constants(&self) -> impl Iterator<Item = &'a str> {
        self.items(self.constants, Reader::constant)
    }

    /// Names of the sources that line tables number, in order.
    pub fn sources(&self) -> impl Iterator<Item = &'a [u8]> {
        self.items(self.sources, Reader::name)
    }

    /// What the functions and their locals are called, function by function; nothing if the module
    /// does not say.
    pub fn symbols(&self) -> impl Iterator<Item = ModuleSymbol<'a>> {
        let lengths = self.functions().map(|function| function.header.length);
        self.per_function(self.symbols, lengths, Reader::symbol)
    }

    /// Where the functions' code came from, function by function; nothing if the module does not
    /// say.
    pub fn lines(&self) -> impl Iterator<Item = Lines<'a>> {
        let lengths = self.functions().map(|function| function.header.length);
        self.per_function(self.lines, lengths, |reader, length| {
            reader.lines(length, u32::MAX)
        })
    }

    fn items<T>(
        &self,
        part: Part,
        read: fn(&mut Reader<'a>) -> Result<T, ModuleError>,
    ) -> impl Iterator<Item = T> + use<'a, T> {
        let mut reader = Reader {
            bytes: self.bytes,
            at: part.offset,
        };
        // `read` has succeeded on each item before.
        (0..part.count).map_while(move |_| read(&mut reader).ok())
    }

    fn per_function<T, L: Iterator<Item = u32>>(
        &self,
        part: Part,
        lengths: L,
        read: impl Fn(&mut Reader<'a>, u32) -> Result<T, ModuleError>,
    ) -> impl Iterator<Item = T> {
        let mut reader = Reader {
            bytes: self.bytes,
            at: part.offset,
        };
        // `read` has succeeded on each item before.
        lengths
            .take(part.count as usize)
            .map_while(move |length| read(&mut reader, length).ok())
    }
}

impl Part {
    const NONE: Self = Self {
        offset: 0,
        count: 0,
    };
}

impl Limits {
    /// Whether the data lies in data space as large as this.
    fn cover(&self, address: i64, data: &[u8]) -> bool {
        let end = u64::try_from(address)
            .ok()
            .and_then(|address| address.checked_add(data.len() as u64));
        data.is_empty() || end.is_some_and(|end| end <= self.data_space)
    }
}
