//! `cargo xtask image`: a disk that firmware of either architecture boots.
//!
//! Read [`Contents`] for what lies on it, [`disk`] and [`fat`] for how it is written, [`elf`] for how the kernel
//! is cut to size.

mod disk;
mod elf;
mod fat;

use std::fs;
use std::path::{Path, PathBuf};

use stele_loader::checksum;

use crate::arch::Arch;
use crate::build;
use crate::error::{Error, Result};
use crate::setup::{self, Needs};
use crate::ui;
use crate::workspace;

/// A loader and a kernel for one architecture, as they lie on the disk.
#[derive(Clone)]
pub(crate) struct System {
    /// The machine they are for.
    pub(crate) arch: Arch,
    /// The UEFI application.
    pub(crate) loader: Vec<u8>,
    /// The kernel file: without debug information, with its checksum.
    pub(crate) kernel: Vec<u8>,
    /// The loader as built, its symbols beside it.
    pub(crate) loader_file: PathBuf,
    /// The kernel as built, debug information and all.
    pub(crate) symbols: PathBuf,
}

impl System {
    /// Builds both.
    pub(crate) fn build(arch: Arch) -> Result<System> {
        Self::with_kernel(arch, build::kernel(arch)?)
    }

    /// Builds both, the kernel with debug assertions.
    pub(crate) fn build_checked(arch: Arch) -> Result<System> {
        Self::with_kernel(arch, build::checked_kernel(arch)?)
    }

    fn with_kernel(arch: Arch, symbols: PathBuf) -> Result<System> {
        let loader = build::loader(arch)?;
        let read = |path: &Path| fs::read(path).map_err(Error::file("read", path));
        let kernel = elf::without_debug(&read(&symbols)?).map_err(|error| {
            Error::Failed(format!("{} is no kernel: {error}", symbols.display()))
        })?;
        Ok(System {
            arch,
            loader: read(&loader)?,
            loader_file: loader,
            kernel: with_checksum(kernel),
            symbols,
        })
    }

    /// Bytes of loader and kernel together.
    pub(crate) fn size(&self) -> usize {
        self.loader.len() + self.kernel.len()
    }
}

/// What lies on a disk.
#[derive(Clone, Default)]
pub(crate) struct Contents {
    entries: Vec<fat::Entry>,
}

impl Contents {
    /// A disk that boots `systems`.
    pub(crate) fn bootable(systems: &[System]) -> Contents {
        let mut contents = Contents::default();
        for system in systems {
            contents.put(system.arch.loader_path(), &system.loader);
            contents.put(&kernel_path(system.arch), &system.kernel);
        }
        contents
    }

    /// The words the kernel is started with.
    pub(crate) fn command_line(mut self, words: &str) -> Contents {
        self.put("stele/cmdline.txt", words.as_bytes());
        self
    }

    /// The Forth source that runs before the first prompt.
    pub(crate) fn boot_source(mut self, source: &[u8]) -> Contents {
        self.put("stele/boot.4th", source);
        self
    }

    /// Replaces the kernel of `arch`, by nothing at all for `None`.
    pub(crate) fn kernel(mut self, arch: Arch, bytes: Option<&[u8]>) -> Contents {
        let path = kernel_path(arch);
        match bytes {
            Some(bytes) => self.put(&path, bytes),
            None => self.entries.retain(|(name, _)| *name != path),
        }
        self
    }

    fn put(&mut self, path: &str, bytes: &[u8]) {
        self.entries.retain(|(name, _)| name != path);
        self.entries.push((path.to_owned(), bytes.to_owned()));
    }

    /// Writes the disk to `path`, all or nothing.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        workspace::write_atomically(path, |file| {
            disk::write(file, &self.entries).map_err(Error::file("write the disk image", path))
        })
    }
}

/// A kernel file as the loader wants it: followed by its checksum.
pub(crate) fn with_checksum(mut kernel: Vec<u8>) -> Vec<u8> {
    kernel.extend(checksum::trailer(&kernel));
    kernel
}

/// Where the loader of `arch` looks for its kernel.
fn kernel_path(arch: Arch) -> String {
    format!("stele/kernel-{arch}.elf")
}

/// The command `cargo xtask image`.
pub(crate) fn command(arch: Option<Arch>, out: Option<PathBuf>) -> Result<()> {
    let arches = arch.map_or_else(|| Arch::ALL.to_vec(), |arch| vec![arch]);
    let path = match out {
        Some(path) => path,
        None => {
            let suffix = arch.map_or_else(String::new, |arch| format!("-{arch}"));
            workspace::output("images")?.join(format!("stele{suffix}.img"))
        }
    };
    workspace::check_directory_of(&path)?;
    setup::ensure(&Needs::build(&arches))?;
    let systems = arches.iter().map(|&arch| System::build(arch));
    let systems = systems.collect::<Result<Vec<System>>>()?;
    {
        let _progress = ui::Progress::spinner("Writing", &path.display().to_string());
        Contents::bootable(&systems).command_line("").write(&path)?;
    }
    for system in &systems {
        let kib = system.size().div_ceil(1024);
        ui::step(
            "Holds",
            &format!("loader and kernel for {}, {kib} KiB", system.arch),
        );
    }
    println!("{}", path.display());
    Ok(())
}
