//! Images that somebody has tampered with and given a fresh checksum.

use std::vec;
use std::vec::Vec;

use super::{replace_two_words, std};
use crate::arena::MINIMUM_BLOCK;
use crate::code::CodeSpace;
use crate::heap::first_object;
use crate::image::repair_checksum;
use crate::value::{Residence, Value};
use crate::{Arena, Block, CodeRef, Heap, Local, Root, Session, TrieCursor};

/// What a VM would have in its control block.
#[repr(C)]
struct Control {
    heap: Heap,
    code: CodeSpace,
    roots: [Root; 4],
}

const WORDS: usize = 1 << 14;

fn control(arena: &Arena<'_>) -> Option<*mut Control> {
    let block = arena.block_at(arena.root())?;
    if block.offset != arena.root() || block.size < size_of::<Control>() as u64 {
        return None;
    }
    // SAFETY: the block is inside the region.
    Some(unsafe { arena.base().as_ptr().add(block.offset as usize) }.cast())
}

/// An image with values of every kind, and code.
fn image() -> Vec<u8> {
    let mut region = vec![0; WORDS];
    let mut arena = Arena::new(&mut region).unwrap();
    let block = arena
        .allocate(size_of::<Control>() as u64, "the control block")
        .unwrap();
    arena.set_root(block.offset);
    let control = control(&arena).unwrap();
    // SAFETY: the control block is this test's; it is written before it is used.
    let control = unsafe {
        control.write(Control {
            heap: Heap::empty(),
            code: CodeSpace::empty(),
            roots: [const { Root::NIL }; 4],
        });
        &mut *control
    };
    let code = [3, 100, 17].map(|bytes| control.code.allocate(&mut arena, bytes).unwrap());
    CodeSpace::bytes_mut(&mut arena, code[1]).unwrap().fill(7);
    // SAFETY: the heap is new; there is one session.
    let session = unsafe { Session::new(&mut arena, &mut control.heap) };
    let mut vector = session.vector().unwrap();
    for index in 0..70 {
        vector = session
            .vector_push(vector, session.integer(index).unwrap())
            .unwrap();
    }
    vector = session.vector_concat(vector, vector).unwrap();
    vector = session.vector_slice(vector, 3, 137).unwrap();
    let mut map = session.map().unwrap();
    for index in 0..24 {
        let key = match index % 3 {
            0 => session.bytes(&vec![index as u8; index as usize]),
            1 => session.integer(index),
            _ => session.integer(i64::MAX - index),
        };
        map = session
            .map_insert(map, key.unwrap(), session.boolean(index % 2 == 0))
            .unwrap();
    }
    let mut set = session.set().unwrap();
    for index in 0..12 {
        let text = session.text(&"é".repeat(index)).unwrap();
        let member = match index % 3 {
            0 => text,
            1 => session.record(index as u16, &[text]).unwrap(),
            _ => session.float(f64::MAX / index as f64).unwrap(),
        };
        set = session.set_insert(set, member).unwrap();
    }
    map = session.map_insert(map, set, vector).unwrap();
    let record = session
        .record(9, &[vector, map, session.nil(), session.code(code[1])])
        .unwrap();
    // A hash that was interrupted has a scratch block.
    let mut hashing = crate::Hashing::new();
    assert_eq!(session.hash_step(&mut hashing, vector, &mut 50), Ok(None));
    for (root, value) in control.roots.iter_mut().zip([vector, map, record, set]) {
        session.store(root, value);
    }
    let [a, b, c, d] = &mut control.roots;
    // SAFETY: these are all the roots.
    unsafe { control.heap.collect(&mut arena, &mut [a, b, c, d]) }.unwrap();
    let mut image = vec![0; arena.image_size() as usize];
    arena.save(&mut image).unwrap();
    image
}

/// Loads an image and, if it passes, does everything with it; says how far it got.
fn use_all(region: &mut [u64], image: &[u8]) -> &'static str {
    let Ok(mut arena) = Arena::load(region, image) else {
        return "refused as an image";
    };
    arena.poison_freed(true);
    let Some(control) = control(&arena) else {
        return "without a control block";
    };
    // SAFETY: a block that nobody else uses; the fields are plain words, and the roots are not used
    // before they have been adopted.
    let control = unsafe { &mut *control };
    if let Err(error) = control.code.adopt(&mut arena) {
        assert!(!error.reason.is_empty());
        return "refused as code";
    }
    for code in control.code.iterate(&arena).collect::<Vec<CodeRef>>() {
        assert_eq!(control.code.containing(&arena, code.offset()), Some(code));
        assert!(CodeSpace::bytes(&arena, code).is_some());
    }
    let _ = control.code.allocate(&mut arena, 10);
    let [a, b, c, d] = &mut control.roots;
    if control
        .heap
        .adopt(&mut arena, &[&*a, &*b, &*c, &*d])
        .is_err()
    {
        return "refused as a heap";
    }
    control
        .heap
        .verify(&mut arena, &[&*a, &*b, &*c, &*d])
        .unwrap();
    // SAFETY: the heap and its roots have been adopted.
    let session = unsafe { Session::new(&mut arena, &mut control.heap) };
    for root in [&*a, &*b, &*c, &*d] {
        exercise(&session, session.load(root), 3);
    }
    // SAFETY: these are all the roots.
    let _ = unsafe {
        control
            .heap
            .collect(&mut arena, &mut [&mut *a, &mut *b, &mut *c, &mut *d])
    };
    control
        .heap
        .verify(&mut arena, &[&*a, &*b, &*c, &*d])
        .unwrap();
    // SAFETY: the roots are not used again.
    unsafe { control.heap.release(&mut arena) };
    control.code.release(&mut arena);
    "used"
}

/// Everything that can be done with a value; the answers are not looked at.
fn exercise(session: &Session<'_>, value: Local<'_>, depth: u32) {
    let _ = (
        session.as_integer(value),
        session.as_boolean(value),
        session.as_code(value),
        session.is_nil(value),
    );
    let _ = session.as_bytes(value).map(<[u8]>::to_vec);
    let _ = session.as_text(value).map(str::len);
    let _ = (session.as_float(value), session.as_character(value));
    let _ = session.hash(value);
    let _ = (
        session.order(value, value),
        session.equal(value, session.nil()),
    );
    let _ = session.identical(value, session.nil());
    if let Some(fields) = session.record_len(value) {
        for index in 0..=fields {
            if let Some(field) = session.field(value, index).filter(|_| depth > 0) {
                exercise(session, field, depth - 1);
                let _ = session.with_field(value, index, field);
            }
        }
    }
    if let Some(length) = session.vector_len(value) {
        for index in 0..(length + 1).min(100) {
            let _ = session
                .vector_get(value, index)
                .and_then(|value| session.as_integer(value));
            let _ = session.vector_truncate(value, index);
        }
        let mut longer = value;
        for index in 0..70 {
            let Ok(pushed) = session.vector_push(longer, session.nil()) else {
                break;
            };
            longer = session
                .vector_set(pushed, index, session.nil())
                .unwrap_or(pushed);
        }
        let _ = session.identical(value, longer);
        let _ = session.vector_slice(value, length / 3, length);
        if let Ok(both) = session.vector_concat(longer, value) {
            let _ = session.vector_elements(both).take(1000).count();
            let _ = session.vector_elements(both).rev().take(1000).count();
            let _ = session.vector_slice(both, 40, 60);
        }
    }
    if session.set_len(value).is_some() {
        let mut smaller = value;
        for member in session.set_members(value).take(200) {
            let _ = session.set_get(smaller, member);
            smaller = session.set_remove(smaller, member).unwrap_or(smaller);
            let _ = session.set_insert(smaller, session.nil());
        }
        let _ = session.order(smaller, value);
    }
    if session.map_len(value).is_some() {
        let _ = session.map_entries(value).take(200).count();
        let mut cursor = TrieCursor::default();
        let mut smaller = value;
        for _ in 0..200 {
            let Some((key, value, next)) = session.map_next(value, cursor) else {
                break;
            };
            let _ = session.map_get(smaller, key);
            smaller = session.map_remove(smaller, key).unwrap_or(smaller);
            if depth > 0 {
                exercise(session, value, depth - 1);
            }
            cursor = next;
        }
        let _ = session.map_next(smaller, cursor);
        for index in 0..40 {
            let Ok(key) = session.integer(index) else {
                break;
            };
            smaller = session.map_insert(smaller, key, key).unwrap_or(smaller);
        }
        let _ = session.map_next(
            value,
            TrieCursor {
                words: [u64::MAX, u64::MAX >> 1],
            },
        );
        let _ = session.map_get_bytes(smaller, b"abc");
    }
}

#[test]
fn the_image_itself_can_be_used() {
    assert_eq!(use_all(&mut vec![0; WORDS + 100], &image()), "used");
}

#[test]
fn any_flipped_bit_under_a_fresh_checksum_is_refused_or_harmless() {
    let original = image();
    let mut region = vec![0; WORDS];
    let mut image = original.clone();
    let mut outcomes = std::collections::BTreeMap::new();
    let step = if cfg!(miri) { 16_001 } else { 1 };
    for bit in (0..8 * image.len()).step_by(step) {
        image[bit / 8] ^= 1 << (bit % 8);
        repair_checksum(&mut image);
        *outcomes.entry(use_all(&mut region, &image)).or_insert(0) += 1;
        image.copy_from_slice(&original);
    }
    if !cfg!(miri) {
        assert!(outcomes["refused as a heap"] > 1000, "{outcomes:?}");
        assert!(outcomes["refused as an image"] > 100, "{outcomes:?}");
    }
}

#[test]
fn any_word_replaced_by_another_under_a_fresh_checksum_is_refused_or_harmless() {
    let original = image();
    let mut region = vec![0; WORDS];
    let mut image = original.clone();
    let mut random = 42u64;
    let rounds = if cfg!(miri) { 5 } else { 60_000 };
    for _ in 0..rounds {
        replace_two_words(&mut image, &mut random, 0xFF);
        repair_checksum(&mut image);
        use_all(&mut region, &image);
        image.copy_from_slice(&original);
    }
}

#[test]
fn two_heaps_that_claim_the_same_chunk_are_refused() {
    let image = image();
    let mut region = vec![0; WORDS];
    let mut arena = Arena::load(&mut region, &image).unwrap();
    // SAFETY: as in `use_all`.
    let control = unsafe { &mut *control(&arena).unwrap() };
    let [a, b, c, d] = &control.roots;
    control.heap.adopt(&mut arena, &[a, b, c, d]).unwrap();
    let error = control.heap.adopt(&mut arena, &[a, b, c, d]).unwrap_err();
    assert_eq!(error.reason, "no chunk of this heap begins here");
    control.code.adopt(&mut arena).unwrap();
    assert!(control.code.adopt(&mut arena).is_err());
}

#[test]
fn a_root_that_is_no_value_is_refused() {
    let image = image();
    let mut region = vec![0; WORDS];
    let mut arena = Arena::load(&mut region, &image).unwrap();
    // SAFETY: as in `use_all`.
    let control = unsafe { &mut *control(&arena).unwrap() };
    for word in [
        3,
        0x103,
        u64::MAX - 4,
        7 << 3,
        31 << 3,
        0xD800 << 8 | 3 << 3,
        1 << 40 | 3 << 3,
    ] {
        let forged = Root(Value::from_word(word));
        assert!(
            control.heap.adopt(&mut arena, &[&forged]).is_err(),
            "{word:#x}"
        );
    }
    control.heap.adopt(&mut arena, &[] as &[&Root; 0]).unwrap();
    let _ = Block::NONE;
}

#[test]
fn a_reference_behind_the_objects_of_another_sealed_chunk_is_refused() {
    let mut region = vec![0; WORDS];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: the heap is new, and the only session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut list = session.nil();
    for index in 0..50 {
        let fields = [list, session.integer(index).unwrap(), session.nil()];
        list = session.record(1, &fields).unwrap();
    }
    session.seal();
    heap.verify(&mut arena, &[] as &[&Root; 0]).unwrap();
    let oldest = heap.shared.first.get();
    // SAFETY: the words of chunks of this test's heap.
    unsafe {
        let core = &arena.core;
        let (next, end, size) = (
            core.word(oldest),
            core.word(oldest + 16),
            core.word(oldest + 24),
        );
        assert!(end < oldest + size);
        let order = (size / MINIMUM_BLOCK).trailing_zeros();
        let object = first_object(next, core.word(next + 24));
        for behind in (end..oldest + size).step_by(8) {
            let forged = Value::reference(behind, order, Residence::Nursery, false);
            arena.core.set_word(object + 8, forged.word());
            let error = heap.verify(&mut arena, &[] as &[&Root; 0]).unwrap_err();
            assert_eq!(error.at, object);
        }
    }
}
