//! The controller of device interrupts, the I/O APIC (Intel 82093AA data sheet).

use core::ptr;

use stele_bootinfo::PHYSICAL_MAP;

use crate::{
    acpi::{Madt, MadtEntry, Polarity, Trigger},
    mm::address_space::Memory,
};

/// Where it is on a machine whose firmware does not say.
const USUAL_ADDRESS: u64 = 0xFEC0_0000;

const SELECT: u64 = 0x00;
const WINDOW: u64 = 0x10;
const VERSION: u32 = 0x01;
const FIRST_ENTRY: u32 = 0x10;

const MASKED: u32 = 1 << 16;
const LEVEL: u32 = 1 << 15;
const ACTIVE_LOW: u32 = 1 << 13;

/// One I/O APIC.
#[derive(Debug)]
pub(super) struct IoApic {
    base: u64,
    /// The first global interrupt number it serves.
    first: u32,
}

/// How an ISA interrupt arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    /// Its global interrupt number.
    pub(super) global: u32,
    flags: u32,
}

impl Route {
    /// Of ISA interrupt `isa`: as it is on the ISA bus, unless the firmware's table says otherwise.
    pub(super) fn of(isa: u8, madt: Option<Madt<'_>>) -> Self {
        let usual = Self {
            global: u32::from(isa),
            flags: 0,
        };
        let exception = |entry| match entry {
            MadtEntry::Override {
                isa: source,
                global,
                polarity,
                trigger,
            } if source == isa => {
                let low = if polarity == Polarity::Low {
                    ACTIVE_LOW
                } else {
                    0
                };
                let level = if trigger == Trigger::Level { LEVEL } else { 0 };
                Some(Self {
                    global,
                    flags: low | level,
                })
            }
            _ => None,
        };
        madt.and_then(|madt| madt.entries().find_map(exception))
            .unwrap_or(usual)
    }
}

impl IoApic {
    /// The one that serves `global`, with all its interrupts masked. Without a table it is the one at
    /// the usual address.
    pub(super) fn serving(
        global: u32,
        madt: Option<Madt<'_>>,
        memory: &mut Memory,
    ) -> Option<Self> {
        let stated = madt
            .into_iter()
            .flat_map(Madt::entries)
            .filter_map(|entry| match entry {
                MadtEntry::IoApic { address, first } => Some((u64::from(address), first)),
                _ => None,
            });
        let usual = madt.is_none().then_some((USUAL_ADDRESS, 0));
        for (base, first) in stated.chain(usual) {
            memory.map_device(base, 4096).ok()?;
            let controller = Self { base, first };
            let Some(inputs) = controller.inputs() else {
                continue;
            };
            for input in 0..inputs {
                controller.write(FIRST_ENTRY + 2 * input, MASKED);
            }
            if (first..first + inputs).contains(&global) {
                return Some(controller);
            }
        }
        None
    }

    /// Has the interrupt delivered as `vector` to the local APIC `target`.
    pub(super) fn route(&self, route: Route, vector: u8, target: u32) {
        let entry = FIRST_ENTRY + 2 * (route.global - self.first);
        self.write(entry + 1, target << 24);
        self.write(entry, route.flags | u32::from(vector));
    }

    /// Number of interrupts it serves; nothing if there is no device.
    fn inputs(&self) -> Option<u32> {
        let version = self.read(VERSION);
        (version != u32::MAX && version & 0xFF != 0).then_some(((version >> 16) & 0xFF) + 1)
    }

    fn read(&self, register: u32) -> u32 {
        // SAFETY: `serving` mapped the registers; selecting one and reading it has no effect.
        unsafe {
            self.address(SELECT).write_volatile(register);
            self.address(WINDOW).read_volatile()
        }
    }

    fn write(&self, register: u32, value: u32) {
        // SAFETY: `serving` mapped the registers, and the methods above write only redirection
        // entries, whose vectors have handlers. Interrupts are off, so nobody selects in between.
        unsafe {
            self.address(SELECT).write_volatile(register);
            self.address(WINDOW).write_volatile(value);
        }
    }

    fn address(&self, offset: u64) -> *mut u32 {
        ptr::with_exposed_provenance_mut((PHYSICAL_MAP + self.base + offset) as usize)
    }
}
