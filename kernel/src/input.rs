//! The queue between the interrupt handler that receives bytes and the program that reads them.

use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// Bytes that can wait. A full queue loses nothing: the device keeps what does not fit.
pub const CAPACITY: usize = 1 << 14;

/// A bounded queue of bytes with one producer (the handlers of a core, of which one runs at a time)
/// and one consumer (the program).
///
/// Positions count up for ever and are reduced only to index, so a full queue and an empty one
/// differ.
#[derive(Debug)]
pub struct InputQueue {
    bytes: [AtomicU8; CAPACITY],
    /// Position of the next byte to be written; moved by the producer alone.
    head: AtomicUsize,
    /// Position of the next byte to be read; moved by the consumer, and by [`clear`](Self::clear).
    tail: AtomicUsize,
}

impl InputQueue {
    /// An empty queue.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "too large to be made anywhere but in a static"
    )]
    pub const fn new() -> Self {
        Self {
            bytes: [const { AtomicU8::new(0) }; CAPACITY],
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
        }
    }

    /// Appends a byte; false, and the byte is not taken, if the queue is full. Producer only.
    pub fn push(&self, byte: u8) -> bool {
        if self.is_full() {
            return false;
        }
        let head = self.head.load(Ordering::Relaxed);
        self.bytes[head % CAPACITY].store(byte, Ordering::Relaxed);
        self.head.store(head.wrapping_add(1), Ordering::Release);
        true
    }

    /// Takes the oldest byte. Consumer only.
    pub fn pop(&self) -> Option<u8> {
        loop {
            let tail = self.tail.load(Ordering::Acquire);
            if tail == self.head.load(Ordering::Acquire) {
                return None;
            }
            let byte = self.bytes[tail % CAPACITY].load(Ordering::Relaxed);
            // The handler may have cleared the queue since `tail` was read; then the byte is gone.
            let taken = self.tail.compare_exchange(
                tail,
                tail.wrapping_add(1),
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            if taken.is_ok() {
                return Some(byte);
            }
        }
    }

    /// Drops everything. Producer only.
    pub fn clear(&self) {
        self.tail
            .store(self.head.load(Ordering::Relaxed), Ordering::Release);
    }

    /// Bytes waiting.
    pub fn len(&self) -> usize {
        let tail = self.tail.load(Ordering::Acquire);
        self.head.load(Ordering::Acquire).wrapping_sub(tail)
    }

    /// True if nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if no byte fits.
    pub fn is_full(&self) -> bool {
        self.len() >= CAPACITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_in_the_order_they_went_in() {
        let queue = InputQueue::new();
        for round in 0..3 * CAPACITY {
            assert!(queue.push(round as u8));
            assert!(queue.push(!round as u8));
            assert_eq!(queue.pop(), Some(round as u8));
            assert_eq!(queue.pop(), Some(!round as u8));
        }
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn a_full_queue_refuses_and_keeps_what_it_has() {
        let queue = InputQueue::new();
        for _ in 0..CAPACITY {
            assert!(queue.push(1));
        }
        assert!(queue.is_full());
        assert!(!queue.push(2));
        assert_eq!(queue.pop(), Some(1));
        assert!(queue.push(3));
        assert_eq!(queue.len(), CAPACITY);
    }

    #[test]
    fn clearing_drops_everything() {
        let queue = InputQueue::new();
        queue.push(1);
        queue.push(2);
        queue.clear();
        assert!(queue.is_empty());
        assert_eq!(queue.pop(), None);
        queue.push(3);
        assert_eq!(queue.pop(), Some(3));
    }
}
