//! Why an image of a world was refused.

use stele_bytecode::analysis;
use stele_memory::{ArenaError, CodeError, HeapError, ImageError, OutOfMemory};

/// Why an image is not the image of a world, and where. Places are bytes from the base of the arena,
/// where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// The bytes are no image of an arena, or the region does not fit.
    Image(ImageError),
    /// The blocks of the code space are not what they should be.
    Code(CodeError),
    /// The function at this place breaks a rule of the bytecode.
    Function(u64, analysis::CodeError),
    /// The values are not what they should be.
    Heap(HeapError),
    /// What is at this place contradicts what is known otherwise.
    State(u64, &'static str),
    /// The region has no room to verify the world in; a larger one may.
    OutOfMemory(OutOfMemory),
}

impl core::fmt::Display for RestoreError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::Code(error) => error.fmt(f),
            Self::Function(at, error) => write!(f, "function, arena offset {at:#x}: {error}"),
            Self::Heap(error) => error.fmt(f),
            Self::State(at, reason) => write!(f, "world, arena offset {at:#x}: {reason}"),
            Self::OutOfMemory(error) => {
                write!(
                    f,
                    "no room to verify the world: {error}; use a larger region"
                )
            }
        }
    }
}

impl core::error::Error for RestoreError {}

impl From<ImageError> for RestoreError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<CodeError> for RestoreError {
    fn from(error: CodeError) -> Self {
        Self::Code(error)
    }
}

impl From<HeapError> for RestoreError {
    fn from(error: HeapError) -> Self {
        Self::Heap(error)
    }
}

impl From<OutOfMemory> for RestoreError {
    fn from(error: OutOfMemory) -> Self {
        Self::OutOfMemory(error)
    }
}

impl From<ArenaError> for RestoreError {
    /// A claim that failed.
    fn from(error: ArenaError) -> Self {
        let at = match error {
            ArenaError::NotABlock { offset }
            | ArenaError::WrongSize { offset, .. }
            | ArenaError::Sealed { offset }
            | ArenaError::NotUnclaimed { offset } => offset,
            ArenaError::RegionTooSmall(_) | ArenaError::RegionTooLarge(_) => 0,
        };
        Self::State(at, "there is no such block, or somebody else has it")
    }
}
