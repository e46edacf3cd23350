//! What an operation on large values keeps in scratch blocks: a stack of frames, and a table of
//! objects it has dealt with already.
//!
//! The table makes the work on values with shared parts bounded: an operation that has done
//! [`PATIENCE`] units of work since it last noted an object notes the next one it completes. So it
//! does at most about [`PATIENCE`] units for each object there is, however often objects are
//! shared, and a large tree without sharing costs little memory.

use core::cell::Cell;

use crate::arena::OutOfMemory;
use crate::scratch::Scratch;
use crate::session::Session;
use crate::value::Value;

/// Units of work between two notes.
pub(crate) const PATIENCE: u64 = 32;
/// Units of work before the first note, so that small values leave none.
pub(crate) const FIRST_PATIENCE: u64 = 4096;

/// Frames that are kept without a scratch block, while a step lasts.
const NEAR: usize = 24;

/// The upper part of a stack whose lower part is in a scratch block.
pub(crate) struct Frames<const N: usize> {
    near: [[Value; N]; NEAR],
    length: usize,
}

impl<const N: usize> Frames<N> {
    pub(crate) const fn new() -> Frames<N> {
        Frames {
            near: [[Value::NIL; N]; NEAR],
            length: 0,
        }
    }

    #[inline]
    pub(crate) fn push(
        &mut self,
        session: &Session<'_>,
        far: &mut Scratch,
        frame: [Value; N],
    ) -> Result<(), OutOfMemory> {
        if self.length == NEAR {
            self.spill(session, far, NEAR / 2)?;
        }
        self.near[self.length] = frame;
        self.length += 1;
        Ok(())
    }

    #[inline]
    pub(crate) fn pop(&mut self, session: &Session<'_>, far: &Scratch) -> Option<[Value; N]> {
        if self.length == 0 {
            self.fetch(session, far);
        }
        self.length = self.length.checked_sub(1)?;
        Some(self.near[self.length])
    }

    /// Moves all frames to the scratch block, at the end of a step.
    pub(crate) fn park(
        &mut self,
        session: &Session<'_>,
        far: &mut Scratch,
    ) -> Result<(), OutOfMemory> {
        self.spill(session, far, self.length)
    }

    #[cold]
    fn spill(
        &mut self,
        session: &Session<'_>,
        far: &mut Scratch,
        count: usize,
    ) -> Result<(), OutOfMemory> {
        session.push_scratch(far, self.near[..count].as_flattened())?;
        self.near.copy_within(count..self.length, 0);
        self.length -= count;
        Ok(())
    }

    #[cold]
    fn fetch(&mut self, session: &Session<'_>, far: &Scratch) {
        let Some(view) = session.view(far) else {
            return;
        };
        let frames = (view.count() / N).min(NEAR / 2);
        let first = view.count() - frames * N;
        for (index, value) in self.near[..frames]
            .as_flattened_mut()
            .iter_mut()
            .enumerate()
        {
            *value = view.get(first + index);
        }
        view.truncate(first);
        self.length = frames;
    }
}

/// A table from objects, or from names of atoms, to `N - 1` values each, in a scratch block.
///
/// Raw word 0 counts the objects, raw word 1 the collections of the heap when the table was last
/// arranged: a collection moves objects, and with them their places in the table. It leaves names alone.
#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct Memo<const N: usize> {
    scratch: Scratch,
}

const FIRST_SLOTS: usize = 64;

impl<const N: usize> Memo<N> {
    pub(crate) const NONE: Memo<N> = Memo {
        scratch: Scratch::NONE,
    };

    /// Rearranges the table if a collection has moved the objects; at the start of each step.
    pub(crate) fn refresh(&mut self, session: &Session<'_>) -> Result<(), OutOfMemory> {
        let stale = session.view(&self.scratch).is_some_and(|view| {
            view.raw.get(1).map(Cell::get) != Some(session.heap.collections.get())
        });
        if stale {
            self.arrange(session, 1)
        } else {
            Ok(())
        }
    }

    /// The values under `object`.
    pub(crate) fn get(&self, session: &Session<'_>, object: Value) -> Option<[Value; N]> {
        let view = session.view(&self.scratch)?;
        let at = slot::<N>(view.words(), object)?;
        let found = core::array::from_fn(|index| view.get(at + index));
        (found[0] == object).then_some(found)
    }

    /// Notes values under an object, which comes first.
    pub(crate) fn put(
        &mut self,
        session: &Session<'_>,
        entry: [Value; N],
    ) -> Result<(), OutOfMemory> {
        let room = session.view(&self.scratch).is_some_and(|view| {
            let used = view.raw.first().map_or(0, Cell::get) as usize;
            2 * (used + 1) * N <= view.count()
        });
        if !room {
            self.arrange(session, 2)?;
        }
        if let Some(view) = session.view(&self.scratch)
            && let Some(at) = slot::<N>(view.words(), entry[0])
        {
            if view.get(at) == Value::HOLE
                && let Some(used) = view.raw.first()
            {
                used.set(used.get() + 1);
            }
            for (index, value) in entry.into_iter().enumerate() {
                view.set(at + index, value);
            }
        }
        Ok(())
    }

    /// Makes the table anew, `factor` times as large.
    fn arrange(&mut self, session: &Session<'_>, factor: usize) -> Result<(), OutOfMemory> {
        let old = session.view(&self.scratch);
        let slots = old.map_or(FIRST_SLOTS, |view| factor * view.count() / N);
        let mut fresh = Memo::<N> {
            scratch: session.open_scratch(2, slots * N)?,
        };
        if let Some(view) = session.view(&fresh.scratch) {
            for _ in 0..slots * N {
                view.push(Value::HOLE);
            }
            if let Some(collections) = view.raw.get(1) {
                collections.set(session.heap.collections.get());
            }
        }
        for entry in old.iter().flat_map(|view| view.words().chunks_exact(N)) {
            let entry: [Value; N] =
                core::array::from_fn(|index| Value::from_word(entry[index].get()));
            if entry[0] != Value::HOLE {
                fresh.put(session, entry)?;
            }
        }
        self.close(session);
        *self = fresh;
        Ok(())
    }

    pub(crate) fn close(&mut self, session: &Session<'_>) {
        session.close_scratch(&mut self.scratch);
    }

    pub(crate) fn is_none(&self) -> bool {
        self.scratch.is_none()
    }
}

/// Index of the first word of the slot of `object`, or of the free one where it would go; none if
/// there is neither, as may be in a forged table.
fn slot<const N: usize>(words: &[Cell<u64>], object: Value) -> Option<usize> {
    let slots = words.len() / N;
    let hash = (object.offset() >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let first = (hash as usize).checked_rem(slots)?;
    (first..slots)
        .chain(0..first)
        .map(|slot| slot * N)
        .find(|at| {
            let key = Value::from_word(words[*at].get());
            key == object || key == Value::HOLE
        })
}

/// Classes of objects known to be equal: from each object to another one of its class, as a tree.
impl Memo<2> {
    /// The object that stands for the class of `object`.
    pub(crate) fn class(&self, session: &Session<'_>, object: Value) -> Value {
        let mut at = object;
        // Each link leads on, so there are no more than there are entries; a forged table may have
        // a circle.
        let entries = session.view(&self.scratch).map_or(0, |view| view.count());
        for _ in 0..entries {
            let Some([_, next]) = self.get(session, at) else {
                break;
            };
            if let Some([_, beyond]) = self.get(session, next) {
                self.shorten(session, at, beyond);
            }
            at = next;
        }
        at
    }

    fn shorten(&self, session: &Session<'_>, object: Value, to: Value) {
        if let Some(view) = session.view(&self.scratch)
            && let Some(at) = slot::<2>(view.words(), object)
        {
            view.set(at + 1, to);
        }
    }

    /// Makes one class of those of two objects.
    pub(crate) fn unite(
        &mut self,
        session: &Session<'_>,
        a: Value,
        b: Value,
    ) -> Result<(), OutOfMemory> {
        let (a, b) = (self.class(session, a), self.class(session, b));
        if a == b {
            Ok(())
        } else {
            self.put(session, [a, b])
        }
    }
}
