use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};
use std::vec::Vec;

use super::std;
use crate::hash::{Key, hash};

#[test]
fn the_hash_of_bytes_is_siphash_1_3_with_the_key_zero() {
    let bytes: Vec<u8> = (0..=255).cycle().take(600).collect();
    for length in (0..bytes.len()).step_by(if cfg!(miri) { 37 } else { 1 }) {
        let mut expected = DefaultHasher::new();
        expected.write(&bytes[..length]);
        assert_eq!(
            hash(Key::Bytes(&bytes[..length])),
            expected.finish(),
            "of {length} bytes"
        );
    }
}

#[test]
fn the_hash_of_integers_never_changes_and_tells_them_all_apart() {
    assert_eq!(hash(Key::Integer(0)), 0);
    assert_eq!(hash(Key::Integer(1)), 0x4179_B061_E0C0_E0D0);
    assert_eq!(hash(Key::Integer(-1)), 0x448E_29CE_D410_3459);
    let count = if cfg!(miri) { 100 } else { 100_000 };
    let hashes: HashSet<u64> = (-count..count)
        .map(|integer| hash(Key::Integer(integer)))
        .collect();
    assert_eq!(hashes.len(), 2 * count as usize);
}

#[test]
fn five_low_bits_of_the_hashes_of_small_integers_are_spread_evenly() {
    let mut buckets = [0; 32];
    for integer in 0..3200 {
        buckets[hash(Key::Integer(integer)) as usize & 31] += 1;
    }
    assert!(
        buckets.iter().all(|count| (60..140).contains(count)),
        "{buckets:?}"
    );
}
