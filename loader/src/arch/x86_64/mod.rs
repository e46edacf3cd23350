//! x86-64: page table format, and the jump into the higher half.

use core::arch::{asm, x86_64::__cpuid};

use stele_paging::{Access, Backing, MapError, Mapper, PAGE_SIZE, PageSize, TableMemory};

use super::Handoff;
use crate::elf::Machine;

/// The kernel's page table format.
pub use stele_paging::X86_64 as PageFormat;

/// Kernel files for this processor.
pub const MACHINE: Machine = Machine::X86_64;

/// A PC's devices are where they always were.
pub const NEEDS_TABLES: bool = false;

/// The first serial port is reached by I/O port, so nothing has to be mapped for it.
pub const EARLY_DEVICES: &[(u64, u64)] = &[];

/// The processor can keep data from being executed, and the firmware has left it in the mode that the
/// kernel's tables are for.
///
/// # Errors
/// Says which of the two is not so.
pub fn check() -> Result<(), &'static str> {
    const NO_EXECUTE: u32 = 1 << 20;
    const FIVE_LEVELS: u64 = 1 << 12;
    if __cpuid(0x8000_0001).edx & NO_EXECUTE == 0 {
        return Err("the processor cannot protect data from being executed");
    }
    let cr4: u64;
    // SAFETY: UEFI applications run with full privilege; reading CR4 has no effect.
    unsafe { asm!("mov {}, cr4", out(reg) cr4, options(nomem, nostack, preserves_flags)) };
    if cr4 & FIVE_LEVELS != 0 {
        return Err("the firmware runs with five-level page tables, and Stele needs four");
    }
    Ok(())
}

/// 1 GiB where the processor has them (CPUID 8000_0001h, EDX bit 26), otherwise 2 MiB.
pub fn largest_page() -> PageSize {
    if __cpuid(0x8000_0001).edx & (1 << 26) == 0 {
        PageSize::Large
    } else {
        PageSize::Huge
    }
}

/// Maps the code of [`enter`], which runs on across the change of CR3.
///
/// # Errors
/// No memory for tables.
pub fn map_handoff<M: TableMemory>(mapper: &mut Mapper<PageFormat, M>) -> Result<(), MapError> {
    let page = (enter as *const () as u64) & !(PAGE_SIZE - 1);
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
/// Boot services have been left; the tables at `page_table_root` map this function where it is now,
/// the kernel at `entry`, its stack and the `BootInfo`, as [`crate::address_space`] builds them.
#[inline(never)]
pub unsafe fn enter(handoff: Handoff) -> ! {
    // SAFETY: the caller vouches for tables, stack and entry. EFER.NXE is set before the tables,
    // which use the no-execute bit; CR0.WP makes read-only pages hold in supervisor mode. Everything
    // is in registers when CR3 changes, so the old stack is not touched again. A return address
    // of zero ends backtraces, and leaves the stack 8 below a multiple of 16, as the System V ABI has
    // it at a function's first instruction.
    unsafe {
        asm!(
            "cli",
            "cld",
            "mov ecx, 0xC0000080",
            "rdmsr",
            "or eax, 1 << 11",
            "wrmsr",
            "mov rax, cr0",
            "or rax, 1 << 16",
            "mov cr0, rax",
            "mov cr3, r8",
            "mov rsp, r9",
            "xor ebp, ebp",
            "push 0",
            "jmp r10",
            in("r8") handoff.page_table_root,
            in("r9") handoff.stack_top,
            in("r10") handoff.entry,
            in("rdi") handoff.boot_info,
            options(noreturn),
        )
    }
}
