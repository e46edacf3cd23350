//! One open file: read through a buffer, written without one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd};

use stele_hal::{Access, FileError, LineRead};

use crate::reach::refusal;

/// Bytes that are read at once.
const CAPACITY: usize = 64 << 10;

/// An open file.
#[derive(Debug)]
pub(super) struct HostFile {
    file: File,
    access: Access,
    /// What was read of the file and not yet taken lies at its end.
    buffer: Vec<u8>,
    /// Bytes of `buffer` already taken.
    taken: usize,
    /// Whether it has positions; a pipe has none.
    positions: bool,
}

impl HostFile {
    /// The file, of which nothing has been read.
    pub(super) fn new(mut file: File, access: Access) -> Self {
        let positions = file.stream_position().is_ok();
        Self {
            file,
            access,
            buffer: Vec::new(),
            taken: 0,
            positions,
        }
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.taken..]
    }

    /// Reads more behind what is unread; false at the end of the file.
    fn fill(&mut self) -> Result<bool, FileError> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + CAPACITY, 0);
        let read = repeat(|| self.file.read(&mut self.buffer[old..]));
        self.buffer.truncate(old + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }

    /// Moves up to `into`'s length of unread bytes there.
    fn take(&mut self, into: &mut [u8]) -> usize {
        let count = into.len().min(self.unread().len());
        into[..count].copy_from_slice(&self.unread()[..count]);
        self.taken += count;
        count
    }

    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, FileError> {
        self.expect(self.access.reads())?;
        if self.unread().is_empty() && !into.is_empty() {
            self.fill()?;
        }
        Ok(self.take(into))
    }

    pub(super) fn read_line(&mut self, into: &mut [u8]) -> Result<LineRead, FileError> {
        self.expect(self.access.reads())?;
        let mut length = 0;
        loop {
            if self.unread().is_empty() {
                match self.fill() {
                    Ok(true) => {}
                    Ok(false) => return Ok(LineRead::Last(length)),
                    // What has come of the line is handed over first.
                    Err(FileError::NotReady) if length > 0 => return Ok(LineRead::Part(length)),
                    Err(error) => return Err(error),
                }
            }
            let room = into.len() - length;
            let visible = &self.unread()[..room.min(self.unread().len())];
            let stop = visible
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'));
            let plain = stop.unwrap_or(visible.len());
            length += self.take(&mut into[length..length + plain]);
            if stop.is_some() && self.pass_end_of_line()? {
                return Ok(LineRead::Whole(length));
            }
            if stop.is_some() {
                // A carriage return that ends no line is a byte like any other.
                length += self.take(&mut into[length..=length]);
            }
            if length == into.len() {
                return Ok(LineRead::Part(length));
            }
        }
    }

    /// Passes over a line feed that is next, or both after a carriage return; false if there is none.
    fn pass_end_of_line(&mut self) -> Result<bool, FileError> {
        if self.unread() == b"\r" {
            match self.fill() {
                Ok(_) | Err(FileError::NotReady) => {}
                Err(error) => return Err(error),
            }
        }
        let end = match self.unread() {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
        self.taken += end;
        Ok(end > 0)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize, FileError> {
        self.expect(self.access.writes())?;
        self.forget_unread()?;
        match repeat(|| self.file.write(bytes))? {
            0 if !bytes.is_empty() => Err(FileError::NoSpace),
            written => Ok(written),
        }
    }

    /// Brings the file's own position back to the program's.
    fn forget_unread(&mut self) -> Result<(), FileError> {
        if self.positions && !self.unread().is_empty() {
            let back = i64::try_from(self.unread().len()).map_err(|_| FileError::Position)?;
            repeat(|| self.file.seek(SeekFrom::Current(-back)))?;
            self.clear();
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.taken = 0;
    }

    pub(super) fn flush(&mut self) -> Result<(), FileError> {
        match repeat(|| self.file.sync_data()) {
            // What has no medium has nothing to put there.
            Err(FileError::Other) if !self.positions => Ok(()),
            flushed => flushed,
        }
    }

    pub(super) fn position(&mut self) -> Result<u64, FileError> {
        let position = repeat(|| self.file.stream_position())?;
        Ok(position.saturating_sub(self.unread().len() as u64))
    }

    pub(super) fn set_position(&mut self, position: u64) -> Result<(), FileError> {
        if position > self.size()? {
            return Err(FileError::Position);
        }
        repeat(|| self.file.seek(SeekFrom::Start(position)))?;
        self.clear();
        Ok(())
    }

    pub(super) fn size(&self) -> Result<u64, FileError> {
        let found = repeat(|| self.file.metadata())?;
        if found.is_file() {
            Ok(found.len())
        } else {
            Err(FileError::Other)
        }
    }

    pub(super) fn set_size(&mut self, size: u64) -> Result<(), FileError> {
        self.expect(self.access.writes())?;
        if i64::try_from(size).is_err() {
            return Err(FileError::NoSpace);
        }
        repeat(|| self.file.set_len(size))?;
        if self.position()? > size {
            return self.set_position(size);
        }
        self.forget_unread()
    }

    fn expect(&self, allowed: bool) -> Result<(), FileError> {
        if allowed {
            Ok(())
        } else {
            Err(FileError::Access)
        }
    }
}

impl AsFd for HostFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Does it again as long as only a signal came between.
fn repeat<T>(mut act: impl FnMut() -> io::Result<T>) -> Result<T, FileError> {
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map_err(|error| refusal(&error)),
        }
    }
}
