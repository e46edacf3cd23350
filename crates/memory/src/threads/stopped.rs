//! What the one thread that runs can do while all others are stopped.

use super::slot::Slot;
use crate::arena::{Arena, OutOfMemory, Statistics};
use crate::heap::{Heap, HeapStatistics};
use crate::root::{Root, Roots, RootsMut};
use crate::shared::{Heaps, SharedCollected};
use crate::space::{Space, SpaceStatistics};
use crate::verify::HeapError;

/// All that the threads have, while only one of them runs.
pub struct Stopped<'s, 'r, const N: usize> {
    arena: &'s mut Arena<'r>,
    space: &'s Space,
    slots: &'s [Slot; N],
}

impl<'s, 'r, const N: usize> Stopped<'s, 'r, N> {
    /// # Safety
    /// As long as this lives nobody else uses the arena, or heap or roots of a slot.
    pub(super) unsafe fn new(
        arena: &'s mut Arena<'r>,
        space: &'s Space,
        slots: &'s [Slot; N],
    ) -> Self {
        Stopped {
            arena,
            space,
            slots,
        }
    }

    /// How full the arena is.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.arena.statistics()
    }

    /// How full the heaps of the threads are.
    pub fn heap_statistics(&self) -> impl Iterator<Item = HeapStatistics> {
        let threads = self.slots.iter().filter(|slot| slot.is_taken());
        // SAFETY: nobody else uses the heap (see `new`).
        threads.map(|slot| unsafe { &*slot.heap() }.statistics())
    }

    /// How full the shared space is, and what its collections have done so far.
    #[must_use]
    pub fn space_statistics(&self) -> SpaceStatistics {
        self.space.statistics()
    }

    /// Collects the shared space, with the heaps of all threads.
    ///
    /// # Errors
    /// As [`Space::collect`].
    pub fn collect_shared(&mut self) -> Result<SharedCollected, OutOfMemory> {
        let (heaps, mut roots) = (AllHeaps(self.slots), AllRoots(self.slots));
        // SAFETY: nobody else uses any of them (see `new`), and these are all there are.
        unsafe { self.space.collect(self.arena, &heaps, &mut roots) }
    }

    /// Checks all heaps, every object in them, and all roots.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn verify(&mut self) -> Result<(), HeapError> {
        let roots = AllRoots(self.slots);
        // SAFETY: nobody else uses the heaps, nor any other reference to one meanwhile.
        let heaps = self.slots.each_ref().map(|slot| unsafe { &*slot.heap() });
        self.space.verify(self.arena, &heaps, &roots)
    }
}

/// The heaps of all threads, of those that have ended as well: what they shared is in there.
struct AllHeaps<'s, const N: usize>(&'s [Slot; N]);

impl<const N: usize> Heaps for AllHeaps<'_, N> {
    fn each(&self, visit: &mut dyn FnMut(&Heap)) {
        for slot in self.0 {
            // SAFETY: nobody else uses the heap (see `Stopped::new`).
            visit(unsafe { &*slot.heap() });
        }
    }
}

/// The roots of all threads, by whoever has stopped them.
struct AllRoots<'s, const N: usize>(&'s [Slot; N]);

impl<const N: usize> AllRoots<'_, N> {
    fn each_root(&self, visit: &mut dyn FnMut(&mut Root)) {
        for mut roots in self.0.iter().filter_map(Slot::handed_over) {
            // SAFETY: the roots are borrowed by their thread until it runs again, and one at a time
            // here.
            unsafe { roots.as_mut() }.each_mut(visit);
        }
    }
}

impl<const N: usize> Roots for AllRoots<'_, N> {
    fn each(&self, visit: &mut dyn FnMut(&Root)) {
        self.each_root(&mut |root| visit(root));
    }
}

impl<const N: usize> RootsMut for AllRoots<'_, N> {
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut Root)) {
        self.each_root(visit);
    }
}
