//! docs/GLOSSARY.md: made of the same entries as HELP, and up to date. With STELE_BLESS=1 it is written.

#[path = "../build/help/mod.rs"]
#[allow(dead_code, reason = "the build script packs, this test writes a page")]
mod help;

use help::packed::{entries_of, sets_with_words};
use help::{Entry, Help};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[test]
fn the_glossary_is_made_of_the_help() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let help = help::read(&root.join("words/help")).unwrap_or_else(|message| panic!("{message}"));
    let path = root.join("docs/GLOSSARY.md");
    let made = glossary(&help);
    if env::var_os("STELE_BLESS").is_some() {
        fs::write(&path, &made).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    let differs = there.lines().zip(made.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or(there.lines().count().min(made.lines().count())) + 1;
    assert!(
        there == made,
        "docs/GLOSSARY.md, line {line}, is not what words/help says: run \
         STELE_BLESS=1 cargo test -p stele-forth --test glossary"
    );
}

fn glossary(help: &Help) -> String {
    let mut page = String::from(
        "# Glossary\n\n\
         Every word, by word set. `HELP` shows the same at the prompt, and a test types every example:\n\
         a line behind `>` is typed, what follows is said. Written from words/help by\n\
         `STELE_BLESS=1 cargo test -p stele-forth --test glossary`; do not change it by hand.\n\n",
    );
    for set in sets_with_words(help) {
        let (name, meaning) = (&set.name, &set.meaning);
        let anchor = name.to_ascii_lowercase().replace(' ', "-");
        let count = entries_of(set, help).count();
        let _ = writeln!(page, "- [{name}](#{anchor}): {meaning}; {count}");
    }
    for set in sets_with_words(help) {
        let _ = writeln!(page, "\n## {}", set.name);
        let mut entries: Vec<&Entry> = entries_of(set, help).collect();
        entries.sort_by_key(|entry| entry.name.to_ascii_uppercase());
        for entry in entries {
            write_entry(entry, &mut page);
        }
    }
    page
}

fn write_entry(entry: &Entry, page: &mut String) {
    let clause = match entry.clause.as_str() {
        "" => String::new(),
        clause => format!(" ({clause})"),
    };
    // A string takes what is written.
    let _ = write!(
        page,
        "\n`{}` `{}`{clause}  \n{}\n",
        entry.name,
        entry.effects,
        escaped(&entry.meaning)
    );
    for example in &entry.examples {
        page.push('\n');
        for typed in &example.typed {
            let _ = writeln!(page, "    > {typed}");
        }
        for said in &example.said {
            let _ = writeln!(page, "{}", format!("    {said}").trim_end());
        }
    }
}

/// Text in which no character means anything to Markdown.
fn escaped(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if "\\`*_<>[]#|~".contains(character) {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}
