//! The core words: the module that every instance begins with.

use std::collections::BTreeMap;

use stele_bytecode::function::HEADER_WORDS;
use stele_bytecode::module::{Module, ModuleError};

use super::table;

/// The module in `bytes`: its parts, and its largest functions by the words that run them.
pub(super) fn report(bytes: &[u8], symbols: usize) -> Result<String, ModuleError> {
    const WORD: u64 = 4;
    let module = Module::read(bytes)?;
    let mut names: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for word in module.words() {
        if let Some(function) = word.function {
            names.entry(function).or_insert_with(|| word.name.to_vec());
        }
    }
    let mut functions: Vec<(u64, String)> = module
        .functions()
        .zip(0..)
        .map(|(function, index)| {
            let words = HEADER_WORDS as u64 + u64::from(function.header.length);
            let name = names.get(&index).map_or_else(
                || format!("function {index}, which has no name"),
                |name| String::from_utf8_lossy(name).into_owned(),
            );
            (words * WORD, name)
        })
        .collect();
    functions.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let code = functions.iter().map(|(bytes, _)| bytes).sum();
    let mut text = format!("core words: {}\n\n", table::size(bytes.len() as u64));
    for (what, count, size) in [
        ("words", module.word_count() as usize, None),
        ("functions", functions.len(), Some(code)),
        ("primitives they use", module.primitives().count(), None),
        ("bytes of data space", module.data.len(), None),
    ] {
        let size = size.map_or_else(String::new, |size| format!(", {}", table::size(size)));
        text += &format!("  {count:>10} {what}{size}\n");
    }
    let rows = functions.iter().take(symbols);
    let rows = rows.map(|(bytes, name)| (*bytes, name.as_str()));
    Ok(text + &table::largest("functions", rows, functions.len(), code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_words_are_shown_and_anything_else_is_refused() {
        let core = stele_forth::boot::core_words();
        let shown = report(core, 3).unwrap();
        assert!(shown.starts_with("core words: "), "{shown}");
        assert!(shown.contains("the largest 3 of "), "{shown}");
        assert!(report(&core[1..], 3).is_err());
    }
}
