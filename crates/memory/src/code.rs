//! Code objects: bytes that never move, in blocks of their own.
//!
//! A code block is a sealed block of the arena:
//!
//! | word | meaning |
//! |---|---|
//! | 0 | offset of the block made before it, or 0 |
//! | 1 | offset of the first byte after its last object (for the newest block [`CodeSpace`] knows) |
//! | 2 | its size in bytes |
//! | 3 … | one bit for each word of the block: set where an object starts |
//!
//! An object starts with a word: the bytes of its payload in the low half, and in the high half the
//! [`CodeRef`] of the object made after it, or 0. Objects are freed only all together.

use core::fmt;

use crate::arena::{Arena, Block, Core, OutOfMemory, Source};
use crate::tree::{self, Node};

/// Size of a code block, in bytes; a larger object gets a block of its own.
pub const CODE_BLOCK: u64 = 64 << 10;
/// Size of the first code block of a space, in bytes; each next one is twice as large.
const FIRST_BLOCK: u64 = 1 << 10;
/// Words of a block's header.
const HEADER: usize = 3;
/// In an object's header: the object cannot be written any more.
const FROZEN: u64 = 1 << 31;
const LENGTH: u64 = FROZEN - 1;

/// Names a code object: its offset from the base of the arena, in units of 8 bytes.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeRef(pub u32);

impl CodeRef {
    /// Offset of the object's header from the base of the arena, in bytes; the payload follows
    /// after 8 bytes.
    #[must_use]
    pub const fn offset(self) -> u64 {
        self.0 as u64 * 8
    }
}

/// The code objects of one owner, as plain words that are saved and loaded as they are.
///
/// All it knows is checked against the arena on each use, so a space that is used with the wrong
/// arena finds nothing, but breaks nothing.
#[repr(C)]
#[derive(Debug)]
pub struct CodeSpace {
    /// The block being filled, or 0; the others hang from it.
    newest: u64,
    /// Where the next object goes.
    bump: u64,
    /// First object made, or 0.
    first: u64,
    /// Last object made, or 0.
    last: u64,
    /// Number of objects.
    objects: u64,
    /// Number of blocks.
    blocks: u64,
}

/// What is wrong with a code space, and where in the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeError {
    /// Bytes from the base of the arena.
    pub at: u64,
    /// What is wrong there.
    pub reason: &'static str,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "code space, arena offset {:#x}: {}",
            self.at, self.reason
        )
    }
}

impl core::error::Error for CodeError {}

impl CodeSpace {
    /// A space without objects; the first block is acquired with the first object.
    #[must_use]
    pub const fn empty() -> CodeSpace {
        CodeSpace {
            newest: 0,
            bump: 0,
            first: 0,
            last: 0,
            objects: 0,
            blocks: 0,
        }
    }

    /// Number of objects.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.objects
    }

    /// Whether there is no object.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.objects == 0
    }

    /// Makes an object with `bytes` zeroed bytes of payload.
    ///
    /// # Errors
    /// If the arena has no room for it, or it is of 2 GiB or more; nothing has changed then.
    pub fn allocate(&mut self, arena: &mut Arena<'_>, bytes: u32) -> Result<CodeRef, OutOfMemory> {
        let core = &mut arena.core;
        let words = 1 + bytes.div_ceil(8) as usize;
        let node = match self.newest_with_room(core, words) {
            Some(node) => node,
            None => self.grow(core, bytes, words)?,
        };
        let at = self.bump;
        let block = core.words_mut(node);
        let index = ((at - self.newest) / 8) as usize;
        let object = &mut block[index..index + words];
        object.fill(0);
        object[0] = u64::from(bytes);
        block[HEADER + index / 64] |= 1 << (index % 64);
        let code = CodeRef((at / 8) as u32);
        match locate(core, CodeRef((self.last / 8) as u32)) {
            Some((node, index)) => core.words_mut(node)[index] |= u64::from(code.0) << 32,
            None => self.first = at,
        }
        self.last = at;
        self.bump = at + 8 * words as u64;
        self.objects += 1;
        Ok(code)
    }

    fn newest_with_room(&self, core: &Core, words: usize) -> Option<Node> {
        let node = core
            .find(self.newest)
            .filter(|node| node.state == tree::CODE)?;
        let start = node.block();
        let used = self.bump.checked_sub(start.offset)?;
        let fits = start.offset == self.newest && used + 8 * words as u64 <= start.size;
        (fits && used >= 8 * first_index(start.size) as u64 && used.is_multiple_of(8))
            .then_some(node)
    }

    fn grow(&mut self, core: &mut Core, bytes: u32, words: usize) -> Result<Node, OutOfMemory> {
        let what = "a code block";
        if u64::from(bytes) > LENGTH {
            return Err(core.refuse("a code object of 2 GiB or more", u64::from(bytes)));
        }
        let mut size = FIRST_BLOCK << self.blocks.min(6);
        while (size / 8) as usize - first_index(size) < words {
            size *= 2;
        }
        let block = core.allocate(size, what, tree::CODE, Source::Ordinary)?;
        if let Some(node) = core
            .find(self.newest)
            .filter(|node| node.state == tree::CODE)
        {
            core.words_mut(node)[1] = self.bump;
        }
        let node = Node::of(block, tree::CODE);
        let header = core.words_mut(node);
        header[0] = self.newest;
        header[2] = block.size;
        self.newest = block.offset;
        self.bump = block.offset + 8 * first_index(block.size) as u64;
        self.blocks += 1;
        Ok(node)
    }

    /// The object that contains the byte at `offset` from the base of the arena, its header
    /// included: what a return address belongs to.
    #[must_use]
    pub fn containing(&self, arena: &Arena<'_>, offset: u64) -> Option<CodeRef> {
        let node = arena
            .core
            .find(offset)
            .filter(|node| node.state == tree::CODE)?;
        let start = node.block();
        let block = arena.core.words(node);
        let index = ((offset - start.offset) / 8) as usize;
        let object = last_start(block, index)?;
        let end = object + 1 + ((block[object] & LENGTH) as usize).div_ceil(8);
        (index < end).then(|| CodeRef((start.offset / 8) as u32 + object as u32))
    }

    /// The payload of an object; none if there is no object at exactly this place.
    #[must_use]
    pub fn bytes<'a>(arena: &'a Arena<'_>, code: CodeRef) -> Option<&'a [u8]> {
        let (node, index) = locate(&arena.core, code)?;
        let block = arena.core.words(node);
        let length = (block[index] & LENGTH) as usize;
        let words = block.get(index + 1..index + 1 + length.div_ceil(8))?;
        // SAFETY: these words hold at least `length` bytes, and a byte may have any value.
        Some(unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), length) })
    }

    /// The payload of an object that is not frozen, for writing; none if there is no such object at
    /// exactly this place.
    #[must_use]
    pub fn bytes_mut<'a>(arena: &'a mut Arena<'_>, code: CodeRef) -> Option<&'a mut [u8]> {
        let (node, index) = locate(&arena.core, code)?;
        let block = arena.core.words_mut(node);
        if block[index] & FROZEN != 0 {
            return None;
        }
        let length = (block[index] & LENGTH) as usize;
        let words = block.get_mut(index + 1..index + 1 + length.div_ceil(8))?;
        // SAFETY: as in `bytes`; the words are borrowed exclusively, and any bytes make valid words.
        Some(unsafe { core::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), length) })
    }

    /// Ends all writing to an object, for good. Whoever has verified code freezes it, and may rely
    /// on it from then on. Says whether there is such an object.
    pub fn freeze(arena: &mut Arena<'_>, code: CodeRef) -> bool {
        let Some((node, index)) = locate(&arena.core, code) else {
            return false;
        };
        arena.core.words_mut(node)[index] |= FROZEN;
        true
    }

    /// All objects, in the order in which they were made.
    pub fn iterate<'a>(&self, arena: &'a Arena<'_>) -> impl Iterator<Item = CodeRef> + use<'a> {
        let mut next = CodeRef((self.first / 8) as u32);
        (0..self.objects).map_while(move |_| {
            let code = next;
            let (node, index) = locate(&arena.core, code)?;
            next = CodeRef((arena.core.words(node)[index] >> 32) as u32);
            Some(code)
        })
    }

    /// The object made after `code`; none after the last, or if there is no object at this place.
    #[must_use]
    pub fn next(arena: &Arena<'_>, code: CodeRef) -> Option<CodeRef> {
        let (node, index) = locate(&arena.core, code)?;
        let next = (arena.core.words(node)[index] >> 32) as u32;
        (next != 0).then_some(CodeRef(next))
    }

    /// Frees every block; the space is empty then.
    pub fn release(&mut self, arena: &mut Arena<'_>) {
        let mut block = self.newest;
        while let Some(node) = arena
            .core
            .find(block)
            .filter(|node| node.state == tree::CODE)
        {
            block = arena.core.words(node)[0];
            arena.core.release(node);
        }
        *self = CodeSpace::empty();
    }

    /// Checks that the blocks, the objects in them and their order are what this module makes.
    ///
    /// # Errors
    /// Says what is wrong and where, whatever the bytes.
    pub fn verify(&self, arena: &Arena<'_>) -> Result<(), CodeError> {
        self.check(&arena.core, tree::CODE)
    }

    /// Verifies a space from a loaded image and takes possession of its blocks.
    ///
    /// # Errors
    /// As [`CodeSpace::verify`], also if somebody has taken possession of one of the blocks.
    pub fn adopt(&self, arena: &mut Arena<'_>) -> Result<(), CodeError> {
        self.check(&arena.core, tree::UNCLAIMED_CODE)?;
        let mut block = self.newest;
        for _ in 0..self.blocks {
            if let Some(node) = arena.core.find(block) {
                block = arena.core.words(node)[0];
                arena.core.set_state(node, tree::CODE);
            }
        }
        Ok(())
    }

    fn check(&self, core: &Core, state: u8) -> Result<(), CodeError> {
        // Links that go round in a circle never come to their end, but they must not take forever.
        if self.blocks > core.statistics().allocated_blocks {
            return Err(CodeError {
                at: self.newest,
                reason: "the space says it has more blocks than there are",
            });
        }
        let mut objects = 0;
        let mut block = self.newest;
        let mut end = self.bump;
        for _ in 0..self.blocks {
            let node = core
                .find(block)
                .filter(|node| node.state == state && node.block().offset == block);
            let node = node.ok_or(CodeError {
                at: block,
                reason: "no code block begins here",
            })?;
            objects += check_block(node.block(), core.words(node), end)?;
            block = core.words(node)[0];
            end = core.find(block).map_or(0, |node| core.words(node)[1]);
        }
        if block != 0 {
            return Err(CodeError {
                at: block,
                reason: "there are more blocks than the space knows",
            });
        }
        if objects != self.objects {
            return Err(CodeError {
                at: self.last,
                reason: "the space does not have the objects it counts",
            });
        }
        let mut last = 0;
        let mut next = CodeRef((self.first / 8) as u32);
        for _ in 0..self.objects {
            last = next.offset();
            let (node, index) = locate_in(core, next, state).ok_or(CodeError {
                at: last,
                reason: "no code object begins here",
            })?;
            next = CodeRef((core.words(node)[index] >> 32) as u32);
        }
        if last != self.last || next.0 != 0 || !self.first.is_multiple_of(8) {
            return Err(CodeError {
                at: self.last,
                reason: "the order of the objects does not lead to the last one",
            });
        }
        Ok(())
    }
}

/// Index of the first object in a block of `size` bytes.
fn first_index(size: u64) -> usize {
    HEADER + (size / 8 / 64) as usize
}

/// Block and index of the object `code`, if one starts exactly there.
fn locate(core: &Core, code: CodeRef) -> Option<(Node, usize)> {
    locate_in(core, code, tree::CODE)
}

fn locate_in(core: &Core, code: CodeRef, state: u8) -> Option<(Node, usize)> {
    let node = core
        .find(code.offset())
        .filter(|node| node.state == state)?;
    let index = ((code.offset() - node.block().offset) / 8) as usize;
    let starts = core.words(node).get(HEADER + index / 64)?;
    (starts >> (index % 64) & 1 != 0).then_some((node, index))
}

/// Index of the last object that starts at `index` or before it.
fn last_start(block: &[u64], index: usize) -> Option<usize> {
    let starts = block.get(HEADER..first_index(8 * block.len() as u64))?;
    let mut bits = starts.get(index / 64)? & (u64::MAX >> (63 - index % 64));
    let mut word = index / 64;
    while bits == 0 {
        word = word.checked_sub(1)?;
        bits = starts[word];
    }
    Some(word * 64 + bits.ilog2() as usize)
}

/// Checks that the objects of a block lie one behind the other and end at `end`; returns how many.
fn check_block(block: Block, words: &[u64], end: u64) -> Result<u64, CodeError> {
    let error = |index: usize, reason| CodeError {
        at: block.offset + 8 * index as u64,
        reason,
    };
    let first = first_index(block.size);
    if first >= words.len() || words[2] != block.size {
        return Err(error(2, "the block does not have the size it says"));
    }
    let used = end
        .checked_sub(block.offset)
        .filter(|used| used.is_multiple_of(8) && *used <= block.size);
    let used = used.ok_or(error(1, "the objects do not end inside the block"))? as usize / 8;
    let starts = &words[HEADER..first];
    let mut objects = 0;
    let mut next = first;
    for (word, bits) in starts.iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            let index = word * 64 + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            if index != next {
                return Err(error(
                    index,
                    "an object begins inside another, or after a gap",
                ));
            }
            next += 1 + ((words[index] & LENGTH) as usize).div_ceil(8);
            if next > used {
                return Err(error(
                    index,
                    "the object is longer than the block is filled",
                ));
            }
            objects += 1;
        }
    }
    if next != used {
        return Err(error(
            next,
            "the block ends with something that is no object",
        ));
    }
    Ok(objects)
}
