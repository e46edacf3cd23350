//! The console.

use stele_hal::{Console as ConsoleTrait, Input, Time};

use super::Machine;
use crate::{
    arch,
    console::Console,
    context::{Act, assert_allowed},
    screen,
};

impl ConsoleTrait for Machine {
    fn write(&mut self, bytes: &[u8]) {
        Console.write_bytes(bytes);
    }

    fn read(&mut self) -> Input {
        assert_allowed(Act::ReadConsole);
        let byte = self.core.input.pop();
        if self.core.take_room() {
            arch::resume_input(self.core);
        }
        byte.map_or(Input::Empty, Input::Byte)
    }

    fn has_input(&mut self) -> bool {
        !self.core.input.is_empty()
    }

    /// Asked at the start of every turn, so it is also where the screen keeps up with a program that
    /// writes and does not wait.
    fn take_interrupt(&mut self) -> bool {
        screen::show_if_due(self.now_ns());
        self.core.take_interrupt()
    }
}
