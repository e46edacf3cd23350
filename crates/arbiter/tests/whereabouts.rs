//! Where an instance is, as a report tells it.

use std::fmt;

use stele_arbiter::{Arbiter, Awaited, Mode, QUANTUM, Source, Turn};
use stele_hal::{Console, Cpu, Devices, Files, Input, Time};

/// A host with nobody at it.
struct Host;

impl Console for Host {
    fn write(&mut self, _: &[u8]) {}

    fn read(&mut self) -> Input {
        Input::Empty
    }

    fn has_input(&mut self) -> bool {
        false
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Host {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Host {}

impl Files for Host {}

impl Cpu for Host {
    fn id(&self) -> u32 {
        0
    }

    fn count(&self) -> u32 {
        1
    }

    fn wait_for_interrupt(&mut self) {}

    fn wait_until(&mut self, _: u64) {}

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        panic!("{cause}")
    }
}

/// What is told after `text` has run for some turns, or waits.
fn told(text: &str) -> String {
    let mut region = vec![0; 1 << 18];
    let mut arbiter = Arbiter::new(&mut region).expect("the region is large enough");
    assert!(arbiter.whereabouts().is_none());
    let source = Source {
        name: b"text",
        contents: text.as_bytes(),
    };
    let made = arbiter.create_root(&[source], Mode::default());
    made.unwrap_or_else(|error| panic!("{error}"));
    for _ in 0..50 {
        if arbiter.turn(&mut Host, QUANTUM) == Turn::Waits(Awaited::Input) {
            break;
        }
    }
    arbiter.whereabouts().expect("there is a VM[0]").to_string()
}

#[test]
fn a_program_that_runs_is_named_word_by_word() {
    let told = told(": inner begin again ; : outer inner ; outer");
    let mut lines = told.lines();
    assert_eq!(
        lines.next(),
        Some("No VM was running; VM[0] was ready to run, in the word inner")
    );
    assert_eq!(lines.next(), Some("  called by the word outer"));
    assert_eq!(lines.next(), Some("  called by the word INTERPRET"));
    assert_eq!(lines.last(), Some("  called by the word (MAIN)"));
}

#[test]
fn a_prompt_waits_for_input() {
    let told = told("");
    let first = "No VM was running; VM[0] was waiting for input, in the word ";
    assert!(told.starts_with(first), "{told}");
    assert!(told.ends_with("\n  called by the word (MAIN)"), "{told}");
}

#[test]
fn functions_without_a_name_are_numbered_and_long_names_cut() {
    let name = "an-ü-so-long-that-nobody-would-want-to-read-it";
    let told = told(&format!(
        ": {name} begin again ; :noname [ ' {name} compile, ] ; execute"
    ));
    assert!(
        told.contains("in the word an-ü-so-long-that-nobody-would…"),
        "{told}"
    );
    assert!(
        told.contains("\n  called by a function without a name, number "),
        "{told}"
    );
}

#[test]
fn the_innermost_of_many_calls_are_told() {
    let told = told(": deep dup if 1- recurse else begin again then drop ; 100 deep");
    assert_eq!(told.lines().count(), 17, "{told}");
    assert!(told.ends_with("\n  and so on"), "{told}");
}

#[test]
fn a_program_that_ends_the_system_is_where_it_says_so() {
    let unwound = std::panic::catch_unwind(|| {
        // With a branch in it, so that it is called and not copied.
        told(": fail 0= if s\" out of tea\" panic then ; : work 0 fail ; work")
    });
    let cause = unwound.expect_err("the host has been told to panic");
    let cause = cause.downcast_ref::<String>().expect("the cause is text");
    let mut lines = cause.lines();
    assert_eq!(lines.next(), Some("out of tea"));
    assert_eq!(lines.next(), Some("VM[0] was running, in the word fail"));
    assert_eq!(lines.next(), Some("  called by the word work"));
    assert_eq!(lines.last(), Some("  called by the word (MAIN)"));
}
