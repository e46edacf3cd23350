//! What a program is made of: its sections and its symbols.

use std::fs::File;
use std::path::Path;

use object::elf;
use object::pe;
use object::{BinaryFormat, Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionFlags};
use pdb2::{FallibleIterator, PDB, SymbolData};

/// A part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Its name.
    pub(super) name: String,
    /// Where it is in memory.
    pub(super) address: u64,
    /// Bytes in memory.
    pub(super) size: u64,
    /// What may be done with it, besides reading it.
    pub(super) write: bool,
    /// As [`Section::write`].
    pub(super) execute: bool,
}

/// A function or a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Symbol {
    /// Its name as one writes it.
    pub(super) name: String,
    /// Bytes.
    pub(super) size: u64,
}

/// A program.
#[derive(Clone, Debug, Default)]
pub(super) struct Anatomy {
    /// Bytes of the file.
    pub(super) file: u64,
    /// The sections that are in memory when it runs, in order of address.
    pub(super) sections: Vec<Section>,
    /// Bytes of the file's other sections: symbols, debug information.
    pub(super) rest: u64,
    /// Its functions and variables, the largest first.
    pub(super) symbols: Vec<Symbol>,
}

impl Anatomy {
    /// Takes the program apart. One for UEFI has no symbols of its own: they are in the `database`
    /// beside it, if there is one.
    pub(super) fn of(program: &[u8], database: &Path) -> object::read::Result<Anatomy> {
        let file = object::File::parse(program)?;
        let mut anatomy = Anatomy {
            file: program.len() as u64,
            ..Anatomy::default()
        };
        for section in file.sections() {
            if !is_in_memory(section.flags()) {
                anatomy.rest += section.size();
                continue;
            }
            let address = section.address();
            // Rights are the segment's: that is what loaders go by.
            let rights = file
                .segments()
                .find(|segment| address.wrapping_sub(segment.address()) < segment.size())
                .map(|segment| segment.permissions());
            anatomy.sections.push(Section {
                name: section.name().unwrap_or("?").to_owned(),
                address,
                size: section.size(),
                write: rights.is_some_and(|rights| rights.writable()),
                execute: rights.is_some_and(|rights| rights.executable()),
            });
        }
        anatomy.sections.sort_by_key(|section| section.address);
        anatomy.symbols = match file.format() {
            BinaryFormat::Pe => of_database(database).unwrap_or_default(),
            _ => of_program(&file),
        };
        let by_size = |symbol: &Symbol| (u64::MAX - symbol.size, symbol.name.clone());
        anatomy.symbols.sort_by_cached_key(by_size);
        Ok(anatomy)
    }

    /// Bytes in memory.
    pub(super) fn memory(&self) -> u64 {
        self.sections.iter().map(|section| section.size).sum()
    }
}

/// Whether a section is in memory when the program runs.
fn is_in_memory(flags: SectionFlags) -> bool {
    match flags {
        SectionFlags::Elf { sh_flags, .. } => sh_flags.contains(elf::SHF_ALLOC),
        SectionFlags::Coff { characteristics } => {
            !characteristics.contains(pe::IMAGE_SCN_MEM_DISCARDABLE)
        }
        _ => true,
    }
}

fn of_program(file: &object::File<'_>) -> Vec<Symbol> {
    let sized = file.symbols().filter(|symbol| symbol.size() > 0);
    let named = sized.filter_map(|symbol| {
        let name = symbol.name().ok()?;
        Some(Symbol {
            name: format!("{:#}", rustc_demangle::demangle(name)),
            size: symbol.size(),
        })
    });
    named.collect()
}

/// The functions that a program database lists; it gives no sizes of variables.
fn of_database(path: &Path) -> pdb2::Result<Vec<Symbol>> {
    let mut database = PDB::open(File::open(path)?)?;
    let mut symbols = Vec::new();
    let information = database.debug_information()?;
    let mut modules = information.modules()?;
    while let Some(module) = modules.next()? {
        let Some(module) = database.module_info(&module)? else {
            continue;
        };
        let mut records = module.symbols()?;
        while let Some(record) = records.next()? {
            if let Ok(SymbolData::Procedure(procedure)) = record.parse() {
                symbols.push(Symbol {
                    name: procedure.name.to_string().into_owned(),
                    size: u64::from(procedure.len),
                });
            }
        }
    }
    Ok(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_code_data_and_this_test() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let anatomy = Anatomy::of(&bytes, Path::new("/nowhere")).unwrap();
        let section = |name: &str| {
            let mut sections = anatomy.sections.iter();
            sections
                .find(|section| section.name == name)
                .unwrap()
                .clone()
        };
        let (text, data) = (section(".text"), section(".data"));
        assert_eq!((text.write, text.execute), (false, true));
        assert_eq!((data.write, data.execute), (true, false));
        assert!(text.size > data.size);
        assert!(anatomy.memory() > text.size);
        assert!(anatomy.rest > 0);
        assert!(anatomy.symbols.is_sorted_by(|a, b| a.size >= b.size));
        let me = "a_program_has_code_data_and_this_test";
        assert!(
            anatomy
                .symbols
                .iter()
                .any(|symbol| symbol.name.contains(me))
        );
    }

    #[test]
    fn what_is_no_program_is_refused() {
        for bytes in [&b""[..], b"MZ", b"\x7fELF", b"#!/bin/sh"] {
            assert!(Anatomy::of(bytes, Path::new("/nowhere")).is_err());
        }
        assert!(of_database(Path::new("/nowhere")).is_err());
    }
}
