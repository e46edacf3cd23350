//! The hash of simple values: 64 bits, the same on every machine and in every run.
//!
//! It has no secret, because the order in which a map is walked follows from it and must repeat.
//! So it must be hard to find many keys with the same hash: SipHash-1-3 (Aumasson, Bernstein: "a
//! fast short-input PRF", 2012) with the key zero for bytes and with other keys for text; a
//! bijection for integers, for other floats and for what is one word, so that at most one of each of
//! those kinds has any given hash. Numbers that are worth the same have the same hash, whatever their kind.
//!
//! Text and bytes beyond [`SIMPLE_BYTES`] are hashed as a chain of pieces, so that the hash can be
//! interrupted; compound values are chains of their parts ([`hashing`](crate::hashing)).

use crate::number::Number;
use crate::simple::{SIMPLE_BYTES, Simple, rank};

/// What the bits of floats that are no integers are changed by before they are hashed as integers are.
const FLOATS: u64 = 0xA5A3_5B5C_9D4E_8B21;
/// The same for values that are their word: characters, names and so on.
const WORDS: u64 = 0x5C8F_13D7_62B9_E04B;

/// No value has this hash.
pub(crate) const NO_HASH: u64 = u64::MAX;

/// The hash of a simple value.
#[inline]
pub(crate) fn hash(simple: Simple<'_>) -> u64 {
    let hash = match simple {
        Simple::Number(number) => hash_number(number),
        Simple::Text(text) => sip(rank::TEXT.into(), text),
        Simple::Bytes(bytes) => sip(0, bytes),
        // Different from those of integers, and from each other: at most a few kinds can collide.
        Simple::Word(_, value) => hash_integer(value.word() ^ WORDS),
    };
    clip(weaken(hash))
}

/// The hash of an integer that is inline.
#[inline]
pub(crate) fn hash_inline(integer: i64) -> u64 {
    clip(weaken(hash_integer(integer as u64)))
}

/// The hash of the float with these bits, which no other number has.
#[inline]
pub(crate) fn hash_exactly(bits: u64) -> u64 {
    clip(weaken(hash_integer(bits ^ FLOATS)))
}

/// The hash of text or bytes of any length.
pub(crate) fn hash_bytes(bytes: &[u8], text: bool) -> u64 {
    if bytes.len() <= SIMPLE_BYTES {
        return hash(if text {
            Simple::Text(bytes)
        } else {
            Simple::Bytes(bytes)
        });
    }
    let rank = if text { rank::TEXT } else { rank::BYTES };
    let chain = bytes
        .chunks(SIMPLE_BYTES)
        .fold(start(rank, bytes.len() as u64), |chain, piece| {
            link(chain, sip(0, piece))
        });
    finish(chain)
}

/// The start of the chain for a compound value.
#[inline]
pub(crate) fn start(rank: u8, number: u64) -> u64 {
    link(u64::from(rank), number)
}

/// The chain with the hash of one more part: SipHash-1-3 of both words.
#[inline]
pub(crate) fn link(chain: u64, part: u64) -> u64 {
    let mut state = initial(u64::from(rank::MAP) + 1);
    absorb(&mut state, chain);
    absorb(&mut state, part);
    close(state)
}

/// The hash of a piece of long text or bytes.
pub(crate) fn hash_piece(piece: &[u8]) -> u64 {
    sip(0, piece)
}

/// The hash at the end of a chain.
#[inline]
pub(crate) fn finish(chain: u64) -> u64 {
    clip(weaken(chain))
}

#[inline]
fn clip(hash: u64) -> u64 {
    if hash == NO_HASH { NO_HASH - 1 } else { hash }
}

/// In tests of this crate, hashes can be made to collide.
#[cfg(not(test))]
#[inline(always)]
fn weaken(hash: u64) -> u64 {
    hash
}

#[cfg(test)]
use crate::tests::weaken;

fn hash_number(number: Number) -> u64 {
    match (number.as_integer(), number) {
        (Some(integer), _) => hash_integer(integer as u64),
        (None, Number::Float(bits)) => hash_integer(bits ^ FLOATS),
        (None, Number::Integer(integer)) => hash_integer(integer as u64),
    }
}

/// Two rounds of "fold the upper half down, multiply by an odd number": each step can be undone,
/// and the upper bits, which maps use first, depend on all of the integer.
#[inline]
fn hash_integer(integer: u64) -> u64 {
    let first = (integer ^ integer >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (first ^ first >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

fn sip(key: u64, bytes: &[u8]) -> u64 {
    let mut state = initial(key);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        absorb(&mut state, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = bytes.len() as u8;
    absorb(&mut state, u64::from_le_bytes(last));
    close(state)
}

/// The state at the start, with `key` as the second half of the key.
#[inline]
fn initial(key: u64) -> [u64; 4] {
    [
        0x736F_6D65_7073_6575,
        0x646F_7261_6E64_6F6D ^ key,
        0x6C79_6765_6E65_7261,
        0x7465_6462_7974_6573 ^ key,
    ]
}

#[inline]
fn close(mut state: [u64; 4]) -> u64 {
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
