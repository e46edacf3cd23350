//! The interrupts that programs are attached to, as the handler that counts them sees them.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use stele_hal::{DeviceError, Line, MAX_LINES};

/// No interrupt has this number.
const NONE: u32 = u32::MAX;

/// The lines of one core. All of it is atomic, because the handler reaches it at any time.
#[derive(Debug)]
pub struct Attached {
    lines: [Entry; MAX_LINES],
}

#[derive(Debug)]
struct Entry {
    /// The platform's number for it, or [`NONE`].
    number: AtomicU32,
    /// How often it came since it was acknowledged.
    count: AtomicU64,
}

impl Attached {
    /// Nothing is attached.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "made once per core, in a static"
    )]
    pub const fn new() -> Self {
        Self {
            lines: [const {
                Entry {
                    number: AtomicU32::new(NONE),
                    count: AtomicU64::new(0),
                }
            }; MAX_LINES],
        }
    }

    /// Takes a line for interrupt `number`. From the core's own code only.
    ///
    /// # Errors
    /// [`DeviceError::InUse`] if the interrupt has a line: with two, neither would count all that came.
    /// [`DeviceError::NoSuchInterrupt`], [`DeviceError::TooManyInterrupts`].
    pub fn take(&self, number: u32) -> Result<Line, DeviceError> {
        if number == NONE {
            return Err(DeviceError::NoSuchInterrupt);
        }
        let place = |number| {
            let is_it = |entry: &Entry| entry.number.load(Ordering::Relaxed) == number;
            self.lines.iter().position(is_it)
        };
        if place(number).is_some() {
            return Err(DeviceError::InUse);
        }
        let free = place(NONE).ok_or(DeviceError::TooManyInterrupts)?;
        self.lines[free].count.store(0, Ordering::Relaxed);
        self.lines[free].number.store(number, Ordering::Release);
        Ok(Line(free))
    }

    /// Gives a line back.
    pub fn release(&self, line: Line) {
        if let Some(entry) = self.lines.get(line.0) {
            entry.number.store(NONE, Ordering::Release);
        }
    }

    /// The number of the interrupt that the line is for.
    pub fn number(&self, line: Line) -> Option<u32> {
        let number = self.lines.get(line.0)?.number.load(Ordering::Relaxed);
        (number != NONE).then_some(number)
    }

    /// Interrupt `number` came. In interrupt context.
    pub fn came(&self, number: u32) {
        let of_number = |entry: &&Entry| entry.number.load(Ordering::Acquire) == number;
        if let Some(entry) = self.lines.iter().find(of_number) {
            entry.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often the line's interrupt came since [`forget`](Self::forget).
    pub fn pending(&self, line: Line) -> u64 {
        let entry = self.lines.get(line.0);
        entry.map_or(0, |entry| entry.count.load(Ordering::Relaxed))
    }

    /// Nothing is pending any more.
    pub fn forget(&self, line: Line) {
        if let Some(entry) = self.lines.get(line.0) {
            entry.count.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_is_counted_on_its_line_until_it_is_forgotten() {
        let attached = Attached::new();
        let (first, second) = (attached.take(34).unwrap(), attached.take(8).unwrap());
        attached.came(8);
        attached.came(8);
        attached.came(9);
        assert_eq!(attached.pending(first), 0);
        assert_eq!(attached.pending(second), 2);
        attached.forget(second);
        assert_eq!(attached.pending(second), 0);
        assert_eq!(attached.number(first), Some(34));
    }

    #[test]
    fn the_lines_hold_their_limit_and_not_one_more() {
        let attached = Attached::new();
        for number in 0..MAX_LINES as u32 {
            assert_eq!(attached.take(number), Ok(Line(number as usize)));
        }
        assert_eq!(attached.take(1000), Err(DeviceError::TooManyInterrupts));
        attached.release(Line(7));
        assert_eq!(attached.number(Line(7)), None);
        assert_eq!(attached.take(1000), Ok(Line(7)));
    }

    #[test]
    fn a_line_taken_anew_begins_at_zero() {
        let attached = Attached::new();
        let line = attached.take(5).unwrap();
        attached.came(5);
        attached.release(line);
        attached.came(5);
        assert_eq!(attached.take(6), Ok(line));
        assert_eq!(attached.pending(line), 0);
    }

    #[test]
    fn a_second_line_for_an_interrupt_is_refused_and_takes_no_count_away() {
        let attached = Attached::new();
        let (first, second) = (attached.take(5).unwrap(), attached.take(6).unwrap());
        attached.release(first);
        // The free line lies before the one that the interrupt has, and would be found first.
        assert_eq!(attached.take(6), Err(DeviceError::InUse));
        assert_eq!(attached.take(NONE), Err(DeviceError::NoSuchInterrupt));
        attached.came(6);
        assert_eq!(attached.pending(second), 1);
        attached.came(NONE);
        assert_eq!(attached.take(5), Ok(first));
        assert_eq!(attached.pending(first), 0);
    }

    #[test]
    fn a_line_past_the_last_is_nothing() {
        let attached = Attached::new();
        attached.release(Line(MAX_LINES));
        attached.forget(Line(MAX_LINES));
        assert_eq!(attached.pending(Line(MAX_LINES)), 0);
        assert_eq!(attached.number(Line(MAX_LINES)), None);
    }
}
