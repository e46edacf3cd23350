//! arm64: page table format, and the jump from the firmware's translation regime, at EL2 or EL1, to
//! the kernel's own at EL1.
//!
//! The kernel is entered at EL1 on `SP_EL0`, everything masked, `TPIDR_EL1` zero, with one root table
//! for both halves of the address space. The MMU is off for a few instructions on the way, because
//! nothing promises that the firmware's memory attributes and the kernel's can be in force at once.
//! Source: Arm ARM (DDI 0487) D8 (translation), D7.5 (caches), D24.2 (registers).

use core::arch::{asm, naked_asm};

use stele_bootinfo::{BootInfo, PHYSICAL_MAP};
use stele_paging::{
    Access, Backing, MEMORY_ATTRIBUTES, MapError, Mapper, PAGE_SIZE, PageSize, TableMemory,
};

use super::Handoff;
use crate::elf::Machine;

/// Every 64-bit ARM processor has what the kernel needs.
///
/// # Errors
/// None.
pub fn check() -> Result<(), &'static str> {
    Ok(())
}

/// The kernel's page table format.
pub use stele_paging::Aarch64 as PageFormat;

/// Kernel files for this processor.
pub const MACHINE: Machine = Machine::AARCH64;

/// Interrupt controller and serial port are wherever the machine's designer put them.
pub const NEEDS_TABLES: bool = true;

/// The serial port of the QEMU "virt" machine and of those that copy its memory map.
pub const EARLY_DEVICES: &[(u64, u64)] = &[(0x0900_0000, PAGE_SIZE)];

/// `SCTLR_EL1` with translation off: the bits that are 1 where the features that give them a meaning
/// are absent, and that mean "as before those features" where they are present.
const TRANSLATION_OFF: u64 =
    1 << 7 | 1 << 8 | 1 << 11 | 1 << 20 | 1 << 22 | 1 << 23 | 1 << 28 | 1 << 29;

/// `SCTLR_EL1` with the MMU, both caches and the stack alignment check on.
const TRANSLATION_ON: u64 = TRANSLATION_OFF | 1 | 1 << 2 | 1 << 3 | 1 << 12;

/// 1 GiB: every processor with the 4 KiB granule has it.
pub fn largest_page() -> PageSize {
    PageSize::Huge
}

/// Maps the code of `switch`, which runs on across the change of tables.
///
/// # Errors
/// No memory for tables.
pub fn map_handoff<M: TableMemory>(mapper: &mut Mapper<PageFormat, M>) -> Result<(), MapError> {
    let page = (switch as *const () as u64) & !(PAGE_SIZE - 1);
    // The function is far shorter than a page, but may straddle two.
    mapper.map(
        page,
        page,
        2 * PAGE_SIZE,
        Access::ReadExecute,
        Backing::Memory,
    )
}

/// Leaves the firmware's address space for the kernel's.
///
/// # Safety
/// Boot services have been left; the tables at `page_table_root` map `switch` where it is now, the
/// kernel at `entry`, its stack and the `BootInfo`, as [`crate::address_space`] builds them.
pub unsafe fn enter(handoff: Handoff) -> ! {
    // SAFETY: masks interrupts and system errors, whose vectors are about to disappear.
    unsafe { asm!("msr daifset, #0b1111", options(nostack, preserves_flags)) };
    let info = (handoff.boot_info - PHYSICAL_MAP) as *const BootInfo;
    // SAFETY: the firmware maps RAM at its physical addresses, and the caller has written the block.
    let image = unsafe { (*info).kernel };
    publish_code(image.address, image.length);
    // SAFETY: the caller vouches for the tables and what they map; the kernel's code has just been
    // published, and the two control values are complete.
    unsafe {
        switch(
            handoff.page_table_root,
            handoff.entry,
            handoff.stack_top,
            handoff.boot_info,
            TRANSLATION_OFF,
            TRANSLATION_ON,
            MEMORY_ATTRIBUTES,
            translation_control(),
        )
    }
}

/// `TCR_EL1`: 48-bit addresses and the 4 KiB granule in both halves, tables in inner-shareable
/// write-back memory, physical addresses as wide as the processor has them, up to 48 bits.
fn translation_control() -> u64 {
    const SIZES: u64 = 16 | 16 << 16;
    const WALKS_CACHED: u64 = 0b01 << 8 | 0b01 << 10 | 0b01 << 24 | 0b01 << 26;
    const INNER_SHAREABLE: u64 = 0b11 << 12 | 0b11 << 28;
    const UPPER_GRANULE_4K: u64 = 0b10 << 30;
    const ADDRESS_48_BITS: u64 = 5;
    let features: u64;
    // SAFETY: reads ID_AA64MMFR0_EL1, which has no side effect.
    unsafe {
        asm!("mrs {}, id_aa64mmfr0_el1", out(reg) features, options(nomem, nostack, preserves_flags));
    }
    let address_size = (features & 0xF).min(ADDRESS_48_BITS);
    SIZES | WALKS_CACHED | INNER_SHAREABLE | UPPER_GRANULE_4K | address_size << 32
}

/// Makes code that was written as data fit to be fetched: cleaned to the point of unification, and
/// nothing older left in the instruction caches.
fn publish_code(start: u64, length: u64) {
    let cache_type: u64;
    // SAFETY: reads CTR_EL0, which has no side effect.
    unsafe {
        asm!("mrs {}, ctr_el0", out(reg) cache_type, options(nomem, nostack, preserves_flags));
    }
    // DminLine, bits 19:16: the shortest data cache line, as a power of two words.
    let line = 4_u64 << (cache_type >> 16 & 0xF);
    for at in (start & !(line - 1)..start + length).step_by(line as usize) {
        // SAFETY: cleaning a line writes back what was stored already and changes no value.
        unsafe { asm!("dc cvau, {}", in(reg) at, options(nostack, preserves_flags)) };
    }
    // SAFETY: an invalidated instruction cache only makes the next fetch read memory again.
    unsafe {
        asm!(
            "dsb ish",
            "ic ialluis",
            "dsb ish",
            "isb",
            options(nostack, preserves_flags)
        )
    };
}

/// Goes to EL1, replaces the translation regime, and calls the kernel.
///
/// Everything is in registers: while the MMU is off, memory is reached without caches, and what the
/// caches hold is out of reach. The function itself is cleaned to the point of coherency first, so
/// that it can be fetched then.
///
/// # Safety
/// As [`enter`]; `off`, `on`, `attributes` and `control` are complete values for `SCTLR_EL1`,
/// `MAIR_EL1` and `TCR_EL1`. Everything is masked.
#[unsafe(naked)]
unsafe extern "C" fn switch(
    root: u64,
    entry: u64,
    stack_top: u64,
    boot_info: u64,
    off: u64,
    on: u64,
    attributes: u64,
    control: u64,
) -> ! {
    naked_asm!(
        "20:",
        "adr    x9, 20b",
        "adr    x10, 29f",
        "mrs    x11, ctr_el0",
        "ubfx   x11, x11, #16, #4",
        "mov    x12, #4",
        "lsl    x11, x12, x11",
        "sub    x12, x11, #1",
        "bic    x9, x9, x12",
        "21:",
        "dc     cvac, x9",
        "add    x9, x9, x11",
        "cmp    x9, x10",
        "b.lo   21b",
        "dsb    sy",
        "ic     iallu",
        "dsb    nsh",
        "isb",
        "mrs    x9, CurrentEL",
        "cmp    x9, #2 << 2",
        "b.ne   23f",
        // At EL2. Its own translation goes first, because the meaning of what follows may depend on
        // a host extension (HCR_EL2.E2H) that is being switched off.
        "mrs    x9, sctlr_el2",
        "bic    x9, x9, #1",
        "msr    sctlr_el2, x9",
        "isb",
        // HCR_EL2: EL1 is AArch64 (RW), nothing is trapped, no second stage of translation.
        "mov    x9, #1 << 31",
        "msr    hcr_el2, x9",
        "isb",
        // CNTHCTL_EL2: EL1 may use the physical counter and timer; the virtual ones equal them.
        "mov    x9, #3",
        "msr    cnthctl_el2, x9",
        "msr    cntvoff_el2, xzr",
        // CPTR_EL2: floating point is not trapped.
        "mov    x9, #0x33FF",
        "msr    cptr_el2, x9",
        "msr    hstr_el2, xzr",
        "msr    vttbr_el2, xzr",
        "mrs    x9, midr_el1",
        "msr    vpidr_el2, x9",
        "mrs    x9, mpidr_el1",
        "msr    vmpidr_el2, x9",
        // Where the GIC has system registers (ID_AA64PFR0_EL1.GIC): ICC_SRE_EL2 lets EL1 use them,
        // ICH_HCR_EL2 makes no interrupt virtual.
        "mrs    x9, id_aa64pfr0_el1",
        "ubfx   x9, x9, #24, #4",
        "cbz    x9, 22f",
        "mrs    x9, S3_4_C12_C9_5",
        "mov    x10, #9",
        "orr    x9, x9, x10",
        "msr    S3_4_C12_C9_5, x9",
        "isb",
        "msr    S3_4_C12_C11_0, xzr",
        "22:",
        "msr    sctlr_el1, x4",
        // SPSR_EL2: EL1 on SP_EL1, everything masked.
        "mov    x9, #0x3C5",
        "msr    spsr_el2, x9",
        "adr    x9, 23f",
        "msr    elr_el2, x9",
        "eret",
        // At EL1.
        "23:",
        "msr    sctlr_el1, x4",
        "isb",
        "msr    mair_el1, x6",
        "msr    tcr_el1, x7",
        "msr    ttbr0_el1, x0",
        "msr    ttbr1_el1, x0",
        "dsb    sy",
        "isb",
        "tlbi   vmalle1",
        "dsb    nsh",
        "isb",
        "msr    sctlr_el1, x5",
        "isb",
        "msr    tpidr_el1, xzr",
        "msr    spsel, #0",
        "mov    sp, x2",
        "mov    x0, x3",
        "mov    x29, xzr",
        "mov    x30, xzr",
        "br     x1",
        "29:",
    )
}
