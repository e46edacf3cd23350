//! A world: an arena with a system in it, and nothing else able to reach it.
//!
//! Whatever the interpreter relies on without looking (depths, offsets, verified code) is sealed in
//! here: a world is made empty, filled only through machines, or loaded from an image after
//! [`crate::verify`] has gone over every word of it.

use crate::backtrace::Backtrace;
use crate::capabilities::CapabilitySet;
use crate::control_block::{ControlBlock, Life, ROOTS, System, USER_WORDS};
use crate::data::DEFAULT_LIMIT;
use crate::devices::FIRST_NAME;
use crate::dispatch::CODE_HEADER;
use crate::primitive::fingerprint;
use crate::stacks::FIRST_CELLS;
use crate::values::progress::{Progress, VALUE_ROOTS};
use crate::verify::{self, RestoreError};
use crate::watch::Watch;
use crate::{Primitive, Trap, functions};
use stele_bytecode::builder;
use stele_bytecode::function::{Delta, HEADER_WORDS, Header};
use stele_bytecode::instruction::Op;
use stele_memory::{
    Arena, ArenaError, Block, CodeSpace, Heap, OutOfMemory, Root, Space, Statistics,
};

pub use stele_memory::ImageError;

/// An arena with a system in it.
pub struct World<'r> {
    pub(crate) arena: Arena<'r>,
    /// Offset of the [`System`].
    pub(crate) system: u64,
    /// What the code of this world was verified against.
    pub(crate) primitives: &'r [Primitive],
}

/// Why a world could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldError {
    /// The region is no place for an arena.
    Region(ArenaError),
    /// The arena has no room for a system.
    OutOfMemory(OutOfMemory),
}

impl core::fmt::Display for WorldError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Region(error) => error.fmt(f),
            Self::OutOfMemory(error) => error.fmt(f),
        }
    }
}

impl From<OutOfMemory> for WorldError {
    fn from(error: OutOfMemory) -> Self {
        Self::OutOfMemory(error)
    }
}

impl<'r> World<'r> {
    /// Makes a world without instances in `region`, whose code may use `primitives`.
    ///
    /// # Errors
    /// If the region is too small or too large for an arena.
    pub fn new(region: &'r mut [u64], primitives: &'r [Primitive]) -> Result<Self, WorldError> {
        let mut arena = Arena::new(region).map_err(WorldError::Region)?;
        let block = arena.allocate_sealed(size_of::<System>() as u64, "system")?;
        let mut system = System {
            magic: System::MAGIC,
            code: CodeSpace::empty(),
            space: Space::empty(),
            functions: 0,
            numbers: Block::NONE,
            primitives: fingerprint(primitives),
            vm0: 0,
            halt: 0,
            output_hash: OUTPUT_HASH_START,
            names: FIRST_NAME,
            revoked: CapabilitySet::NONE,
        };
        write_halt(&mut arena, &mut system)?;
        // SAFETY: the block is new, sealed, aligned and large enough.
        unsafe {
            arena
                .base()
                .as_ptr()
                .add(block.offset as usize)
                .cast::<System>()
                .write(system)
        };
        arena.set_root(block.offset);
        Ok(Self {
            arena,
            system: block.offset,
            primitives,
        })
    }

    /// Makes the world that [`World::save`] saved, in `region`, which may lie anywhere and may be
    /// larger than the world's was. `primitives` must be those of the world.
    ///
    /// Whatever bytes the image has, all that running relies on is verified first; what that is,
    /// [`crate::verify`] says. Verifying takes some scratch memory of the region.
    ///
    /// # Errors
    /// The first thing wrong and its place; or that there is no room.
    pub fn load(
        region: &'r mut [u64],
        image: &[u8],
        primitives: &'r [Primitive],
    ) -> Result<Self, RestoreError> {
        let mut arena = Arena::load(region, image)?;
        let system = verify::adopt(&mut arena, primitives)?;
        Ok(Self {
            arena,
            system,
            primitives,
        })
    }

    /// Makes VM\[0\], which has all capabilities and nothing to run yet, with `size` bytes of source
    /// texts that `fill` writes.
    ///
    /// # Errors
    /// [`Trap::OUT_OF_MEMORY`]; [`Trap::UNSUPPORTED`] if there is one already.
    pub fn create_vm0(&mut self, size: usize, fill: impl FnOnce(&mut [u8])) -> Result<(), Trap> {
        if self.system_ref().vm0 != 0 {
            return Err(Trap::UNSUPPORTED);
        }
        let room = |_| Trap::OUT_OF_MEMORY;
        let block = self
            .arena
            .allocate_sealed(size_of::<ControlBlock>() as u64, "control block")
            .map_err(room)?;
        let stacks = self
            .arena
            .allocate_sealed(FIRST_CELLS as u64 * 8, "stacks")
            .map_err(room)?;
        let texts = if size == 0 {
            Block::NONE
        } else {
            self.arena
                .allocate(size as u64, "source texts")
                .map_err(room)?
        };
        if let Some(bytes) = self.arena.bytes_mut(texts) {
            fill(&mut bytes[..size]);
        }
        let control = ControlBlock {
            id: 0,
            life: Life::Created as u64,
            capabilities: CapabilitySet::ALL,
            instruction: self.system_ref().halt,
            depth: 0,
            return_depth: 0,
            handler: 0,
            stacks,
            values: Block::NONE,
            value_depth: 0,
            floats: Block::NONE,
            float_depth: 0,
            value_roots: [const { Root::NIL }; VALUE_ROOTS],
            progress: Progress::new(),
            data: Block::NONE,
            data_length: 0,
            data_writable: 0,
            data_limit: DEFAULT_LIMIT,
            consumed: 0,
            allowance: i64::MAX,
            balance: 0,
            heap: Heap::empty(),
            roots: [const { Root::NIL }; ROOTS],
            pending: 0,
            access: Block::NONE,
            texts,
            user: [0; USER_WORDS],
            watch: Watch::NONE,
            backtrace: Backtrace::NONE,
            builder: builder::State::new(),
            code_buffer: Block::NONE,
            slot_buffer: Block::NONE,
        };
        // SAFETY: the block is new, sealed, aligned and large enough.
        unsafe {
            self.arena
                .base()
                .as_ptr()
                .add(block.offset as usize)
                .cast::<ControlBlock>()
                .write(control)
        };
        self.system_mut().vm0 = block.offset;
        Ok(())
    }

    /// How full the arena is.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.arena.statistics()
    }

    /// Where an instance is in its life; `None` if there is none of that id.
    #[must_use]
    pub fn life(&self, id: u64) -> Option<Life> {
        let vm = self.instance(id)?;
        // SAFETY: `instance` names control blocks only.
        let life = unsafe {
            (*self
                .arena
                .base()
                .as_ptr()
                .add(vm as usize)
                .cast::<ControlBlock>())
            .life
        };
        Life::from_word(life)
    }

    /// Bytes that [`World::save`] writes.
    #[must_use]
    pub fn image_size(&self) -> u64 {
        self.arena.image_size()
    }

    /// Saves everything, to be loaded at another base, on another start or machine.
    ///
    /// # Errors
    /// If `out` is too small.
    pub fn save(&self, out: &mut [u8]) -> Result<usize, ImageError> {
        self.arena.save(out)
    }

    /// Offset of the control block of an instance.
    pub(crate) fn instance(&self, id: u64) -> Option<u64> {
        let vm0 = self.system_ref().vm0;
        (id == 0 && vm0 != 0).then_some(vm0)
    }

    pub(crate) fn system_ref(&self) -> &System {
        // SAFETY: the system's block is there as long as the world is.
        unsafe { &*self.arena.base().as_ptr().add(self.system as usize).cast() }
    }

    fn system_mut(&mut self) -> &mut System {
        // SAFETY: as above, and the world is borrowed exclusively.
        unsafe { &mut *self.arena.base().as_ptr().add(self.system as usize).cast() }
    }
}

/// Where the hash of the console's output starts (FNV-1a's offset basis).
const OUTPUT_HASH_START: u64 = 0xCBF2_9CE4_8422_2325;

/// Makes the function that every instance's first function returns to.
fn write_halt(arena: &mut Arena<'_>, system: &mut System) -> Result<(), OutOfMemory> {
    let header = Header {
        entry_cost: Op::Halt.cost(),
        room: 1,
        need: 0,
        delta: Delta::Static(0),
        value_delta: Delta::Static(0),
        float_delta: Delta::Static(0),
        length: 1,
        id: 0,
        inline: false,
    };
    functions::reserve(arena, system)?;
    let function = system.code.allocate(arena, (HEADER_WORDS as u32 + 1) * 4)?;
    functions::enter(arena, system, function);
    if let Some(bytes) = CodeSpace::bytes_mut(arena, function) {
        let words = header.encode().into_iter().chain([Op::Halt as u32]);
        for (bytes, word) in bytes.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }
    CodeSpace::freeze(arena, function);
    system.halt = function.offset() + CODE_HEADER as u64 + HEADER_WORDS as u64 * 4;
    Ok(())
}
