//! How an artifact is shown.

use std::fmt::Write;
use std::path::Path;

use super::anatomy::{Anatomy, Section};

/// The whole of a program.
pub(super) fn report(name: &str, path: &Path, anatomy: &Anatomy, symbols: usize) -> String {
    let mut text = format!("{name}: {}\n{}\n\n", size(anatomy.file), path.display());
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "  {:<24} {:>18} {:>10} {:>9}  rights",
        "section", "address", "bytes", "KiB"
    );
    for section in &anatomy.sections {
        let _ = writeln!(
            text,
            "  {:<24} {:>#18x} {:>10} {:>9}  {}",
            section.name,
            section.address,
            section.size,
            kib(section.size),
            rights(section)
        );
    }
    let total = |text: &mut String, what: &str, bytes: u64| {
        let _ = writeln!(text, "  {what:<43} {bytes:>10} {:>9}", kib(bytes));
    };
    total(&mut text, "in memory", anatomy.memory());
    if anatomy.rest > 0 {
        total(&mut text, "symbols and debug information", anatomy.rest);
    }
    let shown = anatomy.symbols.iter().take(symbols);
    let rows = shown.map(|symbol| (symbol.size, symbol.name.as_str()));
    let all = anatomy.symbols.iter().map(|symbol| symbol.size).sum();
    text + &largest("symbols", rows, anatomy.symbols.len(), all)
}

/// The largest of something, of which there are `count` with `all` bytes together.
pub(super) fn largest<'a>(
    what: &str,
    rows: impl ExactSizeIterator<Item = (u64, &'a str)>,
    count: usize,
    all: u64,
) -> String {
    if rows.len() == 0 {
        return String::new();
    }
    let mut text = format!(
        "\n  {:>10} {:>9}  the largest {} of {count} {what}, {} in all\n",
        "bytes",
        "KiB",
        rows.len(),
        size(all)
    );
    for (bytes, name) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {bytes:>10} {:>9}  {}", kib(bytes), cut(name));
    }
    text
}

/// The name, cut to what fits into a line: those of generic functions can be endless.
fn cut(name: &str) -> String {
    const LONGEST: usize = 96;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(name)),
        None => name.to_owned(),
    }
}

/// A size in bytes and KiB.
pub(super) fn size(bytes: u64) -> String {
    format!("{bytes} bytes ({} KiB)", kib(bytes))
}

/// KiB with one decimal.
fn kib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1024.0)
}

fn rights(section: &Section) -> &'static str {
    match (section.write, section.execute) {
        (false, false) => "read",
        (true, false) => "read, write",
        (false, true) => "read, execute",
        (true, true) => "read, write, execute: never wanted",
    }
}

#[cfg(test)]
mod tests {
    use super::super::anatomy::Symbol;
    use super::*;

    #[test]
    fn a_program_is_shown_with_sections_totals_and_largest_symbols() {
        let section = |name: &str, address, size, write, execute| Section {
            name: name.to_owned(),
            address,
            size,
            write,
            execute,
        };
        let symbol = |name: &str, size| Symbol {
            name: name.to_owned(),
            size,
        };
        let anatomy = Anatomy {
            file: 5000,
            sections: vec![
                section(".text", 0x1000, 2048, false, true),
                section(".data", 0x3000, 512, true, false),
            ],
            rest: 100,
            symbols: vec![symbol("a::big", 1536), symbol("a::small", 10)],
        };
        let expected = "\
kernel: 5000 bytes (4.9 KiB)
/k

  section                             address      bytes       KiB  rights
  .text                                0x1000       2048       2.0  read, execute
  .data                                0x3000        512       0.5  read, write
  in memory                                         2560       2.5
  symbols and debug information                      100       0.1

       bytes       KiB  the largest 1 of 2 symbols, 1546 bytes (1.5 KiB) in all
        1536       1.5  a::big
";
        assert_eq!(report("kernel", Path::new("/k"), &anatomy, 1), expected);
        let none = report("kernel", Path::new("/k"), &anatomy, 0);
        assert!(!none.contains("largest"), "{none}");
    }

    #[test]
    fn a_name_without_end_is_cut() {
        assert_eq!(cut("a::b"), "a::b");
        let long = "é".repeat(97);
        assert_eq!(cut(&long), format!("{}…", "é".repeat(96)));
        assert_eq!(cut(&long[2..]), long[2..]);
    }
}
