//! The controllers of device interrupts, the I/O APICs (Intel 82093AA data sheet).
//!
//! A machine has one or more; each serves a run of global interrupt numbers, as the firmware's table
//! says. All of them are found and masked before the first interrupt is connected.

use core::ptr;

use spin::Mutex;
use stele_bootinfo::PHYSICAL_MAP;
use stele_hal::InterruptError;

use crate::{
    acpi::{Madt, MadtEntry, Polarity, Trigger},
    mm::address_space::Memory,
};

/// Where it is on a machine whose firmware does not say.
const USUAL_ADDRESS: u64 = 0xFEC0_0000;

/// I/O APICs that can be used; each serves 24 interrupts or more.
const MAX_CONTROLLERS: usize = 16;

/// Interrupts of the ISA bus. Their numbers are global numbers too, unless the firmware overrides.
const ISA_INTERRUPTS: u8 = 16;

const SELECT: u64 = 0x00;
const WINDOW: u64 = 0x10;
const VERSION: u32 = 0x01;
const FIRST_ENTRY: u32 = 0x10;

const MASKED: u32 = 1 << 16;
const LEVEL: u32 = 1 << 15;
const ACTIVE_LOW: u32 = 1 << 13;

/// The machine's controllers. A static because handlers hold interrupts back. The lock is taken with
/// interrupts off alone, so it is never waited for, and nobody selects another register in between.
static CONTROLLERS: Mutex<Controllers> = Mutex::new(Controllers {
    list: [None; MAX_CONTROLLERS],
    isa: [None; ISA_INTERRUPTS as usize],
});

#[derive(Debug)]
struct Controllers {
    list: [Option<IoApic>; MAX_CONTROLLERS],
    /// What the firmware says about an ISA interrupt, where it is not as on the bus.
    isa: [Option<Route>; ISA_INTERRUPTS as usize],
}

/// One I/O APIC.
#[derive(Clone, Copy, Debug)]
struct IoApic {
    base: u64,
    /// The first global interrupt number it serves.
    first: u32,
    /// How many it serves.
    count: u32,
}

/// How an interrupt arrives.
#[derive(Clone, Copy, Debug)]
struct Route {
    /// Its global interrupt number.
    global: u32,
    /// Trigger and polarity, as in a redirection entry.
    flags: u32,
}

/// Finds all controllers and masks all their interrupts. Without a table there is one at the usual
/// address, and the interval timer is its third input. Returns how many were found.
pub(super) fn init(madt: Option<Madt<'_>>, memory: &mut Memory) -> usize {
    let mut controllers = CONTROLLERS.lock();
    let usual = madt.is_none().then_some((USUAL_ADDRESS, 0));
    let mut found = 0;
    let entries = || madt.into_iter().flat_map(Madt::entries);
    let stated = entries().filter_map(|entry| match entry {
        MadtEntry::IoApic { address, first } => Some((u64::from(address), first)),
        _ => None,
    });
    for ((base, first), slot) in stated.chain(usual).zip(&mut controllers.list) {
        *slot = IoApic::take(base, first, memory);
        found += usize::from(slot.is_some());
    }
    if madt.is_none() {
        // As every default configuration of the MultiProcessor specification 1.4 (chapter 5) has it.
        controllers.isa[0] = Some(Route {
            global: 2,
            flags: 0,
        });
    }
    for entry in entries() {
        if let MadtEntry::Override {
            isa,
            global,
            polarity,
            trigger,
        } = entry
            && let Some(route) = controllers.isa.get_mut(usize::from(isa))
        {
            let low = u32::from(polarity == Polarity::Low) * ACTIVE_LOW;
            let level = u32::from(trigger == Trigger::Level) * LEVEL;
            *route = Some(Route {
                global,
                flags: low | level,
            });
        }
    }
    found
}

/// The global number of ISA interrupt `isa`.
pub(super) fn isa_interrupt(isa: u8) -> u32 {
    let controllers = CONTROLLERS.lock();
    let overridden = controllers.isa.get(usize::from(isa)).copied().flatten();
    overridden.map_or(u32::from(isa), |route| route.global)
}

/// Has interrupt `number` delivered as `vector` to the local APIC `target`.
///
/// # Errors
/// [`InterruptError::NoSuchInterrupt`].
pub(super) fn connect(number: u32, vector: u8, target: u32) -> Result<(), InterruptError> {
    let controllers = CONTROLLERS.lock();
    let (controller, entry) = controllers
        .serving(number)
        .ok_or(InterruptError::NoSuchInterrupt(number))?;
    // Only the low byte of the target exists here; a core beyond it would need interrupt remapping.
    controller.write(entry + 1, target << 24);
    controller.write(entry, controllers.flags(number) | u32::from(vector));
    Ok(())
}

/// Holds interrupt `number` back, or lets it come.
pub(super) fn set_masked(number: u32, masked: bool) {
    if let Some((controller, entry)) = CONTROLLERS.lock().serving(number) {
        let state = controller.read(entry) & !MASKED;
        controller.write(entry, state | (u32::from(masked) * MASKED));
    }
}

impl Controllers {
    /// Who serves interrupt `number`, and the register with its redirection entry.
    fn serving(&self, number: u32) -> Option<(IoApic, u32)> {
        self.list.iter().flatten().find_map(|controller| {
            let input = number.checked_sub(controller.first)?;
            (input < controller.count).then(|| (*controller, FIRST_ENTRY + 2 * input))
        })
    }

    /// Trigger and polarity of interrupt `number`: as the firmware says; otherwise as on the ISA bus
    /// (edge, high) for its interrupts, and as on PCI (level, low) for all others.
    fn flags(&self, number: u32) -> u32 {
        let mut stated = self.isa.iter().flatten();
        match stated.find(|route| route.global == number) {
            Some(route) => route.flags,
            None if number < u32::from(ISA_INTERRUPTS) => 0,
            None => LEVEL | ACTIVE_LOW,
        }
    }
}

impl IoApic {
    /// The one whose registers are at `base`, with all its interrupts masked; nothing if there is no
    /// device or no memory for its mapping.
    fn take(base: u64, first: u32, memory: &mut Memory) -> Option<Self> {
        memory.map_device(base, 4096).ok()?;
        let mut controller = Self {
            base,
            first,
            count: 0,
        };
        let version = controller.read(VERSION);
        if version == u32::MAX || version & 0xFF == 0 {
            return None;
        }
        controller.count = ((version >> 16) & 0xFF) + 1;
        for input in 0..controller.count {
            controller.write(FIRST_ENTRY + 2 * input, MASKED);
        }
        Some(controller)
    }

    fn read(&self, register: u32) -> u32 {
        // SAFETY: `take` mapped the registers; selecting one and reading it has no effect.
        unsafe {
            self.address(SELECT).write_volatile(register);
            self.address(WINDOW).read_volatile()
        }
    }

    fn write(&self, register: u32, value: u32) {
        // SAFETY: `take` mapped the registers, and the functions above write only redirection
        // entries, whose vectors have entries in the vector table.
        unsafe {
            self.address(SELECT).write_volatile(register);
            self.address(WINDOW).write_volatile(value);
        }
    }

    fn address(&self, offset: u64) -> *mut u32 {
        ptr::with_exposed_provenance_mut((PHYSICAL_MAP + self.base + offset) as usize)
    }
}
