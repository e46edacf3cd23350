//! The stacks that exceptions and interrupts run on: one for each use below, with a guard page.
//!
//! The processor switches to them by itself (interrupt stack table, Intel SDM volume 3A, 6.14.5), so
//! a handler always has a sound stack, whatever has become of the interrupted one. The table has
//! seven entries: what can strike while another handler runs, or because a stack is broken, has one
//! of its own; the other exceptions, of which each ends in a panic, share one; and so do device
//! interrupts, which never nest.

use core::cell::UnsafeCell;

use stele_paging::PAGE_SIZE;

/// Bytes of each stack, enough for a panic with its backtrace.
pub(super) const STACK_SIZE: usize = 32 * 1024;

/// Which stack: the number in a vector's descriptor, which counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stack {
    DoubleFault = 1,
    NonMaskable = 2,
    MachineCheck = 3,
    PageFault = 4,
    Protection = 5,
    OtherException = 6,
    Interrupt = 7,
}

impl Stack {
    /// All stacks, in order of their numbers.
    pub(super) const ALL: [Self; 7] = [
        Self::DoubleFault,
        Self::NonMaskable,
        Self::MachineCheck,
        Self::PageFault,
        Self::Protection,
        Self::OtherException,
        Self::Interrupt,
    ];

    /// The stack that this vector's handler runs on.
    pub(super) const fn for_vector(vector: u8) -> Self {
        match vector {
            8 => Self::DoubleFault,
            2 => Self::NonMaskable,
            18 => Self::MachineCheck,
            14 => Self::PageFault,
            // Invalid TSS, segment not present, stack segment fault, general protection.
            10..=13 => Self::Protection,
            0..=31 => Self::OtherException,
            32..=255 => Self::Interrupt,
        }
    }

    /// What it is for, in words.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DoubleFault => "double-fault",
            Self::NonMaskable => "non-maskable-interrupt",
            Self::MachineCheck => "machine-check",
            Self::PageFault => "page-fault",
            Self::Protection => "protection-fault",
            Self::OtherException => "exception",
            Self::Interrupt => "interrupt",
        }
    }

    /// One past its highest byte.
    pub(super) fn top(self) -> u64 {
        self.guard() + PAGE_SIZE + STACK_SIZE as u64
    }

    /// The first byte of the page below it.
    pub(super) fn guard(self) -> u64 {
        (&raw const STACKS[self as usize - 1]).addr() as u64
    }
}

#[repr(C, align(4096))]
struct GuardedStack {
    _guard: UnsafeCell<[u8; PAGE_SIZE as usize]>,
    _stack: UnsafeCell<[u8; STACK_SIZE]>,
}

// SAFETY: Rust code never refers to the contents; the processor alone uses them, one core.
unsafe impl Sync for GuardedStack {}

/// The stacks. A static because the processor needs their addresses before there is other memory.
static STACKS: [GuardedStack; 7] = [const {
    GuardedStack {
        _guard: UnsafeCell::new([0; PAGE_SIZE as usize]),
        _stack: UnsafeCell::new([0; STACK_SIZE]),
    }
}; 7];

/// The pages below the stacks, to be unmapped.
pub fn guard_pages() -> impl Iterator<Item = u64> {
    Stack::ALL.into_iter().map(Stack::guard)
}
