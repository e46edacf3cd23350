//! What a machine has said, as plain text.

use std::fs;
use std::path::Path;

use super::escape::Stripper;

/// What the kernel prints first when it gives up.
const PANIC: &str = "*** KERNEL PANIC ***";

/// The last line of a panic's report.
const HALTED: &str = "System halted.";

/// Text without terminal control, and the place up to which expectations have been met.
#[derive(Default)]
pub(crate) struct Transcript {
    text: String,
    /// Bytes of a UTF-8 character whose end has not come yet.
    partial: Vec<u8>,
    control: Stripper,
    met: usize,
}

impl Transcript {
    /// What a log holds, if it can be read.
    pub(crate) fn of_file(log: &Path) -> Option<Transcript> {
        let mut transcript = Transcript::default();
        transcript.push(&fs::read(log).ok()?);
        Some(transcript)
    }

    /// Adds what has just come.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let text = self.control.text(byte);
            self.partial.extend(text.filter(|&byte| byte != b'\r'));
        }
        let complete = match str::from_utf8(&self.partial) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.partial.len(),
        };
        let rest = self.partial.split_off(complete);
        self.text.push_str(&String::from_utf8_lossy(&self.partial));
        self.partial = rest;
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What has not been expected yet.
    pub(crate) fn rest(&self) -> &str {
        self.text.get(self.met..).unwrap_or_default()
    }

    /// Looks for `wanted` behind what was found before; if it is there, moves behind it.
    pub(crate) fn advance_past(&mut self, wanted: &str) -> bool {
        match self.rest().find(wanted) {
            Some(at) => {
                self.met += at + wanted.len();
                true
            }
            None => false,
        }
    }

    /// Whether the kernel has given up.
    pub(crate) fn panicked(&self) -> bool {
        self.text.contains(PANIC)
    }

    /// Whether it has said all there is to say about that.
    pub(crate) fn halted(&self) -> bool {
        let report = self.text.find(PANIC).and_then(|at| self.text.get(at..));
        report.is_some_and(|report| report.contains(HALTED))
    }

    /// The last `count` lines that are not blank.
    pub(crate) fn last_lines(&self, count: usize) -> Vec<&str> {
        let said = self
            .text
            .lines()
            .rev()
            .filter(|line| !line.trim().is_empty());
        let mut lines: Vec<_> = said.take(count).collect();
        lines.reverse();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Transcript {
        let mut transcript = Transcript::default();
        transcript.push(text.as_bytes());
        transcript
    }

    #[test]
    fn expectations_are_met_in_order() {
        let mut transcript = said("one two one");
        assert!(transcript.advance_past("two"));
        assert!(transcript.advance_past("one"));
        assert!(!transcript.advance_past("one"));
        transcript.push(b" one");
        assert!(transcript.advance_past("one"));
    }

    #[test]
    fn terminal_control_is_left_out_wherever_the_stream_is_cut() {
        let stream = b"\x1b[2J\x1b[01;01H\x1b[=3hBdsDxe\r\n\x1bcok\0";
        let mut transcript = Transcript::default();
        for byte in stream {
            transcript.push(&[*byte]);
        }
        assert_eq!(transcript.text(), "BdsDxe\nok");
    }

    #[test]
    fn characters_survive_being_cut_and_bad_bytes_are_replaced() {
        let mut transcript = Transcript::default();
        transcript.push(b"\xe2\x82");
        assert_eq!(transcript.text(), "");
        transcript.push(b"\xac \xff!");
        assert_eq!(transcript.text(), "€ \u{FFFD}!");
    }

    #[test]
    fn a_panic_is_noticed() {
        assert!(said("x\n*** KERNEL PANIC ***\n").panicked());
        assert!(!said("KERNEL PANIC").panicked());
        assert!(!said("System halted.\n*** KERNEL PANIC ***\n").halted());
        assert!(said("*** KERNEL PANIC ***\nrip\nSystem halted.").halted());
    }

    #[test]
    fn the_last_lines_leave_out_blank_ones() {
        assert_eq!(said("a\n\nb\n  \nc\n").last_lines(2), ["b", "c"]);
        assert_eq!(said("a").last_lines(5), ["a"]);
        assert!(said("").last_lines(5).is_empty());
    }
}
