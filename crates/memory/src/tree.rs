//! The buddy tree: which blocks of the arena are free, in one byte per node.
//!
//! A node of order `k` stands for an aligned run of `2^k` units. Its byte is one of
//! - `k + 1`: the run is one free block (the bytes of the nodes below have no meaning);
//! - `0 ..= k`: the run is split; the number is the largest byte of a free block below it;
//! - a state from [`OPEN`] upwards: the run is one block in that state.
//!
//! Allocation always takes the lowest fitting place, so where a block lands depends only on which
//! blocks are allocated, never on the order in which others were freed: an arena that was saved
//! and loaded goes on exactly as if nothing had happened. A node's byte is written when its parent
//! is split and read only while it is split, so a new arena touches a handful of bytes of the map.
//!
//! The reserve is one node whose free space its ancestors do not see.

use crate::arena::{Block, MINIMUM_BLOCK, UNIT_SHIFT};

/// An allocated block that its owner may reach through the safe interface of the arena.
pub(crate) const OPEN: u8 = 0xF0;
/// An allocated block whose contents the code that allocated it relies on for memory safety.
pub(crate) const SEALED: u8 = 0xF1;
/// A sealed block with code objects. What it holds is checked on each use.
pub(crate) const CODE: u8 = 0xF4;
/// A code block of a loaded image that its owner has not yet verified.
pub(crate) const UNCLAIMED_CODE: u8 = 0xF5;
/// A sealed block of a loaded image that its owner has not yet verified.
pub(crate) const UNCLAIMED: u8 = 0xF2;
/// A chunk of a nursery that is being verified right now.
pub(crate) const CHECKING: u8 = 0xF3;
/// An old chunk of a heap that is being verified right now.
pub(crate) const CHECKING_OLD: u8 = 0xF6;
/// A scratch block of a heap that is being verified right now.
pub(crate) const CHECKING_SCRATCH: u8 = 0xF7;
/// A chunk of the shared space that is being verified right now.
pub(crate) const CHECKING_SHARED: u8 = 0xF8;
/// A block of atoms that is being verified right now.
pub(crate) const CHECKING_ATOMS: u8 = 0xF9;
/// Not handed out, ever: the arena's header, its map, and what lies beyond its end.
pub(crate) const UNUSABLE: u8 = 0xFF;

/// Orders 0 (256 bytes) to 24 (4 GiB).
const ORDERS: usize = 25;

/// The shape of a tree over a given number of units; the bytes themselves are passed to each call.
pub(crate) struct Tree {
    starts: [u32; ORDERS],
    bytes: u32,
    top: u32,
    reserve: Option<(u32, u32)>,
}

/// A block, free or not: the lowest node that covers a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// First unit.
    pub(crate) unit: u32,
    /// The block has `2^order` units.
    pub(crate) order: u32,
    /// The node's byte.
    pub(crate) state: u8,
}

impl Node {
    /// Whether somebody owns this block.
    pub(crate) fn is_allocated(self) -> bool {
        (OPEN..UNUSABLE).contains(&self.state)
    }

    /// The node as offset and size in bytes.
    pub(crate) fn block(self) -> Block {
        Block {
            offset: u64::from(self.unit) << UNIT_SHIFT,
            size: MINIMUM_BLOCK << self.order,
        }
    }

    /// The node of a block in `state`.
    pub(crate) fn of(block: Block, state: u8) -> Node {
        let order = (block.size >> UNIT_SHIFT).trailing_zeros();
        Node {
            unit: (block.offset >> UNIT_SHIFT) as u32,
            order,
            state,
        }
    }
}

impl Tree {
    /// The shape for `units` units (1 to 2^24). The map still has to be set up with [`Tree::clear`].
    pub(crate) fn new(units: u32) -> Tree {
        let top = units.next_power_of_two().trailing_zeros();
        let mut starts = [0; ORDERS];
        let mut bytes = 0;
        for order in 0..=top {
            starts[order as usize] = bytes;
            // Whole pairs, so that splitting a node on the boundary can write both children.
            let nodes = units.div_ceil(1 << order);
            bytes += if order == top {
                1
            } else {
                nodes.next_multiple_of(2)
            };
        }
        Tree {
            starts,
            bytes,
            top,
            reserve: None,
        }
    }

    /// How many bytes the map takes.
    pub(crate) fn map_bytes(&self) -> usize {
        self.bytes as usize
    }

    /// Number of units that the top node covers.
    pub(crate) fn span(&self) -> u32 {
        1 << self.top
    }

    /// Sets the map up: only units `first..end` can be allocated.
    pub(crate) fn clear(&self, map: &mut [u8], first: u32, end: u32) {
        map[self.index(self.top, 0)] = self.top as u8 + 1;
        self.exclude(map, 0, first);
        self.exclude(map, end, self.span());
    }

    fn exclude(&self, map: &mut [u8], mut from: u32, to: u32) {
        while from < to {
            let aligned = if from == 0 {
                self.top
            } else {
                from.trailing_zeros()
            };
            let order = aligned.min((to - from).ilog2());
            let excluded = self.claim(map, from, order, UNUSABLE);
            debug_assert!(excluded, "nothing else is allocated yet");
            from += 1 << order;
        }
    }

    /// Makes the block of `order` at `unit`, which must be free, the reserve.
    pub(crate) fn set_reserve(&mut self, map: &mut [u8], unit: u32, order: u32) {
        let taken = self.claim(map, unit, order, UNUSABLE);
        debug_assert!(
            taken,
            "the reserve is set aside before anything is allocated"
        );
        self.reserve = Some((order, unit));
        map[self.index(order, unit)] = order as u8 + 1;
    }

    /// Whether `unit` lies in the reserve.
    pub(crate) fn in_reserve(&self, unit: u32) -> bool {
        self.reserve
            .is_some_and(|(order, start)| unit >> order << order == start)
    }

    /// The largest order that an ordinary allocation could get, plus one; 0 if none.
    pub(crate) fn largest(&self, map: &[u8]) -> u8 {
        self.room(map, self.top, 0)
    }

    /// Takes the lowest free block of `order`, from the reserve if `reserve`.
    pub(crate) fn allocate(
        &self,
        map: &mut [u8],
        order: u32,
        reserve: bool,
        state: u8,
    ) -> Option<u32> {
        let (mut at, mut unit, available) = if reserve {
            let (at, unit) = self.reserve?;
            let byte = map[self.index(at, unit)];
            (at, unit, if byte >= OPEN { 0 } else { byte })
        } else {
            (self.top, 0, self.largest(map))
        };
        let need = order as u8 + 1;
        if available < need {
            return None;
        }
        while at > order {
            self.split(map, at, unit);
            at -= 1;
            if self.room(map, at, unit) < need {
                unit += 1 << at;
            }
        }
        map[self.index(order, unit)] = state;
        self.climb(map, order, unit);
        Some(unit)
    }

    /// Takes exactly the block of `order` at `unit`; false if any of it is not free.
    pub(crate) fn claim(&self, map: &mut [u8], unit: u32, order: u32, state: u8) -> bool {
        let found = self.find(map, unit);
        if found.state >= OPEN || found.order < order {
            return false;
        }
        for at in (order + 1..=found.order).rev() {
            self.split(map, at, unit);
        }
        map[self.index(order, unit)] = state;
        self.climb(map, order, unit);
        true
    }

    /// Gives the allocated block of `order` at `unit` back, merging it with free neighbours.
    pub(crate) fn release(&self, map: &mut [u8], unit: u32, order: u32) {
        map[self.index(order, unit)] = order as u8 + 1;
        self.climb(map, order, unit);
    }

    /// Changes the state of the allocated block of `order` at `unit`.
    pub(crate) fn set_state(&self, map: &mut [u8], unit: u32, order: u32, state: u8) {
        map[self.index(order, unit)] = state;
    }

    /// The block that covers `unit`, which must be below [`Tree::span`].
    pub(crate) fn find(&self, map: &[u8], unit: u32) -> Node {
        let mut order = self.top;
        loop {
            let state = map[self.index(order, unit)];
            if state >= OPEN || u32::from(state) == order + 1 || order == 0 {
                return Node {
                    unit: unit >> order << order,
                    order,
                    state,
                };
            }
            order -= 1;
        }
    }

    fn index(&self, order: u32, unit: u32) -> usize {
        (self.starts[order as usize] + (unit >> order)) as usize
    }

    /// What an ancestor sees in a node: the largest free block, plus one.
    fn room(&self, map: &[u8], order: u32, unit: u32) -> u8 {
        let byte = map[self.index(order, unit)];
        if byte >= OPEN || self.reserve == Some((order, unit)) {
            0
        } else {
            byte
        }
    }

    fn split(&self, map: &mut [u8], order: u32, unit: u32) {
        if u32::from(map[self.index(order, unit)]) == order + 1 {
            let left = self.index(order - 1, unit >> order << order);
            map[left] = order as u8;
            map[left + 1] = order as u8;
        }
    }

    /// Brings the ancestors of a changed node up to date.
    fn climb(&self, map: &mut [u8], mut order: u32, mut unit: u32) {
        while order < self.top && self.reserve != Some((order, unit)) {
            let left = unit & !(1 << order);
            let rooms = (
                self.room(map, order, left),
                self.room(map, order, left + (1 << order)),
            );
            let whole = order as u8 + 1;
            let byte = if rooms == (whole, whole) {
                whole + 1
            } else {
                rooms.0.max(rooms.1)
            };
            order += 1;
            unit = left;
            let parent = self.index(order, unit);
            if map[parent] == byte {
                return;
            }
            map[parent] = byte;
        }
    }
}
