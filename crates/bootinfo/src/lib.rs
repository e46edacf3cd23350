//! `BootInfo`: what the loader tells the kernel at the moment of handing over.
//!
//! Plain `repr(C)` data with no pointers that outlive the handover unexplained: every address is
//! physical unless its name says otherwise. [`BootInfo::check`] is the only way in, so a kernel
//! never works from a block of another version.
#![no_std]
#![forbid(unsafe_code)]

/// First word of every valid block: the bytes `STELEBI` and a zero.
pub const MAGIC: u64 = u64::from_le_bytes(*b"STELEBI\0");

/// Layout version; a kernel refuses any other.
pub const VERSION: u32 = 2;

/// Where all physical memory is mapped, writable and never executable, at handover and ever after.
pub const PHYSICAL_MAP: u64 = 0xFFFF_8000_0000_0000;

/// Where the kernel image is linked and mapped, each segment with its own permissions.
pub const KERNEL_BASE: u64 = 0xFFFF_FFFF_8000_0000;

/// Where stacks are mapped: below the kernel image, nothing else near them.
pub const STACKS: u64 = 0xFFFF_FFFF_0000_0000;

/// Lowest byte of the boot stack. The page below it is never mapped, so an overflow faults.
pub const BOOT_STACK_BOTTOM: u64 = STACKS + 0x1_0000;

/// Size of the boot stack in bytes.
pub const BOOT_STACK_SIZE: u64 = 256 * 1024;

/// One past the boot stack's highest byte: the stack pointer at the kernel's entry.
pub const BOOT_STACK_TOP: u64 = BOOT_STACK_BOTTOM + BOOT_STACK_SIZE;

/// What a range of physical memory may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum RegionKind {
    /// Free for the kernel to hand out.
    Usable = 0,
    /// Kernel image, initial page tables, boot stack, this block and what it points to.
    Kernel = 1,
    /// Firmware tables (ACPI); readable, reclaimable only once nothing reads them any more.
    AcpiTables = 2,
    /// Must be left alone: firmware runtime services, persistent memory, defects.
    Reserved = 3,
    /// Device registers; not in the direct physical map until the kernel asks for them.
    Device = 4,
    /// The firmware's own working memory (ACPI NVS); readable, never handed out.
    FirmwareData = 5,
}

/// One range of physical memory, 4 KiB aligned; ranges are sorted and never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Region {
    /// First byte.
    pub start: u64,
    /// Length in bytes.
    pub length: u64,
    /// What it may be used for.
    pub kind: RegionKind,
    /// Zero; keeps the layout free of padding.
    pub reserved: u32,
}

/// Order of the colour bytes in a framebuffer pixel, lowest address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum PixelFormat {
    /// There is no framebuffer.
    None = 0,
    /// Red, green, blue, unused.
    Rgbx = 1,
    /// Blue, green, red, unused.
    Bgrx = 2,
}

/// A linear framebuffer with 32-bit pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Framebuffer {
    /// Physical address of the first pixel; 0 when `format` is [`PixelFormat::None`].
    pub address: u64,
    /// Length in bytes.
    pub size: u64,
    /// Visible pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Pixels from one row's start to the next; at least `width`.
    pub stride: u32,
    /// Order of colours.
    pub format: PixelFormat,
}

/// A run of bytes in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Bytes {
    /// Physical address of the first byte; 0 when `length` is 0.
    pub address: u64,
    /// Length in bytes.
    pub length: u64,
}

/// The block itself.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct BootInfo {
    /// [`MAGIC`].
    pub magic: u64,
    /// [`VERSION`].
    pub version: u32,
    /// Size of this struct in bytes.
    pub size: u32,
    /// Physical address of the first [`Region`].
    pub regions: u64,
    /// Number of regions.
    pub region_count: u64,
    /// Physical address of the ACPI root pointer (RSDP), or 0.
    pub rsdp: u64,
    /// Physical address of the kernel image and its length, as loaded: one contiguous run, whose
    /// first byte is mapped at [`KERNEL_BASE`].
    pub kernel: Bytes,
    /// The kernel's ELF file as it was read, without the checksum behind it; kept for its symbol
    /// names.
    pub kernel_file: Bytes,
    /// Size of the loader's own image in bytes.
    pub loader_size: u64,
    /// The screen.
    pub framebuffer: Framebuffer,
    /// The command line, UTF-8: words separated by spaces.
    pub command_line: Bytes,
    /// Source text that VM\[0\] interprets before the first prompt; empty for none.
    pub boot_source: Bytes,
    /// Physical address of the page-table root that the loader built.
    pub page_table_root: u64,
    /// What time it was, by the firmware's clock, when the loader ran: nanoseconds since 1970-01-01
    /// 00:00 UTC; 0 if the firmware does not know.
    pub unix_ns: u64,
}

/// Why a block was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootInfoError {
    /// The first word is not [`MAGIC`]: this is not a `BootInfo`.
    NotBootInfo,
    /// Loader and kernel are of different versions; carries the loader's.
    WrongVersion(u32),
    /// The size does not fit the version; carries the loader's.
    WrongSize(u32),
}

impl BootInfo {
    /// Checks that this block was written by a loader of the same version.
    ///
    /// # Errors
    /// Says which of magic, version and size is wrong.
    pub fn check(&self) -> Result<(), BootInfoError> {
        if self.magic != MAGIC {
            return Err(BootInfoError::NotBootInfo);
        }
        if self.version != VERSION {
            return Err(BootInfoError::WrongVersion(self.version));
        }
        if self.size as usize != size_of::<Self>() {
            return Err(BootInfoError::WrongSize(self.size));
        }
        Ok(())
    }
}
