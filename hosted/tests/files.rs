//! Files, blocks in files, and sources that include others, as programs of `stele` have them.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{Run, STELE};
use tempfile::TempDir;

/// Runs the program in a directory.
fn run_in(directory: &Path, arguments: &[&str]) -> Run {
    Command::new(STELE)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("it starts")
        .into()
}

/// A directory with the given files, whose names may lead into directories of it.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("there is a place for it");
    for (name, contents) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(path, contents).expect("it can be written");
    }
    directory
}

#[test]
fn the_cases_with_files_pass() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let harness = tests.join("conformance/harness.fth");
    let cases = tests.join("files/files.fth");
    let directory = directory(&[]);
    let paths = [harness, cases].map(|path| path.to_str().expect("it is text").to_owned());
    let run = run_in(directory.path(), &[&paths[0], &paths[1], "-e", "REPORT"]);
    let report = run.output.lines().last().unwrap_or_default();
    assert!(report.contains(" passed, 0 failed,"), "{run:?}");
    assert!(report.starts_with("conformance: 93 "), "{report}");
}

#[test]
fn an_ordinary_program_in_several_files_runs_as_it_is() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/files/program");
    let directory = directory(&[]);
    fs::copy(program.join("text.txt"), directory.path().join("text.txt")).expect("it is there");
    let main = program.join("count.fs");
    let run = run_in(directory.path(), &[main.to_str().expect("it is text")]);
    let counted = |times: [u8; 4]| {
        let [the, cat, sat, dog] = times;
        format!("   {the} the\n   {cat} cat\n   {sat} sat\n   {dog} dog\n")
    };
    let expected = format!(
        "4 lines\n{}no other text\n4 lines again\n{}",
        counted([3, 2, 1, 1]),
        counted([4, 3, 2, 2])
    );
    assert_eq!((run.code, run.output), (Some(0), expected));
    assert!(!directory.path().join("counts.txt").exists());
}

/// So the parity hash of the cases is that of a machine, which has none.
#[test]
fn what_is_refused_is_refused_at_the_same_cost_where_there_are_no_files() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let paths = ["harness.fth", "file/refusals.fth"].map(|name| tests.join(name));
    let [harness, cases] = paths.map(|path| path.to_str().expect("it is text").to_owned());
    let directory = directory(&[]);
    let [all, none] = ["all", "none"].map(|allowed| {
        let arguments = ["--files", allowed, &harness, &cases, "-e", "REPORT"];
        run_in(directory.path(), &arguments).output
    });
    assert!(all.contains(" passed, 0 failed,"), "{all}");
    assert_eq!(all, none);
}

#[test]
fn a_source_is_looked_for_in_the_working_directory_and_then_beside_the_one_that_includes_it() {
    let directory = directory(&[
        ("main.fs", "INCLUDE lib/a.fs"),
        ("lib/a.fs", ".( a ) INCLUDE b.fs INCLUDE c.fs"),
        ("lib/b.fs", ".( wrong )"),
        ("lib/c.fs", ".( c )"),
        ("b.fs", ".( b )"),
    ]);
    let run = run_in(directory.path(), &["main.fs"]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "a b c "));
    let elsewhere = self::directory(&[]);
    let main = directory.path().join("lib/a.fs");
    let run = run_in(elsewhere.path(), &[main.to_str().expect("it is text")]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "a wrong c "));
}

#[test]
fn init_interprets_the_file_of_that_name() {
    let files = directory(&[("init.4th", "1 .\n: set 2 ;")]);
    let run = run_in(files.path(), &["-e", "INIT set . INIT"]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "1 2 1 "));
    let run = run_in(directory(&[]).path(), &["-e", "INIT"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.output.contains("non-existent file (-38): init.4th"),
        "{}",
        run.output
    );
}

#[test]
fn a_list_of_locals_that_never_ends_is_refused_at_the_end_of_its_source() {
    let files = directory(&[("open.fs", ": w {: a\nb\n")]);
    let run = run_in(files.path(), &["-e", "INCLUDE open.fs"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.output.contains("zero-length name (-16)"),
        "{}",
        run.output
    );
}

#[test]
fn an_error_in_an_included_source_names_it_and_the_line() {
    let directory = directory(&[
        ("main.fs", "1 .\nINCLUDE lib/a.fs"),
        ("lib/a.fs", "2 .\n\n3 . nonsense 4 ."),
    ]);
    let run = run_in(directory.path(), &["main.fs"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.output
            .contains("1 2 3 lib/a.fs:3: undefined word (-13): nonsense"),
        "{}",
        run.output
    );
    let run = run_in(directory.path(), &["-e", "INCLUDE nobody.fs"]);
    assert!(
        run.output
            .contains("-e:1: non-existent file (-38): nobody.fs"),
        "{}",
        run.output
    );
}

#[test]
fn an_error_in_a_block_names_it_and_the_line() {
    let directory = directory(&[]);
    let text = "12 SCR !\n3 S 1 . nonsense\n12 LOAD";
    let run = run_in(directory.path(), &["--blocks", "a \"b\".blk", "-e", text]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.output
            .contains("block 12:3: undefined word (-13): nonsense\n1 . nonsense"),
        "{}",
        run.output
    );
    // What was not saved is not in the file, which is there.
    assert_eq!(
        fs::read(directory.path().join("a \"b\".blk")).expect("it is there"),
        b""
    );
}

#[test]
fn blocks_of_a_file_last() {
    let directory = directory(&[]);
    let blocks = ["--blocks", "a.blk", "-e"];
    let write = [&blocks[..], &["2 SCR !\n0 S 6 7 * .\nFLUSH"]].concat();
    let run = run_in(directory.path(), &write);
    assert_eq!((run.code, run.output.as_str()), (Some(0), ""));
    let run = run_in(directory.path(), &[&blocks[..], &["2 LOAD"]].concat());
    assert_eq!((run.code, run.output.as_str()), (Some(0), "42 "));
    let size = fs::metadata(directory.path().join("a.blk"))
        .expect("it is there")
        .len();
    assert_eq!(size, 3 * 1024);
    let run = run_in(directory.path(), &["--blocks", ".", "-e", "1 ."]);
    assert!(run.output.contains("(-314): ."), "{}", run.output);
}

#[test]
fn files_can_be_kept_from_programs_or_bounded_to_a_directory() {
    let directory = directory(&[
        ("in/a.fs", ".( a ) INCLUDE b.fs"),
        ("in/b.fs", ".( b )"),
        ("c.fs", ".( c )"),
    ]);
    let path = directory.path();
    let run = run_in(path, &["--files", "none", "in/a.fs"]);
    assert_eq!(run.code, Some(1));
    assert!(run.output.contains("(-310): b.fs"), "{}", run.output);
    let run = run_in(
        path,
        &["--files", "in", "-e", "INCLUDE a.fs INCLUDE ../c.fs"],
    );
    assert_eq!(run.code, Some(1));
    assert!(run.output.starts_with("a b "), "{}", run.output);
    assert!(run.output.contains("(-313): ../c.fs"), "{}", run.output);
    let run = run_in(path, &["--files", "nowhere", "-e", "1 ."]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.errors.contains("cannot use --files nowhere:"),
        "{}",
        run.errors
    );
}

#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory(&[("a.fs", ".( a )")]);
    let path = directory.path().join("a.fs");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("it is ours");
    let run = run_in(directory.path(), &["-e", "INCLUDE a.fs"]);
    // Root may read anything.
    if fs::read(&path).is_err() {
        assert!(run.output.contains("(-312): a.fs"), "{}", run.output);
    }
}

#[test]
fn what_is_read_of_a_pipe_comes_when_it_is_there_and_nobody_hangs() {
    let directory = directory(&[]);
    let text = "CREATE ROOM 100 ALLOT S\" pipe\" R/O OPEN-FILE THROW CONSTANT P
        .( open )
        : LINES BEGIN ROOM 100 P READ-LINE THROW WHILE ROOM SWAP TYPE SPACE REPEAT DROP ; LINES";
    let script = format!(
        "mkfifo pipe; exec 3<>pipe; (sleep 0.1; echo one; sleep 0.1; echo two) >pipe &
         timeout 10 {STELE} -e '{}' 3>&- & sleep 0.5; exec 3>&-; wait",
        text
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let run = Run::from(output);
    assert_eq!(run.output, "open one two ", "{run:?}");
    // Nobody writes it, nobody reads it.
    let nobody =
        "S\" pipe\" W/O OPEN-FILE . DROP PAD 9 S\" pipe\" R/O OPEN-FILE THROW READ-FILE . .";
    let run = run_in(directory.path(), &["-e", nobody]);
    assert_eq!(run.output, "-69 0 0 ");
}

#[test]
fn a_source_of_binary_bytes_or_one_that_vanishes_is_refused_or_read_to_its_end() {
    let directory = directory(&[("gone.fs", "S\" gone.fs\" DELETE-FILE .\n.( still )")]);
    fs::write(directory.path().join("binary"), support::noise(7, 5000)).expect("it can be written");
    let run = run_in(directory.path(), &["-e", "INCLUDE binary"]);
    assert_eq!(run.code, Some(1));
    assert!(run.output.contains("binary:1:"), "{}", run.output);
    let run = run_in(directory.path(), &["-e", "INCLUDE gone.fs"]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "0 still "));
}
