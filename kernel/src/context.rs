//! What interrupt context may not do, and the check of it.
//!
//! An interrupt is answered in the middle of anything: of an allocation, of a change to the page
//! tables, of a turn. What needs any of these whole cannot be used there. docs/HAL.md has the list for
//! people; each function it concerns begins with [`assert_allowed`], which is checked where debug
//! assertions are on (the profile `checked`) and costs nothing elsewhere.
//!
//! Two rules need no check here: kernel code contains no floating-point instruction, because the
//! targets have none; and handlers are functions without an error to return, so what they might
//! unwrap is up to review.

use core::fmt;

/// Something that interrupt context may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Allocating from the heap.
    Allocate,
    /// Giving back to the heap.
    Free,
    /// Taking or giving back page frames.
    Frames,
    /// Changing the page tables.
    Map,
    /// Sleeping until an interrupt.
    Sleep,
    /// Reading the console.
    ReadConsole,
    /// Giving an instance a turn.
    Turn,
    /// Enabling interrupts.
    EnableInterrupts,
    /// Registering an interrupt, or giving one up.
    Register,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allocate => "allocate memory",
            Self::Free => "free memory",
            Self::Frames => "take page frames or give them back",
            Self::Map => "change the page tables",
            Self::Sleep => "wait",
            Self::ReadConsole => "read the console",
            Self::Turn => "give an instance a turn",
            Self::EnableInterrupts => "enable interrupts",
            Self::Register => "register an interrupt or give one up",
        })
    }
}

/// Checks, where debug assertions are on, that `act` is allowed in this context.
///
/// # Panics
/// If this is interrupt context.
#[inline]
pub fn assert_allowed(act: Act) {
    debug_assert!(
        !in_interrupt(),
        "an interrupt handler must not {act} (docs/HAL.md, \"Interrupt context\")"
    );
}

#[cfg(target_os = "none")]
fn in_interrupt() -> bool {
    crate::arch::current_core().is_some_and(crate::per_core::PerCore::in_interrupt)
}

/// On the host there are no interrupts.
#[cfg(not(target_os = "none"))]
fn in_interrupt() -> bool {
    false
}
