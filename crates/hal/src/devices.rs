//! Devices as programs reach them, by way of the kernel words: registers, interrupts, the clock on
//! the wall, and what the firmware says there is.
//!
//! Whether a program may is not asked here but by its VM's capabilities, before. What is asked here
//! is whether it can be done without harm to the system: memory that the kernel owns is never a
//! device, and what the kernel drives itself is nobody else's.

use core::fmt;

/// Devices.
///
/// Every answer is an input of the system from outside: it reaches programs through
/// [`Outside`](crate::Outside) alone, where it can be recorded.
///
/// The functions' own bodies are those of a host that has no devices and no clock on the wall.
pub trait Devices {
    /// Makes registers reachable, until [`unmap_region`](Self::unmap_region).
    ///
    /// # Errors
    /// [`DeviceError::NoDevices`], [`DeviceError::NotADevice`], [`DeviceError::NoSuchAddress`],
    /// [`DeviceError::InUse`], [`DeviceError::Kept`], [`DeviceError::NoPorts`], [`DeviceError::TooLong`],
    /// [`DeviceError::TooManyRegions`].
    fn map_region(&mut self, _region: DeviceRegion) -> Result<Mapping, DeviceError> {
        Err(DeviceError::NoDevices)
    }

    /// Forgets a mapped region; nothing happens if there is none.
    fn unmap_region(&mut self, _mapping: Mapping) {}

    /// Reads the register of `width` at `offset` in a mapped region.
    ///
    /// # Errors
    /// As [`DeviceRegion::register`]; [`DeviceError::NoDevices`] if nothing is mapped;
    /// [`DeviceError::NoAnswer`].
    fn read_register(
        &mut self,
        _mapping: Mapping,
        _offset: u64,
        _width: Width,
    ) -> Result<u64, DeviceError> {
        Err(DeviceError::NoDevices)
    }

    /// Writes the low `width` of `value` to the register at `offset` in a mapped region.
    ///
    /// # Errors
    /// As [`read_register`](Self::read_register).
    fn write_register(
        &mut self,
        _mapping: Mapping,
        _offset: u64,
        _width: Width,
        _value: u64,
    ) -> Result<(), DeviceError> {
        Err(DeviceError::NoDevices)
    }

    /// Counts interrupt `number` from now on, until [`detach`](Self::detach), and holds it back after
    /// each until it is [acknowledged](Self::acknowledge). Numbers are those of
    /// [`Interrupt`](crate::Interrupt).
    ///
    /// # Errors
    /// [`DeviceError::NoDevices`], [`DeviceError::NoSuchInterrupt`], [`DeviceError::InUse`],
    /// [`DeviceError::TooManyInterrupts`].
    fn attach(&mut self, _number: u32) -> Result<Line, DeviceError> {
        Err(DeviceError::NoDevices)
    }

    /// Stops counting; nothing happens if nothing is attached.
    fn detach(&mut self, _line: Line) {}

    /// How often an attached interrupt has come since it was last acknowledged.
    fn pending(&mut self, _line: Line) -> u64 {
        0
    }

    /// Forgets what is pending of an attached interrupt and lets it come again.
    fn acknowledge(&mut self, _line: Line) {}

    /// Nanoseconds since 1970-01-01 00:00 UTC, without leap seconds.
    ///
    /// # Errors
    /// [`DeviceError::TimeUnknown`].
    fn wall_clock_ns(&mut self) -> Result<u64, DeviceError> {
        Err(DeviceError::TimeUnknown)
    }

    /// Sets the clock on the wall, as [`wall_clock_ns`](Self::wall_clock_ns) tells it; a clock chip
    /// that keeps time while the machine is off is left alone.
    ///
    /// # Errors
    /// [`DeviceError::ClockOfHost`].
    fn set_wall_clock_ns(&mut self, _now: u64) -> Result<(), DeviceError> {
        Err(DeviceError::ClockOfHost)
    }

    /// Writes line `number`, counted from 0, of a report to `out`, without an end of line; false,
    /// and nothing written, if the report has no such line. What is too long for `out` is cut there.
    fn report(&mut self, _report: Report, _number: u64, _out: &mut dyn fmt::Write) -> bool {
        false
    }
}

/// Regions that can be mapped at a time.
pub const MAX_REGIONS: usize = 64;

/// Interrupts that can be attached at a time.
pub const MAX_LINES: usize = 32;

/// Bytes of the longest region of memory that can be mapped in one piece.
pub const LONGEST_REGION: u64 = 2 << 20;

/// A mapped region: its place among those mapped at the time, below [`MAX_REGIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping(pub usize);

/// An attached interrupt: its place among those attached at the time, below [`MAX_LINES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line(pub usize);

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

impl DeviceRegion {
    /// One past the last address.
    ///
    /// # Errors
    /// [`DeviceError::NoSuchAddress`] if the region is empty or leaves its address space,
    /// [`DeviceError::TooLong`].
    pub fn end(self) -> Result<u64, DeviceError> {
        let limit = match self.space {
            AddressSpace::Memory => u64::MAX,
            AddressSpace::Ports => 0x1_0000,
        };
        let end = self
            .start
            .checked_add(self.length)
            .filter(|end| self.length > 0 && *end <= limit)
            .ok_or(DeviceError::NoSuchAddress)?;
        if self.length > LONGEST_REGION {
            return Err(DeviceError::TooLong);
        }
        Ok(end)
    }

    /// True if the two have an address in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.space == other.space
            && self.start < other.start.saturating_add(other.length)
            && other.start < self.start.saturating_add(self.length)
    }

    /// The address of a register in this region.
    ///
    /// # Errors
    /// [`DeviceError::Width`], [`DeviceError::OutOfRegion`], [`DeviceError::Misaligned`], in this
    /// order.
    pub fn register(self, offset: u64, width: Width) -> Result<u64, DeviceError> {
        if self.space == AddressSpace::Ports && width == Width::Quad {
            return Err(DeviceError::Width);
        }
        offset
            .checked_add(width.bytes())
            .filter(|end| *end <= self.length)
            .ok_or(DeviceError::OutOfRegion)?;
        // The processor takes any port for any width, and there are devices that rely on it.
        self.start
            .checked_add(offset)
            .filter(|address| {
                self.space == AddressSpace::Ports || address.is_multiple_of(width.bytes())
            })
            .ok_or(DeviceError::Misaligned)
    }
}

impl fmt::Display for DeviceRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.space {
            AddressSpace::Memory => write!(f, "memory {:#x}, {} bytes", self.start, self.length),
            AddressSpace::Ports if self.length == 1 => write!(f, "port {:#x}", self.start),
            AddressSpace::Ports => write!(
                f,
                "ports {:#x} to {:#x}",
                self.start,
                self.start.saturating_add(self.length).saturating_sub(1)
            ),
        }
    }
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

impl Width {
    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self as u64
    }
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
    /// This processor has no I/O ports.
    NoPorts,
    /// No such interrupt.
    NoSuchInterrupt,
    /// The register does not lie in the region.
    OutOfRegion,
    /// The register's address in memory is not a multiple of its width.
    Misaligned,
    /// Registers of this width cannot be had in this address space.
    Width,
    /// [`MAX_REGIONS`] are mapped, or there is no memory for the mapping.
    TooManyRegions,
    /// [`MAX_LINES`] are attached.
    TooManyInterrupts,
    /// Nobody has said what time it is.
    TimeUnknown,
    /// The clock is the host system's and cannot be set from here.
    ClockOfHost,
    /// No device answered.
    NoAnswer,
    /// The region is longer than [`LONGEST_REGION`].
    TooLong,
    /// A device that could reach memory behind the kernel's back.
    Kept,
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDevices => "this host has no devices to offer",
            Self::NotADevice => "there is memory at this address, not a device",
            Self::NoSuchAddress => "no such device address, or a length of zero",
            Self::InUse => "the system itself, or another program, uses this device",
            Self::NoPorts => "this processor has no I/O ports",
            Self::NoSuchInterrupt => "this machine has no such interrupt",
            Self::OutOfRegion => "the register does not lie in the device's region",
            Self::Misaligned => "the register's address is not a multiple of its width",
            Self::Width => "no registers of this width in this address space",
            Self::TooManyRegions => "too many device regions: unmap one first",
            Self::TooManyInterrupts => "too many attached interrupts: detach one first",
            Self::TimeUnknown => "nobody has said what time it is: set it with TIME!",
            Self::ClockOfHost => "the clock is the host system's and cannot be set here",
            Self::NoAnswer => "nothing answers at this register's address",
            Self::TooLong => "a device region has at most 2 MiB: map it in pieces",
            Self::Kept => {
                "the system keeps this device, which could reach any memory, from programs"
            }
        })
    }
}

impl core::error::Error for DeviceError {}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: DeviceRegion = DeviceRegion {
        space: AddressSpace::Memory,
        start: 0x1004,
        length: 12,
    };
    const PORTS: DeviceRegion = DeviceRegion {
        space: AddressSpace::Ports,
        start: 0x70,
        length: 2,
    };

    #[test]
    fn a_register_lies_in_its_region_on_a_multiple_of_its_width() {
        assert_eq!(MEMORY.register(0, Width::Double), Ok(0x1004));
        assert_eq!(MEMORY.register(4, Width::Quad), Ok(0x1008));
        assert_eq!(
            MEMORY.register(0, Width::Quad),
            Err(DeviceError::Misaligned)
        );
        assert_eq!(MEMORY.register(11, Width::Byte), Ok(0x100F));
        for (offset, width) in [
            (12, Width::Byte),
            (9, Width::Double),
            (u64::MAX, Width::Word),
        ] {
            assert_eq!(
                MEMORY.register(offset, width),
                Err(DeviceError::OutOfRegion)
            );
        }
    }

    #[test]
    fn ports_have_no_registers_of_64_bits_and_need_not_be_aligned() {
        assert_eq!(PORTS.register(1, Width::Byte), Ok(0x71));
        let odd = DeviceRegion {
            start: 0x1CF,
            ..PORTS
        };
        assert_eq!(odd.register(0, Width::Word), Ok(0x1CF));
        assert_eq!(odd.register(1, Width::Word), Err(DeviceError::OutOfRegion));
        assert_eq!(PORTS.register(0, Width::Quad), Err(DeviceError::Width));
    }

    #[test]
    fn regions_end_in_their_address_space() {
        let ports = |start, length| DeviceRegion {
            start,
            length,
            ..PORTS
        };
        assert_eq!(ports(0, 0x1_0000).end(), Ok(0x1_0000));
        for (start, length) in [(0, 0), (0, 0x1_0001), (0x1_0000, 1), (u64::MAX, 2)] {
            assert_eq!(ports(start, length).end(), Err(DeviceError::NoSuchAddress));
        }
        let last = DeviceRegion {
            start: u64::MAX,
            length: 1,
            ..MEMORY
        };
        assert_eq!(last.end(), Err(DeviceError::NoSuchAddress));
        let long = |length| DeviceRegion { length, ..MEMORY };
        assert!(long(LONGEST_REGION).end().is_ok());
        assert_eq!(long(LONGEST_REGION + 1).end(), Err(DeviceError::TooLong));
    }

    #[test]
    fn regions_overlap_in_one_address_space_only() {
        let other = DeviceRegion {
            start: 0x71,
            length: 1,
            ..PORTS
        };
        assert!(PORTS.overlaps(other) && other.overlaps(PORTS));
        let beside = DeviceRegion {
            start: 0x72,
            ..other
        };
        assert!(!PORTS.overlaps(beside) && !beside.overlaps(PORTS));
        let memory = DeviceRegion {
            space: AddressSpace::Memory,
            ..other
        };
        assert!(!PORTS.overlaps(memory));
    }

    #[test]
    fn regions_are_told_as_a_person_knows_them() {
        assert_eq!(MEMORY.to_string(), "memory 0x1004, 12 bytes");
        assert_eq!(PORTS.to_string(), "ports 0x70 to 0x71");
    }
}
