//! Text output to the serial console, and the lines that mark the stages of the boot.

use core::fmt::{self, Write};

use crate::{arch, per_core::PerCore, stage::Stage, time::timers::now_ns};

/// Writes text with a carriage return before each line feed, as terminals want it.
#[derive(Debug)]
pub struct Console;

impl Console {
    /// Writes bytes, which need not be UTF-8.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    arch::write_serial(text);
                    arch::write_serial(b"\r\n");
                }
                None => arch::write_serial(line),
            }
        }
    }

    /// Writes one line.
    pub fn line(&mut self, text: fmt::Arguments<'_>) {
        // `write_str` below never fails.
        let _ = self.write_fmt(text);
        self.write_bytes(b"\n");
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write_bytes(text.as_bytes());
        Ok(())
    }
}

/// Notes that a stage is reached, and prints its marker with the time since entry.
pub fn mark(core: &PerCore, stage: Stage) {
    core.reach(stage);
    note(core, format_args!("{stage}"));
}

/// Prints a line with the time since entry.
pub fn note(core: &PerCore, text: fmt::Arguments<'_>) {
    let microseconds = now_ns(core) / 1000;
    Console.line(format_args!("[{microseconds:>7} us] {text}"));
}
