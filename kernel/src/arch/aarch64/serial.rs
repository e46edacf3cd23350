//! The serial port: an Arm PL011, or an SBSA generic UART, which is the part of it used here.
//!
//! Firmware has chosen speed and framing, and a person is reading at that speed, so the line is left
//! as it is. Receiving and sending use different registers: the interrupt handler and the code it
//! interrupts need no lock between them.
//! Source: PrimeCell UART (PL011) technical reference manual (DDI 0183).
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};

use stele_bootinfo::PHYSICAL_MAP;
use stele_paging::MapError;

use super::timer;
use crate::{
    mm::address_space::{Memory, is_device},
    per_core::PerCore,
};

/// Length of the registers in bytes.
const LENGTH: u64 = 0x1000;

/// How long a port may keep a byte, as a fraction of a second: 1/20.
const PATIENCE: u64 = 20;

/// Where the registers are mapped; 0 while there is no port.
static REGISTERS: AtomicU64 = AtomicU64::new(0);

/// Register offsets in bytes; each is 32 bits wide.
mod offset {
    pub(super) const DATA: u64 = 0x00;
    pub(super) const FLAGS: u64 = 0x18;
    pub(super) const INTERRUPT_MASK: u64 = 0x38;
}

/// `FR`: bytes are still on their way out.
const BUSY: u32 = 1 << 3;
/// `FR`: the receive queue is empty.
const RECEIVE_EMPTY: u32 = 1 << 4;
/// `FR`: the transmit queue is full.
const TRANSMIT_FULL: u32 = 1 << 5;
/// `DR`: this is no byte but a break, or it came with bad framing or parity.
const DAMAGED: u32 = 0b111 << 8;
/// `IMSC`: bytes have arrived, or have waited for some time.
const RECEIVE: u32 = 1 << 4 | 1 << 6;

/// The port in use.
#[derive(Clone, Copy)]
struct Port(u64);

impl Port {
    fn current() -> Option<Self> {
        match REGISTERS.load(Ordering::Acquire) {
            0 => None,
            registers => Some(Self(registers)),
        }
    }

    fn read(self, offset: u64) -> u32 {
        // SAFETY: the firmware names a serial port at this address, and it is mapped as device memory.
        unsafe { ptr::read_volatile(ptr::with_exposed_provenance((self.0 + offset) as usize)) }
    }

    fn write(self, offset: u64, value: u32) {
        // SAFETY: as for `read`; no write done here makes the device touch memory.
        unsafe {
            ptr::write_volatile(
                ptr::with_exposed_provenance_mut((self.0 + offset) as usize),
                value,
            );
        }
    }
}

/// Uses the port at physical address `address` if the loader has mapped it already.
pub(super) fn use_if_mapped(address: u64) {
    let Some(registers) = PHYSICAL_MAP.checked_add(address) else {
        return;
    };
    if is_device(registers, LENGTH) {
        use_port(registers);
    }
}

/// Maps the port at physical address `address` and uses it.
///
/// # Errors
/// As [`Memory::map_device`].
pub(super) fn map(memory: &mut Memory, address: u64) -> Result<(), MapError> {
    use_port(memory.map_device(address, LENGTH)?.expose_provenance() as u64);
    Ok(())
}

/// Uses the port whose registers are mapped at `registers`, silent until [`listen`].
fn use_port(registers: u64) {
    Port(registers).write(offset::INTERRUPT_MASK, 0);
    REGISTERS.store(registers, Ordering::Release);
}

/// Sends `bytes` as they are. A port that takes nothing for 50 ms swallows the rest of them.
pub fn write_serial(bytes: &[u8]) {
    let Some(port) = Port::current() else { return };
    let patience = timer::frequency() / PATIENCE;
    for byte in bytes {
        let start = timer::counter();
        while port.read(offset::FLAGS) & TRANSMIT_FULL != 0 {
            if timer::counter().wrapping_sub(start) > patience {
                return;
            }
            core::hint::spin_loop();
        }
        port.write(offset::DATA, u32::from(*byte));
    }
}

/// Waits until the last byte has left, 50 ms at most.
pub fn drain_serial() {
    let Some(port) = Port::current() else { return };
    let patience = timer::frequency() / PATIENCE;
    let start = timer::counter();
    while port.read(offset::FLAGS) & BUSY != 0 && timer::counter().wrapping_sub(start) <= patience {
        core::hint::spin_loop();
    }
}

/// Has a second port take the kernel's lines: there is none. The firmware's tables name one port; a
/// second is described in AML alone, and looking for it where it might be could stop the machine.
///
/// # Errors
/// Always.
pub fn open_log() -> Result<(), &'static str> {
    Err("no table that is read here names a second serial port on arm64")
}

/// Sends bytes to the second port, which is never open.
pub fn write_log(_bytes: &[u8]) {}

/// Lets received bytes raise the port's interrupt.
pub(super) fn listen() {
    if let Some(port) = Port::current() {
        port.write(offset::INTERRUPT_MASK, RECEIVE);
    }
}

/// Answers the port's interrupt: hands every byte that has arrived to `core`, until it has no room.
/// Then the rest stays in the device, and the device is silent until [`listen`].
///
/// Emptying the receive queue is what lowers the interrupt. It is not cleared by hand: bytes that stay
/// behind must raise it again as soon as the port listens.
pub(super) fn receive(core: &PerCore) {
    let Some(port) = Port::current() else { return };
    while port.read(offset::FLAGS) & RECEIVE_EMPTY == 0 {
        let data = port.read(offset::DATA);
        if data & DAMAGED == 0 && !core.receive(data as u8) {
            port.write(offset::INTERRUPT_MASK, 0);
            return;
        }
    }
}

/// Lets the port go on after the queue was full.
pub fn resume_input(_core: &PerCore) {
    listen();
}
