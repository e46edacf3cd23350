//! The copying collector of the shared space: stops everything, copies what is alive to new chunks,
//! and frees all old ones.
//!
//! Objects of several heaps refer to each other, so there is no one order of age to go by, as a
//! [collection of one heap](crate::collect) does. Instead each object is copied when all it refers
//! to has been: depth first, children before parents. So the copies are in order of age again.
//!
//! The way back up needs no stack (Schorr, Waite: "An efficient machine-independent procedure for
//! garbage collection in various list structures", 1967): the slot through which the pass went down
//! holds the way back until it comes up again, 29 bits for the parent's place in words and 29 for
//! the slot it was entered from. So a collection needs room for the copies and nothing else.
//!
//! The header of an object that was copied becomes the reference to the copy, with bit 0 clear,
//! which no header has. When the room runs out, that leads back: headers come from the copies, which
//! get the old references for theirs, and every reference to a copy is replaced by what is there.
//!
//! The name of an atom does not lead to objects at once: the atom is put on a list, and when the
//! roots are done, the values of the atoms on it are roots as well, until no more are found.

use crate::arena::{Block, Core, MINIMUM_BLOCK, OutOfMemory, Source};
use crate::counting;
use crate::heap::{self, Chain, LARGEST_CHUNK, RESIDENCE, SEALED_UNTIL, first_object};
use crate::object::{Header, Kind};
use crate::protocol::{Region, atom};
use crate::scratch;
use crate::shared::{SharedCollected, SharedCollector, Standstill};
use crate::space::{ENTRY, GENERATION, LAST_GENERATION, LINK, NUMBER, Space, place_of};
use crate::value::{Residence, Value};

/// The copying collector.
#[derive(Clone, Copy, Debug, Default)]
pub struct Copying;

/// No parent.
const NONE: u64 = 0;
/// The end of the list of atoms that were found: not 0, which says that one was not found.
pub(crate) const END: u64 = 1;

/// A collection in progress. If it is `COUNTED`, it is one of the [counting](crate::counting)
/// collector: it leaves alone what it has copied before, puts a count before each copy, and finds no
/// atoms by their names.
pub(crate) struct Pass<const COUNTED: bool> {
    /// Where the copies go.
    pub(crate) to: Chain,
    /// The first of the atoms that were found and whose values have not been looked at, or [`END`].
    found: u64,
    /// How many copies there are.
    pub(crate) objects: u64,
}

impl SharedCollector for Copying {
    fn collect(&mut self, world: &mut Standstill<'_>) -> Result<SharedCollected, OutOfMemory> {
        let used = world.used();
        world.each_chain(|core, chain| chain.close(core));
        let mut pass = Pass::<false>::new();
        // SAFETY: whoever made `world` promised that it has all there is and that nothing runs.
        unsafe {
            if let Err(error) = pass.copy_all(world) {
                restore(world);
                heap::free_chunks(world.core, pass.to.first.get());
                return Err(error);
            }
            world.each_chain(|core, chain| {
                heap::free_chunks(core, chain.first.get());
                chain.become_chain(&Chain::empty());
            });
            world.heaps.each(&mut |heap| heap.begin_anew());
            let space = world.space;
            space.chain.become_chain(&pass.to);
            let live = space.chain.used();
            let atoms_freed = sweep_atoms(world.core, space);
            Ok(SharedCollected {
                objects: pass.objects,
                live,
                freed: used - live,
                atoms: space.atoms.get(),
                atoms_freed,
            })
        }
    }
}

impl<const COUNTED: bool> Pass<COUNTED> {
    /// A collection that has done nothing.
    pub(crate) const fn new() -> Self {
        Pass {
            to: Chain::empty(),
            found: END,
            objects: 0,
        }
    }

    /// Copies all that is alive and brings all references up to date.
    ///
    /// # Safety
    /// `world` is everything there is, and its chains are closed.
    pub(crate) unsafe fn copy_all(
        &mut self,
        world: &mut Standstill<'_>,
    ) -> Result<(), OutOfMemory> {
        let mut result = Ok(());
        let Standstill {
            core, heaps, roots, ..
        } = world;
        let mut copy = |core: &mut Core, value: Value| {
            // After a failure everything stays as it is.
            if result.is_err() {
                return value;
            }
            // SAFETY: roots, values in scratch blocks and values of atoms are up to date.
            unsafe { self.copy(core, value) }.unwrap_or_else(|error| {
                result = Err(error);
                value
            })
        };
        roots.each_mut(&mut |root| root.0 = copy(core, root.0));
        heaps.each(&mut |heap| {
            // SAFETY: these are the scratch blocks of a heap.
            unsafe { scratch::each_value(core, heap.scratch.get(), &mut copy) };
        });
        result?;
        while self.found != END {
            let at = self.found;
            // SAFETY: the list is made of entries of the space, whose values nobody uses now.
            unsafe {
                self.found = core.word(at + LINK);
                core.set_word(at + LINK, END);
                self.copy_from_atom(core, at)?;
            }
        }
        Ok(())
    }

    /// Copies what the atom whose entry is at `at` holds, and brings its value up to date.
    ///
    /// # Safety
    /// There is such an atom, and nobody else uses it.
    pub(crate) unsafe fn copy_from_atom(
        &mut self,
        core: &mut Core,
        at: u64,
    ) -> Result<(), OutOfMemory> {
        // SAFETY: the caller's promise.
        unsafe {
            let region = Region::new(core.base(), |_| {});
            let value = Value::from_word(atom::settle(&region, at));
            let copied = self.copy(core, value)?;
            core.set_word(at, copied.word());
        }
        Ok(())
    }

    /// Whether `value` leads to no object that is being collected.
    #[inline(always)]
    fn leaves_alone(value: Value) -> bool {
        !value.is_reference() || (COUNTED && !value.is_private_reference())
    }

    /// Where `value` is now, after it and all it refers to have been copied.
    ///
    /// # Safety
    /// `value` is up to date.
    unsafe fn copy(&mut self, core: &mut Core, value: Value) -> Result<Value, OutOfMemory> {
        if Self::leaves_alone(value) {
            // SAFETY: the caller's promise.
            unsafe { self.find_atom(core, value) };
            return Ok(value);
        }
        // SAFETY: a reference leads to an object in a chunk that is being collected.
        let header = unsafe { core.word(value.offset()) };
        if header & 1 == 0 {
            return Ok(Value::from_word(header | 1));
        }
        // SAFETY: as above, and the object has not been copied.
        unsafe { self.copy_tree(core, value.offset()) }
    }

    /// Copies the object at `root` and all it refers to.
    ///
    /// # Safety
    /// There is such an object, and it has not been copied.
    unsafe fn copy_tree(&mut self, core: &mut Core, root: u64) -> Result<Value, OutOfMemory> {
        let (mut object, mut parent) = (root, NONE);
        // SAFETY: the caller's promise.
        unsafe {
            self.walk(core, &mut object, &mut parent)
                .inspect_err(|_| put_back(core, object, parent))
        }
    }

    /// [`Pass::copy_tree`] from `object` on; if it fails, that is the object it stopped at, and
    /// `parent` the way back from there.
    ///
    /// # Safety
    /// As for [`Pass::copy_tree`], and `parent` is none.
    unsafe fn walk(
        &mut self,
        core: &mut Core,
        object: &mut u64,
        parent: &mut u64,
    ) -> Result<Value, OutOfMemory> {
        // SAFETY: all objects reached lie in chunks that are being collected, and so do the slots of
        // their payloads. As there are no cycles, an object that is being entered has neither been
        // copied nor is it on the way back.
        unsafe {
            let mut header = Header::from_word(core.word(*object));
            let mut slot = header.first_value();
            loop {
                if slot < header.words() {
                    let at = slot_of(*object, slot);
                    let value = Value::from_word(core.word(at));
                    if Self::leaves_alone(value) {
                        self.find_atom(core, value);
                        slot += 1;
                        continue;
                    }
                    let child = Header::from_word(core.word(value.offset()));
                    if child.word() & 1 == 0 {
                        core.set_word(at, child.word() | 1);
                        slot += 1;
                    } else if child.first_value() == child.words() {
                        let moved = self.move_object(core, value.offset(), child)?;
                        core.set_word(at, moved.word());
                        slot += 1;
                    } else {
                        core.set_word(at, *parent);
                        *parent = way_back(*object, slot);
                        *object = value.offset();
                        (header, slot) = (child, child.first_value());
                    }
                    continue;
                }
                let moved = self.move_object(core, *object, header)?;
                if *parent == NONE {
                    return Ok(moved);
                }
                (*object, slot) = of_way_back(*parent);
                header = Header::from_word(core.word(*object));
                *parent = core.word(slot_of(*object, slot));
                core.set_word(slot_of(*object, slot), moved.word());
                slot += 1;
            }
        }
    }

    /// Copies an object, all of whose references are up to date; where it is now.
    ///
    /// # Safety
    /// There is such an object with this header, and it has not been copied.
    #[inline]
    unsafe fn move_object(
        &mut self,
        core: &mut Core,
        object: u64,
        header: Header,
    ) -> Result<Value, OutOfMemory> {
        let before = if COUNTED { counting::COUNT } else { 0 };
        let size = before + header.size();
        let at = match self.to.take(size) {
            Some(at) => at,
            None => {
                self.make_room(core, size)?;
                self.to.bump.replace(self.to.bump.get() + size)
            }
        };
        if COUNTED {
            let chunk = self.to.last.get();
            let first = first_object(chunk, self.to.limit.get() - chunk);
            // SAFETY: the chain has just given out room for a count and the object.
            unsafe { counting::begin_object(core, first, at) };
        }
        let at = at + before;
        let moved = self.to.reference(at, header, Residence::Shared);
        // SAFETY: the object and the room for its copy lie in different chunks.
        unsafe {
            core.pointer(at)
                .cast::<u64>()
                .copy_from_nonoverlapping(core.pointer(object).cast(), 1 + header.words());
            core.set_word(object, moved.word() & !1);
        }
        self.objects += 1;
        Ok(moved)
    }

    #[cold]
    fn make_room(&mut self, core: &mut Core, bytes: u64) -> Result<(), OutOfMemory> {
        let preferred = self.to.held.get().next_power_of_two();
        let preferred = preferred.clamp(heap::FIRST_CHUNK, LARGEST_CHUNK);
        let what = "the copies of a collection";
        let before = if COUNTED { counting::COUNT } else { 0 };
        let block = heap::acquire(core, preferred, before + bytes, what, Source::Reserve)?;
        self.to.append(core, block, Residence::Shared);
        // SAFETY: the chunk is new and this collection's own, and has room for its count.
        unsafe {
            core.set_word(block.offset + SEALED_UNTIL, block.offset + block.size);
            if COUNTED {
                let first = self.to.bump.replace(self.to.bump.get() + before);
                counting::begin_count(core, first);
            }
        }
        Ok(())
    }

    /// Puts the atom that `value` is the name of on the list, if it is one that was not found yet.
    ///
    /// # Safety
    /// `value` is up to date.
    #[inline]
    unsafe fn find_atom(&mut self, core: &mut Core, value: Value) {
        if COUNTED {
            return;
        }
        if let Some((at, generation)) = place_of(value) {
            // SAFETY: a name leads to an entry of the space.
            unsafe {
                debug_assert_eq!(core.word(at + GENERATION), generation);
                if core.word(at + LINK) == 0 {
                    core.set_word(at + LINK, self.found);
                    self.found = at;
                }
            }
        }
    }
}

/// The offset of a slot of the payload of an object.
#[inline]
fn slot_of(object: u64, slot: usize) -> u64 {
    object + 8 + 8 * slot as u64
}

/// The word that leads back to a slot of an object; never [`NONE`], as no object begins at 0.
#[inline]
fn way_back(object: u64, slot: usize) -> u64 {
    object << 26 | slot as u64
}

/// The object and the slot that a word made by [`way_back`] leads to.
#[inline]
fn of_way_back(word: u64) -> (u64, usize) {
    (word >> 29 << 3, (word & ((1 << 29) - 1)) as usize)
}

/// Puts the references back that were replaced by the way back from `object`.
///
/// # Safety
/// `parent` is the way back from `object`, which like all above it has not been copied.
unsafe fn put_back(core: &mut Core, mut object: u64, mut parent: u64) {
    while parent != NONE {
        let (above, slot) = of_way_back(parent);
        let at = slot_of(above, slot);
        // SAFETY: the way back leads through slots of objects that are being collected.
        unsafe {
            parent = core.word(at);
            if let Some(node) = core.find(object) {
                let header = Header::from_word(core.word(object));
                core.set_word(at, reference_in(core, node.block(), object, header).word());
            }
        }
        object = above;
    }
}

/// The reference to an object in a chunk.
///
/// # Safety
/// There is such an object, with this header.
unsafe fn reference_in(core: &Core, chunk: Block, object: u64, header: Header) -> Value {
    let order = (chunk.size / MINIMUM_BLOCK).trailing_zeros();
    // SAFETY: the header of the chunk is initialised.
    let residence = Residence::from_word(unsafe { core.word(chunk.offset + RESIDENCE) });
    let residence = residence.unwrap_or(Residence::Nursery);
    Value::reference(object, order, residence, header.is(Kind::Key))
}

/// Calls `visit` with the chunk and the offset of each object of a chain; it answers the object's
/// header.
///
/// # Safety
/// The chain is closed.
unsafe fn each_object(
    core: &mut Core,
    chain: &Chain,
    mut visit: impl FnMut(&mut Core, Block, u64) -> Header,
) {
    let mut offset = chain.first.get();
    while offset != 0 {
        // SAFETY: the header of a chunk of the chain is initialised.
        let (next, end, size) = unsafe {
            (
                core.word(offset),
                core.word(offset + 16),
                core.word(offset + 24),
            )
        };
        let mut object = first_object(offset, size);
        while object < end {
            object += visit(core, Block { offset, size }, object).size();
        }
        offset = next;
    }
}

/// Makes everything as it was before a collection that failed; what it copied can be freed then.
///
/// # Safety
/// `world` is everything there is, its chains are closed, and there is no way back any more.
pub(crate) unsafe fn restore(world: &mut Standstill<'_>) {
    // SAFETY: headers are either as they were, or lead to copies whose headers are; then the header
    // of the copy leads to where it came from.
    unsafe {
        world.each_chain(|core, chain| {
            each_object(core, chain, |core, chunk, object| {
                let word = core.word(object);
                if word & 1 != 0 {
                    return Header::from_word(word);
                }
                let copy = Value::from_word(word | 1).offset();
                let header = Header::from_word(core.word(copy));
                core.set_word(object, header.word());
                let old = reference_in(core, chunk, object, header);
                core.set_word(copy, old.word() & !1);
                header
            });
        });
        world.each_chain(|core, chain| {
            each_object(core, chain, |core, _, object| {
                let header = Header::from_word(core.word(object));
                for slot in header.first_value()..header.words() {
                    let at = slot_of(object, slot);
                    core.set_word(at, original(core, Value::from_word(core.word(at))).word());
                }
                header
            });
        });
        let Standstill {
            core,
            space,
            heaps,
            roots,
        } = world;
        roots.each_mut(&mut |root| root.0 = original(core, root.0));
        heaps.each(&mut |heap| {
            scratch::each_value(core, heap.scratch.get(), |core, value| {
                original(core, value)
            });
        });
        each_entry(core, space, |core, at| {
            if core.word(at + NUMBER) != 0 {
                core.set_word(at, original(core, Value::from_word(core.word(at))).word());
                core.set_word(at + LINK, 0);
            }
        });
    }
}

/// The reference to what was copied, for one to the copy; any other value itself.
///
/// # Safety
/// `value` leads to an object, or to a copy whose header leads to where it came from.
#[inline]
unsafe fn original(core: &Core, value: Value) -> Value {
    if !value.is_reference() {
        return value;
    }
    // SAFETY: the caller's promise.
    let header = unsafe { core.word(value.offset()) };
    if header & 1 == 0 {
        Value::from_word(header | 1)
    } else {
        value
    }
}

/// Calls `visit` with the offset of each entry of the table of atoms, in order of place.
///
/// # Safety
/// The space belongs to the arena of `core`.
pub(crate) unsafe fn each_entry(
    core: &mut Core,
    space: &Space,
    mut visit: impl FnMut(&mut Core, u64),
) {
    let mut block = space.blocks.get();
    while block != 0 {
        // SAFETY: the header of a block of the space is initialised.
        let (next, size) = unsafe { (core.word(block), core.word(block + 8)) };
        for at in (block + ENTRY..block + size).step_by(ENTRY as usize) {
            visit(core, at);
        }
        block = next;
    }
}

/// Frees the atoms that were not found; how many they were.
///
/// # Safety
/// The space belongs to the arena of `core`, and all atoms that can be named have been found.
pub(crate) unsafe fn sweep_atoms(core: &mut Core, space: &Space) -> u64 {
    let (mut last_free, mut freed) = (0, 0);
    space.free.set(0);
    // SAFETY: all entries are the space's to write.
    unsafe {
        each_entry(core, space, |core, at| {
            if core.word(at + NUMBER) != 0 {
                if core.word(at + LINK) != 0 {
                    core.set_word(at + LINK, 0);
                    return;
                }
                freed += 1;
                core.set_word(at, 0);
                core.set_word(at + NUMBER, 0);
                core.set_word(at + GENERATION, core.word(at + GENERATION) + 1);
            }
            core.set_word(at + LINK, 0);
            if core.word(at + GENERATION) == LAST_GENERATION {
                return;
            }
            if last_free == 0 {
                space.free.set(at);
            } else {
                core.set_word(last_free + LINK, at);
            }
            last_free = at;
        });
    }
    space.atoms.set(space.atoms.get() - freed);
    freed
}
