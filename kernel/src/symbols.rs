//! Names for code addresses, from the symbol table of the kernel's ELF file.

use object::{Object, ObjectSymbol, SymbolKind, read::elf::ElfFile64};

/// The functions of an ELF file.
#[derive(Debug)]
pub struct Symbols<'file> {
    file: ElfFile64<'file>,
}

impl<'file> Symbols<'file> {
    /// Reads `file`; nothing if it is no ELF file.
    #[must_use]
    pub fn new(file: &'file [u8]) -> Option<Self> {
        ElfFile64::parse(file).ok().map(|file| Self { file })
    }

    /// The function that holds `address`: its name as the linker knows it, and how far in.
    #[must_use]
    pub fn find(&self, address: u64) -> Option<(&'file str, u64)> {
        self.file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text)
            .find_map(|symbol| {
                let offset = address.checked_sub(symbol.address())?;
                (offset < symbol.size()).then_some(())?;
                Some((symbol.name().ok()?, offset))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_this_very_program_is_found() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let symbols = Symbols::new(&file).unwrap();
        let main = symbols
            .file
            .symbols()
            .find(|symbol| symbol.name() == Ok("main"))
            .unwrap();
        assert_eq!(symbols.find(main.address() + 1), Some(("main", 1)));
        assert_eq!(symbols.find(0), None);
    }

    #[test]
    fn bytes_that_are_no_elf_file_have_no_symbols() {
        for bytes in [&b""[..], b"\x7FELF", &[0; 4096]] {
            assert!(Symbols::new(bytes).is_none());
        }
    }
}
