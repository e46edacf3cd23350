//! The interrupt controller, GICv3 or later: this core's own part of it (its redistributor), the
//! shared part (the distributor) routed to this core, and the answers to interrupts.
//!
//! Source: Arm GIC architecture v3 and v4 (IHI 0069).
use core::{fmt, ptr::NonNull};

use arm_gic::{
    IntId, InterruptGroup, Trigger, UniqueMmioPointer,
    gicv3::{
        GicCpuInterface, GicError, GicRedistributor, GicV3,
        registers::{Gicd, GicrSgi},
    },
};
use spin::Mutex;
use stele_hal::InterruptError;
use stele_paging::MapError;

use super::{
    cpu::affinity,
    firmware::{Firmware, GicMissing},
};
use crate::mm::address_space::Memory;

/// Why the interrupt controller cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The firmware does not say where it is.
    Missing(GicMissing),
    /// Its registers cannot be mapped.
    Map(MapError),
    /// The controller is not as the architecture describes it.
    Controller(GicError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(missing) => missing.fmt(f),
            Self::Map(error) => write!(
                f,
                "the GIC's registers cannot be where the firmware says they are: {error}"
            ),
            Self::Controller(error) => write!(f, "the GIC does not work as it should: {error}"),
        }
    }
}

impl From<MapError> for Error {
    fn from(error: MapError) -> Self {
        Self::Map(error)
    }
}

/// The priority of every interrupt: there is one level, and none interrupts another.
const PRIORITY: u8 = 0xA0;

/// The first interrupt that cores share.
const FIRST_SHARED: u32 = 32;

/// This core's place among the redistributors that the driver sees: it sees no other's.
const CORE: Option<usize> = Some(0);

/// This core's view of the interrupt controller.
#[derive(Debug)]
pub(super) struct Controller {
    gic: GicV3<'static>,
    affinity: u64,
}

/// The controller, once it has been taken over. A static because handlers hold interrupts back. The
/// lock is taken with interrupts off alone, so it is never waited for.
static CONTROLLER: Mutex<Option<Controller>> = Mutex::new(None);

/// Takes the controller over: everything off, this core awake and listening.
///
/// # Errors
/// [`Error::Missing`], [`Error::Map`], [`Error::Controller`].
pub(super) fn take(memory: &mut Memory, firmware: Firmware) -> Result<(), Error> {
    let affinity = affinity();
    let registers = firmware.gic(affinity).map_err(Error::Missing)?;
    let distributor = map::<Gicd>(memory, registers.distributor)?;
    let redistributor = own_redistributor(
        memory,
        registers.redistributors,
        registers.redistributors_length,
        affinity,
    )?;
    // SAFETY: the firmware says that a distributor is there, it is mapped as device memory for
    // good, and this is the only reference to it: `take` is called once, by `hal_init`.
    let distributor = unsafe { UniqueMmioPointer::new(distributor) };
    // SAFETY: likewise for the redistributor. With one core, the driver touches no other.
    let mut gic =
        unsafe { GicV3::new(distributor, redistributor, 1) }.map_err(Error::Controller)?;
    gic.enable_all_interrupts(false);
    gic.setup(0);
    GicCpuInterface::set_priority_mask(0xFF);
    *CONTROLLER.lock() = Some(Controller { gic, affinity });
    Ok(())
}

/// Has interrupt `number` arrive at this core, level-sensitive as device interrupts are, unmasked.
/// Its handler is found by its number, so the slot does not matter.
///
/// # Errors
/// [`InterruptError::NoSuchInterrupt`].
pub fn connect_interrupt(_slot: usize, number: u32) -> Result<(), InterruptError> {
    let missing = InterruptError::NoSuchInterrupt(number);
    let mut controller = CONTROLLER.lock();
    let controller = controller.as_mut().ok_or(missing)?;
    controller.connect(number).ok_or(missing)
}

/// Holds a connected interrupt back, or lets it come.
pub fn set_interrupt_masked(number: u32, masked: bool) {
    if let (Some(controller), Ok(interrupt)) = (CONTROLLER.lock().as_mut(), IntId::try_from(number))
    {
        // It is connected, so the controller has it and cannot refuse.
        let _ = controller.gic.enable_interrupt(interrupt, CORE, !masked);
    }
}

impl Controller {
    /// Nothing if the controller has no such interrupt.
    fn connect(&mut self, number: u32) -> Option<()> {
        let interrupt = IntId::try_from(number).ok()?;
        let gic = &mut self.gic;
        if !interrupt.is_private() && number - FIRST_SHARED >= gic.typer().num_spis() {
            return None;
        }
        gic.set_interrupt_priority(interrupt, CORE, PRIORITY).ok()?;
        // The edges of software-generated interrupts cannot be configured.
        if !interrupt.is_sgi() {
            gic.set_trigger(interrupt, CORE, Trigger::Level).ok()?;
        }
        if !interrupt.is_private() {
            gic.distributor()
                .set_routing(interrupt, Some(self.affinity))
                .ok()?;
        }
        gic.enable_interrupt(interrupt, CORE, true).ok()
    }
}

/// Acknowledges the most urgent interrupt; nothing if there is none after all.
pub(super) fn acknowledge() -> Option<IntId> {
    GicCpuInterface::get_and_acknowledge_interrupt(InterruptGroup::Group1)
}

/// Says that `interrupt` has been answered.
pub(super) fn end(interrupt: IntId) {
    GicCpuInterface::end_interrupt(interrupt, InterruptGroup::Group1);
}

/// Walks the redistributors, which lie one after the other, to that of the core of `affinity`.
fn own_redistributor(
    memory: &mut Memory,
    start: u64,
    length: u64,
    affinity: u64,
) -> Result<NonNull<GicrSgi>, Error> {
    const FRAMES: u64 = size_of::<GicrSgi>() as u64;
    let missing = Error::Missing(GicMissing::NoRedistributor(affinity));
    let mut offset = 0;
    while offset + FRAMES <= length {
        let address = start.checked_add(offset).ok_or(missing)?;
        let frames = map::<GicrSgi>(memory, address)?;
        // SAFETY: the firmware says that redistributors are there; they have just been mapped as
        // device memory, and the reference is gone before the caller makes another.
        let kind = GicRedistributor::new(unsafe { UniqueMmioPointer::new(frames) }).typer();
        if kind.core_mpidr() == affinity {
            return Ok(frames);
        }
        if kind.last_redistributor() {
            break;
        }
        // A GICv4's redistributor has two more frames, for virtual interrupts.
        offset += if kind.virtual_lpis_supported() {
            2 * FRAMES
        } else {
            FRAMES
        };
    }
    Err(missing)
}

/// Maps registers of type `T` at physical address `address`.
fn map<T>(memory: &mut Memory, address: u64) -> Result<NonNull<T>, Error> {
    // Damaged tables say anything.
    if !address.is_multiple_of(align_of::<T>() as u64) {
        return Err(MapError::Misaligned(address).into());
    }
    let mapped = memory.map_device(address, size_of::<T>() as u64)?;
    NonNull::new(mapped.cast::<T>()).ok_or(Error::Map(MapError::OutOfRange(address)))
}
