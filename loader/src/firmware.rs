//! What the loader asks of the firmware: files, memory, the screen and the ACPI root pointer.

use core::{ptr, slice, time::Duration};

use stele_bootinfo::{Bytes, Framebuffer, PixelFormat};
use stele_paging::{ENTRIES, PAGE_SIZE, TableMemory};
use uefi::{
    CStr16, Status,
    boot::{self, AllocateType, MemoryType, OpenProtocolAttributes, OpenProtocolParams},
    proto::{
        console::gop::{self, GraphicsOutput},
        loaded_image::LoadedImage,
        media::file::{Directory, File, FileAttribute, FileInfo, FileMode, RegularFile},
    },
    runtime, system,
    table::cfg::ConfigTableEntry,
};

use crate::{clock::Moment, error::LoadError};

/// Memory that stays the kernel's: whole pages, zeroed.
///
/// # Errors
/// The firmware has none; `purpose` says what it was for.
#[expect(
    clippy::mut_from_ref,
    reason = "the memory is the firmware's gift and has nothing to do with `purpose`"
)]
pub fn allocate(length: u64, purpose: &'static str) -> Result<&'static mut [u8], LoadError> {
    let pages = usize::try_from(length.div_ceil(PAGE_SIZE).max(1))
        .map_err(|_| LoadError::OutOfMemory(purpose))?;
    let memory = boot::allocate_pages(AllocateType::AnyPages, MemoryType::LOADER_DATA, pages)
        .map_err(|_| LoadError::OutOfMemory(purpose))?;
    let bytes = pages * PAGE_SIZE as usize;
    // SAFETY: the firmware has just given us these pages, identity-mapped and writable, and nobody
    // else has them. They are never freed, so the reference may live for ever. Zeroing makes every
    // byte initialised before the slice exists.
    unsafe {
        ptr::write_bytes(memory.as_ptr(), 0, bytes);
        Ok(slice::from_raw_parts_mut(memory.as_ptr(), bytes))
    }
}

/// Physical address of something that the firmware mapped at its own address.
pub fn physical<T: ?Sized>(object: &T) -> u64 {
    ptr::from_ref(object).cast::<u8>().addr() as u64
}

/// Where `bytes` are, for the kernel.
pub fn describe(bytes: &[u8]) -> Bytes {
    let address = if bytes.is_empty() { 0 } else { physical(bytes) };
    Bytes {
        address,
        length: bytes.len() as u64,
    }
}

/// Page tables in the firmware's memory.
#[derive(Debug)]
pub struct FirmwareTables;

impl FirmwareTables {
    fn entry(table: u64, index: usize) -> *mut u64 {
        assert!(index < ENTRIES);
        ptr::with_exposed_provenance_mut::<u64>(table as usize).wrapping_add(index)
    }
}

impl TableMemory for FirmwareTables {
    fn read(&self, table: u64, index: usize) -> u64 {
        // SAFETY: `table` came from `allocate` below by way of a table entry, so it is a whole page
        // that is ours and identity-mapped, and `index` is within it.
        unsafe { Self::entry(table, index).read() }
    }

    fn write(&mut self, table: u64, index: usize, entry: u64) {
        // SAFETY: as in `read`; the processor does not use these tables yet.
        unsafe { Self::entry(table, index).write(entry) }
    }

    fn allocate(&mut self) -> Option<u64> {
        let page = allocate(PAGE_SIZE, "page tables").ok()?;
        Some(page.as_mut_ptr().expose_provenance() as u64)
    }

    fn release(&mut self, table: u64) {
        if let Some(page) = ptr::NonNull::new(Self::entry(table, 0).cast::<u8>()) {
            // SAFETY: `table` came from `allocate`, one page, and the mapper lets go of it.
            // A refusal would only leak the page.
            let _ = unsafe { boot::free_pages(page, 1) };
        }
    }
}

/// The volume that the loader was started from.
#[derive(Debug)]
pub struct Volume {
    root: Directory,
}

impl Volume {
    /// Opens it.
    ///
    /// # Errors
    /// The firmware cannot read it.
    pub fn open() -> Result<Self, LoadError> {
        boot::get_image_file_system(boot::image_handle())
            .and_then(|mut volume| volume.open_volume())
            .map(|root| Self { root })
            .map_err(|error| LoadError::NoVolume(error.status()))
    }

    /// Reads a whole file into memory that stays the kernel's; nothing if there is no such file.
    ///
    /// # Errors
    /// It is there and cannot be read, or does not fit into memory.
    pub fn read(
        &mut self,
        path: &CStr16,
        name: &'static str,
    ) -> Result<Option<&'static [u8]>, LoadError> {
        let unreadable = |status| LoadError::Unreadable(name, status);
        let handle = match self.root.open(path, FileMode::Read, FileAttribute::empty()) {
            Ok(handle) => handle,
            Err(error) if error.status() == Status::NOT_FOUND => return Ok(None),
            Err(error) => return Err(unreadable(error.status())),
        };
        let mut file = handle
            .into_regular_file()
            .ok_or(unreadable(Status::UNSUPPORTED))?;
        let length = file
            .get_boxed_info::<FileInfo>()
            .map_err(|error| unreadable(error.status()))?
            .file_size();
        let memory = allocate(length, name)?;
        let wanted = memory
            .get_mut(..usize::try_from(length).unwrap_or(usize::MAX))
            .ok_or(LoadError::OutOfMemory(name))?;
        let read = read_all(&mut file, wanted).map_err(unreadable)?;
        Ok(Some(&memory[..read]))
    }
}

/// Reads until `buffer` is full or the file ends; returns how much was read.
fn read_all(file: &mut RegularFile, buffer: &mut [u8]) -> Result<usize, Status> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) => return Err(error.status()),
        }
    }
    Ok(done)
}

/// Forgets what was typed before now.
pub fn forget_keys() {
    system::with_stdin(|input| {
        // A keyboard that cannot be reset is as good as none.
        let _ = input.reset(false);
    });
}

/// Waits until a key is pressed, or until `limit` has passed: without a keyboard, always.
pub fn wait_for_key(limit: Duration) {
    const GLANCE: Duration = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    while waited < limit {
        if system::with_stdin(|input| matches!(input.read_key(), Ok(Some(_)))) {
            return;
        }
        boot::stall(GLANCE);
        waited += GLANCE;
    }
}

/// Size of the loader's own image in memory, in bytes; 0 if the firmware does not say.
pub fn loader_size() -> u64 {
    boot::open_protocol_exclusive::<LoadedImage>(boot::image_handle())
        .map_or(0, |image| image.info().1)
}

/// Physical address of the ACPI root pointer, the newest revision there is; 0 if there is none.
pub fn rsdp() -> u64 {
    system::with_config_table(|entries| {
        [ConfigTableEntry::ACPI2_GUID, ConfigTableEntry::ACPI_GUID]
            .into_iter()
            .find_map(|guid| entries.iter().find(|entry| entry.guid == guid))
            .map_or(0, |entry| entry.address.addr() as u64)
    })
}

/// What time it is: nanoseconds since 1970-01-01 00:00 UTC; 0 if the firmware does not know. A clock
/// that does not say its time zone is taken to show UTC.
pub fn unix_ns() -> u64 {
    let Ok(time) = runtime::get_time() else {
        return 0;
    };
    let moment = Moment {
        year: time.year(),
        month: time.month(),
        day: time.day(),
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        nanosecond: time.nanosecond(),
        zone: time.time_zone().unwrap_or(0),
    };
    moment.unix_ns().unwrap_or(0)
}

/// The screen, as the firmware left it.
pub fn framebuffer() -> Framebuffer {
    const NONE: Framebuffer = Framebuffer {
        address: 0,
        size: 0,
        width: 0,
        height: 0,
        stride: 0,
        format: PixelFormat::None,
    };
    let Ok(handle) = boot::get_handle_for_protocol::<GraphicsOutput>() else {
        return NONE;
    };
    let params = OpenProtocolParams {
        handle,
        agent: boot::image_handle(),
        controller: None,
    };
    // SAFETY: opening exclusively would disconnect the firmware's console from the screen, and error
    // messages with it. The handle was found a moment ago, no driver is unloaded meanwhile, and only
    // the current mode is read.
    let Ok(mut output) = (unsafe {
        boot::open_protocol::<GraphicsOutput>(params, OpenProtocolAttributes::GetProtocol)
    }) else {
        return NONE;
    };
    let Some(output) = output.get_mut() else {
        return NONE;
    };
    let mode = output.current_mode_info();
    let format = match mode.pixel_format() {
        gop::PixelFormat::Rgb => PixelFormat::Rgbx,
        gop::PixelFormat::Bgr => PixelFormat::Bgrx,
        gop::PixelFormat::Bitmask | gop::PixelFormat::BltOnly => return NONE,
    };
    let (width, height) = mode.resolution();
    let mut buffer = output.frame_buffer();
    Framebuffer {
        address: buffer.as_mut_ptr().addr() as u64,
        size: buffer.size() as u64,
        width: width as u32,
        height: height as u32,
        stride: mode.stride() as u32,
        format,
    }
}
