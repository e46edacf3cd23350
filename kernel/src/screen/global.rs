//! The screen of this machine, reached from everywhere.
//!
//! Statics, because a panic must be readable whatever it struck in, from the first stage on and
//! without a heap. Only the core that boots writes here, never in interrupt context, so the locks are
//! free whenever they are asked for, with one exception: a panic in the screen's own code.
//! [`seize`] takes the screen from whoever has it.

use core::sync::atomic::{AtomicU64, Ordering};

use spin::{Mutex, MutexGuard};

use super::{Cell, MOST_CELLS, Screen, framebuffer::Framebuffer};

/// Shortest time from one drawing to the next while a program writes, in nanoseconds: a person sees
/// no difference, and a screenful that scrolls by costs no drawing.
const PAUSE: u64 = 20_000_000;

/// The cells, and those that the screen shows.
static CELLS: Mutex<[[Cell; MOST_CELLS]; 2]> = Mutex::new([[Cell::NOTHING; MOST_CELLS]; 2]);

static SCREEN: Mutex<Option<Screen<'static, Framebuffer>>> = Mutex::new(None);

/// When the screen was drawn last, in nanoseconds since entry.
static SHOWN: AtomicU64 = AtomicU64::new(0);

/// Starts the screen, blank. Without a framebuffer, or with a tiny one, nothing is ever shown. A
/// second call changes nothing.
pub fn init(framebuffer: &stele_bootinfo::Framebuffer) {
    let (Some(mut screen), Some(cells)) = (SCREEN.try_lock(), CELLS.try_lock()) else {
        return;
    };
    let Some(framebuffer) = Framebuffer::new(framebuffer) else {
        return;
    };
    let [cells, shown] = MutexGuard::leak(cells);
    *screen = Screen::new(framebuffer, cells, shown);
}

/// Calls `action` with the screen, if there is one.
fn with(action: impl FnOnce(&mut Screen<'static, Framebuffer>)) {
    if let Some(mut screen) = SCREEN.try_lock()
        && let Some(screen) = screen.as_mut()
    {
        action(screen);
    }
}

/// Takes text, to be shown later.
pub fn write(bytes: &[u8]) {
    with(|screen| screen.write(bytes));
}

/// Shows what was written.
pub fn show() {
    with(Screen::show);
}

/// Shows what was written, if the last time is long enough ago; `now` is in nanoseconds since entry.
pub fn show_if_due(now: u64) {
    with(|screen| {
        if screen.is_changed() && now.saturating_sub(SHOWN.load(Ordering::Relaxed)) >= PAUSE {
            screen.show();
            SHOWN.store(now, Ordering::Relaxed);
        }
    });
}

/// Panics while the screen is in use, to see that such a panic can be read as well.
pub fn panic_inside() {
    with(|_| panic!("provoked by the command line"));
}

/// For the panic path: has the screen work again even if the panic struck inside its code.
///
/// # Safety
/// Whatever ran before on this machine will not go on.
pub unsafe fn seize() {
    // SAFETY: a guard that is still out belongs to code that will not go on, as the caller says, so
    // its reference is never used again. All of the state's own values are plain numbers, and
    // `recover` makes them fit together.
    unsafe { SCREEN.force_unlock() };
    with(Screen::recover);
}
