//! The memory that the system lives in.

use memmap2::MmapMut;

use crate::failure::Failure;
use crate::size::MemorySize;

/// A mapping of zeroed memory; Linux provides each page when it is first touched.
pub(crate) struct Region(MmapMut);

impl Region {
    /// Maps `size` bytes.
    ///
    /// # Errors
    /// [`Failure::Memory`] if Linux refuses.
    pub(crate) fn new(size: MemorySize) -> Result<Self, Failure> {
        let refused = |error| Failure::Memory { size, error };
        let words = size.bytes() / 8;
        let bytes = usize::try_from(words * 8)
            .map_err(|_| refused(std::io::ErrorKind::OutOfMemory.into()))?;
        MmapMut::map_anon(bytes).map(Self).map_err(refused)
    }

    /// The memory as words.
    pub(crate) fn words(&mut self) -> &mut [u64] {
        // A mapping begins at a page, and `new` gave it a whole number of words.
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn a_region_has_the_whole_words_of_its_size_all_zero() {
        for (size, words) in [("1M", 131_072), ("1048583", 131_072), ("1048584", 131_073)] {
            let size = size.parse().expect("it is a size");
            let mut region = Region::new(size).expect("there is memory");
            assert_eq!(region.words().len(), words);
            assert!(region.words().iter().all(|word| *word == 0));
        }
    }
}
