//! Faults in words: the sentences that mean the same on every architecture.

use core::fmt;

use stele_bootinfo::{BOOT_STACK_BOTTOM, STACKS};
use stele_paging::PAGE_SIZE;

/// An access to memory that failed. `Display` says what was attempted, what stood in its way, and what
/// the address means; each sentence is a line of its own, begun by a line end.
#[derive(Clone, Copy, Debug)]
pub struct FailedAccess {
    /// "read", "write" or "execute".
    pub attempt: &'static str,
    /// Its virtual address; `None` if the processor does not tell.
    pub address: Option<u64>,
    /// What is wrong with the address, as a relative clause.
    pub obstacle: &'static str,
    /// The stack in whose guard page the address lies.
    pub overflowed: Option<&'static str>,
}

impl fmt::Display for FailedAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            attempt, obstacle, ..
        } = self;
        let Some(address) = self.address else {
            return write!(
                f,
                "\nAn attempt to {attempt} at an address that is not known, {obstacle}."
            );
        };
        write!(
            f,
            "\nAn attempt to {attempt} at {address:#018x}, {obstacle}."
        )?;
        if address < PAGE_SIZE {
            f.write_str("\nThat is a null pointer.")?;
        }
        if let Some(stack) = self.overflowed {
            write!(
                f,
                "\nThat is the guard page of the {stack} stack: the stack overflowed."
            )?;
        }
        Ok(())
    }
}

/// The stack that overflowed, if `address` lies below the boot stack or in one of `guards`: the
/// addresses of guard pages, with the names of the stacks above them.
pub fn overflowed_stack(
    address: u64,
    mut guards: impl Iterator<Item = (u64, &'static str)>,
) -> Option<&'static str> {
    if (STACKS..BOOT_STACK_BOTTOM).contains(&address) {
        return Some("boot");
    }
    let page = address / PAGE_SIZE * PAGE_SIZE;
    guards
        .find(|(guard, _)| *guard == page)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARDS: [(u64, &str); 2] = [(0x5000, "interrupt"), (0x9000, "page-fault")];

    fn access(address: Option<u64>) -> String {
        let overflowed = address.and_then(|address| overflowed_stack(address, GUARDS.into_iter()));
        let (attempt, obstacle) = ("write", "where nothing is mapped");
        FailedAccess {
            attempt,
            address,
            obstacle,
            overflowed,
        }
        .to_string()
    }

    #[test]
    fn an_access_says_where_and_why_it_failed() {
        assert_eq!(
            access(Some(0x1234_5678)),
            "\nAn attempt to write at 0x0000000012345678, where nothing is mapped."
        );
        assert_eq!(
            access(None),
            "\nAn attempt to write at an address that is not known, where nothing is mapped."
        );
    }

    #[test]
    fn a_null_pointer_is_called_one() {
        assert!(access(Some(0)).ends_with("\nThat is a null pointer."));
        assert!(access(Some(PAGE_SIZE - 1)).ends_with("\nThat is a null pointer."));
        assert!(!access(Some(PAGE_SIZE)).contains("null"));
    }

    #[test]
    fn a_guard_page_names_its_stack() {
        let says = |address, stack| {
            let sentence =
                format!("\nThat is the guard page of the {stack} stack: the stack overflowed.");
            assert!(access(Some(address)).ends_with(&sentence), "{address:#x}");
        };
        says(0x5000, "interrupt");
        says(0x9FFF, "page-fault");
        says(BOOT_STACK_BOTTOM - 1, "boot");
        says(STACKS, "boot");
        for elsewhere in [0x4FFF, 0x6000, BOOT_STACK_BOTTOM] {
            assert!(!access(Some(elsewhere)).contains("guard"), "{elsewhere:#x}");
        }
    }
}
