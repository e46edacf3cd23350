//! The processor: the thread that the system runs on.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::thread::sched_getcpu;
use stele_hal::{Cpu, Time};

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
        // A time too long for Linux is as good as no limit.
        let limit = self
            .until_next_timer()
            .and_then(|wait| Timespec::try_from(wait).ok());
        let stdin = io::stdin();
        let mut events = vec![PollFd::new(self.signals.wake(), PollFlags::IN)];
        // Who waits for a file does not look at what is typed meanwhile.
        if let Some(file) = self.files.take_awaited() {
            events.push(file);
        } else if !self.input.is_closed() {
            events.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
        }
        // An error is at most an interruption by a signal: the caller looks again in any case.
        let _ = poll(&mut events, limit.as_ref());
        self.signals.clear_wake();
        self.run_timers();
    }

    fn wait_until(&mut self, due_ns: u64) {
        self.output.flush();
        let wait = Duration::from_nanos(due_ns.saturating_sub(self.now_ns()));
        let wait = self
            .until_next_timer()
            .map_or(wait, |timer| timer.min(wait));
        let limit = Timespec::try_from(wait).ok();
        let mut events = [PollFd::new(self.signals.wake(), PollFlags::IN)];
        // An error is at most an interruption by a signal: the caller looks again in any case.
        let _ = poll(&mut events, limit.as_ref());
        self.signals.clear_wake();
        self.run_timers();
    }

    fn panic(&mut self, cause: fmt::Arguments<'_>) -> ! {
        self.output.finish();
        if let Some(terminal) = &self.terminal {
            terminal.leave();
        }
        failure::stop(cause)
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use stele_hal::Cpu;

    use super::super::tests::machine;

    /// Set in the process that is to panic.
    const INNER: &str = "STELE_TEST_CPU_PANIC";

    #[test]
    fn there_is_one_processor_and_it_has_a_number() {
        let mut machine = machine();
        assert_eq!(machine.count(), 1);
        assert_ne!(machine.id(), u32::MAX);
        machine.relax();
    }

    #[test]
    fn a_panic_says_why_and_ends_the_process_as_failed() {
        if env::var_os(INNER).is_some() {
            machine().panic(format_args!("the test wants it"));
        }
        let output = Command::new(env::current_exe().expect("it has a name"))
            .args([
                "--exact",
                "machine::cpu::tests::a_panic_says_why_and_ends_the_process_as_failed",
                "--nocapture",
            ])
            .env(INNER, "yes")
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "*** KERNEL PANIC ***\nthe test wants it\nSystem halted.\n"
        );
    }
}
