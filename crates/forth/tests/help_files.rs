//! The reader of words/help: what it takes, and what it refuses with file and line.

#[path = "../build/help/mod.rs"]
#[allow(dead_code, reason = "the build script packs, this test reads")]
mod help;

use std::fs;
use std::path::Path;

const SETS: &str = "\\ a comment\nCORE | 6.1 | the core\nSTELE | | our own\n";

/// Reads a folder that has these sets and this file; each test has a folder of its own.
fn read(test: &str, entries: &str) -> Result<help::Help, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).expect("a folder can be made");
    fs::write(folder.join("sets.txt"), SETS).expect("a file can be written");
    fs::write(folder.join("some.help"), entries).expect("a file can be written");
    help::read(&folder)
}

fn refused(test: &str, entries: &str) -> String {
    match read(test, entries) {
        Ok(_) => panic!("{entries} is taken"),
        Err(message) => message,
    }
}

#[test]
fn an_entry_has_name_effects_set_clause_meaning_and_examples() {
    let text = "\\ a comment\n\n>R ( x -- ) ( R: -- x ) CORE 6.1.0580\nMoves a cell\naway.\n\
                > : T >R R> ;\n> 5 T .\n= 5\n> 6 .\n= 6\n=\n= 7\n\n\
                \\ ( \"text\" -- ) STELE\nA comment.\n";
    let help = read("whole", text).unwrap_or_else(|message| panic!("{message}"));
    let [first, second] = &help.entries[..] else {
        panic!("there are {} entries", help.entries.len());
    };
    assert_eq!(first.name, ">R");
    assert_eq!(first.effects, "( x -- ) ( R: -- x )");
    assert_eq!((&*first.set, &*first.clause), ("CORE", "6.1.0580"));
    assert_eq!(first.meaning, "Moves a cell away.");
    assert_eq!(first.place, "words/help/some.help:3");
    let examples: Vec<_> = first.examples.iter().map(|e| (&e.typed, &e.said)).collect();
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let (typed, said): (Vec<String>, Vec<String>) =
        (lines(&[": T >R R> ;", "5 T ."]), lines(&["5"]));
    assert_eq!(examples[0], (&typed, &said));
    let (typed, said): (Vec<String>, Vec<String>) = (lines(&["6 ."]), lines(&["6", "", "7"]));
    assert_eq!(examples[1], (&typed, &said));
    assert_eq!((&*second.name, &*second.set), ("\\", "STELE"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases = [
        ("no-effect", "DUP CORE 6.1.1290\nX.\n", 1, "has no effect"),
        ("no-dashes", "DUP ( x ) CORE 6.1.1290\nX.\n", 1, "no `--`"),
        (
            "open",
            "DUP ( x -- CORE\nX.\n",
            1,
            "ends with a blank and a parenthesis",
        ),
        (
            "no-set",
            "DUP ( -- ) CARE 6.1.1290\nX.\n",
            1,
            "`CARE` is no word set",
        ),
        (
            "no-clause",
            "DUP ( -- ) CORE\nX.\n",
            1,
            "is no clause of CORE",
        ),
        (
            "other-clause",
            "DUP ( -- ) CORE 6.2.1290\nX.\n",
            1,
            "is no clause of CORE",
        ),
        (
            "own-clause",
            "DUP ( -- ) STELE 6.1.1290\nX.\n",
            1,
            "is no clause of STELE",
        ),
        (
            "no-meaning",
            "\nDUP ( -- ) STELE\n> 1 .\n= 1\n",
            2,
            "DUP has no meaning",
        ),
        (
            "long",
            "DUP ( -- ) STELE\na\nb\nc\nd\ne\n",
            6,
            "more than 4 lines",
        ),
        (
            "late",
            "DUP ( -- ) STELE\na\n> 1 .\n= 1\nb\n",
            5,
            "stands before the examples",
        ),
        (
            "nothing-typed",
            "DUP ( -- ) STELE\na\n= 1\n",
            3,
            "nothing was typed",
        ),
        ("blank", "DUP ( -- ) STELE \na\n", 1, "ends with a blank"),
        ("tab", "DUP ( -- ) STELE\n\ta\n", 2, "a tab"),
        (
            "twice",
            "A ( -- ) STELE\na\n\na ( -- ) STELE\nb\n",
            4,
            "has an entry at words/help/some.help:1 already",
        ),
    ];
    for (test, text, line, problem) in cases {
        let message = refused(test, text);
        assert!(
            message.starts_with(&format!("words/help/some.help:{line}: ")),
            "{message}"
        );
        assert!(message.contains(problem), "{test}: {message}");
    }
    let wide = format!("DUP ( -- ) STELE\na\n> {}\n", "x".repeat(75));
    assert!(refused("wide", &wide).contains("words/help/some.help:3: more than 74"));
}
