//! The console.

use stele_hal::{Console as ConsoleTrait, Input};

use super::Machine;
use crate::{arch, console::Console};

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

    fn has_input(&mut self) -> bool {
        !self.core.input.is_empty()
    }

    fn take_interrupt(&mut self) -> bool {
        self.core.take_interrupt()
    }
}
