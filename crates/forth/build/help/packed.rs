//! What HELP shows, line by line as it shows it, packed for the system.
//!
//! The number of entries as 32-bit little-endian; for each, in the order of their names in upper
//! case, where it begins; then the entries: length of the name in a byte, the name, length of the
//! text in two bytes, the text.

use super::{Entry, Help, Set};
use std::fmt::Write as _;

/// Columns that a line may have.
const COLUMNS: usize = 78;

/// Packs all help.
pub(crate) fn pack(help: &Help) -> Vec<u8> {
    let mut pages: Vec<(String, String)> = Vec::new();
    for entry in &help.entries {
        pages.push((entry.name.to_ascii_uppercase(), page(entry)));
    }
    for set in sets_with_words(help) {
        pages.push((name_of_page(set), words_of(set, help)));
    }
    pages.push((String::new(), overview(help)));
    // Sets come after words of their names, and words in the order of the files.
    pages.sort_by(|(a, _), (b, _)| a.cmp(b));
    bytes(&pages)
}

fn bytes(pages: &[(String, String)]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).expect("the help is small");
    let mut packed = number(pages.len()).to_le_bytes().to_vec();
    let mut at = 4 + 4 * pages.len();
    for (name, text) in pages {
        packed.extend(number(at).to_le_bytes());
        at += 3 + name.len() + text.len();
    }
    for (name, text) in pages {
        packed.push(u8::try_from(name.len()).expect("names have at most 255 bytes"));
        packed.extend(name.as_bytes());
        let length = u16::try_from(text.len()).expect("an entry has at most 65,535 bytes");
        packed.extend(length.to_le_bytes());
        packed.extend(text.as_bytes());
    }
    packed
}

/// What HELP shows of a word.
fn page(entry: &Entry) -> String {
    let mut page = wrapped(
        &format!("{} {}", entry.name, entry.effects),
        "",
        "          ",
    );
    let origin = format!("{} {}", entry.set, entry.clause);
    page += &wrapped(&entry.meaning, "  ", "  ");
    let _ = writeln!(page, "  {}", origin.trim_end());
    for example in &entry.examples {
        for typed in &example.typed {
            let _ = writeln!(page, "    > {typed}");
        }
        for said in &example.said {
            let _ = writeln!(page, "{}", format!("    {said}").trim_end());
        }
    }
    page
}

/// The sets that have words, in their order.
pub(crate) fn sets_with_words(help: &Help) -> impl Iterator<Item = &Set> {
    help.sets
        .iter()
        .filter(|set| entries_of(set, help).next().is_some())
}

/// The entries of a set.
pub(crate) fn entries_of<'a>(set: &'a Set, help: &'a Help) -> impl Iterator<Item = &'a Entry> {
    help.entries
        .iter()
        .filter(move |entry| entry.set == set.name)
}

/// A set's name as one word.
fn name_of_page(set: &Set) -> String {
    set.name.replace(' ', "-")
}

/// What HELP shows of a set.
fn words_of(set: &Set, help: &Help) -> String {
    let mut names: Vec<&str> = entries_of(set, help)
        .map(|entry| entry.name.as_str())
        .collect();
    names.sort_unstable();
    let title = format!("{}: {}, {} words", set.name, set.meaning, names.len());
    wrapped(&title, "", "  ") + &wrapped(&names.join(" "), "  ", "  ")
}

/// What HELP shows alone.
fn overview(help: &Help) -> String {
    let mut page = String::from(
        "HELP NAME tells about a word, HELP SET lists the words of a set. The sets:\n",
    );
    for set in sets_with_words(help) {
        let _ = writeln!(page, "  {:13} {}", name_of_page(set), set.meaning);
    }
    page += "WORDS lists all words, WORDS TEXT those with TEXT in their names,\n\
             SEE NAME the code of one. The Tab key completes a name.\n";
    page
}

/// Lines of at most [`COLUMNS`], broken at blanks.
fn wrapped(text: &str, first: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines += &line;
            lines.push('\n');
            line = indent.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    lines + &line + "\n"
}
