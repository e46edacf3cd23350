//! Which interrupts of a core are answered by whom.
//!
//! The table is per core. An architecture's entry code finds an interrupt in it, by the slot it
//! arrives at or by its number, and calls its handler; `register` and the functions after it change
//! it and tell the controllers. Everything here runs with interrupts off, so the lock is never waited
//! for.

use spin::Mutex;
use stele_hal::{Handler, InterruptError, MAX_HANDLERS};

/// The handlers of one core.
#[derive(Debug)]
pub struct Handlers(Mutex<[Option<Entry>; MAX_HANDLERS]>);

/// An interrupt that is answered.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The platform's number for it.
    pub number: u32,
    /// Who answers it.
    pub handler: Handler,
}

impl Handlers {
    /// No handlers.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "made once per core, in a static"
    )]
    pub const fn new() -> Self {
        Self(Mutex::new([None; MAX_HANDLERS]))
    }

    /// Enters a handler; returns its slot.
    ///
    /// # Errors
    /// [`InterruptError::Taken`], [`InterruptError::TooMany`].
    pub fn insert(&self, number: u32, handler: Handler) -> Result<usize, InterruptError> {
        let mut slots = self.0.lock();
        let is_it = |entry: &Option<Entry>| entry.is_some_and(|entry| entry.number == number);
        if slots.iter().any(is_it) {
            return Err(InterruptError::Taken(number));
        }
        let free = slots.iter().position(Option::is_none);
        let slot = free.ok_or(InterruptError::TooMany(number))?;
        slots[slot] = Some(Entry { number, handler });
        Ok(slot)
    }

    /// Forgets the handler of interrupt `number`.
    ///
    /// # Errors
    /// [`InterruptError::NotRegistered`].
    pub fn remove(&self, number: u32) -> Result<(), InterruptError> {
        let mut slots = self.0.lock();
        let found = slots
            .iter_mut()
            .find(|entry| entry.is_some_and(|entry| entry.number == number));
        found
            .map(|entry| *entry = None)
            .ok_or(InterruptError::NotRegistered(number))
    }

    /// What is in this slot.
    pub fn at(&self, slot: usize) -> Option<Entry> {
        self.0.lock().get(slot).copied().flatten()
    }

    /// Who answers interrupt `number`.
    pub fn of(&self, number: u32) -> Option<Entry> {
        let slots = self.0.lock();
        let mut entries = slots.iter().flatten();
        entries.find(|entry| entry.number == number).copied()
    }
}

#[cfg(target_os = "none")]
pub use on_the_machine::{mask, register, unmask, unregister, without_interrupts};

#[cfg(target_os = "none")]
mod on_the_machine {
    use stele_hal::{Handler, InterruptError};

    use crate::{
        arch,
        context::{Act, assert_allowed},
        per_core::PerCore,
    };

    /// Does `work` with interrupts off, and leaves them as they were.
    pub fn without_interrupts<T>(work: impl FnOnce() -> T) -> T {
        let enabled = arch::interrupts_enabled();
        arch::disable_interrupts();
        let result = work();
        if enabled {
            arch::enable_interrupts();
        }
        result
    }

    /// Has interrupt `number` answered by `handler` on this core, and lets it come.
    ///
    /// # Errors
    /// [`InterruptError::NoSuchInterrupt`], [`InterruptError::Taken`], [`InterruptError::TooMany`].
    pub fn register(core: &PerCore, number: u32, handler: Handler) -> Result<(), InterruptError> {
        assert_allowed(Act::Register);
        without_interrupts(|| {
            let slot = core.handlers.insert(number, handler)?;
            arch::connect_interrupt(slot, number)
                .or_else(|error| core.handlers.remove(number).and(Err(error)))
        })
    }

    /// Stops interrupt `number` and forgets its handler.
    ///
    /// # Errors
    /// [`InterruptError::NotRegistered`].
    pub fn unregister(core: &PerCore, number: u32) -> Result<(), InterruptError> {
        assert_allowed(Act::Register);
        without_interrupts(|| {
            mask(core, number)?;
            core.handlers.remove(number)
        })
    }

    /// Holds interrupt `number` back at its controller. Any context: a handler may hold back the
    /// interrupt that it answers.
    ///
    /// # Errors
    /// [`InterruptError::NotRegistered`].
    pub fn mask(core: &PerCore, number: u32) -> Result<(), InterruptError> {
        set_masked(core, number, true)
    }

    /// Lets interrupt `number` come again. Any context.
    ///
    /// # Errors
    /// [`InterruptError::NotRegistered`].
    pub fn unmask(core: &PerCore, number: u32) -> Result<(), InterruptError> {
        set_masked(core, number, false)
    }

    fn set_masked(core: &PerCore, number: u32, masked: bool) -> Result<(), InterruptError> {
        without_interrupts(|| {
            let entry = core.handlers.of(number);
            entry.ok_or(InterruptError::NotRegistered(number))?;
            arch::set_interrupt_masked(number, masked);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: u32) {}

    #[test]
    fn a_handler_is_found_by_slot_and_by_number_until_it_is_removed() {
        let handlers = Handlers::new();
        let slot = handlers.insert(1000, nothing).unwrap();
        assert_eq!(handlers.at(slot).map(|entry| entry.number), Some(1000));
        assert_eq!(handlers.of(1000).map(|entry| entry.number), Some(1000));
        assert!(handlers.of(1001).is_none());
        assert_eq!(handlers.remove(1000), Ok(()));
        assert!(handlers.at(slot).is_none());
        assert_eq!(
            handlers.remove(1000),
            Err(InterruptError::NotRegistered(1000))
        );
    }

    #[test]
    fn an_interrupt_has_one_handler() {
        let handlers = Handlers::new();
        assert!(handlers.insert(4, nothing).is_ok());
        assert_eq!(handlers.insert(4, nothing), Err(InterruptError::Taken(4)));
    }

    #[test]
    fn the_table_holds_its_limit_and_not_one_more() {
        let handlers = Handlers::new();
        for number in 0..MAX_HANDLERS as u32 {
            assert_eq!(handlers.insert(number, nothing), Ok(number as usize));
        }
        assert_eq!(
            handlers.insert(500, nothing),
            Err(InterruptError::TooMany(500))
        );
        assert_eq!(handlers.remove(9), Ok(()));
        assert_eq!(handlers.insert(500, nothing), Ok(9));
    }

    #[test]
    fn a_slot_past_the_last_has_no_handler() {
        assert!(Handlers::new().at(MAX_HANDLERS).is_none());
    }
}
