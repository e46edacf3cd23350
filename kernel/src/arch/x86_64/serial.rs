//! The first serial port: a 16550 at I/O port 3F8h.
//!
//! The `uart_16550` crate sets it up. Sending and receiving read and write single registers without
//! any state, because they happen in interrupt handlers and in the panic path as well.

use core::hint;

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
const LINE_STATUS: u16 = BASE + 5;

/// Bytes the transmitter takes at once when it is empty.
const FIFO: usize = 16;

/// How often the transmitter is asked whether it is empty, before its bytes are given up: over a
/// second at an I/O port's pace, while sending a full buffer takes 1.4 ms.
const PATIENCE: usize = 1 << 20;

/// 115200 baud, 8 data bits, no parity, 1 stop bit, buffers on. Without the device nothing happens.
pub(super) fn init() {
    let config = Config {
        baud_rate: BaudRate::Baud115200,
        // An interrupt for every byte: a person waits for the echo.
        fifo_trigger_level: Some(FifoTriggerLevel::One),
        ..Config::DEFAULT
    };
    // SAFETY: the port numbers are the PC's first serial port, which nothing else uses.
    if let Ok(mut port) = unsafe { Uart16550::new_port(BASE) } {
        // A missing device is not an error: the machine is then silent.
        let _ = port.init(config);
    }
}

fn status() -> LSR {
    // SAFETY: reading the line status has no effect but clearing its error bits, which are not used.
    let bits = unsafe { Port::<u8>::new(LINE_STATUS).read() };
    // Without a device the bus reads as all ones.
    if bits == 0xFF {
        LSR::empty()
    } else {
        LSR::from_bits_retain(bits)
    }
}

/// Sends bytes as they are.
pub fn write(bytes: &[u8]) {
    for chunk in bytes.chunks(FIFO) {
        let mut asked = 0;
        while !status().contains(LSR::THR_EMPTY) {
            asked += 1;
            if asked > PATIENCE {
                return;
            }
            hint::spin_loop();
        }
        for byte in chunk {
            // SAFETY: the transmitter is empty, so it takes as many bytes as its buffer has.
            unsafe { Port::new(BASE).write(*byte) };
        }
    }
}

/// Waits until the last byte has left.
pub fn drain() {
    let _ = (0..PATIENCE).find(|_| {
        hint::spin_loop();
        let status = status();
        // Without a device there is nothing to wait for.
        status.is_empty() || status.contains(LSR::TRANSMITTER_EMPTY)
    });
}

/// Interrupt: takes what has arrived, and masks itself when the queue is full.
pub(super) fn receive(core: &PerCore) {
    while status().contains(LSR::DATA_READY) {
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
