//! Which device raises which interrupt, and what is done about it.
use core::fmt;

use stele_hal::{Action, InterruptError};
use stele_paging::MapError;

use super::{cpu, firmware::Firmware, gic, local::current_core, serial, timer};
use crate::{
    interrupts::register,
    mm::address_space::Memory,
    per_core::PerCore,
    time::{TICK_NS, timers},
};

/// Why the machine's devices cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalError {
    /// There is no usable interrupt controller.
    InterruptController(gic::Error),
    /// The firmware gives a device an interrupt that cannot be had.
    Interrupt(InterruptError),
    /// The serial port's registers cannot be mapped.
    SerialPort(MapError),
    /// The firmware has not set the timer's frequency.
    NoTimerFrequency,
}

impl fmt::Display for HalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InterruptController(error) => error.fmt(f),
            Self::Interrupt(error) => {
                write!(
                    f,
                    "the firmware gives a device an interrupt that cannot be had: {error}"
                )
            }
            Self::SerialPort(error) => {
                write!(
                    f,
                    "the serial port's registers cannot be mapped ({error:?})"
                )
            }
            Self::NoTimerFrequency => f.write_str(
                "the firmware has not said how fast the timer counts (CNTFRQ_EL0 is 0): \
                 update the firmware",
            ),
        }
    }
}

/// Starts the interrupt controller, the tick and serial input; interrupts are on when it returns.
///
/// # Errors
/// [`HalError`] says which device is missing.
pub fn hal_init(core: &'static PerCore, memory: &mut Memory, rsdp: u64) -> Result<(), HalError> {
    if timer::frequency() == 0 {
        return Err(HalError::NoTimerFrequency);
    }
    let firmware = Firmware::new(rsdp);
    gic::take(memory, firmware).map_err(HalError::InterruptController)?;

    register(core, firmware.virtual_timer(), on_timer).map_err(HalError::Interrupt)?;
    timers::start_tick(core);
    if let Some(port) = firmware.serial_port() {
        serial::map(memory, port.address).map_err(HalError::SerialPort)?;
        match port.interrupt {
            Some(number) => {
                register(core, number, on_serial).map_err(HalError::Interrupt)?;
                serial::listen();
            }
            None => look_at_serial_port(core),
        }
    }
    cpu::enable_interrupts();
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

/// Has a serial port without an interrupt looked at as often as the tick strikes.
fn look_at_serial_port(core: &PerCore) {
    let look = Action {
        function: |_| {
            if let Some(core) = current_core()
                && !core.input.is_full()
            {
                serial::receive(core);
            }
        },
        argument: 0,
    };
    // It is the first timer of all and has a sensible period, so it is not refused.
    let _ = timers::start_periodic(core, TICK_NS, look);
}

/// Answers every interrupt that is pending.
pub(super) fn handle(core: &PerCore) {
    let mut any = false;
    while let Some(interrupt) = gic::acknowledge() {
        any = true;
        core.interrupt(core.handlers.of(interrupt.raw_value()));
        gic::end(interrupt);
    }
    if !any {
        core.note_spurious();
    }
}
