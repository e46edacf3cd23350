//! Interrupts on purpose, for the self-check.

use core::arch::asm;

use x86_64::instructions::port::Port;

use super::{io_apic, local_apic::LocalApic};

/// The interval timer's line on the ISA bus. Nothing else uses channel 0 of the timer.
const INTERVAL_TIMER: u8 = 0;

/// An interrupt that nobody answers and [`raise_test_interrupt`] raises.
pub fn test_interrupt() -> u32 {
    io_apic::isa_interrupt(INTERVAL_TIMER)
}

/// Raises [`test_interrupt`] once, a moment from now.
pub fn raise_test_interrupt() {
    /// 100 counts of 0.84 us.
    const COUNTS: u16 = 100;
    let [low, high] = COUNTS.to_le_bytes();
    // SAFETY: port 43h: channel 0, both bytes, mode 0, binary: its output goes low, and high when the
    // count, which port 40h takes, has come to its end. Nothing else uses the channel.
    unsafe {
        Port::<u8>::new(0x43).write(0x30);
        let mut channel = Port::<u8>::new(0x40);
        channel.write(low);
        channel.write(high);
    }
}

/// Raises interrupts that nobody answers; returns how many: the local APIC's spurious one, one by an
/// instruction alone, and one that the local APIC delivers and waits to see ended.
pub fn raise_spurious_interrupts() -> u64 {
    // SAFETY: both vectors have entries that count the interrupt and come back. The second is that of
    // no interrupt, so the local APIC has nothing in service for it.
    unsafe { asm!("int 0xFF", "int 0xF1") };
    LocalApic::current().interrupt_self(0xF0);
    3
}
