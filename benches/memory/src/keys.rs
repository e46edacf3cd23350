//! The keys: the same ones for every side.

use std::sync::Arc;

use stele_memory::{Local, OutOfMemory, Session};

/// Which keys a map has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Integers from 0 on.
    Small,
    /// In turn small integers, integers of 64 bits, floats and text of 5 to 30 characters.
    All,
}

impl Mix {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Mix::Small => "integer keys",
            Mix::All => "mixed keys",
        }
    }
}

/// A key as the peers have it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Key {
    Integer(i64),
    Float(u64),
    Text(Arc<str>),
}

impl Key {
    /// The key with this number.
    fn new(number: u64, mix: Mix) -> Key {
        let scattered = scatter(number);
        match (mix, number % 4) {
            (Mix::Small, _) => Key::Integer(number as i64),
            (Mix::All, 0) => Key::Integer(number as i64),
            (Mix::All, 1) => Key::Integer(scattered as i64 | 1 << 62),
            (Mix::All, 2) => Key::Float((number as f64 / 8.0 + 0.0625).to_bits()),
            (Mix::All, _) => {
                let length = 5 + scattered as usize % 26;
                Key::Text(format!("{number:0length$}").into())
            }
        }
    }

    /// The key as a value.
    pub(crate) fn make<'a>(&self, session: &'a Session<'_>) -> Result<Local<'a>, OutOfMemory> {
        match self {
            Key::Integer(integer) => session.integer(*integer),
            Key::Float(bits) => session.float_from_bits(*bits),
            Key::Text(text) => session.text(text),
        }
    }
}

/// The keys with the numbers from 0 to `count`, in a random order.
pub(crate) fn keys(count: u64, mix: Mix) -> Vec<Key> {
    shuffled(count)
        .into_iter()
        .map(|number| Key::new(number, mix))
        .collect()
}

/// The numbers from 0 to `count` in a random order, always the same.
pub(crate) fn shuffled(count: u64) -> Vec<u64> {
    let mut numbers: Vec<u64> = (0..count).collect();
    for index in (1..numbers.len()).rev() {
        numbers.swap(index, (scatter(index as u64) % (index as u64 + 1)) as usize);
    }
    numbers
}

/// SplitMix64's output function: a number that looks random.
fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}
