//! Saved worlds of a whole Forth system: sound ones are loaded, all others refused by name.

mod support;

use std::collections::BTreeMap;

use stele_arbiter::{Arbiter, LoadError, QUANTUM, RestoreError, Turn};
use stele_memory::repair_checksum;
use support::Program;

/// Words of a region.
const WORDS: usize = 1 << 17;

/// The image of a world that has run through `stops` safepoints of `program`.
fn image(program: &Program, stops: usize) -> Vec<u8> {
    let mut region = vec![0; WORDS];
    let (mut arbiter, mut host) = program.start(&mut region);
    for _ in 0..stops {
        let turn = arbiter.turn(&mut host, 0);
        assert!(!matches!(turn, Turn::Over(_)), "{turn:?}");
    }
    let mut image = vec![0; arbiter.image_size() as usize];
    arbiter.save(&mut image).expect("it fits");
    image
}

fn refusal(image: &[u8]) -> String {
    let mut region = vec![0; WORDS];
    match Arbiter::load(&mut region, image) {
        Ok(_) => panic!("it should have been refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn refusals_say_where_and_why() {
    let sound = image(&Program::core(), 100);
    let mut damaged = sound.clone();
    damaged[5000] ^= 1;
    assert_eq!(
        refusal(&damaged),
        "arena image, byte 56: the contents do not fit this checksum; the image is damaged"
    );
    let cut = refusal(&sound[..sound.len() - 1]);
    assert!(cut.contains("ends here, but should have"), "{cut}");
    assert!(refusal(b"#! /bin/sh\nexit 0\n").contains("ends here"));
    assert!(refusal(&[b' '; 4096]).contains("this is not an arena image"));
    assert!(refusal(&[]).contains("ends here"));
    let mut small = vec![0; WORDS / 2];
    let error = Arbiter::load(&mut small, &sound)
        .err()
        .expect("it is refused");
    assert_eq!(
        error.to_string(),
        "arena image, byte 24: the arena needs a region of at least 1048576 bytes"
    );
}

#[test]
fn a_world_without_its_first_instance_is_refused() {
    let mut region = vec![0; WORDS];
    let arbiter = Arbiter::new(&mut region).expect("the region is large enough");
    let mut image = vec![0; arbiter.image_size() as usize];
    arbiter.save(&mut image).expect("it fits");
    let mut other = vec![0; WORDS];
    let error = Arbiter::load(&mut other, &image).err();
    assert_eq!(error, Some(LoadError::NoRoot));
}

#[test]
fn a_world_at_its_end_is_loaded_and_stays_there() {
    let program = Program::core();
    let mut region = vec![0; WORDS];
    let (mut arbiter, mut host) = program.start(&mut region);
    while !matches!(arbiter.turn(&mut host, QUANTUM), Turn::Over(_)) {}
    let mut image = vec![0; arbiter.image_size() as usize];
    arbiter.save(&mut image).expect("it fits");
    let mut other = vec![0; WORDS];
    let mut arbiter = Arbiter::load(&mut other, &image).unwrap_or_else(|error| panic!("{error}"));
    let written = host.output.len();
    assert!(matches!(arbiter.turn(&mut host, QUANTUM), Turn::Over(_)));
    assert_eq!(host.output.len(), written);
}

#[test]
fn changed_images_under_a_right_checksum_are_refused_or_harmless() {
    let mut outcomes = BTreeMap::new();
    let mut region = vec![0; WORDS];
    let mut random = 7u64;
    let mut next = move |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % limit
    };
    for (program, stops) in [(Program::core(), 20_000), (Program::typed(), 9_001)] {
        let original = image(&program, stops);
        let mut image = original.clone();
        for _ in 0..2000 {
            // Most words of a world are code and values; the system, the instance and the stacks
            // come first and shall have their share.
            let limit = if next(2) == 0 { image.len() } else { 8192 };
            let at = next(limit);
            image[at] ^= 1 << next(8);
            repair_checksum(&mut image);
            *outcomes.entry(live(&mut region, &image)).or_insert(0) += 1;
            image.copy_from_slice(&original);
        }
    }
    println!("{outcomes:?}");
    assert!(outcomes.len() > 4, "{outcomes:?}");
}

/// Loads an image and, if it passes, lets it run; says what came of it.
fn live(region: &mut [u64], image: &[u8]) -> &'static str {
    let mut arbiter = match Arbiter::load(region, image) {
        Ok(arbiter) => arbiter,
        Err(LoadError::NoRoot) => return "refused: no instance",
        Err(LoadError::World(error)) => {
            assert!(!error.to_string().is_empty());
            return match error {
                RestoreError::Image(_) => "refused: image",
                RestoreError::Code(_) => "refused: code space",
                RestoreError::Function(..) => "refused: function",
                RestoreError::Heap(_) => "refused: heap",
                RestoreError::State(..) => "refused: world",
                RestoreError::OutOfMemory(_) => "refused: room",
            };
        }
    };
    let mut host = Program::typed().host();
    for _ in 0..40 {
        if let Turn::Over(_) = arbiter.turn(&mut host, 500) {
            return "ended";
        }
    }
    "ran"
}
