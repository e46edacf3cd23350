//! The seam between the loader and the processor: what each architecture provides.
//!
//! The architecture is chosen here and nowhere else.
//!
//! | item | contract |
//! |---|---|
//! | `MACHINE: Machine` | Which ELF files this processor runs. |
//! | `check() -> Result<(), &'static str>` | What of the processor's features or state makes it impossible to start the kernel, in words. |
//! | `NEEDS_TABLES: bool` | Without the firmware's ACPI tables the kernel could not find its devices. |
//! | `PageFormat` | The [`stele_paging::Format`] of the kernel's tables. |
//! | `largest_page() -> PageSize` | What the processor can map with one entry. |
//! | `EARLY_DEVICES: &[(u64, u64)]` | Physical start and length of device registers that the kernel needs before it has page tables of its own (a memory-mapped serial port); mapped uncached in the direct map. |
//! | `map_handoff(mapper) -> Result<(), MapError>` | Maps, at its own physical address, whatever code must go on running while the address space changes under it; the kernel drops it. Called while boot services are still there. |
//! | `enter(handoff: Handoff) -> !` | With boot services gone: interrupts off, switches to the kernel's tables and the boot stack, calls the entry point with the address of the `BootInfo` as its first argument. |

#[cfg(target_arch = "aarch64")]
#[path = "aarch64/mod.rs"]
mod platform;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64/mod.rs"]
mod platform;

pub use platform::{
    EARLY_DEVICES, MACHINE, NEEDS_TABLES, PageFormat, check, enter, largest_page, map_handoff,
};

/// Everything the kernel's first instruction needs.
#[derive(Clone, Copy, Debug)]
pub struct Handoff {
    /// Physical address of the root page table.
    pub page_table_root: u64,
    /// Virtual address of the kernel's first instruction.
    pub entry: u64,
    /// One past the highest byte of the boot stack, 16-byte aligned; virtual.
    pub stack_top: u64,
    /// Address of the `BootInfo` in the direct physical map.
    pub boot_info: u64,
}
