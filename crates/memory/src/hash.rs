//! The hash of keys: 64 bits, the same on every machine and in every run.
//!
//! It has no secret, because the order in which a map is walked follows from it and must repeat.
//! So it must be hard to find many keys with the same hash: SipHash-1-3 (Aumasson, Bernstein: "a
//! fast short-input PRF", 2012) with the key zero for bytes, a bijection for integers.

/// A key of a map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Key<'k> {
    Integer(i64),
    Bytes(&'k [u8]),
}

/// The hash of a key.
#[inline]
pub(crate) fn hash(key: Key<'_>) -> u64 {
    let hash = match key {
        Key::Integer(integer) => hash_integer(integer as u64),
        Key::Bytes(bytes) => hash_bytes(bytes),
    };
    weaken(hash)
}

/// In tests of this crate, hashes can be made to collide.
#[cfg(not(test))]
#[inline(always)]
fn weaken(hash: u64) -> u64 {
    hash
}

#[cfg(test)]
use crate::tests::weaken;

/// Two rounds of "fold the upper half down, multiply by an odd number": each step can be undone.
#[inline]
fn hash_integer(integer: u64) -> u64 {
    let first = (integer ^ integer >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let second = (first ^ first >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    second ^ second >> 32
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = [
        0x736F_6D65_7073_6575,
        0x646F_7261_6E64_6F6D,
        0x6C79_6765_6E65_7261,
        0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        absorb(&mut state, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = bytes.len() as u8;
    absorb(&mut state, u64::from_le_bytes(last));
    state[2] ^= 0xFF;
    for _ in 0..3 {
        round(&mut state);
    }
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

#[inline]
fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    state[0] ^= word;
}

#[inline]
fn round(state: &mut [u64; 4]) {
    let [mut a, mut b, mut c, mut d] = *state;
    a = a.wrapping_add(b);
    c = c.wrapping_add(d);
    b = b.rotate_left(13) ^ a;
    d = d.rotate_left(16) ^ c;
    a = a.rotate_left(32).wrapping_add(d);
    c = c.wrapping_add(b);
    d = d.rotate_left(21) ^ a;
    b = b.rotate_left(17) ^ c;
    *state = [a, b, c.rotate_left(32), d];
}
