//! Files of the host, as programs reach them by way of the file words.
//!
//! Names are bytes, as the host takes them. An open file is a place in the host's table; what a
//! program calls it, and whether it may, is decided above this seam. Nothing here waits: what cannot
//! be done at once says so, and is asked for again.

use core::fmt;

/// Files.
///
/// Every answer is an input of the system from outside: it reaches programs through
/// [`Outside`](crate::Outside) alone, where it can be recorded.
///
/// The functions' own bodies are those of a host that has no files. [`FileError::NotReady`] may come
/// from all that read or write: the same call is to be made again once
/// [`wait_for_interrupt`](crate::Cpu::wait_for_interrupt) has come back.
pub trait Files {
    /// Opens a file, or makes an empty one in place of whatever file has the name.
    ///
    /// # Errors
    /// [`FileError::NoFiles`], [`FileError::NotFound`], [`FileError::Denied`],
    /// [`FileError::OutOfBounds`], [`FileError::Directory`], [`FileError::TooMany`],
    /// [`FileError::Name`], [`FileError::NoSpace`], [`FileError::Other`].
    fn open_file(
        &mut self,
        _name: &[u8],
        _access: Access,
        _opening: Opening,
    ) -> Result<OpenFile, FileError> {
        Err(FileError::NoFiles)
    }

    /// Closes a file; it is closed, whatever comes back.
    ///
    /// # Errors
    /// [`FileError::Io`], [`FileError::NoSpace`]: what was written earlier may be lost.
    fn close_file(&mut self, _file: OpenFile) -> Result<(), FileError> {
        Err(FileError::NoFiles)
    }

    /// Reads bytes from the file's position on, and moves it behind them; fewer than asked for only
    /// where there are no more for now, none only at the file's end.
    ///
    /// # Errors
    /// [`FileError::Access`], [`FileError::NotReady`], [`FileError::Io`], [`FileError::Other`].
    fn read_file(&mut self, _file: OpenFile, _into: &mut [u8]) -> Result<usize, FileError> {
        Err(FileError::NoFiles)
    }

    /// Reads bytes up to the end of a line, a line feed that a carriage return may precede, which is
    /// passed over; or as many as fit.
    ///
    /// # Errors
    /// As [`read_file`](Self::read_file).
    fn read_line(&mut self, _file: OpenFile, _into: &mut [u8]) -> Result<LineRead, FileError> {
        Err(FileError::NoFiles)
    }

    /// Writes bytes at the file's position, and moves it behind them; returns how many, at least one
    /// of any.
    ///
    /// # Errors
    /// [`FileError::Access`], [`FileError::NotReady`], [`FileError::NoSpace`], [`FileError::Io`],
    /// [`FileError::Other`].
    fn write_file(&mut self, _file: OpenFile, _bytes: &[u8]) -> Result<usize, FileError> {
        Err(FileError::NoFiles)
    }

    /// Sees to it that what was written is on the medium.
    ///
    /// # Errors
    /// [`FileError::Io`], [`FileError::NoSpace`], [`FileError::Other`].
    fn flush_file(&mut self, _file: OpenFile) -> Result<(), FileError> {
        Err(FileError::NoFiles)
    }

    /// Where the next byte is read or written, counted from 0.
    ///
    /// # Errors
    /// [`FileError::Other`] for what has no positions, as a pipe.
    fn file_position(&mut self, _file: OpenFile) -> Result<u64, FileError> {
        Err(FileError::NoFiles)
    }

    /// Moves the position, to the end at most.
    ///
    /// # Errors
    /// [`FileError::Position`] beyond the end; [`FileError::Other`].
    fn set_file_position(&mut self, _file: OpenFile, _position: u64) -> Result<(), FileError> {
        Err(FileError::NoFiles)
    }

    /// Bytes that the file has.
    ///
    /// # Errors
    /// [`FileError::Other`] for what has no size, as a pipe.
    fn file_size(&mut self, _file: OpenFile) -> Result<u64, FileError> {
        Err(FileError::NoFiles)
    }

    /// Cuts the file, or adds zeros; a position beyond the new end is moved there.
    ///
    /// # Errors
    /// [`FileError::Access`], [`FileError::NoSpace`], [`FileError::Other`].
    fn set_file_size(&mut self, _file: OpenFile, _size: u64) -> Result<(), FileError> {
        Err(FileError::NoFiles)
    }

    /// Takes a name away; the file goes with its last name, once nobody has it open.
    ///
    /// # Errors
    /// As [`open_file`](Self::open_file).
    fn delete_file(&mut self, _name: &[u8]) -> Result<(), FileError> {
        Err(FileError::NoFiles)
    }

    /// Gives a file another name, in place of whatever file had that.
    ///
    /// # Errors
    /// As [`open_file`](Self::open_file).
    fn rename_file(&mut self, _old: &[u8], _new: &[u8]) -> Result<(), FileError> {
        Err(FileError::NoFiles)
    }

    /// What there is under a name.
    ///
    /// # Errors
    /// As [`open_file`](Self::open_file).
    fn file_kind(&mut self, _name: &[u8]) -> Result<FileKind, FileError> {
        Err(FileError::NoFiles)
    }
}

/// Files that can be open at a time.
pub const MAX_FILES: usize = 64;

/// Bytes of the longest name.
pub const LONGEST_NAME: usize = 1024;

/// An open file: its place among those open at the time, below [`MAX_FILES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFile(pub usize);

/// What an open file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Both.
    ReadWrite,
}

impl Access {
    /// Whether the file may be read.
    #[must_use]
    pub const fn reads(self) -> bool {
        matches!(self, Self::Read | Self::ReadWrite)
    }

    /// Whether the file may be written.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Write | Self::ReadWrite)
    }
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// As it is; it must be there.
    Existing,
    /// Emptied, or made.
    Empty,
}

/// How much of a line was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRead {
    /// These bytes, and the end of the line.
    Whole(usize),
    /// These bytes, as many as there was room for; the end of the line has not been passed.
    Part(usize),
    /// These bytes, and the file has no more.
    Last(usize),
}

/// What there is under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File = 0,
    /// A directory.
    Directory = 1,
    /// Anything else: a pipe, a device.
    Other = 2,
}

/// Why the host refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileError {
    /// The host has no files, or was told to give none.
    NoFiles,
    /// There is no file of this name.
    NotFound,
    /// The host does not permit it.
    Denied,
    /// The name leads out of the directory that the host was told to stay in.
    OutOfBounds,
    /// It is a directory.
    Directory,
    /// No space is left where the file lies, or it would be larger than allowed.
    NoSpace,
    /// [`MAX_FILES`] files are open already, or as many as the host allows.
    TooMany,
    /// No file can have this name.
    Name,
    /// No such file is open.
    NotOpen,
    /// The file was not opened for this.
    Access,
    /// No such position in the file.
    Position,
    /// The medium or the device failed.
    Io,
    /// It cannot be done yet: nothing is there to be read, or what was written has not gone yet.
    NotReady,
    /// Something that the others do not say.
    Other,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoFiles => "this host has no files, or was told to give none",
            Self::NotFound => "non-existent file",
            Self::Denied => "the host does not permit this with this file",
            Self::OutOfBounds => "the name leads out of the directory given with --files",
            Self::Directory => "this is a directory, not a file",
            Self::NoSpace => "no space is left for the file",
            Self::TooMany => "too many open files: close one first",
            Self::Name => "not a name of a file: 1 to 1024 bytes, none of them zero",
            Self::NotOpen => "no open file has this id, or none since this system was loaded",
            Self::Access => "the file was not opened for this",
            Self::Position => "invalid file position",
            Self::Io => "file I/O exception",
            Self::NotReady => "the file is not ready yet",
            Self::Other => "the host cannot do this with this file",
        })
    }
}

impl core::error::Error for FileError {}
