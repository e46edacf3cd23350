//! The `.svc` module: functions and named words in a file, versioned and checksummed.
//!
//! All numbers are little-endian. After a header of magic, version, length and BLAKE3 checksum come
//! five parts: the primitives the code uses, by name; the functions, each its header and code, whose
//! calls name other functions of the module by index and whose primitives are indices into the
//! first part; the words; initial contents of data space with their address; and the index of the
//! function to begin with. [`Module::read`] checks the
//! form; that the code keeps the rules is the verifier's business ([`crate::analysis`]).

use crate::function::{HEADER_WORDS, Header};

/// First bytes of every module.
pub const MAGIC: [u8; 8] = *b"STELESVC";

/// Version of the format.
pub const VERSION: u32 = 2;

/// Bytes before the parts: magic, version, length of the rest, checksum of the rest.
const HEADER_BYTES: usize = 8 + 4 + 4 + 32;

/// Most functions, and most words, that a module may have.
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
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(8)? != MAGIC {
            return Err(ModuleError {
                offset: 0,
                reason: "this is not a module",
            });
        }
        if reader.u32()? != VERSION {
            return Err(ModuleError {
                offset: 8,
                reason: "the module is of another version",
            });
        }
        if reader.u32()? as usize != bytes.len().saturating_sub(HEADER_BYTES) {
            return Err(ModuleError {
                offset: 12,
                reason: "the module is cut off or has something behind it",
            });
        }
        let checksum = reader.take(32)?;
        if blake3::hash(&bytes[reader.at..]).as_bytes() != checksum {
            return Err(ModuleError {
                offset: 16,
                reason: "the checksum does not fit the contents",
            });
        }
        let primitives = reader.part(Reader::name)?;
        let functions = reader.part(Reader::function)?;
        let words = reader.part(|reader| {
            let offset = reader.at;
            let word = reader.word()?;
            if word.function.is_some_and(|index| index >= functions.count) {
                return Err(ModuleError {
                    offset,
                    reason: "a word names a function that is not there",
                });
            }
            Ok(word)
        })?;
        let data_address = reader.i64()?;
        let data_length = reader.u32()?;
        let data = reader.take(data_length as usize)?;
        let offset = reader.at;
        let entry = reader.u32()?;
        if entry >= functions.count {
            return Err(ModuleError {
                offset,
                reason: "the entry names a function that is not there",
            });
        }
        if reader.at != bytes.len() {
            return Err(ModuleError {
                offset: reader.at,
                reason: "something follows the last part",
            });
        }
        Ok(Self {
            bytes,
            primitives,
            functions,
            words,
            data_address,
            data,
            entry,
        })
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

    /// The functions, in order.
    pub fn functions(&self) -> impl Iterator<Item = ModuleFunction<'a>> {
        self.items(self.functions, Reader::function)
    }

    /// The words, in order.
    pub fn words(&self) -> impl Iterator<Item = ModuleWord<'a>> {
        self.items(self.words, Reader::word)
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
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ModuleError> {
        let end = self
            .at
            .checked_add(length)
            .filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(ModuleError {
                offset: self.at,
                reason: "the module is cut off here",
            });
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, ModuleError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn i64(&mut self) -> Result<i64, ModuleError> {
        let (low, high) = (self.u32()?, self.u32()?);
        Ok((u64::from(low) | u64::from(high) << 32).cast_signed())
    }

    fn part<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, ModuleError>,
    ) -> Result<Part, ModuleError> {
        let offset = self.at;
        let count = self.u32()?;
        if count > MAX_ITEMS {
            return Err(ModuleError {
                offset,
                reason: "the part has more items than a module may",
            });
        }
        let part = Part {
            offset: self.at,
            count,
        };
        for _ in 0..count {
            read(self)?;
        }
        Ok(part)
    }

    fn name(&mut self) -> Result<&'a [u8], ModuleError> {
        let offset = self.at;
        let length = usize::from(self.take(1)?[0]);
        if length == 0 {
            return Err(ModuleError {
                offset,
                reason: "a name is empty",
            });
        }
        self.take(length)
    }

    fn function(&mut self) -> Result<ModuleFunction<'a>, ModuleError> {
        let offset = self.at;
        let mut words = [0; HEADER_WORDS];
        for word in &mut words {
            *word = self.u32()?;
        }
        let bad = ModuleError {
            offset,
            reason: "the function's header is out of range",
        };
        let header = Header::decode(&words).ok_or(bad)?;
        let offset = self.at;
        let code = self.take(header.length as usize * 4)?;
        Ok(ModuleFunction {
            header,
            code,
            offset,
        })
    }

    fn word(&mut self) -> Result<ModuleWord<'a>, ModuleError> {
        let name = self.name()?;
        let flags = self.u32()?;
        let function = self.u32()?.checked_sub(1);
        let body = self.i64()?;
        Ok(ModuleWord {
            name,
            flags,
            function,
            body,
        })
    }
}

/// Writes a module, piece by piece, to whatever takes bytes; header and parts in one go.
///
/// `contents` is called twice with a sink, once to measure and sum, once to write, and must produce
/// the same bytes both times.
pub fn write(contents: impl Fn(&mut dyn FnMut(&[u8])), sink: &mut dyn FnMut(&[u8])) {
    let mut length = 0u32;
    let mut hasher = blake3::Hasher::new();
    contents(&mut |bytes| {
        length += u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        hasher.update(bytes);
    });
    sink(&MAGIC);
    sink(&VERSION.to_le_bytes());
    sink(&length.to_le_bytes());
    sink(hasher.finalize().as_bytes());
    contents(sink);
}

/// Writes a name to `sink`; names longer than 255 bytes are cut.
pub fn write_name(name: &[u8], sink: &mut dyn FnMut(&[u8])) {
    let name = &name[..name.len().min(255)];
    sink(&[name.len() as u8]);
    sink(name);
}

/// Writes a function to `sink`.
pub fn write_function(words: &[u32], sink: &mut dyn FnMut(&[u8])) {
    for word in words {
        sink(&word.to_le_bytes());
    }
}

/// Writes a word to `sink`.
pub fn write_word(word: &ModuleWord<'_>, sink: &mut dyn FnMut(&[u8])) {
    write_name(word.name, sink);
    sink(&word.flags.to_le_bytes());
    sink(&word.function.map_or(0, |index| index + 1).to_le_bytes());
    sink(&word.body.to_le_bytes());
}
