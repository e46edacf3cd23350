//! Cutting a kernel down to what a loader reads.

use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, read};

/// The kernel without what follows its loadable segments: symbols, debug information and the
/// section table stay in the build's own file, where gdb looks for them.
///
/// # Errors
/// Says in what way the bytes are no 64-bit ELF file.
pub(crate) fn loadable(kernel: &[u8]) -> Result<Vec<u8>, String> {
    let end = end_of_segments(kernel).map_err(|error| error.to_string())?;
    let mut cut = usize::try_from(end)
        .ok()
        .and_then(|end| kernel.get(..end))
        .ok_or("a segment lies outside the file")?
        .to_vec();
    // ELF-64, figure 2: e_shoff at 40, then e_shentsize, e_shnum and e_shstrndx at 58.
    for range in [40..48, 58..64] {
        if let Some(field) = cut.get_mut(range) {
            field.fill(0);
        }
    }
    Ok(cut)
}

/// Where in the file the last loadable segment ends, and the table of segments.
fn end_of_segments(kernel: &[u8]) -> read::Result<u64> {
    let header = FileHeader64::<Endianness>::parse(kernel)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, kernel)?;
    let table = header.e_phoff.get(endian) + size_of_val(segments) as u64;
    let ends = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == PT_LOAD)
        .map(|segment| {
            let length = segment.p_filesz(endian);
            segment.p_offset(endian).saturating_add(length)
        });
    Ok(ends.fold(table, u64::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::read::elf::ElfFile64;
    use object::{Object, ObjectSection, ObjectSegment};

    /// This test program is as good an ELF file as any.
    fn program() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn the_segments_stay_and_the_sections_go() {
        let whole = program();
        let cut = loadable(&whole).unwrap();
        assert!(cut.len() < whole.len());
        let (before, after) = (
            ElfFile64::<Endianness>::parse(&*whole).unwrap(),
            ElfFile64::<Endianness>::parse(&*cut).unwrap(),
        );
        assert!(
            before
                .sections()
                .any(|section| section.name() == Ok(".symtab"))
        );
        assert_eq!(after.sections().count(), 0);
        assert_eq!(before.entry(), after.entry());
        for (before, after) in before.segments().zip(after.segments()) {
            assert_eq!(before.address(), after.address());
            // The first segment may hold the header itself, 64 bytes, where the cut shows.
            assert!(before.data().unwrap().get(64..) == after.data().unwrap().get(64..));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let whole = program();
        assert!(loadable(b"").is_err());
        assert!(loadable(b"\x7fELF").is_err());
        assert!(loadable(&whole[..1024]).is_err());
    }
}
