//! Images of several heaps that share, tampered with and given a fresh checksum.

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use super::{replace_two_words, std};
use crate::image::repair_checksum;
use crate::space::{GENERATION, LAST_GENERATION};
use crate::{Arena, AtomChange, Heap, Local, Root, Session, Space};

/// What an owner would keep of them.
#[repr(C)]
struct Control {
    space: Space,
    heaps: [Heap; 2],
    roots: [Root; 6],
}

const WORDS: usize = 1 << 14;

fn control<'a>(arena: &Arena<'_>) -> Option<&'a mut Control> {
    let block = arena.block_at(arena.root())?;
    if block.offset != arena.root() || block.size < size_of::<Control>() as u64 {
        return None;
    }
    // SAFETY: the block is inside the region, initialised, and this test's alone; all fields are
    // plain words, and a test that has loaded an image does not use them before they are adopted.
    Some(unsafe {
        &mut *arena
            .base()
            .as_ptr()
            .add(block.offset as usize)
            .cast::<Control>()
    })
}

/// An image in which both heaps and the space have objects of every residence, sealed and not, which
/// refer to each other, and atoms that name each other.
fn image() -> Vec<u8> {
    let mut region = vec![0; WORDS];
    let mut arena = Arena::new(&mut region).unwrap();
    let size = size_of::<Control>() as u64;
    let block = arena.allocate(size, "the control block").unwrap();
    arena.set_root(block.offset);
    let control = control(&arena).unwrap();
    control.space = Space::empty();
    control.heaps = [const { Heap::empty() }; 2];
    for round in 0..8 {
        let mine = round % 2;
        {
            let heap = &mut control.heaps[mine];
            // SAFETY: heaps and space are new, one session at a time; what is sent is shared.
            let session = unsafe { Session::among_others(&mut arena, heap, &control.space) };
            let load = |root: usize| session.load(&control.roots[root]);
            let number = session.integer(i64::MAX - round as i64).unwrap();
            let text = session.text("some words").unwrap();
            let fields = [load(0), load(1), load(2 + mine), number, text];
            let value = session.record(round as u16, &fields).unwrap();
            let atom = session.atom(value).unwrap();
            let name = session.atom_name(atom);
            // What the other heap finds, and what this one keeps to itself.
            session.store(&mut control.roots[round / 4], name);
            let private = session.record(9, &[name, value, number]).unwrap();
            let private = session.vector_push(session.vector().unwrap(), private);
            session.store(&mut control.roots[2 + mine], private.unwrap());
            session.store(&mut control.roots[4 + mine], value);
        }
        if round == 3 {
            let heaps = &control.heaps[..];
            // SAFETY: these are all heaps and roots.
            unsafe {
                control
                    .space
                    .collect(&mut arena, heaps, &mut control.roots[..])
            }
            .unwrap();
        } else {
            let [_, _, a, b, c, d] = &mut control.roots;
            let mut roots = if mine == 0 { [a, c] } else { [b, d] };
            // SAFETY: of the other roots all that this heap collects is shared.
            unsafe { control.heaps[mine].collect(&mut arena, &mut roots[..]) }.unwrap();
        }
    }
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
    let Control {
        space,
        heaps,
        roots,
    } = control;
    let adopted = space.adopt(&mut arena, &heaps.each_ref(), &roots[..]);
    if let Err(error) = adopted {
        assert!(!error.reason.is_empty());
        return "refused as heaps";
    }
    let verify = |arena: &mut Arena<'_>, heaps: &[Heap; 2], roots: &[Root]| {
        space.verify(arena, &heaps.each_ref(), roots).unwrap();
    };
    verify(&mut arena, heaps, roots);
    for heap in &mut *heaps {
        // SAFETY: all has been adopted, one session at a time.
        let session = unsafe { Session::among_others(&mut arena, heap, space) };
        for root in &*roots {
            exercise(&session, session.load(root), 3);
        }
    }
    for _ in 0..2 {
        // SAFETY: these are all heaps and roots.
        let _ = unsafe { space.collect(&mut arena, &heaps[..], &mut roots[..]) };
        verify(&mut arena, heaps, roots);
        for heap in &mut *heaps {
            // SAFETY: after a collection of everything all that the roots hold is shared.
            let session = unsafe { Session::among_others(&mut arena, heap, space) };
            for root in &*roots {
                exercise(&session, session.load(root), 3);
            }
            session.seal();
        }
    }
    verify(&mut arena, heaps, roots);
    "used"
}

/// Looks at a value, and goes on with what it is made of or names.
fn exercise(session: &Session<'_>, value: Local<'_>, depth: u32) {
    let _ = (session.hash(value), session.order(value, session.nil()));
    let _ = session.as_text(value).map(str::len);
    if let Some(atom) = session.as_atom(value) {
        let held = session.atom_load(atom);
        let _ = session.atom_compare_and_swap(atom, held, held);
        if let Ok(other) = session.atom(held) {
            let change = |atom| AtomChange {
                atom,
                expected: held,
                new: held,
            };
            let _ = session.atoms_transact(&[change(other), change(atom)]);
        }
        session.atom_swap(atom, held);
        if depth > 0 {
            exercise(session, held, depth - 1);
        }
    }
    for index in 0..session.record_len(value).unwrap_or(0).min(6) {
        if let Some(field) = session.field(value, index).filter(|_| depth > 0) {
            exercise(session, field, depth - 1);
        }
    }
    for element in session.vector_elements(value).take(4) {
        if depth > 0 {
            exercise(session, element, depth - 1);
        }
    }
}

#[test]
fn the_image_itself_can_be_used_at_another_base() {
    assert_eq!(use_all(&mut vec![0; WORDS + 100], &image()), "used");
}

#[test]
fn any_flipped_bit_is_refused_or_harmless() {
    let original = image();
    let mut region = vec![0; WORDS];
    let mut image = original.clone();
    let mut outcomes = BTreeMap::new();
    let step = if cfg!(miri) { 12_007 } else { 1 };
    for bit in (0..8 * image.len()).step_by(step) {
        image[bit / 8] ^= 1 << (bit % 8);
        repair_checksum(&mut image);
        *outcomes.entry(use_all(&mut region, &image)).or_insert(0) += 1;
        image.copy_from_slice(&original);
    }
    if !cfg!(miri) {
        assert!(outcomes["refused as heaps"] > 1000, "{outcomes:?}");
        assert!(outcomes["used"] > 1000, "{outcomes:?}");
    }
}

#[test]
fn any_word_replaced_by_another_is_refused_or_harmless() {
    let original = image();
    let mut region = vec![0; WORDS];
    let mut image = original.clone();
    let mut random = 43u64;
    for _ in 0..if cfg!(miri) { 5 } else { 40_000 } {
        replace_two_words(&mut image, &mut random, 0);
        repair_checksum(&mut image);
        use_all(&mut region, &image);
        image.copy_from_slice(&original);
    }
}

#[test]
fn a_heap_may_not_refer_to_what_another_has_not_shared() {
    let image = image();
    let mut region = vec![0; WORDS];
    let mut arena = Arena::load(&mut region, &image).unwrap();
    let control = control(&arena).unwrap();
    // An atom may not either: its word is the first of its entry.
    let entry = control.space.blocks.get() + 32;
    let private = control.roots[2].0;
    // SAFETY: the entry is the space's, which nobody has adopted yet.
    unsafe { arena.core.set_word(entry, private.word()) };
    let heaps = control.heaps.each_ref();
    let adopted = control.space.adopt(&mut arena, &heaps, &control.roots[..]);
    assert_eq!(
        adopted.unwrap_err().reason,
        "a reference does not lead to an older object"
    );
}

#[test]
fn an_entry_that_has_had_all_its_generations_is_never_used_again() {
    let mut region = vec![0; WORDS];
    let mut arena = Arena::new(&mut region).unwrap();
    let (heap, space) = (Heap::empty(), Space::empty());
    let mut places = Vec::new();
    for generation in [0, LAST_GENERATION - 1, LAST_GENERATION] {
        // SAFETY: the space belongs to this arena; the first free entry is the space's.
        unsafe {
            if generation != 0 {
                arena
                    .core
                    .set_word(space.free.get() + GENERATION, LAST_GENERATION - 1);
            }
            let value = crate::value::Value::NIL;
            places.push(space.make_atom(&mut arena.core, &heap, value).unwrap());
            space
                .collect(&mut arena, &heap, &mut [] as &mut [Root])
                .unwrap();
        }
        space.verify(&mut arena, &[&heap], &[] as &[Root]).unwrap();
    }
    assert_eq!(places[0], places[1]);
    assert_ne!(places[1], places[2]);
}
