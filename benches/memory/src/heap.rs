//! A heap to measure with, and the clock.

use std::error::Error;

use rustix::time::{ClockId, clock_gettime};
use stele_memory::{Arena, Heap, Local, NeedSpace, Refusal, Root, Session};

use crate::Failure;

/// How many values a subject can keep.
const ROOTS: usize = 4;

/// A heap of its own, with a few roots.
pub(crate) struct Subject {
    pub(crate) session: Session<'static>,
    pub(crate) roots: [Root; ROOTS],
}

impl Subject {
    /// A heap in a fresh arena of so many bytes, which live as long as the program.
    pub(crate) fn new(bytes: u64) -> Result<Subject, Failure> {
        let region = Box::leak(vec![0u64; (bytes / 8) as usize].into_boxed_slice());
        let arena = Box::leak(Box::new(Arena::new(region)?));
        let heap = Box::leak(Box::new(Heap::empty()));
        Ok(Subject {
            // SAFETY: a new heap, and the only session of it.
            session: unsafe { Session::new(arena, heap) },
            roots: [const { Root::NIL }; ROOTS],
        })
    }

    /// Makes room for an operation, collecting if that is due.
    #[inline]
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), Failure> {
        match self.session.reserve(bytes) {
            Ok(()) => Ok(()),
            Err(need) => self.collect_for(need, bytes),
        }
    }

    #[cold]
    fn collect_for(&mut self, mut need: NeedSpace, bytes: usize) -> Result<(), Failure> {
        loop {
            match need {
                NeedSpace::OutOfMemory(error) => return Err(error.into()),
                NeedSpace::Collect => self.collect()?,
            }
            match self.session.reserve(bytes) {
                Ok(()) => return Ok(()),
                Err(again) => need = again,
            }
        }
    }

    /// Collects what is due.
    pub(crate) fn collect(&mut self) -> Result<(), Failure> {
        // SAFETY: these are all the roots of this heap.
        unsafe { self.session.collect(self.roots.as_mut_slice()) }?;
        Ok(())
    }

    /// Frees everything that is dead.
    pub(crate) fn collect_everything(&mut self) -> Result<(), Failure> {
        // SAFETY: these are all the roots of this heap.
        unsafe { self.session.collect_everything(self.roots.as_mut_slice()) }?;
        Ok(())
    }

    /// Replaces what a root holds by what `change` makes of it, with room for `bytes`.
    #[inline]
    pub(crate) fn change(
        &mut self,
        root: usize,
        bytes: usize,
        change: impl for<'a> FnOnce(
            &'a Session<'static>,
            Local<'a>,
            &'a [Root; ROOTS],
        ) -> Result<Local<'a>, Refusal>,
    ) -> Result<(), Failure> {
        self.reserve(bytes)?;
        let mut changed = Root::NIL;
        {
            let old = self.session.load(&self.roots[root]);
            let new = change(&self.session, old, &self.roots)?;
            self.session.store(&mut changed, new);
        }
        self.roots[root] = changed;
        Ok(())
    }

    /// What a root holds.
    #[inline]
    pub(crate) fn load(&self, root: usize) -> Local<'_> {
        self.session.load(&self.roots[root])
    }

    /// Bytes of live objects, after a collection of everything.
    pub(crate) fn live(&mut self) -> Result<u64, Failure> {
        self.collect_everything()?;
        Ok(self.session.heap_statistics().old)
    }
}

/// Nanoseconds of processor time that `work` took, for each of `operations`.
pub(crate) fn time(
    operations: u64,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Result<f64, Failure> {
    let before = now();
    work()?;
    Ok((now() - before) as f64 / operations as f64)
}

fn now() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Ends the run if the sides do not agree.
pub(crate) fn agree<T: PartialEq + std::fmt::Debug>(
    what: &str,
    ours: &T,
    peer: &T,
) -> Result<(), Failure> {
    if ours == peer {
        Ok(())
    } else {
        let error: Box<dyn Error> = format!("{what}: {ours:?} here, {peer:?} there").into();
        Err(error)
    }
}
