//! The boot, stage by stage, from the loader's handover to the arbiter.

use core::{ptr, sync::atomic::Ordering};

use stele_bootinfo::{BootInfo, Bytes, Region};

use crate::{
    acpi, arch,
    command_line::{self, ClockSource, Fault, Moment, Word},
    console::{mark, note},
    devices::DeviceTable,
    keyboard,
    machine::Machine,
    mm::{
        address_space::{DirectMap, Memory, physical_bytes},
        heap,
    },
    per_core::PerCore,
    power::Power,
    provoke, screen, self_check,
    stage::Stage,
    system,
};

/// The context of the core that boots. A static because interrupt handlers and the panic path reach
/// it at any time, from the first instruction on, before there is any other memory.
static BOOT_CORE: PerCore = PerCore::new();

/// Brings the machine up and runs it.
///
/// # Safety
/// `info` is what the loader handed over, in the state in which the loader hands over: the address
/// space of `stele_loader::address_space`, boot services gone, interrupts off, one core. Called once.
pub unsafe fn boot(info: &BootInfo) -> ! {
    let core = &BOOT_CORE;
    let checked = info.check();
    arch::early_init(core, if checked.is_ok() { info.rsdp } else { 0 });
    if checked.is_ok() {
        screen::init(&info.framebuffer);
    }
    let line = if checked.is_ok() {
        let Bytes { address, length } = info.command_line;
        // SAFETY: the loader made this copy of the command line for us, and nobody writes to it.
        unsafe { physical_bytes(address, length) }.unwrap_or(&[])
    } else {
        &[]
    };
    // First of all, so that the log is whole.
    let log = command_line::words(line).find(|word| *word == Word::Log);
    let log = log.map_or(Ok(()), |_| arch::open_log());
    mark(core, Stage::Booting);
    if let Err(error) = checked {
        panic!("loader and kernel are not of the same build ({error:?}): install both again");
    }
    if let Err(why) = log {
        note(core, format_args!("log=com2: {why}"));
    }
    core.kernel_file
        .store(info.kernel_file.address, Ordering::Relaxed);
    core.kernel_file_length
        .store(info.kernel_file.length, Ordering::Relaxed);
    let wishes = read_command_line(core, line);

    arch::cpu_init(core);
    mark(core, Stage::Cpu);
    for error in acpi::damage(&DirectMap, info.rsdp) {
        note(core, format_args!("{error}; Stele does without it"));
    }

    // SAFETY: the caller vouches for `info`; this is the only `Memory`.
    let mut memory = match unsafe { Memory::new(info, regions(info)) } {
        Ok(memory) => memory,
        Err(error) => panic!("physical memory cannot be managed: {error}"),
    };
    self_check::frames(&mut memory.frames);
    mark(core, Stage::PhysicalMemory);

    if let Err(error) = memory.take_over().and_then(|()| memory.check().map(drop)) {
        panic!("the address space is not as it must be: {error}");
    }
    self_check::mapping(&mut memory);
    mark(core, Stage::VirtualMemory);

    if let Err(error) = heap::init(&mut memory) {
        panic!("the kernel has no heap: {error}");
    }
    self_check::heap();
    mark(core, Stage::Heap);

    let clock = arch::choose_clock(core, &mut memory, info.rsdp, wishes.clock);
    if let Err(error) = arch::hal_init(core, &mut memory, info.rsdp) {
        panic!("the machine lacks what Stele needs: {error}");
    }
    keyboard::init(core, &mut memory, info.rsdp);
    let power = power(info, &mut memory);
    mark(core, Stage::Hal);
    describe(core, info, &memory, clock);

    let devices = DeviceTable::new(info, regions(info));
    let mut machine = Machine::new(core, memory, devices);
    if core.self_test.load(Ordering::Relaxed) {
        self_check::thorough(&mut machine, info, regions(info));
    }
    match wishes.fault {
        Some((fault, Moment::Boot)) => {
            provoke::now(core, fault);
            note(core, format_args!("this architecture has no such fault"));
        }
        Some((fault, Moment::Interrupt)) => provoke::in_interrupt(core, fault),
        None => {}
    }
    system::run(info, machine, &power)
}

/// How the machine is switched off and restarted; its registers are within reach then.
fn power(info: &BootInfo, memory: &mut Memory) -> Power {
    /// Length of the longest register in bytes.
    const LENGTH: u64 = 2;
    Power::read(&DirectMap, info.rsdp).reached_by(|register| {
        let mapped = memory.map_device(register, LENGTH);
        mapped.is_ok()
    })
}

fn regions(info: &BootInfo) -> &'static [Region] {
    let count = usize::try_from(info.region_count).unwrap_or(0);
    let length = info.region_count.saturating_mul(size_of::<Region>() as u64);
    // SAFETY: the loader made this list for us, and nobody writes to it.
    match unsafe { physical_bytes(info.regions, length) } {
        // SAFETY: the bytes are there, page-aligned, and the loader, which is of our version, wrote
        // `count` regions there.
        Some(bytes) => unsafe {
            core::slice::from_raw_parts(ptr::from_ref(bytes).cast::<Region>(), count)
        },
        None => &[],
    }
}

/// What the command line asks for once everything is initialised.
#[derive(Default)]
struct Wishes {
    clock: Option<ClockSource>,
    fault: Option<(Fault, Moment)>,
}

/// Obeys what can be obeyed at once; returns the rest.
fn read_command_line(core: &PerCore, line: &[u8]) -> Wishes {
    let mut wishes = Wishes::default();
    for word in command_line::words(line) {
        match word {
            Word::QemuExit => core.qemu_exit.store(true, Ordering::Relaxed),
            Word::SelfTest => core.self_test.store(true, Ordering::Relaxed),
            // It has been opened.
            Word::Log => {}
            Word::Clock(clock) => wishes.clock = Some(clock),
            Word::Provoke(fault, moment) => wishes.fault = Some((fault, moment)),
            Word::Unknown(text) => note(
                core,
                format_args!("command line: {text} is unknown and ignored (see kernel/README.md)"),
            ),
        }
    }
    wishes
}

fn describe(core: &PerCore, info: &BootInfo, memory: &Memory, clock: &str) {
    let statistics = memory.frames.statistics();
    note(
        core,
        format_args!(
            "memory: {} KiB, {} KiB free; clock: {clock}, {} kHz; loader {} + kernel {} bytes",
            statistics.usable * 4,
            statistics.free * 4,
            core.clock.frequency() / 1000,
            info.loader_size,
            info.kernel_file.length,
        ),
    );
}
