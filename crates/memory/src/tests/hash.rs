use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};
use std::vec::Vec;

use super::std;
use crate::hash::hash;
use crate::number::Number;
use crate::simple::Simple;

fn integer<'a>(integer: i64) -> Simple<'a> {
    Simple::Number(Number::Integer(integer))
}

#[test]
fn the_hash_of_bytes_is_siphash_1_3_with_the_key_zero() {
    let bytes: Vec<u8> = (0..=255).cycle().take(600).collect();
    for length in (0..bytes.len()).step_by(if cfg!(miri) { 37 } else { 1 }) {
        let mut expected = DefaultHasher::new();
        expected.write(&bytes[..length]);
        assert_eq!(
            hash(Simple::Bytes(&bytes[..length])),
            expected.finish(),
            "of {length} bytes"
        );
    }
}

#[test]
fn the_hash_of_integers_never_changes_and_tells_them_all_apart() {
    assert_eq!(hash(integer(0)), 0);
    assert_eq!(hash(integer(1)), 0x4179_B061_A1B9_50B1);
    assert_eq!(hash(integer(-1)), 0x448E_29CE_909E_1D97);
    let count = if cfg!(miri) { 100 } else { 100_000 };
    let hashes: HashSet<u64> = (-count..count)
        .map(|number| hash(integer(number)))
        .collect();
    assert_eq!(hashes.len(), 2 * count as usize);
}

#[test]
fn the_upper_five_bits_of_the_hashes_of_small_integers_are_spread_evenly() {
    let mut buckets = [0; 32];
    for number in 0..3200 {
        buckets[hash(integer(number)) as usize >> 59] += 1;
    }
    assert!(
        buckets.iter().all(|count| (60..140).contains(count)),
        "{buckets:?}"
    );
}
