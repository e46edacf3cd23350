//! What a VM instance is made of: one block of plain words in the arena.
//!
//! Nothing here is an address. Whatever a running machine keeps in registers is written back here
//! when it stops, so a stopped instance is only data: it can be copied, saved and moved.

use crate::backtrace::Backtrace;
use crate::capabilities::CapabilitySet;
use crate::values::progress::{Progress, VALUE_ROOTS};
use crate::watch::Watch;
use stele_bytecode::builder;
use stele_memory::{Block, CodeSpace, Heap, Root, Space};

/// Number of values the instance's language keeps alive between instructions.
pub const ROOTS: usize = 16;

/// Which root holds the value that came with the last throw; nil if none did.
pub(crate) const THROWN_ROOT: usize = 10;

/// Number of words the instance's language keeps for itself.
pub const USER_WORDS: usize = 32;

/// Where an instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Life {
    /// Made, not yet given anything to run.
    Created = 0,
    /// Able to run, waiting for its turn.
    Ready = 1,
    /// Running on a core.
    Running = 2,
    /// Waiting for something from outside: input, an interrupt.
    Waiting = 3,
    /// At its end; nothing of it will run again.
    Dead = 4,
}

impl Life {
    /// The state that a stored word stands for, if it is one.
    #[must_use]
    pub fn from_word(word: u64) -> Option<Self> {
        [
            Self::Created,
            Self::Ready,
            Self::Running,
            Self::Waiting,
            Self::Dead,
        ]
        .into_iter()
        .find(|life| *life as u64 == word)
    }
}

/// The state of one VM instance.
#[repr(C)]
pub(crate) struct ControlBlock {
    /// Its name to the arbiter.
    pub(crate) id: u64,
    /// A [`Life`].
    pub(crate) life: u64,
    /// What it may do to the world outside.
    pub(crate) capabilities: CapabilitySet,

    /// Arena offset of the next instruction.
    pub(crate) instruction: u64,
    /// Cells on the data stack.
    pub(crate) depth: u64,
    /// Cells on the return stack.
    pub(crate) return_depth: u64,
    /// Return stack depth at the innermost handler's record, itself included; 0 if there is none.
    /// A record is the handler before it, on top, and the depths to return to, all in one cell
    /// ([`crate::unwind::Depths`]). Above it lies the return address of the call that it guards: the handler's `catch-exit`.
    pub(crate) handler: u64,

    /// Both stacks: data cells upwards from its start, return cells downwards from its end.
    pub(crate) stacks: Block,
    /// The value stack, upwards from its start; none before the first value.
    pub(crate) values: Block,
    /// Values on it.
    pub(crate) value_depth: u64,
    /// The float stack, upwards from its start; none before the first float.
    pub(crate) floats: Block,
    /// Floats on it.
    pub(crate) float_depth: u64,
    /// The data space's memory.
    pub(crate) data: Block,
    /// Bytes of data space that loads may touch.
    pub(crate) data_length: u64,
    /// Bytes of data space that stores may touch: `data_length`, or 0 until the first store after a fork.
    pub(crate) data_writable: u64,
    /// Bytes that the data space may grow to.
    pub(crate) data_limit: u64,

    /// Cost units used since birth.
    pub(crate) consumed: u64,
    /// Cost units that may still be used before [`crate::Trap::BUDGET_SPENT`]; `i64::MAX` for no bound.
    pub(crate) allowance: i64,
    /// What is left of the quantum; negative by what the last one overshot.
    pub(crate) balance: i64,

    /// The private heap.
    pub(crate) heap: Heap,
    /// The values the language keeps; see its own documentation for which is which.
    pub(crate) roots: [Root; ROOTS],
    /// The values that operations on values keep: see [`crate::values`].
    pub(crate) value_roots: [Root; VALUE_ROOTS],
    /// The operation on values that is in progress.
    pub(crate) progress: Progress,
    /// A byte of input that was looked at but not taken, plus one; 0 for none.
    pub(crate) pending: u64,
    /// Which words may be used, and who was refused ([`crate::access`]); none before it is needed.
    pub(crate) access: Block,
    /// Source texts given at start, as the language packs them.
    pub(crate) texts: Block,
    /// The words the language keeps.
    pub(crate) user: [u64; USER_WORDS],
    /// What is recorded of the program's run.
    pub(crate) watch: Watch,
    /// Where throws came from.
    pub(crate) backtrace: Backtrace,

    /// The definition under construction.
    pub(crate) builder: builder::State,
    /// Its code, and behind that where each instruction came from.
    pub(crate) code_buffer: Block,
    /// What the verifier remembers of it.
    pub(crate) slot_buffer: Block,
}

/// What all instances of an arena share; the arena's root points at it.
#[repr(C)]
pub(crate) struct System {
    /// [`System::MAGIC`].
    pub(crate) magic: u64,
    /// All code objects.
    pub(crate) code: CodeSpace,
    /// What the instances share, atoms among it.
    pub(crate) space: Space,
    /// Functions made so far; the next one's id.
    pub(crate) functions: u64,
    /// Where each of them is: see [`crate::functions`].
    pub(crate) numbers: Block,
    /// What stands for the table of primitives that the code was verified against.
    pub(crate) primitives: u64,
    /// Arena offset of VM[0]'s control block, 0 before it is made.
    pub(crate) vm0: u64,
    /// Offset of the instruction that ends an instance: what its first function returns to.
    pub(crate) halt: u64,
    /// Running hash of everything the instances wrote to the console.
    pub(crate) output_hash: u64,
    /// The next name of a device or an interrupt.
    pub(crate) names: u64,
    /// Capabilities that nobody has any more, nor ever will.
    pub(crate) revoked: CapabilitySet,
}

impl System {
    /// Marks the root block of an arena that holds a system of this version.
    pub(crate) const MAGIC: u64 = u64::from_le_bytes(*b"STELESY5");
}
