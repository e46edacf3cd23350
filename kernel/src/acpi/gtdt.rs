//! The generic timer description table: which interrupts the arm64 timers raise.

use super::{Table, u32_at};

const VIRTUAL_TIMER: usize = 64;

/// The table (ACPI 6.5, 5.2.25).
#[derive(Clone, Copy, Debug)]
pub struct Gtdt<'memory> {
    table: Table<'memory>,
}

impl<'memory> Gtdt<'memory> {
    /// Reads the table as a description of timers.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The virtual timer's interrupt number at the GIC.
    #[must_use]
    pub fn virtual_timer(&self) -> Option<u32> {
        u32_at(self.table.bytes, VIRTUAL_TIMER).filter(|number| *number != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    #[test]
    fn the_virtual_timer_is_read_if_it_is_there() {
        let timer = |bytes: &[u8]| {
            Gtdt::new(Table {
                name: Signature::GTDT,
                bytes,
            })
            .virtual_timer()
        };
        let mut bytes = vec![0; 104];
        assert_eq!(timer(&bytes), None);
        bytes[VIRTUAL_TIMER] = 27;
        assert_eq!(timer(&bytes), Some(27));
        assert_eq!(timer(&bytes[..66]), None);
    }
}
