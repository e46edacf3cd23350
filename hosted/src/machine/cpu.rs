//! The processor: the thread that the system runs on.

use std::fmt;
use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::thread::sched_getcpu;
use stele_hal::Cpu;

use super::LinuxMachine;
use crate::failure;

impl Cpu for LinuxMachine {
    fn id(&self) -> u32 {
        u32::try_from(sched_getcpu()).unwrap_or(u32::MAX)
    }

    fn count(&self) -> u32 {
        1
    }

    fn wait_for_interrupt(&mut self) {
        self.output.flush();
        let stdin = io::stdin();
        let mut events = vec![PollFd::new(self.signals.wake(), PollFlags::IN)];
        if !self.input.is_closed() {
            events.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
        }
        // An error is at most an interruption by a signal: the caller looks again in any case.
        let _ = poll(&mut events, None);
        self.signals.clear_wake();
    }

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        self.output.finish();
        if let Some(terminal) = &self.terminal {
            terminal.leave();
        }
        failure::stop(cause)
    }
}
