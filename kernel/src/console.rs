//! Text output to the serial console and the screen, and the lines that mark the stages of the boot.
//!
//! Serial first: it is the one that works when all else does not. The screen takes the text and is
//! drawn when somebody has time: at once for the kernel's own lines, otherwise between two turns of
//! the arbiter or before the machine sleeps ([`Machine`](crate::machine::Machine)).

use core::fmt::{self, Write};

use crate::{arch, per_core::PerCore, screen, stage::Stage, time::timers::now_ns};

/// Writes text with a carriage return before each line feed, as terminals want it.
#[derive(Debug)]
pub struct Console;

impl Console {
    /// Writes bytes, which need not be UTF-8.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    write(text);
                    write(b"\r\n");
                }
                None => write(line),
            }
        }
    }

    /// Writes one line, and shows it.
    pub fn line(&mut self, text: fmt::Arguments<'_>) {
        // `write_str` below never fails.
        let _ = self.write_fmt(text);
        self.write_bytes(b"\n");
        screen::show();
    }
}

fn write(bytes: &[u8]) {
    arch::write_serial(bytes);
    screen::write(bytes);
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
