//! The help of words: entries read from `words/help/`, which the system, the glossary and the tests
//! share.
//!
//! words/help/README.md has the form of the files. Read [`read`] first, then `packed`, which makes of
//! the entries what the system carries with it.

pub(crate) mod packed;

use std::fs;
use std::path::Path;

/// Most lines of meaning that an entry may have.
const MEANING_LINES: usize = 4;

/// Most characters of an example's line: a prompt of 80 columns shows it whole.
const EXAMPLE_COLUMNS: usize = 74;

/// Everything there is to read.
pub(crate) struct Help {
    pub(crate) sets: Vec<Set>,
    /// In the order of the files and in them.
    pub(crate) entries: Vec<Entry>,
}

/// A word set.
pub(crate) struct Set {
    pub(crate) name: String,
    /// What the numbers of its words begin with in the standard; empty if it is not there.
    pub(crate) clause: String,
    pub(crate) meaning: String,
}

/// What is said about a word.
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Its stack effects with their parentheses, separated by blanks.
    pub(crate) effects: String,
    pub(crate) set: String,
    /// Its number in the standard; empty if it is not there.
    pub(crate) clause: String,
    /// One paragraph.
    pub(crate) meaning: String,
    pub(crate) examples: Vec<Example>,
    /// Where it is written: file and line.
    pub(crate) place: String,
}

/// What is typed at a fresh prompt, and what is said then.
#[derive(Default)]
pub(crate) struct Example {
    pub(crate) typed: Vec<String>,
    pub(crate) said: Vec<String>,
}

/// Reads the sets and all entries in a folder.
///
/// # Errors
/// Names file and line of what is not as it must be, and how it must be.
pub(crate) fn read(folder: &Path) -> Result<Help, String> {
    let list = folder.join("sets.txt");
    let sets = read_sets(&list, &text(&list)?)?;
    let mut files = Vec::new();
    let found = fs::read_dir(folder).map_err(|error| told(folder, &error.to_string()))?;
    for file in found {
        let path = file
            .map_err(|error| told(folder, &error.to_string()))?
            .path();
        if path
            .extension()
            .is_some_and(|extension| extension == "help")
        {
            files.push(path);
        }
    }
    files.sort();
    let mut entries = Vec::new();
    for file in &files {
        read_entries(file, &text(file)?, &sets, &mut entries)?;
    }
    refuse_doubles(&entries)?;
    Ok(Help { sets, entries })
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| told(path, &error.to_string()))
}

fn told(path: &Path, problem: &str) -> String {
    format!("{}: {problem}", path.display())
}

fn place(path: &Path, line: usize) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    format!("words/help/{}:{line}", name.to_string_lossy())
}

/// Lines of `NAME | clause | meaning`; lines that begin with a backslash are comments.
fn read_sets(path: &Path, text: &str) -> Result<Vec<Set>, String> {
    let mut sets = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('\\') || line.is_empty() {
            continue;
        }
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [name, clause, meaning] = parts[..] else {
            let place = place(path, index + 1);
            return Err(format!("{place}: a set is `NAME | clause | meaning`"));
        };
        sets.push(Set {
            name: name.to_owned(),
            clause: clause.to_owned(),
            meaning: meaning.to_owned(),
        });
    }
    Ok(sets)
}

fn read_entries(
    path: &Path,
    text: &str,
    sets: &[Set],
    entries: &mut Vec<Entry>,
) -> Result<(), String> {
    let mut open: Option<Entry> = None;
    for (index, line) in text.lines().enumerate() {
        let place = place(path, index + 1);
        let wrong = |problem: &str| Err(format!("{place}: {problem}"));
        if line.trim_end() != line {
            return wrong("the line ends with a blank");
        }
        if line.contains('\t') {
            return wrong("there is a tab in the line");
        }
        if line.is_empty() {
            close(open.take(), entries)?;
            continue;
        }
        if line.starts_with("\\ ") && open.is_none() && !is_title(line, sets) {
            continue;
        }
        let Some(entry) = &mut open else {
            open = Some(title(line, sets, &place)?);
            continue;
        };
        add(entry, line).or_else(|problem| wrong(&problem))?;
    }
    close(open, entries)
}

/// The backslash is also a word, whose entry begins as a comment does.
fn is_title(line: &str, sets: &[Set]) -> bool {
    title(line, sets, "").is_ok()
}

/// The first line of an entry: name, effects, set, clause.
fn title(line: &str, sets: &[Set], place: &str) -> Result<Entry, String> {
    let wrong = |problem: String| format!("{place}: {problem}");
    let (name, mut rest) = line.split_once(' ').unwrap_or((line, ""));
    let mut effects: Vec<&str> = Vec::new();
    while rest.starts_with("( ") {
        let end = rest.find(" )").ok_or_else(|| {
            wrong("a stack effect ends with a blank and a parenthesis".to_owned())
        })? + 2;
        effects.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    if effects.is_empty() {
        return Err(wrong(
            "an entry begins `NAME ( effect ) SET clause`; this has no effect".to_owned(),
        ));
    }
    if let Some(effect) = effects.iter().find(|effect| !effect.contains("--")) {
        return Err(wrong(format!("the effect {effect} has no `--`")));
    }
    let (set, clause) = match rest.rsplit_once(' ') {
        Some((set, clause)) if clause.starts_with(|first: char| first.is_ascii_digit()) => {
            (set, clause)
        }
        _ => (rest, ""),
    };
    let Some(known) = sets.iter().find(|known| known.name == set) else {
        return Err(wrong(format!(
            "`{set}` is no word set; words/help/sets.txt has them"
        )));
    };
    let belongs = match clause.strip_prefix(&*known.clause) {
        _ if known.clause.is_empty() => clause.is_empty(),
        // Some have a number of their own below another's.
        Some(number) => matches!(number.len(), 5 | 8) && number.starts_with('.'),
        None => false,
    };
    if !belongs {
        return Err(wrong(format!(
            "`{clause}` is no clause of {set}, whose begin with `{}`",
            known.clause
        )));
    }
    Ok(Entry {
        name: name.to_owned(),
        effects: effects.join(" "),
        set: set.to_owned(),
        clause: clause.to_owned(),
        meaning: String::new(),
        examples: Vec::new(),
        place: place.to_owned(),
    })
}

/// A line after the first: of an example, or of the meaning.
fn add(entry: &mut Entry, line: &str) -> Result<(), String> {
    if let Some(typed) = line.strip_prefix("> ") {
        if typed.chars().count() > EXAMPLE_COLUMNS {
            return Err(format!("more than {EXAMPLE_COLUMNS} characters are typed"));
        }
        match entry.examples.last_mut() {
            Some(example) if example.said.is_empty() => example.typed.push(typed.to_owned()),
            _ => entry.examples.push(Example {
                typed: vec![typed.to_owned()],
                said: Vec::new(),
            }),
        }
        return Ok(());
    }
    if line == "=" || line.starts_with("= ") {
        let example = entry
            .examples
            .last_mut()
            .ok_or("nothing was typed of which this is said")?;
        example
            .said
            .push(line.get(2..).unwrap_or_default().to_owned());
        return Ok(());
    }
    if !entry.examples.is_empty() {
        return Err("the meaning stands before the examples".to_owned());
    }
    if entry.meaning.lines().count() == MEANING_LINES {
        return Err(format!("more than {MEANING_LINES} lines of meaning"));
    }
    if !entry.meaning.is_empty() {
        entry.meaning.push('\n');
    }
    entry.meaning.push_str(line);
    Ok(())
}

fn close(entry: Option<Entry>, entries: &mut Vec<Entry>) -> Result<(), String> {
    let Some(mut entry) = entry else {
        return Ok(());
    };
    if entry.meaning.is_empty() {
        return Err(format!("{}: {} has no meaning", entry.place, entry.name));
    }
    entry.meaning = entry.meaning.replace('\n', " ");
    entries.push(entry);
    Ok(())
}

/// A word may stand in several sets, but once in each.
fn refuse_doubles(entries: &[Entry]) -> Result<(), String> {
    for (index, entry) in entries.iter().enumerate() {
        let same =
            |other: &&Entry| other.name.eq_ignore_ascii_case(&entry.name) && other.set == entry.set;
        if let Some(first) = entries[..index].iter().find(same) {
            return Err(format!(
                "{}: {} has an entry at {} already",
                entry.place, entry.name, first.place
            ));
        }
    }
    Ok(())
}
