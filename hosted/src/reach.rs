//! Which of Linux's files the system may reach: all that the user may, those below one directory, or
//! none.
//!
//! Below a directory means that no name leads out, by way of `..`, a leading slash or a symbolic
//! link, also while somebody changes the directories on the way; `cap-std` sees to that.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptionsExt as _};
use rustix::fs::OFlags;
use rustix::io::Errno;
use stele_hal::{Access, FileError, FileKind, Opening};

/// The files that the user lets the system reach: what `--files` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FilesAllowed {
    /// All.
    Everything,
    /// Those below this directory.
    Below(PathBuf),
    /// None.
    Nothing,
}

impl From<&OsStr> for FilesAllowed {
    fn from(text: &OsStr) -> Self {
        match text.as_bytes() {
            b"all" => Self::Everything,
            b"none" => Self::Nothing,
            _ => Self::Below(PathBuf::from(text)),
        }
    }
}

impl From<OsString> for FilesAllowed {
    fn from(text: OsString) -> Self {
        Self::from(text.as_os_str())
    }
}

impl fmt::Display for FilesAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("all"),
            Self::Below(path) => path.display().fmt(f),
            Self::Nothing => f.write_str("none"),
        }
    }
}

/// The way to the files that may be reached.
#[derive(Debug)]
pub(crate) enum Reach {
    /// All, relative names taken from the working directory.
    Everything,
    /// Those below this directory, names taken from it.
    Below(Dir),
    /// None.
    Nothing,
}

/// Nobody waits for a file: what is not ready says so, a pipe that nobody writes is at its end, and
/// no terminal becomes this process's own.
const FLAGS: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

impl Reach {
    /// The way to what is allowed.
    ///
    /// # Errors
    /// If the directory cannot be opened.
    pub(crate) fn to(allowed: &FilesAllowed) -> io::Result<Self> {
        Ok(match allowed {
            FilesAllowed::Everything => Self::Everything,
            FilesAllowed::Below(path) => {
                Self::Below(Dir::open_ambient_dir(path, ambient_authority())?)
            }
            FilesAllowed::Nothing => Self::Nothing,
        })
    }

    /// Opens a file, but no directory.
    pub(crate) fn open(
        &self,
        name: &[u8],
        access: Access,
        opening: Opening,
    ) -> Result<File, FileError> {
        let empty = opening == Opening::Empty;
        // What is to be emptied must be open for writing, whatever it is for afterwards.
        let (read, write) = (access.reads(), access.writes() || empty);
        let path = Path::new(OsStr::from_bytes(name));
        let flags = FLAGS.bits().cast_signed();
        let file = match self {
            Self::Everything => fs::OpenOptions::new()
                .read(read)
                .write(write)
                .create(empty)
                .truncate(empty)
                .custom_flags(flags)
                .open(path),
            Self::Below(directory) => {
                let mut options = cap_std::fs::OpenOptions::new();
                options
                    .read(read)
                    .write(write)
                    .create(empty)
                    .truncate(empty)
                    .custom_flags(flags);
                let file = directory.open_with(path, &options);
                file.map(cap_std::fs::File::into_std)
            }
            Self::Nothing => return Err(FileError::NoFiles),
        };
        let file = file.map_err(|error| refusal(&error))?;
        let found = file.metadata().map_err(|error| refusal(&error))?;
        if found.is_dir() {
            return Err(FileError::Directory);
        }
        Ok(file)
    }

    /// Takes a file's name away.
    pub(crate) fn remove(&self, name: &[u8]) -> Result<(), FileError> {
        let path = Path::new(OsStr::from_bytes(name));
        match self {
            Self::Everything => fs::remove_file(path),
            Self::Below(directory) => directory.remove_file(path),
            Self::Nothing => return Err(FileError::NoFiles),
        }
        .map_err(|error| refusal(&error))
    }

    /// Gives a file another name.
    pub(crate) fn rename(&self, old: &[u8], new: &[u8]) -> Result<(), FileError> {
        let (old, new) = (OsStr::from_bytes(old), OsStr::from_bytes(new));
        match self {
            Self::Everything => fs::rename(old, new),
            Self::Below(directory) => directory.rename(old, directory, new),
            Self::Nothing => return Err(FileError::NoFiles),
        }
        .map_err(|error| refusal(&error))
    }

    /// What there is under a name.
    pub(crate) fn kind(&self, name: &[u8]) -> Result<FileKind, FileError> {
        let path = Path::new(OsStr::from_bytes(name));
        let (file, directory) = match self {
            Self::Everything => fs::metadata(path).map(|found| (found.is_file(), found.is_dir())),
            Self::Below(directory) => directory
                .metadata(path)
                .map(|found| (found.is_file(), found.is_dir())),
            Self::Nothing => return Err(FileError::NoFiles),
        }
        .map_err(|error| refusal(&error))?;
        Ok(match (file, directory) {
            (true, _) => FileKind::File,
            (_, true) => FileKind::Directory,
            _ => FileKind::Other,
        })
    }
}

/// What Linux's refusal is to a program.
pub(crate) fn refusal(error: &io::Error) -> FileError {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FileError::NotFound,
        // A name that leads out of the directory is refused by cap-std, not by Linux.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => FileError::OutOfBounds,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => FileError::Denied,
        ErrorKind::IsADirectory | ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => {
            FileError::Directory
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            FileError::NoSpace
        }
        ErrorKind::InvalidFilename => FileError::Name,
        ErrorKind::WouldBlock => FileError::NotReady,
        _ => match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE) => FileError::TooMany,
            Some(Errno::BADF) => FileError::Access,
            Some(Errno::IO) => FileError::Io,
            _ => FileError::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{FilesAllowed, Reach};
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::symlink;
    use stele_hal::{Access, FileError, FileKind, Opening};
    use tempfile::TempDir;

    /// A directory with a file in a directory that names shall not lead out of, and one beside it.
    fn fenced() -> (TempDir, Reach) {
        let folder = TempDir::new().expect("there is a place for it");
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("it can be made");
        fs::write(inner.join("own"), "own").expect("it can be written");
        fs::write(folder.path().join("other"), "other").expect("it can be written");
        symlink("../other", inner.join("link")).expect("it can be made");
        let reach = Reach::to(&FilesAllowed::Below(inner)).expect("it is there");
        (folder, reach)
    }

    #[test]
    fn words_of_the_option_are_all_and_none() {
        let allowed = |text: &str| FilesAllowed::from(OsStr::new(text));
        assert_eq!(allowed("all"), FilesAllowed::Everything);
        assert_eq!(allowed("none"), FilesAllowed::Nothing);
        assert_eq!(allowed("./none"), FilesAllowed::Below("./none".into()));
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        let (folder, reach) = fenced();
        let absolute = folder.path().join("other");
        let absolute = absolute.to_str().expect("it is text");
        for name in ["../other", "link", absolute, "..", "../inner/own"] {
            let name = name.as_bytes();
            let opened = reach.open(name, Access::Read, Opening::Existing);
            assert_eq!(opened.err(), Some(FileError::OutOfBounds));
            let made = reach.open(name, Access::Write, Opening::Empty);
            assert_eq!(made.err(), Some(FileError::OutOfBounds));
            assert_eq!(reach.kind(name), Err(FileError::OutOfBounds));
        }
        for name in ["../other", absolute] {
            assert_eq!(reach.remove(name.as_bytes()), Err(FileError::OutOfBounds));
            let renamed = reach.rename(b"own", name.as_bytes());
            assert_eq!(renamed, Err(FileError::OutOfBounds));
        }
        let other = fs::read(folder.path().join("other")).expect("it is still there");
        assert_eq!(other, b"other");
    }

    #[test]
    fn what_lies_in_the_directory_can_be_used() {
        let (_folder, reach) = fenced();
        assert!(reach.open(b"own", Access::Read, Opening::Existing).is_ok());
        assert!(reach.open(b"new", Access::Write, Opening::Empty).is_ok());
        assert_eq!(reach.kind(b"new"), Ok(FileKind::File));
        assert_eq!(reach.kind(b"."), Ok(FileKind::Directory));
        assert_eq!(reach.rename(b"new", b"newer"), Ok(()));
        assert_eq!(reach.remove(b"newer"), Ok(()));
        assert_eq!(reach.remove(b"newer"), Err(FileError::NotFound));
    }

    #[test]
    fn where_nothing_is_allowed_there_are_no_files() {
        let reach = Reach::to(&FilesAllowed::Nothing).expect("nothing is needed");
        let opened = reach.open(b"/dev/null", Access::Read, Opening::Existing);
        assert_eq!(opened.err(), Some(FileError::NoFiles));
        assert_eq!(reach.kind(b"."), Err(FileError::NoFiles));
        assert_eq!(reach.remove(b"x"), Err(FileError::NoFiles));
        assert_eq!(reach.rename(b"x", b"y"), Err(FileError::NoFiles));
    }

    #[test]
    fn a_directory_is_no_file() {
        let reach = Reach::Everything;
        for access in [Access::Read, Access::Write, Access::ReadWrite] {
            let opened = reach.open(b"/", access, Opening::Existing);
            assert_eq!(opened.err(), Some(FileError::Directory));
        }
    }
}
