//! Several threads on one arena, each with a heap of its own.
//!
//! A [`Threads`] owns the arena. Each thread [registers](Threads::register), makes and reads values
//! through [sessions](Thread::session) of its own heap, and shares them through atoms. Private
//! collections concern nobody else; the block allocator, which all use, has a lock. When the shared
//! space is to be collected, one thread [stops](Thread::stop) all others at their
//! [safepoints](Thread::safepoint), where they have handed over their roots. A thread that waits
//! for something else is [away](Thread::away), its roots handed over likewise, and holds nobody up.
//!
//! What this module never does: start or schedule threads, or wait in the operating system: waiting
//! is a function of the owner's.
//!
//! Read `slot`, `mod`, `stopped`.

mod slot;
mod stopped;

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU64;

use crate::arena::{Arena, OutOfMemory};
use crate::protocol::lock::Lock;
use crate::protocol::rendezvous::Rendezvous;
use crate::root::{Root, RootsMut};
use crate::session::{Access, NeedSpace, Session};
use crate::shared::SharedCollected;
use crate::space::Space;
use slot::Slot;
pub use stopped::Stopped;

/// An arena and the threads that share it, at most `N`.
pub struct Threads<'r, const N: usize> {
    arena: UnsafeCell<Arena<'r>>,
    /// The first byte of the arena, for those who do not hold the lock.
    base: NonNull<u8>,
    /// Used under the lock, but for the words of atoms.
    space: Space,
    lock: Lock<AtomicU64>,
    rendezvous: Rendezvous<AtomicU64>,
    slots: [Slot; N],
    pause: fn(u32),
}

// SAFETY: arena and space are used under the lock, or by the one thread that has stopped all others; slots
// as their type says. Both change hands by acquire and release (see `protocol`).
unsafe impl<const N: usize> Sync for Threads<'_, N> {}

/// There are as many threads as there can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyThreads {
    /// How many there can be.
    pub limit: usize,
}

impl fmt::Display for TooManyThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit;
        write!(
            f,
            "{limit} threads share this arena, which is as many as can: end one first"
        )
    }
}

impl core::error::Error for TooManyThreads {}

/// A registered thread. It runs, in the sense that a stop waits for it, until it is dropped, but
/// for the times in which it is at a safepoint or away.
pub struct Thread<'t, 'r, const N: usize> {
    threads: &'t Threads<'r, N>,
    slot: &'t Slot,
    /// Not to be used by two threads at once.
    alone: PhantomData<core::cell::Cell<()>>,
}

// SAFETY: a `Thread` is the one owner of its slot while it runs, whichever thread of the system has
// it.
unsafe impl<const N: usize> Send for Thread<'_, '_, N> {}

impl<'r, const N: usize> Threads<'r, N> {
    /// Threads on `arena`, none yet. `pause` is called when a thread waits for another, with the
    /// number of the turn of that wait; it may give the processor away, and must not panic.
    #[must_use]
    pub fn new(arena: Arena<'r>, pause: fn(u32)) -> Threads<'r, N> {
        Threads {
            base: arena.base(),
            arena: UnsafeCell::new(arena),
            space: Space::empty(),
            lock: Lock::new(AtomicU64::new(0)),
            rendezvous: Rendezvous::new(AtomicU64::new(0)),
            slots: [const { Slot::new() }; N],
            pause,
        }
    }

    /// Adds a thread, whose heap has nothing in it that is its own; what a thread that has ended
    /// shared may be there still. While there is a stop, waits for its end.
    ///
    /// # Errors
    /// If there are as many as there can be.
    pub fn register(&self) -> Result<Thread<'_, 'r, N>, TooManyThreads> {
        self.rendezvous.enter(self.pause);
        let Some(slot) = self.slots.iter().find(|slot| slot.take()) else {
            self.rendezvous.leave();
            return Err(TooManyThreads { limit: N });
        };
        Ok(Thread {
            threads: self,
            slot,
            alone: PhantomData,
        })
    }

    /// The arena, when all threads have ended.
    #[must_use]
    pub fn into_arena(self) -> Arena<'r> {
        self.arena.into_inner()
    }
}

impl<'r, const N: usize> Thread<'_, 'r, N> {
    /// Opens a session of this thread's heap.
    ///
    /// # Safety
    /// - Every root that will be loaded holds a value that was stored through a session of one of
    ///   these threads, and has since been passed to every collection, safepoint and stop of the
    ///   thread that loads it, and to every [`Thread::away`].
    /// - Locals of another session are not passed to this one.
    pub unsafe fn session(&mut self) -> Session<'_> {
        let threads = self.threads;
        let access = Access::Locked {
            lock: &threads.lock,
            pause: threads.pause,
        };
        // SAFETY: a place inside the cell, by a pointer that is not null.
        let core = unsafe { NonNull::new_unchecked(&raw mut (*threads.arena.get()).core) };
        // SAFETY: the heap is this thread's while it runs, and the exclusive borrow of the thread
        // makes this its only session; a `Threads` never moves while threads borrow it, and all of
        // them use its core under the lock. The caller has promised the rest.
        unsafe {
            Session::shared(
                threads.base,
                core,
                &*self.slot.heap(),
                &threads.space,
                access,
            )
        }
    }

    /// Whether another thread waits for this one to come to a safepoint.
    #[inline]
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        self.threads.rendezvous.stop_requested()
    }

    /// If somebody wants all threads to stop: hands over the roots and waits until that is over.
    ///
    /// # Safety
    /// `roots` presents every root that this thread will use again, the same ones each time it is
    /// asked, and none that is not of these threads.
    #[inline]
    pub unsafe fn safepoint(&mut self, roots: &mut (dyn RootsMut + Send)) {
        if self.is_waited_for() {
            self.park(roots);
        }
    }

    #[cold]
    fn park(&mut self, roots: &mut (dyn RootsMut + Send)) {
        self.slot.hand_over(roots);
        self.threads.rendezvous.park(steadily(self.threads.pause));
        self.slot.take_back();
    }

    /// Stops all other threads, does `work` with all that they have, and lets them go on. None if
    /// another thread was about to do so: then this is a safepoint, and it is for the caller to see
    /// whether what it wanted has been done.
    ///
    /// # Safety
    /// As for [`Thread::safepoint`]: `roots` too are among those that `work` finds.
    pub unsafe fn stop<T>(
        &mut self,
        roots: &mut (dyn RootsMut + Send),
        work: impl FnOnce(&mut Stopped<'_, 'r, N>) -> T,
    ) -> Option<T> {
        /// Lets the others go on even if the work panics.
        struct Resume<'a, 't, 'r, const N: usize>(&'a Thread<'t, 'r, N>);
        impl<const N: usize> Drop for Resume<'_, '_, '_, N> {
            fn drop(&mut self) {
                self.0.slot.take_back();
                self.0.threads.rendezvous.resume();
            }
        }
        let threads = self.threads;
        if !threads.rendezvous.try_stop() {
            self.park(roots);
            return None;
        }
        self.slot.hand_over(roots);
        threads.rendezvous.wait_for_others(steadily(threads.pause));
        let _resume = Resume(self);
        // SAFETY: all other threads are parked or away, and their slots and the arena are not used
        // by anybody else before the stop ends.
        let mut stopped =
            unsafe { Stopped::new(&mut *threads.arena.get(), &threads.space, &threads.slots) };
        Some(work(&mut stopped))
    }

    /// A [safepoint](Thread::safepoint); and makes sure that operations which need at most `bytes` in
    /// all will find room, collecting what has to be collected for that.
    ///
    /// # Errors
    /// If there is no room for them.
    ///
    /// # Safety
    /// As for [`Thread::safepoint`].
    #[inline]
    pub unsafe fn reserve(
        &mut self,
        bytes: usize,
        roots: &mut (dyn RootsMut + Send),
    ) -> Result<(), OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe {
            self.safepoint(roots);
            match self.session().reserve(bytes) {
                Ok(()) => Ok(()),
                Err(need) => self.make_room(need, bytes, roots),
            }
        }
    }

    #[cold]
    unsafe fn make_room(
        &mut self,
        mut need: NeedSpace,
        bytes: usize,
        roots: &mut (dyn RootsMut + Send),
    ) -> Result<(), OutOfMemory> {
        loop {
            if let NeedSpace::OutOfMemory(error) = need {
                return Err(error);
            }
            // SAFETY: the caller's promise.
            unsafe {
                if self.session().shared_collection_due() {
                    self.collect_shared(roots)?;
                } else {
                    self.session().collect(roots)?;
                }
                match self.session().reserve(bytes) {
                    Ok(()) => return Ok(()),
                    Err(again) => need = again,
                }
            }
        }
    }

    /// Stops all other threads and collects the shared space, with the heaps of all threads. None if
    /// another thread was about to stop all: then it is for the caller to see whether this is still
    /// wanted.
    ///
    /// # Errors
    /// As [`Space::collect`].
    ///
    /// # Safety
    /// As for [`Thread::safepoint`].
    pub unsafe fn collect_shared(
        &mut self,
        roots: &mut (dyn RootsMut + Send),
    ) -> Result<Option<SharedCollected>, OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe { self.stop(roots, |stopped| stopped.collect_shared()) }.transpose()
    }

    /// Does something that may take long and needs no values, without holding anybody up.
    ///
    /// # Safety
    /// As for [`Thread::safepoint`].
    pub unsafe fn away<T>(
        &mut self,
        roots: &mut (dyn RootsMut + Send),
        work: impl FnOnce() -> T,
    ) -> T {
        /// Comes back even if the work panics.
        struct Back<'a, 't, 'r, const N: usize>(&'a Thread<'t, 'r, N>);
        impl<const N: usize> Drop for Back<'_, '_, '_, N> {
            fn drop(&mut self) {
                let threads = self.0.threads;
                threads.rendezvous.enter(steadily(threads.pause));
                self.0.slot.take_back();
            }
        }
        self.slot.hand_over(roots);
        self.threads.rendezvous.leave();
        let _back = Back(self);
        work()
    }
}

/// Waits with `pause` while others count on this thread: they may have its roots, which would be gone
/// if it panicked. There is no way on then, so that ends the process, as a panic within one does.
fn steadily(pause: fn(u32)) -> impl Fn(u32) {
    struct Steady;
    impl Drop for Steady {
        fn drop(&mut self) {
            panic!("a thread panicked while it was waiting for other threads");
        }
    }
    move |turn| {
        let steady = Steady;
        pause(turn);
        core::mem::forget(steady);
    }
}

impl<const N: usize> Drop for Thread<'_, '_, N> {
    /// Frees what the thread did not share, and ends its unfinished operations.
    fn drop(&mut self) {
        let threads = self.threads;
        let held = threads.lock.take(threads.pause);
        // SAFETY: the lock is held; the heap is this thread's, which runs and has no session.
        let (core, heap) = unsafe { (&mut (*threads.arena.get()).core, &*self.slot.heap()) };
        heap.drop_all_scratch(core);
        // SAFETY: what no root reaches is not used again, and the thread's roots are not. Nothing is
        // alive, so nothing is copied, and that cannot fail for want of room.
        let _ = unsafe { heap.collect_everything_in(core, &mut [] as &mut [Root]) };
        drop(held);
        self.slot.give_back();
        threads.rendezvous.leave();
    }
}
