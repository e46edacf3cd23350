//! The cases as one source text, from the files of tests/conformance: its README says how they fit
//! together.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::workspace;

/// Folders whose cases run from a file, in this order.
const FROM_FILE: &[&str] = &[
    "access",
    "block",
    "core",
    "core-ext",
    "double",
    "errors",
    "exception",
    "facility",
    "file",
    "float",
    "heritage",
    "locals",
    "memory",
    "output",
    "search",
    "string",
    "tools",
    "values",
    "xchar",
    "devices",
];

/// The folder whose cases must be typed, because they read the lines that follow them.
const TYPED: &str = "terminal";

/// A source text and what it must print besides its report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::test) struct Suite {
    /// The harness, the cases, the report, the end.
    pub(in crate::test) source: String,
    /// The lines beginning with `out ` that must be seen, in order.
    printed: Vec<String>,
}

/// Both suites.
#[derive(Clone, Debug)]
pub(in crate::test) struct Suites {
    /// What runs from a file.
    pub(in crate::test) from_file: Suite,
    /// What is typed at the prompt.
    pub(in crate::test) typed: Suite,
}

impl Suites {
    /// Reads them.
    pub(in crate::test) fn read() -> Result<Suites> {
        Ok(Suites {
            from_file: Suite::read(FROM_FILE)?,
            typed: Suite::read(&[TYPED])?,
        })
    }
}

impl Suite {
    fn read(folders: &[&str]) -> Result<Suite> {
        let directory = workspace::root().join("tests/conformance");
        let mut files = vec![directory.join("harness.fth")];
        for folder in folders {
            files.extend(sources(&directory.join(folder))?);
        }
        let mut suite = Suite::default();
        for file in files {
            suite.add(&fs::read_to_string(&file).map_err(Error::file("read", &file))?);
        }
        suite.source += "REPORT\nBYE\n";
        Ok(suite)
    }

    fn add(&mut self, text: &str) {
        self.source += text;
        self.source += "\n";
        let expected = text.lines().filter_map(|line| line.strip_prefix("\\ "));
        let printed = expected.filter(|line| line.starts_with("out "));
        self.printed.extend(printed.map(str::to_owned));
    }

    /// Whether `said` shows the lines that must be printed; if not, the first that differs.
    pub(super) fn compare(&self, said: &str) -> std::result::Result<(), String> {
        let mut seen = said.lines().filter(|line| line.starts_with("out "));
        for expected in &self.printed {
            let actual = seen.next().unwrap_or("nothing");
            if actual != expected {
                return Err(format!(
                    "`{expected}` was to be printed, and it was `{actual}`"
                ));
            }
        }
        match seen.next() {
            None => Ok(()),
            Some(more) => Err(format!("`{more}` was printed, and nothing more was to be")),
        }
    }
}

/// The Forth sources in a folder, by name.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let path = entry.map_err(Error::file("read", folder))?.path();
        if path.extension().is_some_and(|extension| extension == "fth") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comments_that_name_output_are_what_must_be_seen() {
        let mut suite = Suite::default();
        suite.add("OUT{ 1 . }OUT\n\\ out |1 |\n\\ a comment\n\\ out |2 |");
        assert!(suite.compare("x\nout |1 |\nout |2 |\nconformance").is_ok());
        let missing = suite.compare("out |1 |\n").unwrap_err();
        assert_eq!(
            missing,
            "`out |2 |` was to be printed, and it was `nothing`"
        );
        assert!(suite.compare("out |1 |\nout |2|\n").is_err());
        assert!(suite.compare("out |1 |\nout |2 |\nout |3 |\n").is_err());
    }

    #[test]
    fn the_suites_are_there_and_begin_with_the_harness() {
        let suites = Suites::read().unwrap();
        for suite in [&suites.from_file, &suites.typed] {
            assert!(suite.source.starts_with("\\ Conformance harness"));
            assert!(suite.source.ends_with("REPORT\nBYE\n"));
        }
        assert!(!suites.from_file.printed.is_empty());
    }
}
