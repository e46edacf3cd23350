//! Linux's files, as many of them as the user lets the system reach.

use rustix::event::{PollFd, PollFlags};
use stele_hal::{Access, FileError, FileKind, Files, LineRead, MAX_FILES, OpenFile, Opening};

use super::LinuxMachine;
use super::open_file::HostFile;
use crate::reach::Reach;

/// The open files.
#[derive(Debug)]
pub(super) struct FileTable {
    reach: Reach,
    /// By [`OpenFile`].
    open: Vec<Option<HostFile>>,
    /// The file that was not ready last, and for what it is to be.
    awaited: Option<(OpenFile, PollFlags)>,
}

impl FileTable {
    /// No file open.
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            open: Vec::new(),
            awaited: None,
        }
    }

    fn file(&mut self, file: OpenFile) -> Result<&mut HostFile, FileError> {
        let entry = self.open.get_mut(file.0).and_then(Option::as_mut);
        entry.ok_or(FileError::NotOpen)
    }

    fn add(&mut self, file: HostFile) -> Result<OpenFile, FileError> {
        if let Some(place) = self.open.iter().position(Option::is_none) {
            self.open[place] = Some(file);
            return Ok(OpenFile(place));
        }
        if self.open.len() == MAX_FILES {
            return Err(FileError::TooMany);
        }
        self.open.push(Some(file));
        Ok(OpenFile(self.open.len() - 1))
    }

    /// Remembers what a file that is not ready is waited for.
    fn noting<T>(
        &mut self,
        file: OpenFile,
        flags: PollFlags,
        result: Result<T, FileError>,
    ) -> Result<T, FileError> {
        if let Err(FileError::NotReady) = result {
            self.awaited = Some((file, flags));
        }
        result
    }

    /// The file whose readiness is waited for since the last call, if one is.
    pub(super) fn take_awaited(&mut self) -> Option<PollFd<'_>> {
        let (file, flags) = self.awaited.take()?;
        let file = self.open.get(file.0)?.as_ref()?;
        Some(PollFd::new(file, flags))
    }
}

impl Files for LinuxMachine {
    fn open_file(
        &mut self,
        name: &[u8],
        access: Access,
        opening: Opening,
    ) -> Result<OpenFile, FileError> {
        let file = self.files.reach.open(name, access, opening)?;
        self.files.add(HostFile::new(file, access))
    }

    fn close_file(&mut self, file: OpenFile) -> Result<(), FileError> {
        self.files.file(file)?;
        self.files.open[file.0] = None;
        Ok(())
    }

    fn read_file(&mut self, file: OpenFile, into: &mut [u8]) -> Result<usize, FileError> {
        let read = self.files.file(file)?.read(into);
        self.files.noting(file, PollFlags::IN, read)
    }

    fn read_line(&mut self, file: OpenFile, into: &mut [u8]) -> Result<LineRead, FileError> {
        let read = self.files.file(file)?.read_line(into);
        self.files.noting(file, PollFlags::IN, read)
    }

    fn write_file(&mut self, file: OpenFile, bytes: &[u8]) -> Result<usize, FileError> {
        let written = self.files.file(file)?.write(bytes);
        self.files.noting(file, PollFlags::OUT, written)
    }

    fn flush_file(&mut self, file: OpenFile) -> Result<(), FileError> {
        self.files.file(file)?.flush()
    }

    fn file_position(&mut self, file: OpenFile) -> Result<u64, FileError> {
        self.files.file(file)?.position()
    }

    fn set_file_position(&mut self, file: OpenFile, position: u64) -> Result<(), FileError> {
        self.files.file(file)?.set_position(position)
    }

    fn file_size(&mut self, file: OpenFile) -> Result<u64, FileError> {
        self.files.file(file)?.size()
    }

    fn set_file_size(&mut self, file: OpenFile, size: u64) -> Result<(), FileError> {
        self.files.file(file)?.set_size(size)
    }

    fn delete_file(&mut self, name: &[u8]) -> Result<(), FileError> {
        self.files.reach.remove(name)
    }

    fn rename_file(&mut self, old: &[u8], new: &[u8]) -> Result<(), FileError> {
        self.files.reach.rename(old, new)
    }

    fn file_kind(&mut self, name: &[u8]) -> Result<FileKind, FileError> {
        self.files.reach.kind(name)
    }
}
