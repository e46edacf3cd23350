//! Brings up interrupts: controllers, timer, serial input.

use core::{fmt, sync::atomic::Ordering};

use x86_64::instructions::interrupts as flag;

use super::{
    current_core,
    interrupts::{LEGACY, LOCAL_TIMER},
    io_apic,
    local_apic::LocalApic,
    pic, ps2, serial,
};
use crate::{
    acpi::{Madt, Signature, Tables},
    console::note,
    interrupts::register,
    mm::address_space::{DirectMap, Memory},
    per_core::PerCore,
    time::timers,
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
    io_apic::init(table.ok().map(Madt::new), memory);
    let number = io_apic::isa_interrupt(serial::ISA_INTERRUPT);
    match register(core, number, on_serial) {
        Ok(()) => serial::enable_interrupt(),
        Err(error) => note(
            core,
            format_args!("the serial port will not be heard: {error}"),
        ),
    }

    register(core, LOCAL_TIMER, on_timer).map_err(|_| HalError::NoTimer)?;
    let frequency = local.timer_frequency(core).ok_or(HalError::NoTimer)?;
    core.timer_frequency.store(frequency, Ordering::Relaxed);
    // Only now, because it waits by the clock, which has just been seen to go.
    ps2::init(core);
    timers::start_tick(core);
    flag::enable();
    Ok(())
}

fn on_serial(_number: u32) {
    if let Some(core) = current_core() {
        serial::receive(core);
    }
}

fn on_timer(_number: u32) {
    if let Some(core) = current_core() {
        timers::on_interrupt(core);
    }
}
