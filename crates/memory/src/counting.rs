//! Reference counting of the shared space: the baseline that the copying collector is measured
//! against.
//!
//! Counting every reference as it is made would be counting in the registers of programs. This
//! counts as the systems that do it well: *deferred* (roots are not counted but looked at, and what
//! they hold is counted until the next collection) and *coalesced* (of all values an atom had since
//! then only the last one is). What heaps have made is copied once, if it is alive, and never moves
//! again; so a collection costs what is new, what roots and atoms hold, and what has died, but
//! nothing for the rest.
//!
//! Before each object lies its count, as an integer in a box, and at the beginning of each chunk
//! another that says how many objects in it are alive. A dead object becomes bytes. So all that
//! verifies, shows and saves heaps can do so without knowing how they are collected. A chunk is freed
//! when nothing in it is alive.
//!
//! Where it loses, on purpose: two words for each object, chunks held by a single live object, and
//! atoms that name each other in a circle, which are never freed.

use core::cmp::Ordering;

use crate::arena::{Arena, Block, Core, OutOfMemory, Source};
use crate::copying::{END, Pass, each_entry, restore, sweep_atoms};
use crate::heap::{self, Chain, RESIDENCE, first_object};
use crate::object::{Header, Kind};
use crate::protocol::{Region, atom};
use crate::scratch;
use crate::shared::{SharedCollected, SharedCollector, Standstill};
use crate::space::{LINK, NUMBER, place_of};
use crate::tree;
use crate::value::{Residence, Value};

/// Bytes of a count.
pub(crate) const COUNT: u64 = 16;
/// Added to every count, so that it is an integer that has to be in a box.
const BASE: u64 = 1 << 62;

/// The reference counting collector.
#[derive(Debug)]
pub struct Counting {
    /// The values that roots and atoms held at the end of the last collection, which are counted
    /// until the next.
    held: Block,
    /// How many they are.
    length: u64,
    /// Objects that are alive, as far as is known.
    objects: u64,
    /// Their bytes, without those of the counts.
    live: u64,
    /// The first of the objects that are dead and have not been taken apart; 0 if there is none.
    /// Their counts lead from one to the next.
    dead: u64,
    /// How often each atom is named.
    names: Names,
}

/// How often each atom is named: a table of entries' offsets and counts, in order of place.
#[derive(Debug)]
struct Names {
    table: Block,
    /// How many atoms are in it.
    length: u64,
}

impl Counting {
    /// A collector that has counted nothing.
    ///
    /// # Safety
    /// It is the only one that ever collects the space it is used with.
    #[must_use]
    pub const unsafe fn new() -> Counting {
        Counting {
            held: Block::NONE,
            length: 0,
            objects: 0,
            live: 0,
            dead: 0,
            names: Names {
                table: Block::NONE,
                length: 0,
            },
        }
    }

    /// Frees what the collector keeps in the arena.
    ///
    /// # Safety
    /// It has collected in this arena alone, and is not used again.
    pub unsafe fn release(self, arena: &mut Arena<'_>) {
        free_list(&mut arena.core, self.held);
        free_list(&mut arena.core, self.names.table);
    }
}

impl SharedCollector for Counting {
    fn collect(&mut self, world: &mut Standstill<'_>) -> Result<SharedCollected, OutOfMemory> {
        world.each_chain(|core, chain| chain.close(core));
        let mut before = self.live + (world.used() - world.space.chain.used());
        // SAFETY: whoever made `world` promised that it has all there is and that nothing runs.
        unsafe { settle_atoms(world) };
        // SAFETY: the chain is closed.
        unsafe {
            each_chunk(world.core, world.space.chain.first.get(), |core, chunk| {
                if !is_counted(core, chunk.offset) {
                    let end = core.word(chunk.offset + 16);
                    before += end - first_object(chunk.offset, chunk.size);
                }
            });
        }
        // SAFETY: as above.
        let names = unsafe { self.names.extended(world) }?;
        let held = make_list(world).inspect_err(|_| free_list(world.core, names.table))?;
        let mut pass = Pass::<true>::new();
        // SAFETY: as above.
        let copied = unsafe { copy(&mut pass, world) };
        if let Err(error) = copied {
            // SAFETY: as above; the chains are closed.
            unsafe { restore(world) };
            heap::free_chunks(world.core, pass.to.first.get());
            free_list(world.core, held);
            free_list(world.core, names.table);
            return Err(error);
        }
        pass.to.close(world.core);
        self.objects += pass.objects;
        let old = core::mem::replace(&mut self.names, names);
        free_list(world.core, old.table);
        // SAFETY: as above. All references are up to date by now, and lead to objects with counts.
        unsafe {
            self.count_copies(world.core, &pass.to);
            let length = self.fill_list(world, held);
            for index in 0..self.length {
                let value = world.core.word(self.held.offset + 8 * index);
                self.uncount(world.core, Value::from_word(value));
            }
            free_list(world.core, core::mem::replace(&mut self.held, held));
            self.length = length;
            self.bury(world.core);
            empty_heaps(world);
            join_living(world.core, &world.space.chain, &pass.to);
            self.names.show(world.core);
            let atoms_freed = sweep_atoms(world.core, world.space);
            Ok(SharedCollected {
                objects: self.objects,
                live: self.live,
                freed: before - self.live,
                atoms: world.space.atoms.get(),
                atoms_freed,
            })
        }
    }
}

impl Counting {
    /// Counts the copies, and what they refer to.
    ///
    /// # Safety
    /// The chain is closed and has copies with their counts, none of them counted.
    unsafe fn count_copies(&mut self, core: &mut Core, to: &Chain) {
        let mut chunk = to.first.get();
        while chunk != 0 {
            // SAFETY: in a chunk of copies, the chunk's count is followed by counts and objects in
            // turn.
            unsafe {
                let (next, end) = (core.word(chunk), core.word(chunk + 16));
                let mut at = first_object(chunk, core.word(chunk + 24)) + COUNT;
                while at < end {
                    let object = at + COUNT;
                    let header = Header::from_word(core.word(object));
                    self.live += header.size();
                    for slot in header.first_value()..header.words() {
                        self.count(core, value_in(core, object, slot));
                    }
                    at = object + header.size();
                }
                chunk = next;
            }
        }
    }

    /// Counts one reference to what `value` refers to or names.
    ///
    /// # Safety
    /// `value` is up to date and leads to an object with a count, or names an atom.
    unsafe fn count(&self, core: &Core, value: Value) {
        // SAFETY: the caller's promise.
        unsafe {
            if value.is_reference() {
                let at = count_of(value.offset());
                core.set_word(at, core.word(at) + 1);
            } else if let Some(at) = self.names.count_of(core, value) {
                core.set_word(at, core.word(at) + 1);
            }
        }
    }

    /// Puts what roots and atoms hold on a list, and counts it; how much it is.
    ///
    /// # Safety
    /// The list has room for it, and all references are up to date.
    unsafe fn fill_list(&self, world: &mut Standstill<'_>, list: Block) -> u64 {
        let mut length = 0;
        each_held(world, |core, value| {
            // SAFETY: the caller's promise.
            unsafe {
                core.set_word(list.offset + 8 * length, value.word());
                self.count(core, value);
            }
            length += 1;
        });
        length
    }

    /// Takes back one reference to what `value` refers to or names.
    ///
    /// # Safety
    /// It was counted.
    unsafe fn uncount(&mut self, core: &mut Core, value: Value) {
        // SAFETY: before each object lies its count; the entry of an atom stays where it is.
        unsafe {
            if value.is_reference() {
                let at = count_of(value.offset());
                let left = core.word(at) - 1;
                if left == BASE {
                    core.set_word(at, BASE | self.dead);
                    self.dead = value.offset();
                } else {
                    core.set_word(at, left);
                }
            } else if let Some(at) = self.names.count_of(core, value) {
                core.set_word(at, core.word(at) - 1);
            }
        }
    }

    /// Makes bytes of all dead objects, those included that die of it.
    ///
    /// # Safety
    /// Nobody refers to them any more.
    unsafe fn bury(&mut self, core: &mut Core) {
        while self.dead != 0 {
            let object = self.dead;
            // SAFETY: the list is made of objects with counts.
            unsafe {
                self.dead = core.word(count_of(object)) & !BASE;
                core.set_word(count_of(object), BASE);
                let header = Header::from_word(core.word(object));
                for slot in header.first_value()..header.words() {
                    let value = value_in(core, object, slot);
                    self.uncount(core, value);
                }
                let bytes = Header::new(Kind::Bytes, header.words(), 0);
                core.set_word(object, bytes.word());
                core.poison(object + 8, object + header.size());
                if let Some(node) = core.find(object) {
                    let block = node.block();
                    let at = first_object(block.offset, block.size) + 8;
                    core.set_word(at, core.word(at) - 1);
                }
                self.objects -= 1;
                self.live -= header.size();
            }
        }
    }
}

impl Names {
    /// A table of all atoms that there are, with the counts they have in this one.
    ///
    /// # Safety
    /// The space belongs to the arena.
    unsafe fn extended(&self, world: &mut Standstill<'_>) -> Result<Names, OutOfMemory> {
        let length = world.space.atoms.get();
        let what = "the counts of atoms";
        let table = match 16 * length {
            0 => Block::NONE,
            bytes => world
                .core
                .allocate(bytes, what, tree::SEALED, Source::Reserve)?,
        };
        let (mut next, mut index) = (0, 0);
        // SAFETY: both tables have room for as many atoms as they say, in order of place, as the
        // entries are visited. An atom that is not there any more has a count of 0, and so has a
        // new one that has its place since.
        unsafe {
            each_entry(world.core, world.space, |core, at| {
                if core.word(at + NUMBER) == 0 {
                    return;
                }
                while next < self.length && core.word(self.entry(next)) < at {
                    next += 1;
                }
                let known = next < self.length && core.word(self.entry(next)) == at;
                let count = if known {
                    core.word(self.entry(next) + 8)
                } else {
                    0
                };
                core.set_word(table.offset + 16 * index, at);
                core.set_word(table.offset + 16 * index + 8, count);
                index += 1;
            });
        }
        Ok(Names { table, length })
    }

    fn entry(&self, index: u64) -> u64 {
        self.table.offset + 16 * index
    }

    /// Where the count of the atom is that `value` names; none if it names none.
    ///
    /// # Safety
    /// The table has all atoms.
    unsafe fn count_of(&self, core: &Core, value: Value) -> Option<u64> {
        let (place, _) = place_of(value)?;
        let (mut from, mut to) = (0, self.length);
        while from < to {
            let middle = from.midpoint(to);
            // SAFETY: there is such an entry of the table.
            let found = unsafe { core.word(self.entry(middle)) };
            match found.cmp(&place) {
                Ordering::Equal => return Some(self.entry(middle) + 8),
                Ordering::Less => from = middle + 1,
                Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// Shows the sweep which atoms are named.
    ///
    /// # Safety
    /// The entries are the space's.
    unsafe fn show(&self, core: &mut Core) {
        for index in 0..self.length {
            // SAFETY: the caller's promise.
            unsafe {
                let (at, count) = (
                    core.word(self.entry(index)),
                    core.word(self.entry(index) + 8),
                );
                core.set_word(at + LINK, if count == 0 { 0 } else { END });
            }
        }
    }
}

/// Writes a count of nothing.
///
/// # Safety
/// `at` is room for it.
pub(crate) unsafe fn begin_count(core: &Core, at: u64) {
    // SAFETY: the caller's promise.
    unsafe {
        core.set_word(at, Header::new(Kind::Integer, 1, 0).word());
        core.set_word(at + 8, BASE);
    }
}

/// Writes the count of an object that goes behind it, and counts the object in its chunk.
///
/// # Safety
/// `at` is room for the count, in a chunk whose own is at `first`.
pub(crate) unsafe fn begin_object(core: &Core, first: u64, at: u64) {
    // SAFETY: the caller's promise.
    unsafe {
        begin_count(core, at);
        core.set_word(first + 8, core.word(first + 8) + 1);
    }
}

/// Gets what may be left of transactions out of the way of all atoms.
///
/// # Safety
/// Nothing else uses the atoms.
unsafe fn settle_atoms(world: &mut Standstill<'_>) {
    // SAFETY: the entries are the space's.
    unsafe {
        each_entry(world.core, world.space, |core, at| {
            if core.word(at + NUMBER) != 0 {
                atom::settle(&Region::new(core.base(), |_| {}), at);
            }
        });
    }
}

/// Copies what roots, scratch blocks and atoms reach, and brings them up to date.
///
/// # Safety
/// As for [`Pass::copy_all`].
unsafe fn copy(pass: &mut Pass<true>, world: &mut Standstill<'_>) -> Result<(), OutOfMemory> {
    // SAFETY: the caller's promise; every atom that is one has a value.
    unsafe {
        pass.copy_all(world)?;
        let mut result = Ok(());
        each_entry(world.core, world.space, |core, at| {
            if result.is_ok() && core.word(at + NUMBER) != 0 {
                result = pass.copy_from_atom(core, at);
            }
        });
        result
    }
}

/// A list with room for what roots and atoms hold.
fn make_list(world: &mut Standstill<'_>) -> Result<Block, OutOfMemory> {
    let mut length = 0;
    each_held(world, |_, _| length += 1);
    if length == 0 {
        return Ok(Block::NONE);
    }
    let what = "the list of what roots and atoms hold";
    world
        .core
        .allocate(8 * length, what, tree::SEALED, Source::Reserve)
}

fn free_list(core: &mut Core, list: Block) {
    if let Ok(node) = core.exact(list) {
        core.release(node);
    }
}

/// Calls `visit` with each value in a root, a scratch block or an atom that is counted.
fn each_held(world: &mut Standstill<'_>, mut visit: impl FnMut(&mut Core, Value)) {
    let mut visit = |core: &mut Core, value: Value| {
        if value.is_reference() || place_of(value).is_some() {
            visit(core, value);
        }
    };
    let Standstill {
        core,
        space,
        heaps,
        roots,
    } = world;
    roots.each_mut(&mut |root| visit(core, root.0));
    heaps.each(&mut |heap| {
        // SAFETY: these are the scratch blocks of a heap.
        unsafe {
            scratch::each_value(core, heap.scratch.get(), |core, value| {
                visit(core, value);
                value
            });
        }
    });
    // SAFETY: the entries are the space's, and nothing runs.
    unsafe {
        each_entry(core, space, |core, at| {
            if core.word(at + NUMBER) != 0 {
                visit(core, Value::from_word(core.word(at)));
            }
        });
    }
}

/// Where the count of an object is.
fn count_of(object: u64) -> u64 {
    object - 8
}

/// A value in the payload of an object.
///
/// # Safety
/// There is such an object with such a slot.
unsafe fn value_in(core: &Core, object: u64, slot: usize) -> Value {
    // SAFETY: the caller's promise.
    Value::from_word(unsafe { core.word(object + 8 + 8 * slot as u64) })
}

/// Frees the chunks of all heaps, from which everything alive has been copied.
fn empty_heaps(world: &mut Standstill<'_>) {
    let Standstill { core, heaps, .. } = world;
    heaps.each(&mut |heap| {
        for chain in [&heap.shared, &heap.old, &heap.nursery] {
            heap::free_chunks(core, chain.first.get());
            chain.become_chain(&Chain::empty());
        }
        heap.begin_anew();
    });
}

/// Makes one chain of two, without the chunks in which nothing is alive, and without those that the
/// space has from heaps that have ended: what is alive in them has been copied.
///
/// # Safety
/// Both are closed, and the second has chunks with counts.
unsafe fn join_living(core: &mut Core, chain: &Chain, new: &Chain) {
    let firsts = [chain.first.get(), new.first.get()];
    chain.become_chain(&Chain::empty());
    for first in firsts {
        // SAFETY: the caller's promise.
        unsafe {
            each_chunk(core, first, |core, chunk| {
                let count = first_object(chunk.offset, chunk.size) + 8;
                if is_counted(core, chunk.offset) && core.word(count) != BASE {
                    let end = core.word(chunk.offset + 16);
                    chain.join(core, chunk, end);
                } else {
                    core.set_word(chunk.offset, 0);
                    heap::free_chunks(core, chunk.offset);
                }
            });
        }
    }
}

/// Whether a chunk of the space has counts; those that it has from heaps that have ended have none.
///
/// # Safety
/// There is such a chunk.
unsafe fn is_counted(core: &Core, chunk: u64) -> bool {
    // SAFETY: the caller's promise.
    unsafe { core.word(chunk + RESIDENCE) == Residence::Shared as u64 }
}

/// Calls `visit` with each chunk of the chain that begins with `chunk`; it may free the chunk.
///
/// # Safety
/// There is such a chain.
unsafe fn each_chunk(core: &mut Core, mut chunk: u64, mut visit: impl FnMut(&mut Core, Block)) {
    while chunk != 0 {
        // SAFETY: the caller's promise.
        let (next, size) = unsafe { (core.word(chunk), core.word(chunk + 24)) };
        let offset = chunk;
        visit(core, Block { offset, size });
        chunk = next;
    }
}
