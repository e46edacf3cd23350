//! What the tests of the program share: running it to its end, and sitting at its terminal.
//!
//! Each test file is a program of its own and uses its part of this.
#![allow(dead_code, reason = "no test file uses all of it")]

pub(crate) mod terminal;

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The program under test.
pub(crate) const STELE: &str = env!("CARGO_BIN_EXE_stele");

/// What a run of the program left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) errors: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the program with nothing to read.
pub(crate) fn run(arguments: &[&str]) -> Run {
    run_with_input(arguments, b"")
}

/// Runs the program with `input` to read.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(STELE)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("its input is a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The program may end without having read everything.
            let _ = pipe.write_all(input);
        });
        child.wait_with_output().expect("the program ends").into()
    })
}

/// Runs a line of the shell in which `$STELE` is the program.
pub(crate) fn shell(line: &str) -> Run {
    Command::new("sh")
        .args(["-c", line])
        .env("STELE", STELE)
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell")
        .into()
}

/// Bytes without any meaning, the same ones for the same `seed` (Marsaglia's xorshift64).
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(length)
    .collect()
}
