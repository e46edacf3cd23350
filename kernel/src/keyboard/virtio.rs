//! Keyboards of emulated machines: virtio input devices on the PCI bus (virtio 1.3, 5.8).
//!
//! The device writes what happens into a queue in memory. Which interrupt would tell so is written in
//! AML, which nobody here interprets, and message-signalled interrupts need a translation service on
//! arm64; but the queue is only memory, so a timer looks into it, fifty times a second. Nobody feels
//! that, and on a machine without such a keyboard there is no timer.
//!
//! Where the registers are is the firmware's choice; a device that it has given no address is left
//! alone.

use core::{
    ptr::NonNull,
    sync::atomic::{AtomicU64, Ordering},
};

use spin::Mutex;
use stele_bootinfo::PHYSICAL_MAP;
use stele_hal::Action;
use stele_paging::MapError;
use virtio_drivers::{
    BufferDirection, Error, Hal, PhysAddr,
    device::input::{InputConfigSelect, VirtIOInput},
    transport::{
        DeviceType, Transport,
        pci::{
            PciTransport, VirtioPciError,
            bus::{BarInfo, Command, DeviceFunction, PciRoot},
            virtio_device_type,
        },
    },
};

use super::{
    Keys, evdev,
    pci::{Ecam, Missing},
};
use crate::{
    acpi::AcpiError,
    arch,
    console::note,
    mm::{
        address_space::{Memory, direct},
        frames::{FRAME_SIZE, FrameError},
    },
    per_core::PerCore,
    time::timers::start_periodic,
};

/// How often the queue is looked into, in nanoseconds.
const PERIOD: u64 = 20_000_000;

/// Events taken at a time, as many as the device can have waiting: one that has more at once must not
/// keep everything else from running.
const MOST: usize = 32;

/// The keyboard in use: the first that is found. A static because the timer has no room for it; only
/// the timer locks it once it is there.
static KEYBOARD: Mutex<Option<Keyboard>> = Mutex::new(None);

struct Keyboard {
    device: VirtIOInput<Frames, PciTransport>,
    keys: Keys,
}

/// Finds a keyboard, if there is one. A machine without is none the worse; what goes wrong is noted.
pub fn init(core: &PerCore, memory: &mut Memory, rsdp: u64) {
    let bus = match Ecam::first_bus(memory, rsdp) {
        Ok(bus) => bus,
        // A machine without PCI, or without ACPI, which has been said.
        Err(Missing::Table(AcpiError::NoRootPointer | AcpiError::Missing(_))) => return,
        Err(error) => {
            note(
                core,
                format_args!("the PCI bus cannot be looked at: {error}"),
            );
            return;
        }
    };
    let number = bus.bus();
    let mut root = PciRoot::new(bus);
    let inputs = root
        .enumerate_bus(number)
        .filter(|(_, information)| virtio_device_type(information) == Some(DeviceType::Input));
    for (function, _) in inputs {
        match open(&mut root, function, memory) {
            Ok(Some(keyboard)) => {
                *KEYBOARD.lock() = Some(keyboard);
                let action = Action {
                    function: poll,
                    argument: 0,
                };
                if let Err(error) = start_periodic(core, PERIOD, action) {
                    note(core, format_args!("the keyboard is not heard: {error}"));
                }
                return;
            }
            Ok(None) => {}
            Err(why) => note(
                core,
                format_args!("the virtio input device {function} cannot be used: {why}"),
            ),
        }
    }
}

/// Why a device cannot be used.
enum Unusable {
    NoAddress,
    Unmapped(MapError),
    NoMemory(FrameError),
    Transport(VirtioPciError),
    Device(Error),
}

impl core::fmt::Display for Unusable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoAddress => f.write_str("the firmware gave its registers no address"),
            Self::Unmapped(error) => write!(f, "its registers cannot be mapped ({error:?})"),
            Self::NoMemory(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::Device(error) => error.fmt(f),
        }
    }
}

/// Starts an input device; nothing if it is no keyboard.
fn open(
    root: &mut PciRoot<Ecam>,
    function: DeviceFunction,
    memory: &mut Memory,
) -> Result<Option<Keyboard>, Unusable> {
    let regions = root.bars(function).map_err(|_| Unusable::NoAddress)?;
    for region in regions.into_iter().flatten() {
        if let BarInfo::Memory { address, size, .. } = region {
            if address == 0 {
                return Err(Unusable::NoAddress);
            }
            memory
                .map_device(address, size)
                .map_err(Unusable::Unmapped)?;
        }
    }
    let (_, command) = root.get_status_command(function);
    // No interrupt: its line would have no handler.
    let wanted = Command::MEMORY_SPACE | Command::BUS_MASTER | Command::INTERRUPT_DISABLE;
    root.set_command(function, command | wanted);
    let mut transport =
        PciTransport::new::<Frames, _>(root, function).map_err(Unusable::Transport)?;
    if !is_keyboard(&mut transport).map_err(Unusable::Device)? {
        return Ok(None);
    }
    Frames::provide(memory).map_err(Unusable::NoMemory)?;
    Ok(Some(Keyboard {
        device: VirtIOInput::new(transport).map_err(Unusable::Device)?,
        keys: Keys::new(),
    }))
}

/// Whether an input device has an Enter key; a mouse has none.
fn is_keyboard(transport: &mut impl Transport) -> Result<bool, Error> {
    /// Places in the device's configuration: what is asked, about what, bytes of the answer, answer.
    const SELECT: usize = 0;
    const SUBJECT: usize = 1;
    const SIZE: usize = 2;
    const ANSWER: usize = 8;
    transport.write_config_space(SELECT, InputConfigSelect::EvBits as u8)?;
    transport.write_config_space(SUBJECT, evdev::KEY as u8)?;
    if usize::from(transport.read_config_space::<u8>(SIZE)?) <= evdev::ENTER / 8 {
        return Ok(false);
    }
    let keys: u8 = transport.read_config_space(ANSWER + evdev::ENTER / 8)?;
    Ok(keys & (1 << (evdev::ENTER % 8)) != 0)
}

/// Takes what was typed since the last time. For the timer, in interrupt context.
fn poll(_: usize) {
    let (Some(core), Some(mut keyboard)) = (arch::current_core(), KEYBOARD.try_lock()) else {
        return;
    };
    let Some(Keyboard { device, keys }) = keyboard.as_mut() else {
        return;
    };
    for event in (0..MOST).map_while(|_| device.pop_pending_event()) {
        if event.event_type != evdev::KEY {
            continue;
        }
        // 1 is down, 2 is down still.
        let Some((codes, count)) = evdev::scan_code(event.code, event.value != 0) else {
            continue;
        };
        for code in &codes[..count] {
            core.press(keys.scan_code(*code).as_slice());
        }
    }
}

/// Memory that the device reads and writes: a run of frames, of which each queue takes its share.
struct Frames;

/// Frames that a device's two queues take: their rings apart, a frame each.
const QUEUES: u64 = 4;

/// Physical address of the next frame to be taken, and the end of those provided.
static NEXT: AtomicU64 = AtomicU64::new(0);
static END: AtomicU64 = AtomicU64::new(0);

impl Frames {
    /// Has frames ready for one device.
    fn provide(memory: &mut Memory) -> Result<(), FrameError> {
        let start = memory.frames.allocate(QUEUES, FRAME_SIZE)?;
        NEXT.store(start, Ordering::Relaxed);
        END.store(start + QUEUES * FRAME_SIZE, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: what `dma_alloc` gives out are frames of our own, each once, mapped by the direct map, zeroed;
// registers lie in regions that `open` mapped before; buffers are the kernel's, in the direct map.
unsafe impl Hal for Frames {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let length = pages as u64 * FRAME_SIZE;
        let start = NEXT.load(Ordering::Relaxed);
        match NonNull::new(direct::<u8>(start)) {
            Some(place) if start + length <= END.load(Ordering::Relaxed) => {
                NEXT.store(start + length, Ordering::Relaxed);
                // SAFETY: the frames are ours and nobody else's yet, and the direct map has them.
                unsafe { place.write_bytes(0, length as usize) };
                (start, place)
            }
            // The address 0 says that there is no memory.
            _ => (0, NonNull::dangling()),
        }
    }

    /// The frames stay with a device that failed: it may still write to them.
    unsafe fn dma_dealloc(_: PhysAddr, _: NonNull<u8>, _pages: usize) -> i32 {
        0
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _size: usize) -> NonNull<u8> {
        NonNull::new(direct(address)).unwrap_or(NonNull::dangling())
    }

    unsafe fn share(buffer: NonNull<[u8]>, _direction: BufferDirection) -> PhysAddr {
        (buffer.as_ptr().expose_provenance() as u64).wrapping_sub(PHYSICAL_MAP)
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _direction: BufferDirection) {}
}
