//! A host with nobody at it.

use crate::{Console, Devices, Files, Input, Time};

/// What is outside where nothing is: output vanishes, nothing is ever typed, no time passes, there
/// are no devices and no files.
///
/// For making an instance before there is a machine to run it on, and for running one alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Console for Nobody {
    fn write(&mut self, _: &[u8]) {}

    fn read(&mut self) -> Input {
        Input::Empty
    }

    fn has_input(&mut self) -> bool {
        false
    }

    fn take_interrupt(&mut self) -> bool {
        false
    }
}

impl Time for Nobody {
    fn now_ns(&self) -> u64 {
        0
    }
}

impl Devices for Nobody {}

impl Files for Nobody {}
