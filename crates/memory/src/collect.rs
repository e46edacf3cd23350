//! The collector: copies what the roots reach to the old chunks, in order of age, and frees the
//! chunks it came from.
//!
//! Mark, from the youngest object to the oldest: an object refers only to older ones, so when the
//! pass comes to it all marks it can get are set. Then copy, from the oldest to the youngest: when
//! the pass comes to an object all it refers to has moved already. Neither pass recurses or needs a
//! stack; both look only at marked objects and at the bit maps, so dead objects cost one bit each.
//!
//! A collection of the nursery copies behind the old objects and ignores references to them. A
//! collection of everything copies to new chunks. Neither looks at what is sealed, in this heap or
//! another: sealed objects refer to sealed ones only. When the room for the copies runs out, what
//! was done is undone.

use core::sync::atomic::Ordering;

use crate::arena::{Arena, Block, Core, OutOfMemory, Source};
use crate::heap::{
    self, Chain, Heap, LARGEST_CHUNK, LEAST_NURSERY, SEALED_UNTIL, mark_of, marks_words,
};
use crate::object::Header;
use crate::root::RootsMut;
use crate::scratch;
use crate::value::{Residence, Value};

/// Everything is collected when the old chunks have grown by so many times what the last collection
/// of everything left; sooner if the arena is full. More takes memory, less takes time.
const GROWTH: u64 = 2;

/// What a collection did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Collected {
    /// Whether it collected everything, or the nursery alone.
    pub everything: bool,
    /// Bytes of objects that it copied because they are alive.
    pub live: u64,
    /// Bytes of objects that were dead.
    pub freed: u64,
}

impl Heap {
    /// Frees what is dead in the nursery, and now and then what is dead anywhere; moves the rest,
    /// and brings every root up to date.
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
        unsafe { self.collect_due(&mut arena.core, roots) }
    }

    /// Frees everything that is not sealed and that no root reaches; otherwise as [`Heap::collect`].
    ///
    /// # Errors
    /// As [`Heap::collect`].
    ///
    /// # Safety
    /// As for [`Heap::collect`].
    pub unsafe fn collect_everything<R: RootsMut + ?Sized>(
        &mut self,
        arena: &mut Arena<'_>,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe { self.collect_everything_in(&mut arena.core, roots) }
    }

    /// As [`Heap::collect_everything`].
    ///
    /// # Safety
    /// As for [`Heap::collect`].
    pub(crate) unsafe fn collect_everything_in<R: RootsMut + ?Sized>(
        &self,
        core: &mut Core,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe { self.run::<true, R>(core, roots) }
    }

    /// As [`Heap::collect`].
    ///
    /// # Safety
    /// As for [`Heap::collect`].
    pub(crate) unsafe fn collect_due<R: RootsMut + ?Sized>(
        &self,
        core: &mut Core,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        let grown = self.old.used().saturating_sub(self.live.get());
        let everything = grown > GROWTH * self.live.get().max(LEAST_NURSERY);
        // SAFETY: the caller's promise.
        unsafe {
            if everything || self.everything_next.get() != 0 {
                self.run::<true, R>(core, roots)
            } else {
                self.run::<false, R>(core, roots)
            }
        }
    }

    /// Collects everything, or the nursery.
    ///
    /// # Safety
    /// As for [`Heap::collect`].
    unsafe fn run<const EVERYTHING: bool, R: RootsMut + ?Sized>(
        &self,
        core: &mut Core,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        let none = Chain::empty();
        let old = if EVERYTHING { &self.old } else { &none };
        let used = self.nursery_used() + old.used();
        let fresh = Chain::empty();
        let to = if EVERYTHING { &fresh } else { &self.old };
        let before = to.clone();
        // SAFETY: all below reads and writes only the chunks of this heap and the new ones; the
        // references it follows come from roots of this heap and from its objects.
        unsafe {
            for chain in [&self.nursery, old] {
                chain.close(core);
                clear_marks(core, chain.first.get());
            }
            roots.each_mut(&mut |root| mark::<EVERYTHING>(core, root.0));
            scratch::each_value(core, self.scratch.get(), |core, value| {
                mark::<EVERYTHING>(core, value);
                value
            });
            let mut live = mark_all::<EVERYTHING>(core, self.nursery.last.get());
            live += mark_all::<EVERYTHING>(core, old.last.get());
            let from = [old.first.get(), self.nursery.first.get()];
            if let Err((end, error)) = copy_all::<EVERYTHING>(core, from, to, live) {
                undo(core, from, end);
                to.roll_back(core, &before);
                return Err(error);
            }
            roots.each_mut(&mut |root| root.0 = forward::<EVERYTHING>(core, root.0));
            scratch::each_value(core, self.scratch.get(), |core, value| {
                forward::<EVERYTHING>(core, value)
            });
            heap::free_chunks(core, from[0]);
            self.empty_nursery(core);
            if EVERYTHING {
                self.old.become_chain(to);
                self.live.set(live);
                self.everything_next.set(0);
            }
            self.collections
                .set(self.collections.get().saturating_add(1));
            Ok(Collected {
                everything: EVERYTHING,
                live,
                freed: used - live,
            })
        }
    }
}

impl Heap {
    /// Frees the nursery, but for what is sealed of it.
    pub(crate) fn empty_nursery(&self, core: &mut Core) {
        let nursery = &self.nursery;
        let first = nursery.first.get();
        if self.sealed.get() == 0 {
            heap::free_chunks(core, first);
            nursery.become_chain(&Chain::empty());
            return;
        }
        // SAFETY: only the oldest chunk of a nursery is sealed in part; it is this heap's, and
        // beyond what is sealed nothing is used any more.
        unsafe {
            let size = core.word(first + 24);
            let bump = core.word(first + SEALED_UNTIL);
            heap::free_chunks(core, core.word(first));
            core.set_word(first, 0);
            core.poison(bump, first + size);
            nursery.become_chain(&Chain::empty());
            nursery.begin(
                Block {
                    offset: first,
                    size,
                },
                bump,
            );
        }
    }
}

unsafe fn clear_marks(core: &mut Core, mut chunk: u64) {
    while chunk != 0 {
        // SAFETY: `chunk` is a chunk of the heap being collected; its bit map lies inside it.
        unsafe {
            let size = core.word(chunk + 24);
            let marks = core.pointer(mark_of(chunk, chunk).0);
            marks.write_bytes(0, 8 * marks_words(size) as usize);
            chunk = core.word(chunk);
        }
    }
}

/// Whether `value` refers to an object that is being collected: one that is not sealed.
///
/// # Safety
/// `value` is up to date.
#[inline(always)]
unsafe fn is_collected<const EVERYTHING: bool>(core: &Core, value: Value) -> bool {
    let candidate = if EVERYTHING {
        value.is_private_reference()
    } else {
        value.is_nursery_reference()
    };
    // SAFETY: a reference names a chunk, of this heap or of another, whose owner may seal more of it
    // just now: but what others refer to was sealed before they could.
    candidate
        && value.offset()
            >= unsafe { core.atomic(value.chunk() + SEALED_UNTIL) }.load(Ordering::Relaxed)
}

/// Marks what `value` refers to.
#[inline(always)]
unsafe fn mark<const EVERYTHING: bool>(core: &mut Core, value: Value) {
    // SAFETY: the caller's promise.
    if unsafe { is_collected::<EVERYTHING>(core, value) } {
        let (word, bit) = mark_of(value.chunk(), value.offset());
        // SAFETY: a reference of this heap names one of its chunks, whose bit map holds this word.
        unsafe { core.set_word(word, core.word(word) | bit) };
    }
}

/// Marks all that marked objects refer to, from the chunk `chunk` down; returns the bytes of all
/// marked objects.
unsafe fn mark_all<const EVERYTHING: bool>(core: &mut Core, mut chunk: u64) -> u64 {
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
                        let value = Value::from_word(core.word(object + 8 + 8 * slot as u64));
                        mark::<EVERYTHING>(core, value);
                    }
                }
            }
            chunk = core.word(chunk + 8);
        }
    }
    live
}

/// Where the value is now: the header of an object that has moved is its new reference.
#[inline(always)]
unsafe fn forward<const EVERYTHING: bool>(core: &Core, value: Value) -> Value {
    // SAFETY: the caller's promise.
    if unsafe { is_collected::<EVERYTHING>(core, value) } {
        // SAFETY: a reference of this heap names one of its objects, which has been copied.
        Value::from_word(unsafe { core.word(value.offset()) })
    } else {
        value
    }
}

/// Copies all marked objects of the chunks that begin with each of `from` to `to`; they take `live`
/// bytes. If the room runs out, also tells at which object.
unsafe fn copy_all<const EVERYTHING: bool>(
    core: &mut Core,
    from: [u64; 2],
    to: &Chain,
    live: u64,
) -> Result<(), (u64, OutOfMemory)> {
    let mut left = live;
    // SAFETY: as in `mark_all`; a copy goes to room that `to` has just given out.
    unsafe {
        each_marked(core, from, |core, object| {
            let header = Header::from_word(core.word(object));
            let at = match to.take(header.size()) {
                Some(at) => at,
                None => {
                    make_room(core, to, header.size(), left).map_err(|error| (object, error))?;
                    to.bump.replace(to.bump.get() + header.size())
                }
            };
            copy::<EVERYTHING>(core, object, header, at);
            core.set_word(object, to.reference(at, header, Residence::Old).word());
            left -= header.size();
            Ok(())
        })
    }
}

/// Calls `visit` with each marked object of the chunks that begin with each of `from`, from the
/// oldest to the youngest, until it fails.
///
/// # Safety
/// `from` are the first chunks of chains, or 0.
#[inline(always)]
unsafe fn each_marked<E>(
    core: &mut Core,
    from: [u64; 2],
    mut visit: impl FnMut(&mut Core, u64) -> Result<(), E>,
) -> Result<(), E> {
    for mut chunk in from {
        while chunk != 0 {
            // SAFETY: the chunk's header and bit map are initialised and lie inside it.
            let (next, size) = unsafe { (core.word(chunk), core.word(chunk + 24)) };
            let marks = mark_of(chunk, chunk).0;
            for index in 0..marks_words(size) {
                // SAFETY: as above.
                let mut bits = unsafe { core.word(marks + 8 * index) };
                while bits != 0 {
                    visit(
                        core,
                        chunk + 8 * (64 * index + u64::from(bits.trailing_zeros())),
                    )?;
                    bits &= bits - 1;
                }
            }
            chunk = next;
        }
    }
    Ok(())
}

fn make_room(core: &mut Core, to: &Chain, bytes: u64, left: u64) -> Result<(), OutOfMemory> {
    // Room for all that is left, if that is little, and as large a chunk as those there are.
    let wanted = (left + left / 32 + 64)
        .next_power_of_two()
        .max(to.held.get());
    let preferred = wanted.next_power_of_two().min(LARGEST_CHUNK);
    let what = "the copies of a collection";
    let block = heap::acquire(core, preferred, bytes, what, Source::Reserve)?;
    to.append(core, block, Residence::Old);
    Ok(())
}

#[inline(always)]
unsafe fn copy<const EVERYTHING: bool>(core: &mut Core, object: u64, header: Header, at: u64) {
    let raw = header.first_value();
    // SAFETY: the object and the room for its copy lie in chunks of their own, and do not overlap.
    unsafe {
        core.set_word(at, header.word());
        if raw > 0 {
            core.pointer(at + 8)
                .copy_from_nonoverlapping(core.pointer(object + 8), 8 * raw);
        }
        for slot in raw as u64..header.words() as u64 {
            let value = Value::from_word(core.word(object + 8 + 8 * slot));
            core.set_word(at + 8 + 8 * slot, forward::<EVERYTHING>(core, value).word());
        }
    }
}

/// Restores the headers of the marked objects before the one at `end`, all of which were copied.
unsafe fn undo(core: &mut Core, from: [u64; 2], end: u64) {
    // SAFETY: the header of an object that was copied is the reference to its copy, whose header is
    // the original.
    let _: Result<(), ()> = unsafe {
        each_marked(core, from, |core, object| {
            if object == end {
                return Err(());
            }
            let moved = Value::from_word(core.word(object));
            core.set_word(object, core.word(moved.offset()));
            Ok(())
        })
    };
}
