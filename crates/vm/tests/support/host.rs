//! Loads programs into a world of their own and runs them to their end.

use super::primitives::PRIMITIVES;
use super::program::Program;
use stele_bytecode::module::Module;
use stele_hal::{Console, Devices, Files, Input, Time};
use stele_memory::{CodeRef, NeedSpace, Session};
use stele_vm::load::LoadError;
use stele_vm::words::{WORD_BYTES, WORDS_ROOT, Word};
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, Trap, World};

/// A console that swallows what is written and has a given input.
#[derive(Default)]
pub(crate) struct Script {
    /// Bytes still to be read, the next one last.
    pub(crate) input: Vec<u8>,
}

impl Console for Script {
    fn write(&mut self, _: &[u8]) {}

    fn read(&mut self) -> Input {
        self.input.pop().map_or(Input::Empty, Input::Byte)
    }

    fn has_input(&mut self) -> bool {
        !self.input.is_empty()
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Script {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Script {}

impl Files for Script {}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its first function returned, or it trapped.
    Ended(Option<Trap>),
    /// It was still running when its cost passed the limit.
    Cut,
}

/// A value as a program may make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Nil,
    Integer(i64),
    /// The text of a number.
    Text(i64),
}

/// All that can be seen of a program when it has ended.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) end: End,
    /// The data stack, the bottom first.
    pub(crate) stack: Vec<i64>,
    /// The value stack, the bottom first.
    pub(crate) values: Vec<Seen>,
    /// The bits of what is on the float stack, the bottom first.
    pub(crate) floats: Vec<u64>,
    pub(crate) return_depth: usize,
    pub(crate) cost: u64,
    pub(crate) data: Vec<u8>,
}

impl core::fmt::Debug for Report {
    /// Of data space, which is large, only the cells that are not zero.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let cells = self.data.chunks(8).map(|bytes| {
            let mut cell = [0; 8];
            cell[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(cell)
        });
        let filled = cells.enumerate().filter(|(_, cell)| *cell != 0);
        f.debug_struct("Report")
            .field("end", &self.end)
            .field("stack", &self.stack)
            .field("values", &self.values)
            .field("floats", &self.floats)
            .field("return_depth", &self.return_depth)
            .field("cost", &self.cost)
            .field(
                "data",
                &filled.map(|(at, cell)| (8 * at, cell)).collect::<Vec<_>>(),
            )
            .finish()
    }
}

/// What a run is bounded by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Cost units after which BUDGET_SPENT is thrown.
    pub(crate) allowance: Option<u64>,
    /// Cost units after which the program is cut off at its next safepoint.
    pub(crate) cut: u64,
}

impl Limits {
    /// Enough for a small program.
    pub(crate) const SMALL: Self = Self {
        allowance: None,
        cut: 1_000_000,
    };
}

/// A region of memory for one world after another.
pub(crate) struct Host {
    region: Vec<u64>,
}

impl Host {
    /// With so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            region: vec![0; bytes / 8],
        }
    }

    /// Makes a world, loads the module `bytes` into it, and hands the machine, ready to begin, to
    /// `work`.
    pub(crate) fn with_module<R>(
        &mut self,
        bytes: &[u8],
        work: impl FnOnce(&mut Machine<'_, '_>) -> R,
    ) -> Result<R, LoadError> {
        let mut world =
            World::new(&mut self.region, PRIMITIVES).expect("the region is large enough");
        world.create_vm0(0, |_| {}).expect("there is room for it");
        let (mut processor, mut console) = (Processor::new(), Script::default());
        let door = Door {
            outside: &mut console,
            bindings: &mut Bindings::new(),
        };
        let mut machine = Machine::attach(&mut processor, &mut world, 0, door)
            .expect("the instance was just made");
        let module = Module::read(bytes).expect("the module is well formed");
        load(&mut machine, &module)?;
        Ok(work(&mut machine))
    }

    /// As [`Host::with_module`], for a program that loads.
    pub(crate) fn with<R>(
        &mut self,
        program: &Program,
        work: impl FnOnce(&mut Machine<'_, '_>) -> R,
    ) -> R {
        self.with_module(&program.module(), work)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a program to its end in turns of `quantum` cost units each.
    pub(crate) fn run(
        &mut self,
        program: &Program,
        limits: Limits,
        quantum: impl FnMut() -> u32,
    ) -> Report {
        self.with(program, |machine| run(machine, limits, quantum))
    }
}

/// Loads a module, defines its words and makes the machine begin with its entry.
pub(crate) fn load(machine: &mut Machine<'_, '_>, module: &Module<'_>) -> Result<(), LoadError> {
    let mut places = vec![CodeRef(0); module.function_count() as usize];
    machine.load_module(module, 0, &mut |index, code| places[index as usize] = code)?;
    for word in module.words() {
        let code = word.function.map(|index| places[index as usize]);
        define(machine, u64::from(word.flags), code, word.body);
    }
    machine.start(places[module.entry as usize])?;
    Ok(())
}

/// Adds a word behind those there are.
pub(crate) fn define(machine: &mut Machine<'_, '_>, flags: u64, code: Option<CodeRef>, body: i64) {
    const BYTES: usize =
        WORD_BYTES + Session::worst_case_bytes(4) + Session::worst_case_vector_push();
    loop {
        let (mut session, repeats) = machine.session();
        match session.reserve(BYTES) {
            Ok(()) => {
                let words = session.load(&repeats[WORDS_ROOT]);
                let words = if session.is_nil(words) {
                    session.vector().expect("room is reserved")
                } else {
                    words
                };
                let word = Word {
                    name: session.bytes(b"word").expect("room is reserved"),
                    list: 0,
                    flags,
                    code,
                    body,
                    here: 0,
                    shadows: 0,
                    origin: session.nil(),
                };
                let record = word.write(&session).expect("room is reserved");
                let words = session.vector_push(words, record).expect("it is a vector");
                session.store(&mut repeats[WORDS_ROOT], words);
                return;
            }
            Err(NeedSpace::Collect) => machine.collect().expect("there is room"),
            Err(NeedSpace::OutOfMemory(error)) => panic!("{error}"),
        }
    }
}

/// Runs to the end, or to the first safepoint behind the limit, in turns of `quantum` cost units.
pub(crate) fn run(
    machine: &mut Machine<'_, '_>,
    limits: Limits,
    mut quantum: impl FnMut() -> u32,
) -> Report {
    machine.set_allowance(limits.allowance);
    loop {
        let left = limits.cut.saturating_sub(machine.cost());
        // No turn is longer than what is left, so the first safepoint behind the limit ends one.
        let outcome = match u32::try_from(left).unwrap_or(u32::MAX).min(quantum()) {
            0 => machine.run_to_safepoint(),
            turn => machine.run(turn),
        };
        match outcome {
            Outcome::Preempted if machine.cost() <= limits.cut => {}
            Outcome::Preempted => return report(machine, End::Cut),
            Outcome::Ended(trap) => return report(machine, End::Ended(trap)),
            other => panic!("no primitive asks for {other:?}"),
        }
    }
}

/// The value stack.
fn values(machine: &mut Machine<'_, '_>) -> Vec<Seen> {
    let (session, values) = machine.values();
    let seen = (0..values.depth()).rev().map(|below| {
        let value = session.load(values.peek(below).expect("the value is there"));
        let text = || {
            let text = std::str::from_utf8(session.as_bytes(value)?).ok()?;
            Some(Seen::Text(text.parse().ok()?))
        };
        if session.is_nil(value) {
            Seen::Nil
        } else {
            let integer = session.as_integer(value).map(Seen::Integer);
            integer.or_else(text).expect("programs make nothing else")
        }
    });
    seen.collect()
}

/// What can be seen of the machine now.
pub(crate) fn report(machine: &mut Machine<'_, '_>, end: End) -> Report {
    let values = values(machine);
    let stack = (0..machine.depth())
        .rev()
        .map(|below| machine.peek(below).expect("the cell is there"));
    let length = i64::try_from(machine.data_length()).expect("data space is small");
    Report {
        end,
        stack: stack.collect(),
        values,
        floats: (0..machine.float_depth())
            .rev()
            .map(|below| machine.peek_float(below).expect("the float is there"))
            .map(f64::to_bits)
            .collect(),
        return_depth: machine.return_depth(),
        cost: machine.cost(),
        data: machine
            .bytes(stele_vm::data::START, length)
            .expect("this is all of it")
            .to_vec(),
    }
}
