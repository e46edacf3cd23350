//! Names for kernel addresses.

use std::path::Path;

use object::{Object, ObjectSymbol, SymbolMap, SymbolMapName};

/// The functions of a kernel, by address.
pub(crate) struct Symbols {
    file: Vec<u8>,
}

impl Symbols {
    /// Reads the kernel as built; without one, nothing has a name.
    pub(crate) fn of(kernel: &Path) -> Symbols {
        Symbols {
            file: std::fs::read(kernel).unwrap_or_default(),
        }
    }

    /// The address of the function whose name, as the linker has it, is this.
    pub(crate) fn address(&self, name: &str) -> Option<u64> {
        let file = object::File::parse(&*self.file).ok()?;
        file.symbol_by_name(name).map(|symbol| symbol.address())
    }

    /// The function that contains `address`, and the distance from its start.
    pub(crate) fn name(&self, address: u64) -> Option<String> {
        let file = object::File::parse(&*self.file).ok()?;
        let map: SymbolMap<SymbolMapName<'_>> = file.symbol_map();
        let symbol = map.before(address)?;
        let name = rustc_demangle::demangle(symbol.name());
        Some(format!("{name:#} + {:#x}", address - symbol.address()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_function_has_its_name() {
        let program = std::env::current_exe().unwrap();
        let bytes = std::fs::read(&program).unwrap();
        let file = object::File::parse(&*bytes).unwrap();
        let map = file.symbol_map();
        let main = map
            .symbols()
            .iter()
            .find(|symbol| symbol.name() == "main")
            .unwrap();
        let name = Symbols::of(&program).name(main.address() + 3);
        assert_eq!(name.as_deref(), Some("main + 0x3"));
        assert_eq!(Symbols::of(&program).address("main"), Some(main.address()));
    }

    #[test]
    fn nothing_has_a_name_in_no_kernel() {
        assert_eq!(Symbols::of(Path::new("/nowhere")).name(1), None);
    }
}
