//! Physical memory: which 4 KiB frames are free, and who may have them.
//!
//! Two bits per frame: *used*, and *reserved* (not RAM, or RAM that the firmware or the kernel image
//! occupies). A reserved frame is never handed out and never taken back. The first frame is always
//! reserved, so no allocation has the address zero.

use core::fmt;

use stele_bootinfo::{Region, RegionKind};

use crate::context::{Act, assert_allowed};

/// Bytes in a frame.
pub const FRAME_SIZE: u64 = 4096;

const WORD_BITS: u64 = u64::BITS as u64;

/// Hands out physical frames.
#[derive(Debug)]
pub struct FrameAllocator<'memory> {
    used: &'memory mut [u64],
    reserved: &'memory mut [u64],
    /// Frames the bitmaps cover, from address zero.
    frames: u64,
    /// Frames that are not reserved.
    usable: u64,
    free: u64,
    /// Where the search for a single frame starts: nothing below is free.
    lowest: u64,
}

/// Why frames could not be handed out or taken back. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Zero frames were asked for.
    NoFrames,
    /// The alignment, in bytes, is not a power of two of at least one frame.
    BadAlignment(u64),
    /// No run of free frames is long enough.
    Exhausted {
        /// Frames asked for.
        asked: u64,
        /// Alignment asked for, in bytes.
        alignment: u64,
        /// Frames free altogether.
        free: u64,
        /// Frames in the longest free run, whatever its alignment.
        longest: u64,
    },
    /// This address is not the start of a frame.
    Misaligned(u64),
    /// This address lies beyond all memory.
    OutOfRange(u64),
    /// The frame at this address is free already.
    AlreadyFree(u64),
    /// The frame at this address was never anyone's to give back.
    Reserved(u64),
    /// The frame at this address is in use or reserved.
    NotFree(u64),
    /// The frame at this address is not reserved.
    NotReserved(u64),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFrames => f.write_str("zero frames were asked for"),
            Self::BadAlignment(alignment) => {
                write!(f, "frames cannot be aligned to {alignment} bytes")
            }
            Self::Exhausted {
                asked,
                alignment,
                free,
                longest,
            } => write!(
                f,
                "{asked} frames in one run, aligned to {alignment} bytes, were asked for; \
                 {free} are free, {longest} in the longest run: give the machine more memory"
            ),
            Self::Misaligned(address) => write!(f, "{address:#x} is not the start of a frame"),
            Self::OutOfRange(address) => write!(f, "there is no memory at {address:#x}"),
            Self::AlreadyFree(address) => write!(f, "the frame at {address:#x} is free already"),
            Self::Reserved(address) => {
                write!(
                    f,
                    "the frame at {address:#x} is reserved and cannot be freed"
                )
            }
            Self::NotFree(address) => write!(f, "the frame at {address:#x} is not free"),
            Self::NotReserved(address) => write!(f, "the frame at {address:#x} is not reserved"),
        }
    }
}

/// How much memory there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameStatistics {
    /// Frames that can be handed out, now free or not.
    pub usable: u64,
    /// Frames free now.
    pub free: u64,
    /// Frames in the longest free run.
    pub longest: u64,
}

/// One past the last frame of RAM among `regions`.
fn frame_count(regions: &[Region]) -> u64 {
    let is_ram =
        |region: &&Region| !matches!(region.kind, RegionKind::Reserved | RegionKind::Device);
    regions
        .iter()
        .filter(is_ram)
        .map(|region| (region.start + region.length).div_ceil(FRAME_SIZE))
        .max()
        .unwrap_or(0)
}

/// Words of storage that [`FrameAllocator::new`] needs for these regions.
#[must_use]
pub fn storage_words(regions: &[Region]) -> usize {
    2 * frame_count(regions).div_ceil(WORD_BITS) as usize
}

impl<'memory> FrameAllocator<'memory> {
    /// An allocator over the usable ones of `regions`. `storage` must have [`storage_words`] words;
    /// memory that a smaller storage cannot describe is left alone.
    pub fn new(regions: &[Region], storage: &'memory mut [u64]) -> Self {
        storage.fill(u64::MAX);
        let (used, reserved) = storage.split_at_mut(storage.len() / 2);
        let frames = frame_count(regions).min(used.len() as u64 * WORD_BITS);
        let mut allocator = Self {
            used,
            reserved,
            frames,
            usable: 0,
            free: 0,
            lowest: 1,
        };
        for region in regions
            .iter()
            .filter(|region| region.kind == RegionKind::Usable)
        {
            let first = region.start.div_ceil(FRAME_SIZE).max(1);
            let end = ((region.start + region.length) / FRAME_SIZE).min(frames);
            if first < end {
                set(allocator.used, first, end, false);
                set(allocator.reserved, first, end, false);
                allocator.usable += end - first;
                allocator.free += end - first;
            }
        }
        allocator
    }

    /// Hands out `count` frames in one run whose address is a multiple of `alignment` bytes; returns
    /// the address. The memory holds whatever it held.
    ///
    /// # Errors
    /// [`FrameError::NoFrames`], [`FrameError::BadAlignment`], [`FrameError::Exhausted`].
    pub fn allocate(&mut self, count: u64, alignment: u64) -> Result<u64, FrameError> {
        assert_allowed(Act::Frames);
        if count == 0 {
            return Err(FrameError::NoFrames);
        }
        if !alignment.is_power_of_two() || alignment < FRAME_SIZE {
            return Err(FrameError::BadAlignment(alignment));
        }
        let first =
            self.find(count, alignment / FRAME_SIZE)
                .ok_or_else(|| FrameError::Exhausted {
                    asked: count,
                    alignment,
                    free: self.free,
                    longest: self.longest(),
                })?;
        set(self.used, first, first + count, true);
        self.free -= count;
        if first == self.lowest {
            self.lowest += count;
        }
        Ok(first * FRAME_SIZE)
    }

    /// Takes back `count` frames from `address` on, which were handed out (not necessarily at once).
    ///
    /// # Errors
    /// [`FrameError::NoFrames`], [`FrameError::Misaligned`], [`FrameError::OutOfRange`],
    /// [`FrameError::Reserved`], [`FrameError::AlreadyFree`].
    pub fn free(&mut self, address: u64, count: u64) -> Result<(), FrameError> {
        assert_allowed(Act::Frames);
        let (first, end) = self.range(address, count)?;
        if let Some(frame) = find(self.reserved, first, end, true) {
            return Err(FrameError::Reserved(frame * FRAME_SIZE));
        }
        if let Some(frame) = find(self.used, first, end, false) {
            return Err(FrameError::AlreadyFree(frame * FRAME_SIZE));
        }
        self.release(first, end);
        Ok(())
    }

    /// Makes `count` free frames from `address` on reserved, for good or until they are reclaimed.
    ///
    /// # Errors
    /// [`FrameError::NoFrames`], [`FrameError::Misaligned`], [`FrameError::OutOfRange`],
    /// [`FrameError::NotFree`].
    pub fn reserve(&mut self, address: u64, count: u64) -> Result<(), FrameError> {
        let (first, end) = self.range(address, count)?;
        if let Some(frame) = find(self.used, first, end, true) {
            return Err(FrameError::NotFree(frame * FRAME_SIZE));
        }
        set(self.used, first, end, true);
        set(self.reserved, first, end, true);
        self.usable -= count;
        self.free -= count;
        Ok(())
    }

    /// Makes `count` reserved frames from `address` on free for everyone: memory that the loader or
    /// the firmware occupied and that nothing uses any more.
    ///
    /// # Errors
    /// [`FrameError::NoFrames`], [`FrameError::Misaligned`], [`FrameError::OutOfRange`],
    /// [`FrameError::NotReserved`].
    pub fn reclaim(&mut self, address: u64, count: u64) -> Result<(), FrameError> {
        let (first, end) = self.range(address, count)?;
        if let Some(frame) = find(self.reserved, first, end, false) {
            return Err(FrameError::NotReserved(frame * FRAME_SIZE));
        }
        set(self.reserved, first, end, false);
        self.usable += count;
        self.release(first, end);
        Ok(())
    }

    /// How much memory there is now. Walks the bitmap to find the longest run.
    #[must_use]
    pub fn statistics(&self) -> FrameStatistics {
        FrameStatistics {
            usable: self.usable,
            free: self.free,
            longest: self.longest(),
        }
    }

    fn range(&self, address: u64, count: u64) -> Result<(u64, u64), FrameError> {
        if count == 0 {
            return Err(FrameError::NoFrames);
        }
        if !address.is_multiple_of(FRAME_SIZE) {
            return Err(FrameError::Misaligned(address));
        }
        let first = address / FRAME_SIZE;
        match first.checked_add(count) {
            Some(end) if first > 0 && end <= self.frames => Ok((first, end)),
            _ => Err(FrameError::OutOfRange(address)),
        }
    }

    fn release(&mut self, first: u64, end: u64) {
        set(self.used, first, end, false);
        self.free += end - first;
        self.lowest = self.lowest.min(first);
    }

    /// The first run of `count` free frames whose number is a multiple of `alignment`.
    fn find(&self, count: u64, alignment: u64) -> Option<u64> {
        let mut first = self.lowest;
        loop {
            first = find(self.used, first, self.frames, false)?.next_multiple_of(alignment);
            let end = first.checked_add(count).filter(|end| *end <= self.frames)?;
            match find(self.used, first, end, true) {
                None => return Some(first),
                Some(obstacle) => first = obstacle + 1,
            }
        }
    }

    fn longest(&self) -> u64 {
        let (mut longest, mut at) = (0, self.lowest);
        while let Some(first) = find(self.used, at, self.frames, false) {
            let end = find(self.used, first, self.frames, true).unwrap_or(self.frames);
            longest = longest.max(end - first);
            at = end;
        }
        longest
    }
}

/// Sets the bits `first..end` to `value`.
fn set(bits: &mut [u64], first: u64, end: u64, value: bool) {
    let mut at = first;
    while at < end {
        let (word, mask, next) = word_part(at, end);
        if mask == u64::MAX {
            // Whole words, as many as there are.
            let after = (end / WORD_BITS) as usize;
            bits[word..after].fill(if value { u64::MAX } else { 0 });
            at = after as u64 * WORD_BITS;
            continue;
        }
        if value {
            bits[word] |= mask;
        } else {
            bits[word] &= !mask;
        }
        at = next;
    }
}

/// The first of the bits `first..end` that is `value`.
fn find(bits: &[u64], first: u64, end: u64, value: bool) -> Option<u64> {
    let without = if value { 0 } else { u64::MAX };
    let mut at = first;
    while at < end {
        let (word, mask, next) = word_part(at, end);
        let matching = (bits[word] ^ without) & mask;
        if matching != 0 {
            return Some(word as u64 * WORD_BITS + u64::from(matching.trailing_zeros()));
        }
        // Whole words without such a bit are passed over.
        let rest =
            &bits[(next / WORD_BITS) as usize..(end / WORD_BITS).max(next / WORD_BITS) as usize];
        let passed = rest.iter().take_while(|word| **word == without).count();
        at = next + passed as u64 * WORD_BITS;
    }
    None
}

/// The word that holds bit `at`, a mask of its bits within `at..end`, and where the next word begins.
fn word_part(at: u64, end: u64) -> (usize, u64, u64) {
    let word = at / WORD_BITS;
    let next = ((word + 1) * WORD_BITS).min(end);
    let mask = (u64::MAX >> (WORD_BITS - (next - at))) << (at % WORD_BITS);
    (word as usize, mask, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn region(first: u64, end: u64, kind: RegionKind) -> Region {
        Region {
            start: first * FRAME_SIZE,
            length: (end - first) * FRAME_SIZE,
            kind,
            reserved: 0,
        }
    }

    /// Frames 0 to 9 free, 10 to 19 the kernel's, 20 to 199 free, 200 to 209 reserved.
    const MAP: [Region; 4] = [
        region(0, 10, RegionKind::Usable),
        region(10, 20, RegionKind::Kernel),
        region(20, 200, RegionKind::Usable),
        region(200, 210, RegionKind::Reserved),
    ];

    fn with_allocator(test: impl FnOnce(&mut FrameAllocator<'_>)) {
        let mut storage = vec![0; storage_words(&MAP)];
        test(&mut FrameAllocator::new(&MAP, &mut storage));
    }

    #[test]
    fn every_usable_frame_is_handed_out_once_and_no_other() {
        with_allocator(|frames| {
            assert_eq!(frames.statistics().usable, 9 + 180);
            let mut seen = Vec::new();
            while let Ok(address) = frames.allocate(1, FRAME_SIZE) {
                seen.push(address / FRAME_SIZE);
            }
            let expected: Vec<u64> = (1..10).chain(20..200).collect();
            assert_eq!(seen, expected);
            assert_eq!(
                frames.allocate(1, FRAME_SIZE),
                Err(FrameError::Exhausted {
                    asked: 1,
                    alignment: FRAME_SIZE,
                    free: 0,
                    longest: 0
                })
            );
        });
    }

    #[test]
    fn a_run_is_contiguous_and_aligned() {
        with_allocator(|frames| {
            let address = frames.allocate(70, 64 * FRAME_SIZE).unwrap();
            assert_eq!(address, 64 * FRAME_SIZE);
            assert_eq!(frames.statistics().free, 189 - 70);
            assert_eq!(frames.allocate(44, FRAME_SIZE), Ok(20 * FRAME_SIZE));
            assert_eq!(frames.allocate(66, FRAME_SIZE), Ok(134 * FRAME_SIZE));
        });
    }

    #[test]
    fn exhaustion_names_what_was_asked_and_what_is_there() {
        with_allocator(|frames| {
            assert_eq!(
                frames.allocate(181, FRAME_SIZE),
                Err(FrameError::Exhausted {
                    asked: 181,
                    alignment: FRAME_SIZE,
                    free: 189,
                    longest: 180
                })
            );
            assert_eq!(
                frames.allocate(181, FRAME_SIZE).unwrap_err().to_string(),
                "181 frames in one run, aligned to 4096 bytes, were asked for; 189 are free, \
                 180 in the longest run: give the machine more memory"
            );
            let limit = frames.allocate(180, FRAME_SIZE).unwrap();
            assert_eq!(limit, 20 * FRAME_SIZE);
        });
    }

    #[test]
    fn a_freed_frame_is_handed_out_again() {
        with_allocator(|frames| {
            let address = frames.allocate(3, FRAME_SIZE).unwrap();
            frames.free(address + FRAME_SIZE, 1).unwrap();
            assert_eq!(frames.allocate(1, FRAME_SIZE), Ok(address + FRAME_SIZE));
        });
    }

    #[test]
    fn what_may_not_be_freed_is_refused_and_nothing_changes() {
        with_allocator(|frames| {
            let address = frames.allocate(2, FRAME_SIZE).unwrap();
            let before = frames.statistics();
            assert_eq!(frames.free(address, 0), Err(FrameError::NoFrames));
            assert_eq!(
                frames.free(address + 1, 1),
                Err(FrameError::Misaligned(address + 1))
            );
            assert_eq!(
                frames.free(address, 3),
                Err(FrameError::AlreadyFree(address + 2 * FRAME_SIZE))
            );
            assert_eq!(
                frames.free(10 * FRAME_SIZE, 1),
                Err(FrameError::Reserved(10 * FRAME_SIZE))
            );
            assert_eq!(frames.free(0, 1), Err(FrameError::OutOfRange(0)));
            let beyond = 200 * FRAME_SIZE;
            assert_eq!(frames.free(beyond, 1), Err(FrameError::OutOfRange(beyond)));
            assert_eq!(
                frames.free(FRAME_SIZE, u64::MAX),
                Err(FrameError::OutOfRange(FRAME_SIZE))
            );
            assert_eq!(frames.statistics(), before);
            frames.free(address, 2).unwrap();
            assert_eq!(
                frames.free(address, 2),
                Err(FrameError::AlreadyFree(address))
            );
        });
    }

    #[test]
    fn alignments_that_make_no_sense_are_refused() {
        with_allocator(|frames| {
            for alignment in [0, 1, 2048, 3 * FRAME_SIZE] {
                assert_eq!(
                    frames.allocate(1, alignment),
                    Err(FrameError::BadAlignment(alignment))
                );
            }
            assert_eq!(frames.allocate(0, FRAME_SIZE), Err(FrameError::NoFrames));
        });
    }

    #[test]
    fn reserving_takes_free_frames_only() {
        with_allocator(|frames| {
            frames.reserve(FRAME_SIZE, 9).unwrap();
            assert_eq!(frames.allocate(1, FRAME_SIZE), Ok(20 * FRAME_SIZE));
            assert_eq!(
                frames.reserve(20 * FRAME_SIZE, 1),
                Err(FrameError::NotFree(20 * FRAME_SIZE))
            );
            assert_eq!(
                frames.free(FRAME_SIZE, 1),
                Err(FrameError::Reserved(FRAME_SIZE))
            );
        });
    }

    #[test]
    fn reserved_memory_is_reclaimed_once() {
        with_allocator(|frames| {
            frames.reclaim(12 * FRAME_SIZE, 2).unwrap();
            assert_eq!(frames.statistics().usable, 191);
            assert_eq!(
                frames.reclaim(12 * FRAME_SIZE, 1),
                Err(FrameError::NotReserved(12 * FRAME_SIZE))
            );
            assert_eq!(frames.allocate(9, FRAME_SIZE), Ok(FRAME_SIZE));
            assert_eq!(frames.allocate(2, FRAME_SIZE), Ok(12 * FRAME_SIZE));
        });
    }

    #[test]
    fn a_machine_without_memory_has_nothing_to_hand_out() {
        let mut allocator = FrameAllocator::new(&[], &mut []);
        assert_eq!(
            allocator.statistics(),
            FrameStatistics {
                usable: 0,
                free: 0,
                longest: 0
            }
        );
        assert!(allocator.allocate(1, FRAME_SIZE).is_err());
    }
}
