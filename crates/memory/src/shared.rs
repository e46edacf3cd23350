//! Collections of the shared space: while nothing else runs, of all heaps and atoms at once.
//!
//! How it is found out what is alive, and how the rest is freed, is up to a [`SharedCollector`].
//! [`Copying`] is the one that is used.

use crate::arena::{Arena, Core, OutOfMemory};
use crate::collect::Collected;
use crate::copying::Copying;
use crate::heap::{Chain, Heap};
use crate::root::RootsMut;
use crate::space::Space;

/// Some heaps, however they are kept.
pub trait Heaps {
    /// Calls `visit` with each heap.
    fn each(&self, visit: &mut dyn FnMut(&Heap));
}

impl Heaps for Heap {
    fn each(&self, visit: &mut dyn FnMut(&Heap)) {
        visit(self);
    }
}

impl<H: Heaps + ?Sized> Heaps for &H {
    fn each(&self, visit: &mut dyn FnMut(&Heap)) {
        (**self).each(visit);
    }
}

impl Heaps for [Heap] {
    fn each(&self, visit: &mut dyn FnMut(&Heap)) {
        self.iter().for_each(visit);
    }
}

impl Heaps for [&Heap] {
    fn each(&self, visit: &mut dyn FnMut(&Heap)) {
        self.iter().for_each(|heap| visit(heap));
    }
}

/// Everything that shares through a space, in a moment in which nothing runs.
pub struct Standstill<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) space: &'a Space,
    pub(crate) heaps: &'a dyn Heaps,
    pub(crate) roots: &'a mut dyn RootsMut,
}

/// What a collection of the shared space did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SharedCollected {
    /// Objects that were alive.
    pub objects: u64,
    /// Bytes of these objects.
    pub live: u64,
    /// Bytes of objects that were dead.
    pub freed: u64,
    /// Atoms that somebody can name.
    pub atoms: u64,
    /// Atoms that nobody could name any more.
    pub atoms_freed: u64,
}

/// A way to free what is dead in a shared space.
pub trait SharedCollector {
    /// Frees the objects that roots, scratch blocks and nameable atoms do not reach, and the atoms
    /// that cannot be named; brings every root up to date.
    ///
    /// # Errors
    /// If there is no room for it. Everything is as before then.
    fn collect(&mut self, world: &mut Standstill<'_>) -> Result<SharedCollected, OutOfMemory>;
}

impl Space {
    /// Collects the shared space and all heaps that share through it.
    ///
    /// # Errors
    /// If there is no room for the copies, the reserve included. Everything is as before then.
    ///
    /// # Safety
    /// - `arena` is the one that the space and the heaps have their blocks from, and nothing else
    ///   uses any of them meanwhile.
    /// - `heaps` presents every heap that shares through this space, and `roots` every root that
    ///   will be used again with any of them; both present the same ones each time they are asked.
    pub unsafe fn collect<H: Heaps + ?Sized, R: RootsMut + ?Sized>(
        &self,
        arena: &mut Arena<'_>,
        heaps: &H,
        mut roots: &mut R,
    ) -> Result<SharedCollected, OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe { self.collect_by(&mut Copying, &mut arena.core, &heaps, &mut roots) }
    }

    /// As [`Space::collect`], by a collector of the caller's choice.
    ///
    /// # Errors
    /// As [`Space::collect`].
    ///
    /// # Safety
    /// As for [`Space::collect`].
    pub unsafe fn collect_with<H: Heaps + ?Sized, R: RootsMut + ?Sized>(
        &self,
        collector: &mut dyn SharedCollector,
        arena: &mut Arena<'_>,
        heaps: &H,
        mut roots: &mut R,
    ) -> Result<SharedCollected, OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe { self.collect_by(collector, &mut arena.core, &heaps, &mut roots) }
    }

    /// As [`Space::collect_with`].
    ///
    /// # Safety
    /// As for [`Space::collect`].
    pub(crate) unsafe fn collect_by(
        &self,
        collector: &mut dyn SharedCollector,
        core: &mut Core,
        heaps: &dyn Heaps,
        roots: &mut dyn RootsMut,
    ) -> Result<SharedCollected, OutOfMemory> {
        let collected = collector.collect(&mut Standstill {
            core,
            space: self,
            heaps,
            roots,
        })?;
        let work = &self.work;
        let add = |word: &core::cell::Cell<u64>, more| word.set(word.get().saturating_add(more));
        add(&work.collections, 1);
        add(&work.objects, collected.objects);
        add(&work.bytes, collected.live);
        add(&work.freed, collected.freed);
        add(&work.atoms_freed, collected.atoms_freed);
        work.largest.set(work.largest.get().max(collected.live));
        let left = [self.chain.held.get(), self.atoms.get()];
        for (word, left) in self.left.iter().zip(left) {
            word.set(left);
        }
        self.collect_next.set(0);
        Ok(collected)
    }

    /// Collects the shared space with the only heap that shares through it.
    ///
    /// # Safety
    /// As for [`Space::collect`].
    pub(crate) unsafe fn collect_alone<R: RootsMut + ?Sized>(
        &self,
        core: &mut Core,
        heap: &Heap,
        mut roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        // SAFETY: the caller's promise.
        let collected = unsafe { self.collect_by(&mut Copying, core, heap, &mut roots) }?;
        Ok(Collected {
            everything: true,
            live: collected.live,
            freed: collected.freed,
        })
    }
}

impl Standstill<'_> {
    /// Bytes of objects in the space and all heaps, dead ones included.
    pub(crate) fn used(&self) -> u64 {
        let mut used = self.space.chain.used();
        self.heaps.each(&mut |heap| used += heap.used());
        used
    }

    /// Calls `visit` with each chain of the space and of all heaps.
    pub(crate) fn each_chain(&mut self, mut visit: impl FnMut(&mut Core, &Chain)) {
        visit(self.core, &self.space.chain);
        self.heaps.each(&mut |heap| {
            for chain in [&heap.shared, &heap.old, &heap.nursery] {
                visit(self.core, chain);
            }
        });
    }
}
