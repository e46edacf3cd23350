//! Text output to the serial console and the screen, and the lines that mark the stages of the boot.
//!
//! Serial first: it is the one that works when all else does not. The screen takes the text and is
//! drawn when somebody has time: at once for the kernel's own lines, otherwise between two turns of
//! the arbiter or before the machine sleeps ([`Machine`](crate::machine::Machine)).

use core::fmt::{self, Write};

use crate::{arch, per_core::PerCore, screen, stage::Stage, time::timers::now_ns};

/// What programs write.
#[derive(Debug)]
pub struct Console;

impl Console {
    /// Writes bytes, which need not be UTF-8, with a carriage return before each line feed, as
    /// terminals want it.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        write_lines(bytes, |part| {
            arch::write_serial(part);
            screen::write(part);
        });
    }

    /// Writes one line of the kernel's own: to the log as well, and shown at once.
    pub fn line(&mut self, text: fmt::Arguments<'_>) {
        // `write_str` below never fails.
        let _ = Line.write_fmt(format_args!("{text}\n"));
        screen::show();
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write_bytes(text.as_bytes());
        Ok(())
    }
}

/// What the kernel says.
struct Line;

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        Console.write_str(text)?;
        write_lines(text.as_bytes(), arch::write_log);
        Ok(())
    }
}

/// Hands on `bytes` with a carriage return before each line feed.
fn write_lines(bytes: &[u8], write: impl Fn(&[u8])) {
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
