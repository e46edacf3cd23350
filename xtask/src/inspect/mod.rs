//! `cargo xtask inspect`: what every artifact is made of.
//!
//! Read [`anatomy`] for what is found out of a program, [`words`] for the core words' module,
//! [`table`] for how both are shown.

mod anatomy;
mod table;
mod words;

use std::fs;
use std::path::Path;

use crate::arch::Arch;
use crate::build;
use crate::error::{Error, Result};
use crate::image::System;
use crate::setup::{self, Needs};
use anatomy::Anatomy;

/// The command `cargo xtask inspect`.
pub(crate) fn command(arch: Option<Arch>, symbols: usize) -> Result<()> {
    let arches = arch.map_or_else(|| Arch::ALL.to_vec(), |arch| vec![arch]);
    setup::ensure(&Needs::build(&arches))?;
    let mut reports = Vec::new();
    for arch in arches {
        let system = System::build(arch)?;
        let name = format!("loader for {arch}");
        reports.push(program(&name, &system.loader_file, symbols)?);
        let kernel = program(&format!("kernel for {arch}"), &system.symbols, symbols)?;
        let installed = format!(
            "{kernel}On the boot volume, without debug information and with its checksum: {}.\n",
            table::size(system.kernel.len() as u64)
        );
        reports.push(installed);
    }
    if arch.is_none() {
        reports.push(program(
            "program for this machine",
            &build::hosted()?,
            symbols,
        )?);
        let core = stele_forth::boot::core_words();
        let report = words::report(core, symbols).map_err(|error| {
            Error::Failed(format!("the core words' module cannot be read: {error}"))
        })?;
        reports.push(report);
    }
    print!("{}", reports.join("\n"));
    Ok(())
}

/// What the program in the file `path` is made of.
fn program(name: &str, path: &Path, symbols: usize) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::file("read", path))?;
    // Programs for UEFI keep their symbols in a file of their own, beside them.
    let database = path.with_file_name("stele_loader.pdb");
    let anatomy = Anatomy::of(&bytes, &database)
        .map_err(|error| Error::Failed(format!("{} is no program: {error}", path.display())))?;
    Ok(table::report(name, path, &anatomy, symbols))
}
