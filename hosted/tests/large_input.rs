//! More of everything than anybody writes: long, deep, endless, many. It is handled, or refused by
//! name; the program never breaks, and the prompt answers afterwards.

mod support;

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use support::terminal::Terminal;
use support::{Run, run, run_with_input};
use tempfile::NamedTempFile;

/// How deep structures are nested.
const DEEP: usize = 100_000;

/// Runs a text from a file, with these arguments before it.
fn run_text(arguments: &[&str], text: &[u8]) -> Run {
    let file = NamedTempFile::new().expect("there is a place for it");
    fs::write(&file, text).expect("it can be written");
    let path = file.path().to_str().expect("its name is text");
    run(&[arguments, &[path]].concat())
}

/// Types lines at a prompt and asks it something; says what it answered, from the last lines on.
fn typed(lines: &str) -> Run {
    let run = run_with_input(&["-i"], format!("{lines}nonsense\n1 2 + .\n").as_bytes());
    assert_eq!(run.errors, "");
    assert!(run.output.ends_with("1 2 + . 3  ok\n"), "{}", tail(&run));
    run
}

fn tail(run: &Run) -> String {
    let lines: Vec<&str> = run.output.lines().rev().take(12).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// What is said of a text, or printed by it.
fn assert_says(text: &str, expected: &str) {
    let run = run_text(&[], text.as_bytes());
    assert!(
        run.output.contains(expected),
        "{}{}",
        tail(&run),
        run.errors
    );
    assert_eq!(run.errors, "");
}

fn nested(open: &str, close: &str) -> String {
    open.repeat(DEEP) + &close.repeat(DEEP)
}

#[test]
fn structures_nested_too_deep_make_the_definition_too_long() {
    for (open, close) in [
        ("1 IF\n", "THEN\n"),
        ("BEGIN\n", "1 UNTIL\n"),
        ("BEGIN 1 WHILE\n", "REPEAT\n"),
        ("2 0 DO\n", "LOOP\n"),
        ("1 CASE 1 OF\n", "ENDOF ENDCASE\n"),
    ] {
        let text = format!(": deep\n{};\n", nested(open, close));
        assert_says(&text, "definition too long (-262)");
    }
}

#[test]
fn the_prompt_answers_after_structures_nested_too_deep() {
    let run = typed(&format!(": deep\n{}", "1 IF\n".repeat(20_000)));
    assert!(run.output.contains("(-262)"), "{}", tail(&run));
}

#[test]
fn a_stack_full_of_open_structures_is_an_overflow() {
    // BEGIN adds no code, only a mark on the data stack.
    let text = format!(": deep\n{}", "BEGIN BEGIN BEGIN BEGIN\n".repeat(40_000));
    assert_says(&text, "data stack overflow (-3)");
}

#[test]
fn conditions_of_the_interpreter_nest_as_deep_as_one_likes() {
    assert_says(&(nested("1 [IF]\n", "[THEN]\n") + "1 2 + .\n"), "3 ");
    let skipped = format!(
        "0 [IF]\n{}[THEN]\n1 2 + .\n",
        nested("0 [IF]\n", "[THEN]\n")
    );
    assert_says(&skipped, "3 ");
}

#[test]
fn parentheses_do_not_nest() {
    let line = format!("{}) 1 2 + .\n", "( ".repeat(2_000));
    assert_says(&line.repeat(50), "3 ");
}

#[test]
fn recursion_without_end_is_an_overflow() {
    for text in [
        ": again S\" again\" EVALUATE ; again",
        ": again RECURSE 1 ; again",
        ": again 1 RECURSE 2 ; again",
        "DEFER again  : step ['] again CATCH THROW ;  ' step IS again  again",
        "DEFER again  : step again 1 ;  ' step IS again  again",
    ] {
        let run = run(&["-e", text]);
        let overflow = run.output.contains("(-5)") || run.output.contains("(-3)");
        assert!(overflow && run.code == Some(1), "{text}: {run:?}");
    }
}

#[test]
fn what_never_ends_is_stopped_by_the_budget_and_the_data_is_there() {
    for endless in [
        "BEGIN AGAIN",
        "BEGIN S\" 1 DROP\" EVALUATE AGAIN",
        "BEGIN 41 PARSE 2DROP AGAIN",
        "BEGIN BL WORD DROP AGAIN",
        "BEGIN ['] NOOP CATCH DROP AGAIN",
        "BEGIN HERE 1000 0 FILL AGAIN",
        "BEGIN 0 0 S\" 12345\" >NUMBER 2DROP 2DROP AGAIN",
        "1 BEGIN DUP RECURSE AGAIN",
    ] {
        let run = typed(&format!(
            ": noop ; VARIABLE kept 42 kept !\n: endless {endless} ;\n10000000 BUDGET endless\n0 BUDGET kept @ .\n"
        ));
        let codes = ["(-256)", "(-3)", "(-5)"];
        let stopped = codes.iter().any(|code| run.output.contains(code));
        assert!(stopped, "{endless}: {}", tail(&run));
        assert!(
            run.output.contains("kept @ . 42  ok"),
            "{endless}: {}",
            tail(&run)
        );
    }
}

#[test]
fn control_c_stops_what_never_ends_and_the_data_is_there() {
    for endless in ["BEGIN AGAIN", "BEGIN S\" : new 1 ;\" EVALUATE AGAIN"] {
        let mut terminal = Terminal::prompt();
        terminal.line("VARIABLE kept 42 kept !");
        terminal.expect("ok");
        terminal.line(&format!(": endless {endless} ;"));
        terminal.expect("ok");
        terminal.line("endless");
        std::thread::sleep(Duration::from_millis(300));
        terminal.keys("\x03");
        terminal.expect("(-28)");
        terminal.line("kept @ .");
        terminal.expect("42  ok");
        terminal.line("BYE");
        let (status, ..) = terminal.end();
        assert!(status.success());
    }
}

#[test]
fn data_space_is_used_up_by_name_and_stays_as_it_is() {
    let run =
        typed("VARIABLE kept 42 kept !\n: more BEGIN 100000 ALLOT AGAIN ; more\nkept @ .\n1 ,\n");
    assert!(run.output.contains("(-8)"), "{}", tail(&run));
    assert!(run.output.contains("kept @ . 42  ok"), "{}", tail(&run));
    assert!(run.output.contains("1 ,  ok"), "{}", tail(&run));
}

#[test]
fn numbers_and_strings_of_any_length_are_refused_or_read() {
    let digits = "1".repeat(3_000);
    assert_says(&format!("{digits} .\n"), "(-13)");
    assert_says(&format!("{digits}. D.\n"), "(-13)");
    assert_says(&format!("S\" {digits}\" NIP .\n"), "(-18)");
    assert_says(&format!(": long S\" {digits}\" NIP ; long .\n"), "3000 ");
    assert_says(&format!(": x C\" {digits}\" ;\n"), "(-18)");
    assert_says(&format!(": {digits} ;\n"), "(-19)");
    assert_says(&format!("~[{}\n", "[".repeat(4_000)), "(-294)");
}

#[test]
fn a_name_may_be_of_any_bytes_but_blanks() {
    for first in (b'!'..=b'~').filter(|byte| *byte != b'~') {
        let name = format!("{}é\u{1F600}{}", char::from(first), "x".repeat(200));
        let run = run(&["-e", &format!(": {name} 42 ; {name} .")]);
        assert_eq!((run.code, run.output.as_str()), (Some(0), "42 "), "{name}");
    }
}

#[test]
fn binaries_are_no_source() {
    let program = fs::read(support::STELE).expect("the program is there");
    let run = run_text(&[], &program[..1_000_000]);
    assert_eq!((run.code, run.errors.as_str()), (Some(1), ""));
    assert!(run.output.contains("(-260)") || run.output.contains("(-13)"));
}

#[test]
fn a_line_of_a_megabyte_is_too_long_wherever_it_comes_from() {
    let line = format!("{}\n1 2 + .\n", "1 drop ".repeat(150_000));
    for run in [
        run_text(&[], line.as_bytes()),
        run_with_input(&[], line.as_bytes()),
        run(&["-e", &line[..100_000]]),
    ] {
        assert!(
            run.output.contains("input line too long (-259)"),
            "{}",
            tail(&run)
        );
        assert_eq!((run.code, run.errors.as_str()), (Some(1), ""));
    }
}

/// Definitions, each on its line.
fn definitions(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        writeln!(text, ": word-{number} {number} ;").expect("strings grow");
    }
    text
}

#[test]
fn definitions_end_where_the_memory_does_and_what_was_defined_works() {
    // What cannot be added is refused line by line, each after a collection of everything.
    let lines = definitions(12_100);
    let run = run_with_input(
        &["--memory", "4M", "-i"],
        format!("{lines}word-99 .\nnonsense\n1 2 + .\n").as_bytes(),
    );
    assert!(
        run.output.contains("out of memory (-257)"),
        "{}",
        tail(&run)
    );
    assert!(run.output.contains("word-99 . 99  ok"), "{}", tail(&run));
    assert!(run.output.ends_with("1 2 + . 3  ok\n"), "{}", tail(&run));
}

#[test]
#[ignore = "takes a minute: `cargo test -p stele-hosted --release --test large_input -- --ignored`"]
fn a_million_definitions_are_kept() {
    let text = definitions(1_000_000) + "word-999999 .\n";
    let run = run_text(&["--memory", "2G"], text.as_bytes());
    assert_eq!((run.code, run.output.as_str()), (Some(0), "999999 "));
}

#[test]
#[ignore = "takes a minute: `cargo test -p stele-hosted --release --test large_input -- --ignored`"]
fn a_source_of_a_hundred_megabytes_is_interpreted() {
    let line =
        "1+ ( a remark, so that the lines are as long as those that people write ) \\ and more\n";
    let count = 100_000_000 / line.len() + 1;
    let text = format!("0\n{}.\n", line.repeat(count));
    let expected = format!("{count} ");
    let run = run_text(&["--memory", "1G"], text.as_bytes());
    assert_eq!(
        (run.code, run.output.as_str()),
        (Some(0), expected.as_str())
    );
    let run = run_with_input(&[], text.as_bytes());
    assert_eq!(
        (run.code, run.output.as_str()),
        (Some(0), expected.as_str())
    );
}

#[test]
fn a_source_larger_than_the_memory_is_refused() {
    let text = "1 DROP\n".repeat(1_000_000);
    let run = run_text(&["--memory", "4M"], text.as_bytes());
    assert_eq!(run.code, Some(3));
    assert!(run.errors.contains("--memory"), "{}", run.errors);
    // Line by line it needs no room.
    let run = run_with_input(&["--memory", "4M"], format!("{text}1 2 + .\n").as_bytes());
    assert_eq!((run.code, run.output.as_str()), (Some(0), "3 "));
}
