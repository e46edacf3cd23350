//! A part of a file that reads, writes and seeks like a file of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// `length` bytes of `file` from `start` on.
pub(super) struct Window<'a> {
    file: &'a mut File,
    start: u64,
    length: u64,
    position: u64,
}

impl<'a> Window<'a> {
    /// The window; it reads and writes at its own beginning first.
    pub(super) fn new(file: &'a mut File, start: u64, length: u64) -> Window<'a> {
        Window {
            file,
            start,
            length,
            position: 0,
        }
    }

    /// Moves the file to our position and says how much of `wanted` bytes lies inside.
    fn prepare(&mut self, wanted: usize) -> io::Result<usize> {
        self.file
            .seek(SeekFrom::Start(self.start + self.position))?;
        let left = self.length.saturating_sub(self.position);
        Ok(usize::try_from(left).map_or(wanted, |left| left.min(wanted)))
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let inside = self.prepare(buffer.len())?;
        let done = self
            .file
            .read(buffer.get_mut(..inside).unwrap_or_default())?;
        self.position += done as u64;
        Ok(done)
    }
}

impl Write for Window<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let inside = self.prepare(buffer.len())?;
        let done = self.file.write(buffer.get(..inside).unwrap_or_default())?;
        self.position += done as u64;
        Ok(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "seek outside the partition");
        self.position = position
            .filter(|&at| at <= self.length)
            .ok_or_else(outside)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_stay_inside_and_count_from_the_start() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let mut window = Window::new(&mut file, 2, 4);
        let mut text = String::new();
        window.read_to_string(&mut text).unwrap();
        assert_eq!(text, "2345");

        window.seek(SeekFrom::End(-1)).unwrap();
        assert!(window.write_all(b"xy").is_err());
        assert!(window.seek(SeekFrom::Start(5)).is_err());
        assert!(window.seek(SeekFrom::Current(-9)).is_err());

        file.rewind().unwrap();
        text.clear();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "01234x6789");
    }
}
