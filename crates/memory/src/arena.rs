//! The arena: one region from the caller, handed out in buddy blocks.
//!
//! Layout: a 256-byte header, the blocks, and at the end of the region the buddy tree's map. The
//! size of the map depends on the size of the region, so with the map at the end a block keeps its
//! offset when an image is loaded into a larger region.
//!
//! Blocks come in two classes. An *open* block is plain bytes to anybody who holds the arena. A
//! *sealed* block holds something whose owner relies on its contents for memory safety (the chunks
//! of a heap, code objects): safe code can neither write nor free it.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU64;

use crate::tree::{self, Node, Tree};

/// The smallest block, in bytes; every block is this times a power of two.
pub const MINIMUM_BLOCK: u64 = 1 << UNIT_SHIFT;
/// The smallest region an arena can be made in, in bytes.
pub const MINIMUM_SIZE: u64 = 64 << 10;
/// The largest region an arena can be made in, in bytes.
pub const MAXIMUM_SIZE: u64 = 4 << 30;

/// Power of two of [`MINIMUM_BLOCK`].
pub(crate) const UNIT_SHIFT: u32 = 8;
const MAGIC: u64 = u64::from_le_bytes(*b"STELEARE");
const VERSION: u64 = 1;

/// A block of the arena: where it begins and how many bytes may be used.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Block {
    /// Bytes from the base of the arena; a multiple of [`MINIMUM_BLOCK`].
    pub offset: u64,
    /// Usable bytes; [`MINIMUM_BLOCK`] times a power of two.
    pub size: u64,
}

impl Block {
    /// No block: offset and size zero. No allocated block is equal to it.
    pub const NONE: Block = Block { offset: 0, size: 0 };

    /// Whether this is [`Block::NONE`].
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.size == 0
    }
}

/// The arena cannot hand out a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory {
    /// What the block was for, in the words of whoever asked.
    pub what: &'static str,
    /// Bytes asked for.
    pub asked: u64,
    /// Bytes free in all, without the reserve.
    pub free: u64,
    /// Bytes in the largest free block, without the reserve.
    pub largest: u64,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutOfMemory {
            what,
            asked,
            free,
            largest,
        } = self;
        write!(
            f,
            "out of memory: {what} needs {asked} bytes; {free} are free, at most {largest} in one piece"
        )
    }
}

impl core::error::Error for OutOfMemory {}

/// Why the arena refused something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArenaError {
    /// The region is smaller than [`MINIMUM_SIZE`]; carries its size in bytes.
    RegionTooSmall(u64),
    /// The region is larger than [`MAXIMUM_SIZE`]; carries its size in bytes.
    RegionTooLarge(u64),
    /// No allocated block begins at this offset: it was freed already, or never handed out.
    NotABlock {
        /// The offset given, in bytes.
        offset: u64,
    },
    /// An allocated block begins there, but it has another size.
    WrongSize {
        /// The offset of the block, in bytes.
        offset: u64,
        /// The size given, in bytes.
        given: u64,
        /// The size that the block has, in bytes.
        actual: u64,
    },
    /// The block is sealed: only its owner may free it.
    Sealed {
        /// The offset of the block, in bytes.
        offset: u64,
    },
    /// The block is not a sealed block waiting to be claimed.
    NotUnclaimed {
        /// The offset of the block, in bytes.
        offset: u64,
    },
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::RegionTooSmall(size) => {
                write!(
                    f,
                    "an arena needs at least {MINIMUM_SIZE} bytes, the region has {size}"
                )
            }
            Self::RegionTooLarge(size) => {
                write!(
                    f,
                    "an arena takes at most {MAXIMUM_SIZE} bytes, the region has {size}"
                )
            }
            Self::NotABlock { offset } => write!(f, "no allocated block begins at {offset:#x}"),
            Self::WrongSize {
                offset,
                given,
                actual,
            } => {
                write!(
                    f,
                    "the block at {offset:#x} has {actual} bytes, not {given}"
                )
            }
            Self::Sealed { offset } => {
                write!(
                    f,
                    "the block at {offset:#x} belongs to a heap, a code space or a VM, which alone may free it"
                )
            }
            Self::NotUnclaimed { offset } => {
                write!(
                    f,
                    "the block at {offset:#x} is not a sealed block that waits to be claimed"
                )
            }
        }
    }
}

impl core::error::Error for ArenaError {}

/// How full the arena is; all figures but the count in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statistics {
    /// Size of the region.
    pub size: u64,
    /// Free for ordinary allocation.
    pub free: u64,
    /// The largest block that an ordinary allocation could get.
    pub largest_free: u64,
    /// Number of allocated blocks.
    pub allocated_blocks: u64,
    /// Free in the reserve.
    pub reserve: u64,
}

/// What the header at the base of the region holds, as plain words.
#[repr(C)]
struct Header {
    magic: u64,
    version: u64,
    size: u64,
    root: u64,
    free: u64,
    reserve_free: u64,
    allocated_blocks: u64,
}

/// One region of memory, handed out in blocks of [`MINIMUM_BLOCK`] times a power of two.
///
/// ```
/// let mut region = vec![0u64; 8192];
/// let mut arena = stele_memory::Arena::new(&mut region)?;
/// let block = arena.allocate(1000, "a line buffer").expect("64 KiB hold that");
/// assert_eq!(block.size, 1024);
/// arena.free(block)?;
/// # Ok::<(), stele_memory::ArenaError>(())
/// ```
pub struct Arena<'r> {
    pub(crate) core: Core,
    region: PhantomData<&'r mut [u64]>,
}

/// The arena without the lifetime of its region, for those who borrow an [`Arena`].
///
/// Invariants, kept by this module: `base` is valid for reads and writes of `size` bytes as long
/// as the [`Arena`] around it lives; the header and the map are only touched here.
pub(crate) struct Core {
    base: NonNull<u8>,
    size: u64,
    tree: Tree,
    map: u64,
    poison: bool,
    refuse_after: Option<u64>,
    /// Bytes of the blocks that are chunks of heaps, whosever they are.
    chunks_held: u64,
}

// SAFETY: a core owns its region as `&mut [u64]` does, and shares nothing with another thread.
unsafe impl Send for Core {}

/// Which free space an allocation may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Ordinary,
    /// Ordinary space first, then the reserve.
    Reserve,
}

impl<'r> Arena<'r> {
    /// Makes an empty arena in `region`. Only the header and a few bytes of the map are written.
    ///
    /// # Errors
    /// If the region is smaller than [`MINIMUM_SIZE`] or larger than [`MAXIMUM_SIZE`].
    pub fn new(region: &'r mut [u64]) -> Result<Arena<'r>, ArenaError> {
        Ok(Arena {
            core: Core::new(region)?,
            region: PhantomData,
        })
    }

    /// Hands out a block of at least `bytes` zeroed bytes; `what` names it in the error.
    ///
    /// # Errors
    /// If no free block is large enough; nothing has changed then.
    pub fn allocate(&mut self, bytes: u64, what: &'static str) -> Result<Block, OutOfMemory> {
        self.core
            .allocate(bytes, what, tree::OPEN, Source::Ordinary)
    }

    /// As [`Arena::allocate`], and from the reserve when nothing else is left. For what must go on
    /// working when memory is short: the prompt, the collector, the tools that show memory.
    ///
    /// # Errors
    /// If the reserve, too, has no block that is large enough.
    pub fn allocate_from_reserve(
        &mut self,
        bytes: u64,
        what: &'static str,
    ) -> Result<Block, OutOfMemory> {
        self.core.allocate(bytes, what, tree::OPEN, Source::Reserve)
    }

    /// Hands out a sealed block of at least `bytes` zeroed bytes: the safe interface neither
    /// writes nor frees it, so its owner may rely on what it holds.
    ///
    /// # Errors
    /// If no free block is large enough; nothing has changed then.
    pub fn allocate_sealed(
        &mut self,
        bytes: u64,
        what: &'static str,
    ) -> Result<Block, OutOfMemory> {
        self.core
            .allocate(bytes, what, tree::SEALED, Source::Ordinary)
    }

    /// Takes an open block back.
    ///
    /// # Errors
    /// If `block` is not exactly an allocated open block: freed already, foreign, of another size,
    /// or sealed. Nothing has changed then.
    pub fn free(&mut self, block: Block) -> Result<(), ArenaError> {
        let node = self.core.exact(block)?;
        if node.state != tree::OPEN {
            return Err(ArenaError::Sealed {
                offset: block.offset,
            });
        }
        self.core.release(node);
        Ok(())
    }

    /// Takes a sealed block back.
    ///
    /// # Errors
    /// If `block` is not exactly an allocated block. Nothing has changed then.
    ///
    /// # Safety
    /// The caller owns the block: nobody relies on its contents any more.
    pub unsafe fn free_sealed(&mut self, block: Block) -> Result<(), ArenaError> {
        let node = self.core.exact(block)?;
        self.core.release(node);
        Ok(())
    }

    /// Takes possession of a sealed block of a loaded image, once: a second claim is refused, so
    /// two owners can never come to share it. Whoever claims it has verified what it holds.
    ///
    /// # Errors
    /// If `block` is not exactly a sealed block of a loaded image that nobody has claimed.
    pub fn claim(&mut self, block: Block) -> Result<(), ArenaError> {
        let node = self.core.exact(block)?;
        if node.state != tree::UNCLAIMED {
            return Err(ArenaError::NotUnclaimed {
                offset: block.offset,
            });
        }
        self.core.set_state(node, tree::SEALED);
        Ok(())
    }

    /// The allocated block, open or sealed, that contains the byte at `offset`.
    #[must_use]
    pub fn block_at(&self, offset: u64) -> Option<Block> {
        self.core.find(offset).map(Node::block)
    }

    /// Whether `block` is exactly an allocated sealed block.
    #[must_use]
    pub fn is_sealed(&self, block: Block) -> bool {
        self.core
            .exact(block)
            .is_ok_and(|node| node.state != tree::OPEN)
    }

    /// The first byte of the region. The pointer stays valid for the whole region, reading and
    /// writing, as long as the arena lives. Whoever writes through it keeps to blocks of their own.
    #[must_use]
    pub fn base(&self) -> NonNull<u8> {
        self.core.base
    }

    /// The contents of an allocated block; none if `block` is not exactly one.
    #[must_use]
    pub fn bytes(&self, block: Block) -> Option<&[u8]> {
        self.core.exact(block).ok()?;
        // SAFETY: an allocated block lies inside the region and is initialised (it was zeroed when
        // it was handed out). Safe code writes it only through `&mut self`; the owners of sealed
        // blocks hold `&mut Arena` while they write.
        Some(unsafe {
            core::slice::from_raw_parts(self.core.pointer(block.offset), block.size as usize)
        })
    }

    /// The contents of an allocated open block; none if `block` is not exactly one.
    #[must_use]
    pub fn bytes_mut(&mut self, block: Block) -> Option<&mut [u8]> {
        let node = self.core.exact(block).ok()?;
        if node.state != tree::OPEN {
            return None;
        }
        // SAFETY: as in `bytes`; the borrow of the arena makes this the only view of the block.
        Some(unsafe {
            core::slice::from_raw_parts_mut(self.core.pointer(block.offset), block.size as usize)
        })
    }

    /// The word kept for whoever owns the arena; zero at first. It is saved with the arena.
    #[must_use]
    pub fn root(&self) -> u64 {
        self.core.root()
    }

    /// Changes the word kept for the owner of the arena.
    pub fn set_root(&mut self, root: u64) {
        self.core.set_root(root);
    }

    /// How full the arena is.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.core.statistics()
    }

    /// From now on, fills every freed block with the byte `DB`, so that a stale reference shows.
    pub fn poison_freed(&mut self, on: bool) {
        self.core.poison = on;
    }

    /// Lets `count` more allocations succeed, then refuses all; `None` ends that. A test that fails
    /// the first, the second, … the last allocation in turn shows that nothing is lost by any.
    pub fn refuse_after(&mut self, count: Option<u64>) {
        self.core.refuse_after = count;
    }
}

impl Core {
    pub(crate) fn new(region: &mut [u64]) -> Result<Core, ArenaError> {
        let size = region.len() as u64 * 8;
        if size < MINIMUM_SIZE {
            return Err(ArenaError::RegionTooSmall(size));
        }
        if size > MAXIMUM_SIZE {
            return Err(ArenaError::RegionTooLarge(size));
        }
        let base = NonNull::from(region).cast::<u8>();
        let units = (size >> UNIT_SHIFT) as u32;
        let tree = Tree::new(units);
        let end = units - (tree.map_bytes() as u32).div_ceil(1 << UNIT_SHIFT);
        let map = u64::from(end) << UNIT_SHIFT;
        let mut core = Core {
            base,
            size,
            tree,
            map,
            poison: false,
            refuse_after: None,
            chunks_held: 0,
        };
        let (tree, map) = core.tree_mut();
        tree.clear(map, 1, end);
        let order = order_for((size / 64).max(4096)).unwrap_or(0);
        tree.set_reserve(map, (end >> order << order) - (1 << order), order);
        let reserve = MINIMUM_BLOCK << order;
        *core.header_mut() = Header {
            magic: MAGIC,
            version: VERSION,
            size,
            root: 0,
            free: u64::from(end - 1) * MINIMUM_BLOCK - reserve,
            reserve_free: reserve,
            allocated_blocks: 0,
        };
        Ok(core)
    }

    pub(crate) fn allocate(
        &mut self,
        bytes: u64,
        what: &'static str,
        state: u8,
        source: Source,
    ) -> Result<Block, OutOfMemory> {
        let block = self
            .try_allocate(bytes, state, source)
            .ok_or_else(|| self.refuse(what, bytes))?;
        // SAFETY: the block lies inside the region and nobody else has it.
        unsafe {
            self.pointer(block.offset)
                .write_bytes(0, block.size as usize)
        };
        Ok(block)
    }

    /// The error for a request that cannot be met.
    pub(crate) fn refuse(&self, what: &'static str, asked: u64) -> OutOfMemory {
        let Statistics {
            free, largest_free, ..
        } = self.statistics();
        OutOfMemory {
            what,
            asked,
            free,
            largest: largest_free,
        }
    }

    fn try_allocate(&mut self, bytes: u64, state: u8, source: Source) -> Option<Block> {
        match &mut self.refuse_after {
            Some(0) => return None,
            Some(count) => *count -= 1,
            None => {}
        }
        let order = order_for(bytes)?;
        let (tree, map) = self.tree_mut();
        let mut unit = tree.allocate(map, order, false, state);
        if unit.is_none() && source == Source::Reserve {
            unit = tree.allocate(map, order, true, state);
        }
        let node = Node {
            unit: unit?,
            order,
            state,
        };
        self.count_allocated(node);
        Some(node.block())
    }

    fn count_allocated(&mut self, node: Node) {
        let size = MINIMUM_BLOCK << node.order;
        let from_reserve = self.tree.in_reserve(node.unit);
        let header = self.header_mut();
        header.allocated_blocks += 1;
        if from_reserve {
            header.reserve_free -= size;
        } else {
            header.free -= size;
        }
    }

    /// Gives an allocated block back.
    pub(crate) fn release(&mut self, node: Node) {
        let block = node.block();
        if self.poison {
            // SAFETY: the block is allocated, so it lies inside the region; its owner gives it up.
            unsafe {
                self.pointer(block.offset)
                    .write_bytes(0xDB, block.size as usize)
            };
        }
        let (tree, map) = self.tree_mut();
        tree.release(map, node.unit, node.order);
        let from_reserve = tree.in_reserve(node.unit);
        let header = self.header_mut();
        header.allocated_blocks -= 1;
        if from_reserve {
            header.reserve_free += block.size;
        } else {
            header.free += block.size;
        }
    }

    /// Fills what its owner no longer uses of an allocated block with the byte that shows stale
    /// references, if that is wanted.
    ///
    /// # Safety
    /// The bytes from `from` to `to` lie inside a block that is the caller's to write.
    pub(crate) unsafe fn poison(&mut self, from: u64, to: u64) {
        if self.poison {
            // SAFETY: the caller's promise.
            unsafe { self.pointer(from).write_bytes(0xDB, (to - from) as usize) };
        }
    }

    /// Bytes of the blocks that are chunks of heaps, whosever they are.
    pub(crate) fn chunks_held(&self) -> u64 {
        self.chunks_held
    }

    /// Notes that a block has become a chunk, or is one no longer.
    pub(crate) fn count_chunk(&mut self, size: u64, is_chunk: bool) {
        self.chunks_held = if is_chunk {
            self.chunks_held.saturating_add(size)
        } else {
            self.chunks_held.saturating_sub(size)
        };
    }

    /// Takes exactly the block that an image had; false if the place is not free in this arena.
    pub(crate) fn place(&mut self, block: Block, state: u8) -> bool {
        let Some(order) = order_for(block.size) else {
            return false;
        };
        let unit = block.offset >> UNIT_SHIFT;
        let exact = MINIMUM_BLOCK << order == block.size && unit << UNIT_SHIFT == block.offset;
        let (tree, map) = self.tree_mut();
        if !exact || unit >> order << order != unit || unit + (1 << order) > u64::from(tree.span())
        {
            return false;
        }
        let node = Node {
            unit: unit as u32,
            order,
            state,
        };
        let placed = tree.claim(map, node.unit, order, state);
        if placed {
            self.count_allocated(node);
        }
        placed
    }

    /// The allocated block that contains the byte at `offset`.
    pub(crate) fn find(&self, offset: u64) -> Option<Node> {
        let unit = u32::try_from(offset >> UNIT_SHIFT)
            .ok()
            .filter(|unit| *unit < self.tree.span())?;
        Some(self.tree.find(self.map(), unit)).filter(|node| node.is_allocated())
    }

    /// The node of exactly this allocated block.
    pub(crate) fn exact(&self, block: Block) -> Result<Node, ArenaError> {
        let offset = block.offset;
        let node = self.find(offset).ok_or(ArenaError::NotABlock { offset })?;
        let actual = node.block();
        if actual.offset != offset {
            return Err(ArenaError::NotABlock { offset });
        }
        if actual.size != block.size {
            return Err(ArenaError::WrongSize {
                offset,
                given: block.size,
                actual: actual.size,
            });
        }
        Ok(node)
    }

    /// The first allocated block at `offset` or above, in order of address.
    pub(crate) fn next_allocated(&self, offset: u64) -> Option<(Block, u8)> {
        let mut unit = (offset >> UNIT_SHIFT) as u32;
        while unit < self.tree.span() {
            let node = self.tree.find(self.map(), unit);
            if node.is_allocated() && node.unit == unit {
                return Some((node.block(), node.state));
            }
            unit = node.unit + (1 << node.order);
        }
        None
    }

    /// Changes the state of an allocated block.
    pub(crate) fn set_state(&mut self, node: Node, state: u8) {
        let (tree, map) = self.tree_mut();
        tree.set_state(map, node.unit, node.order, state);
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let header = self.header();
        let largest = match self.tree.largest(self.map()) {
            0 => 0,
            order => MINIMUM_BLOCK << (order - 1),
        };
        Statistics {
            size: self.size,
            free: header.free,
            largest_free: largest,
            allocated_blocks: header.allocated_blocks,
            reserve: header.reserve_free,
        }
    }

    pub(crate) fn root(&self) -> u64 {
        self.header().root
    }

    pub(crate) fn set_root(&mut self, root: u64) {
        self.header_mut().root = root;
    }

    /// The first byte of the region.
    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The address of the byte at `offset`, which must be at most the size of the region.
    pub(crate) fn pointer(&self, offset: u64) -> *mut u8 {
        debug_assert!(
            offset <= self.size,
            "offset {offset:#x} lies outside the arena"
        );
        // SAFETY: the region holds every offset up to its size; callers pass no other.
        unsafe { self.base.as_ptr().add(offset as usize) }
    }

    /// Reads the word at `offset`.
    ///
    /// # Safety
    /// `offset` is a multiple of 8 inside an allocated block.
    #[inline(always)]
    pub(crate) unsafe fn word(&self, offset: u64) -> u64 {
        // SAFETY: the caller's promise; blocks are initialised when they are handed out, and the
        // base is aligned for words.
        unsafe { self.base.as_ptr().add(offset as usize).cast::<u64>().read() }
    }

    /// The word at `offset`, for those who share it with other threads.
    ///
    /// # Safety
    /// As for [`Core::word`]; all who use the word meanwhile use it so.
    #[inline(always)]
    pub(crate) unsafe fn atomic(&self, offset: u64) -> &AtomicU64 {
        // SAFETY: the caller's promise; the block outlives the borrow of the core.
        unsafe { AtomicU64::from_ptr(self.base.as_ptr().add(offset as usize).cast()) }
    }

    /// Writes the word at `offset`.
    ///
    /// # Safety
    /// `offset` is a multiple of 8 inside an allocated block that is the caller's to write.
    #[inline(always)]
    pub(crate) unsafe fn set_word(&self, offset: u64, word: u64) {
        // SAFETY: the caller's promise.
        unsafe {
            self.base
                .as_ptr()
                .add(offset as usize)
                .cast::<u64>()
                .write(word)
        };
    }

    /// The words of an allocated block.
    pub(crate) fn words(&self, node: Node) -> &[u64] {
        let block = node.block();
        // SAFETY: an allocated block lies inside the region and is initialised. It is written only
        // through an exclusive borrow of the core.
        unsafe {
            core::slice::from_raw_parts(
                self.pointer(block.offset).cast(),
                (block.size / 8) as usize,
            )
        }
    }

    /// The words of an allocated block, for writing by its owner.
    pub(crate) fn words_mut(&mut self, node: Node) -> &mut [u64] {
        let block = node.block();
        // SAFETY: as in `words`; the exclusive borrow of the core makes this the only view.
        unsafe {
            core::slice::from_raw_parts_mut(
                self.pointer(block.offset).cast(),
                (block.size / 8) as usize,
            )
        }
    }

    fn header(&self) -> &Header {
        // SAFETY: unit 0 is excluded from allocation, so the header is this module's alone, and
        // `new` wrote it before the first call.
        unsafe { self.base.cast::<Header>().as_ref() }
    }

    fn header_mut(&mut self) -> &mut Header {
        // SAFETY: as in `header`; a header is plain words, and the exclusive borrow of the core
        // makes this the only reference to it.
        unsafe { self.base.cast::<Header>().as_mut() }
    }

    fn map(&self) -> &[u8] {
        // SAFETY: the map lies inside the region, behind the last block; any byte is a valid `u8`,
        // the caller's memory is initialised.
        unsafe { core::slice::from_raw_parts(self.pointer(self.map), self.tree.map_bytes()) }
    }

    fn tree_mut(&mut self) -> (&mut Tree, &mut [u8]) {
        let map = self.pointer(self.map);
        // SAFETY: as in `map`; the exclusive borrow of the core makes this the only reference.
        let map = unsafe { core::slice::from_raw_parts_mut(map, self.tree.map_bytes()) };
        (&mut self.tree, map)
    }
}

/// The order of the smallest block that holds `bytes`.
fn order_for(bytes: u64) -> Option<u32> {
    if bytes > MAXIMUM_SIZE {
        return None;
    }
    Some(
        bytes
            .div_ceil(MINIMUM_BLOCK)
            .next_power_of_two()
            .trailing_zeros(),
    )
}
