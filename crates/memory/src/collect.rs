//! The collector: copies what the roots reach into new chunks, in order of age, and frees the old.
//!
//! Mark, from the youngest object to the oldest: an object refers only to older ones, so when the
//! pass comes to it all marks it can get are set. Then copy, from the oldest to the youngest: when
//! the pass comes to an object all it refers to has moved already. Neither pass recurses or needs a
//! stack; both look only at marked objects and at the bit maps, so dead objects cost one bit each.

use core::cell::Cell;

use crate::arena::{Arena, Core, OutOfMemory, Source};
use crate::heap::{self, Heap, LARGEST_CHUNK, mark_of, marks_words};
use crate::object::Header;
use crate::root::RootsMut;
use crate::value::Value;

/// What a collection did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Collected {
    /// Bytes of objects that are alive and were copied.
    pub live: u64,
    /// Bytes of objects that were dead.
    pub freed: u64,
}

impl Heap {
    /// Frees what no root reaches and moves the rest; every root is brought up to date.
    ///
    /// # Errors
    /// If there is no room for the copies, the reserve included. Heap and roots are as before then.
    ///
    /// # Safety
    /// `arena` is the one this heap has its chunks from. `roots` presents every root into this heap
    /// that will be used again, the same ones each time it is asked, and none into another heap.
    pub unsafe fn collect<R: RootsMut + ?Sized>(
        &mut self,
        arena: &mut Arena<'_>,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe { self.collect_in(&mut arena.core, roots) }
    }

    /// As [`Heap::collect`].
    ///
    /// # Safety
    /// As for [`Heap::collect`].
    pub(crate) unsafe fn collect_in<R: RootsMut + ?Sized>(
        &self,
        core: &mut Core,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        let used = self.used();
        // SAFETY: all below reads and writes only the chunks of this heap and the new ones; the
        // references it follows come from roots of this heap and from its objects.
        unsafe {
            self.close(core);
            clear_marks(core, self.first.get());
            roots.each_mut(&mut |root| mark(core, root.0));
            let live = mark_all(core, self.last.get());
            let to = Heap::empty();
            copy_all(core, self.first.get(), &to, live)?;
            roots.each_mut(&mut |root| root.0 = forward(core, root.0));
            heap::free_chunks(core, self.first.get());
            self.become_heap(&to, live);
            Ok(Collected {
                live,
                freed: used - live,
            })
        }
    }

    /// Notes in the youngest chunk where its objects end.
    unsafe fn close(&self, core: &mut Core) {
        let last = self.last.get();
        if last != 0 {
            // SAFETY: the youngest chunk is this heap's.
            unsafe { core.set_word(last + 16, self.bump.get()) };
        }
    }

    /// Takes over the chunks that `to` has.
    fn become_heap(&self, to: &Heap, live: u64) {
        let fields: [fn(&Heap) -> &Cell<u64>; 8] = [
            |heap| &heap.first,
            |heap| &heap.last,
            |heap| &heap.bump,
            |heap| &heap.limit,
            |heap| &heap.order,
            |heap| &heap.closed,
            |heap| &heap.chunks,
            |heap| &heap.held,
        ];
        for field in fields {
            field(self).set(field(to).get());
        }
        self.live.set(live);
        self.collections
            .set(self.collections.get().saturating_add(1));
    }
}

unsafe fn clear_marks(core: &mut Core, mut chunk: u64) {
    while chunk != 0 {
        // SAFETY: `chunk` is a chunk of the heap being collected; its bit map lies inside it.
        unsafe {
            let size = core.word(chunk + 24);
            core.pointer(mark_of(chunk, chunk).0)
                .write_bytes(0, 8 * marks_words(size) as usize);
            chunk = core.word(chunk);
        }
    }
}

/// Marks what `value` refers to.
#[inline]
unsafe fn mark(core: &mut Core, value: Value) {
    if value.is_reference() {
        let (word, bit) = mark_of(value.chunk(), value.offset());
        // SAFETY: a reference of this heap names one of its chunks, whose bit map holds this word.
        unsafe { core.set_word(word, core.word(word) | bit) };
    }
}

/// Marks all that marked objects refer to, from the chunk `chunk` down; returns the bytes of all
/// marked objects.
unsafe fn mark_all(core: &mut Core, mut chunk: u64) -> u64 {
    let mut live = 0;
    while chunk != 0 {
        // SAFETY: `chunk` is a chunk of the heap; a set bit is the start of an object in it, whose
        // payload lies inside the chunk too.
        unsafe {
            let first = mark_of(chunk, chunk).0;
            for index in (0..marks_words(core.word(chunk + 24))).rev() {
                let word = first + 8 * index;
                let mut below = u64::MAX;
                loop {
                    // Read anew each time: objects of this word may mark others further down in it.
                    let bits = core.word(word) & below;
                    if bits == 0 {
                        break;
                    }
                    let bit = bits.ilog2();
                    below = (1 << bit) - 1;
                    let object = chunk + 8 * (64 * index + u64::from(bit));
                    let header = Header::from_word(core.word(object));
                    live += header.size();
                    for slot in header.first_value()..header.words() {
                        mark(
                            core,
                            Value::from_word(core.word(object + 8 + 8 * slot as u64)),
                        );
                    }
                }
            }
            chunk = core.word(chunk + 8);
        }
    }
    live
}

/// Where the value is now: the header of an object that has moved is its new reference.
#[inline]
unsafe fn forward(core: &Core, value: Value) -> Value {
    if value.is_reference() {
        // SAFETY: a reference of this heap names one of its objects, which has been copied.
        Value::from_word(unsafe { core.word(value.offset()) })
    } else {
        value
    }
}

/// Copies all marked objects of the chunks from `first` on into the empty heap `to`. If that fails,
/// everything is as before.
unsafe fn copy_all(core: &mut Core, first: u64, to: &Heap, live: u64) -> Result<(), OutOfMemory> {
    let mut left = live;
    let mut chunk = first;
    while chunk != 0 {
        // SAFETY: as in `mark_all`; the copy goes to room that `to` has just given out.
        unsafe {
            let marks = mark_of(chunk, chunk).0;
            for index in 0..marks_words(core.word(chunk + 24)) {
                let mut bits = core.word(marks + 8 * index);
                while bits != 0 {
                    let object = chunk + 8 * (64 * index + u64::from(bits.trailing_zeros()));
                    bits &= bits - 1;
                    let header = Header::from_word(core.word(object));
                    let at = match to.bump(header.size()) {
                        Some(at) => at,
                        None => {
                            if let Err(error) = make_room(core, to, header.size(), left) {
                                undo(core, first, object);
                                heap::free_chunks(core, to.first.get());
                                return Err(error);
                            }
                            to.bump.replace(to.bump.get() + header.size())
                        }
                    };
                    copy(core, object, header, at);
                    core.set_word(object, to.reference(at).word());
                    left -= header.size();
                }
            }
            chunk = core.word(chunk);
        }
    }
    Ok(())
}

fn make_room(core: &mut Core, to: &Heap, bytes: u64, left: u64) -> Result<(), OutOfMemory> {
    // Room for all that is left, if that is little; what remains of the chunk serves the mutator.
    let preferred = (left + left / 32 + 64)
        .next_power_of_two()
        .min(LARGEST_CHUNK);
    let block = heap::acquire(
        core,
        preferred,
        bytes,
        "the copies of a collection",
        Source::Reserve,
    )?;
    to.append(core, block);
    Ok(())
}

unsafe fn copy(core: &mut Core, object: u64, header: Header, at: u64) {
    let raw = header.first_value();
    // SAFETY: the object and the room for its copy lie in chunks of their own, and do not overlap.
    unsafe {
        core.set_word(at, header.word());
        core.pointer(at + 8)
            .copy_from_nonoverlapping(core.pointer(object + 8), 8 * raw);
        for slot in raw as u64..header.words() as u64 {
            let value = Value::from_word(core.word(object + 8 + 8 * slot));
            core.set_word(at + 8 + 8 * slot, forward(core, value).word());
        }
    }
}

/// Restores the headers of the objects that were copied before the one at `end`.
unsafe fn undo(core: &mut Core, first: u64, end: u64) {
    let mut chunk = first;
    loop {
        // SAFETY: every marked object before `end` has been copied, so its header is the reference
        // to its copy, whose header is the original. `end` is a marked object of these chunks.
        unsafe {
            let marks = mark_of(chunk, chunk).0;
            for index in 0..marks_words(core.word(chunk + 24)) {
                let mut bits = core.word(marks + 8 * index);
                while bits != 0 {
                    let object = chunk + 8 * (64 * index + u64::from(bits.trailing_zeros()));
                    bits &= bits - 1;
                    if object == end {
                        return;
                    }
                    let moved = Value::from_word(core.word(object));
                    core.set_word(object, core.word(moved.offset()));
                }
            }
            chunk = core.word(chunk);
        }
    }
}
