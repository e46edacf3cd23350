//! A thread's place in the registry: what the thread that collects has to find of the others.

use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::heap::Heap;
use crate::root::RootsMut;

/// Roots that a thread has handed over, for as long as it does not run.
pub(super) type HandedOver = NonNull<dyn RootsMut + Send>;

/// A place for a thread. Its heap and roots belong to that thread while it runs, and to the thread
/// that has stopped all others while there is one.
pub(super) struct Slot {
    taken: AtomicBool,
    heap: UnsafeCell<Heap>,
    roots: Cell<Option<HandedOver>>,
}

impl Slot {
    pub(super) const fn new() -> Slot {
        Slot {
            taken: AtomicBool::new(false),
            heap: UnsafeCell::new(Heap::empty()),
            roots: Cell::new(None),
        }
    }

    /// Takes the slot, if it is free: acquires what its last thread left, which released it.
    pub(super) fn take(&self) -> bool {
        let (order, failure) = (Ordering::Acquire, Ordering::Relaxed);
        self.taken
            .compare_exchange(false, true, order, failure)
            .is_ok()
    }

    /// Gives the slot back, with nothing in its heap but what is shared.
    pub(super) fn give_back(&self) {
        self.taken.store(false, Ordering::Release);
    }

    pub(super) fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Acquire)
    }

    /// The heap, by a pointer: who may use it is said at [`Slot`].
    pub(super) fn heap(&self) -> *mut Heap {
        self.heap.get()
    }

    /// Shows the roots to whoever stops all threads, until they are taken back.
    pub(super) fn hand_over(&self, roots: &mut (dyn RootsMut + Send + '_)) {
        let roots: NonNull<dyn RootsMut + Send + '_> = NonNull::from(roots);
        // SAFETY: the two types differ in the lifetime alone. The thread that hands over its roots
        // takes them back before its borrow of them ends, and does so only while it runs, that is,
        // when nobody uses them.
        let roots =
            unsafe { core::mem::transmute::<NonNull<dyn RootsMut + Send + '_>, HandedOver>(roots) };
        self.roots.set(Some(roots));
    }

    pub(super) fn take_back(&self) {
        self.roots.set(None);
    }

    pub(super) fn handed_over(&self) -> Option<HandedOver> {
        self.roots.get()
    }
}
