//! The machine as the arbiter sees it: the traits of `stele-hal`.

use stele_hal::{Console as ConsoleTrait, Cpu, Input, Time};

use crate::{arch, console::Console, per_core::PerCore, screen};

/// The core this runs on, with its console and clock.
#[derive(Debug)]
pub struct Machine {
    core: &'static PerCore,
}

impl Machine {
    /// The machine around this core; its devices are initialised.
    pub const fn new(core: &'static PerCore) -> Self {
        Self { core }
    }
}

impl ConsoleTrait for Machine {
    fn write(&mut self, bytes: &[u8]) {
        Console.write_bytes(bytes);
    }

    fn read(&mut self) -> Input {
        let byte = self.core.input.pop();
        if self.core.take_room() {
            arch::resume_input(self.core);
        }
        byte.map_or(Input::Empty, Input::Byte)
    }

    /// Asked at the start of every turn, so it is also where the screen keeps up with a program that
    /// writes and does not wait.
    fn take_interrupt(&mut self) -> bool {
        screen::show_if_due(self.now_ns());
        self.core.take_interrupt()
    }
}

impl Time for Machine {
    fn now_ns(&self) -> u64 {
        self.core.clock.nanoseconds(arch::counter())
    }
}

impl Cpu for Machine {
    fn wait_for_interrupt(&mut self) {
        screen::show();
        arch::wait_for_interrupt(|| !self.core.has_work());
    }
}
