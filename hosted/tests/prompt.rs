//! The prompt at a terminal: editing, history, interrupts, and the terminal left as it was.

mod support;

use std::os::unix::process::ExitStatusExt;

use rustix::process::Signal;
use support::STELE;
use support::terminal::{Terminal, fresh_attributes, key};

#[test]
fn it_answers_and_says_ok() {
    let mut terminal = Terminal::prompt();
    terminal.line("1 2 + .");
    terminal.expect("1 2 + . 3  ok\r\n");
}

#[test]
fn reports_of_several_lines_begin_below_what_was_typed() {
    let mut terminal = Terminal::prompt();
    terminal.line("caps");
    terminal.expect("caps \r\n1 CAP_SPAWN: ");
    terminal.line("cpus");
    terminal.expect("cpus \r\n");
    terminal.expect("runs the system\r\n ok\r\n");
}

#[test]
fn what_goes_on_over_lines_is_typed_below() {
    let mut terminal = Terminal::prompt();
    terminal.line(": minus {: a");
    terminal.expect(": minus {: a \r\n");
    terminal.line("b :} a b - ; 5 2 minus .");
    terminal.expect("b :} a b - ; 5 2 minus . 3  ok\r\n");
    terminal.line("0 [if]");
    terminal.expect("0 [if] \r\n");
    terminal.line("[else] 7 . [then]");
    terminal.expect("[else] 7 . [then] 7  ok\r\n");
}

#[test]
fn the_heap_is_a_table_below_what_was_typed() {
    let mut terminal = Terminal::prompt();
    terminal.line("~[1 2] atom gc .heap");
    terminal.expect("~[1 2] atom gc .heap \r\nmemory                   bytes\r\nvalues ");
    terminal.expect("\r\natoms                      256  1 of them\r\n");
    terminal.expect("\r\nvalue stack                256  1 values\r\n");
    terminal.expect("of one region\r\ncollections: ");
    terminal.expect(" of shared ones\r\npauses since this start: ");
    terminal.expect(", the longest ");
    terminal.expect(" us\r\n ok\r\n");
}

#[test]
fn keys_are_shown_as_they_are_typed() {
    let mut terminal = Terminal::prompt();
    for character in ["1", " ", "d", "u", "p", "é", "→", "🦀"] {
        terminal.keys(character);
        terminal.expect(character);
    }
}

#[test]
fn a_line_can_be_edited_with_the_cursor_keys() {
    let mut terminal = Terminal::prompt();
    terminal.keys("2 . 8 .");
    terminal.keys(key::HOME);
    terminal.keys("1 . ");
    terminal.keys(key::RIGHT);
    terminal.keys("2");
    terminal.keys(key::END);
    terminal.keys(key::BACKSPACE);
    terminal.keys(key::LEFT);
    terminal.keys(key::LEFT);
    terminal.keys(key::DELETE);
    terminal.keys("9");
    terminal.keys(key::END);
    terminal.line(".");
    terminal.expect("1 22 9  ok\r\n");
}

#[test]
fn a_character_of_several_bytes_is_deleted_whole() {
    let mut terminal = Terminal::prompt();
    terminal.keys("char é🦀");
    terminal.keys(key::BACKSPACE);
    terminal.keys(key::BACKSPACE);
    terminal.line("A .");
    terminal.expect("65  ok\r\n");
}

#[test]
fn earlier_lines_come_back() {
    let mut terminal = Terminal::prompt();
    terminal.line("1 2 + .");
    terminal.expect("3  ok\r\n");
    terminal.line("3 4 * .");
    terminal.expect("12  ok\r\n");
    terminal.keys(key::UP);
    terminal.keys(key::UP);
    terminal.line("");
    terminal.expect("3  ok\r\n");
    // Up past the oldest line and down again stands at the second, which can be changed.
    for _ in 0..4 {
        terminal.keys(key::UP);
    }
    terminal.keys(key::DOWN);
    terminal.keys(key::BACKSPACE);
    terminal.line("1+ .");
    terminal.expect("13  ok\r\n");
}

#[test]
fn tab_completes_the_name_before_the_cursor() {
    let mut terminal = Terminal::prompt();
    terminal.keys("1 2 sw\t");
    terminal.expect("1 2 swap ");
    terminal.line(". .");
    terminal.expect("1 2  ok\r\n");
    // In the middle of a line what follows stays where it is.
    terminal.keys("3 4 SW . .");
    for _ in 0..4 {
        terminal.keys(key::LEFT);
    }
    terminal.keys("\t");
    terminal.line("");
    terminal.expect("3 4  ok\r\n");
}

#[test]
fn a_second_tab_lists_the_names_and_shows_the_line_again() {
    let mut terminal = Terminal::prompt();
    terminal.line(": xylo ; : xylo-phone ; : xylem .\" wood\" ;");
    terminal.expect("ok\r\n");
    terminal.keys("1 xy\t");
    terminal.expect("1 xyl");
    terminal.keys("\t");
    terminal.expect("\x07");
    terminal.keys("\t");
    terminal.expect("\r\nxylem xylo-phone xylo \r\n1 xyl");
    terminal.keys("e\t");
    terminal.line(".");
    terminal.expect("em . wood1  ok\r\n");
}

#[test]
fn words_with_a_pattern_lists_the_names_that_contain_it() {
    let mut terminal = Terminal::prompt();
    terminal.line("words holds");
    terminal.expect("words holds \r\nHOLDS \r\n ok\r\n");
    terminal.line("words xyzzy");
    terminal.expect("no word has xyzzy in its name\r\n ok\r\n");
    // In a definition, and with more on the line, it is the standard's word, which takes nothing.
    terminal.line(": all words ; all 5 .");
    terminal.expect("5  ok\r\n");
    terminal.line("words 5 .");
    terminal.expect("5  ok\r\n");
}

#[test]
fn help_tells_about_a_word_or_names_the_nearest() {
    let mut terminal = Terminal::prompt();
    terminal.line("help nip");
    terminal.expect("help nip \r\nNIP ( x1 x2 -- x2 )\r\n");
    terminal.expect("ok\r\n");
    terminal.line("help nop");
    terminal.expect("there is no nop (did you mean NIP?)\r\n ok\r\n");
    terminal.line(": mine ; help mine");
    terminal.expect("mine is a word of the program's, from console:3\r\n ok\r\n");
    terminal.line("help");
    terminal.expect("HELP NAME tells about a word");
    terminal.expect("ok\r\n");
}

#[test]
fn programs_get_keys_as_the_terminal_sends_them() {
    let mut terminal = Terminal::prompt();
    terminal.line(": keys 5 0 do key . loop .\" done\" ; keys");
    terminal.keys("\t\r\n\x13\x16");
    terminal.expect("9 13 10 19 22 done ok\r\n");
}

#[test]
fn output_appears_while_a_program_computes() {
    let mut terminal = Terminal::prompt();
    terminal.line(": l [char] < emit [char] > emit begin again ; l");
    terminal.expect("<>");
}

#[test]
fn control_c_ends_a_definition_that_never_ends() {
    let mut terminal = Terminal::prompt();
    terminal.line(": l [char] < emit [char] > emit begin again ; l");
    terminal.expect("<>");
    terminal.keys(key::CONTROL_C);
    terminal.expect("interrupted (-28)\r\n");
    terminal.line("1 2 + .");
    terminal.expect("3  ok\r\n");
}

#[test]
fn control_c_drops_what_was_typed_ahead() {
    let mut terminal = Terminal::prompt();
    terminal.line(": l [char] < emit [char] > emit begin again ; ");
    terminal.expect("ok\r\n");
    terminal.keys("l\r.\" typed ahead\"\r");
    terminal.expect("<>");
    terminal.keys(key::CONTROL_C);
    terminal.expect("interrupted (-28)\r\n");
    terminal.line(".( next)");
    let before = terminal.expect("next ok\r\n");
    assert!(!before.contains("ahead"), "{before:?}");
}

#[test]
fn control_c_drops_a_line_that_is_being_typed() {
    let mut terminal = Terminal::prompt();
    terminal.line(".( before)");
    terminal.expect("before ok\r\n");
    terminal.keys("1 2 3 nonsense");
    terminal.expect("nonsense");
    terminal.keys(key::CONTROL_C);
    assert_eq!(terminal.expect("interrupted (-28)\r\n"), "\r\n");
    terminal.line("depth .");
    terminal.expect("0  ok\r\n");
}

#[test]
fn control_c_comes_again_and_again() {
    let mut terminal = Terminal::prompt();
    terminal.line(": l [char] < emit [char] > emit begin again ;");
    terminal.expect("ok\r\n");
    for _ in 0..5 {
        terminal.line("l");
        terminal.expect("<>");
        terminal.keys(key::CONTROL_C);
        terminal.expect("interrupted (-28)\r\n");
    }
}

#[test]
fn a_program_of_a_thousand_million_instructions_leaves_the_prompt_answering() {
    let mut terminal = Terminal::prompt();
    // A pass of the loop is at least four instructions, of one unit of cost or more each.
    terminal.line(": m 250000000 0 do i 1+ drop loop ; m");
    terminal.expect("ok\r\n");
    terminal.line("cost 1000000000 > . 1 2 + .");
    terminal.expect("-1 3  ok\r\n");
}

#[test]
fn cold_begins_anew_at_a_fresh_prompt() {
    let mut terminal = Terminal::start(STELE, &["-i", "-e", ": mine 1 ; .( first)"]);
    terminal.expect("first");
    terminal.expect("Stele VM v");
    terminal.line("mine .");
    terminal.expect("1  ok\r\n");
    terminal.line("cold");
    terminal.expect("Stele VM v");
    terminal.line("mine .");
    terminal.expect("undefined word (-13): mine");
}

#[test]
fn an_error_in_a_text_goes_on_to_the_prompt_if_that_was_asked_for() {
    let mut terminal = Terminal::start(STELE, &["-i", "-e", "nonsense"]);
    terminal.expect("undefined word (-13): nonsense");
    terminal.expect("Stele VM v");
    terminal.line("1 2 + .");
    terminal.expect("3  ok\r\n");
}

#[test]
fn the_terminal_is_raw_at_the_prompt_and_as_before_after_bye() {
    let mut terminal = Terminal::prompt();
    assert!(!terminal.attributes().are_for_lines());
    terminal.line("bye");
    let (status, attributes, _) = terminal.end();
    assert_eq!(status.code(), Some(0));
    assert!(attributes.are_for_lines());
    assert_eq!(attributes, fresh_attributes());
}

#[test]
fn control_d_on_an_empty_line_leaves() {
    let mut terminal = Terminal::prompt();
    terminal.keys(key::CONTROL_D);
    let (status, attributes, _) = terminal.end();
    assert_eq!(status.code(), Some(0));
    assert_eq!(attributes, fresh_attributes());
}

#[test]
fn signals_end_it_and_leave_the_terminal_as_before() {
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
        let terminal = Terminal::prompt();
        terminal.signal(signal);
        let (status, attributes, _) = terminal.end();
        assert_eq!(status.signal(), Some(signal.as_raw()));
        assert_eq!(attributes, fresh_attributes());
    }
}

#[test]
fn signals_end_a_program_that_computes() {
    let mut terminal = Terminal::prompt();
    terminal.line(": l [char] < emit [char] > emit begin again ; l");
    terminal.expect("<>");
    terminal.keys(key::CONTROL_BACKSLASH);
    let (status, attributes, _) = terminal.end();
    assert_eq!(status.signal(), Some(Signal::QUIT.as_raw()));
    assert_eq!(attributes, fresh_attributes());
}

#[test]
fn signals_end_a_program_whose_output_nobody_takes() {
    let mut terminal = Terminal::prompt();
    terminal.line(": l begin 1 . again ; l");
    terminal.expect("1 1 1 ");
    terminal.signal(Signal::TERM);
    let (status, attributes, _) = terminal.end();
    assert_eq!(status.signal(), Some(Signal::TERM.as_raw()));
    assert_eq!(attributes, fresh_attributes());
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    // The end of the input and the signal arrive together; either is a reason to end.
    let status = Terminal::prompt().hang_up();
    let by_signal = status.signal() == Some(Signal::HUP.as_raw());
    assert!(by_signal || status.code() == Some(0), "{status}");
}

#[test]
fn control_z_does_nothing_where_nobody_could_continue_it() {
    let mut terminal = Terminal::prompt();
    terminal.keys(key::CONTROL_Z);
    terminal.line("1 2 + .");
    terminal.expect("3  ok\r\n");
}

#[test]
fn control_z_gives_the_terminal_to_the_shell_until_the_program_is_continued() {
    let mut terminal = Terminal::start("sh", &["-i"]);
    terminal.expect("$ ");
    terminal.line("\"$STELE\"");
    terminal.expect("Stele VM v");
    terminal.line("42");
    terminal.expect("42  ok\r\n");
    terminal.keys(key::CONTROL_Z);
    terminal.expect("Stopped");
    terminal.expect("$ ");
    terminal.line("stty -a");
    let attributes = terminal.expect("$ ");
    assert!(attributes.contains(" icanon"), "{attributes}");
    assert!(attributes.contains(" echo "), "{attributes}");
    terminal.line("fg");
    terminal.expect("fg\r\n");
    terminal.line(". .( went on)");
    terminal.expect("42 went on ok\r\n");
    terminal.line("bye");
    terminal.expect("$ ");
}

#[test]
fn the_last_line_is_ended_when_a_program_leaves_it_open() {
    let terminal = Terminal::start(STELE, &["-e", ".( open)"]);
    assert_eq!(terminal.end().2, "open\r\n");
    let terminal = Terminal::start(STELE, &["-e", ".( closed) cr"]);
    assert_eq!(terminal.end().2, "closed\r\n");
}

#[test]
fn a_program_from_a_file_can_read_keys() {
    let mut terminal = Terminal::start(STELE, &["-e", ".( press) key .( got ) ."]);
    terminal.expect("press");
    terminal.keys("\r");
    let (status, attributes, seen) = terminal.end();
    assert_eq!(seen, "pressgot 13 \r\n");
    assert_eq!(status.code(), Some(0));
    assert_eq!(attributes, fresh_attributes());
}

#[test]
fn errors_are_red_on_a_terminal_unless_nobody_wants_colours() {
    let seen = |no_color| {
        let (_, _, seen) = Terminal::start_with(STELE, &["-e", "1 dpu"], no_color).end();
        seen
    };
    assert_eq!(
        seen(""),
        "-e:1: \x1b[1;31mundefined word (-13): dpu\x1b[0m (did you mean DUP?)\r\n\
         1 dpu\r\n  \x1b[1;31m^^^\x1b[0m\r\n"
    );
    assert!(!seen("1").contains('\x1b'));
}

#[test]
fn an_error_in_a_text_leaves_the_terminal_as_before() {
    let (status, attributes, seen) = Terminal::start(STELE, &["-e", "nonsense"]).end();
    assert!(seen.contains("undefined word (-13): nonsense"), "{seen}");
    assert_eq!(status.code(), Some(1));
    assert_eq!(attributes, fresh_attributes());
}
