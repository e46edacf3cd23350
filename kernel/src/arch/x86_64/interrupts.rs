//! What happens when an interrupt arrives, and how a handler gets one.
//!
//! Handlers run with interrupts off, on the interrupt stack, so they never nest. Each slot of the
//! core's table of handlers has a vector of its own. An exception never comes here: only interrupts
//! are acknowledged at the local APIC, and of these only those that it has in service.

use stele_hal::{InterruptError, MAX_HANDLERS};

use super::{current_core, io_apic, local_apic::LocalApic};

/// Where the legacy controllers' sixteen interrupts would arrive; they are masked, but can still
/// raise spurious ones.
pub(super) const LEGACY: u8 = 0x20;
const LEGACY_LAST: u8 = LEGACY + 15;
/// The vector of slot 0 of the table of handlers.
const FIRST_SLOT: u8 = 0x40;
/// An interrupt that vanished before it was delivered. Its low four bits are set, as old local APICs
/// insist.
pub(super) const SPURIOUS: u8 = 0xFF;

/// The local APIC's timer, as an interrupt number. Numbers from here on are the local APIC's own; no
/// I/O APIC serves them.
pub(super) const LOCAL_TIMER: u32 = 0x8000_0000;

const _: () = assert!(
    FIRST_SLOT as usize + MAX_HANDLERS <= SPURIOUS as usize,
    "every slot needs a vector"
);

/// Answers the interrupt with this vector.
pub(super) fn handle(vector: u8) {
    let Some(core) = current_core() else { return };
    // The local APIC puts neither of these in service, so they expect no end of interrupt.
    if matches!(vector, LEGACY..=LEGACY_LAST | SPURIOUS) {
        core.note_spurious();
        return;
    }
    let slot = vector.checked_sub(FIRST_SLOT).map(usize::from);
    let entry = slot.and_then(|slot| core.handlers.at(slot));
    core.interrupt(entry);
    let local = LocalApic::current();
    // An INT instruction gets here as well, and ending it would end another interrupt.
    if entry.is_some() || local.in_service(vector) {
        local.end_of_interrupt();
    }
}

/// Has interrupt `number` arrive at this core, for the handler in `slot`, unmasked.
///
/// # Errors
/// [`InterruptError::NoSuchInterrupt`].
pub fn connect_interrupt(slot: usize, number: u32) -> Result<(), InterruptError> {
    let vector = u8::try_from(slot)
        .ok()
        .and_then(|slot| FIRST_SLOT.checked_add(slot))
        .ok_or(InterruptError::TooMany(number))?;
    let local = LocalApic::current();
    if number == LOCAL_TIMER {
        local.connect_timer(vector);
        return Ok(());
    }
    io_apic::connect(number, vector, local.id())
}

/// Holds a connected interrupt back, or lets it come.
pub fn set_interrupt_masked(number: u32, masked: bool) {
    if number == LOCAL_TIMER {
        LocalApic::current().set_timer_masked(masked);
    } else {
        io_apic::set_masked(number, masked);
    }
}
