//! Device registers for programs.
//!
//! Where no device is, an access ends in an external abort, which would stop the kernel like any
//! fault of its own. So these accesses stand in a piece of code of their own, and an abort there
//! makes them fail instead ([`recovery`]). A device may also report an error late, as a system error;
//! nobody can tell then whose access it was, and it stops the machine.

use core::arch::{asm, global_asm};

use stele_hal::{AddressSpace, DeviceRegion, Width};

use crate::devices::inventory::{Item, Refusal};

/// Shared peripheral interrupts begin at 32; below are those of single cores (Arm IHI 0069, 2.2).
pub fn is_device_interrupt(number: u32) -> bool {
    number >= 32
}

/// This processor has no I/O ports.
pub const HAS_PORTS: bool = false;

/// What the system keeps, beside what the firmware's tables name.
///
/// QEMU's `virt` says only in AML that it has this device (its `fw_cfg` specification), so every
/// machine is taken for one: another loses 24 bytes of registers by that, and this one's device
/// writes anywhere.
pub const FIXED: &[Item] = &[Item {
    region: DeviceRegion {
        space: AddressSpace::Memory,
        start: 0x0902_0000,
        length: 0x18,
    },
    name: "emulator's configuration",
    refusal: Refusal::ReachesMemory,
}];

/// One past the highest physical address (`ID_AA64MMFR0_EL1.PARange`, Arm ARM D23.2.80).
pub fn physical_address_limit() -> u64 {
    const BITS: [u32; 8] = [32, 36, 40, 42, 44, 48, 52, 56];
    let features: u64;
    // SAFETY: reads a register with no side effect.
    unsafe {
        asm!("mrs {}, id_aa64mmfr0_el1", out(reg) features, options(nomem, nostack, preserves_flags));
    }
    // Page tables of the 4 KiB granule name 48 bits at most.
    let bits = BITS.get((features & 0xF) as usize).copied().unwrap_or(48);
    1 << bits.min(48)
}

global_asm!(
    r#"
    .pushsection .text.device_access, "ax"
    .balign 4
    .global stele_device_read
    .type stele_device_read, %function
// x0: address, x1: width in bytes. Returns the value in x0, 1 in x1; or 0 in x1.
stele_device_read:
    cmp     x1, #2
    b.lo    1f
    b.eq    2f
    cmp     x1, #4
    mov     x1, #1
    b.eq    4f
    .global stele_device_accesses
stele_device_accesses:
    ldr     x0, [x0]
    ret
1:  ldrb    w0, [x0]
    ret
2:  mov     x1, #1
    ldrh    w0, [x0]
    ret
4:  ldr     w0, [x0]
    ret

// x0: address, x1: width in bytes, x2: value. Returns 1 in x1; or 0 in x1. The barrier has the write
// done, or aborted, before anything else.
    .global stele_device_write
    .type stele_device_write, %function
stele_device_write:
    cmp     x1, #2
    b.lo    1f
    b.eq    2f
    cmp     x1, #4
    mov     x1, #1
    b.eq    4f
    str     x2, [x0]
    dsb     sy
    ret
1:  strb    w2, [x0]
    dsb     sy
    ret
2:  mov     x1, #1
    strh    w2, [x0]
    dsb     sy
    ret
4:  str     w2, [x0]
    dsb     sy
    ret

    .global stele_device_recovery
stele_device_recovery:
    mov     x1, #0
    ret
    .size stele_device_read, . - stele_device_read
    .popsection
    "#
);

/// What comes back in `x0` and `x1`.
#[repr(C)]
struct Answer {
    value: u64,
    answered: u64,
}

unsafe extern "C" {
    fn stele_device_read(address: u64, width: u64) -> Answer;
    fn stele_device_write(address: u64, width: u64, value: u64) -> Answer;
    static stele_device_accesses: u8;
    static stele_device_recovery: u8;
}

/// Where an access to a device that has aborted at `address` goes on; nothing if the code there is
/// none of these accesses.
pub(super) fn recovery(address: u64) -> Option<u64> {
    let start = (&raw const stele_device_accesses).addr() as u64;
    let end = (&raw const stele_device_recovery).addr() as u64;
    (start..end).contains(&address).then_some(end)
}

/// Reads a register; nothing if none answers.
///
/// # Safety
/// `address` is mapped as a device's, aligned to the width; reading there does no harm to the system.
pub unsafe fn read_register(space: AddressSpace, address: u64, width: Width) -> Option<u64> {
    if space == AddressSpace::Ports {
        return None;
    }
    // SAFETY: the caller vouches for the address.
    let answer = unsafe { stele_device_read(address, width.bytes()) };
    (answer.answered == 1).then_some(answer.value)
}

/// Writes a register; false if none answers.
///
/// # Safety
/// As for [`read_register`], and writing this value there does no harm to the system.
pub unsafe fn write_register(space: AddressSpace, address: u64, width: Width, value: u64) -> bool {
    // SAFETY: the caller vouches for the address and the value.
    space == AddressSpace::Memory
        && unsafe { stele_device_write(address, width.bytes(), value) }.answered == 1
}
