//! Devices as programs reach them, by way of the kernel words: registers, interrupts, the clock on
//! the wall, and what the firmware says there is.
//!
//! Whether a program may is not asked here but by the arbiter, before. What is asked here is whether
//! it can be done without harm to the system: memory that the kernel owns is never a device.

use core::fmt;

/// Devices.
///
/// Every answer is an input of the system from outside: it goes to programs through the arbiter
/// alone, where it can be recorded.
pub trait Devices {
    /// Makes registers reachable.
    ///
    /// # Errors
    /// [`DeviceError`] says why not.
    fn map(&mut self, region: DeviceRegion) -> Result<(), DeviceError>;

    /// Reads the register of `width` at `offset` in a mapped region.
    ///
    /// # Errors
    /// [`DeviceError::OutOfRegion`], [`DeviceError::Misaligned`], [`DeviceError::Width`].
    fn read(&mut self, region: DeviceRegion, offset: u64, width: Width)
    -> Result<u64, DeviceError>;

    /// Writes the low `width` of `value` to the register at `offset` in a mapped region.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn write(
        &mut self,
        region: DeviceRegion,
        offset: u64,
        width: Width,
        value: u64,
    ) -> Result<(), DeviceError>;

    /// Counts interrupt `number` from now on, and holds it back after each until it is
    /// [acknowledged](Self::acknowledge).
    ///
    /// # Errors
    /// [`DeviceError::NoSuchInterrupt`], [`DeviceError::InUse`], [`DeviceError::NoDevices`].
    fn attach(&mut self, number: u32) -> Result<(), DeviceError>;

    /// Stops counting interrupt `number`.
    fn detach(&mut self, number: u32);

    /// How often attached interrupt `number` has come since it was last acknowledged.
    fn pending(&mut self, number: u32) -> u64;

    /// Forgets what is pending of attached interrupt `number` and lets it come again.
    fn acknowledge(&mut self, number: u32);

    /// Nanoseconds since 1970-01-01 00:00 UTC, without leap seconds.
    ///
    /// # Errors
    /// [`DeviceError::NoDevices`] if nobody ever said what time it is.
    fn wall_clock_ns(&mut self) -> Result<u64, DeviceError>;

    /// Sets the clock on the wall.
    ///
    /// # Errors
    /// [`DeviceError::NoDevices`] where the clock is somebody else's.
    fn set_wall_clock_ns(&mut self, now: u64) -> Result<(), DeviceError>;

    /// Writes line `number`, counted from 0, of a report to `out`, without an end of line; false,
    /// and nothing written, if the report has no such line.
    fn report(&mut self, report: Report, number: u64, out: &mut dyn fmt::Write) -> bool;
}

/// What a region's addresses mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSpace {
    /// Physical memory addresses.
    Memory,
    /// Addresses of the x86 `in` and `out` instructions, 0 to 0xFFFF.
    Ports,
}

/// A run of device registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRegion {
    /// What `start` means.
    pub space: AddressSpace,
    /// The first address.
    pub start: u64,
    /// Length in bytes (in ports, for [`AddressSpace::Ports`]); at least 1.
    pub length: u64,
}

/// Width of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 8 bits.
    Byte = 1,
    /// 16 bits.
    Word = 2,
    /// 32 bits.
    Double = 4,
    /// 64 bits; not for ports.
    Quad = 8,
}

/// What the machine can tell about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Devices that the firmware's tables name, and those that the kernel drives.
    Devices,
    /// Physical memory, region by region.
    MemoryMap,
    /// Processors.
    Cpus,
    /// What happened since the start: interrupts, timers, memory.
    Machine,
}

/// Why a device cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// This host has no devices to offer.
    NoDevices,
    /// Part of the region is memory, or the kernel's.
    NotADevice,
    /// No such address, or a length of 0.
    NoSuchAddress,
    /// The kernel itself drives this device, or somebody else has attached to this interrupt.
    InUse,
    /// No such interrupt.
    NoSuchInterrupt,
    /// The register does not lie in the region.
    OutOfRegion,
    /// The register's address is not a multiple of its width.
    Misaligned,
    /// Registers of this width cannot be had in this address space.
    Width,
    /// Too many regions or interrupts, or no memory for the mapping.
    Exhausted,
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDevices => "this host has no such device to offer",
            Self::NotADevice => "there is memory at this address, not a device",
            Self::NoSuchAddress => "no such device address, or a length of zero",
            Self::InUse => "the device is in use",
            Self::NoSuchInterrupt => "no such interrupt",
            Self::OutOfRegion => "no such register in this device region",
            Self::Misaligned => "the register's address is not a multiple of its width",
            Self::Width => "no registers of this width in this address space",
            Self::Exhausted => "too many device regions or interrupts",
        })
    }
}

impl core::error::Error for DeviceError {}
