//! What tests share that type programs at an instance.

#![allow(dead_code, reason = "each test uses its part")]

use std::fmt::Write as _;
use stele_forth::{Mode, PRIMITIVES, prepare};
use stele_hal::{Console, Devices, Files, Input, Time};
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, World};

/// A console at which a program is typed; what is written is kept.
struct Typed {
    input: std::vec::IntoIter<u8>,
    written: Vec<u8>,
}

impl Console for Typed {
    fn write(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
    }

    fn read(&mut self) -> Input {
        self.input.next().map_or(Input::Closed, Input::Byte)
    }

    fn has_input(&mut self) -> bool {
        true
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Typed {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Typed {}

impl Files for Typed {}

/// Types a program at a new instance; what it wrote.
pub(crate) fn typed(program: &str) -> String {
    let mut region = vec![0; (4 << 20) / 8];
    let mut world = World::new(&mut region, PRIMITIVES).expect("the region is large enough");
    world.create_vm0(0, |_| {}).expect("there is room for it");
    let mut console = Typed {
        input: program.as_bytes().to_vec().into_iter(),
        written: Vec::new(),
    };
    let mut processor = Processor::new();
    let mut bindings = Bindings::new();
    let door = Door {
        outside: &mut console,
        bindings: &mut bindings,
    };
    let mut machine =
        Machine::attach(&mut processor, &mut world, 0, door).expect("it was just made");
    let mode = Mode {
        quiet: true,
        ..Mode::default()
    };
    prepare(&mut machine, mode).expect("there is room");
    loop {
        match machine.run(1 << 20) {
            Outcome::Preempted => {}
            Outcome::Bye(0) => break,
            other => panic!("{program}\nended with {other:?}"),
        }
    }
    String::from_utf8(console.written).expect("only ASCII is printed")
}

/// What is typed, and what must then be printed, line by line.
#[derive(Default)]
pub(crate) struct Session {
    program: String,
    expected: Vec<(String, String)>,
}

impl Session {
    /// Types a line, which prints that.
    pub(crate) fn line(&mut self, line: String, expected: impl Into<String>) {
        let _ = writeln!(self.program, "{line} CR");
        self.expected.push((line, expected.into()));
    }

    /// Runs it all and compares.
    pub(crate) fn check(self) {
        let printed = typed(&self.program);
        let mut printed = printed.lines();
        for (line, expected) in self.expected {
            let printed = printed.next().map(str::trim_end);
            assert_eq!(printed, Some(expected.as_str()), "{line}");
        }
        assert_eq!(printed.next(), None);
    }
}
