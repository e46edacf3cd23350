//! Devices as an instance has them: names for mapped regions and attached interrupts, and the way to
//! them through the one door. Those of open files, in [`crate::files`], are kept with them.
//!
//! A name is a number from a counter of the world and is never used again. What it stands for is
//! kept in [`Bindings`], which belongs to whoever runs the world and is not part of it: in a loaded
//! world every name from before is unbound, until a program asks for the device anew. Each use
//! asks for the capability as well, so that revoking one takes effect at once.

use crate::Trap;
use crate::capabilities::Capability;
use crate::machine::Machine;
use core::fmt;
use stele_hal::{
    DeviceRegion, Devices, Files, Line, MAX_FILES, MAX_LINES, MAX_REGIONS, Mapping, Outside,
    Report, Width,
};

/// The first name that is not a root capability's.
pub(crate) const FIRST_NAME: u64 = Capability::ALL.len() as u64 + 1;

/// No world has given out so many names, and counting on from less takes longer than any world lives.
pub(crate) const NAMES_LIMIT: u64 = 1 << 48;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A mapped region.
    Region(DeviceRegion),
    /// An attached interrupt, by its number.
    Interrupt(u32),
}

/// What the names of a world's devices and open files stand for.
pub struct Bindings {
    /// By [`Mapping`].
    regions: [Option<(u64, DeviceRegion)>; MAX_REGIONS],
    /// By [`Line`].
    lines: [Option<(u64, u32)>; MAX_LINES],
    /// Names of open files, by [`stele_hal::OpenFile`].
    pub(crate) files: [Option<u64>; MAX_FILES],
}

impl Bindings {
    /// Nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            regions: [None; MAX_REGIONS],
            lines: [None; MAX_LINES],
            files: [None; MAX_FILES],
        }
    }

    /// Gives everything back: the world ends here, or another takes its place.
    pub fn release(&mut self, outside: &mut (impl Devices + Files + ?Sized)) {
        self.unmap_all(outside);
        self.detach_all(outside);
        self.close_all(outside);
    }

    pub(crate) fn unmap_all(&mut self, devices: &mut (impl Devices + ?Sized)) {
        for (place, region) in self.regions.iter_mut().enumerate() {
            if region.take().is_some() {
                devices.unmap_region(Mapping(place));
            }
        }
    }

    pub(crate) fn detach_all(&mut self, devices: &mut (impl Devices + ?Sized)) {
        for (place, line) in self.lines.iter_mut().enumerate() {
            if line.take().is_some() {
                devices.detach(Line(place));
            }
        }
    }

    fn mapping(&self, name: u64) -> Result<Mapping, Trap> {
        let of_name = |region: &Option<(u64, _)>| region.is_some_and(|(own, _)| own == name);
        let place = self.regions.iter().position(of_name);
        place.map(Mapping).ok_or(Trap::UNBOUND_DEVICE)
    }

    fn line(&self, name: u64) -> Result<Line, Trap> {
        let of_name = |line: &Option<(u64, _)>| line.is_some_and(|(own, _)| own == name);
        let place = self.lines.iter().position(of_name);
        place.map(Line).ok_or(Trap::UNBOUND_INTERRUPT)
    }

    /// The lowest name above `name` that is bound.
    fn next(&self, name: u64) -> Option<u64> {
        let regions = self.regions.iter().flatten().map(|(own, _)| *own);
        let lines = self.lines.iter().flatten().map(|(own, _)| *own);
        regions.chain(lines).filter(|own| *own > name).min()
    }

    fn bound(&self, name: u64) -> Option<Bound> {
        if let Ok(Mapping(place)) = self.mapping(name) {
            return self.regions[place].map(|(_, region)| Bound::Region(region));
        }
        let Line(place) = self.line(name).ok()?;
        self.lines[place].map(|(_, number)| Bound::Interrupt(number))
    }
}

impl Default for Bindings {
    fn default() -> Self {
        Self::new()
    }
}

/// Where an instance reaches what is outside it.
pub struct Door<'m> {
    /// The outside.
    pub outside: &'m mut dyn Outside,
    /// What the names of its devices stand for.
    pub bindings: &'m mut Bindings,
}

impl Machine<'_, '_> {
    /// Maps registers; returns their name. Needs [`Capability::Mmio`], as everything about registers.
    ///
    /// # Errors
    /// [`Capability::missing`], or what [`Devices::map_region`] refuses.
    pub fn map_device(&mut self, region: DeviceRegion) -> Result<u64, Trap> {
        self.require(Capability::Mmio)?;
        region.end()?;
        let Mapping(place) = self.outside.map_region(region)?;
        let name = self.new_name();
        let entry = self.bindings.regions.get_mut(place);
        *entry.ok_or(Trap::TOO_MANY_REGIONS)? = Some((name, region));
        Ok(name)
    }

    /// Gives a mapped region back.
    ///
    /// # Errors
    /// [`Capability::missing`], [`Trap::UNBOUND_DEVICE`].
    pub fn unmap_device(&mut self, name: u64) -> Result<(), Trap> {
        let mapping = self.mapping(name)?;
        self.outside.unmap_region(mapping);
        self.bindings.regions[mapping.0] = None;
        Ok(())
    }

    /// Reads a register of a mapped region.
    ///
    /// # Errors
    /// [`Capability::missing`], [`Trap::UNBOUND_DEVICE`], or what [`Devices::read_register`] refuses.
    pub fn read_register(&mut self, name: u64, offset: u64, width: Width) -> Result<u64, Trap> {
        let mapping = self.mapping(name)?;
        Ok(self.outside.read_register(mapping, offset, width)?)
    }

    /// Writes a register of a mapped region.
    ///
    /// # Errors
    /// As [`read_register`](Self::read_register).
    pub fn write_register(
        &mut self,
        name: u64,
        offset: u64,
        width: Width,
        value: u64,
    ) -> Result<(), Trap> {
        let mapping = self.mapping(name)?;
        Ok(self.outside.write_register(mapping, offset, width, value)?)
    }

    /// Attaches to an interrupt; returns its name. Needs [`Capability::Irq`], as everything about
    /// interrupts.
    ///
    /// # Errors
    /// [`Capability::missing`], or what [`Devices::attach`] refuses.
    pub fn attach_interrupt(&mut self, number: u32) -> Result<u64, Trap> {
        self.require(Capability::Irq)?;
        let Line(place) = self.outside.attach(number)?;
        let name = self.new_name();
        let entry = self.bindings.lines.get_mut(place);
        *entry.ok_or(Trap::TOO_MANY_INTERRUPTS)? = Some((name, number));
        Ok(name)
    }

    /// Detaches from an interrupt.
    ///
    /// # Errors
    /// [`Capability::missing`], [`Trap::UNBOUND_INTERRUPT`].
    pub fn detach_interrupt(&mut self, name: u64) -> Result<(), Trap> {
        let line = self.line(name)?;
        self.outside.detach(line);
        self.bindings.lines[line.0] = None;
        Ok(())
    }

    /// How often an attached interrupt has come since it was acknowledged.
    ///
    /// # Errors
    /// [`Capability::missing`], [`Trap::UNBOUND_INTERRUPT`].
    pub fn pending_interrupts(&mut self, name: u64) -> Result<u64, Trap> {
        let line = self.line(name)?;
        Ok(self.outside.pending(line))
    }

    /// Lets an attached interrupt come again.
    ///
    /// # Errors
    /// [`Capability::missing`], [`Trap::UNBOUND_INTERRUPT`].
    pub fn acknowledge_interrupt(&mut self, name: u64) -> Result<(), Trap> {
        let line = self.line(name)?;
        self.outside.acknowledge(line);
        Ok(())
    }

    /// Nanoseconds since the host was entered; free for everybody.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        self.outside.now_ns()
    }

    /// Nanoseconds since 1970; free for everybody.
    ///
    /// # Errors
    /// [`Trap::TIME_UNKNOWN`].
    pub fn wall_clock_ns(&mut self) -> Result<u64, Trap> {
        Ok(self.outside.wall_clock_ns()?)
    }

    /// Sets the clock on the wall. Needs [`Capability::TimeAdmin`].
    ///
    /// # Errors
    /// [`Capability::missing`], [`Trap::CLOCK_OF_HOST`].
    pub fn set_wall_clock_ns(&mut self, now: u64) -> Result<(), Trap> {
        self.require(Capability::TimeAdmin)?;
        Ok(self.outside.set_wall_clock_ns(now)?)
    }

    /// Writes one line of what the machine tells about itself; false if there is none of this number.
    /// Needs [`Capability::Mmio`].
    ///
    /// # Errors
    /// [`Capability::missing`].
    pub fn report(
        &mut self,
        report: Report,
        number: u64,
        out: &mut dyn fmt::Write,
    ) -> Result<bool, Trap> {
        self.require(Capability::Mmio)?;
        Ok(self.outside.report(report, number, out))
    }

    /// The lowest name above `name` that a device or an interrupt has.
    #[must_use]
    pub fn next_bound(&self, name: u64) -> Option<u64> {
        self.bindings.next(name)
    }

    /// What a device's or an interrupt's name stands for.
    #[must_use]
    pub fn bound(&self, name: u64) -> Option<Bound> {
        self.bindings.bound(name)
    }

    fn mapping(&self, name: u64) -> Result<Mapping, Trap> {
        self.require(Capability::Mmio)?;
        self.bindings.mapping(name)
    }

    fn line(&self, name: u64) -> Result<Line, Trap> {
        self.require(Capability::Irq)?;
        self.bindings.line(name)
    }

    pub(crate) fn new_name(&mut self) -> u64 {
        let names = &mut self.system_mut().names;
        let name = *names;
        *names += 1;
        name
    }
}
