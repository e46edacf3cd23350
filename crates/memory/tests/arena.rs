//! The arena as its users see it.

use proptest::prelude::*;
use stele_memory::{Arena, ArenaError, Block, MAXIMUM_SIZE, MINIMUM_SIZE, OutOfMemory, Plain};

fn small_region() -> Vec<u64> {
    vec![0; 8192]
}

#[test]
fn a_block_is_zeroed_aligned_to_its_size_and_the_next_power_of_two() {
    let mut region = vec![u64::MAX; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    for (asked, size) in [
        (0, 256),
        (1, 256),
        (256, 256),
        (257, 512),
        (1000, 1024),
        (4097, 8192),
    ] {
        let block = arena.allocate(asked, "a test").unwrap();
        assert_eq!(block.size, size);
        assert_eq!(block.offset % size, 0);
        assert!(arena.bytes(block).unwrap().iter().all(|byte| *byte == 0));
    }
}

#[test]
fn a_freed_block_comes_back_zeroed() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    let block = arena.allocate(300, "a test").unwrap();
    arena.bytes_mut(block).unwrap().fill(9);
    arena.poison_freed(true);
    arena.free(block).unwrap();
    assert_eq!(arena.allocate(300, "a test").unwrap(), block);
    assert!(arena.bytes(block).unwrap().iter().all(|byte| *byte == 0));
}

#[test]
fn what_is_not_exactly_an_allocated_open_block_is_refused_by_name() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    let block = arena.allocate(1024, "a test").unwrap();
    let sealed = arena.allocate_sealed(256, "a test").unwrap();
    let before = arena.statistics();
    let at = |offset, size| Block { offset, size };
    let cases = [
        (Block::NONE, ArenaError::NotABlock { offset: 0 }),
        (
            at(block.offset + 256, 256),
            ArenaError::NotABlock {
                offset: block.offset + 256,
            },
        ),
        (
            at(block.offset + 8, 1024),
            ArenaError::NotABlock {
                offset: block.offset + 8,
            },
        ),
        (at(1 << 40, 256), ArenaError::NotABlock { offset: 1 << 40 }),
        (
            at(u64::MAX, 256),
            ArenaError::NotABlock { offset: u64::MAX },
        ),
        (
            at(65536 - 256, 256),
            ArenaError::NotABlock {
                offset: 65536 - 256,
            },
        ),
        (
            at(block.offset, 512),
            ArenaError::WrongSize {
                offset: block.offset,
                given: 512,
                actual: 1024,
            },
        ),
        (
            sealed,
            ArenaError::Sealed {
                offset: sealed.offset,
            },
        ),
    ];
    for (block, error) in cases {
        assert_eq!(arena.free(block), Err(error), "{error}");
        assert!(arena.bytes_mut(block).is_none());
    }
    assert_eq!(arena.statistics(), before);
    arena.free(block).unwrap();
    assert_eq!(
        arena.free(block),
        Err(ArenaError::NotABlock {
            offset: block.offset
        })
    );
    // SAFETY: the block is this test's.
    unsafe { arena.free_sealed(sealed) }.unwrap();
    assert!(!arena.is_sealed(sealed));
}

#[test]
fn the_block_around_an_offset_is_found_from_its_first_byte_to_its_last() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    let block = arena.allocate(2048, "a test").unwrap();
    assert_eq!(arena.block_at(block.offset), Some(block));
    assert_eq!(arena.block_at(block.offset + 2047), Some(block));
    assert_eq!(arena.block_at(block.offset + 2048), None);
    assert_eq!(arena.block_at(block.offset - 1), None);
    assert_eq!(arena.block_at(0), None);
    assert_eq!(arena.block_at(u64::MAX), None);
}

#[test]
fn out_of_memory_says_what_was_asked_and_what_there_is() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    let before = arena.statistics();
    let error = arena.allocate(60_000, "the whole library").unwrap_err();
    assert_eq!(
        error,
        OutOfMemory {
            what: "the whole library",
            asked: 60_000,
            free: before.free,
            largest: before.largest_free
        }
    );
    assert_eq!(
        error.to_string(),
        format!(
            "out of memory: the whole library needs 60000 bytes; {} are free, at most {} in one piece",
            before.free, before.largest_free
        )
    );
    assert_eq!(arena.statistics(), before);
    assert!(arena.allocate(u64::MAX, "everything").is_err());
}

#[test]
fn the_reserve_is_handed_out_only_when_asked_for() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut blocks = Vec::new();
    while let Ok(block) = arena.allocate(1, "a test") {
        blocks.push(block);
    }
    let full = arena.statistics();
    assert_eq!((full.free, full.largest_free, full.reserve), (0, 0, 4096));
    let last = arena.allocate_from_reserve(4096, "the prompt").unwrap();
    assert!(arena.allocate_from_reserve(1, "the prompt").is_err());
    assert_eq!(arena.statistics().reserve, 0);
    // What comes back to the reserve stays there.
    arena.free(last).unwrap();
    assert_eq!(arena.statistics(), full);
    assert!(arena.allocate(1, "a test").is_err());
    for block in blocks {
        arena.free(block).unwrap();
    }
    // Whoever may use the reserve uses ordinary space first.
    let ordinary = arena.allocate_from_reserve(1, "the prompt").unwrap();
    assert_eq!(arena.statistics().reserve, 4096);
    arena.free(ordinary).unwrap();
}

#[test]
fn an_arena_takes_regions_from_64_kib_to_4_gib_and_no_others() {
    // Each power of two, and one word less and more, as far as they are allowed.
    let shifts = if cfg!(miri) { 16..=16 } else { 16..=32 };
    let sizes = shifts
        .flat_map(|shift| [(1u64 << shift) - 8, 1 << shift, (1 << shift) + 8])
        .filter(|size| (MINIMUM_SIZE..=MAXIMUM_SIZE).contains(size));
    for size in sizes {
        let mut region = vec![0u64; (size / 8) as usize];
        let mut arena = Arena::new(&mut region).unwrap();
        let whole = arena.statistics();
        assert_eq!(whole.size, size);
        assert!(whole.free + whole.reserve > size / 100 * 97, "{whole:?}");
        let (small, error) = (
            arena.allocate(1, "a small piece").unwrap(),
            arena.allocate(whole.largest_free + 1, "too much"),
        );
        assert_eq!(error.unwrap_err().asked, whole.largest_free + 1);
        arena.free(small).unwrap();
        // Handing it out writes all of it.
        if size.is_power_of_two() {
            let block = arena
                .allocate(whole.largest_free, "the largest piece")
                .unwrap();
            assert_eq!(block.size, whole.largest_free);
            arena.free(block).unwrap();
        }
        assert_eq!(arena.statistics(), whole);
    }
    let mut region = vec![0u64; (MINIMUM_SIZE / 8 - 1) as usize];
    assert_eq!(
        Arena::new(&mut region).err(),
        Some(ArenaError::RegionTooSmall(MINIMUM_SIZE - 8))
    );
    assert_eq!(
        Arena::new(&mut []).err(),
        Some(ArenaError::RegionTooSmall(0))
    );
    if !cfg!(miri) {
        let mut region = vec![0u64; (MAXIMUM_SIZE / 8 + 1) as usize];
        assert_eq!(
            Arena::new(&mut region).err(),
            Some(ArenaError::RegionTooLarge(MAXIMUM_SIZE + 8))
        );
    }
}

#[test]
fn a_region_of_any_odd_size_is_used_to_the_end() {
    let more = [8225, 12_345, 16_383, 16_385, 20_000];
    let step = if cfg!(miri) { 39 } else { 1 };
    for words in (8192..8192 + 40).chain(more).step_by(step) {
        let mut region = vec![0u64; words];
        let mut arena = Arena::new(&mut region).unwrap();
        let whole = arena.statistics();
        let mut blocks = Vec::new();
        while let Ok(block) = arena.allocate_from_reserve(256, "a test") {
            arena.bytes_mut(block).unwrap().fill(0xFF);
            blocks.push(block);
        }
        assert_eq!(blocks.len() as u64 * 256, whole.free + whole.reserve);
        assert!(
            whole.free + whole.reserve + 2048 > words as u64 * 8,
            "{words} words: {whole:?}"
        );
        for block in blocks {
            arena.free(block).unwrap();
        }
        assert_eq!(arena.statistics(), whole);
    }
}

#[test]
fn making_an_arena_writes_next_to_nothing() {
    let words = if cfg!(miri) { 1 << 14 } else { 1 << 24 };
    let mut region = vec![0x5555_5555_5555_5555u64; words];
    let _ = Arena::new(&mut region).unwrap();
    let written = region
        .iter()
        .filter(|word| **word != 0x5555_5555_5555_5555)
        .count();
    assert!(written < 100, "{written} words");
}

#[test]
fn the_nth_allocation_can_be_made_to_fail() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    arena.refuse_after(Some(2));
    assert!(arena.allocate(1, "a test").is_ok());
    assert!(arena.allocate(1, "a test").is_ok());
    assert!(arena.allocate(1, "a test").is_err());
    assert!(arena.allocate_from_reserve(1, "a test").is_err());
    arena.refuse_after(None);
    assert!(arena.allocate(1, "a test").is_ok());
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Pair {
    first: u64,
    second: [i64; 3],
}

// SAFETY: four words, any bits are valid.
unsafe impl Plain for Pair {}

#[test]
fn plain_data_is_reached_only_where_it_fits_into_one_open_block() {
    let mut region = small_region();
    let mut arena = Arena::new(&mut region).unwrap();
    let block = arena.allocate(256, "a control block").unwrap();
    let end = block.offset + block.size;
    let pair = Pair {
        first: 7,
        second: [-1, 2, 3],
    };
    *arena.get_mut(end - 32).unwrap() = pair;
    assert_eq!(arena.get::<Pair>(end - 32), Some(&pair));
    assert_eq!(arena.get::<[u64; 4]>(end - 32), Some(&[7, u64::MAX, 2, 3]));
    for offset in [
        end - 24,
        end - 33,
        end,
        block.offset - 8,
        0,
        u64::MAX,
        u64::MAX - 31,
    ] {
        assert_eq!(arena.get::<Pair>(offset), None, "{offset:#x}");
        assert!(arena.get_mut::<Pair>(offset).is_none());
    }
    let sealed = arena.allocate_sealed(256, "a chunk").unwrap();
    assert_eq!(arena.get::<u64>(sealed.offset), None);
}

#[derive(Clone, Debug)]
enum Step {
    Allocate { bytes: u64, reserve: bool },
    Free { which: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = prop_oneof![0u64..2000, 2000u64..20_000];
    let step = prop_oneof![
        3 => (bytes, any::<bool>()).prop_map(|(bytes, reserve)| Step::Allocate { bytes, reserve }),
        2 => any::<usize>().prop_map(|which| Step::Free { which }),
    ];
    prop::collection::vec(step, 0..if cfg!(miri) { 12 } else { 200 })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 2 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn blocks_never_overlap_keep_their_contents_and_leave_nothing_behind(steps in steps(), extra in 0usize..2000) {
        let mut region = vec![0x1234u64; 8192 + extra];
        let mut arena = Arena::new(&mut region).unwrap();
        let whole = arena.statistics();
        let mut blocks: Vec<(Block, u8)> = Vec::new();
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Step::Allocate { bytes, reserve } => {
                    let result = if reserve {
                        arena.allocate_from_reserve(bytes, "a test")
                    } else {
                        arena.allocate(bytes, "a test")
                    };
                    match result {
                        Ok(block) => {
                            prop_assert!(block.size >= bytes);
                            prop_assert!(arena.bytes(block).unwrap().iter().all(|byte| *byte == 0));
                            arena.bytes_mut(block).unwrap().fill(index as u8);
                            blocks.push((block, index as u8));
                        }
                        Err(error) => prop_assert!(error.largest < bytes),
                    }
                }
                Step::Free { which } => if !blocks.is_empty() {
                    let (block, mark) = blocks.swap_remove(which % blocks.len());
                    prop_assert!(arena.bytes(block).unwrap().iter().all(|byte| *byte == mark));
                    arena.free(block).unwrap();
                },
            }
            let now = arena.statistics();
            let held: u64 = blocks.iter().map(|(block, _)| block.size).sum();
            prop_assert_eq!(now.free + now.reserve + held, whole.free + whole.reserve);
            prop_assert_eq!(now.allocated_blocks, blocks.len() as u64);
        }
        for (block, mark) in blocks {
            prop_assert!(arena.bytes(block).unwrap().iter().all(|byte| *byte == mark));
            arena.free(block).unwrap();
        }
        prop_assert_eq!(arena.statistics(), whole);
    }
}
