//! The memory of Stele: one region from the caller, and everything in it.
//!
//! - An [`Arena`] hands out blocks of the region. All references in it are offsets from its base, so
//!   it can be [saved](Arena::save) to bytes and [loaded](Arena::load) at another base, in a larger
//!   region, on another (64-bit, little-endian) machine.
//! - Values never change. They live in a [`Heap`]: numbers, characters, text, bytes, names, records,
//!   persistent vectors, maps and sets. A [`Session`] makes and reads them as [`Local`]s, which end
//!   at the next safepoint; a [`Root`] keeps one longer. [`Heap::collect`] frees what no root reaches.
//! - What takes longer than a moment can be interrupted: [`Comparison`], [`Hashing`], [`ExactHashing`],
//!   [`Lookup`], [`MapTransient`], [`Printing`], [`Reading`], [`Sorting`] are plain words that hold how far it
//!   is, and keep their values in scratch blocks that the collector knows.
//! - What heaps share lies in a [`Space`], and [`Atom`]s lead to it: places whose value changes from
//!   one complete value to the next, one at a time or several in one [`Transaction`]. [`Threads`]
//!   lets several threads do so at once.
//! - A [`CodeSpace`] holds code objects, which never move.
//!
//! Out of memory is an ordinary answer, after which everything is as before. Whatever bytes an
//! image has, loading, verifying and using it ends in a result, never in undefined behaviour.
//!
//! What this crate never does: allocate from anywhere but the arena, keep state outside it, use a
//! machine address as a reference, recurse over data, panic on what it is given.
//!
//! Read `tree`, `arena`, `image`; then `value`, `object`, `heap`, `collect`, `seal`, `verify`; then
//! `session`, `scalar`, `scratch`, `memo`; `number`, `simple`, `compare`, `hash`, `hashing`; the
//! collections: `vector`, `rrb`, `growing`; `trie`, `lookup`, `map`, `set`, `transient`, `freeze`, `sort`; the
//! text form: `print`, `read`; what is shared: `protocol`, `space`, `atom`, `exact`, `transact`, `shared`, `copying`,
//! `counting`, `threads`. `code` and `plain` stand alone.
#![no_std]

#[cfg(not(all(target_endian = "little", target_pointer_width = "64")))]
compile_error!("arenas are images of little-endian 64-bit words");

mod arena;
mod atom;
mod checksum;
mod code;
mod collect;
mod compare;
mod copying;
mod counting;
mod exact;
mod freeze;
mod growing;
mod hash;
mod hashing;
mod heap;
mod image;
mod lookup;
mod map;
mod memo;
mod number;
mod object;
mod plain;
mod print;
pub mod protocol;
mod read;
mod root;
mod rrb;
mod scalar;
mod scratch;
mod seal;
mod session;
mod set;
mod shared;
mod simple;
mod sort;
mod space;
#[cfg(test)]
mod tests;
mod threads;
mod transact;
mod transient;
mod tree;
mod trie;
mod value;
mod vector;
mod verify;

pub use arena::{
    Arena, ArenaError, Block, MAXIMUM_SIZE, MINIMUM_BLOCK, MINIMUM_SIZE, OutOfMemory, Statistics,
};
pub use atom::{Atom, Exchange};
pub use code::{CODE_BLOCK, CodeError, CodeRef, CodeSpace};
pub use collect::Collected;
pub use compare::Comparison;
pub use copying::Copying;
pub use counting::Counting;
pub use exact::ExactHashing;
pub use growing::VectorTransient;
pub use hashing::Hashing;
pub use heap::{FIRST_CHUNK, Heap, HeapStatistics, LARGEST_CHUNK, LARGEST_NURSERY, LEAST_NURSERY};
pub use image::{Class, ImageError, ImageReason, repair_checksum};
pub use lookup::Lookup;
pub use map::MapEntries;
pub use plain::Plain;
pub use print::{LEAST_PRINT_ROOM, Printing};
pub use read::{LONGEST_READ, ReadError, ReadReason, Reading};
pub use root::{Root, Roots, RootsMut};
pub use scalar::ValueKind;
pub use session::{Local, NeedSpace, Refusal, SYSTEM_RECORDS, Session};
pub use set::SetMembers;
pub use shared::{Heaps, SharedCollected, SharedCollector, Standstill};
pub use sort::Sorting;
pub use space::{LEAST_SHARED, Space, SpaceStatistics};
pub use threads::{Stopped, Thread, Threads, TooManyThreads};
pub use transact::{AtomChange, Transaction};
pub use transient::{MapTransient, SetTransient, Transient};
pub use trie::TrieCursor;
pub use vector::VectorElements;
pub use verify::HeapError;
