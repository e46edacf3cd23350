//! The trait of devices, on the machine.

use core::{fmt, sync::atomic::Ordering};

use stele_bootinfo::{BootInfo, Framebuffer, PHYSICAL_MAP, Region};
use stele_hal::{
    AddressSpace, DeviceError, DeviceRegion, Devices, InterruptError, Line, MAX_REGIONS, Mapping,
    Report, Time, Width,
};
use stele_paging::MapError;

use super::{
    inventory::{self, Item, Refusal},
    reports::{self, OneLine},
    rules,
};
use crate::{
    arch,
    interrupts::{mask, register, unmask, unregister},
    machine::Machine,
    mm::{address_space::DirectMap, frames::FRAME_SIZE, heap},
};

/// What the kernel knows of devices for programs.
#[derive(Debug)]
pub struct DeviceTable {
    memory_map: &'static [Region],
    rsdp: u64,
    framebuffer: Framebuffer,
    /// By [`Mapping`].
    regions: [Option<DeviceRegion>; MAX_REGIONS],
    /// What the wall clock showed when the monotonic clock stood at zero, modulo 2^64.
    midnight: Option<u64>,
}

impl DeviceTable {
    /// Nothing is mapped yet.
    pub fn new(info: &BootInfo, memory_map: &'static [Region]) -> Self {
        Self {
            memory_map,
            rsdp: info.rsdp,
            framebuffer: info.framebuffer,
            regions: [None; MAX_REGIONS],
            // The loader looked at the clock a moment before the kernel's own started.
            midnight: Some(info.unix_ns).filter(|time| *time != 0),
        }
    }

    fn for_each_kept(&self, see: &mut dyn FnMut(Item) -> bool) {
        inventory::for_each(&DirectMap, self.rsdp, &self.framebuffer, arch::FIXED, see);
    }

    /// Refuses what is no device, or one that the system keeps.
    fn refuse(&self, region: DeviceRegion) -> Result<(), DeviceError> {
        let end = region.end()?;
        match region.space {
            AddressSpace::Ports if !arch::HAS_PORTS => return Err(DeviceError::NoPorts),
            AddressSpace::Memory if end > arch::physical_address_limit() => {
                return Err(DeviceError::NoSuchAddress);
            }
            AddressSpace::Ports | AddressSpace::Memory => {}
        }
        rules::refuse_memory(region, self.memory_map)?;
        let mut refusal = None;
        self.for_each_kept(&mut |item| {
            if item.region.overlaps(region) {
                refusal = Some(item.refusal);
            }
            refusal.is_none()
        });
        refusal.map_or(Ok(()), |refusal| Err(refusal.error()))
    }

    /// Where a register of a mapped region is.
    fn register(
        &self,
        mapping: Mapping,
        offset: u64,
        width: Width,
    ) -> Result<(AddressSpace, u64), DeviceError> {
        let region = self.regions.get(mapping.0).copied().flatten();
        let region = region.ok_or(DeviceError::NoDevices)?;
        let address = region.register(offset, width)?;
        Ok(match region.space {
            AddressSpace::Memory => (region.space, PHYSICAL_MAP + address),
            AddressSpace::Ports => (region.space, address),
        })
    }
}

impl Devices for Machine {
    fn map_region(&mut self, region: DeviceRegion) -> Result<Mapping, DeviceError> {
        self.devices.refuse(region)?;
        let free = self.devices.regions.iter().position(Option::is_none);
        let place = free.ok_or(DeviceError::TooManyRegions)?;
        if region.space == AddressSpace::Memory {
            if self.memory.drives(region.start, region.length) {
                return Err(DeviceError::InUse);
            }
            self.memory
                .map_device_for_program(region.start, region.length)
                .map_err(|error| match error {
                    MapError::AlreadyMapped(_) => DeviceError::NotADevice,
                    MapError::OutOfRange(_) => DeviceError::NoSuchAddress,
                    MapError::Misaligned(_)
                    | MapError::NotMapped(_)
                    | MapError::PartOfLargePage(_)
                    | MapError::OutOfTables => DeviceError::TooManyRegions,
                })?;
        }
        self.devices.regions[place] = Some(region);
        Ok(Mapping(place))
    }

    /// The pages stay mapped: to nobody but the kernel, which does not use them.
    fn unmap_region(&mut self, mapping: Mapping) {
        if let Some(region) = self.devices.regions.get_mut(mapping.0) {
            *region = None;
        }
    }

    fn read_register(
        &mut self,
        mapping: Mapping,
        offset: u64,
        width: Width,
    ) -> Result<u64, DeviceError> {
        let (space, address) = self.devices.register(mapping, offset, width)?;
        // SAFETY: the region was mapped as a device's, and still is; the register lies in it.
        unsafe { arch::read_register(space, address, width) }.ok_or(DeviceError::NoAnswer)
    }

    fn write_register(
        &mut self,
        mapping: Mapping,
        offset: u64,
        width: Width,
        value: u64,
    ) -> Result<(), DeviceError> {
        let (space, address) = self.devices.register(mapping, offset, width)?;
        // SAFETY: as for reading; the region is none of the kernel's memory, nor of a device that
        // the kernel drives. What else a device may do is its holder's concern: see this folder's
        // first page.
        let answered = unsafe { arch::write_register(space, address, width, value) };
        if answered {
            Ok(())
        } else {
            Err(DeviceError::NoAnswer)
        }
    }

    fn attach(&mut self, number: u32) -> Result<Line, DeviceError> {
        if !arch::is_device_interrupt(number) {
            return Err(DeviceError::NoSuchInterrupt);
        }
        let attached = &self.core.attached;
        let line = attached.take(number)?;
        if let Err(error) = register(self.core, number, on_interrupt) {
            attached.release(line);
            return Err(match error {
                InterruptError::Taken(_) => DeviceError::InUse,
                InterruptError::TooMany(_) => DeviceError::TooManyInterrupts,
                InterruptError::NoSuchInterrupt(_) | InterruptError::NotRegistered(_) => {
                    DeviceError::NoSuchInterrupt
                }
            });
        }
        Ok(line)
    }

    fn detach(&mut self, line: Line) {
        if let Some(number) = self.core.attached.number(line) {
            // It is registered as long as the line is taken, so this cannot be refused.
            let _ = unregister(self.core, number);
            self.core.attached.release(line);
        }
    }

    fn pending(&mut self, line: Line) -> u64 {
        self.core.attached.pending(line)
    }

    fn acknowledge(&mut self, line: Line) {
        if let Some(number) = self.core.attached.number(line) {
            self.core.attached.forget(line);
            // As for `detach`.
            let _ = unmask(self.core, number);
        }
    }

    fn wall_clock_ns(&mut self) -> Result<u64, DeviceError> {
        let midnight = self.devices.midnight.ok_or(DeviceError::TimeUnknown)?;
        Ok(midnight.wrapping_add(self.now_ns()))
    }

    fn set_wall_clock_ns(&mut self, now: u64) -> Result<(), DeviceError> {
        self.devices.midnight = Some(now.wrapping_sub(self.now_ns()));
        Ok(())
    }

    fn report(&mut self, report: Report, number: u64, out: &mut dyn fmt::Write) -> bool {
        let mut lines = OneLine::new(number, out);
        let devices = &self.devices;
        match report {
            Report::Devices => reports::devices(
                &DirectMap,
                devices.rsdp,
                |see| {
                    devices.for_each_kept(see);
                    self.for_each_unlisted(see);
                },
                &mut lines,
            ),
            Report::MemoryMap => reports::memory_map(devices.memory_map, &mut lines),
            Report::Cpus => {
                reports::processors(&DirectMap, devices.rsdp, arch::core_id(), &mut lines);
            }
            Report::Machine => self.statistics(&mut lines),
        }
        lines.found()
    }
}

impl Machine {
    /// What the kernel drives without any table's naming it, such as what it has found on PCI.
    fn for_each_unlisted(&self, see: &mut dyn FnMut(Item) -> bool) {
        for (start, end) in self.memory.driven() {
            let region = DeviceRegion {
                space: AddressSpace::Memory,
                start,
                length: end - start,
            };
            let mut listed = false;
            self.devices.for_each_kept(&mut |item| {
                listed = item.region.overlaps(region);
                !listed
            });
            let item = Item {
                region,
                name: "device",
                refusal: Refusal::Driven,
            };
            if !listed && !see(item) {
                return;
            }
        }
    }

    fn statistics(&self, lines: &mut OneLine<'_>) {
        let core = self.core;
        let [ticks, interrupts, spurious] = [&core.ticks, &core.interrupts, &core.spurious]
            .map(|count| count.load(Ordering::Relaxed));
        let frames = self.memory.frames.statistics();
        let heap = heap::statistics();
        let kib = |frames: u64| frames * FRAME_SIZE / 1024;
        let _ = lines.line(format_args!("up: {} ms", self.now_ns() / 1_000_000))
            && lines.line(format_args!(
                "interrupts: {interrupts}, {ticks} of them ticks; {spurious} spurious"
            ))
            && lines.line(format_args!(
                "turns: {}, {} of them to the end of their quantum",
                core.turns.given.load(Ordering::Relaxed),
                core.turns.preempted.load(Ordering::Relaxed)
            ))
            && lines.line(format_args!(
                "memory: {} KiB, {} KiB free, {} KiB in one piece",
                kib(frames.usable),
                kib(frames.free),
                kib(frames.longest)
            ))
            && lines.line(format_args!(
                "kernel heap: {} KiB, {} KiB free",
                heap.size / 1024,
                heap.free / 1024
            ));
    }
}

/// Answers an attached interrupt: counts it, holds it back, wakes whoever waits.
fn on_interrupt(number: u32) {
    let Some(core) = arch::current_core() else {
        return;
    };
    core.attached.came(number);
    // It is registered, or it would not have come here.
    let _ = mask(core, number);
    core.wake();
}
