//! The live translation regime: its root, and what must be told to the processor after a change.
use core::arch::asm;

use stele_paging::{Mapper, TableMemory};

/// The page-table entry format.
pub use stele_paging::Aarch64 as PageFormat;

/// Physical address of the live root of the higher half: `TTBR1_EL1` without its ASID.
#[must_use]
pub fn page_table_root() -> u64 {
    const ADDRESS: u64 = 0x0000_FFFF_FFFF_F000;
    let register: u64;
    // SAFETY: reads a register with no side effect.
    unsafe {
        asm!("mrs {}, ttbr1_el1", out(reg) register, options(nomem, nostack, preserves_flags));
    }
    register & ADDRESS
}

/// Removes what the loader mapped in the lower half for the moment of handing over, and flushes.
///
/// The processor then stops walking any table for the lower half at all (`TCR_EL1.EPD0`): the loader
/// used one root for both halves, and through the lower one, bit 47 set would reach the upper.
pub fn drop_identity_map<M: TableMemory>(mapper: &mut Mapper<PageFormat, M>) {
    const NO_LOWER_WALKS: u64 = 1 << 7;
    mapper.clear_lower_half();
    // SAFETY: the kernel, its stacks and the direct map are in the higher half; nothing below is
    // used from here on. The barriers order the tables' change before the invalidation.
    unsafe {
        asm!(
            "mrs {t}, tcr_el1",
            "orr {t}, {t}, {epd0}",
            "msr tcr_el1, {t}",
            "msr ttbr0_el1, xzr",
            "dsb ishst",
            "isb",
            "tlbi vmalle1is",
            "dsb ish",
            "isb",
            t = out(reg) _,
            epd0 = in(reg) NO_LOWER_WALKS,
            options(nostack, preserves_flags),
        );
    }
}

/// Makes entries that were empty before visible to the processor's table walks. Without it, the
/// first access could still find nothing.
pub fn publish_mappings() {
    // SAFETY: barriers change nothing.
    unsafe { asm!("dsb ishst", "isb", options(nostack, preserves_flags)) };
}

/// Makes the changed entry of the 4 KiB page at `address` take effect on every core.
pub fn flush_page(address: u64) {
    // Bits 55:12 of the address, where the operand wants its page number.
    let page = address << 8 >> 20;
    // SAFETY: a forgotten translation only makes the tables be read again. The barriers order the
    // entry's change before the invalidation, and the invalidation before everything after.
    unsafe {
        asm!(
            "dsb ishst",
            "tlbi vaae1is, {}",
            "dsb ish",
            "isb",
            in(reg) page,
            options(nostack, preserves_flags),
        );
    }
}
