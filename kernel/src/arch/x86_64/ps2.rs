//! The PS/2 keyboard, behind the keyboard controller of the PC (Intel 8042 and what took its place).
//!
//! The controller translates the keyboard's scan codes to set 1. A machine without the controller, or
//! without a keyboard at it, is told by waits that end.

use core::hint;

use spin::Mutex;
use x86_64::instructions::port::Port;

use super::{counter, current_core, io_apic};
use crate::{console::note, interrupts::register, keyboard::Keys, per_core::PerCore};

/// The keyboard's interrupt line on the ISA bus.
const ISA_INTERRUPT: u8 = 1;

const DATA: u16 = 0x60;
/// Reading gives the status, writing commands the controller.
const CONTROL: u16 = 0x64;

/// Status: a byte waits in the data port.
const OUTPUT_FULL: u8 = 1 << 0;
/// Status: the controller has not taken what was written yet.
const INPUT_FULL: u8 = 1 << 1;
/// Status: the byte that waits is the mouse's.
const FROM_MOUSE: u8 = 1 << 5;
/// What a bus without the device reads as.
const NOBODY: u8 = 0xFF;

/// Commands to the controller.
mod command {
    pub(super) const READ_CONFIGURATION: u8 = 0x20;
    pub(super) const WRITE_CONFIGURATION: u8 = 0x60;
    pub(super) const DISABLE_MOUSE: u8 = 0xA7;
    pub(super) const TEST_CONTROLLER: u8 = 0xAA;
    pub(super) const TEST_KEYBOARD_PORT: u8 = 0xAB;
    pub(super) const DISABLE_KEYBOARD: u8 = 0xAD;
    pub(super) const ENABLE_KEYBOARD: u8 = 0xAE;
}

/// Configuration: bytes of the keyboard raise its interrupt.
const KEYBOARD_INTERRUPT: u8 = 1 << 0;
/// Configuration: bytes of the mouse raise its interrupt.
const MOUSE_INTERRUPT: u8 = 1 << 1;
/// Configuration: the keyboard is switched off.
const KEYBOARD_OFF: u8 = 1 << 4;
/// Configuration: the mouse is switched off.
const MOUSE_OFF: u8 = 1 << 5;
/// Configuration: scan codes are translated to set 1.
const TRANSLATION: u8 = 1 << 6;

/// What a controller that works answers to its test.
const CONTROLLER_WORKS: u8 = 0x55;
/// What the test of the keyboard's port answers if nothing is wrong.
const PORT_WORKS: u8 = 0x00;

/// Commands to the keyboard: usual rate of repetition and nothing held, then send what is typed.
const DEFAULTS: u8 = 0xF6;
const SEND: u8 = 0xF4;
/// The keyboard has taken a command.
const TAKEN: u8 = 0xFA;

/// How long the controller or the keyboard may take for an answer, in nanoseconds.
const PATIENCE: u64 = 50_000_000;

/// Most bytes that can wait in controller and keyboard.
const MOST_WAITING: usize = 64;

/// What the keyboard remembers. A static because the handler gets no arguments, and its alone.
static KEYS: Mutex<Keys> = Mutex::new(Keys::new());

/// What keeps the keyboard from being used.
#[derive(Clone, Copy, Debug)]
enum Missing {
    /// Nothing answers at the controller's ports.
    Controller,
    /// The controller is there and does not do what it should.
    Defective(&'static str),
    /// Nothing answers at the keyboard's end.
    Keyboard,
}

/// Starts the keyboard, if there is one; if not, says so. Interrupts are off.
pub(super) fn init(core: &PerCore) {
    match (Controller { core }).start() {
        Ok(()) => {}
        Err(Missing::Controller) => note(core, format_args!("no PS/2 keyboard controller")),
        Err(Missing::Keyboard) => note(core, format_args!("no PS/2 keyboard")),
        Err(Missing::Defective(what)) => note(
            core,
            format_args!("the PS/2 keyboard cannot be used: {what}"),
        ),
    }
}

/// The keyboard controller, spoken to before it raises interrupts.
struct Controller<'core> {
    core: &'core PerCore,
}

impl Controller<'_> {
    fn start(&self) -> Result<(), Missing> {
        if status() == NOBODY {
            return Err(Missing::Controller);
        }
        self.command(command::DISABLE_KEYBOARD)?;
        self.command(command::DISABLE_MOUSE)?;
        drop_waiting();
        self.command(command::READ_CONFIGURATION)?;
        let found = self.answer().ok_or(Missing::Controller)?;
        let quiet = found & !(KEYBOARD_INTERRUPT | MOUSE_INTERRUPT) | TRANSLATION;
        self.configure(quiet)?;
        self.command(command::TEST_CONTROLLER)?;
        if self.answer() != Some(CONTROLLER_WORKS) {
            return Err(Missing::Defective("its controller fails its own test"));
        }
        // The test resets some controllers.
        self.configure(quiet)?;
        self.command(command::TEST_KEYBOARD_PORT)?;
        if self.answer() != Some(PORT_WORKS) {
            return Err(Missing::Defective("its controller finds the line faulty"));
        }
        self.command(command::ENABLE_KEYBOARD)?;
        for order in [DEFAULTS, SEND] {
            self.tell_keyboard(order)?;
        }
        register(self.core, io_apic::isa_interrupt(ISA_INTERRUPT), on_key)
            .map_err(|_| Missing::Defective("its interrupt cannot be had"))?;
        self.configure(quiet & !KEYBOARD_OFF | MOUSE_OFF | KEYBOARD_INTERRUPT)
    }

    fn configure(&self, configuration: u8) -> Result<(), Missing> {
        self.command(command::WRITE_CONFIGURATION)?;
        self.write(DATA, configuration)
    }

    fn command(&self, command: u8) -> Result<(), Missing> {
        self.write(CONTROL, command)
    }

    /// Has the keyboard take an order; what it says before is what was typed, and dropped.
    fn tell_keyboard(&self, order: u8) -> Result<(), Missing> {
        self.write(DATA, order)?;
        for _ in 0..MOST_WAITING {
            match self.answer() {
                Some(TAKEN) => return Ok(()),
                Some(_) => {}
                None => break,
            }
        }
        Err(Missing::Keyboard)
    }

    fn write(&self, port: u16, byte: u8) -> Result<(), Missing> {
        if !self.wait(|| status() & INPUT_FULL == 0) {
            return Err(Missing::Controller);
        }
        // SAFETY: the controller is ready to take it; of what is written here, nothing makes it reset
        // the machine or touch memory.
        unsafe { Port::new(port).write(byte) };
        Ok(())
    }

    /// The next byte, if one comes.
    fn answer(&self) -> Option<u8> {
        self.wait(|| status() & OUTPUT_FULL != 0).then(read)
    }

    /// Waits until `done`; false if it takes too long.
    fn wait(&self, done: impl Fn() -> bool) -> bool {
        let now = || self.core.clock.nanoseconds(counter());
        let start = now();
        while !done() {
            if now() - start > PATIENCE {
                return false;
            }
            hint::spin_loop();
        }
        true
    }
}

fn status() -> u8 {
    // SAFETY: reading the status has no effect.
    unsafe { Port::new(CONTROL).read() }
}

/// Takes a byte, which may be none.
fn read() -> u8 {
    // SAFETY: reading takes the byte, if one waits, and nothing else.
    unsafe { Port::new(DATA).read() }
}

/// Drops what was typed before anybody could read it.
fn drop_waiting() {
    for _ in 0..MOST_WAITING {
        if status() & OUTPUT_FULL == 0 {
            return;
        }
        read();
    }
}

/// Interrupt: takes what was typed.
fn on_key(_number: u32) {
    let (Some(core), Some(mut keys)) = (current_core(), KEYS.try_lock()) else {
        return;
    };
    for _ in 0..MOST_WAITING {
        let status = status();
        if status & OUTPUT_FULL == 0 {
            return;
        }
        let byte = read();
        if status & FROM_MOUSE == 0 {
            core.press(keys.scan_code(byte).as_slice());
        }
    }
}
