//! The arbiter: owner of the machine, scheduler of VM instances, executor of nothing itself.
//!
//! An [`Arbiter`] is made over a region of memory that its host provides, given VM\[0\] with
//! [`Arbiter::create_root`], and run with [`Arbiter::run`]: it hands out quanta of cost, puts the
//! machine to sleep while every instance waits, and comes back when the system is to end. It knows
//! the machine only through [`stele_hal`], and instances know it only through the one door
//! [`stele_hal::Outside`]. At any time between turns everything can be
//! [saved](Arbiter::save) to bytes and [loaded](Arbiter::load) elsewhere, to go on as if nothing had
//! happened.
#![no_std]
#![forbid(unsafe_code)]

use core::fmt;

use stele_forth::texts::Text;
use stele_forth::{PRIMITIVES, prepare};
use stele_hal::{Hal, Nobody};
use stele_vm::{Bindings, Door, Machine, Outcome, Processor, Whereabouts, World};

pub use stele_forth::{BootError, Mode};
pub use stele_vm::verify::RestoreError;
pub use stele_vm::world::{ImageError, WorldError};
pub use stele_vm::{Awaited, Trap};

/// Cost units of one turn: well under a millisecond of interpreted code.
pub const QUANTUM: u32 = 100_000;

/// VM\[0\].
const ROOT: u64 = 0;

/// A source text that VM\[0\] interprets before its first prompt.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What errors call it; must not be empty.
    pub name: &'a [u8],
    /// The text.
    pub contents: &'a [u8],
}

/// How the system ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `BYE`, or the end of what there was to do; the exit code, 0 for success.
    Bye(u8),
    /// `COLD`: begin anew.
    Cold,
    /// VM\[0\] is at its end, because of this trap if there is one.
    RootEnded(Option<Trap>),
}

/// Why an arbiter could not be made from an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The image is not that of a world, or the region does not fit it.
    World(RestoreError),
    /// There is no VM\[0\] in it.
    NoRoot,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World(error) => error.fmt(f),
            Self::NoRoot => write!(f, "the world was saved before its first instance was made"),
        }
    }
}

impl core::error::Error for LoadError {}

impl From<RestoreError> for LoadError {
    fn from(error: RestoreError) -> Self {
        Self::World(error)
    }
}

/// The scheduler and everything it schedules.
pub struct Arbiter<'r> {
    world: World<'r>,
    processor: Processor,
    /// What its names of devices stand for. Not saved: a loaded world's names stand for nothing.
    bindings: Bindings,
    /// The user has asked to interrupt, and nobody could be told yet.
    interrupted: bool,
}

impl<'r> Arbiter<'r> {
    /// Makes an arbiter whose instances live in `region`.
    ///
    /// # Errors
    /// If the region is too small or too large for an arena.
    pub fn new(region: &'r mut [u64]) -> Result<Self, WorldError> {
        Ok(Self {
            world: World::new(region, PRIMITIVES)?,
            processor: Processor::new(),
            bindings: Bindings::new(),
            interrupted: false,
        })
    }

    /// Makes, in `region`, the arbiter that [`Arbiter::save`] saved, its instances as they were. The
    /// region may lie anywhere; it must be as large as the one saved, and needs room for verifying.
    ///
    /// # Errors
    /// If the bytes are not a whole and sound image of a world with a VM\[0\] of this system, or the
    /// region is too small: what is wrong, and where.
    pub fn load(region: &'r mut [u64], image: &[u8]) -> Result<Self, LoadError> {
        let world = World::load(region, image, PRIMITIVES)?;
        if world.life(ROOT).is_none() {
            return Err(LoadError::NoRoot);
        }
        Ok(Self {
            world,
            processor: Processor::new(),
            bindings: Bindings::new(),
            interrupted: false,
        })
    }

    /// Bytes that [`Arbiter::save`] writes now.
    #[must_use]
    pub fn image_size(&self) -> u64 {
        self.world.image_size()
    }

    /// Saves everything to `out`, to be loaded at another place, another time, or on another machine;
    /// returns the bytes written. What has come from outside and not yet reached an instance (typed
    /// input nobody has read, an interrupt nobody could be told of) is not part of it.
    ///
    /// # Errors
    /// If `out` is too small.
    pub fn save(&self, out: &mut [u8]) -> Result<usize, ImageError> {
        self.world.save(out)
    }

    /// Makes VM\[0\]: dictionary, first cells, `sources` to interpret; ready for its first turn.
    ///
    /// # Errors
    /// If there is one already, or no room for it.
    pub fn create_root(&mut self, sources: &[Source<'_>], mode: Mode) -> Result<(), BootError> {
        let size = sources
            .iter()
            .map(|source| Text::packed_size(source.name, source.contents))
            .sum();
        self.world.create_vm0(size, |mut out| {
            for source in sources {
                let used = Text::pack(source.name, source.contents, out).unwrap_or(0);
                out = &mut out[used..];
            }
        })?;
        let door = Door {
            outside: &mut Nobody,
            bindings: &mut self.bindings,
        };
        // Nobody has no clock either, so what this processor measures is not to be told.
        let mut processor = Processor::new();
        let mut machine = attach(&mut processor, &mut self.world, door)?;
        prepare(&mut machine, mode)
    }

    /// Runs the instances until the system is to end.
    pub fn run(&mut self, hal: &mut dyn Hal) -> Exit {
        loop {
            match self.turn(hal, QUANTUM) {
                Turn::Ran => {}
                Turn::Waits(awaited) => wait(hal, awaited),
                Turn::Over(exit) => return exit,
            }
        }
    }

    /// Gives VM\[0\] one turn of `quantum` cost units, or one to its next safepoint if that is 0. When
    /// the system is over, the devices it had are given back.
    pub fn turn(&mut self, hal: &mut dyn Hal, quantum: u32) -> Turn {
        let turn = self.turn_of_root(hal, quantum);
        if let Turn::Over(_) = turn {
            self.bindings.release(hal);
        }
        turn
    }

    fn turn_of_root(&mut self, hal: &mut dyn Hal, quantum: u32) -> Turn {
        self.interrupted |= hal.take_interrupt();
        let door = Door {
            outside: hal,
            bindings: &mut self.bindings,
        };
        let Ok(mut machine) = attach(&mut self.processor, &mut self.world, door) else {
            return Turn::Over(Exit::RootEnded(None));
        };
        // Before its first handler an instance cannot be interrupted, so the request waits.
        if self.interrupted && machine.has_handler() {
            self.interrupted = false;
            if let Err(trap) = machine.interrupt(Trap::USER_INTERRUPT) {
                return Turn::Over(Exit::RootEnded(Some(trap)));
            }
        }
        let outcome = if quantum == 0 {
            machine.run_to_safepoint()
        } else {
            machine.run(quantum)
        };
        match outcome {
            Outcome::Preempted => Turn::Ran,
            Outcome::Waiting(awaited) => Turn::Waits(awaited),
            Outcome::Bye(code) => Turn::Over(Exit::Bye(code)),
            Outcome::Cold => Turn::Over(Exit::Cold),
            Outcome::Ended(trap) => Turn::Over(Exit::RootEnded(trap)),
            Outcome::Panic { address, length } => {
                let message = Message::new(machine.bytes(address, length).unwrap_or_default());
                let whereabouts = machine.whereabouts();
                hal.panic(format_args!("{message}\n{whereabouts}"))
            }
        }
    }

    /// Where VM\[0\] is: for a report when the system stops for good. `None` before it is made.
    pub fn whereabouts(&mut self) -> Option<Whereabouts> {
        self.world.whereabouts(&self.processor, ROOT)
    }

    /// The instances and all that is theirs.
    #[must_use]
    pub fn world(&self) -> &World<'r> {
        &self.world
    }
}

/// Why a program says that the system cannot go on, as much of it as is told.
struct Message {
    bytes: [u8; 256],
    length: usize,
}

impl Message {
    fn new(text: &[u8]) -> Self {
        let mut bytes = [0; 256];
        let length = text.len().min(bytes.len());
        bytes[..length].copy_from_slice(&text[..length]);
        Self { bytes, length }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chunks = self.bytes[..self.length].utf8_chunks();
        chunks.try_for_each(|chunk| f.write_str(chunk.valid()))
    }
}

/// How one turn went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// There is more to do.
    Ran,
    /// Every instance waits for something from outside: VM\[0\] for this.
    Waits(Awaited),
    /// The system is to end.
    Over(Exit),
}

/// Sleeps until what is awaited may have come; may return early.
pub fn wait(hal: &mut dyn Hal, awaited: Awaited) {
    match awaited {
        Awaited::Time(due_ns) => hal.wait_until(due_ns),
        Awaited::Input | Awaited::Interrupt | Awaited::File => hal.wait_for_interrupt(),
    }
}

fn attach<'m, 'r>(
    processor: &'m mut Processor,
    world: &'m mut World<'r>,
    door: Door<'m>,
) -> Result<Machine<'m, 'r>, Trap> {
    Machine::attach(processor, world, ROOT, door).ok_or(Trap::UNSUPPORTED)
}
