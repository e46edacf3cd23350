//! Saving an arena to bytes and loading it again, at another base, in a larger region, on another
//! machine.
//!
//! An image is a 64-byte header, a table of two words for each allocated block in order of offset
//! (padded to 64 bytes), and the blocks' contents, each without the zeros at its end. All words are
//! little-endian. The checksum covers everything but itself.
//!
//! Loading checks the form of the image. What the blocks mean is for their owners to verify: sealed
//! blocks of an image are out of reach until they are [claimed](Arena::claim).

use core::fmt;

use crate::arena::{Arena, Block, MAXIMUM_SIZE, MINIMUM_BLOCK};
use crate::checksum::{Checksum, STEP};
use crate::tree;

const MAGIC: u64 = u64::from_le_bytes(*b"STELEIMG");
const VERSION: u64 = 1;
const HEADER: usize = 64;
const ENTRY: usize = 16;
/// In the first word of an entry, which is a multiple of [`MINIMUM_BLOCK`]: the order of the block.
const ORDER: u64 = 0x1F;
/// In the first word of an entry: the block is sealed.
const SEALED: u64 = 0x20;
/// In the first word of an entry: the block holds code objects.
const CODE: u64 = 0x40;

/// Places of the header's words, in bytes.
mod place {
    pub(super) const MAGIC: usize = 0;
    pub(super) const VERSION: usize = 8;
    pub(super) const LENGTH: usize = 16;
    pub(super) const ARENA_SIZE: usize = 24;
    pub(super) const ROOT: usize = 32;
    pub(super) const BLOCKS: usize = 40;
    pub(super) const RESERVED: usize = 48;
    pub(super) const CHECKSUM: usize = 56;
}

/// What is wrong with an image, or with the place it should go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageReason {
    /// The output is too small; carries the bytes needed.
    OutputTooSmall(u64),
    /// The bytes end too early; carries the length the image should have.
    Truncated(u64),
    /// More bytes follow than the image has; carries the length the image should have.
    TooLong(u64),
    /// The first bytes are not those of an image.
    NotAnImage,
    /// The image is of another version; carries that.
    WrongVersion(u64),
    /// The checksum does not fit the contents: the image was damaged.
    Damaged,
    /// The region is too small; carries the bytes needed.
    RegionTooSmall(u64),
    /// The region is larger than an arena can be; carries its size in bytes.
    RegionTooLarge(u64),
    /// A field holds something it cannot hold.
    Malformed(&'static str),
}

/// Why an image could not be saved or loaded, and where in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageError {
    /// Bytes from the start of the image.
    pub at: u64,
    /// What is wrong there.
    pub reason: ImageReason,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arena image, byte {}: ", self.at)?;
        match self.reason {
            ImageReason::OutputTooSmall(needed) => {
                write!(f, "the output must have room for {needed} bytes")
            }
            ImageReason::Truncated(needed) => {
                write!(f, "ends here, but should have {needed} bytes")
            }
            ImageReason::TooLong(length) => write!(f, "goes on, but should have {length} bytes"),
            ImageReason::NotAnImage => write!(f, "this is not an arena image"),
            ImageReason::WrongVersion(version) => {
                write!(f, "version {version}; this system reads version {VERSION}")
            }
            ImageReason::Damaged => write!(
                f,
                "the contents do not fit this checksum; the image is damaged"
            ),
            ImageReason::RegionTooSmall(needed) => {
                write!(f, "the arena needs a region of at least {needed} bytes")
            }
            ImageReason::RegionTooLarge(size) => {
                write!(f, "an arena cannot use a region of {size} bytes")
            }
            ImageReason::Malformed(what) => f.write_str(what),
        }
    }
}

impl core::error::Error for ImageError {}

fn error(at: usize, reason: ImageReason) -> ImageError {
    ImageError {
        at: at as u64,
        reason,
    }
}

/// Who may reach a block of an arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Anybody who holds the arena.
    Open,
    /// Its owner alone.
    Sealed,
    /// Nobody yet: it came with an image and has not been [claimed](Arena::claim).
    Unclaimed,
}

impl Arena<'_> {
    /// How many bytes [`Arena::save`] writes.
    #[must_use]
    pub fn image_size(&self) -> u64 {
        self.plan().length as u64
    }

    /// Writes the arena to `out`: the allocated blocks, no more. Returns the bytes written.
    ///
    /// # Errors
    /// If `out` is too small; it is unchanged then.
    pub fn save(&self, out: &mut [u8]) -> Result<usize, ImageError> {
        let plan = self.plan();
        let have = out.len();
        let Some(out) = out.get_mut(..plan.length) else {
            return Err(error(have, ImageReason::OutputTooSmall(plan.length as u64)));
        };
        let (head, mut contents) = out.split_at_mut(plan.contents);
        head.fill(0);
        let mut entry = HEADER;
        for (block, state) in self.allocated() {
            let bytes = self.contents(block);
            let order = (block.size / MINIMUM_BLOCK).trailing_zeros();
            let class = match state {
                tree::OPEN => 0,
                tree::CODE | tree::UNCLAIMED_CODE => CODE,
                _ => SEALED,
            };
            put(head, entry, block.offset | u64::from(order) | class);
            put(head, entry + 8, bytes.len() as u64);
            entry += ENTRY;
            let (to, rest) = contents.split_at_mut(bytes.len());
            to.copy_from_slice(bytes);
            contents = rest;
        }
        put(head, place::MAGIC, MAGIC);
        put(head, place::VERSION, VERSION);
        put(head, place::LENGTH, plan.length as u64);
        put(head, place::ARENA_SIZE, self.core.size());
        put(head, place::ROOT, self.root());
        put(head, place::BLOCKS, self.statistics().allocated_blocks);
        let sum = checksum(out);
        put(out, place::CHECKSUM, sum);
        Ok(plan.length)
    }

    fn plan(&self) -> Plan {
        let blocks = self.statistics().allocated_blocks as usize;
        let contents = contents_at(blocks);
        let length = self
            .allocated()
            .fold(contents, |sum, (block, _)| sum + self.contents(block).len());
        Plan { contents, length }
    }

    /// The allocated blocks in order of address, and of which class each is.
    pub fn blocks(&self) -> impl Iterator<Item = (Block, Class)> {
        self.allocated().map(|(block, state)| {
            let class = match state {
                tree::OPEN => Class::Open,
                tree::UNCLAIMED | tree::UNCLAIMED_CODE => Class::Unclaimed,
                _ => Class::Sealed,
            };
            (block, class)
        })
    }

    fn allocated(&self) -> impl Iterator<Item = (Block, u8)> {
        let mut from = 0;
        core::iter::from_fn(move || {
            let (block, state) = self.core.next_allocated(from)?;
            from = block.offset + block.size;
            Some((block, state))
        })
    }

    /// What a block holds, without the steps of zeros at its end.
    fn contents(&self, block: Block) -> &[u8] {
        let bytes = self.bytes(block).unwrap_or_default();
        let steps = bytes.as_chunks::<STEP>().0;
        let used = steps
            .iter()
            .rposition(|step| *step != [0; STEP])
            .map_or(0, |last| last + 1);
        &bytes[..used * STEP]
    }
}

struct Plan {
    contents: usize,
    length: usize,
}

/// Where the contents begin in an image of so many blocks.
fn contents_at(blocks: usize) -> usize {
    HEADER + (blocks * ENTRY).next_multiple_of(STEP)
}

impl<'r> Arena<'r> {
    /// Makes an arena in `region` from an image: the same blocks at the same offsets, the same root.
    /// The region may lie anywhere and may be larger than the arena was.
    ///
    /// # Errors
    /// If the bytes are not exactly an image, or the region is too small. The error says where in
    /// the image and why.
    pub fn load(region: &'r mut [u64], image: &[u8]) -> Result<Arena<'r>, ImageError> {
        let blocks = check(region, image)?;
        let size = region.len() as u64 * 8;
        let mut arena = Arena::new(region)
            .map_err(|_| error(place::ARENA_SIZE, ImageReason::RegionTooLarge(size)))?;
        let mut from = contents_at(blocks);
        let mut next = 0;
        for index in 0..blocks {
            let at = HEADER + index * ENTRY;
            let (word, length) = (get(image, at), get(image, at + 8));
            let block = Block {
                offset: word & !(MINIMUM_BLOCK - 1),
                size: 1u64.checked_shl((word & ORDER) as u32 + 8).unwrap_or(0),
            };
            let state = match word & (MINIMUM_BLOCK - 1) & !ORDER {
                0 => tree::OPEN,
                SEALED => tree::UNCLAIMED,
                CODE => tree::UNCLAIMED_CODE,
                _ => {
                    return Err(error(
                        at,
                        ImageReason::Malformed("the block has unknown properties"),
                    ));
                }
            };
            if block.offset < next || !arena.core.place(block, state) {
                return Err(error(
                    at,
                    ImageReason::Malformed("there is no room for such a block at this place"),
                ));
            }
            next = block.offset + block.size;
            if length > block.size || !length.is_multiple_of(STEP as u64) {
                return Err(error(
                    at + 8,
                    ImageReason::Malformed("the contents do not fit the block"),
                ));
            }
            let Some(contents) = image.get(from..from + length as usize) else {
                return Err(error(
                    at + 8,
                    ImageReason::Malformed("the contents lie beyond the end of the image"),
                ));
            };
            arena.fill(block, contents);
            from += contents.len();
        }
        if from != image.len() {
            return Err(error(
                from,
                ImageReason::Malformed("bytes that belong to no block"),
            ));
        }
        arena.set_root(get(image, place::ROOT));
        Ok(arena)
    }

    /// Writes a block that was just placed: `contents`, then zeros.
    fn fill(&mut self, block: Block, contents: &[u8]) {
        let to = self.core.pointer(block.offset);
        let length = contents.len().min(block.size as usize);
        // SAFETY: the block lies inside the region, nobody has it yet, and `length` is at most its
        // size; `contents` is borrowed from elsewhere, as the region is borrowed exclusively.
        unsafe {
            to.copy_from_nonoverlapping(contents.as_ptr(), length);
            to.add(length).write_bytes(0, block.size as usize - length);
        }
    }
}

/// Checks all that can be checked before an arena is made; returns the number of blocks.
fn check(region: &[u64], image: &[u8]) -> Result<usize, ImageError> {
    let have = image.len();
    if have < HEADER {
        return Err(error(have, ImageReason::Truncated(HEADER as u64)));
    }
    if get(image, place::MAGIC) != MAGIC {
        return Err(error(place::MAGIC, ImageReason::NotAnImage));
    }
    let version = get(image, place::VERSION);
    if version != VERSION {
        return Err(error(place::VERSION, ImageReason::WrongVersion(version)));
    }
    let length = get(image, place::LENGTH);
    if length > have as u64 {
        return Err(error(have, ImageReason::Truncated(length)));
    }
    if length < have as u64 {
        return Err(error(length as usize, ImageReason::TooLong(length)));
    }
    if !have.is_multiple_of(STEP) {
        return Err(error(
            place::LENGTH,
            ImageReason::Malformed("the length is not a multiple of 64"),
        ));
    }
    if get(image, place::CHECKSUM) != checksum(image) {
        return Err(error(place::CHECKSUM, ImageReason::Damaged));
    }
    let size = get(image, place::ARENA_SIZE);
    if size > MAXIMUM_SIZE {
        return Err(error(
            place::ARENA_SIZE,
            ImageReason::Malformed("no arena is this large"),
        ));
    }
    if (region.len() as u64) * 8 < size {
        return Err(error(place::ARENA_SIZE, ImageReason::RegionTooSmall(size)));
    }
    if get(image, place::RESERVED) != 0 {
        return Err(error(
            place::RESERVED,
            ImageReason::Malformed("a reserved word is not zero"),
        ));
    }
    let blocks = get(image, place::BLOCKS);
    if blocks > (have / ENTRY) as u64 || contents_at(blocks as usize) > have {
        return Err(error(
            place::BLOCKS,
            ImageReason::Malformed("the table of blocks is longer than the image"),
        ));
    }
    let padding = HEADER + blocks as usize * ENTRY..contents_at(blocks as usize);
    if let Some(stray) = image[padding.clone()].iter().position(|byte| *byte != 0) {
        return Err(error(
            padding.start + stray,
            ImageReason::Malformed("padding is not zero"),
        ));
    }
    Ok(blocks as usize)
}

/// The checksum of an image, with zero in its own place.
fn checksum(image: &[u8]) -> u64 {
    let mut head = [0; HEADER];
    head.copy_from_slice(&image[..HEADER]);
    put(&mut head, place::CHECKSUM, 0);
    let mut sum = Checksum::new();
    sum.add(&head);
    sum.add(&image[HEADER..]);
    sum.finish()
}

/// Makes the checksum of a changed image right again; false if the bytes are too few for a header,
/// or not whole steps of 64. The sum keeps nobody out, so tools and tests may have it.
pub fn repair_checksum(image: &mut [u8]) -> bool {
    let whole = image.len() >= HEADER && image.len().is_multiple_of(STEP);
    if whole {
        let sum = checksum(image);
        put(image, place::CHECKSUM, sum);
    }
    whole
}

fn get(bytes: &[u8], at: usize) -> u64 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}

fn put(bytes: &mut [u8], at: usize, word: u64) {
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}
