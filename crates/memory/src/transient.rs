//! Transients: maps and sets while they are being built, changed in place.
//!
//! Nobody else can see a transient, so it need not be a trie: it is a table in a scratch block, in
//! which the entries lie in order of their hashes (linear probing in which an entry moves those with
//! larger hashes up; Amble, Knuth: "Ordered hash tables", 1974). A lookup stops at the first larger
//! hash, the table grows by one pass in order, and [`freeze`](crate::freeze) makes the trie by one
//! more.
//!
//! The raw words are the hashes ([`NO_HASH`] where a slot is free), the values the entries.

use core::cell::Cell;
use core::cmp::Ordering;

use crate::arena::OutOfMemory;
use crate::compare::{Comparison, Question};
use crate::freeze::Freezing;
use crate::hash::{self, NO_HASH};
use crate::lookup::stored_form;
use crate::object::LIMIT;
use crate::scratch::{Scratch, View};
use crate::session::{Local, Refusal, Session};
use crate::value::Value;

/// A map while it is being built: see [`Transient`].
pub type MapTransient = Transient<2>;

/// A set while it is being built: see [`Transient`].
pub type SetTransient = Transient<1>;

/// A map or a set while it is being built: a table with entries of `W` words, key and value or a
/// member alone. Plain words that may be kept anywhere, also across collections and in a saved arena;
/// whoever gives one up ends it with [`Session::end_transient`].
#[repr(C)]
#[derive(Debug)]
pub struct Transient<const W: usize> {
    pub(crate) table: Scratch,
    /// While the table is made larger: the one to be.
    larger: Scratch,
    /// How many bits of a hash say where its search begins.
    bits: u64,
    larger_bits: u64,
    pub(crate) count: u64,
    /// Slots that have been taken over into the larger table, and those of it that they fill.
    taken: u64,
    filled: u64,
    pub(crate) freezing: Freezing,
}

impl MapTransient {
    /// An empty map.
    #[must_use]
    pub const fn new() -> MapTransient {
        Transient::EMPTY
    }
}

impl SetTransient {
    /// An empty set.
    #[must_use]
    pub const fn new() -> SetTransient {
        Transient::EMPTY
    }
}

impl Default for MapTransient {
    fn default() -> MapTransient {
        MapTransient::new()
    }
}

impl Default for SetTransient {
    fn default() -> SetTransient {
        SetTransient::new()
    }
}

const FIRST_BITS: u64 = 4;
/// Slots beyond those where searches begin, at least.
const SLACK: usize = 24;
/// Bits of a hash that say where a search begins, at most.
const MOST_BITS: u64 = 32;

impl<const W: usize> Transient<W> {
    const EMPTY: Transient<W> = Transient {
        table: Scratch::NONE,
        larger: Scratch::NONE,
        bits: 0,
        larger_bits: 0,
        count: 0,
        taken: 0,
        filled: 0,
        freezing: Freezing::new(),
    };

    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn home(&self, hash: u64) -> usize {
        home(hash, self.bits)
    }
}

#[inline]
fn home(hash: u64, bits: u64) -> usize {
    hash.checked_shr(64 - bits.clamp(1, MOST_BITS) as u32)
        .unwrap_or(0) as usize
}

/// Where a key is in a table, or would go.
enum Slot {
    Found(usize),
    Free(usize),
}

/// What is put where.
struct Entry<const W: usize> {
    hash: u64,
    words: [Value; W],
}

/// For maps and sets alike.
impl Session<'_> {
    fn transient_get<const W: usize>(
        &self,
        transient: &Transient<W>,
        key: Value,
    ) -> Result<Option<[Value; W]>, OutOfMemory> {
        let hash = self.hash(Local::new(key))?;
        let Some(view) = self.view(&transient.table) else {
            return Ok(None);
        };
        Ok(
            match self.slot::<W>(&view, transient.home(hash), hash, key)? {
                Slot::Found(at) => Some(core::array::from_fn(|word| view.get(W * at + word))),
                Slot::Free(_) => None,
            },
        )
    }

    fn transient_insert<const W: usize>(
        &self,
        transient: &mut Transient<W>,
        mut words: [Value; W],
    ) -> Result<(), Refusal> {
        let key = words[0];
        let hash = match key.as_inline_integer() {
            Some(integer) => hash::hash_inline(integer),
            None => self.hash(Local::new(key))?,
        };
        if transient.count + 1 >= LIMIT {
            return Err(self
                .refuse("a larger map or set", 8 * W as u64 * LIMIT)
                .into());
        }
        self.end_freezing(&mut transient.freezing);
        self.grow_at_once::<W>(transient)?;
        loop {
            let Some(view) = self.view(&transient.table) else {
                return Err(self.refuse("a transient", 0).into());
            };
            match self.slot::<W>(&view, transient.home(hash), hash, key)? {
                Slot::Found(at) => {
                    for (word, value) in words.iter().enumerate().skip(1) {
                        view.set(W * at + word, *value);
                    }
                    return Ok(());
                }
                Slot::Free(at) => {
                    words[0] = stored_form(self, key, hash)?;
                    if put(&view, at, &Entry { hash, words }) {
                        transient.count += 1;
                        return Ok(());
                    }
                    // The last slots are taken: many hashes are nearly the same.
                    self.begin_growing::<W>(transient)?;
                    self.grow_at_once::<W>(transient)?;
                }
            }
        }
    }

    /// Removes `key`, or a member, from what is being built; says whether it was there.
    ///
    /// # Errors
    /// As [`Session::map_transient_get`].
    pub fn transient_remove<const W: usize>(
        &self,
        transient: &mut Transient<W>,
        key: Local<'_>,
    ) -> Result<bool, OutOfMemory> {
        let key = key.value;
        self.end_freezing(&mut transient.freezing);
        self.grow_at_once::<W>(transient)?;
        let hash = self.hash(Local::new(key))?;
        let Some(view) = self.view(&transient.table) else {
            return Ok(false);
        };
        let Slot::Found(mut at) = self.slot::<W>(&view, transient.home(hash), hash, key)? else {
            return Ok(false);
        };
        // Those behind it move down, up to one that lies where its search begins.
        while let Some(hash) = view.raw.get(at + 1).map(Cell::get)
            && hash != NO_HASH
            && transient.home(hash) <= at
        {
            view.raw[at].set(hash);
            for word in 0..W {
                view.set(W * at + word, view.get(W * (at + 1) + word));
            }
            at += 1;
        }
        view.raw[at].set(NO_HASH);
        for word in 0..W {
            view.set(W * at + word, Value::HOLE);
        }
        transient.count = transient.count.saturating_sub(1);
        Ok(true)
    }

    /// Looks for a key from `home` on.
    #[inline]
    fn slot<const W: usize>(
        &self,
        view: &View<'_>,
        home: usize,
        hash: u64,
        key: Value,
    ) -> Result<Slot, OutOfMemory> {
        let mut at = home;
        while view.raw.get(at).is_some_and(|there| there.get() < hash) {
            at += 1;
        }
        while view.raw.get(at).is_some_and(|there| there.get() == hash) {
            let there = view.get(W * at);
            match self.compare_keys(key, there)? {
                Ordering::Equal => return Ok(Slot::Found(at)),
                Ordering::Less => break,
                Ordering::Greater => at += 1,
            }
        }
        Ok(Slot::Free(at))
    }

    #[inline]
    fn compare_keys(&self, key: Value, stored: Value) -> Result<Ordering, OutOfMemory> {
        if key == stored {
            return Ok(Ordering::Equal);
        }
        let mut comparison = Comparison::new();
        let mut units = u64::MAX;
        let order = self.compare_step(
            Question::WeakOrder,
            &mut comparison,
            key,
            stored,
            &mut units,
        )?;
        // With so many units it is done at once.
        Ok(order.unwrap_or(Ordering::Less))
    }

    /// Makes sure that there is room for one more entry, for at most `units` units of work, from which
    /// it takes what it did; says whether there is. An insertion without this does all that is needed
    /// itself, however much that is.
    ///
    /// # Errors
    /// If there is no room; what is being built is as before then.
    pub fn transient_reserve_step<const W: usize>(
        &self,
        transient: &mut Transient<W>,
        units: &mut u64,
    ) -> Result<bool, OutOfMemory> {
        if transient.larger.is_none() {
            let full = match self.view(&transient.table) {
                Some(_) => 5 * (transient.count + 1) > 3 << transient.bits,
                None => true,
            };
            if !full {
                return Ok(true);
            }
            self.begin_growing::<W>(transient)?;
        }
        let mut done = true;
        if let (Some(old), Some(new)) = (self.view(&transient.table), self.view(&transient.larger))
        {
            let (mut taken, mut filled) = (transient.taken as usize, transient.filled as usize);
            let bits = transient.larger_bits;
            take_over::<W>(&old, &new, bits, (&mut taken, &mut filled), units);
            done = taken >= old.raw.len();
            (transient.taken, transient.filled) = (taken as u64, filled as u64);
        }
        if done {
            self.close_scratch(&mut transient.table);
            core::mem::swap(&mut transient.table, &mut transient.larger);
            transient.bits = transient.larger_bits;
        }
        Ok(done)
    }

    #[inline]
    fn grow_at_once<const W: usize>(
        &self,
        transient: &mut Transient<W>,
    ) -> Result<(), OutOfMemory> {
        while !self.transient_reserve_step(transient, &mut { u64::MAX })? {}
        Ok(())
    }

    /// Acquires the larger table.
    fn begin_growing<const W: usize>(
        &self,
        transient: &mut Transient<W>,
    ) -> Result<(), OutOfMemory> {
        if !transient.larger.is_none() {
            return Ok(());
        }
        let (mut bits, mut slack) = (FIRST_BITS, SLACK);
        if let Some(view) = self.view(&transient.table) {
            let homes = 1usize << transient.bits.min(MOST_BITS);
            bits = transient.bits;
            slack = view.raw.len().saturating_sub(homes).max(SLACK);
            // Entries that crowd at the end although there is room elsewhere need more slots there.
            if 4 * transient.count < homes as u64 || bits >= MOST_BITS {
                slack *= 2;
            } else {
                bits += 1;
                slack = slack.max(homes / 16);
            }
        }
        let slots = (1usize << bits) + slack;
        transient.larger = self.open_scratch(slots, W * slots)?;
        transient.larger_bits = bits;
        (transient.taken, transient.filled) = (0, 0);
        if let Some(view) = self.view(&transient.larger) {
            for word in view.raw {
                word.set(NO_HASH);
            }
            view.fill(W * slots, Value::HOLE);
        }
        Ok(())
    }

    /// The map or set that was built, which is empty then, in as many steps as it takes.
    ///
    /// # Errors
    /// As [`Session::freeze_step`].
    pub fn freeze<const W: usize>(
        &self,
        transient: &mut Transient<W>,
    ) -> Result<Local<'_>, OutOfMemory> {
        loop {
            if let Some(built) = self.freeze_step(transient, &mut { u64::MAX })? {
                return Ok(built);
            }
        }
    }

    /// Gives up what is being built.
    pub fn end_transient<const W: usize>(&self, transient: &mut Transient<W>) {
        self.close_scratch(&mut transient.table);
        self.close_scratch(&mut transient.larger);
        self.end_freezing(&mut transient.freezing);
        *transient = Transient::EMPTY;
    }
}

/// Puts an entry at `at`, and those from there to the next free slot one further; false if there is
/// no free slot.
#[inline]
fn put<const W: usize>(view: &View<'_>, at: usize, entry: &Entry<W>) -> bool {
    let mut free = at;
    loop {
        match view.raw.get(free).map(Cell::get) {
            Some(NO_HASH) => break,
            Some(_) => free += 1,
            None => return false,
        }
    }
    while free > at {
        view.raw[free].set(view.raw[free - 1].get());
        for word in 0..W {
            view.set(W * free + word, view.get(W * (free - 1) + word));
        }
        free -= 1;
    }
    view.raw[at].set(entry.hash);
    for (word, value) in entry.words.iter().enumerate() {
        view.set(W * at + word, *value);
    }
    true
}

/// Takes entries over into the larger table.
fn take_over<const W: usize>(
    old: &View<'_>,
    new: &View<'_>,
    bits: u64,
    (taken, filled): (&mut usize, &mut usize),
    units: &mut u64,
) {
    while *units > 0
        && let Some(hash) = old.raw.get(*taken).map(Cell::get)
    {
        *units -= 1;
        if hash != NO_HASH {
            let to = home(hash, bits).max(*filled);
            if let Some(word) = new.raw.get(to) {
                word.set(hash);
                for word in 0..W {
                    new.set(W * to + word, old.get(W * *taken + word));
                }
            }
            *filled = to + 1;
        }
        *taken += 1;
    }
}

impl Session<'_> {
    /// The value under `key` in a map being built; a compound key takes as long as it is large.
    ///
    /// # Errors
    /// Compound keys may need scratch blocks; if there is no room for them.
    pub fn map_transient_get(
        &self,
        transient: &MapTransient,
        key: Local<'_>,
    ) -> Result<Option<Local<'_>>, OutOfMemory> {
        let found = self.transient_get(transient, key.value)?;
        Ok(found.map(|[_, value]| Local::new(value)))
    }

    /// Puts `value` under `key` in a map being built. A key that was there already stays as it is. A
    /// compound key takes as long as it is large.
    ///
    /// # Errors
    /// If there is no room for it; the map is as before then.
    #[inline]
    pub fn map_transient_insert(
        &self,
        transient: &mut MapTransient,
        key: Local<'_>,
        value: Local<'_>,
    ) -> Result<(), Refusal> {
        self.transient_insert(transient, [key.value, value.value])
    }

    /// The member of a set being built that is equal to `value`, as [`Session::map_transient_get`].
    ///
    /// # Errors
    /// As [`Session::map_transient_get`].
    pub fn set_transient_get(
        &self,
        transient: &SetTransient,
        value: Local<'_>,
    ) -> Result<Option<Local<'_>>, OutOfMemory> {
        let found = self.transient_get(transient, value.value)?;
        Ok(found.map(|[member]| self.key_of(member)))
    }

    /// Adds a member to a set being built, as [`Session::map_transient_insert`].
    ///
    /// # Errors
    /// As [`Session::map_transient_insert`].
    #[inline]
    pub fn set_transient_insert(
        &self,
        transient: &mut SetTransient,
        member: Local<'_>,
    ) -> Result<(), Refusal> {
        self.transient_insert(transient, [member.value])
    }
}
