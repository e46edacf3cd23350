//! The controllers of device interrupts, the I/O APICs (Intel 82093AA data sheet).
//!
//! A machine has one or more. All of them are found and masked before the first interrupt is
//! connected; `interrupt_routes` knows which serves what.

use core::ptr;

use spin::Mutex;
use stele_bootinfo::PHYSICAL_MAP;
use stele_hal::InterruptError;

use crate::{
    acpi::Madt,
    interrupt_routes::{Route, Routes},
    mm::address_space::Memory,
};

const SELECT: u64 = 0x00;
const WINDOW: u64 = 0x10;
const VERSION: u32 = 0x01;
const FIRST_ENTRY: u32 = 0x10;

const MASKED: u32 = 1 << 16;
const LEVEL: u32 = 1 << 15;
const ACTIVE_LOW: u32 = 1 << 13;

/// The machine's controllers. A static because handlers hold interrupts back. The lock is taken with
/// interrupts off alone, so it is never waited for, and nobody selects another register in between.
static ROUTES: Mutex<Routes> = Mutex::new(Routes::new());

/// Finds all controllers and masks all their interrupts. Without a table there is one at the usual
/// address.
pub(super) fn init(madt: Option<Madt<'_>>, memory: &mut Memory) {
    let mut routes = ROUTES.lock();
    match madt {
        Some(madt) => madt
            .entries()
            .for_each(|entry| routes.learn(entry, |address| take(address, memory))),
        None => routes.assume_the_usual(|address| take(address, memory)),
    }
}

/// The global number of ISA interrupt `isa`.
pub(super) fn isa_interrupt(isa: u8) -> u32 {
    ROUTES.lock().isa_interrupt(isa)
}

/// Has interrupt `number` delivered as `vector` to the local APIC `target`.
///
/// # Errors
/// [`InterruptError::NoSuchInterrupt`].
pub(super) fn connect(number: u32, vector: u8, target: u32) -> Result<(), InterruptError> {
    let routes = ROUTES.lock();
    let route = routes
        .of(number)
        .ok_or(InterruptError::NoSuchInterrupt(number))?;
    let Route {
        active_low, level, ..
    } = route;
    let flags = (u32::from(active_low) * ACTIVE_LOW) | (u32::from(level) * LEVEL);
    let (controller, entry) = entry(route);
    // Only the low byte of the target exists here; a core beyond it would need interrupt remapping.
    controller.write(entry + 1, target << 24);
    controller.write(entry, flags | u32::from(vector));
    Ok(())
}

/// Holds interrupt `number` back, or lets it come.
pub(super) fn set_masked(number: u32, masked: bool) {
    let routes = ROUTES.lock();
    if let Some((controller, entry)) = routes.of(number).map(entry) {
        let state = controller.read(entry) & !MASKED;
        controller.write(entry, state | (u32::from(masked) * MASKED));
    }
}

/// The controller of a route, and the register with the redirection entry.
fn entry(route: Route) -> (IoApic, u32) {
    (
        IoApic(route.controller.address),
        FIRST_ENTRY + 2 * route.input,
    )
}

/// Maps the controller whose registers are at `address` and masks all its interrupts; how many they
/// are, or nothing if there is no device or no memory for its mapping.
fn take(address: u64, memory: &mut Memory) -> Option<u32> {
    // Damaged tables say anything; the registers lie 16 bytes apart.
    if !address.is_multiple_of(16) {
        return None;
    }
    memory.map_device(address, 4096).ok()?;
    let controller = IoApic(address);
    let version = controller.read(VERSION);
    if version == u32::MAX || version & 0xFF == 0 {
        return None;
    }
    let count = ((version >> 16) & 0xFF) + 1;
    for input in 0..count {
        controller.write(FIRST_ENTRY + 2 * input, MASKED);
    }
    Some(count)
}

/// One I/O APIC, by the physical address of its registers, which [`take`] has mapped.
#[derive(Clone, Copy)]
struct IoApic(u64);

impl IoApic {
    fn read(self, register: u32) -> u32 {
        // SAFETY: `take` mapped the registers; selecting one and reading it has no effect.
        unsafe {
            self.address(SELECT).write_volatile(register);
            self.address(WINDOW).read_volatile()
        }
    }

    fn write(self, register: u32, value: u32) {
        // SAFETY: `take` mapped the registers, and the functions above write only redirection
        // entries, whose vectors have entries in the vector table.
        unsafe {
            self.address(SELECT).write_volatile(register);
            self.address(WINDOW).write_volatile(value);
        }
    }

    fn address(self, offset: u64) -> *mut u32 {
        ptr::with_exposed_provenance_mut((PHYSICAL_MAP + self.0 + offset) as usize)
    }
}
