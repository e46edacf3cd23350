//! What one core knows: the context that interrupt handlers and the panic path reach.
//!
//! Handlers get no arguments, so they find this block through a register of their core
//! (`arch::current_core`); all of it is therefore atomic. Everything else in the kernel is
//! passed by reference.

use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

use spin::Mutex;
use stele_hal::TimerQueue;

use crate::{
    devices::attached::Attached,
    input::{CAPACITY, InputQueue},
    interrupts::{Entry, Handlers},
    stage::Stage,
    time::Clock,
    turns::{Stuck, Turns},
};

/// The byte that asks to interrupt what is running: Ctrl-C.
const INTERRUPT: u8 = 0x03;

/// One core's context.
#[derive(Debug)]
pub struct PerCore {
    /// Time since entry.
    pub clock: Clock,
    /// Bytes received and not yet read.
    pub input: InputQueue,
    /// Ticks so far.
    pub ticks: AtomicU64,
    /// When the next tick is due, in nanoseconds since entry.
    pub next_tick: AtomicU64,
    /// The timers that run. The lock is taken with interrupts off alone, so it is never waited for.
    pub timers: Mutex<TimerQueue>,
    /// Counts per second of the hardware timer, where it has a rate of its own.
    pub timer_frequency: AtomicU64,
    /// The arbiter's turns.
    pub turns: Turns,
    /// Who answers which interrupt.
    pub handlers: Handlers,
    /// The interrupts that programs are attached to.
    pub attached: Attached,
    /// Interrupts answered.
    pub interrupts: AtomicU64,
    /// Interrupts that no device raised, or that nobody answers.
    pub spurious: AtomicU64,
    /// The command line says `self-test`: say at the end what was counted.
    pub self_test: AtomicBool,
    /// The command line says `qemu-exit`: end the emulator instead of halting.
    pub qemu_exit: AtomicBool,
    /// Physical address of the kernel's ELF file, for symbol names; 0 if there is none.
    pub kernel_file: AtomicU64,
    /// Its length in bytes.
    pub kernel_file_length: AtomicU64,
    /// How many interrupts are being answered, one inside the other.
    interrupt_depth: AtomicU32,
    interrupt_requested: AtomicBool,
    /// Something came since the core last slept.
    woken: AtomicBool,
    /// The device holds bytes back because the queue was full.
    input_held: AtomicBool,
    panicking: AtomicBool,
    stage: AtomicU8,
    /// The arbiter; for the panic path alone, which knows its type.
    pub arbiter: AtomicPtr<()>,
}

impl PerCore {
    /// A core that has just been entered.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "made once per core, in a static"
    )]
    pub const fn new() -> Self {
        Self {
            clock: Clock::new(),
            input: InputQueue::new(),
            ticks: AtomicU64::new(0),
            next_tick: AtomicU64::new(0),
            timers: Mutex::new(TimerQueue::new()),
            timer_frequency: AtomicU64::new(0),
            turns: Turns::new(),
            handlers: Handlers::new(),
            attached: Attached::new(),
            interrupts: AtomicU64::new(0),
            spurious: AtomicU64::new(0),
            self_test: AtomicBool::new(false),
            qemu_exit: AtomicBool::new(false),
            kernel_file: AtomicU64::new(0),
            kernel_file_length: AtomicU64::new(0),
            interrupt_depth: AtomicU32::new(0),
            interrupt_requested: AtomicBool::new(false),
            woken: AtomicBool::new(false),
            input_held: AtomicBool::new(false),
            panicking: AtomicBool::new(false),
            stage: AtomicU8::new(Stage::Booting as u8),
            arbiter: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// The tick: counts.
    ///
    /// # Errors
    /// A turn does not end.
    pub fn tick(&self) -> Result<(), Stuck> {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        self.turns.tick()
    }

    /// An interrupt arrived: calls whoever answers it, and counts. One that nobody answers is
    /// spurious.
    pub fn interrupt(&self, entry: Option<Entry>) {
        self.interrupt_depth.fetch_add(1, Ordering::Relaxed);
        match entry {
            Some(Entry { number, handler }) => {
                self.interrupts.fetch_add(1, Ordering::Relaxed);
                handler(number);
            }
            None => self.note_spurious(),
        }
        self.interrupt_depth.fetch_sub(1, Ordering::Relaxed);
    }

    /// An interrupt arrived that nobody raised.
    pub fn note_spurious(&self) {
        self.spurious.fetch_add(1, Ordering::Relaxed);
    }

    /// True while an interrupt is being answered.
    pub fn in_interrupt(&self) -> bool {
        self.interrupt_depth.load(Ordering::Relaxed) > 0
    }

    /// A byte arrived. Ctrl-C becomes an interrupt request and drops what was typed ahead; any other
    /// byte is queued. False if the queue has no room for the next byte: the handler then leaves
    /// further bytes in the device and masks it until `arch::resume_input`. No byte is ever lost
    /// that way; the price is that a Ctrl-C behind a full queue waits until the queue is read.
    pub fn receive(&self, byte: u8) -> bool {
        if byte == INTERRUPT {
            self.input.clear();
            self.interrupt_requested.store(true, Ordering::Release);
        } else {
            self.input.push(byte);
        }
        self.wake();
        let full = self.input.is_full();
        if full {
            self.input_held.store(true, Ordering::Release);
        }
        !full
    }

    /// A key was pressed that a terminal would send as `bytes`. A keyboard cannot hold anything back,
    /// so a key for which there is no room is lost, and none is cut.
    pub fn press(&self, bytes: &[u8]) {
        if bytes == [INTERRUPT] || self.input.len() + bytes.len() < CAPACITY {
            for byte in bytes {
                self.receive(*byte);
            }
        }
    }

    /// True once after the queue was full and half of it has been read: the device may go on.
    pub fn take_room(&self) -> bool {
        self.input_held.load(Ordering::Acquire)
            && self.input.len() <= CAPACITY / 2
            && self.input_held.swap(false, Ordering::AcqRel)
    }

    /// True once for each interrupt request since the last call.
    pub fn take_interrupt(&self) -> bool {
        self.interrupt_requested.swap(false, Ordering::Acquire)
    }

    /// Something came that an instance may wait for. In any context.
    pub fn wake(&self) {
        self.woken.store(true, Ordering::Release);
    }

    /// True if something came since [`stay_awake`](Self::stay_awake): there is something to do other
    /// than sleep.
    pub fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }

    /// The core is awake and will look at all that may have come, so it need not be woken for that.
    pub fn stay_awake(&self) {
        self.woken.store(false, Ordering::Release);
    }

    /// Notes how far the boot has come.
    pub fn reach(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    /// How far the boot has come.
    pub fn stage(&self) -> Stage {
        Stage::from_number(self.stage.load(Ordering::Relaxed))
    }

    /// True for the first caller only: a panic inside the panic path must not start again.
    pub fn begin_panic(&self) -> bool {
        !self.panicking.swap(true, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_c_is_a_request_and_drops_what_was_typed_ahead() {
        let core = PerCore::new();
        assert!(core.receive(b'a'));
        assert!(core.receive(INTERRUPT));
        assert!(core.receive(b'b'));
        assert!(core.take_interrupt());
        assert!(!core.take_interrupt());
        assert_eq!(core.input.pop(), Some(b'b'));
        assert_eq!(core.input.pop(), None);
    }

    #[test]
    fn what_came_while_the_core_was_awake_keeps_it_from_sleeping_once() {
        let core = PerCore::new();
        assert!(!core.is_woken());
        core.receive(b'a');
        assert!(core.is_woken());
        core.stay_awake();
        assert!(
            !core.is_woken(),
            "a byte that nobody reads wakes nobody again"
        );
        core.wake();
        assert!(core.is_woken());
    }

    #[test]
    fn a_key_that_does_not_fit_is_lost_as_a_whole() {
        let core = PerCore::new();
        for _ in 2..CAPACITY {
            core.press(b"x");
        }
        core.press(b"\x1B[A");
        core.press(b"y");
        core.press(b"z");
        assert_eq!(core.input.len(), CAPACITY - 1);
        assert!(!core.take_room());
        core.press(&[INTERRUPT]);
        assert!(core.take_interrupt() && core.input.is_empty());
    }

    #[test]
    fn a_full_queue_holds_the_device_until_half_is_read() {
        let core = PerCore::new();
        for _ in 1..CAPACITY {
            assert!(core.receive(b'x'));
        }
        assert!(!core.receive(b'x'));
        assert!(!core.take_room());
        for _ in 0..CAPACITY / 2 {
            assert_eq!(core.input.pop(), Some(b'x'));
        }
        assert!(core.take_room());
        assert!(!core.take_room());
    }
}
