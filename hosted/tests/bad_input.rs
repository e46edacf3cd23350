//! Bytes of any kind, typed, piped or in files: answers and errors, and the program never breaks.

mod support;

use std::fs;

use support::{Run, noise, run, run_with_input, shell};
use tempfile::NamedTempFile;

/// Runs a file with these contents.
fn run_file(contents: &[u8]) -> Run {
    let file = NamedTempFile::new().expect("there is a place for it");
    fs::write(&file, contents).expect("it can be written");
    run(&[file.path().to_str().expect("its name is text")])
}

/// Runs the prompt on these keys, leaves whatever state they left it in, and asks it something.
fn run_prompt(keys: &[u8]) -> Run {
    // A tilde ends a key's escape sequence, an unknown word the compilation of a definition.
    let mut keys = keys.to_vec();
    keys.extend_from_slice(b"~~~\rnonsense\r1 2 + .\r");
    run_with_input(&["-i"], &keys)
}

fn assert_ended_by_itself(run: &Run) {
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    assert_eq!(run.errors, "");
}

#[test]
fn noise_never_breaks_it() {
    for seed in 1..=40 {
        let noise = noise(seed, 5_000);
        assert_ended_by_itself(&run_with_input(&[], &noise));
        assert_ended_by_itself(&run_with_input(&["-"], &noise));
        assert_ended_by_itself(&run_file(&noise));
    }
}

#[test]
fn the_prompt_answers_after_noise() {
    for seed in 1..=40 {
        let mut noise = noise(seed, 20_000);
        // Ctrl-D on an empty line leaves.
        noise.retain(|byte| *byte != 4);
        let run = run_prompt(&noise);
        assert_ended_by_itself(&run);
        assert!(
            run.output.ends_with("1 2 + . 3  ok\n"),
            "seed {seed}: {}",
            run.output
        );
    }
}

#[test]
fn the_prompt_answers_after_every_single_byte() {
    for byte in (0..=255).filter(|byte| *byte != 4) {
        let run = run_prompt(&[byte]);
        assert_ended_by_itself(&run);
        assert!(
            run.output.ends_with("1 2 + . 3  ok\n"),
            "{byte}: {}",
            run.output
        );
    }
}

#[test]
fn the_prompt_answers_after_an_error_whose_report_fails_too() {
    for (line, code) in [
        ("-7 5 evaluate", "(-9)"),
        ("-7 state 56 + ! nonsense", "(-13)"),
        ("1 budget drop", "(-256)"),
        ("1 budget -7 5 evaluate", "(-256)"),
    ] {
        let run = run_prompt(format!("{line}\n").as_bytes());
        assert_ended_by_itself(&run);
        assert!(run.output.contains(code), "{line}: {}", run.output);
        assert!(
            run.output.ends_with("1 2 + . 3  ok\n"),
            "{line}: {}",
            run.output
        );
    }
}

#[test]
fn a_line_of_ten_megabytes_is_too_long() {
    let mut line = vec![b'x'; 10_000_000];
    line.extend_from_slice(b"\n1 2 + .\n");
    for run in [
        run_with_input(&[], &line),
        run_with_input(&["-"], &line),
        run_file(&line),
    ] {
        assert!(
            run.output.contains("input line too long (-259)"),
            "{}",
            run.output
        );
        assert_eq!((run.code, run.errors.as_str()), (Some(1), ""));
    }
}

#[test]
fn a_file_of_many_lines_is_read_whole() {
    let mut file = "1+\n".repeat(1_000_000);
    file.insert_str(0, "0\n");
    file.push_str(".\n");
    let run = run_file(file.as_bytes());
    assert_eq!((run.code, run.output.as_str()), (Some(0), "1000000 "));
}

#[test]
fn a_zero_byte_separates_words_and_does_not_end_the_line() {
    let run = run_with_input(&[], b"1 2\0+ .\n");
    assert_eq!((run.code, run.output.as_str()), (Some(0), "3 "));
}

#[test]
fn bytes_that_are_not_utf_8_are_an_error_by_name() {
    let report = b"1 . \xFF\xFE\n    ^\n";
    let shown = String::from_utf8_lossy(report);
    for run in [
        run_file(b"1 . \xFF\xFE\n2 ."),
        run_with_input(&["-"], b"1 . \xFF\xFE\n2 .\n"),
        run_with_input(&[], b"1 . \xFF\xFE\n2 .\n"),
        run_with_input(&["-i"], b"1 . \xFF\xFE\n"),
    ] {
        assert!(
            run.output.contains("text is not valid UTF-8 (-260)"),
            "{}",
            run.output
        );
        assert!(run.output.contains(&*shown), "{}", run.output);
    }
}

#[test]
fn an_empty_text_is_a_text() {
    for run in [
        run(&["-e", ""]),
        run_file(b""),
        run_with_input(&["-"], b""),
        run(&[]),
    ] {
        assert_eq!(
            (run.code, run.output.as_str(), run.errors.as_str()),
            (Some(0), "", "")
        );
    }
}

#[test]
fn closed_streams_are_empty_ones() {
    let run = shell("\"$STELE\" <&-");
    assert_eq!(
        (run.code, run.output.as_str(), run.errors.as_str()),
        (Some(0), "", "")
    );
    let run = shell("\"$STELE\" -e 'key .' <&-");
    assert_eq!(
        (run.code, run.output.as_str(), run.errors.as_str()),
        (Some(0), "", "")
    );
    let run = shell("\"$STELE\" -e '1 . nonsense' >&-");
    assert_eq!((run.code, run.errors.as_str()), (Some(1), ""));
    let run = shell("\"$STELE\" no/such/file 2>&-");
    assert_eq!((run.code, run.output.as_str()), (Some(3), ""));
}

#[test]
fn immediate_before_the_first_definition_changes_no_word() {
    let run = run_with_input(&["-i"], b"immediate\r: x 1 2 drop ; x .\r");
    assert!(run.output.contains("(-258)"), "{run:?}");
    assert!(run.output.ends_with("x . 1  ok\n"), "{run:?}");
}
