//! Which device raises which interrupt, and what is done about it.
use core::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use stele_paging::MapError;

use super::{
    cpu,
    firmware::Firmware,
    gic::{self, Controller},
    serial, timer,
};
use crate::{mm::address_space::Memory, per_core::PerCore};

/// Why the machine's devices cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalError {
    /// There is no usable interrupt controller.
    InterruptController(gic::Error),
    /// The serial port's registers cannot be mapped.
    SerialPort(MapError),
    /// The firmware has not set the timer's frequency.
    NoTimerFrequency,
}

impl fmt::Display for HalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InterruptController(error) => error.fmt(f),
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

/// No interrupt has this number.
const NONE: u32 = u32::MAX;

/// The timer's interrupt. A static because the handler gets no arguments.
static TIMER: AtomicU32 = AtomicU32::new(NONE);

/// The serial port's interrupt. A port without one is looked at on every tick.
static SERIAL: AtomicU32 = AtomicU32::new(NONE);

/// Starts the interrupt controller, the tick and serial input; interrupts are on when it returns.
///
/// # Errors
/// [`HalError`] says which device is missing.
pub fn hal_init(_core: &'static PerCore, memory: &mut Memory, rsdp: u64) -> Result<(), HalError> {
    if timer::frequency() == 0 {
        return Err(HalError::NoTimerFrequency);
    }
    let firmware = Firmware::new(rsdp);
    let mut controller =
        Controller::take(memory, firmware).map_err(HalError::InterruptController)?;
    let mut enable = |number| {
        controller
            .enable(number)
            .map_err(HalError::InterruptController)
    };

    let port = firmware.serial_port();
    serial::map(memory, port.address).map_err(HalError::SerialPort)?;
    if let Some(number) = port.interrupt {
        SERIAL.store(number, Ordering::Relaxed);
        enable(number)?;
        serial::listen();
    }

    let number = firmware.virtual_timer();
    TIMER.store(number, Ordering::Relaxed);
    enable(number)?;
    timer::start_tick();
    cpu::enable_interrupts();
    Ok(())
}

/// Answers every interrupt that is pending.
pub(super) fn handle(core: &PerCore) {
    let mut any = false;
    while let Some(interrupt) = gic::acknowledge() {
        any = true;
        let number = interrupt.raw_value();
        if number == TIMER.load(Ordering::Relaxed) {
            timer::next_tick();
            core.tick();
            if SERIAL.load(Ordering::Relaxed) == NONE && !core.input.is_full() {
                serial::receive(core);
            }
        } else if number == SERIAL.load(Ordering::Relaxed) {
            serial::receive(core);
        } else {
            core.spurious.fetch_add(1, Ordering::Relaxed);
        }
        gic::end(interrupt);
    }
    if !any {
        core.spurious.fetch_add(1, Ordering::Relaxed);
    }
}
