//! Open files as an instance has them: ids, and the way to the host's files through the one door.
//!
//! An id is a name from the counter that devices and interrupts have theirs from, never used again;
//! what it stands for is in [`Bindings`]. In a loaded world the ids from before stand for nothing.

use crate::Trap;
use crate::devices::Bindings;
use crate::machine::Machine;
use stele_hal::{Access, FileError, FileKind, Files, LONGEST_NAME, LineRead, OpenFile, Opening};

impl Bindings {
    pub(crate) fn close_all(&mut self, files: &mut (impl Files + ?Sized)) {
        for (place, id) in self.files.iter_mut().enumerate() {
            if id.take().is_some() {
                // Whoever would want to know of an error is gone.
                let _ = files.close_file(OpenFile(place));
            }
        }
    }

    fn file(&self, id: u64) -> Result<OpenFile, FileError> {
        let place = self.files.iter().position(|own| *own == Some(id));
        place.map(OpenFile).ok_or(FileError::NotOpen)
    }
}

impl Trap {
    /// The code that tells of `error`; `operation` where the host says no more than that it cannot.
    #[must_use]
    pub fn of_file(error: FileError, operation: Self) -> Self {
        match error {
            FileError::NoFiles => Self::NO_FILES,
            FileError::NotFound => Self::NO_SUCH_FILE,
            FileError::Denied => Self::FILE_DENIED,
            FileError::OutOfBounds => Self::FILE_OUT_OF_BOUNDS,
            FileError::Directory => Self::DIRECTORY,
            FileError::NoSpace => Self::NO_FILE_SPACE,
            FileError::TooMany => Self::TOO_MANY_FILES,
            FileError::Name => Self::FILE_NAME,
            FileError::NotOpen => Self::NOT_OPEN,
            FileError::Access => Self::FILE_ACCESS,
            FileError::Position => Self::FILE_POSITION,
            FileError::Io => Self::FILE_IO,
            FileError::NotReady | FileError::Other => operation,
        }
    }
}

/// Refuses what no file can be called.
fn check_name(name: &[u8]) -> Result<(), FileError> {
    if name.is_empty() || name.len() > LONGEST_NAME || name.contains(&0) {
        return Err(FileError::Name);
    }
    Ok(())
}

impl Machine<'_, '_> {
    /// Opens a file; returns its id.
    ///
    /// # Errors
    /// As [`Files::open_file`].
    pub fn open_file(
        &mut self,
        name: &[u8],
        access: Access,
        opening: Opening,
    ) -> Result<u64, FileError> {
        check_name(name)?;
        let OpenFile(place) = self.outside.open_file(name, access, opening)?;
        let id = self.new_name();
        match self.bindings.files.get_mut(place) {
            Some(entry) => *entry = Some(id),
            None => return Err(FileError::TooMany),
        }
        Ok(id)
    }

    /// Closes a file, whatever comes back.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::close_file`].
    pub fn close_file(&mut self, id: u64) -> Result<(), FileError> {
        let file = self.bindings.file(id)?;
        self.bindings.files[file.0] = None;
        self.outside.close_file(file)
    }

    /// Reads from a file.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::read_file`].
    pub fn read_file(&mut self, id: u64, into: &mut [u8]) -> Result<usize, FileError> {
        let file = self.bindings.file(id)?;
        self.outside.read_file(file, into)
    }

    /// Reads a line, or what fits of it.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::read_line`].
    pub fn read_line(&mut self, id: u64, into: &mut [u8]) -> Result<LineRead, FileError> {
        let file = self.bindings.file(id)?;
        self.outside.read_line(file, into)
    }

    /// Writes to a file.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::write_file`].
    pub fn write_file(&mut self, id: u64, bytes: &[u8]) -> Result<usize, FileError> {
        let file = self.bindings.file(id)?;
        self.outside.write_file(file, bytes)
    }

    /// Has what was written put on the medium.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::flush_file`].
    pub fn flush_file(&mut self, id: u64) -> Result<(), FileError> {
        let file = self.bindings.file(id)?;
        self.outside.flush_file(file)
    }

    /// Where in a file the next byte is.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::file_position`].
    pub fn file_position(&mut self, id: u64) -> Result<u64, FileError> {
        let file = self.bindings.file(id)?;
        self.outside.file_position(file)
    }

    /// Moves the position in a file.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::set_file_position`].
    pub fn set_file_position(&mut self, id: u64, position: u64) -> Result<(), FileError> {
        let file = self.bindings.file(id)?;
        self.outside.set_file_position(file, position)
    }

    /// Bytes of a file.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::file_size`].
    pub fn file_size(&mut self, id: u64) -> Result<u64, FileError> {
        let file = self.bindings.file(id)?;
        self.outside.file_size(file)
    }

    /// Makes a file shorter or longer.
    ///
    /// # Errors
    /// [`FileError::NotOpen`], or as [`Files::set_file_size`].
    pub fn set_file_size(&mut self, id: u64, size: u64) -> Result<(), FileError> {
        let file = self.bindings.file(id)?;
        self.outside.set_file_size(file, size)
    }

    /// Deletes the file of a name.
    ///
    /// # Errors
    /// As [`Files::delete_file`].
    pub fn delete_file(&mut self, name: &[u8]) -> Result<(), FileError> {
        check_name(name)?;
        self.outside.delete_file(name)
    }

    /// Gives a file another name.
    ///
    /// # Errors
    /// As [`Files::rename_file`].
    pub fn rename_file(&mut self, old: &[u8], new: &[u8]) -> Result<(), FileError> {
        check_name(old)?;
        check_name(new)?;
        self.outside.rename_file(old, new)
    }

    /// What there is under a name.
    ///
    /// # Errors
    /// As [`Files::file_kind`].
    pub fn file_kind(&mut self, name: &[u8]) -> Result<FileKind, FileError> {
        check_name(name)?;
        self.outside.file_kind(name)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{Trap, check_name};
    use std::string::ToString;
    use std::vec;
    use stele_hal::{FileError, LONGEST_NAME};

    #[test]
    fn what_a_file_is_refused_for_is_said_in_the_same_words_everywhere() {
        for error in [
            FileError::NoFiles,
            FileError::NotFound,
            FileError::Denied,
            FileError::OutOfBounds,
            FileError::Directory,
            FileError::NoSpace,
            FileError::TooMany,
            FileError::Name,
            FileError::NotOpen,
            FileError::Access,
            FileError::Position,
            FileError::Io,
        ] {
            let trap = Trap::of_file(error, Trap::ABORT);
            assert_eq!(trap.meaning(), Some(error.to_string().as_str()));
        }
        let other = Trap::of_file(FileError::Other, Trap::READ_FILE);
        assert_eq!(other, Trap::READ_FILE);
    }

    #[test]
    fn a_name_has_bytes_but_not_too_many_and_no_zero() {
        assert_eq!(check_name(&vec![b'a'; LONGEST_NAME]), Ok(()));
        let longer = vec![b'a'; LONGEST_NAME + 1];
        for name in [&b""[..], b"a\0b", &longer] {
            assert_eq!(check_name(name), Err(FileError::Name));
        }
    }
}
