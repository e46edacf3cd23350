//! What is said when the kernel cannot go on.
//!
//! The report goes to the serial port, byte by byte, and to the screen, from any context: it waits for
//! no lock, allocates nothing and touches no memory without having looked whether it is mapped.

use core::{fmt, panic::PanicInfo, ptr, sync::atomic::Ordering};

use crate::{
    arch::{self, Registers},
    console::Console,
    exit,
    mm::address_space::{is_readable, physical_bytes},
    per_core::PerCore,
    screen,
    symbols::Symbols,
};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let registers = arch::capture_registers();
    match info.location() {
        Some(place) => stop(format_args!("{}\nat {place}", info.message()), &registers),
        None => stop(format_args!("{}", info.message()), &registers),
    }
}

/// Reports `cause` and stops for good.
pub fn stop(cause: fmt::Arguments<'_>, registers: &Registers) -> ! {
    arch::disable_interrupts();
    // SAFETY: this core does not go back to what it did, and no other core runs.
    unsafe { screen::seize() };
    let mut console = Console;
    let core = arch::current_core();
    console.line(format_args!("\n*** KERNEL PANIC ***\n{cause}"));
    if core.is_none_or(PerCore::begin_panic) {
        if let Some(core) = core {
            let microseconds = core.clock.nanoseconds(arch::counter()) / 1000;
            console.line(format_args!(
                "{microseconds} us after entry, after: {}",
                core.stage()
            ));
        }
        console.line(format_args!("registers:\n{registers}"));
        print_backtrace(&mut console, core, registers);
    } else {
        console.line(format_args!("(while an earlier panic was being reported)"));
    }
    console.line(format_args!("System halted."));
    if core.is_some_and(|core| core.qemu_exit.load(Ordering::Relaxed)) {
        arch::exit_emulator(exit::PANIC);
    }
    arch::halt()
}

fn print_backtrace(console: &mut Console, core: Option<&PerCore>, registers: &Registers) {
    let file = core.and_then(|core| {
        let address = core.kernel_file.load(Ordering::Relaxed);
        let length = core.kernel_file_length.load(Ordering::Relaxed);
        // SAFETY: the loader put the file into memory of its own, and nobody writes to it.
        unsafe { physical_bytes(address, length) }
    });
    let symbols = file.and_then(Symbols::new);
    console.line(format_args!("backtrace:"));
    print_call(console, symbols.as_ref(), registers.instruction_pointer());
    let mut repeated = 0;
    let mut last = 0;
    for address in (Frames {
        next: registers.frame_pointer(),
    }) {
        // A function that called itself is one line, however often it did.
        if address == last {
            repeated += 1;
            continue;
        }
        print_repetition(console, repeated);
        repeated = 0;
        last = address;
        print_call(console, symbols.as_ref(), address);
    }
    print_repetition(console, repeated);
}

fn print_call(console: &mut Console, symbols: Option<&Symbols<'_>>, address: u64) {
    // A return address is that of the next instruction, which may be another function's first.
    let call = address.saturating_sub(1);
    match symbols.and_then(|symbols| symbols.find(call)) {
        Some((name, offset)) => {
            let name = rustc_demangle::demangle(name);
            console.line(format_args!("  {address:#018x} {name:#}+{:#x}", offset + 1));
        }
        None => console.line(format_args!("  {address:#018x}")),
    }
}

fn print_repetition(console: &mut Console, repeated: u64) {
    if repeated > 0 {
        console.line(format_args!("    ({repeated} more times)"));
    }
}

/// The return addresses on the stack, innermost first, as the chain of frame pointers has them.
struct Frames {
    next: u64,
}

impl Iterator for Frames {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        // A frame is the caller's frame pointer and, above it, the return address; the outermost
        // function's return address is zero.
        if !self.next.is_multiple_of(8) || !is_readable(self.next, 16) {
            return None;
        }
        let words = ptr::with_exposed_provenance::<[u64; 2]>(self.next as usize);
        // SAFETY: both words are mapped and aligned; whatever they hold are numbers.
        let [caller, return_address] = unsafe { words.read_volatile() };
        // The stack grows down, so callers' frames lie above; anything else is no chain.
        self.next = if caller > self.next { caller } else { 0 };
        (return_address != 0).then_some(return_address)
    }
}
