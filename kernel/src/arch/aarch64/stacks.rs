//! The boot core's exception stacks, each above a page that will be unmapped.
//!
//! A stack that runs over hits its guard page and faults; the fault is then taken on another stack.
use core::cell::UnsafeCell;

use stele_paging::PAGE_SIZE;

const PAGE: usize = PAGE_SIZE as usize;
/// Enough for the deepest path that runs on one: printing a panic with symbol names.
const USABLE: usize = 32 * 1024;

/// A stack and, below it, its guard page.
#[repr(C, align(4096))]
pub(super) struct Stack {
    guard: [u8; PAGE],
    usable: UnsafeCell<[u8; USABLE]>,
}

// SAFETY: nothing reads or writes the bytes through this type; it only names where they are.
unsafe impl Sync for Stack {}

impl Stack {
    const fn new() -> Self {
        Self {
            guard: [0; PAGE],
            usable: UnsafeCell::new([0; USABLE]),
        }
    }

    /// One past the highest byte, where a stack pointer starts.
    pub(super) const fn top(&'static self) -> *mut u8 {
        self.usable.get().cast::<u8>().wrapping_add(USABLE)
    }

    /// The lowest byte: a stack pointer that starts here is used up at once.
    pub(super) const fn bottom(&'static self) -> *mut u8 {
        self.usable.get().cast::<u8>()
    }

    /// Address of the guard page.
    pub(super) fn guard(&'static self) -> u64 {
        core::ptr::from_ref(&self.guard).addr() as u64
    }
}

/// For synchronous exceptions.
pub(super) static SYNCHRONOUS: Stack = Stack::new();
/// For interrupts.
pub(super) static INTERRUPT: Stack = Stack::new();
/// For system errors.
pub(super) static SYSTEM_ERROR: Stack = Stack::new();
/// For an exception inside an exception.
pub(super) static NESTED: Stack = Stack::new();

/// All of them, with a name for people.
pub(super) const ALL: [(&Stack, &str); 4] = [
    (&SYNCHRONOUS, "fault"),
    (&INTERRUPT, "interrupt"),
    (&SYSTEM_ERROR, "system-error"),
    (&NESTED, "nested-fault"),
];

/// Addresses of the pages that must be unmapped.
pub fn guard_pages() -> impl Iterator<Item = u64> {
    ALL.into_iter().map(|(stack, _)| stack.guard())
}
