//! The UEFI application that loads the kernel and hands the machine over to it.
//!
//! The firmware starts `EFI/BOOT/BOOTX64.EFI` (or `BOOTAA64.EFI`); it reads `\stele\kernel-x86_64.elf`
//! (or `kernel-aarch64.elf`) from the volume it was started from, builds the kernel's address space, collects what only the firmware
//! knows into a [`stele_bootinfo::BootInfo`], leaves boot services and enters the kernel.
//! It decides nothing that the kernel can decide later, and it never returns to the firmware once
//! boot services are left.
//!
//! Read in this order: `start.rs` (the whole boot, top to bottom), `checksum.rs` (how damage to the
//! kernel file is noticed), `elf.rs` (which kernel files are
//! accepted), `address_space.rs` (what is mapped where), `memory_map.rs` (the firmware's map made
//! plain), `clock.rs` (the date), `firmware.rs` (files, screen, tables), `arch/mod.rs` (the jump).
//!
//! `checksum`, `elf`, `address_space`, `memory_map` and `clock` need no firmware and are tested on the host.
#![cfg_attr(not(test), no_std)]

pub mod address_space;
pub mod checksum;
pub mod clock;
pub mod elf;
pub mod memory_map;

#[cfg(target_os = "uefi")]
pub mod arch;
#[cfg(target_os = "uefi")]
pub mod error;
#[cfg(target_os = "uefi")]
pub mod firmware;
#[cfg(target_os = "uefi")]
pub mod start;
