//! The order of checking: each object after all it refers to.
//!
//! Sealed objects refer to sealed ones only, of any heap. Within a chunk they lie in order of age,
//! but which of two chunks has the older ones may change from object to object. So a chunk is
//! checked up to an object that refers to one not yet checked, then that one's chunk up to there,
//! and so on. If that leads to a chunk that waits already, the references form a cycle. The chunks
//! that wait are linked through their headers, and no value is looked at more than twice, so this
//! takes no stack, and time in proportion to the words there are.
//!
//! What is not sealed belongs to one heap alone, whose old chunks come before its nursery.

use crate::arena::Core;
use crate::heap::{CHUNK_WORDS, first_object};
use crate::object::{Header, Kind};
use crate::session::Object;
use crate::tree::Node;
use crate::value::Value;
use crate::verify::HeapError;
use crate::verify::chunks::{
    END, Link, NEXT, OWNER, PROGRESS, SEALED_WORD, is_checked, of_progress, progress,
};
use crate::verify::objects::Checker;

/// Who may be referred to by sealed objects: no heap has this number.
pub(super) const NOBODY: u64 = u64::MAX;

/// Checks the sealed objects of the chunks of a chain, and what they refer to in others; all chunks
/// have been taken.
pub(super) fn check_sealed(core: &mut Core, link: Link<'_>) -> Result<(), HeapError> {
    let mut at = link.chain.first.get();
    while let Some(node) = core.find(at).filter(|_| at != 0) {
        check_sealed_chunk(core, node)?;
        at = core.words(node)[NEXT];
    }
    Ok(())
}

/// Where checking a chunk stopped.
enum Stop {
    /// At its end, or behind what was asked for.
    Done,
    /// At an object that refers into this chunk, to one that has not been checked.
    Waits(Node),
}

fn check_sealed_chunk(core: &mut Core, bottom: Node) -> Result<(), HeapError> {
    // The chunk at the bottom waits for itself.
    core.words_mut(bottom)[OWNER] = bottom.block().offset;
    let mut node = bottom;
    loop {
        let waiter = core.words(node)[OWNER];
        let waiting = core.find(waiter).filter(|_| node != bottom);
        let goal = waiting.map_or(u64::MAX, |waiting| waits_for(core, waiting));
        match advance(core, node, goal)? {
            Stop::Done => {
                core.words_mut(node)[OWNER] = 0;
                match waiting {
                    Some(waiting) => node = waiting,
                    None => return Ok(()),
                }
            }
            Stop::Waits(other) => {
                let at = node.block().offset;
                let words = core.words_mut(other);
                if words[OWNER] != 0 {
                    return Err(HeapError {
                        at,
                        reason: "a reference does not lead to an older object",
                    });
                }
                words[OWNER] = at;
                node = other;
            }
        }
    }
}

/// The offset of the object that a chunk waits for.
fn waits_for(core: &Core, waiting: Node) -> u64 {
    let words = core.words(waiting);
    let (object, slot) = of_progress(words[PROGRESS]);
    let word = (object - waiting.block().offset) as usize / 8 + 1 + slot;
    words
        .get(word)
        .map_or(0, |word| Value::from_word(*word).offset())
}

/// Checks the sealed objects of a chunk from where it was left, at least up to the one at `goal`.
fn advance(core: &mut Core, node: Node, goal: u64) -> Result<Stop, HeapError> {
    let chunk = node.block().offset;
    let mut last_found = None;
    loop {
        let words = core.words(node);
        let end = words[SEALED_WORD].min(words[END]);
        let (at, looked_at) = of_progress(words[PROGRESS]);
        if at >= end || at > goal {
            return Ok(Stop::Done);
        }
        let error = |reason| HeapError { at, reason };
        let (kind, object) = object_at(words, chunk, at, end).map_err(error)?;
        let mut checker = Checker::new(core, Some(NOBODY), last_found);
        for slot in looked_at.max(object.header.first_value())..object.payload.len() {
            let value = object.value(slot);
            if !value.is_reference() {
                continue;
            }
            let (found, index) = checker.place(value).map_err(error)?;
            let there = core.words(found);
            if !is_checked(there, index) {
                let passed = of_progress(there[PROGRESS]).0 > value.offset();
                // Behind the last object nothing will ever have been checked.
                if passed || value.offset() >= there[SEALED_WORD].min(there[END]) {
                    return Err(error("a reference does not lead to a shared object"));
                }
                core.words_mut(node)[PROGRESS] = progress(at, slot);
                return Ok(Stop::Waits(found));
            }
        }
        checker.check(kind, object).map_err(error)?;
        last_found = checker.last_found();
        let size = object.header.size();
        pass(core, node, at, size);
    }
}

/// Checks what is not sealed in the chunks of a chain, which belong to the heap with this number.
pub(super) fn check_private(core: &mut Core, link: Link<'_>, owner: u64) -> Result<(), HeapError> {
    let mut last_found = None;
    let mut chunk = link.chain.first.get();
    while let Some(node) = core.find(chunk).filter(|_| chunk != 0) {
        let words = core.words_mut(node);
        words[OWNER] = owner;
        let end = words[END];
        let mut at = words[SEALED_WORD].max(first_object(chunk, node.block().size));
        while at < end {
            let error = |reason| HeapError { at, reason };
            let (kind, object) = object_at(core.words(node), chunk, at, end).map_err(error)?;
            let mut checker = Checker::new(core, Some(owner), last_found);
            checker.check(kind, object).map_err(error)?;
            last_found = checker.last_found();
            let size = object.header.size();
            pass(core, node, at, size);
            at += size;
        }
        chunk = core.words(node)[NEXT];
    }
    Ok(())
}

/// The object at `at` in a chunk whose objects end at `end`.
fn object_at(
    words: &[u64],
    chunk: u64,
    at: u64,
    end: u64,
) -> Result<(Kind, Object<'_>), &'static str> {
    let index = (at - chunk) as usize / 8;
    let header = Header::from_word(words[index]);
    let kind = header.kind().ok_or("this is not the header of an object")?;
    let payload = words[..(end - chunk) as usize / 8]
        .get(index + 1..index + 1 + header.words())
        .ok_or("the object is longer than its chunk is filled")?;
    Ok((kind, Object { header, payload }))
}

/// Notes that the object at `at`, of `size` bytes, has been checked.
fn pass(core: &mut Core, node: Node, at: u64, size: u64) {
    let index = (at - node.block().offset) as usize / 8;
    let words = core.words_mut(node);
    words[CHUNK_WORDS as usize + index / 64] |= 1 << (index % 64);
    words[PROGRESS] = progress(at + size, 0);
}
