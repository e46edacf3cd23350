//! Names for kernel addresses.

use std::path::Path;

use object::{Object, SymbolMap, SymbolMapName};

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

    /// The function that contains `address`, and the distance from its start.
    pub(crate) fn name(&self, address: u64) -> Option<String> {
        let file = object::File::parse(&*self.file).ok()?;
        let map: SymbolMap<SymbolMapName<'_>> = file.symbol_map();
        let symbol = map.before(address)?;
        let name = rustc_demangle::demangle(symbol.name());
        Some(format!("{name:#} + {:#x}", address - symbol.address()))
    }

    /// The names of the functions whose addresses appear in the last lines of `log`: what a panic's
    /// backtrace and registers point at. Each function is named once, in order.
    pub(crate) fn notes(&self, log: &str) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(60)..)
            .unwrap_or_default();
        for address in tail.iter().flat_map(|line| addresses(line)) {
            if let Some(name) = self.name(address) {
                let note = format!("{address:#018x} is in {name}");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes
    }
}

/// Every number of a line that could be an address in the kernel's half: 16 hexadecimal digits, the
/// first four of them F.
fn addresses(line: &str) -> impl Iterator<Item = u64> {
    line.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| word.trim_start_matches("0x"))
        .filter(|word| word.len() == 16)
        .filter_map(|word| u64::from_str_radix(word, 16).ok())
        .filter(|address| address >> 48 == 0xFFFF)
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
    }

    #[test]
    fn addresses_are_found_however_they_are_written() {
        let line = "rip=ffffffff80001234 at 0xFFFFFFFF80005678, rsp=00000000deadbeef ffff";
        let found: Vec<u64> = addresses(line).collect();
        assert_eq!(found, [0xFFFF_FFFF_8000_1234, 0xFFFF_FFFF_8000_5678]);
    }

    #[test]
    fn nothing_has_a_name_in_no_kernel() {
        assert_eq!(Symbols::of(Path::new("/nowhere")).name(1), None);
    }
}
