//! Saving and loading.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use stele_memory::{Arena, Block, CodeSpace, Heap, ImageReason, Root, Session};

/// An arena of 64 KiB with a few blocks of all classes; returns the open ones.
fn fill(arena: &mut Arena<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (index, size) in [300, 256, 5000, 1024, 256].into_iter().enumerate() {
        let block = arena.allocate(size, "a test").unwrap();
        // Part of it, so that zeros are left at the end.
        arena.bytes_mut(block).unwrap()[..200].fill(index as u8 + 1);
        blocks.push(block);
    }
    arena.free(blocks.remove(1)).unwrap();
    arena.allocate_sealed(256, "a sealed block").unwrap();
    CodeSpace::empty().allocate(arena, 100).unwrap();
    arena.set_root(blocks[2].offset);
    blocks
}

fn save(arena: &Arena<'_>) -> Vec<u8> {
    let mut image = vec![0xEE; arena.image_size() as usize + 3];
    let written = arena.save(&mut image).unwrap();
    assert_eq!(written as u64, arena.image_size());
    assert_eq!(image[written..], [0xEE; 3]);
    image.truncate(written);
    image
}

#[test]
fn an_arena_is_the_same_after_loading_at_another_base_or_into_a_larger_region() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    let blocks = fill(&mut arena);
    let image = save(&arena);
    for extra in [0, 1, 100, 8192, 60_000] {
        let mut other = vec![0x7777; 8192 + extra];
        let mut loaded = Arena::load(&mut other, &image).unwrap();
        assert_eq!(loaded.root(), arena.root());
        for block in &blocks {
            assert_eq!(loaded.bytes(*block), arena.bytes(*block));
        }
        assert_eq!(
            loaded.statistics().allocated_blocks,
            arena.statistics().allocated_blocks
        );
        let again = save(&loaded);
        if extra == 0 {
            assert_eq!(loaded.statistics(), arena.statistics());
            assert_eq!(again, image);
        }
        assert!(loaded.statistics().free >= arena.statistics().free);
        loaded.free(blocks[0]).unwrap();
    }
}

#[test]
fn an_arena_goes_on_after_loading_exactly_as_it_would_have() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    // A history of freeing that lists of free blocks would remember.
    let blocks: Vec<Block> = (0..20)
        .map(|index| arena.allocate(256 << (index % 3), "a test").unwrap())
        .collect();
    for index in [3, 17, 5, 11, 4, 0, 19] {
        arena.free(blocks[index]).unwrap();
    }
    let mut other = vec![0; 8192];
    let mut loaded = Arena::load(&mut other, &save(&arena)).unwrap();
    for size in [256, 512, 256, 1024, 300, 256, 4000, 256, 20_000, 1, 1, 1] {
        assert_eq!(
            loaded.allocate(size, "a test"),
            arena.allocate(size, "a test")
        );
    }
}

#[test]
fn sealed_blocks_of_an_image_must_be_claimed_and_only_once() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    let sealed = arena.allocate_sealed(256, "a sealed block").unwrap();
    let open = arena.allocate(256, "an open block").unwrap();
    assert!(arena.claim(sealed).is_err(), "it has its owner");
    let mut other = vec![0; 8192];
    let mut loaded = Arena::load(&mut other, &save(&arena)).unwrap();
    assert!(loaded.claim(open).is_err());
    assert!(loaded.free(sealed).is_err());
    loaded.claim(sealed).unwrap();
    assert!(loaded.claim(sealed).is_err());
}

#[test]
fn an_output_that_is_too_small_is_refused_and_left_alone() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    fill(&mut arena);
    let needed = arena.image_size();
    let mut out = vec![0xEE; needed as usize - 1];
    assert_eq!(
        arena.save(&mut out).unwrap_err().reason,
        ImageReason::OutputTooSmall(needed)
    );
    assert!(out.iter().all(|byte| *byte == 0xEE));
}

#[test]
fn a_region_smaller_than_the_arena_was_is_refused() {
    let mut region = vec![0; 9000];
    let image = save(&Arena::new(&mut region).unwrap());
    let mut other = vec![0; 8999];
    let error = Arena::load(&mut other, &image).err().unwrap();
    assert_eq!(error.reason, ImageReason::RegionTooSmall(72_000));
    assert_eq!(
        error.to_string(),
        "arena image, byte 24: the arena needs a region of at least 72000 bytes"
    );
}

#[test]
fn an_image_cut_off_anywhere_is_refused() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    fill(&mut arena);
    let image = save(&arena);
    let mut other = vec![0; 8192];
    for length in 0..image.len() {
        let error = Arena::load(&mut other, &image[..length]).err().unwrap();
        let needed = if length < 64 { 64 } else { image.len() as u64 };
        assert_eq!(
            (error.at, error.reason),
            (length as u64, ImageReason::Truncated(needed))
        );
    }
    let mut longer = image.clone();
    longer.push(0);
    let error = Arena::load(&mut other, &longer).err().unwrap();
    assert_eq!(
        (error.at, error.reason),
        (image.len() as u64, ImageReason::TooLong(image.len() as u64))
    );
}

#[test]
fn an_image_with_any_bit_flipped_is_refused() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    fill(&mut arena);
    let mut image = save(&arena);
    let mut other = vec![0; 8192];
    for bit in (0..8 * image.len()).step_by(if cfg!(miri) { 503 } else { 1 }) {
        image[bit / 8] ^= 1 << (bit % 8);
        let error = Arena::load(&mut other, &image).err();
        assert!(error.is_some(), "bit {bit}");
        image[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(Arena::load(&mut other, &image).is_ok());
}

#[test]
fn bytes_that_are_no_image_are_refused_with_place_and_reason() {
    let mut other = vec![0; 8192];
    let mut refuse = |bytes: &[u8]| Arena::load(&mut other, bytes).err().unwrap().to_string();
    assert_eq!(
        refuse(b""),
        "arena image, byte 0: ends here, but should have 64 bytes"
    );
    assert_eq!(
        refuse(&[b'x'; 200]),
        "arena image, byte 0: this is not an arena image"
    );
    let mut region = vec![0; 8192];
    let mut image = save(&Arena::new(&mut region).unwrap());
    image[8] = 9;
    assert_eq!(
        refuse(&image),
        "arena image, byte 8: version 9; this system reads version 1"
    );
    image[8] = 1;
    image[33] = 1;
    assert_eq!(
        refuse(&image),
        "arena image, byte 56: the contents do not fit this checksum; the image is damaged"
    );
}

#[test]
fn values_are_the_same_after_loading_at_another_base() {
    let mut region = vec![0; 1 << 15];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut root = Root::NIL;
    {
        // SAFETY: a new heap, one session.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        let mut map = session.map().unwrap();
        for index in 0..200 {
            let key = session.bytes(format!("key {index}").as_bytes()).unwrap();
            map = session
                .map_insert(map, key, session.integer(i64::MAX - index).unwrap())
                .unwrap();
        }
        session.store(&mut root, map);
    }
    let image = save(&arena);
    let mut other = vec![0; 1 << 15];
    let mut loaded = Arena::load(&mut other, &image).unwrap();
    heap.adopt(&mut loaded, &[&root]).unwrap();
    // SAFETY: the heap and its root have been adopted in this arena, and the other arena is not
    // used any more.
    let session = unsafe { Session::new(&mut loaded, &mut heap) };
    for index in 0..200 {
        let found = session.map_get_bytes(session.load(&root), format!("key {index}").as_bytes());
        assert_eq!(
            found.and_then(|value| session.as_integer(value)),
            Some(i64::MAX - index)
        );
    }
}
