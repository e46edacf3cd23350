//! Where things lie: the sources, and the directory for what xtask makes.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The root of the source tree.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// `target/xtask/<name>`, created: images, logs.
pub(crate) fn output(name: &str) -> Result<PathBuf> {
    let path = target().join("xtask").join(name);
    fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
    Ok(path)
}

/// Refuses a file whose directory is not there, before the work is done that would fill it.
pub(crate) fn check_directory_of(path: &Path) -> Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    match directory.filter(|directory| !directory.is_dir()) {
        None => Ok(()),
        Some(missing) => Err(Error::Usage(format!(
            "{} cannot be written: there is no directory {}",
            path.display(),
            missing.display()
        ))),
    }
}

/// Writes a file all or nothing: beside its place first, then renamed into it.
pub(crate) fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut fs::File) -> Result<()>,
) -> Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".stele-")
        .permissions(fs::Permissions::from_mode(0o644))
        .tempfile_in(directory)
        .map_err(Error::file("create a file in", directory))?;
    write(file.as_file_mut())?;
    file.persist(path)
        .map_err(|error| error.error)
        .map_err(Error::file("write", path))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_needs_a_directory_that_is_there() {
        assert!(check_directory_of(Path::new("picture.png")).is_ok());
        assert!(check_directory_of(Path::new("/picture.png")).is_ok());
        let refused = check_directory_of(Path::new("/proc/none/picture.png"));
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("there is no directory /proc/none"),
            "{refused}"
        );
    }
}
