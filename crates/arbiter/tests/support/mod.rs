//! What the tests of saved worlds share: a host that plays a script, and the programs they run.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use stele_arbiter::{Arbiter, Mode, Source};
use stele_hal::{Console, Cpu, DeviceError, Devices, Files, Input, Time};

/// A host without hardware: it keeps what is written, and types a script one byte at a time, each only
/// after it has been waited for.
pub(crate) struct Host {
    /// Everything written.
    pub(crate) output: Vec<u8>,
    /// Whether the user has asked to interrupt.
    pub(crate) interrupts: bool,
    script: VecDeque<u8>,
    waited: bool,
    /// What the clock says: it goes on only to what is waited for.
    now: u64,
}

impl Host {
    fn new(script: &[u8]) -> Self {
        Self {
            output: Vec::new(),
            interrupts: false,
            script: script.iter().copied().collect(),
            waited: false,
            now: 0,
        }
    }

    /// Adds to what is typed.
    pub(crate) fn types(&mut self, text: &str) {
        self.script.extend(text.bytes());
    }

    /// Whether everything has been read that was typed.
    pub(crate) fn all_typed(&self) -> bool {
        self.script.is_empty()
    }

    /// Whether all of the script has been typed and more is waited for.
    pub(crate) fn is_done(&self) -> bool {
        self.script.is_empty() && self.waited
    }
}

impl Console for Host {
    fn write(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    fn read(&mut self) -> Input {
        if !std::mem::replace(&mut self.waited, true) {
            return Input::Empty;
        }
        self.waited = false;
        self.script.pop_front().map_or(Input::Closed, Input::Byte)
    }

    fn has_input(&mut self) -> bool {
        self.waited
    }

    fn take_interrupt(&mut self) -> bool {
        std::mem::take(&mut self.interrupts)
    }
}

impl Time for Host {
    fn now_ns(&self) -> u64 {
        self.now
    }
}

impl Files for Host {}

impl Devices for Host {
    fn wall_clock_ns(&mut self) -> Result<u64, DeviceError> {
        Ok(1_795_177_301_000_000_000)
    }
}

impl Cpu for Host {
    fn id(&self) -> u32 {
        0
    }

    fn count(&self) -> u32 {
        1
    }

    fn wait_for_interrupt(&mut self) {}

    fn wait_until(&mut self, deadline: u64) {
        self.now = self.now.max(deadline);
    }

    fn panic(&mut self, cause: std::fmt::Arguments<'_>) -> ! {
        panic!("{cause}")
    }
}

/// A program: a text given at start, and lines typed after it.
pub(crate) struct Program {
    text: Vec<u8>,
    /// What is typed.
    pub(crate) typed: Vec<u8>,
}

/// What both runs of the cases end with: the line of counts and parity, then the total cost.
const END: &[u8] = b"\nREPORT COST . BYE\n";

impl Program {
    /// Any text, and what is typed after it.
    pub(crate) fn new(text: &str, typed: &str) -> Self {
        Self {
            text: text.into(),
            typed: typed.into(),
        }
    }

    /// Nothing but what is typed, which may be any bytes.
    pub(crate) fn typing(typed: &[u8]) -> Self {
        Self {
            text: Vec::new(),
            typed: typed.to_vec(),
        }
    }

    /// The conformance cases of CORE, of values, of floats and of devices, as one text; without those
    /// that go to a limit by loops that would be stopped in a hundred thousand times.
    pub(crate) fn core() -> Self {
        Self::cases(&["core", "values", "float", "devices"])
    }

    /// The cases of further word sets that wait for nothing and need little memory.
    pub(crate) fn further() -> Self {
        Self::cases(&["heritage", "locals", "xchar"])
    }

    /// Those of BLOCK and FILE: sources within sources, and what is read and written outside.
    pub(crate) fn sources() -> Self {
        Self::cases(&["block", "file"])
    }

    fn cases(folders: &[&str]) -> Self {
        let mut text = read(&conformance().join("harness.fth"));
        let files = folders.iter().copied().flat_map(files);
        let files = files.filter(|file| !file.ends_with("float/limits.fth"));
        for file in &files.collect::<Vec<_>>() {
            text.push(b'\n');
            text.extend(read(file));
        }
        text.extend(END);
        Self {
            text,
            typed: Vec::new(),
        }
    }

    /// The cases of ACCEPT, KEY, QUIT and of errors nobody handles: the harness as a text, the cases
    /// typed at the prompt's line editor, after a line that is edited with arrows and rubouts.
    pub(crate) fn typed() -> Self {
        let mut typed = b"1 33\x7f\x1b[D\x1b[D2\x1b[C\x05 + .\n\x1b[A\n".to_vec();
        for file in files("terminal") {
            typed.extend(read(&file));
        }
        typed.extend(END);
        Self {
            text: read(&conformance().join("harness.fth")),
            typed,
        }
    }

    /// No text, and nothing typed yet.
    pub(crate) fn at_the_prompt() -> Self {
        Self::new("", "")
    }

    /// Makes the program ready in `region`, and the host that types for it.
    pub(crate) fn start<'r>(&self, region: &'r mut [u64]) -> (Arbiter<'r>, Host) {
        let mut arbiter = Arbiter::new(region).expect("the region is large enough");
        let mode = Mode {
            leave_after_texts: self.typed.is_empty() && !self.text.is_empty(),
            ..Mode::default()
        };
        let text = Source {
            name: b"the program",
            contents: &self.text,
        };
        let texts = if self.text.is_empty() {
            &[][..]
        } else {
            std::slice::from_ref(&text)
        };
        arbiter
            .create_root(texts, mode)
            .unwrap_or_else(|error| panic!("{error}"));
        (arbiter, self.host())
    }

    /// A host that types for the program.
    pub(crate) fn host(&self) -> Host {
        Host::new(&self.typed)
    }
}

fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = conformance().join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{file:?}: {error}"))
}
