//! Which pieces of the pool are in use and which are free.
//!
//! Every address between the pool's first and its top belongs to one block. Two free blocks never lie
//! side by side, and the last block is in use: what is freed there lowers the top. Three tables say
//! all of that: the size of the block that begins at an address, the beginning of the free
//! block that ends at one, and the free blocks by size. They are persistent values, so an operation that
//! cannot be finished has changed nothing, and each takes a few steps whatever the number of blocks.
//!
//! Free blocks lie in bins, four for each power of two (segregated fit; Masmano, Ripoll, Crespo and Real,
//! 2004). A bin's blocks differ by a quarter in size at most; a few of the wanted size's own bin
//! are looked at, then any block of the next bin that has one is long enough.
//!
//! Images may hold anything here that has the form of values. Numbers are used with that in mind: nonsense
//! leads to addresses that a program cannot use, and no further.

use stele_memory::{Local, Root, Session};

/// Blocks are multiples of this many bytes, and begin at multiples of it.
pub(super) const GRANULE: i64 = 16;

/// Blocks of the wanted size's own bin that are looked at.
const LOOKED_AT: usize = 8;

/// Type tag of the record that holds the tables.
const POOL_RECORD: u16 = 12;

/// Most entries of tables that one operation changes: a block that is freed between two free ones.
const CHANGES: usize = 12;

/// Worst case of what one operation writes.
pub(super) const WORST_CASE: usize = CHANGES
    * (Session::worst_case_map_insert() + 2 * Session::worst_case_integer())
    + Session::worst_case_record(4);

/// The tables.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'s, 'm> {
    session: &'s Session<'m>,
    /// From beginnings of blocks to twice their size, one more for those in use.
    sizes: Local<'s>,
    /// From ends of free blocks to their beginnings.
    ends: Local<'s>,
    /// From numbers of bins that are not empty to maps from beginnings of free blocks to their sizes.
    bins: Local<'s>,
    /// The end of the last block.
    top: i64,
}

/// Where a piece may go: the beginning of a free block and its size, or the top and 0.
pub(super) type Place = (i64, i64);

impl<'s, 'm> Blocks<'s, 'm> {
    /// The tables of a pool that begins at `start` and has no blocks yet; `None` if there is no room
    /// for them.
    pub(super) fn none(session: &'s Session<'m>, start: i64) -> Option<Self> {
        let empty = session.map().ok()?;
        Some(Self {
            session,
            sizes: empty,
            ends: empty,
            bins: empty,
            top: start,
        })
    }

    /// The tables that a root holds, if it holds some.
    pub(super) fn load(session: &'s Session<'m>, root: &Root) -> Option<Self> {
        let record = session.load(root);
        if session.record_type(record) != Some(POOL_RECORD) {
            return None;
        }
        Some(Self {
            session,
            sizes: session.field(record, 0)?,
            ends: session.field(record, 1)?,
            bins: session.field(record, 2)?,
            top: session.as_integer(session.field(record, 3)?)?,
        })
    }

    /// Keeps the tables in a root; `None` if there is no room for that.
    pub(super) fn store(self, root: &mut Root) -> Option<()> {
        let top = self.session.integer(self.top).ok()?;
        let fields = [self.sizes, self.ends, self.bins, top];
        let record = self.session.record(POOL_RECORD, &fields).ok()?;
        self.session.store(root, record);
        Some(())
    }

    /// The end of the last block.
    pub(super) fn top(&self) -> i64 {
        self.top
    }

    /// Blocks there are.
    pub(super) fn count(&self) -> u64 {
        self.session.map_len(self.sizes).unwrap_or(0)
    }

    /// The size of the block in use that begins at `address`, if one does.
    pub(super) fn used(&self, address: i64) -> Option<i64> {
        let (size, used) = self.block(address)?;
        used.then_some(size)
    }

    /// Where a piece of `bytes` is to go.
    pub(super) fn place_for(&self, bytes: i64) -> Place {
        let bin = bin_of(bytes);
        self.own_bin(bin, bytes)
            .or_else(|| self.any_above(bin))
            .unwrap_or((self.top, 0))
    }

    /// Puts a piece of `bytes` to a place that [`Blocks::place_for`] gave.
    pub(super) fn occupy(self, (start, size): Place, bytes: i64) -> Option<Self> {
        if size == 0 {
            let blocks = self.with_block(start, bytes, true)?;
            return Some(Self {
                top: start.checked_add(bytes)?,
                ..blocks
            });
        }
        self.without_free(start, size)?.cut(start, size, bytes)
    }

    /// Bytes that the block at `address`, which is in use and has `size`, could have without
    /// moving; `None` if it is the last and could have whatever data space has.
    pub(super) fn room_at(&self, address: i64, size: i64) -> Option<i64> {
        let end = address.checked_add(size)?;
        if end == self.top {
            return None;
        }
        match self.block(end) {
            Some((more, false)) => size.checked_add(more),
            _ => Some(size),
        }
    }

    /// Gives the block at `address`, which has `size` and `room`, as many bytes as are wanted.
    pub(super) fn resize(
        self,
        address: i64,
        size: i64,
        room: Option<i64>,
        bytes: i64,
    ) -> Option<Self> {
        let Some(room) = room else {
            let blocks = self.with_block(address, bytes, true)?;
            return Some(Self {
                top: address.checked_add(bytes)?,
                ..blocks
            });
        };
        let end = address.checked_add(size)?;
        let blocks = if room > size {
            self.without_free(end, room - size)?.without_block(end)?
        } else {
            self
        };
        blocks.cut(address, room, bytes)
    }

    /// Frees a block of `size`, and joins it with free neighbours or with what lies above the top.
    pub(super) fn release(self, start: i64, size: i64) -> Option<Self> {
        let mut blocks = self.without_block(start)?;
        let (mut begin, mut end) = (start, start.checked_add(size)?);
        if let Some(below) = blocks.free_up_to(start) {
            let size = start.checked_sub(below)?;
            blocks = blocks.without_free(below, size)?.without_block(below)?;
            begin = below;
        }
        if end == blocks.top {
            return Some(Self {
                top: begin,
                ..blocks
            });
        }
        if let Some((size, false)) = blocks.block(end) {
            blocks = blocks.without_free(end, size)?.without_block(end)?;
            end = end.checked_add(size)?;
        }
        blocks.with_free(begin, end.checked_sub(begin)?)
    }

    /// Makes the first bytes from `start` on a block in use, and frees the rest of the `size`.
    fn cut(self, start: i64, size: i64, bytes: i64) -> Option<Self> {
        let blocks = self.with_block(start, bytes, true)?;
        match size.checked_sub(bytes)? {
            0 => Some(blocks),
            rest => blocks.release(start.checked_add(bytes)?, rest),
        }
    }

    /// A block of the bin that is long enough, if one is soon found.
    fn own_bin(&self, bin: i64, bytes: i64) -> Option<Place> {
        let blocks = self.get(self.bins, bin)?;
        let mut blocks = self.session.map_entries(blocks).take(LOOKED_AT);
        blocks.find_map(|entry| self.place(entry).filter(|(_, size)| *size >= bytes))
    }

    /// A block of the next bin that has one.
    fn any_above(&self, bin: i64) -> Option<Place> {
        let bins = self.session.map_entries(self.bins);
        let above = bins.filter_map(|(number, blocks)| {
            let number = self.session.as_integer(number)?;
            (number > bin).then_some((number, blocks))
        });
        let (_, blocks) = above.min_by_key(|(number, _)| *number)?;
        self.place(self.session.map_entries(blocks).next()?)
    }

    fn place(&self, (start, size): (Local<'_>, Local<'_>)) -> Option<Place> {
        Some((
            self.session.as_integer(start)?,
            self.session.as_integer(size)?,
        ))
    }

    /// The size of the block that begins at `start`, and whether it is in use.
    fn block(&self, start: i64) -> Option<(i64, bool)> {
        let word = self.session.as_integer(self.get(self.sizes, start)?)?;
        Some((word >> 1, word & 1 != 0))
    }

    /// The beginning of the free block that ends at `end`, if one does.
    fn free_up_to(&self, end: i64) -> Option<i64> {
        self.session.as_integer(self.get(self.ends, end)?)
    }

    fn with_block(self, start: i64, size: i64, used: bool) -> Option<Self> {
        let word = size.checked_mul(2)?.checked_add(used.into())?;
        let sizes = self.insert(self.sizes, start, word)?;
        Some(Self { sizes, ..self })
    }

    fn without_block(self, start: i64) -> Option<Self> {
        let sizes = self.remove(self.sizes, start)?;
        Some(Self { sizes, ..self })
    }

    /// Writes down a free block, in each of the tables.
    fn with_free(self, start: i64, size: i64) -> Option<Self> {
        let blocks = self.with_block(start, size, false)?;
        let ends = self.insert(self.ends, start.checked_add(size)?, start)?;
        let number = self.session.integer(bin_of(size)).ok()?;
        let bin = match self.get(self.bins, bin_of(size)) {
            Some(bin) => bin,
            None => self.session.map().ok()?,
        };
        let bin = self.insert(bin, start, size)?;
        let bins = self.session.map_insert(self.bins, number, bin).ok()?;
        Some(Self {
            ends,
            bins,
            ..blocks
        })
    }

    /// Takes a free block out of the tables, but for its size.
    fn without_free(self, start: i64, size: i64) -> Option<Self> {
        let ends = self.remove(self.ends, start.checked_add(size)?)?;
        let number = self.session.integer(bin_of(size)).ok()?;
        let bin = self.get(self.bins, bin_of(size))?;
        let bin = self.remove(bin, start)?;
        let bins = match self.session.map_len(bin) {
            Some(0) => self.session.map_remove(self.bins, number),
            _ => self.session.map_insert(self.bins, number, bin),
        };
        Some(Self {
            ends,
            bins: bins.ok()?,
            ..self
        })
    }

    fn get(&self, map: Local<'s>, key: i64) -> Option<Local<'s>> {
        let key = self.session.integer(key).ok()?;
        self.session.map_get(map, key).ok()?
    }

    fn insert(&self, map: Local<'s>, key: i64, value: i64) -> Option<Local<'s>> {
        let key = self.session.integer(key).ok()?;
        let value = self.session.integer(value).ok()?;
        self.session.map_insert(map, key, value).ok()
    }

    fn remove(&self, map: Local<'s>, key: i64) -> Option<Local<'s>> {
        let key = self.session.integer(key).ok()?;
        self.session.map_remove(map, key).ok()
    }
}

/// The number of the bin for free blocks of that size: four for each power of two.
fn bin_of(bytes: i64) -> i64 {
    let granules = (bytes / GRANULE).max(1);
    let power = i64::from(granules.ilog2());
    if power < 2 {
        return granules;
    }
    power * 4 + (granules >> (power - 2) & 3) - 4
}

#[cfg(test)]
mod tests {
    use super::{GRANULE, bin_of};

    #[test]
    fn longer_blocks_never_lie_in_lower_bins() {
        let bins = (1..100_000).map(|granules| bin_of(granules * GRANULE));
        assert!(bins.is_sorted());
        assert_eq!(
            [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16].map(|g| bin_of(g * GRANULE)),
            [1, 2, 3, 4, 5, 7, 8, 8, 9, 11, 12]
        );
        assert_eq!([0, -1, i64::MIN].map(bin_of), [1, 1, 1]);
        assert!(bin_of(i64::MAX) < 256);
    }
}
