//! Images of any bytes, their checksum made right: each is refused, or is a world that runs, can be
//! interrupted, built on, saved and loaded again. That there is no undefined behaviour on the way,
//! debug assertions tell, and miri for a sample.

use super::small_world::{Memory, PRIMITIVES, TURN, WORDS, attached, new, run, save};
use super::std::collections::BTreeMap;
use super::std::string::ToString;
use super::std::vec;
use super::std::vec::Vec;
use crate::verify::RestoreError;
use crate::{Trap, World};
use stele_bytecode::instruction::Op;
use stele_memory::{ImageReason, repair_checksum};

/// Turns that a world which passes is given.
const TURNS: u32 = 12;

/// Where the worlds stopped whose images are tampered with: at the entry, in a loop, in a recursion
/// under a handler, where a throw has just unwound, while waiting.
const STOPS: [usize; 5] = [0, 9, 23, 60, 97];

/// Loads an image and, if it passes, lives with it; says what came of it.
fn use_all(region: &mut [u64], image: &[u8]) -> &'static str {
    let mut world = match World::load(region, image, PRIMITIVES) {
        Ok(world) => world,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return match error {
                RestoreError::Image(_) => "refused as an image",
                RestoreError::Code(_) => "refused as a code space",
                RestoreError::Function(..) => "refused as a function",
                RestoreError::Heap(_) => "refused as a heap",
                RestoreError::State(..) => "refused as a world",
                RestoreError::OutOfMemory(_) => "refused for want of room",
            };
        }
    };
    for turn in 0..TURNS {
        attached(&mut world, |machine| {
            let _ = machine.run(TURN);
            if turn == 5 && machine.has_handler() {
                let _ = machine.interrupt(Trap::USER_INTERRUPT);
            }
        });
    }
    attached(&mut world, |machine| {
        let _ = machine.build(|builder| builder.emit(Op::Add));
        let _ = machine.build(|builder| builder.leave());
        let _ = machine.finish_definition(true);
        let _ = machine.collect();
    });
    let image = save(&world);
    let again = World::load(region, &image, PRIMITIVES);
    assert_eq!(again.err(), None, "what was saved cannot be loaded");
    "used"
}

fn images() -> impl Iterator<Item = Vec<u8>> {
    STOPS.into_iter().map(|stops| {
        let mut memory = Memory::new(0);
        let mut world = new(&mut memory);
        run(&mut world, stops);
        save(&world)
    })
}

/// Tries `original` with each of many changes; `change` makes the n-th, the last answers false.
fn try_all(mut change: impl FnMut(usize, &mut [u8]) -> bool) -> BTreeMap<&'static str, u32> {
    let mut region = vec![0; WORDS];
    let mut outcomes = BTreeMap::new();
    let step = if cfg!(miri) { 3989 } else { 1 };
    for original in images() {
        let mut image = original.clone();
        for number in (0..).step_by(step) {
            if !change(number, &mut image) {
                break;
            }
            repair_checksum(&mut image);
            *outcomes.entry(use_all(&mut region, &image)).or_insert(0) += 1;
            image.copy_from_slice(&original);
        }
    }
    outcomes
}

#[test]
fn the_images_themselves_are_used() {
    let mut region = vec![0; WORDS + 77];
    for image in images() {
        assert_eq!(use_all(&mut region, &image), "used");
    }
}

#[test]
fn an_image_cut_off_anywhere_is_refused() {
    let image = images().last().expect("there are images");
    let mut region = vec![0; WORDS];
    for length in (0..image.len()).step_by(if cfg!(miri) { 501 } else { 1 }) {
        let Err(RestoreError::Image(error)) =
            World::load(&mut region, &image[..length], PRIMITIVES)
        else {
            panic!("{length} bytes are no image");
        };
        assert!(matches!(error.reason, ImageReason::Truncated(_)), "{error}");
        // With a header that says so, it is another image.
        let mut shorter = image[..length].to_vec();
        if let Some(said) = shorter.get_mut(16..24) {
            said.copy_from_slice(&(length as u64).to_le_bytes());
        }
        if repair_checksum(&mut shorter) {
            assert_ne!(use_all(&mut region, &shorter), "used");
        }
    }
}

#[test]
fn any_flipped_bit_under_a_right_checksum_is_refused_or_harmless() {
    let outcomes = try_all(|bit, image| {
        if let Some(byte) = image.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        bit < 8 * image.len()
    });
    for (outcome, count) in &outcomes {
        super::std::println!("{count:6} {outcome}");
    }
    if !cfg!(miri) {
        for outcome in [
            "an image",
            "a code space",
            "a function",
            "a heap",
            "a world",
        ] {
            let count = outcomes.get(["refused as ", outcome].concat().as_str());
            assert!(count.is_some_and(|count| *count > 50), "{outcomes:?}");
        }
    }
}

#[test]
fn any_word_replaced_by_another_is_refused_or_harmless() {
    let mut random = 42u64;
    let rounds = 12_000;
    try_all(|round, image| {
        let mut next = |limit: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as usize % limit
        };
        let words = image.len() / 8;
        for _ in 0..=next(3) {
            let (from, to) = (8 * next(words), 8 * next(words));
            let mut word = [0; 8];
            word.copy_from_slice(&image[from..from + 8]);
            let value = u64::from_le_bytes(word);
            let value = match next(5) {
                0 => value.wrapping_add(8),
                1 => value.wrapping_sub(8),
                2 => value ^ 1 << next(64),
                3 => [0, 1, u64::MAX, 1 << 63][next(4)],
                _ => value,
            };
            image[to..to + 8].copy_from_slice(&value.to_le_bytes());
        }
        round < rounds
    });
}
