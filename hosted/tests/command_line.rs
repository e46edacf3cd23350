//! The program without a terminal: texts, standard input, exit codes, messages.

mod support;

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use support::{STELE, run, run_with_input, shell};
use tempfile::TempDir;

/// A folder with the given files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("there is a place for it");
    for (name, contents) in files {
        fs::write(folder.path().join(name), contents).expect("it can be written");
    }
    folder
}

fn path_in(folder: &TempDir, name: &str) -> String {
    let path = folder.path().join(name);
    path.to_str().expect("its name is text").to_owned()
}

// ---- Texts ---------------------------------------------------------------------------------------

#[test]
fn a_text_on_the_command_line_is_interpreted() {
    let run = run(&["-e", "1 2 + ."]);
    assert_eq!(
        (run.code, run.output.as_str(), run.errors.as_str()),
        (Some(0), "3 ", "")
    );
}

#[test]
fn a_file_is_interpreted() {
    let folder = folder(&[("a.4th", ": double 2* ;\n21 double .\n")]);
    let run = run(&[&path_in(&folder, "a.4th")]);
    assert_eq!(
        (run.code, run.output.as_str(), run.errors.as_str()),
        (Some(0), "42 ", "")
    );
}

#[test]
fn files_and_texts_run_in_the_order_given_in_one_system() {
    let folder = folder(&[("a.4th", ": a 1 ;"), ("b.4th", "b .")]);
    let run = run(&[
        &path_in(&folder, "a.4th"),
        "-e",
        ": b a 10 + ;",
        &path_in(&folder, "b.4th"),
        "-e",
        "a .",
    ]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "11 1 "));
}

#[test]
fn standard_input_is_interpreted_without_banner_and_prompt() {
    let run = run_with_input(&[], b": double 2* ;\n21 double .\n4 .");
    assert_eq!((run.code, run.output.as_str()), (Some(0), "42 4 "));
}

#[test]
fn a_program_on_standard_input_can_read_the_lines_after_it() {
    let run = run_with_input(&[], b"pad 10 accept\nhello\npad swap type .( !)\n");
    assert_eq!((run.code, run.output.as_str()), (Some(0), "hello!"));
}

#[test]
fn a_program_from_a_text_can_read_standard_input() {
    let run = run_with_input(&["-e", "key emit pad 10 accept pad swap type"], b"hello\n");
    assert_eq!((run.code, run.output.as_str()), (Some(0), "hello"));
}

#[test]
fn a_minus_sign_is_standard_input_as_a_file() {
    let run = run_with_input(&["-e", "1 .", "-", "-e", "3 ."], b"2 .\n");
    assert_eq!((run.code, run.output.as_str()), (Some(0), "1 2 3 "));
}

#[test]
fn the_prompt_can_be_had_without_a_terminal() {
    let run = run_with_input(&["-i", "-e", ": three 3 ;"], b"three .\nnonsense\n1 .\n");
    assert!(run.output.contains("three . 3  ok\n"), "{}", run.output);
    assert!(run.output.contains("nonsense"), "{}", run.output);
    assert!(run.output.contains("1 . 1  ok\n"), "{}", run.output);
    assert_eq!(run.code, Some(0));
}

#[test]
fn bye_ends_at_once_with_0() {
    let run = run(&["-e", ".( before) bye .( after)"]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "before"));
}

#[test]
fn a_program_may_end_with_a_status_of_its_own() {
    for (number, code) in [("0", 0), ("3", 3), ("255", 255), ("256", 1), ("-1", 1)] {
        let run = run(&["-e", &format!(".( before) {number} (bye) .( after)")]);
        assert_eq!((run.code, run.output.as_str()), (Some(code), "before"));
    }
}

#[test]
fn panic_says_why_and_where_and_fails() {
    let run = run(&[
        "-e",
        ": fail cr s\" out of tea\" panic ; .( before) fail .( after)",
    ]);
    assert_eq!((run.code, run.output.as_str()), (Some(3), "before\n"));
    let report = "*** KERNEL PANIC ***\nout of tea\nVM[0] was running, in the word fail\n  \
                  called by the word INTERPRET\n";
    assert!(run.errors.starts_with(report), "{}", run.errors);
    assert!(run.errors.ends_with("\nSystem halted.\n"), "{}", run.errors);
}

#[test]
fn panic_needs_its_capability() {
    let run = run(&[
        "-e",
        "CAP_KILL CAP-REVOKE : fail s\" no\" panic ; ' fail catch .",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.output);
    assert!(run.output.contains("-268"), "{}", run.output);
}

#[test]
fn cold_does_not_interpret_the_texts_again() {
    let run = run(&["-e", ".( once) cold .( never)"]);
    assert_eq!((run.code, run.output.as_str()), (Some(0), "once"));
}

#[test]
fn standard_input_goes_on_after_cold() {
    let run = run_with_input(&[], b": mine ; cold\n.( on) mine\n");
    assert!(run.output.starts_with("on"), "{}", run.output);
    assert!(
        run.output.contains("undefined word (-13): mine"),
        "{}",
        run.output
    );
    assert_eq!(run.code, Some(1));
}

// ---- Errors --------------------------------------------------------------------------------------

#[test]
fn an_unknown_word_is_shown_in_its_line_with_the_nearest_name() {
    let folder = folder(&[("a.4th", "1 2\nswap dpu .\n3 .")]);
    let path = path_in(&folder, "a.4th");
    let run = run(&[&path]);
    let expected =
        format!("{path}:2: undefined word (-13): dpu (did you mean DUP?)\nswap dpu .\n     ^^^\n");
    assert_eq!(run.output, expected);
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_name_is_suggested_only_if_it_may_have_been_meant() {
    let suggestion = |typed| {
        let output = run(&["-e", typed]).output;
        let (_, after) = output.split_once(" (did you mean ")?;
        Some(after.split_once("?)")?.0.to_owned())
    };
    for (typed, meant) in [("drp", "DROP"), ("drpo", "DROP"), ("varibel", "VARIABLE")] {
        assert_eq!(suggestion(typed).as_deref(), Some(meant), "{typed}");
    }
    for typed in ["ls", "foo", "help", "nope", "1.5", "hello"] {
        assert_eq!(suggestion(typed), None, "{typed}");
    }
}

#[test]
fn an_error_ends_the_run_before_later_texts() {
    let run = run(&["-e", "1 0 / .", "-e", ".( later)"]);
    assert!(
        run.output.starts_with("-e#1:1: division by zero (-10)"),
        "{}",
        run.output
    );
    assert!(!run.output.contains("later"), "{}", run.output);
    assert_eq!(run.code, Some(1));
}

#[test]
fn an_error_on_standard_input_ends_the_run() {
    let run = run_with_input(&[], b"1 .\ndrop drop\n.( later)\n");
    assert!(
        run.output.contains("stack underflow (-4)"),
        "{}",
        run.output
    );
    assert!(!run.output.contains("later"), "{}", run.output);
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_budget_bounds_the_texts() {
    let run = run(&["--budget", "100000", "-e", ": l begin again ;", "-e", "l"]);
    assert!(
        run.output.contains("-e#2:1: budget spent (-256)"),
        "{}",
        run.output
    );
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let run = run(&["-e", ".( never)", "no/such.4th"]);
    assert_eq!(
        run.errors,
        "stele: cannot read no/such.4th: No such file or directory (os error 2)\n"
    );
    assert_eq!((run.code, run.output.as_str()), (Some(3), ""));
}

#[test]
fn a_folder_is_no_file() {
    let folder = folder(&[]);
    let path = path_in(&folder, ".");
    let run = run(&[&path]);
    assert_eq!(
        run.errors,
        format!("stele: cannot read {path}: Is a directory (os error 21)\n")
    );
    assert_eq!(run.code, Some(3));
}

#[test]
fn a_file_without_an_end_is_refused() {
    let run = run(&["--memory", "1M", "/dev/zero"]);
    assert_eq!(
        run.errors,
        "stele: /dev/zero: the texts do not fit into 1M of memory; give more with --memory\n"
    );
    assert_eq!(run.code, Some(3));
}

#[test]
fn wrong_command_lines_are_explained() {
    for (arguments, explanation) in [
        (&["--nonsense"][..], "unexpected argument '--nonsense'"),
        (&["-e"], "a value is required for '--evaluate <TEXT>'"),
        (
            &["--memory", "much"],
            "give a number of bytes, or one with K, M or G",
        ),
        (&["--budget", "0"], "0 is not in 1..=9223372036854775807"),
    ] {
        let run = run(arguments);
        assert!(run.errors.contains(explanation), "{}", run.errors);
        assert_eq!((run.code, run.output.as_str()), (Some(2), ""));
    }
}

#[test]
fn help_and_version_are_answers_not_errors() {
    let help = run(&["--help"]);
    assert!(
        help.output.contains("Usage: stele [OPTIONS] [FILE]..."),
        "{}",
        help.output
    );
    assert!(help.output.contains("Exit codes:"), "{}", help.output);
    assert_eq!((help.code, help.errors.as_str()), (Some(0), ""));
    let version = run(&["--version"]);
    assert_eq!(
        version.output,
        format!("stele {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(version.code, Some(0));
}

// ---- Memory --------------------------------------------------------------------------------------

#[test]
fn it_runs_in_the_least_and_in_the_most_memory() {
    for size in ["1M", "1048576", "4G", "4294967296"] {
        let run = run(&["--memory", size, "-e", "1 2 + ."]);
        assert_eq!(
            (run.code, run.output.as_str()),
            (Some(0), "3 "),
            "{size}: {}",
            run.errors
        );
    }
}

#[test]
fn memory_beyond_its_limits_is_refused() {
    for size in ["0", "1048575", "4294967297", "4097M"] {
        let run = run(&["--memory", size, "-e", "1 2 + ."]);
        assert!(
            run.errors.contains("give at least 1M and at most 4G"),
            "{}",
            run.errors
        );
        assert_eq!((run.code, run.output.as_str()), (Some(2), ""));
    }
}

#[test]
fn a_system_that_cannot_be_put_into_its_memory_says_so() {
    let folder = folder(&[("a.4th", &" ".repeat(1 << 20))]);
    let run = run(&["--memory", "1M", &path_in(&folder, "a.4th")]);
    assert_eq!(
        run.errors,
        "stele: cannot start in 1M of memory: the first instance cannot be made: out of memory; \
         give more with --memory\n"
    );
    assert_eq!((run.code, run.output.as_str()), (Some(3), ""));
}

// ---- Output and signals --------------------------------------------------------------------------

#[test]
fn a_reader_that_leaves_ends_the_program_silently() {
    let mut child = Command::new(STELE)
        .args(["-e", ": l begin 1 . again ; l"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 10];
    let mut output = child.stdout.take().expect("its output is a pipe");
    output.read_exact(&mut first).expect("it writes");
    assert_eq!(&first, b"1 1 1 1 1 ");
    drop(output);
    let end = child.wait_with_output().expect("the program ends");
    assert_eq!(end.status.signal(), Some(Signal::PIPE.as_raw()));
    assert_eq!(end.stderr, b"");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let run = shell("\"$STELE\" -e '1 .' > /dev/full");
    assert_eq!(
        run.errors,
        "stele: cannot write to standard output: No space left on device (os error 28)\n"
    );
    assert_eq!(run.code, Some(3));
}

#[test]
fn a_million_characters_arrive_whole_and_in_order() {
    let run = run(&["-e", ": e 1000000 0 do i 10 mod [char] 0 + emit loop ; e"]);
    assert_eq!(run.output.len(), 1_000_000);
    assert!(
        run.output
            .bytes()
            .zip((b'0'..=b'9').cycle())
            .all(|(is, should)| is == should)
    );
    assert_eq!(run.code, Some(0));
}

#[test]
fn an_interrupt_ends_a_text() {
    let mut child = Command::new(STELE)
        .args(["-e", ": l .\" <>\" begin again ; l"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut output = child.stdout.take().expect("its output is a pipe");
    output.read_exact(&mut [0; 2]).expect("it writes");
    kill_process(Pid::from_child(&child), Signal::INT).expect("it is our child");
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("it writes text");
    assert!(rest.contains("interrupted (-28)"), "{rest}");
    assert_eq!(child.wait().expect("the program ends").code(), Some(1));
}

#[test]
fn an_interrupt_that_was_ignored_from_the_start_stays_so() {
    let run = shell(
        "trap '' INT; \"$STELE\" --budget 1000000000 -e ': l begin again ; l' & \
         sleep 0.2; kill -INT $!; wait $!",
    );
    assert!(run.output.contains("budget spent (-256)"), "{}", run.output);
}

// ---- Traces and profiles -------------------------------------------------------------------------

/// A program whose error comes up two words deep; `quotient` is too long to be copied.
const FAILING: &str = ": quotient ( n1 n2 -- n3 )\n\
    dup 0 max drop dup 0 max drop dup 0 max drop\n\
    dup 0 max drop\n\
    / ;\n\
    : outer ( -- )\n\
    5 0 quotient ;\n";

#[test]
fn an_error_names_the_words_that_were_active_with_file_and_line() {
    let folder = folder(&[("a.4th", &format!("{FAILING}outer\n"))]);
    let path = path_in(&folder, "a.4th");
    let run = run(&[&path]);
    assert_eq!(run.code, Some(1));
    let expected = format!(
        "{path}:7: division by zero (-10)\nouter\n^^^^^\n  in quotient ({path}:4)\n  from outer ({path}:6)\n"
    );
    assert_eq!(run.output, expected);
}

#[test]
fn errors_of_the_text_interpreter_itself_have_no_backtrace() {
    for (text, said) in [
        (
            "nix",
            "undefined word (-13): nix (did you mean NIP?)\nnix\n^^^\n",
        ),
        ("1 0 /", "division by zero (-10)\n1 0 /\n    ^\n"),
        (
            "s\" nix\" evaluate",
            "undefined word (-13): nix (did you mean NIP?)\nnix\n^^^\n",
        ),
    ] {
        let run = run(&["-e", text]);
        let report = run.output.split_once("1: ").map(|(_, report)| report);
        assert_eq!(report, Some(said), "{text}");
    }
}

#[test]
fn what_is_caught_and_thrown_again_shows_where_it_came_from() {
    let again = ": again ['] outer catch throw ;\nagain\n";
    let folder = folder(&[("a.4th", &format!("{FAILING}{again}"))]);
    let path = path_in(&folder, "a.4th");
    let run = run(&[&path]);
    let trace = format!(
        "  in quotient ({path}:4)\n  from outer ({path}:6)\n  from CATCH\n  from again ({path}:7)\n"
    );
    assert!(run.output.ends_with(&trace), "{}", run.output);
}

#[test]
fn an_error_of_the_same_code_from_elsewhere_has_its_own_trace() {
    // The first is swallowed by a word that has long returned.
    let swallowed = ": quiet ['] outer catch drop 2drop ;\n: loud -10 throw ;\n\
        : both 1 2 quiet depth 0 do drop loop loud ;\nboth\n";
    let folder = folder(&[("a.4th", &format!("{FAILING}{swallowed}"))]);
    let path = path_in(&folder, "a.4th");
    let run = run(&[&path]);
    assert!(run.output.contains("  in loud") || run.output.contains("  in both"));
    assert!(!run.output.contains("quotient"), "{}", run.output);
}

#[test]
fn a_text_that_ends_in_a_definition_says_where_that_began() {
    let folder = folder(&[("a.4th", "1 drop\n: open\n  1 if\n  2\n")]);
    let path = path_in(&folder, "a.4th");
    let run = run(&[&path]);
    let said = format!("  in the definition of open, which begins at {path}:2\n");
    assert!(run.output.ends_with(&said), "{}", run.output);
}

#[test]
fn locate_shows_the_lines_around_a_definition() {
    let folder = folder(&[("a.4th", &format!("{FAILING}locate outer\n"))]);
    let path = path_in(&folder, "a.4th");
    let run = run(&[&path]);
    let expected = format!(
        "outer {path}:5\n     3  dup 0 max drop\n     4  / ;\n>    5  : outer ( -- )\n     6  5 0 quotient ;\n     7  locate outer\n"
    );
    assert!(run.output.ends_with(&expected), "{}", run.output);
}

#[test]
fn a_profile_counts_exactly_and_costs_nothing() {
    let fib = ": fib dup 2 < if exit then dup 1- recurse swap 2 - recurse + ;";
    let cost = "cost 15 fib drop cost swap - .";
    let run = run(&["-e", &format!("{fib} {cost}\nprofile {cost}\n.profile")]);
    let mut numbers = run.output.split_whitespace();
    let (plain, profiled) = (numbers.next(), numbers.next());
    assert_eq!(plain, profiled);
    // fib is called fib's own number of times: 1,973 for 15.
    let row = run.output.lines().find(|line| line.ends_with(" fib"));
    let row = row.expect("the word is listed");
    let columns: Vec<_> = row.split_whitespace().collect();
    assert_eq!(columns[0], "1973");
}

#[test]
fn a_budget_ends_a_program_that_is_watched() {
    for watch in ["profile", "trace", "trace-steps"] {
        let run = run(&[
            "-e",
            &format!(": forever begin again ;\n{watch} 100000 budget forever"),
        ]);
        assert_eq!(run.code, Some(1));
        assert!(run.output.contains("budget spent (-256)"), "{}", run.output);
    }
}

#[test]
fn a_trace_lists_calls_with_the_stack() {
    let word = ": down dup 0 max if 1- recurse then ;";
    let run = run(&["-e", &format!("{word}\ntrace 1 down drop")]);
    let expected = "> down <1> 1 \n  > down <1> 0 \n  < down <1> 0 \n< down <1> 0 \n";
    assert!(run.output.ends_with(expected), "{}", run.output);
}
