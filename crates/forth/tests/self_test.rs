//! The self-test at every start: it passes, and it sees what is wrong with a system whose core words
//! were damaged in a way that every check of the module accepts.

mod support;

use stele_bytecode::instruction::Op;
use stele_bytecode::module::Module;
use stele_forth::Mode;
use stele_forth::boot::core_words;
use support::{repair, typed_at};

/// What the start says.
fn start(core: &[u8]) -> String {
    typed_at(core, Mode::default(), "BYE\r").expect("the core words are sound")
}

/// The core words with the first instruction of a word exchanged for another.
fn damaged(word: &str, from: Op, to: Op) -> Vec<u8> {
    let module = Module::read(core_words()).expect("the core words are sound");
    let found = module
        .words()
        .find(|other| other.name == word.as_bytes())
        .and_then(|word| word.function)
        .expect("it is a word with code");
    let function = module
        .functions()
        .nth(found as usize)
        .expect("every word's function is there");
    let mut core = core_words().to_vec();
    let first = &mut core[function.offset..function.offset + 4];
    assert_eq!(first, (from as u32).to_le_bytes(), "{word}");
    first.copy_from_slice(&(to as u32).to_le_bytes());
    repair(&mut core);
    core
}

#[test]
fn a_sound_system_passes_every_check() {
    let said = start(core_words());
    let counts = said
        .lines()
        .find_map(|line| line.strip_prefix("self-test: "));
    let passed = counts.and_then(|counts| counts.strip_suffix(" passed, 0 failed"));
    assert!(
        passed.is_some_and(|passed| passed.parse::<u32>().is_ok_and(|passed| passed > 20)),
        "{said}"
    );
    assert!(!said.contains("self-test failed"), "{said}");
}

#[test]
fn a_word_that_does_something_else_is_seen() {
    let damages = [
        ("+", Op::Add, Op::Sub),
        ("-", Op::Sub, Op::Add),
        ("*", Op::Mul, Op::Add),
        ("MOD", Op::Mod, Op::Div),
        ("AND", Op::And, Op::Or),
        ("XOR", Op::Xor, Op::Or),
        ("INVERT", Op::Invert, Op::Negate),
        ("LSHIFT", Op::LeftShift, Op::RightShift),
        ("<", Op::Less, Op::Greater),
        ("U>", Op::Above, Op::Greater),
        ("ROT", Op::Rot, Op::MinusRot),
        ("UM*", Op::UMulWide, Op::MulWide),
        ("D+", Op::DAdd, Op::DSub),
        ("@", Op::Fetch, Op::ByteFetch),
        ("C!", Op::ByteStore, Op::Store),
    ];
    for (word, from, to) in damages {
        let said = start(&damaged(word, from, to));
        assert!(said.contains("self-test failed: "), "{word}: {said}");
        let counts = said.lines().find(|line| line.starts_with("self-test: "));
        let failed = counts.is_some_and(|counts| !counts.ends_with(" 0 failed"));
        assert!(failed, "{word}: {said}");
    }
}

#[test]
fn nothing_of_it_stays_in_sight() {
    let shows =
        "DEPTH . VDEPTH . [DEFINED] T . [DEFINED] SEVEN . STATE @ . BASE @ . PAD C@ . BYE\r";
    let said = typed_at(core_words(), Mode::default(), shows).expect("the core words are sound");
    assert!(said.contains(" 0 0 0 0 0 10 0 "), "{said}");
}
