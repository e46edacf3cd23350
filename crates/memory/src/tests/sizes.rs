//! Heaps at the upper end of arenas of every size, where offsets are largest.

use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::std;
use crate::arena::Source;
use crate::{Arena, Block, Heap, MAXIMUM_SIZE, MINIMUM_BLOCK, MINIMUM_SIZE, Root, Session, tree};

/// Takes all blocks that begin below `end`, without touching their memory: so even the largest
/// arena stays a mapping of pages that nobody has written.
fn occupy(arena: &mut Arena<'_>, end: u64) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut offset = MINIMUM_BLOCK;
    while offset < end {
        let aligned = 1 << offset.trailing_zeros();
        let size = aligned.min(1 << (end - offset).ilog2());
        let block = Block { offset, size };
        assert!(arena.core.place(block, tree::OPEN), "{block:?}");
        blocks.push(block);
        offset += size;
    }
    blocks
}

fn text_of(session: &Session<'_>, root: &Root) -> Vec<String> {
    let map = session.load(root);
    session
        .map_entries(map)
        .map(|(key, value)| {
            let number = session.as_integer(value).unwrap();
            session.as_text(key).unwrap().to_string() + &number.to_string()
        })
        .collect()
}

#[test]
fn a_heap_works_at_the_upper_end_of_an_arena_of_any_size() {
    let shifts = if cfg!(miri) { 16..=17 } else { 16..=32 };
    for size in shifts.map(|shift| 1u64 << shift) {
        let mut region = vec![0; (size / 8) as usize];
        let mut arena = Arena::new(&mut region).unwrap();
        let whole = arena.statistics();
        let end = MINIMUM_BLOCK + whole.free + whole.reserve;
        let room = (size / 2).min(4 << 20);
        let low = occupy(&mut arena, (end - room) & !(MINIMUM_BLOCK - 1));
        let mut heap = Heap::empty();
        let mut root = Root::NIL;
        for round in 0..if cfg!(miri) { 20 } else { 300 } {
            // SAFETY: a new heap, one session at a time, one root.
            let mut session = unsafe { Session::new(&mut arena, &mut heap) };
            if round == 0 {
                let empty = session.map().unwrap();
                session.store(&mut root, empty);
            }
            let key = session.text(&std::format!("key {}", round % 50)).unwrap();
            let value = session.integer(i64::MAX - round).unwrap();
            let larger = session.map_insert(session.load(&root), key, value).unwrap();
            session.store(&mut root, larger);
            if round % 7 == 3 {
                // SAFETY: the only root.
                unsafe { session.collect_everything(&mut [&mut root]) }.unwrap();
            }
        }
        assert!(
            heap.old.first.get() >= end - room,
            "{size}: it is not at the end"
        );
        // The image has no need of the low blocks.
        for block in low {
            arena.free(block).unwrap();
        }
        heap.verify(&mut arena, &[&root]).unwrap();
        let mut image = vec![0; arena.image_size() as usize];
        arena.save(&mut image).unwrap();
        // SAFETY: one session, the only root.
        let expected = text_of(&unsafe { Session::new(&mut arena, &mut heap) }, &root);
        assert_eq!(expected.len(), if cfg!(miri) { 20 } else { 50 });
        let mut other = vec![0; (size / 8) as usize];
        let mut loaded = Arena::load(&mut other, &image).unwrap();
        heap.adopt(&mut loaded, &[&root]).unwrap();
        // SAFETY: the heap has been adopted in this arena; the other one is not used any more.
        let session = unsafe { Session::new(&mut loaded, &mut heap) };
        assert_eq!(text_of(&session, &root), expected, "{size}");
    }
}

#[test]
fn the_last_byte_of_the_largest_arena_can_be_handed_out() {
    if cfg!(miri) {
        return;
    }
    let mut region = vec![0; (MAXIMUM_SIZE / 8) as usize];
    let mut arena = Arena::new(&mut region).unwrap();
    let whole = arena.statistics();
    let end = MINIMUM_BLOCK + whole.free + whole.reserve;
    let taken = occupy(&mut arena, end - MINIMUM_BLOCK);
    let block = arena.allocate(1, "the last block").unwrap();
    assert_eq!(block.offset + block.size, end);
    arena.bytes_mut(block).unwrap().fill(7);
    let core = &mut arena.core;
    let refused = core.allocate(1, "one more", tree::OPEN, Source::Reserve);
    assert_eq!(refused.unwrap_err().free, 0);
    for block in taken {
        arena.free(block).unwrap();
    }
    arena.free(block).unwrap();
    assert_eq!(arena.statistics(), whole);
    // What is asked for is more than any arena has.
    for bytes in [MAXIMUM_SIZE, MAXIMUM_SIZE + 1, u64::MAX, whole.free + 1] {
        let error = arena.allocate(bytes, "too much").unwrap_err();
        assert_eq!((error.asked, error.free), (bytes, whole.free));
    }
    assert!(whole.largest_free >= MAXIMUM_SIZE / 4 && MINIMUM_SIZE < whole.reserve);
}
