//! Brings up interrupts: controllers, timer, serial input.

use core::fmt;

use x86_64::instructions::interrupts as flag;

use super::{
    interrupts::{LEGACY, SERIAL},
    io_apic::{IoApic, Route},
    local_apic::LocalApic,
    pic, serial,
};
use crate::{
    acpi::{Madt, Signature, Tables},
    console::note,
    mm::address_space::{DirectMap, Memory},
    per_core::PerCore,
    time::TICK_HZ,
};

/// What the machine lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalError {
    /// No memory for the local APIC's mapping.
    LocalApicUnmapped,
    /// The local timer or the clock stands still.
    NoTimer,
}

impl fmt::Display for HalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LocalApicUnmapped => {
                "the local APIC's registers cannot be mapped: memory is exhausted"
            }
            Self::NoTimer => {
                "the local APIC's timer or the time-stamp counter stands still: \
                 this computer or emulator is not one that Stele can run on"
            }
        })
    }
}

/// See [`crate::arch`].
///
/// # Errors
/// There is no working timer. A machine whose serial port has no interrupt is reported and runs.
pub fn hal_init(core: &PerCore, memory: &mut Memory, rsdp: u64) -> Result<(), HalError> {
    pic::disable(LEGACY);
    let local = LocalApic::enable(memory).ok_or(HalError::LocalApicUnmapped)?;

    let table = Tables::new(&DirectMap, rsdp).and_then(|tables| tables.find(Signature::MADT));
    if let Err(error) = table {
        note(
            core,
            format_args!("{error}: assuming the usual interrupt controllers"),
        );
    }
    let madt = table.ok().map(Madt::new);
    let route = Route::of(serial::ISA_INTERRUPT, madt);
    match IoApic::serving(route.global, madt, memory) {
        Some(controller) => {
            controller.route(route, SERIAL, local.id());
            serial::enable_interrupt();
        }
        None => note(
            core,
            format_args!("no I/O APIC serves the serial port: it will not be heard"),
        ),
    }

    if !local.start_timer(core, TICK_HZ) {
        return Err(HalError::NoTimer);
    }
    flag::enable();
    Ok(())
}
