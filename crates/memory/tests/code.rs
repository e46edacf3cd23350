//! Code objects.

use stele_memory::{Arena, CodeRef, CodeSpace};

/// Larger than a code block; less where every byte costs a microsecond.
const LARGE: u32 = if cfg!(miri) { 1200 } else { 70_000 };

fn region() -> Vec<u64> {
    vec![0; 1 << 17]
}

#[test]
fn code_objects_are_zeroed_aligned_and_stay_where_they_are() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let mut made = Vec::new();
    for size in [
        0,
        1,
        7,
        8,
        9,
        100,
        1000,
        LARGE / 2,
        3,
        2 * LARGE,
        5,
        LARGE - 1,
    ] {
        let code = space.allocate(&mut arena, size).unwrap();
        let payload = CodeSpace::bytes_mut(&mut arena, code).unwrap();
        assert_eq!(payload.len(), size as usize);
        assert!(payload.iter().all(|byte| *byte == 0));
        payload.fill(made.len() as u8 + 1);
        made.push((code, size));
    }
    for (index, (code, size)) in made.iter().enumerate() {
        assert_eq!(
            CodeSpace::bytes(&arena, *code),
            Some(vec![index as u8 + 1; *size as usize].as_slice())
        );
    }
    assert_eq!(
        space.iterate(&arena).collect::<Vec<_>>(),
        made.iter().map(|made| made.0).collect::<Vec<_>>()
    );
    assert_eq!(space.len(), made.len() as u64);
    space.verify(&arena).unwrap();
    space.release(&mut arena);
    assert_eq!(arena.statistics().allocated_blocks, 0);
    assert!(space.is_empty());
}

#[test]
fn every_offset_in_an_object_leads_to_it_and_no_other_offset_to_any() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let mut expected = std::collections::BTreeMap::new();
    for size in [1, 20, 0, 300, 2000, LARGE, 16] {
        let code = space.allocate(&mut arena, size).unwrap();
        for offset in code.offset()..code.offset() + 8 + u64::from(size).next_multiple_of(8) {
            expected.insert(offset, code);
        }
    }
    let other = arena.allocate(1000, "a table").unwrap();
    for offset in (0..arena.statistics().size + 100).step_by(if cfg!(miri) { 997 } else { 1 }) {
        assert_eq!(
            space.containing(&arena, offset),
            expected.get(&offset).copied(),
            "{offset:#x}"
        );
    }
    assert_eq!(space.containing(&arena, other.offset), None);
}

#[test]
fn what_is_not_exactly_an_object_has_no_payload() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let code = space.allocate(&mut arena, 100).unwrap();
    let table = arena.allocate(1000, "a table").unwrap();
    for wrong in [
        0,
        1,
        code.0 - 1,
        code.0 + 1,
        code.0 + 50,
        (table.offset / 8) as u32,
        u32::MAX,
    ] {
        assert_eq!(CodeSpace::bytes(&arena, CodeRef(wrong)), None);
        assert!(CodeSpace::bytes_mut(&mut arena, CodeRef(wrong)).is_none());
        assert!(!CodeSpace::freeze(&mut arena, CodeRef(wrong)));
    }
}

#[test]
fn a_frozen_object_can_be_read_but_never_written_again() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let code = space.allocate(&mut arena, 4).unwrap();
    CodeSpace::bytes_mut(&mut arena, code)
        .unwrap()
        .copy_from_slice(b"code");
    assert!(CodeSpace::freeze(&mut arena, code));
    space.allocate(&mut arena, 4).unwrap();
    assert_eq!(CodeSpace::bytes(&arena, code), Some(b"code".as_slice()));
    assert!(CodeSpace::bytes_mut(&mut arena, code).is_none());
    space.verify(&arena).unwrap();
}

#[test]
fn a_space_used_with_another_arena_finds_nothing_and_breaks_nothing() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let code = space.allocate(&mut arena, 100).unwrap();
    let mut other_region = vec![0; 8192];
    let mut other = Arena::new(&mut other_region).unwrap();
    assert_eq!(CodeSpace::bytes(&other, code), None);
    assert_eq!(space.iterate(&other).count(), 0);
    assert!(space.verify(&other).is_err());
    let elsewhere = space.allocate(&mut other, 10).unwrap();
    assert!(CodeSpace::bytes(&other, elsewhere).is_some());
}

#[test]
fn a_code_object_that_does_not_fit_is_refused_and_nothing_changes() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let code = space.allocate(&mut arena, 100).unwrap();
    let before = arena.statistics();
    assert_eq!(
        space.allocate(&mut arena, 100_000).unwrap_err().what,
        "a code block"
    );
    assert!(space.allocate(&mut arena, u32::MAX).is_err());
    assert_eq!(arena.statistics(), before);
    space.verify(&arena).unwrap();
    assert_eq!(space.iterate(&arena).collect::<Vec<_>>(), [code]);
}

#[test]
fn an_adopted_space_goes_on_where_it_was_saved() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut space = CodeSpace::empty();
    let code = space.allocate(&mut arena, 3000).unwrap();
    let mut image = vec![0; arena.image_size() as usize];
    arena.save(&mut image).unwrap();
    let mut other_region = vec![0; 1 << 17];
    let mut other = Arena::load(&mut other_region, &image).unwrap();
    assert_eq!(
        CodeSpace::bytes(&other, code),
        None,
        "nobody has adopted it yet"
    );
    space.adopt(&mut other).unwrap();
    assert_eq!(CodeSpace::bytes(&other, code).map(<[u8]>::len), Some(3000));
    assert_eq!(
        space.allocate(&mut other, 10).unwrap(),
        CodeRef(code.0 + 1 + 3000 / 8)
    );
    space.verify(&other).unwrap();
}
