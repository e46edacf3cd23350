//! x86-64.
//!
//! Read in this order: `cpu.rs` (segments, vectors, floating point, in the order of the boot),
//! `entry.rs` (the 256 interrupt entries), `exceptions.rs` (what a fault says), `interrupts.rs` (what
//! a device's interrupt does), then the devices: `serial.rs`, `ps2.rs`, `clock/`, `local_apic.rs`,
//! `io_apic.rs`, `pic.rs`; `devices.rs` (registers for programs); `power.rs` (the end); `test_interrupt.rs`.

mod clock;
mod cpu;
mod devices;
mod entry;
mod exceptions;
mod hal;
mod interrupts;
mod io_apic;
mod local_apic;
mod pic;
mod power;
mod ps2;
mod registers;
mod serial;
mod stacks;
mod test_interrupt;

use core::arch::x86_64::__cpuid;

use stele_paging::{Mapper, PageSize, TableMemory, WRITE_COMBINING, WRITE_COMBINING_ENTRY};
use x86_64::{
    VirtAddr,
    instructions::{hlt, interrupts as flag, tlb},
    registers::{
        control::{Cr3, Cr4, Cr4Flags},
        model_specific::{GsBase, Msr},
    },
};

pub use self::{
    clock::{choose_clock, sample_clock},
    cpu::cpu_init,
    devices::{
        FIXED, HAS_PORTS, is_device_interrupt, physical_address_limit, read_register,
        write_register,
    },
    exceptions::provoke,
    hal::{HalError, hal_init},
    interrupts::{connect_interrupt, set_interrupt_masked},
    local_apic::set_timer,
    power::{exit_emulator, power_off, restart},
    registers::{Registers, capture_registers},
    serial::{
        drain as drain_serial, open_log, resume as resume_input, write as write_serial, write_log,
    },
    stacks::guard_pages,
    test_interrupt::{raise_spurious_interrupts, raise_test_interrupt, test_interrupt},
};
pub use stele_paging::X86_64 as PageFormat;

use crate::per_core::PerCore;

/// First call: see [`crate::arch`].
pub fn early_init(core: &'static PerCore, rsdp: u64) {
    let entered = counter();
    GsBase::write(VirtAddr::from_ptr(core));
    allow_write_combining();
    serial::init();
    core.clock.start(entered, clock::frequency(rsdp));
}

/// Gives the page attribute table's entry for framebuffers its meaning.
fn allow_write_combining() {
    /// `IA32_PAT`: eight entries, a byte each (Intel SDM volume 3A, 12.12.2).
    const PAGE_ATTRIBUTES: u32 = 0x277;
    let mut register = Msr::new(PAGE_ATTRIBUTES);
    // SAFETY: every processor with 64-bit mode has the register. Of its entries only one changes,
    // which the loader's tables use for framebuffers alone and nobody has touched yet.
    unsafe {
        let mut entries = register.read().to_le_bytes();
        entries[WRITE_COMBINING_ENTRY] = WRITE_COMBINING;
        register.write(u64::from_le_bytes(entries));
    }
}

/// The context of the core this runs on: the processor keeps its address as the base of GS.
pub fn current_core() -> Option<&'static PerCore> {
    let core = GsBase::read().as_ptr::<PerCore>();
    // SAFETY: the base is zero, or what `early_init` put there: a `&'static PerCore`.
    unsafe { core.as_ref() }
}

/// The time-stamp counter, read after everything before it (Intel SDM volume 2B, "RDTSC").
pub fn counter() -> u64 {
    // SAFETY: every x86-64 processor has the fence and the counter, and the kernel is privileged to
    // read it.
    unsafe {
        core::arch::x86_64::_mm_lfence();
        core::arch::x86_64::_rdtsc()
    }
}

/// Physical address of the live root table.
pub fn page_table_root() -> u64 {
    Cr3::read().0.start_address().as_u64()
}

/// Removes the loader's mapping of its own code.
pub fn drop_identity_map<M: TableMemory>(mapper: &mut Mapper<PageFormat, M>) {
    mapper.clear_lower_half();
    // SAFETY: the kernel's pages are not global, but the firmware's may have been; forbidding global
    // pages forgets those translations too (Intel SDM volume 3A, 4.10.4.1).
    unsafe { Cr4::update(|flags| flags.remove(Cr4Flags::PAGE_GLOBAL)) };
    tlb::flush_all();
}

/// Nothing to do: a walk sees every earlier store (Intel SDM volume 3A, 4.10.4.3).
pub fn publish_mappings() {}

/// Forgets the cached translation of one page.
pub fn flush_page(address: u64) {
    tlb::flush(VirtAddr::new_truncate(address));
}

/// 1 GiB where the processor has them (CPUID 8000_0001h, EDX bit 26), otherwise 2 MiB.
pub fn largest_page() -> PageSize {
    if __cpuid(0x8000_0001).edx & (1 << 26) == 0 {
        PageSize::Large
    } else {
        PageSize::Huge
    }
}

/// Sleeps until an interrupt, if `idle()` is still true with interrupts off.
pub fn wait_for_interrupt(idle: impl Fn() -> bool) {
    flag::disable();
    if idle() {
        // STI takes effect after the next instruction, so an interrupt that is pending now ends the
        // HLT rather than preceding it (Intel SDM volume 2B, "STI").
        flag::enable_and_hlt();
    } else {
        flag::enable();
    }
}

/// This core's number: that of its local APIC.
pub fn core_id() -> u32 {
    local_apic::LocalApic::current().id()
}

/// Whether this core takes interrupts.
pub fn interrupts_enabled() -> bool {
    flag::are_enabled()
}

/// Takes interrupts from now on.
pub fn enable_interrupts() {
    flag::enable();
}

/// Takes no more interrupts.
pub fn disable_interrupts() {
    flag::disable();
}

/// Stops this core for good.
pub fn halt() -> ! {
    flag::disable();
    loop {
        hlt();
    }
}
