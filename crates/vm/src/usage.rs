//! Who uses how much of the memory, and what collecting it took.
//!
//! Sizes differ from host to host and pauses from run to run, so none of this may reach a program's
//! results: it is for people.

use crate::machine::Machine;
use stele_memory::{HeapStatistics, SpaceStatistics, Statistics};

/// What collections took, by the clock, since the core began to run instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// How many there were.
    pub count: u64,
    /// The longest, in nanoseconds.
    pub longest_ns: u64,
    /// All together.
    pub total_ns: u64,
}

impl Pauses {
    pub(crate) const NONE: Self = Self {
        count: 0,
        longest_ns: 0,
        total_ns: 0,
    };

    pub(crate) fn add(&mut self, ns: u64) {
        self.count += 1;
        self.longest_ns = self.longest_ns.max(ns);
        self.total_ns = self.total_ns.saturating_add(ns);
    }
}

/// Who uses how much of an instance's world, in bytes where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The whole region.
    pub arena: Statistics,
    /// The instance's values.
    pub heap: HeapStatistics,
    /// What instances share.
    pub shared: SpaceStatistics,
    /// The block of its value stack.
    pub value_stack: u64,
    /// Values on it.
    pub values: u64,
    /// The block of its data stack and its return stack.
    pub stacks: u64,
    /// Cells on the one.
    pub cells: u64,
    /// Cells on the other.
    pub return_cells: u64,
    /// The block of its data space.
    pub data: u64,
    /// Bytes of it that loads may touch.
    pub data_used: u64,
    /// All the rest: code, control blocks, source texts, what keeps account of the region.
    pub rest: u64,
    /// Functions there are.
    pub functions: u64,
    /// What collections took.
    pub pauses: Pauses,
}

impl Machine<'_, '_> {
    /// Who uses how much.
    #[must_use]
    pub fn usage(&mut self) -> Usage {
        let arena = self.arena.statistics();
        let system = self.system_mut();
        let (functions, shared) = (system.functions, system.space.statistics());
        let block = self.block();
        let heap = block.heap.statistics();
        let named = [
            heap.held,
            heap.scratch,
            shared.held,
            shared.atoms_held,
            block.values.size,
            block.stacks.size,
            block.data.size,
            arena.free,
            arena.reserve,
        ];
        let named = named.into_iter().fold(0, u64::saturating_add);
        Usage {
            arena,
            heap,
            shared,
            value_stack: block.values.size,
            values: self.value_depth() as u64,
            stacks: block.stacks.size,
            cells: self.depth() as u64,
            return_cells: self.return_depth() as u64,
            data: block.data.size,
            data_used: block.data_length,
            rest: arena.size.saturating_sub(named),
            functions,
            pauses: self.core.pauses,
        }
    }
}
