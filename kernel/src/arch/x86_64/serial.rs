//! The serial ports: 16550s at I/O ports 3F8h, where a person sits, and 2F8h, which is asked for if
//! the kernel's own lines are to be kept apart.
//!
//! The `uart_16550` crate sets it up. Sending and receiving read and write single registers without
//! any state, because they happen in interrupt handlers and in the panic path as well.

use core::{
    hint,
    sync::atomic::{AtomicBool, Ordering},
};

use uart_16550::{
    BaudRate, Config, Uart16550,
    spec::registers::{FifoTriggerLevel, IER, LSR},
};
use x86_64::instructions::port::Port;

use crate::per_core::PerCore;

/// The interrupt line of the first serial port on the ISA bus.
pub(super) const ISA_INTERRUPT: u8 = 4;

const BASE: u16 = 0x3F8;
const INTERRUPT_ENABLE: u16 = BASE + 1;
/// The second port.
const LOG: u16 = 0x2F8;
/// From a port's first register to its line status.
const LINE_STATUS: u16 = 5;

/// Bytes the transmitter takes at once when it is empty.
const FIFO: usize = 16;

/// How often the transmitter is asked whether it is empty, before its bytes are given up: over a
/// second at an I/O port's pace, while sending a full buffer takes 1.4 ms.
const PATIENCE: usize = 1 << 20;

/// Whether the second port takes the kernel's lines. A static because the panic path asks.
static LOGS: AtomicBool = AtomicBool::new(false);

/// Sets the first port up. A missing device is not an error: the machine is then silent.
pub(super) fn init() {
    set_up(BASE);
}

/// Has the second port take the kernel's lines.
///
/// # Errors
/// There is no such port.
pub fn open_log() -> Result<(), &'static str> {
    if !set_up(LOG) {
        return Err("there is no second serial port at I/O port 2F8h");
    }
    LOGS.store(true, Ordering::Relaxed);
    Ok(())
}

/// Sends bytes to the second port, if that is open.
pub fn write_log(bytes: &[u8]) {
    if LOGS.load(Ordering::Relaxed) {
        send(LOG, bytes);
    }
}

/// 115200 baud, 8 data bits, no parity, 1 stop bit, buffers on; false if there is no device.
fn set_up(base: u16) -> bool {
    let config = Config {
        baud_rate: BaudRate::Baud115200,
        // An interrupt for every byte: a person waits for the echo.
        fifo_trigger_level: Some(FifoTriggerLevel::One),
        ..Config::DEFAULT
    };
    // SAFETY: the port numbers are those of the PC's serial ports, which nothing else uses.
    let port = unsafe { Uart16550::new_port(base) };
    port.is_ok_and(|mut port| port.init(config).is_ok())
}

/// A port's line status; nothing if there is no device, and the bus reads as all ones.
fn status(base: u16) -> Option<LSR> {
    // SAFETY: reading the line status has no effect but clearing its error bits, which are not used.
    let bits = unsafe { Port::<u8>::new(base + LINE_STATUS).read() };
    (bits != 0xFF).then_some(LSR::from_bits_retain(bits))
}

/// Sends bytes as they are.
pub fn write(bytes: &[u8]) {
    send(BASE, bytes);
}

fn send(base: u16, bytes: &[u8]) {
    for chunk in bytes.chunks(FIFO) {
        let mut asked = 0;
        loop {
            match status(base) {
                Some(status) if status.contains(LSR::THR_EMPTY) => break,
                Some(_) if asked < PATIENCE => asked += 1,
                _ => return,
            }
            hint::spin_loop();
        }
        for byte in chunk {
            // SAFETY: the transmitter is empty, so it takes as many bytes as its buffer has.
            unsafe { Port::new(base).write(*byte) };
        }
    }
}

/// Waits until the last byte has left.
pub fn drain() {
    let _ = (0..PATIENCE).find(|_| {
        hint::spin_loop();
        status(BASE).is_none_or(|status| status.contains(LSR::TRANSMITTER_EMPTY))
    });
}

/// Interrupt: takes what has arrived, and masks itself when the queue is full.
pub(super) fn receive(core: &PerCore) {
    while status(BASE).is_some_and(|status| status.contains(LSR::DATA_READY)) {
        // SAFETY: a byte is waiting; reading it takes it.
        let byte = unsafe { Port::new(BASE).read() };
        if !core.receive(byte) {
            set_interrupts(IER::empty());
            return;
        }
    }
}

/// Receives by interrupt from now on.
pub(super) fn enable_interrupt() {
    set_interrupts(IER::DATA_READY);
}

/// Goes on after the queue was full. Bytes that wait in the device raise the interrupt at once.
pub fn resume(_core: &PerCore) {
    set_interrupts(IER::DATA_READY);
}

fn set_interrupts(interrupts: IER) {
    // SAFETY: the divisor latch is closed since `init`, so this port is the interrupt enable
    // register, and the only interrupt ever enabled has a handler.
    unsafe { Port::new(INTERRUPT_ENABLE).write(interrupts.bits()) };
}
