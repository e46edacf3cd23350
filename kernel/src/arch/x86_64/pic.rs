//! The legacy interrupt controllers (two Intel 8259A), which are turned off.

use x86_64::instructions::port::Port;

/// Moves their interrupts to `vector` and the fifteen after it, away from the exceptions, and masks
/// all of them. Spurious ones can still arrive there.
pub(super) fn disable(vector: u8) {
    const MASTER: u16 = 0x20;
    const SLAVE: u16 = 0xA0;
    // SAFETY: the standard initialisation (8259A data sheet, "Initialization Command Words"): begin,
    // vector, how the two are wired, 8086 mode; then every line is masked. Interrupts are off.
    unsafe {
        for (base, vector, wiring) in [(MASTER, vector, 1 << 2), (SLAVE, vector + 8, 2)] {
            let mut data = Port::<u8>::new(base + 1);
            Port::<u8>::new(base).write(0x11);
            data.write(vector);
            data.write(wiring);
            data.write(0x01);
            data.write(0xFF);
        }
    }
}
