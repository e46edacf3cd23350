//! What is said when the kernel cannot go on.
//!
//! The report goes to the serial port, byte by byte, and to the screen, from any context: it waits for
//! no lock, allocates nothing and touches no memory without having looked whether it is mapped. A
//! panic inside the report is told in one line, and ends it.
//!
//! Stele starts one core, the one that boots, so stopping that one stops everything.

use core::{fmt, panic::PanicInfo, ptr, sync::atomic::Ordering};

use stele_arbiter::Arbiter;

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
    report(cause, registers, true)
}

/// As [`stop`], where `cause` says already which VM it was and where.
pub fn stop_for_program(cause: fmt::Arguments<'_>, registers: &Registers) -> ! {
    report(cause, registers, false)
}

fn report(cause: fmt::Arguments<'_>, registers: &Registers, with_instance: bool) -> ! {
    arch::disable_interrupts();
    let mut console = Console;
    let core = arch::current_core();
    let is_first = core.is_none_or(PerCore::begin_panic);
    if is_first {
        // SAFETY: this core does not go back to what it did, and no other core runs.
        unsafe { screen::seize() };
    }
    // A panic in the screen's own code, while it reports the first, leaves the screen locked: what
    // follows then goes to the serial port alone, and does not panic there again.
    console.line(format_args!("\n*** KERNEL PANIC ***\n{cause}"));
    if is_first {
        if let Some(core) = core {
            let microseconds = core.clock.nanoseconds(arch::counter()) / 1000;
            let stage = core.stage();
            console.line(format_args!(
                "stage: {stage} ({microseconds} us after entry)"
            ));
        }
        console.line(format_args!("registers:\n{registers}"));
        print_backtrace(&mut console, core, registers);
        // Last, because it reads what may have been half written when the panic struck.
        if with_instance {
            print_instance(&mut console, core);
        }
    } else {
        console.line(format_args!("(while an earlier panic was being reported)"));
    }
    console.line(format_args!("System halted."));
    if core.is_some_and(|core| core.qemu_exit.load(Ordering::Relaxed)) {
        arch::exit_emulator(exit::PANIC);
    }
    arch::halt()
}

/// Lets the panic path find the arbiter from now on, to tell what its VM was doing.
pub fn watch(
    core: &PerCore,
    arbiter: &'static mut Arbiter<'static>,
) -> &'static mut Arbiter<'static> {
    let place = ptr::from_mut(arbiter);
    core.arbiter.store(place.cast(), Ordering::Release);
    // SAFETY: made from the reference just above, which is not used any more. The panic path makes
    // another from the same pointer, and then nothing that holds this one ever runs again. The compiler
    // may have kept back what was last stored through this one, so that path takes what it reads for
    // possibly old: see `stele_vm::whereabouts`.
    unsafe { &mut *place }
}

fn print_instance(console: &mut Console, core: Option<&PerCore>) {
    let arbiter = core.map_or(ptr::null_mut(), |core| {
        core.arbiter
            .load(Ordering::Acquire)
            .cast::<Arbiter<'static>>()
    });
    // SAFETY: null, or what `watch` put there, which lives for ever; and nothing else on this core runs
    // again, so it has no other user. What is asked does not rely on its being at rest: see
    // `stele_vm::whereabouts`.
    let whereabouts = unsafe { arbiter.as_mut() }.and_then(Arbiter::whereabouts);
    match whereabouts {
        Some(whereabouts) => console.line(format_args!("{whereabouts}")),
        None => console.line(format_args!("No VM was running; there was none yet.")),
    }
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
        stack_changes: STACK_CHANGES,
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
    /// How often the chain may still lead to lower addresses.
    stack_changes: u8,
}

/// An interrupt is answered on a stack of its own, and an exception in there on another.
const STACK_CHANGES: u8 = 2;

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
        // A stack grows down, so callers' frames lie above. An interrupted function's lie elsewhere;
        // a chain that leads down more often is none, and might be a circle.
        self.next = if caller > self.next {
            caller
        } else if let Some(left) = self.stack_changes.checked_sub(1) {
            self.stack_changes = left;
            caller
        } else {
            0
        };
        (return_address != 0).then_some(return_address)
    }
}
