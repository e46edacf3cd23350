//! Reading a module's bytes, each item where it is met.

use super::{
    HEADER_BYTES, Limits, MAGIC, MAX_ITEMS, ModuleError, ModuleFunction, ModuleWord, Part, VERSION,
};
use crate::function::{HEADER_WORDS, Header};
use crate::lines::{Lines, LinesError};

/// A place in the bytes of a module, before which everything was well.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    /// Checks all that stands before the parts.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ModuleError> {
        let mut reader = Self { bytes, at: 0 };
        let bad = |offset, reason| Err(ModuleError { offset, reason });
        if reader.take(8)? != MAGIC {
            return bad(0, "this is not a module");
        }
        if reader.u32()? != VERSION {
            return bad(8, "the module is of another version");
        }
        if reader.u32()? as usize != bytes.len().saturating_sub(HEADER_BYTES) {
            return bad(12, "the module is cut off or has something behind it");
        }
        let checksum = reader.take(32)?;
        if blake3::hash(&bytes[reader.at..]).as_bytes() != checksum {
            return bad(16, "the checksum does not fit the contents");
        }
        Ok(reader)
    }

    /// Refuses what stands behind the last part.
    pub(super) fn end(&self) -> Result<(), ModuleError> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(ModuleError {
            offset: self.at,
            reason: "something follows the last part",
        })
    }

    /// Refuses an index, read at `offset`, that is not below `count`.
    pub(super) fn within(
        &self,
        offset: usize,
        index: Option<u32>,
        count: u32,
        reason: &'static str,
    ) -> Result<(), ModuleError> {
        if index.is_some_and(|index| index >= count) {
            return Err(ModuleError { offset, reason });
        }
        Ok(())
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], ModuleError> {
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

    pub(super) fn u32(&mut self) -> Result<u32, ModuleError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn u64(&mut self) -> Result<u64, ModuleError> {
        let (low, high) = (self.u32()?, self.u32()?);
        Ok(u64::from(low) | u64::from(high) << 32)
    }

    pub(super) fn part<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, ModuleError>,
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

    pub(super) fn limits(&mut self) -> Result<Limits, ModuleError> {
        Ok(Limits {
            data_space: self.u64()?,
            cells: self.u32()?,
            values: self.u32()?,
        })
    }

    /// Up to 255 bytes, behind their number.
    pub(super) fn short_bytes(&mut self) -> Result<&'a [u8], ModuleError> {
        let length = usize::from(self.take(1)?[0]);
        self.take(length)
    }

    /// Bytes behind their number in 32 bits.
    fn long_bytes(&mut self) -> Result<&'a [u8], ModuleError> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    pub(super) fn name(&mut self) -> Result<&'a [u8], ModuleError> {
        let offset = self.at;
        let name = self.short_bytes()?;
        if name.is_empty() {
            return Err(ModuleError {
                offset,
                reason: "a name is empty",
            });
        }
        Ok(name)
    }

    /// All functions, each numbered by its place.
    pub(super) fn functions(&mut self) -> Result<Part, ModuleError> {
        let mut next = 0;
        self.part(|reader| {
            let offset = reader.at;
            if reader.function()?.header.id != next {
                return Err(ModuleError {
                    offset,
                    reason: "the function's number is not its place in the module",
                });
            }
            next += 1;
            Ok(())
        })
    }

    pub(super) fn function(&mut self) -> Result<ModuleFunction<'a>, ModuleError> {
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

    pub(super) fn word(&mut self) -> Result<ModuleWord<'a>, ModuleError> {
        let name = self.name()?;
        let flags = self.u32()?;
        let function = self.u32()?.checked_sub(1);
        let body = self.u64()?.cast_signed();
        Ok(ModuleWord {
            name,
            flags,
            function,
            body,
        })
    }

    pub(super) fn constant(&mut self) -> Result<&'a str, ModuleError> {
        let offset = self.at;
        core::str::from_utf8(self.long_bytes()?).map_err(|_| ModuleError {
            offset,
            reason: "a constant's text is not UTF-8",
        })
    }

    /// Address and contents.
    pub(super) fn data(&mut self) -> Result<(i64, &'a [u8]), ModuleError> {
        let address = self.u64()?.cast_signed();
        Ok((address, self.long_bytes()?))
    }

    /// The line table of a function of `length` words, whose sources are below `sources`.
    pub(super) fn lines(&mut self, length: u32, sources: u32) -> Result<Lines<'a>, ModuleError> {
        let bytes = self.long_bytes()?;
        let start = self.at - bytes.len();
        let lines = Lines::read(bytes, length).map_err(|LinesError { offset, reason }| {
            let offset = start + offset;
            ModuleError { offset, reason }
        })?;
        if lines.iter().any(|line| line.position.source >= sources) {
            return Err(ModuleError {
                offset: start,
                reason: "the line table names a source that is not there",
            });
        }
        Ok(lines)
    }
}
